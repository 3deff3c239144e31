"""Numbers of claims in words: each unit and form as a reader expects it, and sentences filled with them."""

from __future__ import annotations

import dataclasses
import re

import pytest

from compendium.trial import certainty, claims, told, verdicts


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (None, "share", "no figure seen"),
        (0.8, "share", "80%"),
        (0.816, "share", "81.6%"),
        (0.034, "probability", "0.034"),
        (2601.6, "US dollars", "$2,602"),
        (1, "yes or no", "yes"),
        (0, "yes or no", "no"),
        (0.5, "yes or no", "cannot be said"),
        (2, "yes or no", "cannot be said"),
        (-1, "yes or no", "cannot be said"),
        (1.255, "ratio", "1.25 times"),
        (1.5, "ratio", "1.5 times"),
        (1, "studies", "1 study"),
        (1, "sources", "1 source"),
        (0, "sources", "0 sources"),
        (2, "sources", "2 sources"),
        (2.125, "years", "2.12 years"),
        (1, "rank", "number 1"),
        (2.5, "rank", "number 2.5"),
        (3.75, "rank", "number 3.75"),
    ],
)
def test_a_number_with_its_unit(value: float | None, unit: str, said: str) -> None:
    assert told.plain(value, unit) == said


def test_a_line_of_a_rule_is_given_as_it_is() -> None:
    assert [told.line(value, "probability") for value in (0.0, 0.0005, 0.05, 1.0)] == ["0", "0.0005", "0.05", "1"]
    assert (told.line(0.1, "share"), told.line(None, "probability")) == ("10%", "no figure seen")


@pytest.mark.parametrize(
    ("value", "unit", "form", "said"),
    [
        (None, "share", "", "no figure"),
        (3, "sources", "words", "three"),
        (0, "sources", "words", "zero"),
        (0, "sources", "no", "no"),
        (0, "sources", "none", "none"),
        (1, "sources", "no", "one"),
        (1, "sources", "none", "one"),
        (13, "sources", "none", "13"),
        (-1, "sources", "none", "\N{MINUS SIGN}1"),
        (0.816, "share", "", "82%"),
        (0.816, "share", "1", "81.6%"),
        (0.0004, "probability", "", "less than 0.001"),
        (0.002, "probability", "thousand", "2 times in 1,000"),
        (0.9, "probability", "thousand", "900 times in 1,000"),
        (0.0326, "years of wages", "days", "12"),
        (2, "years of wages", "days", "730"),
        (31_640_000_000, "US dollars", "", "$31.6 billion"),
        (31_640_000_000, "US dollars", "0", "$32 billion"),
        (31_640_000_000, "US dollars", "2", "$31.64 billion"),
        (1, "yes or no", "", "yes"),
        (2.46, "ratio", "", "2.5"),
        (2.46, "ratio", "0", "2"),
        (2.46, "ratio", "2", "2.46"),
    ],
)
def test_a_number_within_a_sentence(value: float | None, unit: str, form: str, said: str) -> None:
    assert told.inline(value, unit, form) == said


def test_a_sentence_is_filled_and_begins_with_a_capital() -> None:
    claim = dataclasses.replace(
        claims.registry()["slaves-12m"],
        numbers={"many": claims.Number("many", "sources", 0.0), "part": claims.Number("part", "share", 0.0)},
        finding="{many:words} sources say {part:1}",
        found="only {part} of {many}",
    )
    verdict = verdicts.Verdict(claim.id, "supported", {}, {"many": 4, "part": 0.125})
    assert told.finding(claim, verdict) == "Four sources say 12.5%"
    assert told.found(claim, verdict) == "Only 12% of 4"
    assert told.finding(claim, None) == told.found(claim, None) == ""


def test_a_sentence_may_name_a_number_under_an_alternative() -> None:
    claim = dataclasses.replace(
        claims.registry()["slaves-12m"],
        numbers={"many": claims.Number("many", "sources", 0.0)},
        alternatives={"few-only": "few", "idle": "changes nothing"},
        found="{many}, {few-only.many:words} or {idle.many}",
    )
    moves = {"few-only": {"many": 2.0}}
    verdict = verdicts.Verdict(claim.id, "supported", {}, {"many": 4}, moves=moves)
    assert told.found(claim, verdict) == "4, two or 4"


SENTENCES = ("claim", "question", "finding", "found", "would_change_it", "changed")


@pytest.mark.parametrize("claim_id", claims.registry().claims)
def test_what_a_claim_says_in_a_sentence_ends_in_one_stop(claim_id: str) -> None:
    claim, verdict = claims.registry()[claim_id], verdicts.published()[claim_id]
    said = {key: getattr(claim, key) for key in SENTENCES if getattr(claim, key)}
    said |= {f"reason {i}": reason for i, reason in enumerate((*verdict.reasons_for, *verdict.reasons_against))}
    assert [key for key, text in said.items() if not re.search(r"[^.?][.?]”?$", text)] == []


@pytest.mark.parametrize("claim_id", claims.registry().claims)
def test_the_grounds_of_a_certainty_leave_the_stop_to_the_card(claim_id: str) -> None:
    grade = certainty.grade(claims.registry()[claim_id], verdicts.published()[claim_id])
    assert [domain.reason for domain in grade.domains if domain.reason.endswith(".")] == [] if grade else True


@pytest.mark.parametrize("claim", claims.registry().claims.values(), ids=lambda claim: claim.id)
def test_a_finding_has_at_most_twelve_words_with_its_numbers(claim: claims.Claim) -> None:
    assert len(told.finding(claim, verdicts.published()[claim.id]).split()) <= 12
