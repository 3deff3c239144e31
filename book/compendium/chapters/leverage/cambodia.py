"""Cambodia's law of 2008: dated pieces of evidence, what the page says of them, and what they add up to."""

from __future__ import annotations

import calendar
from collections.abc import Sequence

import pandas as pd

from compendium.chapters.leverage.panel import Panel
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent, spans, times
from compendium.methods.law import tracing
from compendium.methods.law.riskset import PLACED_TIERS
from compendium.methods.law.tracing import Evidence

SEVERITY = "severity"  # the kind of evidence that is about penalties
SECOND = 2  # the edition that brought in the cables and the statements
NEIGHBOURS = ("LAO", "THA", "VNM")
PRIORS, EVEN = (0.25, 0.75), 0.5
FACTOR = 0.5  # what evidence of one kind counts beyond the strongest of its kind
REACH, SINK = 0.8, 0.2  # the rule's lines


# ---------------------------------------------------------------- the judged pieces


def weighed() -> pd.DataFrame:
    """Every piece that was weighed, one row each; `counted` says whether it is on the list that is added up."""
    return tables.read("law_judgements")


def listed() -> pd.DataFrame:
    """The pieces on the list, by id."""
    table = weighed()
    return table[table.counted].set_index("id")


def items() -> tuple[Evidence, ...]:
    """The pieces on the list, with the judged ranges of their probabilities if the claim is true and if false."""
    return tracing.judged(weighed().to_dict("records"))


