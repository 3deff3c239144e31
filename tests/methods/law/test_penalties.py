"""Penalty ranges: dates of every precision, the interval rule, and what unknown bounds leave open."""

from __future__ import annotations

import itertools
import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compendium.evidence import tables
from compendium.methods.law import penalties
from compendium.methods.law.penalties import LIFE, PenaltyError, Range, Regime

COLUMNS = [
    "id",
    "in_force_from",
    "in_force_to",
    "min_years",
    "max_years",
    "max_is_life",
    "aggravated_min_years",
    "aggravated_max_years",
    "aggravated_max_is_life",
    "status",
]
TABLE = pd.DataFrame(
    [
        ("old-traffic", "1996-02", "2008-02", 10, 15, False, 15, 20, False, "unverified"),
        ("new-traffic", "2008-02", None, 7, 15, False, 15, 20, False, "read"),
        ("old-murder", "1992-09", "2010-12", 10, 20, False, None, None, None, "unverified"),
        ("new-murder", "2010-12", None, None, None, True, None, None, None, "restated"),
        ("fine-only", "2012", None, None, None, False, None, None, None, "read"),
        ("day-law", "2005-09-21", "2006-10-01", 1, 2, False, None, None, True, "read"),
    ],
    columns=COLUMNS,
)
bounds = st.one_of(st.integers(0, 30).map(float), st.just(LIFE))
ranges = st.tuples(bounds, bounds).map(lambda pair: Range(min(pair), max(pair)))


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1996", date(1996, 1, 1), date(1996, 12, 31)),
        (2012, date(2012, 1, 1), date(2012, 12, 31)),
        ("1996-02", date(1996, 2, 1), date(1996, 2, 29)),
        ("2010-12", date(2010, 12, 1), date(2010, 12, 31)),
        ("2005-09-21", date(2005, 9, 21), date(2005, 9, 21)),
    ],
)
def test_a_date_spans_the_days_it_can_mean(text, first, last):
    assert penalties.span(text) == penalties.Period(first, last)


@pytest.mark.parametrize("text", ["1996-13", "Feb 1996", "", "1996-02-30", "1996-2-1-1", None])
def test_a_bad_date_is_refused(text):
    with pytest.raises(PenaltyError, match="expected YYYY, YYYY-MM or YYYY-MM-DD"):
        penalties.span(text)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("1992-08-31", []),
        ("1996-01-31", ["old-murder"]),
        ("1996-02-01", ["old-traffic", "old-murder"]),
        ("2005-09-20", ["old-traffic", "old-murder"]),
        ("2005-09-21", ["old-traffic", "old-murder", "day-law"]),
        ("2006-09-30", ["old-traffic", "old-murder", "day-law"]),
        ("2006-10-01", ["old-traffic", "old-murder"]),
        ("2008-01-31", ["old-traffic", "old-murder"]),
        ("2008-02", ["new-traffic", "old-murder"]),
        ("2010-12-01", ["new-traffic", "new-murder"]),
        (date(2025, 1, 1), ["new-traffic", "new-murder", "fine-only"]),
    ],
)
def test_laws_in_force_on_a_day(day, expected):
    assert penalties.in_force(TABLE, day)["id"].tolist() == expected


def test_days_within_the_precision_of_a_change_are_marked():
    def uncertain(day):
        rows = penalties.in_force(TABLE, day)
        return set(rows.loc[rows["date_uncertain"], "id"])

    assert uncertain("2008-02-01") == uncertain("2008-02-20") == uncertain("2008-02-29") == {"new-traffic"}
    assert uncertain("2008-03-01") == set()
    assert uncertain("2012-12-31") == {"fine-only"}
    assert uncertain("2005-09-21") == set()


def test_periods_tile_the_time_and_keep_one_set_of_laws_each():
    found = penalties.periods(TABLE, "2020-06-30")
    assert found[0].first == date(1992, 9, 1)
    assert found[-1].last == date(2020, 6, 30)
    for earlier, later in itertools.pairwise(found):
        assert (later.first - earlier.last).days == 1
    for period in found:
        first = penalties.in_force(TABLE, period.first)["id"].tolist()
        assert penalties.in_force(TABLE, period.last)["id"].tolist() == first
    sets = [tuple(penalties.in_force(TABLE, period.first)["id"]) for period in found]
    assert all(a != b for a, b in itertools.pairwise(sets))
    gap = TABLE[TABLE["id"].isin(["day-law", "fine-only"])]
    assert [(p.first.year, p.last.year) for p in penalties.periods(gap, "2020-06-30")] == [
        (2005, 2006),
        (2012, 2020),
    ]


