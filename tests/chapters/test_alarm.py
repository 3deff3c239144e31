"""What the page on the alarm counts: small worlds with a known answer, and an interval with a known coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from compendium.chapters import alarm


def world(rise: float) -> pd.DataFrame:
    """Stocks of people of poorer countries that rise by a share every five years; others stand still."""
    years = [1990, 1995, 2000, 2005, 2010]
    rows = {}
    for place in alarm.DESTINATIONS.values():
        rows[(alarm.POOR, place)] = [100 * (1 + rise) ** i for i in range(len(years))]
        rows[(alarm.RICH, place)] = [100.0] * len(years)
    index = pd.MultiIndex.from_tuples(rows, names=["origin", "destination"])
    return pd.DataFrame(list(rows.values()), index=index, columns=years)


@pytest.mark.parametrize("rise", [-0.2, 0.0, 0.3])
def test_a_steady_rise_is_found_over_five_and_over_ten_years(rise: float) -> None:
    whole = world(rise)
    for last in (1995, 2000):
        assert alarm.growth(whole, "western_europe", last=last) == pytest.approx(rise)
    assert alarm.growth(whole, "western_europe", origins="all") == pytest.approx(rise / 2)


def test_years_that_stand_out_are_seen() -> None:
    whole = world(0.0).add([0, 100, 110, 120, 130], axis=1)
    assert alarm._timing(whole, "united_states") == pytest.approx(10)


def news(rng: np.random.Generator, factor: float, countries: int = 60) -> pd.DataFrame:
    """News of countries of unlike size that all grow alike, but for chance."""
    size = rng.lognormal(3, 1, countries)
    years = {year: rng.poisson(size * (factor if year in alarm.AFTER else 1)) for year in range(1998, 2006)}
    return pd.DataFrame(years, index=["USA", *(f"C{i}" for i in range(countries - 1))])


def test_the_interval_of_the_news_holds_the_true_growth() -> None:
    rng = np.random.default_rng(4)
    holds = sum(low <= 5 <= high for low, high in (alarm.news_interval(news(rng, 5)) for _ in range(100)))
    assert holds >= 85


def test_without_growth_nothing_is_found() -> None:
    low, high = alarm.news_interval(news(np.random.default_rng(5), 1))
    assert low < 1 < high


CODED = pd.DataFrame(
    [
        ("likeness", "yes", "A", "read", "S1", "research"),
        ("likeness", "yes", "A", "read", "S2", "research"),  # the same voice
        ("likeness", "no", "B", "read", "S3", "research"),
        ("likeness", "yes", "C", "restated", "S4", "research"),
        ("likeness", "yes", "D", "read", "S5", "statement"),  # says so and studies nothing
        ("likeness", "neither", "E", "read", "S6", "research"),
        ("slavery", "yes", "A", "read", "S7", "statement"),
    ],
    columns=["question", "says", "voice", "status", "fact", "kind"],
)


def test_a_voice_counts_once_and_only_if_it_was_read_and_a_statement_only_on_what_was_said() -> None:
    assert alarm.voices(CODED, "likeness", "x") == {"x_yes": 1, "x_no": 1}
    assert alarm.voices(CODED, "likeness", "x", statements=True) == {"x_yes": 2, "x_no": 1}
    assert alarm.voices(CODED, "slavery", "x") == {"x_yes": 1, "x_no": 0}
    assert alarm.with_restated(CODED, x="likeness")["with-restated"] == {"x_yes": 2, "x_no": 1}


def test_every_coding_names_a_fact_with_words_or_a_number() -> None:
    coded = alarm.codings()
    assert coded["source"].notna().all()
    assert (coded["passage"].notna() | (coded["status"] != "read")).all()


def test_texts_on_a_longer_span_and_texts_that_only_state_are_left_out_by_an_alternative() -> None:
    coded = alarm.codings()
    campaign, security = alarm.campaign_alternatives(coded), alarm.security_alternatives(coded)
    assert alarm.voices(coded, "campaign", "campaign")["campaign_yes"] == 7
    assert campaign["those-years"] == {"campaign_yes": 5, "campaign_no": 1}
    assert alarm.voices(coded, "security real", "real") == {"real_yes": 1, "real_no": 2}
    assert security["statements-too"] == {"real_yes": 6, "real_no": 2}


def test_the_tables_of_texts_ask_questions_and_show_no_names_of_the_data() -> None:
    coded = alarm.codings()
    assert set(coded.question) - {"new panic"} == set(alarm.ASKED)  # asked of texts, shown on no page
    one = alarm.table_of_codings(coded, "campaign")
    assert one.columns.name == alarm.ASKED["campaign"] and list(one) == ["Says", "Words"]
    several = alarm.table_of_codings(coded, "security real", "security said")
    assert set(several.index) == {alarm.ASKED["security real"], alarm.ASKED["security said"]}
