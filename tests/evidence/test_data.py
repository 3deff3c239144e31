"""The data package: valid, documented, licensed, cited, and in agreement with what the sources state elsewhere."""

import csv
import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

import pandas as pd
import pytest
from frictionless import Package, system

from compendium.evidence import paths, tables

NAMES = tables.names()
STATUSES = {"read", "restated", "derived", "unverified"}


def descriptor(name: str) -> dict[str, Any]:
    return tables.describe(name)


def cells(name: str) -> list[list[str]]:
    with (paths.DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def rows(name: str, **key: object) -> pd.DataFrame:
    frame = tables.read(name)
    for column, wanted in key.items():
        frame = frame[frame[column].isin(wanted) if isinstance(wanted, list) else frame[column] == wanted]
    return frame


def series(indicator: str, sex: str = "all") -> dict[int, float]:
    found = rows("cambodia_series", indicator=indicator, sex=sex)
    return dict(zip(found["year"], found["value"], strict=True))


# ---------------------------------------------------------------- the package


def test_frictionless_finds_no_error() -> None:
    """Types, constraints, keys, foreign keys, hashes and sizes, by the reference implementation."""
    with system.use_context(trusted=True):
        report = Package(str(paths.DATA / "datapackage.json")).validate()
    assert report.flatten(["name", "rowNumber", "fieldName", "note"]) == []
    assert [task.name for task in report.tasks] == NAMES


def test_every_table_in_the_folder_is_described_and_sealed() -> None:
    assert sorted(path.stem for path in paths.DATA.glob("*.csv")) == sorted(NAMES)
    digests = json.loads((paths.DATA / tables.DIGESTS).read_text(encoding="utf-8"))
    assert sorted(digests) == sorted(NAMES)
    for name in NAMES:
        content = (paths.DATA / f"{name}.csv").read_bytes()
        assert descriptor(name)["hash"] == "sha256:" + hashlib.sha256(content).hexdigest()
        assert len(digests[name]["rows"]) == 8 * (content.count(b"\n") - 1)


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_licence_source_date_and_vintage(name: str) -> None:
    table = descriptor(name)
    assert len(table["title"]) > 5 and table["description"].startswith("One row per ")
    assert table["licenses"] and all(entry["name"] and entry["title"] for entry in table["licenses"])
    assert table["sources"] and all(entry["title"] and entry["path"] for entry in table["sources"])
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", table["read_on"]) and table["vintage"]


@pytest.mark.parametrize("name", NAMES)
def test_every_column_has_a_unit_and_a_description(name: str) -> None:
    for field in descriptor(name)["schema"]["fields"]:
        assert field["description"].endswith(".") and len(field["description"]) > 4, field["name"]
        assert field["unit"], field["name"]
        assert re.fullmatch(r"[a-z][a-z0-9_]*", field["name"])


@pytest.mark.parametrize("name", NAMES)
def test_every_row_has_a_source(name: str) -> None:
    """Either columns of the row carry it, or each column of a panel names its own."""
    table = descriptor(name)
    if table["row_source"] == "fields":
        assert all(field["source"] for field in table["schema"]["fields"])
        return
    frame = tables.read(name)
    assert frame[table["row_source"]].notna().all(axis=None)
    keys = {entry["key"] for entry in table["sources"] if "key" in entry}
    if table["row_source"] == ["source"] and keys:
        assert set(";".join(frame["source"]).split(";")) <= keys


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in NAMES
        if any(field["name"] == "status" for field in tables.describe(name)["schema"]["fields"])
    ],
)
def test_statuses(name: str) -> None:
    """What no text confirms is marked unverified; derived rows say from what."""
    frame = tables.read(name)
    assert set(frame["status"]) <= STATUSES
    if "seen_at" in frame:
        unseen = frame["seen_at"].str.startswith("not seen")
        assert set(frame.loc[unseen, "status"]) <= {"unverified"}
    derived = frame[frame["status"] == "derived"]
    if "note" in frame and len(derived):
        assert derived["note"].notna().all()


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_tidy(name: str) -> None:
    """UTF-8, LF, sorted by key, no decorated numbers, no spelled-out missing values, below one megabyte."""
    path = paths.DATA / f"{name}.csv"
    content = path.read_bytes()
    assert len(content) < 1_000_000
    assert b"\r" not in content and content.endswith(b"\n") and not content.startswith(b"\xef\xbb\xbf")
    header, *body = cells(name)
    flat = {cell for row in body for cell in row}
    assert not {cell for cell in flat if cell != cell.strip() or "\n" in cell or "  " in cell}
    assert not flat & {"nan", "NaN", "None", "null", "n/a", "<NA>", "-", "<5"}
    assert not [cell for cell in flat if re.fullmatch(r"-?\d+\.0+", cell)]
    schema = descriptor(name)["schema"]
    numeric = {field["name"] for field in schema["fields"] if field["type"] in ("integer", "number")}
    keys = [
        tuple(float(row[header.index(k)]) if k in numeric else row[header.index(k)] for k in schema["primaryKey"])
        for row in body
    ]
    assert keys == sorted(keys)


