"""How far victims are taken, and the numbers of the claim that trafficking is transnational."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.organised.citizens import (
    FITTING,
    KNOWN,
    VICTIMS,
    Counted,
    numbers,
    of_victims,
)
from compendium.evidence.numbers import percent
from compendium.figures import Figure, palette

ESSAY_YEAR = 2011  # at which the table of facts sets the essay's statements (K32, K33)
RECENT = 2017  # from which UNODC also has the citizenship of the convicted
DOMESTIC = "detected trafficking that stays within one country"


def routes(facts: pd.DataFrame) -> pd.DataFrame:
    """The shares of detected trafficking that crossed a border, as facts with `crossed` and `at_most`."""
    rows = facts[(facts.topic == "route") & facts.statement.str.startswith(DOMESTIC)]
    return rows.assign(crossed=1 - rows.value.fillna(rows.value_low) / 100, at_most=rows.value.isna())


def _confirmed(routes: pd.DataFrame) -> pd.Series:
    """The shares that a text read here states."""
    return routes.crossed[routes.status != "unverified"]


def words_on_routes(facts: pd.DataFrame, routes: pd.DataFrame) -> dict[str, str]:
    """The confirmed share that crossed a border, and the later ones that could not be confirmed."""
    confirmed, later = _confirmed(routes), routes.crossed[routes.status == "unverified"]
    return {
        "crossed": percent(confirmed.iloc[0]),
        "within_region": percent(facts.value_high["U15b"] / 100),
        "later_domestic": percent(1 - later.iloc[0]),
        "still_later": percent(1 - later.iloc[1]),
    }


def _years(row: Any) -> str:
    """The years of a row in words."""
    if pd.isna(row.year_from):
        return "later"
    return "–".join(dict.fromkeys([str(row.year_from), str(row.year_to)]))


def draw_routes(routes: pd.DataFrame) -> Figure:
    """The shares that crossed a border, confirmed and not."""
    later = routes.crossed[routes.status == "unverified"]
    drawing, axis = figures.canvas(height=1.9)
    rows: list[Any] = list(routes[::-1].itertuples())
    for place, row in enumerate(rows):
        known, percents = row.status != "unverified", 100 * row.crossed
        colour = palette.ACCENT if known else palette.SECOND
        if row.at_most:
            arrow = {"arrowstyle": "->", "color": colour}
            axis.annotate("", (percents - 14, place), (percents, place), arrowprops=arrow)
        axis.plot(percents, place, "o", color=colour, mfc=colour if known else "none", ms=7)
        words = f"{'under ' if row.at_most else ''}{percent(row.crossed)}{'' if known else ', unverified'}"
        axis.text(percents, place + 0.16, words, ha="center" if known else "right", va="bottom", color=colour)
    axis.axvline(50, color=palette.MUTED, lw=1, ls="--")
    axis.set(
        yticks=range(len(rows)),
        yticklabels=[_years(row) for row in rows],
        xlim=(0, 100),
        ylim=(-0.5, len(rows) - 0.3),
        xlabel="Crossed a border, percent of the detected (dashed: half)",
    )
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="organised-routes",
        title="The only confirmed share is old, and later ones may have fallen below half",
        subtitle="Share of detected trafficking in the world that crossed a border: of cases (2007–2010) or of "
        "victims (later); unverified: no text that states it was seen",
        alt=f"{len(rows)} dots: {percent(_confirmed(routes).iloc[0])} for 2007 to 2010, confirmed; "
        f"{percent(later.iloc[0])} for 2016 and under {percent(later.iloc[1])} later, hollow because unverified.",
        source="UNODC Global Reports, as restated by the documents named in the data catalogue.",
        data=routes.reset_index()[["id", "year_from", "year_to", "crossed", "at_most", "source", "status"]],
    )


def transnational(world: dict[str, Counted], routes: pd.DataFrame) -> dict[str, float]:
    """The numbers of the claim: foreign citizens among detected victims, and what stands beside the verdict."""
    confirmed = _confirmed(routes)
    return {**numbers(world), "crossed_low": confirmed.min(), "crossed_high": confirmed.max()}


def transnational_alternatives(world: dict[str, Counted]) -> dict[str, dict[str, float]]:
    """The same for people of known citizenship, where parts fit their total, and for years of their own."""
    victims = world[VICTIMS]
    return {
        "known-only": of_victims(victims, KNOWN),
        "fitting-only": of_victims(victims, FITTING),
        "to-2011": of_victims(victims.of_years(last=ESSAY_YEAR)),
        "since-2017": of_victims(victims.of_years(first=RECENT)),
    }
