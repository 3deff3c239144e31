"""What published estimates of hidden people count, what they state, and how far they lie apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent, scaled, times
from compendium.figures import Figure, palette
from compendium.figures.lazily import alt
from compendium.methods.counts import estimates, officialcounts

NAMED = "Publishers as named, many as restated by third parties; see global_estimates in the data catalogue"
ESSAY_YEAR = 2011  # at which the table of facts sets the essay's statements (K32, K33)
MILLION = 1e6


@dataclass(frozen=True)
class Published:
    """The estimates as printed: `everything` in the table, and the `own` ones with what each states."""

    everything: pd.DataFrame
    own: pd.DataFrame

    @property
    def world(self) -> pd.DataFrame:
        """The estimates of the world."""
        return self.own[self.own.scope == "World"]

    @property
    def khmer(self) -> pd.DataFrame:
        """The estimates of Cambodia, oldest first."""
        return self.own[self.own.scope == "Cambodia"].sort_values("year_published")

    @property
    def before(self) -> pd.DataFrame:
        """The estimates up to the year at which the essay's statements are set."""
        return self.own[self.own.year_published <= ESSAY_YEAR]

    @property
    def flows(self) -> pd.DataFrame:
        """The world's flows of trafficking, oldest first."""
        world = self.world
        yearly = world[(world.concept_group == "trafficking") & (world.kind == "flow")]
        return yearly.sort_values("year_published")

    @property
    def apart(self) -> pd.DataFrame:
        """How far estimates of one concept, scope and kind lie apart, the widest first."""
        return estimates.spreads(self.own)

    @property
    def pairs(self) -> pd.DataFrame:
        """The like-for-like pairs among the estimates printed before the essay."""
        return estimates.pairs(self.before)

    def people(self, estimate: str, end: str = "central") -> float:
        """What an estimate printed (persons): its centre, or its low or high end."""
        return self.everything.set_index("id")[f"value_{end}"][estimate]


def published() -> Published:
    """Read the estimates and code each for what it states."""
    everything = tables.read("global_estimates")
    return Published(everything, estimates.coded(estimates.headlines(everything)))


# ---------------------------------------------------------------- what is counted

PANELS = {
    ("trafficking", "flow"): "Trafficking, people a year",
    ("trafficking", "stock"): "Trafficking, people at a time",
    ("forced_labour", "stock"): "Forced labour, at a time",
    ("modern_slavery", "stock"): "Modern slavery, at a time",
    ("slavery", "stock"): "Slavery, at a time",
}
WHOM = {"trafficking (women and children)": "women and children", "cross-border trafficking": "across borders"}


def words_on_timeline() -> dict[str, str]:
    """The one standard error in the table."""
    return {"error_2012": scaled(tables.value("global_estimates", "standard_error", id="ilo2012_se"))}


def _undrawn(world: pd.DataFrame) -> str:
    """The estimates of the world that stand in no panel, in words."""
    panel = pd.Series(list(zip(world.concept_group, world.kind, strict=True)), index=world.index)
    nowhere = world[~panel.isin(list(PANELS)) | world.year_published.isna()]
    rows = zip(nowhere.high, nowhere.concept, nowhere.publisher, strict=True)
    return listing([f"{scaled(high, 0)} a year in {concept}, {publisher}" for high, concept, publisher in rows])


def _ends(world: pd.DataFrame, concept: str, kind: str) -> str:
    """The lowest and the highest estimate of a panel, in words."""
    rows = world[(world.concept_group == concept) & (world.kind == kind)]
    return interval(rows.low.min() / MILLION, rows.high.max() / MILLION, decimal)


def _draw_panel(axis: Any, rows: pd.DataFrame) -> None:
    """One panel: a dot at the highest printed number, filled where a method is stated, and the printed range."""
    row: Any
    for row in rows.itertuples():
        stated = row.method == "yes"
        colour = palette.ACCENT if stated else palette.SECOND
        axis.plot([row.year_published] * 2, [row.low / MILLION, row.high / MILLION], color=colour, lw=3)
        filling = colour if stated else "none"
        axis.plot(row.year_published, row.high / MILLION, "o", color=colour, mfc=filling, ms=6)


