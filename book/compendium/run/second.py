"""A second way to the numbers: those of the computed claims again in R, written from what the methods say.

The scripts of `second_way/` know the tables and the page on methods, and nothing of the book's Python. Each prints
its numbers; here they are set beside the recomputed ones and held to the claim's own tolerance. Where a number
hangs on drawn samples, R says how far the luck of the draw moves it, and that far it may differ.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import math
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from compendium.evidence import paths
from compendium.run import settings
from compendium.trial import claims, rules
from compendium.trial.verdicts import Verdict

SCRIPTS = paths.PACKAGE / "run" / "second_way"
SHARED = "common.R"
PROGRAM = "Rscript"
PACKAGES = ("ordinal", "sandwich")
SECONDS = 900
PER_CELL = 6  # models of the tiers from each combination of politics, performance and model
MISSING = (
    "R or one of its packages was not found, so nothing was computed a second way; on Debian and Ubuntu: "
    "apt-get install r-base-core r-cran-ordinal r-cran-sandwich"
)


class NoRError(RuntimeError):
    """R cannot be used here; the message says how to get it."""


@dataclass(frozen=True)
class Row:
    """One number of a claim: published, recomputed in Python, and by R; `chance` is what luck may move it by."""

    claim: str
    number: str
    published: float | None
    python: float | None
    r: float | None
    tolerance: float
    chance: float
    agrees: bool


@dataclass(frozen=True)
class Second:
    """What came of the second way; `verdicts` has the verdict that each claim's rule gives on R's numbers."""

    r: str
    packages: dict[str, str]
    scripts: dict[str, str]
    rows: tuple[Row, ...]
    verdicts: dict[str, str]
    problems: tuple[str, ...]
    seconds: float


def computed(names: Collection[str] | None = None) -> list[str]:
    """The claims whose verdict is computed from numbers or coded texts and not judged, of those named or of all."""
    every = claims.registry().claims.values()
    return [claim.id for claim in every if claim.basis != "judged" and (names is None or claim.id in names)]


def scripts() -> dict[Path, list[str]]:
    """Every script with the claims that it answers."""
    known = set(computed())
    found = {}
    for path in sorted(SCRIPTS.glob("*.R")):
        if path.name != SHARED:
            said = re.findall(r"(?:answer\(|list\()\s*\"([a-z0-9-]+)\"", path.read_text(encoding="utf-8"))
            found[path] = [claim for claim in dict.fromkeys(said) if claim in known]
    return found


def check_r() -> str:
    """The version of R; NoRError where it or a package that the scripts need is missing."""
    if shutil.which(PROGRAM) is None:
        raise NoRError(MISSING)
    asked = "; ".join(f"cat('{name}', as.character(packageVersion('{name}')), '\\n')" for name in PACKAGES)
    done = _r("-e", f"cat(as.character(getRversion()), '\\n'); {asked}")
    if done.returncode:
        raise NoRError(MISSING)
    return done.stdout


def run(recomputed: Mapping[str, Verdict], published: Mapping[str, Verdict]) -> Second:
    """Compute the computed claims of `recomputed` again in R; raise NoRError where there is no R."""
    began = time.perf_counter()
    versions = [line.split() for line in check_r().splitlines()]
    wanted = computed(recomputed)
    chosen = {path: told for path, told in scripts().items() if set(told) & set(wanted)}
    with tempfile.TemporaryDirectory() as folder:
        choices = _write_choices(Path(folder, "choices.csv")) if "political-tiers" in wanted else Path(folder)
        with ThreadPoolExecutor(settings.workers()) as pool:
            done = list(pool.map(lambda path: _r(path.name, str(paths.DATA), str(choices)), chosen))
    problems: list[str] = []
    said: dict[tuple[str, str], tuple[float | None, float]] = {}
    for path, result in zip(chosen, done, strict=True):
        if result.returncode:
            reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
            problems.append(f"{path.name}: R stopped: {reason}; run it alone: Rscript {path.name} DATA")
        said |= dict(_said(result.stdout))
    rows = [row for claim in wanted for row in _rows(claim, recomputed[claim], published.get(claim), said)]
    problems += [_problem(row) for row in rows if not row.agrees]
    return Second(
        versions[0][0],
        {line[0]: line[1] for line in versions[1:]},
        {path.name: hashlib.sha256(paths.content(path)).hexdigest() for path in (SCRIPTS / SHARED, *chosen)},
        tuple(rows),
        {claim: _verdict(claim, [row for row in rows if row.claim == claim]) for claim in wanted},
        tuple(problems),
        round(time.perf_counter() - began, 1),
    )


def _r(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "--vanilla", *arguments],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _write_choices(path: Path) -> Path:
    """Hand R a part of the specifications that were declared for the tiers: their choices, one row each."""
    from compendium.chapters import politics
    from compendium.chapters.politics import permutation
    from compendium.methods.tiers import multiverse

    grid = politics.grid(politics.facts())
    rule = [spec for spec in grid.valid if spec.performance in permutation.INDEPENDENT]
    specs = multiverse.published(rule, per_cell=PER_CELL)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, [field.name for field in dataclasses.fields(specs[0])])
        rows.writeheader()
        rows.writerows(dataclasses.asdict(spec) for spec in specs)
    return path


def _said(output: str) -> Iterator[tuple[tuple[str, str], tuple[float | None, float]]]:
    """What a script printed: the value and the luck of each number of each claim."""
    for line in output.splitlines():
        claim, number, value, chance = line.split("\t")
        yield (claim, number), (None if value == "NA" else float(value), float(chance))


def _rows(
    claim_id: str,
    recomputed: Verdict,
    published: Verdict | None,
    said: Mapping[tuple[str, str], tuple[float | None, float]],
) -> Iterator[Row]:
    for name, declared in claims.registry()[claim_id].numbers.items():
        ours = recomputed.numbers[name]
        theirs, chance = said.get((claim_id, name), (math.nan, 0.0))
        known = theirs is None or math.isfinite(theirs)
        shown = None if theirs is None or not known else float(f"{theirs:.6g}")
        may = max(declared.tolerance, chance) + 1e-9
        same = ours is shown if ours is None or shown is None else abs(ours - shown) <= may
        before = published.numbers.get(name) if published else None
        yield Row(claim_id, name, before, ours, shown, declared.tolerance, chance, known and same)


def _verdict(claim_id: str, rows: list[Row]) -> str:
    """The verdict that the claim's rule gives on R's numbers."""
    try:
        return claims.registry()[claim_id].decide({row.number: row.r for row in rows})[0]
    except (rules.ClaimError, TypeError):
        return "none"


def _problem(row: Row) -> str:
    may = max(row.tolerance, row.chance)
    return f"claim {row.claim}: number {row.number}: Python {row.python}, R {row.r}; may differ by {may:g}"


def table(second: Second) -> str:
    """The claims with their key number published, in Python and in R, how many numbers agree, and R's verdict."""
    lines: list[tuple[str, ...]] = [("claim", "key number", "published", "Python", "R", "agree", "verdict by R")]
    for claim_id, word in second.verdicts.items():
        key = claims.registry()[claim_id].key_number
        rows = {row.number: row for row in second.rows if row.claim == claim_id}
        values = (_short(value) for value in (rows[key].published, rows[key].python, rows[key].r))
        agree = f"{sum(row.agrees for row in rows.values())} of {len(rows)}"
        lines.append((claim_id, key, *values, agree, word))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [lines[0], rule, *lines[1:]]
    )


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
