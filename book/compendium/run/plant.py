"""Planted evidence put to the test: chapters run on it, and each verdict must move as declared."""

from __future__ import annotations

import contextlib
import importlib
import json
import multiprocessing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.evidence import paths
from compendium.run import altered, execute, program, settings, stress
from compendium.trial import claims, history, planted
from compendium.trial.claims import Part
from compendium.trial.planted import Planted
from compendium.trial.rules import ClaimError, Numbers

if TYPE_CHECKING:
    import pandas as pd

FILE = "planted.json"
NOT_REACHED = "not reached"


@dataclass(frozen=True)
class Outcome:
    """One planting and what came of it: the word of its part, and the verdict on the whole claim.

    `before` is what the claim's rules of the version before say of the same numbers, as far as they look at a
    number of the planted part: the declared word if a part has it, else the word of the first; empty if none does.
    """

    planted: Planted
    found: str
    verdict: str
    before: str = ""

    @property
    def moved(self) -> bool:
        """Whether the part has the word that the planting declares."""
        return self.found == self.planted.gives


def plant(pages: Iterable[execute.Page], progress: bool = True) -> list[Outcome]:
    """Run every planting of the claims of these chapters; ClaimError if one names a table not read there."""
    from tqdm import tqdm

    jobs = [
        (page, planting)
        for page in pages
        for claim in claims.registry().of_chapter(page.chapter)
        for planting in planted.declared().get(claim.id, ())
    ]
    for page, planting in jobs:
        _check(page, planting)
    altered.import_once()
    with multiprocessing.get_context("fork").Pool(
        settings.workers(), altered.uninterrupted, maxtasksperchild=1
    ) as pool:
        done = pool.imap(_run, jobs)
        return list(tqdm(done, total=len(jobs), desc="planting", unit="run", disable=not progress))


