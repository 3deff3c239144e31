"""Figures have their anatomy, fit into a page, and say what their method says."""

from __future__ import annotations

import json
import re
from typing import Any

import altair as alt
import pandas as pd
import pytest

from compendium import figures
from compendium.figures import palette
from compendium.figures.live import draw, themed

ROWS = pd.DataFrame({"x": [1, 2, 3], "y": [1, 4, 9]})
ANATOMY = {
    "name": "demo",
    "title": "Squares grow faster than their roots",
    "subtitle": "No unit",
    "alt": "A line that rises ever more steeply from one to nine.",
    "source": "Arithmetic",
    "data": ROWS,
}


def chart(
    expression: str = "format(2 * k, '.1f') + ' is twice your number'", label: str = "Your number"
) -> alt.LayerChart:
    k = alt.param(name="k", value=3, bind=alt.binding_range(min=0, max=9, step=0.5, name=label))
    line = alt.Chart(ROWS).mark_line().encode(x="x:Q", y="y:Q")
    return alt.layer(line, figures.readout(expression)).add_params(k)


def checks(*values: float) -> list[tuple[dict[str, Any], str]]:
    return [({"k": value}, f"{2 * value:.1f} is twice your number") for value in values]


def drawing() -> Any:
    canvas, axis = figures.canvas(height=1)
    axis.plot([0, 1], [0, 1], color=palette.SECOND)
    axis.set_xlabel("a label with live text")
    return canvas


# ---------------------------------------------------------------- live figures


def test_the_chart_speaks_at_any_setting() -> None:
    assert figures.at(chart()) == "6.0 is twice your number"
    assert figures.at(chart(), k=4.5) == "9.0 is twice your number"


def test_a_formula_that_differs_from_its_method_is_refused() -> None:
    wrong = chart("format(2.01 * k, '.1f') + ' is twice your number'")
    with pytest.raises(
        figures.FigureError, match=r"figure demo: at {'k': 9} the method says '18\.0 .*the chart says '18\.1"
    ):
        figures.live(wrong, **ANATOMY, checks=checks(1, 9))


def test_a_live_figure_is_checked_at_two_settings_at_least() -> None:
    with pytest.raises(figures.FigureError, match="1 checks of its formula"):
        figures.live(chart(), **ANATOMY, checks=checks(1))


def test_a_control_without_a_label_is_refused() -> None:
    unlabelled = chart(label="")
    with pytest.raises(figures.FigureError, match="control 'k' has no label"):
        figures.live(unlabelled, **ANATOMY, checks=checks(1, 2))


def test_a_figure_in_which_nothing_moves_is_not_live() -> None:
    still = alt.layer(alt.Chart(ROWS).mark_line().encode(x="x:Q", y="y:Q"), figures.readout("'nothing'"))
    with pytest.raises(figures.FigureError, match="nothing in it can be set"):
        figures.live(still, **ANATOMY, checks=checks(1, 2))


def test_a_silent_figure_is_refused() -> None:
    k = alt.param(name="k", value=3, bind=alt.binding_range(min=0, max=9, name="Your number"))
    silent = alt.Chart(ROWS).mark_line().encode(x="x:Q", y="y:Q").add_params(k)
    with pytest.raises(figures.FigureError, match="does not say its answer"):
        figures.live(silent, **ANATOMY, checks=checks(1, 2))


def test_what_the_page_could_not_run_is_refused() -> None:
    with pytest.raises(figures.FigureError, match=r"NaN.*strict policy.*write 0 / 0"):
        figures.live(chart("k > 4 ? NaN : k"), **ANATOMY, checks=checks(1, 2))
    rows = alt.Data(values="x,y\n1,2", format=alt.DataFormat(type="csv"))
    parsed = alt.layer(chart(), alt.Chart(rows).mark_line().encode(x="x:Q", y="y:Q"))
    with pytest.raises(figures.FigureError, match=r"csv.*give the rows as a data frame"):
        figures.live(parsed, **ANATOMY, checks=checks(1, 2))


COUNTS = pd.DataFrame({"kind": ["a", "b"], "n": [1, 2]})


