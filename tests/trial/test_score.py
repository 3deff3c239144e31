"""The score of a side counts every verdict once, and its sentences say what was counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compendium.evidence import numbers
from compendium.trial import certainty, claims, rules, score, verdicts
from compendium.trial.score import Score


def side(**counts: int) -> Score:
    """A side of the discourse with so many claims of each word; the words are named as in `rules`."""
    return Score("discourse", {getattr(rules, word): many for word, many in counts.items()})


def headline(discourse: Score, essay: Score) -> str:
    return score.headline({"discourse": discourse, "essay": essay})


def verdict(claim_id: str, word: str) -> verdicts.Verdict:
    return replace(verdicts.published()[claim_id], verdict=word)


def first_of(side: str) -> list[str]:
    return [claim.id for claim in claims.registry().claims.values() if claim.side == side]


# ---------------------------------------------------------------- counts


def test_each_word_counts_in_one_of_four_ways() -> None:
    every = dict(zip(rules.VERDICTS, (1, 2, 4, 8, 16, 32, 64, 128), strict=True))
    found = Score("essay", every)
    assert (found.whole, found.part) == (1, 2)
    assert found.against == 4 + 8 + 16  # mixed, partly contradicted, contradicted
    assert found.undecided == 32 + 64 + 128  # not established, not testable, not yet tested
    assert found.total == 255


def test_a_word_that_no_claim_has_counts_nothing() -> None:
    assert [getattr(side(), of) for of in ("total", "whole", "part", "against", "undecided")] == [0] * 5
    one = side(OPEN=1)
    assert (one.whole, one.part, one.against, one.undecided) == (0, 0, 0, 1)


def test_claims_stand_on_their_own_side_and_those_of_the_book_on_neither() -> None:
    every = {claim_id: verdict(claim_id, rules.MIXED) for claim_id in claims.registry().claims}
    scores = score.score(every)
    assert list(scores) == ["discourse", "essay"]
    for name, found in scores.items():
        assert found.side == name and found.counts == {rules.MIXED: len(first_of(name))}
    assert sum(found.total for found in scores.values()) == len(every) - len(first_of(""))


def test_a_claim_without_a_verdict_is_not_counted() -> None:
    first, second, *_ = first_of("essay")
    found = score.score({first: verdict(first, rules.OPEN), second: verdict(second, rules.SUPPORTED)})
    assert found["discourse"].counts == {}
    assert list(found["essay"].counts.items()) == [(rules.SUPPORTED, 1), (rules.OPEN, 1)]


# ---------------------------------------------------------------- a chain of reasons


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("SUPPORTED SUPPORTED", score.HOLDS),
        ("SUPPORTED PARTLY", score.IN_PART),
        ("PARTLY", score.IN_PART),
        ("MIXED", score.IN_PART),
        ("PARTLY_AGAINST PARTLY OPEN", score.BREAKS),  # what is contradicted in part stands in none
        ("PARTLY_AGAINST PARTLY", score.IN_PART),
        ("SUPPORTED OPEN", score.IN_PART),  # half is not most
        ("SUPPORTED OPEN UNTESTABLE", score.BREAKS),
        ("PARTLY CONTRADICTED OPEN", score.BREAKS),
        ("PENDING", score.BREAKS),
    ],
)
def test_a_link_breaks_where_most_of_its_claims_stand_in_no_part(words: str, state: str) -> None:
    assert score.link([getattr(rules, word) for word in words.split()]) == state


# ---------------------------------------------------------------- the sentence on both sides


@pytest.mark.parametrize(
    ("discourse", "essay", "says"),
    [
        # Less than half of each holds: neither does, whichever is better.
        (side(SUPPORTED=1, OPEN=2), side(SUPPORTED=1, OPEN=3), "Neither the alarm"),
        (side(OPEN=5), side(OPEN=1), "Neither the alarm"),
        (side(SUPPORTED=2, OPEN=3), side(SUPPORTED=3, OPEN=4), "Neither the alarm"),
        (side(SUPPORTED=3, OPEN=4), side(SUPPORTED=2, OPEN=3), "Neither the alarm"),
        # Just half is enough not to say so.
        (side(SUPPORTED=2, OPEN=2), side(SUPPORTED=1, OPEN=2), "The alarm about human trafficking holds up more"),
        (side(SUPPORTED=1, OPEN=2), side(SUPPORTED=2, OPEN=2), "The essay holds up more often"),
        (side(SUPPORTED=3, OPEN=1), side(SUPPORTED=1, OPEN=2), "The alarm about human trafficking holds up more"),
        (side(SUPPORTED=1, OPEN=2), side(SUPPORTED=3, OPEN=1), "The essay holds up more often"),
        # Shares are compared, not numbers of claims.
        (side(SUPPORTED=2, OPEN=2), side(SUPPORTED=3, OPEN=3), "The alarm about human trafficking and the essay"),
        (side(SUPPORTED=4, OPEN=2), side(SUPPORTED=3, OPEN=1), "The essay holds up more often"),
        (side(SUPPORTED=3, OPEN=1), side(SUPPORTED=4, OPEN=2), "The alarm about human trafficking holds up more"),
    ],
)
def test_the_headline_compares_the_shares_that_stand_in_full(discourse: Score, essay: Score, says: str) -> None:
    assert headline(discourse, essay).startswith(says)


@pytest.mark.parametrize(
    ("undecided", "half"), [(3, False), (4, True), (5, True), (6, True), (7, False), (0, False), (10, False)]
)
def test_about_half_is_from_four_to_six_in_ten_of_each_side(undecided: int, half: bool) -> None:
    one, other = side(OPEN=undecided, SUPPORTED=10 - undecided), side(OPEN=5, SUPPORTED=5)
    for pair in ((one, other), (other, one)):
        said = headline(*pair)
        assert said.endswith("and about half of what each says is undecided.") is half
        assert (f"and {numbers.in_words(undecided + 5)} of 20 claims are undecided." in said) is not half


@pytest.mark.parametrize(("undecided", "says"), [(0, "zero of"), (1, "one of"), (2, "two of")])
def test_one_claim_is_undecided_and_two_are(undecided: int, says: str) -> None:
    said = headline(side(SUPPORTED=5), side(SUPPORTED=6 - undecided, UNTESTABLE=undecided))
    verb = "is" if undecided == 1 else "are"
    assert said.endswith(f", and {says} eleven claims {verb} undecided.")


def test_a_side_without_claims_says_nothing_of_the_half() -> None:
    assert "about half of what each says" in headline(side(), side(OPEN=1, SUPPORTED=1))


# ---------------------------------------------------------------- how sure


def grades(monkeypatch: pytest.MonkeyPatch, *words: str | None) -> dict[str, verdicts.Verdict]:
    """Verdicts on as many claims of the essay, whose grades are these in turn; None for a claim without grounds."""
    ids = first_of("essay")[: len(words)]
    given = dict(zip(ids, words, strict=True))

    def grade(claim: claims.Claim, _: verdicts.Verdict) -> certainty.Certainty | None:
        word = given[claim.id]
        return None if word is None else certainty.Certainty(word, ())

    monkeypatch.setattr(certainty, "grade", grade)
    return {claim_id: verdict(claim_id, rules.SUPPORTED) for claim_id in ids}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["high"], "Of one claim that is decided, if only in part, the evidence is strong for one."),
        (["low"], "Of one claim that is decided, if only in part, the evidence is thin for one."),
        (
            ["high", "high"],
            "Of two claims that are decided, if only in part, the evidence is strong for two.",
        ),
        (
            ["moderate", "low", "very low", "high", None, "moderate"],
            "Of six claims that are decided, if only in part, the evidence is strong for one, moderate for two and "
            "thin for three.",
        ),
    ],
)
def test_how_sure_the_decided_are(words: list[str | None], says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert score.assurance(grades(monkeypatch, *words)) == says


def test_what_is_open_or_the_books_own_is_not_among_the_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    found = grades(monkeypatch, "high", "high", "high", "low")
    first, second, *_ = found
    found[first] = verdict(first, rules.UNTESTABLE)
    found[second] = verdict(second, rules.OPEN)
    own = first_of("")[0]
    found[own] = verdict(own, rules.SUPPORTED)
    assert score.assurance(found) == (
        "Of two claims that are decided, if only in part, the evidence is strong for one and thin for one."
    )
    assert score.assurance({own: found[own]}) == "No claim is decided."


# ---------------------------------------------------------------- the sentences on one side


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (side(), "None was tried yet."),
        (side(SUPPORTED=1), "Of one, one stands in full."),
        (side(SUPPORTED=2), "Of two, two stand in full."),
        (side(PARTLY=1, OPEN=1), "Of two, one stands in part and one is undecided."),
        (
            side(SUPPORTED=1, PARTLY=2, MIXED=1, CONTRADICTED=2, UNTESTABLE=4),
            "Of ten, one stands in full, two stand in part, three fail in some part or wholly "
            "and four are undecided.",
        ),
    ],
)
def test_the_account_of_a_side(found: Score, says: str) -> None:
    assert score.account(found) == says


@pytest.mark.parametrize(
    ("of", "found", "says"),
    [
        ("stood", side(OPEN=2), "none stands."),
        ("fell", side(OPEN=2), "none fails."),
        ("open", side(MIXED=2), "none is open."),
        ("stood", side(SUPPORTED=1, PARTLY=2), "one stands in full and two stand in part."),
        (
            "fell",
            side(MIXED=1, CONTRADICTED=2, PARTLY_AGAINST=1),
            "two fail, one fails in part and one holds in one part and fails in another.",
        ),
        (
            "open",
            side(OPEN=1, UNTESTABLE=1),
            "one is not established and one cannot be tested on what was published.",
        ),
    ],
)
def test_what_became_of_the_claims_of_a_side(of: str, found: Score, says: str) -> None:
    said = score.fate(found, of)
    whole = f"Of {numbers.in_words(found.total)} {score.MADE['discourse']}, {says}"
    assert said == whole


def test_every_word_of_a_verdict_that_was_reached_has_one_fate() -> None:
    words = [word for fate in score.FATES.values() for word in fate]
    assert sorted(words) == sorted(set(rules.VERDICTS) - {rules.PENDING})
