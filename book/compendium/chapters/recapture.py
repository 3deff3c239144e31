"""Lists and a hidden number: capture and recapture where the truth is known, and where it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, percent
from compendium.figures import Figure, palette
from compendium.figures.lazily import alt
from compendium.methods.counts import capture, estimates, systems
from compendium.methods.counts.capture import Scenario

OWN = "Own simulation with a fixed seed; no figure of the world enters it"
TRUTH, SHARE = 10_000, 0.1  # persons; the share of them on either list
LISTED, OVERLAP = 1000, 100  # persons on either list and on both, in the first example
RUNS, SEED = 2000, 2005
EQUAL, DEPENDENT, UNEVEN, SMALL = (
    "independent, equal",
    "dependence 1.5",
    "same people easy on both",
    "small lists (2%)",
)
CASES = {
    EQUAL: Scenario(TRUTH, SHARE, SHARE),
    DEPENDENT: Scenario(TRUTH, SHARE, SHARE, odds_ratio=1.5),
    "dependence 3": Scenario(TRUTH, SHARE, SHARE, odds_ratio=3),
    "lists avoid each other (0.5)": Scenario(TRUTH, SHARE, SHARE, odds_ratio=0.5),
    UNEVEN: Scenario(TRUTH, SHARE, SHARE, concentration=5),
    SMALL: Scenario(TRUTH, 0.02, 0.02),
}
SMALL_DEPENDENT = Scenario(TRUTH, 0.02, 0.02, odds_ratio=1.5)


def words_on_two_lists() -> dict[str, str]:
    """Two lists of a thousand that share a hundred, and what they estimate."""
    one = capture.estimate(LISTED, LISTED, OVERLAP)
    return {
        "list": count(LISTED),
        "overlap": count(OVERLAP),
        "estimate": count(one.estimate),
        "low": count(one.low),
        "high": count(one.high),
    }


# ---------------------------------------------------------------- dependence


def _expected(odds: str) -> str:
    """`capture.expected_chapman` (persons) as a Vega expression of the reader's settings."""
    total = f"(1 + ({odds} - 1) * (first + second))"
    root = f"pow({total} * {total} - 4 * {odds} * ({odds} - 1) * first * second, 0.5)"
    both = f"(2 * {odds} * first * second / ({total} + {root}))"
    return (
        f"(people * ({both} + (first - {both}) + (second - {both}) + (first - {both}) * (second - {both}) / {both} "
        f"* (1 - pow(1 - {both}, people - 1))))"
    )


def _expected_checks() -> list[tuple[dict[str, Any], str]]:
    """The sentence at four settings, by the module."""
    settings = [(10_000, 0.1, 0.1, 1.5), (10_000, 0.1, 0.1, 1), (50_000, 0.02, 0.3, 10), (1000, 0.5, 0.5, 0.2)]
    return [
        (
            {"people": n, "first": a, "second": b, "odds": o},
            f"Of {count(n)} people the method expects {count(capture.expected_chapman(n, a, b, o))}.",
        )
        for n, a, b, o in settings
    ]


def _dependence_layers(grid: pd.DataFrame) -> list[alt.Chart]:
    """The curve of the estimate over the truth, the reader's point on it, and the sentence."""
    axis = alt.X(
        "ratio:Q",
        scale=alt.Scale(type="log", domain=[0.2, 10]),
        axis=alt.Axis(values=[0.2, 0.5, 1, 2, 5, 10]),
        title="Dependence of the lists (odds ratio, log scale)",
    )
    height = alt.Y(
        "share:Q",
        scale=alt.Scale(domain=[0, 2.5], clamp=True),
        axis=alt.Axis(format="%"),
        title="Estimate over truth",
    )
    curve = alt.Chart(grid).transform_calculate(share=f"{_expected('datum.ratio')} / people").mark_line()
    truth = alt.Chart(alt.Data(values=[{"share": 1}])).mark_rule(strokeDash=[5, 4]).encode(y=height)
    here = alt.Chart(alt.Data(values=[{}])).transform_calculate(ratio="odds", share=f"{_expected('odds')} / people")
    point = here.mark_point(size=130, filled=True, color=palette.SECOND)
    told = figures.readout(
        "'Of ' + format(people, ',.0f') + ' people the method expects ' + "
        f"format({_expected('odds')}, ',.0f') + '.'"
    )
    return [curve.encode(x=axis, y=height), truth, point.encode(x=axis, y=height), told]


