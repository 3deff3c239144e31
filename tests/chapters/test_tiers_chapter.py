"""What the evidence notes state of the tier lists, and what the chapter counts in texts and in planted worlds."""

import re

import pandas as pd
import pytest

from compendium.chapters import tiers as chapter
from compendium.chapters.tiers.transparency import OUTSIDE, explained
from compendium.evidence import paths, tables
from compendium.run.worlds import tiers as worlds
from compendium.trial import claims, rules, told, verdicts


@pytest.fixture(scope="module")
def clock():
    lists = chapter.lists()
    return chapter.clock(lists, chapter.stays(lists))


def test_codings_agree_as_often_as_the_notes_say():
    agreement = (
        tables.read("tip_tier_agreement").groupby(["source_a", "source_b"])[["n_agree", "n_both_rated"]].sum()
    )
    assert agreement.loc[("KS2015", "SURE2018")].tolist() == [2045, 2058]
    assert agreement.loc[("HTI", "KS2015")].tolist() == [1488, 1489]
    assert agreement.loc[("CIA_archive", "KS2015")].tolist() == [396, 405]


def test_no_source_disagrees_on_cambodia():
    assert "KHM" not in set(tables.read("tip_tier_disagreements")["iso3"])


@pytest.mark.parametrize(
    ("last", "expected"), [(2015, (5, 0, 6)), (2017, (12, 0, 13)), (2018, None)], ids=["to 2015", "to 2017", "all"]
)
def test_after_four_reports_on_the_watch_list_nobody_stays_from_2013(clock, last, expected):
    """Counted from the table itself: four reports on the list in a row, not five, and what came next."""
    rated = tables.read("tip_tiers")
    wide = rated[rated["year"].between(2004, last)].pivot_table("tier", "iso3", "year", aggfunc="first")
    found = {"before": [], "from": []}
    for year in range(2008, last + 1):
        four = (wide[[year - k for k in (1, 2, 3, 4)]] == "2WL").all(axis=1)
        if year - 5 in wide:
            four &= wide[year - 5] != "2WL"
        found["from" if year >= 2013 else "before"] += wide.loc[four, year].dropna().tolist()
    counted = {era: (tiers.count("3"), tiers.count("2WL"), tiers.count("2")) for era, tiers in found.items()}
    assert counted["before"] == (0, 8, 10)
    if expected:
        assert counted["from"] == expected
    else:
        own = clock.due[["downgraded", "stayed", "upgraded"]].apply(tuple, axis=1)
        assert (own["earlier"], own["later"]) == (counted["before"], counted["from"])


def test_the_lists_keep_the_clock_of_the_law(clock):
    """Counted from the table: on the list in 2009 to 2012, and so on, nobody is on it in the next report."""
    rated = tables.read("tip_tiers")
    wide = rated[rated["year"].between(2009, 2018)].pivot_table("tier", "iso3", "year", aggfunc="first")
    found = []
    for year in range(2013, 2019):
        due = (wide[[year - k for k in (1, 2, 3, 4)]] == "2WL").all(axis=1)
        found += wide.loc[due, year].dropna().tolist()
    assert (found.count("3"), found.count("2WL"), len(found)) == (17, 0, 34)
    rows = clock.lawful.loc[4:]
    assert (rows.downgraded.sum(), rows.stayed.sum(), rows.decisions.sum()) == (17, 0, 34)
    law = clock.law
    assert (law.since, law.years, law.first_due, law.waiver_then, law.waiver_now) == (2009, 2, 2011, 2, 1)
    due = wide[(wide[2009] == "2WL") & (wide[2010] == "2WL")][2011].dropna()
    assert sorted(clock.first_due) == sorted(due[due != "SC"].replace("2WL", "W"))


def test_the_report_of_the_essay_counts_three_and_later_ones_four():
    words = chapter.words_on_voices()
    assert "2011" in words["says_three"] and "2015" in words["says_four"]
    table = chapter.table_of_voices()
    assert table.loc[table.index.str.startswith("TIP Report 2011"), "Counts"].tolist() == ["three"]
    assert table.loc[table.index.str.startswith("22 USC"), "Counts"].tolist() == ["three lists"]


