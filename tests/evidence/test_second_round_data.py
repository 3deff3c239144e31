"""The tables of the second round of evidence against totals that others print, and against each other."""

import re
from collections.abc import Iterable

import pandas as pd
import pytest

from compendium.evidence import tables

NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
).split()


def tiers_of(year: int) -> pd.Series:
    rated = tables.read("tip_tiers")
    return rated[rated["year"] == year].set_index("iso3")["tier"]


def flag_and_misfit(low: int, high: int, total_low: int, total_high: int) -> tuple[str, int | None]:
    if low > total_high:
        return "exceeds_total", low - total_high
    return ("falls_short", high - total_low) if high < total_low else ("consistent", None)


def totals(indicator: str) -> pd.DataFrame:
    counts = tables.read("unodc_country_totals")
    return counts[counts["indicator"] == indicator].set_index(["iso3", "year"])[["count_min", "count_max"]]


# ---------------------------------------------------------------- tiers


@pytest.mark.parametrize(
    ("year", "printed"),
    [
        (2018, {"1": 39, "2": 80, "2WL": 42, "3": 22, "SC": 4}),
        (2022, {"1": 30, "2": 99, "2WL": 34, "3": 22, "SC": 3}),
        (2025, {"1": 33, "2": 106, "2WL": 25, "3": 20, "SC": 4}),
    ],
)
def test_totals_of_a_year_by_tier(year: int, printed: dict[str, int]) -> None:
    """2018: State's own sentences; 2022: SBS 30, Yonhap and KBS 133 with the watch list and 22; 2025: the list."""
    assert tiers_of(year).value_counts().to_dict() == printed


@pytest.mark.parametrize(
    ("year", "printed"), [(2016, 188), (2017, 187), (2018, 187), (2022, 188), (2024, 187), (2025, 188)]
)
def test_totals_of_a_year(year: int, printed: int) -> None:
    """2016: VOA; 2017: CRS; 2022: Yonhap; 2024: the 188 of 2023 and 2025 without Haiti, which is left open."""
    assert len(tiers_of(year)) == printed
    assert ("HTI" in tiers_of(year)) == (year != 2024)


def special_watch_list(year: int) -> set[str]:
    """Watch List, or moved up a tier since the year before: what the Department's interim assessments count."""
    now, before = tiers_of(year), tiers_of(year - 1)
    both = pd.concat([now.rename("now"), before.rename("before")], axis=1).dropna()
    up = both[both["now"].eq("1") & both["before"].isin(["2", "2WL", "3"])]
    up_from_3 = both[both["now"].eq("2") & both["before"].eq("3")]
    return set(now[now == "2WL"].index) | set(up.index) | set(up_from_3.index)


@pytest.mark.parametrize(("year", "printed"), [(2017, 47), (2022, 37), (2023, 28)])
def test_the_special_watch_list_has_as_many_countries_as_the_department_counts(year: int, printed: int) -> None:
    """Interim assessments of 2018, 2023 and 2024; with Kiribati 2017 would have 48."""
    assert len(special_watch_list(year)) == printed
    assert "KIR" not in tiers_of(2017)


def test_words_read_for_a_cell_name_its_tier() -> None:
    rated = tables.read("tip_tiers")
    said = rated[(rated["year"] == 2018) & rated["passage"].notna()]
    assert set(tiers_of(2018).index) - set(said["iso3"]) == {"SXM"}, "its sentence is cut after 'St.' in the copy"
    for row in said.itertuples():
        if row.tier == "SC":
            assert "Special Case" in row.passage, row.iso3
        else:
            found = re.search(r"Tier (2 Watch List|1|2|3)", row.passage)
            assert found and found[1].replace(" Watch List", "WL") == row.tier, row.iso3


def test_passages_are_short() -> None:
    for name in ("tip_tiers", "tip_country_convictions"):
        assert tables.read(name)["passage"].dropna().str.split().str.len().max() <= 25


def test_headers_of_2018_that_lost_their_words() -> None:
    """Six headers of the copy contradict the sentence; the sentence is coded."""
    listed = tables.read("tip_tier_disagreements").query("source_a == 'STATE_header' and year == 2018")
    assert set(listed["iso3"]) == {"BGD", "GNB", "MDG", "SAU", "SLE", "ZAF"}
    assert set(listed["tier_kept"]) == {"2WL"} and set(listed["settled_by"]) == {"state_sentence"}


def test_derived_cells_are_told_apart() -> None:
    """2022: 25 of Tier 1 and 3 special cases as before and after, 96 left over, 5 from counts and later texts."""
    derived = tables.read("tip_tiers").query("cell_status == 'derived'").groupby("year").size()
    assert derived.to_dict() == {2016: 4, 2017: 1, 2022: 25 + 3 + 96 + 5, 2024: 3 + 88}


