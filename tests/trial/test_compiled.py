"""A rule compiled for the page decides as the rule itself does, whatever the numbers."""

from __future__ import annotations

import functools
import json
import random
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import quick_rules

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
    luck = np.random.default_rng(list(claim.id.encode()))
    lines = np.array([line.value for line in compiled.lines_of(claim)] or [0.0], dtype=float)

    def column() -> list[float | None]:
        kind, line = luck.random(many), luck.choice(lines, many)
        beside = line + luck.choice([-1, 1], many) * 10.0 ** -luck.integers(6, 16, many)
        anywhere = luck.uniform(-0.5, 1.5, many) * np.maximum(1.0, abs(line))
        small = luck.integers(-1, 5, many)
        drawn = np.select([kind < 0.34, kind < 0.5, kind < 0.7], [line, beside, small], anywhere)
        return [None if missing else one for missing, one in zip(kind < 0.04, drawn.tolist(), strict=True)]

    columns = {name: column() for name in claim.numbers}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def decided_on(page: Any, claim: Claim, numbers: list[dict[str, float | None]]) -> Any:
    """The word and those of the parts, as the page decides them; as text, which travels faster than objects."""
    script = """(asked) => {
      const [rules, names, numbers] = JSON.parse(asked);
      const given = numbers.map((row) => Object.fromEntries(row.map((value, at) => [names[at], value])));
      const decided = given.map((one) => verdicts.decide(rules, one));
      return JSON.stringify(decided.map(({ word, parts }) => [word, Object.values(parts)]));
    }"""
    rows = [list(one.values()) for one in numbers]
    return json.loads(page.evaluate(script, json.dumps([compiled.compiled(claim), list(numbers[0]), rows])))


def test_every_compiled_rule_decides_as_python_does(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_rules.take(monkeypatch)
    met: set[str | None] = set()
    for claim in claims.registry().claims.values():
        numbers = draws(claim, DRAWS)
        found = decided_on(page, claim, numbers)
        for given, (word, parts) in zip(numbers, found, strict=True):
            verdict, by_part = compiled.decided(claim, given)
            assert (word, parts) == (verdict, list(by_part.values())), f"{claim.id} at {given}"
            met.add(word)
    assert len(met) == 8, f"the draws reach only {met}"


def test_every_rule_is_evaluated_here_as_python_evaluates_its_words() -> None:
    for claim in claims.registry().claims.values():
        rules = [rule for part in (*claim.parts, *claim.context) for rule in part.rules.values()]
        for given in draws(claim, DRAWS // 20):
            for rule in rules:
                assert rule.names == set(quick_rules._names(rule.text))
                assert outcome(rule.value, given) == outcome(functools.partial(quick_rules.value, rule), given)


def outcome(value: Any, given: dict[str, float | None]) -> Any:
    """What is found, or what kind of error says that nothing is."""
    try:
        return value(given)
    except (ClaimError, ZeroDivisionError) as error:
        return type(error)


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


# ---------------------------------------------------------------- known truths, without a page


@pytest.mark.parametrize(
    ("rule", "tree", "lines"),
    [
        ("a > 1", ["is", [">"], "a", ["line", 0]], [1]),
        ("0 < a <= 2.5", ["is", ["<", "<="], ["line", 0], "a", ["line", 1]], [0, 2.5]),
        ("a >= 1 and b != 1 or not a == b",
         ["or", ["and", ["is", [">="], "a", ["line", 0]], ["is", ["!="], "b", ["line", 1]]],
          ["not", ["is", ["=="], "a", "b"]]], [1, 1]),
        ("-a + 2 * b < a / 3 - b",
         ["is", ["<"], ["+", ["neg", "a"], ["*", ["line", 0], "b"]], ["-", ["/", "a", ["line", 1]], "b"]], [2, 3]),
        ("min(a, 4) > max(b, abs(a))", ["is", [">"], ["min", "a", ["line", 0]], ["max", "b", ["abs", "a"]]], [4]),
        ("True and a > False", ["and", True, ["is", [">"], "a", False]], []),
    ],
)  # fmt: skip
def test_a_rule_as_the_page_reads_it(rule: str, tree: Any, lines: list[float]) -> None:
    met: list[float] = [7.0]  # a line of a rule before it
    shifted = json.loads(re.sub(r'"line", (\d+)', lambda at: f'"line", {int(at[1]) + 1}', json.dumps(tree)))
    assert compiled.compile_rule(Rule(rule), met) == shifted and met == [7.0, *lines]


def with_context(parts: list[Part], context: list[Part]) -> Claim:
    return replace(claim_of("a > 1"), parts=tuple(parts), context=tuple(context))


def test_the_lines_of_a_claim_run_through_its_parts_and_then_what_stands_beside_them() -> None:
    one = Part("one", Rule("a > 1"), Rule("a < 2"), Rule("b > 3 and True"))
    two, beside = Part("two", Rule("a > b"), Rule("a < 4 * b")), Part("beside", Rule("b > 5"), Rule("b < 6"))
    claim = with_context([one, two], [beside])
    assert [(line.part, line.rule, line.place, line.value) for line in compiled.lines_of(claim)] == [
        ("one", "testable", 0, 3),
        ("one", "supported", 0, 1),
        ("one", "contradicted", 0, 2),
        ("two", "contradicted", 0, 4),
        ("beside", "supported", 0, 5),
        ("beside", "contradicted", 0, 6),
    ]
    found = compiled.compiled(claim)
    assert found["lines"] == [3, 1, 2, 4, 5, 6]
    assert [(part["name"], part.get("beside")) for part in found["parts"]] == [
        ("one", None),
        ("two", None),
        ("beside", True),
    ]
    assert list(found["parts"][0]) == ["name", "testable", "supported", "contradicted"]


def test_a_moved_line_is_moved_where_it_stands_and_nowhere_else() -> None:
    one = Part("one", Rule("1 < a < 2"), Rule("a > 3 and True"), Rule("b > 4"))
    two = Part("two", Rule("1 < a < 2"), Rule("a > 3"))
    claim = with_context([one], [two])
    moved = compiled.moved(claim, {2: 9, 3: 8.5, 4: -1})
    assert {name: rule.text for name, rule in moved.parts[0].rules.items()} == {
        "testable": "b > 4",
        "supported": "1 < a < 9",
        "contradicted": "a > 8.5 and True",
    }
    assert {name: rule.text for name, rule in moved.context[0].rules.items()} == {
        "supported": "-1 < a < 2",
        "contradicted": "a > 3",
    }
    assert compiled.moved(claim, {}) == claim
    assert one.supported.tree is not moved.parts[0].supported.tree and one.supported.holds({"a": 1.5})


def test_a_verdict_needs_every_part_and_nothing_that_stands_beside() -> None:
    one, two = Part("one", Rule("a > 1"), Rule("a < 0")), Part("two", Rule("1 / b > 1"), Rule("b > 1"))
    claim = with_context([one, two], [Part("beside", Rule("c > 1"), Rule("c < 0"))])
    assert compiled.decided(claim, {"a": 2.0, "b": 0.5, "c": 0.5}) == (
        "supported",
        {"one": "supported", "two": "supported", "beside": "not established"},
    )
    assert compiled.decided(claim, {"a": 2.0, "b": 2.0, "c": None}) == (
        "mixed",
        {"one": "supported", "two": "contradicted", "beside": None},
    )
    assert compiled.decided(claim, {"a": 2.0, "b": 0.0, "c": 2.0}) == (
        None,
        {"one": "supported", "two": None, "beside": "supported"},
    )


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
