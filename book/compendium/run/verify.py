"""Re-execution: every number and verdict made again in fresh kernels and compared with the published ones."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from compendium import figures
from compendium.evidence import paths, tables
from compendium.run import certificate, execute, program
from compendium.run.second import Second
from compendium.run.second import run as second_way
from compendium.trial import claims, rules, verdicts


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
    """The outcome of a verification; `problems` is empty if everything was reproduced.

    `results` has a digest of each claim's unrounded numbers, `second` what R made of them, if it was asked. `left`
    names what was left out on purpose, a line each: then what was done may be the same, and is not everything.
    """

    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    tables: dict[str, str]
    declarations: dict[str, str]
    chapters: dict[str, dict[str, Any]]
    files: dict[str, str]
    seconds: float
    results: dict[str, str]
    second: Second | None = None
    left: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        """Whether every verdict, number and table is as published."""
        return not self.problems


def verify(
    names: Iterable[str] = (), progress: bool = True, against_certificate: bool = True, with_r: bool = False
) -> Report:
    """Re-execute the named chapters or the chapters of the named claims, all if none is named.

    Fresh kernels, no cache; static drawings are begun and not laid out. A failed table, cell or comparison becomes
    a problem of the report, one line each, and so does a chapter, a table or a claim's declaration that is not the
    one of the published certificate: not every number that a chapter prints is one of a claim, and a table can be
    sealed again. A chapter is its page and every file of the package that it reaches. `with_r` computes the claims
    a second way, and raises NoRError where there is no R. An unknown name raises ExecutionError.
    """
    began = time.perf_counter()
    pages = execute.find(names)
    problems: list[str] = []
    done: list[execute.Executed] = []
    failures: list[str] = []
    with ThreadPoolExecutor(1) as beside:  # kernels are processes of their own
        checking = beside.submit(check_tables, pages if list(names) else None, problems)
        try:
            with _to_compare():
                done = execute.run(pages, progress=progress)
        except execute.ExecutionError as error:
            failures = str(error).splitlines()
        hashes = checking.result()
    problems += failures
    declarations = declarations_of(claim for page in pages for claim in claims.registry().of_chapter(page.chapter))
    sources = {page.page.chapter: execute.sources(page.page) for page in done}
    files = {name: digest for reached in sources.values() for name, digest in sorted(reached.items())}
    chapters: dict[str, dict[str, Any]] = {
        page.page.chapter: {
            "source_sha256": certificate.digest(sources[page.page.chapter]),
            "seconds": round(page.seconds, 2),
            "figures": sum(1 for _ in page.outputs(figures.MIME)),
        }
        for page in done
    }
    if against_certificate:
        problems += not_certified(sources, hashes, declarations)
    rows = _compare(done, problems) if done else []
    second = None
    if with_r and rows:
        second = second_way(execute.concluded(done), verdicts.published())
        problems += second.problems
    seconds = time.perf_counter() - began
    results = {told["claim"]: told["sha256"] for page in done for told in page.outputs(verdicts.UNROUNDED)}
    return Report(tuple(rows), tuple(problems), hashes, declarations, chapters, files, seconds, results, second)


@contextmanager
def _to_compare() -> Iterator[None]:
    """Have kernels that start meanwhile say each verdict's digest of unrounded numbers, and lay no drawing out."""
    settings = {verdicts.SAY_UNROUNDED: "1", figures.UNDRAWN: "1"}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name in settings:
            del os.environ[name]


def check_tables(pages: list[execute.Page] | None, problems: list[str]) -> dict[str, str]:
    """Check the tables that the pages read, all if None; return their hashes, the real ones."""
    if pages is None:
        wanted = tables.names()
    else:
        wanted = sorted({name for page in pages for name in program.tables_read(page.path.read_text("utf-8"))})
    hashes: dict[str, str] = {}
    for name in wanted:
        try:
            tables.read(name)
        except tables.TableError as error:
            problems.append(str(error))
        path = paths.DATA / str(tables.describe(name)["path"])
        hashes[name] = hashlib.sha256(paths.content(path)).hexdigest() if path.exists() else "missing"
    return hashes


def not_certified(
    sources: dict[str, dict[str, str]], hashes: dict[str, str], declarations: dict[str, str]
) -> list[str]:
    """What differs from the published certificate, if there is one: chapters by file, tables and declarations."""
    try:
        if (found_before := certificate.published()) is None:
            return []
        files = found_before["files"]
        chapters = {name: chapter["source_sha256"] for name, chapter in found_before["chapters"].items()}
        tables_then, declarations_then = found_before["tables"], found_before["declarations"]
    except (ValueError, KeyError) as error:
        return [f"{certificate.FILE.name}: cannot be read ({error!r}); run verify --publish"]
    found = [
        _uncertified(f"chapter {name}", {file: files.get(file) for file in reached}, reached)
        for name, reached in sources.items()
        if chapters.get(name) != certificate.digest(reached)
    ]
    for kind, then, now in (("table", tables_then, hashes), ("claim", declarations_then, declarations)):
        found += [
            _uncertified(f"{kind} {name}", {"": then.get(name)}, {"": digest})
            for name, digest in now.items()
            if then.get(name) != digest
        ]
    return found


def _uncertified(what: str, then: dict[str, str | None], now: dict[str, str]) -> str:
    """One line on what is not as certified: the digests that differ, or that other files are reached."""
    differ = [
        f"{name} sha256 {digest[:12]}, published {(then[name] or 'none')[:12]}".strip()
        for name, digest in now.items()
        if then[name] != digest
    ]
    told = "; ".join(differ) or "it reaches fewer files"
    return f"{what}: not as certified: {told}; see git diff, or run verify --publish"


def declarations_of(here: Iterable[claims.Claim]) -> dict[str, str]:
    """By claim, the digest of its declaration: words, numbers, rules and alternatives."""
    return {claim.id: hashlib.sha256(repr(claim).encode()).hexdigest() for claim in here}


def _compare(done: list[execute.Executed], problems: list[str]) -> list[Row]:
    here = [claim for page in done for claim in claims.registry().of_chapter(page.page.chapter)]
    try:
        return compare(here, execute.concluded(done), problems)
    except rules.ClaimError as error:
        problems.append(str(error))
        return []


def compare(
    here: Iterable[claims.Claim], recomputed: Mapping[str, verdicts.Verdict], problems: list[str]
) -> list[Row]:
    """One row for each claim; what differs from the published verdicts is added to `problems`."""
    here, published = list(here), verdicts.published()
    differences = verdicts.compare(published, recomputed, [claim.id for claim in here])
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
