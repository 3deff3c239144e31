"""Chapters 7 and 8: the main model by another route, what the notes state of Cambodia, and what it adds up to."""

from __future__ import annotations

import csv
import re

import numpy as np
import pandas as pd
import pytest

from compendium.chapters import leverage
from compendium.chapters.leverage import belief, cambodia, models, pictures, severity
from compendium.chapters.leverage.panel import Panel
from compendium.evidence import paths, tables
from compendium.evidence.numbers import in_words
from compendium.methods.law import hazard, penalties, riskset, tracing
from compendium.methods.law.penalties import Regime
from compendium.methods.law.regressors import Model
from compendium.run import altered, program
from compendium.run.worlds import leverage as worlds
from compendium.trial import claims

CONTROLS = ("region", "log_income", "democracy", "ratified", "nearest_laws")


@pytest.fixture(scope="module")
def panel() -> Panel:
    return leverage.panel()


@pytest.fixture(scope="module")
def years(panel: Panel) -> pd.DataFrame:
    law, tiers = tables.read("criminalisation_panel"), tables.read("tip_tiers")
    ranked = riskset.risk_set(law, tiers).ranked
    found = riskset.add_covariates(ranked, tables.read("country_panel"), tables.read("countries"), law)
    assert found.equals(panel.years[found.columns])
    return panel.years


@pytest.mark.parametrize("link", ["cloglog", "logit"])
def test_the_main_model_equals_a_formula_fit_by_statsmodels(years: pd.DataFrame, link: str) -> None:
    from statsmodels.formula.api import glm
    from statsmodels.genmod import families

    rows = years.dropna(subset=["placed", *CONTROLS]).reset_index(drop=True)
    links = {"cloglog": families.links.CLogLog(), "logit": families.links.Logit()}
    formula = "event ~ placed + C(year) + C(region) + log_income + democracy + ratified + nearest_laws"
    groups = pd.factorize(rows["iso3"])[0]
    other = glm(formula, rows, family=families.Binomial(links[link])).fit(
        cov_type="cluster", cov_kwds={"groups": groups}, tol=1e-12, maxiter=200
    )
    own = hazard.fit(years, Model("placed", CONTROLS, link=link))  # type: ignore[arg-type]
    assert own.n == len(rows)
    assert own.term().estimate == pytest.approx(other.params["placed"], abs=1e-6)
    assert own.term().se == pytest.approx(other.bse["placed"], rel=1e-5)
    placed, unplaced = (other.predict(rows.assign(placed=value)) for value in (1, 0))
    assert hazard.marginal_effect(own).estimate == pytest.approx(100 * np.mean(placed - unplaced), abs=1e-5)


def test_laws_follow_placement_more_often_already_in_the_raw_counts(years: pd.DataFrame) -> None:
    # Mantel and Haenszel's ratio of risks over years uses no model at all.
    above = below = 0.0
    for _, year in years.dropna(subset=["placed"]).groupby("year"):
        placed, others = year[year["placed"] == 1]["event"], year[year["placed"] == 0]["event"]
        above += placed.sum() * len(others) / len(year)
        below += others.sum() * len(placed) / len(year)
    crude = hazard.fit(years, Model("placed"))
    assert 1 < above / below < crude.ratio().estimate < 1.25 * above / below


def test_oceania_would_feign_an_effect_and_europe_would_hide_one(years: pd.DataFrame) -> None:
    rows = years.dropna(subset=["placed", *CONTROLS])
    among = rows.groupby("region")["placed"].agg(["sum", "size"]).astype(int)
    assert among.loc["Oceania"].tolist() == [9, 10]
    placed = rows["placed"] == 1
    for region, commoner in (("Oceania", True), ("Europe", False)):
        reading = (rows["region"] == region).astype(float)
        assert bool(reading[placed].mean() > reading[~placed].mean()) is commoner
        fitted = hazard.fit(rows.assign(region=reading), Model("placed", CONTROLS))
        assert fitted.ratio("region").estimate > 1


