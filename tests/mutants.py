"""Which small changes of the code the tests notice: the operators of cosmic-ray, a declared sample a module.

Run by `make mutants`, not by pytest; `make mutants MODULES="trial/claims methods/shares/proportions"` for some.
Of every place that an operator of cosmic-ray can change, one of its changes is drawn with the declared seed; where
a module has more such places than `sample`, that many are drawn. Each mutant is the module in memory of a forked
process, so that no file is ever changed, and meets the module's own tests, shortest first, up to the first failure.
A mutant that only changes an annotation is none. Settings are in pyproject.toml.

`tests/mutants/survivors.csv` lists mutants that no test can notice, with the reason; `tests/mutants/scores.csv` is
the score of each module. A module without tests of its own is named as not tried. Exit status: 0, or 1 if a
module's own tests fail, or it is below the aim.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import ast
import contextlib
import csv
import importlib
import importlib.util
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, TESTS = ROOT / "book" / "compendium", ROOT / "tests"
TOOL, KEPT = ROOT / "_build" / "mutants", TESTS / "mutants"
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutants"]
ARITHMETIC = {"Add", "Sub", "Mul", "Div"}  # others raise at the first number and would flatter the score
ORDER = {"Eq", "NotEq", "Lt", "LtE", "Gt", "GtE"}
WITHOUT = {"RemoveDecorator", "VariableReplacer", "VariableInserter"}


@dataclass(frozen=True)
class Mutant:
    """A module in which one place is changed."""

    line: int
    before: str
    after: str
    text: str


def sensible(operator: str) -> bool:
    """Whether a change of this kind can leave a program that runs."""
    kind, _, change = operator.partition("_")
    before, _, after = change.partition("_")
    if kind == "ReplaceBinaryOperator":
        return after in (ARITHMETIC if not before.startswith("Bit") else {"BitAnd", "BitOr"})
    if kind == "ReplaceComparisonOperator":
        return (before in ORDER) == (after in ORDER)
    return kind not in WITHOUT


def operators() -> dict[str, Any]:
    """The operators of cosmic-ray by name; it is installed under `_build` at the first call."""
    if not (TOOL / "cosmic_ray").exists():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", str(TOOL), *SETTINGS["tool"]], check=True)
    sys.path.append(str(TOOL))
    from cosmic_ray.operators.provider import OperatorProvider

    provider = OperatorProvider()
    return {name: provider[name]() for name in provider if sensible(name)}


def meaning(text: str) -> str | None:
    """The syntax tree without annotations; None if this is no program."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(None)
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    return ast.dump(tree)


def places(path: Path) -> dict[tuple[Any, ...], list[tuple[Any, int]]]:
    """By place and kind of operator, the operators that can change it and which of their occurrences it is."""
    from cosmic_ray.ast import ast_nodes, get_ast

    found: dict[tuple[Any, ...], list[tuple[Any, int]]] = {}
    nodes = list(ast_nodes(get_ast(path.read_text(encoding="utf-8"))))
    for name, operator in operators().items():
        count = 0
        for node in nodes:
            for start, _ in operator.mutation_positions(node):
                found.setdefault((*start, name.partition("_")[0]), []).append((operator, count))
                count += 1
    return found


def mutants(path: Path) -> tuple[list[Mutant], int]:
    """The drawn mutants of a module in the order of its lines, and how many places can be changed."""
    from cosmic_ray.mutating import MutationVisitor

    text, draw = path.read_text(encoding="utf-8"), random.Random(f"{SETTINGS['seed']} {path.name}")
    original, candidates = meaning(text), places(path)
    order = sorted(candidates)
    draw.shuffle(order)
    drawn: list[Mutant] = []
    count = 0
    for place in order:
        try:
            changed = MutationVisitor.mutate_code(text, *draw.choice(candidates[place]))
        except AttributeError:  # cosmic-ray replaces no exception whose name has a dot, in a tuple
            continue
        if changed is None or meaning(changed) in (None, original):
            continue
        count += 1
        if len(drawn) < SETTINGS["sample"]:
            pairs = zip(text.splitlines(), changed.splitlines(), strict=False)
            line, (before, after) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
            drawn.append(Mutant(line, before.strip(), after.strip(), changed))
    return sorted(drawn, key=lambda mutant: (mutant.line, mutant.after)), count


