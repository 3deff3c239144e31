"""Objections to the rules of the claims, each with the answer of the book's editors: `data/objections.yml`."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from compendium.evidence import paths
from compendium.trial import told
from compendium.trial.claims import Claim, registry
from compendium.trial.rules import ClaimError
from compendium.trial.verdicts import Verdict

FILE = "objections.yml"
SIDES = ("essay", "discourse", "statistician")  # for whom an objection speaks
TEXTS = {"attack": 60, "answer": 70}  # the fields that are never empty, and the most words of each
FIELDS = ("claim", "for", *TEXTS, "changed")


@dataclass(frozen=True)
class Objection:
    """An objection to the rule of a claim: for whom it speaks, its answer, and what was changed for it.

    Attack and answer name numbers of the claim as the sentences on what was found do, `{number:words}`.
    """

    claim: str
    side: str
    attack: str
    answer: str
    changed: str = ""


def filled(
    found: Mapping[str, tuple[Objection, ...]], verdicts: Mapping[str, Verdict]
) -> dict[str, list[Objection]]:
    """Return objections with the present numbers in their sentences, "so many" where a claim has no verdict."""
    return {
        claim.id: [_filled(each, claim, verdicts.get(claim.id)) for each in found[claim.id]]
        for claim in registry().claims.values()
    }


def _filled(objection: Objection, claim: Claim, verdict: Verdict | None) -> Objection:
    texts = {key: getattr(objection, key) for key in TEXTS}
    if not verdict:
        return replace(objection, **{key: re.sub(r"\{[^}]*\}", "so many", text) for key, text in texts.items()})
    return replace(objection, **{key: told.sentence(text, claim, verdict) for key, text in texts.items()})


@functools.cache
def read() -> dict[str, tuple[Objection, ...]]:
    """Return the objections of the book by claim, in the order of the claims; the strongest of each first."""
    return load(paths.DATA / FILE)


def load(path: Path) -> dict[str, tuple[Objection, ...]]:
    """Read and check a file of objections; raise ClaimError in one line naming the entry and the defect."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    except FileNotFoundError:
        raise ClaimError(f"{path.name}: missing at {path}; restore it from git") from None
    except yaml.YAMLError as error:
        raise ClaimError(f"{path.name}: not valid YAML: {' '.join(str(error).split())}") from None
    entries = [_objection(f"{path.name}: entry {number}", entry) for number, entry in enumerate(raw, 1)]
    found = {claim: tuple(entry for entry in entries if entry.claim == claim) for claim in registry().claims}
    for claim, own in found.items():
        if unheard := [side for side in SIDES if side not in {each.side for each in own}]:
            raise ClaimError(
                f"{path.name}: no objection to {claim} for {', '.join(unheard)}; "
                f"every claim is attacked from {len(SIDES)} sides"
            )
    return found


def _objection(where: str, entry: Any) -> Objection:
    if not isinstance(entry, dict) or set(entry) != set(FIELDS):
        raise ClaimError(f"{where}: expected the fields {', '.join(FIELDS)}, found {_named(entry)}")
    if entry["claim"] not in registry().claims:
        raise ClaimError(f"{where}: no claim {entry['claim']!r} in claims.yml")
    where = f"{where} ({entry['claim']})"
    if entry["for"] not in SIDES:
        raise ClaimError(f"{where}: for is {entry['for']!r}; expected one of {', '.join(SIDES)}")
    if str(entry["changed"] or "").endswith("."):
        raise ClaimError(f"{where}: changed ends with a full stop; the page sets one")
    for key, most in TEXTS.items():
        words = len(str(entry[key] or "").split())
        if not words:
            raise ClaimError(f"{where}: {key} is empty")
        if words > most:
            raise ClaimError(f"{where}: {key} has {words} words; at most {most}")
        if unknown := sorted(_named_numbers(entry[key]) - set(registry().claims[entry["claim"]].numbers)):
            raise ClaimError(f"{where}: {key} names {unknown[0]!r}, which is no number of the claim")
    return Objection(entry["claim"], entry["for"], entry["attack"], entry["answer"], entry["changed"] or "")


def _named_numbers(text: str) -> set[str]:
    """The numbers that a text names, without the alternative under which."""
    return {name.rpartition(".")[2] for _, name, _, _ in Formatter().parse(text) if name}


def _named(entry: Any) -> str:
    return ", ".join(map(str, entry)) if isinstance(entry, dict) else repr(entry)
