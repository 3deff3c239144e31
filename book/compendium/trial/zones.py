"""Where on the axis of a number a rule gives which word, and which numbers of a claim decide it.

A comparison whose sides are linear in the number, also through `min`, `max` and `abs`, changes only at points that
follow from the rule's syntax tree; between two such points one decision tells the word. Any other comparison is
scanned and each change is bisected. The words always come from `Part.decide`, so that they are the rule's own.
"""

from __future__ import annotations

import ast
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from compendium.trial.claims import Part
from compendium.trial.rules import ClaimError, Numbers, Rule

UNKNOWN = "not known"  # a number that the rule would need there has not been published
SCANNED = 2000  # points on either side of zero where a rule must be scanned
_NEVER = Rule("1 == 2")


@dataclass(frozen=True)
class Zone:
    """An interval of a number in which a part has one verdict; an end may belong to it (closed) or not."""

    low: float
    high: float
    closed_low: bool
    closed_high: bool
    word: str

    def __contains__(self, value: float) -> bool:
        above = value >= self.low if self.closed_low else value > self.low
        return above and (value <= self.high if self.closed_high else value < self.high)


def word(part: Part, numbers: Numbers) -> str:
    """Return the verdict on a part, or UNKNOWN where its rules need a number that is missing or exclude nothing."""
    try:
        return part.decide(numbers)
    except (ClaimError, ZeroDivisionError):
        return UNKNOWN


def zones(part: Part, names: Sequence[str], numbers: Numbers) -> tuple[Zone, ...]:
    """Return the zones of a number from minus to plus infinity, the other numbers as they are.

    `names` is one number, or the two ends of an interval, which are then moved as one: an interval without width.
    """
    decide = _decider(part, names, numbers)
    found = [breakpoints(rule, names, numbers) for rule in part.rules.values()]
    points = {point for points, _ in found for point in points}
    if any(curved for _, curved in found):
        points |= _scanned(decide, _reach(part, numbers))
    return tuple(_merged(_cut(decide, sorted(points))))


def whole(part: Part, names: Sequence[str], numbers: Numbers, low: int, high: int) -> tuple[Zone, ...]:
    """Return the zones over whole numbers from `low` to `high`; each reaches half a step beyond its ends."""
    decide = _decider(part, names, numbers)
    cells = (Zone(n - 0.5, n + 0.5, True, True, decide(float(n))) for n in range(low, high + 1))
    return tuple(_merged(cells))


def lines(part: Part, names: Sequence[str], numbers: Numbers) -> dict[str, tuple[float, ...]]:
    """Return by rule the values at which what it asks of the number begins or ends, whether or not that decides."""
    found = {}
    for kind, rule in part.rules.items():
        points, curved = breakpoints(rule, names, numbers)
        if curved:
            alone = replace(part, supported=rule, contradicted=_NEVER, testable=None)
            points |= _scanned(_decider(alone, names, numbers), _reach(alone, numbers))
        found[kind] = tuple(sorted(points))
    return {kind: points for kind, points in found.items() if points}


def samples(part: Part, names: Sequence[str], numbers: Numbers) -> list[float]:
    """Return values in rising order that show all that the rules ask: every line, two between lines, two beyond.

    Only for rules whose comparisons are linear in the numbers.
    """
    points = sorted(set().union(*(breakpoints(rule, names, numbers)[0] for rule in part.rules.values())))
    found: list[float] = []
    for low, high in itertools.pairwise([-math.inf, *points, math.inf]):
        first = _inside(low, high)
        second = _inside(low, first) if math.isinf(low) else _inside(first, high)
        found += [*sorted((first, second)), *([high] if high < math.inf else [])]
    return found


def separable(part: Part, names: Sequence[str]) -> bool:
    """Return whether no comparison of the rules holds two of the numbers against each other or adds them."""
    return not any(
        len({inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)} & set(names)) > 1
        for rule in part.rules.values()
        for node in ast.walk(rule.tree)
        if isinstance(node, ast.Compare)
    )


def asked(part: Part, names: Sequence[str]) -> Part:
    """Return the part with only what its rules ask of these numbers, as if all else that they ask were met.

    A rule that is not a list of demands joined by `and`, or asks nothing of the numbers, is never met; whether the
    part can be tested is then left out.
    """
    rules = {kind: _own(rule, names) for kind, rule in part.rules.items()}
    testable = rules.get("testable", _NEVER)
    return replace(
        part,
        supported=rules["supported"],
        contradicted=rules["contradicted"],
        testable=None if testable == _NEVER else testable,
    )


def _own(rule: Rule, names: Sequence[str]) -> Rule:
    tree = rule.tree
    demands = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    if not all(isinstance(demand, ast.Compare) for demand in demands):
        return _NEVER
    own = [demand for demand in map(ast.unparse, demands) if Rule(demand).names & set(names)]
    return Rule(" and ".join(own)) if own else _NEVER


def _decider(part: Part, names: Sequence[str], numbers: Numbers) -> Callable[[float], str]:
    return lambda value: word(part, {**numbers, **dict.fromkeys(names, value)})


def _cut(decide: Callable[[float], str], points: Sequence[float]) -> Iterator[Zone]:
    """The points and the open intervals between and beside them, each with its word."""
    ends = [-math.inf, *points, math.inf]
    for low, high in itertools.pairwise(ends):
        yield Zone(low, high, False, False, decide(_inside(low, high)))
        if high < math.inf:
            yield Zone(high, high, True, True, decide(high))


