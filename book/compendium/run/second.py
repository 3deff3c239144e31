"""A second way to the numbers: those of the computed claims again in R, written from what the methods say.

The scripts of `second_way/` know the tables and the page on methods, and nothing of the book's Python. Each prints
its numbers; here they are set beside the recomputed ones and held to the claim's own tolerance. Where a number
hangs on drawn samples, R says how far the luck of the draw moves it, and that far it may differ, if that is not so
far that nothing could fail. Of the tiers' models both score a part, the same in the same lotteries (`scored`), and
R is told which these are.
"""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from compendium.evidence import paths
from compendium.run import scored, settings
from compendium.trial import claims, rules
from compendium.trial.verdicts import Verdict

SCRIPTS = paths.PACKAGE / "run" / "second_way"
SHARED = "common.R"
PROGRAM = "Rscript"
PACKAGES = ("ordinal", "sandwich")
SECONDS = 900
LUCK = 5  # times the tolerance: by more than that no luck may excuse a number
MISSING = (
    "R or one of its packages was not found, so nothing was computed a second way; on Debian and Ubuntu: "
    "apt-get install r-base-core r-cran-ordinal r-cran-sandwich"
)


class NoRError(RuntimeError):
    """R cannot be used here; the message says how to get it."""


@dataclass(frozen=True)
class Row:
    """One number of a claim: published, recomputed in Python, and by R; `chance` is what luck may move it by.

    Of a claim that R computes in part, all three are of that part.
    """

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
    """What came of the second way; `verdicts` has the verdict that each claim's rule gives on R's numbers.

    `missing` names by claim the numbers that no text read holds: neither Python nor R has them, so nothing was
    compared, and no row tells of them. `parts` says of which claims R computes a part, and of what.
    """

    r: str
    packages: dict[str, str]
    scripts: dict[str, str]
    rows: tuple[Row, ...]
    verdicts: dict[str, str]
    problems: tuple[str, ...]
    seconds: float
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: dict[str, scored.InPart] = field(default_factory=dict)


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
        models = scored.in_python() if scored.CLAIM in wanted else None
        handed = list(map(str, scored.write(models, Path(folder)))) if models else []
        with ThreadPoolExecutor(settings.workers()) as pool:
            done = list(pool.map(lambda path: _r(path.name, str(paths.DATA), *handed), chosen))
    problems: list[str] = []
    said: dict[tuple[str, str], tuple[float | None, float]] = {}
    for path, result in zip(chosen, done, strict=True):
        if result.returncode:
            reason = (result.stderr.strip().splitlines() or ["no message"])[-1]
            problems.append(f"{path.name}: R stopped: {reason}; run it alone: Rscript {path.name} DATA")
        said |= dict(_said(result.stdout))
    ours, before = dict(recomputed), dict(published)
    parts: dict[str, scored.InPart] = {}
    if models:
        ours[scored.CLAIM] = scored.of_part(recomputed[scored.CLAIM], models.numbers)
        before.pop(scored.CLAIM, None)
        if known := scored.published():
            before[scored.CLAIM] = known
        parts[scored.CLAIM], differing = scored.compared(models, said)
        problems += differing
    rows = [row for claim in wanted for row in _rows(claim, ours[claim], before.get(claim), said)]
    problems += [_problem(row) for row in rows if not row.agrees]
    return Second(
        versions[0][0],
        {line[0]: line[1] for line in versions[1:]},
        {path.name: hashlib.sha256(paths.content(path)).hexdigest() for path in (SCRIPTS / SHARED, *chosen)},
        tuple(rows),
        {claim: _verdict(claim, [row for row in rows if row.claim == claim]) for claim in wanted},
        tuple(problems),
        round(time.perf_counter() - began, 1),
        {claim: names for claim in wanted if (names := _missing(claim, rows))},
        parts,
    )


def _missing(claim_id: str, rows: list[Row]) -> tuple[str, ...]:
    """The numbers of a claim that have no row: neither language has them."""
    told = {row.number for row in rows if row.claim == claim_id}
    return tuple(name for name in claims.registry()[claim_id].numbers if name not in told)


def _r(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, "--vanilla", *arguments],
        cwd=SCRIPTS,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


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
        if ours is None and theirs is None:
            continue
        known = theirs is None or math.isfinite(theirs)
        shown = None if theirs is None or not known else float(f"{theirs:.6g}")
        may = limit(declared.tolerance, chance) + 1e-9
        same = ours is not None and shown is not None and abs(ours - shown) <= may
        before = published.numbers.get(name) if published else None
        yield Row(claim_id, name, before, ours, shown, declared.tolerance, chance, known and same)


def limit(tolerance: float, chance: float) -> float:
    """How far R's number may be from Python's."""
    return max(tolerance, min(chance, LUCK * tolerance))


def _verdict(claim_id: str, rows: list[Row]) -> str:
    """The verdict that the claim's rule gives on R's numbers."""
    claim = claims.registry()[claim_id]
    try:
        return claim.decide({**dict.fromkeys(claim.numbers), **{row.number: row.r for row in rows}})[0]
    except (rules.ClaimError, TypeError):
        return "none"


def _problem(row: Row) -> str:
    may = limit(row.tolerance, row.chance)
    return f"claim {row.claim}: number {row.number}: Python {row.python}, R {row.r}; may differ by {may:g}"


def table(second: Second) -> str:
    """The claims with their key number published, in Python and in R, how many numbers agree, and R's verdict.

    Numbers that neither has are not counted.
    """
    lines: list[tuple[str, ...]] = [("claim", "key number", "published", "Python", "R", "agree", "verdict by R")]
    for claim_id, word in second.verdicts.items():
        key = claims.registry()[claim_id].key_number
        rows = {row.number: row for row in second.rows if row.claim == claim_id}
        row = rows.get(key)
        values = (_short(value) for value in ((row.published, row.python, row.r) if row else (None, None, None)))
        agree = f"{sum(row.agrees for row in rows.values())} of {len(rows)}"
        lines.append((claim_id, key, *values, agree, word))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = tuple("-" * width for width in widths)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [lines[0], rule, *lines[1:]]
    )


def remarks(second: Second) -> list[str]:
    """What the table does not say: how many numbers R computed, of what it took a part, and what has no number."""
    agree, missing = sum(row.agrees for row in second.rows), sum(map(len, second.missing.values()))
    lines = [f"R computed {len(second.rows)} numbers of {len(second.verdicts)} claims; {agree} agree."]
    if missing:
        lines.append(
            f"{missing} more are declared, but no text read holds them: R computed nothing, none is counted."
        )
    lines += [
        f"{claim}: R scored {part.fitted:,} of the {part.of:,} {part.what}, in the same {part.draws:,} lotteries; "
        f"the numbers are of these. {part.alike:,} have the same score t; the farthest differs by {part.largest:g} "
        f"(limit {part.tolerance:g})."
        for claim, part in second.parts.items()
    ]
    return lines


def _short(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