def test_ids_of_facts_do_not_clash() -> None:
    ids = [f"{name}/{cell}" for name in NAMES if "id" in tables.read(name) for cell in tables.read(name)["id"]]
    assert len(ids) == len(set(ids))


def test_disagreements_point_to_tables() -> None:
    assert set(tables.read("source_disagreements")["table"]) <= set(NAMES)


# ---------------------------------------------------------------- tiers


def test_cambodia_has_the_same_tiers_everywhere() -> None:
    here = rows("tip_tiers", iso3="KHM").set_index("year")["tier"]
    assert here.equals(tables.read("cambodia_tiers").set_index("year")["tier"])
    assert list(here.index) == list(range(2001, 2026))
    assert list(here) == "2 3 2 2 3 2WL 2WL 2 2WL 2 2 2 2WL 2WL 2WL 2 2 2 2WL 2WL 2WL 3 3 3 3".split()


def test_the_op_ed_of_2011_lists_the_same_tiers() -> None:
    listed = {2001: "2", 2002: "3", 2005: "3", 2006: "2WL", 2007: "2WL", 2009: "2WL", 2010: "2", 2011: "2"}
    here = rows("tip_tiers", iso3="KHM").set_index("year")["tier"]
    assert {year: here[year] for year in listed} == listed


def test_the_timeline_tells_the_same_tiers() -> None:
    here = tables.read("cambodia_tiers").set_index("year")["tier"]
    said = rows("cambodia_timeline", category="tier")
    names = {"Tier 2": "2", "Tier 3": "3", "Watch List": "2WL"}
    for year, event in zip(said["year"], said["event"], strict=True):
        found = re.search(r": (Tier 2|Tier 3|Watch List)", event)
        assert found and names[found[1]] == here[year], event
    assert set(said["year"]) == set(range(2001, 2025)) - {2011, 2012}


def test_official_numbers_of_countries_by_tier() -> None:
    """Counts printed by the State Department, the Cambodia Daily and Rotary."""
    tiers = tables.read("tip_tiers")
    counts = tiers.groupby(["year", "tier"]).size()
    assert counts[2002]["3"] == 19
    assert [counts[2015][tier] for tier in ("1", "2", "2WL", "3")] == [31, 89, 44, 23]
    assert counts[2023]["2WL"] == 26
    rated = tiers.groupby("year").size()
    assert rated[2021] == rated[2016] == 188, "188 countries in 2016: VOA editorial of 2016"
    assert rated[2017] == 187 and counts[2017]["SC"] == 3, "CRS R44953 of September 2017"


def test_coverage_of_the_years() -> None:
    tiers = tables.read("tip_tiers")
    coverage = tiers.groupby("year")["year_coverage"].unique().map(list)
    complete = [*range(2001, 2019), 2020, 2021, 2023, 2025]
    assert all(coverage[year] == ["complete"] for year in complete)
    assert coverage[2019] == ["cambodia_only"] and set(rows("tip_tiers", year=2019)["iso3"]) == {"KHM"}
    assert all(coverage[year] == ["closed"] for year in (2022, 2024))
    assert "2WL" not in set(rows("tip_tiers", year=[2001, 2002, 2003])["tier"])


def test_single_sources_are_single() -> None:
    tiers = tables.read("tip_tiers")
    rated = tiers["source"] != "CLOSED"
    assert (tiers["source"].str.count(";") + 1 == tiers["n_source_groups"])[rated].all()
    assert set(tiers.loc[~rated, "n_source_groups"]) == {0} and set(tiers.loc[~rated, "cell_status"]) == {"derived"}
    assert set(tiers.loc[~rated, "year"]) == {2022, 2024}
    assert ((tiers["basis"] == "single_source") <= (tiers["n_source_groups"] == 1)).all()


def test_agreement_between_sources_overall() -> None:
    total = tables.read("tip_tier_agreement").groupby(["source_a", "source_b"])[["n_agree", "n_both_rated"]].sum()
    for pair, (agree, both) in {
        ("KS2015", "SURE2018"): (2045, 2058),
        ("HTI", "KS2015"): (1488, 1489),
        ("HTI", "SURE2018"): (1355, 1357),
        ("CIA_archive", "KS2015"): (396, 405),
        ("CIA_json", "KS2015"): (129, 132),
        ("CIA_archive", "SURE2018"): (382, 394),
        ("KS2015", "KS_AJPS"): (1456, 1457),
        ("KS2015", "web_gvnet_2009"): (170, 170),
    }.items():
        assert tuple(total.loc[pair, ["n_agree", "n_both_rated"]]) == (agree, both), pair


