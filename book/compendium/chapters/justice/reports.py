"""What two thirds needs if a report is a fallible test, and what a reader may then believe of the true rate."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.justice.rates import Elsewhere, Study, share_axis
from compendium.evidence.numbers import in_words, interval, percent
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.shares import proportions, selfreport
from compendium.methods.shares.proportions import Beta, Interval

SILENCE = 0.25  # of the innocent, where one value must be taken
FLAT, TRUST, HALF = Beta(1, 1), Beta(1, 3), Beta(16, 16)
INNOCENT, UNFAIR = "trafficking_innocent_files", "trafficking_unfair_files"  # measures of counted files
# The lines of the claim's rule, as the figure of beliefs draws them: what follows if a range lies wholly beyond.
EDGES = ((0.5, "essay\ntoo high", "right"), (0.8, "essay\ntoo low", "left"))
SETTINGS = ((12, 25, 25), (4, 65, 25), (80, 20, 20), (95, 0, 0), (60, 90, 40))  # at which the contour is checked


def _solved(solution: selfreport.Solution) -> float:
    if solution.value is None:
        raise ValueError(f"justice: {solution.reason}; the page has no words for that")
    return solution.value


def words_on_needs(study: Study, elsewhere: Elsewhere) -> dict[str, str]:
    """How many false claims two thirds needs at the highest rate elsewhere, and what few of them imply."""
    observed, false_there = study.observed, elsewhere.share("false-claims-loeffler-2019")
    needed = _solved(selfreport.false_claims_needed(observed, elsewhere.highest, SILENCE))
    return {
        "silence_assumed": percent(SILENCE),
        "needed_high": percent(needed),
        "as_in_pennsylvania": percent(_solved(selfreport.implied_true_rate(observed, false_there, SILENCE))),
        "false_there": percent(false_there),
    }


# ---------------------------------------------------------------- the contour, live


def _needs(share: str, rate: str) -> str:
    """False claims that give a share at a true rate, as a Vega expression."""
    return f"({share} - {rate} * (1 - silent / 100)) / (1 - {rate})"


def _spoken(study: Study) -> str:
    """What the figure says at the reader's three rates, as a Vega expression; `said` says the same in Python."""
    told = "(wrongly / 100 * (1 - silent / 100) + (1 - wrongly / 100) * claiming / 100)"
    need = f"({_needs(repr(study.observed), 'wrongly / 100')})"
    return (
        f"'With your three shares ' + format({told}, '.0%') + ' tell of a miscarriage, ' + ({told} >= "
        f"{study.sampling.low!r} && {told} <= {study.sampling.high!r} ? 'as the study says, but for chance.'"
        f" : 'not the {percent(study.observed)} of the study.') + '\\n' + ({need} >= 0 && {need} <= 1 ? "
        f"'For two thirds, ' + format({need}, '.0%') + ' of the guilty must claim innocence.' : "
        "'No share of the guilty who claim innocence would make it two thirds.')"
    )


def said(study: Study, wrongly: float, claiming: float, silent: float) -> str:
    """What the method says at one setting of the three rates, in percent."""
    true, false, silence = wrongly / 100, claiming / 100, silent / 100
    told = selfreport.observed_share(true, false, silence)
    need = selfreport.false_claims_needed(study.observed, true, silence)
    fits = (
        "as the study says, but for chance"
        if study.sampling.contains(told)
        else f"not the {percent(study.observed)} of the study"
    )
    then = (
        f"For two thirds, {percent(need.value)} of the guilty must claim innocence"
        if need.value is not None
        else "No share of the guilty who claim innocence would make it two thirds"
    )
    return f"With your three shares {percent(told)} tell of a miscarriage, {fits}. {then}."


def _controls() -> list[Any]:
    """The reader's three rates, in percent."""
    return [
        alt.param(
            name=name, value=value, bind=alt.binding_range(min=0, max=most, step=1, name=f"{label} (percent)")
        )
        for name, value, most, label in (
            ("wrongly", 12, 99, "Innocent"),
            ("claiming", 25, 100, "Guilty who claim innocence"),
            ("silent", 25, 100, "Innocent who stay silent"),
        )
    ]


