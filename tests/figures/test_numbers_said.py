"""A live figure says the numbers of the rule that it moves, and refuses to say others than its method."""

from __future__ import annotations

import re
from typing import Any

import altair as alt
import pandas as pd
import pytest
from test_figures import ANATOMY, chart, checks

from compendium import figures
from compendium.figures import living


def said(**options: Any) -> figures.Figure:
    return figures.live(chart(), **ANATOMY, **{"checks": checks(1, 9), "claim": "demo", **options})


def test_a_figure_says_its_numbers_in_full_beside_its_sentence() -> None:
    figure = said(numbers={"double": "2 * k", "third": "k / 3", "none": "k > 0 ? null : k", "nan": "0 / 0"})
    assert figure.numbers == {"double": 6, "third": 1, "none": None, "nan": None}
    assert "double=" not in figure.svg and '"description"' in figure.spec
    assert not re.search(r'<text[^>]*role="graphics-symbol"', figure.svg), "an image without a name"


def test_numbers_may_come_from_the_row_that_holds_the_sentence() -> None:
    k = alt.param(name="k", value=3, bind=alt.binding_range(min=0, max=9, step=0.5, name="Your number"))
    rows = alt.Chart(pd.DataFrame({"n": [1, 2, 3]})).transform_aggregate(total="sum(n)")
    told = rows.transform_calculate(said="'It is ' + format(datum.total * k, '.0f')")
    drawn = alt.layer(figures.readout_of(told, "said")).add_params(k)
    expected = [({"k": value}, f"It is {6 * value}", {"total": 6 * value}) for value in (1, 9)]
    figure = figures.live(drawn, **ANATOMY, checks=expected, claim="demo", numbers={"total": "datum.total * k"})
    assert figure.numbers == {"total": 18}


@pytest.mark.parametrize(
    ("expected", "told"),
    [({"double": 2.001}, "gives double = 2.001, the chart 2.0"), ({"half": 1}, "the chart nothing")],
)
def test_a_number_that_differs_from_its_method_is_refused(expected: dict[str, float], told: str) -> None:
    (first, sentence), second = checks(1, 9)
    with pytest.raises(figures.FigureError, match=f"^figure demo: at {{'k': 1}} the method .*{told}"):
        said(numbers={"double": "2 * k"}, checks=[(first, sentence, expected), second])


@pytest.mark.parametrize("options", [{"numbers": {}}, {"claim": "", "numbers": {"a": "k"}}, {"apart": "Because."}])
def test_a_claim_and_its_numbers_go_together(options: dict[str, Any]) -> None:
    with pytest.raises(figures.FigureError, match="give a claim with the numbers that it moves"):
        said(**{"numbers": {"double": "2 * k"}} | options)


def test_a_figure_may_say_why_no_verdict_hangs_on_it() -> None:
    figure = said(claim="", apart="It shows one case.")
    assert (figure.claim, figure.numbers, figure.apart) == ("", {}, "It shows one case.")


def test_numbers_are_read_from_a_drawing() -> None:
    drawing = '<g class="mark-text readout_marks"><text aria-label="a=1.5 b=null c=Infinity d=-2e-7">x</text></g>'
    assert living.numbers_in(drawing) == {"a": 1.5, "b": None, "c": None, "d": -2e-7}
    assert "aria-label" not in living.without_numbers(drawing)
    assert living.numbers_in("<svg></svg>") == {}
