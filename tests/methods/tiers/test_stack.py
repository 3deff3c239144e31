"""Models fitted together on a rectangle of years and countries: the same models alone, and plain matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from compendium.methods.tiers import ordered
from compendium.methods.tiers.ordered import stacked
from compendium.methods.tiers.ordered.clusters import small_sample_factor
from compendium.methods.tiers.ordered.stack import Stack, bordered

MODELS, YEARS, COUNTRIES = 4, 5, 36


def rectangle(seed: int = 1, *, own: bool = True, by_year: bool = False) -> Stack:
    """Four models of eight country-years in ten, with a measure and an indicator in common."""
    rng = np.random.default_rng(seed)
    rows = (rng.random((MODELS, YEARS, COUNTRIES)) < 0.8).astype(float)
    shared = rng.normal(size=(YEARS, COUNTRIES, 2))
    shared[..., 1] = shared[..., 1] > 0.2
    return Stack(rows, rng.normal(size=rows.shape) if own else None, shared, by_year)


def design(stack: Stack, model: int) -> np.ndarray:
    """The columns of one model's rows, year by year, without those that are absent from it."""
    kept = stack.rows[model] == 1
    columns = [] if stack.own is None else [stack.own[model][kept]]
    columns += [stack.shared[..., c][kept] for c in range(stack.shared.shape[2])]
    if stack.by_year:
        columns += [(np.nonzero(kept)[0] == year).astype(float) for year in range(1, len(stack.shared))]
    return np.column_stack(columns)[:, ~stack.absent[model]]


def outcome_of(stack: Stack, categories: int) -> np.ndarray:
    """An outcome (T, G) that follows the shared columns and chance."""
    chance = np.random.default_rng(9).logistic(size=stack.shared.shape[:2])
    cuts = np.linspace(-1, 1.2, categories - 1)
    return np.searchsorted(cuts, 0.8 * stack.shared[..., 0] - 0.5 * stack.shared[..., 1] + chance)


def countries_of(stack: Stack, model: int) -> np.ndarray:
    return np.nonzero(stack.rows[model])[1]


KINDS = [(own, by_year) for own in (True, False) for by_year in (True, False)]


@pytest.mark.parametrize(("own", "by_year"), KINDS)
@pytest.mark.parametrize("categories", [2, 4])
def test_ordered_models_together_are_those_alone(own: bool, by_year: bool, categories: int) -> None:
    stack = rectangle(own=own, by_year=by_year)
    values = outcome_of(stack, categories)
    outcome = stacked.Outcome(values, categories)
    together, arrived = stacked.fit_ordered_stack(stack, outcome)
    assert arrived.all() and not stacked.separable(stack, outcome).any()
    again, arrived = stacked.fit_ordered_stack(stack, outcome, start=together.theta)
    assert arrived.all() and again.theta == pytest.approx(together.theta, abs=1e-8)
    for model in range(MODELS):
        x, groups = design(stack, model), countries_of(stack, model)
        alone = ordered.fit_ordered(values[stack.rows[model] == 1], x, groups, categories=categories)
        assert together.theta[model] == pytest.approx(np.append(alone.slopes, alone.thresholds), abs=1e-7)
        errors = [together.error(np.tile(one, (MODELS, 1)))[model] for one in np.eye(stack.width + categories - 1)]
        # The errors are those of the step before the last.
        assert errors == pytest.approx(np.append(alone.standard_errors, alone.threshold_errors), rel=2e-5)
        if own:
            for cut in range(categories - 1):
                effect, error = (found[model] for found in stacked.effects(together, cut))
                assert (effect, error) == pytest.approx(ordered.marginal_effect(alone, x, 0, cut + 1), rel=2e-5)


@pytest.mark.parametrize(("own", "by_year"), KINDS)
@pytest.mark.parametrize("absorbed", [False, True])
def test_linear_models_together_are_those_alone(own: bool, by_year: bool, absorbed: bool) -> None:
    stack = rectangle(own=own, by_year=by_year)
    values = outcome_of(stack, 3).astype(float)
    together = stacked.fit_linear_stack(stack, values, absorbed)
    for model in range(MODELS):
        x, groups = design(stack, model), countries_of(stack, model)
        alone = ordered.fit_linear(values[stack.rows[model] == 1], x, groups, within=absorbed)
        found = together.theta[model] * np.append(np.ones(stack.width), [] if absorbed else [-1])
        assert found == pytest.approx(np.append(alone.slopes, alone.thresholds), abs=1e-9)
        size = stack.width + (not absorbed)
        errors = [together.error(np.tile(one, (MODELS, 1)))[model] for one in np.eye(size)]
        assert errors == pytest.approx(np.append(alone.standard_errors, alone.threshold_errors), rel=1e-8)


