"""Verdict strips and seals as the templates show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from compendium.evidence.numbers import listing
from compendium.figures import seal, strip
from compendium.trial import claims, strips, verdicts

SEALS = {word: Markup(seal.seal(word)) for word in seal.WORDS}
DOTS = {count: Markup(seal.dots(count)) for count in range(1, seal.DOTS + 1)}


LEFT_OUT = "A way that changes the verdict through other numbers is not drawn."


@dataclass(frozen=True)
class Drawn:
    """One strip for the page: what its number means, the drawing, and which of the marks of `key` are in it."""

    name: str
    svg: Markup
    marks: frozenset[str]


@dataclass(frozen=True)
class PartDrawn:
    """A part of a claim with its word, its strips, and a sentence on the numbers that alone decide nothing."""

    name: str
    word: str
    strips: tuple[Drawn, ...]
    silent: str


def of_parts(claim: claims.Claim, verdict: verdicts.Verdict, first: bool = False) -> tuple[PartDrawn, ...]:
    """Return every strip of a claim by part, or of each part the first alone, for where room is short."""
    return tuple(_part(claim, verdict, part, first) for part in claim.parts)


def of_context(claim: claims.Claim, verdict: verdicts.Verdict) -> tuple[PartDrawn, ...]:
    """Return the strips of the questions that stand beside the verdict."""
    return tuple(_part(claim, verdict, part, first=False) for part in claim.context)


def small(claim: claims.Claim, verdict: verdicts.Verdict) -> Markup:
    """Return the strip of the key number for a list."""
    return Markup(strip.small(strips.of_key(claim, verdict)))


def _part(claim: claims.Claim, verdict: verdicts.Verdict, part: claims.Part, first: bool) -> PartDrawn:
    readings = strips.readings(claim, verdict, part)[: 1 if first else None]
    shown = [(reading, strips.strip(claim, reading)) for reading in readings]
    drawn = tuple(
        Drawn(strips.name(claim, reading), Markup(strip.draw(one)), _marks(one, bool(reading.elsewhere)))
        for reading, one in shown
    )
    word = {**verdict.context, **verdict.parts}[part.name]
    return PartDrawn(part.name, word, drawn, _silent(claim, verdict, part, first))


def _marks(one: strip.Strip, left_out: bool) -> frozenset[str]:
    ticks = "grey bars below" if one.spans else "thin upright lines" if one.ticks else ""
    return frozenset(
        filter(None, ("dot" * (one.value is not None), "dark bar" * bool(one.interval), ticks, LEFT_OUT * left_out))
    )


def key(drawn: Iterable[PartDrawn]) -> str:
    """Return what the marks in the strips of a card mean; empty where no other way to count is drawn."""
    marks = frozenset[str]().union(*(one.marks for part in drawn for one in part.strips))
    others: list[str] = [mark for mark in ("thin upright lines", "grey bars below") if mark in marks]
    if not others:
        return ""
    found = {"dot": "what was found", "dark bar": "its interval" if "dot" in marks else "the interval found"}
    told = [f"{mark}: {means}" for mark, means in found.items() if mark in marks]
    text = f"{'; '.join([*told, f'{listing(others)}: the other defensible ways to count'])}.".capitalize()
    return f"{text} {LEFT_OUT}" if LEFT_OUT in marks else text


def _silent(claim: claims.Claim, verdict: verdicts.Verdict, part: claims.Part, first: bool) -> str:
    if not any(reading.decisive and reading.values for reading in strips.readings(claim, verdict, part)):
        return "The rule asks for several numbers together: none of them alone would change the verdict here."
    named = [] if first else [claim.numbers[name].meaning for name in strips.silent(claim, verdict, part)]
    return f"No value of this alone would change the verdict here: {listing(named)}." if named else ""
