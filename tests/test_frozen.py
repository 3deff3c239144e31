"""What the trial, the evidence and the methods hand out cannot be changed afterwards."""

from __future__ import annotations

import dataclasses
import importlib

from compendium.evidence import paths


def test_every_result_is_frozen() -> None:
    found = []
    for path in sorted(
        path for room in ("trial", "evidence", "methods") for path in (paths.PACKAGE / room).rglob("*.py")
    ):
        name = ".".join(("compendium", *path.relative_to(paths.PACKAGE).with_suffix("").parts))
        module = importlib.import_module(name.removesuffix(".__init__"))
        own = [it for it in vars(module).values() if isinstance(it, type) and it.__module__ == module.__name__]
        found += [it for it in own if dataclasses.is_dataclass(it)]
    found = [it for it in found if it.__qualname__ != "Reads"]  # a record that grows while cells are read
    assert len(found) > 50
    assert [it.__qualname__ for it in found if not it.__dataclass_params__.frozen] == []  # type: ignore[attr-defined]
