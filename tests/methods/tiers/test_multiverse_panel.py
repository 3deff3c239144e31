"""The rows and columns of the multiverse, on a small world: every one of them looked up by hand in its tables."""

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from small_multiverse import FIRST, LAST, LISTS, small_tables

from compendium.methods.tiers import multiverse as mv
from compendium.methods.tiers import tiers
from compendium.methods.tiers.multiverse.design import Builder
from compendium.methods.tiers.multiverse.specification import CONTROLS, PERFORMANCE, WINDOWS
from compendium.methods.tiers.multiverse.stacks import Rectangle, Warm, by_years, stacked
from compendium.methods.tiers.ordered import fit_ordered_stack


@pytest.fixture(scope="module")
def world():
    return small_tables()


@pytest.fixture(scope="module")
def panel(world):
    return mv.build_panel(*world)


@pytest.fixture(scope="module")
def looked_up(world):
    """A function that finds a covariate of a country and year in the tables themselves."""
    _, table, parts, _ = world
    table, parts = table.set_index(["iso3", "year"]), parts.set_index(["iso3", "year"])

    def find(column, country, year):
        if column.startswith("p3_"):
            there = (country, year) in parts.index and year <= 2013
            return float(parts.loc[(country, year), column.removeprefix("p3_")]) if there else np.nan
        if not FIRST <= year <= LAST:
            return np.nan
        row = table.loc[(country, year)]
        law = {"rule_of_law": "wgi_rule_of_law", "control_of_corruption": "wgi_control_of_corruption"}.get(column)
        if law and year == 2001:
            return (table.loc[(country, 2000), law] + table.loc[(country, 2002), law]) / 2
        gdp = row["gdp_per_capita_const_usd"] * row["population"]
        return {
            "voting_distance": lambda: row["unga_distance_us"],
            "agreement": lambda: row["unga_agreement_us"],
            "agreement_with_abstentions": lambda: row["unga_agreement3_us"],
            "agreement_important": lambda: row["unga_agreement_important_us"],
            "us_assistance": lambda: np.log(1 + max(row["us_assistance_obligations_const_usd"], 0) / 1e6),
            "us_trade": lambda: np.log(100 * (row["us_exports"] + row["us_imports"]) / gdp),
            "defence_pact": lambda: row["us_defence_pact"],
            "us_troops": lambda: np.log(1 + row["us_troops"]),
            "log_income": lambda: np.log(row["gdp_per_capita_const_usd"]),
            "log_population": lambda: np.log(row["population"]),
            "democracy": lambda: row["vdem_polyarchy"],
            "rule_of_law": lambda: row["wgi_rule_of_law"],
            "control_of_corruption": lambda: row["wgi_control_of_corruption"],
        }[column]()

    return find


# ------------------------------------------------------------------------------------------------------ the panel


def test_every_covariate_is_the_one_of_its_country_as_many_years_before_as_the_lag(panel, looked_up):
    rows = [row for row in range(len(panel.year)) if panel.names[panel.country[row]] in ("C01", "C05", "C06")]
    assert {int(panel.year[row]) for row in rows} == set(LISTS)
    for lag in (0, 1, 2):
        for column, values in panel.covariates[lag].items():
            expected = [looked_up(column, panel.names[panel.country[r]], int(panel.year[r]) - lag) for r in rows]
            np.testing.assert_allclose(values[rows], expected, rtol=1e-10, err_msg=f"{column} at lag {lag}")


def test_the_rows_are_the_ranked_countries_that_have_covariates(world, panel):
    lists = world[0]
    rank = {tier: place for place, tier in enumerate(tiers.TIERS)}
    rows = lists[lists["tier"].isin(list(rank)) & (lists["iso3"] != "TTT")].sort_values(["iso3", "year"])
    assert [panel.names[c] for c in panel.country] == rows["iso3"].tolist()
    assert panel.year.tolist() == rows["year"].tolist()
    assert panel.rank.tolist() == rows["tier"].map(rank).tolist()
    assert "TTT" not in panel.names
    assert panel.year[panel.country == 7].min() == 2004