def test_every_disputed_rating_is_counted_once_by_how_it_was_settled():
    split = tables.read("tip_tier_disagreements")
    assert chapter.table_of_settlements()["Ratings"].sum() == len(split.groupby(["iso3", "year"]))


def test_a_setting_without_decisions_is_a_row_of_zeros(clock):
    """Every setting that the reader can choose has its row, so that the figure always has an answer."""
    settings = clock.splits[["first", "era", "years"]]
    assert len(settings.drop_duplicates()) == len(settings) == 9 * 2 * 5
    empty = clock.splits[clock.splits.share_downgraded.isna()]
    assert len(empty) and (empty[["stayed", "downgraded", "upgraded", "decisions"]] == 0).all(axis=None)


def test_the_law_has_three_lists_and_each_text_is_counted_by_its_date():
    """Counted from the table by hand: reports of 2007, 2009 and 2011 say three; 2015 and one of 2021 say four."""
    found = chapter.three_tiers(chapter.moves(chapter.lists()))
    said = {name: found[name] for name in ("law_lists", "then_three", "then_four", "since_three", "since_four")}
    assert said == {"law_lists": 3, "then_three": 3, "then_four": 0, "since_three": 0, "since_four": 2}
    assert found["watch_falls_low"] > found["rest_falls_high"]


def test_editions_are_counted_from_ratings_and_not_from_their_number(monkeypatch):
    read = tables.read
    without = read("tip_tiers").query("year != 2006")
    monkeypatch.setattr(tables, "read", lambda name: without if name == "tip_tiers" else read(name))
    found = chapter.since_2001()
    assert (found["due"], found["seen"], found["earlier"], found["denied"]) == (11, 10, 0, 0)


def test_only_a_passage_that_says_war_is_coded_as_a_call_to_war():
    calls = tables.read("trafficking_calls")
    for word in ("war", "battle"):
        says = calls.passage.str.contains(rf"\b{word}\b")
        assert (says == (calls.word == word)).all(), word


def test_passages_of_the_law_name_who_decides():
    """A provision for the essay names the Secretary or the President; those who are consulted decide nothing."""
    rules = tables.read("tier_rules").query("subject == 'decision'").set_index("id")
    decides = rules.passage.str.contains("Secretary|President|secretary of State")
    assert (decides == (rules.direction == "for")).all()


def test_a_document_of_several_rows_is_counted_once():
    found = explained()
    rules = tables.read("tier_rules").query("subject == 'transparency' and direction == 'for'")
    assert len(rules) == 4 and set(rules.kind) == {"oversight"}
    assert found == {"doubts": 2, "assurances": 0}
    assert explained(known=("read",))["doubts"] == 1
    assert explained(heard=(*OUTSIDE, "state"))["assurances"] == 1


@pytest.fixture(scope="module")
def rated():
    return pd.read_csv(paths.DATA / "tip_tiers.csv", dtype=str, keep_default_na=False)


def test_worlds_deal_the_tiers_again_and_leave_other_tables(rated):
    for world in (worlds.transparent, worlds.arbitrary, worlds.governed, worlds.closer_better, worlds.closer_worse):
        made = world("tip_tiers", rated)
        assert made.drop(columns="tier").equals(rated.drop(columns="tier"))
        assert (made.tier != rated.tier).mean() > 0.2
        assert world("countries", rated) is rated
    dealt = worlds.transparent("tip_tiers", rated)
    assert dealt.tier.value_counts().to_dict() == rated.tier.value_counts().to_dict()


def test_in_the_transparent_world_the_rule_of_law_orders_the_tiers(rated):
    made = worlds.transparent("tip_tiers", rated)
    law = worlds._measures(rated)["rule_of_law"]
    known = law.notna() & made.tier.isin(["1", "2", "2WL", "3"])
    ends = law[known].groupby(made.tier[known]).agg(["min", "max"])
    assert ends["min"]["1"] >= ends["max"]["2"] >= ends["min"]["2"] >= ends["max"]["2WL"] >= ends["max"]["3"]


