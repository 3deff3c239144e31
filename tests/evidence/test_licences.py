"""One statement of the terms, and the terms of every column, told alike wherever they are told."""

import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from compendium.evidence import licences, paths, tables
from compendium.evidence.tables import TableError

NAMES = tables.names()
WHERE = [paths.ROOT / "README.md", paths.ROOT / "LICENSE", paths.BOOK / "reference" / "data.md"]


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def test_every_licence_is_known_and_used() -> None:
    licences.check()
    in_use = {term for name in NAMES for term in licences.used(tables.describe(name))}
    assert in_use == set(licences.terms())


@pytest.mark.parametrize("path", WHERE, ids=lambda path: path.name)
def test_one_statement_stands_everywhere(path: Path) -> None:
    text = flat(path.read_text(encoding="utf-8"))
    assert licences.statement() in text
    others = text.replace(licences.statement(), "")
    assert not re.search(r"(text|data|tables) (and [a-z ]+)?(is |are )?under (the )?(Creative Commons|CC)", others)


def test_the_statement_is_true_of_the_columns() -> None:
    """It says that some columns are share-alike or for academic use, and that the book's own part is CC BY."""
    kinds = {term["kind"] for term in licences.terms().values()}
    assert {"share-alike", "academic use"} <= kinds
    assert "share-alike" in licences.statement() and "academic use" in licences.statement()
    assert "CC BY 4.0" in licences.terms()["own-work"]["title"]


@pytest.mark.parametrize("name", NAMES)
def test_terms_that_nobody_confirmed_say_so(name: str) -> None:
    known = licences.terms()
    for entry in tables.describe(name)["licenses"]:
        assert entry["title"].endswith("(unverified)") == (not known[entry["name"]]["confirmed"]), entry
        assert entry.get("path") == known[entry["name"]].get("path")


@pytest.mark.parametrize(
    ("name", "column", "kind"),
    [
        ("country_panel", "vdem_polyarchy", "share-alike"),
        ("country_panel", "us_defence_pact", "academic use"),
        ("country_panel", "polity2", "academic use"),
        ("country_panel", "unga_distance_us", "public domain"),
        ("country_panel", "population", "attribution"),
        ("criminalisation_panel", "criminalisation", "permissive"),
        ("policy_evidence", "effect", "facts"),
        ("policy_evidence", "included", "attribution"),
    ],
)
def test_columns_stand_under_the_terms_of_their_source(name: str, column: str, kind: str) -> None:
    assert licences.terms()[licences.of_columns(tables.describe(name))[column]]["kind"] == kind


def test_a_column_follows_the_source_that_it_names() -> None:
    """V-Dem is share-alike, ATOP and Polity are for academic use, wherever a panel names them as its source."""
    kinds = {"V-Dem": "share-alike", "ATOP": "academic use", "Polity": "academic use", "World Bank": "attribution"}
    for name in NAMES:
        table = tables.describe(name)
        for field in table["schema"]["fields"]:
            for publisher, kind in kinds.items():
                if field.get("source", "").startswith(publisher):
                    term = licences.of_columns(table)[field["name"]]
                    assert licences.terms()[term]["kind"] == kind, (name, field["name"])


def test_every_publisher_of_the_cambodian_series_is_placed() -> None:
    """Only the wage, put together from news and agencies, keeps the default."""
    table = tables.describe("cambodia_series")
    publishers = set(tables.read("cambodia_series")["publisher"])
    placed = {name for name in publishers if any(text in name for text in licences.of_rows(table))}
    assert publishers - placed == {"Ministry of Labour / LAC / NCMW as reported"}


# ---------------------------------------------------------------- planted faults


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(paths.DATA, tmp_path / "data")
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    yield tmp_path / "data"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda table: table.pop("licence"), "expected the licence of its columns; found none"),
        (lambda table: table.update(licence="mine"), "expected a licence of licence_terms; found 'mine'"),
        (lambda table: table["schema"]["fields"][2].update(licence="GPL"), "found 'GPL'"),
        (lambda table: table["licenses"].pop(), "expected licenses to list"),
        (lambda table: table["licence_of_rows"].update(column="origin"), "found 'origin'"),
        (
            lambda table: table["licence_of_rows"].update(containing={"NASA": table["licence"]}),
            "expected licenses to list",
        ),
    ],
)
def test_a_planted_fault_is_named(data: Path, edit: Callable[[dict], object], expected: str) -> None:
    path = data / tables.PACKAGE
    package = json.loads(path.read_text(encoding="utf-8"))
    edit(next(table for table in package["resources"] if table["name"] == "cambodia_series"))
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(TableError, match="table cambodia_series: ") as caught:
        licences.check()
    assert expected in str(caught.value)


def test_a_text_is_sought_as_it_stands_and_in_no_missing_cell(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pattern is read into it, and a row that names nothing does not name what is sought."""
    path = data / tables.PACKAGE
    package = json.loads(path.read_text(encoding="utf-8"))
    table = next(table for table in package["resources"] if table["name"] == "cambodia_series")
    assert tables.read("cambodia_series").publisher.str.contains("World.Bank").any()
    table["licence_of_rows"]["containing"]["World.Bank"] = table["licence"]
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(TableError, match=r"contains 'World\.Bank'; found none"):
        licences.check()
    read = tables.read

    def with_a_gap(name: str) -> pd.DataFrame:
        frame = read(name).copy()
        if name == "cambodia_series":
            frame.loc[0, "publisher"] = None
        return frame

    monkeypatch.setattr(tables, "read", with_a_gap)
    with pytest.raises(TableError, match=r"contains 'World\.Bank'; found none"):
        licences.check()


def test_a_text_that_names_no_row_is_named(data: Path) -> None:
    path = data / tables.PACKAGE
    package = json.loads(path.read_text(encoding="utf-8"))
    table = next(table for table in package["resources"] if table["name"] == "cambodia_series")
    table["licence_of_rows"]["containing"]["NASA"] = table["licence"]
    path.write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(TableError, match="contains 'NASA'; found none"):
        licences.check()