def test_a_country_s_region_income_and_pact_go_with_each_of_its_rows(panel):
    assert panel.region_names == ("Africa", "Americas", "Asia")
    regions = {name: place for place, name in enumerate(("Africa", "Americas", "Asia"))}
    for country in range(16):
        own = panel.country == country
        region = -1 if country == 3 else regions[("Asia", "Africa", "Americas")[country % 3]]
        assert set(panel.region[own].tolist()) == {region} == {int(panel.path_region[country])}
        assert set(panel.high_income[own].tolist()) == {country in (9, 10, 11)}
        assert set(panel.ally[own].tolist()) == {country in (0, 1, 2)}


def test_the_scale_is_a_deviation_over_ranked_country_years_at_lag_one(panel, looked_up):
    for measure in ("voting_distance", "us_trade", "defence_pact"):
        values = [
            looked_up(measure, panel.names[c], int(y) - 1) for c, y in zip(panel.country, panel.year, strict=True)
        ]
        values = [value for value in values if np.isfinite(value)]
        mean = sum(values) / len(values)
        expected = np.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
        assert panel.scale[measure] == pytest.approx(expected)
    assert set(panel.scale) == set(mv.POLITICS)


@pytest.mark.filterwarnings("ignore:Degrees of freedom")
def test_the_reach_is_the_last_year_with_a_value(world, panel):
    assert panel.path_years.tolist() == list(range(FIRST, LAST + 1))
    assert panel.reach["p3_total"] == 2013
    assert {panel.reach[c] for c in ("voting_distance", "rule_of_law", "us_assistance", "region")} == {LAST}
    lists, table, parts, facts = world
    short = table.assign(unga_agreement3_us=np.nan, us_troops=table["us_troops"].where(table["year"] < 2010))
    found = mv.build_panel(lists, short, parts, facts).reach
    assert (found["agreement_with_abstentions"], found["us_troops"]) == (FIRST, 2009)


def longer(world, last):
    """The tables with the covariates of the last year again until another year."""
    lists, table, parts, facts = world
    more = [table[table["year"] == LAST].assign(year=year) for year in range(LAST + 1, last + 1)]
    return lists, pd.concat([table, *more], ignore_index=True), parts, facts


def test_assistance_counts_until_2022_and_net_repayments_as_none(world):
    _, table, parts, _ = longer(world, 2024)
    table.loc[table["iso3"] == "C02", "us_assistance_obligations_const_usd"] = -4e6
    found = mv.covariates(table, parts).set_index(["iso3", "year"])["us_assistance"]
    assert found.dropna().index.get_level_values("year").max() == 2022
    assert found.loc[(slice(None), 2022)].notna().all()
    assert (found["C02"].dropna() == 0).all() and found["C02"].notna().sum() == 24
    assert (found.dropna() >= 0).all()


def test_only_the_governance_of_2001_is_bridged(world):
    _, table, parts, _ = world
    at = table.set_index(["iso3", "year"])
    at.loc[("C01", 2005), "wgi_rule_of_law"] = np.nan
    at.loc[("C02", 2000), "wgi_rule_of_law"] = np.nan
    at.loc[("C04", 2001), "wgi_rule_of_law"] = 0.25
    found = mv.covariates(at.reset_index(), parts).set_index(["iso3", "year"])["rule_of_law"]
    law = at["wgi_rule_of_law"]
    assert found["C01", 2001] == pytest.approx((law["C01", 2000] + law["C01", 2002]) / 2)
    assert np.isnan(found["C01", 2005])
    assert np.isnan(found["C02", 2000]) and np.isnan(found["C02", 2001])
    assert found["C04", 2001] == 0.25
    assert found["C00", 2003] == law["C00", 2003]


def test_three_p_ends_with_2013(world):
    _, table, parts, _ = world
    found = mv.covariates(table, parts)
    assert parts["year"].max() == 2014
    assert found.loc[found["p3_total"].notna(), "year"].max() == 2013
    for part in ("prosecution", "protection", "prevention", "total"):
        assert found.loc[found["year"] == 2013, f"p3_{part}"].notna().sum() == 15


