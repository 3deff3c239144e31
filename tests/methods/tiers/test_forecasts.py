"""Forecasts of the tier for countries not seen: closed forms, proper scores, and worlds with a known truth."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

from compendium.methods.tiers import forecasts


def test_folds_keep_countries_whole_and_do_not_depend_on_order():
    names = [f"C{i:03d}" for i in range(101)]
    one = forecasts.folds_by_country(names, 10, seed=1)
    assert one == forecasts.folds_by_country([*reversed(names), *names], 10, seed=1)
    assert sorted(np.bincount(list(one.values()))) == [10] * 9 + [11]
    assert one != forecasts.folds_by_country(names, 10, seed=2)


def test_scores_have_their_closed_forms():
    forecast = np.array([[0.1, 0.2, 0.3, 0.4], [0.0, 0.0, 1.0, 0.0]])
    outcome = np.array([1, 2])
    expected = (0.1**2 + (0.3 - 1) ** 2 + (0.6 - 1) ** 2) / 3
    np.testing.assert_allclose(forecasts.ranked_probability_score(forecast, outcome), [expected, 0])
    np.testing.assert_allclose(forecasts.log_score(forecast, outcome), [-np.log(0.2), 0])
    certain_and_worst = forecasts.ranked_probability_score(np.array([[1.0, 0, 0, 0]]), np.array([3]))
    assert certain_and_worst[0] == 1


@pytest.mark.parametrize("score", [forecasts.log_score, forecasts.ranked_probability_score])
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
    mine = forecasts.predictability(rows, {"performance": ["performance"]}, folds=3, draws=20)
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
    found = forecasts.predictability(rows, models, draws=500)
    score = found.scores.set_index(["model", "score"])["value"]
    for measure in ("log score", "ranked probability score"):
        assert score["performance", measure] < score["base rates", measure]
        assert score["noise", measure] == pytest.approx(score["base rates", measure], abs=0.01)
    assert score["performance", "accuracy"] > score["noise", "accuracy"]
    gains = found.gains.set_index(["model", "score"])
    difference = score["performance", "accuracy"] - score[forecasts.LAST_YEAR, "accuracy"]
    assert gains.loc[("performance", "accuracy"), "value"] == pytest.approx(difference)
    assert gains.loc[("noise", "log score"), "high"] < 0
    last_year = found.by_row.query("model == @forecasts.LAST_YEAR")
    merged = last_year.merge(rows[["iso3", "year", "last_rank"]], on=["iso3", "year"])
    assert (merged["predicted"] == merged["last_rank"]).all()


def test_prediction_interval_is_wider_than_if_rows_were_independent():
    rows = prediction_rows(np.random.default_rng(9), countries=40)
    rows["performance"] = rows.groupby("iso3")["performance"].transform("mean")
    rows["rank"] = rows.groupby("iso3")["rank"].transform("median").astype(int)  # every country one outcome
    found = forecasts.predictability(rows, {"performance": ["performance"]}, folds=5, draws=1000)
    row = found.scores.set_index(["model", "score"]).loc[("performance", "accuracy")]
    countries_only = 2 * 1.96 * np.sqrt(row["value"] * (1 - row["value"]) / 40)
    assert row["high"] - row["low"] == pytest.approx(countries_only, rel=0.25)


def test_prediction_drops_incomplete_rows_for_all_and_names_what_cannot_be_fitted():
    rows = prediction_rows(np.random.default_rng(10), countries=20)
    rows.loc[3, "noise"] = np.nan
    found = forecasts.predictability(rows, {"a": ["performance"], "b": ["noise"]}, folds=4, draws=10)
    assert found.observations == len(rows) - 1
    assert (found.by_row.groupby("model").size() == len(rows) - 1).all()
    rows["flat"] = 1.0
    with pytest.raises(ValueError, match=r"model 'a' in fold 0 .* constant column \(flat\)"):
        forecasts.predictability(rows, {"a": ["performance", "flat"]}, folds=4, draws=10)


def test_scores_are_averaged_over_draws_of_the_folds():
    rows = prediction_rows(np.random.default_rng(14), countries=40)
    alone = [
        forecasts.predictability(rows, {"a": ["performance"]}, folds=4, seed=seed, draws=10) for seed in (5, 6, 7)
    ]
    found = forecasts.predictability(rows, {"a": ["performance"]}, folds=4, seed=5, draws=300, repeats=3)
    mean = np.mean([one.scores["value"] for one in alone], axis=0)
    np.testing.assert_allclose(found.scores["value"], mean, atol=1e-6)
    assert found.observations == len(rows) and len(found.by_row) == 3 * 3 * len(rows)
    assert found.by_row.groupby(["iso3", "repeat"])["fold"].nunique().max() == 1
    assert found.by_row.groupby("iso3")["fold"].nunique().max() > 1
    score = found.by_row.groupby("model")["accuracy"].mean()
    by_model = found.scores.set_index(["model", "score"])["value"]
    assert by_model["a", "accuracy"] == pytest.approx(score["a"])


def test_skill_of_accuracy_is_its_gain_over_the_commonest_class():
    found = forecasts.predictability(prediction_rows(np.random.default_rng(11)), {"a": ["performance"]}, draws=300)
    score = found.scores.set_index(["model", "score"])["value"]
    mine, base = forecasts.skill(found, "a", "accuracy", draws=300), score[forecasts.BASE_RATES, "accuracy"]
    assert mine.value == pytest.approx((score["a", "accuracy"] - base) / (1 - base))
    assert mine.low < mine.value < mine.high


def test_skill_is_one_less_the_ratio_of_the_scores_and_gains_are_differences():
    found = forecasts.predictability(prediction_rows(np.random.default_rng(11)), {"a": ["performance"]}, draws=300)
    score = found.scores.set_index(["model", "score"])["value"]
    rps = "ranked probability score"
    mine = forecasts.skill(found, "a", draws=300)
    assert mine.value == pytest.approx(1 - score["a", rps] / score[forecasts.BASE_RATES, rps])
    last = 1 - score[forecasts.LAST_YEAR, rps] / score[forecasts.BASE_RATES, rps]
    assert mine.gain == pytest.approx(mine.value - last)
    assert mine.low < mine.value < mine.high and mine.gain_low < mine.gain < mine.gain_high
    reference = forecasts.skill(found, forecasts.BASE_RATES)
    assert (reference.value, reference.low, reference.high) == (0, 0, 0)
    assert forecasts.skill(found, forecasts.LAST_YEAR).gain == 0


def test_skill_interval_covers_the_skill_in_a_large_world():
    large = forecasts.predictability(
        prediction_rows(np.random.default_rng(12), countries=1500), {"a": ["performance"]}, folds=3, draws=10
    )
    truth = forecasts.skill(large, "a", draws=10).value
    rng, covered = np.random.default_rng(13), 0
    for _ in range(60):
        found = forecasts.predictability(
            prediction_rows(rng, countries=60), {"a": ["performance"]}, folds=5, draws=10
        )
        mine = forecasts.skill(found, "a", draws=300)
        covered += mine.low <= truth <= mine.high
    assert covered / 60 >= 0.85