def draw_timeline(published: Published) -> Figure:
    """World estimates by year of publication, a panel for each concept."""
    world = published.world
    other = published.flows[published.flows.concept != "trafficking"]
    mixed = ", ".join(
        f"{listing([str(year) for year in years])} {WHOM[str(concept)]}"
        for concept, years in other.groupby("concept", sort=False).year_published
    )
    drawing, axes = figures.canvas(height=6.2, rows=len(PANELS), sharex=True)
    for axis, ((concept, kind), title) in zip(axes, PANELS.items(), strict=True):
        rows = world[(world.concept_group == concept) & (world.kind == kind)]
        _draw_panel(axis, rows)
        axis.set_title(title, loc="left", fontsize=10, color=palette.MUTED)
        axis.set(ylim=(0, 1.25 * rows.high.max() / MILLION), xlim=(1998, 2024.5))
        axis.locator_params(axis="y", nbins=3)
    axes[-1].set_xlabel("Year of publication")
    axes[2].set_ylabel("Million people")
    shown = ["id", "publisher", "year_published", "concept", "kind", "low", "high", "method", "interval", "status"]
    return figures.static(
        drawing,
        name="estimates-timeline",
        title="For no confirmed estimate could a margin of error be read",
        subtitle="World estimates by what they count, million people, each panel with its own scale. "
        "Full dots state a method, empty ones do not; bars are printed ranges",
        alt="Five panels of dots from 1999 to 2022, in million people. "
        + "; ".join(f"{title}: {_ends(world, *panel)}" for panel, title in PANELS.items())
        + f". No flow of trafficking states a method ({mixed}), nor does any figure of slavery.",
        source=f"{NAMED}. Flows of {mixed} only. Not drawn, because undated: {_undrawn(world)}.",
        data=world[shown],
    )


# ---------------------------------------------------------------- what they state

STATEMENTS = {
    "method": "states a method",
    "interval": "states an interval",
    "separate": "separates trafficking",
}


def words_on_documentation(published: Published) -> dict[str, str]:
    """How many estimates state a method, a margin of error and trafficking apart, before the essay and in all."""
    before, whole = estimates.documentation(published.before), estimates.documentation(published.own)
    unclear = published.own[published.own.interval == "unclear"]
    return {
        "essay_year": str(ESSAY_YEAR),
        "before": count(before.estimates),
        "before_method": in_words(before.method),
        "before_least": in_words(before.surely) if before.surely else "none",
        "before_most": in_words(before.possibly),
        "before_separate": in_words(before.separate),
        "own": count(whole.estimates),
        "method": count(whole.method),
        "unclear": count(len(unclear)),
        "unclear_read": count((unclear.status == "read").sum()),
    }


def _tally(column: pd.Series) -> str:
    """How many say yes, and how many are unclear, in words."""
    unclear = (column == "unclear").sum()
    return f"{(column == 'yes').sum()} of {len(column)}" + (f", {unclear} unclear" if unclear else "")


def table_of_documentation(published: Published) -> pd.DataFrame:
    """How many estimates of each concept state what."""
    shown = published.own.groupby(["scope", "concept_group"])[list(STATEMENTS)].agg(_tally)
    return shown.rename_axis(["scope", "concept"]).rename(index=estimates.CONCEPTS, columns=STATEMENTS)


# ---------------------------------------------------------------- how far they lie apart

KHMER_LABELS = {
    "khm_ngo2001": "NGOs 2001",
    "khm_steinfatt2003": "Steinfatt 2003",
    "khm_steinfatt2008": "UNIAP 2008",
    "khm_gsi2014": "Slavery Index 2014",
    "khm_gsi2016": "Slavery Index 2016",
    "khm_gsi2023": "Slavery Index 2023",
}


def words_on_spreads(published: Published) -> dict[str, str]:
    """How far like-for-like estimates lie apart, and how far those of one concept, for Cambodia and the world."""
    apart, pairs = published.apart, published.pairs
    world, khmer = apart[apart.scope == "World"], apart[apart.scope == "Cambodia"]
    widest, slaves = apart.iloc[0], world[world.concept_group == "slavery"].iloc[0]
    return {
        "pairs": in_words(len(pairs)),
        "pair_least": times(pairs.least.median(), 1),
        "pair_most": times(pairs.greatest.median(), 1),
        "widest": times(widest.ratio, 0),
        "widest_low": count(widest.lowest),
        "widest_high": count(widest.highest),
        "steinfatt": count(published.people("khm_steinfatt2003")),
        "slaves": interval(slaves.lowest / MILLION, slaves.highest / MILLION, decimal),
        "flow": times(world[world.kind == "flow"].iloc[0].ratio),
        "slavery": times(world[world.concept_group == "modern_slavery"].iloc[0].ratio),
        "slavery_khmer": times(khmer[khmer.concept_group == "modern_slavery"].iloc[0].ratio),
    }


