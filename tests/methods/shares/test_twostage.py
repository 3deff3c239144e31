"""The margin of a two-stage draw, against simulated prisons."""

from __future__ import annotations

import numpy as np
import pytest

from compendium.methods.shares import twostage

PRISONS, EACH = 26, 25  # a country of prisons of equal size


def country(rng: np.random.Generator, correlation: float) -> np.ndarray:
    """People with a trait (1) or not, prisons by people, about half of them, alike within a prison."""
    if correlation == 0:
        return (rng.random((PRISONS, EACH)) < 0.5).astype(float)
    size = 1 / correlation - 1  # of a beta distribution with this intraclass correlation
    shares = rng.beta(size / 2, size / 2, PRISONS)
    return (rng.random((PRISONS, EACH)) < shares[:, None]).astype(float)


@pytest.mark.parametrize("correlation", [0.0, 0.2])
def test_the_margin_is_that_of_draws_of_prisons_and_people(correlation: float) -> None:
    rng = np.random.default_rng(11)
    errors = []
    for _ in range(6000):
        people = country(rng, correlation)
        drawn = rng.choice(PRISONS, 8, replace=False)
        interviewed = [rng.choice(people[prison], 11, replace=False).mean() for prison in drawn]
        errors.append(np.mean(interviewed) - people.mean())
    expected = 1.96 * np.std(errors)
    found = twostage.margin(88, 8, all_places=PRISONS, held=8 * EACH, correlation=correlation)
    assert found == pytest.approx(expected, rel=0.06)


def test_everybody_in_every_prison_leaves_no_error() -> None:
    assert twostage.margin(650, 26, all_places=26, held=650, correlation=0.2) == 0


def test_more_drawn_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="no more than there are"):
        twostage.margin(91, 27, all_places=26, held=199, correlation=0)


@pytest.mark.parametrize("over", [{"places": 0}, {"places": -1}, {"sample": 0}, {"sample": 200}])
def test_no_place_or_nobody_drawn_is_refused(over: dict[str, int]) -> None:
    drawn = {"sample": 91, "places": 8} | over
    with pytest.raises(ValueError, match="no more than there are"):
        twostage.margin(drawn["sample"], drawn["places"], all_places=26, held=199, correlation=0)


def test_one_person_of_one_place_has_the_margin_of_the_formula() -> None:
    # One of two places and one of its two people, who are not alike: variance 1/4 x (1/2 x 1/2 + 1/2).
    found = twostage.margin(1, 1, all_places=2, held=2, correlation=0.0)
    assert found == pytest.approx(1.959964 * (0.25 * 0.75) ** 0.5, rel=1e-6)
    # People wholly alike: only the draw of the place counts, 1/4 x 1/2.
    alike = twostage.margin(1, 1, all_places=2, held=2, correlation=1.0, level=0.8)
    assert alike == pytest.approx(1.281552 * 0.125**0.5, rel=1e-6)
    rarer = twostage.margin(1, 1, all_places=2, held=2, correlation=1.0, share=0.1)
    assert rarer == pytest.approx(1.959964 * (0.09 * 0.5) ** 0.5, rel=1e-6)
