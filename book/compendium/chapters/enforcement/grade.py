"""Does the grade follow the convictions? The complaint in words, and the tiers beside the counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.enforcement.cambodia import rival_convictions
from compendium.chapters.enforcement.world import STATE, UNODC
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent, probability, spans
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.tiers import tiertest

NO_COMPLAINT = ("praise", "silent")
LATEST = 9999
ESSAY_YEAR = 2011  # at which the table of facts sets the essay's statements (K32, K33)
TIERS = {"1": "Tier 1", "2": "Tier 2", "2WL": "Watch List", "3": "Tier 3"}
WANTED_POWER = 0.8
EFFECTS = tuple(np.round(np.arange(0, 3.01, 0.25), 2))
LEVEL = 0.05
DRAWS = 5000


# ---------------------------------------------------------------- the complaint in words


@dataclass(frozen=True)
class Complaints:
    """What US documents, or newspapers that quote them, say of Cambodia's enforcement (`conviction_complaints`)."""

    said: pd.DataFrame

    @property
    def rows(self) -> pd.DataFrame:
        """The complaints of too few convictions."""
        return self.said[(self.said.says == "complaint") & (self.said.about == "convictions")]

    @property
    def before_essay(self) -> pd.DataFrame:
        """Those no later than the essay's statements."""
        return self.rows[self.rows.document_year <= ESSAY_YEAR]

    def reports(self, until: int = ESSAY_YEAR, read_only: bool = False, officials: bool = False) -> Reports:
        """Count the yearly reports, up to a year, that complain of too few convictions, and those that do not.

        A report that praises more convictions, or was read and is silent on them, does not complain. `read_only`
        leaves out reports known through newspapers; `officials` counts what other US documents say too.
        """
        said = self.said[(self.said.about == "convictions") & (self.said.document_year <= until)]
        if not officials:
            said = said[said.source.str.startswith("TIP")]
        if read_only:
            said = said[said.status == "read"]
        document = said.document_year if not officials else said.id
        complaining = set(document[said.says == "complaint"])
        return Reports(len(complaining), len(set(document[said.says.isin(NO_COMPLAINT)]) - complaining))


class Reports(NamedTuple):
    """How many reports complain of too few convictions, and how many of those seen do not."""

    complaining: int
    otherwise: int

    def numbers(self) -> dict[str, int]:
        """The numbers of the claim `too-few-convictions`."""
        return {"reports_complaining": self.complaining, "reports_otherwise": self.otherwise}


def complaints() -> Complaints:
    """Read the coded documents of which some text was seen."""
    said = tables.read("conviction_complaints")
    named = said.source.str.extract(r"TIP (?:Report )?(\d{4})", expand=False)
    said = said.assign(document_year=pd.to_numeric(named).fillna(said.year).astype(int))
    return Complaints(said[said.status != "unverified"].sort_values(["document_year", "id"]))


def table_of_complaints(found: Complaints) -> pd.DataFrame:
    """Complaints and praise of convictions by year, with the tier of the year and how far each was read."""
    tiers = tables.read("cambodia_tiers").set_index("year").tier.map(TIERS)
    rows = found.said[(found.said.about == "convictions") & found.said.says.isin(["complaint", "praise"])]
    table = pd.DataFrame(
        {
            "Year": rows.document_year.astype(str),
            "Tier": [str(tiers.get(year, "—")) for year in rows.document_year],
            "Document": rows.source.str.split(", see ").str[0],
            "Status": rows.status,
            "On convictions": rows.says,
            "What it says": rows.statement,
            f"Against {ESSAY_YEAR}": rows.document_year.le(ESSAY_YEAR).map({True: "before", False: "after"}),
        }
    )
    return table.set_index("Year")


def words_on_complaints(found: Complaints) -> dict[str, str]:
    """Which reports complain of too few convictions, which praise them, and who else complains."""
    said = found.said[found.said.about == "convictions"]
    reports = said[said.source.str.startswith("TIP")]
    early = reports.document_year <= ESSAY_YEAR
    complains, counted = reports.says == "complaint", found.reports()
    return {
        "reports": in_words(counted.complaining),
        "otherwise": in_words(counted.otherwise),
        "complaint_years": _years(reports[early & complains]),
        "praise_years": _years(reports[early & ~complains]),
        "later_complaints": _years(reports[~early & complains]),
        "later_praise": listing(spans(reports.document_year[~early & ~complains])),
        "complaints_restated": in_words(int((found.rows.status == "restated").sum())),
        "complaints_all": in_words(len(found.rows)),
        "essay_year": str(ESSAY_YEAR),
    }