def _inside(low: float, high: float) -> float:
    """A value between two ends, of which one or both may be infinite."""
    if math.isinf(low) and math.isinf(high):
        return 0.0
    if math.isinf(low):
        return high - max(1.0, abs(high))
    if math.isinf(high):
        return low + max(1.0, abs(low))
    return low + (high - low) / 2


def _merged(pieces: Iterable[Zone]) -> Iterator[Zone]:
    """Neighbouring pieces of one word as one zone."""
    for _, same in itertools.groupby(pieces, key=lambda piece: piece.word):
        group = list(same)
        first, last = group[0], group[-1]
        yield Zone(first.low, last.high, first.closed_low, last.closed_high, first.word)


# ---------------------------------------------------------------- where a comparison changes


class _Curved(Exception):
    """An expression is not linear in the number."""


class _Missing(Exception):
    """An expression needs a number that is not there, or divides by zero."""


def breakpoints(rule: Rule, names: Sequence[str], numbers: Numbers) -> tuple[set[float], bool]:
    """Return every value of the number at which a comparison of the rule may change, and whether one is not linear.

    A comparison that needs a missing number changes nowhere.
    """
    found: set[float] = set()
    curved = False
    for node in ast.walk(rule.tree):
        if isinstance(node, ast.Compare):
            for left, right in itertools.pairwise([node.left, *node.comparators]):
                try:
                    found |= _crossings([left, right], names, numbers)
                except _Curved:
                    curved = True
    return found, curved


def _crossings(sides: Sequence[ast.expr], names: Sequence[str], numbers: Numbers) -> set[float]:
    """The values at which two of the sides are equal, and those at which a side has a corner."""
    try:
        corners = set().union(*(_corners(side, names, numbers) for side in sides))
        ends = [-math.inf, *sorted(corners), math.inf]
        found = set(corners)
        for low, high in itertools.pairwise(ends):
            forms = [_linear(side, names, numbers, _inside(low, high)) for side in sides]
            for (slope, constant), (other_slope, other_constant) in itertools.combinations(forms, 2):
                if slope != other_slope:
                    found.add((other_constant - constant) / (slope - other_slope) + 0.0)
    except _Missing:
        return set()
    return found


def _corners(node: ast.expr, names: Sequence[str], numbers: Numbers) -> set[float]:
    """The values at which `min`, `max` or `abs` within an expression changes from one side to the other."""
    found: set[float] = set()
    for call in ast.walk(node):
        if isinstance(call, ast.Call):
            zero: list[ast.expr] = [ast.Constant(0)] if len(call.args) == 1 else []
            found |= _crossings([*call.args, *zero], names, numbers)
    return found


def _linear(node: ast.expr, names: Sequence[str], numbers: Numbers, at: float) -> tuple[float, float]:
    """Slope and constant of an expression near the value `at` of the number."""

    def form(inner: ast.expr) -> tuple[float, float]:
        return _linear(inner, names, numbers, at)

    match node:
        case ast.Constant(value=value):
            return 0.0, float(value)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return (1.0, 0.0) if name in names else (0.0, _given(numbers, name))
        case ast.UnaryOp(ast.USub(), operand):
            slope, constant = form(operand)
            return -slope, -constant
        case ast.BinOp(left, op, right):
            return _joined(op, form(left), form(right))
        case ast.Call(ast.Name(id=name), args, _):
            forms = [form(argument) for argument in args]
            if name == "abs":
                forms.append((-forms[0][0], -forms[0][1]))
            choose = min if name == "min" else max
            return choose(forms, key=lambda line: line[0] * at + line[1])
    raise _Curved


def _joined(op: ast.operator, left: tuple[float, float], right: tuple[float, float]) -> tuple[float, float]:
    (a, b), (c, d) = left, right
    match op:
        case ast.Add():
            return a + c, b + d
        case ast.Sub():
            return a - c, b - d
        case ast.Mult() if a == 0 or c == 0:
            return a * d + b * c, b * d
        case ast.Div() if c == 0:
            if d == 0:
                raise _Missing
            return a / d, b / d
    raise _Curved


def _given(numbers: Numbers, name: str) -> float:
    value = numbers.get(name)
    if value is None:
        raise _Missing
    return value


# ---------------------------------------------------------------- where it must be looked for


def _reach(part: Part, numbers: Numbers) -> float:
    """How far from zero to look: ten times the largest number in sight."""
    constants = [
        float(node.value)
        for rule in part.rules.values()
        for node in ast.walk(rule.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    ]
    return 10 * max(1.0, *map(abs, constants), *(abs(v) for v in numbers.values() if v is not None))


def _scanned(decide: Callable[[float], str], reach: float) -> set[float]:
    """The values at which the word changes, by a scan that is finer near zero and a bisection of each change."""
    upper = [reach * (n / SCANNED) ** 3 for n in range(1, SCANNED + 1)]
    grid = [*(-value for value in reversed(upper)), 0.0, *upper]
    found: set[float] = set()
    for low, high in itertools.pairwise(grid):
        if decide(low) != decide(high):
            found |= set(_bisected(decide, low, high))
    return found


def _bisected(decide: Callable[[float], str], low: float, high: float) -> tuple[float, float]:
    """The two neighbouring values between which the word changes."""
    first = decide(low)
    while (middle := low + (high - low) / 2) not in (low, high):
        low, high = (middle, high) if decide(middle) == first else (low, middle)
    return low, high
