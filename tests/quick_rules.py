"""Rules evaluated by Python itself, for tests that ask them a hundred thousand times.

`Rule.value` reads the tree of a rule node by node. Python's own compiled code gives the same thirty times as fast;
that it is the same, for every rule of the registry, is what `test_compiled` tests before anything else goes by it.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from types import CodeType
from typing import Any

import pytest

from compendium.trial.rules import ClaimError, Rule


class _Unchained(ast.NodeTransformer):
    """Write a < b < c as (a < b) & (b < c): in a rule a number that is missing is missed even behind a no."""

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        values = [node.left, *node.comparators]
        pairs: list[ast.expr] = [ast.Compare(values[at], [op], [values[at + 1]]) for at, op in enumerate(node.ops)]
        return functools.reduce(lambda one, other: ast.BinOp(one, ast.BitAnd(), other), pairs)


def take(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let rules be evaluated by Python in this test, and the numbers that each names be looked for once."""
    monkeypatch.setattr(Rule, "value", value)
    monkeypatch.setattr(Rule, "names", property(lambda rule: set(_names(rule.text))))


@functools.cache
def _names(text: str) -> frozenset[str]:
    tree = ast.parse(text, mode="eval")
    return (
        frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)) - _WORDS["__builtins__"].keys()
    )


@functools.cache
def _code(text: str) -> CodeType:
    tree = _Unchained().visit(ast.parse(text, mode="eval"))
    return compile(ast.fix_missing_locations(tree), text, "eval")


_WORDS = {"__builtins__": {"min": min, "max": max, "abs": abs}}


def value(rule: Rule, numbers: Mapping[str, float | None]) -> Any:
    """What Python makes of the words of a rule; ClaimError if a number that it comes to is missing."""
    known = {name: number for name in _names(rule.text) if (number := numbers.get(name)) is not None}
    try:
        return eval(_code(rule.text), _WORDS, known)
    except NameError as missing:
        raise ClaimError(str(missing)) from None