def draw_dependence() -> Figure:
    """Live: what the method expects when the lists depend on each other."""
    controls = [
        alt.param(name=name, value=value, bind=alt.binding_range(name=label, min=low, max=high, step=step))
        for name, value, label, low, high, step in (
            ("people", 10_000, "True number", 1000, 50_000, 1000),
            ("first", 0.1, "Share on the first list", 0.02, 0.5, 0.01),
            ("second", 0.1, "Share on the second list", 0.02, 0.5, 0.01),
            ("odds", 1.5, "Dependence", 0.2, 10, 0.1),
        )
    ]
    grid = pd.DataFrame({"ratio": np.round(np.geomspace(0.2, 10, 41), 3)})
    return figures.live(
        alt.layer(*_dependence_layers(grid)).add_params(*controls).properties(height=280),
        name="recapture-dependence",
        title="Lists that feed each other hide people from the estimate",
        subtitle="The estimate to expect, over the true number, by how strongly the two lists depend on each "
        "other; dashed: the truth",
        alt="A falling curve: at an odds ratio of one the estimate equals the truth, at one and a half it is about "
        "three quarters of it, at five about a third; below one it overshoots.",
        source=OWN + ". Expectation in closed form.",
        data=grid.assign(estimate=capture.expected_chapman(TRUTH, SHARE, SHARE, grid.ratio)),
        apart="This page shows a method and reaches no verdict.",
        checks=_expected_checks(),
    )


# ---------------------------------------------------------------- bias and coverage


def performances() -> pd.DataFrame:
    """Bias and coverage of Chapman's estimate in every case, one row each, by `capture.performance`."""
    return pd.DataFrame([capture.performance(case, runs=RUNS, seed=SEED) for case in CASES.values()]).assign(
        case=list(CASES)
    )


def words_on_coverage(measured: pd.DataFrame) -> dict[str, str]:
    """Where the mean estimate lies and how many intervals hold the truth."""
    case = measured.set_index("case")
    small_dependent = capture.performance(SMALL_DEPENDENT, runs=RUNS, seed=SEED)
    return {
        "runs": count(RUNS),
        "good": percent(case.coverage[EQUAL]),
        "mild": percent(1 + case.relative_bias[DEPENDENT]),
        "mild_coverage": percent(case.coverage[DEPENDENT]),
        "uneven": percent(1 + case.relative_bias[UNEVEN]),
        "shorter_list": count(TRUTH * CASES[SMALL].first_share),
        "shorter_independent": percent(case.coverage[SMALL]),
        "shorter": percent(float(small_dependent["coverage"])),
        "variation": decimal(capture.beta_variation(SHARE, CASES[UNEVEN].concentration), 2),
        "monte": decimal(100 * case.coverage_error[EQUAL]),
    }