def test_tables_come_in_any_order_of_rows(world, panel):
    shuffled = [table.sample(frac=1, random_state=3) for table in world]
    other = mv.build_panel(*shuffled)
    assert other.names == panel.names
    for column in panel.paths:
        np.testing.assert_array_equal(other.paths[column], panel.paths[column])
    np.testing.assert_array_equal(other.rank, panel.rank)


def test_a_table_without_columns_names_them(world):
    lists, table, parts, facts = world
    with pytest.raises(ValueError, match=r"country_panel: expected .* missing population, us_troops; pass"):
        mv.build_panel(lists, table.drop(columns=["us_troops", "population"]), parts, facts)
    with pytest.raises(ValueError, match=r"countries: expected .* missing income_group; pass"):
        mv.build_panel(lists, table, parts, facts.drop(columns="income_group"))


def test_model_frames_join_the_last_rank_and_the_covariates_of_the_lag(world, panel, looked_up):
    lists, table, parts, _ = world
    frame = mv.model_frame(lists, table, parts, lag=2).set_index(["iso3", "year"])
    rank = {(panel.names[c], int(y)): int(r) for c, y, r in zip(panel.country, panel.year, panel.rank, strict=True)}
    own = frame[frame.index.get_level_values("iso3") != "TTT"]
    assert set(own.index) == {(c, y) for c, y in rank if (c, y - 1) in rank}
    for country, year in [("C01", 2002), ("C05", 2015), ("C10", 2021)]:
        row = frame.loc[(country, year)]
        assert (row["rank"], row["last_rank"]) == (rank[country, year], rank[country, year - 1])
        assert row["log_income"] == pytest.approx(looked_up("log_income", country, year - 2))


# ---------------------------------------------------------------------------------------------------- the designs


ALL = "income, population, democracy, region"
SPECS = [
    mv.Specification(politics, performance, controls, *model, effects, lag, years, sample)
    for politics, performance, controls, model, effects, lag, years, sample in (
        ("voting_distance", "none", "none", mv.MODELS[1], "none", 1, "2001-2015", "all"),
        ("voting_distance", "rule of law", ALL, mv.MODELS[0], "year", 0, "2004-2015", "all"),
        ("agreement", "3P parts", "income, population", mv.MODELS[2], "year", 2, "2004-2023", "not high income"),
        ("us_trade", "3P total and rule of law", ALL, mv.MODELS[3], "none", 1, "2004-2023", "no defence pact"),
        ("defence_pact", "control of corruption", ALL, mv.MODELS[1], "year", 2, "2001-2023", "not high income"),
        ("us_troops", "none", ALL, mv.MODELS[4], "none", 0, "2004-2023", "all"),
    )
]


def by_hand(panel, looked_up, spec):
    """The rows (country, year) of a specification and its columns by name, looked up one by one."""
    first, last = (int(part) for part in spec.years.split("-"))
    plain = [c for c in (*PERFORMANCE[spec.performance], *CONTROLS[spec.controls]) if c != "region"]
    with_region = spec.controls.endswith("region")
    rows, columns = [], {spec.politics: [], **{name: [] for name in plain}}
    for country, year in zip(panel.country.tolist(), panel.year.tolist(), strict=True):
        out = {"all": (), "not high income": (9, 10, 11), "no defence pact": (0, 1, 2)}[spec.sample]
        values = {name: looked_up(name, panel.names[country], year - spec.lag) for name in columns}
        left_out = country in out or (with_region and country == 3)
        if not first <= year <= last or left_out or not all(map(np.isfinite, values.values())):
            continue
        rows.append((country, year))
        for name, value in values.items():
            columns[name].append(value)
    columns[spec.politics] = [value / panel.scale[spec.politics] for value in columns[spec.politics]]
    if with_region:
        regions = [("Asia", "Africa", "Americas")[country % 3] for country, _ in rows]
        for name in sorted(set(regions))[1:]:
            columns[f"region {name}"] = [float(region == name) for region in regions]
    if spec.year_effects == "year":
        for seen in sorted({year for _, year in rows})[1:]:
            columns[f"report {seen}"] = [float(year == seen) for _, year in rows]
    return rows, columns


