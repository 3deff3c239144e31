"""What the two famous figures count, any pair of printed totals, and how far the totals lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import decimal, dollars, in_words, interval, percent, scaled, times, trimmed
from compendium.figures import Figure, palette
from compendium.figures.lazily import alt
from compendium.methods.counts import lineage

ILO = "ILO 2005: its press release, and restatements named in the data catalogue"
MILLION, BILLION = 1e6, 1e9

# ---------------------------------------------------------------- the two figures


@dataclass(frozen=True)
class Facts:
    """The printed totals: people in forced labour in 2005 by group (persons), and profits (US dollars a year)."""

    whole: float
    trafficked: float  # the trafficked part, as the finest copy prints it
    largest: float  # the same, as the higher copies round it
    smallest: float
    private: float  # imposed by private agents
    state: float
    latest_people: float  # in forced labour in 2022
    moved: float  # share of those in forced labour in 2012 that had moved
    profits: pd.DataFrame  # global_profits by id

    @property
    def quoted_profit(self) -> Any:
        """The profit that is quoted with the 12.3 million."""
        return self.profits.value_usd["ilo2005_press"]

    @property
    def source_profit(self) -> Any:
        """The profit from trafficked people that the source printed."""
        return self.profits.value_usd["belser_traf"]

    @property
    def all_private(self) -> Any:
        """The source's row of all forced labour imposed by private agents."""
        return self.profits.loc["belser_total"]

    @property
    def other(self) -> Any:
        """The source's row of other economic exploitation."""
        return self.profits.loc["belser_econ"]

    @property
    def published_high(self) -> Any:
        """Dollars that the source printed for a trafficked person."""
        return self.profits.per_person_usd["belser_traf"]

    @property
    def share(self) -> lineage.Rounded:
        """The trafficked share of the whole, as rounding to the printed digits allows."""
        return lineage.ratio(lineage.rounded(self.trafficked, 1e4), lineage.rounded(self.whole, 1e5))

    @property
    def implied(self) -> lineage.Rounded:
        """Dollars a person that the quoted pair implies, as rounding to the printed digits allows."""
        return lineage.ratio(lineage.rounded(self.quoted_profit, 1e9), lineage.rounded(self.whole, 1e5))


def facts() -> Facts:
    """Read the printed totals."""
    estimates = tables.read("global_estimates").set_index("id")
    printed = estimates.value_central
    return Facts(
        whole=printed["ilo2005_fl"],
        trafficked=printed["ilo2005_traf_exact"],
        largest=estimates.value_high["ilo2005_traf"],
        smallest=estimates.value_low["ilo2005_traf"],
        private=printed["ilo2005_priv"],
        state=printed["ilo2005_state"],
        latest_people=printed["gems2022_fl"],
        moved=printed["pace2013"] / printed["ilo2012"],
        profits=tables.read("global_profits").set_index("id"),
    )


def words_on_people(facts: Facts) -> dict[str, str]:
    """The whole, its trafficked part, and the share with what rounding allows."""
    share = facts.share
    return {
        "whole": scaled(facts.whole),
        "trafficked": interval(facts.smallest / MILLION, facts.largest / MILLION, decimal) + " million",
        "smallest": scaled(facts.smallest),
        "largest": scaled(facts.largest),
        "finest": scaled(facts.trafficked, 2),
        "share": percent(share.value),
        "private": scaled(facts.private),
        "asia": scaled(tables.value("global_estimates", "value_central", id="ilo2005_asia_pacific")),
        "private_share": percent(facts.private / facts.whole),
        "moved": percent(facts.moved),
        "share_interval": interval(share.low, share.high, lambda v: percent(v, 1)),
    }


def draw_whole(facts: Facts) -> Figure:
    """One bar of all forced labour in its three pieces."""
    whole, largest, state = facts.whole, facts.largest, facts.state
    pieces = pd.DataFrame(
        {
            "group": ["Trafficked", "Other forced labour imposed by private agents", "Imposed by states"],
            "people": [largest, whole - largest - state, state],
        }
    )
    other = pieces.people[1]
    drawing, axis = figures.canvas(height=1.85)
    left = 0.0
    for people, colour in zip(pieces.people, (palette.SECOND, palette.STEPS[1], palette.QUIET), strict=True):
        axis.barh(0, people / MILLION, left=left / MILLION, color=colour, height=0.5, edgecolor=palette.PAPER)
        left += people
    for at, words, ink in (
        (largest / 2e6, f"Trafficked\n{decimal(largest / MILLION)}", {"color": palette.SECOND}),
        ((largest + whole - state) / 2e6, f"Other private forced labour\nabout {decimal(other / MILLION)}", {}),
        (
            (whole - state / 2) / 1e6,
            f"Imposed by states\nabout {decimal(state / MILLION)}",
            {"color": palette.MUTED},
        ),
    ):
        axis.text(at, -0.42, words, ha="center", va="top", **ink)
    axis.set(ylim=(-1.15, 0.4), yticks=[], xlabel="Million people", xlim=(0, whole / MILLION))
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="numbers-whole",
        title=f"The ILO counted about one in five of the {scaled(whole)} as trafficked",
        subtitle="People in forced labour at any one time between 1995 and 2004, by who forced them; millions",
        alt=f"One bar of {scaled(whole)} people in three pieces: {scaled(largest)} trafficked, "
        f"about {scaled(other)} in other forced labour imposed by private agents, "
        f"about {scaled(state)} imposed by states.",
        source=ILO + ". The piece between the trafficked and the state-imposed is the rest.",
        data=pieces,
    )


