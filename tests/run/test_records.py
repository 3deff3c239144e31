"""The records at the root are those that the command makes, and what archives and validators ask for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from compendium.evidence import paths
from compendium.run import records
from compendium.trial import claims, score, verdicts

SCHEMAS = paths.ROOT / "tests" / "schemas"


def read(name: str) -> Any:
    text = (paths.ROOT / name).read_text(encoding="utf-8")
    return json.loads(text) if name.endswith("json") else yaml.safe_load(text)


@pytest.mark.parametrize("name", records.FILES)
def test_a_record_is_what_the_command_makes(name: str) -> None:
    made = records.FILES[name](records.project())
    assert (paths.ROOT / name).read_text(encoding="utf-8") == made, "run: python -m compendium records"


def test_the_citation_fits_the_schema_of_its_format() -> None:
    schema = json.loads((SCHEMAS / "cff-1.2.0.json").read_text(encoding="utf-8"))
    jsonschema.validate(read("CITATION.cff"), schema, format_checker=jsonschema.FormatChecker())


def test_a_licence_is_one_name_that_other_formats_can_take() -> None:
    cited = read("CITATION.cff")
    assert cited["license"] == read(".zenodo.json")["license"] == "MIT"
    assert cited["preferred-citation"]["license"] == "CC-BY-4.0"
    assert "&" not in (paths.ROOT / "CITATION.cff").read_text(encoding="utf-8").replace(" & ", ""), "a YAML anchor"


def test_codemeta_uses_no_word_that_codemeta_does_not_know() -> None:
    context = json.loads((SCHEMAS / "codemeta-3.jsonld").read_text(encoding="utf-8"))["@context"]
    told = read("codemeta.json")
    assert told["@context"] == records.CODEMETA
    assert [key for key in told if not key.startswith("@") and key not in context] == []


def test_zenodo_gets_what_it_asks_for() -> None:
    told = read(".zenodo.json")
    assert {"title", "upload_type", "description", "creators", "access_right", "license"} <= told.keys()
    assert all(creator["name"] for creator in told["creators"])


def test_a_checker_finds_files_to_compute_again() -> None:
    text = (paths.ROOT / "codecheck.yml").read_text(encoding="utf-8")
    told = yaml.safe_load(text)
    assert text.startswith("---\n") and told["paper"]["title"] and told["paper"]["authors"][0]["name"]
    for entry in told["manifest"]:
        assert not Path(entry["file"]).is_absolute() and (paths.ROOT / entry["file"]).exists()
    assert not {"codechecker", "certificate", "report"} & told.keys(), "nobody has checked it yet"


def test_the_abstract_counts_what_was_found() -> None:
    told = records.abstract(verdicts.published())
    assert told.startswith(f"{len(claims.registry().claims)} claims")
    assert score.headline(score.score(verdicts.published())) in told


def test_an_address_is_told_only_if_the_project_names_it(tmp_path: Path) -> None:
    shutil.copy(paths.ROOT / "pyproject.toml", tmp_path)
    without = records.project(tmp_path)
    with (tmp_path / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[project.urls]\nRepository = "https://code.example/book"\nHomepage = "https://book.example"\n'
        )
    named = records.project(tmp_path)
    for make in records.FILES.values():
        assert "example" not in make(without)
    assert yaml.safe_load(records.citation(named))["repository-code"] == "https://code.example/book"
    assert json.loads(records.codemeta(named))["codeRepository"] == "https://code.example/book"
    assert yaml.safe_load(records.codecheck(named))["paper"]["reference"] == "https://book.example"


def test_the_records_follow_the_version(tmp_path: Path) -> None:
    text = (paths.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(text.replace('version = "2.0.0"', 'version = "9.8.7"', 1))
    records.write(tmp_path)
    assert [name for name in records.FILES if not (tmp_path / name).exists()] == []
    for name in ("CITATION.cff", "codemeta.json", ".zenodo.json"):
        assert "9.8.7" in (tmp_path / name).read_text(encoding="utf-8")
