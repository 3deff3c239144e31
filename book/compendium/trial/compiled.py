"""Rules compiled for the page: the syntax tree of a rule as plain lists, which `verdict.js` reads without `eval`.

A compiled rule is nested lists, its operation first. Its leaves are the name of a number, `true` or `false`, and
`["line", i]`, the i-th line of the claim. A line is a constant of a rule: the page may move it, the registry may
not. The page decides as `Claim.decide` does; a test compares both on random numbers.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from compendium.trial.claims import Claim, Part
from compendium.trial.rules import ClaimError, Numbers, Rule, combine

Tree = Any  # a name, a truth value, or a list of an operation and its operands

_BINARY: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}


@dataclass(frozen=True)
class Line:
    """A constant of a rule: the part and the rule it stands in, its place in that rule, its declared value."""

    part: str
    rule: str
    place: int
    value: float


def compiled(claim: Claim) -> dict[str, Any]:
    """The rules of a claim as the page reads them: `lines`, and `parts` with their name and rules in order.

    Parts of the context have the mark `beside`: they are decided and do not count in the verdict.
    """
    values: list[float] = []
    parts = []
    for part in (*claim.parts, *claim.context):
        rules = {name: compile_rule(rule, values) for name, rule in part.rules.items()}
        parts.append({"name": part.name, **rules} | ({"beside": True} if part in claim.context else {}))
    return {"lines": values, "parts": parts}


def compile_rule(rule: Rule, lines: list[float]) -> Tree:
    """One rule as nested lists; its constants are added to `lines`. ClaimError for what rules may not use."""
    return _compiled(rule.tree, lines, rule.text)


def _compiled(node: ast.expr, lines: list[float], text: str) -> Tree:
    def go(*nodes: ast.expr) -> list[Tree]:
        return [_compiled(one, lines, text) for one in nodes]

    match node:
        case ast.Constant(value=bool() as value):
            return value
        case ast.Constant(value=int() | float() as value):
            lines.append(value)
            return ["line", len(lines) - 1]
        case ast.Name(id=name):
            return name
        case ast.BinOp(left, op, right) if type(op) in _BINARY:
            return [_BINARY[type(op)], *go(left, right)]
        case ast.UnaryOp(ast.USub(), operand):
            return ["neg", *go(operand)]
        case ast.UnaryOp(ast.Not(), operand):
            return ["not", *go(operand)]
        case ast.BoolOp(op, values):
            return ["and" if isinstance(op, ast.And) else "or", *go(*values)]
        case ast.Compare(left, ops, comparators) if all(type(op) in _COMPARE for op in ops):
            return ["is", [_COMPARE[type(op)] for op in ops], *go(left, *comparators)]
        case ast.Call(ast.Name(id="min" | "max" | "abs" as name), args, []):
            return [name, *go(*args)]
    raise ClaimError(f"rule {text!r} uses {ast.unparse(node)!r}, which rules may not use")


# ---------------------------------------------------------------- lines


def lines_of(claim: Claim) -> list[Line]:
    """The lines of a claim in the order of `compiled`: the constants of its rules."""
    return [
        Line(part.name, name, place, _value(constant))
        for part in (*claim.parts, *claim.context)
        for name, rule in part.rules.items()
        for place, constant in enumerate(_constants(rule.tree))
    ]


def _constants(node: ast.AST) -> Iterator[ast.Constant]:
    """The constants of a rule from left to right, as `_compiled` meets them."""
    if isinstance(node, ast.Constant) and not isinstance(node.value, bool):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _constants(child)


def _value(constant: ast.Constant) -> float:
    assert isinstance(constant.value, int | float)
    return constant.value


def moved(claim: Claim, values: Mapping[int, float]) -> Claim:
    """The claim with some of its lines at other values; `values` are by the index of the line."""
    declared = lines_of(claim)

    def with_lines(part: Part) -> Part:
        changed = dict(part.rules)
        for name, rule in part.rules.items():
            here = {
                line.place: values[index]
                for index, line in enumerate(declared)
                if index in values and (line.part, line.rule) == (part.name, name)
            }
            changed[name] = _with_constants(rule, here)
        return Part(part.name, changed["supported"], changed["contradicted"], changed.get("testable"))

    return replace(claim, parts=tuple(map(with_lines, claim.parts)), context=tuple(map(with_lines, claim.context)))


def _with_constants(rule: Rule, values: Mapping[int, float]) -> Rule:
    if not values:
        return rule
    tree = copy.deepcopy(rule.tree)
    for place, constant in enumerate(_constants(tree)):
        if place in values:
            constant.value = values[place]
    return Rule(ast.unparse(tree))


def decided(claim: Claim, numbers: Numbers) -> tuple[str | None, dict[str, str | None]]:
    """The verdict and that of each part, those of the context last.

    None stands where the rules cannot decide: a number is missing, or both hold.
    """
    parts: dict[str, str | None] = {}
    for part in (*claim.parts, *claim.context):
        try:
            parts[part.name] = part.decide(numbers)
        except (ClaimError, ZeroDivisionError):
            parts[part.name] = None
    counting = [parts[part.name] for part in claim.parts]
    words = [word for word in counting if word is not None]
    return combine(words) if len(words) == len(counting) else None, parts
