"""What a page says of alternatives that never lead towards another verdict."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compendium.site import claims as site_claims
from compendium.trial import claims, verdicts
from compendium.trial.claims import Number, Part
from compendium.trial.rules import Rule

CLAIM = replace(
    claims.registry()["slaves-12m"],
    numbers={name: Number(name, "share", 0.01) for name in ("low", "high")},
    key_number="low",
    parts=(Part("more than half", Rule("low > 0.5"), Rule("high < 0.5")),),
    context=(),
)


def found(**alternatives: dict[str, float | None]) -> verdicts.Verdict:
    """A verdict of 0.6 to 0.8 under alternatives that move these numbers."""
    numbers = {"low": 0.6, "high": 0.8}
    word, parts = CLAIM.decide(numbers)
    return verdicts.Verdict(CLAIM.id, word, parts, numbers, dict.fromkeys(alternatives, word), moves=alternatives)


@pytest.mark.parametrize(
    ("alternatives", "one_sided"),
    [
        ({"a": {"low": 0.7}, "b": {"low": 0.65, "high": 0.9}}, True),
        ({"a": {"low": 0.7}, "b": {"low": 0.59}}, False),  # a small step, but towards the line
        ({"a": {"low": 0.7}, "b": {"low": 0.4}}, False),  # over the line
        ({"a": {"low": 0.7}, "b": {"low": None}}, False),  # the number is lost, and the word with it
        ({"a": {"low": 0.7}, "b": {}}, False),  # one alone says nothing of all
        ({"a": {"low": 0.7}, "b": {"high": 0.79}}, True),  # the key number is not the only one
    ],
)
def test_alternatives_are_called_one_sided_by_the_rule_and_not_by_one_number(
    alternatives: dict[str, dict[str, float | None]], one_sided: bool
) -> None:
    verdict = found(**alternatives)
    assert site_claims.one_sided(CLAIM, verdict) is one_sided
    said = "None of them brings the numbers nearer to another verdict"
    assert (said in site_claims.robustness(CLAIM, verdict)) is one_sided


STAYS, OTHER, PART = "supported", "mixed", {"x": "not established"}


@pytest.mark.parametrize(
    ("parts", "words", "shifted", "said"),
    [
        ("x", [STAYS], {}, "The one other defensible way to count keeps the verdict."),
        ("x", [OTHER], {}, "The one other defensible way to count makes it “mixed”."),
        ("xy", [STAYS], {0: PART}, "The one other defensible way to count changes only a part of it."),
        ("xy", [STAYS] * 2, {}, "Both other defensible ways to count keep the verdict and its parts."),
        ("x", [STAYS] * 3, {}, "All three other defensible ways to count keep the verdict."),
        ("x", [OTHER] * 2, {}, "Of two other defensible ways to count, none keeps the verdict. "
         "Two make it “mixed”."),
        ("xy", [STAYS, STAYS, OTHER], {1: PART}, "Of three other defensible ways to count, one keeps the verdict "
         "and its parts. One makes it “mixed” and one changes only a part of it."),
    ],
)  # fmt: skip
def test_the_card_says_what_the_other_ways_to_count_make_of_the_verdict(
    parts: str, words: list[str], shifted: dict[int, dict[str, str]], said: str
) -> None:
    named = {f"way {at}": word for at, word in enumerate(words)}
    verdict = verdicts.Verdict(
        "c",
        STAYS,
        dict.fromkeys(parts, STAYS),
        {"low": 0.6},
        {**named, "idle": STAYS},  # it moves no number and is not counted
        {f"way {at}": part for at, part in shifted.items()},
        {name: {"low": 0.7} for name in named},
    )
    assert site_claims._tried(verdict) == said
