"""How long sentences are by law: what the law of 2008 and its neighbours ask for."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.justice.imposed import Imposed, median
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, listing
from compendium.figures import palette

SHOWN = {
    "KH-08-10": "2008 law, Article 10: trafficking",
    "KH-08-14": "2008 law, Article 14: selling a person, no purpose named",
    "KH-08-42": "2008 law, Article 42: sex with a child under 15",
    "KH-08-43": "2008 law, Article 43: indecent act with a child under 15",
    "KH-96-3": "1996 law, Article 3: trafficking",
    "TH-08-52": "Thailand 2008: trafficking",
    "VN-15-150": "Viet Nam 2015: trafficking",
    "LA-17-215": "Lao PDR 2017: trafficking",
}
NEIGHBOURS = {"Thailand": "TH-08-52", "Lao PDR": "LA-17-215", "Viet Nam": "VN-15-150"}
LIMITS = ["min_years", "max_years", "aggravated_min_years", "aggravated_max_years"]


@dataclass(frozen=True)
class Law:
    """Penalties by article: each part is read when it is asked for."""

    articles: pd.DataFrame

    @property
    def confirmed(self) -> pd.DataFrame:
        """Articles of the law of 2008 whose ranges were seen."""
        of_2008 = self.articles.index.str.startswith("KH-08")
        return self.articles[of_2008 & (self.articles.status != "unverified")]

    @property
    def trafficking(self) -> pd.DataFrame:
        """Those on trafficking with a proven purpose."""
        return self.confirmed[self.confirmed.offence_group == "trafficking"]

    @cached_property
    def floor(self) -> float:
        """Lowest sentence for trafficking, years."""
        return float(self.trafficking.min_years.min())

    @cached_property
    def lightest(self) -> float:
        """Lowest sentence for trafficking or a sexual offence, years."""
        either = self.confirmed.offence_group.isin(["trafficking", "sexual"])
        return float(self.confirmed[either].min_years.min())

    @cached_property
    def selling(self) -> pd.Series:
        """The sale of a person with no purpose named, of which both ends of the range were seen."""
        sales = self.confirmed[self.confirmed.offence_group == "sale"]
        return sales.dropna(subset=["min_years", "max_years"]).sort_values("min_years").iloc[0]

    @property
    def ceiling(self) -> float:
        """Highest sentence for trafficking, years."""
        aggravated = self.trafficking.aggravated_max_years
        return float(self.trafficking.max_years.max() if aggravated.isna().all() else aggravated.max())


def law() -> Law:
    """The penalties of Cambodia and its neighbours."""
    return Law(tables.read("cambodia_penalties").set_index("id"))


def _draw_article(axis: Any, place: int, law: Law, row: str) -> None:
    """One article's base and aggravated range."""
    article = law.articles.loc[row]
    doubtful = article.status == "unverified"
    for low, high, width in (
        (article.min_years, article.max_years, 8),
        (article.aggravated_min_years, article.aggravated_max_years, 4),
    ):
        if pd.notna(low):
            face = "none" if doubtful else palette.STEPS[2]
            edge = {"edgecolor": palette.STEPS[3], "lw": 1}
            axis.barh(place, high - low, left=low, height=width / 28, color=face, **edge)
    how = "" if article.status == "read" else f" ({article.status})"
    words = SHOWN[row] + how
    axis.text(0.1, place - 0.24, words, va="bottom", color=palette.INK)


def _least(law: Law) -> str:
    """The lowest terms of the neighbours' laws, in words: four or five."""
    terms = sorted({int(law.articles.min_years[row]) for row in NEIGHBOURS.values()})
    return " or ".join(in_words(term) for term in terms)


def draw_sentences(law: Law) -> figures.Figure:
    """The ranges of penalties in Cambodia and its neighbours."""
    drawing, axis = figures.canvas(height=0.48 * len(SHOWN) + 0.7)
    for place, row in enumerate(SHOWN):
        _draw_article(axis, place, law, row)
    axis.set(xlim=(0, 21), ylim=(len(SHOWN) - 0.5, -0.8), yticks=[], xticks=range(0, 21, 5))
    axis.set_xlabel("Years of imprisonment")
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="justice-sentences",
        title=f"For trafficking Cambodia's law of 2008 asks for at least {in_words(int(law.floor))} years, its "
        f"neighbours' laws for at least {_least(law)}",
        subtitle="Years of imprisonment. Thick bar: from the lowest to the highest term. Thin bar: in aggravated, "
        "that is worse, cases. Outline alone: nobody confirmed the term",
        alt=f"Bars of penalty ranges in years. Article 10 of the 2008 law runs from {decimal(law.floor, 0)} to 15, "
        "aggravated 15 to 20, with a higher floor than in Thailand, Viet Nam and Laos; Articles 14, 42 and 43 lie "
        "lower.",
        source="Texts and reports named row by row in the data catalogue.",
        data=law.articles.loc[list(SHOWN)].reset_index()[["id", "offence", "article", *LIMITS, "status"]],
    )


def words_on_law(law: Law) -> dict[str, str]:
    """The ceiling, the floors around and the lighter offences."""
    return {
        "floor": in_words(int(law.floor)),
        "neighbours": listing(
            [f"{where} {in_words(int(law.articles.min_years[row]))}" for where, row in NEIGHBOURS.items()]
        ),
        "ceiling": count(law.ceiling),
    }


def long_sentences(law: Law, imposed: Imposed) -> dict[str, float | None]:
    """The numbers of the claim: sentences in reported trials under the law of 2008, of the 91, and the law's floor.

    Medians are over people; the interval of the first redraws whole trials, that of the second people.
    """
    numbers = _median("court", imposed.under("2008"), "case")
    return numbers | _median("study", imposed.of_the_91, "person") | {"statutory_floor": law.floor}


def _median(kind: str, people: pd.DataFrame, cluster: str, column: str = "years") -> dict[str, float | None]:
    """People and their median sentence with its interval, by kind; no interval with fewer than two clusters."""
    numbers: dict[str, float | None] = {f"{kind}_people": len(people)}
    if people.empty or people[cluster].nunique() < 2:
        return numbers | dict.fromkeys((f"{kind}_median", f"{kind}_low", f"{kind}_high"))
    found = median(people, cluster, column)
    return numbers | {f"{kind}_median": found.estimate, f"{kind}_low": found.low, f"{kind}_high": found.high}


def long_sentences_alternatives(imposed: Imposed) -> dict[str, dict[str, float | None]]:
    """The sentences of courts counted otherwise, by the name of the declared alternative."""
    people, court = imposed.under("2008"), imposed.court
    lesser = imposed.persons(court[court.law.eq("2008")])
    a_trial = people.groupby("case").years.median().reset_index()
    return {
        "to-serve": _median("court", people, "case", "to_serve"),
        "present": _median("court", people[~people.in_absentia], "case"),
        "one-a-trial": _median("court", a_trial, "case"),
        "both-laws": _median("court", pd.concat([people, imposed.under("1996")]), "case"),
        "lesser-offences": _median("court", lesser, "case"),
    }
