"""The numbers of a card: the ends of an interval in one line, and many lines behind a fold."""

from __future__ import annotations

import dataclasses

import pytest
from markupsafe import Markup

from compendium.site import numberrows
from compendium.trial import claims, verdicts
from compendium.trial.claims import Claim, Number

MEANINGS = {
    "many": "users",
    "low": "lower end of the 95% interval, share who paid",
    "high": "upper end of the 95% interval, share who paid",
    "other_low": "lower end of the interval, share who were tried",
    "other_high": "upper end of the interval, share who were jailed",
}


def claim(**meanings: str) -> Claim:
    numbers = {name: Number(meaning, "share", 0.0) for name, meaning in (meanings or MEANINGS).items()}
    first = next(iter(numbers))
    return dataclasses.replace(claims.registry()["slaves-12m"], numbers=numbers, key_number=first, interval=None)


def listed(one: Claim, **values: float | None) -> numberrows.Rows:
    found = verdicts.Verdict(one.id, "supported", {}, {name: values.get(name) for name in one.numbers})
    return numberrows.rows(one, found, lambda name, text: Markup(f"{name}={text}"))


def test_the_two_ends_of_one_interval_share_a_line_and_those_of_two_do_not() -> None:
    lines = listed(claim(), many=0.5, low=0.1, high=0.2, other_low=0.3, other_high=0.4).shown
    assert [(line.meaning, line.value) for line in lines] == [
        ("users", "many=50%"),
        ("95% interval, share who paid", "low=10% to high=20%"),
        (MEANINGS["other_low"], "other_low=30%"),
        (MEANINGS["other_high"], "other_high=40%"),
    ]


def test_an_interval_that_nobody_published_is_one_door() -> None:
    assert listed(claim(), many=0.5).shown[1].value == "low=no figure seen"


@pytest.mark.parametrize(("count", "folded"), [(numberrows.MOST, 0), (numberrows.MOST + 1, numberrows.MOST)])
def test_of_many_lines_only_the_key_number_stands_in_the_open(count: int, folded: int) -> None:
    lines = listed(claim(**{f"n{i}": f"number {i}" for i in range(count)}))
    assert len(lines.folded) == folded and len(lines.shown) + len(lines.folded) == count
    assert lines.shown[0].key and not any(line.key for line in lines.folded)


def test_the_interval_of_the_key_number_stands_beside_it() -> None:
    one = dataclasses.replace(claim(), interval=("low", "high"))
    assert [line.key for line in listed(one).shown] == [True, True, False, False]
