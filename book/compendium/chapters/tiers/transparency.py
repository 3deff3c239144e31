"""What published measures foretell of a tier, beside what they would foretell of a transparent rating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from compendium import figures
from compendium.chapters.tiers.forecast import GOVERNANCE, INDEX, exact
from compendium.chapters.tiers.published import SOURCE, Lists
from compendium.chapters.tiers.sentences import ESSAY
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, interval, percent
from compendium.figures import palette
from compendium.methods.tiers import multiverse, openness, tiers

MEASURES = {"both": [*INDEX, *GOVERNANCE], "governance-only": GOVERNANCE, "index-only": INDEX}
OUTSIDE = ("oversight", "press", "reference")  # kinds of document in which someone other than the rater speaks
KNOWN = ("read", "restated")


@dataclass(frozen=True)
class Opened:
    """How open the rating is, by what the forecast knows and how it is asked: "both" and the alternatives."""

    found: Mapping[str, openness.Openness]

    @property
    def main(self) -> openness.Openness:
        """The 3P index and governance together, four classes, all reports."""
        return self.found["both"]


def opened(lists: Lists) -> Opened:
    """Measure the openness of the rating, with every measure on the country-years for which all are known."""
    every = _every(lists)
    rows, both = every.dropna(subset=MEASURES["both"]), MEASURES["both"]
    found = {name: openness.openness(rows, columns) for name, columns in MEASURES.items()}
    found["three-classes"] = openness.openness(tiers.without_watch_list(rows), both, categories=3)
    found["watch-list-era"] = openness.openness(rows[rows.year >= tiers.WATCH_LIST_SINCE], both)
    found["all-lists"] = openness.openness(every, GOVERNANCE)
    found["by-accuracy"] = openness.openness(rows, both, score=openness.ACCURACY)
    return Opened(found)


def _every(lists: Lists) -> pd.DataFrame:
    return multiverse.model_frame(lists.rated, tables.read("country_panel"), tables.read("anti_trafficking_3p"))


def words_on_the_essays_time(lists: Lists) -> dict[str, str]:
    """Return the shares by the reports until the essay alone, and the checks from outside until then."""
    rows, both = _every(lists), MEASURES["both"]
    found = openness.openness(rows[rows.year <= ESSAY].dropna(subset=both), both)
    return {
        "then_level": f"{percent(found.level.value)} ({interval(found.level.low, found.level.high, exact)})",
        "then_change": f"{percent(found.change.value)} ({interval(found.change.low, found.change.high)})",
        "doubts_then": in_words(int(explained(until=ESSAY)["doubts"])),
    }


def explained(
    heard: tuple[str, ...] = OUTSIDE, known: tuple[str, ...] = KNOWN, until: float = float("inf")
) -> dict[str, float]:
    """Count the documents that find the ratings unexplained (`doubts`) and explained (`assurances`).

    `heard` are the kinds of document that count, `known` the states of verification, `until` the last year.
    """
    rules = tables.read("tier_rules")
    said = rules[(rules.subject == "transparency") & rules.kind.isin(heard) & rules.status.isin(known)]
    said = said[said.year <= until]
    return {"doubts": _documents(said, "for"), "assurances": _documents(said, "against")}


def _documents(said: pd.DataFrame, direction: str) -> int:
    """The documents behind the rows of one direction; the part of an id before its last hyphen names one."""
    return int(said.id[said.direction == direction].str.rsplit("-", n=1).str[0].nunique())


def _numbers(found: openness.Openness) -> dict[str, float]:
    level, change = found.level, found.change
    return {
        "level": level.value,
        "level_low": level.low,
        "level_high": level.high,
        "change": change.value,
        "change_low": change.low,
        "change_high": change.high,
    }


def opaque_method(opened: Opened) -> dict[str, float]:
    """Return the numbers of the claim."""
    rules = tables.read("tier_rules")
    criteria = rules[(rules.subject == "criteria") & (rules.status == "read")]
    return {**_numbers(opened.main), **explained(), "criteria": _documents(criteria, "against")}


def opaque_method_alternatives(opened: Opened) -> dict[str, dict[str, float]]:
    """Return them for other measures, classes, reports and scores, and for other documents."""
    measured = {name: _numbers(found) for name, found in opened.found.items() if name != "both"}
    return {
        **measured,
        "rater-heard": explained(heard=(*OUTSIDE, "state", "report")),
        "read-only": explained(known=("read",)),
    }


def words_on_openness(opened: Opened) -> dict[str, str]:
    """Return what the measures foretell of the tier and of changes, and what governance alone does."""
    main, apart = opened.main, opened.found["governance-only"]
    words = {
        "open_rows": count(main.observations),
        "open_countries": count(main.countries),
        "open_changes": count(main.changes),
        "open_ceiling": percent(main.ceiling),
        "open_right": percent(main.right),
    }
    for name, found in (("level", main.level), ("change", main.change)):
        words |= {
            f"open_{name}": percent(found.value),
            f"open_{name}_interval": interval(found.low, found.high, exact),
        }
    for name, found in (("level", apart.level), ("change", apart.change)):
        words |= {f"apart_{name}": percent(found.value), f"apart_{name}_interval": interval(found.low, found.high)}
    return words


ASKED = {"tier": "the rank", "change": "rise or fall"}
SHOWN = {"both": "3P index and governance", "index-only": "3P index alone", "governance-only": "governance alone"}


def draw_openness(opened: Opened) -> figures.Figure:
    """Draw the shares for the tier and for the direction of a change, by what is known."""
    rows = [
        (word, question, share.value, share.low, share.high)
        for name, word in SHOWN.items()
        for question, share in (("tier", opened.found[name].level), ("change", opened.found[name].change))
    ]
    table = pd.DataFrame(rows, columns=["knows", "question", "share", "low", "high"])
    drawing, axis = figures.canvas(height=2.6)
    for question, hue, shift in (("tier", palette.ACCENT, -0.14), ("change", palette.SECOND, 0.14)):
        part = table[table.question == question].reset_index(drop=True)
        axis.hlines(part.index + shift, 100 * part.low, 100 * part.high, color=hue, lw=2)
        axis.plot(100 * part.share, part.index + shift, "o", color=hue)
    axis.axvline(50, color=palette.MUTED, lw=1, ls=":")
    axis.set(
        xlim=(0, 100),
        ylim=(len(SHOWN) - 0.5, -0.95),
        yticks=range(len(SHOWN)),
        yticklabels=list(SHOWN.values()),
        xlabel="Percent of what fixed rules would allow",
    )
    axis.grid(axis="y", visible=False)
    for question, hue, side in (("tier", palette.ACCENT, "right"), ("change", palette.SECOND, "center")):
        share = 100 * table.share[table.question == question].iloc[0]
        axis.text(share, -0.65, ASKED[question], color=hue, ha=side, va="center")
    main = opened.main
    return figures.static(
        drawing,
        name="tiers-openness",
        title=f"An outsider predicts ranks {percent(main.level.value)} as well as under fixed rules, and rises and "
        f"falls {percent(main.change.value)} as well",
        subtitle="How well a country's rank can be predicted from other countries and public measures; 100% is "
        "what fixed rules would allow, dotted line: half of that, bars: 95% intervals",
        alt="Two dots with intervals for each of three sets of measures. With the 3P index the tier lies under one "
        "half and the direction of a change over it; with governance alone the tier lies far under one half and "
        "the direction about it.",
        source=f"{SOURCE}; Cho's 3P index; World Bank governance indicators.",
        data=table,
    )
