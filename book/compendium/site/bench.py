"""Python in the page: a chapter or a claim verified in the reader's browser, or a short script run there.

What runs are the files of the package, published as one archive, on the published tables. A page loads Python when
the reader presses a button, never before. Where it cannot be had the book is built without it and says so.
"""

from __future__ import annotations

import functools
import gzip
import json
import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from markupsafe import Markup
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.evidence import paths, tables
from compendium.run import execute, part, program, runtime
from compendium.site import pages
from compendium.site.claims import reached, rests_on
from compendium.trial import claims, rules, told

FOLDER = "_static/runtime"
BOOK = "book.zip"  # the package, beside the runtime
MANIFEST = "parts.json"
FILES = "files"  # pages and data beside the runtime, packed: most servers do not compress them
PACKAGE = 700_000  # bytes of the package's archive, at most
# What a chapter needs besides its tables to be compared with what was published.
PUBLISHED = ("claims.yml", "verdicts.json", "certificate.json", tables.PACKAGE, tables.DIGESTS)
LEFT_OUT = ("site", "cli.py", "__main__.py")  # rooms that no reader's browser enters


def order(page: execute.Page, claim: str = "") -> dict[str, Any]:
    """What a page's worker is asked in order to verify a chapter, or one claim of it."""
    source = page.path.read_text(encoding="utf-8")
    job: dict[str, Any] = {"docname": page.docname, **({"claim": claim} if claim else {})}
    needs, read = _asked(source)
    data = [_place(name) for name in read]
    whole = part.whole_of(page.chapter) if (paths.DATA / part.FILE).exists() else ""
    if whole:
        job["part"] = True
        data.append(part.FILE)
    return {
        **({"whole": whole} if whole else {}),
        "call": "compendium.run.inpage.examine",
        "needs": list(needs),
        "files": [f"{page.docname}.md", *(f"data/{name}" for name in (*data, *_published()))],
        "tables": list(read),
        "claims": [claim] if claim else [one.id for one in claims.registry().of_chapter(page.chapter)],
        "job": job,
    }


def _published() -> list[str]:
    """What is compared with, of it what this book has: a certificate it may not have yet."""
    return [name for name in PUBLISHED if (paths.DATA / name).exists()]


