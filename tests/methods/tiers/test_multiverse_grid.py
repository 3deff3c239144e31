"""The grid's declarations against what they say in words, its rules against a reading of them; its summaries."""

import itertools
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from compendium.methods.tiers import multiverse as mv
from compendium.methods.tiers import ordered, tiers
from compendium.methods.tiers.multiverse import specification
from compendium.methods.tiers.multiverse.specification import LEVEL, _adds_no_year

COLUMNS = {*mv.POLITICS, *itertools.chain(*mv.PERFORMANCE.values(), *mv.CONTROLS.values())}
REACH = {column: 2013 if column.startswith("p3_") else 2022 for column in COLUMNS} | {"agreement_important": 2014}


PART = {  # of the grid, with something for every rule to leave out
    "POLITICS": ("agreement_important", "defence_pact", "us_trade"),
    "PERFORMANCE": ("none", "3P parts"),
    "CONTROLS": ("none", "income, population, democracy, region"),
}


@pytest.fixture(scope="module")
def declared():
    """The grid of a part of the measures; all of it is counted in test_multiverse.py."""
    with pytest.MonkeyPatch.context() as patch:
        for name, options in PART.items():
            patch.setattr(specification, name, {option: getattr(mv, name)[option] for option in options})
        return mv.grid(REACH)


# ------------------------------------------------------------------------------------------------ what is declared


def test_every_measure_counts_once_and_only_distance_goes_with_worse_tiers():
    signs = {name: measure.predicted_sign for name, measure in mv.POLITICS.items()}
    assert signs == {name: 1 if "distance" in measure.label else -1 for name, measure in mv.POLITICS.items()}
    families = Counter(measure.family for measure in mv.POLITICS.values())
    assert families == {"votes": 4, "money": 2, "security": 2}


def test_windows_are_named_by_their_years_and_lists_are_those_that_were_complete():
    assert all(name == f"{first}-{last}" for name, (first, last) in mv.WINDOWS.items())
    later = {2016, 2017, 2018, 2025}  # read since the declaration
    assert tuple(year for year in tiers.COMPLETE_YEARS if year not in later) == mv.DECLARED_YEARS
    assert tuple(range(3)) == mv.LAGS
    assert LEVEL == 0.95 and mv.P3_ENDS == 2013


def test_outcomes_join_ranks_as_their_names_say():
    for name, (recode, event, at_least) in mv.OUTCOMES.items():
        assert recode[0] == 0 and set(np.diff(recode)) <= {0, 1}, (
            name
        )  # better never becomes worse, none is skipped
        happens = [rank >= {"watch list or worse": 2, "Tier 3": 3}[event] for rank in range(4)]
        assert [category >= at_least for category in recode] == happens
    categories = {name: len(set(recode)) for name, (recode, _, _) in mv.OUTCOMES.items()}
    assert categories == {"four tiers": 4, "three tiers": 3, "watch list or worse": 2}


@pytest.mark.parametrize(
    "choice", ["politics", "performance", "controls", "year_effects", "lag", "years", "sample"]
)
def test_a_choice_that_is_not_declared_is_refused(choice):
    with pytest.raises(ValueError, match=f"specification: {choice} expected one of .*, found 'else'; choose one"):
        replace(mv.BASELINE, **{choice: "else"})


def test_specifications_have_the_columns_and_years_of_their_choices():
    spec = replace(mv.BASELINE, performance="3P parts", controls="income, population", years="2004-2015")
    assert spec.columns == ("p3_prosecution", "p3_protection", "p3_prevention", "log_income", "log_population")
    assert spec.window == tuple(range(2004, 2016))
    assert mv.BASELINE.window == (*range(2004, 2016), 2020, 2021, 2023)
    assert mv.BASELINE.columns == ("rule_of_law", "log_income", "log_population", "democracy", "region")


def test_specifications_are_sorted_by_their_choices():
    some = [replace(mv.BASELINE, lag=lag, politics=name) for lag in (2, 0) for name in ("us_trade", "agreement")]
    assert [(spec.politics, spec.lag) for spec in sorted(some)] == [
        ("agreement", 0),
        ("agreement", 2),
        ("us_trade", 0),
        ("us_trade", 2),
    ]


# -------------------------------------------------------------------------------- what is left out


def left_out_by(choices):
    """The rule that leaves a combination out, read from the reasons that the rules give; None if none does."""
    politics, performance, controls, (outcome, _, effects), _, lag, years, sample = choices
    first, last = map(int, years.split("-"))
    if outcome != "three tiers" and first < 2004:
        return "watch list before it existed"
    columns = (politics, *mv.PERFORMANCE[performance], *mv.CONTROLS[controls])
    reports = [year for year in (2020, 2021, 2023) if all(year - lag <= REACH[column] for column in columns)]
    if last == 2023 and not reports:
        return "later years not reached"
    if effects == "within" and controls.endswith("region"):
        return "region with country effects"
    if politics == "defence_pact":
        if sample == "no defence pact":
            return "pact among countries without one"
        if effects == "within":
            return "pact with country effects"
    return None


def test_every_combination_is_valid_or_left_out_by_the_first_rule_that_says_so(declared):
    valid, excluded = declared
    counts, expected = Counter(), []
    for choices in itertools.product(*PART.values(), mv.MODELS, mv.YEAR_EFFECTS, mv.LAGS, mv.WINDOWS, mv.SAMPLES):
        rule = left_out_by(choices)
        if rule is None:
            politics, performance, controls, model, *rest = choices
            expected.append((politics, performance, controls, *model, *rest))
        counts[rule] += 1
    assert [tuple(getattr(spec, choice) for choice in mv.CHOICES) for spec in valid] == expected
    assert dict(zip(excluded["rule"], excluded["excluded"], strict=True)) == {
        rule.name: counts[rule.name] for rule in mv.EXCLUSIONS
    }
    assert excluded["reason"].tolist() == [rule.reason for rule in mv.EXCLUSIONS]
    assert min(counts.values()) > 0