def _years(rows: pd.DataFrame) -> str:
    return listing([str(year) for year in sorted(set(rows.document_year))])


# ---------------------------------------------------------------- tiers beside counts


@dataclass(frozen=True)
class Graded:
    """Report years with their tier beside the convictions of the year before (`tiertest.pair_with_lag`).

    `every` has the rows that some text confirms, `own` of these the State Department's counts.
    """

    every: pd.DataFrame
    own: pd.DataFrame


def graded(series: pd.DataFrame) -> Graded:
    """Set Cambodia's tiers beside the yearly convictions of `cambodia.bodies`."""
    yearly = series[(series.measure == "convicted") & (series.span == "year")]
    yearly = yearly[yearly.body.isin(["State Department", "UNODC"])]
    counted = yearly.rename(columns={"low": "convictions"}).assign(source=lambda rows: rows.body)
    rated = tables.read("cambodia_tiers")
    every = tiertest.pair_with_lag(rated[rated.status != "unverified"], counted[counted.status != "unverified"])
    return Graded(every, every[every.source == "State Department"])


def _follows(paired: pd.DataFrame) -> dict[str, float]:
    tested = tiertest.tier_test(paired.tier, paired.convictions)
    matched = tiertest.tier_match(paired.tier, paired.convictions)
    in_order = tiertest.pairs_in_order(paired.tier, paired.convictions)
    return {"tier_p": tested.p_value, "tier_match": matched.share, "pairs_in_order": in_order}


def too_few_convictions(found: Complaints, rows: Graded) -> dict[str, Any]:
    """The numbers of the claim `too-few-convictions`, and reasons: the reports, and tiers beside convictions."""
    reasons = {"reasons_for": FOR, "reasons_against": AGAINST}
    return {**found.reports().numbers(), **_follows(rows.every), **reasons}


FOR = [
    "The report of 2005 cites a failure to convict.",
    "The report of 2009, as a newspaper quotes it, sees no progress in convicting and punishing offenders.",
    "The head of the office that writes the report asked in September 2009 for more convictions.",
]
AGAINST = [
    "The report of 2010, as a newspaper restates it, cites a rise of convictions.",
    "The reports of 2006 to 2008 and of 2011 were not read whole; the sentence of 2007 that was seen speaks of "
    "officials’ complicity.",
    "From 2017 the reports that were read praise convictions, or say that they go on.",
]


def too_few_convictions_alternatives(found: Complaints) -> dict[str, dict[str, int]]:
    """What changes under each declared alternative."""
    return {
        "all-years": found.reports(until=LATEST).numbers(),
        "read-only": found.reports(read_only=True).numbers(),
        "other-documents": found.reports(officials=True).numbers(),
    }


# ---------------------------------------------------------------- how many convictions are enough

_FITS = "((datum.convictions > enough) == (datum.tier == '2')) ? 1 : 0"
_SENTENCE = (
    "'If more than ' + enough + ' convictions are enough,\\nthe tier fits in ' + datum.fitting"
    " + ' of ' + datum.years + ' years.'"
)


def _fit_in_words(rows: Graded, enough: int, whose: str) -> str:
    """What the method says at one setting of the figure."""
    chosen = rows.every if whose == "all" else rows.own
    found = tiertest.tier_match(chosen.tier, chosen.convictions, threshold=enough)
    return f"If more than {enough} convictions are enough, the tier fits in {found.fitting} of {found.years} years."


def _controls_of_tiers() -> list[alt.Parameter]:
    enough = alt.binding_range(name="Convictions are enough above", min=5, max=130, step=1)
    whose = alt.binding_select(
        name="Convictions counted by",
        options=["all", "State Department"],
        labels=["State Department and UNODC", "State Department alone"],
    )
    return [alt.param(name="enough", value=43, bind=enough), alt.param(name="whose", value="all", bind=whose)]


