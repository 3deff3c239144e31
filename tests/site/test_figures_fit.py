"""Figures fit where they stand, measured: nothing cut, small, or on a mark, whatever faces a machine has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from reader import CHAPTERS, PHONE, SITE, WIDE, Reader, every

from compendium.figures import faces

FAULTS = Path(__file__).with_name("figures_fit.js").read_text(encoding="utf-8")
PRINTED, ALIVE = "figure.plot > .drawing > svg", "figure.live .chart svg"
FIGURE = re.compile(r'<figure class="[^"]*\bplot\b.*?</figure>', re.DOTALL)
WIDTHS = {"wide": (WIDE, 688), "phone": (PHONE, 358)}
# The faces of a usual reader, and of a machine that has DejaVu alone.
SETS = {
    "usual": f"'{faces.FACE}', Arial, 'Liberation Sans', sans-serif",
    "DejaVu": f"'{faces.FACE}', 'DejaVu Sans'",
}
NOT_LOADED = "'Label on Linux', 'DejaVu Sans'"  # what stands in until the book's own face is there
SET = "(faces) => document.documentElement.style.setProperty('--sans', faces)"
LENGTHS = """() => [...document.querySelectorAll("figure.plot svg text")].filter((text) => text.checkVisibility())
    .map((text) => [text.textContent, text.getComputedTextLength()])"""
# A live chart names its faces in every text; here it takes those of the set, as a printed drawing does.
TAKES_THE_SET = "figure.live .chart text { font-family: var(--sans) }"
LIVE_LENGTHS = """(drawings) => [...document.querySelectorAll(`${drawings} text`)]
    .map((text) => [text.textContent, text.getComputedTextLength()])"""
DRAWN = """() => [...document.querySelectorAll("figure.plot > .drawing")].map((place) => {
    const shown = [...place.querySelectorAll("svg")].filter((svg) => svg.checkVisibility());
    return [place.closest("figure").id, shown.length, Math.round(shown[0].getBoundingClientRect().width)];
})"""


@pytest.fixture(scope="module")
def one_reader(browser: Any, address: str) -> Iterator[Reader]:
    """One reader for all pages: nothing here depends on what was opened before."""
    me = Reader(browser, address)
    yield me
    me.context.close()


@pytest.mark.browser
@every(CHAPTERS)
def test_every_static_figure_fits_the_column_and_a_phone(one_reader: Reader, page: str) -> None:
    shown = one_reader.open(page)
    shown.evaluate("document.fonts.ready.then(() => true)")
    shown.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    for viewport, width in WIDTHS.values():
        shown.set_viewport_size(viewport)
        for name, count, found in shown.evaluate(DRAWN):
            assert count == 1, f"{name}: {count} drawings are shown at once"
            assert found == pytest.approx(width, abs=2), f"{name} is {found} px wide, drawn for {width}"
        lengths = {}
        for fonts, stack in SETS.items():
            shown.evaluate(SET, stack)
            assert shown.evaluate(FAULTS, PRINTED) == [], f"with {fonts} faces at {viewport['width']} px"
            lengths[fonts] = shown.evaluate(LENGTHS)
        assert lengths["usual"] == lengths["DejaVu"], "a letter is not in the book's own face"
        shown.evaluate(SET, NOT_LOADED)
        assert [fault for fault in shown.evaluate(FAULTS, PRINTED) if "is cut" in fault] == []


@pytest.mark.browser
@every(CHAPTERS)
def test_every_live_figure_fits_the_column_and_a_phone(one_reader: Reader, page: str) -> None:
    for viewport, _ in WIDTHS.values():
        one_reader.page.set_viewport_size(viewport)
        shown = one_reader.open(page)
        one_reader.see_all()
        drawn = shown.locator(ALIVE).count()
        assert drawn == shown.locator("figure.live").count()
        shown.add_style_tag(content=TAKES_THE_SET)
        lengths = {}
        for fonts, stack in SETS.items():
            shown.evaluate(SET, stack)
            assert shown.evaluate(FAULTS, ALIVE) == [], f"with {fonts} faces at {viewport['width']} px"
            lengths[fonts] = shown.evaluate(LIVE_LENGTHS, ALIVE)
        assert lengths["usual"] == lengths["DejaVu"], "a letter is not in the book's own face"
        assert bool(lengths["usual"]) is bool(drawn)


# One control after the other at five places, and back; what was wrong, and where.
MOVED = """async (name) => {
  const figure = document.getElementById(name), told = new Set();
  const settled = () => figure.view.runAsync();
  for (const control of figure.querySelectorAll(".controls :is(input, select)")) {
    for (const part of [0, 0.25, 0.5, 0.75, 1]) {
      if (control.tagName === "SELECT") control.selectedIndex = Math.round(part * (control.options.length - 1));
      else control.value = Number(control.min) + part * (control.max - control.min);
      for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
      await settled();
      const where = `at ${control.value} of ${control.closest("[data-signal]").dataset.signal}`;
      for (const fault of window.faultsIn(`#${name} .chart svg`)) told.add(`${fault} ${where}`);
    }
    figure.querySelector("button[type=reset]").click();
    await settled();
  }
  return [...told];
}"""


@pytest.mark.browser
@every(CHAPTERS)
def test_a_live_figure_fits_wherever_one_control_is_moved(one_reader: Reader, page: str) -> None:
    for viewport, _ in WIDTHS.values():
        one_reader.page.set_viewport_size(viewport)
        shown = one_reader.open(page)
        one_reader.see_all()
        shown.evaluate(f"(window.faultsIn = {FAULTS}, null)")  # the page's policy lets nothing be evaluated in it
        for name in shown.evaluate("[...document.querySelectorAll('figure.live')].map((figure) => figure.id)"):
            assert shown.evaluate(MOVED, name) == [], f"at {viewport['width']} px"


@pytest.mark.browser
@pytest.mark.parametrize("kind", [PRINTED, ALIVE], ids=["printed", "alive"])
@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (
            "text => { const left = (part) => part.getBoundingClientRect().left; "
            "text.style.translate = `${left(text.ownerSVGElement) - left(text) - 3}px` }",
            "is cut",
        ),
        ("text => { text.style.fontSize = '8px' }", "px"),
        ("text => text.after(text.cloneNode(true))", "meets"),
        (
            "text => { const line = text.cloneNode(), { x, y, width, height } = text.getBBox(); "
            "const drawn = document.createElementNS('http://www.w3.org/2000/svg', 'path'); "
            "drawn.setAttribute('d', `M${x - 5} ${y + height / 2}h${width + 10}`); "
            "drawn.setAttribute('transform', text.getAttribute('transform') ?? ''); "
            "drawn.style.stroke = 'rgb(200, 0, 0)'; text.after(drawn) }",
            "lies on a mark",
        ),
    ],
)
def test_what_does_not_fit_is_found(one_reader: Reader, broken: str, fault: str, kind: str) -> None:
    one_reader.page.set_viewport_size(WIDE)
    shown = one_reader.open("book/1-claims/alarm.html")
    one_reader.see_all()
    assert shown.evaluate(FAULTS, kind) == []
    shown.locator(f"{kind} >> visible=true").locator("text").first.evaluate(broken)
    assert any(fault in found for found in shown.evaluate(FAULTS, kind))


@pytest.mark.browser
def test_paper_gets_the_wide_drawing(one_reader: Reader) -> None:
    shown = one_reader.open("book/1-claims/alarm.html")
    shown.set_viewport_size(PHONE)
    shown.emulate_media(media="print")
    first, second = shown.locator("figure.plot").first.locator("svg").all()
    assert first.is_visible() and not second.is_visible()
    shown.emulate_media(media="screen")
    assert second.is_visible() and not first.is_visible()


COLOUR = re.compile(r"\b(blue|orange|violet|purple|gr[ea]y|green|olive|pink|yellow|red|brown)\b", re.IGNORECASE)
SUBTITLE = re.compile(r'<figure[^>]*\bid="([^"]+)"(?:(?!</figure>).)*?figure-subtitle">(.*?)</p>', re.DOTALL)


@pytest.mark.parametrize("page", CHAPTERS)
def test_no_caption_names_a_colour(page: str) -> None:
    """What is told apart by a hue alone is lost on some readers: it is labelled in the drawing, or has a shape."""
    html = (SITE / page).read_text(encoding="utf-8")
    found = SUBTITLE.findall(html)
    assert len(found) == html.count('class="figure-subtitle"'), "a caption was not read"
    assert [name for name, caption in found if COLOUR.search(caption)] == []


@pytest.mark.parametrize("page", CHAPTERS)
def test_two_drawings_have_one_name_and_no_id_twice(page: str) -> None:
    html = (SITE / page).read_text(encoding="utf-8")
    for figure in FIGURE.findall(html):
        assert figure.count('role="img"') == 1 and figure.count('aria-hidden="true"') >= 2
        assert len(re.findall(r"<svg\b", figure)) == 2
        ids = re.findall(r'\bid="([^"]+)"', figure)
        assert len(ids) == len(set(ids))
        assert set(re.findall(r'(?:url\(#|xlink:href="#)([^")]+)', figure)) <= set(ids)