def test_the_status_of_a_cell_follows_from_its_basis() -> None:
    rated = tables.read("tip_tiers")
    texts, arithmetic = {"state_sentence", "named_in_press"}, {"official_count", "same_before_and_after"}
    arithmetic |= {"later_text", "rest_of_closed_list"}
    assert set(rated.loc[rated["basis"].isin(texts), "cell_status"]) == {"read"}
    assert (rated["basis"].isin(arithmetic) == (rated["cell_status"] == "derived")).all()
    assert rated.loc[rated["basis"] == "state_sentence", "source"].str.contains("STATE").all()


def test_the_cells_of_2016_and_2017_that_were_missing() -> None:
    """Nine countries, and New Zealand, were not in the one list of these years."""
    expected = {"VCT": ("2WL", "2"), "SLB": ("2WL", "2"), "SVK": ("1", "1"), "MHL": ("3", "2WL"), "NZL": ("1", "1")}
    expected |= {"CMR": ("2WL", "2WL"), "LCA": ("2WL", "2"), "YEM": ("SC", "SC"), "SOM": ("SC", "SC")}
    expected |= {"LBY": ("SC", "SC")}
    assert {iso3: (tiers_of(2016)[iso3], tiers_of(2017)[iso3]) for iso3 in expected} == expected


def test_the_third_coding_agrees_as_counted() -> None:
    agreement = tables.read("tip_tier_agreement")
    third = agreement.query("source_a == 'DENVER' and source_b == 'tip_tiers'").set_index("year")
    assert list(third.index) == list(range(2008, 2017))
    assert (third["n_agree"].sum(), third["n_both_rated"].sum()) == (1608, 1623)
    assert tuple(third.loc[2016, ["n_agree", "n_both_rated"]]) == (171, 177)
    second = agreement[agreement["source_a"] == "STATE_verb_2018"].iloc[0]
    assert (second["year"], second["n_agree"], second["n_both_rated"]) == (2017, 176, 176)


def test_every_kept_tier_is_the_one_of_the_table() -> None:
    listed = tables.read("tip_tier_disagreements")
    kept = listed.merge(tables.read("tip_tiers"), on=["iso3", "year"], how="left")
    assert kept["tier"].fillna("dropped").equals(listed["tier_kept"].fillna("dropped"))
    assert (listed["tier_kept"].isna() == (listed["settled_by"] == "dropped")).all()
    merged = {"2": "2or2WL", "2WL": "2or2WL"}
    for row in listed.dropna(subset="tier_kept").itertuples():
        allowed = {row.tier_kept, merged.get(row.tier_kept)}
        assert {row.tier_a, row.tier_b} & allowed, "the tier kept is one that a source gives"


# ---------------------------------------------------------------- citizenship


@pytest.mark.parametrize(
    ("name", "indicator"),
    [
        ("unodc_victims_by_citizenship", "detected_victims"),
        ("unodc_convicted_by_citizenship", "persons_convicted"),
    ],
)
def test_flags_follow_from_the_printed_totals(name: str, indicator: str) -> None:
    parts = tables.read(name)
    years = parts.groupby(["iso3", "year"]).agg(
        low=("count_min", "sum"),
        high=("count_max", "sum"),
        flag=("against_total", "first"),
        flags=("against_total", "nunique"),
        misfit=("misfit", "first"),
    )
    assert set(years["flags"]) == {1}
    printed = totals(indicator)
    for key, row in years.iterrows():
        if key in printed.index:
            expected, misfit = flag_and_misfit(row["low"], row["high"], *printed.loc[key])
            assert row["flag"] == expected and (misfit is None) == pd.isna(row["misfit"]), key
            assert misfit is None or misfit == row["misfit"], key
        else:
            assert row["flag"] == "no_total" and pd.isna(row["misfit"]), key


def test_rows_and_country_years_by_citizenship() -> None:
    """8,851 rows less five totals, 1,242 less 128 rows of codes; Pakistan and Sierra Leone have nothing else."""
    victims, convicted = tables.read("unodc_victims_by_citizenship"), tables.read("unodc_convicted_by_citizenship")
    assert (len(victims), len(convicted)) == (8851 - 5, 1242 - 128)
    assert (victims["iso3"].nunique(), len(victims.groupby(["iso3", "year"]))) == (147, 1198)
    lost = {("PAK", year) for year in (2019, 2020, 2021)} | {("SLE", year) for year in (2019, 2020, 2021)}
    assert not lost & set(convicted.groupby(["iso3", "year"]).groups)
    assert not victims["citizenship"].str.fullmatch("total", case=False).any()