def test_without_the_index_coded_from_the_reports_the_direction_is_undecided_as_the_card_says():
    claim, verdict = claims.registry()["opaque-method"], verdicts.published()["opaque-method"]
    assert re.search(r"Without it .* open whether the second share is under half", claim.found)
    direction = claim.parts[2]
    assert "change_low" in direction.rules["contradicted"].names
    apart = {**verdict.numbers, **verdict.moves["governance-only"]}
    assert direction.decide(verdict.numbers) == rules.CONTRADICTED
    assert direction.decide(apart) == rules.OPEN


@pytest.mark.parametrize(
    ("claim_id", "at", "found", "word"),
    [
        ("call-to-war", 2, {"war_calls": 2}, rules.SUPPORTED),
        ("call-to-war", 2, {"war_calls": 0}, rules.CONTRADICTED),
        ("since-2001", 0, {"earlier": 1}, rules.CONTRADICTED),
        ("since-2001", 1, {"denied": 1}, rules.OPEN),
        ("since-2001", 1, {"seen": 10}, rules.OPEN),
        ("since-2001", 1, {"denied": 1, "seen": 10}, rules.CONTRADICTED),
        ("unilateral", 0, {"by_others": 1}, rules.CONTRADICTED),
        ("three-tiers", 0, {"law_lists": 4}, rules.CONTRADICTED),
        ("three-tiers", 1, {"then_four": 1}, rules.OPEN),
        ("three-tiers", 1, {"then_four": 2}, rules.OPEN),
        ("three-tiers", 1, {"then_four": 2, "then_three": 0}, rules.CONTRADICTED),
        ("opaque-method", 0, {"assurances": 1}, rules.SUPPORTED),
        ("opaque-method", 0, {"assurances": 2}, rules.OPEN),
        ("opaque-method", 0, {"assurances": 3}, rules.CONTRADICTED),
        ("opaque-method", 1, {"level_low": 0.9, "level_high": 1}, rules.CONTRADICTED),
    ],
)
def test_so_many_texts_change_a_part_as_the_card_says_would_change_it(claim_id, at, found, word):
    part = claims.registry()[claim_id].parts[at]
    assert part.decide({**verdicts.published()[claim_id].numbers, **found}) == word


def test_the_share_that_falls_from_tier_2_is_written_alike_in_text_figure_and_card():
    lists = chapter.lists()
    moves = chapter.moves(lists)
    share = chapter.words_on_moves(moves, lists)["down_2"]
    claim = claims.registry()["three-tiers"]
    assert f" {share} " in chapter.draw_moves(moves).title
    assert f" {share} " in told.found(claim, verdicts.published()["three-tiers"])


def test_every_call_is_shown_with_what_makes_it_one():
    """The words that were read may be a part of a call; the table says of whom they ask what."""
    calls = chapter.table_of_calls()
    said = tables.read("trafficking_calls").set_index("passage").statement
    assert (calls["Says"].to_numpy() == said[calls["Words that were read"]].to_numpy()).all()


def test_without_the_calls_that_the_page_doubts_the_two_parts_on_calls_are_still_supported(monkeypatch):
    """A call that recalls another, a second text of one office, a description, and words to the own embassy."""
    doubted = {"bush-2004", "costa-2008-urges", "rice-2006", "state-2009-plan"}
    calls = tables.read("trafficking_calls")
    assert doubted < set(calls.id)
    monkeypatch.setattr(tables, "read", lambda name: calls[~calls.id.isin(doubted)])
    parts = claims.registry()["call-to-war"].decide(chapter.call_to_war())[1]
    assert list(parts.values()) == [rules.SUPPORTED, rules.SUPPORTED, rules.OPEN]


def test_by_the_essays_year_one_check_from_outside_is_known_and_the_part_would_be_open():
    until = explained(until=2011)
    assert until == {"doubts": 1, "assurances": 0}
    part = claims.registry()["opaque-method"].parts[0]
    assert part.decide({**verdicts.published()["opaque-method"].numbers, **until}) == rules.OPEN
