"""A page for each table: what it holds, its first rows, and all of them when a reader asks.

A row has an address of its own. The first rows stand in the page; the others are in pieces (``_static/rows``) that
the script of the page loads when the reader searches, sorts or asks for more, or when an address names one of them.
No page names a piece, so that nothing of a large table is loaded, listed or searched before.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from markupsafe import Markup
from sphinx.application import Sphinx

from compendium.evidence import licences, tables
from compendium.site import catalogue, pages, rows
from compendium.site.catalogue import DOWNLOADS
from compendium.trial import claims

PIECES = "_static/rows"
SCRIPT = "tables.js"
FIRST, FIRST_LENGTH = 50, 60_000  # of the rows in the page: how many at most, and how many letters
PIECE = 120_000  # letters of a piece
LONGEST = 600  # letters of a cell that are shown; the file for download has all
CONTENTS = "sbt-sidebar-nav.html"
NUMBERS = ("integer", "number")
MANY = 6  # columns: with as many a printed row is a paragraph that names them


def first(table: rows.Table) -> int:
    """How many rows stand in the page itself."""
    length = 0
    for at, row in enumerate(table.rows[:FIRST]):
        length += sum(len(rows.shortened(cell, LONGEST)) + 9 for cell in row)
        if length > FIRST_LENGTH:
            return at
    return min(FIRST, len(table.rows))


@functools.cache
def pieces(name: str) -> tuple[str, ...]:
    """The other rows of a table as scripts, each of about the same length."""
    table = rows.table(name)
    found: list[list[str]] = []
    length = PIECE
    for at in range(first(table), len(table.rows)):
        cells = [cell if len(cell) <= LONGEST else rows.shortened(cell, LONGEST) for cell in table.rows[at]]
        line = json.dumps([table.anchors[at], *cells], ensure_ascii=False, separators=(",", ":"))
        if length + len(line) > PIECE:
            found.append([])
            length = 0
        found[-1].append(line)
        length += len(line)
    return tuple("tableRows([\n" + ",\n".join(lines) + "\n]);\n" for lines in found)


def table_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """One page for each table that changed since its page was written."""
    if app.builder.name != "html":
        return
    around: dict[str, Any] = {}
    app.builder.add_sidebars(rows.FOLDER, around)  # type: ignore[attr-defined]
    around = {"sidebars": [part for part in around["sidebars"] if part != CONTENTS]}
    names = tables.names()
    for stale in [path for path in Path(app.outdir, rows.FOLDER).glob("*.html") if path.stem not in names]:
        stale.unlink()
    for name in names:
        table = rows.table(name)
        users = [claim for claim in claims.registry().claims.values() if name in claim.datasets]
        digest = pages.digest([table.about, [(claim.id, claim.title) for claim in users]])[:16]
        written = Path(app.outdir, f"{rows.FOLDER}/{name}.html")
        if written.exists() and f'data-made-from="{digest}"' in written.read_text(encoding="utf-8"):
            continue
        app.__dict__.setdefault("compendium_tables_written", []).append(name)
        body = pages.render(
            "table-page.html",
            table=table,
            about=table.about,
            fields=table.about["schema"]["fields"],
            shown=_shown(table),
            pieces=len(pieces(name)),
            numbers=NUMBERS,
            many=MANY,
            statuses=catalogue.statuses(name),
            passages=catalogue.passages(table.about),
            terms=licences.terms(),
            columns=licences.of_columns(table.about),
            users=users,
            digest=digest,
            up="../",
            downloads=DOWNLOADS,
        )
        meta = {"description": table.about["description"]}
        tags = pages.linked_data(_data_set(table, app.config.html_baseurl or "../")) + printed_names(table)
        told = {"title": table.about["title"], "body": body, "meta": meta, "metatags": tags}
        yield table.page, {**told, **around}, "page.html"


def printed_names(table: rows.Table) -> str:
    """The names of the columns as a style for print: no cell repeats one, and those of a script have them too."""
    fields = table.about["schema"]["fields"]
    if len(fields) < MANY:
        return ""
    names = [
        f"{field['name']} ({field['unit']})" if field["type"] in NUMBERS and field.get("unit") else field["name"]
        for field in fields
    ]
    rules = "".join(
        f".many td:nth-child({at}):not(:empty)::before{{content:{_quoted(name)}}}"
        for at, name in enumerate(names, 1)
    )
    return f"<style>@media print{{{rules}}}</style>"


def _quoted(words: str) -> str:
    """A string of CSS that ends no style element."""
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("<", "\\3c ") + ': "'


def _data_set(table: rows.Table, base: str) -> dict[str, Any]:
    """A table as schema.org describes a data set; `base` is the address at which the site begins."""
    about, terms = table.about, licences.terms()
    return {
        "@context": "https://schema.org/",
        "@id": f"{base}{table.page}.html",
        "@type": "Dataset",
        "name": about["title"],
        "description": about["description"],
        "license": [terms[term].get("path", terms[term]["title"]) for term in licences.used(about)],
        "isAccessibleForFree": True,
        "includedInDataCatalog": {"@type": "DataCatalog", "url": f"{base}book/reference/data.html"},
        "variableMeasured": [field["name"] for field in about["schema"]["fields"]],
        "distribution": {
            "@type": "DataDownload",
            "encodingFormat": "text/csv",
            "contentUrl": f"{base}{DOWNLOADS}/{about['path']}",
        },
    }


def _shown(table: rows.Table) -> list[tuple[str, list[tuple[Markup, str]]]]:
    """The first rows: the address of each, and its cells with how they are set."""
    kinds = [
        Markup(' class="number"' if field["type"] in NUMBERS else "") for field in table.about["schema"]["fields"]
    ]
    return [
        (
            table.anchors[at],
            [(kind, rows.shortened(cell, LONGEST)) for kind, cell in zip(kinds, table.rows[at], strict=True)],
        )
        for at in range(first(table))
    ]


def add_script(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script of the tables on their pages."""
    if pagename.startswith(f"{rows.FOLDER}/"):
        app.add_js_file(SCRIPT, loading_method="defer")


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Write the pieces of the tables whose pages were written; those of tables that are gone go too."""
    if failed or app.builder.name != "html":
        return
    folder = Path(app.outdir) / PIECES
    folder.mkdir(parents=True, exist_ok=True)
    known, written = tables.names(), app.__dict__.get("compendium_tables_written", [])
    for path in sorted(folder.glob("*.js")):
        name = path.stem.rpartition("-")[0]
        if name in written or name not in known:
            path.unlink()
    for name in written:
        for number, piece in enumerate(pieces(name), 1):
            (folder / f"{name}-{number}.js").write_text(piece, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("html-collect-pages", table_pages)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", publish, priority=400)
    return {"parallel_read_safe": False, "version": "1"}