def test_every_disagreement_is_counted_and_none_is_cambodian() -> None:
    """The pairs that do not agree in the one table are the rows of the other; one country has no pair."""
    agreement = tables.read("tip_tier_agreement").set_index(["source_a", "source_b", "year"])
    misses = (agreement["n_both_rated"] - agreement["n_agree"]).astype(int)
    listed = tables.read("tip_tier_disagreements")
    unpaired = listed[listed["tier_a"] == "none"]
    assert list(zip(unpaired["iso3"], unpaired["year"], strict=True)) == [("KIR", 2017)]
    counted = listed.drop(unpaired.index).groupby(["source_a", "source_b", "year"]).size()
    assert counted.to_dict() == misses[misses > 0].to_dict()
    assert "KHM" not in set(listed["iso3"])


@pytest.mark.parametrize(
    ("iso3", "year", "kept"),
    [("LUX", 2011, "1"), ("THA", 2014, "3"), ("THA", 2015, "3"), ("SDN", 2014, "2WL"), ("KOR", 2010, "1")]
    + [(iso3, 2012, "2WL") for iso3 in ("CYP", "NAM", "SLE", "SUR")]
    + [("COG", 2023, "2WL"), ("COD", 2023, "2"), ("TZA", 2008, "2WL"), ("BRB", 2010, "2WL"), ("USA", 2010, "1")],
)
def test_how_contested_tiers_were_settled(iso3: str, year: int, kept: str) -> None:
    assert tables.value("tip_tiers", "tier", iso3=iso3, year=year) == kept


def test_what_is_lost_when_tiers_meet_the_covariates() -> None:
    tiers, panel = tables.read("tip_tiers"), tables.read("country_panel")
    lost = tiers.merge(panel[["iso3", "year"]], on=["iso3", "year"], how="left", indicator=True).query(
        "_merge != 'both'"
    )
    assert set(lost.loc[lost["year"] < 2025, "iso3"]) == {"ABW", "CUW", "SXM", "USA", "SCG", "ANT"}


# ---------------------------------------------------------------- policy index and panels


def test_3p_of_cambodia() -> None:
    printed = {2000: (2, 3, 3, 8), 2005: (3, 3, 4, 10), 2007: (5, 3, 3, 11), 2008: (4, 3, 3, 10)}
    printed |= {2012: (5, 2, 4, 11), 2013: (4, 2, 4, 10)}
    for year, scores in printed.items():
        row = rows("anti_trafficking_3p", iso3="KHM", year=year).iloc[0]
        assert tuple(row[["prosecution", "protection", "prevention", "total"]]) == scores, year


def test_covariates_against_figures_printed_elsewhere() -> None:
    panel = tables.read("country_panel").set_index(["iso3", "year"])
    assert panel.loc[("KHM", 2010), "wgi_control_of_corruption"].round(2) == -1.25
    assert panel.loc[("KHM", 2010), "wgi_rule_of_law"].round(2) == -1.12
    assert panel.loc[("KHM", 2023), "wgi_rule_of_law"].round(2) == -0.82
    assert panel.loc[("KHM", 2024), "vdem_polyarchy"] == 0.186
    assert panel.loc[("ISR", 2019), "unga_agreement_us"] == pytest.approx(0.97, abs=0.01)
    assert panel.loc[("CUB", 2019), "unga_agreement_us"] == pytest.approx(0.11, abs=0.01)
    assert panel.loc[("DEU", 2008), "us_troops"] == 38788
    assert round(panel.loc[("KHM", 2022), "us_imports"] / 1e9, 1) == 12.2
    pacts = panel.xs(2010, level="year")["us_defence_pact"]
    assert all(pacts[iso3] == 1 for iso3 in ("JPN", "KOR", "PHL", "THA")) and pacts["ISR"] == pacts["KHM"] == 0


def test_mean_agreement_with_the_us_moves_as_the_state_department_printed() -> None:
    mean = tables.read("country_panel").groupby("year")["unga_agreement_us"].mean()
    for year, printed in {2005: 0.250, 2007: 0.183, 2009: 0.390, 2010: 0.416}.items():
        assert abs(mean[year] - printed) < 0.02, year


def test_where_the_covariates_end() -> None:
    panel = tables.read("country_panel")
    last = {column: int(panel.loc[panel[column].notna(), "year"].max()) for column in panel.columns}
    assert last["unga_agreement_us"] == 2019 and last["unga_distance_us"] == 2022
    assert last["us_defence_pact"] == 2018 and last["us_troops"] == 2021 and last["us_exports"] == 2022
    assert panel.loc[panel["year"].isin([1999, 2001]), "wgi_rule_of_law"].isna().all()


