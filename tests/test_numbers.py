"""Numbers as prose: what a reader sees is the number that was computed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium import numbers


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (numbers.dollars(31.6e9), "$31.6 billion"),
        (numbers.dollars(32e9), "$32 billion"),
        (numbers.dollars(2601.6), "$2,602"),
        (numbers.dollars(-4.5e6), "−$4.5 million"),
        (numbers.percent(0.8), "80%"),
        (numbers.percent(0.1992, 1), "19.9%"),
        (numbers.points(-0.031), "−3.1 percentage points"),
        (numbers.scaled(12.3e6), "12.3 million"),
        (numbers.scaled(18_256), "18,256"),
        (numbers.count(999.6), "1,000"),
        (numbers.decimal(-0.04), "0.0"),
        (numbers.times(5.0), "5 times"),
        (numbers.probability(0.0004), "less than 0.001"),
        (numbers.probability(0.034), "0.034"),
        (numbers.probability(0.5), "0.50"),
        (numbers.probability(0.9978), "0.998"),
        (numbers.probability(0.99996), "more than 0.999"),
        (numbers.probability(1), "1"),
        (numbers.interval(0.57, 0.76), "57% to 76%"),
        (numbers.in_words(8), "eight"),
        (numbers.in_words(91), "91"),
        (numbers.listing(["a", "b", "c"]), "a, b and c"),
    ],
)
def test_forms(made: str, expected: str) -> None:
    assert made == expected


@given(st.floats(-1e12, 1e12))
def test_a_decimal_can_be_read_back(value: float) -> None:
    text = numbers.decimal(value, 2).replace(",", "").replace(numbers.MINUS, "-")
    assert float(text) == pytest.approx(value, abs=0.00501)


@pytest.mark.parametrize(
    "form", [numbers.decimal, numbers.dollars, numbers.percent, numbers.scaled, numbers.probability]
)
def test_what_is_not_a_number_never_reaches_the_prose(form: object) -> None:
    with pytest.raises(ValueError, match="must be finite"):
        form(float("nan"))  # type: ignore[operator]


def test_prose_takes_formatted_text_only() -> None:
    with pytest.raises(TypeError, match=r"say\(share=\.\.\.\): expected formatted text, found float 0\.2"):
        numbers.say(share=0.2)  # type: ignore[arg-type]


def test_spans_join_three_years_or_more() -> None:
    assert numbers.spans([2011, 2004, 2003, 2005, 2010, 2020]) == ["2003 to 2005", "2010", "2011", "2020"]
    assert numbers.spans([]) == []