def test_nationals_are_domestic_and_named_others_foreign() -> None:
    for name in ("unodc_victims_by_citizenship", "unodc_convicted_by_citizenship"):
        parts = tables.read(name)
        known = parts.dropna(subset="citizenship_iso3")
        assert (known["citizen_group"].eq("domestic") == (known["citizenship_iso3"] == known["iso3"])).all()
        nationals = parts[parts["citizenship"] == "Nationals"]
        assert len(nationals) > 100 and set(nationals["citizen_group"]) == {"domestic"}
        neither = parts[parts["citizen_group"] == "neither"]
        assert neither["citizenship_iso3"].isna().all()


# ---------------------------------------------------------------- cells printed twice


def doubled(indicator: str) -> pd.DataFrame:
    cells = tables.read("unodc_by_sex_duplicates")
    return cells[cells["indicator"] == indicator]


def test_how_many_cells_are_printed_twice() -> None:
    assert (len(doubled("persons_convicted")), len(doubled("detected_victims"))) == (37, 82)


def test_the_sum_of_ages_is_the_count_of_a_cell_printed_once() -> None:
    """The control, as far as the shipped tables carry ages: Cambodia's victims."""
    counts = tables.read("unodc_cambodia").query("indicator == 'detected_victims' and breakdown == 'none'")
    ages = counts.pivot_table(index="year", columns="age", values="count_min", aggfunc="sum")
    complete = ages.dropna()
    assert list(complete.index) == [2019, 2020]
    assert (complete["under_18"] + complete["18_and_over"] == complete["all"]).all()


def test_bulgarian_victims_fit_their_totals_only_as_sums() -> None:
    """Both sexes are doubled in 2017-2022; no sex is unknown. Printed totals: 505, 442, 404, 457, 466, 153."""
    cells = doubled("detected_victims").query("iso3 == 'BGR' and year >= 2017")
    years = cells.groupby("year")
    assert list(years["total_min"].first()) == [505, 442, 404, 457, 466, 153]
    low = years[["first_min", "second_min"]].sum().sum(axis=1)
    high = years[["first_max", "second_max"]].sum().sum(axis=1)
    assert ((low <= years["total_min"].first()) & (years["total_min"].first() <= high)).all()
    larger = cells[["first_max", "second_max"]].max(axis=1).groupby(cells["year"]).sum()
    assert (larger < years["total_min"].first()).all()


def with_sums(cells: pd.DataFrame, by_sex: pd.Series) -> tuple[int, int]:
    low, high = cells[["first_min", "second_min"]].sum().sum(), cells[["first_max", "second_max"]].sum().sum()
    for sex, column in {"female": "women", "male": "men", "other": "other"}.items():
        if sex not in set(cells["sex"]) and pd.notna(by_sex[f"{column}_min"]):
            low, high = low + by_sex[f"{column}_min"], high + by_sex[f"{column}_max"]
    return low, high


def test_sums_of_the_convicted_against_their_totals() -> None:
    by_sex = tables.read("unodc_convicted_by_sex").set_index(["iso3", "year"])
    off = set()
    for key, cells in doubled("persons_convicted").groupby(["iso3", "year"]):
        flag, _ = flag_and_misfit(*with_sums(cells, by_sex.loc[key]), *by_sex.loc[key, ["total_min", "total_max"]])
        assert set(cells["sum_against_total"]) == {flag}, key
        assert (cells["total_min"] == by_sex.loc[key, "total_min"]).all()
        off |= {key} if flag != "consistent" else set()
    assert off == {("VEN", 2022), ("QAT", 2021), ("QAT", 2022), ("DOM", 2018)}


def test_what_the_table_by_sex_took() -> None:
    by_sex = tables.read("unodc_convicted_by_sex").set_index(["iso3", "year"])
    columns = {"female": "women", "male": "men", "other": "other"}
    for row in doubled("persons_convicted").itertuples():
        held = [by_sex.loc[(row.iso3, row.year), f"{columns[row.sex]}_{end}"] for end in ("min", "max")]
        first, second = [row.first_min, row.first_max], [row.second_min, row.second_max]
        assert row.taken == ("both_alike" if first == second else "first") and held == first
    assert doubled("detected_victims")["taken"].isna().all()


# ---------------------------------------------------------------- convictions of 2017


