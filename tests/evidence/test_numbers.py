"""Numbers as prose: what a reader sees is the number that was computed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.evidence import numbers


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
        (numbers.listing(["a"]), "a"),
        (numbers.listing(["a", "b"]), "a and b"),
        (numbers.listing([]), "none"),
        # Both sides of every line between two forms.
        (numbers.in_words(0), "zero"),
        (numbers.in_words(12), "twelve"),
        (numbers.in_words(13), "13"),
        (numbers.in_words(-1), "−1"),
        (numbers.scaled(1e12), "1 trillion"),
        (numbers.scaled(1e12 - 1), "1,000 billion"),
        (numbers.scaled(1e9), "1 billion"),
        (numbers.scaled(1e9 - 1), "1,000 million"),
        (numbers.scaled(1e6), "1 million"),
        (numbers.scaled(-2.5e6), "−2.5 million"),
        (numbers.scaled(999_999), "999,999"),
        (numbers.scaled(99.94), "99.9"),
        (numbers.scaled(100.4), "100"),
        (numbers.scaled(-99.94), "−99.9"),
        (numbers.scaled(100), "100"),
        (numbers.dollars(1e6), "$1 million"),
        (numbers.dollars(999_999), "$999,999"),
        (numbers.dollars(0), "$0"),
        (numbers.dollars(0.4), "$0"),
        (numbers.dollars(-0.6), "−$1"),
        (numbers.dollars(-0.4), "$0"),
        (numbers.dollars(-4), "−$4"),
        (numbers.decimal(0.04), "0.0"),
        (numbers.decimal(-1234.56), "−1,234.6"),
        (numbers.trimmed(1.96), "2"),
        (numbers.trimmed(1200, 0), "1,200"),
        (numbers.trimmed(0.125, 2), "0.12"),
        (numbers.percent(-0.05), "−5%"),
        (numbers.points(0.0312, 2), "3.12 percentage points"),
        (numbers.times(4.51), "4.5 times"),
        (numbers.times(4.516, 2), "4.52 times"),
        (numbers.probability(0.001), "0.001"),
        (numbers.probability(0.0994), "0.099"),
        (numbers.probability(0.1), "0.10"),
        (numbers.probability(0.9), "0.90"),
        (numbers.probability(0.9004), "0.900"),
        (numbers.probability(0.999), "0.999"),
        (numbers.probability(0), "less than 0.001"),
        (numbers.interval(1, 2, numbers.count), "1 to 2"),
    ],
)
def test_forms(made: str, expected: str) -> None:
    assert made == expected


@given(st.floats(-1e12, 1e12))
def test_a_decimal_can_be_read_back(value: float) -> None:
    text = numbers.decimal(value, 2).replace(",", "").replace(numbers.MINUS, "-")
    assert float(text) == pytest.approx(value, abs=0.00501)


@pytest.mark.parametrize(
    "form",
    [
        *(numbers.decimal, numbers.count, numbers.scaled, numbers.trimmed),
        *(numbers.dollars, numbers.percent, numbers.points, numbers.times),
    ],
)
@given(st.floats(-1, 1))
def test_what_is_written_as_zero_has_no_sign_and_nothing_else_loses_it(
    form: Callable[[float], str], value: float
) -> None:
    text = form(value)
    assert text.startswith(numbers.MINUS) == (value < 0 and any(digit in text for digit in "123456789"))
    assert text.count(numbers.MINUS) <= 1 and "-" not in text


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
    assert numbers.spans([2011, 2004, 2003, 2005, 2005]) == ["2003 to 2005", "2011"]
    assert numbers.spans([]) == []
