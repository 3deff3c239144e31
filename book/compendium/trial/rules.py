"""Decision rules: comparisons over named numbers, read from `data/claims.yml` and evaluated by code."""

from __future__ import annotations

import ast
import functools
import itertools
import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

SUPPORTED = "supported"
PARTLY = "partly supported"
MIXED = "mixed"
PARTLY_AGAINST = "partly contradicted"
CONTRADICTED = "contradicted"
OPEN = "not established"
UNTESTABLE = "not testable"
PENDING = "not yet tested"
VERDICTS = (SUPPORTED, PARTLY, MIXED, PARTLY_AGAINST, CONTRADICTED, OPEN, UNTESTABLE, PENDING)
# What the verdict would be had the evidence pointed the other way.
MIRROR = {SUPPORTED: CONTRADICTED, PARTLY: PARTLY_AGAINST, CONTRADICTED: SUPPORTED, PARTLY_AGAINST: PARTLY}
MIRROR |= {word: word for word in (MIXED, OPEN, UNTESTABLE, PENDING)}


Numbers = Mapping[str, float | None]


class ClaimError(ValueError):
    """A claim, rule or verdict that cannot stand; the message is one line and names the claim."""


def combine(parts: Collection[str]) -> str:
    """Return the verdict on a claim from those on its parts: each supported, contradicted, open or untestable.

    Parts that point both ways are mixed. All one way: supported or contradicted. Some one way and none the other:
    partly so. None either way: not established, or not testable if no part can be tested. Swapping supported and
    contradicted in every part mirrors the verdict.
    """
    towards, against = SUPPORTED in parts, CONTRADICTED in parts
    if towards and against:
        return MIXED
    if towards or against:
        whole, some = (SUPPORTED, PARTLY) if towards else (CONTRADICTED, PARTLY_AGAINST)
        return whole if set(parts) == {whole} else some
    return UNTESTABLE if set(parts) == {UNTESTABLE} else OPEN


_BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs}


@dataclass(frozen=True)
class Rule:
    """A decision rule: comparisons, arithmetic, `and`, `or`, `not`, `min`, `max`, `abs` over named numbers."""

    text: str

    @functools.cached_property
    def tree(self) -> ast.expr:
        """The syntax tree of the rule, to be read and not changed; ClaimError if it is no expression."""
        try:
            return ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            raise ClaimError(f"rule {self.text!r} is not an expression: {error.msg}") from None

    @property
    def names(self) -> set[str]:
        """The numbers that the rule mentions."""
        found = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        return found - set(_FUNCTIONS)

    def value(self, numbers: Numbers) -> Any:
        """Return what the expression gives; raise ClaimError if a number it needs is missing."""
        return _evaluate(self.tree, numbers, self.text)

    def holds(self, numbers: Numbers) -> bool:
        """Return whether the rule is met; raise ClaimError if a number it needs is missing."""
        value = self.value(numbers)
        if not isinstance(value, bool):
            raise ClaimError(f"rule {self.text!r} gives the number {value!r}; expected a yes or no")
        return value


def _evaluate(node: ast.expr, numbers: Numbers, text: str) -> Any:
    go = functools.partial(_evaluate, numbers=numbers, text=text)
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return value
        case ast.Name(id=name):
            number = numbers.get(name)
            if number is None:
                raise ClaimError(f"rule {text!r} needs the number {name!r}, which was not given")
            return number
        case ast.BinOp(left, op, right) if type(op) in _BINARY:
            return _BINARY[type(op)](go(left), go(right))
        case ast.UnaryOp(ast.USub(), operand):
            return -go(operand)
        case ast.UnaryOp(ast.Not(), operand):
            return not go(operand)
        case ast.BoolOp(ast.And(), values):
            return all(go(value) for value in values)
        case ast.BoolOp(ast.Or(), values):
            return any(go(value) for value in values)
        case ast.Compare(left, ops, comparators) if all(type(op) in _COMPARE for op in ops):
            values = [go(left), *(go(item) for item in comparators)]
            pairs = itertools.pairwise(values)
            return all(_COMPARE[type(op)](a, b) for op, (a, b) in zip(ops, pairs, strict=True))
        case ast.Call(ast.Name(id=name), args, []) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(go(arg) for arg in args))
    raise ClaimError(f"rule {text!r} uses {ast.unparse(node)!r}, which rules may not use")