def _fixed(study: Study) -> pd.DataFrame:
    """Points of the contours at which nobody and half of the innocent are silent."""
    return pd.DataFrame(
        [
            (round(rate, 4), round(need, 4), percent(level))
            for level in (0.0, 0.5)
            for rate, need in selfreport.contour(study.observed, level, points=41)
        ],
        columns=["rate", "need", "silence"],
    )


def _tag(study: Study, level: float, words: str, dy: int, across: Any, upward: Any) -> Any:
    """The name of a fixed contour, at its point over a true rate of two fifths."""
    need = selfreport.false_claims_needed(study.observed, 0.4, level).value
    chart = alt.Chart(pd.DataFrame([{"rate": 0.4, "need": need}]))
    mark = chart.mark_text(align="right", dx=-2, dy=dy, color=palette.MUTED, fontSize=12)
    return mark.encode(x=across, y=upward, text=alt.value(words))


def _layers(study: Study, elsewhere: Elsewhere, fixed: pd.DataFrame) -> list[Any]:
    """The drawing of the contour, from the back to the front."""
    x, y = (alt.Scale(domain=[0, 1], nice=False) for _ in range(2))
    across = alt.X("rate:Q", scale=x, axis=alt.Axis(format="%", tickCount=5), title="Prisoners who are innocent")
    need = alt.Y("need:Q", scale=y)
    grid = alt.Chart(pd.DataFrame({"rate": [step / 100 for step in range(100)]}))
    low, high = (_needs(str(round(end, 4)), "datum.rate") for end in (study.sampling.low, study.sampling.high))
    axis = alt.Axis(format="%", tickCount=5)
    band = (
        grid.transform_calculate(low=f"max(0, {low})", high=f"min(1, {high})")
        .transform_filter("datum.high >= 0 && datum.low <= 1 && datum.low <= datum.high")
        .mark_area(color=palette.SOFT)
        .encode(x=across, y=alt.Y("low:Q", scale=y, axis=axis, title="Guilty who claim innocence"), y2="high:Q")
    )
    solved = grid.transform_calculate(need=_needs(repr(study.observed), "datum.rate"))
    line = solved.transform_filter("datum.need >= 0 && datum.need <= 1").mark_line(color=palette.ACCENT)
    faint = alt.Chart(fixed).mark_line(color=palette.MUTED, strokeWidth=1, strokeDash=[3, 3])
    measured = alt.Chart(pd.DataFrame({"low": [elsewhere.base.min()], "high": [elsewhere.highest]}))
    strip = measured.mark_rect(fillOpacity=0.18, color=palette.THIRD, stroke=palette.THIRD)
    yours = alt.Chart(alt.Data(values=[{}])).transform_calculate(a="wrongly / 100", b="claiming / 100")
    point = yours.mark_point(color=palette.SECOND, size=170, filled=True, opacity=1)
    return [
        strip.encode(x=alt.X("low:Q", scale=x), x2="high:Q"),
        # At the foot, where no contour comes, however many are silent.
        measured.mark_text(align="left", dx=6, dy=-12, color=palette.THIRD).encode(
            x=alt.X("high:Q", scale=x), y=alt.datum(0, scale=y), text=alt.value("measured elsewhere")
        ),
        band,
        faint.encode(x=across, y=need, detail="silence:N"),
        line.encode(x=across, y=need),
        *figures.on_paper(_tag(study, 0.0, "none silent", 12, across, need)),
        *figures.on_paper(_tag(study, 0.5, "half silent", -10, across, need)),
        point.encode(x=alt.X("a:Q", scale=x), y=alt.Y("b:Q", scale=y)),
    ]


def draw_contour(study: Study, elsewhere: Elsewhere) -> figures.Figure:
    """Every pair of true rate and false claims that yields two thirds at the reader's silence."""
    fixed = _fixed(study)
    layers = [*_layers(study, elsewhere, fixed), figures.readout(_spoken(study))]
    most = percent(study.observed / (1 - SILENCE))
    return figures.live(
        alt.layer(*layers).add_params(*_controls()).properties(height=330),
        name="justice-contour",
        title=f"If two thirds tell of a miscarriage, none may be innocent, or as many as {most}",
        subtitle="On the full line two thirds of the prisoners tell of a miscarriage, when a quarter of the "
        "innocent stay silent, or the share that you set. Pale band: the same, but for chance. Dashed: if none or "
        "half of the innocent stay silent. Dot: your settings",
        alt="A falling curve over the true rate of wrongful conviction and the share of the guilty who claim "
        "innocence: it starts at two thirds false claims where nobody "
        f"was wrongly convicted and ends at no false claims where {most} were, at a quarter silent.",
        source="Reporting equation of Rogan and Gladen 1978; observed share and Wilson interval from the essay's "
        "two thirds of 91.",
        data=fixed,
        apart="It shows which rates fit together; the verdict asks how probable each is.",
        checks=[
            ({"wrongly": true, "claiming": false, "silent": silent}, said(study, true, false, silent))
            for true, false, silent in SETTINGS
        ],
    )


