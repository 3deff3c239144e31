"""What the page on what has changed assembles."""

from __future__ import annotations

from dataclasses import replace
from math import prod

import pandas as pd
import pytest

from compendium.chapters import since
from compendium.evidence import tables
from compendium.trial import claims


@pytest.fixture(scope="module")
def sources() -> since.Sources:
    return since.sources()


SAID = pd.DataFrame(
    [
        ("A", "organised", "read", 2023),
        ("A", "protected", "restated", 2024),
        ("B", "size", "read", 2023),
        ("B", "impunity", "read", 2022),
        ("OHCHR", "organised", "read", 2023),
        ("OHCHR", "protected", "read", 2023),
        ("OHCHR", "protected", "read", 2024),
        ("C", "size", "read", 2023),
        ("D", "protected", "read", 2023),
        ("E", "organised", "read", 2023),
        ("E", "protected", "unverified", 2023),
        ("F", "organised", "read", 2019),
        ("F", "protected", "read", 2019),
        ("G", "profit", "read", 2023),
    ],
    columns=["publisher", "topic", "status", "year"],
).assign(place=lambda rows: rows["publisher"].map({"OHCHR": "South-East Asia"}).fillna("Cambodia"))


def words(*rows: tuple[str, str, str, str]) -> since.Said:
    """Descriptions by (by, topic, place, status)."""
    return since.Said(pd.DataFrame(rows, columns=["by", "topic", "place", "status"]))


def test_a_source_counts_once_and_only_for_the_words_that_it_uses(sources: since.Sources) -> None:
    found = since.said(replace(sources, compounds_said=SAID))
    assert found.who("organised") == ["A", "E", "OHCHR"]
    assert found.both == ["A", "OHCHR"], "impunity and size are not the words of the sentence"
    assert found.who("protected") == ["A", "D", "OHCHR"]
    numbers = since.still_true_alternatives(found, since.sizes(sources))
    assert numbers == {
        "official-only": {"organised_sources": 1},
        "cambodia-only": {"organised_sources": 2, "small_sources": 0},
        "both-words": {"organised_sources": 2},
        "cases-as-source": {"small_sources": 1},
    }


def test_small_and_organised_are_counted_alike_and_mirrored() -> None:
    claim = claims.registry()["still-true"]
    rows = [
        (name, topic, "Cambodia", "read")
        for topic, names in (("organised", "ABD"), ("small", "C"))
        for name in names
    ]
    mirrored = [(name, {"organised": "small", "small": "organised"}[topic], *rest) for name, topic, *rest in rows]
    verdict = claim.decide(since.still_true(words(*rows)))[0]
    assert (verdict, claim.decide(since.still_true(words(*mirrored)))[0]) == ("contradicted", "supported")
    assert claim.decide(since.still_true(words(*rows[:2])))[0] == "not established", "two sources are too few"
    mixed = [*rows[:2], rows[-1]]
    assert claim.decide(since.still_true(words(*mixed)))[0] == "not established", "nor are two and one against"


def test_published_sources_and_their_words(sources: since.Sources) -> None:
    found = since.said(sources)
    assert {"US State Department", "Amnesty International", "UNODC"} == set(found.both)
    assert {"OHCHR", "Cambodian Interior Ministry"} <= set(found.who("organised")) - set(found.both)
    table = since.table_of_sources(sources, found)
    assert "impunity" in table.loc["OHCHR", "Size or impunity"] and table.loc["OHCHR", "Protected"] == "—"
    assert set(table.index[table["Counted as"] == "organised"]) == set(found.who("organised"))


def test_a_report_since_2020_that_says_small_counts_and_an_earlier_one_does_not(
    sources: since.Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = tables.read
    assert since.said(sources).who("small") == []
    offenders = read("offender_evidence")
    moved = offenders.assign(year=offenders["year"].where(offenders["id"] != "tip-2018-small", 2023))
    monkeypatch.setattr(tables, "read", lambda name: moved)
    assert len(since.said(sources).who("small")) == 1


def test_cases_are_small_only_if_every_count_of_the_committee_is(sources: since.Sources) -> None:
    found, sizes = since.said(sources), since.sizes(sources)
    assert since.still_true_alternatives(found, sizes)["cases-as-source"] == {"small_sources": 1}
    large = replace(sizes, committee=pd.DataFrame({"per_case": [1.2, 3.0]}))
    assert since.still_true_alternatives(found, large)["cases-as-source"] == {"small_sources": 0}


def test_half_years_stand_within_their_year_and_sizes_are_quotients(sources: since.Sources) -> None:
    counts, committee = sources.counts, since.sizes(sources).committee
    half = committee.loc["ncct-2025h1-trafficking"]
    assert half.year == 2025.25
    assert half.per_case == counts.suspects["ncct-2025h1-trafficking"] / counts.cases["ncct-2025h1-trafficking"]
    assert (committee.per_case >= 1).all()


def test_a_number_is_taken_from_its_text_and_one_that_is_not_there_is_named() -> None:
    assert since._number("police found 1,234 foreigners in 12 compounds", r"([\d,]+) foreigners") == 1234
    with pytest.raises(ValueError, match="no figure here"):
        since._number("no figure here", r"([\d,]+) compounds")


def test_belief_is_prior_odds_times_the_ratios_shown() -> None:
    odds = prod(since.FIRST[item.id] ** (1 if item.ratio > 1 else -1) for item in since.ITEMS)
    assert since._belief(since.ITEMS) == pytest.approx(odds / (1 + odds))
    assert since._belief((), prior=0.2) == pytest.approx(0.2)
    assert since._belief(since.ITEMS, **dict.fromkeys(since.FIRST, 1.0), prior=0.3) == pytest.approx(0.3)
    assert all(ratio >= 1 for ratio in since.FIRST.values()), "each control says whom the observation favours"