def table_of_pairs(published: Published) -> pd.DataFrame:
    """The like-for-like pairs printed before the essay: what they count, whose they are, how far apart."""
    own, pairs = published.own.set_index("id"), published.pairs
    named = own.publisher + " " + own.year_published.astype(str)
    shown = pd.DataFrame(
        {
            "first": named[pairs["first"]].to_numpy(),
            "second": named[pairs.second].to_numpy(),
            "at least": pairs.least.map(times).to_numpy(),
            "at most": pairs.greatest.map(times).to_numpy(),
        }
    )
    return shown.set_axis(pairs.label.rename("counts"))


def words_on_elsewhere(published: Published) -> dict[str, str]:
    """Estimates by a stated method for single places but Cambodia, and the deportees of 2009."""
    rows = published.everything.set_index("id")
    methods = estimates.METHOD_STATED & set(rows.method_class)
    places = rows[rows.method_class.isin(methods) & ~rows.scope.isin(["World", "Cambodia", *estimates.REGIONS])]
    return {
        "elsewhere": in_words(len(places)),
        "places": listing(list(places.scope.drop_duplicates())),
        "deported": count(rows.value_central["khm_uniap2009_deported"]),
        "deported_share": percent(rows.value_central["khm_uniap2009_share"] / 100),
        "hidden_workers": percent(rows.value_central["sandiego2012"] / 100),
    }


def draw_cambodia(published: Published) -> Figure:
    """The estimates for Cambodia on one scale."""
    khmer = published.khmer
    upwards: list[Any] = list(reversed(list(khmer.itertuples())))
    drawing, axis = figures.canvas(height=2.9)
    for place, row in enumerate(upwards):
        colour = palette.SECOND if row.concept_group == "trafficking" else palette.THIRD
        filling = colour if row.method == "yes" else "none"
        printed = count(row.high) if row.low == row.high else f"{count(row.low)} to {count(row.high)}"
        printed += "" if row.method == "yes" else "\nno method found"
        axis.plot([row.low, row.high], [place] * 2, color=colour, lw=3)
        axis.plot(row.high, place, "o", color=colour, mfc=filling, ms=7)
        axis.text(row.high * 1.25, place, printed, va="center", fontsize=9)
    axis.set(
        xscale="log",
        xlim=(250, 15_000_000),
        yticks=range(len(khmer)),
        xticks=[1e3, 1e4, 1e5, 1e6],
        xlabel="People (log scale)",
    )
    axis.set_yticklabels([KHMER_LABELS.get(row.id, f"{row.publisher} {row.year_published}") for row in upwards])
    axis.set_xticklabels(["1,000", "10,000", "100,000", "1 million"])
    axis.minorticks_off()
    return figures.static(
        drawing,
        name="estimates-cambodia",
        title=f"Cambodia’s numbers of the sex-trafficked differ by {times(published.apart.iloc[0].ratio, 0)} "
        "over seven years and three definitions",
        subtitle="People at a time. The first three count sex trafficking; the Slavery Index counts modern "
        "slavery, which is more",
        alt="Six rows on a log scale: 80,000 to 100,000 by NGOs in 2001, 2,000 in 2003, extrapolated from 1,074 "
        "counted in the capital, 433 in 2008, and modern slavery of 155,800, 256,800 and 83,000 in three editions "
        "of an index.",
        source=NAMED
        + ". Definitions narrow between 2001 and 2008: the last count is of forced women and children.",
        data=khmer[["id", "publisher", "year_published", "concept", "low", "high", "method", "status"]],
    )


# ---------------------------------------------------------------- estimated against identified

LEAST, FIRST, GREATEST = (
    "2.4 million trafficked (2005)",
    "12.3 million in forced labour (2005)",
    "49.6 million in modern slavery (2022)",
)
LATER = ("ilo2012", "gems2022_fl", "gems2022")  # the estimates whose last year has a count


def identified() -> pd.Series:
    """The State Department's world count of victims identified (persons), by year."""
    editions = officialcounts.editions(tables.read("tip_law_enforcement"), "victims_identified")
    return officialcounts.one_per_year(editions).set_index("year")["count"].astype(float)