# ---------------------------------------------------------------- beliefs


@dataclass(frozen=True)
class Beliefs:
    """Credible intervals of the true rate by belief, in the order drawn, and what to call each."""

    found: dict[str, Interval]
    labels: dict[str, str]
    wide_prior: Interval  # before the data
    most_false: float  # highest share of false claims known of which the interval lies above one half, 0 to 1

    def __getitem__(self, belief: str) -> Interval:
        return self.found[belief]


def _labels(study: Study, elsewhere: Elsewhere) -> dict[str, str]:
    lowest, highest = percent(elsewhere.offence.min()), percent(elsewhere.offence.max())
    others = study.held - study.interviewed
    return {
        "declared": "For the verdict: prisoners mostly believed",
        "flat": "No opinion on anything",
        "honest": "Nobody guilty claims to be innocent",
        "upper-limit": "As the verdict, if half of the 91 tell of a miscarriage",
        "sceptical": "A third to two thirds of the guilty claim to be innocent",
        "base-rate-prior": "Cambodia is like the places measured elsewhere",
        "wide": "The same, but twice as unsure",
        "offence-rates": f"Like single offences elsewhere, {lowest} to {highest} innocent",
        "others-silent": f"As the verdict, the other {others} tell of no miscarriage",
        "others-all": f"As the verdict, the other {others} all tell of one",
    }