def test_missing_values_of_any_kind_read_alike():
    for table in (TABLE.convert_dtypes(), TABLE.astype(object).where(TABLE.notna(), "")):
        for offence in TABLE["id"]:
            for form in penalties.FORMS:
                expected = penalties.penalty(TABLE, offence, form)
                assert penalties.penalty(table, offence, form) == expected
        assert penalties.in_force(table, "2009-01-01")["id"].tolist() == ["new-traffic", "old-murder"]


def test_a_range_may_be_one_term_and_may_begin_with_none():
    assert str(Range(0, 0)) == "0–0" and str(Range(5, 5)) == "5–5" and str(Range(2.5, None)) == "2.5–?"
    for bounds_ in ((3, 2), (-0.5, None), (None, -1), (math.nan, 3)):
        with pytest.raises(PenaltyError):
            Range(*bounds_)


def test_life_is_marked_by_the_words_that_tables_use():
    for word, ceiling in ((True, LIFE), ("TRUE", LIFE), (1, LIFE), (1.0, LIFE), (0, 15), ("no", 15), ("", 15)):
        marked = TABLE.astype({"max_is_life": object})
        marked.loc[1, "max_is_life"] = word
        assert penalties.penalty(marked, "new-traffic").ceiling == ceiling, word


def test_one_unverified_side_makes_a_comparison_unverified():
    regime = [Regime("r", "2009-01-01", "new-traffic", "old-murder")]
    for offence, reference, doubtful in (("read", "read", False), ("unverified", "read", True)):
        table = TABLE.assign(status=TABLE["id"].map({"new-traffic": offence, "old-murder": reference}))
        found = penalties.compare(table, regime, forms=["base"])
        assert found["unverified"].tolist() == [doubtful]
        cleared = penalties.compare(table, regime, forms=["base"], without_unverified=True)
        assert cleared["floor"].isna().tolist() == [doubtful]
        assert cleared["reference_floor"].tolist() == [10]


def test_forms_of_a_penalty():
    assert penalties.penalty(TABLE, "old-traffic") == Range(10, 15)
    assert penalties.penalty(TABLE, "old-traffic", "aggravated") == Range(15, 20)
    assert penalties.penalty(TABLE, "old-traffic", "whole") == Range(10, 20)
    assert penalties.penalty(TABLE, "old-murder", "aggravated") is None
    assert penalties.penalty(TABLE, "old-murder", "whole") == Range(10, 20)
    assert penalties.penalty(TABLE, "new-murder") == Range(None, LIFE)
    assert penalties.penalty(TABLE, "day-law", "aggravated") == Range(None, LIFE)
    assert penalties.penalty(TABLE, "day-law", "whole") == Range(1, LIFE)
    assert str(penalties.penalty(TABLE, "new-murder")) == "?–life"
    assert str(Range(7, 15)) == "7–15"


@pytest.mark.parametrize(
    ("offence", "reference", "severe", "word"),
    [
        (Range(10, 20), Range(10, 20), True, "equal"),
        (Range(15, 20), Range(10, 20), True, "harsher"),
        (Range(10, LIFE), Range(10, 20), True, "harsher"),
        (Range(7, 15), Range(10, 20), False, "overlapping, lower floor"),
        (Range(7, 20), Range(10, 20), False, "overlapping, lower floor"),
        (Range(10, 15), Range(10, 20), False, "overlapping, lower ceiling"),
        (Range(15, 20), Range(10, LIFE), False, "overlapping, lower ceiling"),
        (Range(5, 25), Range(10, 20), False, "wider"),
        (Range(5, 10), Range(10, 20), False, "lighter"),
        (Range(15, 20), Range(None, LIFE), False, "not as severe"),
        (Range(15, 20), Range(None, 20), None, "undetermined"),
        (Range(15, 20), Range(None, None), None, "undetermined"),
        (Range(5, None), Range(10, 20), False, "not as severe"),
        (Range(LIFE, LIFE), Range(None, None), True, "at least as severe"),
        (Range(None, None), Range(0, None), None, "undetermined"),
    ],
)
def test_the_declared_rule_case_by_case(offence, reference, severe, word):
    assert penalties.as_severe(offence, reference) is severe
    assert penalties.category(offence, reference) == word


