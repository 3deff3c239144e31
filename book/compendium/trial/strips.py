"""Which numbers of a claim get a verdict strip, on which axis, and what the strip says in words."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from compendium.evidence import numbers as prose
from compendium.figures.strip import Scale, Stretch, Strip
from compendium.trial import zones
from compendium.trial.claims import Claim, Part
from compendium.trial.rules import CONTRADICTED, OPEN, SUPPORTED, UNTESTABLE, Numbers
from compendium.trial.told import ANSWERS, plain
from compendium.trial.verdicts import Verdict
from compendium.trial.zones import Zone

KINDS = {SUPPORTED: "for", CONTRADICTED: "against", OPEN: "neither", UNTESTABLE: "untestable"}
NONE_PUBLISHED = "no figure published"
MOST_CELLS = 400  # whole numbers that are decided one by one
WIDE = 20  # positive numbers that span more than this are drawn in equal ratios
NEEDED = {
    SUPPORTED: "needed to support",
    CONTRADICTED: "needed to contradict",
    zones.UNKNOWN: "needed to decide",
}
NEEDED_TO_TEST = "needed to test"
NEEDED_BESIDE = {SUPPORTED: "needed for yes", CONTRADICTED: "needed for no", zones.UNKNOWN: "needed to decide"}
POINT = 0.008  # of the axis: how far a zone of one value is drawn to either side
_MEASURES = ("share", "probability", "ratio", "US dollars")  # never drawn as whole numbers
_NICE = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)


@dataclass(frozen=True)
class Reading:
    """One number of a part, or an interval by its two ends, moved along its axis while the others stay.

    `zones` cover the whole line, or whole numbers in steps; where all have one word, `asked` are the zones of what
    the rules ask of this number. `lines` are the values that a rule names. `values` are
    what was found, in the order of `names`; empty where nothing was published. `moved` are the values under each
    alternative that moves a number of `names`; `elsewhere` names those that move other numbers of the part too, so
    that the zone in which such a value lies is not the word that they give. `around` is the interval of a single
    number, `centre` the key number within an interval that is read by its ends; `beside` says
    that the part is a question beside the verdict, which is answered by yes or no.
    """

    part: Part
    names: tuple[str, ...]
    word: str
    zones: tuple[Zone, ...]
    asked: tuple[Zone, ...]
    lines: tuple[float, ...]
    scale: Scale
    values: tuple[float, ...]
    moved: dict[str, tuple[float, ...]]
    elsewhere: tuple[str, ...] = ()
    around: tuple[float, float] | None = None
    centre: float | None = None
    beside: bool = False

    @property
    def decisive(self) -> bool:
        """Whether a value of this number alone could change the verdict on the part."""
        return len({zone.word for zone in self.zones}) > 1


def readings(claim: Claim, verdict: Verdict, part: Part) -> tuple[Reading, ...]:
    """Return the numbers that decide a part, the key number first.

    They are the numbers that the rules which are reached name and that alone could change the verdict on the part,
    or all if none could; and those of the other rules that nobody has published.
    """
    names = _asked(part, verdict.numbers)
    ordered = sorted(names, key=lambda name: (name != claim.key_number, list(claim.numbers).index(name)))
    groups: list[tuple[str, ...]] = []
    for name in ordered:
        if not any(name in group for group in groups):
            groups.append(_ends(claim, part, name, verdict.numbers) or (name,))
    found = [_reading(claim, verdict, part, group) for group in groups]
    decisive = any(reading.decisive and reading.values for reading in found)
    return tuple(reading for reading in found if reading.decisive or not reading.values or not decisive)


def of_claim(claim: Claim, verdict: Verdict) -> dict[str, tuple[Strip, ...]]:
    """Return the strips of a claim by part; questions beside the verdict come last."""
    return {
        part.name: tuple(strip(claim, reading) for reading in readings(claim, verdict, part))
        for part in (*claim.parts, *claim.context)
    }


def of_key(claim: Claim, verdict: Verdict) -> Strip:
    """Return the strip of the key number."""
    return strip(claim, key_reading(claim, verdict))


def key_reading(claim: Claim, verdict: Verdict) -> Reading:
    """Return the key number in the first part whose rules ask for it; else the first number that decides."""
    found = [reading for part in claim.parts for reading in readings(claim, verdict, part)]
    return next((r for r in found if claim.key_number in r.names or r.names == claim.interval), found[0])


def silent(claim: Claim, verdict: Verdict, part: Part) -> tuple[str, ...]:
    """Return the published numbers that a reached rule names and of which no value alone would change the part."""
    shown = {name for reading in readings(claim, verdict, part) for name in reading.names}
    asked = _asked(part, verdict.numbers)
    return tuple(name for name in claim.numbers if name in asked - shown)


def _asked(part: Part, numbers: Numbers) -> set[str]:
    """The numbers that the reached rules name; where nothing can be tested, also those that are not published."""
    decided = part.supported.names | part.contradicted.names
    if part.testable is None:
        return decided
    if part.testable.holds(numbers):
        return part.testable.names | decided
    return part.testable.names | {name for name in decided if numbers[name] is None}


def _ends(claim: Claim, part: Part, name: str, numbers: Numbers) -> tuple[str, ...] | None:
    """The two ends of an interval that has a zone's word where it lies whole in it; None if they are not.

    Across a line between two zones such an interval is not established, wherever its ends are. Where the numbers
    alone decide nothing, that must hold of what the rules ask of them.
    """
    stem, _, end = name.rpartition("_")
    low, high = f"{stem}_low", f"{stem}_high"
    if end not in ("low", "high") or not {low, high} <= part.supported.names | part.contradicted.names:
        return None
    if not {low, high} <= set(claim.numbers) or (numbers[low] is None) != (numbers[high] is None):
        return None
    pair, ruled = (low, high), _testable(part)
    words = {zone.word for zone in zones.zones(ruled, pair, numbers)}
    if len(words) == 1 and numbers[low] is not None:
        ruled = _testable(zones.asked(part, pair))
        words = {zone.word for zone in zones.zones(ruled, pair, numbers)}
    if len(words) == 1 or zones.UNKNOWN in words or not zones.separable(ruled, pair):
        return None
    values = zones.samples(ruled, pair, numbers)
    for least, most in itertools.combinations_with_replacement(values, 2):
        inside = {
            zones.word(ruled, {**numbers, low: value, high: value}) for value in values if least <= value <= most
        }
        expected = inside.pop() if len(inside) == 1 else OPEN
        if zones.word(ruled, {**numbers, low: least, high: most}) != expected:
            return None
    return pair


def _testable(part: Part) -> Part:
    """The part had it been found testable: what its other rules would say."""
    return replace(part, testable=None)


def _reading(claim: Claim, verdict: Verdict, part: Part, names: tuple[str, ...]) -> Reading:
    values = tuple(value for name in names if (value := verdict.numbers[name]) is not None)
    moves = dict(_moved(verdict, names)) if values else {}
    elsewhere = tuple(label for label in moves if _turns_elsewhere(part, verdict, label, names))
    moved = {label: found for label, found in moves.items() if label not in elsewhere}
    around = _around(claim, verdict.numbers, names)
    ruled = part if values else _testable(part)
    lines = sorted({point for points in zones.lines(ruled, names, verdict.numbers).values() for point in points})
    points = [*values, *(value for found in moved.values() for value in found), *(around or ())]
    number = claim.numbers[names[0]]
    scale = _scale(number.unit, number.tolerance, points, lines)
    found, asked = (
        zones.whole(rules, names, verdict.numbers, math.ceil(scale.low), math.floor(scale.high))
        if scale.cells
        else zones.zones(rules, names, verdict.numbers)
        for rules in (ruled, zones.asked(part, names))
    )
    centre = verdict.numbers[claim.key_number] if names == claim.interval else None
    beside = part in claim.context
    centre = None if claim.key_number in names else centre
    word = {**verdict.context, **verdict.parts}[part.name]
    return Reading(
        part, names, word, found, asked, tuple(lines), scale, values, moved, elsewhere, around, centre, beside
    )


def _moved(verdict: Verdict, names: Sequence[str]) -> Iterator[tuple[str, tuple[float, ...]]]:
    """The alternatives that move one of the numbers, with all of them as they are then."""
    for label, moves in verdict.moves.items():
        given = [moves.get(name, verdict.numbers[name]) for name in names]
        found = tuple(value for value in given if value is not None)
        if moves.keys() & set(names) and len(found) == len(names):
            yield label, found


def _turns_elsewhere(part: Part, verdict: Verdict, label: str, names: Sequence[str]) -> bool:
    """Whether an alternative gives the part another word than its values of these numbers alone would."""
    moves = verdict.moves[label]
    alone = {name: value for name, value in moves.items() if name in names}
    return zones.word(part, {**verdict.numbers, **moves}) != zones.word(part, {**verdict.numbers, **alone})


def _around(claim: Claim, numbers: Numbers, names: Sequence[str]) -> tuple[float, float] | None:
    """The interval of a single number: the one declared for the key number, or the one that it is an end of."""
    if len(names) > 1:
        return None
    stem, _, end = names[0].rpartition("_")
    ends: tuple[str, ...] = ()
    if names[0] == claim.key_number and claim.interval:
        ends = claim.interval
    elif end in ("low", "high") and "interval" in claim.numbers[names[0]].meaning:
        ends = f"{stem}_low", f"{stem}_high"
    found = [value for name in ends if (value := numbers.get(name)) is not None]
    return (found[0], found[1]) if len(found) == 2 else None


# ---------------------------------------------------------------- the axis


def _scale(unit: str, tolerance: float, points: Sequence[float], lines: Sequence[float]) -> Scale:
    """An axis that suits the unit and holds every value, every alternative and the lines of the rules."""
    seen = [*points, *lines] or [0.0]
    if unit == "yes or no":
        return _cells(-1 if min(points, default=0) < 0 else 0, 1)
    counted = unit not in _MEASURES and not tolerance and min(points, default=0) >= 0
    if counted and all(float(value).is_integer() for value in points):
        top = max([*points, *(math.floor(line) + 1 for line in lines), 1])
        if top < MOST_CELLS:
            return _cells(0, int(top))
    if unit in ("share", "probability") and min(seen) >= 0 and max(seen) <= 1 and list(lines) != [0.0]:
        return Scale(0.0, 1.0)
    if unit in _MEASURES[2:] and min(seen) > 0 and max(seen) / min(seen) > WIDE:
        return Scale(1.0 if min(seen) >= 1 else 1 / _nice(1.3 / min(seen)), _nice(1.3 * max(seen)), log=True)
    if min(seen) < 0 or 0.0 in lines:
        reach = max(map(abs, seen)) or 0.8
        low, high = min(0.0, *seen), max(0.0, *seen)
        furthest = 1.0 if unit == "share" else math.inf
        below, above = (min(furthest, _nice(max(far * 1.1, reach / 4))) for far in (-low, high))
        return Scale(-below, above)
    return Scale(0.0, _nice(1.15 * max(seen)))


def _cells(low: int, high: int) -> Scale:
    return Scale(low - 0.5, high + 0.5, cells=high - low + 1)


def _nice(value: float) -> float:
    """The next round number at or above a positive value."""
    size = 10.0 ** math.floor(math.log10(value))
    return next(float(f"{step * size:.12g}") for step in _NICE if step * size >= value * (1 - 1e-9))


# ---------------------------------------------------------------- the words


def strip(claim: Claim, reading: Reading) -> Strip:
    """Return the strip of a reading: what is drawn, and the same in words."""
    unit = claim.numbers[reading.names[0]].unit
    said = _found(reading.values, unit) + _across(reading)
    scale, values = reading.scale, reading.values
    inside = [line for line in reading.lines if scale.low <= line <= scale.high]
    if scale.cells:
        first = math.ceil(scale.low)
        step = next(step for step in (1, 2, 5, 10, 20, 50) if scale.cells <= 10 * step)
        figures = [(float(n), short(n, unit)) for n in range(first, first + scale.cells, step)]
        ends: list[tuple[float, str]] = []
    else:
        deciding = {end for zone in reading.zones for end in (zone.low, zone.high)}
        named = [line for line in inside if line in deciding or not reading.decisive]
        figures = [(line, short(line, unit)) for line in named]
        ends = [(end, short(end, unit)) for end in (scale.low, scale.high) if end not in inside]
    pair = (values[0], values[-1]) if len(set(values)) == 2 else None
    return Strip(
        title=f"{name(claim, reading)}: {said}",
        text=" ".join(_sentences(claim, reading, unit)),
        scale=scale,
        stretches=tuple(_stretches(reading)),
        said=said,
        value=reading.centre if pair else values[0] if values else None,
        interval=pair or reading.around,
        ticks=tuple((found[0], found[-1]) for found in reading.moved.values()),
        figures=tuple(figures),
        ends=tuple(ends),
    )


def name(claim: Claim, reading: Reading) -> str:
    """Return what the number means; of an interval, what lies between its ends."""
    meanings = [claim.numbers[name].meaning for name in reading.names]
    whole = re.sub(r"^(lower end of the|lowest) ", "", meanings[0])
    meaning = whole if len(meanings) == 2 and whole != meanings[0] else ", to ".join(meanings)
    return meaning[:1].upper() + meaning[1:]


def short(value: float, unit: str) -> str:
    """Return a number for the axis: without its unit unless it is part of how it is written."""
    match unit:
        case "share" | "US dollars" | "yes or no":
            return plain(value, unit)
        case "probability":
            return prose.trimmed(value, 3)
        case _:
            return prose.trimmed(value, 2)


def _found(values: Sequence[float], unit: str) -> str:
    if not values:
        return NONE_PUBLISHED
    if len(set(values)) == 1:
        return plain(values[0], unit)
    return f"{short(values[0], unit)} to {plain(values[1], unit)}"


def _across(reading: Reading) -> str:
    """That an interval reaches over the lines between its zones, if it does."""
    if len(reading.names) == 1 or not reading.values:
        return ""
    low, high = reading.values
    crossed = {zone.high for zone in reading.zones if low < zone.high < high}
    return f", across the {'line' if len(crossed) == 1 else 'lines'}" if crossed else ""


def _stretches(reading: Reading) -> Iterator[Stretch]:
    """The zones as far as the axis shows them; where none decides, hollow ones of what the rules ask for."""
    low, high = reading.scale.low, reading.scale.high
    hollow = not reading.decisive or not reading.values
    for zone in reading.zones if reading.decisive else reading.asked:
        # A zone of one value is drawn as wide as can be seen.
        half = POINT * (high - low) if zone.low == zone.high else 0.0
        left, right = max(zone.low - half, low), min(zone.high + half, high)
        if left < right:
            kind = KINDS.get(zone.word, "unknown")
            if not reading.decisive and _needed(zone, reading) == NEEDED_TO_TEST:
                kind = "unknown"
            word = _said(zone.word, reading) if reading.decisive else _needed(zone, reading)
            yield Stretch(left, right, kind, word, hollow)


def _needed(zone: Zone, reading: Reading) -> str:
    """What a value in the zone would do towards a verdict, where it does not decide alone; empty if nothing."""
    tests = any(asked.word == UNTESTABLE for asked in reading.asked)
    needed = NEEDED_BESIDE if reading.beside else NEEDED
    return needed.get(zone.word, NEEDED_TO_TEST if tests and zone.word == OPEN else "")


def _said(word: str, reading: Reading) -> str:
    """The word of a zone, or the answer beside the verdict; where a number is missing, what can be said of it."""
    if word != zones.UNKNOWN:
        return ANSWERS[word] if reading.beside else word
    return "testable" if reading.word == UNTESTABLE else "cannot be said"


def _sentences(claim: Claim, reading: Reading, unit: str) -> Iterator[str]:
    if reading.decisive:
        told = [f"{_said(zone.word, reading)} {_where(zone, unit, reading)}" for zone in reading.zones]
        yield f"{', '.join(told).capitalize()}."
        if len(reading.names) > 1:
            yield "An interval that reaches over a line is not established."
    else:
        asked = [(_needed(zone, reading), zone) for zone in reading.asked]
        told = [f"{needed}: {_where(zone, unit, reading)}" for needed, zone in asked if needed]
        yield f"{'; '.join([f'{_said(reading.word, reading)} whatever it is', *told]).capitalize()}."
    if reading.moved:
        moved = [f"{claim.alternatives[label]}: {_found(values, unit)}" for label, values in reading.moved.items()]
        yield f"Otherwise counted: {'; '.join(moved)}."
    if reading.elsewhere:
        told = [claim.alternatives[label] for label in reading.elsewhere]
        yield f"Not drawn, as other numbers move with it: {'; '.join(told)}."


def _where(zone: Zone, unit: str, reading: Reading) -> str:
    """Where a zone lies, in words that tell whether its ends belong to it."""
    if reading.scale.cells:
        return _where_whole(math.ceil(zone.low), math.floor(zone.high), unit, reading.scale)
    low, high = short(zone.low, unit) if math.isfinite(zone.low) else "", ""
    if math.isfinite(zone.high):
        high = short(zone.high, unit)
    if zone.low == zone.high:
        return f"at {low}"
    begin = f"{'from' if zone.closed_low else 'above'} {low}"
    if low and high:
        return f"{begin} {'to' if zone.closed_high else 'to below'} {high}"
    if high:
        return f"{'up to' if zone.closed_high else 'below'} {high}"
    return begin if low else "whatever it is"


def _where_whole(first: int, last: int, unit: str, scale: Scale) -> str:
    starts, ends = first - 1 < scale.low, last + 1 > scale.high
    if starts and ends:
        return "whatever it is"
    if unit == "yes or no":
        return f"if {'it ' if first < 0 else ''}{' or '.join(short(n, unit) for n in range(first, last + 1))}"
    if ends:
        return f"from {short(first, unit)}"
    return f"at {short(first, unit)}" if first == last else f"from {short(first, unit)} to {short(last, unit)}"
