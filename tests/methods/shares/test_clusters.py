"""The cluster bootstrap: known coverage in simulated clusters, and agreement with plain redraws of single rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from compendium.methods.shares import clusters


def mean(rows: pd.DataFrame) -> float:
    return float(rows.value.mean())


def world(seed: int, groups: int = 40, size: int = 6, between: float = 1.0, within: float = 0.3) -> pd.DataFrame:
    """Values around zero that go together within a group."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(0, between, groups)
    values = centre[:, None] + rng.normal(0, within, (groups, size))
    return pd.DataFrame({"group": np.repeat(np.arange(groups), size), "value": values.ravel()})


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    found = [clusters.resampled(world(seed), "group", mean, draws=199, seed=seed) for seed in range(200)]
    covered = np.mean([each.low <= 0 <= each.high for each in found])
    assert 0.88 <= covered <= 0.99


def test_single_rows_as_clusters_give_the_standard_error_of_a_mean() -> None:
    rows = world(3, groups=200, size=1).assign(own=range(200))
    found = clusters.resampled(rows, "own", mean, draws=1999)
    error = rows.value.std(ddof=1) / np.sqrt(200)
    assert found.width == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert found.estimate == pytest.approx(rows.value.mean())


def test_rows_that_go_together_make_the_interval_wider() -> None:
    rows = world(5).assign(own=range(240))
    assert clusters.resampled(rows, "group", mean).width > 1.8 * clusters.resampled(rows, "own", mean).width


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (pd.DataFrame({"group": [], "value": []}), "no rows"),
        (pd.DataFrame({"group": [1, 1], "value": [2.0, 3.0]}), "1 cluster"),
        (pd.DataFrame({"group": [1, 2], "value": [np.nan, np.nan]}), "0 of"),
    ],
)
def test_what_makes_no_clusters_is_refused(rows: pd.DataFrame, message: str) -> None:
    with pytest.raises(clusters.ClusterError, match=message):
        clusters.resampled(rows, "group", mean, draws=50)


def test_what_is_not_said_of_the_redraws_is_as_documented() -> None:
    rows, asked = world(1, groups=12), []

    def counted(drawn: pd.DataFrame) -> float:
        asked.append(len(drawn))
        return mean(drawn)

    found = clusters.resampled(rows, "group", counted)
    assert len(asked) == 1_999 + 1 and set(asked) == {len(rows)}  # each redraw, and the rows themselves
    assert found == clusters.resampled(rows, "group", mean, level=0.95, draws=1_999, seed=0)
    with pytest.raises(ValueError, match="draws"):
        clusters.resampled(rows, "group", mean, draws=0)


def test_the_order_of_the_rows_does_not_matter() -> None:
    rows = pd.DataFrame({"group": [3, 1, 2, 4], "value": [1.0, 5.0, 9.0, 20.0]})
    one, other = (clusters.resampled(frame, "group", mean, draws=40) for frame in (rows, rows[::-1]))
    assert (one.low, one.high) == (other.low, other.high)


def test_two_clusters_have_the_quantiles_of_two_coins() -> None:
    # Redrawn means are 0, 1/2 and 1 in one, two and one of four draws.
    rows = pd.DataFrame({"group": [1, 2], "value": [0.0, 1.0]})
    for level, ends in ((0.95, (0, 1)), (0.6, (0, 1)), (0.4, (0.5, 0.5))):
        found = clusters.resampled(rows, "group", mean, level=level)
        assert (found.low, found.high, found.estimate, found.level) == (*ends, 0.5, level)


@pytest.mark.parametrize(("numbers", "enough"), [(5, True), (4, False)])
def test_half_of_the_redraws_must_give_a_number(numbers: int, enough: bool) -> None:
    values = iter([1.0] * numbers + [np.nan] * (10 - numbers) + [1.0])
    rows = pd.DataFrame({"group": [1, 2], "value": [0.0, 1.0]})
    if enough:
        assert clusters.resampled(rows, "group", lambda _: next(values), draws=10).high == 1
    else:
        with pytest.raises(clusters.ClusterError, match="only 4 of 10"):
            clusters.resampled(rows, "group", lambda _: next(values), draws=10)


@pytest.mark.parametrize("seed", range(4))
def test_medians_counted_at_once_are_those_of_every_redraw(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"group": rng.integers(0, 9, 40).astype(str), "value": rng.integers(1, 12, 40) / 2})
    rows.loc[rng.random(40) < 0.2, "value"] = np.nan
    if seed == 3:
        rows.loc[:4, "group"] = None
    one_by_one = clusters.resampled(rows, "group", lambda drawn: float(drawn.value.median()), draws=299, seed=seed)
    assert clusters.resampled_median(rows, "group", "value", draws=299, seed=seed) == one_by_one


def test_the_median_of_nothing_is_refused() -> None:
    with pytest.raises(clusters.ClusterError, match="0 of"):
        clusters.resampled_median(pd.DataFrame({"group": [1, 2], "value": [np.nan, np.nan]}), "group", "value")
