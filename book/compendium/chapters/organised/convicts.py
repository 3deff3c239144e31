"""Whose citizens the convicted of East and South-East Asia are, and those of the prison study."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.organised.citizens import EXTREMES, UNODC, Counted, classes, one_digit
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, interval, percent
from compendium.figures import Figure, palette
from compendium.methods.shares import citizenship as shares
from compendium.methods.shares.proportions import clopper_pearson, grim_percent

REGION = ["Eastern Asia", "South-eastern Asia"]  # East and South-East Asia, as the UN names them


@dataclass(frozen=True)
class Convicted:
    """The convicted of the region as counted by citizenship, and the splits that classes and totals allow."""

    counted: Counted
    splits: pd.DataFrame

    @property
    def names(self) -> pd.Series:
        """Names of countries by ISO 3166 code."""
        return self.counted.names

    @property
    def people(self) -> pd.DataFrame:
        """Persons of either extreme by country, all usable years together, fewest people first."""
        people = self.splits[self.splits.treatment == "either"].groupby("iso3")[EXTREMES].sum()
        people = people.assign(everybody=people.fewest_foreign + people.most_others).sort_values("everybody")
        people["open"] = people.everybody - people.fewest_foreign - people.fewest_others
        return people

    def foreign(self, treatment: str, without: str = "") -> shares.ShareBounds:
        """Bounds on the share of foreigners, by treatment of the unknown; one country may be left out."""
        splits = self.splits
        return shares.pooled(splits[(splits.treatment == treatment) & (splits.iso3 != without)])


def facts() -> pd.DataFrame:
    """The facts of the prison study and of the reports beside it, by id."""
    return tables.read("prison_study_facts").set_index("id")


def convicted(world: dict[str, Counted]) -> Convicted:
    """The convicted of the region, split into nationals and foreigners as far as the counts allow."""
    countries = tables.read("countries")
    near = countries.iso3[countries.un_subregion.isin(REGION)]
    counted = world["convicted"]
    counted = Counted(counted.parts[counted.parts.iso3.isin(near)], counted.totals, counted.names)
    return Convicted(counted, shares.by_country_and_year(classes(counted.parts), counted.totals))


# ---------------------------------------------------------------- nationals and foreigners


def draw_classes(convicted: Convicted) -> Figure:
    """A bar for each country: nationals, those who could be either, foreigners."""
    people = convicted.people
    near = in_words(len(people))
    thai: Any = people.loc["THA"]
    drawing, axis = figures.canvas(height=2.6)
    left = np.zeros(len(people))
    for column, colour in (
        ("fewest_others", palette.STEPS[1]),
        ("open", palette.QUIET),
        ("fewest_foreign", palette.SECOND),
    ):
        axis.barh(range(len(people)), people[column], left=left, color=colour, height=0.62)
        left += people[column].to_numpy()
    for at, word, colour, side in (
        (thai.fewest_others / 2, "nationals", palette.INK, "center"),
        (thai.fewest_others + thai.open / 2, "could be either", palette.MUTED, "center"),
        (thai.everybody, "foreign", palette.SECOND, "left"),
    ):
        axis.text(at, len(people) - 0.55, word, ha=side, va="bottom", color=colour)
    axis.set(
        yticks=range(len(people)),
        yticklabels=convicted.names[people.index],
        xlabel="Persons convicted, all usable years",
        ylim=(-0.5, len(people) + 0.1),
        xlim=(0, 1180),
    )
    axis.xaxis.set_major_formatter(lambda value, _: count(value))
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="organised-classes",
        title=f"In the {near} countries of East and South-East Asia that tell it, "
        "most of the convicted are citizens",
        subtitle=f"Persons convicted in {near} countries of East and South-East Asia, 2017 to 2022, "
        "by what their citizenship must be, given parts and totals",
        alt=f"{near.capitalize()} bars by country. In each the largest piece is nationals; Thailand "
        f"has a piece of {count(thai.open)} people whose citizenship the published counts leave open and "
        f"{count(thai.fewest_foreign)} foreigners.",
        source=f"{UNODC}. {in_words(len(contradictory(convicted))).capitalize()} country-years whose parts exceed "
        "their own total are left out.",
        data=people.reset_index(),
    )


def contradictory(convicted: Convicted) -> pd.DataFrame:
    """The country-years of the region whose parts exceed their printed total: iso3, year."""
    parts = convicted.counted.parts
    return parts[parts.against_total == "exceeds_total"].drop_duplicates(["iso3", "year"])[["iso3", "year"]]


def words_on_convicted(convicted: Convicted) -> dict[str, str]:
    """How many were convicted, how many of them may be foreign, and what was left out."""
    either = convicted.foreign("either")
    without_one = [convicted.foreign("either", iso3).high for iso3 in convicted.people.index]
    return {
        "near": in_words(len(convicted.people)),
        "people": count(convicted.people.everybody.sum()),
        "country_years": count(len(convicted.splits[["iso3", "year"]].drop_duplicates())),
        "either": interval(either.low, either.high, one_digit),
        "odd": in_words(len(contradictory(convicted))).capitalize(),
        "worst": one_digit(max(without_one)),
    }


# ---------------------------------------------------------------- the prison study


@dataclass(frozen=True)
class Interviewed:
    """The people of the prison study, and how many of them were Cambodians by the printed percentage."""

    cambodians: int
    people: int

    @property
    def foreign(self) -> float:
        """The share of foreigners."""
        return 1 - self.cambodians / self.people


def interviewed(facts: pd.DataFrame) -> Interviewed:
    """Recover the count of Cambodians from the printed percentage and the number of people."""
    people = int(facts.n["K14"])
    return Interviewed(grim_percent(f"{facts.value['K14']:g}", people).candidates[0], people)


def words_on_foreigners(facts: pd.DataFrame) -> dict[str, str]:
    """Foreigners in the prison study and in an older report of the region."""
    study = interviewed(facts)
    foreigners = study.people - study.cambodians
    random = clopper_pearson(foreigners, study.people)
    return {
        "keo_foreign": percent(study.foreign),
        "keo_count": count(foreigners),
        "keo_interval": interval(random.low, random.high),
        "asia": percent(1 - facts.value["U14"] / 100),
    }
