"""The tool that asks what tests are worth leaves no module out in silence."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import mutants
import pytest

with (mutants.KEPT / "scores.csv").open(encoding="utf-8", newline="") as file:
    SCORES = {row.pop("module"): {name: int(count) for name, count in row.items()} for row in csv.DictReader(file)}


def test_every_module_on_trial_is_tried_or_named_as_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package, tests = tmp_path / "package", tmp_path / "tests"
    for name in ("room/told", "room/silent", "room/inner/deep", "room/__init__"):
        (package / f"{name}.py").parent.mkdir(parents=True, exist_ok=True)
        (package / f"{name}.py").write_text("", encoding="utf-8")
    (tests / "room").mkdir(parents=True)
    for name in ("room/test_told.py", "room/test_inner.py"):
        (tests / name).write_text("", encoding="utf-8")
    monkeypatch.setattr(mutants, "PACKAGE", package)
    monkeypatch.setattr(mutants, "TESTS", tests)
    settings = {"rooms": ["room"], "always": [], "tests": {"room/inner": ["room/test_inner.py"]}}
    monkeypatch.setattr(mutants, "SETTINGS", mutants.SETTINGS | settings)
    assert mutants.modules() == (["room/inner/deep", "room/told"], ["room/silent"])
    monkeypatch.setattr(mutants, "operators", dict)
    monkeypatch.setattr(mutants, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(mutants, "keep", lambda row: None)
    monkeypatch.setattr(mutants, "score", lambda module: {"killed": 1, "tried": 1, "listed": 0})
    assert mutants.main([]) == 0
    assert capsys.readouterr().out.startswith("room/silent: NOT tried")


def test_a_place_that_cannot_be_changed_is_left_out_and_the_next_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "module.py"
    module.write_text("x = 1\n", encoding="utf-8")

    def change(text: str, operator: str, count: int) -> str:
        if operator == "breaks":
            raise AttributeError("'PythonNode' object has no attribute 'value'")
        return text.replace("1", "2")

    mutating = ModuleType("cosmic_ray.mutating")
    mutating.MutationVisitor = SimpleNamespace(mutate_code=change)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "cosmic_ray", ModuleType("cosmic_ray"))
    monkeypatch.setitem(sys.modules, "cosmic_ray.mutating", mutating)
    monkeypatch.setattr(mutants, "places", lambda path: {(1, 0): [("breaks", 0)], (1, 4): [("works", 0)]})
    assert mutants.mutants(module) == ([mutants.Mutant(1, "x = 1", "x = 2", "x = 2\n")], 1)


def test_declared_tests_exist() -> None:
    for module, files in mutants.SETTINGS["tests"].items():
        place = mutants.PACKAGE / module
        assert place.is_dir() or place.with_suffix(".py").is_file(), module
        assert [file for file in files if not (mutants.TESTS / file).is_file()] == []


def test_every_module_on_trial_has_its_score_and_no_other_has_one() -> None:
    tried, untried = mutants.modules()
    assert list(SCORES) == sorted(tried) and untried == []


@pytest.mark.parametrize("module", SCORES)
def test_a_score_reaches_the_aim_and_each_survivor_is_listed_with_its_reason(module: str) -> None:
    score = SCORES[module]
    assert score["killed"] >= mutants.SETTINGS["aim"] * (score["tried"] - score["listed"])
    assert score["tried"] - score["killed"] == score["listed"]
    lines = [line.strip() for line in (mutants.PACKAGE / f"{module}.py").read_text(encoding="utf-8").splitlines()]
    listed = [before for of, before, _ in mutants.listed() if of == module]
    assert sum(lines.count(before) for before in listed) >= score["listed"]


def test_what_is_listed_is_a_change_of_a_line_that_is_there_and_has_a_reason() -> None:
    for (module, before, after), reason in mutants.listed().items():
        lines = (mutants.PACKAGE / f"{module}.py").read_text(encoding="utf-8").splitlines()
        assert before in map(str.strip, lines), f"{module}: no line {before}"
        assert after != before and reason, f"{module}: {before}"
