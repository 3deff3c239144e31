"""The reviewer's stress test: drop each source, move each input to its published ends, drop unverified rows.

A chapter's code runs once for each change, in a process of its own, on a copy of the data that was changed and
sealed again. Figures are not drawn. A cell that fails is passed over, as later cells may not need it; a verdict
that is not reached is counted as one that falls.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium import claims, execute, paths, tables

if TYPE_CHECKING:
    import pandas as pd

FILE = "robustness.json"
FALLS = "cannot be computed"
SECONDS = 120  # for one run of one chapter
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
    """One change of the data: its kind (source, unverified, low, high) and the source or row it concerns.

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
            case _ if self.subject:
                return f"with {self.subject} at its {self.kind} published end"
            case _:
                return f"with all inputs at their {self.kind} published ends"


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
    frames = {name: _raw(name) for name in names}
    found: list[Change] = []
    if any((frame["status"] == "unverified").any() for frame in frames.values() if "status" in frame):
        found.append(Change("unverified"))
    for kind in ("low", "high"):
        if any(not _moved(frame, kind).equals(frame) for frame in frames.values()):
            found.append(Change(kind))
        found += [Change(kind, row) for name, frame in frames.items() for row in _ranged(name, frame)]
    sources = {source for frame in frames.values() for source in _sources(frame)}
    return found + [Change("source", source) for source in sorted(sources)]


def stress(pages: Iterable[execute.Page], workers: int = execute.WORKERS, progress: bool = True) -> list[Stress]:
    """Run the stress test on the claims of these chapters; ExecutionError if a chapter fails on the true data."""
    from tqdm import tqdm

    jobs: list[tuple[execute.Page, Change | None]] = []
    for page in pages:
        if claims.registry().of_chapter(page.chapter):
            names = execute.tables_read(page.path.read_text(encoding="utf-8"))
            jobs += [(page, None), *((page, change) for change in changes(names))]
    _import_once()
    outcomes: dict[tuple[str, Change | None], dict[str, str]] = {}
    # A fresh process for each run: what one chapter imports or caches must not reach the next.
    with multiprocessing.get_context("fork").Pool(workers, maxtasksperchild=1) as pool:
        done = pool.imap(_run, jobs)
        for (page, change), outcome in zip(
            jobs, tqdm(done, total=len(jobs), desc="perturbing", unit="run", disable=not progress), strict=True
        ):
            outcomes[page.chapter, change] = outcome
    found = []
    for claim in claims.registry().claims.values():
        mine = {change: outcome for (chapter, change), outcome in outcomes.items() if chapter == claim.chapter}
        if not mine:
            continue
        true = mine.pop(None).get(claim.id, FALLS)
        if true == FALLS:
            raise execute.ExecutionError(
                f"chapter {claim.chapter}: reaches no verdict on {claim.id} with the true data"
            )
        falls = {str(c): o.get(claim.id, FALLS) for c, o in mine.items() if o.get(claim.id, FALLS) != true}
        # A change of tables that only its neighbours in the chapter rest on proves nothing of this claim.
        tried = falls.keys() | {str(change) for change in mine.keys() & set(changes(claim.datasets))}
        found.append(Stress(claim.id, true, len(tried) - len(falls), len(tried), falls))
    return found


def write(results: Iterable[Stress]) -> Path:
    """Publish the results in `data/robustness.json`; claims that were not tested keep what was published."""
    path = paths.DATA / FILE
    kept = published()
    rest_on = inputs()
    for result in results:
        kept[result.claim] = {**result.__dict__, "inputs": rest_on[claims.registry()[result.claim].chapter]}
    ordered = {claim: kept[claim] for claim in claims.registry().claims if claim in kept}
    draft = path.with_suffix(".json.draft")
    draft.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)
    return path


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
        digest = hashlib.sha256(execute.code(source).encode())
        for claim in claims.registry().of_chapter(page.chapter):
            digest.update(f"{claim.id} {sorted(claim.datasets)} {claim.parts}".encode())
        for path in execute.modules(source):
            if "figures" not in path.parts and path.stem != "numbers":
                digest.update(path.read_bytes())
        for name in execute.tables_read(source):
            digest.update(hashes[name].encode())
        found[page.chapter] = digest.hexdigest()[:16]
    return found


# ---------------------------------------------------------------- one run


def _import_once() -> None:
    """Import here what most chapters import, so that each forked run need not."""
    import altair  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import scipy.stats  # noqa: F401
    import seaborn  # noqa: F401


def _run(job: tuple[execute.Page, Change | None]) -> dict[str, str]:
    """The verdicts of one chapter on changed data; an unlucky claim is missing."""
    import contextlib
    import io
    import signal
    import warnings

    # A chapter that would spread its models over processes runs them in this one, of a pool; joblib would say so.
    warnings.filterwarnings("ignore", message="Loky-backed parallel loops")
    page, change = job
    found: dict[str, str] = {}
    signal.alarm(SECONDS)
    source = page.path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        if change:
            _use(Path(folder), change, execute.tables_read(source))
        _without_drawing(found)
        names: dict[str, Any] = {"__name__": "chapter"}
        for cell in execute.cells(source):
            with contextlib.suppress(Exception):
                exec(cell, names)
    return found


def _use(folder: Path, change: Change, names: list[str]) -> None:
    """Copy the data, change it, seal it, and let this process read the copy."""
    for path in paths.DATA.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    touched = set()
    for name in names:
        before = _raw(name)
        after = _changed(name, before, change)
        if not after.equals(before):
            after.to_csv(folder / str(tables.describe(name)["path"]), index=False, lineterminator="\n")
            touched.add(name)
    _relax(folder / tables.PACKAGE, touched)
    paths.DATA = folder
    for module in (tables, claims):
        for cached in vars(module).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()
    tables.seal()


def _relax(package: Path, touched: set[str]) -> None:
    """Keep only the types of the changed tables: their ranges and sums describe the true data."""
    descriptor = json.loads(package.read_text(encoding="utf-8"))
    for table in descriptor["resources"]:
        if table["name"] in touched:
            table["checks"] = {key: value for key, value in table.get("checks", {}).items() if key == "rows"}
            for column in table["schema"]["fields"]:
                required = column.get("constraints", {}).get("required")
                column["constraints"] = {"required": True} if required else {}
    package.write_text(json.dumps(descriptor, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _without_drawing(found: dict[str, str]) -> None:
    """Let this process record verdicts and skip figures and glue, which decide nothing."""
    from compendium import figures, numbers

    conclude = claims.conclude

    def record(claim_id: str, /, **given: Any) -> claims.Verdict:
        verdict = conclude(claim_id, **given)
        found[claim_id] = verdict.verdict
        return verdict

    claims.conclude = record
    figures.live = figures.static = lambda *args, **options: None  # type: ignore[assignment]
    numbers.say = lambda **sentences: None


def _changed(name: str, frame: pd.DataFrame, change: Change) -> pd.DataFrame:
    match change.kind:
        case "unverified":
            return frame[frame["status"] != "unverified"] if "status" in frame else frame
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


def _raw(name: str) -> pd.DataFrame:
    import pandas as pd

    path = paths.DATA / str(tables.describe(name)["path"])
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def table(results: Iterable[Stress]) -> str:
    """The results for the terminal: one line a claim, and one for each change that moves it."""
    lines = []
    for result in results:
        fared = f"stands in {result.survived} of {result.total}" if result.total else "names no source row by row"
        lines.append(f"{result.claim:<26} {result.verdict:<18} {fared}")
        lines += [f"    {change[:100]}: {word}" for change, word in result.falls.items()]
    return "\n".join(lines)
