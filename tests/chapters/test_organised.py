"""What the notes state of citizenship, routes and groups, recomputed the way the chapter does."""

import json

import numpy as np
import pandas as pd
import pytest

from compendium.chapters import organised
from compendium.chapters.organised import citizens, convicts, studies
from compendium.evidence import tables
from compendium.figures import at
from compendium.methods.shares import citizenship, samples
from compendium.methods.shares.proportions import clopper_pearson
from compendium.trial import claims


@pytest.fixture(scope="module")
def world():
    return organised.world()


@pytest.fixture(scope="module")
def convicted(world):
    return organised.convicted(world)


@pytest.mark.parametrize(
    ("name", "basis", "largest", "low", "high"),
    [
        # Added up by other hands from the same file.
        ("victims", citizens.KNOWN, citizens.EVERYBODY, 0.335, 0.369),
        ("victims", citizens.KNOWN, citizens.WITHOUT, 0.463, 0.501),
        ("victims", citizens.FITTING, citizens.EVERYBODY, 0.247, 0.297),
        ("victims", citizens.FITTING, citizens.WITHOUT, 0.517, 0.582),
    ],
)
def test_pooled_shares_are_those_of_an_independent_sum(world, name, basis, largest, low, high) -> None:
    found = world[name].share(basis, largest)
    assert (round(found.low, 3), round(found.high, 3)) == (low, high)


def test_countries_above_and_below_half_are_those_of_an_independent_count(world) -> None:
    victims = world["victims"]
    assert victims.largest == "PAK" and victims.parts.iso3.nunique() == 147
    by_country = victims.by_country(citizens.KNOWN)
    sides = citizenship.sides_of_half(by_country)
    # The other count left out countries of which nobody of known citizenship is sure.
    assert (sides.above, sides.below, sides.open - (by_country.fewest == 0).sum()) == (67, 63, 9)


def test_what_is_open_is_wider_than_what_is_known(world) -> None:
    for counted in world.values():
        known, bounded = counted.share(citizens.KNOWN), counted.share(citizens.OPEN)
        assert bounded.low < known.high and bounded.width > known.width


def test_every_filling_of_the_hidden_cells_stays_between_the_bounds(world) -> None:
    rng = np.random.default_rng(4)
    for counted in world.values():
        parts = counted.parts[counted.parts.citizen_group != "neither"]
        bounds = counted.share(citizens.KNOWN)
        for _ in range(200):
            drawn = rng.integers(parts.count_min.to_numpy(), parts.count_max.to_numpy() + 1)
            share = drawn[(parts.citizen_group == "foreign").to_numpy()].sum() / drawn.sum()
            assert bounds.low <= share <= bounds.high


@pytest.mark.parametrize("largest", [citizens.EVERYBODY, citizens.WITHOUT])
def test_the_live_figure_says_what_the_module_says_at_every_choice(world, largest) -> None:
    spec = json.loads(organised.draw_citizenship(world).spec)
    for whose in citizens.NAMES:
        for basis in citizens.LABELS:
            said = " ".join(at(spec, whose=whose, basis=basis, large=largest).split())
            assert said == citizens.sentence(world, whose, basis, largest)


def test_the_region_is_six_countries_and_three_country_years_contradict_themselves(convicted) -> None:
    assert set(convicted.people.index) == {"JPN", "MMR", "MNG", "MYS", "PHL", "THA"}
    odd = convicts.contradictory(convicted)
    assert set(zip(odd.iso3, odd.year, strict=True)) == {("MMR", 2019), ("MMR", 2021), ("PHL", 2019)}
    used = set(zip(convicted.splits.iso3, convicted.splits.year, strict=True))
    assert not used & set(zip(odd.iso3, odd.year, strict=True))


def test_nationals_and_totals_alone_bound_the_share_from_above(convicted) -> None:
    """Whoever is not known to be a national may be foreign: the bound needs no class but the nationals."""
    parts = convicted.counted.parts.query("against_total != 'exceeds_total'")
    nationals = parts[parts["citizen_group"] == "domestic"].groupby(["iso3", "year"])["count_min"].sum()
    totals = (
        tables.read("unodc_country_totals").query("indicator == 'persons_convicted'").set_index(["iso3", "year"])
    )
    keys = parts.set_index(["iso3", "year"]).index.unique()
    everybody = totals.loc[keys]
    # Mongolia 2019, suppressed in every part, may be four foreigners.
    assert everybody["count_max"].sum() - everybody["count_min"].sum() == 4
    found = convicted.foreign("either")
    assert found.high == pytest.approx(1 - nationals.sum() / everybody["count_max"].sum())
    assert 0 < found.low < found.high < 0.2


def test_around_cambodia_no_country_could_have_half_foreign_and_in_the_world_some_surely_have(
    world, convicted
) -> None:
    assert (citizenship.pooled_by_country(convicted.splits)["high"] < 0.3).all()
    surely = world["convicted"].by_country(citizens.OPEN).query("low > 0.5")
    assert set(surely.iso3) == {"BEL", "BHR", "CYP", "ESP", "ITA", "LBN"}


