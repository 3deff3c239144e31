"""Are the printed figures possible, and what could explain the mean age; the numbers of the claim."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from compendium import figures
from compendium.chapters.sample.assumption import Published
from compendium.chapters.sample.coverage import STUDY, Study, printed
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent
from compendium.figures import palette
from compendium.methods.shares import proportions, reconcile
from compendium.methods.shares.proportions import Interval, MeanCheck, RoundingCheck
from compendium.methods.shares.reconcile import Reading


@dataclass(frozen=True)
class Checks:
    """Rounding checks of the printed figures, each with its label and unit, and of the three means together."""

    single: list[tuple[str, RoundingCheck, str]]
    means: MeanCheck

    @property
    def impossible(self) -> int:
        """How many of the checks fail."""
        return sum(not check.consistent for _, check, _ in self.single) + (not self.means.consistent)


def _group_means() -> tuple[str, str]:
    """Mean age of women and of men, as printed."""
    return printed("K18"), printed("K19")


def checks(facts: Study, people: Published) -> Checks:
    """Ask of each printed figure whether whole numbers can give it."""
    sample, held, women = facts.sample, facts.held, people.women
    men = sample - women
    (mean_women, mean_men), mean_all = _group_means(), printed("K17")
    single = [
        (f"Interviewed, of {held}", proportions.grim_percent(printed("K02"), held), "%"),
        (f"Women, of {sample}", proportions.grim_percent(printed("K10"), sample), "%"),
        (f"Women, of {held}", proportions.grim_percent(printed("K10"), held), "%"),
        (f"Cambodian, of {sample}", proportions.grim_percent(printed("K14"), sample), "%"),
        (f"Mean age, all {sample}", proportions.grim_mean(mean_all, sample), ""),
        (f"Mean age, {women} women", proportions.grim_mean(mean_women, women), ""),
        (f"Mean age, {men} men", proportions.grim_mean(mean_men, men), ""),
    ]
    return Checks(single, proportions.overall_mean_check(mean_all, (mean_women, mean_men), (women, men)))


def table_of_checks(found: Checks) -> pd.DataFrame:
    """The checks as the page shows them."""
    rows = [
        (label, check.printed + unit, _fits(check), percent(check.power), "yes" if check.consistent else "no")
        for label, check, unit in found.single
    ]
    means = found.means
    implied = f"{decimal(means.implied_low)}–{decimal(means.implied_high)}"
    rows.append(("The three means", means.printed, implied, "", "yes" if means.consistent else "no"))
    table = pd.DataFrame(rows, columns=["figure", "printed", "fits", "rejects", "can be"])
    return table.set_index("figure").rename_axis(index=None, columns="figure")


def _fits(check: RoundingCheck) -> str:
    found = check.candidates
    return "none" if not found else count(found[0]) + (f"–{count(found[-1])}" if len(found) > 1 else "")


def words_on_checks(facts: Study, people: Published, found: Checks) -> dict[str, str]:
    """What the checks could have rejected, and the means that do not fit together."""
    {label: check.power for label, check, _ in found.single}
    mean_women, mean_men = _group_means()
    return {
        "women_count": count(people.women),
        "mean_all": printed("K17"),
        "mean_women": mean_women,
        "mean_men": mean_men,
    }


def draw_mean_age(facts: Study, people: Published, found: Checks) -> figures.Figure:
    """Draw the mean age of all for every split into women and men, beside the printed one."""
    sample, women, as_printed = facts.sample, people.women, printed("K17")
    mean_women, mean_men = _group_means()
    mix = pd.DataFrame({"women": range(1, sample)})
    mix["overall"] = [(float(mean_women) * n + float(mean_men) * (sample - n)) / sample for n in mix.women]
    at = mix.overall[mix.women == women].item()
    drawing, axis = figures.canvas(height=3.0)
    axis.plot(mix.women, mix.overall, color=palette.ACCENT, lw=2.5)
    axis.axhline(float(as_printed), color=palette.SECOND, lw=1.5, ls="--")
    axis.text(1, float(as_printed) - 0.12, f"printed: {as_printed}", color=palette.SECOND, va="top")
    axis.plot([women], [at], "o", color=palette.ACCENT, ms=8)
    implied = interval(found.means.implied_low, found.means.implied_high, decimal)
    below = {"xytext": (6, -10), "textcoords": "offset points", "va": "top"}
    axis.annotate(f"{women} women:\n{implied}", (women, at), color=palette.ACCENT, **below)
    axis.text(34, 33.6, "implied by the means of\nwomen and men", color=palette.ACCENT, va="center")
    axis.set(
        xlabel=f"Number of women among the {sample}",
        ylabel="Mean age of all, years",
        xlim=(0, sample),
        ylim=(32, 39.2),
    )
    return figures.static(
        drawing,
        name="sample-mean-age",
        title=f"No number of women makes the mean age of {as_printed} fit the two others",
        subtitle=f"Mean age of all {sample}, in years, for every split into women (mean {mean_women}) and men "
        f"(mean {mean_men})",
        alt=f"A line rises from {mean_men} with no women to {mean_women} with only women. The printed overall "
        f"mean of {as_printed}, a dashed line, lies above it everywhere.",
        source=STUDY + ". Own calculation.",
        data=mix.round(3),
    )


# ---------------------------------------------------------------- what could explain the mean age

MEANS = {"overall": "the mean of all", "first": "the mean of women", "second": "the mean of men"}


@dataclass(frozen=True)
class Readings:
    """Readings of the three means under which they agree.

    `misprints` are all single wrong digits that would do, `gap` the years between two dates, `left_out` the
    fewest people missing from the group means with their lowest mean age, `others_age` the mean age of the
    others if the mean of all was taken over everyone held; ages lie from `youngest` to `oldest`.
    """

    misprints: tuple[Reading, ...]
    gap: Interval
    left_out: int
    left_out_mean: float
    others_age: float
    youngest: int
    oldest: int

    @property
    def reconciling(self) -> int:
        """How many of two dates, another base and people left out fit without any printed mean being wrong."""
        another_base = self.youngest <= self.others_age <= self.oldest
        return int(self.gap.low > 0) + int(another_base) + int(self.left_out_mean <= self.oldest)

    def nearest(self, women: int) -> list[Reading]:
        """Of each mean the misprint that needs a number of women nearest to the one that fits."""
        return [
            min((r for r in self.misprints if r.figure == figure), key=lambda r: r.distance(women))
            for figure in MEANS
        ]


def readings(facts: Study, people: Published) -> Readings:
    """Look for what could reconcile the printed mean age of all with those of women and men."""
    women, men = people.women, facts.sample - people.women
    mean_all, means = printed("K17"), _group_means()
    youngest = int(tables.value("prison_study_facts", "value_low", id="K16"))
    oldest = int(tables.value("prison_study_facts", "value_high", id="K16"))
    missing = reconcile.fewest_left_out(mean_all, means, (women, men), youngest, oldest)
    if missing is None:
        raise ValueError("the three means: no number of people left out makes them agree")
    age = reconcile.least_mean_left_out(mean_all, means, (women, men), missing, youngest, oldest)
    if age is None:
        raise ValueError("the three means: no ages of those left out make them agree")
    interviewed_years = float(means[0]) * women + float(means[1]) * men
    return Readings(
        reconcile.misprints(mean_all, *means, facts.sample),
        reconcile.mean_gap(mean_all, means, (women, men)),
        missing,
        age,
        (facts.held * float(mean_all) - interviewed_years) / facts.others,
        youngest,
        oldest,
    )


def words_on_readings(facts: Study, people: Published, found: Readings) -> dict[str, str]:
    """What each reading of the means needs."""
    women, men = people.women, facts.sample - people.women
    mean_women, mean_men = map(float, _group_means())
    _of_all, _, _of_men = found.nearest(women)
    fitting = sum(misprint.distance(women) == 0 for misprint in found.misprints)
    return {
        "fitting_73": in_words(fitting).replace("zero", "no"),
        "gap": decimal(found.gap.estimate),
        "gap_range": interval(found.gap.low, found.gap.high, decimal),
        "oldest": count(found.oldest),
        "left_out": in_words(found.left_out),
        "left_out_mean": count(int(found.left_out_mean)),
        "others_age": decimal(found.others_age),
        "spread": decimal(reconcile.largest_spread(mean_women - mean_men, (women, men))),
    }


def table_of_misprints(facts: Study, people: Published, found: Readings) -> pd.DataFrame:
    """The nearest single wrong digit in each mean, and the number of women that it needs."""
    nearest, sample = found.nearest(people.women), facts.sample
    return pd.DataFrame(
        {
            "read as": [r.read_as for r in nearest],
            "women that then fit": [interval(r.sizes[0], r.sizes[-1], count) for r in nearest],
            "of the 91": [interval(r.sizes[0] / sample, r.sizes[-1] / sample) for r in nearest],
        },
        index=[f"{MEANS[r.figure]}, {r.printed}" for r in nearest],
    ).rename_axis(columns="one wrong digit in")


# ---------------------------------------------------------------- counter-evidence


def words_on_other_samples(facts: Study) -> dict[str, str]:
    """Samples of other countries that are smaller, the share reached, and how the sources name the interviewed."""
    disputed = tables.read("source_disagreements").set_index("id")
    samples = tables.read("trafficker_samples").query("iso3 != 'KHM'")
    sizes = sorted(int(n) for n in [*samples.n.dropna(), float(printed("T05"))] if n < facts.sample)
    return {
        "reading_a": disputed.value_a["keo-convicted"],
        "reading_b": disputed.value_b["keo-convicted"],
        "smaller": listing([count(n) for n in sizes]),
        "smaller_samples": in_words(len(sizes)),
        "seen": percent(facts.sample / facts.held),
    }