def test_us_money_for_cambodia_as_the_notes_state_it() -> None:
    aid = tables.read("cambodia_us_leverage").set_index("year")
    assert aid["oda_us_usd"][2005] / 1e6 == pytest.approx(102.8, abs=0.05)
    assert aid["oda_us_usd"][2006] / 1e6 == pytest.approx(73.2, abs=0.05)
    assert round(100 * (1 - aid["oda_us_usd"][2006] / aid["oda_us_usd"][2005])) == 29
    assert [round(aid["tip_grants_usd"][year] / 1e6, 2) for year in (2005, 2006)] == [0.33, 2.99]


def test_neighbours_passed_full_laws_when_the_chapter_says() -> None:
    law, tiers = tables.read("criminalisation_panel"), tables.read("tip_tiers")
    full = law[law["criminalisation"] == 2].groupby("iso3")["year"].min()
    assert full[["KHM", "LAO", "THA", "VNM"]].tolist() == [2008, 2006, 2008, 2012]
    rank = tiers.set_index(["iso3", "year"])["tier"]
    assert [rank[key] for key in (("LAO", 2005), ("THA", 2007), ("VNM", 2011))] == ["2", "2", "2WL"]
    ratified = law[(law["iso3"] == "KHM") & (law["palermo_protocol_ratified"] == 1)]["year"].min()
    assert ratified == 2007
    assert (tiers[tiers["year"] == 2002]["tier"] == "3").sum() == 19


def test_the_declared_comparisons_by_law_and_period() -> None:
    table = tables.read("cambodia_penalties")
    regimes = [
        Regime("untac", "2010-11-30", "KH-08-10", "KH-UN-31"),
        Regime("code", "2010-12-01", "KH-08-10", "KH-09-200"),
        Regime("ordinary", "2010-12-01", "KH-08-10", "KH-09-199"),
    ]
    answers = penalties.compare(table, regimes, forms=("base", "aggravated")).set_index(["regime", "form"])
    assert answers["as_severe"].astype(bool).tolist() == [False, True, False, False, False, True]
    strict = penalties.compare(table, regimes[:2], forms=("base", "aggravated"), without_unverified=True)
    assert strict["as_severe"].isna().tolist() == [True, True, False, False]
    # The 2008 law came before the rows that end with the 1996 law, and nothing of the old one outlives it.
    assert {"KH-96-3", "KH-96-8"}.isdisjoint(penalties.in_force(table, "2008-02-15")["id"])
    assert penalties.category(penalties.Range(10, 20), penalties.Range(10, 20)) == "equal"


def test_the_sentences_of_october_2004_can_be_read_off_the_table() -> None:
    note = tables.value("cambodia_penalties", "note", id="KH-96-3")
    assert re.findall(r"\d+", note.split(":")[-1]) == ["15", "15", "15", "10", "5", "5"]
    assert "the two terms of five years were given to accomplices" in note


def test_murder_in_viet_nam_may_bring_life_so_no_form_of_trafficking_is_as_severe() -> None:
    table = tables.read("cambodia_penalties")
    murder = penalties.penalty(table, "VN-15-123", "whole")
    assert murder is not None and murder.ceiling == penalties.LIFE
    for form in ("base", "aggravated"):
        trafficking = penalties.penalty(table, "VN-15-150", form)  # type: ignore[arg-type]
        assert trafficking is not None and penalties.as_severe(trafficking, murder) is False


def test_basic_trafficking_is_below_intentional_killing_and_equals_aggravated_rape() -> None:
    table = tables.read("cambodia_penalties")
    basic = penalties.penalty(table, "KH-08-10")
    assert basic == penalties.penalty(table, "KH-09-239", "aggravated")
    for killing, floor in (("KH-UN-32", 8), ("KH-09-199", 10)):
        range_ = penalties.penalty(table, killing)
        assert basic is not None and range_ is not None and range_.floor == floor
        assert penalties.as_severe(basic, range_) is False


