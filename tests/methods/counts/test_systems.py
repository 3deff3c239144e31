"""Several lists: closed forms, another library, lists whose truth is known, and a published estimate."""

import contextlib
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.optimize import brentq
from scipy.stats import binom, chi2

from compendium.evidence import tables
from compendium.methods.counts import capture, systems
from compendium.methods.counts.systems import Lists

# Hepatitis A in a Taiwanese college, 1995: lists of 135, 122 and 126 cases, 271 together, as the manual of the R
# package CARE1 has them; 63 on the third alone, 55 on the second alone, 18 on both, 28 on all three, as a copy
# of the text of Chao and others (2001) has them. The other three cells follow.
HEPATITIS = {"100": 69, "010": 55, "001": 63, "110": 21, "101": 17, "011": 18, "111": 28}


def cells(table: dict[str, int]) -> np.ndarray:
    rows = systems.histories(len(next(iter(table))))
    return np.array([table.get("".join(str(int(on)) for on in row), 0) for row in rows], dtype=float)


def test_the_cells_of_the_example_have_its_margins() -> None:
    y, on = cells(HEPATITIS), systems.histories(3)
    assert list(y @ on) == [135, 122, 126] and y.sum() == 271


@pytest.mark.parametrize(("only_first", "only_second", "both"), [(900, 900, 100), (54, 463, 15), (7, 3, 2)])
def test_two_independent_lists_are_lincoln_petersen(only_first, only_second, both) -> None:
    found = systems.fit(cells({"10": only_first, "01": only_second, "11": both}))
    assert found.estimate == pytest.approx(
        capture.lincoln_petersen(only_first + both, only_second + both, both), rel=1e-6
    )


def test_three_independent_lists_solve_the_equation_of_darroch() -> None:
    """The estimate is the N at which N - M = N (1 - n1/N) (1 - n2/N) (1 - n3/N)."""
    y, on = cells(HEPATITIS), systems.histories(3)
    sizes, seen = y @ on, y.sum()
    root = brentq(lambda n: n - seen - n * np.prod(1 - sizes / n), seen + 1, 10 * seen)
    assert systems.fit(y).estimate == pytest.approx(root, rel=1e-6)


def test_three_lists_with_every_pair_dependent_have_a_product_of_cells() -> None:
    t = HEPATITIS
    odd, even = t["111"] * t["100"] * t["010"] * t["001"], t["110"] * t["101"] * t["011"]
    found = systems.fit(cells(t), [(0, 1), (0, 2), (1, 2)])
    assert found.unseen == pytest.approx(odd / even, rel=1e-6)


def test_a_pair_that_depends_leaves_the_third_list_against_both_together() -> None:
    """With lists 1 and 2 tied and 3 independent of both, the union of 1 and 2 is one list against 3."""
    t = HEPATITIS
    union_only, third_only = t["100"] + t["010"] + t["110"], t["001"]
    both = t["101"] + t["011"] + t["111"]
    assert systems.fit(cells(t), [(0, 1)]).unseen == pytest.approx(union_only * third_only / both, rel=1e-6)


@pytest.mark.parametrize("pairs", [(), ((0, 1),), ((0, 1), (2, 3)), tuple(combinations(range(4), 2))])
def test_fits_are_those_of_statsmodels(pairs) -> None:
    y = systems.simulate(Lists(3000, (0.2, 0.15, 0.1, 0.25), odds_ratio=2), 1, seed=3)[0]
    on = systems.histories(4)
    design = np.column_stack([np.ones(15), on, *(on[:, pair].all(axis=1) for pair in pairs)])
    other = sm.GLM(y, design.astype(float), family=sm.families.Poisson()).fit()
    found = systems.fit(y, pairs)
    assert found.unseen == pytest.approx(np.exp(other.params[0]), rel=1e-5)
    assert found.aic == pytest.approx(other.aic, abs=1e-6)
    assert found.bic == pytest.approx(other.aic + (np.log(y.sum()) - 2) * design.shape[1], abs=1e-6)


