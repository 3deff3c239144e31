"""Pages stand still: what is drawn later has its room from the start, and a link to a section lands on it."""

from __future__ import annotations

import functools
import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from reader import CHAPTERS, CLAIM_PAGES, ON_A_PHONE_FIRST, PAGES, PHONE, SIZES, every

pytestmark = pytest.mark.browser

SHIFT, GROWTH, CONTROLS = 0.02, 8, 320  # of a page by Chromium's measure; pixels of a figure; pixels on a phone

_WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  const named = ({ node }) => node?.id || node?.className || "text";
  for (const { value, hadRecentInput, sources } of list.getEntries())
    if (!hadRecentInput) window.shifts.push([value, ...sources.map(named)]);
}).observe({ type: "layout-shift", buffered: true });
"""
_HEIGHTS = """() => {
  const figures = [...document.querySelectorAll("figure.live")];
  return Object.fromEntries(figures.map((figure) => [figure.id, figure.getBoundingClientRect().height]));
}"""
_DRAWN = """() => {
  const figures = [...document.querySelectorAll("figure.live")];
  return figures.every((figure) => figure.dataset.state || !figure.checkVisibility());
}"""
_READ = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight * 0.8) {
    scrollTo(0, y);
    await new Promise((done) => setTimeout(done, 30));
    await frame();  // a busy machine may skip what nobody could have seen
    await frame();
  }
}"""


@every(PAGES + CLAIM_PAGES[:2], viewport=SIZES)
def test_no_page_shifts_while_it_is_read(reader: Any, page: str, viewport: dict[str, int]) -> None:
    me = reader(viewport=viewport)
    me.context.add_init_script(_WATCH)
    shown = me.open(page)
    shown.evaluate(_READ)
    shown.wait_for_function(_DRAWN)
    shifts = shown.evaluate("window.shifts")
    assert sum(value for value, *_ in shifts) < SHIFT, shifts


@every(CHAPTERS, viewport=SIZES)
def test_no_figure_grows_when_it_is_drawn(reader: Any, page: str, viewport: dict[str, int]) -> None:
    me = reader(viewport=viewport)
    shown = me.open(page)
    shown.evaluate(_UNFOLD)
    before = shown.evaluate(_HEIGHTS)
    me.see_all()
    after = shown.evaluate(_HEIGHTS)
    assert {name: after[name] - before[name] for name in before if abs(after[name] - before[name]) > GROWTH} == {}


@ON_A_PHONE_FIRST
@every(CHAPTERS)
def test_every_link_to_a_section_lands_on_it(reader: Any, page: str, viewport: dict[str, int]) -> None:
    """Without the browser's own correction, from the last section up, so that all above it is still undrawn."""
    shown = reader(viewport=viewport).open(page)
    shown.add_style_tag(content="* { overflow-anchor: none !important; }")
    missed = {}
    for section in reversed(shown.evaluate(_SECTIONS)):
        shown.evaluate("id => { location.hash = id; }", section)
        landed = shown.evaluate(_LANDS, section)
        if abs(landed) > GROWTH:
            missed[section] = landed
    assert missed == {}


_UNFOLD = "document.querySelectorAll('details:has(figure.live)').forEach((fold) => (fold.open = true))"
_SECTIONS = "() => [...document.querySelectorAll('article section[id]')].map((section) => section.id)"
# How far from where a link leads to the section stands, once what came near is drawn.
_LANDS = """async (id) => {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const section = document.getElementById(id);
  await pause(80);
  const near = [...document.querySelectorAll("figure.live")].filter((figure) => {
    const { top, bottom } = figure.getBoundingClientRect();
    return figure.checkVisibility() && bottom > -290 && top < innerHeight + 290;
  });
  for (let i = 0; i < 100 && near.some((figure) => !figure.dataset.state); i++) await pause(50);
  await pause(30);
  const least = parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  const own = parseFloat(getComputedStyle(section).scrollMarginTop) || 0;
  const end = document.documentElement.scrollHeight - innerHeight - scrollY < 2;
  const away = section.getBoundingClientRect().top - least - own;
  return end && away > 0 ? 0 : away;
}"""