def counted(*layers: alt.Chart) -> alt.LayerChart:
    """A chart that says twice k, over layers whose transforms may use `least`."""
    k = alt.param(name="k", value=3, bind=alt.binding_range(min=0, max=9, step=0.5, name="Your number"))
    least = alt.param(name="least", value=1, bind=alt.binding_range(min=1, max=2, step=1, name="Count from"))
    told = figures.readout("format(2 * k, '.1f') + ' is twice your number'")
    return alt.layer(told, *layers).add_params(k, least)


@pytest.mark.parametrize(
    "into_itself",
    [
        lambda rows: rows.transform_calculate(n="datum.n >= least ? datum.n : 0"),
        lambda rows: rows.transform_joinaggregate(n="sum(n)"),
        lambda rows: rows.transform_window(n="sum(n)"),
        lambda rows: rows.transform_calculate(m="least").transform_calculate(m="datum.m + 1"),
        lambda rows: rows.transform_aggregate(m="sum(n)").transform_calculate(m="datum.m + least"),
    ],
    ids=["calculate", "joinaggregate", "window", "twice", "aggregated"],
)
def test_a_transform_into_a_field_of_its_rows_is_refused(into_itself: Any) -> None:
    """Wherever the rows stand: a data set of the chart, rows written out, a layer above."""
    places = [
        into_itself(alt.Chart(COUNTS)).mark_point(),
        into_itself(alt.Chart(alt.Data(values=COUNTS.to_dict("records")))).mark_point(),
        alt.layer(into_itself(alt.Chart()).mark_point(), data=COUNTS),
    ]
    for layer in places:
        with pytest.raises(
            figures.FigureError, match=r"^figure demo: a transform writes into the field '[nm]' .*$"
        ):
            figures.live(counted(layer), **ANATOMY, checks=checks(1, 2))


def test_a_transform_into_new_rows_or_a_new_field_is_not_refused() -> None:
    """An aggregate makes new rows, so it may keep the name; other layers may use the name for their own rows."""
    fine = alt.Chart(COUNTS).transform_calculate(m="datum.n >= least ? datum.n : 0")
    again = fine.transform_aggregate(n="sum(m)").transform_calculate(m="datum.n / 2")
    own = alt.Chart(alt.Data(values=[{}])).transform_calculate(n="k")
    chart = counted(*(rows.mark_point() for rows in (fine, again, own)))
    assert figures.live(chart, **ANATOMY, checks=checks(1, 2)).spec


def test_words_on_paper_are_drawn_above_paper_and_heard_once() -> None:
    words = alt.Chart(alt.Data(values=[{}])).mark_text(dx=3, color=palette.MUTED).encode(text=alt.value("a line"))
    drawn = draw(themed(alt.layer(*figures.on_paper(words))))
    paper, letters = re.findall(r"(<g[^>]*mark-text[^>]*>)(?:<text([^>]*)>a line</text>)", drawn)
    assert f'stroke="{palette.PAPER}"' in paper[1] and f'fill="{palette.PAPER}"' in paper[1]
    assert f'fill="{palette.MUTED}"' in letters[1] and "stroke" not in letters[1]
    assert 'aria-hidden="true"' in paper[0] + paper[1] and "aria-hidden" not in letters[0] + letters[1]
    place = re.compile(r'transform="([^"]*)"')
    assert place.findall(paper[1]) == place.findall(letters[1])


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(figures.FigureError, match="no parameter 'j'; the figure has: k"):
        figures.at(chart(), j=1)


def test_the_same_chart_gives_the_same_bytes_whatever_was_drawn_before() -> None:
    first = figures.live(chart(), **ANATOMY, checks=checks(1, 2))
    chart(), chart()
    assert figures.live(chart(), **ANATOMY, checks=checks(1, 2)) == first


def test_a_live_figure_fills_its_column_and_keeps_its_own_colours_out() -> None:
    figure = figures.live(chart(), **ANATOMY, checks=checks(1, 2))
    spec = json.loads(figure.spec)
    assert spec["width"] == "container"
    assert not re.search(r"#[0-9a-fA-F]{6}", figure.spec)


# ---------------------------------------------------------------- all figures


@pytest.mark.parametrize("missing", ["title", "subtitle", "alt", "source"])
def test_a_figure_without_a_part_of_its_anatomy_is_refused(missing: str) -> None:
    with pytest.raises(figures.FigureError, match=f"figure demo: the {missing} is empty"):
        figures.static(drawing(), **{**ANATOMY, missing: " "})


