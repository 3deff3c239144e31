"""Every mark and word of a figure stands out from what it lies on, read in the browser in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from reader import CHAPTERS, CLAIM_PAGES, PHONE, SCHEMES, WIDE, every

FAINT = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
ALONE = """(svg, markup) => {
  svg.querySelectorAll("text, path, use").forEach((part) => part.remove());
  svg.innerHTML += markup;
}"""
FIRST = "figure.plot > .drawing > svg"


@pytest.mark.browser
@every([*CHAPTERS, "book/index.html", *CLAIM_PAGES[:1]], theme=SCHEMES)
def test_every_mark_and_word_stands_out_from_what_it_lies_on(opened: Any, page: str, theme: str) -> None:
    for viewport in (WIDE, PHONE):
        shown = opened(page, viewport=viewport, color_scheme=theme).page
        assert shown.evaluate("document.documentElement.dataset.theme") == theme
        assert shown.evaluate(FAINT) == [], f"at {viewport['width']} px"


@pytest.mark.browser
@pytest.mark.parametrize(
    ("drawn", "fault"),
    [
        ("<rect x='40' y='40' width='20' height='60' style='fill: #afc9e6'/>", "rect has 1.7"),
        ("<rect x='40' y='40' width='20' height='60' style='fill: #afc9e6; stroke: #5c94c9'/>", None),
        ("<path d='M40 40h90' style='fill: none; stroke: #1f5fa8; opacity: 0.4'/>", "path has 1.89"),
        ("<path d='M40 40h90' style='fill: none; stroke: var(--fig-grid)'/>", None),
        (
            "<rect x='40' y='40' width='60' height='60' style='fill: #123c6e'/>"
            "<circle cx='70' cy='70' r='5' style='fill: #1d2021'/>",
            "circle has 1.4",
        ),
        (
            "<rect x='40' y='40' width='90' height='60' style='fill: #5c94c9'/>"
            "<text x='45' y='75' style='font-size: 12px; fill: #ffffff'>on a bar</text>",
            "“on a bar” has 3.2",
        ),
        (
            "<rect x='40' y='40' width='20' height='60' style='fill: var(--fig-step-2)'/>"
            "<rect x='60' y='40' width='20' height='60' style='fill: var(--fig-step-3)'/>",
            "not parted",
        ),
    ],
)
def test_what_is_faint_is_found(opened: Any, drawn: str, fault: str | None) -> None:
    shown = opened("book/1-claims/alarm.html").page
    figure = shown.locator("figure.plot").first
    before = figure.evaluate("figure => figure.innerHTML")
    shown.locator(FIRST).first.evaluate(ALONE, drawn)
    name = figure.get_attribute("id")
    found = [one for one in shown.evaluate(FAINT) if one.startswith(f"{name}:")]
    figure.evaluate("(figure, markup) => { figure.innerHTML = markup }", before)
    assert (found == []) if fault is None else any(fault in one for one in found), found