def test_profile_interval_of_two_lists_is_where_the_exact_likelihood_drops() -> None:
    """For two lists the profile over both chances has a closed form: each list's share of N."""
    first, second, both = 300, 200, 40
    seen = first + second - both

    def height(n: int) -> float:
        one, two = first / n, second / n
        chances = {both: one * two, first - both: one * (1 - two), second - both: two * (1 - one)}
        known = sum(k * np.log(p) for k, p in chances.items()) + (n - seen) * np.log((1 - one) * (1 - two))
        return float(known + systems.gammaln(n + 1) - systems.gammaln(n - seen + 1))

    heights = {n: height(n) for n in range(seen + 1, 6000)}
    kept = [n for n, value in heights.items() if value >= max(heights.values()) - 1.920729]
    found = systems.profile_interval(cells({"10": first - both, "01": second - both, "11": both}))
    assert (found.low, found.high) == pytest.approx((kept[0], kept[-1]), rel=0.002)


@pytest.mark.parametrize("lists", [3, 4])
def test_coverage_is_near_nominal_where_the_model_is_true(lists) -> None:
    case = Lists(3000, (0.2,) * lists)
    drawn = systems.simulate(case, 400, seed=11)
    held = sum(low <= case.population <= high for low, high in map(systems.profile_interval, drawn))
    assert binom.ppf(0.0005, 400, 0.95) <= held <= binom.ppf(0.9995, 400, 0.95)


def test_forward_selection_finds_two_lists_that_depend_and_adds_little_else() -> None:
    tied = systems.performance(Lists(10_000, (0.1,) * 4, odds_ratio=3), runs=60, seed=2)
    assert tied["found"] == 1 and tied["pairs"] < 1.3 and tied["median_ratio"] == pytest.approx(1, abs=0.02)
    ignored = [systems.fit(y).estimate for y in systems.simulate(Lists(10_000, (0.1,) * 4, odds_ratio=3), 60, 2)]
    assert np.median(ignored) < 0.9 * 10_000


MIXED = [
    Lists(2000, (0.1, 0.2, 0.15), odds_ratio=3),
    Lists(2000, (0.1, 0.1, 0.1, 0.1), concentration=5),
    Lists(300, (0.1, 0.1, 0.1)),  # some pairs of lists share nobody
]


@pytest.mark.parametrize("lists", MIXED)
def test_choosing_for_all_rows_at_once_is_choosing_step_by_step(lists) -> None:
    drawn = systems.simulate(lists, 12, seed=4)
    for counts, found in zip(drawn, systems.choose_each(drawn), strict=True):
        best = systems.fit(counts)
        while True:
            tried = []
            for pair in combinations(range(len(lists.shares)), 2):
                joint = systems.histories(len(lists.shares))[:, pair].all(axis=1)
                if pair not in best.pairs and counts[joint].sum() > 0:
                    with contextlib.suppress(ValueError):
                        tried.append(systems.fit(counts, (*best.pairs, pair)))
            wider = min(tried, key=lambda one: one.bic, default=best)
            if wider.bic >= best.bic:
                break
            best = wider
        assert found.pairs == best.pairs and found.estimate == pytest.approx(best.estimate, rel=1e-8)


@pytest.mark.parametrize("lists", MIXED)
def test_the_interval_holds_what_lies_between_its_limits(lists) -> None:
    """Two heights of the likelihood say of each population what the limits say that the grid search finds."""
    drawn = systems.simulate(lists, 25, seed=5)
    models = [one.pairs for one in systems.choose_each(drawn)]
    limits = [systems.profile_interval(counts, pairs) for counts, pairs in zip(drawn, models, strict=True)]
    for share in (0.6, 0.8, 0.9, 1.0, 1.1, 1.3):
        population = share * lists.population
        inside = [low <= population <= high for low, high in limits]
        assert list(systems.holds(drawn, models, population)) == inside


def test_an_interval_of_few_people_ends_where_its_exact_likelihood_has_dropped() -> None:
    """Two short lists: the maximum lies beside the estimate, and the likelihood is skewed about it."""
    first, second, both = 12, 10, 4
    seen = first + second - both

    def height(unseen: float) -> float:
        n = seen + unseen
        known = sum(k * np.log(k / n) + (n - k) * np.log(1 - k / n) for k in (first, second))
        return float(known + systems.gammaln(n + 1) - systems.gammaln(unseen + 1))

    grid = np.linspace(0.1, 100, 20_001)
    top = max(map(height, grid))
    end = brentq(lambda unseen: height(unseen) - top + chi2.ppf(0.95, 1) / 2, 20, 100)
    y = cells({"10": first - both, "01": second - both, "11": both})[None, :]
    assert systems.holds(y, [()], seen + 0.995 * end).all()
    assert not systems.holds(y, [()], seen + 1.005 * end).any()


