"""Facts on the 91 are found by kind, and voices on the study are counted once each."""

from __future__ import annotations

import pandas as pd
import pytest

from compendium.evidence import study, tables

REPORTS = pd.DataFrame(
    [
        ("poor", "reports", "co-authors", "read"),
        ("poor", "reports", "co-authors", "read"),  # the same voice twice
        ("poor", "reports", "publisher", "restated"),
        ("uneducated", "reports", "co-authors", "read"),
        ("uneducated", "near", "publisher", "read"),
        ("uneducated", "denies", "other", "read"),
        ("gains", "reports", "author", "read"),
        ("gains", "reports", "other", "unverified"),
    ],
    columns=["trait", "says", "by", "status"],
)


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "read", {"study_reports": REPORTS}.__getitem__)


@pytest.mark.usefixtures("reports")
def test_a_voice_counts_once_and_for_all_traits_asked_for() -> None:
    assert study.texts("poor") == (2, 0)
    assert study.texts("poor", only_read=True) == (1, 0)
    assert study.texts("poor", "uneducated") == (1, 1)
    assert study.texts("poor", "uneducated", near=True) == (2, 1)
    assert study.texts("gains") == (1, 0) and study.texts("gains", author=False) == (0, 0)
    assert study.texts("women") == (0, 0)


def test_the_essay_itself_is_no_voice_on_the_study() -> None:
    rows = tables.read("study_reports")
    assert not rows.source.str.contains("essay", case=False).any()
    assert set(rows.by) >= {"publisher", "co-authors"}


def test_the_size_is_that_of_the_fact_and_of_the_other_voices() -> None:
    assert study.size() == 91
    assert set(tables.read("study_reports").persons.dropna()) == {91}
    assert study.printed("K02") == "45.7" and study.printed("Z99") is None


def test_no_figure_of_the_91_passes_for_one_of_another_kind() -> None:
    assert study.figures("nationality", "percent").id.tolist() == ["K14"]
    assert study.figures("nationality", "persons").empty
    assert study.figures("social_position", "percent", "schooling").empty