def test_foreign_victims_are_bounded_over_the_whole_file_with_the_largest_reporter_and_without(world) -> None:
    numbers = organised.transnational(world, organised.routes(convicts.facts()))
    victims = world["victims"]
    parts = victims.parts[victims.parts.citizen_group == "foreign"]
    surely = parts.count_min.sum() / (victims.parts.count_max.sum() + 1)
    assert 0 < numbers["share_low"] < numbers["share_high"] < 1
    assert numbers["share_high"] > surely, "no bound lies under what is printed"
    assert numbers["without_low"] > numbers["share_low"], "the largest reporter counts its own citizens"
    by_country = victims.by_country(citizens.OPEN)
    assert numbers["countries_low"] == pytest.approx((by_country.low > 0.5).mean())
    assert numbers["countries_high"] == pytest.approx((by_country.high >= 0.5).mean())


def test_years_of_their_own_are_those_of_a_file_that_ends_there(world) -> None:
    found = organised.transnational_alternatives(world)
    early = world["victims"].of_years(last=2011)
    assert early.parts.year.max() == 2011
    assert found["to-2011"]["share_high"] == pytest.approx(early.share(citizens.OPEN).high)


@pytest.mark.parametrize(("group", "word"), [("foreign", "supported"), ("domestic", "contradicted")])
def test_a_world_of_foreigners_is_told_from_one_of_citizens(world, group: str, word: str) -> None:
    """The hidden and the unknown stay open, so the world must be clear of them to be told."""
    victims = world["victims"]
    parts = victims.parts[victims.parts.against_total != "exceeds_total"].assign(citizen_group=group)
    made = {**world, "victims": citizens.Counted(parts, victims.totals, victims.names)}
    numbers = organised.transnational(made, organised.routes(convicts.facts()))
    verdict, by_part = claims.registry()["transnational"].decide(numbers)
    assert verdict == word and set(by_part.values()) == {word}


def test_a_world_split_in_half_is_neither(world) -> None:
    victims, rng = world["victims"], np.random.default_rng(3)
    drawn = rng.choice(["foreign", "domestic"], size=len(victims.parts))
    made = {
        **world,
        "victims": citizens.Counted(victims.parts.assign(citizen_group=drawn), victims.totals, victims.names),
    }
    numbers = organised.transnational(made, organised.routes(convicts.facts()))
    assert claims.registry()["transnational"].decide(numbers)[0] == "not established"


def test_organised_crime_rests_on_the_shared_bar_and_a_sample_added_tomorrow_is_used() -> None:
    rows, evidence = organised.sampled(), organised.evidence()
    found = organised.organised_crime(rows, evidence)
    assert (found["organised_samples"], found["small_samples"]) == samples.balance_of_samples(rows)[:2] == (0, 2)
    more = pd.concat(
        [rows, rows[rows.id == "us-federal-cases"].assign(id="another", sample="another", organised=2000)]
    )
    assert organised.organised_crime(more, evidence)["organised_samples"] == 1
    assert found["collections_organised"] == 1
    other = organised.organised_crime_alternatives(rows)
    assert other["by-persons"] == {"organised_samples": 1, "small_samples": 1}
    assert other["with-words"]["organised_samples"] == 1, "Belgian files, by their words"
    assert (
        claims.registry()["organised-crime"]
        .parts[0]
        .supported.text.startswith(
            f"organised_samples >= {samples.LEAST} and organised_samples >= {samples.TO_ONE}"
        )
    )


def test_a_study_counts_at_its_year_by_what_it_finds() -> None:
    rows = pd.DataFrame(
        [
            (2008, "study", "organised", "chosen for their networks"),
            (2008, "study", "organised", ""),
            (2010, "review", "otherwise", ""),
            (2011, "study", "otherwise", ""),
            (2012, "review", "otherwise", ""),
            (2017, "study", "organised", None),
        ],
        columns=["year", "kind", "finds", "note"],
    )
    found = studies.Studies(rows)
    assert found.numbers() == {"studies_organised": 2, "studies_otherwise": 2}
    assert organised.studies_of_traffickers_alternatives(found) == {
        "to-2012": {"studies_organised": 2, "studies_otherwise": 3},
        "all-years": {"studies_organised": 3, "studies_otherwise": 3},
        "studies-only": {"studies_organised": 2, "studies_otherwise": 1},
        "without-chosen": {"studies_organised": 1, "studies_otherwise": 2},
    }


def test_the_essays_own_study_is_not_among_the_studies() -> None:
    assert not organised.studied().rows.same_author.any()
    assert "keo-2014" not in set(organised.studied().rows.id)


def test_the_us_report_of_2018_is_coded_both_ways() -> None:
    report = organised.evidence().filter(like="tip-2018", axis=0)
    assert set(report.says) == {"small", "organised"} and (report.status == "read").all()


def test_australia_is_counted_by_schemes() -> None:
    facts = tables.read("prison_study_facts").set_index("id")
    schemes = int(facts.loc["T06", "value"])
    highest = clopper_pearson(int(facts.loc["T07a", "value"]), schemes).high
    assert (schemes, facts.loc["T06", "n"]) == (9, 15)
    assert highest == pytest.approx(1 - 0.025 ** (1 / 9))
    assert citizenship.odds_between(0.5, highest) == pytest.approx(1.974, abs=0.0005)


def test_routes_and_definition_as_the_notes_have_them() -> None:
    facts = tables.read("prison_study_facts").set_index("id")
    assert (facts.loc["U15a", "value"], facts.loc["U17a", "value"], facts.loc["U17b", "value_low"]) == (27, 58, 60)
    assert list(facts.loc[["U15a", "U17a", "U17b"], "status"]) == ["restated", "unverified", "unverified"]
    assert (facts.loc["U18a", "value"], facts.loc["U18b", "value"], facts.loc["U14", "value"]) == (3, 4, 97)