def test_an_interval_that_does_not_end_within_a_hundred_times_the_unseen_has_no_upper_limit() -> None:
    every_pair = tuple(combinations(range(3), 2))
    assert systems.profile_interval([1] * 7, every_pair).high < np.inf
    assert systems.profile_interval([1] * 7, every_pair, level=0.99) == (7, np.inf)


def test_one_person_alone_determines_no_model_and_nobody_is_no_row() -> None:
    with pytest.raises(ValueError, match="do not determine a model of independent lists"):
        systems.holds(np.array([[1.0, 0, 0]]), [()], 5)
    with pytest.raises(ValueError, match="somebody in each"):
        systems.holds(np.zeros((1, 3)), [()], 5)


def test_coverage_has_the_error_of_a_share_of_the_runs_which_are_three_hundred_unless_told() -> None:
    case = Lists(300, (0.3, 0.4))
    told = systems.performance(case, runs=300, seed=3)
    assert 0 < told["coverage"] < 1
    assert told["coverage_error"] == pytest.approx(np.sqrt(told["coverage"] * (1 - told["coverage"]) / 300))
    assert systems.performance(case, seed=3) == told


def test_a_population_smaller_than_those_seen_is_in_no_interval() -> None:
    drawn = systems.simulate(MIXED[0], 2, seed=6)
    assert not systems.holds(drawn, [()] * 2, drawn.sum(axis=1).min() - 1).any()


def test_people_who_are_easy_on_all_lists_are_what_pairs_cannot_cure() -> None:
    easy = systems.performance(Lists(10_000, (0.1,) * 4, concentration=5), runs=60, seed=2)
    assert easy["median_ratio"] < 0.8 and easy["coverage"] < 0.1


def test_cells_keep_the_chances_of_every_list_and_tie_only_the_first_two() -> None:
    case = Lists(1, (0.3, 0.2, 0.1, 0.4), odds_ratio=4)
    shares, on = systems.cell_shares(case), np.vstack([systems.histories(4), np.zeros((1, 4), dtype=bool)])
    assert shares.sum() == pytest.approx(1)
    assert shares @ on == pytest.approx(case.shares)
    for a, b in combinations(range(4), 2):
        both = shares[on[:, [a, b]].all(axis=1)].sum()
        ratio = capture.odds_ratio_of(case.shares[a], case.shares[b], both)
        assert ratio == pytest.approx(4 if (a, b) == (0, 1) else 1)


def test_two_lists_of_unequal_ease_have_the_cells_of_the_two_list_module() -> None:
    ours = systems.cell_shares(Lists(1, (0.1, 0.2), odds_ratio=2, concentration=5))
    both, first, second, neither = capture.cell_shares(capture.Scenario(1, 0.1, 0.2, 2, 5))
    assert ours == pytest.approx([second, first, both, neither], rel=2e-3)


def test_the_british_lists_give_the_range_that_the_home_office_published() -> None:
    """Six lists of 2013; the range in print is 10,000 to 13,000."""
    lists = ["local_authority", "ngo", "police", "government", "public", "crime_agency"]
    table = tables.read("uk_victim_lists")
    y = systems.counts_of(table, lists, "persons")
    assert y.sum() == table.persons.sum() == 2744
    low, high = (tables.value("global_estimates", f"value_{end}", id="gbr2013_mse") for end in ("low", "high"))
    found = systems.profile_interval(y, systems.choose(y, "aic").pairs)
    assert (round(found.low, -3), round(found.high, -3)) == (low, high)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: systems.histories(1), "found 1"),
        (lambda: systems.fit([1, 2, 3, 4]), "2\\^k - 1"),
        (lambda: systems.fit([0, 0, 0]), "not all nil"),
        (lambda: systems.fit([1, 1, -1]), "negative"),
        (lambda: systems.fit(cells({"10": 5, "01": 5, "11": 3}), [(0, 1)]), "use fewer"),
        (lambda: Lists(10, (0.5, 1.0)), "shares"),
        (lambda: Lists(10, (0.5, 0.5), odds_ratio=0), "odds ratio"),
        (
            lambda: systems.counts_of(pd.DataFrame({"a": [1, 1], "b": [0, 0], "count": [3, 4]}), ["a", "b"]),
            "twice",
        ),
    ],
)
def test_impossible_input_is_named_in_one_line(call, named) -> None:
    with pytest.raises(ValueError, match=named) as caught:
        call()
    assert "\n" not in str(caught.value)
