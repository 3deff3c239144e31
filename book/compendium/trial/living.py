"""What the page needs for a verdict under a reader's assumption, and the check that it starts as published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compendium.evidence.numbers import listing
from compendium.trial import compiled
from compendium.trial.claims import Claim, registry
from compendium.trial.rules import ClaimError, Numbers, Rule
from compendium.trial.verdicts import Verdict

RELATIONS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least", "==": "exactly", "!=": "other than"}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Comparison:
    """One comparison of a rule: the part and the rule it stands in, its compiled form, and what its being met does.

    `role`: it is the rule (`alone`), the rule needs it (`needed`), it is enough for the rule (`enough`), or it
    depends on others (`counts`).
    `names` are the numbers that it touches.
    """

    part: str
    rule: str
    relation: str
    left: compiled.Tree
    right: compiled.Tree
    role: str

    @property
    def tree(self) -> compiled.Tree:
        """The comparison as the page evaluates it."""
        return ["is", [self.relation], self.left, self.right]

    @property
    def names(self) -> tuple[str, ...]:
        """The numbers that it touches, in order."""
        return tuple(dict.fromkeys(_names(self.tree)))

    def seen_from(self, name: str) -> tuple[str, compiled.Tree] | None:
        """How a number is compared, and with what; None if it does not stand alone on a side."""
        if self.left == name:
            return self.relation, self.right
        if self.right == name:
            return _MIRRORED.get(self.relation, self.relation), self.left
        return None

    def told(self, name: str) -> tuple[compiled.Tree, str, compiled.Tree]:
        """What is compared, how, and with what: a number that stands alone on a side, or else the whole side."""
        if seen := self.seen_from(name):
            return name, *seen
        if isinstance(self.left, list) and self.left[0] == "line":
            return self.right, _MIRRORED.get(self.relation, self.relation), self.left
        return self.left, self.relation, self.right

    def teller(self, names: list[str]) -> str:
        """Under which of some numbers it is told: one that stands alone if there is one; empty if it has none."""
        own = [name for name in names if name in self.names]
        return next((name for name in own if self.seen_from(name)), own[0] if own else "")


def comparisons(claim: Claim) -> list[Comparison]:
    """The comparisons of a claim's rules from left to right, a chain of them taken apart."""
    return [
        comparison
        for part in compiled.compiled(claim)["parts"]
        for rule, tree in part.items()
        if rule not in ("name", "beside")
        for comparison in _comparisons(part["name"], rule, tree, frozenset())
    ]


def _comparisons(part: str, rule: str, tree: compiled.Tree, above: frozenset[str]) -> Iterator[Comparison]:
    """The comparisons of a compiled rule; `above` are the operations that a branch stands under."""
    if not isinstance(tree, list):
        return
    if tree[0] != "is":
        for branch in tree[1:]:
            yield from _comparisons(part, rule, branch, above | {tree[0]})
        return
    _, relations, *sides = tree
    above = above | {"and"} if len(relations) > 1 else above
    role = "needed" if above <= {"and"} else "enough" if above == {"or"} else "counts"
    for relation, left, right in zip(relations, sides, sides[1:], strict=False):
        yield Comparison(part, rule, relation, left, right, role if above else "alone")


def _names(tree: compiled.Tree) -> Iterator[str]:
    """The numbers of a compiled expression; first comes the operation, second in a comparison a list."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, list):
        for branch in tree[2:] if tree[0] == "is" else tree[1:]:
            yield from _names(branch)


def in_code(tree: compiled.Tree, values: list[float]) -> str:
    """A compiled expression as the registry writes it."""

    def go(branch: compiled.Tree) -> str:
        inside = isinstance(branch, list) and branch[0] in ("+", "-", "*", "/", "neg", "is", "and", "or", "not")
        return f"({in_code(branch, values)})" if inside else in_code(branch, values)

    match tree:
        case ["line", int() as index]:
            return repr(values[index])
        case ["neg", operand]:
            return f"-{go(operand)}"
        case ["not", operand]:
            return f"not {go(operand)}"
        case ["and" | "or" as joint, *operands]:
            return f" {joint} ".join(map(go, operands))
        case ["is", relations, first, *others]:
            return go(first) + "".join(f" {one} {go(other)}" for one, other in zip(relations, others, strict=True))
        case ["+" | "-" | "*" | "/" as operation, left, right]:
            return f"{go(left)} {operation} {go(right)}"
        case [str() as name, *operands]:
            return f"{name}({', '.join(map(go, operands))})"
    return str(tree)


Words = Callable[[Any], str]


def in_words(tree: compiled.Tree, named: Words, line: Words) -> str:
    """A compiled expression in words: `named` says a number by its name, `line` a constant by its index."""

    def go(branch: compiled.Tree) -> str:
        return in_words(branch, named, line)

    match tree:
        case str():
            return named(tree)
        case ["line", int() as index]:
            return line(index)
        case ["neg", operand]:
            return f"minus {go(operand)}"
        case ["abs", operand]:
            return f"{go(operand)} without its sign"
        case ["not", operand]:
            return f"not {go(operand)}"
        case ["and" | "or" as joint, *operands]:
            return f" {joint} ".join(map(go, operands))
        case ["is", relations, first, *others]:
            return go(first) + "".join(
                f" {RELATIONS[r]} {go(other)}" for r, other in zip(relations, others, strict=True)
            )
        case ["*", left, right]:
            return f"{go(left)} times {go(right)}"
        case ["/", left, right]:
            return f"{go(left)} divided by {go(right)}"
        case ["-", left, right]:
            return f"{go(left)} less {go(right)}"
        case ["+", *_]:
            return f"{listing([go(summand) for summand in _summands(tree)])} added up"
        case ["min" | "max" as which, *operands]:
            return f"the {'smallest' if which == 'min' else 'largest'} of {listing([go(one) for one in operands])}"
    return "true" if tree else "false"


def _summands(tree: compiled.Tree) -> list[compiled.Tree]:
    if isinstance(tree, list) and tree[0] == "+":
        return [one for branch in tree[1:] for one in _summands(branch)]
    return [tree]


def evaluated(tree: compiled.Tree, numbers: Numbers, lines: list[float]) -> Any:
    """What a compiled expression gives; None where a number that it needs is missing, or for a division by zero."""
    try:
        return Rule(in_code(tree, lines)).value(numbers)
    except (ClaimError, ZeroDivisionError):
        return None


def check(figure: Mapping[str, Any], verdicts: Mapping[str, Verdict]) -> None:
    """Raise ClaimError if a live figure's first state is not the published one, or moves what no rule asks for.

    `figure` is the output of a notebook, `verdicts` those that were concluded, by claim.
    """
    claim = registry()[figure["claim"]]
    for name, value in figure["numbers"].items():
        where = f"figure {figure['name']}: the number {name!r} of claim {claim.id}"
        if name not in {used for one in comparisons(claim) for used in one.names}:
            raise ClaimError(f"{where} stands in no rule; the rules ask for {', '.join(sorted(claim.numbers))}")
        if claim.id not in verdicts:
            continue
        concluded, tolerance = verdicts[claim.id].numbers[name], claim.numbers[name].tolerance
        if value is None or concluded is None:
            same = value is concluded
        else:
            same = abs(value - concluded) <= tolerance + 1e-6 * abs(concluded)
        if not same:
            raise ClaimError(
                f"{where} is {value} in its first state, concluded {concluded}; mend its expression or its settings"
            )
