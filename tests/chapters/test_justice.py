"""What the page on the two thirds assembles: on small tables with known answers, and on the book's own."""

from __future__ import annotations

import pandas as pd
import pytest

from compendium.chapters import justice
from compendium.chapters.justice import courts
from compendium.chapters.justice.courts import Bribes
from compendium.chapters.justice.imposed import Imposed
from compendium.chapters.justice.penalties import Law
from compendium.chapters.justice.rates import Elsewhere, Study
from compendium.evidence import tables
from compendium.methods.shares import proportions
from compendium.methods.shares.proportions import Beta
from compendium.trial import claims

ARTICLES = pd.DataFrame(
    [
        ("KH-08-10", "trafficking", "read", 7.0, 15.0, 15.0, 20.0),
        ("KH-08-11", "trafficking", "unverified", 1.0, 2.0, None, None),  # counts for nothing
        ("KH-08-14", "sale", "restated", 2.0, 5.0, 5.0, 10.0),
        ("KH-08-20", "sale", "restated", None, 5.0, None, None),  # its floor was not printed
        ("KH-08-42", "sexual", "read", 3.0, 5.0, None, None),
    ],
    columns="id offence_group status min_years max_years aggravated_min_years aggravated_max_years".split(),
).set_index("id")
SENTENCES = pd.DataFrame(
    [
        ("a", "court", 2014, "read", "2008", "trafficking", 2, 2.0, 2.0, 5.0, False),
        ("a", "court", 2014, "read", "2008", "documents", 3, 1.0, 1.0, None, False),  # a lesser offence
        ("b", "court", 2010, "read", "2008", "trafficking", 1, 17.0, 17.0, None, True),
        ("c", "court", 2015, "read", "2008", "trafficking", 2, 7.0, 7.0, None, False),
        ("d", "court", 2015, "unverified", "2008", "trafficking", 9, 1.0, 1.0, None, False),  # counts for nothing
        ("e", "court", 2004, "read", "1996", "trafficking", 3, 15.0, 15.0, None, False),
        ("f", "statement", 2008, "read", "2008", "trafficking", None, 10.0, 28.0, None, False),
    ],
    columns="case kind year status law offence persons years_low years_high months_to_serve in_absentia".split(),
).assign(year_status="printed")
OF_THE_STUDY = SENTENCES.iloc[:3].assign(kind="study", persons=[1, 3, 1], years_low=[6.0, 4.0, 2.0])


def imposed(*more: pd.DataFrame) -> Imposed:
    return Imposed(pd.concat([SENTENCES, *more], ignore_index=True), pd.DataFrame())


def test_the_study_is_of_ninety_one_people_and_two_thirds_of_them() -> None:
    study = justice.study()
    assert (study.interviewed, study.described) == (91, 61)
    assert study.worst.low == pytest.approx(61 / study.held)
    assert study.worst.high == pytest.approx((61 + study.held - 91) / study.held)


def test_a_row_that_is_missing_is_missed_only_where_it_is_asked_for() -> None:
    whole = justice.elsewhere()
    without = Elsewhere(whole.courts.drop(index="confession-2017"))
    assert (without.base == whole.base).all()
    with pytest.raises(KeyError):
        _ = without.duress


def test_the_floor_is_that_of_confirmed_articles_on_trafficking() -> None:
    law = Law(ARTICLES)
    assert (law.floor, law.lightest, law.ceiling) == (7.0, 3.0, 20.0)
    assert (law.selling.min_years, law.selling.max_years) == (2.0, 5.0)


def test_sentences_of_courts_are_not_sentences_of_the_ninety_one() -> None:
    found = justice.long_sentences(Law(ARTICLES), imposed())
    assert (found["court_people"], found["court_median"]) == (5, 7.0)  # 2, 2, 7, 7 and 17 years
    assert (found["study_people"], found["study_median"], found["study_low"]) == (0, None, None)
    assert found["statutory_floor"] == 7.0