def test_cambodian_series_agree_with_the_panel() -> None:
    panel = rows("country_panel", iso3="KHM").set_index("year")
    for indicator, column, tolerance in (
        ("wgi_cc", "wgi_control_of_corruption", 0),
        ("wgi_rl", "wgi_rule_of_law", 0),
        ("v2x_polyarchy", "vdem_polyarchy", 0),
        ("unga_ideal_distance_to_us", "unga_distance_us", 1e-4),
        ("gdp_pc_const_usd", "gdp_per_capita_const_usd", 0.01),
        ("us_imports_from_cambodia_cur_usd", "us_imports", 0),
    ):
        both = pd.DataFrame({"a": pd.Series(series(indicator)), "b": panel[column].astype(float)}).dropna()
        assert len(both) > 20
        assert (both["a"] - both["b"]).abs().max() <= tolerance, indicator


def test_cambodian_series_against_figures_printed_elsewhere() -> None:
    assert series("garment_min_wage_usd_month")[2009] == 50 and series("garment_min_wage_usd_month")[2025] == 208
    poverty = series("poverty_national_line_pct")
    assert (poverty[1994], poverty[2012], len(poverty)) == (47.0, 17.7, 8)
    completion = series("primary_completion", "female")
    assert round(completion[2000], 1) == 31.1 and round(completion[2021], 1) == 87.3
    literacy = series("literacy_adult_15plus", "female")
    assert (literacy[1998], literacy[2009]) == (57, 69) and round(literacy[2022], 2) == 79.65
    migrants = series("migrants_khm_born_in_thailand")
    assert [migrants[year] for year in (2000, 2005, 2010, 2020)] == [153382, 369213, 611508, 691776]
    assert series("migrants_khm_born_in_thailand", "female")[2020] == 369899
    assert round(series("us_assistance_obligations_cur_usd")[2012] / 1e6, 1) == 113.0
    assert min(series("gdp_pc_const_usd")) == 1994


def test_migrants_of_both_sexes_add_up() -> None:
    total, women, men = (series("migrants_khm_born_in_thailand", sex) for sex in ("all", "female", "male"))
    assert total and all(women[year] + men[year] == total[year] for year in total)


def test_criminalisation_of_cambodia_in_both_codings() -> None:
    khm = rows("criminalisation_panel", iso3="KHM").set_index("year")
    assert (khm.loc[1999:2007, "criminalisation"] == 1).all() and (
        khm.loc[1999:2007, "criminalisation_ajps"] == 0
    ).all()
    assert (khm.loc[2008:2011, ["criminalisation", "criminalisation_ajps"]] == 2).all(axis=None)
    assert (khm["palermo_protocol_ratified"] == 1).idxmax() == 2007


def test_a_code_for_missing_did_not_become_a_share() -> None:
    share = tables.read("criminalisation_panel")["women_in_parliament_pct"].dropna()
    assert share.between(0, 100).all() and len(share) == 2468 - 37


def test_aid_to_cambodia_agrees_between_two_tables() -> None:
    leverage = tables.read("cambodia_us_leverage").set_index("year")
    panel = rows("criminalisation_panel", iso3="KHM").set_index("year")
    for here, there in (("oda_us_usd", "aid_from_us_usd"), ("oda_total_usd", "aid_total_usd")):
        both = pd.concat([leverage[here], panel[there]], axis=1).dropna()
        assert len(both) == 14 and (both[here] == both[there]).all()
    assert (
        round(leverage.loc[2005, "oda_us_usd"] / 1e6, 1) == 102.8
        and round(leverage.loc[2006, "oda_us_usd"] / 1e6, 1) == 73.2
    )


def test_grants_to_cambodia() -> None:
    leverage = tables.read("cambodia_us_leverage").set_index("year")
    assert leverage["tip_grants_n"].sum() == 40
    assert round(leverage["tip_grants_usd"].sum() / 1e6, 1) == 22.7
    assert leverage.loc[[2001, 2012], "tip_grants_n"].isna().all()
    assert pd.isna(leverage.loc[2002, "tip_grants_usd"]), "three grants without an amount are not zero dollars"


# ---------------------------------------------------------------- world counts


