"""What texts say: how many tiers, since when, who decides, and who called on whom to wage a war."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium.evidence import codings, tables
from compendium.evidence.numbers import count, in_words
from compendium.methods.tiers import tiers

ESSAY = 2011  # the year of the essay
FIRST = 2001  # the year that it names
WAGED = ("world", "Cambodia")


def _rules(subject: str) -> pd.DataFrame:
    rules = tables.read("tier_rules")
    return rules[(rules.subject == subject) & rules.status.isin(["read", "restated"])]


# ---------------------------------------------------------------- three tiers


def three_tiers(moves: pd.DataFrame) -> dict[str, float]:
    """Return the numbers of the claim: lists of the law, the rater's own counts then and since, falls by class.

    `moves` has the moves between classes with their intervals, as `moves` of the chapter gives them.
    """
    laid = _rules("list")
    return {"law_lists": int((laid.kind == "statute").sum()), **_said(), **_falls(moves)}


def _said(kinds: tuple[str, ...] = ("report", "state"), steps: bool = False) -> dict[str, float]:
    """How often texts of these kinds count three tiers and four, until the essay and since.

    `steps` counts texts that make the Watch List a step within Tier 2 as counting three.
    """
    said = _rules("number_of_tiers")
    said = said[said.kind.isin(kinds)]
    if steps:
        within = _rules("watch_list")
        said = pd.concat([said, within[within.kind.isin(kinds) & (within.direction == "for")].assign(value=3)])
    return {
        f"{when}_{word}": int((then & (said.value == tiers_counted)).sum())
        for when, then in (("then", said.year <= ESSAY), ("since", said.year > ESSAY))
        for word, tiers_counted in (("three", 3), ("four", 4))
    }


def _falls(moves: pd.DataFrame) -> dict[str, float]:
    """The shares that fall to Tier 3 from the Watch List and from the rest of Tier 2, with their intervals."""
    cell = moves.set_index(["source", "target"])
    found: dict[str, float] = {}
    for name, source in (("watch", "2WL"), ("rest", "2")):
        row: Any = cell.loc[(source, "3")]
        found |= {f"{name}_falls": row["share"], f"{name}_falls_low": row["low"], f"{name}_falls_high": row["high"]}
    return found


def three_tiers_alternatives() -> dict[str, dict[str, float]]:
    """Return the counts with later texts, with texts of others, and with words on a step within Tier 2."""
    said = _said()
    both = {f"then_{word}": said[f"then_{word}"] + said[f"since_{word}"] for word in ("three", "four")}
    return {
        "texts-since": both,
        "texts-of-others": _said(kinds=("report", "state", "oversight", "press", "reference")),
        "step-within": _said(steps=True),
    }


# ---------------------------------------------------------------- since 2001, every year


def since_2001() -> dict[str, float]:
    """Return the numbers of the claim: editions that were seen, due and said to be missing."""
    return _editions(set(tables.read("tip_tiers").year))


def _editions(seen: set[int]) -> dict[str, float]:
    facts = tables.read("statement_evidence")
    denied = facts[(facts.statement_id == "E22") & (facts.direction == "against")]
    return {
        "due": ESSAY - FIRST + 1,
        "seen": len({year for year in seen if FIRST <= year <= ESSAY}),
        "earlier": len({year for year in seen if year < FIRST}),
        "first_seen": float(FIRST in seen),
        "denied": int((denied.year_from <= ESSAY).sum()),
        "due_since": max(seen) - ESSAY,
        "seen_since": len({year for year in seen if year > ESSAY}),
    }


def since_2001_alternatives() -> dict[str, dict[str, float]]:
    """Return them with whole lists only, and until the last report that was read."""
    whole = _editions(set(tiers.ranked(tables.read("tip_tiers")).year))
    every = since_2001()
    long = {"due": every["due"] + every["due_since"], "seen": every["seen"] + every["seen_since"]}
    return {"whole-lists": {**whole, "due_since": every["due_since"]}, "until-today": long}


# ---------------------------------------------------------------- one state's decision


def unilateral() -> dict[str, float]:
    """Return the numbers of the claim: provisions by which a body of the US decides, and by which another does."""
    said = _rules("decision")
    return {"by_us": int((said.direction == "for").sum()), "by_others": int((said.direction == "against").sum())}


def unilateral_alternatives() -> dict[str, dict[str, float]]:
    """Return them for provisions that rank, without those on waivers and aid, and for the law alone."""
    said = _rules("decision")
    mine, law = said.direction == "for", said.kind == "statute"
    president = said.passage.str.contains("President")
    counted = {"ranking-alone": mine & ~president, "law-alone": mine & law}
    return {name: {"by_us": int(rows.sum())} for name, rows in counted.items()}


# ---------------------------------------------------------------- a call to war


def call_to_war() -> dict[str, float]:
    """Return the numbers of the claim: official calls until the essay, by whom they call on and how."""
    return _called(_calls(tables.read("trafficking_calls")))


def _called(calls: pd.DataFrame) -> dict[str, float]:
    made, refused = calls[calls.direction == "for"], calls[calls.direction == "against"]
    counts = {
        f"{name}_{word}": int((rows.addressee == addressee).sum())
        for name, addressee in (("world", "world"), ("cambodia", "Cambodia"))
        for word, rows in (("calls", made), ("refusals", refused))
    }
    return {**counts, "war_calls": _waged(made)}


def _calls(calls: pd.DataFrame) -> pd.DataFrame:
    return calls[(calls.kind == "official") & (calls.year <= ESSAY) & (calls.status == "read")]


def _waged(made: pd.DataFrame, words: tuple[str, ...] = ("war",), addressees: tuple[str, ...] = WAGED) -> int:
    return int((made.word.isin(words) & made.addressee.isin(addressees)).sum())


def call_to_war_alternatives() -> dict[str, dict[str, float]]:
    """Return them with other readings of war and official, and as the second coder has them."""
    calls = tables.read("trafficking_calls")
    made = _calls(calls).query("direction == 'for'")
    without = made[~made.caller.str.contains("Congress")]
    return {
        "battle-is-war": {"war_calls": _waged(made, words=("war", "battle"))},
        "taken-up": {"war_calls": _waged(made, addressees=(*WAGED, "other"))},
        "governments-only": {
            "world_calls": int((without.addressee == "world").sum()),
            "war_calls": _waged(without),
        },
        "second-coding": _called(_calls(codings.recoded("trafficking_calls", calls))),
    }


# ---------------------------------------------------------------- for the page


def words_on_sentences() -> dict[str, str]:
    """Return how many calls were read, what the two texts on a war say, and how many editions and deciders."""
    found, editions = call_to_war(), since_2001()
    said = tables.read("trafficking_calls").set_index("id").passage
    return {
        "calls_world": in_words(int(found["world_calls"])),
        "calls_cambodia": in_words(int(found["cambodia_calls"])),
        "calls_war": in_words(int(found["war_calls"])),
        "powell": f"“{said['powell-2004'].split('“')[-1].rstrip('”')}”",
        "editions": count(editions["seen"]),
        "editions_since": count(editions["seen_since"]),
        "by_us": in_words(int(unilateral()["by_us"])),
    }


def table_of_calls() -> pd.DataFrame:
    """One row for each official call until the essay: who called on whom, when, what the text says, its words."""
    calls = _calls(tables.read("trafficking_calls")).query("direction == 'for'").sort_values(["year", "id"])
    shown = calls[["caller", "year", "addressee", "statement", "passage"]]
    shown.columns = ["Who", "Year", "On whom", "Says", "Words that were read"]
    return shown.set_index("Who")


def table_of_deciders() -> pd.DataFrame:
    """One row for each text on who decides or is heard, with its words."""
    said = _rules("decision")
    shown = said[["source", "statement", "passage"]]
    shown.columns = ["Document", "Says", "Words that were read"]
    return shown.set_index("Document")
