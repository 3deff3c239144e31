"""How every claim came to its present rule and verdict: one entry for each change of either, kept as data.

`data/history.json` was made from the repository's history and works without it. Whenever verdicts are accepted, a
claim whose rules or verdict are not those of its last entry gets a new one; no entry is taken away.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import yaml

from compendium.evidence import paths
from compendium.trial.claims import Claim, Part, registry
from compendium.trial.rules import PENDING, Rule
from compendium.trial.verdicts import Verdict

FILE = "history.json"
KINDS = ("testable", "supported", "contradicted")

Rules = Mapping[str, Mapping[str, str]]  # part -> testable, supported, contradicted -> the rule's text


@dataclass(frozen=True)
class Entry:
    """A claim as it stood from a date on: its rules by part, its verdict, its key number, and why it changed.

    `counting` is what the claim says of how its numbers count since that was changed: a rule changes with it though
    its text stays. `meanings` says what each number means that the rules name, and `parts` holds the word of each
    part; both are empty where they were not recorded. `amended`, of a first entry: the claim tells of one before.
    """

    version: str
    date: str
    why: str
    rules: Rules
    verdict: str
    key_number: str
    key_value: float | None
    parts: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)
    amended: bool = False
    counting: str = ""

    def differs(self, other: Entry) -> bool:
        """Whether the rules, what their numbers count, the verdict or a part's word are not those of another."""
        return bool(self.changes(other))

    def changes(self, other: Entry) -> tuple[str, ...]:
        """Return what is not as in another entry, in the words of the pages."""
        return tuple(
            what
            for what, is_other in {
                "the rule": dict(self.rules) != dict(other.rules),
                "what its numbers count": self.counting != other.counting,
                "the verdict": self.verdict != other.verdict,
                "the word of a part": any(other.parts.get(part, word) != word for part, word in self.parts.items()),
            }.items()
            if is_other
        )

    def same_question(self, other: Entry) -> bool:
        """Whether the rules and what their numbers count are those of another entry."""
        return dict(self.rules) == dict(other.rules) and self.counting == other.counting


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


def now(claim: Claim, verdict: Verdict | None, kept: Sequence[Entry] = ()) -> Entry:
    """Return a claim as it stands today; its reason is what the entries that are kept do not tell."""
    version, _ = release()
    why = untold(claim.changed, kept)
    rules = {part.name: {kind: rule.text for kind, rule in part.rules.items()} for part in claim.parts}
    return Entry(
        version,
        datetime.date.today().isoformat(),
        why,
        rules,
        verdict.verdict if verdict else PENDING,
        claim.key_number,
        verdict.numbers[claim.key_number] if verdict else None,
        dict(verdict.parts) if verdict else {},
        meanings(rules, {name: number.meaning for name, number in claim.numbers.items()}),
        bool(why) and not kept,
        claim.counting,
    )


def with_present(entries: Mapping[str, list[Entry]], verdicts: Mapping[str, Verdict]) -> dict[str, list[Entry]]:
    """Return the history with the present state of every claim: a new entry wherever it is not that of the last.

    A last entry of this version that says the same gets the present key number, and a reason if it has none.
    """
    version, _ = release()
    found = {claim_id: list(kept) for claim_id, kept in entries.items()}
    for claim in registry().claims.values():
        kept = found.setdefault(claim.id, [])
        present = now(claim, verdicts.get(claim.id), kept)
        if not kept or present.differs(kept[-1]):
            kept.append(present)
        elif kept[-1].version == version:
            last = kept[-1]
            kept[-1] = replace(present, date=last.date, why=last.why or present.why, amended=last.amended)
    return found


def reworded(entries: Mapping[str, list[Entry]]) -> list[str]:
    """Return a line for each number that a rule names whose meaning is not in the words of the last entry."""
    return [
        f"{claim.id}: {name} is told in other words; if it counts otherwise, say so in `counting` of claims.yml"
        for claim in registry().claims.values()
        for name, said in (entries[claim.id][-1].meanings if entries.get(claim.id) else {}).items()
        if name in claim.numbers and claim.numbers[name].meaning != said
    ]


def untold(changed: str, kept: Sequence[Entry]) -> str:
    """Return the sentences on a claim's changes that no entry which is kept gives as its reason."""
    told = {sentence for entry in kept for sentence in _sentences(entry.why)}
    return " ".join(sentence for sentence in _sentences(changed) if sentence not in told)


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", text)


def moved(entries: list[Entry]) -> list[tuple[Entry, Entry]]:
    """Return each change of a claim as the entries before and after it; those before any verdict are left out."""
    return list(itertools.pairwise(entry for entry in entries if entry.verdict != PENDING))


def rechosen(entries: list[Entry]) -> bool:
    """Return whether the rules, or what their numbers count, are not as first written."""
    return bool(entries) and (entries[0].amended or not entries[-1].same_question(entries[0]))


def first_word(entries: list[Entry]) -> str:
    """Return the first verdict that a claim had; empty if it never had one."""
    return next((entry.verdict for entry in entries if entry.verdict != PENDING), "")


def origin(entries: list[Entry]) -> str:
    """Say whether the rule is the first one, and what the history shows of which came first, rule or verdict."""
    if not entries:
        return ""
    said = [f"The rule is {'not ' if rechosen(entries) else ''}the one that was first written."]
    if entries[0].verdict == PENDING:
        said.append("The first rule was recorded before there was a verdict by it.")
    else:
        said.append("The first record holds a rule and its verdict, and does not show which came first.")
    if entries[0].amended:
        said.append("That rule had been changed already; its earlier text was not kept.")
    if any(not before.same_question(entries[-1]) for before, _ in moved(entries)):
        said.append("Those who fixed the present rule knew a verdict by an earlier one.")
    return " ".join([*said, "All who wrote rules knew the sources."])


def word_before(entries: list[Entry]) -> str:
    """Return the verdict of the last version before this one; empty if the claim is new."""
    version, _ = release()
    return next((entry.verdict for entry in reversed(entries) if entry.version != version), "")


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
    """Return, by claim, what an entry holds of a `claims.yml` of any version, from its text."""
    found = {}
    for claim in yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["claims"]:
        parts = claim.get("parts") or [{"name": claim["claim"], **{k: claim[k] for k in KINDS if k in claim}}]
        rules = {part["name"]: {kind: str(part[kind]) for kind in KINDS if kind in part} for part in parts}
        told = {name: number["meaning"] for name, number in claim.get("numbers", {}).items()}
        found[claim["id"]] = {
            "rules": rules,
            "key_number": claim["key_number"],
            "meanings": meanings(rules, told),
            "changed": claim.get("changed", ""),
            "counting": claim.get("counting", ""),
        }
    return found


def meanings(rules: Rules, told: Mapping[str, str]) -> dict[str, str]:
    """Return what the numbers mean that rules name."""
    named = {name for kinds in rules.values() for text in kinds.values() for name in Rule(text).names}
    return {name: told[name] for name in sorted(named & {*told})}


def release() -> tuple[str, str]:
    """The version and its date, as the citation file has them."""
    return _released((paths.ROOT / "CITATION.cff").read_text(encoding="utf-8"))


@functools.cache
def _released(text: str) -> tuple[str, str]:
    citation = yaml.safe_load(text)
    return str(citation["version"]), str(citation["date-released"])