def _tier_marks(points: alt.Chart) -> list[alt.Chart]:
    """The line of enough, a dot for each year, and the tier beside it on paper."""
    across = alt.X(
        "counted_year:Q",
        scale=alt.Scale(domain=[2007.3, 2019.9], nice=False, zero=False),
        axis=alt.Axis(format="d", tickCount=7),
        title="Year of the convictions",
    )
    scale = alt.Scale(domain=[0, 145], nice=False)
    height = alt.Y("convictions:Q", scale=scale, title="Persons convicted")
    line = alt.Chart(alt.Data(values=[{}])).transform_calculate(at="enough")
    words = ["fits", "does not fit"]
    dots = points.mark_point(size=110, filled=True, opacity=1).encode(
        x=across,
        y=height,
        color=alt.Color(
            "word:N",
            scale=alt.Scale(domain=words, range=[palette.ACCENT, palette.SECOND]),
            legend=alt.Legend(title="The tier"),
        ),
        shape=alt.Shape("word:N", scale=alt.Scale(domain=words, range=["circle", "cross"])),
        tooltip=[
            alt.Tooltip("year:Q", format="d", title="Report of"),
            alt.Tooltip("short:N", title="Tier"),
            alt.Tooltip("convictions:Q", title="Convicted the year before"),
            alt.Tooltip("source:N", title="Counted by"),
        ],
    )
    tags = [
        layer
        for tier, dy in (("Tier 2", -13), ("Watch", 12))
        for layer in figures.on_paper(
            points.transform_filter(f"datum.short == '{tier}'")
            .mark_text(dy=dy, fontSize=12)
            .encode(x=across, y=height, text="short:N")
        )
    ]
    line = line.mark_rule(color=palette.MUTED, strokeWidth=2, strokeDash=[6, 4])
    return [line.encode(y=alt.Y("at:Q", scale=scale)), *tags, dots]


def draw_tiers(rows: Graded) -> figures.Figure:
    """Let the reader say how many convictions are enough."""
    every = rows.every
    best = tiertest.tier_match_best(every.tier, every.convictions)
    points = alt.Chart(every.assign(short=every.tier.map({"2": "Tier 2", "2WL": "Watch"})))
    points = points.transform_filter("whose == 'all' || datum.source == whose")
    points = points.transform_calculate(fits=_FITS, word="datum.fits ? 'fits' : 'does not fit'")
    tallied = points.transform_aggregate(fitting="sum(fits)", years="count()")
    answer = figures.readout_of(tallied.transform_calculate(sentence=_SENTENCE), "sentence")
    settings = [(43, "all"), (30, "all"), (30, "State Department"), (129, "all"), (44, "State Department")]
    chart = alt.layer(*_tier_marks(points), answer).add_params(*_controls_of_tiers())
    return figures.live(
        chart.properties(height=260),
        name="enforcement-tiers",
        title=f"No number of convictions sorts Cambodia's tiers: the best fits {best.fitting} of {best.years} "
        "years",
        subtitle="Persons convicted in Cambodia, labelled with the tier of the next year's report "
        "(Watch: Tier 2 Watch List)",
        alt="Ten dots, 2008 to 2019, each labelled with the tier that followed. Tier 2 followed 36, 43, 100 and "
        "129 convictions, the Watch List 11, 18, 29, 44, 63 and 125.",
        source=f"{STATE}; {UNODC}. Tiers: table cambodia_tiers; the tier of 2016 rests on one list.",
        data=every,
        checks=[
            ({"enough": enough, "whose": whose}, _fit_in_words(rows, enough, whose)) for enough, whose in settings
        ],
        claim="too-few-convictions",
        numbers={"tier_match": "datum.fitting / datum.years"},
    )


# ---------------------------------------------------------------- what so few years could show


@dataclass(frozen=True)
class Power:
    """Power of the test by strength of the link: the curve, a modest link, the superiority found often enough."""

    curve: pd.DataFrame
    modest: pd.Series
    enough: float


