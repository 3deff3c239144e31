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


def test_two_classes_have_half_the_score_of_brier_and_fewer_have_none():
    forecast = np.array([[0.3, 0.7], [0.9, 0.1]])
    np.testing.assert_allclose(forecasts.ranked_probability_score(forecast, np.array([1, 1])), [0.3**2, 0.9**2])
    with pytest.raises(ValueError, match="categories is 1; expected 2"):
        forecasts.ranked_probability_score(np.ones((2, 1)), np.array([0, 0]))


def test_no_fold_is_no_way_to_divide_countries():
    assert forecasts.folds_by_country(["a", "b"], 1, seed=1) == {"a": 0, "b": 0}
    with pytest.raises(ValueError, match="folds is 0; expected 1"):
        forecasts.folds_by_country(["a", "b"], 0, seed=1)


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


def test_rows_are_numbered_and_gains_have_the_columns_that_they_are_said_to_have():
    rows = prediction_rows(np.random.default_rng(15), countries=20, years=(2005, 2006, 2007))
    found = forecasts.predictability(rows, {"a": ["performance"]}, folds=3, draws=10)
    assert found.by_row.index.tolist() == list(range(3 * len(rows)))
    assert list(found.gains.columns) == list(found.scores.columns) == ["model", "score", "value", "low", "high"]
    # Of every score a gain is positive where the model is better: more often right, or the smaller loss.
    score = found.scores.set_index(["model", "score"])["value"]
    for gain in found.gains.itertuples():
        more = score[gain.model, gain.score] - score[forecasts.LAST_YEAR, gain.score]
        assert gain.value == pytest.approx(more if gain.score == "accuracy" else -more)
    told = forecasts.skill(found, "a", draws=40, seed=20010712)
    assert forecasts.skill(found, "a", draws=40) == told != forecasts.skill(found, "a", draws=40, seed=1)


def test_the_rules_without_a_model_are_shares_of_the_other_folds():
    rows = prediction_rows(np.random.default_rng(16), countries=40, years=(2005, 2006, 2007))
    found = forecasts.predictability(rows, {"a": ["performance"]}, folds=3, draws=10).by_row
    base = found[found["model"] == forecasts.BASE_RATES]
    last = found[found["model"] == forecasts.LAST_YEAR]
    rows = rows.set_index(["iso3", "year"])
    for own, before in zip(base.to_dict("records"), last.to_dict("records"), strict=True):
        others = rows.loc[base.loc[base["fold"] != own["fold"], "iso3"].unique()]
        share = (others["rank"] == own["rank"]).mean()
        came = others.loc[others["last_rank"] == before["predicted"], "rank"]
        moved = ((came == own["rank"]).sum() + 0.5) / (len(came) + 2)
        assert own["log score"] == pytest.approx(-np.log(share))
        assert before["log score"] == pytest.approx(-np.log(moved))


def test_an_indicator_of_a_rank_that_nobody_had_is_named():
    rows = prediction_rows(np.random.default_rng(17), countries=20, years=(2005, 2006, 2007))
    rows["last_rank"] = rows["last_rank"].replace(3, 2)
    with pytest.raises(ValueError, match=r"constant column \(last_rank 3\)"):
        forecasts.predictability(rows, {"a": ["performance", "last_rank"]}, folds=2, draws=10)


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
