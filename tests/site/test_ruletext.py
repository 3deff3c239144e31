"""Rules in words say what rules ask: each number by its meaning with its value, brackets where joints differ."""

from __future__ import annotations

import re

from small_claim import claim_of

from compendium.site.ruletext import rules_told
from compendium.trial import claims, verdicts


def told(supported: str, numbers: dict[str, float | None] | None = None, **units: str) -> str:
    return rules_told(claim_of(supported, **units), numbers or {"a": 0.61, "b": 0.25})["it", "supported"]


def test_a_line_has_the_unit_of_what_it_bounds_and_a_number_its_value() -> None:
    assert told("a > 0.5") == "“a” (61%) is above 50%"
    assert told("0.5 <= a") == "“a” (61%) is at least 50%"
    assert told("a < 2000", {"a": None}, a="US dollars") == "“a” (no figure seen) is below $2,000"
    assert told("b > 2 * a") == "“b” (25%) is above 2 times “a” (61%)"


def test_a_number_that_was_just_named_is_it() -> None:
    assert told("a > 0.5 and a < 0.9") == told("0.5 < a < 0.9") == "“a” (61%) is above 50%, and it is below 90%"
    assert told("a > 0.5 and b < 0.9") == "“a” (61%) is above 50%, and “b” (25%) is below 90%"


def test_what_is_joined_otherwise_is_in_brackets() -> None:
    assert told("a > 0.5 and (b > 0.5 or a == 1)") == (
        "“a” (61%) is above 50%, and (“b” (25%) is above 50%, or “a” (61%) is exactly 100%)"
    )
    assert told("a == 1 or 0.1 < b < 0.5") == (
        "“a” (61%) is exactly 100%, or (“b” (25%) is above 10%, and it is below 50%)"
    )
    assert told("not (a > 0.5 or b > 0.5)") == "not (“a” (61%) is above 50%, or “b” (25%) is above 50%)"


def test_a_yes_or_no_is_yes_no_or_known() -> None:
    assert told("a == 1 and b >= 0", {"a": 1, "b": 0}, a="yes or no", b="yes or no") == (
        "“a” is yes (so it is), and “b” is known (it is no)"
    )
    assert told("a >= 1", {"a": 0}, a="yes or no") == "“a” is yes (it is no)"


def test_every_rule_of_the_book_is_told_with_each_of_its_numbers() -> None:
    published = verdicts.published()
    for claim in claims.registry().claims.values():
        said = rules_told(claim, published[claim.id].numbers)
        for part in (*claim.parts, *claim.context):
            for kind, rule in part.rules.items():
                words = said[part.name, kind]
                assert all(f"“{claim.numbers[name].meaning}”" in words for name in rule.names), (claim.id, words)
                assert words.count("(") == words.count(")") and not re.search(r"[<>=_\[\]]", words), words
