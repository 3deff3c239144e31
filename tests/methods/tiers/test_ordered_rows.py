"""Rows grouped, columns scaled and separation proved, each by itself on data small enough to think through."""

import itertools

import numpy as np
import pytest

from compendium.methods.tiers import ordered
from compendium.methods.tiers.ordered import clusters, columns
from compendium.methods.tiers.ordered.clusters import Clusters
from compendium.methods.tiers.ordered.separation import separating_columns, separating_direction


@pytest.mark.parametrize("labels", [[], ["KHM"], ["KHM", "KHM", "KHM"]])
def test_one_cluster_tells_nothing_of_how_far_clusters_vary(labels):
    with pytest.raises(ValueError, match="clusters: expected two or more"):
        Clusters.of(labels)


@pytest.mark.parametrize("labels", [["a", "a", "b", "c", "c"], ["c", "a", "b", "a", "c"], ["b", "a"]])
def test_sums_and_means_of_clusters_are_those_of_their_rows(labels):
    groups, values = Clusters.of(labels), np.arange(2.0 * len(labels)).reshape(-1, 2) ** 2
    names = sorted(set(labels))
    own = [values[[label == name for label in labels]] for name in names]
    assert groups.count == len(names)
    np.testing.assert_allclose(groups.sums(values), [rows.sum(axis=0) for rows in own])
    np.testing.assert_allclose(groups.sums(values[:, 0]), [rows[:, 0].sum() for rows in own])
    expected = values - np.array([own[names.index(label)].mean(axis=0) for label in labels])
    np.testing.assert_allclose(groups.demeaned(values), expected)
    np.testing.assert_allclose(groups.demeaned(values[:, 1]), expected[:, 1])
    assert Clusters.of(groups) is groups


def test_factors_and_values_of_few_clusters_have_their_closed_forms():
    assert clusters.critical_value(2) == pytest.approx(np.tan(0.475 * np.pi))  # of one degree: Cauchy's
    assert clusters.p_value(-1.0, 2) == pytest.approx(0.5)
    assert clusters.small_sample_factor(10, 4, 3) == pytest.approx(4 / 3 * 9 / 7)
    for call in (
        lambda: clusters.critical_value(5, 1.5),
        lambda: clusters.p_value(1.0, 1),
        lambda: clusters.small_sample_factor(3, 2, 3),
    ):
        with pytest.raises(ValueError, match="expected"):
            call()


def test_scaled_columns_have_mean_nothing_and_deviation_one():
    x = np.random.default_rng(1).normal(size=(50, 3)) * [1e-6, 1.0, 1e5] + [0.0, 30.0, -2e6]
    found = columns.scaled(x, ("a", "b", "c"))
    assert (found.status, found.detail) == ("", "")
    np.testing.assert_allclose(found.means, x.mean(axis=0))
    np.testing.assert_allclose(found.deviations, x.std(axis=0))
    np.testing.assert_allclose(found.columns.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(found.columns.std(axis=0), 1)
    np.testing.assert_allclose(found.columns * found.deviations + found.means, x)
    alone = columns.scaled(x[:, [2]], ("c",))
    np.testing.assert_allclose(alone.columns, found.columns[:, [2]])


def test_collinear_columns_are_named_and_others_that_move_together_are_not():
    rng = np.random.default_rng(23)
    common, other = rng.normal(size=(2, 90, 1))
    together = common + 0.1 * rng.normal(size=(90, 3))
    found = columns.scaled(np.hstack([together, other, 2 * other]), tuple("abcde"))
    assert (found.status, found.detail) == (ordered.COLLINEAR, "d, e")


def test_columns_are_collinear_whatever_their_scale():
    x = np.random.default_rng(2).normal(size=(50, 2)) * 1e-7
    tiny = np.column_stack([x, x[:, 0] - x[:, 1]])
    assert columns.scaled(tiny, ("a", "b", "c"))[3:] == (ordered.COLLINEAR, "a, b, c")
    assert columns.scaled(1e12 * tiny, ("a", "b", "c"))[3:] == (ordered.COLLINEAR, "a, b, c")
    assert columns.scaled(x, ("a", "b")).status == ""


def test_an_eigenvalue_at_the_limit_is_not_below_it(monkeypatch):
    upright = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])  # correlations exactly 1 and 0
    monkeypatch.setattr(columns, "SMALLEST_EIGENVALUE", 1.0)
    assert columns.scaled(upright, ("a", "b")).status == ""
    monkeypatch.setattr(columns, "SMALLEST_EIGENVALUE", 1.01)
    assert columns.scaled(upright, ("a", "b")).status == ordered.COLLINEAR


def test_a_column_without_a_name_cannot_be_blamed():
    with pytest.raises(ValueError, match="zip"):
        columns.scaled(np.ones((4, 2)), ("a",))


