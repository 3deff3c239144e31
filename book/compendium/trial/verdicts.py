"""Verdicts: the numbers of a chapter turned into a verdict, and the published verdicts compared with new ones."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from compendium.evidence import paths, trail
from compendium.trial.claims import Claim, registry
from compendium.trial.rules import ClaimError, Numbers

MIME = "application/vnd.compendium.verdict+json"
# A digest of the numbers as they were before they were rounded; said where this variable asks for it, for it may
# differ between machines.
UNROUNDED = "application/vnd.compendium.unrounded+json"
SAY_UNROUNDED = "COMPENDIUM_SAY_UNROUNDED"


@dataclass(frozen=True)
class Verdict:
    """The verdict on a claim, with everything it rests on; shows itself as a card.

    `alternatives` gives the verdict under each declared alternative, `shifted` the parts whose verdict differs
    there, `moves` the numbers that it changes, and `pairs` the verdict under two alternatives at once, named
    `first + second`, where both move a number and not the same one to different values. `context` gives the words
    on questions that stand beside the verdict. `unrounded` is the digest of the numbers before they were rounded.
    """

    claim: str
    verdict: str
    parts: Mapping[str, str]
    numbers: Numbers
    alternatives: Mapping[str, str] = field(default_factory=dict)
    shifted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    moves: Mapping[str, Numbers] = field(default_factory=dict)
    pairs: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()
    unrounded: str = field(default="", compare=False)

    @property
    def idle(self) -> tuple[str, ...]:
        """The alternatives that change none of the numbers; they prove nothing and are not counted."""
        return tuple(label for label in self.alternatives if not self.moves.get(label))

    @property
    def survives(self) -> tuple[int, int]:
        """How many alternatives that move a number leave the verdict and all its parts; how many there are."""
        moving = [label for label in self.alternatives if self.moves.get(label)]
        stands = [self.alternatives[label] == self.verdict and label not in self.shifted for label in moving]
        return sum(stands), len(stands)

    @property
    def pairs_survive(self) -> tuple[int, int]:
        """How many pairs of alternatives leave the verdict; how many there are."""
        return sum(word == self.verdict for word in self.pairs.values()), len(self.pairs)

    def as_dict(self) -> dict[str, Any]:
        """The verdict as plain data, as it travels in the notebook and in `verdicts.json`."""
        plain = json.loads(json.dumps(asdict(self)))
        del plain["unrounded"]
        return plain

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verdict:
        """The inverse of `as_dict`."""
        listed = {key: tuple(data.get(key, ())) for key in ("reasons_for", "reasons_against")}
        return cls(**{**data, **listed})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = ", ".join(f"{name} = {value}" for name, value in self.numbers.items())
        exact = (
            {UNROUNDED: {"claim": self.claim, "sha256": self.unrounded}} if os.environ.get(SAY_UNROUNDED) else {}
        )
        return {
            **exact,
            MIME: self.as_dict(),
            "text/html": self._card(),
            "text/plain": f"{self.claim}: {self.verdict} ({shown})",
        }

    def _card(self) -> str:
        """The verdict for notebooks outside the site: claim, verdict, parts and numbers."""
        claim = registry()[self.claim]
        parts = [f"<li>{escape(name)}: <strong>{word}</strong></li>" for name, word in self.parts.items()]
        rows = [
            (claim.numbers[name].meaning, "none" if value is None else f"{value:g}", claim.numbers[name].unit)
            for name, value in self.numbers.items()
        ]
        numbers = [f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows]
        stands, tried = self.survives
        return (
            f"<section><h4>{escape(claim.title)}: {self.verdict}</h4>"
            f"<p>“{escape(claim.quote)}” ({claim.holder})</p>"
            f"<ul>{''.join(parts)}</ul><table>{''.join(numbers)}</table>"
            f"<p>The verdict stays under {stands} of {tried} other ways to count that move a number.</p></section>"
        )


def conclude(
    claim_id: str,
    /,
    *,
    alternatives: Mapping[str, Mapping[str, float | None]] | None = None,
    together: Mapping[str, Mapping[str, float | None]] | None = None,
    reasons_for: Iterable[str] = (),
    reasons_against: Iterable[str] = (),
    **numbers: float | None,
) -> Verdict:
    """Turn the numbers of a chapter into the verdict on a claim.

    `numbers` are exactly the numbers declared for the claim; None stands for what nobody has published,
    and is allowed only where no rule that is reached needs it. `alternatives` maps every declared
    alternative to the numbers that it changes; `together` gives those of two that touch the same number, under
    `first + second`. A judged claim lists its reasons for and against.
    Raises ClaimError naming the claim, what was expected and what was found.
    """
    claim = registry()[claim_id]
    clean = _clean(claim, numbers)
    changes = alternatives or {}
    if set(changes) != set(claim.alternatives):
        raise ClaimError(
            f"claim {claim.id}: alternatives declared: {_names(claim.alternatives)}; given: {_names(changes)}"
        )
    reasons = tuple(reasons_for), tuple(reasons_against)
    if claim.basis == "judged" and not all(reasons):
        raise ClaimError(f"claim {claim.id}: a judged verdict lists reasons for and against; one of them is empty")
    try:
        verdict, by_part = claim.decide(clean)
        context = {part.name: part.decide(clean) for part in claim.context}
        moves = {label: _moved(claim, clean, changes[label]) for label in claim.alternatives}
        decided = {label: claim.decide({**clean, **moved}) for label, moved in moves.items()}
        both = _paired(moves) | {pair: _moved(claim, clean, moved) for pair, moved in (together or {}).items()}
        pairs = {pair: claim.decide({**clean, **moved})[0] for pair, moved in both.items()}
    except ClaimError as error:
        raise ClaimError(f"claim {claim.id}: {error}") from None
    shifted = {
        label: {name: word for name, word in parts.items() if word != by_part[name]}
        for label, (_, parts) in decided.items()
    }
    trail.tell(f"claim {claim_id}", leave_out=("alternatives", "together", "reasons_for", "reasons_against"))
    return Verdict(
        claim.id,
        verdict,
        by_part,
        clean,
        {label: word for label, (word, _) in decided.items()},
        {label: parts for label, parts in shifted.items() if parts},
        moves,
        pairs,
        context,
        *reasons,
        unrounded=_unrounded(numbers, changes, together or {}),
    )


def _unrounded(numbers: Mapping[str, Any], *changes: Mapping[str, Mapping[str, Any]]) -> str:
    """A digest of all numbers as they were given, to the last bit."""

    def bits(given: Mapping[str, Any]) -> dict[str, str]:
        return {name: "none" if value is None else float(value).hex() for name, value in given.items()}

    exact = [bits(numbers), *({label: bits(given) for label, given in change.items()} for change in changes)]
    return hashlib.sha256(json.dumps(exact, sort_keys=True).encode()).hexdigest()


def _moved(claim: Claim, numbers: Numbers, changes: Mapping[str, Any]) -> dict[str, float | None]:
    """What an alternative really changes of the numbers that the rules name: the others prove nothing."""
    named = set().union(*(rule.names for part in claim.parts for rule in part.rules.values()))
    changed = _clean(claim, changes, whole=False)
    return {name: value for name, value in changed.items() if name in named and value != numbers[name]}


def _paired(moves: Mapping[str, Numbers]) -> dict[str, dict[str, float | None]]:
    """Two alternatives at once, where both move a number and agree on any that both move."""
    moving = [label for label, moved in moves.items() if moved]
    return {
        f"{first} + {second}": {**moves[first], **moves[second]}
        for first, second in itertools.combinations(moving, 2)
        if all(moves[first][name] == moves[second][name] for name in moves[first].keys() & moves[second].keys())
    }


def _clean(claim: Claim, numbers: Mapping[str, Any], whole: bool = True) -> dict[str, float | None]:
    """Plain rounded floats: verdicts must not differ in the last bits between machines."""
    unknown, missing = set(numbers) - set(claim.numbers), set(claim.numbers) - set(numbers)
    if unknown or (whole and missing):
        raise ClaimError(f"claim {claim.id}: numbers declared: {_names(claim.numbers)}; given: {_names(numbers)}")
    clean: dict[str, float | None] = {}
    for name, value in numbers.items():
        if value is not None and not math.isfinite(value):
            raise ClaimError(
                f"claim {claim.id}: {name} is {value!r}; expected a finite number, or None if unpublished"
            )
        clean[name] = None if value is None else float(f"{float(value):.6g}")
    return clean


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


# ---------------------------------------------------------------- published verdicts


@dataclass(frozen=True)
class Difference:
    """A difference between a published and a recomputed verdict; a `serious` one fails verification."""

    claim: str
    what: str
    published: str
    recomputed: str
    serious: bool

    def __str__(self) -> str:
        advice = (
            "if the change is intended, review it and run `make accept`" if self.serious else "within the verdict"
        )
        return (
            f"claim {self.claim}: {self.what}: published {self.published}, recomputed {self.recomputed}; {advice}"
        )


def _verdicts_file() -> Path:
    return paths.DATA / "verdicts.json"


def published() -> dict[str, Verdict]:
    """The committed verdicts of `data/verdicts.json`, by claim; empty if none were ever accepted."""
    if not _verdicts_file().exists():
        return {}
    try:
        raw = json.loads(_verdicts_file().read_text(encoding="utf-8"))
        return {
            claim_id: Verdict.from_dict({"claim": claim_id, **data}) for claim_id, data in raw["claims"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClaimError(
            f"{_verdicts_file().name}: cannot be read ({type(error).__name__}: {error}); restore it from git"
        ) from None


def accept(verdicts: Mapping[str, Verdict]) -> None:
    """Write `data/verdicts.json`, whole or not at all."""
    known = [claim_id for claim_id in registry().claims if claim_id in verdicts]
    claims = {
        claim_id: {k: v for k, v in verdicts[claim_id].as_dict().items() if k != "claim"} for claim_id in known
    }
    text = json.dumps({"schema": 2, "claims": claims}, indent=1, ensure_ascii=False) + "\n"
    paths.write(_verdicts_file(), text)


def compare(before: Mapping[str, Verdict], after: Mapping[str, Verdict], claims: Iterable[str]) -> list[Difference]:
    """Compare published with recomputed verdicts for the named claims.

    A verdict that changed, or that stands on one side only, is serious; so is a changed number, part or
    alternative only if the verdict changed with it.
    """
    found: list[Difference] = []
    for claim_id in claims:
        old, new = before.get(claim_id), after.get(claim_id)
        if old is None and new is None:
            continue
        if old is None or new is None:
            found.append(
                Difference(
                    claim_id,
                    "verdict",
                    old.verdict if old else "none",
                    new.verdict if new else "none",
                    serious=True,
                )
            )
            continue
        if old.verdict != new.verdict:
            found.append(Difference(claim_id, "verdict", old.verdict, new.verdict, serious=True))
        for what, olds, news in (
            ("part", old.parts, new.parts),
            ("alternative", old.alternatives, new.alternatives),
            ("parts under alternative", old.shifted, new.shifted),
            ("pair of alternatives", old.pairs, new.pairs),
            ("context", old.context, new.context),
        ):
            found += [
                Difference(claim_id, f"{what} {name!r}", str(olds.get(name)), str(news.get(name)), serious=False)
                for name in sorted({*olds, *news})
                if olds.get(name) != news.get(name)
            ]
        for name in sorted({*old.numbers, *new.numbers}):
            a, b = old.numbers.get(name), new.numbers.get(name)
            declared = registry().claims[claim_id].numbers.get(name)
            if not same(a, b, declared.tolerance if declared else 0.0):
                found.append(Difference(claim_id, f"number {name}", str(a), str(b), serious=False))
    return found


def same(a: float | None, b: float | None, tolerance: float) -> bool:
    """Whether a recomputed number is the published one: within its tolerance, or none where none is published."""
    return a == b if a is None or b is None else abs(a - b) <= tolerance + 1e-9
