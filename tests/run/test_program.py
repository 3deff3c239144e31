"""What a page reaches is found by parsing; what was parsed once is kept, and never stands for another text."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from compendium.evidence import paths
from compendium.run import part, program

CODE = "import numpy\nfrom compendium.evidence import tables\n\nrows = tables.read('countries')\n"


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a record of its own, and parse anew."""
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    monkeypatch.setattr(program, "_to_keep", {})
    another_process()


def another_process() -> None:
    for one in (program._known, program._tables_named, program._imports):
        one.cache_clear()
    program._to_keep.clear()


def record() -> Path:
    return paths.BUILD / program.KEPT


def test_what_was_parsed_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first = program.imported(CODE), program._tables_named(CODE)
    assert first == (["numpy", "compendium.evidence", "compendium.evidence.tables"], {"countries"})
    program._keep()
    another_process()
    monkeypatch.setattr(program, "statements", lambda *_: pytest.fail("parsed again"))
    assert (program.imported(CODE), program._tables_named(CODE)) == first


def test_another_text_is_parsed_though_one_letter_differs() -> None:
    program.imported(CODE)
    program._keep()
    another_process()
    assert program._tables_named(CODE.replace("countries'", "country_totals'")) == {"country_totals"}
    assert program._tables_named(CODE.replace("'countries'", "name")) is None


@pytest.mark.parametrize("broken", ["", "[]", '{"made_by": "another version", "parsed": {"a": 1}}', '{"made_by'])
def test_a_record_that_is_broken_or_of_another_version_is_not_believed(broken: str) -> None:
    record().write_text(broken, encoding="utf-8")
    assert program._tables_named(CODE) == {"countries"}
    program._keep()
    assert json.loads(record().read_text(encoding="utf-8"))["made_by"] == program._made_by()


def test_the_record_is_no_larger_than_it_may_be_and_keeps_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "MOST_KEPT", 2)
    for name in ("a", "b", "c"):
        program.imported(f"import {name}\n")
        program._keep()
        another_process()
    kept = json.loads(record().read_text(encoding="utf-8"))["parsed"]
    assert [entry["imports"] for entry in kept.values()] == [["b"], ["c"]]


def test_where_nothing_can_be_kept_pages_are_parsed_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "BUILD", tmp_path / "nothing" / "here")
    assert program._tables_named(CODE) == {"countries"}
    program._keep()
    assert not (tmp_path / "nothing").exists()


def test_at_the_end_of_a_process_its_record_is_kept_and_nothing_is_said(tmp_path: Path) -> None:
    code = "from compendium.evidence import paths; from compendium.run import program; import pathlib, sys;"
    code += "paths.BUILD = pathlib.Path(sys.argv[1]); program.imported('import a'); program._known.cache_clear()"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stderr == "" and '"imports": ["a"]' in record().read_text(encoding="utf-8")


def test_what_the_whole_takes_is_read_as_the_module_says_it() -> None:
    module = part.module_of("politics")
    assert module is not None and part.whole_of("politics") == module.WHOLE
    assert part.whole_of("women") == ""
