"""The second way answers every computed claim, disagrees when the tables do, and says how to get R."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from compendium.chapters import politics
from compendium.chapters.politics import part as politics_part
from compendium.evidence import paths
from compendium.run import scored, second
from compendium.trial import claims, verdicts

needs_r = pytest.mark.skipif(shutil.which(second.PROGRAM) is None, reason="R is not installed: NOT compared with R")


def test_every_computed_claim_is_answered_by_one_script() -> None:
    answered = [claim for told in second.scripts().values() for claim in told]
    assert sorted(answered) == sorted(second.computed())


def test_the_scripts_know_nothing_of_the_python() -> None:
    for path in second.SCRIPTS.glob("*.R"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"reticulate|system2?\(|\.py\b|verdicts\.json|source\(\"(?!common\.R)", text), (
            path.name
        )


def said(**numbers: tuple[float | None, float]) -> dict[tuple[str, str], tuple[float | None, float]]:
    return {("slaves-12m", name): value for name, value in numbers.items()}


def rows(told: dict[tuple[str, str], tuple[float | None, float]]) -> dict[str, second.Row]:
    published = verdicts.published()["slaves-12m"]
    return {row.number: row for row in second._rows("slaves-12m", published, published, told)}


def test_a_number_agrees_within_its_tolerance_or_the_luck_of_draws_and_no_further() -> None:
    true = verdicts.published()["slaves-12m"].numbers["trafficked_share"]
    assert true is not None
    within = claims.registry()["slaves-12m"].numbers["trafficked_share"].tolerance
    for off, chance, agrees in (
        (0.9 * within, 0.0, True),
        (1.1 * within, 0.0, False),
        (1.1 * within, 1.2 * within, True),
        (1.3 * within, 1.2 * within, False),
        (4.9 * within, 100 * within, True),
        (5.1 * within, 100 * within, False),
    ):
        assert rows(said(trafficked_share=(true + off, chance)))["trafficked_share"].agrees is agrees


def test_a_number_that_r_does_not_say_or_says_is_missing_does_not_agree() -> None:
    found = rows(said(un_low=(None, 0.0)))
    assert not found["un_low"].agrees and not found["un_high"].agrees


def test_a_number_that_neither_has_is_not_counted_as_agreeing() -> None:
    published = verdicts.published()["women-80"]
    unknown = {name for name, value in published.numbers.items() if value is None}
    told = {("women-80", name): (value, 0.0) for name, value in published.numbers.items()}
    found = tuple(second._rows("women-80", published, published, told))
    assert unknown and {row.number for row in found} == published.numbers.keys() - unknown
    missing = {"women-80": second._missing("women-80", list(found))}
    assert set(missing["women-80"]) == unknown
    whole = second.Second("4", {}, {}, found, {"women-80": "x"}, (), 1.0, missing)
    assert f"{len(found)} of {len(found)}" in second.table(whole)
    assert f"R computed {len(found)} numbers of 1 claims; {len(found)} agree." in second.remarks(whole)
    assert any(line.startswith(f"{len(unknown)} more are declared") for line in second.remarks(whole))


def scores(*told: float | None) -> scored.Scored:
    specs = [politics_part.drawn(politics.grid(politics.facts()))[0]] * len(told)
    about = {"what": "models", "fitted": len(told), "of": 9, "draws": 7, "values": {"t": list(told)}}
    return scored.Scored(specs, about, {}, [])


@pytest.mark.parametrize(
    ("r", "alike", "named"),
    [
        ((1.5, -0.25, None), 3, ""),
        ((1.5 + 0.9 * scored.NEAR, -0.25, None), 3, ""),
        ((1.5 + 1.1 * scored.NEAR, -0.25, None), 2, "model 1 "),
        ((1.5, -0.25, 2.0), 2, "model 3 "),
        ((1.5, None, None), 2, "model 2 "),
        ((1.5, math.nan, None), 2, "model 2 "),
        ((1.49, 3.0, 0.0), 0, "3 of 3 models"),
    ],
)
def test_every_model_has_the_same_score_or_is_named(r: tuple[float | None, ...], alike: int, named: str) -> None:
    said = {(scored.T_OF, str(place)): (value, 0.0) for place, value in enumerate(r, 1)}
    found, problems = scored.compared(scores(1.5, -0.25, None), said)
    assert (found.fitted, found.alike) == (3, alike)
    assert [named in line for line in problems] == [True] * (alike < 3)


def test_a_model_of_which_r_says_nothing_is_named() -> None:
    found, problems = scored.compared(scores(1.5, None), {(scored.T_OF, "1"): (1.5, 0.0)})
    assert found.alike == 1 and len(problems) == 1 and "model 2 " in problems[0]


@needs_r
@pytest.mark.check
def test_r_scores_every_model_alike_in_the_same_lotteries_and_a_changed_score_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    published = verdicts.published()
    told = {scored.CLAIM: published[scored.CLAIM]}
    few = scored.in_python(draws=19)
    monkeypatch.setattr(scored, "in_python", lambda: few)
    same = second.run(told, published)
    assert same.problems == ()
    part = same.parts[scored.CLAIM]
    assert part.alike == part.fitted == len(few.specs) and part.largest < part.tolerance and part.draws == 19
    assert {row.chance for row in same.rows} == {0.0} and len(same.rows) == len(few.numbers)

    t = few.told["values"]["t"]
    t[7] += 2 * scored.NEAR
    other = second.run(told, published)
    assert len(other.problems) == 1 and other.parts[scored.CLAIM].alike == part.alike - 1
    assert "1 of 468 models have another score t in R; model 8 " in other.problems[0]


@needs_r
def test_r_follows_the_tables_and_a_disagreement_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = verdicts.published()
    told = {claim: published[claim] for claim in ("slaves-12m", "profit-32bn", "figures-paired")}
    same = second.run(told, published)
    assert same.problems == () and all(row.agrees for row in same.rows)
    assert same.verdicts == {claim: verdict.verdict for claim, verdict in told.items()}
    shutil.copytree(paths.DATA, tmp_path / "data")
    table = tmp_path / "data" / "global_estimates.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace(",,2450000,,", ",,4900000,,", 1), encoding="utf-8")
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    other = second.run(told, published)
    assert any(
        "claim slaves-12m: number trafficked_share: Python 0.199187, R 0.398374" in p for p in other.problems
    )


LITERAL = re.compile(r"^\s*\w+ = -?[\d.]+\s*,?\s*(?:#.*)?$", re.MULTILINE)


def test_no_number_of_a_claim_stands_in_a_script() -> None:
    """A number that is written down and not computed agrees with whatever it was copied from."""
    assert LITERAL.search("  drawn_at_random = -1, # no text says so\n")
    found = {path.name: LITERAL.findall(path.read_text("utf-8")) for path in second.SCRIPTS.glob("*.R")}
    assert {name: lines for name, lines in found.items() if lines} == {}


@needs_r
@pytest.mark.parametrize(("says", "drawn"), [("reports", 1), ("denies", 0)])
def test_r_reads_whether_the_sample_was_drawn_and_how_many_are_held(tmp_path: Path, says: str, drawn: int) -> None:
    shutil.copytree(paths.DATA, tmp_path / "data")
    with (tmp_path / "data" / "study_reports.csv").open("a", encoding="utf-8") as table:
        table.write(f"x,random_selection,{says},book,,,,,,read,\n")
    with (tmp_path / "data" / "cambodia_prison_baseline.csv").open("a", encoding="utf-8") as table:
        table.write("x,2009,held for trafficking,182,,persons,national,,,,read,\n")
    told = dict(second._said(second._r("prison.R", str(tmp_path / "data")).stdout))
    assert told["sample-91", "drawn_at_random"][0] == drawn
    # of 182 people 91 were asked: half of them may be anything
    assert told["sample-91", "national_worst_margin"][0] == pytest.approx(0.25)


@needs_r
def test_a_script_that_stops_is_named_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = verdicts.published()
    monkeypatch.setattr(paths, "DATA", tmp_path)
    (problem, *_) = second.run({"slaves-12m": published["slaves-12m"]}, published).problems
    assert problem.startswith("numbers.R: R stopped: ") and "run it alone" in problem


def test_without_r_the_command_says_in_one_line_how_to_get_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compendium", "verify", "numbers", "--r"],
        cwd=paths.ROOT,
        env={**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(paths.BOOK)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == f"error: {second.MISSING}\n" and "apt-get install r-base-core" in done.stderr
