"""What the log of searches says was seen nowhere."""

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