def test_alternative_text_is_more_than_a_name() -> None:
    with pytest.raises(figures.FigureError, match="alt has 2 words"):
        figures.static(drawing(), **{**ANATOMY, "alt": "a plot"})


def test_a_figure_without_rows_is_refused() -> None:
    with pytest.raises(figures.FigureError, match="no rows behind it"):
        figures.static(drawing(), **{**ANATOMY, "data": ROWS[:0]})


def test_a_static_figure_keeps_its_text_and_takes_the_colours_of_the_page() -> None:
    svg = figures.static(drawing(), **ANATOMY).svg
    assert ">a label with live text<" in svg
    assert "var(--fig-second)" in svg and palette.SECOND not in svg
    assert 'role="img"' in svg and f'aria-label="{ANATOMY["alt"]}"' in svg


def test_a_static_figure_is_drawn_for_the_column_and_for_a_phone_in_text_of_one_size() -> None:
    figure = figures.static(drawing(), **ANATOMY)
    widths = [float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1]) for svg in (figure.svg, figure.narrow)]
    assert widths == [635, 358]
    for svg in (figure.svg, figure.narrow):
        assert set(re.findall(r"font-size: ([\d.]+)px", svg)) == {"12"}
        assert "font-family:" not in svg and "<style" not in svg


def test_a_long_name_of_an_axis_gets_lines_enough() -> None:
    canvas, axis = figures.canvas(height=1)
    axis.set_xlabel("a name of the axis that is so very long that no phone could show it in one line")
    figure = figures.static(canvas, **ANATOMY)
    assert re.search(r">a name of the axis[^<]*in one line<", figure.svg)
    assert not re.search(r">a name of the axis[^<]*in one line<", figure.narrow)


def test_ids_are_the_figures_own() -> None:
    figure = figures.static(drawing(), **ANATOMY)
    svg = figure.svg + figure.narrow
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert ids and all(found.startswith("demo-") for found in ids)
    references = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    assert references <= set(ids)


def test_the_same_drawing_gives_the_same_bytes() -> None:
    assert figures.static(drawing(), **ANATOMY) == figures.static(drawing(), **ANATOMY)


def test_every_palette_colour_has_a_variable_in_both_themes() -> None:
    from compendium.evidence import paths

    css = (paths.BOOK / "assets" / "site.css").read_text(encoding="utf-8")
    for value, variable in palette.VARIABLES.items():
        assert len(re.findall(rf"{variable}:", css)) >= 2, f"{variable} ({value}) is not defined for light and dark"


PROGRAM = """
from compendium import figures

def _finished(drawing, anatomy):
    return figures.static(drawing, **anatomy)

def draw_squares(drawing, anatomy):
    return [_finished(drawing, anatomy) for _ in "1"][0]

class Drawer:
    def draw(self, drawing, anatomy):
        return (lambda: figures.static(drawing, **anatomy))()

def _hidden(drawing, anatomy):
    return figures.static(drawing, **anatomy)
"""


@pytest.mark.parametrize(
    ("module", "call", "made_by"),
    [
        ("compendium.chapters.made_up", "draw_squares", "compendium.chapters.made_up:draw_squares"),
        ("compendium.chapters.made_up", "Drawer().draw", "compendium.chapters.made_up:Drawer.draw"),
        ("compendium.chapters.made_up", "_hidden", "compendium.chapters.made_up:_hidden"),
        ("__main__", "draw_squares", ""),
        ("compendiums", "draw_squares", ""),
    ],
)
def test_a_figure_knows_the_function_of_the_package_that_drew_it(module: str, call: str, made_by: str) -> None:
    names: dict[str, Any] = {"__name__": module}
    exec(PROGRAM, names)
    figure = eval(call, names)(drawing(), ANATOMY)
    assert figure.made_by == made_by
    assert figure._repr_mimebundle_()[figures.MIME]["made_by"] == made_by


def test_a_live_figure_knows_it_too() -> None:
    names: dict[str, Any] = {"__name__": "compendium.chapters.made_up", "figures": figures}
    exec("def draw(chart, checks, anatomy): return figures.live(chart, checks=checks, **anatomy)", names)
    assert names["draw"](chart(), checks(1, 2), ANATOMY).made_by == "compendium.chapters.made_up:draw"