@settings(deadline=None, derandomize=True)
@given(ranges, ranges, ranges)
def test_as_severe_orders_ranges(a, b, c):
    assert penalties.as_severe(a, a) is True
    both_ways = penalties.as_severe(a, b) and penalties.as_severe(b, a)
    assert both_ways == (a == b) == (penalties.category(a, b) == "equal")
    if penalties.as_severe(a, b) and penalties.as_severe(b, c):
        assert penalties.as_severe(a, c)
    assert penalties.as_severe(a, b) == (penalties.category(a, b) in {"equal", "harsher"})


@settings(deadline=None, derandomize=True)
@given(ranges, ranges, st.lists(st.sampled_from("fcFC"), min_size=1, max_size=4))
def test_unknown_bounds_conclude_only_what_every_completion_shares(a, b, hidden):
    partial_a = Range(None if "f" in hidden else a.floor, None if "c" in hidden else a.ceiling)
    partial_b = Range(None if "F" in hidden else b.floor, None if "C" in hidden else b.ceiling)
    known = penalties.as_severe(partial_a, partial_b)
    assert known is None or known == penalties.as_severe(a, b)
    assert penalties.category(partial_a, partial_b) in {
        penalties.category(a, b),
        {True: "at least as severe", False: "not as severe", None: "undetermined"}[known],
    }


def test_the_alternative_rules_look_at_one_end():
    pair = (Range(15, 20), Range(None, LIFE))
    assert penalties.as_severe(*pair, "ceilings") is False
    assert penalties.as_severe(*pair, "floors") is None
    assert penalties.as_severe(Range(7, 20), Range(10, 20), "ceilings") is True
    assert penalties.as_severe(Range(7, 20), Range(10, 20), "floors") is False
    with pytest.raises(PenaltyError, match="'middle'"):
        penalties.as_severe(*pair, "middle")


REGIMES = (
    Regime("1996 law", "2000-01-01", "old-traffic", "old-murder"),
    Regime("2008 law", "2009-01-01", "new-traffic", "old-murder"),
    Regime("Penal Code", "2011-01-01", "new-traffic", "new-murder"),
)


def test_regimes_compared_with_and_without_unverified_ranges():
    table = penalties.compare(TABLE, REGIMES)
    answers = table.set_index(["regime", "form"])["as_severe"]
    assert answers.loc["1996 law"].tolist() == [False, True, True]
    assert answers.loc["2008 law"].tolist() == [False, True, False]
    assert answers.loc["Penal Code"].tolist() == [False, False, False]
    assert table.groupby("regime", sort=False)["unverified"].all().tolist() == [True, True, False]
    words = table.set_index(["regime", "form"])["category"]
    assert words["1996 law", "whole"] == "equal"
    assert words["2008 law", "base"] == "overlapping, lower floor"

    cleared = penalties.compare(TABLE, REGIMES, without_unverified=True)
    kept = cleared.set_index(["regime", "form"])["as_severe"]
    assert kept.loc["1996 law"].isna().all()
    assert kept.loc["2008 law"].isna().all()
    assert kept.loc["Penal Code"].tolist() == [False, False, False]
    assert math.isinf(cleared["reference_ceiling"].iloc[-1])
    one_form = penalties.compare(TABLE, REGIMES, rule="ceilings", forms=["aggravated"])
    assert one_form["as_severe"].tolist() == [True, True, False]


def test_a_floor_of_zero_or_a_life_ceiling_decides_without_the_other_bound():
    assert penalties.as_severe(Range(None, LIFE), Range(0, None)) is True


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda: penalties.penalty(TABLE, "murdre"), "0 rows with id 'murdre'"),
        (lambda: penalties.penalty(TABLE, "old-murder", "worst"), "form is 'worst'"),
        (lambda: penalties.penalty(pd.concat([TABLE, TABLE]), "old-murder"), "2 rows with id 'old-murder'"),
        (lambda: penalties.penalty(TABLE.drop(columns="status"), "old-murder"), "no column 'status'"),
        (lambda: penalties.penalty(TABLE.assign(max_years=1), "old-murder"), "penalty old-murder: range 10"),
        (lambda: Range(-1, 3), "expected years of 0 or more"),
        (lambda: penalties.compare(TABLE, []), "no regime"),
        (
            lambda: penalties.compare(TABLE, [Regime("r", "2000", "new-traffic", "old-murder")]),
            "regime 'r': new-traffic is not in force on 2000",
        ),
    ],
)
def test_defects_are_named(attempt, message):
    with pytest.raises(PenaltyError, match=message):
        attempt()