def words_on_profit(facts: Facts) -> dict[str, str]:
    """The profits of 2005 as printed, and what the quoted pair implies for a person."""
    implied = facts.implied
    return {
        "source_profit": dollars(facts.source_profit),
        "all_private": dollars(facts.all_private["value_usd"]),
        "published_high": dollars(facts.published_high),
        "implied": dollars(implied.value),
        "implied_interval": interval(implied.low, implied.high, dollars),
        "gap": times(facts.published_high / implied.value, 0),
    }


# ---------------------------------------------------------------- any pair

PRINTED = {
    "belser_traf": "2005: trafficked",
    "belser_total": "2005: all private",
    "ilo2014_sex": "2014: sexual",
    "ilo2014_lab": "2014: labour outside the home",
    "ilo2024_sex": "2024: sexual",
    "ilo2024_lab": "2024: other private",
    "ilo2024_total": "2024: all private",
    "ilo2014_restated_in_2024": "2024: all private in 2012",
}


def divided_other(facts: Facts) -> float:
    """Dollars a person in the source's other economic exploitation, a quotient that it is not seen to print."""
    return lineage.per_person(facts.other["value_usd"], facts.other["persons"])


def words_on_pairs(facts: Facts) -> dict[str, str]:
    """A pair that fits by chance, and a lower bar that the source does not print."""
    profits = facts.profits
    by_chance = lineage.per_person(profits.value_usd["ilo2024_total"], profits.persons["ilo2014_total"])
    return {
        "by_chance": dollars(by_chance),
        "divided": dollars(divided_other(facts)),
        "other_profit": dollars(facts.other["value_usd"]),
        "other_people": scaled(facts.other["persons"], 0),
    }


def _pair_controls(facts: Facts) -> list[alt.Parameter]:
    """The menus of profits and of people."""
    profits = facts.profits
    numerators = {
        "$32 billion, as quoted": facts.quoted_profit,
        "$31.6 billion, trafficked people only": facts.source_profit,
        "$44.3 billion, all private forced labour": facts.all_private["value_usd"],
        "$150.2 billion, ILO 2014, all private": profits.value_usd["ilo2014_total"],
        "$236 billion, ILO 2024, all private": profits.value_usd["ilo2024_total"],
    }
    denominators = {
        "12.3 million, all forced labour (2005)": facts.whole,
        "2.5 million, the trafficked part (2005)": facts.largest,
        "2.4 million, the trafficked part, lowest": facts.smallest,
        "10 million, private forced labour (2005)": facts.all_private["persons"],
        "18.7 million, private forced labour (2012)": profits.persons["ilo2014_total"],
        "27.6 million, all forced labour (2022)": facts.latest_people,
    }
    return [
        alt.param(
            name=name,
            value=first,
            bind=alt.binding_select(name=label, options=list(values.values()), labels=list(values)),
        )
        for name, label, first, values in (
            ("profit", "Profit in a year", facts.quoted_profit, numerators),
            ("people", "People", facts.whole, denominators),
        )
    ]


def _pair_layers(known: pd.DataFrame) -> list[alt.Chart]:
    """The printed figures as dots, the reader's pair as a line, and the sentence."""
    axis = alt.Axis(format="$,.0f", values=[1000, 3000, 10000, 30000, 100000])
    scale = alt.Scale(type="log", domain=[900, 110000])
    dots = (
        alt.Chart(known)
        .mark_point(size=110)
        .encode(
            x=alt.X("per_person_usd:Q", scale=scale, axis=axis, title="Dollars a person and year (log)"),
            y=alt.Y("group:N", sort=None, title=None, axis=alt.Axis(labelLimit=200)),
            tooltip=[
                alt.Tooltip("group:N", title="Published"),
                alt.Tooltip("per_person_usd:Q", format="$,.0f", title="A person"),
            ],
        )
    )
    pair = "profit / people"
    yours = alt.Chart(alt.Data(values=[{}])).mark_rule(color=palette.SECOND, strokeWidth=3)
    line = yours.encode(x=alt.X("pair:Q", scale=scale)).transform_calculate(pair=pair)
    return [dots, line, figures.readout(f"'Your pair gives ' + format({pair}, '$,.0f') + ' a person.'")]


