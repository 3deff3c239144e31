"""A chapter that a browser runs in part: what is fitted is compared with the published, and nothing else is."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

from compendium.chapters import politics
from compendium.chapters.politics import part as of_politics
from compendium.chapters.politics import permutation
from compendium.evidence import paths
from compendium.run import part
from compendium.trial import claims, verdicts

POLITICS = "book/2-tiers/politics"
PROGRAM = "import sys\nfrom compendium.run import inpage\nprint(inpage.examine(sys.argv[1]))"


def examined(**more: Any) -> dict[str, Any]:
    """In a process of its own: it stays in part."""
    order = {"docname": POLITICS, "claim": "political-tiers", "part": True, **more}
    done = subprocess.run([sys.executable, "-c", PROGRAM, json.dumps(order)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def untouched() -> dict[str, Any]:
    return examined()


def test_the_part_is_compared_with_what_is_published_of_it(untouched: dict[str, Any]) -> None:
    told, (claim,) = untouched["part"], untouched["claims"]
    assert 0 < told["same"] == told["fitted"] < told["of"]
    assert (
        claim["recomputed"]
        == claim["published"]
        == part.published()["politics"].verdicts["political-tiers"].verdict
    )
    declared = claims.registry()["political-tiers"].numbers
    assert [number["name"] for number in claim["numbers"]] == list(declared)
    assert all(number["same"] for number in claim["numbers"])
    assert not [line for line in untouched["problems"] if "not as certified" not in line]


def test_what_was_not_fitted_is_never_said_to_be_reproduced(untouched: dict[str, Any]) -> None:
    certificate = untouched["certificate"]
    assert certificate["claims"] == [] and "political-tiers" not in untouched["table"]
    assert certificate["platforms"][-1]["results"] == {} and untouched["claims"][0]["exact"] is None
    assert certificate["outcome"] != "reproduced"
    (left,) = certificate["left_out"]
    assert left.startswith("claim political-tiers: ") and "the verdict on all was not computed" in left
    schema = json.loads((paths.DATA / "certificate.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(certificate, schema)


def test_a_changed_table_moves_the_part() -> None:
    """One rank made the best: models that rest on it have other scores."""
    lines = (paths.DATA / "tip_tiers.csv").read_text(encoding="utf-8").splitlines()
    row = next(place for place, line in enumerate(lines) if ",2010," in line and ",2WL," in line)
    found = examined(cells=[{"table": "tip_tiers", "row": row, "column": "tier", "value": "1"}])
    assert found["part"]["same"] < found["part"]["fitted"] and not found["same"]
    assert any("models are not as published" in line for line in found["problems"])
    assert "+++ b/data/tip_tiers.csv" in found["patch"]


VALUES = {"t": [1.5, None, -2.0], "reached": [10, 0, 980]}


@pytest.mark.parametrize(
    ("name", "place", "value", "differ"),
    [("t", 0, 1.5005, 0), ("t", 0, 1.51, 1), ("t", 1, 0.0, 1), ("t", 2, None, 1), ("reached", 2, 984, 0),
     ("reached", 0, 30, 1), ("reached", 1, 7, 0)],
)  # fmt: skip
def test_a_model_differs_by_its_score_or_its_lotteries(name: str, place: int, value: Any, differ: int) -> None:
    found: dict[str, list[Any]] = copy.deepcopy(VALUES)
    found[name][place] = value
    assert of_politics.differing(VALUES, found) == differ
    assert of_politics.differing(VALUES, {"t": [1.5], "reached": [10]}) == 3


def test_a_book_without_published_parts_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "DATA", tmp_path)
    assert part.published() == {}
    assert part.module_of("numbers") is None and part.module_of("politics") is of_politics


@pytest.mark.check
def test_what_is_published_of_the_part_is_what_the_whole_says_of_these_models() -> None:
    """Each model fitted among all that the rule counts, not by itself: the same score, the same lotteries."""
    facts = politics.facts()
    grid = politics.grid(facts)
    rule = [spec for spec in grid.valid if spec.performance in permutation.INDEPENDENT]
    test = permutation.exchanged(facts, rule, permutation.GIVEN)
    chosen = set(of_politics.drawn(grid))
    own = np.array([spec in chosen for spec in rule])
    among = permutation.Chance([s for s in rule if s in chosen], test.among(own))
    known = part.published()["politics"]
    assert (
        of_politics.differing(known.told["values"], of_politics.told({"chance": among, "grid": grid})["values"])
        == 0
    )
    numbers = politics.political_tiers(among)
    for name, value in known.verdicts["political-tiers"].numbers.items():
        assert verdicts.same(value, numbers[name], 0.005), name
