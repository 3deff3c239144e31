"""Python in the page: a chapter or a claim verified in the reader's browser, or a short script run there.

What runs are the files of the package, published as one archive, on the published tables. A page loads Python when
the reader presses a button, never before. Where it cannot be had the book is built without it and says so.
"""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.evidence import paths, tables
from compendium.run import execute, program, runtime
from compendium.site import pages
from compendium.site.claims import reached, rests_on
from compendium.trial import claims, rules, told

FOLDER = "_static/runtime"
BOOK = "book.zip"  # the package, beside the runtime
MANIFEST = "parts.json"
# What a chapter needs besides its tables to be compared with what was published.
PUBLISHED = ("claims.yml", "verdicts.json", "certificate.json", tables.PACKAGE, tables.DIGESTS)
LEFT_OUT = ("site", "cli.py", "__main__.py")  # rooms that no reader's browser enters


def order(page: execute.Page, claim: str = "") -> dict[str, Any]:
    """What a page's worker is asked in order to verify a chapter, or one claim of it."""
    source = page.path.read_text(encoding="utf-8")
    job = {"docname": page.docname, **({"claim": claim} if claim else {})}
    needs, read = _asked(source)
    data = [str(tables.describe(name)["path"]) for name in read]
    return {
        "call": "compendium.run.inpage.examine",
        "needs": list(needs),
        "files": [f"{page.docname}.md", *(f"data/{name}" for name in (*data, *PUBLISHED))],
        "tables": list(read),
        "claims": [claim] if claim else [one.id for one in claims.registry().of_chapter(page.chapter)],
        "job": job,
    }


