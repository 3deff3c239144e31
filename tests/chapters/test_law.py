"""Chapter 8: the ranges in force by month, and the live figure against the statutes."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from compendium import figures
from compendium.chapters import law
from compendium.chapters.law import day, pictures, ranges
from compendium.methods.law import penalties


@pytest.fixture(scope="module")
def statutes() -> pd.DataFrame:
    return law.statutes()


@pytest.fixture(scope="module")
def spec(statutes: pd.DataFrame) -> str:
    return law.draw_day(statutes).spec


def test_answers_by_hand_from_the_terms_of_years(statutes: pd.DataFrame) -> None:
    # Trafficking 7-20, its basic form 7-15, aggravated 15-20; murder 10-20 until December 2010, then up to life.
    # Terms of 7 to 10 never exceed one of 10 to 20; one of 10 to 20 exceeds half of them on average.
    assert law.as_murder(statutes) == {
        "reach_2008": pytest.approx((10 / 13) * 0.5),
        "known_2008": 1,
        "reach_2010": 0.0,
        "known_2010": 1,
        "base_2008": int(7 >= 10 and 15 >= 20),
        "aggravated_2008": int(15 >= 10 and 20 >= 20),
    }
    others = law.as_murder_alternatives(statutes)
    assert others["gravest-form"]["reach_2008"] == pytest.approx(0.75)  # 15 to 20 against 10 to 20
    assert others["basic-form"]["reach_2008"] == pytest.approx((5 / 8) * 0.25)
    assert (others["ceilings-only"]["reach_2008"], others["floors-only"]["reach_2008"]) == (0.5, 0.0)
    assert others["without-unverified"]["known_2008"] == others["floors-only"]["known_2010"] == 0


def test_every_stretch_holds_the_ranges_that_the_statutes_have_in_force_in_it(statutes: pd.DataFrame) -> None:
    rows = [row for row in day.stretches(statutes) if row["law"]]
    assert len(rows) == 3 * len(day.YARDSTICKS)
    for row in rows:
        middle = (row["start"] + min(row["end"], 2025)) / 2
        current = penalties.in_force(statutes, f"{int(middle)}-{int(12 * (middle % 1)) + 1:02d}-01")
        offence = current[current.id.isin(day.TRAFFICKING)].id.item()
        reference = current[current.id.isin(day.YARDSTICKS[row["yardstick"]].articles)].id.item()
        assert row["btext"].startswith(str(penalties.penalty(statutes, offence)))
        assert row["atext"].startswith(str(penalties.penalty(statutes, offence, "aggravated")))
        assert row["rtext"].startswith(str(penalties.penalty(statutes, reference)))
        doubt = statutes.set_index("id").status.eq("unverified")
        assert (row["odoubt"], row["rdoubt"]) == (doubt[offence], doubt[reference])


def test_stretches_follow_each_other_without_gap_or_overlap(statutes: pd.DataFrame) -> None:
    for _, rows in pd.DataFrame(day.stretches(statutes)).groupby("yardstick"):
        assert rows.start.tolist()[1:] == rows.end.tolist()[:-1]
        assert rows.end.tolist()[-1] == day.ENDLESS


@pytest.mark.parametrize("doubtful", ["used", "left out"])
@pytest.mark.parametrize(("year", "month"), [(1996, 1), (1996, 2), (2008, 1), (2008, 2), (2010, 11), (2010, 12)])
def test_on_either_side_of_every_change_the_figure_says_what_the_statutes_say(
    statutes: pd.DataFrame, spec: str, year: int, month: int, doubtful: str
) -> None:
    for yardstick, rule in itertools.product(day.YARDSTICKS, ("both", "ceilings", "floors")):
        settings = {"year": year, "month": month, "yardstick": yardstick, "rule": rule, "doubtful": doubtful}
        assert figures.at(spec, **settings) == day.answer(statutes, **settings)  # type: ignore[arg-type]


def test_each_article_that_is_drawn_has_its_place_in_the_figure(statutes: pd.DataFrame) -> None:
    articles = [identifier for group in day.OFFENCES.values() for identifier in group]
    assert len(articles) == len(set(articles))
    assert set(articles) <= set(statutes.id)
    assert set(day.bars(statutes).offence) == set(day.OFFENCES)


def test_one_bar_for_each_form_of_a_law_abroad(statutes: pd.DataFrame) -> None:
    abroad = pictures.ranges_abroad(statutes).set_index(["country", "form"])
    assert abroad.loc[("Thailand", "base"), ["floor", "ceiling"]].tolist() == [4, 12]
    assert abroad.loc[("Cambodia", "base"), ["floor", "ceiling"]].tolist() == [7, 15]
    assert law.words_on_neighbours(statutes)["neighbours_below"] == "three"


def test_the_penal_code_came_after_the_law_and_before_the_essay(statutes: pd.DataFrame) -> None:
    words = law.words_on_dates(statutes)
    assert words == {
        "law_day": "15 February 2008",
        "code_day": "12 October 2009",
        "code_force": "December 2010",
        "essay_year": "2011",
    }
    assert penalties.in_force(statutes, "2011-01-01").id.isin(["KH-08-10", "KH-09-200"]).sum() == 2
    assert "KH-09-200" not in set(penalties.in_force(statutes, "2010-11-30").id)


def test_every_article_that_is_compared_says_what_its_range_rests_on(statutes: pd.DataFrame) -> None:
    shown = law.table_of_sources(statutes).set_index("Article")
    listed = {article for articles in shown.index for article in articles.split(", ")}
    compared = statutes[statutes.jurisdiction.eq("Cambodia") & statutes.offence_group.isin(ranges.COMPARED)]
    assert listed == set(compared.article.replace("any", "whole law"))
    assert shown.loc["10", "Range seen in"] == "the law's text, read"
    assert shown.loc["12, 16", "Range seen in"] == "press, restated"
    # A range is called unread, and never unreadable, wherever the table holds it as unverified.
    for row in compared[compared.status.eq("unverified")].itertuples():
        of_article = [at for at in shown.index if row.article in at.split(", ")]
        assert shown.loc[of_article[0], "Range seen in"].endswith("unread")
        assert shown.loc[of_article[0], "Text unread at"]


def test_an_article_joins_the_others_of_its_kind_when_it_is_added(statutes: pd.DataFrame) -> None:
    row = statutes[statutes.id.eq("KH-08-19")].assign(id="KH-08-21", article="21")
    shown = law.table_of_sources(pd.concat([statutes, row]))
    assert any(articles.endswith("19, 21") for articles in shown.Article)


def test_a_year_more_or_less_at_the_top_of_article_16_leaves_the_answer(statutes: pd.DataFrame) -> None:
    words = law.words_on_other_articles(statutes)
    assert (words["one_report"], words["other_report"], words["either_way"]) == ("7 to 15", "7 to 16", "the same")
    # With a range for murder that begins at seven years, sixteen at the top would make the difference.
    lower = statutes.assign(
        min_years=statutes.min_years.mask(statutes.id.eq("KH-UN-31"), 7.0),
        max_years=statutes.max_years.mask(statutes.id.eq("KH-UN-31"), 16.0),
    )
    assert law.words_on_other_articles(lower)["either_way"] == "another"


def test_conflicts_over_years_of_prison_are_shown() -> None:
    shown = law.table_of_disagreements()
    assert "Article 16 of the law of 2008" in shown.index


def test_an_article_that_is_not_there_leaves_what_can_be_said_without_it(statutes: pd.DataFrame) -> None:
    whole = law.as_murder(statutes)
    without_old_murder = law.as_murder(statutes[statutes.id != "KH-UN-31"])
    assert (without_old_murder["known_2008"], without_old_murder["reach_2008"]) == (0, None)
    assert without_old_murder["reach_2010"] == whole["reach_2010"]
    without_the_law = law.as_murder(statutes[statutes.id != "KH-08-10"])
    assert {without_the_law["known_2008"], without_the_law["known_2010"]} == {0}
    assert without_the_law["base_2008"] == -1 == without_the_law["aggravated_2008"]