def draw_coverage(measured: pd.DataFrame) -> Figure:
    """Two bars for each case: the mean estimate and the coverage of its interval."""
    drawing, axes = figures.canvas(height=2.9, columns=2, sharey=True)
    place = range(len(measured))[::-1]
    axes[0].axvline(100, color=palette.MUTED, ls=":", lw=1)
    axes[0].barh(place, 100 * (1 + measured.relative_bias), color=palette.ACCENT, height=0.55)
    axes[0].set(yticks=list(place), xlabel="Estimate, % of truth", xlim=(0, 200))
    axes[0].set_yticklabels(measured.case)
    axes[1].axvline(95, color=palette.MUTED, ls=":", lw=1)
    axes[1].barh(place, 100 * measured.coverage, color=palette.SECOND, height=0.55)
    axes[1].set(xlabel="Intervals that hold it, %", xlim=(0, 100))
    case = measured.set_index("case")
    return figures.static(
        drawing,
        name="recapture-coverage",
        title=f"With {count(TRUTH)} people and lists of {count(TRUTH * SHARE)}, "
        "a dependence of 1.5 misses the truth almost always",
        subtitle=f"The average estimate, and how many 95% intervals hold the truth, in {count(RUNS)} runs of each "
        "case; dotted: what should be",
        alt="Two bar charts of six cases. Equal independent lists give 100 percent of the truth and 95 percent "
        "coverage; an odds ratio of one and a half gives about three quarters and almost no coverage; "
        "avoiding lists overshoot; the same people easy on both gives about two fifths and none; "
        f"small lists, independent too, give {percent(1 + case.relative_bias[SMALL])} "
        f"and {percent(case.coverage[SMALL])}.",
        source=OWN + ".",
        data=measured,
    )


# ---------------------------------------------------------------- more than two lists

MANY_RUNS, NUMBERS = 300, (3, 4, 5)  # lists
FREE, TIED, EASY = "independent", "first two depend", "same people easy"
KINDS: dict[str, dict[str, float]] = {FREE: {}, TIED: {"odds_ratio": 3.0}, EASY: {"concentration": 5.0}}


def many_lists() -> pd.DataFrame:
    """What choosing a model by BIC makes of three to five lists, one row a case, by `systems.performance`."""
    rows = []
    for kind, settings in KINDS.items():
        for lists in NUMBERS:
            case = systems.Lists(TRUTH, (SHARE,) * lists, **settings)
            measured = systems.performance(case, runs=MANY_RUNS, seed=SEED)
            rows.append({"case": f"{lists} lists, {kind}", "kind": kind, **measured})
    return pd.DataFrame(rows)


def words_on_many_lists(measured: pd.DataFrame) -> dict[str, str]:
    """How often the interval holds the truth and how far the estimate is off, by kind of case."""
    coverage = measured.groupby("kind").coverage
    ratio = measured.groupby("kind").median_ratio
    ends = {kind: interval(coverage.min()[kind], coverage.max()[kind]) for kind in KINDS}
    return {
        "many_runs": count(MANY_RUNS),
        "free_coverage": ends[FREE],
        "tied_coverage": ends[TIED],
        "easy_most": percent(coverage.max()[EASY]),
        "easy_ratio": interval(ratio.min()[EASY], ratio.max()[EASY]),
        "easy_pairs": decimal(measured[measured.kind == EASY].pairs.max()),
        "many_error": decimal(100 * measured.coverage_error.max()),
    }


def draw_many_lists(measured: pd.DataFrame) -> Figure:
    """Two bars for each case: the median estimate and the coverage of its interval after the choice of a model."""
    drawing, axes = figures.canvas(height=3.6, columns=2, sharey=True)
    place = range(len(measured))[::-1]
    axes[0].axvline(100, color=palette.MUTED, ls=":", lw=1)
    axes[0].barh(place, 100 * measured.median_ratio, color=palette.ACCENT, height=0.55)
    axes[0].set(yticks=list(place), xlabel="Estimate, % of truth", xlim=(0, 125))
    axes[0].set_yticklabels(measured.case)
    axes[1].axvline(95, color=palette.MUTED, ls=":", lw=1)
    axes[1].barh(place, 100 * measured.coverage, color=palette.SECOND, height=0.55)
    axes[1].set(xlabel="Intervals that hold it, %", xlim=(0, 100))
    words = words_on_many_lists(measured)
    return figures.static(
        drawing,
        name="recapture-many",
        title="More lists cure a dependence between two of them, and not people who are easy on all",
        subtitle=f"The middle estimate, and how many 95% intervals hold the truth, in {words['many_runs']} runs of "
        f"each case; {count(TRUTH)} people, lists of {count(TRUTH * SHARE)}; dotted: what should be",
        alt=f"Two bar charts of {len(measured)} cases. Independent lists and two dependent ones give about "
        f"the truth, with coverage of {words['free_coverage']} and {words['tied_coverage']}. If the same people "
        f"are easy on all lists the estimate is {words['easy_ratio']} of the truth, and at most "
        f"{words['easy_most']} of the intervals hold it.",
        source=OWN + ".",
        data=measured,
    )