def test_an_indicator_that_a_model_has_no_row_of_is_no_parameter_of_it() -> None:
    stack = rectangle(by_year=True)
    stack.rows[1, 3] = 0
    values = outcome_of(stack, 4)
    assert np.argwhere(stack.absent).tolist() == [[1, 5]]  # own, two shared, and the third of four years
    fitted, arrived = stacked.fit_ordered_stack(stack, stacked.Outcome(values, 4))
    alone = ordered.fit_ordered(values[stack.rows[1] == 1], design(stack, 1), countries_of(stack, 1))
    assert arrived.all()
    assert np.delete(fitted.theta[1], 5)[:6] == pytest.approx(alone.slopes, abs=1e-7)
    first = np.tile(np.eye(10)[0], (MODELS, 1))
    assert fitted.error(first)[1] == pytest.approx(alone.standard_errors[0], rel=2e-5)
    expected = small_sample_factor(stack.rows[1].sum(), COUNTRIES, 10 - 1 + 2)
    assert fitted.factor(others=2)[1] == pytest.approx(expected)
    some = fitted.take(np.array([False, True, False, True]))
    assert some.error(first[:2]) == pytest.approx(fitted.error(first)[[1, 3]])


@pytest.mark.parametrize(("own", "by_year"), KINDS)
def test_sums_and_products_are_those_of_the_columns(own: bool, by_year: bool) -> None:
    stack = rectangle(2, own=own, by_year=by_year)
    weights = stack.rows * np.random.default_rng(3).random(stack.rows.shape)
    slopes = np.random.default_rng(4).normal(size=(MODELS, stack.width))
    for model in range(MODELS):
        kept = stack.rows[model] == 1
        x, w = design(stack, model), weights[model][kept]
        assert stack.totals(weights)[model] == pytest.approx(w @ x)
        assert stack.gram(weights)[model] == pytest.approx(x.T @ (w[:, None] * x))
        assert stack.linear(slopes)[model][kept] == pytest.approx(x @ slopes[model])
        by_country = np.zeros((COUNTRIES, stack.width))
        np.add.at(by_country, countries_of(stack, model), w[:, None] * x)
        assert stack.by_country(weights)[model] == pytest.approx(by_country)
        assert (stack.observations[model], stack.countries[model]) == (len(x), len(set(countries_of(stack, model))))
    assert stack.width == own + 2 + 4 * by_year


def test_a_changed_stack_is_the_stack_built_anew() -> None:
    stack = rectangle()
    places = np.array([2, 0])
    changed = {
        "taken": (stack.take(places), Stack(stack.rows[places], stack.own[places], stack.shared, False)),
        "all": (stack.take(np.arange(MODELS)), stack),
        "years": (stack.with_years(True), Stack(stack.rows, stack.own, stack.shared, True)),
        "no years": (stack.with_years(True).with_years(False), stack),
        "without": (stack.without_own(), Stack(stack.rows, None, stack.shared, False)),
        "none taken": (stack.without_own().take(places), Stack(stack.rows[places], None, stack.shared, False)),
    }
    for name, (found, anew) in changed.items():
        assert (found.width, found.by_year, found.own is None) == (anew.width, anew.by_year, anew.own is None), name
        assert np.array_equal(found.rows, anew.rows) and np.array_equal(found.observations, anew.observations)
        assert found.gram(found.rows) == pytest.approx(anew.gram(anew.rows)), name


def test_spans_and_indicators_are_read_off_the_columns() -> None:
    stack = rectangle(by_year=True)
    assert stack.indicators.tolist() == [False, False, True, True, True, True, True]
    reach = np.ptp(stack.shared, axis=(0, 1))
    for model in range(MODELS):
        assert stack.spans[model] == pytest.approx([np.ptp(stack.own[model]), *reach, 1, 1, 1, 1])
    assert stack.without_own().indicators.tolist() == [False, True, True, True, True, True]
    signs = np.sign(stack.shared[..., :1])  # of either sign, and so no indicator
    assert Stack(stack.rows, None, signs, False).indicators.tolist() == [False]
    assert stack.without_own().spans[0] == pytest.approx([*reach, 1, 1, 1, 1])


def test_columns_that_others_add_up_to_are_not_told_apart() -> None:
    stack = rectangle()
    assert stack.distinct.all() and stack.distinct_within.all()
    own = stack.own.copy()
    own[1] = 2 * stack.shared[..., 0] - stack.shared[..., 1] + 3  # of the others
    own[2] = np.arange(COUNTRIES)  # never moves within a country
    own[3] = 7.0  # never moves
    told = Stack(stack.rows, own, stack.shared, False)
    assert told.distinct.tolist() == [True, False, True, False]
    assert told.distinct_within.tolist() == [True, False, False, False]


