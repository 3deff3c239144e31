"""The numbers that the verdicts on the two figures rest on, and what moves them."""

from __future__ import annotations

import pandas as pd

from compendium.chapters.numbers.printed import Facts, Totals
from compendium.evidence import tables
from compendium.evidence.numbers import in_words

PUBLISHER = "publisher"
UNSAID = "all_exploited"  # profit from the exploited at large: neither the same people nor others
UN_SENSE = "un_trafficking"  # people counted as trafficked by the definition of the UN Protocol
FACTOR = 2  # estimates within this factor of the quoted profit are near it
OWN = ("own_estimate",)
UNSOURCED = (*OWN, "no_source")
PROFITS = ("profit", "earnings")
TURNOVER = ("revenue", "market_value", "turnover")
SOURCE = ("belser_traf", "belser_total")  # the source of the quoted profit is no second estimate


# ---------------------------------------------------------------- 12.3 million


def slaves_12m(facts: Facts) -> dict[str, float]:
    """The share of the 12.3 million that its source calls trafficked, and bounds under the UN definition."""
    share = facts.trafficked / facts.whole
    return {"trafficked_share": share, **_un_bounds(facts, share, facts.private / facts.whole)}


def _un_bounds(facts: Facts, low: float, high: float) -> dict[str, float]:
    """The least and greatest share by the UN definition: a count by it, where one was printed, or `low`, `high`.

    Who was trafficked in the source's narrower sense was so by the UN's too; what states impose is left out.
    """
    rows = readings()
    counted = rows.value[(rows.figure == "people") & (rows.population == UN_SENSE)] / facts.whole
    if counted.empty:
        return {"un_low": low, "un_high": max(low, high)}
    return {"un_low": float(counted.min()), "un_high": float(counted.max())}


def slaves_12m_alternatives(facts: Facts) -> dict[str, dict[str, float]]:
    """The shares by other copies, other wholes and other senses of the word."""
    whole, private = facts.whole, facts.private
    least, most = facts.smallest / whole, facts.largest / whole
    return {
        "lowest-copy": {"trafficked_share": least, **_un_bounds(facts, least, private / whole)},
        "highest-copy": {"trafficked_share": most, **_un_bounds(facts, most, private / whole)},
        "private-only": {
            "trafficked_share": facts.trafficked / private,
            **_un_bounds(facts, facts.trafficked / private, 1.0),
        },
        "un-definition": {"trafficked_share": private / whole},
        "moved": {"trafficked_share": facts.moved},
        "ilo-2012": {"trafficked_share": 1.0, "un_low": 1.0, "un_high": 1.0},
    }


# ---------------------------------------------------------------- 32 billion


def other_estimates(
    facts: Facts, measures: tuple[str, ...] = PROFITS, origins: tuple[str, ...] = OWN
) -> pd.DataFrame:
    """World figures of trafficking as a whole that do not come from the quoted figure's source; rows of profits."""
    rows = facts.profits
    part = rows.population.str.contains("child|exploitation", case=False)
    return rows[
        (rows.scope == "World")
        & (rows.population_group == "trafficked")
        & ~part
        & rows.measure.isin(measures)
        & rows.origin.isin(origins)
        & rows.status.ne("unverified")
        & ~rows.index.isin(SOURCE)
    ]


def near_and_far(facts: Facts, rows: pd.DataFrame) -> dict[str, float]:
    """How many figures lie wholly within a factor of two of the quoted profit, and how many wholly outside it."""
    low = rows.value_usd_low.fillna(rows.value_usd) / facts.quoted_profit
    high = rows.value_usd_high.fillna(rows.value_usd) / facts.quoted_profit
    near = (low >= 1 / FACTOR) & (high <= FACTOR)
    far = (high < 1 / FACTOR) | (low > FACTOR)
    return {"near": int(near.sum()), "far": int(far.sum())}


def profit_32bn(facts: Facts) -> dict[str, float]:
    """The quoted profit over the one its source printed, and how many other estimates of it lie near and far."""
    return {
        "ratio_to_source": facts.quoted_profit / facts.source_profit,
        **near_and_far(facts, other_estimates(facts)),
    }


def profit_32bn_alternatives(facts: Facts, totals: Totals) -> dict[str, dict[str, float]]:
    """The same numbers against other bases."""
    parts = facts.profits.query("origin == 'own_estimate' and population_group == 'forced_sexual_exploitation'")
    own = other_estimates(facts)
    forced = totals.forced[totals.forced.origin.isin(OWN) & ~totals.forced.index.isin(SOURCE)]
    return {
        "all-private": {"ratio_to_source": facts.quoted_profit / facts.all_private["value_usd"]},
        "part-for-whole": near_and_far(facts, pd.concat([own, parts])),
        "forced-labour-as-trafficking": near_and_far(facts, pd.concat([own, forced])),
        "without-source": near_and_far(facts, other_estimates(facts, PROFITS, UNSOURCED)),
        "any-money": near_and_far(facts, other_estimates(facts, PROFITS + TURNOVER, UNSOURCED)),
    }


# ---------------------------------------------------------------- the two as a pair


def readings() -> pd.DataFrame:
    """What texts say that the two figures count, without what nobody confirmed: rows of figure_readings."""
    rows = tables.read("figure_readings")
    return rows[rows.status != "unverified"]


def populations(rows: pd.DataFrame) -> dict[str, float]:
    """How many texts take the profit from those whom the people of these rows are, and how many from others.

    `same_people` and `other_people` count documents; both are zero where no row says who the people are.
    """
    people = set(rows.population[rows.figure == "people"])
    profits = rows[(rows.figure == "profit") & (rows.population != UNSAID)]
    same = profits.population.isin(people)
    return {
        "same_people": int(profits.document[same].nunique()),
        "other_people": int(profits.document[~same].nunique()) if people else 0,
    }


def words_on_readings() -> dict[str, str]:
    """How many texts of the publisher, and of others, part the two figures and how many join them."""
    rows = readings()
    own, others = (populations(rows[(rows.speaks == PUBLISHER) == mine]) for mine in (True, False))
    return {
        "apart": in_words(int(own["other_people"])),
        "together": in_words(int(own["same_people"])) if own["same_people"] else "none",
        "others_apart": in_words(int(others["other_people"])),
        "others_together": in_words(int(others["same_people"])),
    }


def figures_paired(facts: Facts) -> dict[str, float]:
    """Whom the publisher's texts give the two figures to, and the dollars a person that the pair implies."""
    rows = readings()
    return {
        **populations(rows[rows.speaks == PUBLISHER]),
        "implied_per_person": facts.implied.value,
        "printed_per_person": facts.published_high,
    }


def figures_paired_alternatives(facts: Facts) -> dict[str, dict[str, float]]:
    """The same by other texts."""
    rows = readings()
    published = rows[rows.speaks == PUBLISHER]
    own = published.seen_at.str.contains(r"\bilo\.org")
    return {
        "restaters-too": populations(rows),
        "restaters-alone": populations(rows[rows.speaks != PUBLISHER]),
        "press-release": populations(published[published.document.str.contains("press release")]),
        "own-address": populations(published[(published.figure == "people") | own]),
    }
