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
