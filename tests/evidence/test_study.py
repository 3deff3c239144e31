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


@pytest.mark.usefixtures("reports")
def test_voices_that_were_read_and_voices_beside_the_author_are_those_that_stay() -> None:
    assert study.texts("uneducated", near=True, only_read=True) == (2, 1)
    assert study.texts("poor", author=False) == (1, 0)  # what the author signed with others is his own
    assert study.texts("uneducated", "poor", near=True, only_read=True) == (1, 1)


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


# ---------------------------------------------------------------- facts of a table made for it

FACTS = pd.DataFrame(
    [
        ("J01", "other", "persons", "an earlier fact", 12.0, None, 91, "read"),
        ("K01", "size", "persons", "interviewed", 91.0, None, 91, "read"),
        ("K02", "size", "percent", "of all held in the prisons covered", 45.7, None, 91, "read"),
        ("L01", "schooling", "percent", "had little Schooling", 60.0, None, 91, "read"),
        ("L02", "schooling", "percent", "had income and schooling", None, 10.0, 91, "confirmed"),
        ("L03", "schooling", "percent", "were poor", 70.0, None, 91, "read"),
        ("L04", "schooling", "percent", "schooling of some of them", 60.0, None, 40, "read"),
        ("L05", "schooling", "percent", "schooling, seen by nobody", 60.0, None, 91, "unverified"),
        ("L06", "schooling", "persons", "schooling", 60.0, None, 91, "read"),
        ("L07", "schooling", "percent", "schooling without a figure", None, None, 91, "read"),
        ("L08", "schooling", "percent", "schooling of more than all", 60.0, None, 105, "read"),
        ("M01", "wealth", "percent", "schooling", 60.0, None, 91, "read"),
    ],
    columns=["id", "topic", "unit", "statement", "value", "value_low", "n", "status"],
)


def with_facts(monkeypatch: pytest.MonkeyPatch, facts: pd.DataFrame, persons: list[float | None]) -> None:
    reports = pd.DataFrame({"persons": persons}, dtype="float64")
    monkeypatch.setattr(tables, "read", {"prison_study_facts": facts, "study_reports": reports}.__getitem__)
    monkeypatch.setattr(study, "SUBJECTS", {"schooling": "schooling", "income": "income|poor"})


def test_figures_are_of_the_topic_in_the_unit_confirmed_and_on_everyone(monkeypatch: pytest.MonkeyPatch) -> None:
    with_facts(monkeypatch, FACTS, [])
    assert study.figures("schooling", "percent").id.tolist() == ["L01", "L02", "L03"]
    assert study.figures("schooling", "persons").id.tolist() == ["L06"]
    assert study.figures("wealth", "percent").id.tolist() == ["M01"]


def test_a_figure_about_one_subject_is_about_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with_facts(monkeypatch, FACTS, [])
    assert study.figures("schooling", "percent", "schooling").id.tolist() == ["L01"]
    assert study.figures("schooling", "percent", "income").id.tolist() == ["L03"]


def test_without_the_fact_the_size_is_the_one_that_most_other_voices_give(monkeypatch: pytest.MonkeyPatch) -> None:
    with_facts(monkeypatch, FACTS[FACTS.id != "K01"], [90.0, None, 91.0, 91.0])
    assert study.size() == 91
    empty = FACTS.assign(value=FACTS.value.where(FACTS.id != "K01"))
    with_facts(monkeypatch, empty, [90.0, 91.0, 90.0])
    assert study.size() == 90
    with_facts(monkeypatch, FACTS.iloc[::-1], [90.0])
    assert study.size() == 91


def test_a_figure_that_is_unverified_or_empty_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    with_facts(monkeypatch, FACTS, [])
    assert (study.printed("L01"), study.printed("K02")) == ("60", "45.7")
    assert study.printed("L05") is study.printed("L07") is study.printed("Z99") is None


def test_everyone_held_is_the_largest_total_of_which_the_91_are_that_percentage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_facts(monkeypatch, FACTS, [])
    assert [total for total in range(150, 260) if round(100 * 91 / total, 1) == 45.7][-1] == study.held()
    assert [total for total in range(150, 260) if round(100 * 91 / total) == 46][-1] == study.held(decimals=False)
    with_facts(monkeypatch, FACTS[FACTS.id != "K02"], [])
    assert study.held() is None