def test_regions_of_the_2006_report_add_up_to_its_world() -> None:
    parts = (
        rows("tip_law_enforcement", edition="TIP 2006")
        .groupby("year")[["prosecutions", "convictions", "new_laws"]]
        .sum()
    )
    assert tuple(parts.loc[2003]) == (7992, 2815, 24)
    assert tuple(parts.loc[2004]) == (6885, 3026, 39), "3,025 convictions were printed later"
    assert tuple(parts.loc[2005]) == (6618, 4766, 41)
    world = rows("tip_law_enforcement", region="World", preferred=True).set_index("year")
    assert tuple(world.loc[2003, ["prosecutions", "convictions", "new_laws"]]) == (7992, 2815, 24)


def test_regions_of_2016_add_up() -> None:
    regions = rows("tip_law_enforcement", year=2016)
    total = regions.loc[regions["region"] != "World", ["prosecutions", "convictions", "victims_identified"]].sum()
    assert tuple(total) == (14897, 9071, 66520)


def test_one_preferred_row_for_each_year_and_region() -> None:
    preferred = rows("tip_law_enforcement", preferred=True)
    assert not preferred.duplicated(["year", "region"]).any()
    assert list(preferred.loc[preferred["region"] == "World", "year"]) == list(range(2003, 2024))
    assert "unverified" not in set(preferred["status"]) and set(preferred["cells"]) == {"printed"}


def test_revisions_of_2005_and_2017_stay_visible() -> None:
    def printed(year: int, edition: str) -> tuple[int, int]:
        row = rows("tip_law_enforcement", year=year, region="World", edition=edition, cells="printed").iloc[0]
        return row["prosecutions"], row["convictions"]

    assert printed(2005, "compilation") == (6618, 4766) and printed(2005, "TIP 2008") == (6178, 4379)
    assert printed(2017, "TIP 2018") == (17880, 7045) and printed(2017, "TIP 2024") == (17471, 7135)


def test_world_sums_of_the_unodc_file() -> None:
    counts = tables.read("unodc_country_totals")
    world = counts.groupby(["indicator", "year"])[["count_min", "count_max"]].sum()
    convicted = world.loc["persons_convicted", "count_min"]
    assert [convicted[year] for year in (2003, 2012, 2016, 2019)] == [6768, 4673, 2530, 3723]
    assert (counts.query("indicator == 'persons_convicted' and year == 2003")["iso3"].nunique()) == 22
    assert world.loc["detected_victims", "count_min"].loc[2020:2022].sum() == 219308
    assert (
        tables.value("unodc_country_totals", "count_min", indicator="persons_convicted", iso3="IND", year=2003)
        == 6202
    )


def test_suppressed_counts_are_bounds_and_never_midpoints() -> None:
    for name in (
        "unodc_country_totals",
        "unodc_cambodia",
        "unodc_convicted_by_sex",
        "unodc_victims_by_citizenship",
        "unodc_convicted_by_citizenship",
        "unodc_by_sex_duplicates",
    ):
        frame = tables.read(name)
        for low in [column for column in frame.columns if column.endswith("_min")]:
            pair = frame[[low, low.replace("_min", "_max")]].dropna()
            assert set((pair.iloc[:, 1] - pair.iloc[:, 0]).astype(int)) <= {0, 4}
            assert (pair.loc[pair.iloc[:, 0] < 5] == [0, 4]).all(axis=None), low


def test_no_questionnaire_code_is_left_as_a_count() -> None:
    """Codes such as 6112019 end in a year; the largest true count of the file is Pakistan's 32,022 victims."""
    for name in [name for name in NAMES if name.startswith("unodc_") and name != "unodc_cts_prisons_cambodia"]:
        frame = tables.read(name)
        highest = max(frame[column].max() for column in frame.columns if column.endswith("_max"))
        assert highest <= 32022


def test_totals_of_the_two_unodc_tables_agree() -> None:
    by_sex = tables.read("unodc_convicted_by_sex")
    totals = rows("unodc_country_totals", indicator="persons_convicted")
    both = by_sex.merge(totals, on=["iso3", "year"])
    assert len(both) == by_sex["total_min"].notna().sum() == 459
    assert (both["total_min"] == both["count_min"]).all() and (both["total_max"] == both["count_max"]).all()


def test_women_among_the_convicted_of_south_east_asia() -> None:
    """Six countries, 2017-2022: 1,507 to 1,543 women, 1,214 to 1,250 men; Myanmar 725 and 318."""
    region = tables.read("countries").query("un_subregion == 'South-eastern Asia'")["iso3"]
    counts = rows("unodc_convicted_by_sex", iso3=list(region)).dropna(subset=["women_min", "men_min"])
    assert counts["iso3"].nunique() == 6
    sums = counts[["women_min", "women_max", "men_min", "men_max"]].sum()
    assert tuple(sums) == (1507, 1543, 1214, 1250)
    myanmar = rows("unodc_convicted_by_sex", iso3="MMR")[["women_min", "men_min"]].sum()
    assert tuple(myanmar) == (725, 318)


