"""What the log of searches says was seen nowhere."""

import re

import pandas as pd
import pytest

from compendium.evidence import searches, tables


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        ("the report", "library", "not_found", "nothing came back", "one; two"),
        ("the report", "archive", "not_found", "nothing", "one"),
        ("an annex", "archive", "not_found", "not found again", "one"),
        ("a letter", "archive", "in_part", "its opening", "one"),
        ("a table", "archive", "not_found", "copies without it", "another-one"),
        ("a diary", "attic", "not_found", "nothing", None),
    ]
    frame = pd.DataFrame(rows, columns=["sought", "place", "outcome", "found", "claims"])
    monkeypatch.setattr(tables, "read", lambda name: frame)


@pytest.mark.usefixtures("log")
def test_what_was_seen_on_another_occasion_or_in_part_is_not_missing() -> None:
    assert searches.not_seen("one") == {
        "not_seen": "the report",
        "searched": "library and archive",
    }


@pytest.mark.usefixtures("log")
def test_claims_are_whole_names_and_the_pattern_narrows() -> None:
    assert searches.not_seen("one", "another-one")["not_seen"] == "the report; a table"
    assert searches.not_seen("one", "another-one", about="table") == {"not_seen": "a table", "searched": "archive"}
    assert searches.not_seen("three") == {"not_seen": "nothing", "searched": "none"}
    assert searches.not_seen("one", about="diary")["not_seen"] == "nothing"  # it bears on no claim
    assert searches.not_seen()["not_seen"] == "nothing"


# ---------------------------------------------------------------- the published log beside the other tables

NUMBERED = re.compile(r"\b(?:GAO-\d\d-\d+|NCJ \d{5,}|CRS R\d{5}|WPS \d{4})\b")


def contradicted(log: pd.DataFrame, read: set[str]) -> list[str]:
    """The searches that found nothing of a numbered document of which a table read words, and do not say so."""
    missing = log[log["outcome"] == "not_found"]
    return [
        row.id
        for row in missing.itertuples()
        if {*NUMBERED.findall(f"{row.sought} {row.words}")} & read and "read" not in str(row.found)
    ]


def test_no_search_says_that_a_document_was_not_seen_of_which_a_table_read_words() -> None:
    read: set[str] = set()
    for name in set(tables.names()) - {"search_log"}:
        table = tables.read(name)
        if "status" in table and "source" in table:
            seen = table[table["status"] == "read"]["source"].dropna().astype(str)
            read |= {number for source in seen for number in NUMBERED.findall(source)}
    assert "GAO-06-825" in read
    assert contradicted(tables.read("search_log"), read) == []


def test_a_planted_contradiction_is_named() -> None:
    row = {"id": "x1", "sought": "GAO-06-825", "words": "GAO", "outcome": "not_found", "found": "nothing came back"}
    log = pd.DataFrame([row, {**row, "id": "x2", "found": "its summary was read in copies"}])
    assert contradicted(log, {"GAO-06-825"}) == ["x1"]
    assert contradicted(log, {"GAO-17-56"}) == []