def _stocks(published: Published) -> dict[str, float]:
    """The estimates that the reader may choose (persons at a time)."""
    return {
        LEAST: published.people("ilo2005_traf", "low"),
        FIRST: published.people("ilo2005_fl"),
        "20.9 million in forced labour (2012)": published.people("ilo2012"),
        "27.6 million in forced labour (2022)": published.people("gems2022_fl"),
        GREATEST: published.people("gems2022"),
    }


def words_on_identified(published: Published, counts: pd.Series) -> dict[str, str]:
    """The widest and the dated ratios of estimated to identified."""
    last_year = published.everything.set_index("id").reference_to
    same_year = [published.people(row) / counts[int(last_year[row])] for row in LATER]
    stocks = _stocks(published)
    return {
        "dated_fewest": count(min(same_year)),
        "dated_most": count(max(same_year)),
        "fewest": count(estimates.estimated_per_identified(stocks[LEAST], counts.max())),
        "most": count(estimates.estimated_per_identified(stocks[GREATEST], counts.min())),
    }


def _identified_layers(rows: pd.DataFrame) -> list[alt.Chart]:
    """The ratio in every year as dots, the chosen year marked, and the sentence."""
    points = alt.Chart(rows).transform_calculate(per="stock / datum.identified")
    years = alt.Scale(domain=[2007, 2024], nice=False, zero=False)
    ratios = alt.Scale(type="log", domain=[10, 2000])
    dots = points.mark_point(size=70, filled=True, opacity=1).encode(
        x=alt.X("year:Q", scale=years, axis=alt.Axis(format="d", tickCount=6), title="Year of the count"),
        y=alt.Y(
            "per:Q",
            scale=ratios,
            axis=alt.Axis(values=[10, 30, 100, 300, 1000]),
            title="Estimated for each identified (log scale)",
        ),
        color=alt.condition("datum.year == year", alt.value(palette.SECOND), alt.value(palette.ACCENT)),
        tooltip=[
            alt.Tooltip("year:Q", format="d", title="Year"),
            alt.Tooltip("identified:Q", format=",.0f", title="Identified"),
            alt.Tooltip("per:Q", format=",.0f", title="Estimated for each"),
        ],
    )
    sentence = "'One person identified for every ' + format(datum.per, ',.0f') + ' estimated.'"
    chosen = points.transform_filter("datum.year == year").transform_calculate(sentence=sentence)
    return [dots, figures.readout_of(chosen, "sentence")]


def _identified_checks(stocks: dict[str, float], counts: pd.Series) -> list[tuple[dict[str, Any], str]]:
    """The sentence for three choices, by the module."""
    return [
        (
            {"stock": float(stocks[stock]), "year": year},
            "One person identified for every "
            f"{count(estimates.estimated_per_identified(stocks[stock], counts[year]))} estimated.",
        )
        for stock, year in [(FIRST, 2009), (LEAST, 2023), (GREATEST, 2012)]
    ]


def draw_identified(published: Published, counts: pd.Series) -> Figure:
    """Live: people estimated for each one identified, by estimate and year."""
    rows, stocks = counts.rename("identified").reset_index(), _stocks(published)
    sizes = alt.binding_select(
        name="Estimate", options=[float(people) for people in stocks.values()], labels=list(stocks)
    )
    years = alt.binding_select(name="Year of the count", options=[int(year) for year in counts.index])
    controls = [
        alt.param(name="stock", value=float(stocks[FIRST]), bind=sizes),
        alt.param(name="year", value=2009, bind=years),
    ]
    return figures.live(
        alt.layer(*_identified_layers(rows)).add_params(*controls).properties(height=260),
        name="estimates-identified",
        title="The gap between estimated and identified is mostly a choice of concept",
        subtitle="People estimated at a time for each person identified in a year, State Department’s world count",
        alt="Dots by year from 2008 to 2023. With 12.3 million in forced labour the ratio falls from about 400 "
        "in 2008 to about 90 in 2023; other estimates move all dots up or down together.",
        source=f"State Department, Trafficking in Persons reports; {NAMED}. A stock is set against a year’s count. "
        "2016: six regions added up; 2015: no confirmed count.",
        data=rows,
        apart="No rule sets what is estimated against what is identified.",
        checks=_identified_checks(stocks, counts),
    )
