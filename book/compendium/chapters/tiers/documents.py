"""What statute, reports and codings say: the number of tiers, the clock of the Watch List, who read what how."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium.chapters.tiers.published import Lists
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, in_words, listing, percent, spans
from compendium.methods.tiers import tiermap, tiers

OWN_WORDS = ("statute", "report", "state")  # kinds of document in which the law or the rater speaks
SETTLED = {
    "majority": "by the majority of independent codings",
    "state_sentence": "by the State Department's own sentence",
    "evident_slip": "as an evident slip of one coding",
    "official_count": "by the State Department's own count",
    "dropped": "dropped, for its counts leave no place",
}
PAIRS = {
    "frank": ("HTI", "KS2015"),
    "cmu": ("KS2015", "SURE2018"),
    "third": ("DENVER", "tip_tiers"),
    "verb": ("STATE_verb_2018", "SURE2018"),
}


def words_on_lists(lists: Lists) -> dict[str, str]:
    """Return which lists are whole, which are closed by inference, and which are neither."""
    kind = tiermap.coverage(lists.rated)
    named = tiermap.special_cases_read(lists.rated)
    closed = lists.rated[lists.rated.year_coverage == "closed"]
    return {
        "complete": count(len(tiers.COMPLETE_YEARS)),
        "reports": count(len(kind)),
        "closed": listing(spans(kind.index[kind == "closed"])),
        "inferred": percent((closed.cell_status == "derived").mean()),
        "lost": listing(spans(kind.index[kind == "cambodia_only"])),
        "unnamed": listing([str(year) for year in tiers.COMPLETE_YEARS if year not in named]),
    }


def words_on_agreement() -> dict[str, str]:
    """Return how often codings agree, and what a third coding moved."""
    pairs = tables.read("tip_tier_agreement").groupby(["source_a", "source_b"])[["n_both_rated", "n_agree"]].sum()
    split = tables.read("tip_tier_disagreements")
    moved = split[(split.source_b == "tip_tiers") & (split.tier_kept != split.tier_b)]
    names = tables.read("countries").set_index("iso3")["name"]
    words = {
        "cells": count(len(split[["iso3", "year"]].drop_duplicates())),
        "moved": listing([f"{names[iso3]} in {year}" for iso3, year in zip(moved.iso3, moved.year, strict=True)]),
        "moved_n": in_words(len(moved)),
    }
    for name, pair in PAIRS.items():
        found: Any = pairs.loc[pair]
        share = percent(found.n_agree / found.n_both_rated, 1).replace("100.0%", "all")
        words |= {name: share, f"{name}_n": count(found.n_both_rated)}
    return words


def table_of_settlements() -> pd.DataFrame:
    """How many disputed ratings were settled in each way, and one of them with its note."""
    split = tables.read("tip_tier_disagreements").drop_duplicates(["iso3", "year"])
    names = tables.read("countries").set_index("iso3")["name"]
    rows = []
    for way, part in split.groupby("settled_by", sort=False):
        first = part.iloc[0]
        rows.append((SETTLED[str(way)], len(part), f"{names[first.iso3]} in {first.year}: {first.note}"))
    table = pd.DataFrame(rows, columns=["Settled", "Ratings", "One of them"])
    return table.sort_values("Ratings", ascending=False).set_index("Settled")


def voices() -> pd.DataFrame:
    """The documents that count the tiers, by year, each with the words that were read."""
    rules = tables.read("tier_rules")
    rules = rules[(rules.subject == "number_of_tiers") & (rules.status == "read")]
    return rules.sort_values(["year", "id"])


def words_on_voices() -> dict[str, str]:
    """Return the reports for which the State Department counts three tiers or four, and how many others do."""
    said = voices()
    own = said[said.kind.isin(OWN_WORDS)]
    press = said[~said.kind.isin(OWN_WORDS)]
    return {
        "says_three": listing(spans(own.year[own.value == 3])),
        "says_four": listing(spans(own.year[own.value == 4])),
        "others_three": in_words(int((press.value == 3).sum())),
        "others_cia": in_words(int(press.source[press.value == 3].str.startswith("CIA").sum())),
        "others_four": in_words(int((press.value == 4).sum())),
    }


def table_of_voices() -> pd.DataFrame:
    """One row for each text of the law or the State Department, and of the US auditor: its count and its words."""
    said = voices()
    said = said[said.kind.isin([*OWN_WORDS, "oversight"])]
    return _table(said.assign(count=[_three_or_four(row) for row in said.itertuples()]), "count", "Counts")


def _three_or_four(row: Any) -> str:
    return "three lists" if pd.isna(row.value) else in_words(int(row.value))


def table_of_clock_rules() -> pd.DataFrame:
    """One row for each text on the clock and its waiver: what it says and its words."""
    rules = tables.read("tier_rules")
    rules = rules[rules.subject.isin(["clock", "waiver"]) & (rules.status == "read")]
    return _table(rules.sort_values(["year", "id"]), "statement", "Says")


def _table(rules: pd.DataFrame, column: str, title: str) -> pd.DataFrame:
    shown = rules[["source", column, "passage"]]
    shown.columns = ["Document", title, "Words that were read"]
    return shown.set_index("Document")


def words_on_the_auditor() -> dict[str, str]:
    """Return the words of the US auditor on how tiers are explained, and how each text was read."""
    said = tables.read("tier_rules").set_index("id")
    return {
        "auditor_first": f"“{said.passage['gao-2006-incomplete']}”",
        "auditor_later": f"“{said.passage['gao-2016-unclear']}”",
    }


def words_not_seen() -> dict[str, str]:
    """Return what was sought for the chapter's claims or of its lists and not seen, and where."""
    log = tables.read("search_log").query("outcome == 'not_found'")
    lists = log[log.sought.str.startswith("tier ")]
    found = searches.not_seen("opaque-method", "call-to-war", "unilateral")
    return {**found, "lists_not_seen": "; ".join(f"the {row.sought} ({row.found})" for row in lists.itertuples())}
