"""A small book whose folded section for referees holds a live figure, a table and code; and a glossary."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from typing import Any

import altair as alt
import nbformat
import pandas as pd
import pytest
from reader import Reader
from test_offline import ROOT, build

from compendium import figures
from compendium.site import notebooks

pytestmark = pytest.mark.browser

CONFIG = f"""
title: A tiny book
author: Its authors
copyright: "2026"
only_build_toc_files: true
execute: {{execute_notebooks: "off"}}
sphinx:
  recursive_update: true
  extra_extensions:
  - compendium.site.offline
  - compendium.site.figures
  - compendium.site.folds
  - compendium.site.cells
  - compendium.site.previews
  config:
    html_static_path: [{ROOT}/book/assets]
    html_css_files: [type.css, site.css, reading.css, live.css, print.css]
    templates_path: [{ROOT}/book/templates]
    suppress_warnings: [mystnb.unknown_mime_type]
"""
BEFORE = """# A chapter

The answer.

(estimator)=
## For referees: the estimator

A fold holds the word platypus.
"""
AFTER = """### A detail

Deep words.

### For referees: a detail in a detail

Deeper words.

## What follows

Open words, with links to <a href="#for-referees-the-estimator">the fold</a>, <a href="#a-detail">the detail</a>
and [the label](#estimator).

### For referees, at a lower level

Low words.

## The book for referees

A heading that only ends so is no fold.
"""
FOLD, LOW = "#for-referees-the-estimator", "#for-referees-at-a-lower-level"


def _live() -> figures.Figure:
    rows = pd.DataFrame({"x": [1, 2], "y": [2, 4]})
    share = alt.param(name="share", value=1, bind=alt.binding_range(min=0, max=2, step=1, name="Share"))
    drawn = alt.Chart(rows).mark_bar().encode(x="x:O", y="y:Q")
    said = figures.readout("'The share is ' + share + '.'")
    return figures.live(
        alt.layer(drawn, said).add_params(share),
        name="folded",
        title="Bars rise",
        subtitle="Height of a bar",
        alt="Two bars, the second twice as high as the first.",
        source="made up",
        data=rows,
        checks=[({"share": 1}, "The share is 1."), ({"share": 2}, "The share is 2.")],
    )


def _cell(source: str, data: dict[str, Any]) -> nbformat.NotebookNode:
    output = nbformat.v4.new_output("execute_result", data, execution_count=1)
    return nbformat.v4.new_code_cell(
        source, outputs=[output], execution_count=1, metadata={"tags": ["hide-input"]}, id=source
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("folds")
    table = pd.DataFrame({"country": ["Cambodia", "Laos"], "n": [1, 2]})
    cells = [
        nbformat.v4.new_markdown_cell(BEFORE, id="before"),
        _cell("draw", _live()._repr_mimebundle_()),
        _cell("table", {"text/html": table._repr_html_(), "text/plain": "a table"}),
        nbformat.v4.new_markdown_cell(AFTER, id="after"),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=notebooks.KERNEL)
    nbformat.write(notebook, folder / "chapter.ipynb")
    toc = "format: jb-book\nroot: start\nchapters:\n- file: chapter\n"
    start = "# Start\n\nA {term}`platypus` in a [chapter](chapter.ipynb).\n\n"
    start += "```{glossary}\nplatypus\n  Lays eggs & has a *bill*.\n```\n"
    build(folder, {"_config.yml": CONFIG, "_toc.yml": toc, "start.md": start})
    handler = functools.partial(_Quiet, directory=str(folder / "_build" / "html"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None: ...


def test_only_the_section_is_folded_and_its_heading_opens_it(reader: Any) -> None:
    me: Reader = reader()
    shown = me.open("chapter.html")
    assert shown.locator("details.fold").count() == 2, "one in another, or one that ends so, is no fold"
    hidden = ["platypus", "Deep words", "Deeper words", "Low words"]
    for text in hidden:
        assert not shown.get_by_text(text).is_visible()
    for text in ("The answer.", "Open words", "What follows", "The book for referees"):
        assert shown.locator("article").get_by_text(text).first.is_visible()
    shown.get_by_role("heading", name="For referees: the estimator").click()
    for text in hidden[:3]:
        assert shown.get_by_text(text).is_visible()
    shown.locator(f"{FOLD} > details > summary").focus()
    shown.keyboard.press("Enter")
    assert not shown.get_by_text("platypus").is_visible()
    link = shown.locator(f"{FOLD} .headerlink").first
    assert link.get_attribute("href") == FOLD and shown.locator("summary a").count() == 0
    assert me.complaints == []


def test_a_live_figure_a_table_and_code_work_once_the_fold_is_open(reader: Any) -> None:
    me: Reader = reader()
    shown = me.open("chapter.html")
    shown.wait_for_timeout(300)
    assert shown.locator("#folded").get_attribute("data-state") is None, "what nobody sees is not drawn"
    shown.locator(f"{FOLD} > details > summary").click()
    me.see_all()
    assert shown.locator("#folded output.readout").inner_text() == "The share is 1."
    assert shown.locator("#folded .chart svg").bounding_box()["width"] > 300
    shown.locator("#folded input[type=range]").focus()
    shown.keyboard.press("ArrowRight")
    shown.wait_for_function("() => document.querySelector('output.readout').textContent === 'The share is 2.'")
    assert shown.get_by_role("cell", name="Laos").is_visible()
    shown.locator("#folded .code-link").click()
    assert shown.locator("#code-of-folded pre").is_visible()
    assert me.complaints == []


@pytest.mark.parametrize("link", ["the fold", "the label", "the detail"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_link_to_the_fold_or_into_it_opens_it(reader: Any, link: str, script: bool) -> None:
    shown = reader(java_script_enabled=script).open("chapter.html")
    shown.get_by_role("link", name=link, exact=True).click()
    shown.wait_for_function("() => location.hash") if script else None
    assert shown.get_by_text("Deep words").is_visible()
    heading = shown.get_by_role("heading", name="A detail" if "detail" in link else "For referees: the estimator")
    assert 0 <= heading.first.bounding_box()["y"] < 400


def test_the_contents_lead_to_a_fold_and_open_it_again(reader: Any) -> None:
    shown = reader().open("chapter.html")
    contents = shown.locator("#pst-page-toc-nav").get_by_role("link", name="For referees: the estimator")
    for _ in range(2):
        contents.click()
        shown.wait_for_function("() => document.querySelector('details.fold').open")
        shown.locator(f"{FOLD} > details > summary").click()
        assert not shown.get_by_text("platypus").is_visible()


def test_an_address_that_was_shared_arrives_with_the_fold_open(reader: Any) -> None:
    shown = reader().open(f"chapter.html{LOW}")
    assert shown.get_by_text("Low words").is_visible() and not shown.get_by_text("platypus").is_visible()


def test_a_search_finds_what_is_folded_and_opens_it(reader: Any) -> None:
    """By an address that searches for words, since a script cannot press Ctrl+F; browsers treat both alike."""
    shown = reader().open("chapter.html#:~:text=platypus")
    shown.wait_for_function("() => document.querySelector('details.fold').open")


def test_folds_are_printed_open(reader: Any) -> None:
    shown = reader().open("chapter.html")
    shown.emulate_media(media="print")
    for text in ("platypus", "Deeper words", "Low words"):
        assert shown.get_by_text(text).evaluate("p => p.checkVisibility() && p.getBoundingClientRect().height > 0")
    assert shown.locator("#folded .drawing svg").bounding_box()["height"] > 50


def test_axe_finds_no_fault_in_a_fold(reader: Any) -> None:
    from axe_playwright_python.sync_playwright import Axe

    me: Reader = reader(bypass_csp=True)
    shown = me.open("chapter.html")
    for _ in range(2):
        found = Axe().run(shown).response["violations"]
        assert [(fault["id"], node["target"]) for fault in found for node in fault["nodes"]] == []
        shown.locator(f"{FOLD} > details > summary").click()
        me.see_all()


def test_a_term_shows_its_definition(reader: Any) -> None:
    shown = reader().open("start.html")
    shown.get_by_role("link", name="platypus", exact=True).hover()
    assert shown.locator("#preview:popover-open").inner_text() == "Lays eggs & has a bill."