def beliefs(study: Study, elsewhere: Elsewhere) -> Beliefs:
    """The true rate under the prior of the verdict and under every other belief shown."""
    base, held, described = elsewhere.base, study.held, study.described

    def belief(
        prior: Beta = FLAT,
        false: Beta | float = TRUST,
        silent: Beta = TRUST,
        number: int = described,
        asked: int = study.interviewed,
    ) -> Interval:
        return selfreport.posterior(number, asked, prior, false, silent).interval()

    # The Pennsylvanian study enters once: with its rate over all offences, or with its lowest and highest for one.
    by_offence = pd.concat([base.drop("wrongful-loeffler-2019"), elsewhere.offence])
    narrow, wide = (selfreport.prior_like(base.mean(), width * base.std()) for width in (1, 2))
    single = selfreport.prior_like(by_offence.mean(), by_offence.std())
    first_below = bisect.bisect_left(range(101), True, key=lambda step: belief(false=step / 100).low < 0.5)
    return Beliefs(
        found={
            "declared": belief(),
            "flat": belief(FLAT, FLAT, FLAT),
            "honest": belief(false=0.0),
            "upper-limit": belief(number=study.interviewed // 2),
            "sceptical": belief(false=HALF),
            "base-rate-prior": belief(prior=narrow),
            "wide": belief(prior=wide),
            "offence-rates": belief(prior=single),
            "others-silent": belief(asked=held),
            "others-all": belief(number=described + held - study.interviewed, asked=held),
        },
        labels=_labels(study, elsewhere),
        wide_prior=wide.interval(),
        most_false=(first_below - 1) / 100,
    )


def draw_beliefs(beliefs: Beliefs) -> figures.Figure:
    """The true rate under each belief, against the lines of the claim's rule."""
    table = pd.DataFrame(
        [(beliefs.labels[name], found.low, found.estimate, found.high) for name, found in beliefs.found.items()],
        columns=["belief", "low", "mean", "high"],
    )
    drawing, axis = figures.canvas(height=0.5 * len(table) + 1)
    for edge, words, side in EDGES:
        axis.axvline(edge, color=palette.MUTED, lw=1, ls=":")
        axis.text(edge + (0.01 if side == "left" else -0.01), -0.95, words, ha=side, color=palette.MUTED)
    for place, row in enumerate(table.itertuples()):
        colour = palette.SECOND if place == 0 else palette.ACCENT
        axis.plot([row.low, row.high], [place, place], color=colour, lw=2.5, solid_capstyle="butt")
        axis.plot(row.mean, place, "o", color=colour, ms=7)
        axis.text(0, place - 0.2, row.belief, va="bottom", color=palette.INK, bbox=figures.ON_PAPER)
    share_axis(axis, len(table), top=-1.75, right=1.01, xlabel="Prisoners who are innocent")
    declared, honest, measured = (
        interval(beliefs[name].low, beliefs[name].high) for name in ("declared", "honest", "base-rate-prior")
    )
    return figures.static(
        drawing,
        name="justice-beliefs",
        title="If prisoners are mostly believed, anything from "
        f"{interval(beliefs['declared'].low, beliefs['declared'].high)} of them may be innocent",
        subtitle="Each line is one assumption, at the top that of the verdict. It shows how many of those held for "
        "trafficking are innocent, with 95% probability, if the assumption is right. Dot: the average, likelier "
        "shares counting for more. Dotted lines: a half and four fifths; a line wholly beyond one would contradict "
        "the essay",
        alt=f"{in_words(len(table)).capitalize()} ranges, one for each assumption. That of the verdict runs from "
        f"{declared}; if nobody guilty claims innocence it is {honest}; if Cambodia is like the places measured "
        f"elsewhere, {measured}.",
        source="Own calculation: binomial likelihood of the reporting equation, Beta priors, integrated on a grid.",
        data=table.round(4),
    )


def words_on_beliefs(beliefs: Beliefs) -> dict[str, str]:
    """The intervals that the page names, and what moves them."""
    ranges = {
        "declared": "declared",
        "flat": "flat",
        "honest": "honest",
        "upper_limit": "upper-limit",
        "measured": "base-rate-prior",
        "offences": "offence-rates",
    }
    return {
        **{name: interval(beliefs[belief].low, beliefs[belief].high) for name, belief in ranges.items()},
        "declared_mean": percent(beliefs["declared"].estimate),
        "flat_mean": percent(beliefs["flat"].estimate),
        "wide_high": percent(beliefs["wide"].high),
    }


def files_read(elsewhere: Elsewhere, measure: str) -> Interval | None:
    """The exact interval of a share counted in files of people held for trafficking; None if no row counts it."""
    rows = elsewhere.measure(measure)
    rows = rows[rows.status.ne("unverified") & rows.numerator.notna() & rows.base.notna()]
    if rows.empty:
        return None
    return proportions.clopper_pearson(int(rows.numerator.sum()), int(rows.base.sum()))


def two_thirds_miscarriage(beliefs: Beliefs, elsewhere: Elsewhere) -> dict[str, float | None]:
    """The numbers of the claim: the share of the innocent, that of the unfairly tried, and one safeguard in courts.

    The innocent are counted in files where a row counts them; otherwise they are inferred from what people said,
    under the prior used for the verdict. The unfairly tried are only counted.
    """
    innocent = files_read(elsewhere, INNOCENT) or beliefs["declared"]
    unfair, silence = files_read(elsewhere, UNFAIR), elsewhere.of_cases("silence-2017")
    return {
        **_ends("innocent", innocent),
        "unfair_files": int(unfair is not None),
        "unfair_low": unfair.low if unfair else None,
        "unfair_high": unfair.high if unfair else None,
        "silence_low": silence.low,
        "silence_high": silence.high,
    }


def _ends(name: str, found: Interval) -> dict[str, float | None]:
    return {name: found.estimate, f"{name}_low": found.low, f"{name}_high": found.high}


def two_thirds_miscarriage_alternatives(beliefs: Beliefs) -> dict[str, dict[str, float | None]]:
    """The share of the innocent under the other declared beliefs; the worst case takes an end from each of two."""
    named = ("honest", "sceptical", "base-rate-prior", "offence-rates", "upper-limit")
    worst: dict[str, float | None] = {
        "innocent_low": beliefs["others-silent"].low,
        "innocent_high": beliefs["others-all"].high,
    }
    return {**{name: _ends("innocent", beliefs[name]) for name in named}, "worst-case": worst}
