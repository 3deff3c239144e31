"""The reviewer's stress test: drop each source or unverified row, move inputs to their ends, take second codes.

A chapter's code runs once for each change (see `altered`). A verdict that is not reached is counted as one that
falls. A change that moves none of a claim's numbers proves nothing of it and is not counted.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.evidence import codings, paths, tables
from compendium.evidence.numbers import listing
from compendium.run import altered, execute, program, settings
from compendium.trial import claims, verdicts

if TYPE_CHECKING:
    import pandas as pd

FILE = "robustness.json"
FALLS = "cannot be computed"
SECOND = "second-coding"  # the alternative of a claim whose numbers move with the second coder's codes
PANEL_SOURCES = 12  # a panel whose rows name more than this is not of a few sources

# Inputs with a published range: the column that chapters read, and the two ends.
RANGES = (
    ("value_central", "value_low", "value_high"),
    ("value_usd", "value_usd_low", "value_usd_high"),
    ("persons", "persons_low", "persons_high"),
    ("value", "value_low", "value_high"),
    ("effect", "effect_low", "effect_high"),
)
BOUNDS = (("count_min", "count_max"), ("women_min", "women_max"), ("men_min", "men_max"))


@dataclass(frozen=True)
class Change:
    """One change of the data: its kind (source, unverified, coder, low, high) and the source or row it concerns.

    A range without a subject means every published range at once; with one, that of the row `table:id`.
    """

    kind: str
    subject: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "source":
                return f"without {self.subject}"
            case "unverified":
                return "without unverified rows"
            case "coder":
                return "with the codes of the second coder"
            case _ if self.subject:
                return f"with {self.subject} at its {self.kind} published end"
            case _:
                return f"with all inputs at their {self.kind} published ends"


_ADDRESSES = re.compile(r"https?://\S*[^\s,;](?:\s*;\s*https?://\S*[^\s,;])*")
_HOST = re.compile(r"https?://(?:www\.)?([^/\s]+)")
_PLACE = re.compile(r"\b((?:[\w-]+\.)+[a-z]{2,})/[^\s,;()]*")  # an address without its scheme


def with_hosts(text: str) -> str:
    """Changes in words, each source told by the names of its hosts: a sentence has no room for addresses."""
    named = _ADDRESSES.sub(lambda found: listing(list(dict.fromkeys(_HOST.findall(found.group())))), text)
    return _PLACE.sub(r"\1", named)


@dataclass(frozen=True)
class Stress:
    """How one claim fared: its verdict, the changes of its tables that it survived, what became of the rest."""

    claim: str
    verdict: str
    survived: int
    total: int
    falls: dict[str, str]


def changes(names: Iterable[str]) -> list[Change]:
    """Every change that the stress test makes to these tables, in a stable order."""
    frames = {name: altered.raw(name) for name in names}
    found: list[Change] = []
    if any((frame["status"] == "unverified").any() for frame in frames.values() if "status" in frame):
        found.append(Change("unverified"))
    if any(not codings.recoded(name, frame).equals(frame) for name, frame in frames.items()):
        found.append(Change("coder"))
    for kind in ("low", "high"):
        if any(not _moved(frame, kind).equals(frame) for frame in frames.values()):
            found.append(Change(kind))
        found += [Change(kind, row) for name, frame in frames.items() for row in _ranged(name, frame)]
    sources = {source for frame in frames.values() for source in _sources(frame)}
    return found + [Change("source", source) for source in sorted(sources)]


def stress(pages: Iterable[execute.Page], workers: int | None = None, progress: bool = True) -> list[Stress]:
    """Run the stress test on the claims of these chapters; ExecutionError if a chapter fails on the true data."""
    from tqdm import tqdm

    jobs: list[tuple[execute.Page, Change | None]] = []
    for page in pages:
        if claims.registry().of_chapter(page.chapter):
            names = program.tables_read(page.path.read_text(encoding="utf-8"))
            jobs += [(page, None), *((page, change) for change in changes(names))]
    altered.import_once()
    outcomes: dict[tuple[str, Change | None], dict[str, verdicts.Verdict]] = {}
    # A fresh process for each run: what one chapter imports or caches must not reach the next.
    with multiprocessing.get_context("fork").Pool(
        workers or settings.workers(), altered.uninterrupted, maxtasksperchild=1
    ) as pool:
        done = pool.imap(_run, jobs)
        for (page, change), outcome in zip(
            jobs, tqdm(done, total=len(jobs), desc="perturbing", unit="run", disable=not progress), strict=True
        ):
            outcomes[page.chapter, change] = outcome
    chapters = {page.chapter for page, _ in jobs}
    return [_fared(claim, outcomes) for claim in claims.registry().claims.values() if claim.chapter in chapters]


def _fared(claim: claims.Claim, outcomes: dict[tuple[str, Change | None], dict[str, verdicts.Verdict]]) -> Stress:
    """Count the changes that move a number of a claim, and those that move its verdict."""
    true = outcomes[claim.chapter, None].get(claim.id)
    if true is None:
        raise execute.ExecutionError(
            f"chapter {claim.chapter}: reaches no verdict on {claim.id} with the true data"
        )
    falls: dict[str, str] = {}
    tried = 0
    for (chapter, change), found in outcomes.items():
        if chapter != claim.chapter or change is None:
            continue
        verdict = found.get(claim.id)
        tried += verdict is None or verdict.numbers != true.numbers
        if change.kind == "coder" and verdict:
            _check_declared(claim, true, verdict)
        if verdict is None or verdict.verdict != true.verdict:
            falls[str(change)] = verdict.verdict if verdict else FALLS
    return Stress(claim.id, true.verdict, tried - len(falls), tried, falls)


def _check_declared(claim: claims.Claim, true: verdicts.Verdict, recoded: verdicts.Verdict) -> None:
    """ExecutionError if the second coder's codes move a number of the rules and no alternative says so."""
    named = {name for part in claim.parts for rule in part.rules.values() for name in rule.names}
    moved = sorted(name for name in named if recoded.numbers[name] != true.numbers[name])
    if moved and SECOND not in claim.alternatives:
        raise execute.ExecutionError(
            f"claim {claim.id}: the second coder's codes move {', '.join(moved)}; "
            f"declare the alternative {SECOND!r} in claims.yml and give its numbers to conclude"
        )


