"""What the evidence notes state of the tier lists, and the chapters' first model by an independent route."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.miscmodels.ordinal_model import OrderedModel

from compendium import multiverse, ordered, tables


@pytest.fixture(scope="module")
def panel():
    names = ("tip_tiers", "country_panel", "anti_trafficking_3p", "countries")
    return multiverse.build_panel(*(tables.read(name) for name in names))


def test_codings_agree_as_often_as_the_notes_say():
    agreement = (
        tables.read("tip_tier_agreement").groupby(["source_a", "source_b"])[["n_agree", "n_both_rated"]].sum()
    )
    assert agreement.loc[("KS2015", "SURE2018")].tolist() == [2045, 2058]
    assert agreement.loc[("HTI", "KS2015")].tolist() == [1488, 1489]
    assert agreement.loc[("CIA_archive", "KS2015")].tolist() == [396, 405]


def test_no_source_disagrees_on_cambodia():
    assert "KHM" not in set(tables.read("tip_tier_disagreements")["iso3"])


def test_after_four_reports_on_the_watch_list_nobody_stays_from_2013():
    """Counted from the table itself: four reports on the list in a row, not five, and what came next."""
    rated = tables.read("tip_tiers")
    wide = rated[rated["year"].between(2004, 2015)].pivot_table("tier", "iso3", "year", aggfunc="first")
    found = {"before": [], "from": []}
    for year in range(2008, 2016):
        four = (wide[[year - k for k in (1, 2, 3, 4)]] == "2WL").all(axis=1)
        if year - 5 in wide:
            four &= wide[year - 5] != "2WL"
        found["from" if year >= 2013 else "before"] += wide.loc[four, year].dropna().tolist()
    counted = {era: (tiers.count("3"), tiers.count("2WL"), tiers.count("2")) for era, tiers in found.items()}
    assert counted == {"before": (0, 8, 10), "from": (5, 0, 5)}


def test_after_four_reports_the_single_source_lists_of_2016_and_2017_go_the_same_way():
    rated = tables.read("tip_tiers")
    wide = rated[rated["year"].between(2011, 2017)].pivot_table("tier", "iso3", "year", aggfunc="first")
    found = []
    for year in (2016, 2017):
        four = (wide[[year - k for k in (1, 2, 3, 4)]] == "2WL").all(axis=1) & (wide[year - 5] != "2WL")
        found += wide.loc[four, year].tolist()
    assert (found.count("3"), found.count("2WL"), found.count("2")) == (7, 0, 6)
    lists = rated[rated["year"].isin([2016, 2017])]
    assert set(lists["year_coverage"]) == {"single_source"}


def test_the_first_model_and_its_effect_are_statsmodels(panel):
    """Slopes by maximum likelihood elsewhere, the marginal effect as a difference of predictions."""
    data = multiverse.data_of(panel, multiverse.BASELINE)
    fit = multiverse.fit_specification(data, multiverse.BASELINE)
    z = (data.design - data.design.mean(axis=0)) / data.design.std(axis=0)
    model = OrderedModel(data.outcome, z, distr="logit").fit(method="bfgs", disp=0, maxiter=500, gtol=1e-7)
    slopes = np.asarray(model.params)[: z.shape[1]] / data.design.std(axis=0)
    np.testing.assert_allclose(fit.slopes, slopes, atol=2e-4)

    step = 1e-3 / data.design[:, 0].std()
    moved = z.copy()
    moved[:, 0] += step
    worse = [np.asarray(model.predict(exog=x))[:, 2:].sum(axis=1).mean() for x in (moved, z)]
    effects = ordered.average_marginal_effects(fit, data.design).set_index(["column", "event"])
    assert effects.loc[("voting_distance", ">= 2"), "estimate"] == pytest.approx(
        (worse[0] - worse[1]) / 1e-3, rel=2e-3
    )


def test_proportional_odds_fails_and_not_by_votes(panel):
    """Separate binary logits of statsmodels have slopes of one sign for votes, of two for democracy."""
    from statsmodels.discrete.discrete_model import Logit

    data = multiverse.data_of(panel, multiverse.BASELINE)
    test = ordered.proportional_odds(data.outcome, data.design, data.clusters, data.names)
    assert test.p < 0.001
    design = np.column_stack([np.ones(len(data.outcome)), data.design])
    votes, democracy = 1, 1 + data.names.index("democracy")
    slopes = pd.DataFrame(
        [
            Logit((data.outcome >= cut).astype(int), design).fit(disp=0).params[[votes, democracy]]
            for cut in (1, 2, 3)
        ]
    )
    own = test.slopes[test.slopes["column"].isin(["voting_distance", "democracy"])]
    np.testing.assert_allclose(own["estimate"].to_numpy().reshape(2, 3).T, slopes.to_numpy(), atol=1e-5)
    assert (slopes[0] > 0).all()
    assert slopes[1].max() > 0 > slopes[1].min()


def test_a_country_compared_with_itself_is_the_regression_on_country_indicators(panel):
    """The counter-evidence: within-country models, one of them by plain least squares."""
    spec = replace(
        multiverse.BASELINE,
        outcome="watch list or worse",
        estimator="linear",
        country_effects="within",
        controls="income, population, democracy",
    )
    data = multiverse.data_of(panel, spec)
    indicators = (data.clusters.codes[:, None] == np.arange(data.clusters.count)).astype(float)
    slopes = np.linalg.lstsq(np.hstack([data.design, indicators]), data.outcome.astype(float), rcond=None)[0]
    found = multiverse.run(panel, [spec])
    assert found["effect"][0] == pytest.approx(100 * slopes[0], abs=1e-6)
