"""The source of the package on the site: one highlighted page a module, an anchor for each function and class.

Names that a module or a cell takes from the package lead to where they are defined.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import multiprocessing
import re
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from compendium.evidence import paths
from compendium.run import kernels, program
from compendium.site import definitions, pages
from compendium.site.definitions import FOLDER, Place

INDEX = f"{FOLDER}/index"
CONTENTS = "sbt-sidebar-nav.html"
FEW = 20  # modules that are highlighted sooner than a process is started

_DOT = r'<span class="o">\.</span>'
_NAME = r'<span class="n">\w+</span>'
_CHAIN = re.compile(rf'(?<!{_DOT}){_NAME}(?:{_DOT}{_NAME})*(?!<span class="o">=</span>)')
_MODULE = re.compile(r'<span class="nn">([\w.]+)</span>')
_CELL = re.compile(
    r'(?<=<div class="highlight-ipython3 notranslate"><div class="highlight"><pre>).*?(?=</pre>)', re.DOTALL
)
# Names, punctuation and spaces have the colour of plain text; their marks are half of a page.
_PLAIN = re.compile(r'<span class="(?:n|p|w|nn)">([^<]*)</span>')


def begin(app: Sphinx) -> None:
    """Let a process of its own highlight the modules that changed, while this one reads and writes other pages."""
    if app.builder.name != "html" or not kernels.FORKS:
        return
    read = list(filter(None, map(definitions.read, definitions.modules())))
    changed = [one for one in read if not _is_made_from(app, Place(one.name).page, _digest(one))]
    if len(changed) > FEW:
        ours, theirs = (context := multiprocessing.get_context("fork")).Pipe(duplex=False)
        context.Process(target=_send_listings, args=(app, changed, theirs), daemon=True).start()
        theirs.close()
        app.__dict__["compendium_listings"] = ours


def _send_listings(app: Sphinx, changed: list[definitions.Module], to: Connection) -> None:
    kernels.end_with_parent()
    to.send({module.name: listing(app, module) for module in changed})


def _received(app: Sphinx) -> dict[str, str]:
    """The listings that were made meanwhile; none if their process failed, and they are made here."""
    try:
        return app.__dict__.pop("compendium_listings").recv()
    except (KeyError, EOFError):
        return {}


def source_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """One page for each module that changed since its page was written, and the list of all modules."""
    every = {Place(name).page: path for name, path in definitions.modules().items()}
    whole = hashlib.sha256(b"\0".join(path.read_bytes() for path in every.values())).hexdigest()[:16]
    written = {
        path.relative_to(app.outdir).with_suffix("").as_posix() for path in Path(app.outdir, FOLDER).rglob("*.html")
    }
    if app.builder.name != "html" or (_is_made_from(app, INDEX, whole) and written == {*every, INDEX}):
        return
    around: dict[str, Any] = {}
    app.builder.add_sidebars(INDEX, around)  # type: ignore[attr-defined]
    around = {"sidebars": [part for part in around["sidebars"] if part != CONTENTS]}
    made = _received(app)
    for module in filter(None, map(definitions.read, definitions.modules())):
        page, digest = Place(module.name).page, _digest(module)
        if not _is_made_from(app, page, digest):
            about = module.says.partition("\n")[0] or f"The source of {module.name}"
            body = pages.render(
                "source.html",
                module=module,
                digest=digest,
                code=made.get(module.name) or listing(app, module),
                index="../" * (page.count("/") - 1) + "index.html",
            )
            yield page, {"title": module.name, "body": body, "meta": {"description": about}, **around}, "page.html"
    yield INDEX, {"title": "The source of the book", "body": _index(whole), **around}, "page.html"
    for stale in written - {*every, INDEX}:
        Path(app.outdir, f"{stale}.html").unlink()


def _is_made_from(app: Sphinx, page: str, digest: str) -> bool:
    path = Path(app.outdir, f"{page}.html")
    return path.exists() and f'data-made-from="{digest}"' in path.read_text(encoding="utf-8")


def _digest(module: definitions.Module) -> str:
    """A digest of all that a source page shows: the module, and what its names may lead to."""
    doors = {target: definitions.find(target) for target in module.imports.values()}
    known = {place.module for place in doors.values() if place}
    leads = [[read.name, list(read.defines), read.imports] for read in map(definitions.read, sorted(known)) if read]
    return hashlib.sha256(json.dumps([module.text, repr(doors), leads]).encode()).hexdigest()[:16]


def listing(app: Sphinx, module: definitions.Module) -> str:
    """Return the highlighted source: a line each with its number, a block for each function and class."""
    marked = app.builder.highlighter.highlight_block(module.text, "python")  # type: ignore[attr-defined]
    inside = re.search(r"<pre>(?:<span></span>)?(.*)</pre>", marked, re.DOTALL)
    assert inside is not None
    code = _PLAIN.sub(r"\1", linked(inside[1], module.imports, Place(module.name).page))
    opened: dict[int, str] = {}
    closed: dict[int, str] = {}
    for name, (first, last) in module.defines.items():
        opened[first] = opened.get(first, "") + f'<span class="definition" id="{name}">'
        closed[last] = closed.get(last, "") + "</span>"
    return "".join(
        f'{opened.get(at, "")}<span class="line" id="L{at}">{line}\n</span>{closed.get(at, "")}'
        for at, line in enumerate(code.rstrip("\n").split("\n"), 1)
    )


def linked(code: str, bound: Mapping[str, str], docname: str) -> str:
    """Return highlighted code in which each name that stands for something in the package leads to its source."""

    def chain(found: re.Match[str]) -> str:
        marks = found.group().split('<span class="o">.</span>')
        first, *rest = (re.sub(r"<[^>]+>", "", mark) for mark in marks)
        if first not in bound:
            return found.group()
        for length in range(len(rest), -1, -1):
            place = definitions.find(".".join([bound[first], *rest[:length]]))
            if place and (place.name or not rest):
                text = '<span class="o">.</span>'.join(marks[: length + 1])
                return found.group().replace(text, f'<a href="{place.address(docname)}">{text}</a>', 1)
        return found.group()

    def module(found: re.Match[str]) -> str:
        if found[1] not in definitions.modules():
            return found.group()
        return f'<a href="{Place(found[1]).address(docname)}">{found.group()}</a>'

    return _MODULE.sub(module, _CHAIN.sub(chain, code))


def _index(digest: str) -> str:
    rooms: dict[str, list[definitions.Module]] = {}
    for module in filter(None, map(definitions.read, definitions.modules())):
        room = module.name.split(".")[1] if module.path.parent != paths.PACKAGE else ""
        rooms.setdefault(room, []).append(module)
    return pages.render("source-index.html", rooms=rooms, digest=digest, Place=Place, here=INDEX)


# ---------------------------------------------------------------- pages of the book


def link_cells(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the names in a page's code cells lead to their source."""
    if app.builder.name != "html" or doctree is None or "highlight-ipython3" not in context.get("body", ""):
        return
    bound = names(_source(app, pagename))
    context["body"] = _CELL.sub(lambda cell: linked(cell.group(), bound, pagename), context["body"])