def test_cambodia_in_the_unodc_file() -> None:
    def total(indicator: str, year: int) -> int:
        key = {"breakdown": "none", "category": "all", "age": "all"}
        return tables.value("unodc_cambodia", "count_min", indicator=indicator, year=year, **key)

    assert [total("persons_convicted", year) for year in (2017, 2018, 2019)] == [129, 125, 63]
    assert [total("detected_victims", year) for year in (2019, 2020)] == [456, 467]
    assert [total("persons_in_formal_contact", year) for year in (2019, 2020)] == [229, 193]
    assert total("persons_prosecuted", 2007) == 42 and total("offences", 2020) == 186
    khm = rows("unodc_country_totals", iso3="KHM", indicator="persons_convicted").set_index("year")["count_min"]
    assert [khm[year] for year in (2017, 2018, 2019)] == [129, 125, 63]
    assert "KHM" not in set(tables.read("unodc_convicted_by_sex")["iso3"])


# ---------------------------------------------------------------- published claims


def amounts(ids: Iterable[str]) -> float:
    return sum(tables.value("global_profits", "value_usd", id=i) for i in ids)


def test_parts_of_the_profit_estimates_add_up() -> None:
    regions = ("asia_pacific", "industrialised", "latin", "middle", "sub_saharan", "transition")
    assert amounts(f"belser_region_{region}" for region in regions) == 31_621_000_000
    assert amounts(["belser_purpose_sexual", "belser_purpose_economic"]) == 31_600_000_000
    assert amounts(["belser_sex", "belser_econ"]) == amounts(["belser_total"]) == 44_300_000_000
    assert amounts(["ilo2014_sex", "ilo2014_lab"]) == amounts(["ilo2014_total"])
    assert (
        amounts(f"ilo2024_{part}" for part in ("eca", "ap", "am", "af", "as"))
        == amounts(["ilo2024_total"])
        == 236e9
    )
    assert amounts(["ilo2024_sex", "ilo2024_lab"]) == 236e9
    assert amounts(f"ilo2024_{sector}" for sector in ("ind", "serv", "agri", "dom")) == amounts(["ilo2024_lab"])
    persons = amounts(["ilo2024_sex"]) / tables.value("global_profits", "per_person_usd", id="ilo2024_sex")
    assert round(persons / 1e6, 1) == 6.3
    assert amounts(["ilo2024_total", "ilo2024_rise"]) == 300e9


def test_parts_of_the_estimates_add_up() -> None:
    def millions(*ids: str) -> float:
        return round(sum(tables.value("global_estimates", "value_central", id=i) for i in ids) / 1e6, 3)

    assert millions("ilo2012_sex", "ilo2012_lab", "ilo2012_state") == millions("ilo2012") == 20.9
    assert abs(millions("gems2017_fl", "gems2017_fm") - millions("gems2017")) < 0.101, "published rounded"
    assert millions("gems2022_fl", "gems2022_fm") == millions("gems2022") == 49.6
    assert abs(millions("gems2022_sex", "gems2022_priv", "gems2022_state") - millions("gems2022_fl")) < 0.101


def test_the_exact_trafficked_part_is_restated_and_no_estimate_of_its_own() -> None:
    assert tables.value("global_estimates", "status", id="ilo2005_traf_exact") == "restated"
    assert tables.value("global_estimates", "method_class", id="ilo2005_traf_exact") == "restatement"
    assert tables.value("global_estimates", "status", id="ilo2005_priv") == "restated", "printed as 9.8 million"
    low = tables.value("global_estimates", "value_low", id="ilo2005_traf")
    high = tables.value("global_estimates", "value_high", id="ilo2005_traf")
    assert (low, high) == (2_400_000, 2_500_000)


def test_no_figure_per_person_is_a_plain_division() -> None:
    """What code can divide is not stored as if it had been printed."""
    frame = tables.read("global_profits").dropna(subset=["value_usd", "persons", "per_person_usd"])
    assert set(frame["id"]) == {"belser_total", "ilo2014_sex", "ilo2014_lab"}
    plain = (frame["value_usd"] / frame["persons"].astype(float)).round() == frame["per_person_usd"]
    assert not plain.any()


def test_the_lineage_is_a_graph_of_named_documents() -> None:
    edges = tables.read("claim_lineage")
    assert list(edges["id"]) == [f"E{number:02d}" for number in range(1, len(edges) + 1)]
    assert not (edges["citing"] == edges["cited"]).any()
    assert (edges["cited_year"].fillna(0) <= edges["citing_year"]).all()
    assert {"ILO 2005", "TIP 2010", "ILO 2012"} <= set(edges["cited"])
    assert set(edges.loc[edges["change"] == "faithful", "id"]) == {"E02", "E03", "E20", "E30", "E46"}


