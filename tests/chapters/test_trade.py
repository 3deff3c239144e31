"""What the page on the portrait of the trafficker assembles, on small tables with known answers."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from compendium.chapters import trade
from compendium.chapters.trade.claims import small_operators, unschooled
from compendium.chapters.trade.neighbours import Literacy
from compendium.chapters.trade.portrait import Facts
from compendium.chapters.trade.prices import Prices, by_case, highest_case, plainly
from compendium.evidence import paths, tables
from compendium.methods.choice import medians
from compendium.trial import verdicts
from compendium.trial.claims import registry
from compendium.trial.rules import CONTRADICTED, SUPPORTED

NONE = (None, None, None)
ROWS = [
    ("K30", "earnings", *NONE, "", None),  # words alone
    ("K31", "earnings", None, 120.0, None, "dollars", None),
    ("C31", "earnings", None, 500.0, None, "dollars", None),  # not of the study
    ("T01a", "organisation", None, 102.0, None, "cases", None),
    ("T01c", "organisation", None, 236.0, None, "persons", 236.0),
    ("T04", "education", None, 96.0, None, "percent", None),
    ("T03a", "origin", 50.0, None, None, "percent", None),
    ("T06", "organisation", None, 9.0, None, "schemes", 20.0),
    ("T07a", "organisation", None, 0.0, None, "persons", 20.0),
    ("T07b", "sex", 4.0, None, None, "persons", 20.0),
    ("U10", "organisation", 50.0, None, None, "percent", 1000.0),
]
COLUMNS = "id topic value_low value value_high unit n".split()


@pytest.fixture
def facts() -> Facts:
    return Facts(pd.DataFrame(ROWS, columns=COLUMNS).set_index("id"))


def test_only_numbers_of_the_study_itself_count(facts: Facts) -> None:
    assert [facts.numbers_on(topic) for topic in ("earnings", "organisation")] == [1, 0]


def test_a_share_is_exact_at_least_or_counted(facts: Facts) -> None:
    assert facts.share("T04") == (0.96, 0.96, 0.96)
    assert facts.share("T03a") == (0.5, 0.5, 1.0)  # over half
    exact = stats.binomtest(4, 20).proportion_ci(method="exact")
    assert facts.share("T07b") == pytest.approx((0.2, exact.low, 1.0))  # at least four
    schemes = stats.binomtest(0, 9).proportion_ci(method="exact")
    assert facts.share("T07a") == pytest.approx((0, schemes.low, schemes.high))  # of schemes, not of people


def test_surveys_that_dip_repeat_or_come_after_are_not_drawn() -> None:
    young = pd.Series({1998: 71.0, 2008: 86.0, 2009: 87.0, 2012: 70.0, 2014: 92.0, 2040: 99.0})
    literacy = Literacy(youngest=18, oldest=60, adults=young, young=young)
    assert literacy.born == (1950, 1992)
    assert literacy.dips.to_dict() == {2012: 70.0}
    assert literacy.drawn == [1998, 2008, 2014]
    assert literacy.twins == [2009]
    assert [year for year in literacy.left_out if literacy.born_after(year)] == [2040]


def test_of_the_ninety_one_no_share_and_no_sum_was_seen() -> None:
    found = trade.poor_uneducated() | trade.small_operators() | trade.modest_gains() | trade.push_and_pull()
    seen = {name: value for name, value in found.items() if name.endswith("_figures")}
    assert set(seen.values()) == {0} and len(seen) == 7
    table = trade.table_of_traits(trade.facts())
    assert set(table["numbers seen"][["Schooling, literacy", "Associates", "Earnings"]]) == {"none"}


PLANTED = [  # topic, unit, value, statement, n, status
    ("social_position", "percent", 96.7, "had not finished primary school", 91, "read"),
    ("social_position", "percent", 70.3, "lived below the poverty line", 91, "restated"),
    ("social_position", "percent", 80.0, "poor and uneducated", 91, "read"),  # settles neither
    ("social_position", "years", 3.0, "years of school", 91, "read"),  # not a share
    ("social_position", "percent", 10.0, "of school age", 236, "read"),  # of others
    ("work", "percent", 60.4, "had no work before", 91, "read"),
    ("organisation", "percent", 64.8, "alone or with one other", 91, "read"),
    ("earnings", "US dollars a year", 300.0, "a year", 91, "read"),
    ("earnings", "US dollars a year", 9000.0, "not confirmed", 91, "unverified"),
]


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    read = tables.read

    def changed(name: str) -> pd.DataFrame:
        rows = read(name)
        if name != "prison_study_facts":
            return rows
        columns = ["topic", "unit", "value", "statement", "n", "status"]
        more = rows.iloc[[0] * len(PLANTED)].reset_index(drop=True)
        more[columns] = pd.DataFrame(PLANTED, columns=columns)
        return pd.concat([rows, more.assign(id=[f"X{place}" for place in range(len(more))])])

    monkeypatch.setattr(tables, "read", changed)


@pytest.mark.usefixtures("planted")
def test_a_row_that_would_change_a_claim_reaches_it_by_its_kind() -> None:
    found = trade.poor_uneducated()
    assert (found["schooling_figures"], found["income_figures"]) == (1, 1)
    low, high = proportion_confint(88, 91, method="wilson")
    assert (found["unschooled_low"], found["unschooled_high"]) == pytest.approx((low, high))
    # Four in five as women, one in five as men, in the two years beside the study.
    country = [1 - (0.8 * women + 0.2 * men) / 100 for women, men in ((25.27, 47.95), (39.3993, 58.1296))]
    assert found["schooling_gap_low"] == pytest.approx(low - max(country))
    assert found["schooling_gap_high"] == pytest.approx(high - min(country))
    assert trade.small_operators()["small_low"] == pytest.approx(proportion_confint(59, 91, method="wilson")[0])
    gains = trade.modest_gains()
    assert (gains["gain_low"], gains["earnings_figures"]) == (0.5, 1)  # of 600 dollars
    pushed = registry()["push-and-pull"].decide(trade.push_and_pull())[1]
    assert pushed["push, a lack of lawful chances"] == "supported"


def test_sums_are_taken_case_by_case_in_wages_of_their_year(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = pd.DataFrame(
        [
            ("a", 2015, 128.0, 128.0, "USD", "received", "person", "recruiting", "read"),
            ("a", 2015, 1536.0, 3072.0, "USD", "received", "person", "recruiting", "restated"),
            ("b", 2013, 792.0, 792.0, "USD", "received", "person", "recruiting", "read"),  # 66 a month in 2012
            ("c", 2015, 9000.0, 9000.0, "USD", "received", "person", "sale", "read"),
            ("d", 2015, 9000.0, 9000.0, "MYR", "received", "person", "recruiting", "read"),
            ("e", 2015, 9000.0, 9000.0, "USD", "ordered", "person", "other", "read"),
            ("f", 2015, 9000.0, 9000.0, "USD", "received", "person", "recruiting", "unverified"),
            ("g", 2015, 9000.0, 9000.0, "USD", "received", "case", "recruiting", "read"),
        ],
        columns="case year amount_low amount_high currency side per paid_for status".split(),
    )
    read = tables.read
    monkeypatch.setattr(tables, "read", lambda name: sums if name == "recruitment_prices" else read(name))
    found = by_case()
    assert found.low.to_dict() == pytest.approx({"a": 1 / 12, "b": 1.0})
    assert found.high.to_dict() == pytest.approx({"a": 2.0, "b": 1.0})
    assert set(by_case(("recruiting", "sale"), ("person", "case")).index) == {"a", "b", "c", "g"}


PAGE = paths.BOOK / "3-prison" / "trade.md"
COUNTED = "none one two three four five six seven eight nine ten eleven twelve".split()


def test_how_many_cases_a_wider_count_has_is_counted_and_not_typed() -> None:
    wide, every = ("recruiting", "sale"), ("person", "case", "unclear")
    cases = {
        "cases_sale": by_case(wide),
        "cases_whole": by_case(per=every),
        "cases_both": by_case(wide, every),
    }
    said, page = trade.words_on_sums(), PAGE.read_text(encoding="utf-8")
    for name, found in cases.items():
        assert said[name] == COUNTED[len(found)] and f"{{glue:text}}`{name}`" in page
    assert [len(found) < medians.enough() for found in cases.values()] == [True, True, False]  # as the page says
    both = medians.interval(cases["cases_both"].low.tolist(), cases["cases_both"].high.tolist())
    assert both is not None and both.low < 1 < both.high  # on both sides of the line
    assert (said["both_low"], said["both_high"]) == (f"{both.low:.2f}", f"{both.high:.1f}")


def test_the_highest_sum_is_the_word_of_the_police_and_a_defendant_contradicts_it() -> None:
    sums = highest_case()
    most: Any = sums.sort_values("amount_high").iloc[-1]
    least: Any = sums.sort_values("amount_low").iloc[0]
    assert (most.said_by, least.said_by) == ("police", "defendant in court")
    said = trade.words_on_sums()
    assert (said["sum_police"], said["sum_court"]) == (f"${most.amount_high:,.0f}", f"${least.amount_low:,.0f}")
    assert most.amount_high / 12 / 66 == by_case().high.max() > 1  # 66 a month: the last wage confirmed before 2013
    rest = by_case().drop(index=most.case)
    assert (rest.high < 1).all() and said["below_a_year"] == COUNTED[len(rest)]


def test_as_many_more_samples_decide_as_the_card_says() -> None:
    claim, found = registry()["small-operators"], small_operators()
    told = claim.would_change_it
    assert "One more counted sample" in told and "four that point to organised groups" in told
    part, small, organised = "in counted samples of traffickers", found["small_samples"], found["organised_samples"]
    assert small is not None and organised is not None

    def word(more_small: int, more_organised: int) -> str:
        more = {"small_samples": small + more_small, "organised_samples": organised + more_organised}
        return claim.decide({**found, **more})[1][part]

    assert word(1, 0) == SUPPORTED != word(0, 0)
    assert word(0, 4) == CONTRADICTED != word(0, 3)


def test_what_is_let_in_decides_as_the_page_says() -> None:
    claim, said = registry()["small-operators"], trade.words_on_balance()
    part = "in counted samples of traffickers"

    def word(kind: str) -> str:
        small, organised = (COUNTED.index(said[f"{side}_{kind}"]) for side in ("small", "organised"))
        found = {**small_operators(), "small_samples": small, "organised_samples": organised}
        return claim.decide(found)[1][part]

    assert word("words") == word("own") == SUPPORTED  # words alone, and the essay's own study alone
    assert word("wide") == "not established"


def test_as_many_more_cases_decide_as_the_card_says() -> None:
    claim, cases = registry()["modest-gains"], by_case()
    told = claim.would_change_it
    assert "Six more cases" in told and "twelve more" in told
    part = "little was paid for recruiting a person, in court and police reports"

    def word(more: int, yearly_wages: float) -> str:
        low, high = ([*ends, *[yearly_wages] * more] for ends in (cases.low, cases.high))
        found = medians.interval(low, high)
        ends = (found.low, found.high) if found else (min(low), max(high))
        numbers = {"priced_cases": len(low), "sum_low": ends[0], "sum_high": ends[1]}
        return claim.decide({**trade.modest_gains(), **numbers})[1][part]

    assert word(6, 0.99) == SUPPORTED != word(5, 0.01)
    assert word(12, 1.0) == CONTRADICTED != word(11, 99.0)


def test_as_many_claims_as_the_page_says_have_a_part_without_and_a_part_with_too_few_figures() -> None:
    parts = {claim.id: [*verdicts.published()[claim.id].parts.values()] for claim in registry().of_chapter("trade")}
    both = [claim for claim, words in parts.items() if sorted(words) == ["not established", "not testable"]]
    assert both == ["small-operators", "modest-gains"]
    told = "The claims on small groups and on gains each have a part that cannot be tested"
    assert f"{told} and one for which there are too few figures" in PAGE.read_text()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("Same gang: leader, escort", "Leader, escort"),
        ("Abstract 4 of 8: results", "Abstract of the study: results"),
        ("TIP 2018: gangs move some", "US report of 2018: gangs move some"),
        ("UNIAP 2008: networks", "United Nations project UNIAP, 2008: networks"),
        ("A ring of five", "A ring of five"),
    ],
)
def test_a_statement_is_told_without_the_row_before_it(statement: str, told: str) -> None:
    assert plainly(statement) == told


def test_no_statement_of_the_page_refers_to_a_row_before_it() -> None:
    said = trade.table_of_descriptions(trade.descriptions())["it says"]
    assert not said.str.contains(r"^Same |\bTIP\b|\d of \d").any()


def test_the_country_beside_them_lies_between_women_and_men() -> None:
    mixed, women, men = unschooled(), unschooled(1.0), unschooled(0.0)
    assert men.low < mixed.low < women.low and men.high < mixed.high < women.high


def test_sums_for_each_person_are_those_received_in_dollars() -> None:
    rows = pd.DataFrame(
        [
            ("a", "c", 2015, 50.0, 50.0, "USD", "received", "person", "defendant in court", "read"),
            ("b", "c", 2015, 400.0, 900.0, "USD", "received", "person", "police", "read"),
            ("d", "c", 2015, 1600.0, 1600.0, "MYR", "received", "person", "police", "read"),  # the same once more
            ("e", "c", 2015, 100.0, 100.0, "USD", "received", "case", "defendant in court", "read"),
            ("f", "c", 2015, 9.0, 9.0, "USD", "received", "person", "defendant in court", "unverified"),
            ("g", "c", 2015, 7000.0, 7000.0, "USD", "ordered", "person", "court report", "read"),
        ],
        columns="id case year amount_low amount_high currency side per said_by status".split(),
    )
    prices = Prices(rows, 100.0, pd.DataFrame())
    assert prices.sums.id.tolist() == ["a", "b", "e", "g"]
    assert prices.received.id.tolist() == ["a", "b"]
    assert prices.told_in_court.id.tolist() == ["a"]


def test_descriptions_are_tallied_without_those_of_the_essays_author() -> None:
    words = trade.words_on_descriptions(trade.descriptions())
    table = trade.table_of_descriptions(trade.descriptions())
    own = (table["what"] == "the study itself").sum()
    counted = [words[f"described_{how}"] for how in ("small", "organised", "mixed")]
    numbers = "none one two three four five six seven eight nine ten".split()
    assert own > 0 and sum(map(numbers.index, counted)) == len(table) - own


def test_shares_to_be_kept_are_those_at_which_the_gain_is_worth_the_years() -> None:
    profit = trade.profit(trade.facts())
    for years, victims in ((1, 1), (3, 1), (3, 2.5)):
        share = profit.kept(years, victims)
        assert share * profit.high * victims == pytest.approx(years * profit.yearly[2009])
    assert profit.kept(1, profit=profit.low) * profit.low == pytest.approx(profit.yearly[2009])
