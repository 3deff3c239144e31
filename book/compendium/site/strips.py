"""Verdict strips and seals as the templates show them."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from compendium.evidence.numbers import listing
from compendium.figures import seal, strip
from compendium.trial import claims, strips, verdicts

SEALS = {word: Markup(seal.seal(word)) for word in seal.WORDS}
DOTS = {count: Markup(seal.dots(count)) for count in range(1, seal.DOTS + 1)}


@dataclass(frozen=True)
class Drawn:
    """One strip for the page: what its number means, the drawing, and whether it shows alternatives."""

    name: str
    svg: Markup
    alternatives: bool


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
    drawn = tuple(
        Drawn(strips.name(claim, reading), Markup(strip.draw(strips.strip(claim, reading))), bool(reading.moved))
        for reading in readings
    )
    word = {**verdict.context, **verdict.parts}[part.name]
    return PartDrawn(part.name, word, drawn, _silent(claim, verdict, part, first))


def _silent(claim: claims.Claim, verdict: verdicts.Verdict, part: claims.Part, first: bool) -> str:
    if not any(reading.decisive and reading.values for reading in strips.readings(claim, verdict, part)):
        return "The rule asks for several numbers together: none of them alone would change the verdict here."
    named = [] if first else [claim.numbers[name].meaning for name in strips.silent(claim, verdict, part)]
    return f"No value of this alone would change the verdict here: {listing(named)}." if named else ""
