"""The history of claims read from the repository: every commit that changed a rule or a verdict."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from compendium.evidence import paths
from compendium.trial import history, verdicts
from compendium.trial.history import Entry
from compendium.trial.rules import PENDING

CLAIMS, VERDICTS = "data/claims.yml", "data/verdicts.json"


class State(NamedTuple):
    """A commit that changed a rule or a verdict, its version and day, and what it left declared and published."""

    commit: str
    version: str
    date: str
    declared: dict[str, dict[str, Any]]
    reached: dict[str, dict]


def rebuild() -> int:
    """Write `data/history.json` anew from the repository and the present state; return how many entries it holds.

    Entries of days of which the repository tells nothing are kept. OSError if there is no git or no repository.
    """
    told, days = recorded()
    found = {claim: [entry for entry in kept if entry.date not in days] for claim, kept in history.read().items()}
    for claim, entries in told.items():
        found[claim] = sorted([*entries, *found.get(claim, [])], key=lambda entry: entry.date)
    whole = history.with_present(found, verdicts.published())
    history.write(whole)
    return sum(len(entries) for entries in whole.values())


def recorded() -> tuple[dict[str, list[Entry]], set[str]]:
    """Return the entries of every claim as the commits tell them, and the days of these commits.

    The version of a day is the one that it ended with. A rule that was changed has the verdict that was published
    next on that day: until then the one on record is by the rule before.
    """
    states = list(_states())
    versions = {state.date: state.version for state in states}
    found: dict[str, list[Entry]] = {}
    records: dict[str, dict] = {}  # what is published of a claim
    reasons: dict[str, str] = {}  # what a claim says of its changes; it is heard where it first speaks
    waiting: dict[str, str] = {}  # claims whose rule was changed since, with the day
    for state in states:
        for claim_id in state.declared:
            record, kept = state.reached.get(claim_id, {}), found.setdefault(claim_id, [])
            entry = _entry(versions[state.date], state, claim_id, kept)
            stale = bool(record) and record == records.get(claim_id)
            if not kept:
                kept.append(entry if entry.why or record else _reasoned(entry, state, claim_id))
            elif not entry.same_question(kept[-1]):
                kept.append(_reasoned(entry, state, claim_id))
                waiting.pop(claim_id, None)
                if stale and entry.rules != kept[-2].rules:
                    waiting[claim_id] = state.date
            elif not stale and waiting.pop(claim_id, "") == state.date:
                kept[-1] = replace(entry, **{key: getattr(kept[-1], key) for key in ("version", "date", "why")})
            elif entry.differs(kept[-1]):
                kept.append(_reasoned(entry, state, claim_id))
            elif entry.why and not reasons[claim_id] and len(kept) > 1 and kept[-1].date == state.date:
                kept[-1] = replace(kept[-1], why=entry.why)
            records[claim_id], reasons[claim_id] = record, state.declared[claim_id]["changed"]
    return found, {state.date for state in states}


def _reasoned(entry: Entry, state: State, claim_id: str) -> Entry:
    """An entry with a reason: what the commit says of itself where the claim says nothing."""
    return entry if entry.why else replace(entry, why=_subject(state.commit, claim_id))


def _entry(version: str, state: State, claim_id: str, kept: list[Entry]) -> Entry:
    """A claim as a commit left it, with what the claim newly says of its changes as the reason."""
    declared, record = state.declared[claim_id], state.reached.get(claim_id, {})
    why, key = history.untold(declared["changed"], kept), declared["key_number"]
    return Entry(
        version,
        state.date,
        why,
        declared["rules"],
        record.get("verdict", PENDING),
        key,
        record.get("numbers", {}).get(key),
        record.get("parts", {}),
        declared["meanings"],
        bool(why) and not kept,
        declared["counting"],
    )


def _states() -> Iterator[State]:
    """Every commit that changed either file, oldest first."""
    log = _git("log", "--first-parent", "--reverse", "--format=%h%x09%as", "--", CLAIMS, VERDICTS)
    for line in log.splitlines():
        commit, date = line.split("\t")
        version = re.search(r'^version = "(.+)"', _git("show", f"{commit}:pyproject.toml"), re.MULTILINE)
        yield State(commit, version[1] if version else "", date, *_files(commit))


@functools.cache
def _files(commit: str) -> tuple[dict[str, dict[str, Any]], dict[str, dict]]:
    """What a commit left declared and published, by claim."""
    declared = history.declared(_at(commit, CLAIMS) or "claims: []")
    return declared, json.loads(_at(commit, VERDICTS) or '{"claims": {}}')["claims"]


def _subject(commit: str, claim_id: str) -> str:
    """The subject of a commit; of a merge, that of the first commit it brought that changed the claim."""
    own, parents = _git("log", "-1", "--format=%s%n%p", commit).splitlines()
    if " " not in parents:
        return own
    span = f"{commit}^1..{commit}"
    brought = _git("log", "--no-merges", "--reverse", "--format=%h%x09%s", span, "--", CLAIMS, VERDICTS)
    for line in brought.splitlines():
        each, subject = line.split("\t", 1)
        if _asked(each, claim_id) != _asked(f"{each}^", claim_id):
            return subject
    return own


def _asked(commit: str, claim_id: str) -> tuple[Any, ...]:
    """What a commit left of a claim's rules and verdict."""
    files = _files(commit)
    declared, record = files[0].get(claim_id, {}), files[1].get(claim_id, {})
    return declared.get("rules"), declared.get("meanings"), record.get("verdict"), record.get("parts")


def _at(commit: str, path: str) -> str:
    """A file as it was; empty if it was not there."""
    return _git("show", f"{commit}:{path}") if _git("ls-tree", "--name-only", commit, path) else ""


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=paths.ROOT, capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        raise OSError(f"git could not read the history: {error.stderr.strip()}; run it in a full clone") from None
    return done.stdout