CATEGORIES = {
    "four tiers": {0: 0, 1: 1, 2: 2, 3: 3},
    "three tiers": {0: 0, 1: 1, 2: 1, 3: 2},
    "watch list or worse": {0: 0, 1: 0, 2: 1, 3: 1},
}


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.politics} {spec.outcome} {spec.lag}")
def test_a_specification_has_the_rows_and_columns_that_a_reader_would_look_up(panel, looked_up, spec):
    builder = Builder(panel)
    builder.data(SPECS[0])  # what it keeps of a neighbour must not stay
    rows, columns = by_hand(panel, looked_up, spec)
    for data in (builder.data(spec), builder.data(replace(spec)), mv.data_of(panel, spec)):
        assert list(zip(panel.country[data.rows].tolist(), panel.year[data.rows].tolist(), strict=True)) == rows
        assert data.names == tuple(columns)
        np.testing.assert_allclose(data.design, np.column_stack(list(columns.values())), rtol=1e-10)
        assert data.outcome.tolist() == [CATEGORIES[spec.outcome][r] for r in panel.rank[data.rows].tolist()]
        assert data.categories == max(CATEGORIES[spec.outcome].values()) + 1
        assert data.clusters.count == len({country for country, _ in rows})


def test_neighbours_share_rows_and_not_their_year_indicators(panel):
    builder = Builder(panel)
    plain = builder.data(SPECS[5])
    assert builder.data(replace(SPECS[5], year_effects="year")).names[len(plain.names) :] == tuple(
        f"report {year}" for year in sorted(set(panel.year[plain.rows].tolist()))[1:]
    )
    assert builder.data(SPECS[5]).names == plain.names
    later = builder.data(replace(SPECS[5], year_effects="year", lag=2))
    assert later.names == mv.data_of(panel, replace(SPECS[5], year_effects="year", lag=2)).names


@pytest.mark.parametrize("groups", [1, 2, 3])
def test_raw_rates_are_counts_of_the_rows(panel, groups):
    spec = replace(SPECS[1], outcome="four tiers")
    data = mv.data_of(panel, spec)
    found = mv.raw_rates(panel, spec, "rule_of_law", groups=groups, draws=50)
    law = panel.covariates[0]["rule_of_law"][data.rows]
    frame = pd.DataFrame(
        {
            "within": pd.qcut(law, groups, labels=False),
            "by": pd.qcut(data.design[:, 0], groups, labels=False),
            "country": data.clusters.codes,
            "event": panel.rank[data.rows] >= 2,
        }
    )
    expected = frame.groupby(["within", "by"]).agg(
        rows=("event", "size"), countries=("country", "nunique"), events=("event", "sum"), share=("event", "mean")
    )
    assert found[["within", "by"]].apply(tuple, axis=1).tolist() == expected.index.tolist()
    for column in ("rows", "countries", "events"):
        assert found[column].tolist() == expected[column].tolist()
    assert found["share"].tolist() == pytest.approx(expected["share"].tolist())
    assert (found["low"] <= found["share"]).all() and (found["share"] <= found["high"]).all()
    assert (found["low"] < found["high"]).any()


def test_raw_rate_intervals_are_the_middle_95_of_100_of_draws_of_whole_countries(panel):
    spec = replace(SPECS[1], outcome="watch list or worse", estimator="linear")
    data = mv.data_of(panel, spec)
    found = mv.raw_rates(panel, spec, "rule_of_law", groups=1, draws=4000).iloc[0]
    rng, own = np.random.default_rng(1), data.clusters
    events, sizes = own.sums(data.outcome.astype(float)), own.sums(np.ones(len(data.outcome)))
    drawn = rng.integers(0, own.count, (4000, own.count))
    low, high = np.quantile(events[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), [0.025, 0.975])
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=0.015)


def test_raw_rates_draw_a_thousand_times_with_the_seed_of_the_grid(panel):
    spec = replace(SPECS[0], lag=0)
    alike = mv.raw_rates(panel, spec, "rule_of_law", draws=1000)
    pd.testing.assert_frame_equal(mv.raw_rates(panel, spec, "rule_of_law"), alike, check_exact=True)
    pd.testing.assert_frame_equal(mv.raw_rates(panel, spec, "rule_of_law", groups=3), alike, check_exact=True)
    assert not alike.equals(mv.raw_rates(panel, spec, "rule_of_law", seed=1))