def test_on_a_phone_the_controls_of_a_figure_leave_room_for_its_drawing(reader: Any) -> None:
    me = reader(viewport=PHONE)
    tall = {}
    for page in CHAPTERS:
        forms = me.open(page).locator("figure.live form.controls").all()
        for form in forms:
            height = form.evaluate("form => form.getBoundingClientRect().height")
            name = form.evaluate("form => form.closest('figure').id")
            if height > CONTROLS:
                tall[name] = height
    assert tall == {}


def test_in_print_the_published_answer_stands_above_the_published_drawing(reader: Any) -> None:
    me = reader()
    published = me.open("book/2-tiers/law.html").locator("#law-day output.readout").inner_text()
    shown = me.open("book/2-tiers/law.html?law-day.year=2003#law-day")
    figure = shown.locator("#law-day")
    shown.wait_for_function("f => f.dataset.state === 'live'", arg=figure.element_handle())
    assert figure.locator("output.readout").inner_text() != published
    shown.emulate_media(media="print")
    said = figure.locator(".stage").evaluate("s => getComputedStyle(s, '::before').content")
    assert said.strip('"') == published
    assert not figure.locator("output.readout").is_visible() and figure.locator(".drawing svg").is_visible()
    assert not figure.locator(".readout_marks").locator("visible=true").count()


# ---------------------------------------------------------------- weight

MOVED = 400_000  # bytes after gzip, of a page with every figure drawn
_SHARED = ("book.css", "book.js", "live.js", "vega.js", "controls.js", "verdict.js", "chance.js")


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_page_with_every_figure_drawn_moves_no_more_than_its_budget(site: Path, page: str) -> None:
    shared = [site / "_static" / name for name in _SHARED]
    faces = sum(face.stat().st_size for face in (site / "_static/fonts").glob("*.woff2"))
    moved = sum(len(gzip.compress(file.read_bytes(), 6, mtime=0)) for file in [site / page, *shared])
    assert moved + faces <= MOVED


# Bytes after gzip of a page without live figures, with faces and icons; what a host says of each file counts too.
TEXT_MOVED, HEADERS = 90_000, 160
# Long lists of words alone, and the page that can run everything: measured, and watched.
LONG = {
    "book/reference/objections.html": 98_500,
    "book/reference/changes.html": 96_000,
    "book/reference/verify.html": 91_000,
    "book/reference/data.html": 90_500,
}
_LINKED = re.compile(r'<(?:link rel="stylesheet" href|script[^>]* src)="([^"?]*)')


def test_a_page_of_text_moves_no_more_than_its_budget(site: Path) -> None:
    """The page of the search is another matter: it loads the index of every word."""
    ahead = [*(site / "_static/fonts").glob("*.woff2"), *(site / "_static").glob("fa-*.woff")]
    weigh = functools.cache(lambda file: len(gzip.compress(file.read_bytes(), 6, mtime=0)))
    heavy = {}
    for page in sorted(site.rglob("*.html")):
        text = page.read_text(encoding="utf-8")
        if "_static" in page.parts or 'class="live' in text or page.name == "search.html":
            continue
        linked = [(page.parent / name).resolve() for name in _LINKED.findall(text)]
        files = [page, *ahead, *linked]
        name, moved = str(page.relative_to(site)), sum(map(weigh, files)) + HEADERS * len(files)
        if moved > LONG.get(name, TEXT_MOVED):
            heavy[name] = moved
    assert heavy == {}


def test_nothing_of_a_chart_is_loaded_before_it_comes_near(reader: Any) -> None:
    me = reader()
    me.open("book/2-tiers/law.html")
    me.page.wait_for_timeout(300)
    wanted = ("vega.js", "controls.js", "verdict.js", "use.js", "figure-kit.js")
    assert not [url for url in me.requests if url.rpartition("/")[2] in wanted]
    me.see_all()
    assert {"vega.js", "controls.js", "verdict.js"} <= {url.rpartition("/")[2] for url in me.requests}