def _pair_checks(facts: Facts) -> list[tuple[dict[str, Any], str]]:
    """The sentence for three pairs, by the module."""
    pairs = [
        (facts.quoted_profit, facts.whole),
        (facts.source_profit, facts.smallest),
        (facts.all_private["value_usd"], facts.all_private["persons"]),
    ]
    return [
        ({"profit": p, "people": n}, f"Your pair gives {dollars(lineage.per_person(p, n))} a person.")
        for p, n in pairs
    ]


def draw_pairs(facts: Facts) -> Figure:
    """Live: dollars a person from any pair of printed totals, beside what was printed."""
    per_person = facts.profits.per_person_usd[list(PRINTED)].to_numpy()
    known = pd.DataFrame({"group": list(PRINTED.values()), "per_person_usd": per_person})
    lowest, highest = known.per_person_usd.min(), known.per_person_usd.max()
    return figures.live(
        alt.layer(*_pair_layers(known)).add_params(*_pair_controls(facts)).properties(height=230),
        name="numbers-calculator",
        title="The quoted pair gives less for a person than any sum that the ILO was seen to print",
        subtitle="US dollars a person and year. Dots: as the ILO published it (all private: forced labour imposed "
        "by private agents; sexual: forced sexual exploitation). Line: from your pair",
        alt=f"Published profit per person as {len(known)} dots, from {dollars(lowest)} to {dollars(highest)}; "
        f"the quoted pair, a line at {dollars(facts.implied.value)}, lies below all of them.",
        source="ILO 2005, 2014 and 2024, as restated by the documents named in the data catalogue. "
        "Vintages differ, dollars are not deflated.",
        data=known,
        checks=_pair_checks(facts),
        claim="figures-paired",
        numbers={"implied_per_person": "profit / people"},
    )


# ---------------------------------------------------------------- the totals in print

ORIGINS = {
    "own_estimate": "own estimate",
    "part": "own estimate",
    "repeats": "a repetition",
    "no_source": "no source",
}
ABOUT = {"trafficked": "said of trafficking", "private_forced_labour": "said of all private forced labour"}
HUES = dict(zip(ABOUT.values(), (palette.SECOND, palette.ACCENT), strict=True))


@dataclass(frozen=True)
class Totals:
    """World totals a year in print, rows of global_profits."""

    named: pd.DataFrame  # said of trafficking as a whole
    firm: pd.DataFrame  # those of them that are confirmed
    forced: pd.DataFrame  # profits of all private forced labour

    @property
    def independent(self) -> pd.DataFrame:
        """The confirmed ones that are an estimate of their publisher, or a part of one."""
        return self.firm[self.firm.origin.isin(["own_estimate", "part"])]

    @property
    def copies(self) -> pd.DataFrame:
        """The confirmed ones that repeat an independent one, with it."""
        return self.firm[
            self.firm.origin_id.isin(self.independent.index) | self.firm.index.isin(self.independent.index)
        ]

    @property
    def unsourced(self) -> pd.DataFrame:
        """The confirmed ones for which no source and no method was found."""
        return self.firm[self.firm.origin == "no_source"]

    @property
    def profit_only(self) -> pd.DataFrame:
        """The confirmed profits said of trafficking."""
        return self.firm[self.firm.measure.isin(["profit", "earnings"])]

    @property
    def spread(self) -> float:
        """The highest confirmed total over the lowest."""
        return lineage.spread(self.firm)

    @property
    def spread_with_forced(self) -> float:
        """The same with the profits of all private forced labour."""
        return lineage.spread(pd.concat([self.firm, self.forced]))


def totals(facts: Facts) -> Totals:
    """Sort the printed world totals by what they are said of."""
    profits = facts.profits
    parts = profits.population.str.contains("child|exploitation", case=False)
    world = profits[(profits.scope == "World") & ~parts]
    trafficked = world[(world.population_group == "trafficked") & world.measure.ne("rise_in_profit")]
    named = trafficked.dropna(subset=["value_usd", "value_usd_low"], how="all")
    private = world[(world.population_group == "private_forced_labour") & (world.measure == "profit")]
    return Totals(named, named[named.status != "unverified"], private.dropna(subset="value_usd"))