@functools.cache
def _asked(source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of the runtime and the tables that a page needs; many pages ask this of one."""
    reached = [*program.modules(source), *program.modules("```{code-cell}\nimport compendium.run.inpage\n```\n")]
    return tuple(runtime.needs(reached)), tuple(program.tables_read(source))


def box(orders: list[dict[str, Any]], up: str, claims_here: list[claims.Claim]) -> Markup:
    """The box in which a reader verifies what the orders ask."""
    names = sorted({name for one in orders for name in one["tables"]})
    text = pages.render(
        "verify-here.html",
        orders=_data(orders),
        claims=claims_here,
        tables=names,
        paths=_data({name: tables.describe(name)["path"] for name in names}),
        whole=len(orders) > 1,
        up=up,
        megabytes=megabytes(orders),
    )
    return Markup(text)


def _data(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def of_claim(claim: claims.Claim) -> Markup:
    """The box on the page of a claim; nothing while its chapter is not written."""
    page = next((page for page in execute.pages() if page.chapter == claim.chapter), None)
    return box([order(page, claim.id)], "../", [claim]) if page else Markup("")


def of_chapter(env: Any, docname: str) -> Markup:
    """The box at the end of a chapter; nothing if no claim is tried in it."""
    page = next(page for page in execute.pages() if page.docname == docname)
    here = claims.registry().of_chapter(page.chapter)
    pages.depends(env, docname, runtime=_state())
    return box([order(page)], "../" * docname.count("/"), here) if here else Markup("")


def megabytes(orders: list[dict[str, Any]]) -> int:
    """What the first press moves, in whole megabytes; 0 if this copy of the book has no Python."""
    parts = runtime.kept().get("parts", {})
    wanted = {f"{name}.zip" for one in orders for name in one["needs"]}
    moved = sum(part["bytes"] for name, part in parts.items() if name.endswith(".bin") or name in wanted)
    return round(moved / 1e6 + 0.6) if parts else 0


def _state() -> str:
    """A digest of the runtime at hand, to see whether pages must be made again."""
    return pages.digest(runtime.kept().get("parts", {}))


class VerifyDirective(SphinxDirective):
    """``{verify-here}`` verifies the whole book in the page, chapter by chapter."""

    def run(self) -> list[nodes.Node]:
        """Return the box with an order for each chapter in which a claim is tried."""
        every = claims.registry().claims.values()
        tried = [page for page in execute.pages() if any(claim.chapter == page.chapter for claim in every)]
        here = self.env.docname
        pages.depends(self.env, here, runtime=_state())
        text = box(list(map(order, tried)), "../" * here.count("/"), list(every))
        return [nodes.raw("", text, format="html")]


class BenchDirective(SphinxDirective):
    """``{bench}`` holds a short script that calls a module of the package; the reader edits and runs it.

    Options: `modules` the modules it calls, `tables` the tables it reads as ``DATA["name"]`` (lists of rows),
    `number` the published number (claim.name) to show beside the variable `result`.
    """

    has_content = True
    option_spec: ClassVar = {
        "modules": directives.unchanged_required,
        "tables": directives.unchanged,
        "number": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the bench, or the word that this build has none."""
        modules = self.options["modules"].split()
        for module in modules:
            if not (paths.PACKAGE / f"{module.replace('.', '/')}.py").exists():
                raise self.error(f"bench: there is no module {module!r} in the package")
        claim_id, _, name = self.options["number"].partition(".")
        claim = claims.registry().claims.get(claim_id)
        if claim is None or name not in claim.numbers:
            raise self.error(f"bench: no number {self.options['number']!r} in claims.yml")
        found = reached(self.env.app).get(claim_id)
        here = self.env.docname
        rests_on(self.env.app, here, claim_id)
        pages.depends(self.env, here, runtime=_state())
        read = {table: str(tables.describe(table)["path"]) for table in self.options.get("tables", "").split()}
        cell = "\n".join(f"import compendium.{module}" for module in modules)
        asked = {
            "call": "compendium.run.script.run",
            "needs": runtime.needs(program.modules(f"```{{code-cell}}\n{cell}\n```\n")),
            "files": [f"data/{path}" for path in read.values()],
            "tables": [],
            "job": {"tables": read},
        }
        value = found.numbers[name] if found else None
        text = pages.render(
            "bench.html",
            order=_data(asked),
            script="\n".join(self.content),
            published=value,
            shown=told.plain(value, claim.numbers[name].unit) if found else rules.PENDING,
            meaning=claim.numbers[name].meaning,
            tolerance=claim.numbers[name].tolerance,
            up="../" * here.count("/"),
            megabytes=megabytes([asked]),
        )
        return [nodes.raw("", text, format="html")]


def outdated(app: Sphinx, env: Any, added: Any, changed: Any, removed: Any) -> set[str]:
    """Pages that were made for another runtime, or for none."""
    return pages.outdated(env, runtime=_state()) & env.all_docs.keys()


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Put the runtime and the package beside the pages, each file once."""
    if failed or app.builder.name != "html":
        return
    target = Path(app.outdir) / FOLDER
    found = runtime.kept()
    if not found:
        shutil.rmtree(target, ignore_errors=True)
        return
    target.mkdir(parents=True, exist_ok=True)
    parts = dict(found["parts"])
    for name, part in parts.items():
        if not (target / name).exists() or runtime.described((target / name).read_bytes()) != part:
            shutil.copyfile(runtime.folder() / name, target / name)
    package = runtime.archive(package_files())
    (target / BOOK).write_bytes(package)
    parts[BOOK] = runtime.described(package)
    text = json.dumps({"info": found["info"], "parts": parts}, indent=1, sort_keys=True)
    (target / MANIFEST).write_text(text + "\n", encoding="utf-8")
    for stale in {path.name for path in target.iterdir()} - {*parts, MANIFEST}:
        (target / stale).unlink()


def package_files() -> list[tuple[str, bytes]]:
    """The modules of the package as they are published for the browser, by their place in the book."""
    every = [
        path for path in paths.PACKAGE.rglob("*.py") if path.relative_to(paths.PACKAGE).parts[0] not in LEFT_OUT
    ]
    return [(path.relative_to(paths.ROOT).as_posix(), paths.content(path)) for path in every]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("bench", BenchDirective)
    app.add_directive("verify-here", VerifyDirective)
    app.connect("env-get-outdated", outdated)
    # Before the scan for foreign hosts, which reads every file of the site.
    app.connect("build-finished", publish, priority=850)
    return {"parallel_read_safe": False, "version": "1"}
