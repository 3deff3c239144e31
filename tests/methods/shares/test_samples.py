"""Which way samples of traffickers point: worlds with a known answer, and the bar that mirror claims share."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from compendium.methods.shares import samples
from compendium.trial.rules import Rule

ORGANISED = Rule("organised_samples >= 3 and organised_samples >= 2 * small_samples")
SMALL = Rule("small_samples >= 3 and small_samples >= 2 * organised_samples")


def rows(*counts: tuple[str, str, int, float | None], **columns: Any) -> pd.DataFrame:
    """Rows of the table by (sample, unit, n, organised); `columns` overrule what all of them have."""
    frame = pd.DataFrame(counts, columns=["sample", "unit", "n", "organised"])
    return frame.assign(**{"says": "small", "status": "read", "same_author": False, **columns})


def numbers(balance: samples.Balance) -> dict[str, float]:
    return {"organised_samples": balance.organised, "small_samples": balance.small}


@pytest.mark.parametrize(("share", "word"), [(0.75, "organised"), (0.25, "small")])
def test_in_a_world_of_one_kind_the_bar_finds_that_kind(share: float, word: str) -> None:
    rng = np.random.default_rng(7)
    for _ in range(50):
        drawn = rng.binomial(120, share, size=5)
        found = samples.balance_of_samples(rows(*((str(at), "cases", 120, k) for at, k in enumerate(drawn))))
        met = {"organised": ORGANISED.holds(numbers(found)), "small": SMALL.holds(numbers(found))}
        assert met == {"organised": word == "organised", "small": word == "small"}


def test_in_a_world_split_in_half_neither_is_established() -> None:
    rng = np.random.default_rng(8)
    wrong = 0
    for _ in range(200):
        drawn = rng.binomial(120, 0.5, size=5)
        found = numbers(
            samples.balance_of_samples(rows(*((str(at), "cases", 120, k) for at, k in enumerate(drawn))))
        )
        wrong += ORGANISED.holds(found) or SMALL.holds(found)
    assert wrong / 200 < 0.02


@pytest.mark.parametrize("organised", range(8))
@pytest.mark.parametrize("small", range(8))
def test_the_two_rules_are_mirrors_and_never_both_met(organised: int, small: int) -> None:
    here = {"organised_samples": organised, "small_samples": small}
    there = {"organised_samples": small, "small_samples": organised}
    assert ORGANISED.holds(here) == SMALL.holds(there)
    assert not (ORGANISED.holds(here) and SMALL.holds(here))
    assert ORGANISED.holds(here) == (organised >= samples.LEAST and organised >= samples.TO_ONE * small)
    more = {**here, "organised_samples": organised + 1}  # never helps the side that it speaks against
    assert ORGANISED.holds(more) >= ORGANISED.holds(here) and SMALL.holds(more) <= SMALL.holds(here)


def test_only_what_was_read_counted_and_independent_points_anywhere() -> None:
    counted = rows(("a", "cases", 50, 5), ("b", "schemes", 50, 45))
    assert samples.balance_of_samples(counted) == (1, 1, 0)
    restated = rows(("c", "cases", 50, 45), status="restated")
    words = rows(("d", "cases", 50, None), says="organised")
    own = rows(("e", "persons", 91, None), same_author=True)
    unverified = rows(("f", "cases", 50, 45), status="unverified")
    every = pd.concat([counted, restated, words, own, unverified], ignore_index=True)
    assert samples.balance_of_samples(every) == (1, 1, 0)
    assert samples.balance_of_samples(every, restated=True) == (2, 1, 0)
    assert samples.balance_of_samples(every, words=True) == (2, 1, 0)
    assert samples.balance_of_samples(every, same_author=True) == (1, 2, 0)


def test_rows_of_one_sample_are_one_sample_by_its_best_unit() -> None:
    twice = rows(("a", "persons", 2096, 1227), ("a", "cases", 2390, 789), ("a", "cases", 100, 80))
    assert samples.balance_of_samples(twice) == (0, 1, 0)
    assert samples.balance_of_samples(twice, units=("persons", "cases", "schemes")) == (1, 0, 0)
    mixed = rows(("b", "cases", 40, None), says="mixed")
    assert samples.balance_of_samples(mixed, words=True) == (0, 0, 1)


def test_a_count_in_a_lesser_unit_tells_more_than_words_in_a_better_one() -> None:
    both = pd.concat([rows(("a", "cases", 40, None), says="small"), rows(("a", "persons", 50, 45))])
    assert samples.balance_of_samples(both, words=True) == (1, 0, 0)
    assert samples.one_row_each(both)["unit"].tolist() == ["persons"]


def test_a_count_of_an_unknown_number_is_no_count() -> None:
    assert samples.balance_of_samples(rows(("a", "cases", None, 5.0))) == (0, 0, 0)  # type: ignore[arg-type]


def test_the_sides_stand_in_the_order_of_the_samples_names() -> None:
    found = samples.sides(rows(("b", "cases", 50, 45), ("a", "cases", 50, 5), ("c", "cases", 50, 25)))
    assert list(found.items()) == [("a", "small"), ("b", "organised"), ("c", "open")]


def test_a_unit_that_has_no_rank_is_refused() -> None:
    with pytest.raises(ValueError, match="raids"):
        samples.balance_of_samples(rows(("a", "raids", 5, 1)))
