"""Two coders: kappa and its interval against statsmodels, closed forms, and coverage by simulation."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from compendium.methods.counts.coders import agreement


def _codes(table: np.ndarray) -> tuple[list[int], list[int]]:
    pairs = [(i, j) for i in range(len(table)) for j in range(len(table)) for _ in range(int(table[i, j]))]
    return [i for i, _ in pairs], [j for _, j in pairs]


@pytest.mark.parametrize("seed", range(6))
def test_kappa_and_its_interval_are_those_of_statsmodels(seed: int) -> None:
    table = np.random.default_rng(seed).integers(0, 9, (4, 4)) + 12 * np.eye(4, dtype=int)
    found, known = agreement(*_codes(table)), cohens_kappa(table)
    assert found.kappa == pytest.approx(known.kappa)
    assert found.low == pytest.approx(known.kappa_low) and found.high == pytest.approx(known.kappa_upp)


@pytest.mark.parametrize("level", [0.5, 0.8, 0.99])
def test_the_interval_has_the_level_that_is_asked_for(level: float) -> None:
    table = np.array([[20, 5], [10, 15]])
    found, known = agreement(*_codes(table), level), cohens_kappa(table)
    half = stats.norm.isf((1 - level) / 2) * known.std_kappa
    assert (found.low, found.high) == pytest.approx((known.kappa - half, known.kappa + half))
    expected = proportion_confint(35, 50, alpha=1 - level, method="beta")
    assert (found.share.low, found.share.high) == pytest.approx(expected)


def test_the_ends_of_the_interval_are_held_between_minus_one_and_one() -> None:
    # Few items, almost all agreed or disagreed: the interval of large samples reaches over the end.
    high, low = np.array([[3, 1], [0, 4]]), np.array([[1, 4], [4, 0]])
    assert cohens_kappa(high).kappa_upp > 1 and cohens_kappa(low).kappa_low < -1
    assert agreement(*_codes(high)).high == 1 and agreement(*_codes(low)).low == -1


def test_kappa_of_two_codes_in_closed_form() -> None:
    # 20 and 15 of 50 agree: 0.7 observed; the coders say yes in 25 and 30 of 50: 0.5 by chance.
    found = agreement(*_codes(np.array([[20, 5], [10, 15]])))
    assert (found.agreed, found.items) == (35, 50)
    assert found.chance == pytest.approx(0.5) and found.kappa == pytest.approx(0.4)


def test_swapping_the_coders_changes_nothing() -> None:
    one, other = _codes(np.array([[9, 2, 0], [1, 7, 3], [0, 0, 4]]))
    assert agreement(one, other) == agreement(other, one)


def test_codes_by_lot_agree_no_more_than_chance() -> None:
    rng = np.random.default_rng(3)
    found = agreement(rng.integers(0, 3, 20_000).tolist(), rng.integers(0, 3, 20_000).tolist())
    assert found.kappa == pytest.approx(0, abs=0.02)


def test_the_interval_holds_a_known_kappa_in_about_95_of_100_draws() -> None:
    # The second coder repeats the first in six of ten items and draws by lot otherwise: kappa is 0.6.
    rng, held = np.random.default_rng(11), 0
    for _ in range(600):
        first = rng.integers(0, 3, 80)
        second = np.where(rng.random(80) < 0.6, first, rng.integers(0, 3, 80))
        found = agreement(first.tolist(), second.tolist())
        assert found.low is not None and found.high is not None
        held += found.low <= 0.6 <= found.high
    assert 0.92 <= held / 600 <= 0.98


def test_one_code_throughout_leaves_nothing_beyond_chance() -> None:
    found = agreement(["yes"] * 4, ["yes"] * 4)
    assert found.kappa is None and found.low is None
    assert found.share.estimate == 1 and found.share.low == pytest.approx(0.025 ** (1 / 4))


def test_full_agreement_has_a_kappa_and_no_interval() -> None:
    found = agreement(["a", "b", "b"], ["a", "b", "b"])
    assert found.kappa == 1 and found.low is None and found.share.low < 0.3


@pytest.mark.parametrize(("first", "second"), [([], []), (["a"], ["a", "b"])])
def test_codes_of_other_items_are_refused(first: list[str], second: list[str]) -> None:
    with pytest.raises(ValueError, match="codes of the same items"):
        agreement(first, second)