def test_the_exact_counts_of_unodc_stand_beside_the_department() -> None:
    rows = tables.read("tip_country_convictions").set_index("iso3")
    counts = totals("persons_convicted").xs(2017, level="year")
    exact = counts[counts["count_min"] == counts["count_max"]]["count_min"]
    assert len(exact) == 73 and rows["unodc_convicted"].sort_index().eq(exact.sort_index()).all()
    unseen = rows[rows["status"] == "unverified"]
    assert set(unseen.index) == {"DOM", "GBR", "KOR", "NLD", "PHL", "USA"}
    assert unseen[["tip_convictions", "tip_alternative", "passage"]].isna().all(axis=None)
    assert rows["tip_convictions"].notna().sum() == 62


def says(passage: str, number: int) -> bool:
    digits = {int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*\d|\d", passage)}
    words = set(re.findall(r"[a-z]+", passage.lower()))
    return number in digits or (number < len(NUMBER_WORDS) and NUMBER_WORDS[number] in words)


def test_the_number_is_in_its_passage() -> None:
    """But: zero said in words, sums of courts or articles, and two sentences cut by the layout of the copy."""
    rows = tables.read("tip_country_convictions").dropna(subset="tip_convictions").set_index("iso3")
    silent = {row.Index for row in rows.itertuples() if not says(row.passage, int(row.tip_convictions))}
    none = set(rows.index[rows["tip_convictions"] == 0])
    assert none == {"AGO", "BLR", "DZA", "TJK"}
    assert rows.loc[list(none), "passage"].str.contains("did not").all()
    assert silent - none == {"BIH", "CZE", "HUN", "ARE", "MYS"}
    assert "4" in rows.loc["BIH", "note"] and "seven" in rows.loc["ARE", "note"] and "45" in rows.loc["MYS", "note"]


# ---------------------------------------------------------------- migrants, news, perpetrators, prisons


def test_migrants_of_the_two_groups_by_development_are_the_world() -> None:
    stock = tables.read("un_desa_migrant_stock").pivot_table(
        index="year", columns="destination", values=["migrants", "population"], aggfunc="sum"
    )
    for column in ("migrants", "population"):
        whole = stock[column]
        assert (whole["developed_regions"] + whole["less_developed_regions"] == whole["world"]).all()
    known = tables.read("un_desa_migrant_stock_by_origin").groupby("year")["migrants"].sum()
    world = stock["migrants"]["world"]
    shared = known.index.intersection(world.index)
    assert list(shared) == [1990, 1995, 2000, 2005, 2010, 2015]
    assert (known[shared] < world[shared]).all(), "migrants of unstated origin are left out"


def matched_news(indicator: str, first: int, last: int, panel: pd.DataFrame) -> Iterable[int]:
    counts = totals(indicator)
    counted = set(counts.xs(first, level="year").index) & set(counts.xs(last, level="year").index)
    for year in (first, last):
        of_year = panel[(panel["year"] == year) & panel["iso3"].isin(counted)]
        yield int(of_year["trafficking_news_items"].sum())


def test_news_beside_official_counts_can_be_computed_from_the_panel() -> None:
    """So no table repeats it: yearly sums, and sums over countries that report in both years."""
    panel = tables.read("criminalisation_panel").dropna(subset="trafficking_news_items")
    sums = panel.groupby("year")["trafficking_news_items"].sum()
    assert (sums[1998], sums[2003], sums[2009]) == (318, 9007, 24036)
    assert tuple(matched_news("detected_victims", 2007, 2009, panel)) == (7047, 9386)
    assert tuple(matched_news("persons_convicted", 2003, 2009, panel)) == (1841, 4366)


def test_perpetrators_of_part_are_fewer_than_of_all() -> None:
    rows = tables.read("perpetrators_sex_by_victims").set_index(["exploited_in", "purpose", "perpetrator_role"])
    counts = rows[["victims", "men_only", "women_only", "both_sexes"]]
    assert (counts.loc[("asia", "all", "all")] < counts.loc[("world", "all", "all")]).all()
    assert (counts.xs("recruiter_or_broker", level=2) < counts.xs("all", level=2)).all(axis=None)
    assert tuple(counts.loc[("world", "all", "all")]) == (15787, 9820, 3515, 2452)


def test_prisoners_in_the_survey_and_in_the_prison_brief() -> None:
    survey = tables.read("unodc_cts_prisons_cambodia").query("measure == 'persons_held'").set_index("year")["value"]
    baseline = tables.read("cambodia_prison_baseline").query("measure == 'prisoners_total'")
    brief = baseline[baseline["source"].str.startswith("World Prison Brief")].set_index("year")["value"]
    shared = survey.index.intersection(brief.index)
    differing = [year for year in shared if survey[year] != brief[year]]
    assert differing == [2017] and len(shared) == 7
    assert survey[2017] == survey[2018] == 31008
