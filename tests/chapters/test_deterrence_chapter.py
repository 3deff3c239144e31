"""What the page on deterrence assembles, on a few lives with known choices and on the book's own tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from compendium.chapters import deterrence as chapter
from compendium.chapters.deterrence.joined import Joined
from compendium.chapters.deterrence.population import Lives
from compendium.evidence import tables
from compendium.methods.choice import deterrence
from compendium.methods.choice.deterrence import Span
from compendium.methods.counts import beforeafter
from compendium.trial import history
from compendium.trial.claims import registry

# Four lives whose break-even gain is 110 with the law and 100 without it.
FEW = pd.DataFrame(
    {
        "gain_per_person": [90.0, 105.0, 140.0, 190.0],
        "persons": 1.0,
        "legal_income": 100.0,
        "p_arrest": 0.1,
        "p_conviction": 1.0,
        "sentence_years": 1.0,
        "discount_rate": 0.0,
    }
)
SPANS = {
    "gain_per_person": Span(10, 1000, "log"),
    "p_arrest": Span(0.001, 0.3, "log"),
    "discount_rate": Span(0.0, 1.0),
    "sentence_years": Span(0.5, 1.5),
}


@pytest.fixture
def few() -> Lives:
    return Lives(SPANS, FEW, deterrence.deterred(FEW, {"p_arrest": 0.0}))


def test_an_input_moved_into_its_own_range_stays_where_it_was(few: Lives) -> None:
    for name, span in SPANS.items():
        assert few.moved(name, span) == pytest.approx(FEW[name].to_numpy())
    assert few.moved("sentence_years", Span(10, 20)) == pytest.approx(np.full(4, 15.0))


def test_each_alternative_changes_what_its_name_says(few: Lives) -> None:
    assert few.base.share == 0.25  # the life that gains 105
    found = few.alternatives
    assert found["high-certainty"] == 0.75  # certain arrest costs a year's income: break even at 200
    assert found["1996-law"] == 0.0  # ten years or more under the law of 1996 deter all that one year does
    # Gains of one to three legal incomes are all above the break-even gain without the law.
    assert found["modest-gains"] == pytest.approx(
        few.share(gain_per_person=few.moved("gain_per_person", Span(100, 300, "log")))
    )


def test_arrest_as_rare_as_counts_imply_is_drawn_between_the_least_and_the_highest(few: Lives) -> None:
    certain = pd.DataFrame({"risk": [0.8, 0.9]})  # break even at 180 or more
    assert few.rare(certain) == 0.5


def test_implied_risks_are_counts_over_the_traffickers_that_the_estimates_imply() -> None:
    counts = chapter.counts()
    risks = chapter.implied_risks(counts).set_index("years")
    facts = tables.read("prison_study_facts").set_index("id").value
    victims = tables.value("global_estimates", "value_central", id="khm_steinfatt2003")
    # Seventy arrests in 32 months.
    assert risks.risk["2002 to 2005"] == pytest.approx(70 * 12 / 32 * facts["T01b"] / facts["T01c"] / victims)
    assert risks.risk.between(0, 1).all()


def test_the_ranges_hold_the_first_life_and_end_where_the_tables_say() -> None:
    counts = chapter.counts()
    spans = chapter.spans(counts)
    assert set(spans) == set(deterrence.PARAMETERS)
    from compendium.chapters.deterrence.life import START

    assert all(spans[name].low <= value <= spans[name].high for name, value in START.items())
    assert (spans["sentence_years"].low, spans["sentence_years"].high) == (7, 20)
    assert spans["p_conviction"].low == pytest.approx(22 / 70)


def test_the_series_is_simulated_from_its_own_base_and_years() -> None:
    counts = chapter.counts()
    assert counts.design == {"yearly": pytest.approx(22 * 12 / 32), "years_before": 3, "years_after": 10}
    assert counts.after == counts.yearly.low.tolist()


FURTHER = pd.DataFrame(
    [
        ("a", 2007, "2007 Q1", "convicted", 25),
        ("b", 2007, "2007-04 to 2008-03", "convicted", 52),
        ("c", 2008, "2008-04 to 2009-03", "convicted", 12),  # its year is counted already
        ("d", 2011, "2011", "convicted", 20),
        ("e", 2011, "2011", "convicted", 62),
        ("f", 2012, "2012", "prosecuted", 50),
    ],
    columns=["id", "year", "period", "measure", "value"],
).assign(source=["x", "y", "y", "z", "w", "w"])


@pytest.fixture
def joined() -> Joined:
    windows = [beforeafter.window(period) for period in FURTHER.period]
    return Joined(chapter.counts(), FURTHER.join(pd.DataFrame(windows, columns=["start", "end"])))


def test_further_counts_join_years_that_have_none_on_the_side_of_most_of_their_window(joined: Joined) -> None:
    assert joined.of("convicted").id.tolist() == ["a", "b", "d", "e"]
    assert joined.before.id.tolist() == ["a", "b"]
    assert joined.after.loc[2011].tolist() == [20, 62]  # both counts of a year are kept


def test_the_joined_ratio_is_of_rates_over_the_windows_and_reckoned_with_either_count(joined: Joined) -> None:
    later = joined.counts.after
    rate = (22 + 25 + 52) / (32 / 12 + 0.25 + 1)
    wanted = [(sum(later) + more) / (len(later) + 1) / rate for more in (20, 62)]
    assert [found.ratio for found in joined.ratios] == pytest.approx(wanted)
    # The declared series stays that of the verdict.
    assert chapter.seen(joined.counts).ratio.ratio == pytest.approx(sum(later) / len(later) / (22 * 12 / 32))


def test_one_report_sets_two_windows_around_the_law_side_by_side(joined: Joined) -> None:
    first, second = joined.around
    assert (first.value, second.value) == (52, 12)
    alone = Joined(joined.counts, joined.rows.drop(index=2))
    with pytest.raises(ValueError, match="adjoining windows"):
        _ = alone.around


def test_the_first_finding_on_police_stands_beside_the_one_on_severity() -> None:
    found = chapter.table_of_literature()
    wanted = tables.read("policy_evidence").query("theme == 'deterrence'")
    assert len(found) == len(wanted)
    assert found["what changed"].str.contains("police").any()


def test_no_measure_is_listed_twice() -> None:
    listed = tables.read("offending_measures")
    assert not listed.duplicated(["year", "value", "passage"]).any()


# ---------------------------------------------------------------- what the page says of the numbers


def test_no_measure_has_a_figure_on_both_sides_of_the_law_and_the_table_goes_by_year() -> None:
    values = chapter.measures()
    years = values.groupby("series").year.agg(["min", "max"])
    assert not ((years["min"] < 2008) & (years["max"] > 2008)).any()
    said = chapter.words_on_measures(values)
    assert (said["series"], said["series_across"]) == ("six", "none") and len(years) == 6
    assert (values.series.value_counts() > 1).sum() == 1 and len(values) == 7  # two years of one of them
    assert list(chapter.table_of_measures(values).index) == sorted(values.year)


def _measured(series: str, before: float, after: float) -> list[dict[str, object]]:
    values = ((2006, before), (2012, after))
    return [
        {"series": series, "year": year, "value": value, "value_low": 0.97 * value, "value_high": 1.03 * value}
        for year, value in values
    ]


def test_one_measure_decides_either_way_and_two_are_averaged_as_the_card_says() -> None:
    claim = registry()["no-deterrence"]
    says = claim.would_change_it
    assert says.startswith("One measure") and "Two or more such measures are averaged" in says

    def verdict(*series: list[dict[str, object]]) -> str:
        found = chapter.numbers_of(pd.DataFrame([row for rows in series for row in rows]))
        beside = {"detectable_fall": 0.8, "ratio_low": 0.5, "ratio_high": 100.0, "share_deterred": 0.05}
        return claim.decide({**found, **beside})[0]

    assert verdict(_measured("a", 100, 95)) == "supported"
    assert verdict(_measured("a", 100, 50)) == "contradicted"
    assert verdict(_measured("a", 100, 80)) == "not established"  # surely neither more nor less than a fifth
    assert verdict(_measured("a", 100, 95), _measured("b", 100, 67)) == "not established"  # a fifth on average


def test_by_one_reckoning_convictions_rose_and_by_the_other_they_may_have_fallen() -> None:
    counts = chapter.counts()
    seen = chapter.seen(counts)
    assert seen.ratio.low < 1 < seen.ratio.high
    low, _ = beforeafter.scattered_limits(seen.ratio.ratio, counts.before, counts.after, seen.scatter)
    assert low > 1
    said = chapter.words_on_falls(seen)
    years = counts.yearly.set_index("year").low
    assert said["convicted_first"] == f"{years.iloc[0]:.0f} in {years.index.min()}"
    assert said["convicted_last"] == f"{years.iloc[-1]:.0f} in {years.index.max()}"
    assert said["convicted_most"] == f"{max(counts.after):.0f}"


def test_with_either_of_the_other_ranges_the_choices_are_not_few() -> None:
    lives = chapter.lives(chapter.spans(chapter.counts()))
    few = next(part for part in registry()["no-deterrence"].context if "reckoning" in part.name)
    assert few.decide({"share_deterred": lives.base.share}) == "supported"
    for name in ("modest-gains", "even-arrest"):
        assert few.decide({"share_deterred": lives.alternatives[name]}) == "not established"
    assert few.decide({"share_deterred": 0.1}) == "supported" != few.decide({"share_deterred": 0.101})


def test_the_first_life_is_deterred_only_beyond_the_range_of_arrest() -> None:
    spans = chapter.spans(chapter.counts())
    flips = float(chapter.words_on_elasticities()["flip_arrest"].rstrip("%"))
    top = float(chapter.words_on_spans(spans)["top_arrest"].rstrip("%"))
    assert flips > top == 100 * spans["p_arrest"].high


def test_the_file_holds_the_same_number_twice_for_2007() -> None:
    file = tables.read("unodc_cambodia").query("year == 2007")
    victims = file[(file.indicator == "detected_victims") & (file.breakdown == "form_of_exploitation")]
    prosecuted = file[file.indicator == "persons_prosecuted"]
    assert victims.count_min.sum() == prosecuted.count_min.sum()


def test_the_first_rule_gave_what_the_page_says() -> None:
    assert history.first_word(history.read()["no-deterrence"]) == "partly supported"


def test_the_law_of_1996_had_longer_terms_so_that_beside_it_the_new_law_deters_nobody() -> None:
    counts = chapter.counts()
    spans = chapter.spans(counts)
    law = tables.read("cambodia_penalties").set_index("id")
    old, new = law.loc["KH-96-3"], law.loc["KH-08-10"]
    assert old.min_years > new.min_years and old.aggravated_max_years >= new.aggravated_max_years
    said = chapter.words_on_alternatives(chapter.lives(spans), chapter.implied_risks(counts))
    assert said["against_1996"] == "nobody"
    assert said["former_terms"] == f"{old.min_years:g} to {old.aggravated_max_years:g}"