class InMemory(SourceFileLoader):
    """Loads a module from a text instead of its file, and finds it."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        super().__init__(name, str(path))
        self.text = text

    def find_spec(self, name: str, *_: Any) -> ModuleSpec | None:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def get_code(self, fullname: str) -> Any:
        return compile(self.text, self.path, "exec", dont_inherit=True)


class ShortestFirst:
    """A pytest plugin: measures the tests, or runs those that are short, shortest first."""

    def __init__(self, seconds: dict[str, float] | None) -> None:
        self.known, self.seconds = seconds, {}

    def pytest_collection_finish(self, session: Any) -> None:
        if self.known is not None:
            always = {TESTS / test for test in SETTINGS["always"]}
            short = [t for t in session.items if t.path in always or self.known[t.nodeid] <= SETTINGS["seconds"]]
            session.items[:] = sorted(short, key=lambda test: self.known[test.nodeid])

    def pytest_runtest_logstart(self) -> None:
        self.started = time.process_time()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.seconds[nodeid] = time.process_time() - self.started


def run(module: str, text: str, tests: list[str], known: dict[str, float] | None) -> tuple[bool, dict[str, Any]]:
    """Whether the tests pass on a module with this text, in a process of its own.

    Also how long each of them took, and the libraries that they needed.
    """
    with tempfile.NamedTemporaryFile() as answer:
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            told = Path(answer.name).read_text(encoding="utf-8")
            return status == 0, json.loads(told) if told else {}
        status = 1
        try:
            quiet = os.open(os.devnull if known else TOOL / "baseline.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(quiet, 1), os.dup2(quiet, 2)
            limit = int(2 * sum(t for t in known.values() if t <= SETTINGS["seconds"]) + 10) if known else 600
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            signal.alarm(30 * limit)
            import hypothesis
            import pytest

            hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
            hypothesis.settings.load_profile("mutants")
            path = PACKAGE / f"{module}.py"
            sys.meta_path.insert(0, InMemory(f"compendium.{module.replace('/', '.')}", path, text))
            plugin = ShortestFirst(known)
            options = ["-x", "-q", "-n", "0", "--tb=short", "-m", "not check and not browser"]
            status = int(pytest.main([*options, *(str(TESTS / test) for test in tests)], plugins=[plugin]))
            libraries = [name for name, it in list(sys.modules.items()) if "site-packages" in str(it)]
            told = {"seconds": plugin.seconds, "libraries": libraries}
            Path(answer.name).write_text(json.dumps(told), encoding="utf-8")
        finally:
            os._exit(status)


def listed() -> dict[tuple[str, str, str], str]:
    """Why no test can notice a mutant, by module, line before and line after."""
    path = KEPT / "survivors.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["module"], row["before"], row["after"]): row["reason"] for row in csv.DictReader(file)}


def own_tests(module: str) -> list[str]:
    """The test files of a module, relative to `tests`: declared for it or its folder, or the one of its name."""
    folder, _, name = module.rpartition("/")
    declared = SETTINGS["tests"]
    return [*(declared.get(module) or declared.get(folder) or [f"{folder}/test_{name}.py"]), *SETTINGS["always"]]


def score(module: str) -> dict[str, Any] | None:
    """Try the mutants of a module, print those that survive, and return its row; None if its own tests fail."""
    path, tests = PACKAGE / f"{module}.py", own_tests(module)
    passed, told = run(module, path.read_text(encoding="utf-8"), tests, None)
    for library in told.get("libraries", ()):
        with contextlib.suppress(ImportError):
            importlib.import_module(library)  # once, not in each process
    if not passed:
        print(f"{module}: its own tests fail unchanged; see {TOOL / 'baseline.txt'}")
        return None
    drawn, count = mutants(path)
    known = listed()
    killed = equivalent = 0
    for mutant in drawn:
        survived, _ = run(module, mutant.text, tests, told["seconds"])
        reason = known.get((module, mutant.before, mutant.after))
        killed += not survived
        equivalent += survived and reason is not None
        if survived:
            what = f"listed: {reason}" if reason else "SURVIVES"
            print(f"{module}:{mutant.line}: {what}\n  - {mutant.before}\n  + {mutant.after}", flush=True)
    share = killed / max(len(drawn) - equivalent, 1)
    print(f"{module}: {killed} of {len(drawn)} killed, {equivalent} listed: {share:.0%}", flush=True)
    return {"module": module, "places": count, "tried": len(drawn), "killed": killed, "listed": equivalent}


FIELDS = ("module", "places", "tried", "killed_before", "killed", "listed")


def keep(row: dict[str, Any]) -> None:
    """Write the row of a module among the scores; what it scored first stays beside."""
    path, rows = KEPT / "scores.csv", {}
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            rows = {kept["module"]: kept for kept in csv.DictReader(file)}
    before = rows.get(row["module"], {}).get("killed_before", row["killed"])
    rows[row["module"]] = row | {"killed_before": before}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[module] for module in sorted(rows))


def modules() -> tuple[list[str], list[str]]:
    """The modules on trial that have tests of their own, and those that have none."""
    tried, untried = [], []
    for room in SETTINGS["rooms"]:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            module = path.relative_to(PACKAGE).with_suffix("").as_posix()
            if path.name != "__init__.py":
                there = all((TESTS / test).exists() for test in own_tests(module))
                (tried if there else untried).append(module)
    return tried, untried


def main(names: list[str]) -> int:
    operators()
    KEPT.mkdir(exist_ok=True)
    status = 0
    tried, untried = modules()
    for module in names or tried:
        row = score(module)
        if row:
            keep(row)
        if not row or row["killed"] < SETTINGS["aim"] * (row["tried"] - row["listed"]):
            status = 1
    for module in untried if not names else ():
        print(f"{module}: NOT tried, as it has no tests of its own; declare some in pyproject.toml")
    return status


if __name__ == "__main__":
    sys.path[:0] = [str(TESTS)]
    sys.exit(main(sys.argv[1:]))