def test_a_row_on_the_people_of_the_study_gives_the_median_of_their_sentences() -> None:
    study = OF_THE_STUDY.assign(years_high=[8.0, 4.0, 2.0])  # 7, 4, 4, 4 and 2 years
    found = justice.long_sentences(Law(ARTICLES), imposed(study))
    assert (found["study_people"], found["study_median"]) == (5, 4.0)
    assert found["study_low"] <= 4.0 <= found["study_high"]
    unread = justice.long_sentences(Law(ARTICLES), imposed(study.assign(status="unverified")))
    assert unread["study_median"] is None


def test_other_ways_to_count_the_sentences_of_courts() -> None:
    main, found = justice.long_sentences(Law(ARTICLES), imposed()), justice.long_sentences_alternatives(imposed())
    assert found["present"]["court_people"] == main["court_people"] - 1
    assert found["one-a-trial"]["court_people"] == 3
    assert found["both-laws"]["court_people"] == main["court_people"] + 3
    assert found["lesser-offences"]["court_median"] < main["court_median"]
    assert found["to-serve"]["court_median"] == 7.0  # 5 months, 5 months, 7, 7 and 17 years


def test_sentences_are_counted_by_person_for_trafficking_alone() -> None:
    words = justice.words_on_imposed(imposed(), floor=7)
    expected = {
        "persons_2008": "5",
        "cases_2008": "3",
        "range_2008": "2 to 17",
        "at_floor": "3",
        "below_floor": "2",
    }
    assert expected.items() <= words.items()
    assert (words["absent"], words["longest_served"], words["suspended"]) == ("one", "7", "two")
    assert (words["old_n"], words["cases_before"], words["median_2008"]) == ("three", "one", "seven")


def test_every_contradiction_on_sentences_and_courts_is_shown() -> None:
    found = tables.read("source_disagreements")
    wanted = found.table.isin(["cambodia_sentences", "cambodia_justice_system"]).sum()
    shown = justice.table_of_conflicts(justice.imposed())
    assert len(shown) == wanted >= 5
    assert shown.notna().all().all()


def test_a_share_under_this_law_counts_only_with_the_number_of_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    row = {"topic": "law", "unit": "percent", "status": "read", "value_low": 50.0, "value": None, "n": None}
    facts = pd.DataFrame([row, row | {"value": 40.0, "n": 50.0}, row | {"unit": "years", "n": 9.0}])
    monkeypatch.setattr(courts.tables, "read", lambda name: facts if name == "prison_study_facts" else None)
    (share,) = courts.under_this_law()
    assert (share.low, share.high) == (proportions.wilson(20, 50).low, proportions.wilson(20, 50).high)


def test_bribes_among_users_run_from_the_fewest_to_the_most_that_nearly_half_can_be() -> None:
    bribes = Bribes(1000, (0.45, 0.5), pd.DataFrame(), proportions.wilson(1, 2), 0.7)
    found = bribes.one_in(10)  # 45 to 50 of 100
    assert (found.low, found.high) == (proportions.wilson(45, 100).low, proportions.wilson(50, 100).high)
    fewest = bribes.fewest_users
    assert bribes.among(fewest - 1).low < 0.25
    assert all(bribes.among(users).low >= 0.25 for users in range(fewest, 1000))


def test_cambodias_place_is_the_share_scored_below_it() -> None:
    rule = justice.rule_of_law(justice.elsewhere())
    for year in (2008, 2023):
        assert rule.place(year).estimate == pytest.approx(rule.below[year])
    assert rule.ranked_below.min() == pytest.approx(1 / rule.ranking.base.max(), rel=0.5)


def test_the_place_in_an_index_is_the_share_ranked_below() -> None:
    rule = justice.rule_of_law(justice.elsewhere())
    shares = rule.perceived_before(2008)  # 131 of 159, 162 of 180, 166 of 180
    assert shares.tolist() == pytest.approx([28 / 159, 18 / 180, 14 / 180])