def test_the_published_table_gives_the_readings_of_its_notes():
    table = tables.read("cambodia_penalties")
    assert penalties.penalty(table, "KH-08-10") == Range(7, 15)
    assert penalties.penalty(table, "KH-08-10", "aggravated") == Range(15, 20)
    assert penalties.penalty(table, "KH-09-200") == Range(None, LIFE)
    assert penalties.penalty(table, "US-1591") == Range(10, LIFE)
    regimes = [
        Regime("1996 law", "2000-01-01", "KH-96-3", "KH-UN-31"),
        Regime("2008 law", "2009-01-01", "KH-08-10", "KH-UN-31"),
        Regime("Penal Code", "2011-01-01", "KH-08-10", "KH-09-200"),
    ]
    answers = penalties.compare(table, regimes).set_index(["regime", "form"])["as_severe"]
    assert answers["1996 law", "whole"]
    assert not answers["2008 law", "base"]
    assert answers["2008 law", "aggravated"]
    assert not answers["Penal Code", "aggravated"]
    for row in table["in_force_from"]:
        penalties.span(row)


@pytest.mark.parametrize(
    ("text", "expected"), [("2008", 2008.0), ("2008-02", 2008 + 1 / 12), ("2010-12-10", 2010 + 11 / 12)]
)
def test_a_date_as_a_decimal_year_is_its_first_month(text, expected):
    assert penalties.decimal_year(text) == pytest.approx(expected)
    assert penalties.decimal_year(text, open_end=2100) == pytest.approx(expected)
    assert penalties.decimal_year(None, open_end=2100) == penalties.decimal_year("", open_end=2100) == 2100
    with pytest.raises(PenaltyError, match="expected YYYY"):
        penalties.decimal_year(None)


@pytest.mark.parametrize(
    ("offence", "reference", "expected"),
    [
        (Range(10, 20), Range(10, 20), 0.5),
        (Range(20, 30), Range(10, 20), 1.0),
        (Range(1, 5), Range(10, 20), 0.0),
        (Range(10, 10), Range(10, 10), 0.5),
        (Range(15, 15), Range(10, 20), 0.5),
        (Range(7, 20), Range(None, LIFE), 0.0),  # wherever the range up to life begins
        (Range(None, LIFE), Range(10, 20), 1.0),
        (Range(5, LIFE), Range(20, LIFE), 0.5),
        (Range(7, None), Range(10, 20), None),
        (Range(None, 20), Range(10, 20), None),
        (Range(7, None), Range(10, LIFE), None),
        # Half of the terms reach into the range, and half of those lie above one drawn from it.
        (Range(0, 10), Range(5, 10), 0.25),
        (Range(0, 10), Range(0, 10), 0.5),
        (Range(0, 10), Range(4, 4), 0.6),
        (Range(0, 1), Range(0, 0), 1.0),
        (Range(0, 0), Range(0, 0), 0.5),
        (Range(3, 3), Range(5, 5), 0.0),
        (Range(5, 10), Range(0, 20), 0.375),
    ],
)
def test_how_often_a_term_is_the_longer_one(offence: Range, reference: Range, expected: float | None) -> None:
    found = penalties.superiority(offence, reference)
    assert found == (None if expected is None else pytest.approx(expected))
    swapped = penalties.superiority(reference, offence)
    assert swapped == (None if expected is None else pytest.approx(1 - expected))


@pytest.mark.parametrize(
    ("offence", "reference"), [((7, 20), (10, 20)), ((7, 15), (10, 20)), ((5, 30), (8, 12)), ((8, 9), (1, 40))]
)
def test_how_often_a_term_is_the_longer_one_equals_the_count_of_drawn_terms(
    offence: tuple[float, float], reference: tuple[float, float]
) -> None:
    rng = np.random.default_rng(1)
    ours, theirs = rng.uniform(*offence, 200_000), rng.uniform(*reference, 200_000)
    found = penalties.superiority(Range(*offence), Range(*reference))
    assert found == pytest.approx((ours > theirs).mean(), abs=0.005)