def _source(app: Sphinx, docname: str) -> str:
    """The page as it was written; empty for a notebook of another format, whose calls are not looked for."""
    page = Path(app.env.doc2path(docname))
    return page.read_text(encoding="utf-8") if page.suffix == ".md" else ""


@functools.cache
def names(source: str) -> dict[str, str]:
    """What the names of a page's cells stand for in the package; one that a cell sets anew stands for nothing."""
    tree = ast.parse(program.code(source))
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return {name: target for name, target in definitions.imported(tree).items() if name not in own}


def makers(app: Sphinx, docname: str, claim_id: str) -> list[Place]:
    """The functions of the package that make the numbers of a claim, as its page's `conclude` cell calls them."""
    source = _source(app, docname)
    bound = names(source)
    for cell in _cells(source):
        for call in ast.walk(cell):
            if isinstance(call, ast.Call) and _is_conclusion(call, claim_id):
                return called(call, bound) or called(cell, bound)
    return []


@functools.cache
def _cells(source: str) -> list[ast.Module]:
    return list(map(ast.parse, program.cells(source)))


def _is_conclusion(call: ast.Call, claim_id: str) -> bool:
    is_claim = bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == claim_id
    return is_claim and ast.unparse(call.func).rpartition(".")[2] == "conclude"


def called(tree: ast.AST, bound: Mapping[str, str]) -> list[Place]:
    """The functions of the package that are called in a tree, in order; those that decide make no number."""
    found: dict[Place, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            first, _, rest = ast.unparse(node.func).partition(".")
            place = definitions.find(f"{bound[first]}.{rest}".rstrip(".")) if first in bound else None
            if place and place.name and not place.module.startswith("compendium.trial."):
                found[place] = None
    return list(found)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", begin, priority=150)  # when the chapters are executed
    app.connect("html-collect-pages", source_pages)
    app.connect("html-page-context", link_cells)
    return {"parallel_read_safe": False, "version": "1"}
