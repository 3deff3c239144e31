"""What the page on the sample assembles, by enumeration and by scipy."""

from __future__ import annotations

from fractions import Fraction

import pytest
from scipy import stats

from compendium.chapters import sample
from compendium.chapters.sample import claim
from compendium.chapters.sample.assumption import Published
from compendium.chapters.sample.coverage import Study
from compendium.chapters.sample.means import Checks
from compendium.evidence import tables
from compendium.methods.shares import proportions
from compendium.trial.claims import registry

MEANS = ("K17", "K18", "K19")
STUDY = Study(sample=91, held=199)
PEOPLE = Published(women=73, cambodian=74, miscarriages=61)


def test_one_total_alone_gives_the_printed_percentage() -> None:
    rounded = {total for total in range(91, 2000) if 4565 * total <= 91 * 10_000 <= 4575 * total}
    assert rounded == {199}
    assert sample.study() == STUDY
    assert STUDY.others == 108


def test_the_people_behind_the_percentages_are_the_only_ones_that_fit() -> None:
    fitting = {
        printed: [n for n in range(92) if abs(Fraction(100 * n, 91) - Fraction(printed)) <= half]
        for printed, half in (("80", Fraction(1, 2)), ("81.3", Fraction(1, 20)))
    }
    assert fitting == {"80": [73], "81.3": [74]}
    assert sample.published(STUDY) == PEOPLE


def test_the_interval_at_one_half_is_the_exact_one() -> None:
    """A number of all held is kept if neither tail of its hypergeometric distribution is 1 in 40 or less."""
    half = sample.at_half(STUDY)
    kept = [
        all_held
        for all_held in range(STUDY.held + 1)
        if stats.hypergeom.sf(half.number - 1, STUDY.held, all_held, STUDY.sample) > 0.025
        and stats.hypergeom.cdf(half.number, STUDY.held, all_held, STUDY.sample) > 0.025
    ]
    assert (half.random.low, half.random.high) == pytest.approx((kept[0] / 199, kept[-1] / 199))
    assert half.margin == pytest.approx((kept[-1] - kept[0]) / 199 / 2)
    assert half.worst.width == pytest.approx(108 / 199)


def test_what_was_read_at_a_publisher_is_told_from_what_one_summary_restates() -> None:
    table = sample.table_of_readings()
    of = dict(zip(sample.described()["id"], table["Read in"], strict=True))
    assert of["K01"] == "publisher or abstract"
    assert {of[fact] for fact in ("K02", *MEANS)} == {"one summary of the working paper"}
    said = sample.words_on_voices()
    publisher = tables.read("study_reports").set_index("id").loc["publisher-interviews"]
    assert said["publisher_says"] in publisher.passage and publisher.by == "publisher"
    assert "91" in said["publisher_says"] and "91" in said["reader_says"]


def test_smaller_samples_are_of_other_countries() -> None:
    said = sample.words_on_other_samples(STUDY)
    assert said["smaller"] == "15, 20 and 26"
    assert sample.words_on_other_samples(Study(18, 40))["smaller"] == "15"


def test_only_the_three_means_together_are_impossible() -> None:
    found = sample.checks(STUDY, PEOPLE)
    assert all(check.consistent for _, check, _ in found.single)
    assert (found.means.consistent, found.impossible) == (False, 1)
    table = sample.table_of_checks(found)
    assert list(table["can be"]) == ["yes"] * 7 + ["no"]
    assert table.loc["Women, of 91", "fits"] == "73"


def test_a_check_that_fails_is_counted() -> None:
    """72 women among 90 would be 80 percent; of 91 a printed 80.0 fits nobody."""
    impossible = proportions.grim_percent("80.0", 91)
    means = proportions.overall_mean_check("35", ("30", "40"), (1, 1))
    assert Checks([("women", impossible, "%")], means).impossible == 1


def test_three_readings_fit_and_one_that_does_not_is_not_counted() -> None:
    found = sample.readings(STUDY, PEOPLE)
    assert found.reconciling == 3
    assert found.youngest <= found.left_out_mean <= found.oldest
    # Another base: everyone held has the mean of all, so years of the others are what is left.
    mean_all, mean_women, mean_men = (tables.value("prison_study_facts", "value", id=row) for row in MEANS)
    years = 199 * mean_all - (73 * mean_women + 18 * mean_men)
    assert found.others_age == pytest.approx(years / 108)


# ---------------------------------------------------------------- the claim


def test_the_margins_are_those_of_the_page_and_of_simulated_prisons() -> None:
    half, found = sample.at_half(STUDY), claim.margins(199)
    assert (found.worst, found.random) == pytest.approx((half.worst.width / 2, half.margin))
    assert found.country_worst == 0.5  # nothing is known of how many are held in the country
    assert found.random < found.worst and found.country_best < found.country_cautious
    assert claim.margins(199, 220).country_worst == pytest.approx((220 - 91) / 220 / 2)


def test_without_the_number_held_neither_rule_can_be_met() -> None:
    """The narrowest random margin and the widest worst case: what is not known decides nothing."""
    assert claim.margins(None) == claim.Margins(0.5, 0.0, 0.5, 0.0, 0.5)


def decided(**changes: float) -> dict[str, str]:
    told = registry()["sample-91"]
    return told.decide({**sample.sample_91(), **changes})[1]


EIGHT = "they can speak for all held for trafficking in the eight prisons"
COUNTRY = "they can speak for all prisons of the country"


def test_a_good_prison_survey_passes_and_a_chosen_one_fails() -> None:
    """91 of 110 pass whatever is assumed; 91 of 199 pass only if drawn, and fail only if known to be chosen."""
    good = claim.margins(110)
    assert decided(worst_margin=good.worst, random_margin=good.random)[EIGHT] == "supported"
    assert [decided(drawn_at_random=draw)[EIGHT] for draw in (1, -1, 0)] == [
        "supported",
        "not established",
        "contradicted",
    ]
    # Eight of 26 prisons are too few for the country, were the people of one prison much alike.
    assert [decided(drawn_at_random=draw)[COUNTRY] for draw in (1, 0)] == ["not established", "contradicted"]
    # A tenth of 500 drawn at random leaves more than ten points.
    small = proportions.hypergeometric(25, 50, 500)
    assert decided(random_margin=small.width / 2)[EIGHT] == "contradicted"


def test_the_interviews_are_confirmed_by_others_than_the_author() -> None:
    # The publisher and a reader of the paper; the publisher alone was read, and co-authors are not others.
    assert sample.sample_91()["confirming"] == 2
    assert sample.sample_91_alternatives()["read-only"]["confirming"] == 1
    votes = [decided(confirming=yes, disputing=no) for yes, no in ((2, 0), (2, 1), (0, 2))]
    words = [parts["the interviews took place"] for parts in votes]
    assert words == ["supported", "not established", "contradicted"]


def test_alternatives_move_the_claim_both_ways() -> None:
    moved = sample.sample_91_alternatives()
    assert decided(**moved["bounded-10"])[EIGHT] == "supported"
    assert decided(**moved["chosen"])[EIGHT] == "contradicted"
    assert moved["whole-percent"]["worst_margin"] > sample.sample_91()["worst_margin"]
