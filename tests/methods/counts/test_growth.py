"""Growth under every specification against hand-made panels, brute force and recomputation by another route."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from compendium.methods.counts import growth
from compendium.methods.counts.specifications import EXCLUSION_RULES, Curve, Specification, has_sign, signs_of


def table(*rows):
    """Rows of (iso3, year, count or (min, max)) for one indicator."""
    return pd.DataFrame(
        [
            ("convicted", iso3, year, *(count if isinstance(count, tuple) else (count, count)))
            for iso3, year, count in rows
        ],
        columns=["indicator", "iso3", "year", "count_min", "count_max"],
    )


def spec(panel="constant", bound="low", excluding="none", start=2010, end=2015):
    return Specification("convicted", panel, bound, excluding, start, end)


def only(frame, specification, minimum_countries=1):
    return growth.run(frame, [specification], minimum_countries=minimum_countries).iloc[0]


@pytest.fixture(scope="module")
def simulated():
    rng = np.random.default_rng(42)
    rows = []
    for indicator, iso3, year in product(("convicted", "victims"), range(40), range(2008, 2018)):
        if rng.random() < 0.75:
            count = int(rng.negative_binomial(1, 0.02))
            low, high = (0, 4) if count < 5 else (count, count)
            rows.append((indicator, f"C{iso3:02}", year, low, high))
    return pd.DataFrame(rows, columns=["indicator", "iso3", "year", "count_min", "count_max"])


def test_a_new_reporter_is_growth_in_the_raw_sum_and_none_in_the_constant_panel():
    frame = table(("AAA", 2010, 100), ("AAA", 2015, 100), ("BBB", 2015, 50))
    raw, constant = only(frame, spec("raw")), only(frame, spec("constant"))
    assert (raw["sign"], raw["ratio_low"], raw["countries_start"], raw["countries_end"]) == ("growth", 1.5, 1, 2)
    assert (constant["sign"], constant["ratio_low"]) == ("unchanged", 1.0)


def test_leaving_out_the_largest_reporter_can_turn_the_sign():
    frame = table(("BIG", 2010, 900), ("BIG", 2015, 300), ("SML", 2010, 100), ("SML", 2015, 200))
    assert only(frame, spec())["sign"] == "decline"
    assert only(frame, spec(excluding="BIG"))["sign"] == "growth"
    assert growth.largest_reporters(frame, "convicted", 1) == ["BIG"]


def test_the_largest_reporter_is_the_one_with_the_highest_single_year():
    frame = table(("STE", 2010, 60), ("STE", 2011, 60), ("PEA", 2010, 100), ("AAA", 2012, 60))
    assert growth.largest_reporters(frame, "convicted", 3) == ["PEA", "AAA", "STE"]


def test_a_balanced_panel_needs_every_year_in_between():
    gap = [("GAP", 2010, 10), ("GAP", 2015, 90)]
    full = [("FUL", year, 20) for year in range(2010, 2016)]
    frame = table(*gap, *full)
    assert only(frame, spec("constant"))["ratio_low"] == 110 / 30
    balanced = only(frame, spec("balanced"))
    assert (balanced["ratio_low"], balanced["countries_start"]) == (1.0, 1)


def test_a_year_in_which_nobody_reports_leaves_the_balanced_panel_empty():
    frame = table(("AAA", 2010, 5), ("AAA", 2015, 5), ("BBB", 2012, 5))
    assert only(frame, spec("balanced"))["status"] == "no report"


@pytest.mark.parametrize("years", [(2009, 2011), (2010, 2012)])
def test_in_a_year_outside_the_table_nobody_reports(years):
    frame = table(("AAA", 2010, 5), ("AAA", 2011, 5))
    found = [only(frame, spec(panel, start=years[0], end=years[1]))["status"] for panel in ("constant", "balanced")]
    assert found == ["no report", "no report"]


def test_adverse_bounds_are_the_extremes_over_every_value_of_the_suppressed_counts():
    frame = table(
        ("AAA", 2010, (0, 4)), ("BBB", 2010, 7), ("CCC", 2010, (0, 4)),
        ("AAA", 2015, (0, 4)), ("BBB", 2015, 6), ("CCC", 2015, 9),
    )  # fmt: skip
    ratios = [(after + 6 + 9) / (first + 7 + second) for first, second, after in product(range(5), repeat=3)]
    found = only(frame, spec(bound="adverse"))
    assert found["ratio_low"] == pytest.approx(min(ratios))
    assert found["ratio_high"] == pytest.approx(max(ratios))
    low, high = only(frame, spec(bound="low")), only(frame, spec(bound="high"))
    assert low["ratio_low"] == low["ratio_high"] == pytest.approx(15 / 7)
    assert high["ratio_low"] == high["ratio_high"] == pytest.approx(19 / 15)


def test_bounds_on_both_sides_of_no_change_leave_the_sign_undetermined():
    frame = table(("AAA", 2010, (0, 4)), ("AAA", 2015, (0, 4)), ("BBB", 2010, 50), ("BBB", 2015, 51))
    assert only(frame, spec(bound="adverse"))["sign"] == "undetermined"
    assert only(frame, spec(bound="low"))["sign"] == "growth"


def test_bounds_that_touch_no_change_from_one_side_leave_the_sign_undetermined():
    low, high = np.array([[1.0, 0.5, 1.0, 1.1, 0.5], [1.5, 1.0, 1.0, 1.5, 0.9]])
    expected = ["undetermined", "undetermined", "unchanged", "growth", "decline"]
    assert signs_of(low, high).tolist() == expected


def test_annual_growth_compounds_to_the_ratio():
    frame = table(("AAA", 2010, 100), ("AAA", 2015, 200))
    assert (1 + only(frame, spec())["annual_low"]) ** 5 == pytest.approx(2)


def test_every_specification_equals_a_recomputation_in_pandas(simulated):
    grid = growth.declare_grid(simulated, largest=3)
    results = growth.run(simulated, grid, minimum_countries=3)
    computed = results[results["status"] == "computed"].sample(300, random_state=7)
    assert set(computed["panel"]) == {"raw", "constant", "balanced"}
    for row in computed.itertuples():
        rows = simulated[(simulated["indicator"] == row.indicator) & (simulated["iso3"] != row.excluding)]
        years = rows.groupby("iso3")["year"].agg(set)
        if row.panel == "constant":
            rows = rows[rows["iso3"].map(years.map(lambda y, r=row: {r.start, r.end} <= y))]
        if row.panel == "balanced":
            rows = rows[rows["iso3"].map(years.map(lambda y, r=row: set(range(r.start, r.end + 1)) <= y))]
        before, after = rows[rows["year"] == row.start], rows[rows["year"] == row.end]
        low = {"low": ("count_min", "count_min"), "high": ("count_max", "count_max")}
        top, bottom = low.get(row.bound, ("count_min", "count_max"))
        assert row.ratio_low == pytest.approx(after[top].sum() / before[bottom].sum())
        top, bottom = low.get(row.bound, ("count_max", "count_min"))
        assert row.ratio_high == pytest.approx(after[top].sum() / before[bottom].sum())
        assert (row.countries_start, row.countries_end) == (len(before), len(after))


def test_the_grid_is_every_combination_once(simulated):
    grid = growth.declare_grid(simulated, minimum_gap=4, largest=2)
    pairs = sum(1 for a, b in product(range(2008, 2018), repeat=2) if b - a >= 4)
    assert len(grid) == len(set(grid)) == 2 * 3 * 3 * (1 + 2) * pairs


def test_results_keep_the_order_of_the_specifications(simulated):
    grid = growth.declare_grid(simulated, largest=1)
    shuffled = [grid[at] for at in np.random.default_rng(0).permutation(len(grid))]
    forward, backward = growth.run(simulated, grid), growth.run(simulated, shuffled)
    key = list(Specification.__dataclass_fields__)
    assert [Specification(*row) for row in backward[key].itertuples(index=False)] == shuffled
    merged = forward.merge(backward, on=key, suffixes=("", "_again"))
    pd.testing.assert_series_equal(merged["ratio_low"], merged["ratio_low_again"], check_names=False)


@pytest.mark.parametrize(
    ("specification", "minimum", "status"),
    [
        (spec("constant", start=2010, end=2013), 1, "no report"),
        (spec("constant"), 3, "thin panel"),
        (spec("constant", excluding="NEW"), 1, "excluded not in panel"),
        (spec("constant", excluding="XXX"), 1, "excluded not in panel"),
        (spec("balanced", start=2014, end=2015), 1, "same as constant"),
        (spec("raw", excluding="NEW"), 1, "computed"),
    ],
)
def test_each_rule_sets_aside_the_specification_it_names(specification, minimum, status):
    frame = table(
        ("AAA", 2010, 10), ("AAA", 2014, 12), ("AAA", 2015, 12),
        ("BBB", 2010, 10), ("BBB", 2014, 12), ("BBB", 2015, 12), ("NEW", 2015, 30),
    )  # fmt: skip
    result = only(frame, specification, minimum)
    assert result["status"] == status
    assert np.isfinite(result["ratio_low"]) == (status == "computed")
    assert (result["sign"] == "") == (status != "computed")


def test_exclusions_and_computed_add_up_to_the_grid(simulated):
    grid = growth.declare_grid(simulated)
    results = growth.run(simulated, grid, minimum_countries=18)
    counted = growth.exclusions(results)
    assert counted["specifications"].sum() + (results["status"] == "computed").sum() == len(grid)
    assert set(counted["rule"]) == set(EXCLUSION_RULES)


def test_shares_of_signs_add_up_and_count_by_group(simulated):
    results = growth.run(simulated, growth.declare_grid(simulated))
    computed = results[results["status"] == "computed"]
    whole = growth.share_of_signs(results).iloc[0]
    assert whole[["growth", "decline", "unchanged", "undetermined"]].sum() == pytest.approx(1)
    assert whole["growth"] == pytest.approx((computed["ratio_low"] > 1).mean())
    groups = growth.share_of_signs(results, ["indicator", "panel"])
    assert groups["specifications"].sum() == len(computed)
    assert (groups["growth"] * groups["specifications"]).sum() == pytest.approx(whole["growth"] * len(computed))


def test_corrupt_cells_are_set_aside_with_the_rule_they_break():
    frame = table(
        ("AAA", 2010, 50_000), ("BBB", 2010, 61_102_019), ("CCC", 2010, (-1, 3)), ("DDD", 2010, (9, 3)),
        ("EEE", 2010, 12),
    )  # fmt: skip
    frame["category"] = ["Total", "Total", "Total", "Total", "Q6.1_10s_2019"]
    clean, excluded = growth.exclude_corrupt(frame)
    assert clean["iso3"].tolist() == ["AAA"]
    assert dict(zip(excluded["iso3"], excluded["reason"], strict=True)) == {
        "BBB": "above ceiling",
        "CCC": "negative",
        "DDD": "bounds reversed",
        "EEE": "questionnaire code",
    }


def test_a_questionnaire_code_is_named_before_the_size_of_its_number():
    frame = table(("AAA", 2010, 61_102_019)).assign(category="Q6.1_10s_2019")
    assert growth.exclude_corrupt(frame)[1]["reason"].tolist() == ["questionnaire code"]


def test_a_reweighted_curve_equals_the_curve_of_a_resampled_table(simulated):
    grid = growth.declare_grid(simulated, largest=0)
    curve = Curve.of(simulated, grid, 5)
    weights = np.random.default_rng(1).multinomial(40, np.full(40, 1 / 40))
    copies = [
        simulated[simulated["iso3"] == code].assign(iso3=f"{code}{copy}")
        for code, times in zip(curve.countries, weights, strict=True)
        for copy in range(times)
    ]
    resampled = growth.run(pd.concat(copies), grid, minimum_countries=5)
    low, high = curve.ratios(curve.sums(weights[:, None].astype(float)))
    both = ((resampled["status"] == "computed") & (curve.status == "computed")).to_numpy()
    assert both.sum() > 100
    np.testing.assert_allclose(resampled["ratio_low"][both], low[both, 0])
    np.testing.assert_allclose(resampled["ratio_high"][both], high[both, 0])


def test_bootstrap_share_is_certain_where_every_country_grew_and_uncertain_where_one_decides():
    years = (2010, 2013, 2016)
    everyone = table(*((f"C{c:02}", year, 10 + year - 2000) for c in range(12) for year in years))
    grid = growth.declare_grid(everyone, largest=0)
    sure = growth.bootstrap_share(everyone, grid, draws=100)
    assert (sure.estimate, sure.low, sure.high) == (1, 1, 1)
    falling = table(*((f"C{c:02}", year, 2030 - year) for c in range(1, 12) for year in years))
    giant = table(*(("C00", year, (year - 2000) * 100) for year in years))
    one_decides = growth.bootstrap_share(pd.concat([falling, giant]), grid, draws=200)
    assert one_decides.estimate == 1
    assert (one_decides.low, one_decides.high) == (0, 1)


def test_resampled_signs_of_some_specifications_are_those_of_their_own_grid():
    """A share over some specifications is what the bootstrap of these alone gives, by the same draws."""
    frame = table(
        *(
            (f"C{c:02}", year, 50 + (c % 3 - 1) * (year - 2010) * 5)
            for c in range(12)
            for year in (2010, 2013, 2016)
        )
    )
    grid = growth.declare_grid(frame, largest=0)
    kept = np.array([spec.end == 2013 for spec in grid])
    drawn = growth.resample(frame, grid, draws=100)
    whole = np.array([growth.run(frame, grid).status[at] == "computed" for at in range(len(grid))])
    assert list(drawn.at) == list(np.flatnonzero(whole))
    alone = growth.bootstrap_share(frame, [spec for spec, keep in zip(grid, kept, strict=True) if keep], draws=100)
    assert drawn.share(kept[drawn.at]) == alone


def test_country_growth_bounds_hold_every_value_of_the_suppressed_counts():
    frame = table(("AAA", 2010, (1, 4)), ("AAA", 2015, (2, 3)), ("BBB", 2010, 0), ("BBB", 2015, 0))
    found = growth.country_growth(frame, "convicted", 2010, 2015).set_index("iso3")
    values = [(after / before) ** (1 / 5) - 1 for before in range(1, 5) for after in range(2, 4)]
    assert found.loc["AAA", "annual_low"] == pytest.approx(min(values))
    assert found.loc["AAA", "annual_high"] == pytest.approx(max(values))
    assert found.loc["BBB"].tolist() == [0, 0]


def test_median_growth_counts_a_country_once_whatever_its_size():
    frame = table(
        ("BIG", 2010, 1_000), ("BIG", 2015, 32_000),
        *((f"C{c}", year, count) for c in range(4) for year, count in ((2010, 100), (2015, 50))),
    )  # fmt: skip
    found = growth.median_annual_growth(frame, "convicted", 2010, 2015, draws=100)
    assert found.estimate_low == found.estimate_high == pytest.approx(0.5 ** (1 / 5) - 1)
    assert found.growing_low == found.growing_high == pytest.approx(1 / 5)


def test_suppression_widens_the_median_and_a_rise_from_zero_breaks_nothing():
    hidden = table(*((f"C{c}", year, (0, 4)) for c in range(6) for year in (2010, 2015)))
    found = growth.median_annual_growth(hidden, "convicted", 2010, 2015, draws=50)
    assert (found.estimate_low, found.estimate_high) == (-1, np.inf)
    assert (found.low, found.high) == (-1, np.inf)
    assert (found.growing_low, found.growing_high) == (0, 1)


def test_median_interval_covers_a_known_median_about_as_often_as_it_says():
    rng = np.random.default_rng(9)
    true, repeats, held = 0.05, 300, 0
    for seed in range(repeats):
        rates = true + rng.standard_t(3, size=41) * 0.1
        counts = np.exp(np.log1p(np.maximum(rates, -0.9)) * 5) * 1e6
        frame = table(
            *((f"C{c:02}", 2010, 1_000_000) for c in range(41)),
            *((f"C{c:02}", 2015, float(count)) for c, count in enumerate(counts)),
        )
        found = growth.median_annual_growth(frame, "convicted", 2010, 2015, draws=300, seed=seed)
        held += found.low <= true <= found.high
    # Three Monte Carlo errors of 0.0126, and the percentile interval of a median is slightly conservative.
    assert 0.91 <= held / repeats <= 0.99


def test_same_seed_same_interval(simulated):
    once, again, other = (
        growth.median_annual_growth(simulated, "convicted", 2008, 2017, draws=200, seed=seed) for seed in (1, 1, 2)
    )
    assert once == again
    assert (once.low, once.high) != (other.low, other.high)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda f: growth.run(f, [Specification("convictd", "raw", "low", "none", 2010, 2015)]), "'convictd'"),
        (lambda f: growth.run(f, [spec("fixed")]), "'fixed'"),
        (lambda f: growth.run(f, [spec(bound="middle")]), "'middle'"),
        (lambda f: growth.run(f, [spec(start=2015, end=2010)]), "2015 to 2010"),
        (lambda f: growth.run(pd.concat([f, f]), [spec()]), "found several"),
        (lambda f: growth.run(f.drop(columns="count_max"), [spec()]), "count_max"),
        (lambda f: growth.run(f.assign(count_max=np.nan), [spec()]), "missing"),
        (lambda f: growth.run(f.assign(count_min=99), [spec()]), "count_min <= count_max"),
        (lambda f: growth.run(f.assign(count_min=-1), [spec()]), "0 <= count_min"),
        (lambda f: growth.exclude_corrupt(f.assign(count_min=np.nan)), "row 0"),
        (lambda f: growth.country_growth(f, "convicted", 2015, 2015), "2015 to 2015"),
        (lambda f: growth.median_annual_growth(f, "convicted", 2010, 2015), "found 1"),
        (lambda f: growth.bootstrap_share(f, [spec()]), "found none"),
    ],
)
def test_bad_input_is_named_in_one_line(call, named):
    frame = table(("AAA", 2010, 10), ("AAA", 2015, 12))
    with pytest.raises(ValueError, match=named) as caught:
        call(frame)
    assert "\n" not in str(caught.value)


def test_the_ceiling_and_zero_are_counts_and_one_beyond_them_is_not():
    frame = table(("TOP", 2010, 50_000), ("OVR", 2010, 50_001), ("NIL", 2010, (0, 3)), ("NEG", 2010, (-1, 3)))
    clean, excluded = growth.exclude_corrupt(frame)
    assert (clean["iso3"].tolist(), excluded["iso3"].tolist()) == (["TOP", "NIL"], ["OVR", "NEG"])
    assert clean.columns.tolist() == frame.columns.tolist() and clean.index.tolist() == [0, 1]
    assert excluded.columns.tolist() == [*frame.columns, "reason"] and excluded.index.tolist() == [0, 1]
    assert growth.exclude_corrupt(frame, ceiling=50_001)[0]["iso3"].tolist() == ["TOP", "OVR", "NIL"]


def test_what_is_not_said_is_as_documented(simulated):
    grid = growth.declare_grid(simulated)
    assert grid == growth.declare_grid(simulated, minimum_gap=3, largest=5)
    pd.testing.assert_frame_equal(growth.run(simulated, grid), growth.run(simulated, grid, minimum_countries=10))
    few = [one for one in grid if (one.start, one.end, one.excluding) == (2008, 2011, "none")]
    said = {"sign": "growth", "minimum_countries": 10, "draws": 500, "level": 0.95, "seed": 0}
    assert growth.bootstrap_share(simulated, few) == growth.bootstrap_share(simulated, few, **said)
    assert growth.resample(simulated, few).drawn.shape[1] == 500
    of_median = {"draws": 2000, "level": 0.95, "seed": 0}
    median = growth.median_annual_growth(simulated, "convicted", 2008, 2011)
    assert median == growth.median_annual_growth(simulated, "convicted", 2008, 2011, **of_median)
    assert (median.draws, median.level) == (2000, 0.95)


@pytest.mark.parametrize(("countries", "status"), [(9, "thin panel"), (10, "computed")])
def test_ten_countries_make_a_panel_and_nine_do_not(countries, status):
    frame = table(*((f"C{c}", year, 10 + year - 2010) for c in range(countries) for year in (2010, 2015)))
    assert growth.run(frame, [spec()])["status"].tolist() == [status]
    if status == "computed":
        assert growth.resample(frame, [spec()], draws=2).at.tolist() == [0]
    else:
        with pytest.raises(ValueError, match="found none"):
            growth.resample(frame, [spec()], draws=2)


def test_both_annual_rates_compound_to_their_ratios():
    frame = table(("AAA", 2010, (2, 4)), ("AAA", 2015, (3, 9)), ("BBB", 2010, 5), ("BBB", 2015, 7))
    found = only(frame, spec(bound="adverse"))
    assert (found["ratio_low"], found["ratio_high"]) == pytest.approx((10 / 9, 16 / 7))
    assert (1 + found["annual_low"]) ** 5 == pytest.approx(10 / 9)
    assert (1 + found["annual_high"]) ** 5 == pytest.approx(16 / 7)


def test_a_sign_that_no_specification_has_is_a_share_of_zero_and_groups_stand_in_order():
    rows = [("b", 3.0, 4.0, "growth"), ("a", 1.0, 2.0, "growth"), ("b", 1.0, 1.0, "unchanged")]
    results = pd.DataFrame(rows, columns=["panel", "ratio_low", "ratio_high", "sign"]).assign(status="computed")
    groups = growth.share_of_signs(results, ["panel"])
    assert groups["panel"].tolist() == ["a", "b"]
    assert groups[["growth", "decline", "unchanged", "undetermined"]].to_numpy().tolist() == [
        [1, 0, 0, 0],
        [0.5, 0, 0.5, 0],
    ]
    assert groups[["median_low", "median_high"]].to_numpy().tolist() == [[1, 2], [2, 2.5]]


def test_the_interval_of_a_share_cuts_as_much_from_either_end():
    # In draw number k of 101, k of 100 specifications have the sign: shares 0, 0.01, ... 1.
    drawn = np.array([[one < draw for draw in range(101)] for one in range(100)])
    resampled = growth.Resampled(np.arange(100), np.arange(100) < 30, drawn)
    for level in (0.5, 0.8, 0.9):
        found = resampled.share(level=level)
        assert (found.low, found.high) == pytest.approx(((1 - level) / 2, (1 + level) / 2))
        assert (found.estimate, found.level, found.draws) == (0.3, level, 101)
    assert resampled.share() == resampled.share(np.ones(100, dtype=bool), 0.95)
    assert resampled.share(np.arange(100) < 60).estimate == 0.5


def test_the_interval_of_a_median_cuts_as_much_from_either_end():
    # Two countries, one halved and one doubled: a draw has the lower, the upper or the middle as its median.
    frame = table(("AAA", 2010, 100), ("AAA", 2011, 50), ("BBB", 2010, 100), ("BBB", 2011, 200))
    wide, narrow = (growth.median_annual_growth(frame, "convicted", 2010, 2011, level=one) for one in (0.6, 0.4))
    assert (wide.low, wide.high) == (-0.5, 1.0) and (narrow.low, narrow.high) == (0.25, 0.25)
    assert (wide.countries, wide.growing_low, wide.growing_high) == (2, 0.5, 0.5)


def test_only_the_two_years_compared_count_and_no_change_is_no_growth():
    years = ((2009, 1), (2010, 100), (2012, 7), (2015, 100), (2016, 900))
    frame = table(*((iso3, year, count) for iso3 in ("AAA", "BBB") for year, count in years))
    found = growth.country_growth(frame, "convicted", 2010, 2015)
    assert found[["annual_low", "annual_high"]].to_numpy().tolist() == [[0, 0], [0, 0]]
    median = growth.median_annual_growth(frame, "convicted", 2010, 2015, draws=10)
    assert (median.growing_low, median.growing_high) == (0, 0)


@pytest.mark.parametrize("sign", ["growth", "decline", "unchanged", "undetermined"])
def test_to_have_a_sign_is_to_be_called_by_it(sign):
    low = np.array([0.5, 0.5, 0.5, 1.0, 1.0, 2.0, np.nan])
    high = np.array([0.7, 1.0, 2.0, 1.0, 2.0, 3.0, np.nan])
    np.testing.assert_array_equal(has_sign(sign, low, high), signs_of(low, high) == sign)


def test_a_sign_that_there_is_not_is_refused(simulated):
    grid = growth.declare_grid(simulated)[:40]
    with pytest.raises(ValueError, match="expected one of growth, decline, unchanged, undetermined, found 'rise'"):
        growth.resample(simulated, grid, sign="rise", draws=2)
    with pytest.raises(ValueError, match="choose one"):
        has_sign("rise", np.ones(1), np.ones(1))


def test_a_part_of_a_curve_needs_its_own_cells_only_and_sums_to_the_same(simulated):
    whole = Curve.of(simulated, growth.declare_grid(simulated), 10)
    kept = np.flatnonzero(whole.status == "computed")[::7]
    some = whole.only(kept)
    assert len(some.blocks[0]) == len(np.unique(whole.cell[kept])) < len(whole.blocks[0])
    weights = np.random.default_rng(3).integers(0, 4, size=(len(whole.countries), 5)).astype(float)
    for given in (None, weights):
        for one, other in zip(some.sums(given), whole.sums(given), strict=True):
            np.testing.assert_array_equal(one, other[kept])
    np.testing.assert_array_equal(some.ratios(some.sums()), np.array(whole.ratios(whole.sums()))[:, kept])


def test_what_is_drawn_is_asked_for_by_name(simulated):
    with pytest.raises(TypeError, match="positional"):
        growth.resample(simulated, [spec()], "growth")
