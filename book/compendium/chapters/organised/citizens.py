"""Whose citizens the detected victims and the convicted are, in every country that tells UNODC."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, interval, listing, percent
from compendium.figures import Figure, palette
from compendium.figures.lazily import alt
from compendium.methods.shares import citizenship as shares

UNODC = "UNODC open data, file of April 2025"
EXTREMES = list(shares.Extremes._fields)
CLASS_OF = {"domestic": "national", "foreign": "foreign", "neither": "unknown"}
VICTIMS, CONVICTED = "victims", "convicted"
NAMES = {VICTIMS: "detected victims", CONVICTED: "convicted"}
KNOWN, FITTING, OPEN = "known", "fitting", "open"  # what is done with people of whom no citizenship is told
EVERYBODY, WITHOUT = "in", "out"  # the largest reporter


def one_digit(share: float) -> str:
    """A share in percent with one digit after the point."""
    return percent(share, 1)


def classes(parts: pd.DataFrame) -> pd.DataFrame:
    """Printed citizenships added up to three classes: iso3, year, citizenship, count_min, count_max (persons)."""
    named = parts.assign(citizenship=parts.citizen_group.map(CLASS_OF))
    return named.groupby(["iso3", "year", "citizenship"], as_index=False)[["count_min", "count_max"]].sum()


@dataclass(frozen=True)
class Counted:
    """Counts by citizenship as printed (`parts`) beside the printed totals, of victims or of the convicted."""

    parts: pd.DataFrame
    totals: pd.DataFrame
    names: pd.Series  # of countries, by ISO 3166 code

    @cached_property
    def splits(self) -> dict[str, pd.DataFrame]:
        """The splits into foreigners and others: of known citizenship, where parts fit their total, and open."""
        by_class = classes(self.parts)
        fitting = classes(self.parts[self.parts.against_total == "consistent"])
        bounded = shares.by_country_and_year(by_class, self.totals, misfits="bounded")
        return {
            KNOWN: shares.of_known(by_class),
            FITTING: shares.of_known(fitting),
            OPEN: bounded[bounded.treatment == "either"],
        }

    def of_years(self, first: int = 0, last: int = 9999) -> Counted:
        """The same counts of some years only."""
        return Counted(self.parts[self.parts.year.between(first, last)], self.totals, self.names)

    @property
    def largest(self) -> str:
        """The country that reports most people over all years (ISO 3166)."""
        return str(self.parts.groupby("iso3").count_min.sum().idxmax())

    def chosen(self, basis: str, largest: str = EVERYBODY) -> pd.DataFrame:
        """The splits on a basis, with the largest reporter or without."""
        splits = self.splits[basis]
        return splits if largest == EVERYBODY else splits[splits.iso3 != self.largest]

    def share(self, basis: str, largest: str = EVERYBODY) -> shares.ShareBounds:
        """Bounds on the share of foreign citizens, all countries and years together."""
        return shares.pooled(self.chosen(basis, largest))

    def by_country(self, basis: str, largest: str = EVERYBODY) -> pd.DataFrame:
        """Bounds on the share in each country, all its years together."""
        return shares.pooled_by_country(self.chosen(basis, largest))

    @property
    def flags(self) -> pd.Series:
        """How many country-years fit their printed total, exceed it, fall short of it, or have none."""
        return self.parts.drop_duplicates(["iso3", "year"]).against_total.value_counts()


def world() -> dict[str, Counted]:
    """Read the counts of all countries, of victims and of the convicted."""
    totals = tables.read("unodc_country_totals")
    names = tables.read("countries").set_index("iso3")["name"]
    victims = tables.read("unodc_victims_by_citizenship")
    convicted = tables.read("unodc_convicted_by_citizenship")
    return {
        VICTIMS: Counted(victims, totals[totals.indicator == "detected_victims"], names),
        CONVICTED: Counted(convicted, totals[totals.indicator == "persons_convicted"], names),
    }


# ---------------------------------------------------------------- in words


def _years(parts: pd.DataFrame) -> str:
    return f"{parts.year.min()} to {parts.year.max()}"


def _told(share: shares.ShareBounds) -> str:
    return interval(share.low, share.high, one_digit)


def words_on_victims(world: dict[str, Counted]) -> dict[str, str]:
    """Foreign citizens among the detected victims: pooled, without the largest reporter, and by country."""
    victims = world[VICTIMS]
    known, bounded = (shares.sides_of_half(victims.by_country(basis)) for basis in (KNOWN, OPEN))
    everybody, without = victims.share(OPEN), victims.share(OPEN, WITHOUT)
    return {
        "victims_low": percent(everybody.low),
        "victims_high": percent(everybody.high),
        "without_low": percent(without.low),
        "without_high": percent(without.high),
        "victim_countries": count(victims.parts.iso3.nunique()),
        "victim_country_years": count(len(victims.parts.drop_duplicates(["iso3", "year"]))),
        "victim_years": _years(victims.parts),
        "victims_known": _told(victims.share(KNOWN)),
        "victims_without": _told(victims.share(KNOWN, WITHOUT)),
        "largest_reporter": victims.names[victims.largest],
        "largest_persons": count(victims.parts[victims.parts.iso3 == victims.largest].count_min.sum()),
        "victims_fitting": _told(victims.share(FITTING)),
        "victims_fitting_without": _told(victims.share(FITTING, WITHOUT)),
        "victims_open": _told(victims.share(OPEN)),
        "victims_above": count(known.above),
        "victims_below": count(known.below),
        "victims_undecided": count(known.open),
        "open_above": count(bounded.above),
        "open_below": count(bounded.below),
        "open_undecided": count(bounded.open),
        "exceed": count(victims.flags["exceeds_total"]),
        "fall_short": count(victims.flags["falls_short"]),
        "no_total": count(victims.flags["no_total"]),
    }


def words_on_all_convicted(world: dict[str, Counted]) -> dict[str, str]:
    """Foreign citizens among the convicted of all countries, and the countries where most surely were."""
    convicted = world[CONVICTED]
    by_country = convicted.by_country(OPEN)
    sides = shares.sides_of_half(by_country)
    return {
        "convicted_countries": count(convicted.parts.iso3.nunique()),
        "convicted_country_years": count(len(convicted.parts.drop_duplicates(["iso3", "year"]))),
        "convicted_years": _years(convicted.parts),
        "convicted_known": _told(convicted.share(KNOWN)),
        "convicted_fitting": _told(convicted.share(FITTING)),
        "convicted_open": _told(convicted.share(OPEN)),
        "convicted_above": in_words(sides.above),
        "convicted_below": count(sides.below),
        "convicted_undecided": count(sides.open),
        "mostly_foreign": listing(sorted(convicted.names[by_country.iso3[by_country.low > 0.5]])),
    }


# ---------------------------------------------------------------- live

LABELS = {
    KNOWN: "leave out who is of unknown citizenship",
    FITTING: "the same, only where parts fit the total",
    OPEN: "may be either, like the unpublished",
}
SETTINGS = [
    (VICTIMS, KNOWN, EVERYBODY),
    (VICTIMS, KNOWN, WITHOUT),
    (VICTIMS, FITTING, WITHOUT),
    (VICTIMS, OPEN, EVERYBODY),
    (CONVICTED, KNOWN, EVERYBODY),
    (CONVICTED, OPEN, WITHOUT),
]
SIDES = {"more than half": palette.SECOND, "less than half": palette.ACCENT, "open": palette.MUTED}
# Bounds from sums over the rows: the extremes of `shares.Extremes` as Vega names them and as it divides them.
_SUMS: dict[str, Any] = {
    "a": "sum(fewest_foreign)",
    "b": "sum(most_others)",
    "c": "sum(most_foreign)",
    "d": "sum(fewest_others)",
    "above": "sum(is_above)",
    "below": "sum(is_below)",
    "all": "count()",
}
_BOUNDS = {"lowest": "datum.a / (datum.a + datum.b)", "highest": "datum.c / (datum.c + datum.d)"}
_SAID = (
    "'Of the ' + (whose == 'victims' ? 'detected victims' : 'convicted') + ', ' + format(datum.lowest, '.1%') + "
    "' to ' + format(datum.highest, '.1%') + ' were foreign citizens.\\nIn ' + datum.above + "
    "' countries more than half were, in ' + datum.below + ' less, and ' + (datum.all - datum.above - datum.below) "
    "+ ' are open.'"
)


def sentence(world: dict[str, Counted], whose: str, basis: str, largest: str) -> str:
    """What the live figure must say, by the module."""
    counted = world[whose]
    sides = shares.sides_of_half(counted.by_country(basis, largest))
    return (
        f"Of the {NAMES[whose]}, {_told(counted.share(basis, largest))} were foreign citizens. In {sides.above} "
        f"countries more than half were, in {sides.below} less, and {sides.open} are open."
    )


def _rows(world: dict[str, Counted]) -> pd.DataFrame:
    """A row for each country, basis and group: the extremes, the bounds, its side of half and its rank."""
    frames = []
    for whose, counted in world.items():
        for basis in LABELS:
            bounds = counted.by_country(basis)
            sums = counted.chosen(basis).groupby("iso3")[EXTREMES].sum()
            above, below = bounds.low > 0.5, bounds.high < 0.5
            side = pd.Series("open", bounds.index).mask(above, "more than half").mask(below, "less than half")
            frame = bounds.assign(whose=whose, basis=basis, side=side, is_above=above * 1, is_below=below * 1)
            frame["country"] = counted.names[bounds.iso3].to_numpy()
            frame["largest"] = (bounds.iso3 == counted.largest).to_numpy()
            frame["rank"] = (bounds.low + bounds.high).rank(method="first").astype(int)
            frames.append(frame.merge(sums, left_on="iso3", right_index=True))
    kept = ["whose", "basis", "iso3", "country", "largest", "rank", "side", "is_above", "is_below", "low", "high"]
    return pd.concat(frames)[[*kept, *EXTREMES]].round({"low": 4, "high": 4}).reset_index(drop=True)


def _controls(world: dict[str, Counted]) -> list[alt.Parameter]:
    """Whose citizenship, what to do with the unknown, and the largest reporter."""
    largest = " and ".join(dict.fromkeys(counted.names[counted.largest] for counted in world.values()))
    menus = {
        "whose": ("Whose citizenship", VICTIMS, {VICTIMS: "detected victims", CONVICTED: "persons convicted"}),
        "basis": ("The unknown", OPEN, LABELS),
        "large": ("Largest reporter", EVERYBODY, {EVERYBODY: f"in ({largest})", WITHOUT: "out"}),
    }
    return [
        alt.param(
            name=name,
            value=value,
            bind=alt.binding_select(name=label, options=list(options), labels=list(options.values())),
        )
        for name, (label, value, options) in menus.items()
    ]


def _layers(rows: pd.DataFrame) -> list[alt.Chart]:
    """A line for each country, the bar of all together, half, and the sentence."""
    chosen = alt.Chart(rows).transform_filter(
        f"datum.whose == whose && datum.basis == basis && (large == '{EVERYBODY}' || !datum.largest)"
    )
    scale = alt.Scale(domain=[0, 1], nice=False)
    across = alt.X(
        "low:Q", scale=scale, axis=alt.Axis(format=".0%", tickCount=5), title="Foreign citizens, a line a country"
    )
    upward = alt.Y("rank:Q", axis=None, scale=alt.Scale(zero=False, nice=False))
    colours = alt.Scale(domain=list(SIDES), range=list(SIDES.values()))
    lines = chosen.mark_rule(strokeWidth=1.6).encode(
        x=across,
        x2="high:Q",
        y=upward,
        color=alt.Color(
            "side:N", scale=colours, legend=alt.Legend(title=None, orient="bottom", symbolType="stroke")
        ),
        tooltip=[
            alt.Tooltip("country:N", title="Country"),
            alt.Tooltip("low:Q", format=".1%", title="Foreign, at least"),
            alt.Tooltip("high:Q", format=".1%", title="Foreign, at most"),
        ],
    )
    whole = chosen.transform_aggregate(**_SUMS).transform_calculate(**_BOUNDS)
    together = whole.mark_rect(fillOpacity=0.3, color=palette.THIRD, stroke=palette.THIRD).encode(
        x=alt.X("lowest:Q", scale=scale), x2="highest:Q"
    )
    half = alt.Chart(alt.Data(values=[{"half": 0.5}])).mark_rule(color=palette.MUTED, strokeDash=[5, 4])
    told = figures.readout_of(whole.transform_calculate(sentence=_SAID), "sentence")
    return [together, half.encode(x=alt.X("half:Q", scale=scale)), lines, told]


def numbers(world: dict[str, Counted], basis: str = OPEN) -> dict[str, float]:
    """The numbers of the claim `transnational` by what is done with the unknown."""
    convicted = world[CONVICTED].share(basis)
    return {**of_victims(world[VICTIMS], basis), "convicted_low": convicted.low, "convicted_high": convicted.high}


def of_victims(victims: Counted, basis: str = OPEN) -> dict[str, float]:
    """Those of its numbers that are on detected victims."""
    everybody, without = victims.share(basis), victims.share(basis, WITHOUT)
    sides = shares.sides_of_half(victims.by_country(basis))
    return {
        "share_low": everybody.low,
        "share_high": everybody.high,
        "without_low": without.low,
        "without_high": without.high,
        "countries_low": sides.above / sum(sides),
        "countries_high": (sides.above + sides.open) / sum(sides),
    }


def draw_citizenship(world: dict[str, Counted]) -> Figure:
    """Live: foreign citizens among victims or convicted, country by country and together."""
    rows, victims = _rows(world), world[VICTIMS]
    sides = shares.sides_of_half(victims.by_country(OPEN))
    return figures.live(
        alt.layer(*_layers(rows)).add_params(*_controls(world)).properties(height=320),
        name="organised-citizenship",
        title=f"In {sides.above} countries most detected victims were foreign citizens, "
        f"in {sides.below} most were not",
        subtitle=f"Share of foreign citizens, detected victims {_years(victims.parts)} or persons convicted "
        f"{_years(world[CONVICTED].parts)}. Each line is a country, as long as hidden counts leave it open; "
        "shaded: all together; dashed: half",
        alt=f"{victims.parts.iso3.nunique()} lines, one a country, sorted from no foreign citizens to none but "
        f"foreign citizens: {sides.below} lie below half, {sides.above} above it, {sides.open} cross it or tell "
        f"nothing. A band for all together lies at {_told(victims.share(OPEN))}.",
        source=UNODC + ", a third party’s copy. Citizenship is not route.",
        data=rows,
        checks=[
            ({"whose": whose, "basis": basis, "large": large}, sentence(world, whose, basis, large))
            for whose, basis, large in SETTINGS
        ],
        claim="transnational",
        numbers={
            name: figures.looked_up({basis: numbers(world, basis)[name] for basis in LABELS}, "basis")
            for name in numbers(world)
        },
    )