def power(rows: Graded) -> Power:
    """How often the exact test would find links of growing strength, given these tiers."""
    curve = tiertest.tier_test_power(rows.every.tier, effects=EFFECTS, level=LEVEL, draws=DRAWS)
    enough = tiertest.effect_for_power(rows.every.tier, WANTED_POWER, level=LEVEL, draws=DRAWS)
    return Power(curve, curve[curve.effect == 1].iloc[0], tiertest.superiority(enough))


def words_on_tiers(rows: Graded, found: Power) -> dict[str, str]:
    """What the test of tiers found, and what it could have found."""
    every, own = rows.every, rows.own
    test, own_test = (tiertest.tier_test(some.tier, some.convictions) for some in (every, own))
    match, own_match = (tiertest.tier_match(some.tier, some.convictions) for some in (every, own))
    best = tiertest.tier_match_best(every.tier, every.convictions)
    return {
        "points": in_words(test.years),
        "half": in_words(match.fitting),
        "above": in_words(match.above),
        "above_better": in_words(round(match.above * match.above_better)),
        "p": probability(test.p_value),
        "rank": decimal(test.correlation, 2),
        "in_order": percent(tiertest.pairs_in_order(every.tier, every.convictions)),
        "smallest": probability(test.smallest_p),
        "best_fit": in_words(best.fitting),
        "best_p": percent(best.p_value),
        "own_points": in_words(own_test.years),
        "own_p": probability(own_test.p_value),
        "own_fit": in_words(own_match.fitting),
        "wanted_power": percent(WANTED_POWER),
        "superiority": percent(found.enough),
        **_words_on_the_rival_year(every),
        "modest": percent(found.modest.superiority),
        "modest_power": percent(found.modest.power),
    }


def _words_on_the_rival_year(every: pd.DataFrame) -> dict[str, str]:
    """The exact test with the year of two rival counts, by the one and by the other."""
    rivals = rival_convictions()
    tiers = tables.read("cambodia_tiers").set_index("year").tier
    found = []
    for year, value in zip(rivals.year.astype(int), rivals.value.astype(int), strict=True):
        more = pd.Series([*every.tier, tiers[year + 1]])
        counts = [*every.convictions, value]
        found.append(tiertest.tier_test(more, counts).p_value)
    return {
        "rival_p": interval(min(found), max(found), probability),
        "rival_counts": listing([count(value) for value in sorted(rivals.value)]),
        "rival_year": listing([str(year) for year in sorted(set(rivals.year))]),
    }


def draw_power(found: Power) -> figures.Figure:
    """Draw how often a link of a given strength would be found."""
    curve, modest = 100 * found.curve, 100 * found.modest
    drawing, axis = figures.canvas(height=2.6)
    axis.fill_between(
        curve.superiority,
        curve.power - 2 * curve.power_error,
        curve.power + 2 * curve.power_error,
        color=palette.SOFT,
    )
    axis.plot(curve.superiority, curve.power, color=palette.ACCENT, lw=2)
    axis.axhline(80, color=palette.MUTED, lw=1, ls=":")
    axis.plot(modest.superiority, modest.power, "o", color=palette.SECOND)
    pairs, often = percent(found.modest.superiority), percent(found.modest.power)
    axis.annotate(
        f"{pairs} of pairs:\nfound {often} of the time",
        (modest.superiority, modest.power),
        xytext=(-12, 12),
        textcoords="offset points",
        ha="right",
        color=palette.SECOND,
    )
    axis.text(50.5, 82, "80 in 100", color=palette.MUTED, va="bottom")
    axis.set(
        xlabel="Pairs in which the better tier has more, percent",
        ylabel="Link found, percent",
        ylim=(0, 100),
        xlim=(50, 100),
    )
    return figures.static(
        drawing,
        name="enforcement-power",
        title="Ten years would miss most links that are less than overwhelming",
        subtitle="How often the exact test, at the 5% level, finds a link of a given strength with these tiers; "
        "simulated, band: simulation error",
        alt=f"A rising curve: from 3 percent without a link, to {often} where {pairs} of pairs are in order, "
        f"to 80 percent only where about {percent(found.enough)} are.",
        source="Simulation with seed, 5,000 draws for each strength.",
        data=found.curve,
    )
