"""What the page on the other effects of the law counts: small tables with a known answer, and the published."""

from __future__ import annotations

import pandas as pd
import pytest

from compendium.chapters import consequences, deterrence

ROWS = pd.DataFrame(
    [
        ("a", "A 2010", "before_after", "harm", 2012, "read"),
        ("a2", "A 2010", "before_after", "harm", 2012, "read"),  # the same study
        ("b", "B 2011", "comparison", "no harm", 2009, "read"),
        ("c", "C 2013", "account", "harm", None, "read"),  # no year of its own
        ("d", "D 2012", "account", "other cause", 2011, "read"),
        ("e", "E 2012", "before_after", "harm", 2012, "restated"),  # its text was not read
    ],
    columns=["id", "study", "design", "finding", "measured_to", "status"],
).set_index("id")


def test_studies_count_once_by_design_and_by_year() -> None:
    expected = {"harm_measured": 1, "no_harm_measured": 1, "harm_late": 1, "no_harm_late": 1}
    assert consequences.harm_numbers(ROWS) == expected


def test_each_alternative_changes_what_it_says() -> None:
    found = consequences.harm_alternatives(ROWS)
    assert found["accounts-too"] == {"harm_measured": 2, "no_harm_measured": 2}
    assert found["with-restated"]["harm_measured"] == 2
    assert found["published-late"]["harm_late"] == 2


def known(*rows: tuple[float | None, float | None, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [(consequences.SURVEYED, value, n, year) for value, n, year in rows],
        columns=["unit", "value", "n", "year_to"],
    )


def test_the_latest_survey_decides_and_none_is_none() -> None:
    assert consequences.knowledge_numbers(known()) == {"knowledge_surveys": 0, "know_low": None, "know_high": None}
    found = consequences.knowledge_numbers(known((10, 1000, 2012), (60, 400, 2020)))
    assert found["knowledge_surveys"] == 2
    # Wilson's interval of 240 in 400, from its closed form.
    assert (found["know_low"], found["know_high"]) == (
        pytest.approx(0.5513, abs=5e-4),
        pytest.approx(0.6468, abs=5e-4),
    )


def test_no_series_of_trafficking_reaches_across_the_law() -> None:
    assert deterrence.numbers_of(deterrence.measures())["offending_measures"] == 0


def test_a_value_of_the_year_of_the_law_stands_on_neither_side() -> None:
    values = pd.DataFrame({"series": ["s"] * 3, "year": [2005, 2008, 2012], "value": [4.0, 9.0, 2.0]}).assign(
        value_low=lambda v: v.value * 0.9, value_high=lambda v: v.value * 1.1
    )
    found = deterrence.numbers_of(values)
    assert found["offending_measures"] == 1
    assert found["change_low"] < 0.5 < found["change_high"] < 1  # type: ignore[operator]
    assert deterrence.numbers_of(values[values.year > 2005])["offending_measures"] == 0
