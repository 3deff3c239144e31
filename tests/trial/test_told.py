"""Numbers of claims in words: each unit and form as a reader expects it, and sentences filled with them."""

from __future__ import annotations

import dataclasses

import pytest

from compendium.trial import claims, told, verdicts


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
    ],
)
def test_a_number_with_its_unit(value: float | None, unit: str, said: str) -> None:
    assert told.plain(value, unit) == said


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