def without_strongest(pieces: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The pieces without the one whose ratio is farthest from one."""
    best = strongest(pieces)
    return tuple(item for item in pieces if item is not best)


def strongest(pieces: Sequence[Evidence]) -> Evidence:
    """The piece whose ratio is farthest from one, for or against."""
    return max(pieces, key=lambda item: max(item.ratio, 1 / item.ratio))


def on_severity(pieces: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """The pieces about penalties."""
    return tuple(item for item in pieces if item.group == SEVERITY)


def side(item: Evidence) -> str:
    """The side on which a piece is judged."""
    return "for" if item.ratio > 1 else "against"


def table_of_pieces(wanted: str) -> pd.DataFrame:
    """The pieces on one side, by date: when, what, why it counts and what weakens it."""
    pieces = [item.id for item in items() if side(item) == wanted]
    table = listed().loc[pieces, ["date", "label", "reason"]].sort_values("date", kind="stable")
    table.columns = ["Date", "Evidence", f"Why it speaks {wanted} the essay, and what weakens it"]
    return table.set_index("Date")


def table_of_judgements(wanted: str) -> pd.DataFrame:
    """The pieces on one side, by date: when, what, and the two judged ranges."""
    dates = listed().date
    rows = [
        (dates[item.id], item.label, _range(item.if_true), _range(item.if_false))
        for item in items()
        if side(item) == wanted
    ]
    table = pd.DataFrame(rows, columns=["Date", "Evidence", "If the law came of pressure", "If it did not"])
    return table.sort_values("Date", kind="stable").set_index("Date")


def _range(ends: tuple[float, float]) -> str:
    low, high = (f"{100 * end:.0f}" for end in ends)
    return f"{low}–{high}%"


def words_on_the_list() -> dict[str, str]:
    """How many pieces are on the list, how many came with the second edition, and how many were left out."""
    table = weighed()
    pieces = items()
    new = table[table.counted & table.edition.ge(SECOND)].set_index("id")
    added = [item for item in pieces if item.id in new.index]
    return {
        "pieces": in_words(len(pieces)),
        "pieces_for": in_words(sum(side(item) == "for" for item in pieces)),
        "pieces_against": in_words(sum(side(item) == "against" for item in pieces)),
        "pieces_added": in_words(len(added)),
        "left_out": in_words(int((~table.counted).sum())),
    }


def table_of_record(direction: str) -> pd.DataFrame:
    """The cables, statements, texts and studies on one side, by date: who, what was read, where, how read."""
    table = tables.read("law_evidence")
    rows = table[table.direction == direction].sort_values(["date", "id"])
    shown = rows[["date", "by", "passage", "source"]].assign(
        by=rows.by.str[:1].str.upper() + rows.by.str[1:],
        passage=["“" + passage.strip("“”") + "”" for passage in rows.passage],
        source=[
            f"{source} (restated)" if status == "restated" else source
            for source, status in zip(rows.source, rows.status, strict=True)
        ],
    )
    shown.columns = ["Date", "By", "Words that were read", "Source"]
    return shown.set_index("Date")


def table_of_left_out() -> pd.DataFrame:
    """The pieces that were weighed and left off the list, by date, with the reason."""
    rows = weighed().sort_values(["date", "id"])
    rows = rows[~rows.counted][["date", "label", "reason"]]
    rows.columns = ["Date", "Left out", "Because"]
    return rows.set_index("Date")


# ---------------------------------------------------------------- what the tables say


def words_on_the_record(panel: Panel) -> dict[str, str]:
    """What the tables say of Cambodia, its neighbours, and US money, cables and penalties."""
    tiers = panel.tiers
    return {
        **_words_on_ratings(panel),
        "passed_in": _month("TL19"),
        "in_force_in": _month("TL21"),
        "urged_before": count(_months("TL52", "TL19")),
        "others": count((tiers[tiers.year == 2002].tier == "3").sum() - 1),
        **_words_on_neighbours(panel.law),
        **_words_on_money(),
        "asked": in_words(int(tables.value("cambodia_penalties", "min_years", id="US-TVPA-108"))),
    }


def _words_on_ratings(panel: Panel) -> dict[str, str]:
    """Cambodia's bad ratings, and the years in which it could pass a law, with those after a bad rating."""
    khmer = panel.risk.frame[panel.risk.frame.iso3 == "KHM"]
    years, tiers = khmer.year, panel.tiers[panel.tiers.iso3 == "KHM"]
    told = tiers[tiers.year.between(years.min() - 1, years.max())]
    return {
        "on_tier_3": listing(spans(told.year[told.tier == "3"])),
        "on_watch_list": listing(spans(told.year[told.tier == "2WL"])),
        "told_ratings": interval(told.year.min(), told.year.max(), str),
        "risk_years": in_words(len(khmer)),
        "risk_span": interval(years.min(), years.max(), str),
        "placed_years": in_words(int(khmer.placed.sum())),
        "after_bad": listing(spans(years[khmer.placed == 1])),
    }


def _month(event: str) -> str:
    """Month and year of an event of the timeline."""
    year, month = (int(tables.value("cambodia_timeline", part, id=event)) for part in ("year", "month"))
    return f"{calendar.month_name[month]} {year}"


def _months(first: str, last: str) -> int:
    """Months from one event of the timeline to another."""
    start, end = (
        12 * tables.value("cambodia_timeline", "year", id=event)
        + tables.value("cambodia_timeline", "month", id=event)
        for event in (first, last)
    )
    return int(end - start)


def _words_on_neighbours(law: pd.DataFrame) -> dict[str, str]:
    full = law[law.criminalisation == 2].groupby("iso3").year.min()
    tiers = [tables.value("tip_tiers", "tier", iso3=iso3, year=int(full[iso3]) - 1) for iso3 in NEIGHBOURS]
    placed = sum(tier in PLACED_TIERS for tier in tiers)
    return {"neighbours_placed": in_words(placed), "neighbours": in_words(len(NEIGHBOURS))}


def _words_on_money() -> dict[str, str]:
    us = tables.read("cambodia_us_leverage").set_index("year")
    aid, grants = us.oda_us_usd / 1e6, us.tip_grants_usd / 1e6
    earlier_aid = aid.loc[2002:2004]
    return {
        "aid_fall": percent(1 - us.oda_us_usd[2006] / us.oda_us_usd[2005]),
        "aid_2005": f"{count(aid[2005])} million",
        "aid_2006": f"{count(aid[2006])} million",
        "usual": f"{interval(earlier_aid.min(), earlier_aid.max(), count)} million",
        "grants_2005": f"{decimal(grants[2005])} million",
        "grants_2006": f"{decimal(grants[2006])} million",
    }


# ---------------------------------------------------------------- what the evidence adds up to


def centre(pieces: Sequence[Evidence] | None = None, factor: float = FACTOR) -> float:
    """Central probability of the claim from an even prior."""
    found = items() if pieces is None else pieces
    return tracing.posterior_range(tracing.discount(found, factor), EVEN).central


def words_on_belief() -> dict[str, str]:
    """The probability of the claim: its centre, its range, and what moves it."""
    pieces = items()
    discounted = tracing.discount(pieces, FACTOR)
    belief = tracing.posterior_range(discounted, PRIORS, EVEN)
    likely = tracing.drawn(discounted, PRIORS)
    best = strongest(pieces)
    return {
        "likely": percent(likely.central),
        "likely_range": interval(likely.low, likely.high),
        "posterior": interval(belief.low, belief.high, tenths),
        "apart": interval(centre(factor=0), centre(factor=1)),
        "without_best": percent(centre(without_strongest(pieces))),
        "missing": times(tracing.ratio_needed(centre(), REACH)),
        "best": best.label.lower(),
        "only_severity": percent(centre(on_severity(pieces))),
        "on_severity": listing([f"“{item.label}”" for item in on_severity(pieces)]),
    }


def tenths(share: float) -> str:
    """A share in percent with one decimal."""
    return percent(share, 1)


def cambodia_bowed(
    pieces: Sequence[Evidence] | None = None,
    priors: float | tuple[float, float] = PRIORS,
    factor: float = FACTOR,
    leaning: bool = False,
) -> dict[str, float]:
    """The numbers of the claim: its probability over draws of all judged numbers, and where nine in ten lie."""
    judged = tracing.discount(items() if pieces is None else pieces, factor)
    found = tracing.drawn(judged, priors, leaning=leaning)
    return {"posterior": found.central, "posterior_low": found.low, "posterior_high": found.high}


def cambodia_bowed_alternatives() -> dict[str, dict[str, float]]:
    """The same numbers under every declared alternative; each that leans has one that leans the other way."""
    pieces = items()
    return {
        "even-prior": cambodia_bowed(priors=EVEN),
        "sceptical-prior": cambodia_bowed(priors=PRIORS[0]),
        "trusting-prior": cambodia_bowed(priors=PRIORS[1]),
        "without-strongest-for": cambodia_bowed(_without_best(pieces, "for")),
        "without-strongest-against": cambodia_bowed(_without_best(pieces, "against")),
        "independent": cambodia_bowed(factor=1),
        "strongest-of-each-kind": cambodia_bowed(factor=0),
        "one-lean": cambodia_bowed(leaning=True),
        "penalties-only": cambodia_bowed(on_severity(pieces)),
    }


def _without_best(pieces: Sequence[Evidence], wanted: str) -> tuple[Evidence, ...]:
    """The pieces without the strongest of one side."""
    best = strongest([item for item in pieces if side(item) == wanted])
    return tuple(item for item in pieces if item is not best)