# ---------------------------------------------------------------- Cambodian law, courts, prisons


def test_penalties_read_in_the_law() -> None:
    law = tables.read("cambodia_penalties").set_index("id")
    assert tuple(
        law.loc["KH-08-10", ["min_years", "max_years", "aggravated_min_years", "aggravated_max_years"]]
    ) == (7, 15, 15, 20)
    assert (
        law.loc["KH-UN-31", "status"]
        == law.loc["KH-96-3", "status"]
        == law.loc["KH-09-199", "status"]
        == "unverified"
    )
    assert law.loc["KH-09-200", "max_is_life"] and pd.isna(law.loc["KH-09-200", "max_years"])
    assert law.loc["KH-96-3", "in_force_to"] == law.loc["KH-08-10", "in_force_from"] == "2008-02"
    assert law.loc["KH-UN-31", "in_force_to"] == law.loc["KH-09-200", "in_force_from"] == "2010-12"


def test_life_has_no_number_of_years() -> None:
    law = tables.read("cambodia_penalties")
    assert (law["max_is_life"] <= law["max_years"].isna() | law["offence"].str.contains("forced labour")).all()
    known = law[["aggravated_min_years", "aggravated_max_years"]].notna().any(axis=1)
    assert law.loc[known, "aggravated_max_is_life"].notna().all()


def test_enforcement_counts_of_cambodia() -> None:
    convicted = tables.read("cambodia_enforcement").set_index("id")["convicted"]
    assert [convicted[f"tip-{year}"] for year in (2008, 2009, 2012, 2013, 2014, 2015, 2016)] == [
        11,
        36,
        44,
        18,
        29,
        43,
        100,
    ]
    cases = tables.read("cambodia_enforcement").set_index("id")["cases"]
    halves = [cases[f"ncct-{half}"] for half in ("2018h1", "2019h1", "2020h1", "2023h1", "2024h1", "2025h1")]
    assert halves == [62, 78, 79, 87, 104, 99]
    assert (cases["ncct-2020"], cases["ncct-2021"]) == (155, 359)


def test_printed_rises_of_2019_follow_from_the_counts() -> None:
    """The committee printed +25 percent cases, +14 suspects, +148 victims."""
    half = tables.read("cambodia_enforcement").set_index("id")
    for column, printed in (("cases", 25), ("suspects", 14), ("victims", 148)):
        rise = 100 * (half.loc["ncct-2019h1", column] / half.loc["ncct-2018h1", column] - 1)
        assert abs(rise - printed) < 1, column


def test_rule_of_law_ranks_are_within_the_countries_ranked() -> None:
    ranks = rows("cambodia_justice_system", measure="rule_of_law_rank").set_index("year")
    assert dict(zip(ranks.index, ranks["value"], strict=True)) == {
        2015: 99,
        2017: 112,
        2020: 127,
        2021: 138,
        2022: 139,
        2023: 141,
    }
    assert (ranks["value"] < ranks["base"]).all()


def test_shares_follow_from_their_counts_where_both_are_printed() -> None:
    tested = {"pretrial-2010": 2}
    for i, tolerance in tested.items():
        row = rows("cambodia_justice_system", id=i).iloc[0]
        assert abs(100 * row["numerator"] / row["base"] - row["value"]) < tolerance
    walsh = rows("cambodia_justice_system", id="wrongful-walsh-2017-determinate").iloc[0]
    assert round(100 * walsh["numerator"] / walsh["base"], 1) == 12.6


def test_the_prison_study_as_published() -> None:
    facts = tables.read("prison_study_facts").set_index("id")["value"]
    assert (facts["K01"], facts["K02"], facts["K04"], facts["K10"], facts["K14"]) == (91, 45.7, 8, 80, 81.3)
    assert (facts["K17"], facts["K18"], facts["K19"]) == (38.5, 37.7, 32.3)
    held = [n for n in range(91, 500) if round(100 * 91 / n, 1) == facts["K02"]]
    assert held == [199]
    assert [n for n in range(92) if round(100 * n / 91, 1) == facts["K14"]] == [74]
    assert not {"K03", "K11", "K15", "K34"} & set(facts.index), "what follows from other facts is computed"


def test_women_in_cambodian_prisons() -> None:
    baseline = tables.read("cambodia_prison_baseline").set_index("id")["value"]
    women, everyone = baseline["women-prisoners-2010-licadho"], baseline["prisoners-total-2010-wpb"]
    assert round(100 * women / everyone, 1) == 6.5
    rise = baseline["women-prisoners-2012-licadho"] / women - 1
    assert round(100 * rise) == baseline["women-growth-percent-2012-licadho"] == 39
    drugs = baseline["drug-offenders-2017-department"] / baseline["prisoners-total-2017-department"]
    assert round(100 * drugs, 1) in (51.7, 51.8)
    since_2016 = baseline["prisoners-total-2020-amnesty"] / baseline["prisoners-total-2016-department"] - 1
    assert abs(100 * since_2016 - 78) < 1.5