@pytest.mark.parametrize("wrong", [{"groups": 0}, {"draws": 0}])
def test_raw_rates_of_no_group_or_draw_are_refused(panel, wrong):
    with pytest.raises(ValueError, match=f"raw_rates: {next(iter(wrong))} is 0; expected 1 to"):
        mv.raw_rates(panel, SPECS[0], "rule_of_law", **wrong)


# ----------------------------------------------------------------------------------------------------- the stacks


def mates(spec):
    """The specification beside others that share its stack: two more measures and, where it may be, a model."""
    others = [name for name in ("voting_distance", "us_trade", "us_troops") if name != spec.politics]
    return [spec, *(replace(spec, politics=name) for name in others), replace(spec, year_effects="year")]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: f"{spec.politics} {spec.outcome} {spec.lag}")
def test_a_stack_holds_the_rows_and_columns_of_its_specifications(panel, spec):
    specs = list(dict.fromkeys(mates(spec)))
    (one,) = stacked(Rectangle(panel), specs)
    stack, builder = one.stack, Builder(panel)
    assert not stack.by_year
    asked = {place: (model, measure) for model, pairs in one.specs.items() for place, measure in pairs}
    assert sorted(asked) == list(range(len(specs)))
    seen = set()
    for place, own in enumerate(specs):
        model, measure = asked[place]
        assert model == (own.outcome, own.estimator, own.country_effects, own.year_effects)
        assert list(mv.POLITICS)[one.measures[measure]] == own.politics
        data = builder.data(replace(own, year_effects="none"))
        country, year = panel.country[data.rows], panel.year[data.rows]
        seen |= set(zip(year.tolist(), country.tolist(), strict=True))
        at = np.searchsorted(one.reports, year), np.searchsorted(one.countries, country)
        rows = np.zeros(stack.rows.shape[1:])
        rows[at] = 1
        np.testing.assert_array_equal(stack.rows[measure], rows)
        np.testing.assert_array_equal(one.rank[at], panel.rank[data.rows])
        np.testing.assert_array_equal(
            one.outcomes[own.outcome].one_hot.argmax(axis=0).reshape(rows.shape)[at], data.outcome
        )
        assert one.outcomes[own.outcome].cuts == data.categories - 1
        column = data.design[:, 0] - data.design[:, 0].mean()
        np.testing.assert_allclose(stack.own[measure][at], column, atol=1e-9)
        assert (stack.own[measure][rows == 0] == 0).all()
        for name, other in zip(data.names[1:], data.design.T[1:], strict=True):
            mine = stack.shared[..., one.names.index(name)][at]
            if name.startswith("region"):
                np.testing.assert_array_equal(mine, other)
            else:  # centred and scaled over the rows of all
                np.testing.assert_allclose(
                    np.polyfit(mine, other, 1) @ [mine, np.ones(len(mine))], other, atol=1e-9
                )
    known = stack.rows.any(axis=0)
    assert (stack.shared[~known] == 0).all()
    for name, column in zip(one.names, np.moveaxis(stack.shared, 2, 0), strict=True):
        if not name.startswith("region"):
            assert (column[known].mean(), column[known].std()) == pytest.approx((0, 1))
    assert one.reports.min() == min(year for year, _ in seen) and one.reports.max() == max(year for year, _ in seen)
    assert one.countries.tolist() == sorted({country for _, country in seen})


def test_a_control_that_never_varies_is_nothing_but_zero(world):
    lists, table, parts, facts = world
    still = mv.build_panel(lists, table.assign(vdem_polyarchy=0.25), parts, facts)
    (one,) = stacked(Rectangle(still), [replace(SPECS[5], controls="income, population, democracy")])
    assert (one.stack.shared[..., one.names.index("democracy")] == 0).all()
    (one,) = stacked(Rectangle(still), [SPECS[0]])
    assert one.stack.shared.shape[2] == 0 and one.names == []


