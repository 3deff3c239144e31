"""What the page's worker runs, run here: it compares as `verify` does, and a change moves what it should."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from compendium.evidence import paths
from compendium.run import certificate, inpage
from compendium.trial import verdicts

NUMBERS = "book/1-claims/numbers"
# As data/planted.yml says of this claim: if the source printed ten billion for trafficked people, it falls.
TEN_BILLION = {"table": "global_profits", "column": "value_usd", "value": "10000000000"}
PROGRAM = "import sys\nfrom compendium.run import inpage\nprint(inpage.examine(sys.argv[1]))"


def examined(order: dict[str, Any], data: Path = paths.DATA) -> dict[str, Any]:
    """In a process of its own: it draws nothing any more."""
    there = {**os.environ, "COMPENDIUM_DATA": str(data)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(order)], env=there, capture_output=True, text=True
    )
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


@pytest.mark.parametrize("certified", ["the same", "another", "none"])
def test_the_numbers_before_rounding_are_compared_with_the_certificate(certified: str, tmp_path: Path) -> None:
    order = {"docname": NUMBERS, "claim": "profit-32bn"}
    first = examined(order)["certificate"]
    assert certificate.here().items() <= first["platforms"][-1].items()
    (own,) = first["platforms"][-1]["results"].values()
    known = {"the same": {"profit-32bn": own}, "another": {"profit-32bn": own[::-1]}, "none": {}}[certified]
    place = Path(shutil.copytree(paths.DATA, tmp_path / "data")) / "certificate.json"
    published = json.loads(place.read_text(encoding="utf-8"))
    published["platforms"] = [{**published["platforms"][0], "results": known}]
    place.write_text(json.dumps(published), encoding="utf-8")
    (claim,) = examined(order, tmp_path / "data")["claims"]
    assert claim["exact"] is {"the same": True, "another": False, "none": None}[certified]


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


# Two chapters read the first table, and both have a claim in the file of claims.
RULES = {
    "slaves-12m": (NUMBERS, "supported: trafficked_share >= 0.9", "supported: trafficked_share > 0.6"),
    "modest-gains": ("book/3-prison/trade", "supported: gain_high < 1", "supported: gain_high < 0.5"),
}


@pytest.fixture(scope="module")
def two_chapters() -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """A cell that two chapters share and a rule of each: the changes, what each chapter says, and both joined."""
    text = (paths.DATA / inpage.CLAIMS).read_text(encoding="utf-8")
    entries = {found[1]: found[0] for found in inpage._ENTRY.finditer(text)}
    cells = [{**TEN_BILLION, "row": row_of("global_profits", "belser_traf")}]
    changed = {claim: entries[claim].replace(old, new) for claim, (_, old, new) in RULES.items()}
    each = [
        examined({"docname": docname, "cells": cells, "rules": {claim: changed[claim]}})
        for claim, (docname, _, _) in RULES.items()
    ]
    made = {"cells": cells, "rules": changed}
    return made, each, joined([one["certificate"] for one in each], **made)


def joined(certificates: list[dict[str, Any]], **made: Any) -> dict[str, Any]:
    order = {"certificates": certificates, "cells": [], "rules": {}, **made}
    program = PROGRAM.replace("inpage.examine", "inpage.join").replace("sys.argv[1]", "sys.stdin.read()")
    done = subprocess.run(
        [sys.executable, "-c", program], input=json.dumps(order), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_changes_in_two_chapters_are_one_patch_that_gives_the_files_meant(
    two_chapters: tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]], tmp_path: Path
) -> None:
    _, each, both = two_chapters
    assert all("global_profits.csv" in one["patch"] and "claims.yml" in one["patch"] for one in each)
    shutil.copytree(paths.DATA, tmp_path / "data")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=both["patch"], text=True, check=True)
    meant = (paths.DATA / inpage.CLAIMS).read_text(encoding="utf-8")
    for _, old, new in RULES.values():
        assert meant.count(old) == 1, "the rule is written otherwise now: name one that is written once"
        meant = meant.replace(old, new)
    assert (tmp_path / "data" / inpage.CLAIMS).read_text(encoding="utf-8") == meant
    was, now = (
        list(csv.DictReader(io.StringIO((folder / "global_profits.csv").read_text(encoding="utf-8"))))
        for folder in (paths.DATA, tmp_path / "data")
    )
    next(row for row in was if row["id"] == "belser_traf")["value_usd"] = "10000000000"
    assert now == was
    told = subprocess.run(["diff", "-rq", paths.DATA, tmp_path / "data"], capture_output=True, text=True).stdout
    assert len(told.splitlines()) == 2, told


def test_a_joined_certificate_is_of_all_its_chapters_and_keeps_the_schema(
    two_chapters: tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]],
) -> None:
    _, each, both = two_chapters
    parts, found = [one["certificate"] for one in each], both["certificate"]
    jsonschema.validate(found, json.loads((paths.DATA / "certificate.schema.json").read_text(encoding="utf-8")))
    for key in ("files", "tables", "declarations", "chapters"):
        assert found[key] == {**parts[0][key], **parts[1][key]} and found[key] not in (parts[0][key], parts[1][key])
    text = json.dumps([found["files"], found["tables"], found["declarations"]], sort_keys=True)
    assert found["state"] == hashlib.sha256(text.encode()).hexdigest()
    assert found["state"] not in [part["state"] for part in parts]
    every = [row["claim"] for part in parts for row in part["claims"]]
    assert [row["claim"] for row in found["claims"]] == every and found["outcome"] == "not reproduced"
    (seen,) = found["platforms"]
    assert sorted(seen["results"]) == sorted(found["agreement"]["same"]) == sorted(every)
    assert len(found["problems"]) == len(set(found["problems"]))


def test_the_joined_certificate_of_all_that_was_certified_has_its_state_and_its_platforms() -> None:
    """Cut in two and joined again, the published certificate says what it said: the digest is of the whole."""
    whole = certificate.published()
    assert whole is not None
    own = [{**entry, **certificate.here()} for entry in whole["platforms"][:1]]

    def half(at: slice) -> dict[str, Any]:
        cut = {key: dict(list(whole[key].items())[at]) for key in ("files", "tables", "declarations", "chapters")}
        return {**whole, **cut, "claims": whole["claims"][at], "platforms": own}

    middle = len(whole["claims"]) // 2
    found = joined([half(slice(middle)), half(slice(middle, None))])["certificate"]
    assert found["state"] == whole["state"] and found["claims"] == whole["claims"]
    assert {entry["python"] for entry in found["platforms"]} >= {entry["python"] for entry in whole["platforms"]}


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