def write(outcomes: Iterable[Outcome]) -> Path:
    """Publish what came of the plantings in `data/planted.json`; claims that were not run keep theirs."""
    kept, rest_on = published(), stress.inputs()
    by_claim: dict[str, list[dict[str, Any]]] = {}
    for outcome in outcomes:
        p = outcome.planted
        told = {"part": p.part, "gives": p.gives, "why": p.why, "asked": p.asked}
        came = {"found": outcome.found, "verdict": outcome.verdict, "before": outcome.before}
        by_claim.setdefault(p.claim, []).append({**told, **came})
    for claim_id, plantings in by_claim.items():
        kept[claim_id] = {"inputs": rest_on[claims.registry()[claim_id].chapter], "planted": plantings}
    ordered = {claim: kept[claim] for claim in claims.registry().claims if claim in kept}
    return paths.write(paths.DATA / FILE, json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")


def published() -> dict[str, dict[str, Any]]:
    """Return what came of the published plantings, by claim."""
    path = paths.DATA / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def table(outcomes: Iterable[Outcome]) -> str:
    """The outcomes for the terminal, one line a planting; what did not move as declared says so."""
    lines = []
    for outcome in outcomes:
        p = outcome.planted
        told = "moves" if outcome.moved else f"DOES NOT MOVE, is {outcome.found}"
        lines.append(f"{p.claim:<26} {p.gives:<13} {told:<10} {p.part[:50]}: {p.why}")
    return "\n".join(lines)


def altered_table(planting: Planted, name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of a table, as text, with the changes of a planting; ClaimError if a change finds no row."""
    for change in planting.changes:
        if "world" in change:
            module, _, function = str(change["world"]).partition(".")
            made = getattr(importlib.import_module(f"compendium.run.worlds.{module}"), function)
            frame = made(name, frame)
        elif change["table"] == name:
            frame = _changed(planting, frame, change)
    return frame


def _run(job: tuple[execute.Page, Planted]) -> Outcome:
    page, planting = job
    # Both before this process reads a changed copy of the data.
    claim, former = claims.registry()[planting.claim], history.former(planting.claim)
    found = altered.conclusions(page, lambda name, frame: altered_table(planting, name, frame)).get(planting.claim)
    if found is None:
        return Outcome(planting, NOT_REACHED, NOT_REACHED)
    word = {**found.context, **found.parts}[planting.part]
    planted_part = next(part for part in (*claim.parts, *claim.context) if part.name == planting.part)
    before = by_former_rules(planting.gives, planted_part, former, found.numbers)
    return Outcome(planting, word, found.verdict, before)


def by_former_rules(gives: str, planted_part: Part, parts: Iterable[Part], numbers: Numbers) -> str:
    """Return the declared word if a part by older rules has it on these numbers, else that of the first part.

    Parts are passed over that name no number of the planted part, or one that is gone or missing; empty if none is
    left.
    """
    words = []
    for part in parts:
        named = _named(part)
        if named & _named(planted_part) and named <= set(numbers):
            with contextlib.suppress(ClaimError, ZeroDivisionError):
                words.append(part.decide(numbers))
    return gives if gives in words else words[0] if words else ""


def _named(part: Part) -> set[str]:
    return set().union(*(rule.names for rule in part.rules.values()))


def tally() -> dict[str, int]:
    """Count the published plantings: all, and those that moved; those that older rules can judge, and that fail."""
    lines = [line for entry in published().values() for line in entry["planted"]]
    before = [line for line in lines if line.get("before")]
    return {
        "planted": len(lines),
        "moved": sum(line["found"] == line["gives"] for line in lines),
        "comparable": len(before),
        "failed": sum(line["before"] != line["gives"] for line in before),
    }


def _check(page: execute.Page, planting: Planted) -> None:
    known = program.tables_read(page.path.read_text(encoding="utf-8"))
    for change in planting.changes:
        if "table" in change and change["table"] not in known:
            raise ClaimError(
                f"{planted.FILE}: claim {planting.claim}: chapter {page.chapter} does not read the table "
                f"{change['table']!r}; it reads {', '.join(known)}"
            )


def _changed(planting: Planted, frame: pd.DataFrame, change: Mapping[str, Any]) -> pd.DataFrame:
    import pandas as pd

    if "add" in change:
        rows = [_row(planting, frame, row) for row in _listed(change["add"])]
        return pd.concat([frame, pd.DataFrame(rows, columns=frame.columns)], ignore_index=True)
    if "drop" in change:
        return frame[~_where(planting, frame, change["drop"])]
    chosen = _where(planting, frame, change.get("where", {}))
    frame = frame.copy()
    for column, value in change.get("set", {}).items():
        _known(planting, frame, column)
        frame.loc[chosen, column] = _cell(value)
    for column, factor in change.get("scale", {}).items():
        _known(planting, frame, column)
        filled = chosen & (frame[column] != "")
        scaled = pd.to_numeric(frame.loc[filled, column]) * factor
        whole = bool((frame.loc[filled, column].str.fullmatch(r"-?\d+")).all())
        frame.loc[filled, column] = [str(round(value)) if whole else f"{value:.6g}" for value in scaled]
    return frame


def _row(planting: Planted, frame: pd.DataFrame, row: Mapping[str, Any]) -> dict[str, str]:
    """A planted row; `like` names a row whose cells it takes where it says nothing of its own."""
    base = dict.fromkeys(frame.columns, "")
    if "like" in row:
        model = frame[frame["id"] == row["like"]]
        if model.empty:
            raise ClaimError(f"{planted.FILE}: claim {planting.claim}: no row {row['like']!r} to plant one like it")
        base = model.iloc[0].to_dict()
    for column, value in row.items():
        if column != "like":
            _known(planting, frame, column)
            base[column] = _cell(value)
    return base


def _where(planting: Planted, frame: pd.DataFrame, wanted: Mapping[str, Any]) -> pd.Series:
    import pandas as pd

    chosen = pd.Series(True, index=frame.index)
    for column, value in wanted.items():
        _known(planting, frame, column)
        chosen &= frame[column].isin([_cell(item) for item in _listed(value)])
    if not chosen.any():
        raise ClaimError(f"{planted.FILE}: claim {planting.claim}: no row where {dict(wanted)}")
    return chosen


def _known(planting: Planted, frame: pd.DataFrame, column: str) -> None:
    if column not in frame:
        raise ClaimError(
            f"{planted.FILE}: claim {planting.claim}: no column {column!r}; {', '.join(frame.columns)}"
        )


def _cell(value: Any) -> str:
    return "" if value is None else ("true" if value else "false") if isinstance(value, bool) else str(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