def test_columns_in_a_large_unit_are_told_apart_as_easily() -> None:
    stack = rectangle()
    small = Stack(stack.rows, 5e-5 * stack.own, stack.shared, False)
    assert small.distinct.all() and small.distinct_within.all()


def test_what_separates_alone_or_has_an_empty_category_is_separable() -> None:
    stack = rectangle(by_year=True)
    values = outcome_of(stack, 4)
    for end in (0, 3):
        for place in (0, 1):  # the indicator holds in one class of the end only, or everywhere but there
            shared = stack.shared.copy()
            shared[..., 1] = np.where(values == end, np.arange(COUNTRIES) % 2 == 0, place)
            found = stacked.separable(Stack(stack.rows, stack.own, shared, True), stacked.Outcome(values, 4))
            assert found.all(), (end, place)
    inner = stack.shared.copy()
    inner[..., 1] = (values == 1) & (np.arange(COUNTRIES) % 2 == 0)
    assert not stacked.separable(Stack(stack.rows, stack.own, inner, True), stacked.Outcome(values, 4)).any()
    rows = stack.rows.copy()
    rows[2] *= values != 1
    assert stacked.separable(Stack(rows, stack.own, stack.shared, False), stacked.Outcome(values, 4)).tolist() == [
        False, False, True, False,
    ]  # fmt: skip


def test_a_model_that_separates_does_not_arrive_and_leaves_the_others_alone() -> None:
    stack = rectangle()
    values = outcome_of(stack, 3)
    own = stack.own.copy()
    own[2] = values + np.random.default_rng(5).uniform(-0.3, 0.3, values.shape)
    bent = Stack(stack.rows, own, stack.shared, False)
    outcome = stacked.Outcome(values, 3)
    fitted, arrived = stacked.fit_ordered_stack(bent, outcome)
    assert arrived.tolist() == [True, True, False, True]
    others = arrived.nonzero()[0]
    assert fitted.theta[others] == pytest.approx(stacked.fit_ordered_stack(stack, outcome)[0].theta[others])


def test_a_start_worse_than_none_is_not_taken() -> None:
    stack = rectangle()
    outcome = stacked.Outcome(outcome_of(stack, 4), 4)
    best, _ = stacked.fit_ordered_stack(stack, outcome)
    start = best.theta.copy()
    start[0, -3:] = start[0, :-4:-1]  # thresholds that cross
    start[1, :3] += 40  # far away
    found, arrived = stacked.fit_ordered_stack(stack, outcome, start)
    assert arrived.all() and found.theta == pytest.approx(best.theta, abs=1e-7)


def test_a_start_better_than_none_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = rectangle()
    outcome = stacked.Outcome(outcome_of(stack, 4), 4)
    best, _ = stacked.fit_ordered_stack(stack, outcome)
    monkeypatch.setattr(stacked, "MOST_STEPS", 2)
    assert stacked.fit_ordered_stack(stack, outcome, best.theta)[1].all()
    assert not stacked.fit_ordered_stack(stack, outcome)[1].any()


@pytest.mark.parametrize("scale", [1e-3, 1e3])
def test_the_unit_of_a_column_changes_its_slope_alone(scale: float) -> None:
    stack = rectangle()
    outcome = stacked.Outcome(outcome_of(stack, 4), 4)
    before, _ = stacked.fit_ordered_stack(stack, outcome)
    after, arrived = stacked.fit_ordered_stack(Stack(stack.rows, scale * stack.own, stack.shared, False), outcome)
    assert arrived.all()
    assert after.theta[:, 0] * scale == pytest.approx(before.theta[:, 0], rel=1e-6)
    assert after.theta[:, 1:] == pytest.approx(before.theta[:, 1:], abs=1e-7)


def test_thresholds_lie_about_each_row_and_beyond_the_ends_there_is_none() -> None:
    outcome = stacked.Outcome(np.array([[0, 1], [2, 1]]), 3)
    upper, lower = outcome.thresholds(np.array([[-1.0, 2.0]]))
    assert expit(upper[0]).tolist() == pytest.approx(expit([[-1, 2], [np.inf, 2]]))
    assert expit(lower[0]).tolist() == pytest.approx(expit([[-np.inf, -1], [2, -1]]))
    assert outcome.counts(np.array([[[1.0, 1.0], [0.0, 1.0]]])).tolist() == [[1, 2, 0]]


def test_blocks_are_joined_to_a_symmetric_matrix() -> None:
    whole = np.random.default_rng(6).normal(size=(2, 5, 5))
    whole += whole.transpose(0, 2, 1)
    assert np.array_equal(bordered(whole[:, :3, :3], whole[:, :3, 3:], whole[:, 3:, 3:]), whole)
