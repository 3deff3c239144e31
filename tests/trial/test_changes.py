"""The page of changes, the changelog and the history of the claims say the same."""

from __future__ import annotations

import itertools
import re

import pytest

from compendium.evidence import codings, numbers, paths
from compendium.trial import history
from compendium.trial.claims import registry
from compendium.trial.rules import VERDICTS

CHANGES = (paths.ROOT / "book/reference/changes.md").read_text(encoding="utf-8")
# The longer words first: "supported" stands in "partly supported".
WORD = re.compile("|".join(sorted(VERDICTS, key=len, reverse=True)))


def rows(heading: str) -> list[tuple[list[str], list[str]]]:
    """The claims and the further cells of every row of the table under a heading."""
    section = CHANGES.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| {claim}")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return [(re.findall(r"\{claim\}`([\w-]+)`", first), rest) for first, *rest in cells]


@pytest.mark.parametrize("claim_id", registry().claims)
def test_the_old_verdict_of_the_table_is_that_of_the_history(claim_id: str) -> None:
    found = {claim: cells[0] for (claim,), cells in rows("Every rule, old and new")}
    assert list(found) == list(registry().claims)
    before = history.word_before(history.read()[claim_id])
    assert (WORD.findall(found[claim_id])[-1:] or ["new"]) == [before or "new"]
    assert (found[claim_id] == "new") == (not before)


def test_a_verdict_told_as_that_before_was_one() -> None:
    """Where only a question beside the verdict changed, the verdict is the one there is."""
    entries = history.read()
    for claim_ids, (before, *_, told) in rows("Asked once more"):
        for claim_id in claim_ids:
            words = [entry.verdict for entry in entries[claim_id]]
            assert told.rstrip(" |") in words, f"{claim_id}: {before}"


def test_every_claim_whose_verdict_moved_in_this_version_is_told_with_the_word_before() -> None:
    version, _ = history.release()
    told = {(claim, cells[-1].rstrip(" |")) for ids, cells in rows("Asked once more") for claim in ids}
    for claim_id, entries in history.read().items():
        words = [entry.verdict for entry in entries if entry.version == version]
        for before, after in itertools.pairwise(words):
            assert before == after or (claim_id, before) in told, f"{claim_id}: {before}, then {after}"


def test_versions_and_their_days_are_those_of_the_history() -> None:
    entries = [entry for kept in history.read().values() for entry in kept]
    first = {
        version: min(e.date for e in entries if e.version == version) for version in {e.version for e in entries}
    }
    changelog = (paths.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^## ([\d.]+) \(([\d-]+)\)$", changelog, re.MULTILINE)) == first
    told = re.findall(r"^\*\*Version ([\d.]+),(?: from)? `(\d+)` (\w+) (\d{4})\.\*\*$", CHANGES, re.MULTILINE)
    assert {version: f"{year}-11-{day}" for version, day, month, year in told if month == "November"} == first
    assert set(re.findall(r"[Vv]ersion `?(\d+\.\d+\.\d+)", CHANGES)) == set(first)
    assert history.release()[0] == max(first)


def test_the_first_codes_that_were_corrected_are_counted_and_their_claims_told() -> None:
    corrected = sum(int(column.rows.decided.notna().sum()) for column in codings.columns())
    assert f"\n{numbers.in_words(corrected).capitalize()} first codes were plainly against" in CHANGES