@pytest.mark.parametrize(
    ("reach", "lag", "adds"), [(2014, 2, False), (2019, 0, False), (2019, 1, True), (2020, 0, True)]
)
def test_later_years_count_if_a_report_after_2015_has_every_covariate(reach, lag, adds):
    spec = replace(mv.BASELINE, lag=lag)
    assert _adds_no_year(spec, REACH | {"democracy": reach}) != adds
    assert not _adds_no_year(replace(spec, years="2004-2015"), REACH | {"democracy": reach})


def test_the_published_part_has_as_many_of_every_cell(declared):
    specs = declared[0][::2]
    cells = Counter(tuple(getattr(spec, choice) for choice in mv.CELL) for spec in specs)
    for per_cell in (1, 3):
        chosen = mv.published(specs, per_cell)
        found = Counter(tuple(getattr(spec, choice) for choice in mv.CELL) for spec in chosen)
        assert found == {cell: min(count, per_cell) for cell, count in cells.items()}
        assert [spec for spec in specs if spec in set(chosen)] == chosen
    assert set(mv.published(specs, 1)) < set(mv.published(specs, 3))
    assert mv.published(specs, 1) != mv.published(specs, 1, seed=2) != specs[:1]
    assert mv.published(specs) == mv.published(specs, 12)


@pytest.mark.parametrize(
    "call", [lambda: mv.grid({}), lambda: mv.published([]), lambda: mv.published([mv.BASELINE], 0)]
)
def test_a_grid_of_nothing_is_refused(call):
    with pytest.raises(ValueError, match=r"(grid|published): .*(found none|is 0)"):
        call()


# -------------------------------------------------------------------------------- what it says


def fitted(rows):
    """A table of results; each row: estimate, p, status, event, effect, family."""
    table = pd.DataFrame(rows, columns=["estimate", "p", "status", "event", "effect", "family"])
    table["predicted"] = table["estimate"] > 0
    return table.assign(distinguishable=table["predicted"] & (table["p"] < 0.05))


WORSE = "watch list or worse"


def test_only_what_was_estimated_is_summarised():
    failed = [(np.nan, np.nan, status, WORSE, np.nan, "votes") for status in ordered.STATUSES[1:]]
    assert len(failed) == 4
    good = [(0.5, 0.01, ordered.CONVERGED, WORSE, float(place), "votes") for place in range(11)]
    found = mv.summarise(fitted([*failed, *good]))
    assert (found.specifications, found.estimated) == (15, 11)
    assert (found.share_predicted, found.share_distinguishable, found.share_opposite) == (1, 1, 0)
    assert (found.effect_low, found.median_effect, found.effect_high) == pytest.approx((1, 5, 9))


def test_of_events_only_the_watch_list_or_worse_has_its_effect_summarised():
    rows = [
        (1.0, 0.5, ordered.CONVERGED, event, effect, "votes") for event, effect in (("Tier 3", 90.0), (WORSE, 2.0))
    ]
    found = mv.summarise(fitted(rows))
    assert (found.effect_low, found.median_effect, found.effect_high) == (2, 2, 2)
    found = mv.summarise(fitted(rows[:1]))
    assert np.isnan([found.effect_low, found.median_effect, found.effect_high]).all()
    assert found.estimated == 1


@pytest.mark.parametrize(
    ("estimate", "p", "opposite"),
    [
        (-0.01, 0.04, True),
        (-3.0, 0.04, True),
        (-3.0, 1 - LEVEL, False),  # not below the limit
        (-3.0, 0.06, False),
        (-3.0, 0.9, False),
        (0.0, 0.04, False),
        (3.0, 0.04, False),
    ],
)
def test_the_opposite_is_a_wrong_sign_that_chance_would_rarely_give(estimate, p, opposite):
    found = mv.summarise(fitted([(estimate, p, ordered.CONVERGED, WORSE, 1.0, "votes")]))
    assert found.share_opposite == opposite


def test_statuses_that_none_has_are_counted_as_none():
    rows = [
        (1.0, 0.5, status, WORSE, 1.0, "votes")
        for status in (ordered.SEPARATION, ordered.CONVERGED, ordered.SEPARATION)
    ]
    found = mv.statuses(fitted(rows))
    assert found["status"].tolist() == list(ordered.STATUSES)
    counts = found.set_index("status")["specifications"]
    assert (counts[ordered.CONVERGED], counts[ordered.SEPARATION], counts.sum()) == (1, 2, 3)
    assert (counts >= 0).all()


def test_options_come_in_the_order_of_the_results():
    rows = [
        (sign, 0.5, ordered.CONVERGED, WORSE, sign, family) for sign, family in ((1.0, "votes"), (-1.0, "money"))
    ]
    found = mv.by_choice(fitted(rows), ["family"])
    assert found[["choice", "option"]].to_numpy().tolist() == [["family", "votes"], ["family", "money"]]
    assert found["share_predicted"].tolist() == [1, 0]
    assert found["median_effect"].tolist() == [1, -1]


def test_nothing_cannot_be_summarised():
    with pytest.raises(ValueError, match="summarise: expected results, at least one"):
        mv.summarise(fitted([]))
