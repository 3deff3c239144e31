"""The stress test changes what it says it changes, and notices the verdicts that fall."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from small_book import CHAPTER, SmallBook

from compendium.run import altered, execute, here, stress
from compendium.trial import claims, verdicts

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


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("without https://www.a.org/x/y-z.html", "without a.org"),
        ("without https://a.org/x ; https://b.gov/2017/ ; https://www.b.gov/2022/", "without a.org and b.gov"),
        (
            "without https://a.org/x ; http://b.gov (not testable) and without https://c.com/1, twice",
            "without a.org and b.gov (not testable) and without c.com, twice",
        ),
        ("without the study", "without the study"),
        ("with table:row at its low published end", "with table:row at its low published end"),
    ],
)
def test_a_source_is_told_by_its_hosts(change: str, told: str) -> None:
    assert stress.with_hosts(change) == told


def test_ranges_shrink_to_one_end_and_points_stay() -> None:
    low, high = stress._moved(FRAME, "low"), stress._moved(FRAME, "high")
    assert low[["value_low", "value_central", "value_high"]].to_numpy().tolist() == [
        ["1"] * 3,
        ["", "5", ""],
        ["3"] * 3,
    ]
    assert high["value_central"].tolist() == ["4", "5", "9"]


def test_one_range_moves_alone() -> None:
    alone = stress._changed("any", FRAME, stress.Change("low", "any:a"))
    assert alone["value_central"].tolist() == ["1", "5", ""]
    assert stress._changed("other", FRAME, stress.Change("low", "any:a")).equals(FRAME)


def test_every_published_range_is_moved_alone_and_together() -> None:
    profits = pd.read_csv(stress.paths.DATA / "global_profits.csv")
    money = profits["value_usd_low"] < profits["value_usd_high"]
    people = profits["persons_low"] < profits["persons_high"]
    ids = profits.loc[money | people, "id"]
    found = [change.subject for change in stress.changes(["global_profits"]) if change.kind == "high"]
    assert len(ids) > 1 and sorted(found) == sorted(["", *(f"global_profits:{row}" for row in ids)])


def test_a_source_is_dropped_whole() -> None:
    kept = stress._changed("any", FRAME, stress.Change("source", "paper"))
    assert kept["id"].tolist() == ["c"]


def test_second_codes_take_the_place_of_the_first_in_a_table_of_text() -> None:
    raw = altered.raw("trafficking_calls")
    changed = stress._changed("trafficking_calls", raw, stress.Change("coder"))
    moved = raw.addressee != changed.addressee
    assert raw.id[moved].tolist() == ["state-2009-plan"] and changed.addressee[moved].tolist() == ["other"]
    assert [change.kind for change in stress.changes(["trafficking_calls"])].count("coder") == 1
    assert "coder" not in {
        change.kind for change in stress.changes(["organisation_samples"])
    }  # no code differs there


@pytest.mark.parametrize(("declared", "refused"), [((), True), (("second-coding",), False)])
def test_a_number_that_second_codes_move_must_be_an_alternative(declared: tuple[str, ...], refused: bool) -> None:
    claim = dataclasses.replace(claims.registry()["call-to-war"], alternatives=dict.fromkeys(declared, "said"))
    true = verdicts.Verdict(claim.id, "supported", {}, dict.fromkeys(claim.numbers, 1.0))
    moved = dataclasses.replace(true, numbers={**true.numbers, "war_calls": 2.0})
    with pytest.raises(execute.ExecutionError, match="move war_calls") if refused else contextlib.nullcontext():
        stress._check_declared(claim, true, moved)


def test_unverified_rows_are_dropped() -> None:
    assert stress._changed("any", FRAME, stress.Change("unverified", ""))["id"].tolist() == ["a", "c"]


def test_a_panel_loses_the_rows_that_one_source_alone_states() -> None:
    panel = pd.DataFrame({"id": ["a", "b", "c", "d"], "source": ["CIA", "CIA;WEB", "WEB", "CIA"]})
    assert list(stress._sources(panel)) == ["CIA", "WEB"]
    assert stress._changed("any", panel, stress.Change("source", "CIA"))["id"].tolist() == ["b", "c"]
    assert stress._changed("any", panel, stress.Change("source", "paper")).equals(panel)


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
    assert not list(stress._sources(panel))
    assert stress._changed(
        "any", panel, stress.Change("source", panel.iloc[0]["source" if "source" in panel else "seen_at"])
    ).equals(panel)


def test_each_source_of_the_tiers_can_be_dropped() -> None:
    found = {change.subject for change in stress.changes(["tip_tiers"])}
    named = {
        "CIA",
        "HTI",
        "KS2015",
        "SURE2018",
        "WEB",
        "CLOSED",
        "CRS",
        "DENVER",
        "PRESS",
        "STATE",
        "TRANSCRIPT2025",
    }
    assert found == named


def test_every_source_of_a_table_is_tried() -> None:
    found = stress.changes(["trafficker_samples"])
    sources = pd.read_csv(stress.paths.DATA / "trafficker_samples.csv")["seen_at"].dropna().unique()
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
    old = CHAPTER[CHAPTER.index("whole = ") : CHAPTER.index("\nprint")]
    book.edit("book/1-claims/numbers.md", old, CELL.format(row=row["id"]))
    done = book.run("verify", "numbers", "--perturb", "--publish")
    assert done.returncode == 0, done.stderr
    results = json.loads((book.root / "data/robustness.json").read_text())
    results["row"] = {"source": row["seen_at"]}
    return results


def test_a_verdict_falls_with_the_only_source_it_rests_on(stressed: dict[str, dict[str, object]]) -> None:
    assert stressed["slaves-12m"]["falls"] == {f"without {stressed['row']['source']}": stress.FALLS}


def test_a_change_that_moves_no_number_of_a_claim_is_not_counted_for_it(
    stressed: dict[str, dict[str, object]],
) -> None:
    assert stressed["slaves-12m"]["total"] == 1
    for claim in ("profit-32bn", "figures-paired"):  # these rest on no table
        assert (stressed[claim]["survived"], stressed[claim]["total"], stressed[claim]["falls"]) == (0, 0, {})


@pytest.mark.parametrize(
    ("path", "old", "new", "stale"),
    [
        ("book/compendium/methods/counts/lineage.py", "KINDS = {", "KINDS = {  # changed", True),
        ("book/compendium/figures/palette.py", '"""', '"""Changed. ', False),
        ("book/compendium/methods/law/hazard.py", '"""', '"""Changed. ', False),
        ("data/claims.yml", "supported: trafficked_share >= 0.9", "supported: trafficked_share >= 0.8", True),
        (
            "data/claims.yml",
            "question: Does the figure count people who were trafficked",
            "question: Another?",
            False,
        ),
        ("book/1-claims/numbers.md", "# A short chapter", "# Other words", False),
    ],
)
def test_a_stress_test_is_of_this_code_these_rules_and_these_tables(
    path: str, old: str, new: str, stale: bool, tmp_path: Path
) -> None:
    book = SmallBook(tmp_path)
    program = "from compendium.run import stress; print(stress.inputs()['numbers'])"

    def digest() -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(
            command, cwd=book.root, env=book.environment, capture_output=True, text=True, check=True
        ).stdout

    before = digest()
    book.edit(path, old, new)
    assert (digest() != before) is stale


def test_the_data_are_untouched(stressed: dict[str, dict[str, object]], tmp_path: Path) -> None:
    book = SmallBook(tmp_path)
    before = {p.name: p.read_bytes() for p in (tmp_path / "data").iterdir()}
    assert book.run("verify", "other", "--perturb").returncode == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "data").iterdir()} == before


PAGE_CELLS = [
    "from compendium.trial import conclude\nfacts = {'n': 1}",
    "shown = 1 / 0\ndraw(shown)",
    "say(n=str(facts['n']))\nhalf = facts['n'] / 2",
    "facts = {'n': 3}",
    "conclude('boats', n=half, alternatives={'all': facts})",
]


def test_only_what_a_verdict_rests_on_is_run() -> None:
    names, told = _run(PAGE_CELLS)
    assert told == {"n": 0.5}
    assert "shown" not in names


def test_a_number_that_fails_leaves_the_others_and_the_reasons() -> None:
    cells = [
        "from compendium.trial import conclude\nn = 4",
        "conclude('boats', n=n, lost=1 / 0, **{'m': n + 1}, **nowhere, reasons_for=['seen'], together=gone)",
    ]
    assert _run(cells)[1] == {"n": 4, "m": 5, "reasons_for": ["seen"]}


def _run(cells: list[str]) -> tuple[dict[str, object], dict[str, object]]:
    """The names of a page after its deciding statements, and what its last `conclude` was given."""
    told: dict[str, object] = {}
    names: dict[str, object] = {
        "conclude": lambda claim, **numbers: told.update(numbers),
        here.ATTEMPT: here.attempt,
    }
    for _, statement in here.deciding(cells, bare=True)[1:]:  # after the import of the true `conclude`
        exec(statement, names)
    return names, told


def test_a_verdict_that_can_be_reached_is_reached_though_a_drawing_fails(tmp_path: Path) -> None:
    book = SmallBook(tmp_path)
    book.edit("book/1-claims/numbers.md", "print(part / whole)", "drawn = 1 / 0\nprint(drawn)")
    done = book.run("verify", "numbers", "--perturb", "--publish")
    assert done.returncode == 0, done.stderr
    results = json.loads((book.root / "data/robustness.json").read_text())
    assert results["profit-32bn"]["verdict"] and results["profit-32bn"]["falls"] == {}
