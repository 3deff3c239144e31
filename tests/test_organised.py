"""What the notes state of citizenship, routes and groups, recomputed the way the chapter does."""

import pytest

from compendium import shares, tables
from compendium.proportions import clopper_pearson


@pytest.fixture(scope="module")
def splits():
    totals = tables.read("unodc_country_totals").query("indicator == 'persons_convicted'")
    return shares.by_country_and_year(tables.read("unodc_convicted_citizenship"), totals)


def test_contradictory_country_years_are_those_that_the_catalogue_flags(splits) -> None:
    classes = tables.read("unodc_convicted_citizenship")
    flagged = classes[classes["against_total"] == "exceeds_total"]
    left_out = set(zip(classes["iso3"], classes["year"], strict=True)) - set(
        zip(splits["iso3"], splits["year"], strict=True)
    )
    assert left_out == set(zip(flagged["iso3"], flagged["year"], strict=True))
    assert left_out == {("MMR", 2019), ("MMR", 2021), ("PHL", 2019)}


def test_nationals_and_totals_alone_bound_the_share_from_above(splits) -> None:
    """Whoever is not known to be a national may be foreign: the bound needs no class but the nationals."""
    classes = tables.read("unodc_convicted_citizenship").query("against_total != 'exceeds_total'")
    nationals = classes[classes["citizenship"] == "national"].set_index(["iso3", "year"])
    totals = (
        tables.read("unodc_country_totals").query("indicator == 'persons_convicted'").set_index(["iso3", "year"])
    )
    everybody = totals.loc[nationals.index]
    # Mongolia 2019, suppressed in every part, may be four foreigners.
    assert everybody["count_max"].sum() - everybody["count_min"].sum() == 4
    least_nationals = nationals["count_min"].sum()
    found = shares.pooled(splits[splits["treatment"] == "either"])
    assert found.high == pytest.approx(1 - least_nationals / everybody["count_max"].sum())
    assert 0 < found.low < found.high < 0.2


def test_in_no_country_could_half_of_the_convicted_be_foreign(splits) -> None:
    assert (shares.pooled_by_country(splits)["high"] < 0.3).all()


def test_myanmar_repeats_a_year() -> None:
    classes = tables.read("unodc_convicted_citizenship").query("iso3 == 'MMR'").set_index(["year", "citizenship"])
    counts = classes[["count_min", "count_max"]]
    assert counts.loc[2019].equals(counts.loc[2021])


def test_australia_is_counted_by_schemes() -> None:
    facts = tables.read("prison_study_facts").set_index("id")
    schemes = int(facts.loc["T06", "value"])
    highest = clopper_pearson(int(facts.loc["T07a", "value"]), schemes).high
    assert (schemes, facts.loc["T06", "n"]) == (9, 15)
    assert highest == pytest.approx(1 - 0.025 ** (1 / 9))
    assert shares.odds_between(0.5, highest) == pytest.approx(1.974, abs=0.0005)


def test_routes_and_definition_as_the_notes_have_them() -> None:
    facts = tables.read("prison_study_facts").set_index("id")
    assert (facts.loc["U15a", "value"], facts.loc["U17a", "value"], facts.loc["U17b", "value_low"]) == (27, 58, 60)
    assert list(facts.loc[["U15a", "U17a", "U17b"], "status"]) == ["restated", "unverified", "unverified"]
    assert (facts.loc["U18a", "value"], facts.loc["U18b", "value"], facts.loc["U14", "value"]) == (3, 4, 97)
