"""Planted evidence: for every part of a claim, evidence that would support it and evidence against it.

`data/planted.yml` declares it as changes of tables. A rule that no evidence could move either way is no test.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from compendium.evidence import paths
from compendium.trial.claims import registry
from compendium.trial.rules import CONTRADICTED, SUPPORTED, ClaimError

FILE = "planted.yml"
KINDS = ("add", "drop", "set", "scale", "world")
BOTH = (SUPPORTED, CONTRADICTED)


@dataclass(frozen=True)
class Planted:
    """One planting: the part of a claim, the word that it must then have, why, and the changes of tables.

    `asked` marks the evidence that the claim's `would_change_it` asks for.
    """

    claim: str
    part: str
    gives: str
    why: str
    changes: tuple[Mapping[str, Any], ...]
    asked: bool = False


@functools.cache
def declared() -> dict[str, tuple[Planted, ...]]:
    """Return the plantings by claim; ClaimError naming the claim and the defect."""
    path = paths.DATA / FILE
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ClaimError(f"{FILE}: missing at {path}; restore it from git") from None
    except yaml.YAMLError as error:
        raise ClaimError(f"{FILE}: not valid YAML: {' '.join(str(error).split())}") from None
    return {claim_id: tuple(_planted(claim_id, entry) for entry in entries) for claim_id, entries in raw.items()}


def missing() -> list[str]:
    """Return, as `claim: part: word`, every way in which nothing is planted to move a part of a claim."""
    known = declared()
    return [
        f"{claim.id}: {part.name}: {word}"
        for claim in registry().claims.values()
        for part in claim.parts
        for word in BOTH
        if not any((p.part, p.gives) == (part.name, word) for p in known.get(claim.id, ()))
    ]


def _planted(claim_id: str, entry: Mapping[str, Any]) -> Planted:
    where = f"{FILE}: claim {claim_id}"
    claim = registry()[claim_id]
    parts = [part.name for part in (*claim.parts, *claim.context)]
    part = entry.get("part", parts[0] if len(claim.parts) == 1 else None)
    if part not in parts:
        raise ClaimError(f"{where}: no part {part!r}; its parts: {'; '.join(parts)}")
    if entry.get("gives") not in BOTH:
        raise ClaimError(f"{where}: gives is {entry.get('gives')!r}; expected {' or '.join(BOTH)}")
    if not entry.get("why") or not entry.get("changes"):
        raise ClaimError(f"{where}: {part}: a planting needs `why` and `changes`")
    for change in entry["changes"]:
        if not any(kind in change for kind in KINDS) or ("table" not in change and "world" not in change):
            raise ClaimError(
                f"{where}: {part}: a change needs a table and one of {', '.join(KINDS)}; found {change}"
            )
    return Planted(claim_id, part, entry["gives"], entry["why"], tuple(entry["changes"]), entry.get("asked", False))