def test_columns_are_checked_and_named():
    y, x, names = columns.checked([0, 1, 2], [[1, 2], [3, 4], [5, 6]], None)
    assert (y.tolist(), x.tolist(), names) == ([0, 1, 2], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], ("x0", "x1"))
    assert x.dtype == float
    assert columns.checked([0, 1, 2], [[1, 2], [3, 4], [5, 6]], ["votes", "law"])[2] == ("votes", "law")
    for wrong in (["votes"], ["votes", "law", "more"]):
        with pytest.raises(ValueError, match=f"expected 2 column names, found {len(wrong)}; name every column"):
            columns.checked([0, 1, 2], np.ones((3, 2)), wrong)
    with pytest.raises(ValueError, match="expected rows of outcome and design; found none"):
        columns.checked([], np.ones((0, 1)), None)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("row", "column"), [(0, 1), (3, 1), (2, 2)])
def test_the_first_column_that_is_not_known_everywhere_is_named(bad, row, column):
    x = np.ones((4, 3))
    x[row, column] = bad
    with pytest.raises(ValueError, match=f"column '{'abc'[column]}' expected finite numbers"):
        columns.checked([0, 1, 0, 1], x, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("outcome", "design"),
    [
        ([0, 1, 2, 1], np.ones(4)),
        ([0, 1, 2, 1], np.ones((4, 1, 1))),
        (np.ones((4, 1)), np.ones((4, 1))),
        ([0, 1, 2], np.ones((4, 1))),
        ([0, 1, 2, 1, 2], np.ones((4, 1))),
    ],
)
def test_rows_that_are_not_aligned_are_refused(outcome, design):
    with pytest.raises(ValueError, match=r"expected outcome \(n,\) and design \(n, k\)"):
        columns.checked(outcome, design, None)


def separates(outcome, x):
    """Whether one column orders the outcome: by hand, in either direction, ties allowed, but not all of them.

    A column separates when moving along it, with thresholds to suit, makes no row less likely and some row more.
    """
    for score in (x, -x):
        edges = [(score[outcome <= c].max(), score[outcome > c].min()) for c in range(outcome.max())]
        if all(low <= high for low, high in edges) and np.ptp(score) > 0:
            return True
    return False


def test_separation_by_one_column_is_what_looking_at_the_rows_says():
    """Every outcome of five rows in three categories, against a column with a tie."""
    x = np.array([-1.0, 0.0, 0.0, 1.0, 2.0])
    found = {True: 0, False: 0}
    for outcome in map(np.array, itertools.product(range(3), repeat=5)):
        if len(set(outcome.tolist())) < 3:
            continue
        direction, expected = separating_direction(outcome, x[:, None], 3), separates(outcome, x)
        assert (direction is not None) == expected, outcome
        found[expected] += 1
        if direction is not None:
            assert direction.shape == (1,)
            assert separates(outcome, direction[0] * x)
    assert min(found.values()) > 10


@pytest.mark.parametrize("outcome", [[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]])
def test_mirrored_columns_separate_in_the_mirrored_direction(outcome):
    x, categories = np.array([-2.0, -1.0, -0.5, 1.0, 1.5, 3.0]), max(outcome) + 1
    up, down = (separating_direction(np.array(outcome), sign * x[:, None], categories) for sign in (1.0, -1.0))
    assert up[0] > 0 > down[0]
    assert up[0] == pytest.approx(-down[0])


def test_a_direction_takes_no_column_for_another():
    outcome = np.repeat([0, 1, 2], 4)
    idle = np.resize([1.0, -1.0], 12)
    ordering = outcome + np.tile([0.1, 0.1, 0.2, 0.2], 3)
    for place in range(3):
        design = np.insert(np.column_stack([idle, np.resize([0.0, 0.0, 1.0, 1.0], 12)]), place, ordering, axis=1)
        direction = separating_direction(outcome, design, 3)
        score = design @ direction
        assert direction[place] > 0
        assert all(score[outcome <= c].max() <= score[outcome > c].min() + 1e-9 for c in (0, 1))


@pytest.mark.parametrize("end", [0, 2])
@pytest.mark.parametrize("side", [1.0, -1.0])
def test_an_indicator_all_in_one_end_separates_alone(end, side):
    outcome = np.array([0, 0, 1, 1, 2, 2])
    own = side * ((outcome == end) & (np.arange(6) % 2 == 0))
    mixed = np.array([0.0, 1.0, 0.0, 1.0, 0.0, 1.0])
    assert separating_columns(outcome, np.column_stack([mixed, own]), 3).tolist() == [False, True]
    inside = side * ((outcome == 1) & (np.arange(6) % 2 == 0))
    assert not separating_columns(outcome, np.column_stack([mixed, inside]), 3).any()


def test_one_row_outside_an_end_is_enough_to_look_at():
    outcome, x = np.array([0, 1, 1, 1]), np.array([0.0, 0.0, 1.0, 2.0])
    assert separating_columns(outcome, x[:, None], 2).tolist() == [True]
    assert separating_columns(1 - outcome, x[:, None], 2).tolist() == [True]
    assert separating_columns(outcome, np.array([[1.0], [0.0], [1.0], [2.0]]), 2).tolist() == [False]
