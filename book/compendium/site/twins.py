"""What programs read: a Markdown twin of every page, `llms.txt`, tags for libraries and search engines.

The twin of `book/3-prison/women.html` is `book/3-prison/women.md`: the page's words with its numbers filled in, its
tables, and its figures as pictures with what they show. `llms.txt` lists the twins.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import re
from dataclasses import astuple
from html import escape, unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from compendium import figures
from compendium.evidence import licences, tables
from compendium.figures import palette
from compendium.run import build, kernels, records
from compendium.site import crate, epub, markdown, pages, rows
from compendium.site.address import BOOK, PDF_NAME
from compendium.site.catalogue import DOWNLOADS
from compendium.site.claims import reached
from compendium.site.ledger import CLAIM_PAGES
from compendium.site.pages import DATA_FOLDER
from compendium.trial import claims, rules

LIST = "llms.txt"
_known = functools.cache(records.project)  # the same for every page of a build
DATA_PAGE = "data"  # the page of the catalogue, by the last part of its name


def drawn(app: Sphinx) -> dict[str, dict[str, Any]]:
    """Every figure of the book by its name: its drawing and what it shows."""
    if "compendium_drawn" not in app.__dict__:
        executed = app.__dict__.get("compendium_executed", {}).values()
        app.__dict__["compendium_drawn"] = {
            figure["name"]: figure for page in executed for figure in page.outputs(figures.MIME)
        }
    return app.__dict__["compendium_drawn"]


def alone(drawing: str) -> str:
    """A drawing as a file of its own: in colours, with room at its sides for the wider letters of other faces."""

    def wider(found: re.Match[str]) -> str:
        width, height = float(found[1]), found[2]
        return f'viewBox="{-0.12 * width:.1f} 0 {1.17 * width:.1f} {height}"'

    return re.sub(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', wider, palette.with_colours(drawing), count=1)


def has_twin(app: Sphinx, pagename: str) -> bool:
    """Whether a page has words of the book: those in the contents, and those of claims."""
    return pagename in app.env.found_docs or pagename.startswith(f"{CLAIM_PAGES}/")


def add_twin(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Write the twin of a page, link it from the page, and tell libraries and search engines what the page is."""
    if app.builder.name != "html" or not has_twin(app, pagename):
        return
    up = "../" * pagename.count("/")
    shown = {name: figure["alt"] for name, figure in drawn(app).items()}
    twin = Path(app.outdir, f"{pagename}.md")
    twin.parent.mkdir(parents=True, exist_ok=True)
    twin.write_text(markdown.of(context["body"], shown, f"{up}{DATA_FOLDER}/"), encoding="utf-8")
    name = pagename.rsplit("/", 1)[-1]
    title = unescape(re.sub(r"<[^>]+>", "", context.get("title") or BOOK))
    lines = [f'<link rel="alternate" type="text/markdown" href="{name}.md" title="This page as Markdown">']
    lines += [f'<meta name="{key}" content="{escape(value)}">' for key, value in _citation(app, pagename, title)]
    if name == DATA_PAGE and pagename in app.env.found_docs:
        lines.append(pages.linked_data(catalogue(app, up)))
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(lines) + "\n"


def _citation(app: Sphinx, pagename: str, title: str) -> list[tuple[str, str]]:
    """What a reference manager or a scholarly search engine asks of a page."""
    known = _known()
    tags = [("citation_title", title)]
    tags += [("citation_author", author) for author in known.authors]
    tags += [
        ("citation_publication_date", known.released.replace("-", "/")),
        ("citation_inbook_title", BOOK),
        ("citation_language", app.config.language),
    ]
    if base := app.config.html_baseurl:
        tags.append(("citation_fulltext_html_url", f"{base}{pagename}.html"))
        if os.environ.get(build.PDF_SWITCH):
            tags.append(("citation_pdf_url", f"{base}{PDF_NAME}"))
    return tags


