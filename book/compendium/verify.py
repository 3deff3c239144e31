"""Re-execution: every number and verdict made again in fresh kernels and compared with the published ones."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from compendium import claims, execute, figures, paths, tables

CERTIFICATE = paths.BUILD / "certificate.json"
PACKAGES = ("pandas", "numpy", "scipy", "statsmodels", "altair", "seaborn", "myst-nb", "jupyter-book")


@dataclass(frozen=True)
class Row:
    """One claim in the report: published and recomputed verdict and key number, and whether all numbers agree."""

    claim: str
    chapter: str
    published: str
    recomputed: str
    key_published: float | None
    key_recomputed: float | None
    same: bool


@dataclass(frozen=True)
class Report:
    """The outcome of a verification; `problems` is empty if everything was reproduced."""

    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    tables: dict[str, str]
    declarations: dict[str, str]
    chapters: dict[str, dict[str, Any]]
    seconds: float

    @property
    def same(self) -> bool:
        """Whether every verdict, number and table is as published."""
        return not self.problems


def verify(names: Iterable[str] = (), progress: bool = True, against_certificate: bool = True) -> Report:
    """Re-execute the named chapters or the chapters of the named claims, all if none is named.

    Fresh kernels, no cache. A failed table, cell or comparison becomes a problem of the report, one line each, and
    so does a chapter, a table or a claim's declaration that is not the one of the published certificate: not every
    number that a chapter prints is one of a claim, and a table can be sealed again. An unknown name raises
    ExecutionError.
    """
    began = time.perf_counter()
    pages = execute.find(names)
    problems: list[str] = []
    done: list[execute.Executed] = []
    failures: list[str] = []
    with ThreadPoolExecutor(1) as beside:  # kernels are processes of their own
        checking = beside.submit(_check_tables, pages if list(names) else None, problems)
        try:
            done = execute.run(pages, progress=progress)
        except execute.ExecutionError as error:
            failures = str(error).splitlines()
        hashes = checking.result()
    problems += failures
    declarations = _declarations(pages)
    chapters: dict[str, dict[str, Any]] = {
        page.page.chapter: {
            "source_sha256": hashlib.sha256(page.page.path.read_bytes()).hexdigest(),
            "seconds": round(page.seconds, 2),
            "figures": sum(1 for _ in page.outputs(figures.MIME)),
        }
        for page in done
    }
    if against_certificate:
        sources = {name: chapter["source_sha256"] for name, chapter in chapters.items()}
        problems += _not_certified({"chapter": sources, "table": hashes, "claim": declarations})
    rows: list[Row] = []
    if done:
        rows = _compare(done, problems)
    return Report(tuple(rows), tuple(problems), hashes, declarations, chapters, time.perf_counter() - began)


def _check_tables(pages: list[execute.Page] | None, problems: list[str]) -> dict[str, str]:
    """Check the tables that the pages read, all if None; return their hashes, the real ones."""
    if pages is None:
        wanted = tables.names()
    else:
        wanted = sorted({name for page in pages for name in execute.tables_read(page.path.read_text("utf-8"))})
    hashes: dict[str, str] = {}
    for name in wanted:
        try:
            tables.read(name)
        except tables.TableError as error:
            problems.append(str(error))
        path = paths.DATA / str(tables.describe(name)["path"])
        hashes[name] = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"
    return hashes


def _not_certified(found: dict[str, dict[str, str]]) -> list[str]:
    """What differs from the published certificate, if there is one; `found` gives digests by kind and name."""
    try:
        certificate = json.loads((paths.DATA / CERTIFICATE.name).read_text(encoding="utf-8"))
        published = {
            "chapter": {name: chapter["source_sha256"] for name, chapter in certificate["chapters"].items()},
            "table": certificate["tables"],
            "claim": certificate["declarations"],
        }
    except FileNotFoundError:
        return []
    except (ValueError, KeyError) as error:
        return [f"{CERTIFICATE.name}: cannot be read ({error!r}); run verify --publish"]
    return [
        f"{kind} {name}: not as certified: sha256 {digest[:12]}, published "
        f"{published[kind].get(name, 'none')[:12]}; see git diff, or run verify --publish"
        for kind, digests in found.items()
        for name, digest in digests.items()
        if published[kind].get(name) != digest
    ]


def _declarations(pages: Iterable[execute.Page]) -> dict[str, str]:
    """By claim of the pages, the digest of its declaration: words, numbers, rules and alternatives."""
    here = [claim for page in pages for claim in claims.registry().of_chapter(page.chapter)]
    return {claim.id: hashlib.sha256(repr(claim).encode()).hexdigest() for claim in here}


def _compare(done: list[execute.Executed], problems: list[str]) -> list[Row]:
    try:
        published, recomputed = claims.published(), execute.verdicts(done)
    except claims.ClaimError as error:
        problems.append(str(error))
        return []
    here = [claim for page in done for claim in claims.registry().of_chapter(page.page.chapter)]
    differences = claims.compare(published, recomputed, [claim.id for claim in here])
    problems += [str(difference) for difference in differences]
    rows = []
    for claim in here:
        old, new = published.get(claim.id), recomputed.get(claim.id)
        rows.append(
            Row(
                claim.id,
                claim.chapter,
                old.verdict if old else "none",
                new.verdict if new else "none",
                old.numbers.get(claim.key_number) if old else None,
                new.numbers.get(claim.key_number) if new else None,
                not any(difference.claim == claim.id for difference in differences),
            )
        )
    return rows


def table(report: Report) -> str:
    """The report as a table of claims for the terminal."""
    head = ("claim", "published", "recomputed", "key number", "recomputed", "same")
    body = [
        (
            row.claim,
            row.published,
            row.recomputed,
            _short(row.key_published),
            _short(row.key_recomputed),
            "yes" if row.same else "NO",
        )
        for row in report.rows
    ]
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *body]
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"


def write_certificate(report: Report, path: Path = CERTIFICATE) -> Path:
    """Write the certificate of a verification: what was re-executed, where, with what outcome."""
    path.parent.mkdir(parents=True, exist_ok=True)
    certificate = {
        "schema": 1,
        "outcome": "reproduced" if report.same else "not reproduced",
        "checked_on": time.strftime("%Y-%m-%d", time.gmtime()),
        "checked_by": os.environ.get("COMPENDIUM_CHECKER", ""),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "seconds": round(report.seconds, 1),
        "chapters": report.chapters,
        "tables": report.tables,
        "declarations": report.declarations,
        "claims": [row.__dict__ for row in report.rows],
        "problems": list(report.problems),
    }
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(certificate, indent=1) + "\n", encoding="utf-8")
    draft.replace(path)
    return path