def test_tier_3_and_the_watch_list_are_set_against_the_unplaced(years: pd.DataFrame) -> None:
    """The same contrasts from one model in which the two exclude each other, by statsmodels."""
    from statsmodels.formula.api import glm
    from statsmodels.genmod import families

    rows = years.dropna(subset=["placed", *CONTROLS]).reset_index(drop=True)
    for exposure, other in (("tier_3", "watch_list"), ("newly_placed", "still_placed")):
        formula = f"event ~ {exposure} + {other} + C(year) + " + " + ".join(("C(region)", *CONTROLS[1:]))
        free = glm(formula, rows, family=families.Binomial(families.links.CLogLog())).fit(tol=1e-12, maxiter=200)
        own = hazard.fit(years, Model(exposure, CONTROLS, others=(other,)))
        assert own.term().estimate == pytest.approx(free.params[exposure], abs=1e-6)
        on, off = (free.predict(rows.assign(**{exposure: value, other: 0})) for value in (1, 0))
        assert hazard.marginal_effect(own).estimate == pytest.approx(100 * np.mean(on - off), abs=1e-5)


# What the chapter's module assembles ---------------------------------------------------------------------------


def test_shares_with_a_full_law_are_counted_country_by_country(panel: Panel) -> None:
    shares = leverage.spread(panel).set_index(["group", "year"])
    ever: dict[str, bool] = {}
    for row in panel.tiers.itertuples():
        if 2001 <= row.year <= 2013 and row.tier in {"1", "2", "2WL", "3"}:
            ever[row.iso3] = ever.get(row.iso3, False) or row.tier in {"2WL", "3"}
    rows = [r for r in panel.law.itertuples() if r.year == 2008 and r.iso3 in ever and r.iso3 != "USA"]
    for placed in (True, False):
        codes = [r.criminalisation for r in rows if ever[r.iso3] is placed and pd.notna(r.criminalisation)]
        assert shares.loc[(placed, 2008), "size"] == len(codes)
        assert shares.loc[(placed, 2008), "mean"] == pytest.approx(sum(code == 2 for code in codes) / len(codes))


def test_raw_rates_hold_every_law_of_a_ranked_country_once(panel: Panel) -> None:
    raw, known = leverage.raw_rates(panel), panel.years.dropna(subset=["placed"])
    assert raw["sum"].sum() == known.event.sum()
    assert raw["size"].sum() == len(known)
    assert (raw.low <= raw.share).all() and (raw.share <= raw.high).all()


def test_the_chapter_counts_choices_that_hold_as_the_table_draws_them(panel: Panel) -> None:
    main, choices = leverage.main_model(panel), leverage.choices(panel)
    drawn = leverage.table_of_choices(main, choices)
    assert drawn.kind.tolist() == ["main"] + ["declared"] * 9 + ["further"] * 7 + ["placebo"]
    above = drawn.low > 0
    assert choices.held == above[drawn.kind == "declared"].sum()
    assert choices.unheld == (~above[drawn.kind == "further"]).sum()
    # The numbers of the claim are those of the drawn main model, and its alternatives those of the declared ones.
    assert leverage.tier_pressure(panel)["effect_low"] == drawn.low[0]
    alternatives = leverage.tier_pressure_alternatives(panel)
    assert [numbers["effect_low"] for numbers in alternatives.values()] == drawn.low[1:10].tolist()
    assert list(alternatives) == list(models.declared_choices(panel))


def test_the_centre_is_the_product_of_the_ratios_with_repeats_at_half_weight() -> None:
    odds = 1.0
    for _, rows in cambodia.listed().groupby("kind"):
        ratios = np.sqrt(rows.if_true_low * rows.if_true_high / (rows.if_false_low * rows.if_false_high))
        strongest = max(ratios, key=lambda ratio: max(ratio, 1 / ratio))
        odds *= strongest**0.5 * np.prod(ratios) ** 0.5
    assert cambodia.centre() == pytest.approx(odds / (1 + odds))


def test_the_figure_opens_with_the_published_numbers_to_the_percent() -> None:
    pieces = cambodia.items()
    sentence, numbers = belief.said(pieces, belief.draws(pieces))
    published, words = cambodia.cambodia_bowed(), cambodia.words_on_belief()
    assert numbers == pytest.approx({name: published[name] for name in numbers}, abs=0.003)
    assert f"it {words['likely']} in the middle, nine draws in ten from {words['likely_range']}." in sentence