def catalogue(app: Sphinx, up: str) -> dict[str, Any]:
    """The data package as schema.org describes a catalogue; the page of each table describes its data set."""
    known, base = _known(), app.config.html_baseurl or up
    return {
        "@context": "https://schema.org/",
        "@type": "DataCatalog",
        "name": f"{known.title}: the tables",
        "description": known.abstract,
        "version": known.version,
        "datePublished": known.released,
        "creator": [{"@type": "Organization", "name": name} for name in known.authors],
        "dataset": [{"@id": f"{base}{rows.FOLDER}/{name}.html"} for name in tables.names()],
    }


def llms(app: Sphinx) -> str:
    """The list of twins for programs that read: pages in the order of the book, claims with verdicts, data."""
    base = app.config.html_baseurl
    known = _known()
    found = reached(app)

    def link(title: str, address: str, words: str = "") -> str:
        return f"- [{title}]({base}{address}){': ' if words else ''}{words}"

    written = [link(app.env.titles[page].astext(), f"{page}.md") for page in epub.reading_order(app)]
    told = [
        link(claim.title, f"{CLAIM_PAGES}/{claim.id}.md", f"{claim.claim} Verdict: {word}.")
        for claim in claims.registry().claims.values()
        for word in [found[claim.id].verdict if claim.id in found else rules.PENDING]
    ]
    data = [
        link("How claims, rules, data, code and verdicts hang together", crate.FILE, "RO-Crate 1.2"),
        link("Dictionary of the tables", f"{DOWNLOADS}/datapackage.json"),
        link("Claims with their rules", f"{DOWNLOADS}/claims.yml"),
        link("Verdicts with their numbers", f"{DOWNLOADS}/verdicts.json"),
        link("The whole book as EPUB", epub.NAME),
    ]
    sections = (("Pages", written), ("Claims", told), ("Data", data))
    blocks = [f"# {known.title}", f"> {known.abstract}", licences.statement()]
    blocks += [f"## {name}\n\n" + "\n".join(lines) for name, lines in sections]
    return "\n\n".join(blocks) + "\n"


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Remember what a page tells of the book, so that it is made again when that changes."""
    pages.depends(app.env, app.env.docname, **_digest(app.env.docname))


def outdated(app: Sphinx, env: BuildEnvironment, added: Any, changed: Any, removed: Any) -> set[str]:
    """Pages that tell of the book what is true no more."""
    return {name for name in env.all_docs if name in pages.outdated(env, **_digest(name))}


def _digest(docname: str) -> dict[str, str]:
    known = _known()
    told = astuple(known) if docname.rsplit("/", 1)[-1] == DATA_PAGE else (known.authors, known.released)
    return {f"records of {docname}": pages.digest(told)}


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Write the pictures that the twins show, the list of them, and the EPUB that is made from them."""
    if failed or app.builder.name != "html":
        return
    out = Path(app.outdir)
    folder = out / DATA_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in drawn(app).items():
        if figure["svg"]:
            (folder / f"{name}.svg").write_text(alone(figure["svg"]), encoding="utf-8")
    (out / LIST).write_text(llms(app), encoding="utf-8")
    order = [f"{CLAIM_PAGES}/{claim}" for claim in claims.registry().claims if claim in reached(app)]
    if not kernels.FORKS:
        epub.write(app, order)
        return
    # It reads the twins alone, so that the pages can be gone through meanwhile.
    app.__dict__["compendium_epub"] = beside = multiprocessing.get_context("fork").Process(
        target=_write_epub, args=(app, order), daemon=True
    )
    beside.start()


def _write_epub(app: Sphinx, order: list[str]) -> None:
    kernels.end_with_parent()
    epub.write(app, order)


def await_epub(app: Sphinx, failed: Exception | None) -> None:
    """Wait for the process that writes the EPUB; raise ExtensionError if it failed."""
    beside = app.__dict__.pop("compendium_epub", None)
    if beside:
        beside.join()
        if beside.exitcode:
            raise ExtensionError(
                f"{epub.NAME}: not written, its process ended with {beside.exitcode}; the log says why"
            )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", note)
    app.connect("html-page-context", add_twin, priority=850)
    app.connect("build-finished", publish, priority=870)
    app.connect("build-finished", await_epub, priority=950)
    return {"parallel_read_safe": False, "version": "1"}
