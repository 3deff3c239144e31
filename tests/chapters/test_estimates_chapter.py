"""What the chapter on estimates assembles, on specifications and estimates whose answer is known."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from compendium.chapters import estimates
from compendium.chapters.estimates import printed, trend
from compendium.figures import at
from compendium.methods.counts import estimates as methods
from compendium.methods.counts import growth
from compendium.methods.counts.specifications import Specification
from compendium.trial import claims, rules

YEARS = (2008, 2014, 2020)


def counts(indicator: str, by_country: dict[str, tuple[int, ...]]) -> list[tuple[Any, ...]]:
    return [
        (indicator, iso3, year, count, count)
        for iso3, row in by_country.items()
        for year, count in zip(YEARS, row, strict=True)
    ]


@pytest.fixture(scope="module")
def curve() -> trend.Curve:
    """Victims double everywhere; convictions fall with the giant and rise without it."""
    small = {f"C{at:02}": (10, 20, 40) for at in range(12)}
    falling = {**dict.fromkeys(small, (10, 11, 12)), "BIG": (9000, 900, 90)}
    rows = [
        *counts(trend.VICTIMS, small),
        *counts(trend.PROSECUTED, small),
        *counts(trend.CONVICTED, falling),
    ]
    clean = pd.DataFrame(rows, columns=["indicator", "iso3", "year", "count_min", "count_max"])
    grid = growth.declare_grid(clean, largest=1)
    return trend.Curve(clean, clean.head(0), grid, growth.run(clean, grid))


GROWS, FALLS = "100% show growth and 0% decline.", "0% show growth and 100% decline."


@pytest.mark.parametrize(
    ("choice", "says"),
    [
        # Two panels that are not each other's copy, three bounds, three pairs of years, the largest in or out.
        ({}, f"Of 36 comparisons {GROWS}"),
        ({"indicator": trend.PROSECUTED, "out": trend.OUT}, f"Of 18 comparisons {GROWS}"),
        ({"indicator": trend.CONVICTED, "out": trend.IN}, f"Of 18 comparisons {FALLS}"),
        ({"indicator": trend.CONVICTED, "out": trend.OUT}, f"Of 18 comparisons {GROWS}"),
        ({"last": 2014}, f"Of 12 comparisons {GROWS}"),
        ({"least": 12, "last": 2014}, trend.NONE_FITS),
    ],
)
def test_the_sentence_counts_the_specifications_that_fit(
    curve: trend.Curve, choice: dict[str, Any], says: str
) -> None:
    assert trend.sentence(curve, choice) == says


def test_the_live_curve_says_what_its_specifications_say_at_every_setting(curve: trend.Curve) -> None:
    spec = json.loads(estimates.draw_growth(curve).spec)
    for indicator in trend.NAMES:
        for out in (trend.ANY, trend.IN, trend.OUT):
            for least, last in ((3, 2022), (12, 2022), (3, 2014)):
                choice = {"indicator": indicator, "out": out, "least": least, "last": last}
                assert at(spec, **choice) == trend.sentence(curve, choice), choice


def test_convictions_are_compared_with_the_giant_and_without_over_the_same_choices(curve: trend.Curve) -> None:
    renamed = curve.clean.replace({"iso3": {"BIG": "IND"}})
    grid = [
        Specification(s.indicator, s.panel, s.bound, {"BIG": "IND"}.get(s.excluding, s.excluding), s.start, s.end)
        for s in curve.grid
    ]
    words = trend.words_on_india(trend.Curve(renamed, renamed.head(0), grid, growth.run(renamed, grid)))
    assert words == {"india_enters": "18", "with_india": "0%", "without_india": "100%"}


def test_the_claim_takes_its_shares_from_the_specifications(curve: trend.Curve) -> None:
    drawn = estimates.resampled(curve)
    found = estimates.growing(curve, drawn)
    assert (found["victims_growth"], found["victims_low"], found["victims_high"]) == (1, 1, 1)
    # One giant among thirteen countries decides: with it half of the comparisons grow, and any share may.
    assert found["convictions_growth"] == 0.5 and found["convictions_low"] == 0.5 < found["convictions_high"]
    without = estimates.growing_alternatives(curve, drawn)["without-largest"]
    assert (without["convictions_growth"], without["convictions_low"]) == (1, 1)


def world(rise: float, spread: float, seed: int) -> trend.Curve:
    """Forty countries whose counts move by `rise` a year each with its own error, over twelve years."""
    rng = np.random.default_rng(seed)
    rows = [
        (indicator, f"C{at:02}", year, count, count)
        for indicator in trend.CLAIMED.values()
        for at in range(40)
        for own in [rng.normal(rise, spread)]
        for year in range(2008, 2020)
        for count in [int(300 * np.exp(own * (year - 2008)))]
    ]
    clean = pd.DataFrame(rows, columns=["indicator", "iso3", "year", "count_min", "count_max"])
    grid = growth.declare_grid(clean, largest=1)
    return trend.Curve(clean, clean.head(0), grid, growth.run(clean, grid))


@pytest.mark.parametrize(
    ("rise", "spread", "word"),
    [(0.05, 0.05, rules.SUPPORTED), (-0.08, 0.05, rules.CONTRADICTED), (-0.002, 0.02, rules.OPEN)],
)
def test_the_rule_tells_a_world_that_grows_from_one_that_falls_and_one_that_may_do_either(
    rise: float, spread: float, word: str
) -> None:
    made = world(rise, spread, seed=3)
    _, parts = claims.registry()["growing"].decide(estimates.growing(made, estimates.resampled(made)))
    assert set(parts.values()) == {word}


def test_a_tally_names_the_unclear_only_where_there_are_any() -> None:
    assert printed._tally(pd.Series(["yes", "no", "yes"])) == "2 of 3"
    assert printed._tally(pd.Series(["yes", "unclear", "unclear"])) == "1 of 3, 2 unclear"


def test_estimates_of_the_essays_own_time_are_dated_up_to_its_year() -> None:
    found = estimates.published()
    assert found.before.year_published.max() <= printed.ESSAY_YEAR < found.own.year_published.max()
    dated = dataclasses.replace(found, own=found.own.assign(year_published=printed.ESSAY_YEAR))
    everything = estimates.unsupported_by_research_alternatives(found)["later-too"]
    assert estimates.unsupported_by_research(dated)["estimates"] == everything["estimates"] == len(found.own)


def test_of_what_was_dated_before_the_essay_four_of_thirteen_have_a_method_and_three_count_trafficking() -> None:
    """The two totals of 2005 and the two counts of Cambodia; no other of its time has a method."""
    before = estimates.published().before
    method = before[before.method == "yes"]
    assert set(method.id) == {"ilo2005_fl", "ilo2005_traf", "khm_steinfatt2003", "khm_steinfatt2008"}
    found = estimates.unsupported_by_research(estimates.published())
    assert (found["estimates"], found["with_method"], found["documented_high"]) == (13, 4, 4)
    assert (found["documented_low"], found["separate"]) == (0, 3)


def test_like_for_like_pairs_before_the_essay_are_three() -> None:
    """Two laws of one flow, the ILO's trafficked and Kara's, and the two Cambodian numbers of 2001 and 2003."""
    pairs = methods.pairs(estimates.published().before).set_index(["first", "second"])
    assert set(pairs.index) == {
        ("tvpa2000", "tip2002"),
        ("ilo2005_traf", "kara2009_traf"),
        ("khm_ngo2001", "khm_steinfatt2003"),
    }
    assert pairs.least["tvpa2000", "tip2002"] == 1 and pairs.greatest["tvpa2000", "tip2002"] == 4e6 / 0.7e6


def test_where_no_pair_is_like_for_like_agreement_cannot_be_tested() -> None:
    found = estimates.published()
    alone = dataclasses.replace(found, own=found.own[found.own.id.isin(["ilo2005_fl", "tip2004"])])
    verdict, parts = claims.registry()["unsupported-by-research"].decide(estimates.unsupported_by_research(alone))
    assert parts["like-for-like estimates lie more than twice apart"] == rules.UNTESTABLE and verdict


def test_places_elsewhere_are_those_of_the_table_and_no_part_of_a_total() -> None:
    found = estimates.published()
    words = estimates.words_on_elsewhere(found)
    assert words["elsewhere"] == "four"
    assert words["places"] == "United Kingdom, Netherlands, San Diego County and Serbia"
    row = found.everything[found.everything.id == "gbr2013_mse"].assign(id="irl", scope="Ireland")
    more = dataclasses.replace(found, everything=pd.concat([found.everything, row]))
    assert estimates.words_on_elsewhere(more)["elsewhere"] == "five"


def test_flows_across_borders_are_the_two_of_the_state_department() -> None:
    flows = estimates.published().flows
    assert set(flows.id[flows.concept == "cross-border trafficking"]) == {"tip2003", "tip2004"}
    assert flows.publisher.str.contains("US |CIA").all()