def write(results: Iterable[Stress]) -> Path:
    """Publish the results in `data/robustness.json`; claims that were not tested keep what was published."""
    kept = published()
    rest_on = inputs()
    for result in results:
        kept[result.claim] = {**result.__dict__, "inputs": rest_on[claims.registry()[result.claim].chapter]}
    ordered = {claim: kept[claim] for claim in claims.registry().claims if claim in kept}
    return paths.write(paths.DATA / FILE, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")


def published() -> dict[str, dict[str, Any]]:
    """The published stress test, by claim."""
    path = paths.DATA / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def inputs() -> dict[str, str]:
    """By chapter, a digest of what its stress test rests on: its code and the modules of method, tables and rules.

    Modules that draw and format are left out, as in the test itself: they decide nothing.
    """
    hashes = {name: str(tables.describe(name)["hash"]) for name in tables.names()}
    found = {}
    for page in execute.pages():
        source = page.path.read_text(encoding="utf-8")
        digest = hashlib.sha256(program.code(source).encode())
        for claim in claims.registry().of_chapter(page.chapter):
            digest.update(f"{claim.id} {sorted(claim.datasets)} {claim.parts}".encode())
        for path in program.modules(source):
            if "figures" not in path.parts and path.stem != "numbers":
                digest.update(paths.content(path))
        for name in program.tables_read(source):
            digest.update(hashes[name].encode())
        found[page.chapter] = digest.hexdigest()[:16]
    return found


# ---------------------------------------------------------------- changes


def _run(job: tuple[execute.Page, Change | None]) -> dict[str, verdicts.Verdict]:
    """The verdicts of one chapter on changed data; an unlucky claim is missing."""
    page, change = job
    return altered.conclusions(page, (lambda name, frame: _changed(name, frame, change)) if change else None)


def _changed(name: str, frame: pd.DataFrame, change: Change) -> pd.DataFrame:
    match change.kind:
        case "unverified":
            return frame[frame["status"] != "unverified"] if "status" in frame else frame
        case "coder":
            return codings.recoded(name, frame)
        case "source":
            return _without(frame, change.subject)
        case _ if change.subject:
            table, _, row = change.subject.partition(":")
            return _moved(frame, change.kind, frame["id"] == row) if table == name else frame
        case _:
            return _moved(frame, change.kind)


def _ranged(name: str, frame: pd.DataFrame) -> list[str]:
    """The rows with a published range about a central value, as `table:id`."""
    if "id" not in frame:
        return []
    ranges = frame.loc[:, [column for three in RANGES if set(three) <= set(frame) for column in three]]
    moved = _moved(frame, "low").loc[:, ranges.columns].ne(ranges).any(axis=1)
    return [f"{name}:{row}" for row in frame.loc[moved, "id"]]


def _moved(frame: pd.DataFrame, end: str, rows: pd.Series | bool = True) -> pd.DataFrame:
    """The table with every published range, or those of some rows, shrunk to one of its ends."""
    moved = frame.copy()
    for central, low, high in RANGES:
        if {central, low, high} <= set(frame):
            both = (frame[low] != "") & (frame[high] != "") & rows
            moved.loc[both, [low, central, high]] = frame.loc[both, [low if end == "low" else high] * 3].to_numpy()
    for low, high in BOUNDS:
        if {low, high} <= set(frame):
            both = (frame[low] != "") & (frame[high] != "") & rows
            moved.loc[both, [low, high]] = frame.loc[both, [low if end == "low" else high] * 2].to_numpy()
    return moved


def _sources(frame: pd.DataFrame) -> Iterator[str]:
    column = _source_column(frame)
    if column:
        yield from (source for source in frame[column].unique() if source and source != "not seen")
    else:
        yield from _keys(frame)


def _source_column(frame: pd.DataFrame) -> str | None:
    """Where a transcribed table, which has a status for each row, says what the row was read in."""
    if "status" not in frame:
        return None
    return next((column for column in ("seen_at", "source") if column in frame), None)


def _keys(frame: pd.DataFrame) -> list[str]:
    """The sources that the rows of a panel name by their keys, joined by semicolons; none if it has only one."""
    if "status" in frame or "source" not in frame:
        return []
    keys = {key for cell in frame["source"].unique() for key in cell.split(";") if key}
    return sorted(keys) if 1 < len(keys) <= PANEL_SOURCES else []


def _without(frame: pd.DataFrame, source: str) -> pd.DataFrame:
    """The table had this source not been read: rows of a panel that another source states too remain."""
    column = _source_column(frame)
    if column:
        return frame[frame[column] != source]
    return frame[frame["source"] != source] if source in _keys(frame) else frame


def table(results: Iterable[Stress]) -> str:
    """The results for the terminal: one line a claim, and one for each change that moves it."""
    lines = []
    for result in results:
        fared = f"stands in {result.survived} of {result.total}" if result.total else "no change moves its numbers"
        lines.append(f"{result.claim:<26} {result.verdict:<18} {fared}")
        lines += [f"    {change[:100]}: {word}" for change, word in result.falls.items()]
    return "\n".join(lines)
