"""A faint area is drawn with an edge that can be seen; a faint line is refused."""

from __future__ import annotations

from typing import Any

import altair as alt
import pytest
from matplotlib import pyplot
from test_figures import ANATOMY, ROWS, checks

from compendium import figures
from compendium.figures import palette
from compendium.site import contrast

DRAWN = {
    "bar": lambda axis, colour: axis.bar([1, 2], [1, 4], color=colour),
    "bar with a blank edge": lambda axis, colour: axis.barh([1], [1], color=colour, edgecolor="black", ls="none"),
    "histogram": lambda axis, colour: axis.hist([1, 1, 2], color=colour),
    "span": lambda axis, colour: axis.axvspan(0, 1, color=colour, lw=0),
    "band": lambda axis, colour: axis.fill_between([0, 1], [0, 0], [1, 2], color=colour, lw=0),
}
LINES = {
    "line": lambda axis, colour: axis.plot([0, 1], [0, 1], color=colour),
    "level": lambda axis, colour: axis.axhline(1, color=colour),
    "whiskers": lambda axis, colour: axis.vlines([0, 1], 0, 1, color=colour),
}


def _still(draw: Any, colour: str) -> figures.Figure:
    drawing, axis = figures.canvas(height=1)
    draw(axis, colour)
    try:
        return figures.static(drawing, **ANATOMY)
    finally:
        pyplot.close(drawing)


def _live(mark: str, **look: Any) -> figures.Figure:
    k = alt.param(name="k", value=3, bind=alt.binding_range(min=0, max=9, step=0.5, name="Your number"))
    rows = getattr(alt.Chart(ROWS), f"mark_{mark}")(**look).encode(x="x:Q", y="y:Q")
    chart = alt.layer(rows, figures.readout("format(2 * k, '.1f') + ' is twice your number'")).add_params(k)
    return figures.live(chart, **ANATOMY, checks=checks(1, 2))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_edge_stands_out_from_the_page_and_what_it_is_for_does_not(theme: int) -> None:
    tokens = contrast.themes(contrast.STYLESHEET.read_text(encoding="utf-8"))[theme]
    paper = tokens[palette.VARIABLES[palette.PAPER]]
    for area, edge in palette.EDGES.items():
        assert contrast.contrast(tokens[palette.VARIABLES[edge]], paper) >= 3
        assert contrast.contrast(tokens[palette.VARIABLES[area]], paper) < 3


@pytest.mark.parametrize("area", palette.EDGES)
@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_a_faint_area_of_a_static_figure_has_an_edge(draw: Any, area: str) -> None:
    edge = palette.VARIABLES[palette.EDGES[area]]
    assert f"stroke: var({edge})" in _still(draw, area).svg
    assert f"stroke: var({edge})" not in _still(draw, palette.ACCENT).svg


@pytest.mark.parametrize("area", palette.EDGES)
@pytest.mark.parametrize("draw", LINES.values(), ids=LINES)
def test_a_faint_line_of_a_static_figure_is_refused(draw: Any, area: str) -> None:
    with pytest.raises(figures.FigureError, match="figure demo: a line of data is #"):
        _still(draw, area)


@pytest.mark.parametrize("mark", ["bar", "area", "rect"])
def test_a_faint_area_of_a_live_figure_has_an_edge(mark: str) -> None:
    edge = palette.VARIABLES[palette.EDGES[palette.SOFT]]
    assert f'"stroke":"var({edge})"' in _live(mark, color=palette.SOFT).spec
    assert '"stroke":"var(--fig-ink)"' in _live(mark, color=palette.SOFT, stroke=palette.INK).spec


def test_a_faint_line_of_a_live_figure_is_refused() -> None:
    with pytest.raises(figures.FigureError, match="figure demo: a line of data is #"):
        _live("line", color=palette.GRID)
