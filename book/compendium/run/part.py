"""Chapters of which a reader's browser runs a declared part, unless the reader asks for the whole.

Such a chapter has a module `part`: functions that stand in for those of the same name on its page (`INSTEAD`), and
`told`, what they fitted. What the part says is published in `data/in_part.json`, model by model, by `accept`. It is
compared with what a browser finds for that very part, and never takes the place of the verdict, which rests on all.
"""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from compendium.evidence import paths
from compendium.run import execute, here, program
from compendium.trial import verdicts

FILE = "in_part.json"
PROGRAM = "import sys; from compendium.run import part; print(part.told_of(sys.argv[1]))"


@dataclass(frozen=True)
class Part:
    """What a part of a chapter says: `told` by its module, and the verdicts that its numbers alone would give."""

    told: dict[str, Any]
    verdicts: dict[str, verdicts.Verdict]


def module_of(chapter: str) -> ModuleType | None:
    """The module that declares the part of a chapter; None if the chapter is always run whole."""
    return importlib.import_module(f"compendium.chapters.{chapter}.part") if _file(chapter).exists() else None


def whole_of(chapter: str) -> str:
    """What a chapter's `part` says of the whole (`WHOLE`), read without its libraries; empty if it has none."""
    if not _file(chapter).exists():
        return ""
    for node in ast.parse(_file(chapter).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WHOLE":
            return str(ast.literal_eval(node.value))
    raise AttributeError(f"chapter {chapter}: its module part has no WHOLE, which says what the whole takes")


def _file(chapter: str) -> Path:
    return paths.PACKAGE / "chapters" / chapter / "part.py"


def run(
    outcome: here.Outcome,
    page: execute.Page,
    claim: str = "",
    progress: Callable[[int, int], object] = lambda done, total: None,
) -> dict[str, Any]:
    """Run the deciding statements of a page in part, without alternatives; return what its module tells.

    In this process the chapter stays in part from then on.
    """
    part = module_of(page.chapter)
    assert part is not None
    chapter = importlib.import_module(part.__name__.rpartition(".")[0])
    for name in part.INSTEAD:
        setattr(chapter, name, getattr(part, name))
    here.run(outcome, program.cells(page.path.read_text(encoding="utf-8")), claim, progress, bare=True)
    return {} if outcome.failures else part.told(outcome.names)


def published() -> dict[str, Part]:
    """The published parts, by chapter; none if none was ever accepted."""
    path = paths.DATA / FILE
    if not path.exists():
        return {}
    return {
        chapter: Part(entry["told"], {name: verdicts.Verdict.from_dict(v) for name, v in entry["verdicts"].items()})
        for chapter, entry in json.loads(path.read_text(encoding="utf-8")).items()
    }


def told_of(docname: str) -> str:
    """What the part of a chapter says, in JSON, as it is published; run in a process of its own."""
    outcome = here.Outcome()
    told = run(outcome, execute.Page(docname, paths.ROOT / f"{docname}.md"))
    for words, error in outcome.failures:
        raise RuntimeError(f"{docname}, in part: {words[:60]!r}: {error}") from error
    kept = ("claim", "verdict", "parts", "numbers")
    reached = {name: {key: verdict.as_dict()[key] for key in kept} for name, verdict in outcome.verdicts.items()}
    return json.dumps({"told": told, "verdicts": reached})


def publish() -> None:
    """Run the part of every chapter that has one, and write `data/in_part.json`."""
    found = {}
    for page in execute.pages():
        if module_of(page.chapter):
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, page.docname], stdout=subprocess.PIPE, text=True, check=True
            )
            found[page.chapter] = json.loads(done.stdout)
    if found:
        paths.write(paths.DATA / FILE, _lines(found))


def _lines(found: dict[str, Any]) -> str:
    """Plain data with one line for each column of values: a line for each value would be thousands."""
    columns: list[str] = []

    def kept(value: list[Any]) -> str:
        columns.append(json.dumps(value, separators=(",", ":")))
        return f"column {len(columns) - 1}"

    for entry in found.values():
        entry["told"]["values"] = {name: kept(values) for name, values in entry["told"]["values"].items()}
    text = json.dumps(found, indent=1, ensure_ascii=False)
    for place, column in enumerate(columns):
        text = text.replace(f'"column {place}"', column)
    return text + "\n"
