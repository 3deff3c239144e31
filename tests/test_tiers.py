"""Tier lists: complete years only, transitions, watch list stays, and out-of-sample prediction."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight
from statsmodels.miscmodels.ordinal_model import OrderedModel

from compendium import tables, tiers

PARTIAL = (2016, 2017, 2018, 2019, 2022, 2024, 2025)


@pytest.fixture(scope="module")
def published():
    return tables.read("tip_tiers")


def tier_table(paths, start=2004):
    """{"AAA": "2 2WL - 3"}: one tier a year from `start`, "-" for none."""
    rows = [
        (country, start + place, tier)
        for country, path in paths.items()
        for place, tier in enumerate(path.split())
        if tier != "-"
    ]
    return pd.DataFrame(rows, columns=["iso3", "year", "tier"])


@pytest.mark.parametrize("year", PARTIAL)
def test_no_partial_year_passes_as_complete(published, year):
    calls = [
        lambda: tiers.require_complete([2010, year]),
        lambda: tiers.ranked(published, [2010, year]),
        lambda: tiers.transitions(published, [year - 1, year]),
        lambda: tiers.watch_list_spells(published, [year]),
        lambda: tiers.predictability(pd.DataFrame({"year": [2010, year]}), {}),
    ]
    for call in calls:
        with pytest.raises(tiers.PartialYearError, match=f"found .*{year}; leave these years out") as caught:
            call()
        assert "\n" not in str(caught.value)


def test_complete_years_are_those_the_table_calls_complete(published):
    complete = published.loc[published["year_coverage"] == "complete", "year"].unique()
    assert set(complete) == set(tiers.COMPLETE_YEARS)
    assert not set(complete) & set(PARTIAL)


def test_a_table_that_calls_a_year_partial_is_believed(published):
    revised = published.assign(year_coverage=published["year_coverage"].where(published["year"] != 2021, "partial"))
    with pytest.raises(tiers.PartialYearError, match="in 2021, found 'partial'"):
        tiers.ranked(revised)


def test_ranked_leaves_out_special_cases_and_merged_tiers():
    table = tier_table({"AAA": "1 SC 2or2WL 2 2WL 3"})
    rows = tiers.ranked(table)
    assert list(rows["year"]) == [2004, 2007, 2008, 2009]
    assert list(rows["rank"]) == [0, 1, 2, 3]


def test_classes_match_the_lists_that_others_counted(published):
    """External anchors: 19 Tier 3 countries in 2002; 31/89/44/23 in 2015; 26 on the watch list in 2023."""
    by_year = tiers.classes_by_year(published).set_index("year")
    assert by_year.loc[2002, "3"] == 19
    assert list(by_year.loc[2015, ["1", "2", "2WL", "3"]]) == [31, 89, 44, 23]
    assert by_year.loc[2023, "2WL"] == 26
    assert list(by_year.index[by_year["classes"] == 3]) == [2001, 2002, 2003]


def test_without_watch_list_merges_into_tier_2():
    rows = tiers.with_last_rank(tiers.ranked(tier_table({"AAA": "1 2 2WL 3"})))
    merged = tiers.without_watch_list(rows)
    assert list(merged["rank"]) == [1, 1, 2]
    assert list(merged["last_rank"]) == [0, 1, 1]


def test_transitions_are_shares_of_consecutive_reports_only():
    table = tier_table({"AAA": "2 2 2WL - 2WL 3", "BBB": "2 2WL 2WL SC 2 2"})
    table = pd.concat([table, pd.DataFrame({"iso3": ["AAA"] * 2, "year": [2021, 2023], "tier": ["1", "3"]})])
    moves = tiers.transitions(table, draws=200).set_index(["source", "target"])
    assert moves.loc[("2", "2"), "moves"] == 2
    assert moves.loc[("2", "2WL"), "moves"] == 2
    assert moves.loc[("2", "2WL"), "share"] == 0.5
    assert moves.loc[("2WL", "2WL"), "moves"] == 1
    assert moves.loc[("2WL", "3"), "moves"] == 1
    assert moves["moves"].sum() == 6  # not 2021 to 2023, not over a missing or unranked year
    assert moves.loc[("2", "2"), "countries"] == 2


def test_transition_intervals_cover_a_known_chain_whose_countries_differ():
    """Countries stay with probability 0.9 or 0.5: a country's years depend, as the bootstrap must allow."""
    rng = np.random.default_rng(4)
    runs, covered = 120, 0
    for run in range(runs):
        paths = {}
        for country in range(60):
            stay = 0.9 if rng.uniform() < 0.5 else 0.5
            path, state = [], int(rng.integers(2))
            for _ in range(12):
                path.append(("1", "2")[state])
                state = state if rng.uniform() < stay else 1 - state
            paths[f"C{country:02d}"] = " ".join(path)
        moves = tiers.transitions(tier_table(paths), draws=300, seed=run).set_index(["source", "target"])
        row = moves.loc[("1", "1")]
        covered += row["low"] <= 0.7 <= row["high"]
    assert 0.88 <= covered / runs <= 0.995


