"""From a figure, a call or a verdict to the source of the function that made it, on the site itself."""

from __future__ import annotations

import ast
import functools
import gzip
import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from reader import SCHEMES, every
from small_book import SmallBook

from compendium import figures
from compendium.evidence import paths
from compendium.run import program
from compendium.site import definitions, source
from compendium.site.definitions import Place

MOVED = 90_000  # bytes, compressed: what a page of text may make a reader wait for

MODULE = '''"""What the short page shows."""

import pandas as pd

from compendium import figures
from compendium.methods.shares import proportions

ANATOMY = dict(
    title="A share", subtitle="Share", alt="One bar that stands for a share of one half.", source="Arithmetic"
)


def facts() -> float:
    """The middle of an interval."""
    return proportions.wilson(5, 10).estimate


def draw_bar(share: float) -> figures.Figure:
    """One bar."""
    return _finished("bar", share)


def _finished(name: str, share: float) -> figures.Figure:
    drawing, axis = figures.canvas(height=1)
    axis.bar([0], [share])
    return figures.static(drawing, name=name, data=pd.DataFrame({"share": [share]}), **ANATOMY)


def ratio(share: float) -> dict[str, float]:
    """The numbers of a claim."""
    return {"ratio_to_source": 2 * share, "near": 0, "far": 0}


def ratio_alternatives(labels: list[str]) -> dict[str, dict[str, float]]:
    """No alternative changes anything."""
    return {label: {} for label in labels}
'''
CELLS = """
```{code-cell} ipython3
from compendium.chapters import short

share = short.facts()
short.draw_bar(share)
```

```{code-cell} ipython3
import pandas as pd

from compendium import figures

drawing, axis = figures.canvas(height=1)
figures.static(drawing, name="own", data=pd.DataFrame({"share": [1]}), **short.ANATOMY)
```

```{check-yourself}
```
"""
CONCLUSION = 'conclude("profit-32bn", ratio_to_source=1.0, near=0, far=0, alternatives=same["profit-32bn"])'
FROM_MODULE = """conclude(
    "profit-32bn",
    **short.ratio(share),
    alternatives=short.ratio_alternatives(same["profit-32bn"]),
)"""


def with_module(book: SmallBook) -> SmallBook:
    """Give a small book a module of its chapter, and figures."""
    (book.root / "book/compendium/chapters/short.py").write_text(MODULE, encoding="utf-8")
    book.edit("book/1-claims/numbers.md", "\n```{code-cell}", f"{CELLS}\n```{{code-cell}}")
    book.edit("book/1-claims/numbers.md", CONCLUSION, FROM_MODULE)
    done = book.run("accept")
    assert done.returncode == 0, done.stderr
    return book


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    small = with_module(SmallBook(tmp_path_factory.mktemp("source")))
    small.did("build")
    return small


@pytest.fixture(scope="module", params=["small", pytest.param("whole", marks=pytest.mark.check)])
def root(request: pytest.FixtureRequest) -> Path:
    """The folder of a book that is built: a small one with known functions, and the whole one."""
    if request.param == "small":
        small: SmallBook = request.getfixturevalue("book")
        return small.root
    request.getfixturevalue("site")
    return paths.ROOT


