"""What a reader can do to a rule: move its lines, choose alternatives; and what of it turns the verdict."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from compendium.trial import compiled
from compendium.trial.claims import Claim, Number, registry
from compendium.trial.living import Comparison, comparisons, evaluated
from compendium.trial.rules import Numbers
from compendium.trial.verdicts import Verdict

STEPS = 200  # at most, from one end of a line's reach to the other


@dataclass(frozen=True)
class Reach:
    """How far a line may be moved, and by how much at once."""

    low: float
    high: float
    step: float

    def places(self) -> list[float]:
        """Every place from the lowest to the highest."""
        return [_plain(self.low + self.step * i) for i in range(round((self.high - self.low) / self.step) + 1)]


@dataclass(frozen=True)
class Turn:
    """A place of a line, or labels of alternatives, at which the verdict is another one."""

    where: Any
    verdict: str


@dataclass(frozen=True)
class Movable:
    """A line that a reader may move: its index, the comparison and the number that it bounds, its reach.

    `number` is empty for a factor. `turns` are the nearest places below and above the declared one at which the
    verdict differs.
    """

    index: int
    declared: float
    comparison: Comparison
    number: str
    reach: Reach
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Alternatives:
    """The alternatives that move a number, which exclude each other, and which choices of them turn the verdict.

    Two alternatives that give one number two values exclude each other: only one of them can hold. `pairs` are
    those that turn the verdict though neither of the two does so alone; `tried` counts the single ones and the
    pairs.
    """

    moving: tuple[str, ...]
    excluded: tuple[tuple[str, str], ...]
    singles: tuple[Turn, ...]
    pairs: tuple[Turn, ...]
    tried: tuple[int, int]


def movable(claim: Claim, numbers: Numbers) -> list[Movable]:
    """The lines of a claim that a reader may move, with the places at which its verdict on `numbers` turns.

    A constant in a test of equality, and one that only asks whether there is any figure, have no other value that
    means anything.
    """
    values = [line.value for line in compiled.lines_of(claim)]
    found: list[Movable] = []
    counting = {part.name for part in claim.parts}
    for comparison in comparisons(claim):
        if comparison.part not in counting or comparison.relation in ("==", "!="):
            continue
        for index in _lines_in(comparison.tree):
            known = any(one.index == index for one in found)  # a line between two numbers bounds both
            if known or (comparison.rule == "testable" and values[index] == 0):
                continue
            number = _measured_by(comparison, index)
            name = number or comparison.names[0]
            subject, _, side = comparison.told(name)
            measured = claim.numbers[name] if side == ["line", index] else None
            reach = _reach(measured, values[index], evaluated(subject, numbers, values) if measured else None)
            turns = _turns(claim, numbers, index, values[index], reach)
            found.append(Movable(index, values[index], comparison, number, reach, turns))
    return found


def _lines_in(tree: compiled.Tree) -> list[int]:
    if not isinstance(tree, list):
        return []
    return [tree[1]] if tree[0] == "line" else [index for branch in tree[1:] for index in _lines_in(branch)]


def _measured_by(comparison: Comparison, index: int) -> str:
    """The number that a line is compared with; empty if the line is a factor or the like."""
    seen = [(name, comparison.seen_from(name)) for name in comparison.names]
    return next((name for name, side in seen if side and side[1] == ["line", index]), "")


def _reach(number: Number | None, line: float, value: float | None) -> Reach:
    """A share and a probability from 0 to 1, a difference of shares from -1; else as its line and number ask."""
    signed = line <= 0 or (value or 0) < 0
    if number and number.unit in ("share", "probability") and abs(line) <= 1:
        return Reach(-1 if signed else 0, 1, 0.01 if line == round(line, 2) else 0.001)
    if number and number.tolerance == 0:
        return Reach(0, max(2 * line, math.ceil(value or 0) + 2, 5), 1)
    most = 1.5 * max(abs(line), abs(value or 0)) or 1
    step = next(s for s in _nice(most / STEPS * 2) if math.isclose(line / s, round(line / s), abs_tol=1e-9))
    high = _plain(step * math.ceil(most / step))
    return Reach(-high if number and signed else 0, high, step)


def _nice(least: float) -> Iterable[float]:
    """1, 2 or 5 times a power of ten: the first that is at least `least`, then ever finer ones."""
    power = math.ceil(math.log10(least))
    ladder = [_plain(m * 10.0**p) for p in range(power, power - 9, -1) for m in (5, 2, 1)]
    first = min(step for step in ladder if step >= least)
    return [step for step in ladder if step <= first]


def _plain(value: float) -> float:
    return float(f"{value:.12g}")


def _turns(claim: Claim, numbers: Numbers, index: int, declared: float, reach: Reach) -> tuple[Turn, ...]:
    """The nearest turn on either side.

    A line in one comparison turns once, so that halving finds where; else every place is tried. Where both rules of
    a part hold, because their lines have crossed, there is no verdict, and so no turn.
    """
    word, places = compiled.decided(claim, numbers)[0], reach.places()

    def at(place: float) -> str | None:
        return compiled.decided(compiled.moved(claim, {index: place}), numbers)[0]

    found = []
    once = sum(index in _lines_in(comparison.tree) for comparison in comparisons(claim)) == 1
    for side in ([p for p in reversed(places) if p < declared], [p for p in places if p > declared]):
        if once and side and at(side[-1]) not in (word, None):
            side = side[bisect.bisect_left(side, True, key=lambda place: at(place) != word) :]
        elif once:
            continue
        turned = next((Turn(place, now) for place in side if (now := at(place)) not in (word, None)), None)
        found += [turned] if turned else []
    return tuple(found)


def alternatives(verdict: Verdict) -> Alternatives:
    """What of a verdict's alternatives turns it, alone and two at a time."""
    declared = registry()[verdict.claim].alternatives
    moving = tuple(label for label in declared if verdict.moves.get(label))
    singles = tuple(
        Turn((label,), verdict.alternatives[label])
        for label in moving
        if verdict.alternatives[label] != verdict.verdict
    )
    alone = {label for turn in singles for label in turn.where}
    words = {pair: _together(verdict, pair) for pair in itertools.combinations(moving, 2)}
    pairs = tuple(
        Turn(pair, word)
        for pair, word in words.items()
        if word not in ("", verdict.verdict) and not alone & set(pair)
    )
    excluded = tuple(pair for pair, word in words.items() if not word)
    return Alternatives(moving, excluded, singles, pairs, (len(moving), len(words) - len(excluded)))


def apart(claim: Claim, verdict: Verdict) -> list[str]:
    """The pairs whose verdict by the chapter is not that of their numbers put together."""
    found = []
    for pair, word in verdict.pairs.items():
        first, second = (verdict.moves.get(label, {}) for label in pair.split(" + "))
        if claim.decide({**verdict.numbers, **first, **second})[0] != word:
            found.append(pair)
    return found


def _together(verdict: Verdict, pair: tuple[str, str]) -> str:
    """The verdict under two alternatives at once; empty if they exclude each other."""
    return verdict.pairs.get(" + ".join(pair)) or verdict.pairs.get(" + ".join(reversed(pair)), "")
