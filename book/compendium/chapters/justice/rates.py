"""The essay's two thirds as a share of the people asked, and rates of wrongful conviction measured elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.justice.imposed import Imposed
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, in_words, interval, percent, times
from compendium.figures import palette
from compendium.methods.shares import proportions
from compendium.methods.shares.proportions import Interval

QUARTERS = [0, 0.25, 0.5, 0.75, 1]
COLOURS = {"study": palette.SECOND, "court": palette.ACCENT, "rate": palette.THIRD}


@dataclass(frozen=True)
class Study:
    """How many people were asked, how many were held, and how many of the asked two thirds are."""

    interviewed: int
    held: int
    described: int

    @property
    def observed(self) -> float:
        """Share of the people asked who described a miscarriage, 0 to 1."""
        return self.described / self.interviewed

    @cached_property
    def sampling(self) -> Interval:
        """That share as one of a random sample."""
        return proportions.wilson(self.described, self.interviewed)

    @cached_property
    def finite(self) -> Interval:
        """That share among the people held, of whom the sample was drawn."""
        return proportions.hypergeometric(self.described, self.interviewed, self.held)

    @cached_property
    def worst(self) -> Interval:
        """Bounds of the share among the people held, with nothing assumed of those not asked."""
        return proportions.manski_bounds(self.described, self.interviewed, self.held)


@dataclass(frozen=True)
class Elsewhere:
    """What the table of courts holds: each part is read when it is asked for, as a row may be missing."""

    courts: pd.DataFrame

    def share(self, row: str) -> float:
        """One published percentage as a share, 0 to 1."""
        return self.courts.value[row] / 100

    def measure(self, name: str) -> pd.DataFrame:
        """All rows of one measure."""
        return self.courts[self.courts.measure == name]

    def counted(self, row: str) -> Interval:
        """The exact interval of a share with a count and a base."""
        return proportions.clopper_pearson(int(self.courts.numerator[row]), int(self.courts.base[row]))

    def of_cases(self, row: str) -> Interval:
        """The interval of a published percentage of a known number of cases."""
        base = int(self.courts.base[row])
        return proportions.wilson(round(self.share(row) * base), base)

    @property
    def base(self) -> pd.Series:
        """Rates of wrongful conviction over groups of offences, 0 to 1."""
        return self.measure("wrongful_conviction_base").value / 100

    @property
    def offence(self) -> pd.Series:
        """Rates of wrongful conviction of single offences, 0 to 1."""
        return self.measure("wrongful_conviction_offence").value / 100

    @cached_property
    def duress(self) -> Interval:
        """Allegations of duress per appeal case in Cambodia."""
        return self.counted("confession-2017")

    @cached_property
    def coercion(self) -> Interval:
        """Allegations of coercion per defendant in Cambodia."""
        return self.counted("confession-2024")

    @cached_property
    def dna(self) -> Interval:
        """Wrongful convictions among old Virginian ones with determinate DNA profiles."""
        return self.counted("wrongful-walsh-2017-determinate")

    @property
    def highest(self) -> float:
        """The highest rate over a group of offences, 0 to 1."""
        return max(self.base.max(), self.dna.estimate)


def elsewhere() -> Elsewhere:
    """What was read of courts, in Cambodia and elsewhere."""
    return Elsewhere(tables.read("cambodia_justice_system").set_index("id"))


def study() -> Study:
    """The people interviewed, the people then held, and two thirds of the interviewed."""
    facts = tables.read("prison_study_facts").set_index("id")
    interviewed = int(facts.value["K01"])
    (held,) = proportions.samples_matching_percent(f"{facts.value['K02']:g}", interviewed)
    return Study(interviewed, held, round(interviewed * 2 / 3))


def words_on_size(study: Study, elsewhere: Elsewhere) -> dict[str, str]:
    """The two thirds with its ranges, and the rates to which it is compared."""
    base, offence = elsewhere.base, elsewhere.offence
    return {
        "interviewed": count(study.interviewed),
        "described": count(study.described),
        "held": count(study.held),
        "sampling": interval(study.sampling.low, study.sampling.high),
        "finite": interval(study.finite.low, study.finite.high),
        "worst": interval(study.worst.low, study.worst.high),
        "worst_none": percent(proportions.manski_bounds(0, study.interviewed, study.held).low),
        "worst_high": percent(study.worst.high),
        "base_low": percent(base.min(), 1),
        "highest": percent(elsewhere.highest, 1),
        "loeffler": percent(base["wrongful-loeffler-2019"]),
        "offence_high": percent(offence.max()),
        "duress": percent(elsewhere.duress.estimate),
        "coercion": percent(elsewhere.coercion.estimate, 1),
        "claims_2007": percent(elsewhere.share("confession-claims-2007")),
    }


def _rates(study: Study, elsewhere: Elsewhere) -> pd.DataFrame:
    """The rows of the figure of rates: what, share, low, high, the kind of group, and how the source bounds it."""
    base, offence = elsewhere.base, elsewhere.offence
    forced = elsewhere.share("confession-claims-2007")
    rows = [
        ("The essay's prisoners, of those asked", study.sampling, "study", "up to "),
        ("Cambodia, appeals: say they were forced, 2016–17", elsewhere.duress, "court", ""),
        ("Cambodia, defendants: say they were forced, 2024", elsewhere.coercion, "court", ""),
        ("Cambodia, defendants: say they were forced, 2007", forced, "court", ""),
        ("Innocent: USA, sentenced to death", base["wrongful-gross-2014"], "rate", "at least "),
        ("Innocent: Pennsylvania, all prisoners", base["wrongful-loeffler-2019"], "rate", "at most "),
        ("Innocent: Pennsylvania, drunk driving", offence["wrongful-loeffler-2019-dui"], "rate", "at most "),
        ("Innocent: Pennsylvania, rape", offence["wrongful-loeffler-2019-rape"], "rate", "at most "),
        ("Innocent: Virginia, where DNA could tell", elsewhere.dna, "rate", ""),
        ("Innocent: Virginia, murder and sexual assault", base["wrongful-walsh-2017"], "rate", "at most "),
        ("Innocent: Virginia, DNA of a known person", elsewhere.share("wrongful-walsh-2017-known"), "rate", ""),
    ]
    return pd.DataFrame(
        [
            (what, found.estimate, found.low, found.high, kind, bound)
            if isinstance(found, Interval)
            else (what, found, None, None, kind, bound)
            for what, found, kind, bound in rows
        ],
        columns=["what", "share", "low", "high", "kind", "bound"],
    )


def share_axis(axis: Any, rows: int, top: float = -0.85, right: float = 1, **labels: str) -> None:
    """Make an axis of shares by quarters, with a row of its own for each of `rows`, the first on top."""
    axis.set(xlim=(-0.01, right), ylim=(rows - 0.5, top), yticks=[], xticks=QUARTERS, **labels)
    axis.set_xticklabels([percent(tick) for tick in axis.get_xticks()])
    axis.grid(axis="y", visible=False)


def draw_rates(study: Study, elsewhere: Elsewhere) -> figures.Figure:
    """Two thirds beside every rate of wrongful conviction that was measured, and beside allegations in court."""
    rows, worst = _rates(study, elsewhere), study.worst
    row: Any
    drawing, axis = figures.canvas(height=0.5 * len(rows) + 1)
    axis.plot([worst.low, worst.high], [1, 1], color=palette.SECOND, lw=7, solid_capstyle="butt")
    held = f"The same, of all who were held: {interval(worst.low, worst.high)}"
    axis.text(0, 1 - 0.24, held, va="bottom", color=palette.INK)
    for place, row in zip((0, *range(2, len(rows) + 1)), rows.itertuples(), strict=True):
        if pd.notna(row.low):
            axis.plot([row.low, row.high], [place, place], color=COLOURS[row.kind], lw=2)
        axis.plot(row.share, place, "o", color=COLOURS[row.kind], ms=7)
        words = f"{row.what}: {row.bound}{percent(row.share, 0 if row.share > 0.2 else 1)}"
        axis.text(0, place - 0.24, words, va="bottom", color=palette.INK)
    share_axis(axis, len(rows) + 1)
    others, most = rows.share[rows.kind != "study"].sort_values(), elsewhere.offence.max()
    return figures.static(
        drawing,
        name="justice-rates",
        title="Two thirds is more than every share of innocent prisoners measured elsewhere; the highest is "
        f"{percent(most)}",
        subtitle="Share of people in each group. Thick bar: what the essay's two thirds may be among all who were "
        f"held, since not all were asked. It begins at {percent(worst.low)}, below the highest of the innocent. "
        "Thin lines: 95% intervals",
        alt=f"Dot plot. The essay's two thirds at {percent(study.observed)} with a wide bar from "
        f"{percent(worst.low)} to {percent(worst.high)} stands far to the "
        f"right of {in_words(len(others))} other rates. They begin at {percent(others.iloc[0], 1)}; all but one "
        f"are at most {percent(others.iloc[-2])}; among prisoners convicted of rape it is {percent(most)}.",
        source="The essay; trials watched by the Cambodian Center for Human Rights (CCHR) and by the Center for "
        "Social Development; Gross 2014, "
        "Loeffler 2019 (abstract), Walsh 2017. Wilson and exact (Clopper–Pearson) intervals; rates without a line "
        "have none in what was read.",
        data=rows,
    )


def words_on_meanings(elsewhere: Elsewhere) -> dict[str, str]:
    """How often safeguards were missing."""
    return {
        "silence": percent(elsewhere.share("silence-2017")),
        "silence_n": count(elsewhere.courts.base["silence-2017"]),
    }


def table_of_meanings(study: Study, elsewhere: Elsewhere, floor: float, imposed: Imposed) -> pd.DataFrame:
    """Three readings of a miscarriage of justice: what would show each, what was read, could it be two thirds."""
    over_group, over_one = study.observed / elsewhere.highest, study.observed / elsewhere.offence.max()
    given = imposed.under("2008")
    return pd.DataFrame(
        {
            "what would show it": [
                "a file by which the person did not do it",
                "a record of a trial without its safeguards",
                "the sentence beside the act",
            ],
            "read of Cambodia": [
                "no measurement",
                f"right to silence not explained: over {percent(elsewhere.share('silence-2017'))}",
                f"a floor of {in_words(int(floor))} years; the sentences of {count(len(given))} people in "
                f"{count(given.case.nunique())} reported trials",
            ],
            "could it be two thirds?": [
                f"above every rate measured elsewhere: {times(over_group, 0)} the highest over several "
                f"offences, {times(over_one)} the highest for a single offence",
                "not excluded, but one missing safeguard does not make a trial unfair",
                "depends on a line that nobody drew",
            ],
        },
        index=["innocent", "unfairly tried", "sentenced out of proportion"],
    ).rename_axis(columns="a miscarriage, if the person was")


def words_not_seen() -> dict[str, str]:
    """What was looked for on the three claims of the page, and where."""
    wanted = ("two-thirds-miscarriage", "long-sentences", "tool-of-corruption", "irregularities-observed")
    return searches.not_seen(*wanted)
