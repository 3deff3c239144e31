"""The records at the root are those that the command makes, and what archives and validators ask for."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import strangers
import yaml

from compendium.evidence import paths
from compendium.run import records
from compendium.trial import claims, history, score, verdicts

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


def test_every_record_has_the_day_that_the_changelog_gives_its_version() -> None:
    changelog = (paths.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    days = dict(re.findall(r"^## ([\d.]+) \(([\d-]+)\)$", changelog, re.MULTILINE))
    for name, day in (
        ("CITATION.cff", "date-released"),
        ("codemeta.json", "datePublished"),
        (".zenodo.json", "publication_date"),
    ):
        told = read(name)
        assert str(told[day]) == days[str(told["version"])], name


def test_a_version_has_the_day_on_which_it_began_whatever_was_changed_in_it_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days = {"one": [("1.0.0", "2001-02-03"), ("2.0.0", "2001-05-06")], "two": [("2.0.0", "2001-05-09")]}
    kept = {
        claim: [history.Entry(version, day, "", {}, "supported", "n", 1.0) for version, day in entries]
        for claim, entries in days.items()
    }
    monkeypatch.setattr(history, "read", lambda: kept)
    assert records.released("1.0.0") == "2001-02-03" and records.released("2.0.0") == "2001-05-06"
    assert records.released("3.0.0") == "2001-05-09", "no verdict was reached under it yet"


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


# ---------------------------------------------------------------- as programs of others read them

CFFCONVERT = ("cffconvert==2.0.0", "pykwalify==1.8.0", "ruamel.yaml==0.18.6", "docopt==0.6.2")
CONVERTED = """
import json, sys
from pathlib import Path
from cffconvert import Citation

def read(path):
    return Citation(Path(path).read_text(encoding="utf-8"), src=path)

cited = read(sys.argv[1])
cited.validate()
try:
    read(sys.argv[2]).validate()
    refused = False
except Exception:
    refused = True
print(json.dumps({"zenodo": json.loads(cited.as_zenodo()), "schema": json.loads(cited.as_schemaorg()),
                  "refused": refused}))
"""


@pytest.mark.check
def test_cffconvert_takes_the_citation_and_keeps_title_authors_and_licence(tmp_path: Path) -> None:
    told = read("CITATION.cff")
    anonymous = tmp_path / "CITATION.cff"
    anonymous.write_text(yaml.safe_dump({key: it for key, it in told.items() if key != "authors"}), "utf-8")
    unchecked = "CITATION.cff was NOT validated nor converted by it"
    found = strangers.answer(CFFCONVERT, CONVERTED, paths.ROOT / "CITATION.cff", anonymous, unchecked=unchecked)
    assert found["refused"], "without authors it is no citation"
    ours, theirs = read(".zenodo.json"), found["zenodo"]
    for key in ("title", "creators", "version", "publication_date", "keywords"):
        assert theirs[key] == ours[key], key
    assert theirs["license"]["id"] == ours["license"]
    schema = found["schema"]
    assert schema["name"] == told["title"] and schema["license"] == records.SPDX + told["license"]
    assert [author["name"] for author in schema["author"]] == [author["name"] for author in told["authors"]]


@pytest.mark.check
def test_codemeta_read_as_linked_data_loses_no_word() -> None:
    told = read("codemeta.json")
    context = SCHEMAS / "codemeta-3.jsonld"
    (node,) = strangers.expanded(paths.ROOT / "codemeta.json", context, records.CODEMETA)
    assert len(node) == len(told) - 1, "every key but @context"
    schema = "http://schema.org/"
    assert node["@type"] == [f"{schema}SoftwareSourceCode"] and node[f"{schema}name"] == [{"@value": told["name"]}]
    assert [licence["@id"] for licence in node[f"{schema}license"]] == told["license"]
    (authors,) = node[f"{schema}author"]
    assert [it[f"{schema}name"][0]["@value"] for it in authors["@list"]] == [it["name"] for it in told["author"]]
    named = [word for each in strangers.nodes(node) for word in [*each.get("@type", ()), each.get("@id", "")]]
    assert [word for word in named if word.startswith(strangers.BASE)] == [f"{strangers.BASE}README.md"]