def test_moves_never_seen_have_the_exact_upper_limit():
    table = tier_table({f"C{i:02d}": "1 1 1" for i in range(20)})
    row = tiers.transitions(table, draws=50).set_index(["source", "target"]).loc[("1", "3")]
    assert (row["share"], row["low"]) == (0, 0)
    assert (1 - row["high"]) ** 20 == pytest.approx(0.025)


def test_spells_begin_and_end_where_the_list_says():
    table = tier_table(
        {
            "AAA": "2WL 2WL 3 2WL",  # from the list's first year; later still on it when the block ends
            "BBB": "2 2WL 2WL 2WL 2",
            "CCC": "- 2WL SC 2WL 1",  # special case: where it went is not known
            "DDD": "1 2 3 2",
        }
    )
    spells = tiers.watch_list_spells(table, tuple(range(2004, 2009)))
    assert spells.to_numpy().tolist() == [
        ["AAA", 2004, 2, "Tier 3"],
        ["AAA", 2007, 1, "censored"],
        ["BBB", 2005, 3, "Tier 2 or 1"],
        ["CCC", 2005, 1, "censored"],
        ["CCC", 2007, 1, "Tier 2 or 1"],
    ]
    later = tiers.watch_list_spells(table, tuple(range(2005, 2009)))
    assert later["iso3"].tolist() == ["AAA", "CCC"]  # stays under way when the block begins are left out
    with pytest.raises(ValueError, match="consecutive years"):
        tiers.watch_list_spells(table, (2004, 2006))


def test_cambodia_stays_agree_with_its_own_history(published):
    spells = tiers.watch_list_spells(published).query("iso3 == 'KHM'")
    assert spells[["entered", "years"]].to_numpy().tolist() == [[2006, 2], [2009, 1], [2013, 3]]


@pytest.mark.filterwarnings("ignore::RuntimeWarning:statsmodels")
def test_time_on_watch_list_equals_statsmodels(published):
    spells = tiers.watch_list_spells(published)
    mine = tiers.time_on_watch_list(spells, draws=50).set_index("years")
    code = spells["exit"].map({"censored": 0, "Tier 3": 1, "Tier 2 or 1": 2}).to_numpy()
    kaplan_meier = SurvfuncRight(spells["years"].to_numpy(), (code > 0).astype(int))
    np.testing.assert_allclose(mine.loc[kaplan_meier.surv_times, "staying"], kaplan_meier.surv_prob, atol=1e-12)
    incidence = CumIncidenceRight(spells["years"].to_numpy(), code)
    for column, curve in zip(("downgrade", "upgrade"), incidence.cinc, strict=True):
        np.testing.assert_allclose(mine.loc[incidence.times, column], curve, atol=1e-12)
    total = mine["staying"] + mine["downgrade"] + mine["upgrade"]
    np.testing.assert_allclose(total, 1, atol=1e-12)
    assert (mine["downgrade_low"] <= mine["downgrade"]).all()
    assert (mine["downgrade"] <= mine["downgrade_high"]).all()


def test_decisions_after_each_year_are_counted_in_the_period_of_the_next_report():
    spells = pd.DataFrame(
        [("AAA", 2010, 3, "Tier 3"), ("BBB", 2011, 2, "Tier 2 or 1"), ("CCC", 2012, 2, "censored")],
        columns=["iso3", "entered", "years", "exit"],
    )
    table = tiers.after_years_on_watch_list(spells, split=2013).set_index(["period", "years"])
    assert table.loc[("before 2013", 1), ["stayed", "downgraded", "upgraded"]].tolist() == [2, 0, 0]
    assert table.loc[("before 2013", 2), "stayed"] == 1
    assert table.loc[("from 2013", 1), "stayed"] == 1
    assert table.loc[("from 2013", 2), ["stayed", "downgraded", "upgraded"]].tolist() == [0, 0, 1]
    assert table.loc[("from 2013", 3), "share_downgraded"] == 1
    assert table["decisions"].sum() == 6


