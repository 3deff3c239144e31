"""A chapter run in this process: the statements that its verdicts rest on, in order.

Nothing is drawn and nothing is said: neither decides anything. Kernels run whole pages; this is for where there is
no kernel, as in the reader's browser, and for many runs on changed data.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from compendium.evidence import paths, tables
from compendium.trial import claims, verdicts

ASIDE = ("alternatives", "together")  # what `conclude` is given beside the numbers of the verdict
REASONS = ("reasons_for", "reasons_against")
ATTEMPT = "_attempt"  # the name by which a changed `conclude` calls `attempt`


@dataclass
class Outcome:
    """The verdicts that were reached, what failed (a statement's first words with the error), the page's names."""

    verdicts: dict[str, verdicts.Verdict] = field(default_factory=dict)
    failures: list[tuple[str, Exception]] = field(default_factory=list)
    names: dict[str, Any] = field(default_factory=dict)


def run(
    outcome: Outcome,
    cells: Iterable[str],
    claim: str = "",
    progress: Callable[[int, int], object] = lambda done, total: None,
    bare: bool = False,
) -> None:
    """Run the deciding statements of a page, or those of one claim; what fails is noted and passed over.

    What is reached is put into `outcome` as it is reached. `progress` is told how many statements are done, and of
    how many. `bare` leaves alternatives out and makes each number by itself: one that fails is missing.
    """
    _without_drawing(outcome.verdicts, bare)
    outcome.names |= {"__name__": "chapter", ATTEMPT: attempt}
    statements = deciding(cells, claim, bare)
    with contextlib.redirect_stdout(io.StringIO()):
        for done, (words, statement) in enumerate(statements):
            progress(done, len(statements))
            try:
                exec(statement, outcome.names)
            except Exception as error:
                outcome.failures.append((words, error))
    progress(len(statements), len(statements))


def deciding(cells: Iterable[str], claim: str = "", bare: bool = False) -> list[tuple[str, CodeType]]:
    """The statements of a page that its verdicts rest on, each with its first line: a slice back from `conclude`.

    What is only shown or said is left out: it decides nothing, and on changed data it may fail.
    """
    needed: set[str] = set()
    kept: list[ast.stmt] = []
    for node in reversed([statement for cell in cells for statement in ast.parse(cell).body]):
        if bare and _concludes(node, claim):
            node = _number_by_number(node)
        names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
        made = {name.id for name in names if isinstance(name.ctx, ast.Store)}
        if isinstance(node, ast.Import | ast.ImportFrom) or _concludes(node, claim) or made & needed:
            needed |= {name.id for name in names if isinstance(name.ctx, ast.Load)}
            kept.append(node)
    return [
        (ast.unparse(node).partition("\n")[0], compile(ast.Module([node], []), "<page>", "exec"))
        for node in reversed(kept)
    ]


def _concludes(node: ast.stmt, claim: str) -> bool:
    """Whether a statement reaches the verdict on a claim, on any if none is named."""
    call = node.value if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    if call is None or not isinstance(call.func, ast.Name) or call.func.id != "conclude":
        return False
    first = call.args[0] if call.args else None
    return not claim or (isinstance(first, ast.Constant) and first.value == claim)


def _number_by_number(node: ast.stmt) -> ast.stmt:
    """A `conclude` whose numbers are each attempted, so that one that fails leaves the others as they are."""
    assert isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    call = node.value
    given = [kept for kept in call.keywords if kept.arg not in ASIDE]
    attempts = [f"**{ATTEMPT}(lambda: {_mapping(kept)})" for kept in given]
    changed = f"{ast.unparse(call.func)}({', '.join([*map(ast.unparse, call.args), *attempts])})"
    return ast.parse(changed).body[0]


def _mapping(given: ast.keyword) -> str:
    value = ast.unparse(given.value)
    return value if given.arg is None else f"{{{given.arg!r}: {value}}}"


def attempt(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what is made, or nothing if it fails on the changed data."""
    try:
        return make()
    except Exception:
        return {}


def forget_tables() -> None:
    """Let this process read tables and claims anew: their files are others now."""
    for module in (tables, claims):
        for cached in vars(module).values():
            if hasattr(cached, "cache_clear"):
                cached.cache_clear()


def reseal(changed: Iterable[str]) -> None:
    """Seal tables that were changed on purpose, in the folder of data that this process reads.

    Of their rules only the types are kept: ranges and sums describe the published data.
    """
    changed = set(changed)
    package = paths.DATA / tables.PACKAGE
    descriptor = json.loads(package.read_text(encoding="utf-8"))
    for table in descriptor["resources"]:
        if table["name"] in changed:
            table["checks"] = {key: value for key, value in table.get("checks", {}).items() if key == "rows"}
            for column in table["schema"]["fields"]:
                required = column.get("constraints", {}).get("required")
                column["constraints"] = {"required": True} if required else {}
    package.write_text(json.dumps(descriptor, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    forget_tables()
    tables.seal(changed)


def _without_drawing(found: dict[str, verdicts.Verdict], bare: bool) -> None:
    """Let this process record verdicts and skip figures and glue, which decide nothing."""
    from compendium import figures, trial
    from compendium.evidence import numbers

    def record(claim_id: str, /, **given: Any) -> verdicts.Verdict:
        found[claim_id] = verdicts.conclude(claim_id, **(_completed(claim_id, given) if bare else given))
        return found[claim_id]

    trial.conclude = record
    figures.live = figures.static = lambda *args, **options: None  # type: ignore[assignment]
    numbers.say = lambda **sentences: None


def _completed(claim_id: str, given: dict[str, Any]) -> dict[str, Any]:
    """What `conclude` is given, with nothing in the place of what was not reached and no alternative tried."""
    claim = claims.registry()[claim_id]
    numbers: dict[str, Any] = {name: given.get(name) for name in claim.numbers}
    reasons: dict[str, Any] = {key: given.get(key) or ["not reached"] for key in REASONS}
    return {"alternatives": {label: {} for label in claim.alternatives}, **numbers, **reasons}
