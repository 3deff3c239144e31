"""A chapter verified in the reader's own browser, on the published files or on files that the reader changed.

The page's worker lays page, package and data out as they lie in the book and calls `examine`. What comes back is
what `verify` reports, as plain data: the same comparison, the same table, the same certificate. Of several chapters
`join` makes one certificate and one patch.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from compendium.evidence import paths, tables
from compendium.run import certificate, execute, here, part, program, verify
from compendium.trial import claims, rules, verdicts

CLAIMS = "claims.yml"
_ENTRY = re.compile(r"^  - id: (\S+)\n(?:(?!  - id: ).*\n)*", re.MULTILINE)


class ChangeError(ValueError):
    """A change that cannot be made; one line says which and why."""


def examine(order: str, progress: Callable[[int, int], object] = lambda done, total: None) -> str:
    """Verify one chapter, or one claim of it, as an order in JSON asks; return the report in JSON.

    An order names the `docname` of a chapter, perhaps a `claim`, perhaps that a `part` of the chapter is enough,
    and perhaps changes: `cells`, each a table, a row (1 is the first), a column and a value; `rules`, each a claim
    and the whole of its entry in `claims.yml`. They are made in a copy, which this process reads from then on.
    """
    return _on_a_copy(lambda: _examine(json.loads(order), progress))


def join(order: str, progress: Callable[[int, int], object] = lambda done, total: None) -> str:
    """Join what `examine` gave of several chapters, as an order in JSON asks; return certificate and patch in JSON.

    An order has the `certificates`, and the changes of all the chapters, as `examine` takes them: chapters share
    tables and the file of claims, so only all changes at once make one patch of a file.
    """
    return _on_a_copy(lambda: _join(json.loads(order)))


def _on_a_copy(work: Callable[[], dict[str, Any]]) -> str:
    """Let this process read a copy of the data; return what work on it gives, or why it cannot be done, in JSON."""
    with tempfile.TemporaryDirectory() as folder:
        paths.DATA = Path(shutil.copytree(paths.DATA, Path(folder) / "data"))
        here.forget_tables()
        try:
            return json.dumps(work())
        except (ChangeError, tables.TableError, rules.ClaimError) as error:
            return json.dumps({"error": str(error)})


def _examine(order: dict[str, Any], progress: Callable[[int, int], object]) -> dict[str, Any]:
    began = time.perf_counter()
    page = execute.Page(order["docname"], paths.ROOT / f"{order['docname']}.md")
    told, patch = _change(order.get("cells", []), order.get("rules", {}))
    _only_claims_of(page.chapter)
    wanted = [
        claim for claim in claims.registry().of_chapter(page.chapter) if order.get("claim", claim.id) == claim.id
    ]
    problems = list(told)
    hashes = verify.check_tables([page], problems)
    outcome = here.Outcome()
    partly = _run(outcome, page, order, progress, problems)
    lacking = _lacking(outcome)
    reached = [claim for claim in wanted if claim.id in outcome.verdicts or not lacking]
    sources = execute.sources(page)
    declared = verify.declarations_of(reached)
    if not told:
        problems += verify.not_certified({page.chapter: sources}, hashes, declared)
    problems += [
        f"chapter {page.chapter}: {words[:60]!r}: {type(error).__name__}: {' '.join(str(error).split())}"
        for words, error in outcome.failures
        if not (lacking and isinstance(error, ImportError | NameError))
    ]
    rows = [] if partly else verify.compare(reached, outcome.verdicts, problems)
    # Of a part the numbers are not those of the claim, so their digest says nothing of it.
    exact = {} if partly else {name: verdict.unrounded for name, verdict in outcome.verdicts.items()}
    seconds = time.perf_counter() - began
    chapter = {"source_sha256": certificate.digest(sources), "seconds": round(seconds, 2), "figures": 0}
    why = partly["words"] if partly else f"it was not computed: {', '.join(lacking)} is not here"
    left = tuple(f"claim {claim.id}: {why}" for claim in wanted if partly or claim not in reached)
    report = verify.Report(
        tuple(rows), tuple(problems), hashes, declared, {page.chapter: chapter}, sources, seconds, exact, left=left
    )
    return {
        "chapter": page.chapter,
        "same": report.same,
        "seconds": seconds,
        "problems": problems,
        "lacking": lacking,
        "part": partly,
        "claims": [_told(claim, outcome.verdicts.get(claim.id), _known(page, partly), exact) for claim in wanted],
        "table": verify.table(report),
        "certificate": certificate.content(report),
        "patch": patch,
    }


def _join(order: dict[str, Any]) -> dict[str, Any]:
    _, patch = _change(order["cells"], order["rules"])
    return {"certificate": certificate.content(_joined(order["certificates"])), "patch": patch}


def _joined(certificates: list[dict[str, Any]]) -> verify.Report:
    """The report of several chapters from their certificates: its state is that of all their files."""

    def by_name(key: str) -> dict[str, Any]:
        return {name: told for one in certificates for name, told in one[key].items()}

    def lines(key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line for one in certificates for line in one.get(key, [])))

    return verify.Report(
        rows=tuple(verify.Row(**row) for one in certificates for row in one["claims"]),
        problems=lines("problems"),
        tables=by_name("tables"),
        declarations=by_name("declarations"),
        chapters=by_name("chapters"),
        files=by_name("files"),
        seconds=sum(one["seconds"] for one in certificates),
        results={name: told for one in certificates for name, told in certificate.results_here(one).items()},
        left=lines("left_out"),
    )


def _run(
    outcome: here.Outcome,
    page: execute.Page,
    order: dict[str, Any],
    progress: Callable[[int, int], object],
    problems: list[str],
) -> dict[str, Any] | None:
    """Run the page as an order asks: whole, or in part; of a part, how much was fitted and is as published."""
    claim, module = order.get("claim", ""), part.module_of(page.chapter)
    if module is None or not order.get("part"):
        here.run(outcome, program.cells(page.path.read_text(encoding="utf-8")), claim, progress)
        return None
    fitted, known = part.run(outcome, page, claim, progress), part.published().get(page.chapter)
    if not fitted or known is None:
        problems.append(f"chapter {page.chapter}: in part, it was not computed or nothing is published of it")
        return {"fitted": 0, "of": 0, "what": "models", "same": 0, "words": "it was not computed"}
    differ = module.differing(known.told["values"], fitted["values"])
    if differ:
        problems.append(f"chapter {page.chapter}: {differ} of {fitted['fitted']} models are not as published")
    count = {key: fitted[key] for key in ("fitted", "of", "what")}
    words = "{fitted:,} of {of:,} {what} were fitted; the verdict on all was not computed".format(**count)
    return {**count, "same": fitted["fitted"] - differ, "words": words}


def _known(page: execute.Page, partly: dict[str, Any] | None) -> Mapping[str, verdicts.Verdict]:
    """The verdicts to compare with: the published ones, or what is published of the part that was run."""
    known = part.published().get(page.chapter) if partly else None
    return known.verdicts if known else {} if partly else verdicts.published()


def _told(
    claim: claims.Claim,
    verdict: verdicts.Verdict | None,
    known: Mapping[str, verdicts.Verdict],
    exact: Mapping[str, str],
) -> dict[str, Any]:
    """A claim as the page shows it: verdict and every number, published and recomputed, and its rules.

    It says too whether the digest in `exact` is a certified one; None where there is nothing to compare.
    """
    certified = certificate.exactly_known().get(claim.id)
    published = known.get(claim.id)
    numbers = []
    for name, number in claim.numbers.items():
        old = published.numbers.get(name) if published else None
        new = verdict.numbers.get(name) if verdict else None
        same = verdict is not None and published is not None and verdicts.same(old, new, number.tolerance)
        numbers.append({"name": name, "meaning": number.meaning, "unit": number.unit, "same": same})
        numbers[-1] |= {"published": old, "recomputed": new, "tolerance": number.tolerance}
    return {
        "id": claim.id,
        "title": claim.title,
        "published": published.verdict if published else "none",
        "recomputed": verdict.verdict if verdict else "",
        "exact": exact[claim.id] in certified if certified and claim.id in exact else None,
        "numbers": numbers,
        "rules": [
            {"part": part.name, "kind": kind, "text": rule.text}
            for part in claim.parts
            for kind, rule in part.rules.items()
        ],
    }


def _lacking(outcome: here.Outcome) -> list[str]:
    """The packages that the chapter asked for and that are not in the browser."""
    missing = [error.name or "" for _, error in outcome.failures if isinstance(error, ImportError)]
    return sorted({name.partition(".")[0] for name in missing if name})


def _only_claims_of(chapter: str) -> None:
    """Cut the file of claims to those of one chapter: to parse them all would take longer than to verify one."""
    path = paths.DATA / CLAIMS
    text = path.read_text(encoding="utf-8")
    declared = f"\n    chapter: {chapter}\n"
    path.write_text(_ENTRY.sub(lambda entry: entry[0] if declared in entry[0] else "", text), encoding="utf-8")
    here.forget_tables()


# ---------------------------------------------------------------- the reader's changes


def _change(cells: Iterable[dict[str, Any]], entries: dict[str, str]) -> tuple[list[str], str]:
    """Make changes in the data of this process; return what was changed in words, and the patch of all files."""
    told: list[str] = []
    before: dict[str, str] = {}
    for cell in cells:
        table = tables.describe(cell["table"])
        path = str(table["path"])
        text = (paths.DATA / path).read_text(encoding="utf-8")
        before.setdefault(path, text)
        changed, old = _with_cell(text, cell)
        (paths.DATA / path).write_text(changed, encoding="utf-8")
        told.append(
            f"table {cell['table']}, row {cell['row']}, column {cell['column']}: you put {cell['value']!r} "
            f"in the place of {old!r}; not as published"
        )
    if before:
        here.reseal({str(cell["table"]) for cell in cells})
    for claim, entry in entries.items():
        text = (paths.DATA / CLAIMS).read_text(encoding="utf-8")
        before.setdefault(CLAIMS, text)
        (paths.DATA / CLAIMS).write_text(_with_entry(text, claim, entry), encoding="utf-8")
        told.append(f"claim {claim}: you changed its rule; not as published")
    after = {path: (paths.DATA / path).read_text(encoding="utf-8") for path in before}
    return told, "".join(patch(f"data/{path}", text, after[path]) for path, text in before.items())


def _with_cell(text: str, cell: dict[str, Any]) -> tuple[str, str]:
    """A table in which one row is written anew with one cell changed; and what stood in the cell."""
    lines = _lines(text)
    reader = csv.reader(lines)
    header = next(reader)
    if cell["column"] not in header:
        raise ChangeError(f"table {cell['table']}: no column {cell['column']!r}; known: {', '.join(header)}")
    at, first = header.index(cell["column"]), reader.line_num
    for number, row in enumerate(reader, 1):
        if number == cell["row"]:
            old, row[at] = row[at], str(cell["value"])
            written = io.StringIO()
            csv.writer(written, lineterminator="\n").writerow(row)
            return "".join([*lines[:first], written.getvalue(), *lines[reader.line_num :]]), old
        first = reader.line_num
    raise ChangeError(f"table {cell['table']}: no row {cell['row']}; it has {number}")


def _with_entry(text: str, claim: str, entry: str) -> str:
    """The file of claims with the entry of one claim replaced; the blank lines after it stay."""
    found = next((old for old in _ENTRY.finditer(text) if old[1] == claim), None)
    if found is None:
        raise ChangeError(f"no claim {claim!r} in {CLAIMS}")
    return text[: found.start()] + entry.rstrip("\n") + text[found.start() + len(found[0].rstrip("\n")) :]


def patch(path: str, before: str, after: str) -> str:
    """The change of a file as a patch that `git apply` takes."""
    return "".join(difflib.unified_diff(_lines(before), _lines(after), f"a/{path}", f"b/{path}"))


def _lines(text: str) -> list[str]:
    """Lines as git counts them: no other sign than a line feed ends one."""
    return list(io.StringIO(text, newline="\n"))
