"""The history of claims read from the repository: every commit that changed a rule or a verdict."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

from compendium.evidence import paths
from compendium.trial import history, verdicts
from compendium.trial.history import Entry
from compendium.trial.rules import PENDING

CLAIMS, VERDICTS = "data/claims.yml", "data/verdicts.json"


def rebuild() -> int:
    """Write `data/history.json` anew from the repository and the present state; return how many entries it holds.

    OSError if there is no git or no repository. What was committed since the date of the present version belongs to
    it, and it has one entry.
    """
    found: dict[str, list[Entry]] = {}
    _, released = history.release()
    for version, date, why, claims, reached in _states():
        if date >= released:
            break
        for claim_id, declared in history.declared(claims).items():
            verdict = reached.get(claim_id, {})
            key = declared["key_number"]
            entry = Entry(
                version,
                date,
                why,
                declared["rules"],
                verdict.get("verdict", PENDING),
                key,
                verdict.get("numbers", {}).get(key),
            )
            kept = found.setdefault(claim_id, [])
            if not kept or entry.differs(kept[-1]):
                kept.append(entry)
    whole = history.with_present(found, verdicts.published())
    history.write(whole)
    return sum(len(entries) for entries in whole.values())


def _states() -> Iterator[tuple[str, str, str, str, dict[str, dict]]]:
    """Version, date, subject, `claims.yml` and verdicts of every commit that changed either, oldest first."""
    log = _git("log", "--first-parent", "--reverse", "--format=%h%x09%as%x09%s", "--", CLAIMS, VERDICTS)
    for line in log.splitlines():
        commit, date, subject = line.split("\t", 2)
        version = re.search(r'^version = "(.+)"', _git("show", f"{commit}:pyproject.toml"), re.MULTILINE)
        reached = json.loads(_at(commit, VERDICTS) or '{"claims": {}}')["claims"]
        yield version[1] if version else "", date, subject, _git("show", f"{commit}:{CLAIMS}"), reached


def _at(commit: str, path: str) -> str:
    """A file as it was; empty if it was not there."""
    return _git("show", f"{commit}:{path}") if _git("ls-tree", "--name-only", commit, path) else ""


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=paths.ROOT, capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        raise OSError(f"git could not read the history: {error.stderr.strip()}; run it in a full clone") from None
    return done.stdout
