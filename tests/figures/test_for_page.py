"""A live figure for the page: compiled, with controls that say their values as a reader would."""

from __future__ import annotations

import json
from typing import Any

import altair as alt
import pandas as pd
import pytest

from compendium import figures
from compendium.figures import controls
from compendium.figures.forpage import for_page

ROWS = pd.DataFrame({"x": [1, 2, 3], "y": [1, 4, 9]})


def figure(*params: Any, layers: tuple[Any, ...] = ()) -> figures.Figure:
    line = alt.Chart(ROWS).mark_line().encode(x="x:Q", y="y:Q")
    drawn = alt.layer(line, *layers, figures.readout("'It is ' + k + '.'")).add_params(*params)
    return figures.live(
        drawn,
        name="demo",
        title="Squares grow faster than their roots",
        subtitle="No unit",
        alt="A line that rises ever more steeply from one to nine.",
        source="Arithmetic",
        data=ROWS,
        checks=[({"k": 1}, "It is 1."), ({"k": 2}, "It is 2.")],
    )


def ranged(name: str = "Your number", value: float = 1, low: float = 0, high: float = 9, step: float = 1) -> Any:
    return alt.param(name="k", value=value, bind=alt.binding_range(min=low, max=high, step=step, name=name))


def test_the_page_gets_vega_without_controls_and_they_stand_beside_it() -> None:
    made = for_page(figure(ranged()))
    spec = json.loads(made.spec)
    assert "mark" not in spec and spec["marks"], "Vega, no Vega-Lite"
    assert "bind" not in made.spec
    assert next(signal for signal in spec["signals"] if signal["name"] == "k")["value"] == 1
    assert made.sentence == "It is 1." and 200 < made.height < 500
    assert made.drawing.count("aria-label=") == made.drawing.count("role=") == 1, "one image with one label"
    (control,) = made.controls
    assert (control.signal, control.label, control.first, control.low, control.high) == (
        "k",
        "Your number",
        1,
        0,
        9,
    )
    assert control.place == pytest.approx(1 / 9)


@pytest.mark.parametrize(
    ("label", "value", "high", "step", "shown", "said"),
    [
        ("Kept (percent)", 100, 100, 1, "Kept", "100%"),
        ("Kept (%)", 2.5, 100, 0.5, "Kept", "2.5%"),
        ("Chance, 0 to 1", 0.02, 1, 0.005, "Chance", "2.0%"),
        ("Share on the list", 0.1, 0.5, 0.01, "Share on the list", "10%"),
        ("Costs, dollars", 168000, 400000, 2000, "Costs", "$168,000"),
        ("Gain, dollars", 2500, 20000, 100, "Gain", "$2,500"),
        ("People", 10000, 50000, 1000, "People", "10,000"),
        ("Year", 2009, 2025, 1, "Year", "2009"),
        ("Apart by (points)", 100, 100, 5, "Apart by", "100 points"),
        ("Times as often", 1.25, 3, 0.25, "Times as often", "1.25"),
        ("Better by", -2, 2, 0.1, "Better by", "\N{MINUS SIGN}2.0"),
        ("Better by", -1e-17, 2, 0.1, "Better by", "0.0"),
    ],
)
def test_a_value_is_said_with_its_unit(
    label: str, value: float, high: float, step: float, shown: str, said: str
) -> None:
    bind = {"input": "range", "name": label, "min": -2, "max": high, "step": step}
    control = controls.control({"name": "k", "value": value, "bind": bind})
    assert (control.label, control.said) == (shown, said)


def test_a_list_keeps_its_words_and_its_first_choice_wherever_vega_puts_it() -> None:
    menu = alt.binding_select(options=[1, 2, 3], labels=["one", "two", "three"], name="Square of")
    picked = alt.selection_point(name="pick", fields=["x"], value=[{"x": 2}], bind=menu)
    dots = (
        alt.Chart(ROWS)
        .mark_point()
        .encode(x="x:Q", y="y:Q", opacity=alt.condition(picked, alt.value(1), alt.value(0)))
    )
    made = for_page(figure(ranged(), layers=(dots.add_params(picked),)))
    chosen = next(control for control in made.controls if control.options)
    assert chosen.options == ((1, "one"), (2, "two"), (3, "three"))
    assert chosen.first == 2 and chosen.said == "two"


def test_a_control_that_the_page_has_not_is_refused() -> None:
    box = alt.param(name="k", value=True, bind=alt.binding_checkbox(name="Yes"))
    drawn = alt.layer(alt.Chart(ROWS).mark_line().encode(x="x:Q", y="y:Q"), figures.readout("'It is ' + k + '.'"))
    made = figures.live(
        drawn.add_params(box),
        name="demo",
        title="A title",
        subtitle="No unit",
        alt="A line that rises ever more steeply from one to nine.",
        source="Arithmetic",
        data=ROWS,
        checks=[({"k": True}, "It is true."), ({"k": False}, "It is false.")],
    )
    with pytest.raises(figures.FigureError, match="figure demo: the control 'k' is a checkbox; a page has ranges"):
        for_page(made)


def test_the_drawing_gives_places_to_a_hundredth() -> None:
    from compendium.figures.drawing import inline_svg

    drawn = inline_svg(
        '<svg viewBox="0 0 9 9"><path d="M 1.23456 -0.0001L9.999999,2"/>'
        '<text x="1.005" data-v="1.23456">1.23456</text>'
        '<g transform="scale(0.12345)"/></svg>',
        "demo",
        "words",
    )
    assert 'd="M 1.23 0L10,2"' in drawn
    assert ">1.23456<" in drawn and 'data-v="1.23456"' in drawn and "scale(0.12345)" in drawn