@pytest.mark.parametrize("factor", [0, 0.3, 1])
def test_the_draws_of_the_figure_stand_for_all_under_other_weights(factor: float) -> None:
    """No farther from ten times the draws of the rule than as many drawn apart: two standard errors."""
    pieces, kept = cambodia.items(), belief.draws(cambodia.items())
    found = tracing.posterior_at(pieces, {}, 0.5, kept, factor=factor)
    slack = 2 * (0.05 * 0.95 / len(kept)) ** 0.5
    inner, every, outer = (
        tracing.drawn(tracing.discount(pieces, factor), cambodia.PRIORS, level=level, draws=40_000, seed=7)
        for level in (0.9 - 2 * slack, 0.9, 0.9 + 2 * slack)
    )
    assert outer.low < found.low < inner.low and inner.high < found.high < outer.high
    assert found.central == pytest.approx(every.central, abs=0.01)


def test_every_judgement_points_at_its_evidence_and_repeats_its_words() -> None:
    rows = cambodia.weighed()
    for row in rows[rows.evidence_table != "criminalisation_panel"].itertuples():
        evidence = tables.read(row.evidence_table).set_index("id").loc[row.evidence_id]
        assert (row.date, row.status) == (evidence.date, evidence.status)
        assert row.passage == evidence.passage or (pd.isna(row.passage) and pd.isna(evidence.passage))
    # One of the cables of law_evidence stands on the list by its date in the timeline.
    beside = set(rows[rows.evidence_table == "law_evidence"].evidence_id) | {"cable-2008-priority"}
    assert beside == set(tables.read("law_evidence").id)


def test_a_piece_counts_with_its_ranges_and_one_left_out_has_none() -> None:
    rows = cambodia.weighed()
    ends = rows[["if_true_low", "if_true_high", "if_false_low", "if_false_high"]]
    assert ends[rows.counted].notna().all(axis=None) and ends[~rows.counted].isna().all(axis=None)
    assert rows.reason.notna().all()
    assert len(set(rows.judged_by)) == 1


def test_what_the_second_edition_counts_was_judged_on_the_side_of_its_record() -> None:
    record = tables.read("law_evidence").set_index("id").direction
    sides = {item.id: cambodia.side(item) for item in cambodia.items()}
    new = cambodia.listed()[lambda rows: rows.evidence_table == "law_evidence"]
    assert {row.evidence_id: sides[row.Index] for row in new.itertuples()} == record[new.evidence_id].to_dict()
    assert set(sides.values()) == {"for", "against"}


def test_a_row_added_to_the_judgements_moves_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    judged, before = cambodia.weighed(), cambodia.cambodia_bowed()
    row = judged[judged.id == "cable"].assign(id="minutes", label="Minutes", kind="statements", if_true_low=0.9)
    grown = pd.concat([judged, row.assign(if_true_high=0.95, if_false_low=0.05, if_false_high=0.1)])
    monkeypatch.setattr(cambodia, "weighed", lambda: grown)
    after = cambodia.cambodia_bowed()
    assert after["posterior_low"] > before["posterior_high"] - 0.2
    assert after["posterior"] > 0.9
    assert "Minutes" in set(leverage.table_of_judgements("for").Evidence)
    # The strongest piece is found, not named: it is now the new one.
    assert cambodia.strongest(cambodia.items()).id == "minutes"


def test_every_reading_that_speaks_for_or_against_stands_in_the_record() -> None:
    record = tables.read("law_evidence")
    for direction in ("for", "against"):
        shown = leverage.table_of_record(direction)
        assert len(shown) == (record.direction == direction).sum()
        assert shown.index.tolist() == sorted(shown.index)


def test_laws_by_the_neighbours_are_counted_once_each(panel: Panel) -> None:
    counted = leverage.around(panel)
    known = panel.years.dropna(subset=["placed", "nearest_laws"])
    assert (counted.laws.sum(), counted.years.sum()) == (known.event.sum(), len(known))
    half = known[known.nearest_laws >= 0.5]
    assert counted[counted.band == "half or more"].years.sum() == len(half)
    alone = known[(known.nearest_laws == 0) & (known.placed == 1)]
    assert counted.iloc[1].tolist()[:5] == ["none", 1.0, alone.iso3.nunique(), len(alone), alone.event.sum()]