def words_on_totals(facts: Facts, totals: Totals) -> dict[str, str]:
    """How many totals are in print, where they come from, and how far they lie apart."""
    profits, copies, value = totals.profit_only, totals.copies, facts.profits.value_usd
    return {
        "spread": times(totals.spread),
        "spread_with_forced": times(totals.spread_with_forced, 0),
        "named": in_words(len(totals.firm)).capitalize(),
        "independent": in_words(len(totals.independent)),
        "repeats": in_words(len(copies) - len(totals.independent)),
        "unsourced": in_words(len(totals.unsourced)),
        "profits": in_words(len(profits)),
        "spread_copies": times(lineage.spread(copies), 2),
        "spread_profit": times(lineage.spread(profits)),
        "child": dollars(value["unicef2003_child"], 0),
        "fbi": dollars(value["fbi2006"], 0),
        "market": dollars(value["coe2006"]),
        "kara": dollars(value["kara2009_sex"]),
        "later": f"{dollars(value['ilo2014_total'], 0)} in 2014 and {dollars(value['ilo2024_total'], 0)} in 2024",
    }


def _shown_totals(totals: Totals) -> pd.DataFrame:
    """The totals to draw, lowest first: id; label, about, low and high (billion US dollars), status, seen_at."""
    shown = pd.concat([totals.named, totals.forced])
    publisher = shown.publisher.str.replace("attributed to ", "").str.replace(r" \(.*", "", regex=True)
    year = shown.year_published.astype("string").fillna("undated")
    shown = shown.assign(
        low=shown.value_usd_low.fillna(shown.value_usd) / BILLION,
        high=shown.value_usd_high.fillna(shown.value_usd) / BILLION,
        about=shown.population_group.map(ABOUT),
        label=publisher + " " + year + ", " + shown.measure.str.replace("_", " "),
    )
    shown.loc[["belser_traf", "ilo2005_press"], "label"] += [" (source)", " (press)"]
    return shown.sort_values(["about", "high"], ascending=[False, True])


def _places_under_headings(axis: Any, shown: pd.DataFrame) -> list[int]:
    """Where each row is drawn, from below; above a group stands its name, coloured as its rows."""
    places: list[int] = []
    headings: dict[int, str] = {}
    for about, rows in shown.groupby("about", sort=False):
        start = places[-1] + 2 if places else 0
        places += range(start, start + len(rows))
        headings[places[-1] + 1] = str(about)
    labels = dict(zip(places, shown.label, strict=True)) | headings
    axis.set_yticks(list(labels), labels.values())
    for tick in axis.get_yticklabels()[-len(headings) :]:
        tick.set_color(HUES[tick.get_text()])
    return places


def draw_totals(facts: Facts, totals: Totals) -> Figure:
    """The printed totals as dots, by what they are said of."""
    shown = _shown_totals(totals)
    ends = {
        about: interval(rows.low.min(), rows.high.max(), lambda billions: trimmed(billions, 1))
        for about, rows in shown.groupby("about")
    }
    drawing, axis = figures.canvas(height=0.33 * (len(shown) + len(ends)) + 0.9)
    places = _places_under_headings(axis, shown)
    row: Any
    for place, row in zip(places, shown.itertuples(), strict=True):
        hollow, colour, span = row.status == "unverified", HUES[row.about], [row.low, row.high]
        axis.plot(span, [place, place], color=colour, lw=2, ls=":" if hollow else "-")
        axis.plot(span, [place, place], "o", color=colour, mfc="none" if hollow else colour)
        words = "unconfirmed" if hollow else ORIGINS[row.origin]
        at, side = (row.high * 1.2, "left") if colour == palette.SECOND else (row.low / 1.2, "right")
        axis.text(at, place, words, color=colour, ha=side, va="center", bbox=figures.ON_PAPER)
    quoted, top = facts.quoted_profit / BILLION, places[-1] + 1
    axis.axvline(quoted, color=palette.MUTED, lw=1, ls=":")
    axis.text(quoted, top + 0.6, " quoted", color=palette.MUTED, va="bottom")
    ticks = [5, 10, 30, 100, 250]
    axis.set(xscale="log", xlabel="Billion US dollars (log scale)", xticks=ticks)
    axis.set_xticklabels([str(tick) for tick in ticks])
    axis.minorticks_off()
    axis.set_ylim(-0.6, top + 1.3)
    return figures.static(
        drawing,
        name="numbers-spread",
        title=f"Of {in_words(len(totals.firm))} totals said of trafficking "
        f"{in_words(len(totals.independent))} rests on an estimate of its own",
        subtitle="Published world totals a year and what each rests on, by the people of whom each is said",
        alt=f"Dot plot of {len(shown)} published world totals. Those said of trafficking run from "
        f"{ends[ABOUT['trafficked']]} billion dollars, those of all private forced labour from "
        f"{ends[ABOUT['private_forced_labour']]} billion.",
        source="Publishers as named, mostly as restated by third parties; see the data catalogue.",
        data=shown.reset_index()[["id", "label", "about", "low", "high", "origin", "status", "seen_at"]],
    )