def soup(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


class _Listing(HTMLParser):
    """What stands in each element that has an id: lines, functions, classes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(dict(attrs).get("id") or "")
        assert not self.open[-1] or self.open[-1] not in self.texts, "an id stands twice"
        self.texts[self.open[-1]] = []

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for name in self.open:
            self.texts[name].append(data)


@functools.cache
def listing(path: Path) -> tuple[str, dict[str, str]]:
    """The heading of a source page, and the texts of its listing by their ids; far quicker than all of its soup."""
    text = path.read_text(encoding="utf-8")
    (heading,) = re.findall(r"<h1\b[^>]*>(.*?)</h1>", text, re.DOTALL)
    (code,) = re.findall(r'<div class="source [^>]*><pre>(.*?)</pre>', text, re.DOTALL)
    read = _Listing()
    read.feed(code)
    read.close()
    assert read.open == []
    texts = {name: "".join(parts) for name, parts in read.texts.items() if name}
    return html.unescape(re.sub("<[^>]+>", "", heading)), texts


def pages_of(root: Path) -> list[Path]:
    return [path for path in sorted((root / "_build/html").rglob("*.html")) if "_static" not in path.parts]


def made_by(root: Path) -> dict[str, str]:
    """Who drew each figure, as its kernel recorded it."""
    notebooks = [json.loads(path.read_text())["notebook"] for path in (root / "_build/executed").glob("*.json")]
    outputs = [output for book in notebooks for cell in book["cells"] for output in cell.get("outputs", [])]
    drawn = [output["data"][figures.MIME] for output in outputs if figures.MIME in output.get("data", {})]
    return {figure["name"]: figure["made_by"] for figure in drawn}


# ---------------------------------------------------------------- what is linked


def test_a_figure_leads_to_the_function_that_drew_it_and_to_its_page_if_a_cell_did(root: Path) -> None:
    seen = {}
    for path in pages_of(root):
        if "figure-links" not in path.read_text(encoding="utf-8"):
            continue
        # Without the drawings, which are most of a page and hold no links of this kind.
        text = re.sub(r"<svg\b.*?</svg>", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for figure in BeautifulSoup(text, "html.parser").select("figure:has(.figure-links)"):
            name = Path(str(figure.select_one(".figure-links a[download]")["href"])).stem  # type: ignore[index]
            links = [str(link["href"]) for link in figure.select(".figure-links a")]
            seen[name] = path, links[0]
    drawn = made_by(root)
    assert seen.keys() == drawn.keys()
    for name, maker in drawn.items():
        path, address = seen[name]
        target, _, anchor = address.partition("#")
        module, _, function = maker.partition(":")
        assert (path.parent / target).exists(), address
        if maker:
            heading, texts = listing((path.parent / target).resolve())
            assert anchor == function and heading == module
            assert f"def {function.rpartition('.')[2]}(" in texts[anchor], address
        else:
            assert "_sources/" in target


def test_the_small_book_has_a_figure_of_each_kind(book: SmallBook) -> None:
    assert made_by(book.root) == {"bar": "compendium.chapters.short:draw_bar", "own": ""}


def test_every_link_to_a_source_page_finds_its_anchor(root: Path) -> None:
    anchors: dict[Path, set[str]] = {}
    linked = 0
    for path in pages_of(root):
        for address in re.findall(r'href="([^"]*\bsource/[^"]*|#\w[^"]*)"', path.read_text(encoding="utf-8")):
            if address.startswith("#") and "source" not in path.parts:
                continue
            name, _, anchor = address.partition("#")
            target = (path.parent / name).resolve() if name else path
            if target not in anchors:
                anchors[target] = set(re.findall(r'\bid="([^"]+)"', target.read_text(encoding="utf-8")))
            assert not anchor or anchor in anchors[target], f"{path}: {address}"
            linked += 1
    assert linked > 300


def test_a_call_in_a_cell_leads_to_its_function(book: SmallBook) -> None:
    page = soup(book.root / "_build/html/book/1-claims/numbers.html")
    links = {link.get_text(): str(link["href"]) for link in page.select(".cell_input a")}
    own = "../../source/compendium/chapters/short.html"
    assert links["short"] == own
    assert links["short.draw_bar"] == f"{own}#draw_bar"
    assert links["figures.canvas"] == "../../source/compendium/figures/static.html#canvas"
    assert links["figures.static"] == "../../source/compendium/figures/static.html#static"
    assert links["conclude"] == "../../source/compendium/trial/verdicts.html#conclude"
    assert "short.ANATOMY" not in links, "a constant has no anchor"
    cells = [cell.get_text() for cell in page.select(".cell_input pre")]
    assert "share = short.facts()\nshort.draw_bar(share)\n" in cells[0], "the code itself is as it was"


def test_a_verdict_names_the_functions_that_made_its_numbers(book: SmallBook) -> None:
    for name, foot in (("book/1-claims/numbers", "#verdict-profit-32bn"), ("claims/profit-32bn", "")):
        path = book.root / f"_build/html/{name}.html"
        links = soup(path).select(f"{foot} .verdict-foot a[href*='source/']")
        assert [link.get_text() for link in links] == ["short.ratio", "short.ratio_alternatives"]
        for link in links:
            target, _, anchor = str(link["href"]).partition("#")
            defined = soup(path.parent / target).find(id=anchor)
            assert defined is not None and f"def {anchor}(" in defined.get_text()


# ---------------------------------------------------------------- the source pages


def test_a_source_page_is_the_file_line_by_line(root: Path) -> None:
    package = root / "book/compendium"
    shown = sorted((root / "_build/html/source/compendium").rglob("*.html"))
    assert len(shown) + 1 == len(list(package.rglob("*.py")))  # the package itself has its page above
    for path in shown:
        module = package / path.relative_to(root / "_build/html/source/compendium").with_suffix(".py")
        text = (module if module.exists() else module.with_suffix("") / "__init__.py").read_text(encoding="utf-8")
        _, texts = listing(path.resolve())
        lines = [name for name in texts if re.fullmatch(r"L\d+", name)]
        assert "".join(texts[name] for name in lines) == text, path
        assert lines == [f"L{at + 1}" for at in range(len(lines))]
        defined = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
        for node in defined:
            assert texts[node.name].rstrip("\n") == "\n".join(
                text.splitlines()[
                    min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1 : node.end_lineno
                ]
            )


def test_no_source_page_is_over_the_budget_of_a_text_page(root: Path) -> None:
    built = root / "_build/html"
    (font,) = built.glob("_static/fa-solid-*.woff")
    for path in sorted((built / "source").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        found = re.findall(r'<(?:link rel="stylesheet" href|script[^>]* src)="([^"?]*)', text)
        loaded = [path, font, *((path.parent / name).resolve() for name in found)]
        moved = sum(len(gzip.compress(file.read_bytes())) for file in loaded)
        assert moved <= MOVED, f"{path}: {moved} bytes"


def test_the_contents_are_not_repeated_on_source_pages(book: SmallBook) -> None:
    page = soup(book.root / "_build/html/source/compendium/chapters/short.html")
    assert not page.select(".bd-links") and page.select_one("a.navbar-brand")["href"]  # type: ignore[index]


# ---------------------------------------------------------------- what is found without importing


def test_names_are_followed_through_front_doors() -> None:
    assert definitions.find("compendium.figures.static") == Place("compendium.figures.static", "static")
    assert definitions.find("compendium.figures.palette") == Place("compendium.figures.palette")
    assert definitions.find("compendium.figures.canvas") == Place("compendium.figures.static", "canvas")
    assert definitions.find("compendium.trial.conclude") == Place("compendium.trial.verdicts", "conclude")
    assert definitions.find("compendium.evidence.tables.no_such_function") is None
    assert definitions.find("pandas.read_csv") is None
    assert definitions.maker("compendium.trial.verdicts:conclude") == Place("compendium.trial.verdicts", "conclude")
    assert definitions.maker("compendium.trial.verdicts:no_such_function") is None and definitions.maker("") is None


def test_imports_are_found_wherever_they_stand() -> None:
    """A walk through statements meets what a walk through everything meets, in the same order."""
    for path in paths.PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        every = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert [node for node in program.statements(tree) if isinstance(node, ast.Import | ast.ImportFrom)] == every
    nested = "try: pass\nexcept E: import a\nelse: import b\nfinally:\n  match c:\n    case 1: import d\n"
    found = [node.names[0].name for node in program.statements(ast.parse(nested)) if isinstance(node, ast.Import)]
    assert sorted(found) == ["a", "b", "d"]


def test_relative_imports_stand_for_what_python_takes() -> None:
    tree = ast.parse("from .facts import Facts\nfrom . import words as w\nfrom ..shares import pooling\nimport os")
    assert definitions.imported(tree, "compendium.chapters.women") == {
        "Facts": "compendium.chapters.women.facts.Facts",
        "w": "compendium.chapters.women.words",
        "pooling": "compendium.chapters.shares.pooling",
    }


@pytest.mark.parametrize(
    ("code", "linked"),
    [
        ("tables.read('x')", ["tables.read"]),
        ("tables.read('x').tables.read", ["tables.read"]),
        ("f(tables=1)", []),
        ("x.tables.read()", []),
        ("'tables.read'", []),
        ("import compendium.evidence.tables", ["compendium.evidence.tables"]),
    ],
)
def test_only_names_that_stand_for_the_package_are_linked(code: str, linked: list[str]) -> None:
    from sphinx.highlighting import PygmentsBridge

    bound = {"tables": "compendium.evidence.tables"}
    marked = source.linked(PygmentsBridge("html").highlight_block(code, "ipython3"), bound, "book/page")
    assert [link.get_text() for link in BeautifulSoup(marked, "html.parser").select("a")] == linked


def test_a_name_that_a_cell_sets_anew_is_its_own() -> None:
    page = "```{code-cell} ipython3\nfrom compendium.evidence import tables, paths\ntables = 1\n```\n"
    assert source.names(page) == {"paths": "compendium.evidence.paths"}


# ---------------------------------------------------------------- in a browser


@pytest.mark.browser
@every(list(SCHEMES), "scheme")
def test_a_source_page_can_be_read_by_everyone(browser: Any, book: SmallBook, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(color_scheme=scheme, viewport={"width": 390, "height": 850})
    page, complaints = context.new_page(), []
    page.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto((book.root / "_build/html/source/compendium/chapters/short.html").as_uri())
    page.wait_for_timeout(150)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    link = page.locator(".source-names a", has_text="draw_bar")
    link.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.querySelector(':target').id") == "draw_bar"
    assert complaints == []
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    asked = {"runOnly": {"type": "tag", "values": rules}, "resultTypes": ["violations"]}
    found = Axe().run(page, options=asked).response["violations"]
    assert [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found] == []
    context.close()