def test_folds_keep_countries_whole_and_do_not_depend_on_order():
    names = [f"C{i:03d}" for i in range(101)]
    one = tiers.folds_by_country(names, 10, seed=1)
    assert one == tiers.folds_by_country([*reversed(names), *names], 10, seed=1)
    assert sorted(np.bincount(list(one.values()))) == [10] * 9 + [11]
    assert one != tiers.folds_by_country(names, 10, seed=2)


def test_scores_have_their_closed_forms():
    forecast = np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 1.0, 0.0]])
    outcome = np.array([1, 2])
    expected = (0.1**2 + (0.3 - 1) ** 2 + (0.6 - 1) ** 2) / 3
    np.testing.assert_allclose(tiers.ranked_probability_score(forecast, outcome), [expected, 0])
    np.testing.assert_allclose(tiers.log_score(forecast, outcome), [-np.log(0.2), 0])
    certain_and_worst = tiers.ranked_probability_score(np.array([[1.0, 0, 0, 0]]), np.array([3]))
    assert certain_and_worst[0] == 1


@pytest.mark.parametrize("score", [tiers.log_score, tiers.ranked_probability_score])
def test_scores_are_proper(score):
    """No forecast has a better expected score than the truth."""
    rng = np.random.default_rng(6)
    for truth in rng.dirichlet(np.ones(4), 20):
        rivals = rng.dirichlet(np.ones(4), 50)
        everything = np.arange(4)

        def expected(forecast, truth=truth, everything=everything):
            return truth @ score(np.tile(forecast, (4, 1)), everything)

        assert all(expected(truth) < expected(rival) for rival in rivals)


def prediction_rows(rng, countries=60, years=tuple(range(2005, 2015)), slope=2.0):
    rows = []
    for country in range(countries):
        level = rng.normal()
        last = int(rng.integers(4))
        for year in years:
            performance = level + 0.5 * rng.normal()
            rank = int(np.digitize(-slope * performance + rng.logistic(), [-2, 0, 2]))
            rows.append((f"C{country:02d}", year, rank, last, performance, rng.normal()))
            last = rank
    return pd.DataFrame(rows, columns=["iso3", "year", "rank", "last_rank", "performance", "noise"])


def test_prediction_never_sees_the_held_out_country():
    """Reproduced with statsmodels, fold by fold."""
    rows = prediction_rows(np.random.default_rng(7), countries=30)
    mine = tiers.predictability(rows, {"performance": ["performance"]}, folds=3, draws=20)
    by_row = mine.by_row.query("model == 'performance'").reset_index(drop=True)
    rows = rows.sort_values(["iso3", "year"], ignore_index=True)
    assert by_row.groupby("iso3")["fold"].nunique().max() == 1
    for fold in range(3):
        test = (by_row["fold"] == fold).to_numpy()
        model = OrderedModel(rows.loc[~test, "rank"], rows.loc[~test, ["performance"]], distr="logit")
        forecast = np.asarray(
            model.fit(method="bfgs", disp=0).predict(exog=rows.loc[test, ["performance"]].to_numpy())
        )
        outcome = rows.loc[test, "rank"].to_numpy()
        np.testing.assert_allclose(
            by_row.loc[test, "log score"], -np.log(forecast[np.arange(len(outcome)), outcome]), atol=1e-4
        )
        assert by_row.loc[test, "predicted"].tolist() == forecast.argmax(axis=1).tolist()


def test_prediction_tells_information_from_noise():
    rows = prediction_rows(np.random.default_rng(8))
    models = {"performance": ["performance"], "noise": ["noise"], "both": ["performance", "last_rank"]}
    found = tiers.predictability(rows, models, draws=500)
    score = found.scores.set_index(["model", "score"])["value"]
    for measure in ("log score", "ranked probability score"):
        assert score["performance", measure] < score["base rates", measure]
        assert score["noise", measure] == pytest.approx(score["base rates", measure], abs=0.01)
    assert score["performance", "accuracy"] > score["noise", "accuracy"]
    gains = found.gains.set_index(["model", "score"])
    difference = score["performance", "accuracy"] - score[tiers.LAST_YEAR, "accuracy"]
    assert gains.loc[("performance", "accuracy"), "value"] == pytest.approx(difference)
    assert gains.loc[("noise", "log score"), "high"] < 0
    last_year = found.by_row.query("model == @tiers.LAST_YEAR")
    merged = last_year.merge(rows[["iso3", "year", "last_rank"]], on=["iso3", "year"])
    assert (merged["predicted"] == merged["last_rank"]).all()


