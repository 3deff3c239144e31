"""What was counted, and of how many: the study, the prisons covered, the total that its percentage implies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, decimal, in_words, interval
from compendium.evidence.study import texts
from compendium.figures import palette
from compendium.methods.shares import proportions

STUDY = "Keo and co-authors, as restated by a summary of their working paper; abstract of the article of 2014"


@dataclass(frozen=True)
class Study:
    """How many were interviewed, and how many were held for trafficking in the prisons covered."""

    sample: int
    held: int

    @property
    def others(self) -> int:
        """Those held who were not interviewed."""
        return self.held - self.sample


def study() -> Study:
    """The number interviewed, and the total of which it is the printed percentage; the largest, if several fit."""
    sample = int(printed("K01"))
    return Study(sample, proportions.samples_matching_percent(printed("K02"), sample)[-1])


def printed(fact: str) -> str:
    """A figure of the study with the digits as printed."""
    return f"{tables.value('prison_study_facts', 'value', id=fact):g}"


# ---------------------------------------------------------------- what was counted, and of how many


def _prisons() -> tuple[int, int]:
    """Prisons covered, and prisons in the country."""
    return int(printed("K04")), int(tables.value("cambodia_prison_baseline", "value", id="prisons-2008-licadho"))


def words_on_coverage(facts: Study) -> dict[str, str]:
    """How many prisons and people the study covered."""
    prisons, all_prisons = _prisons()
    return {
        "sample": count(facts.sample),
        "held": count(facts.held),
        "others": count(facts.others),
        "prisons": in_words(prisons),
        "all_prisons": count(all_prisons),
        "share_printed": f"{printed('K02')}%",
    }


def described() -> pd.DataFrame:
    """The study's printed facts on who was interviewed and how, with where the words of each were read."""
    facts = tables.read("prison_study_facts")
    own = facts.id.str.startswith("K") & facts.topic.isin(["design", "sex", "nationality", "age"])
    return facts[own & facts.unit.isin(["persons", "percent", "prisons", "years", "none"])]


def table_of_readings() -> pd.DataFrame:
    """Each printed fact on the interviewed, its figure, and whose words of it were read."""
    rows = described()
    figure = [_figure(row) for row in rows.itertuples()]
    by = rows.status.map({"read": "publisher or abstract", "restated": "one summary of the working paper"})
    table = pd.DataFrame(
        {
            "Fact": rows.statement.str.replace(" (A01)", ""),
            "As printed": figure,
            "Read in": by,
            "Status": rows.status,
        }
    )
    return table.set_index("Fact")


def _figure(row: Any) -> str:
    if not pd.isna(row.value):
        return f"{row.value:g} {row.unit}"
    return "—" if pd.isna(row.value_low) else f"{row.value_low:g} to {row.value_high:g} {row.unit}"


def words_on_voices() -> dict[str, str]:
    """Who besides the author says that prisoners were interviewed, in their own words."""
    rows = tables.read("study_reports").query("trait == 'interviews' and says == 'reports'")
    said = {str(by): str(words).rstrip(".") for by, words in zip(rows.by, rows.passage, strict=True)}
    return {
        "voices": in_words(texts("interviews", author=False).reporting),
        "publisher_says": said["publisher"],
        "co_authors_say": said["co-authors"].split(";")[0].removeprefix("Our research draws from "),
        "reader_says": said["reader of the working paper"].split(" who were")[0].removeprefix("A key aspect was "),
    }


def words_on_readings_of_the_study() -> dict[str, str]:
    """How many facts were read at a publisher's or in the abstract, and how many in one summary."""
    rows = described()
    return {
        "facts_read": in_words(int((rows.status == "read").sum())),
        "facts_restated": in_words(int((rows.status == "restated").sum())),
    }


