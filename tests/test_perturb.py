"""The stress test changes what it says it changes, and notices the verdicts that fall."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from small_book import CHAPTER, SmallBook

from compendium import perturb

FRAME = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "value_low": ["1", "", "3"],
        "value_central": ["2", "5", ""],
        "value_high": ["4", "", "9"],
        "seen_at": ["paper", "paper", "letter"],
        "status": ["read", "unverified", "restated"],
    }
)


def test_ranges_shrink_to_one_end_and_points_stay() -> None:
    low, high = perturb._moved(FRAME, "low"), perturb._moved(FRAME, "high")
    assert low[["value_low", "value_central", "value_high"]].to_numpy().tolist() == [
        ["1"] * 3,
        ["", "5", ""],
        ["3"] * 3,
    ]
    assert high["value_central"].tolist() == ["4", "5", "9"]


def test_one_range_moves_alone() -> None:
    alone = perturb._changed("any", FRAME, perturb.Change("low", "any:a"))
    assert alone["value_central"].tolist() == ["1", "5", ""]
    assert perturb._changed("other", FRAME, perturb.Change("low", "any:a")).equals(FRAME)


def test_every_published_range_is_moved_alone_and_together() -> None:
    profits = pd.read_csv(perturb.paths.DATA / "global_profits.csv")
    money = profits["value_usd_low"] < profits["value_usd_high"]
    people = profits["persons_low"] < profits["persons_high"]
    ids = profits.loc[money | people, "id"]
    found = [change.subject for change in perturb.changes(["global_profits"]) if change.kind == "high"]
    assert len(ids) > 1 and sorted(found) == sorted(["", *(f"global_profits:{row}" for row in ids)])


def test_a_source_is_dropped_whole() -> None:
    kept = perturb._changed("any", FRAME, perturb.Change("source", "paper"))
    assert kept["id"].tolist() == ["c"]


def test_unverified_rows_are_dropped() -> None:
    assert perturb._changed("any", FRAME, perturb.Change("unverified", ""))["id"].tolist() == ["a", "c"]


def test_a_panel_loses_the_rows_that_one_source_alone_states() -> None:
    panel = pd.DataFrame({"id": ["a", "b", "c", "d"], "source": ["CIA", "CIA;WEB", "WEB", "CIA"]})
    assert list(perturb._sources(panel)) == ["CIA", "WEB"]
    assert perturb._changed("any", panel, perturb.Change("source", "CIA"))["id"].tolist() == ["b", "c"]
    assert perturb._changed("any", panel, perturb.Change("source", "paper")).equals(panel)


@pytest.mark.parametrize(
    "panel",
    [
        FRAME.drop(columns="status"),
        pd.DataFrame({"id": ["a", "b"], "source": ["paper", "paper"]}),
        pd.DataFrame({"id": [str(n) for n in range(99)], "source": [f"letter {n}" for n in range(99)]}),
    ],
    ids=["places without status", "one source", "a source for each row"],
)
def test_a_panel_of_one_source_or_of_very_many_keeps_them(panel: pd.DataFrame) -> None:
    assert not list(perturb._sources(panel))
    assert perturb._changed(
        "any", panel, perturb.Change("source", panel.iloc[0]["source" if "source" in panel else "seen_at"])
    ).equals(panel)


def test_each_source_of_the_tiers_can_be_dropped() -> None:
    found = {change.subject for change in perturb.changes(["tip_tiers"])}
    assert found == {"CIA", "HTI", "KS2015", "SURE2018", "WEB"}


def test_every_source_of_a_table_is_tried() -> None:
    found = perturb.changes(["trafficker_samples"])
    sources = pd.read_csv(perturb.paths.DATA / "trafficker_samples.csv")["seen_at"].dropna().unique()
    assert {change.subject for change in found if change.kind == "source"} == set(sources) - {"not seen"}


CELL = """part = tables.value("trafficker_samples", "women", id="{row}")
whole = tables.value("trafficker_samples", "n", id="{row}")"""


@pytest.fixture(scope="module")
def stressed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, object]]:
    """A small book whose first claim rests on one row of one table, and whose others rest on none."""
    book = SmallBook(tmp_path_factory.mktemp("stressed"))
    samples = pd.read_csv(book.root / "data/trafficker_samples.csv").dropna(subset=["women", "n"])
    source = samples["seen_at"].value_counts()
    row = samples[samples["seen_at"].map(source) == 1].iloc[0]
    old = CHAPTER.split("tables\n\n")[1].split("\nprint")[0]
    book.edit("book/1-claims/numbers.md", old, CELL.format(row=row["id"]))
    book.edit("data/claims.yml", "datasets: [global_estimates, claim_lineage]", "datasets: [trafficker_samples]")
    book.edit("data/claims.yml", "datasets: [global_profits, claim_lineage]", "datasets: [trafficker_samples]")
    done = book.run("verify", "numbers", "--perturb", "--publish")
    assert done.returncode == 0, done.stderr
    results = json.loads((book.root / "data/robustness.json").read_text())
    results["row"] = {"source": row["seen_at"]}
    return results


def test_a_verdict_falls_with_the_only_source_it_rests_on(stressed: dict[str, dict[str, object]]) -> None:
    assert stressed["slaves-12m"]["falls"] == {f"without {stressed['row']['source']}": perturb.FALLS}


def test_a_verdict_that_rests_on_no_table_survives_every_change(stressed: dict[str, dict[str, object]]) -> None:
    other = stressed["profit-32bn"]
    assert other["survived"] == other["total"] == stressed["slaves-12m"]["total"] > 3 and other["falls"] == {}


def test_changes_of_tables_that_a_claim_does_not_name_are_not_counted_for_it(
    stressed: dict[str, dict[str, object]],
) -> None:
    assert stressed["figures-paired"]["total"] == 0


@pytest.mark.parametrize(
    ("path", "old", "new", "stale"),
    [
        ("book/compendium/lineage.py", "KINDS = {", "KINDS = {  # changed", True),
        ("book/compendium/figures/palette.py", '"""', '"""Changed. ', False),
        ("book/compendium/hazard.py", '"""', '"""Changed. ', False),
        ("data/claims.yml", "supported: trafficked_share >= 0.9", "supported: trafficked_share >= 0.8", True),
        ("data/claims.yml", "question: Does the figure measure trafficking?", "question: Another?", False),
        ("book/1-claims/numbers.md", "# A short chapter", "# Other words", False),
    ],
)
def test_a_stress_test_is_of_this_code_these_rules_and_these_tables(
    path: str, old: str, new: str, stale: bool, tmp_path: Path
) -> None:
    book = SmallBook(tmp_path)
    program = "from compendium import perturb; print(perturb.inputs()['numbers'])"

    def digest() -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=book.environment, capture_output=True, text=True, check=True).stdout

    before = digest()
    book.edit(path, old, new)
    assert (digest() != before) is stale


def test_the_data_are_untouched(stressed: dict[str, dict[str, object]], tmp_path: Path) -> None:
    book = SmallBook(tmp_path)
    before = {p.name: p.read_bytes() for p in (tmp_path / "data").iterdir()}
    assert book.run("verify", "other", "--perturb").returncode == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "data").iterdir()} == before