def test_prediction_interval_is_wider_than_if_rows_were_independent():
    rows = prediction_rows(np.random.default_rng(9), countries=40)
    rows["performance"] = rows.groupby("iso3")["performance"].transform("mean")
    rows["rank"] = rows.groupby("iso3")["rank"].transform("median").astype(int)  # every country one outcome
    found = tiers.predictability(rows, {"performance": ["performance"]}, folds=5, draws=1000)
    row = found.scores.set_index(["model", "score"]).loc[("performance", "accuracy")]
    countries_only = 2 * 1.96 * np.sqrt(row["value"] * (1 - row["value"]) / 40)
    assert row["high"] - row["low"] == pytest.approx(countries_only, rel=0.25)


def test_prediction_drops_incomplete_rows_for_all_and_names_what_cannot_be_fitted():
    rows = prediction_rows(np.random.default_rng(10), countries=20)
    rows.loc[3, "noise"] = np.nan
    found = tiers.predictability(rows, {"a": ["performance"], "b": ["noise"]}, folds=4, draws=10)
    assert found.observations == len(rows) - 1
    assert (found.by_row.groupby("model").size() == len(rows) - 1).all()
    rows["flat"] = 1.0
    with pytest.raises(ValueError, match=r"model 'a' in fold 0 .* constant column \(flat\)"):
        tiers.predictability(rows, {"a": ["performance", "flat"]}, folds=4, draws=10)


def test_scores_are_averaged_over_draws_of_the_folds():
    rows = prediction_rows(np.random.default_rng(14), countries=40)
    alone = [tiers.predictability(rows, {"a": ["performance"]}, folds=4, seed=seed, draws=10) for seed in (5, 6, 7)]
    found = tiers.predictability(rows, {"a": ["performance"]}, folds=4, seed=5, draws=300, repeats=3)
    mean = np.mean([one.scores["value"] for one in alone], axis=0)
    np.testing.assert_allclose(found.scores["value"], mean, atol=1e-6)
    assert found.observations == len(rows) and len(found.by_row) == 3 * 3 * len(rows)
    assert found.by_row.groupby(["iso3", "repeat"])["fold"].nunique().max() == 1
    assert found.by_row.groupby("iso3")["fold"].nunique().max() > 1
    score = found.by_row.groupby("model")["accuracy"].mean()
    by_model = found.scores.set_index(["model", "score"])["value"]
    assert by_model["a", "accuracy"] == pytest.approx(score["a"])


def test_skill_of_accuracy_is_its_gain_over_the_commonest_class():
    found = tiers.predictability(prediction_rows(np.random.default_rng(11)), {"a": ["performance"]}, draws=300)
    score = found.scores.set_index(["model", "score"])["value"]
    mine, base = tiers.skill(found, "a", "accuracy", draws=300), score[tiers.BASE_RATES, "accuracy"]
    assert mine.value == pytest.approx((score["a", "accuracy"] - base) / (1 - base))
    assert mine.low < mine.value < mine.high


def test_skill_is_one_less_the_ratio_of_the_scores_and_gains_are_differences():
    found = tiers.predictability(prediction_rows(np.random.default_rng(11)), {"a": ["performance"]}, draws=300)
    score = found.scores.set_index(["model", "score"])["value"]
    rps = "ranked probability score"
    mine = tiers.skill(found, "a", draws=300)
    assert mine.value == pytest.approx(1 - score["a", rps] / score[tiers.BASE_RATES, rps])
    last = 1 - score[tiers.LAST_YEAR, rps] / score[tiers.BASE_RATES, rps]
    assert mine.gain == pytest.approx(mine.value - last)
    assert mine.low < mine.value < mine.high and mine.gain_low < mine.gain < mine.gain_high
    reference = tiers.skill(found, tiers.BASE_RATES)
    assert (reference.value, reference.low, reference.high) == (0, 0, 0)
    assert tiers.skill(found, tiers.LAST_YEAR).gain == 0


def test_skill_interval_covers_the_skill_in_a_large_world():
    large = tiers.predictability(
        prediction_rows(np.random.default_rng(12), countries=1500), {"a": ["performance"]}, folds=3, draws=10
    )
    truth = tiers.skill(large, "a", draws=10).value
    rng, covered = np.random.default_rng(13), 0
    for _ in range(60):
        found = tiers.predictability(prediction_rows(rng, countries=60), {"a": ["performance"]}, folds=5, draws=10)
        mine = tiers.skill(found, "a", draws=300)
        covered += mine.low <= truth <= mine.high
    assert covered / 60 >= 0.85