def test_samples_of_traffickers() -> None:
    samples = tables.read("trafficker_samples").set_index("id")
    printed = {"aic": 53, "baxter": 45, "wijkman": 17}
    for i, share in printed.items():
        assert round(100 * samples.loc[i, "women"] / samples.loc[i, "n"]) == share
    assert (samples["women"].isna() ^ samples["women_share_percent"].isna()).all()


def test_evidence_for_and_against_the_essay_is_kept() -> None:
    assert {"supports", "cuts_against", "neither", "mixed"} <= set(tables.read("policy_evidence")["bearing"])
    row = rows("policy_evidence", id="siemreap-apr").iloc[0]
    assert (row["effect_low"], row["effect"], row["effect_high"]) == (1.40, 1.65, 1.94)


def test_the_inclusion_rule_says_what_every_row_says() -> None:
    """The rule stands in the descriptor; applied anew, it gives each row the same answer and the same reason."""
    rule = descriptor("policy_evidence")["inclusion"]

    def answer(row: pd.Series) -> tuple[str, str]:
        for condition in rule["conditions"]:
            cell = row[condition["column"]]
            if "in" in condition and cell not in condition["in"]:
                return "no", condition["fails"]
            if "from" in condition and (pd.isna(cell) or not condition["from"] <= cell <= condition["to"]):
                return "no", condition["fails"]
        return ("awaiting", rule["awaiting"]) if row["bearing"] == "unread" else ("yes", rule["met"])

    for _, row in tables.read("policy_evidence").iterrows():
        assert (row["included"], row["why"]) == answer(row), row["id"]


def test_papers_on_one_trial_that_differ_are_both_kept() -> None:
    trial = rows("policy_evidence", programme="primary scholarship of 2008", outcome_class="earnings_or_work")
    assert dict(zip(trial["published"], trial["bearing"], strict=True)) == {2018: "supports", 2023: "cuts_against"}
    assert set(trial["included"]) == {"yes"} and set(trial["n"]) == {207}
    awaited = rows("policy_evidence", included="awaiting")
    assert set(awaited["design_class"]) == {"randomised"} and set(awaited["n"]) == {75}
    assert awaited[["effect", "effect_low", "effect_high"]].isna().all(axis=None)


def test_a_profit_says_what_it_repeats_or_is_a_part_of() -> None:
    frame = tables.read("global_profits").set_index("id")
    tied = frame["origin"].isin(["part", "repeats"])
    assert (frame["origin_id"].notna() == tied).all()
    assert set(frame.loc[tied, "origin_id"]) <= set(frame.index[frame["origin"].isin(["own_estimate", "part"])])
    profits = frame[frame["measure"].eq("profit") & frame["population_group"].eq("trafficked")]
    assert profits.loc["fbi2006", "value_usd"] == 9e9 and profits.loc["fbi2006", "origin"] == "no_source"
    assert frame.loc["coe2006", "measure"] == "market_value"


def test_the_log_of_searches_says_when_where_and_what() -> None:
    log = tables.read("search_log")
    dated = log["round"] >= 3
    assert (log["date"].notna() == dated).all() and (log["words"].notna() == dated).all()
    assert {"found", "in_part", "not_found"} == set(log["outcome"])


def test_every_work_of_the_list_is_in_the_bibliography() -> None:
    """And every entry of the bibliography has the fields that the site's style asks for."""
    from pybtex.database import parse_file
    from pybtex.plugin import find_plugin
    from pybtex.richtext import Text

    from compendium.trial import claims

    entries = parse_file(str(paths.BOOK / "references.bib"))
    works = tables.read("literature")
    assert set(works["key"]) <= set(entries.entries)
    known = set(claims.registry().claims)
    assert {claim for cell in works["claims"] for claim in cell.split("; ")} <= known
    style = find_plugin("pybtex.style.formatting", "plain")()
    printed = {entry.key: entry.text.render_as("text") for entry in style.format_bibliography(entries)}
    assert printed.keys() == set(entries.entries)
    for key, entry in entries.entries.items():  # the style writes small letters where no braces forbid it
        assert str(Text.from_latex(entry.fields["title"])) in printed[key].replace("\n", " "), key
    unread = works[works["relation"] == "not_read"]
    assert unread["finding"].str.contains("not read|gives no result").all(), (
        "no finding is given to what was not read"
    )