def test_the_worst_case_takes_its_ends_from_two_beliefs() -> None:
    study, elsewhere = Study(interviewed=30, held=40, described=20), justice.elsewhere()
    beliefs = justice.beliefs(study, elsewhere)
    found = justice.two_thirds_miscarriage_alternatives(beliefs)
    assert found["worst-case"]["innocent_low"] < justice.two_thirds_miscarriage(beliefs, elsewhere)["innocent_low"]
    assert found["worst-case"]["innocent_high"] == beliefs["others-all"].high
    # Nothing known of any rate: the equation maps onto itself, so the mean stays where it was.
    assert beliefs["flat"].estimate == pytest.approx(Beta(1, 1).mean, abs=1e-6)
    # A prior twice as wide lets the data say more.
    assert beliefs["wide"].width > beliefs["base-rate-prior"].width


def _with(**row: object) -> Elsewhere:
    """The table of courts with one row more."""
    courts_ = justice.elsewhere().courts
    return Elsewhere(pd.concat([courts_, courts_.loc[["silence-2017"]].assign(**row).set_axis(["more"])]))


@pytest.mark.parametrize(
    ("innocent", "word"),
    [(10, "contradicted"), (58, "supported"), (82, "contradicted"), (40, "not established")],
)
def test_files_read_by_someone_else_decide_what_the_words_of_prisoners_cannot(innocent: int, word: str) -> None:
    elsewhere = _with(measure="trafficking_innocent_files", numerator=innocent, base=91)
    numbers = justice.two_thirds_miscarriage(justice.beliefs(justice.study(), elsewhere), elsewhere)
    assert numbers["innocent_low"] == proportions.clopper_pearson(innocent, 91).low
    parts = claims.registry()["two-thirds-miscarriage"].decide(numbers)[1]
    # Nine in ten is more than the two thirds that the essay gives as the most.
    assert parts["as many as two thirds are innocent"] == word
    assert parts["as many as two thirds had no fair trial"] == "not testable"


def test_an_assumed_number_of_users_of_courts_supports_nothing() -> None:
    elsewhere = justice.elsewhere()
    assert courts.bribes_counted(elsewhere) == []
    (found,) = courts.bribes_counted(_with(measure="bribe_court_users", year=2010, value=60.0, base=400))
    assert found == proportions.wilson(240, 400)
    for miss in ({"year": 2007}, {"base_is": "other"}, {"status": "unverified"}):
        row = {"measure": "bribe_court_users", "year": 2010, "value": 60.0, "base": 400} | miss
        assert courts.bribes_counted(_with(**row)) == []


def test_the_place_in_the_rule_of_law_is_that_of_the_essays_years() -> None:
    elsewhere = justice.elsewhere()
    rule = justice.rule_of_law(elsewhere)
    numbers = justice.tool_of_corruption(elsewhere, justice.bribes(elsewhere), rule)
    ends = [rule.place(year) for year in range(2008, 2013)]
    assert numbers["place_low"] == min(end.low for end in ends)
    assert numbers["place"] == pytest.approx(sum(rule.below[year] for year in range(2008, 2013)) / 5)
    # By hand from the panel, for another score of the same years.
    panel = tables.read("country_panel").dropna(subset=["vdem_equality_before_law"])
    year = panel[panel.year == 2010].set_index("iso3").vdem_equality_before_law
    assert rule.below_in_equality[2010] == pytest.approx((year < year["KHM"]).mean())


def test_a_text_counts_once_and_only_for_police_or_courts_under_the_law_of_2008() -> None:
    rows = tables.read("enforcement_observations")
    assert rows.document.nunique() == 4
    found = justice.irregularities_observed()
    # Only the report of 2009 speaks of the law, in two passages.
    assert found == {"texts_observing": 1, "texts_denying": 0, "texts_on_police": 1, "texts_on_courts": 0}
    others = justice.irregularities_observed_alternatives()
    assert others["any-text"] == {
        "texts_observing": 3,
        "texts_denying": 0,
        "texts_on_police": 1,
        "texts_on_courts": 2,
    }
    assert others["read-only"]["texts_observing"] == 0
    assert others["with-officials"]["texts_observing"] == 4
    denied = justice.irregularities_observed(rows.assign(says="denies"))
    assert (denied["texts_observing"], denied["texts_denying"]) == (0, 3)