@functools.cache
def _asked(source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of the runtime and the tables that a page needs; many pages ask this of one."""
    reached = [*program.modules(source), *_machinery()]
    return tuple(runtime.needs(reached)), tuple(program.tables_read(source))


@functools.cache
def _place(table: str) -> str:
    """The file of a table; a descriptor is copied whenever it is asked for, and every page asks for most."""
    return str(tables.describe(table)["path"])


def _machinery() -> tuple[Path, ...]:
    """What verifies a page: of the chapters and methods, which it names for other commands, a page has its own."""
    found = program.modules("```{code-cell}\nimport compendium.run.inpage\n```\n")
    return tuple(path for path in found if path.relative_to(paths.PACKAGE).parts[0] not in ("chapters", "methods"))


def box(orders: list[dict[str, Any]], up: str, claims_here: list[claims.Claim]) -> Markup:
    """The box in which a reader verifies what the orders ask."""
    names = sorted({name for one in orders for name in one["tables"]})
    text = pages.render(
        "verify-here.html",
        orders=_data(orders),
        claims=claims_here,
        tables=names,
        paths=_data({name: _place(name) for name in names}),
        whole=len(orders) > 1,
        in_part=[one["whole"] for one in orders if "whole" in one],
        up=up,
        megabytes=megabytes(orders),
        why=runtime.why(),
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
    pages.depends(env, docname, runtime=state())
    return box([order(page)], "../" * docname.count("/"), here) if here else Markup("")


def moved(orders: list[dict[str, Any]]) -> int:
    """The bytes that the first press moves from a plain server; 0 if this copy of the book has no Python."""
    files = {name for one in orders for name in one["files"]}
    python = _python(orders)
    return python + sum(len(packed(_content(name))) for name in files) if python else 0


def _python(orders: list[dict[str, Any]]) -> int:
    """The bytes of Python and the package alone: they hang on no table."""
    parts = runtime.kept().get("parts", {})
    wanted = {f"{name}.zip" for one in orders for name in one["needs"]}
    loaded = [own["bytes"] for name, own in parts.items() if name.endswith(".bin") or name in wanted]
    return sum(loaded) + PACKAGE if loaded else 0


def _content(name: str) -> bytes:
    """A file of an order as it lies in the book, which is as it is published."""
    place = paths.DATA / name.removeprefix("data/") if name.startswith("data/") else paths.ROOT / name
    return place.read_bytes()


@functools.lru_cache(maxsize=256)
def packed(content: bytes) -> bytes:
    """A file as the worker is sent it; it unpacks the published bytes, and checks their digest."""
    return gzip.compress(content, 9, mtime=0)


def megabytes(orders: list[dict[str, Any]]) -> int:
    """What the first press moves, in whole megabytes, tables too; 0 if this copy of the book has no Python."""
    return round(_python(orders) / 1e6 + 0.5)


def state() -> str:
    """A digest of the runtime at hand, or of why there is none, to see whether pages must be made again."""
    return pages.digest([runtime.kept().get("parts", {}), runtime.why()])


def _tried() -> list[execute.Page]:
    """The chapters in which a claim is tried."""
    return [page for page in execute.pages() if claims.registry().of_chapter(page.chapter)]


def _everything() -> str:
    """A digest of what verifies the whole book, and of every file that it moves."""
    orders = list(map(order, _tried()))
    files = {name for one in orders for name in one["files"]}
    return pages.digest([orders, {name: runtime.described(_content(name)) for name in files}])


class VerifyDirective(SphinxDirective):
    """``{verify-here}`` verifies the whole book in the page, chapter by chapter."""

    def run(self) -> list[nodes.Node]:
        """Return the box with an order for each chapter in which a claim is tried."""
        here = self.env.docname
        pages.depends(self.env, here, runtime=state(), orders=_everything())
        text = box(list(map(order, _tried())), "../" * here.count("/"), list(claims.registry().claims.values()))
        return [nodes.raw("", text, format="html")]


class ChaptersDirective(SphinxDirective):
    """``{verify-chapters}`` is a table of the chapters that run in a browser: what each runs, and what it moves."""

    def run(self) -> list[nodes.Node]:
        """Return the table, or nothing where the book was built without Python for the browser."""
        here = self.env.docname
        pages.depends(self.env, here, runtime=state(), orders=_everything())
        if not runtime.kept():
            return []
        text = pages.render("verify-chapters.html", rows=map(_row, _tried()), up="../" * here.count("/"))
        return [nodes.raw("", text, format="html")]


def _row(page: execute.Page) -> dict[str, Any]:
    """A chapter in the table: its claims, what of it a browser runs, with which packages, how much it moves."""
    asked = order(page)
    in_part, known = part.module_of(page.chapter), part.published().get(page.chapter)
    told_of = known.told if in_part and known else None
    return {
        "docname": page.docname,
        "title": re.findall("^# (.+)$", page.path.read_text(encoding="utf-8"), re.MULTILINE)[0],
        "claims": len(asked["claims"]),
        "part": f"{told_of['fitted']:,} of {told_of['of']:,} {told_of['what']}; all if asked" if told_of else "",
        "packages": [
            f"scipy.{name}" if name in runtime.APART else name for name in asked["needs"] if name != "pure"
        ],
        "megabytes": f"{moved([asked]) / 1e6:.1f}",
    }


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
        pages.depends(self.env, here, runtime=state())
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
    return pages.outdated(env, runtime=state(), orders=_everything()) & env.all_docs.keys()


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
    for name, described in parts.items():
        if not (target / name).exists() or runtime.described((target / name).read_bytes()) != described:
            shutil.copyfile(runtime.folder() / name, target / name)
    package = runtime.archive(package_files())
    (target / BOOK).write_bytes(package)
    parts[BOOK] = runtime.described(package)
    files = _publish_files(target / FILES)
    text = json.dumps({"info": found["info"], "parts": parts, "files": files}, indent=1, sort_keys=True)
    (target / MANIFEST).write_text(text + "\n", encoding="utf-8")
    for stale in {path.name for path in target.iterdir()} - {*parts, MANIFEST, FILES}:
        (target / stale).unlink()


def _publish_files(target: Path) -> dict[str, str]:
    """Pack what orders ask for; return the digest of each file as it is published."""
    wanted = {name for page in _tried() for name in order(page)["files"]}
    wanted |= {f"data/{tables.describe(name)['path']}" for name in tables.names()}  # a short script may read any
    before = _published_before(target.parent)
    digests = {}
    for name in sorted(wanted):
        content = _content(name)
        place, digests[name] = target / f"{name}.bin", runtime.described(content)["sha256"]
        if before.get(name) != digests[name] or not place.exists():  # to pack them all takes seconds
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(packed(content))
    for place in [path for path in target.rglob("*") if path.is_file()]:
        if place.relative_to(target).as_posix().removesuffix(".bin") not in digests:
            place.unlink()
    return digests


def _published_before(target: Path) -> dict[str, str]:
    """The digests of the files that lie packed beside the pages."""
    try:
        return json.loads((target / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}


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
    app.add_directive("verify-chapters", ChaptersDirective)
    app.connect("env-get-outdated", outdated)
    # Before the scan for foreign hosts, which reads every file of the site.
    app.connect("build-finished", publish, priority=850)
    return {"parallel_read_safe": False, "version": "1"}