def test_the_former_ratings_give_the_former_effect(panel: Panel) -> None:
    ranks = panel.tiers.set_index(["iso3", "year"]).tier.copy()
    assert ranks[[("BRB", 2010), ("TZA", 2008)]].tolist() == ["2WL", "2WL"]
    ranks[[("BRB", 2010), ("TZA", 2008)]] = "2"
    former = ranks.reset_index().assign(year_coverage=panel.tiers.year_coverage.to_numpy())
    effect = hazard.marginal_effect(hazard.fit(panel.ranked(tiers=former), models.MAIN))
    main = leverage.main_model(panel)
    words = leverage.words_on_changed_ratings(panel, main)
    assert words["former_effect"].startswith(f"{effect.estimate:.1f} ")
    assert words["moved_by"] == f"{main.effect.estimate - effect.estimate:.1f}"


def test_the_bench_starts_from_the_judgements_of_the_chapter() -> None:
    page = (paths.BOOK / "2-tiers" / "leverage.md").read_text(encoding="utf-8")
    (script,) = program.cells(page, "bench")
    with (paths.DATA / "law_judgements.csv").open(encoding="utf-8", newline="") as file:
        names: dict[str, object] = {"DATA": {"law_judgements": list(csv.DictReader(file))}}
    exec(script, names)
    assert names["items"] == cambodia.items()
    assert names["result"] == leverage.cambodia_bowed()["posterior_low"]


def test_models_around_zero_are_named_apart_by_whether_the_claim_declares_them(panel: Panel) -> None:
    """A reader who counts the declared ones must come to as many as the title leaves out."""
    shown = pd.DataFrame(
        [
            ("Main model", "main", -1.0, 2.0),
            ("A", "declared", -1.0, 2.0),
            ("B", "declared", 0.5, 2.0),
            ("C", "further", 0.0, 2.0),
            ("D", "further", -3.0, -1.0),
            ("Placebo", "placebo", -1.0, 1.0),
        ],
        columns=["choice", "kind", "low", "high"],
    )
    told = pictures._around_zero(shown)
    assert told == "Zero lies in the intervals of A among those declared; of C among the further ones."
    assert pictures._around_zero(shown[shown.low > 0]) == "Zero lies in none of the intervals."
    found = leverage.choices(panel)
    drawn = leverage.draw_choices(leverage.table_of_choices(leverage.main_model(panel), found), found)
    named = re.search(r"intervals of (.*) among those declared", drawn.alt)
    assert named and len(re.split(", | and ", named[1])) == len(found.declared) - found.held


def test_the_record_says_of_neighbours_and_money_what_the_notes_state(panel: Panel) -> None:
    words = leverage.words_on_the_record(panel)
    assert (words["neighbours"], words["neighbours_placed"], words["others"]) == ("three", "one", "18")
    assert (words["aid_fall"], words["aid_2006"]) == ("29%", "73 million")
    assert (words["grants_2005"], words["grants_2006"]) == ("0.3 million", "3.0 million")


def test_every_piece_that_is_weighed_is_shown_once_on_its_side() -> None:
    shown = {direction: leverage.table_of_pieces(direction) for direction in ("for", "against")}
    for direction, table in shown.items():
        wanted = {item.label for item in cambodia.items() if (item.ratio > 1) == (direction == "for")}
        assert set(table.Evidence) == wanted and len(table) == len(wanted)
        assert table.index.tolist() == sorted(table.index)
        assert direction in table.columns[1]
    words = leverage.words_on_the_list()
    assert (words["pieces_for"], words["pieces_against"]) == tuple(in_words(len(table)) for table in shown.values())


