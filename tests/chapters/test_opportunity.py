"""What the page on education, training and work assembles."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from compendium.chapters import opportunity
from compendium.chapters.opportunity import costs, findings
from compendium.evidence import tables


@pytest.fixture(scope="module")
def studies() -> pd.DataFrame:
    return opportunity.evaluations()


def education(counts: dict[str, int]) -> tuple[int, ...]:
    return tuple(counts[f"education_{name}"] for name in ("found", "ruled_out", "open"))


def test_what_is_said_without_an_interval_is_open_either_way(studies: pd.DataFrame) -> None:
    """One trial has a paper that found more work and one that found none; another programme found none."""
    found = opportunity.tallies(studies)
    assert education(found.base) == (0, 0, 2)
    assert education(found.alternatives["schooling-counts"]) == (1, 0, 2)
    assert (
        education(found.alternatives["later-paper"]) == education(found.alternatives["earlier-paper"]) == (0, 0, 2)
    )
    assert education(found.alternatives["as-said"]) == (0, 1, 1)
    assert education(found.together["schooling-counts + as-said"]) == (3, 0, 0)
    assert education(found.together["later-paper + as-said"]) == (0, 2, 0)
    assert education(found.together["earlier-paper + as-said"]) == (1, 1, 0)


def test_an_evaluation_added_to_the_table_is_counted_and_drawn(studies: pd.DataFrame) -> None:
    added = studies.loc[["barrera-2018-work"]].assign(programme="another", study="Another 2026 (Journal)")
    added = added.assign(effect_low=6.0, effect_high=9.0)
    more = pd.concat([studies, added.rename(index={"barrera-2018-work": "added"})])
    assert opportunity.tallies(more).base["education_found"] == 1
    assert "added" in opportunity.drawn(more).index
    left_out = more.assign(included=more["included"].where(more.index != "added", "no"))
    assert opportunity.tallies(left_out).base == opportunity.tallies(studies).base
    assert "added" not in opportunity.drawn(left_out).index


def test_a_study_whose_result_was_not_read_is_shown_and_not_counted(studies: pd.DataFrame) -> None:
    waiting = studies[studies["included"] == "awaiting"]
    table = opportunity.table_of_evaluations(studies)
    assert len(waiting) and (table.loc[list(waiting["programme"]), "Effect"] == "not read").all()
    without = studies.drop(waiting.index)
    assert opportunity.tallies(without).base == opportunity.tallies(studies).base


def test_every_study_that_is_drawn_has_a_panel_for_its_unit_and_a_name(studies: pd.DataFrame) -> None:
    shown = opportunity.drawn(studies)
    assert set(shown["unit"]) == set(findings.PANELS)
    assert set(shown.index) == set(findings.SHOWN)


def test_the_rule_says_how_many_rows_it_takes_and_why_it_leaves_the_others(studies: pd.DataFrame) -> None:
    said = opportunity.words_on_rule(studies)
    left = [int(number) for number in re.findall(r"\((\d+)\)", said["left"])]
    taken, waiting = (int((studies["included"] == word).sum()) for word in ("yes", "awaiting"))
    assert sum(left) + taken + waiting == len(studies) == int(said["rows"])


def test_a_price_a_risk_and_a_count_come_from_their_rows(studies: pd.DataFrame) -> None:
    found = opportunity.prices(studies)
    grants = tables.read("cambodia_us_leverage").set_index("year")["tip_grants_usd"]
    convicted = tables.read("cambodia_enforcement").set_index("id")["convicted"]
    assert found.per_conviction * (convicted["tip-2008"] + convicted["tip-2009"]) == pytest.approx(
        grants[2008] + grants[2009]
    )
    held = tables.value("global_estimates", "value_central", id="khm_gsi2016")
    people = tables.value("country_panel", "population", iso3="KHM", year=2015)
    assert found.risks[opportunity.SURVEY_2015] == pytest.approx(held / people, rel=0.005)
    assert f"USD {found.per_place:g}/" in studies["exposure"]["filmer-schady-2006-any"]


def test_a_place_matches_a_conviction_when_its_money_spares_as_many(studies: pd.DataFrame) -> None:
    found = opportunity.prices(studies)
    first = found.comparison()
    risk = first.baseline * first.targeting
    assert first.places * risk * first.cut == pytest.approx(first.prevented)
    assert found.comparison(baseline=found.rare).cut > 1, "by the field count no place can match"
    assert opportunity.match_in_words(found.comparison(baseline=found.rare)) == costs.IMPOSSIBLE


def test_the_wages_of_which_no_text_was_seen_are_left_out_of_the_rise() -> None:
    series = opportunity.growth()
    assert "unverified" in set(series.wage["status"])
    assert "unverified" not in set(series.known["status"])
    assert series.wage["year"].is_monotonic_increasing
    said = opportunity.words_on_growth(series)
    known = series.known.set_index("year")["value"]
    assert said["wage_first_year"] == str(known.index.min())
    assert said["wage_last"] == f"${known.iloc[-1]:.0f}"


def test_the_page_says_the_line_and_how_the_printed_gain_in_work_lies_to_it(studies: pd.DataFrame) -> None:
    """No gain in work is printed with a range, and the one that is printed lies under the line that matters."""
    words = opportunity.words_on_tallies(opportunity.tallies(studies))
    assert (words["matters_points"], words["matters_percent"]) == ("five", "10%")
    work = studies[studies.included.eq("yes") & studies.outcome_class.eq("earnings_or_work")]
    assert work[["effect_low", "effect_high"]].isna().all(axis=None)
    assert work.effect.dropna().tolist() == [float(opportunity.words_on_evidence(studies)["employment"])]
    assert (work.effect.dropna() < findings.breakeven.MATTERS["percentage points"]).all()


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("quasi-experiment (RD)", "cut-off"),
        ("regression discontinuity", "cut-off"),
        ("RD, 5 years on", "cut-off, 5 years on"),
        ("randomised, communes", "by lot, communes"),
        ("before and after", "before and after"),
    ],
)
def test_a_design_is_told_in_the_words_of_the_page(printed: str, shown: str) -> None:
    assert findings._design(printed) == shown
