"""How every claim came to its present rule and verdict: one entry for each change of either, kept as data.

`data/history.json` was made from the repository's history and works without it. The entry of the present version is
brought up to date whenever verdicts are accepted.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from compendium.evidence import paths
from compendium.trial.claims import Claim, Part, registry
from compendium.trial.rules import PENDING, Rule
from compendium.trial.verdicts import Verdict

FILE = "history.json"

Rules = Mapping[str, Mapping[str, str]]  # part -> testable, supported, contradicted -> the rule's text


@dataclass(frozen=True)
class Entry:
    """A claim as it stood from a date on: its rules by part, its verdict, its key number, and why it changed."""

    version: str
    date: str
    why: str
    rules: Rules
    verdict: str
    key_number: str
    key_value: float | None

    def differs(self, other: Entry) -> bool:
        """Whether the rules or the word of the verdict are not those of another entry."""
        return dict(self.rules) != dict(other.rules) or self.verdict != other.verdict


def read() -> dict[str, list[Entry]]:
    """Return the entries of every claim, oldest first; empty if none were ever written."""
    path = paths.DATA / FILE
    if not path.exists():
        return {}
    raw = json.loads(path.read_text(encoding="utf-8"))
    return {claim: [Entry(**entry) for entry in entries] for claim, entries in raw.items()}


def write(entries: Mapping[str, list[Entry]]) -> None:
    """Write `data/history.json`, whole or not at all, claims in the order of the registry and gone ones last."""
    known = [claim for claim in registry().claims if claim in entries]
    ordered = {
        claim: [asdict(entry) for entry in entries[claim]] for claim in [*known, *sorted({*entries} - {*known})]
    }
    paths.write(paths.DATA / FILE, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")


def now(claim: Claim, verdict: Verdict | None) -> Entry:
    """Return a claim as it stands in the present version."""
    version, date = release()
    return Entry(
        version,
        date,
        claim.changed,
        {part.name: {kind: rule.text for kind, rule in part.rules.items()} for part in claim.parts},
        verdict.verdict if verdict else PENDING,
        claim.key_number,
        verdict.numbers[claim.key_number] if verdict else None,
    )


def with_present(entries: Mapping[str, list[Entry]], verdicts: Mapping[str, Verdict]) -> dict[str, list[Entry]]:
    """Return the history with the present state of every claim: a new entry only where rules or verdict differ."""
    version, _ = release()
    found = {claim_id: list(kept) for claim_id, kept in entries.items()}
    for claim in registry().claims.values():
        before = [entry for entry in found.get(claim.id, []) if entry.version != version]
        present = now(claim, verdicts.get(claim.id))
        found[claim.id] = [*before, present] if not before or present.differs(before[-1]) else before
    return found


def moved(entries: list[Entry]) -> list[tuple[Entry, Entry]]:
    """Return each change of a claim as the entries before and after it; those before any verdict are left out."""
    return list(itertools.pairwise(entry for entry in entries if entry.verdict != PENDING))


def rechosen(entries: list[Entry]) -> bool:
    """Return whether the rules are not those first written."""
    return bool(entries) and dict(entries[-1].rules) != dict(entries[0].rules)


def first_word(entries: list[Entry]) -> str:
    """Return the first verdict that a claim had; empty if it never had one."""
    return next((entry.verdict for entry in entries if entry.verdict != PENDING), "")


def former(claim_id: str) -> tuple[Part, ...]:
    """Return the parts of a claim by its rules of the version before this one; none if it is new."""
    version, _ = release()
    before = [entry for entry in read().get(claim_id, []) if entry.version != version]
    if not before:
        return ()
    return tuple(
        Part(name, **{kind: Rule(text) for kind, text in rules.items()}) for name, rules in before[-1].rules.items()
    )


def declared(text: str) -> dict[str, dict[str, Any]]:
    """Return, by claim, the rules and the key number of a `claims.yml` of any version, from its text."""
    kinds = ("testable", "supported", "contradicted")
    found = {}
    for claim in yaml.safe_load(text)["claims"]:
        parts = claim.get("parts") or [{"name": claim["claim"], **{k: claim[k] for k in kinds if k in claim}}]
        rules = {part["name"]: {kind: str(part[kind]) for kind in kinds if kind in part} for part in parts}
        found[claim["id"]] = {"rules": rules, "key_number": claim["key_number"]}
    return found


def release() -> tuple[str, str]:
    """The version and its date, as the citation file has them."""
    citation = yaml.safe_load((paths.ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return str(citation["version"]), str(citation["date-released"])