def test_cambodias_ratings_and_the_laws_months_are_told_as_the_notes_state_them(panel: Panel) -> None:
    words = leverage.words_on_the_record(panel)
    # The notes: from 2001 on 2, 3, 2, 2, 3, Watch List, Watch List, 2; passed in December, in force in February.
    assert (words["on_tier_3"], words["on_watch_list"]) == ("2002 and 2005", "2006 and 2007")
    assert (words["told_ratings"], words["risk_span"]) == ("2001 to 2008", "2002 to 2008")
    assert (words["risk_years"], words["placed_years"]) == ("seven", "four")
    assert words["after_bad"] == "2003 and 2006 to 2008"
    assert (words["passed_in"], words["in_force_in"]) == ("December 2007", "February 2008")


def test_one_step_more_aid_multiplies_the_effect_by_what_the_rule_reads_in_logarithms(panel: Panel) -> None:
    found = leverage.tier_pressure(panel)
    low, high = found["interaction_low"], found["interaction_high"]
    middle, ends = np.exp((low + high) / 2), (np.exp(low), np.exp(high))
    words = leverage.words_on_aid(leverage.by_share_of_aid(panel))
    assert words["aid_factor"] == f"{middle:.2f} ({ends[0]:.2f} to {ends[1]:.2f})"


# Claims ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("world", "part", "word"),
    [
        ("laws_follow", "full laws come sooner after a bad rating", "supported"),
        ("laws_avoid", "full laws come sooner after a bad rating", "contradicted"),
        ("aid_helps", "more so where US aid is larger", "supported"),
        ("aid_hinders", "more so where US aid is larger", "contradicted"),
    ],
)
def test_the_rule_finds_what_is_so_by_construction(
    world: str, part: str, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    law, read = tables.read("criminalisation_panel"), tables.read
    cells = getattr(worlds, world)("criminalisation_panel", altered.raw("criminalisation_panel"))
    codes = {name: pd.to_numeric(cells[name]).astype(law[name].dtype) for name in law if name.startswith("crimi")}
    made = law.assign(**codes)
    monkeypatch.setattr(tables, "read", lambda name: made if name == "criminalisation_panel" else read(name))
    numbers = leverage.tier_pressure(leverage.panel())
    assert claims.registry()["tier-pressure"].decide(numbers)[1][part] == word


def test_the_claim_rests_on_the_model_with_the_neighbours_laws(panel: Panel) -> None:
    numbers, main = leverage.tier_pressure(panel), leverage.main_model(panel)
    assert numbers["ratio"] == main.ratio.estimate
    assert "nearest_laws" in main.fitted.model.covariates
    without = leverage.tier_pressure_alternatives(panel)["without-neighbours"]
    assert without["ratio"] != numbers["ratio"]


def test_a_rise_of_penalties_is_seen_in_its_year_and_after_the_rating_before_it(panel: Panel) -> None:
    rows = severity.by_year(panel).set_index(["iso3", "year"])
    # Thailand raised its terms in 2015; the report of 2014 had placed it on Tier 3.
    assert rows.loc[("THA", 2015)].tolist() == [1, 1]
    assert rows.rose.sum() == 1
    assert ("KHM", 2008) not in rows.index  # the range of 1996 is unread
    assert "USA" not in rows.index.get_level_values("iso3")


def test_penalties_of_a_few_countries_give_no_interval(panel: Panel) -> None:
    numbers = leverage.severe_penalties(panel)
    assert numbers["countries"] < severity.ENOUGH
    assert numbers["difference_low"] is None
    assert set(claims.registry()["severe-penalties"].decide(numbers)[1].values()) == {"not testable"}


def test_alternatives_on_cambodia_lean_both_ways() -> None:
    main, others = leverage.cambodia_bowed(), leverage.cambodia_bowed_alternatives()
    below = {name for name, numbers in others.items() if numbers["posterior"] < main["posterior"] - 0.005}
    assert {"sceptical-prior", "without-strongest-for"} <= below
    above = {name for name, numbers in others.items() if numbers["posterior"] > main["posterior"] + 0.005}
    assert {"trusting-prior", "without-strongest-against"} <= above
    lean = others["one-lean"]
    assert lean["posterior_low"] < main["posterior_low"] and lean["posterior_high"] > main["posterior_high"]
