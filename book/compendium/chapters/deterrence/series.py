"""What Cambodia counted before and after the law of 2008, and which fall those counts would have shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent, times
from compendium.figures import palette
from compendium.methods.counts import beforeafter, officialcounts

YEARS_BEFORE = 32 / 12  # May 2002 to January 2005, as the row of the first figure says
IN_ITS_FAVOUR = 3  # yearly figures before the law, as which the first one is taken in the simulation
FALLS: list[float] = np.arange(0.3, 1, 0.001).tolist()
COARSE_FALLS: list[float] = np.arange(0.5, 1, 0.01).tolist()  # where each power is simulated
DRAWN_FALLS: list[float] = np.round(np.arange(0.1, 0.96, 0.0944), 3).tolist()


@dataclass(frozen=True)
class Counts:
    """Official counts of Cambodia: the only figure before the law, and all series."""

    first: pd.Series
    series: pd.DataFrame

    def yearly_of(self, measure: str) -> pd.DataFrame:
        """The yearly figures of one measure for trafficking."""
        rows = self.series
        return rows[(rows.measure == measure) & (rows.span == "year") & (rows.scope == "trafficking")]

    @cached_property
    def yearly(self) -> pd.DataFrame:
        """Persons convicted by year, after the law."""
        return self.yearly_of("convicted")

    @property
    def before(self) -> float:
        """Persons convicted in the months before the law."""
        return float(self.first.convicted)

    @property
    def before_a_year(self) -> float:
        """The same, a year."""
        return self.before / YEARS_BEFORE

    @property
    def after(self) -> list[float]:
        """Persons convicted a year after the law."""
        return self.yearly.low.astype(float).tolist()

    @property
    def design(self) -> dict[str, Any]:
        """The series as it is simulated: its base, and its years before and after."""
        return {"yearly": self.before_a_year, "years_before": IN_ITS_FAVOUR, "years_after": len(self.after)}


@dataclass(frozen=True)
class Seen:
    """What the convictions say of the law, and which falls they would have shown."""

    counts: Counts
    ratio: beforeafter.RateRatio
    scatter: float
    detectable: beforeafter.Detectable

    @cached_property
    def steady(self) -> beforeafter.Detectable:
        """The fall that would have been seen had nothing but chance moved the counts."""
        return beforeafter.detectable_fall(**self.counts.design)

    @cached_property
    def scatter_around_trend(self) -> float:
        """Overdispersion of the later years around a trend."""
        return beforeafter.overdispersion_of(self.counts.after, years=self.counts.yearly.year.tolist())


def counts() -> Counts:
    """The figure of 2002 to 2005 and every series of official counts."""
    enforcement = tables.read("cambodia_enforcement")
    series = officialcounts.country_series(enforcement, tables.read("unodc_cambodia"))
    first: Any = enforcement.set_index("id").loc["moi-2002-2005"]
    return Counts(first, series)


def seen(counts: Counts) -> Seen:
    """The ratio of convictions after the law to those before, and the fall that they would have shown."""
    ratio = beforeafter.rate_ratio([counts.before], counts.after, years_before=[YEARS_BEFORE])
    scatter = beforeafter.overdispersion_of(counts.after)
    return Seen(counts, ratio, scatter, beforeafter.detectable_fall(**counts.design, overdispersion=scatter))


def words_on_falls(seen: Seen) -> dict[str, str]:
    """The ratio with its intervals, and the falls that would have been seen under each reading of the scatter."""
    counts, ratio, around = seen.counts, seen.ratio, seen.scatter_around_trend
    calmer = beforeafter.detectable_fall(**counts.design, overdispersion=around)
    low, high = beforeafter.scattered_limits(ratio.ratio, counts.before, counts.after, seen.scatter)
    exact = beforeafter.smallest_seen(FALLS, lambda fall: beforeafter.exact_power(**counts.design, fall=fall))
    first: Any = counts.yearly.iloc[0]
    last: Any = counts.yearly.iloc[-1]
    return {
        "convicted_first": f"{count(first.low)} in {first.year}",
        "convicted_most": count(counts.yearly.low.max()),
        "convicted_last": f"{count(last.low)} in {last.year}",
        "before": count(counts.before),
        "arrested": count(counts.first.suspects),
        "months": count(12 * YEARS_BEFORE),
        "years_after": in_words(len(counts.after)),
        "ratio": times(ratio.ratio),
        "ratio_interval": interval(ratio.low, ratio.high, decimal),
        "ratio_scatter": interval(low, high, decimal),
        "detectable": percent(seen.detectable.fall),
        "steady": percent(seen.steady.fall),
        "alpha": decimal(seen.scatter, 2),
        "alpha_trend": decimal(around, 2),
        "detectable_trend": percent(calmer.fall),
        "exact": percent(exact),
    }


def words_on_prosecutions(counts: Counts) -> dict[str, str]:
    """The prosecutions around the law, and which fall they would have shown."""
    prosecuted = counts.yearly_of("prosecuted")
    before = float(prosecuted.low[prosecuted.year == 2007].iloc[0])
    later = prosecuted[prosecuted.year > 2008]
    after = later.low.astype(float).tolist()
    design: dict[str, Any] = {"yearly": before, "years_before": 1, "years_after": len(after)}
    scatter = beforeafter.overdispersion_of(after)
    exact = beforeafter.smallest_seen(FALLS, lambda fall: beforeafter.exact_power(**design, fall=fall))
    scattered = beforeafter.smallest_seen(
        COARSE_FALLS, lambda fall: beforeafter.power_of_fall(**design, fall=fall, overdispersion=scatter)
    )
    rise = beforeafter.rate_ratio([before], after, overdispersed=False)
    return {
        "charged_before": count(before),
        "charged_after": listing([count(persons) for persons in after]),
        "charged_years": listing([str(year) for year in later.year]),
        "charged_n": in_words(len(after)),
        "charged_exact": percent(exact),
        "charged_seen": percent(scattered),
        "rise": times(rise.ratio),
        "rise_interval": interval(rise.low, rise.high, decimal),
    }


def words_on_victims() -> dict[str, str]:
    """The victims detected around the law; some later years are printed only by age, each as a range."""
    detected = tables.read("unodc_cambodia").query("indicator == 'detected_victims'")
    before = detected[(detected.breakdown == "form_of_exploitation") & (detected.year == 2007)].count_min.sum()
    whole = detected.breakdown == "none"
    after = detected[whole & (detected.age == "all") & (detected.year > 2008)]
    by_age = detected[whole & (detected.age != "all") & ~detected.year.isin(after.year)]
    bounded = by_age.groupby("year").count_max.sum()
    return {
        "found_before": count(before),
        "found_after": listing([count(persons) for persons in after.count_min]),
        "found_years": listing([str(year) for year in after.year]),
        "found_at_most": count(bounded.max()),
        "bounded_years": interval(bounded.index.min(), bounded.index.max(), str),
        "bounded_n": in_words(len(bounded)),
        "found_n": in_words(len(bounded) + len(after)),
    }


def _powers(seen: Seen) -> pd.DataFrame:
    """The chance that a fall is found, by design and size of the fall."""
    designs = {
        "ten years before": seen.counts.design | {"years_before": 10, "overdispersion": 0.0},
        "chance alone": seen.counts.design | {"overdispersion": 0.0},
        "as it is": seen.counts.design | {"overdispersion": seen.scatter},
    }
    rows = [
        (name, fall, beforeafter.power_of_fall(**design, fall=fall, draws=800))
        for name, design in designs.items()
        for fall in DRAWN_FALLS
    ]
    return pd.DataFrame(rows, columns=["design", "fall", "power"])


def draw_power(seen: Seen) -> figures.Figure:
    """The chance of seeing a fall, for the series as it is and for two better ones."""
    styles = {
        "ten years before": (palette.THIRD, 34),
        "chance alone": (palette.ACCENT, 23),
        "as it is": (palette.SECOND, 12),
    }
    power = _powers(seen)
    drawing, axis = figures.canvas(height=2.7)
    for name, (colour, height) in styles.items():
        curve = power[power.design == name]
        axis.plot(100 * curve.fall, 100 * curve.power, color=colour, lw=2.5)
        axis.text(98, height, name, color=colour, va="center", ha="right")
    axis.axhline(80, color=palette.MUTED, lw=1, ls="--")
    axis.set(xlim=(5, 100), ylim=(0, 101))
    axis.set(xlabel="True fall in yearly convictions, percent", ylabel="Chance of seeing it, percent")
    wanted = percent(seen.detectable.fall)
    return figures.static(
        drawing,
        name="deterrence-power",
        title=f"Only a fall in convictions of {wanted} or more would probably have been noticed",
        subtitle="Chance that the usual test (5% level) notices a fall, by its size: with counts as uneven as "
        "they are; if chance alone moved them; and so with ten years before the law. Dashed: four in five",
        alt="Three rising curves. For the series as it is the chance passes 80 percent only at a fall of "
        f"{wanted}; if chance alone moved the counts, at {percent(seen.steady.fall)}; with ten years before the "
        "law, sooner.",
        source="Simulation with quasi-Poisson tests; base and scatter from the figures above.",
        data=power,
    )


def words_on_literature() -> dict[str, str]:
    """How many studies of measures against trafficking met a quasi-experimental standard."""
    review: Any = tables.read("policy_evidence").set_index("id").loc["campbell-2011"]
    rigorous = int(review.effect)
    return {"rigorous": in_words(rigorous) if rigorous else "none", "studies": count(review.n)}