def draw_coverage(facts: Study) -> figures.Figure:
    """Draw what the study covered of the prisons, of those held in them, and of all held."""
    prisons, all_prisons = _prisons()
    coverage = pd.DataFrame(
        {
            "whole": [
                "Prisons in the country",
                "Held for trafficking in the eight",
                "Held for trafficking in all prisons",
            ],
            "covered": [prisons, facts.sample, None],
            "total": [all_prisons, facts.held, None],
        }
    )
    drawing, axis = figures.canvas(height=2.4)
    for place, row in enumerate(coverage.itertuples()):
        _draw_covered(axis, place, row)
    axis.set(xlim=(0, 1), ylim=(2.35, -0.75), yticks=[], xticks=[])
    axis.grid(visible=False)
    axis.spines["bottom"].set_visible(False)
    return figures.static(
        drawing,
        name="sample-coverage",
        title="The interviews reached under half of those held in "
        f"{in_words(prisons)} of {count(all_prisons)} prisons",
        subtitle="Number covered by the study, and not covered",
        alt=f"Three bars. Prisons: {prisons} of {all_prisons} covered. People held for trafficking in those "
        f"prisons: {facts.sample} of {facts.held}. People held for trafficking in all prisons: an empty bar, the "
        "number was not found.",
        source=f"{STUDY}. Number of prisons: LICADHO, end of 2008, via the Phnom Penh Post.",
        data=coverage,
    )


def _draw_covered(axis: Any, place: int, row: Any) -> None:
    known = not pd.isna(row.total)
    colour, edge = (palette.GRID, "none") if known else ("none", "--")
    axis.barh(place, 1, color=colour, height=0.42, edgecolor=palette.MUTED, ls=edge)
    axis.text(0, place - 0.32, row.whole, va="bottom", color=palette.INK)
    if not known:
        axis.text(0.5, place, "number not found", va="center", ha="center", color=palette.MUTED)
        return
    share, uncovered = row.covered / row.total, f"{count(row.total - row.covered)} not covered"
    axis.barh(place, share, color=palette.ACCENT, height=0.42)
    inside = {"va": "center", "ha": "right"}
    axis.text(share - 0.01, place, count(row.covered), color=palette.PAPER, weight="bold", **inside)
    axis.text(0.99, place, uncovered, color=palette.INK, **inside)


# ---------------------------------------------------------------- where the total comes from


def words_on_total(facts: Study) -> dict[str, str]:
    """What the total could have been, had the percentage been printed without its decimal."""
    whole = proportions.samples_matching_percent(f"{float(printed('K02')):.0f}", facts.sample)

    def width(total: int) -> float:
        return proportions.manski_bounds(0, facts.sample, total).width

    return {
        "whole_low": count(whole[0]),
        "whole_high": count(whole[-1]),
        "width_held": _points_alone(width(facts.held)),
        "widths": interval(width(whole[0]), width(whole[-1]), _points_alone),
    }


def _points_alone(width: float) -> str:
    """Percentage points without their unit."""
    return decimal(100 * width)


def draw_total(facts: Study) -> figures.Figure:
    """Draw the percentage that each possible total would give."""
    as_printed, held, sample = float(printed("K02")), facts.held, facts.sample
    totals = pd.DataFrame({"total": range(held - 5, held + 6)})
    totals["share"] = 100 * sample / totals.total
    totals["fits"] = totals.total.isin(proportions.samples_matching_percent(printed("K02"), sample))
    at = totals.share[totals.fits].item()
    drawing, axis = figures.canvas(height=2.5)
    axis.axhspan(as_printed - 0.05, as_printed + 0.05, color=palette.SOFT, lw=0)
    axis.plot(totals.total, totals.share, "o", color=palette.MUTED, ms=5)
    axis.plot(totals.total[totals.fits], totals.share[totals.fits], "o", color=palette.SECOND, ms=9)
    axis.annotate(f"{held} people", (held, at), (7, 7), textcoords="offset points", color=palette.SECOND)
    label = f"printed as {printed('K02')}%"
    axis.text(totals.total.min() - 0.4, as_printed + 0.06, label, va="bottom", color=palette.MUTED)
    axis.set(
        xticks=totals.total[::2],
        xlabel="People held for trafficking in the eight prisons",
        ylabel=f"{sample} as a percentage",
    )
    return figures.static(
        drawing,
        name="sample-total",
        title=f"Only a total of {held} gives the printed {printed('K02')}%",
        subtitle=f"{sample} people as a percentage of each possible total; the band holds what rounds to the "
        "printed figure",
        alt=f"Falling row of dots, one for each total from {totals.total.min()} to {totals.total.max()}; only "
        f"the dot at {held} lies in the band of {printed('K02')}%.",
        source=STUDY + ". Own calculation.",
        data=totals,
    )


def words_not_seen() -> dict[str, str]:
    """What was looked for on the claim of the page and not seen, or in part, and where."""
    return searches.not_seen("sample-91")
