"""What the page on women assembles, by enumeration and by other routes."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from compendium.chapters import women
from compendium.chapters.women.held import Held, Prisoners
from compendium.evidence import tables
from compendium.methods.shares import sexratio
from compendium.methods.shares.proportions import Interval
from compendium.trial.claims import registry


@pytest.fixture(scope="module")
def study() -> Held:
    return women.facts()


def test_the_printed_share_fits_one_number_of_the_interviewed_and_two_of_all_held(study: Held) -> None:
    def fits(whole: int) -> list[int]:
        return [n for n in range(whole + 1) if 79.5 <= 100 * n / whole <= 80.5]

    assert (study.sample, study.held) == (91, 199)
    assert list(study.fitting) == fits(91) == [73]
    assert list(study.of_all) == fits(199)
    assert (study.worst.low, study.worst.high) == pytest.approx((73 / 199, (73 + 108) / 199))


def test_no_assumption_widens_the_bounds_beyond_the_worst_case(study: Held) -> None:
    for found in (study.random, study.near):
        assert study.worst.low <= found.low <= found.high <= study.worst.high
    alternatives = women.women_80_alternatives()
    assert alternatives["random"] == {"worst_low": study.random.low, "worst_high": study.random.high}
    assert alternatives["all-held"]["worst_low"] == study.of_all[0] / 199


def test_women_reached_more_readily_are_fewer_among_all_held() -> None:
    """At the share found, 73 women and 18 men are interviewed at rates whose ratio is the one assumed."""
    for name, ratio in (("women-easier", 2), ("women-harder", 0.5)):
        share = women.women_80_alternatives()[name]["worst_low"]
        assert share is not None
        assert (73 / (share * 199)) / (18 / ((1 - share) * 199)) == pytest.approx(ratio)


def test_a_share_of_prisoners_needs_both_counts_of_its_year() -> None:
    found = Prisoners(pd.Series({2010: 30.0, 2011: 40.0}), pd.Series({2010: 300.0, 2012: 500.0}), later=0.12)
    assert found.share.to_dict() == {2010: 0.1}
    assert found.highest == 0.12


def test_the_baseline_is_read_of_the_years_with_two_counts() -> None:
    baseline = tables.read("cambodia_prison_baseline")
    national = baseline[(baseline.coverage == "national") & baseline.qualifier.isna()]
    years = [set(national.loc[national.measure == m, "year"]) for m in ("women_prisoners", "prisoners_total")]
    assert set(women.prisoners().share.index) <= years[0] & years[1]


def test_countries_are_ranked_by_their_pooled_share_and_enough_people_are_known() -> None:
    found = women.countries()
    assert found.ranking["share_low_y"].is_monotonic_decreasing
    assert (found.ranking["known"] >= 30).all()
    assert set(found.ranking["iso3"]) == set(found.enough["iso3"])
    assert "KHM" not in set(found.reported["iso3"])
    # What is hidden can only widen a share, and pooling draws both ends towards the other countries.
    assert (found.ranking["share_low_x"] <= found.ranking["share_high_x"]).all()


def test_a_sample_whose_size_was_not_seen_has_no_interval() -> None:
    found = women.compared()
    unseen = found[found["n"].isna()]
    assert len(unseen) and unseen[["low", "high"]].isna().all(axis=None)
    seen = found[found["n"].notna()]
    assert ((seen["low"] < seen["share"]) & (seen["share"] < seen["high"])).all()
    assert found.index[0] == "keo"


def decided(**changes: float | None) -> dict[str, str]:
    return registry()["women-80"].decide({**women.women_80(), **changes})[1]


def test_no_count_of_the_91_or_of_the_country_was_seen() -> None:
    numbers = women.women_80()
    assert (numbers["counts_seen"], numbers["country_counts"]) == (0, 0)
    assert numbers["texts_reporting"] == 1  # the abstract, by the author and three others
    reported = next(part for part in registry()["women-80"].context if part.name == "the study reports it")
    assert reported.decide(numbers) == "supported"
    words = decided()
    assert words["among all held in the eight prisons"] == "not established"


def test_suspects_are_counted_and_stand_beside_the_verdict() -> None:
    counts = {(22, 97), (19, 93), (4, 37)}
    ends = [proportion_confint(some, n, method="wilson") for some, n in counts]
    numbers = women.women_80()
    assert numbers["suspects_counts"] == 3
    assert numbers["suspects_low"] == pytest.approx(min(low for low, _ in ends))
    assert numbers["suspects_high"] == pytest.approx(max(high for _, high in ends))


@pytest.fixture
def with_a_count(monkeypatch: pytest.MonkeyPatch) -> Callable[[float, str], None]:
    """Add a fact on the sex of the 91: its kind decides that it is read, not its id."""
    read = tables.read

    def add(value: float, unit: str) -> None:
        def changed(name: str) -> pd.DataFrame:
            rows = read(name)
            if name != "prison_study_facts":
                return rows
            row = rows.iloc[[0]].assign(id="X99", topic="sex", unit=unit, value=value, n=91, status="read")
            return pd.concat([rows, row.astype(rows.dtypes)])

        monkeypatch.setattr(tables, "read", changed)

    return add


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (73, "persons", "supported"),
        (80.2, "percent", "supported"),
        (69, "persons", "supported"),  # 75.8%, just within the lines
        (67, "persons", "contradicted"),  # 73.6%, just outside
        (60, "persons", "contradicted"),
        (89, "persons", "contradicted"),
    ],
)
def test_a_published_count_supports_or_contradicts_by_its_value(
    with_a_count: Callable[[float, str], None], value: float, unit: str, expected: str
) -> None:
    with_a_count(value, unit)
    assert decided()["among the 91, by a count"] == expected


def test_the_bounds_are_made_with_the_count(with_a_count: Callable[[float, str], None]) -> None:
    with_a_count(30, "persons")
    numbers = women.women_80()
    assert (numbers["worst_low"], numbers["worst_high"]) == pytest.approx((30 / 199, 138 / 199))
    assert decided()["among all held in the eight prisons"] == "contradicted"


def test_a_country_that_reports_gets_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    read = tables.read

    def with_cambodia(name: str) -> pd.DataFrame:
        rows = read(name)
        return rows.assign(iso3=rows["iso3"].replace("UZB", "KHM")) if name == "unodc_convicted_by_sex" else rows

    monkeypatch.setattr(tables, "read", with_cambodia)
    numbers = women.women_80()
    low, high = numbers["country_low"], numbers["country_high"]
    assert low is not None and high is not None and 0 < low < high < 1
    assert numbers["country_counts"] == 1


def test_venezuela_enters_where_the_cells_printed_twice_are_added() -> None:
    found = women.countries()
    assert "VEN" in set(found.enough["iso3"])
    first = sexratio.by_country(found.printed)
    assert "VEN" not in set(first.loc[first["known"] >= 30, "iso3"])
    assert set(found.enough["iso3"]) - set(first.loc[first["known"] >= 30, "iso3"]) == {"VEN"}


def test_whom_victims_name_adds_up_to_all_victims() -> None:
    table = women.table_of_victims_view()
    sums = (
        table[["men only", "women only", "both"]]
        .apply(lambda column: column.str.rstrip("%").astype(int))
        .sum(axis=1)
    )
    assert sums.between(99, 101).all()


def test_victims_who_name_a_woman_are_told_of_all_and_of_those_who_name_recruiters() -> None:
    said = women.words_on_victims_view()
    assert said["named_world"] == f"{(3515 + 2452) / 15787:.0%}" == "38%"
    assert said["recruiters_world"] == f"{(1968 + 2199) / 10245:.0%}" == "41%"
    assert (said["named_sexual"], said["recruiters_sexual"]) == ("64%", "73%")


def test_every_sample_of_the_table_is_drawn() -> None:
    assert set(women.compared().index) == set(tables.read("trafficker_samples")["id"])


def test_selection_at_even_odds_needs_the_odds_of_the_study() -> None:
    even = Interval(0.0, 1.0, 0.5, "any", 1.0)
    study = Held(10, 20, (8,), (16,), even, even, even)
    said = women.words_on_selection(study, pd.DataFrame({"share": {"unodc-2022": 0.5}}))
    assert said["ratio_at_half"] == said["ratio_at_world"] == "4.0"
