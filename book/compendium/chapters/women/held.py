"""What the figure can be a figure of: women among those interviewed, all held, and all prisoners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, interval, percent, points, times
from compendium.figures import palette
from compendium.methods.shares import proportions
from compendium.methods.shares.proportions import Interval

STUDY = "Keo and co-authors: abstract of the article of 2014, and a summary of their working paper"
NEAR = 0.1  # how far the others may differ from the interviewed, in the second of the declared alternatives
HALF_OF_FIVE = 2.5  # percentage points by which a figure rounded to the nearest five may be off


def fact(key: str, column: str = "value") -> str:
    """A figure of the table of facts, with the digits as printed."""
    return f"{tables.value('prison_study_facts', column, id=key):g}"


@dataclass(frozen=True)
class Held:
    """Women among the interviewed and among all held in the eight prisons.

    `fitting` and `of_all` are the numbers of women that give the printed percentage of the one or the other;
    `random`, `near` and `worst` bound the share among all held by assumption about the others.
    """

    sample: int
    held: int
    fitting: tuple[int, ...]
    of_all: tuple[int, ...]
    random: Interval
    near: Interval
    worst: Interval

    @property
    def women(self) -> int:
        """Women among the interviewed."""
        return self.fitting[0]

    @property
    def share(self) -> float:
        """Their share."""
        return self.women / self.sample

    @property
    def others(self) -> int:
        """Those held who were not interviewed."""
        return self.held - self.sample


def facts() -> Held:
    """Read the printed figures, and bound the share of women among all held."""
    sample = int(fact("K01"))
    held = proportions.samples_matching_percent(fact("K02"), sample)[-1]
    fitting = proportions.grim_percent(fact("K10"), sample).candidates
    women = fitting[0]
    return Held(
        sample,
        held,
        fitting,
        proportions.grim_percent(fact("K10"), held).candidates,
        proportions.hypergeometric(women, sample, held),
        proportions.bounded_variation(women, sample, held, NEAR),
        proportions.manski_bounds(women, sample, held),
    )


def _if_rounded_to_five(study: Held) -> tuple[int, int, Interval]:
    """Fewest and most women that fit if the printed figure was so rounded, and the worst case of the fewest."""
    printed = float(fact("K10"))
    fitting = [n for n in range(study.sample + 1) if abs(100 * n / study.sample - printed) <= HALF_OF_FIVE]
    return fitting[0], fitting[-1], proportions.manski_bounds(fitting[0], study.sample, study.held)


def words_on_figure(study: Held) -> dict[str, str]:
    """What the printed figure can mean, and what follows for all held."""
    women, sample, held = study.women, study.sample, study.held
    possible = sum(bool(proportions.grim_percent(str(whole), sample).candidates) for whole in range(101))
    fewest, most, worst_of_fewest = _if_rounded_to_five(study)
    process = proportions.wilson(women, sample)
    breaking = proportions.breakdown_delta(women, sample, held, 0.5)
    if breaking is None:
        raise ValueError(f"{women} of {sample} are women: even the worst case does not reach one half")
    return {
        "printed": f"{fact('K10')}%",
        "abstract": str(tables.value("prison_study_facts", "passage", id="A01")).rstrip("."),
        "sample": count(sample),
        "held": count(held),
        "others": count(study.others),
        "women": count(women),
        "possible": count(possible),
        "wholes": count(101),
        "men": count(sample - women),
        "of_all": " or ".join(count(n) for n in study.of_all),
        "level": percent(study.random.level),
        "random": interval(study.random.low, study.random.high),
        "near": interval(study.near.low, study.near.high),
        "worst_low": percent(study.worst.low),
        "worst_high": percent(study.worst.high),
        "loose": interval(fewest, most, count),
        "loose_low": percent(worst_of_fewest.low),
        "process": interval(process.low, process.high),
        "breaking": points(breaking, 0),
        "needed": percent((held / 2 - women) / study.others, 1),
    }


# ---------------------------------------------------------------- against all prisoners


@dataclass(frozen=True)
class Prisoners:
    """Women and all prisoners of Cambodia by year, and a later share without its counts."""

    women: pd.Series
    everyone: pd.Series
    later: float

    @property
    def share(self) -> pd.Series:
        """The share of women in each year that has both counts."""
        return (self.women / self.everyone).dropna()

    @property
    def highest(self) -> float:
        """The highest of these shares."""
        return max(self.share.max(), self.later)


def prisoners() -> Prisoners:
    """Read the counts of all prisoners."""
    baseline = tables.read("cambodia_prison_baseline")
    national = baseline[(baseline.coverage == "national") & baseline.qualifier.isna()]
    whole = national[(national.measure == "prisoners_total") & national.source.str.startswith("World Prison Brief")]
    return Prisoners(
        national[national.measure == "women_prisoners"].set_index("year")["value"],
        whole.set_index("year")["value"],
        tables.value("cambodia_prison_baseline", "value", id="women-share-percent-2017-wpb") / 100,
    )


def words_on_prisoners(study: Held, baseline: Prisoners) -> dict[str, str]:
    """How many times as common women are among those held as among all prisoners."""
    share = baseline.share
    first, last = share.index[0], share.index[-1]
    _, _, worst_of_fewest = _if_rounded_to_five(study)
    return {
        "women_2010": count(baseline.women[first]),
        "all_2010": count(baseline.everyone[first]),
        "baseline_2010": percent(share[first], 1),
        "baseline_2012": percent(share[last], 1),
        "baseline_later": percent(baseline.later, 1),
        "ratio": times(study.share / share[first], 0),
        "ratio_worst": in_words(int(study.worst.low / baseline.highest)),
        "ratio_loose": times(worst_of_fewest.low / baseline.highest),
    }


def _tenths(share: float) -> str:
    return percent(share, 1)


def draw_bounds(study: Held, baseline: Prisoners) -> figures.Figure:
    """Draw the share of women by assumption about the others, above that of all prisoners."""
    sample, held = f"The {study.sample} interviewed", f"All {study.held}"
    random, near, worst, share = study.random, study.near, study.worst, baseline.share
    bars = [
        (sample, study.share, study.share, palette.SECOND),
        (f"{held}, if drawn by lot", random.low, random.high, palette.SECOND),
        (f"{held}, others similar", near.low, near.high, palette.SECOND),
        (f"{held}, in any case", worst.low, worst.high, palette.SECOND),
        *((f"All prisoners, {year}", value, value, palette.ACCENT) for year, value in share.items()),
    ]
    shown = pd.DataFrame(bars, columns=["group", "low", "high", "colour"])
    drawing, axis = figures.canvas(height=3.1)
    for place, row in enumerate(shown.itertuples()):
        _draw_range(axis, place, row)
    axis.set(yticks=range(len(shown)), xlim=(0, 1), ylim=(len(shown) - 0.4, -0.6), xlabel="Women’s share")
    axis.set_yticklabels(shown.group)
    axis.xaxis.set_major_formatter(lambda value, _: percent(value))
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="women-bounds",
        title=f"If the study's figure is right, {interval(worst.low, worst.high)} of those held are women, against "
        f"{interval(share.min(), share.max(), _tenths)} of all prisoners",
        subtitle=f"Women's share of the {study.held} held for trafficking in the eight prisons, of whom "
        f"{study.sample} were interviewed, and of all prisoners of Cambodia. If drawn by lot: chance chose whom to "
        f"interview. Others similar: women's share among the others is at most {points(NEAR, 0)} away. In any "
        "case: the others are all men (left end), all women (right end) or something between",
        alt=f"Women's share: {percent(study.share, 1)} of the {study.sample} interviewed; of all {study.held} "
        f"held, {interval(random.low, random.high)} if a lottery chose whom to interview and "
        f"{interval(worst.low, worst.high)} whoever the others are; "
        f"of all prisoners {' and '.join(percent(value, 1) for value in share)}.",
        source=f"{STUDY}; LICADHO and World Prison Brief for all prisoners.",
        data=shown.drop(columns="colour").round(4),
    )


def _draw_range(axis: Any, place: int, row: Any) -> None:
    axis.plot([row.low, row.high], [place, place], color=row.colour, lw=7, solid_capstyle="butt")
    if row.low == row.high:
        axis.plot([row.low], [place], "o", color=row.colour, ms=9)
    text = percent(row.low, 1) if row.low == row.high else interval(row.low, row.high)
    left = row.high >= 0.5
    at, side = (row.low - 0.035, "right") if left else (row.high + 0.035, "left")
    axis.text(at, place, text, va="center", ha=side, color=row.colour)
