"""What the page's worker runs, run here: it compares as `verify` does, and a change moves what it should."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from compendium.evidence import paths
from compendium.run import inpage
from compendium.trial import verdicts

NUMBERS = "book/1-claims/numbers"
# As data/planted.yml says of this claim: if the source printed ten billion for trafficked people, it falls.
TEN_BILLION = {"table": "global_profits", "column": "value_usd", "value": "10000000000"}
PROGRAM = "import sys\nfrom compendium.run import inpage\nprint(inpage.examine(sys.argv[1]))"


def examined(order: dict[str, Any]) -> dict[str, Any]:
    """In a process of its own: it draws nothing any more."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, json.dumps(order)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def row_of(table: str, key: str) -> int:
    lines = (paths.DATA / f"{table}.csv").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines) if line.startswith(f"{key},"))


def test_an_untouched_claim_is_what_was_published() -> None:
    found = examined({"docname": NUMBERS, "claim": "profit-32bn"})
    (claim,) = found["claims"]
    assert claim["recomputed"] == claim["published"] == verdicts.published()["profit-32bn"].verdict
    assert claim["numbers"] and all(number["same"] for number in claim["numbers"])
    assert found["table"].splitlines()[2].startswith("profit-32bn") and found["patch"] == ""
    assert [row["claim"] for row in found["certificate"]["claims"]] == ["profit-32bn"]
    schema = json.loads((paths.DATA / "certificate.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found["certificate"], schema)


def test_a_changed_cell_moves_the_verdict_and_leaves_a_patch(tmp_path: Path) -> None:
    before = (paths.DATA / "global_profits.csv").read_bytes()
    cell = {**TEN_BILLION, "row": row_of("global_profits", "belser_traf")}
    found = examined({"docname": NUMBERS, "cells": [cell]})
    moved = {claim["id"] for claim in found["claims"] if claim["recomputed"] != claim["published"]}
    assert moved == {"profit-32bn"}
    assert found["same"] is False and found["certificate"]["outcome"] == "not reproduced"
    assert any("global_profits" in line and "not as published" in line for line in found["problems"])
    assert (paths.DATA / "global_profits.csv").read_bytes() == before, "the published table was touched"
    shutil.copytree(paths.DATA, tmp_path / "data")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=found["patch"], text=True, check=True)
    was, now = before.decode().splitlines(), (tmp_path / "data/global_profits.csv").read_text("utf-8").splitlines()
    differ = [(a, b) for a, b in zip(was, now, strict=True) if a != b]
    assert len(differ) == 1 and "10000000000" in differ[0][1]


def test_a_changed_rule_moves_the_verdict_and_leaves_a_patch() -> None:
    text = (paths.DATA / inpage.CLAIMS).read_text(encoding="utf-8")
    entry = next(found[0] for found in inpage._ENTRY.finditer(text) if found[1] == "slaves-12m")
    lines = [f"{line.partition(':')[0]}: trafficked_share > 2" if line.strip().startswith("supported:") else
             f"{line.partition(':')[0]}: trafficked_share < 2" if line.strip().startswith("contradicted:") else line
             for line in entry.splitlines()]  # fmt: skip
    found = examined({"docname": NUMBERS, "claim": "slaves-12m", "rules": {"slaves-12m": "\n".join(lines)}})
    (claim,) = found["claims"]
    assert claim["recomputed"] == "contradicted" != claim["published"]
    assert "+++ b/data/claims.yml" in found["patch"] and "trafficked_share > 2" in found["patch"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cells": [{**TEN_BILLION, "row": 9999}]}, "no row 9999"),
        ({"cells": [{**TEN_BILLION, "row": 1, "column": "value"}]}, "no column 'value'"),
        ({"cells": [{**TEN_BILLION, "row": 1, "value": "many"}]}, "'many'"),
        (
            {"rules": {"profit-32bn": "  - id: profit-32bn\n    chapter: numbers\n    supported: [\n"}},
            "not valid YAML",
        ),
    ],
)
def test_a_change_that_cannot_be_made_is_told_in_one_line(change: dict[str, Any], words: str) -> None:
    error = examined({"docname": NUMBERS, "claim": "profit-32bn", **change})["error"]
    assert words in error and "\n" not in error


def test_cells_with_line_breaks_and_quotes_keep_their_neighbours() -> None:
    text = 'id,words\n1,"a\nb"\n2,"say ""x"", y"\n3,z\n'
    changed, old = inpage._with_cell(text, {"table": "t", "row": 2, "column": "words", "value": 'p "q", r'})
    assert old == 'say "x", y'
    assert changed == 'id,words\n1,"a\nb"\n2,"p ""q"", r"\n3,z\n'


def test_a_claim_that_lacks_a_package_is_left_out_and_not_called_reproduced() -> None:
    order = {"docname": "book/3-prison/women"}
    without = "import sys\nsys.modules['scipy.stats'] = None\n" + PROGRAM.partition("\n")[2]
    done = subprocess.run([sys.executable, "-c", without, json.dumps(order)], capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert found["lacking"] == ["scipy"] and [claim["recomputed"] for claim in found["claims"]] == [""]
    assert found["certificate"]["claims"] == [] and found["certificate"]["outcome"] != "reproduced"
    (left,) = found["certificate"]["left_out"]
    assert left == "claim women-80: it was not computed: scipy is not here"
