"""A rule compiled for the page decides as the rule itself does, whatever the numbers."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from compendium.evidence import paths
from compendium.trial import claims, compiled
from compendium.trial.claims import Claim, Part
from compendium.trial.rules import ClaimError, Rule
from compendium.trial.told import plain

SCRIPT = paths.BOOK / "assets" / "verdict.js"
DRAWS = 10_000


@pytest.fixture(scope="module")
def page(browser: Any) -> Any:
    """A page that has loaded nothing but the script of verdicts."""
    context = browser.new_context()
    blank = context.new_page()
    blank.add_script_tag(path=str(SCRIPT))
    yield blank
    context.close()


def draws(claim: Claim, many: int) -> list[dict[str, float | None]]:
    """Random numbers for a claim: on its lines, a little off them, anywhere, and missing."""
    random_ = random.Random(claim.id)
    lines = [line.value for line in compiled.lines_of(claim)] or [0.0]

    def one() -> float | None:
        kind = random_.random()
        line = random_.choice(lines)
        if kind < 0.04:
            return None
        if kind < 0.34:
            return float(line)
        if kind < 0.5:
            return line + random_.choice([-1, 1]) * 10.0 ** -random_.randint(6, 15)
        if kind < 0.7:
            return float(random_.randint(-1, 4))
        return random_.uniform(-0.5, 1.5) * max(1.0, abs(line))

    return [{name: one() for name in claim.numbers} for _ in range(many)]


def decided_on(page: Any, claim: Claim, numbers: list[dict[str, float | None]]) -> Any:
    """The word and those of the parts, as the page decides them; as text, which travels faster than objects."""
    script = """(asked) => {
      const [rules, numbers] = JSON.parse(asked);
      const decided = numbers.map((one) => verdicts.decide(rules, one));
      return JSON.stringify(decided.map(({ word, parts }) => [word, Object.values(parts)]));
    }"""
    return json.loads(page.evaluate(script, json.dumps([compiled.compiled(claim), numbers])))


def test_every_compiled_rule_decides_as_python_does(page: Any) -> None:
    met: set[str | None] = set()
    for claim in claims.registry().claims.values():
        numbers = draws(claim, DRAWS)
        found = decided_on(page, claim, numbers)
        for given, (word, parts) in zip(numbers, found, strict=True):
            verdict, by_part = compiled.decided(claim, given)
            assert (word, parts) == (verdict, list(by_part.values())), f"{claim.id} at {given}"
            met.add(word)
    assert len(met) == 8, f"the draws reach only {met}"


def claim_of(rule: str, numbers: tuple[str, ...] = ("a", "b"), **other: str) -> Claim:
    part = Part("it", Rule(rule), Rule(other.get("contradicted", "False")))
    declared = {name: claims.Number(name, "ratio", 0.0) for name in numbers}
    empty = dict.fromkeys(("title", "chapter", "holder", "basis", "quote", "claim", "question", "key_number"), "")
    return Claim(
        "demo", part=1, datasets=(), numbers=declared, parts=(part,), alternatives={}, would_change_it="", **empty
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rule",
    [
        "0.75 * a <= b <= 1.25 * a",
        "not (a > b or b >= 2)",
        "max(a, b, 1) - min(a, b) < abs(a - b) / 2",
        "a / b > -1",
        "a == 1 or b != 0 and a >= b",
        "(a > 0) == (b > 0)",
        "-a < b + 0.1 < 2",
        "True and a > 0",
    ],
)
def test_every_operation_means_on_the_page_what_it_means_here(page: Any, rule: str) -> None:
    claim = claim_of(rule)
    numbers = draws(claim, 2_000)
    found = [word for word, _ in decided_on(page, claim, numbers)]
    assert found == [compiled.decided(claim, given)[0] for given in numbers]
    assert len(set(found)) > 1


def test_lines_that_cross_cannot_be_decided(page: Any) -> None:
    claim = claim_of("a > 1", contradicted="a < 2")
    assert compiled.decided(claim, {"a": 1.5}) == (None, {"it": None})
    assert page.evaluate("(r) => verdicts.decide(r, { a: 1.5 }).word", compiled.compiled(claim)) is None


def test_a_line_moved_on_the_page_is_the_line_moved_here(page: Any) -> None:
    random_ = random.Random(7)
    for claim in claims.registry().claims.values():
        lines = compiled.lines_of(claim)
        assert [line.value for line in lines] == compiled.compiled(claim)["lines"]
        numbers = draws(claim, 40)
        places = [{at: random_.choice([0.1, 0.5, 1.0, 2.0, -1.0]) for at in range(len(lines))} for _ in numbers]
        words = page.evaluate(
            "([rules, asked]) => asked.map(([one, lines]) => verdicts.decide(rules, one, lines).word)",
            [compiled.compiled(claim), [[one, list(at.values())] for one, at in zip(numbers, places, strict=True)]],
        )
        for one, at, word in zip(numbers, places, words, strict=True):
            moved = compiled.moved(claim, at)
            assert word == compiled.decided(moved, one)[0], f"{claim.id} at {one}, {at}"


@pytest.mark.parametrize("rule", ["a ** 2 > 1", "a > 1 if b else b", "a in (1, 2)", "open(a)", "a > '1'"])
def test_what_rules_may_not_use_is_not_compiled(rule: str) -> None:
    with pytest.raises(ClaimError, match="which rules may not use"):
        compiled.compile_rule(Rule(rule), [])


def test_numbers_are_written_on_the_page_as_on_the_card(page: Any) -> None:
    random_ = random.Random(3)
    units = {number.unit for claim in claims.registry().claims.values() for number in claim.numbers.values()}
    values = [0, 1, -1, 0.5, 0.0004, 0.9995, 0.1, 0.9, 0.05, 0.0625, 12.5, 2.675, 1e6, 31.6e9, -2601.6]
    values += [-0.4, -0.0004]  # rounded to nothing, which has no sign
    values += [random_.uniform(-3, 3) * 10.0 ** random_.randint(-3, 7) for _ in range(400)]
    values = [float(f"{value:.6g}") for value in values]
    asked = [(value, unit) for unit in sorted(units) for value in values]
    asked = [(value, unit) for value, unit in asked if unit != "probability" or 0 <= value <= 1]
    found = page.evaluate("(asked) => asked.map(([value, unit]) => verdicts.plain(value, unit))", asked)
    assert {pair: said for pair, said in zip(asked, found, strict=True) if said != plain(*pair)} == {}
    assert page.evaluate("verdicts.plain(null, 'share')") == plain(None, "share")