# ---------------------------------------------------------------- the British lists

BRITISH = {
    "local_authority": "local authorities",
    "ngo": "NGOs",
    "police": "police",
    "government": "government",
    "public": "public",
    "crime_agency": "crime agency",
}


def british() -> pd.DataFrame:
    """Three models of the British lists: rule, pairs of lists that depend, estimate, low, high (persons)."""
    counts = systems.counts_of(tables.read("uk_victim_lists"), list(BRITISH), "persons")
    models = {
        "all independent": systems.fit(counts),
        "chosen by BIC": systems.choose(counts, "bic"),
        "chosen by AIC": systems.choose(counts, "aic"),
    }
    rows = [
        (rule, len(model.pairs), model.estimate, *systems.profile_interval(counts, model.pairs), model.bic)
        for rule, model in models.items()
    ]
    return pd.DataFrame(rows, columns=["rule", "pairs", "estimate", "low", "high", "bic"]).assign(seen=counts.sum())


def words_on_british(models: pd.DataFrame) -> dict[str, str]:
    """What the British lists hold, and what the models that the two criteria choose make of them."""
    chosen = models.set_index("rule")
    bic: Any = chosen.loc["chosen by BIC"]
    aic: Any = chosen.loc["chosen by AIC"]
    return {
        "british_lists": in_words(len(BRITISH)).capitalize(),
        "british_seen": count(chosen.seen.iloc[0]),
        **{
            f"british_{name}": f"{_hundreds(row.estimate)} ({interval(row.low, row.high, _hundreds)})"
            for name, row in (("bic", bic), ("aic", aic))
        },
        "british_lowest": _hundreds(models.low.min()),
        "british_highest": _hundreds(models.high.max()),
    }


def _hundreds(people: float) -> str:
    """Persons to the nearest hundred: no estimate here is finer."""
    return count(round(people, -2))


def table_of_british(models: pd.DataFrame) -> pd.DataFrame:
    """The three models in words."""
    shown = pd.DataFrame(
        {
            "pairs that depend": models.pairs.to_numpy(),
            "estimate": models.estimate.map(_hundreds).to_numpy(),
            "95% interval": [
                interval(low, high, _hundreds) for low, high in zip(models.low, models.high, strict=True)
            ],
        },
        index=models.rule.rename("model"),
    )
    return shown


# ---------------------------------------------------------------- who used it

WORLD_OF_LISTS = "capture_recapture"
NOT_ONE_PLACE = ("World", *estimates.REGIONS)


def table_of_uses() -> pd.DataFrame:
    """The estimates of single countries by several lists: place, years, what was counted, estimate, how read."""
    rows = tables.read("global_estimates").query("method_class == @WORLD_OF_LISTS and scope not in @NOT_ONE_PLACE")
    low, high = rows.value_low.fillna(rows.value_central), rows.value_high.fillna(rows.value_central)
    ends = [_short(a) if a == b else f"{_short(a)} to {_short(b)}" for a, b in zip(low, high, strict=True)]
    years = rows.reference_from.astype(str) + "–" + rows.reference_to.astype(str)
    shown = pd.DataFrame(
        {
            "years": years.where(rows.reference_from != rows.reference_to, rows.reference_from.astype(str)),
            "of": rows.concept,
            "estimate": [end + unit for end, unit in zip(ends, rows.unit.map(_unit), strict=True)],
            "read": rows.status.map({"read": "in the document", "restated": "as restated"}),
        }
    )
    return shown.set_axis(rows.scope.rename("place"))


def _short(value: float) -> str:
    return count(value) if value >= 100 else in_words(int(value))


def _unit(unit: str) -> str:
    return "" if unit == "persons" else f" {unit}"