def test_stacks_may_lie_on_countries_that_are_given(panel):
    everyone = np.arange(16)
    (one,) = stacked(Rectangle(panel), [SPECS[1]], everyone)
    (own,) = stacked(Rectangle(panel), [SPECS[1]])
    assert one.countries.tolist() == everyone.tolist()
    assert len(own.countries) < 16
    np.testing.assert_array_equal(one.stack.rows[:, :, own.countries], own.stack.rows)
    assert one.stack.rows.sum() == own.stack.rows.sum()


def test_stacks_come_in_the_order_in_which_what_they_share_is_first_met(panel):
    specs = [SPECS[0], SPECS[5], replace(SPECS[0], politics="us_trade"), SPECS[2]]
    found = [
        sorted(place for pairs in one.specs.values() for place, _ in pairs)
        for one in stacked(Rectangle(panel), specs)
    ]
    assert found == [[0, 2], [1], [3]]


def test_a_stack_is_asked_for_with_indicators_of_years_and_without(panel):
    (one,) = stacked(Rectangle(panel), mates(SPECS[1])[:1])
    found = by_years(one.stack)
    assert {name: stack.by_year for name, stack in found.items()} == {"none": False, "year": True}
    assert found.keys() == set(mv.YEAR_EFFECTS)


@pytest.mark.parametrize("window", [*WINDOWS])
def test_ranked_are_the_country_years_of_the_panel_in_a_window(panel, window):
    rectangle, (first, last) = Rectangle(panel), WINDOWS[window]
    found = rectangle.ranked(window, "all")
    inside = (panel.year >= first) & (panel.year <= last)
    places = zip(panel.year[inside].tolist(), panel.country[inside].tolist(), strict=True)
    at = {int(year): row for row, year in enumerate(rectangle.years)}
    expected = np.zeros_like(found)
    for year, country in places:
        expected[at[year], country] = True
    np.testing.assert_array_equal(found, expected)
    assert not expected.all()


def test_what_a_model_ended_with_is_where_the_next_begins(panel):
    specs = mates(SPECS[1])[:3]
    (one,) = stacked(Rectangle(panel), specs)
    warm, outcome = Warm(), SPECS[1].outcome
    for stack in (one.stack, one.stack.with_years(True), one.stack.without_own()):
        cold = Warm().start(one, stack, outcome, one.measures)
        assert cold.shape == (3, stack.width + 3)
        assert (cold[:, : stack.width] == 0).all() and np.isnan(cold[:, stack.width :]).all()
    fitted, arrived = fit_ordered_stack(one.stack, one.outcomes[outcome])
    assert arrived.all()
    warm.keep(one, fitted, outcome, one.measures)
    near = functools.partial(np.testing.assert_allclose, rtol=1e-12, atol=1e-12)
    near(warm.start(one, one.stack, outcome, one.measures), fitted.theta)
    backwards = one.stack.take(np.array([2, 0]))
    near(warm.start(one, backwards, outcome, one.measures[[2, 0]]), fitted.theta[[2, 0]])
    p = one.stack.width
    without = warm.start(one, one.stack.without_own(), outcome, one.measures)
    near(without, fitted.theta[:, 1:])
    with_years = one.stack.with_years(True)
    more = warm.start(one, with_years, outcome, one.measures)
    near(more[:, :p], fitted.theta[:, :p])
    assert (more[:, p : with_years.width] == 0).all()
    few = Warm()
    few.keep(one, fitted.take(np.array([True, False, True])), outcome, one.measures[[0, 2]])
    begun = few.start(one, one.stack, outcome, one.measures)
    near(begun[[0, 2]], fitted.theta[[0, 2]])
    assert np.isnan(begun[1, p:]).all() and begun.shape == fitted.theta.shape
    moved = replace(one.stack, shared=one.stack.shared + 3.0)  # the mean moves, and the thresholds with it
    begun = warm.start(one, moved, outcome, one.measures)
    near(begun[:, :p], fitted.theta[:, :p])
    near(begun[:, p:] - fitted.theta[:, p:], np.tile(3 * fitted.theta[:, 1:p].sum(axis=1)[:, None], 3))
    assert one.columns(with_years) == ["own", *one.names, *(f"report {year}" for year in one.reports[1:])]
    assert one.columns(one.stack.without_own()) == one.names
