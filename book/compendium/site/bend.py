"""Bend the rule: on the page of a claim a reader moves the lines of its rules and chooses alternatives."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from compendium.evidence.numbers import count, listing, trimmed
from compendium.site import living, pages, ruletext
from compendium.trial import bending, claims, told, verdicts
from compendium.trial.told import plain


def bend(claim: claims.Claim, verdict: verdicts.Verdict | None) -> Markup:
    """The place where the rule is bent: in print and without scripts, what would turn the verdict."""
    if verdict is None:
        return Markup()
    lines = [one for one in bending.movable(claim, verdict.numbers) if _measured(verdict, one)]
    chosen = bending.alternatives(verdict)
    asked = [(one.comparison, one.number or one.comparison.names[0]) for one in lines]
    data = living.data(claim, verdict, asked) | {
        "leads": living.LEADS,
        "moves": {label: verdict.moves[label] for label in chosen.moving},
        "pairs": verdict.pairs,
        "apart": bending.apart(claim, verdict),
    }
    return Markup(
        pages.render(
            "bend.html",
            claim=claim,
            lead=living.LEADS[0],
            parts=[part.name for part in claim.parts] if len(claim.parts) > 1 else [],
            lines=[_line(claim, verdict, one) for one in lines],
            alternatives=[_alternative(claim, verdict, label) for label in chosen.moving],
            summary=summary(claim, verdict, chosen),
            data=living.as_json(data),
            **living.marks(verdict),
        )
    )


def _measured(verdict: verdicts.Verdict, one: bending.Movable) -> bool:
    """Whether all that a line is compared with is known, here or under an alternative; else moving it is vain."""
    known = {name for moved in verdict.moves.values() for name in moved}
    return all(verdict.numbers[name] is not None or name in known for name in one.comparison.names)


def _line(claim: claims.Claim, verdict: verdicts.Verdict, one: bending.Movable) -> dict[str, Any]:
    """A line in words, with its reach for the control, and where the verdict turns."""
    name = one.number or one.comparison.names[0]
    number = claim.numbers[name]
    bounds = one.comparison.told(name)[2] == ["line", one.index]
    unit = ruletext.unit(claim, one.comparison, name) if bounds else ""
    return {
        "index": one.index,
        "declared": one.declared,
        "reach": one.reach,
        "unit": unit,
        "name": name,
        "meaning": number.meaning,
        "value": plain(verdict.numbers[name], number.unit),
        "turns": turns(one, unit),
        "line": living.line(claim, one.comparison, name, verdict.numbers),
    }


def turns(one: bending.Movable, unit: str) -> str:
    """Where the verdict turns when this line alone is moved, as a sentence."""

    def said(place: float) -> str:
        words = told.line(place, unit) if unit else trimmed(place, 4)
        if place == 0 == one.reach.low or (unit in ("share", "probability") and place == 1):
            return words  # nothing lies beyond
        return f"{words} or {'less' if place < one.declared else 'more'}"

    if not one.turns:
        return "Moved alone, this line does not turn the verdict."
    places = [f"“{turn.verdict}” at {said(turn.where)}" for turn in one.turns]
    return f"Moved alone, it turns the verdict to {' and to '.join(places)}."


def _alternative(claim: claims.Claim, verdict: verdicts.Verdict, label: str) -> dict[str, Any]:
    """An alternative: what it is, the numbers that it changes, and the verdict under it alone."""
    moved = [
        f"{claim.numbers[name].meaning}: {plain(value, claim.numbers[name].unit)}"
        for name in claim.numbers
        if (value := verdict.moves[label].get(name, ...)) is not ...
    ]
    return {
        "label": label,
        "words": claim.alternatives[label],
        "moves": "; ".join(moved),
        "word": verdict.alternatives[label],
    }


def summary(claim: claims.Claim, verdict: verdicts.Verdict, chosen: bending.Alternatives) -> list[str]:
    """Which alternatives turn the verdict alone and in pairs, and which exclude each other, as sentences."""
    single, paired = chosen.tried
    if not claim.alternatives:
        return ["No alternative was declared for this claim."]
    if not single:
        return ["None of the declared alternatives changes a number."]
    said = [_turning("alternative", single, chosen.singles, claim)]
    if paired:
        said.append(_turning("pair of alternatives", paired, chosen.pairs, claim))
    if chosen.excluded:
        said.append(
            f"{'One pair gives' if len(chosen.excluded) == 1 else f'{count(len(chosen.excluded))} pairs give'} one "
            "number two values; together they were not computed."
        )
    if idle := [claim.alternatives[label] for label in verdict.idle]:
        said.append(f"These change no number: {listing(idle)}.")
    return said


def _turning(what: str, tried: int, turning: tuple[bending.Turn, ...], claim: claims.Claim) -> str:
    """How many of the alternatives or of their pairs turn the verdict, and which."""
    alone = " alone" if what == "alternative" else " where neither of the two does so alone"
    of = f"Of {count(tried)} {what if tried == 1 else what.replace(what.split()[0], f'{what.split()[0]}s', 1)}"
    if not turning:
        return f"{of}, none turns the verdict{alone}."
    listed = [
        f"{' with '.join(claim.alternatives[label] for label in turn.where)} (“{turn.verdict}”)" for turn in turning
    ]
    verb = "turns" if len(turning) == 1 else "turn"
    return f"{of}, {count(len(turning))} {verb} the verdict{alone}: {'; '.join(listed)}."
