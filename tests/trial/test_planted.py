"""Planted evidence is declared for every part both ways, and what is declared wrongly is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from compendium.evidence import paths
from compendium.trial import claims, planted
from compendium.trial.rules import CONTRADICTED, SUPPORTED, ClaimError

PARTED = next(claim for claim in claims.registry().claims.values() if len(claim.parts) > 1)
WHOLE = next(claim for claim in claims.registry().claims.values() if len(claim.parts) == 1)
BESIDE = next(claim for claim in claims.registry().claims.values() if claim.context)
CHANGE = {"table": "tip_tiers", "drop": True}


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], Any]]:
    """Declare plantings, as data or as text, in place of those of the book."""
    monkeypatch.setattr(paths, "DATA", tmp_path)

    def write(raw: Any) -> dict[str, tuple[planted.Planted, ...]]:
        text = raw if isinstance(raw, str) else yaml.safe_dump(raw)
        (tmp_path / planted.FILE).write_text(text, encoding="utf-8")
        planted.declared.cache_clear()
        return planted.declared()

    planted.declared.cache_clear()
    yield write
    planted.declared.cache_clear()


def planting(**over: Any) -> dict[str, Any]:
    return {"gives": SUPPORTED, "why": "because", "changes": [CHANGE]} | over


def test_in_the_book_every_part_has_evidence_both_ways() -> None:
    assert planted.missing() == []


def test_a_planting_is_read_as_it_is_declared(declare: Callable[[Any], Any]) -> None:
    (part, *_) = [part.name for part in PARTED.parts]
    found = declare(
        {WHOLE.id: [planting(asked=True), planting(gives=CONTRADICTED)], PARTED.id: [planting(part=part)]}
    )
    one, other = found[WHOLE.id]
    assert one == planted.Planted(WHOLE.id, WHOLE.parts[0].name, SUPPORTED, "because", (CHANGE,), asked=True)
    assert (other.gives, other.asked) == (CONTRADICTED, False)
    assert [it.part for it in found[PARTED.id]] == [part]


def test_a_planting_answers_what_would_change_the_claim_only_if_it_says_so() -> None:
    assert not planted.Planted("claim", "part", SUPPORTED, "because", ()).asked


def test_a_part_that_stands_beside_the_verdict_may_be_planted(declare: Callable[[Any], Any]) -> None:
    name = BESIDE.context[0].name
    assert [it.part for it in declare({BESIDE.id: [planting(part=name)]})[BESIDE.id]] == [name]


@pytest.mark.parametrize(
    "change", [{"world": "borders.foreign"}, *({"table": "t", kind: 1} for kind in planted.KINDS)]
)
def test_every_kind_of_change_may_be_declared(change: dict[str, Any], declare: Callable[[Any], Any]) -> None:
    assert declare({WHOLE.id: [planting(changes=[CHANGE, change])]})[WHOLE.id][0].changes == (CHANGE, change)


def test_what_is_missing_is_named_by_claim_part_and_word(declare: Callable[[Any], Any]) -> None:
    first, second, *_ = [part.name for part in PARTED.parts]
    declare({PARTED.id: [planting(part=first), planting(part=second, gives=CONTRADICTED)]})
    here = [line for line in planted.missing() if line.startswith(f"{PARTED.id}: ")]
    assert here[:2] == [f"{PARTED.id}: {first}: {CONTRADICTED}", f"{PARTED.id}: {second}: {SUPPORTED}"]
    assert f"{WHOLE.id}: {WHOLE.parts[0].name}: {SUPPORTED}" in planted.missing()
    assert len(planted.missing()) == 2 * sum(len(claim.parts) for claim in claims.registry().claims.values()) - 2


def test_an_empty_file_declares_nothing(declare: Callable[[Any], Any]) -> None:
    assert declare("# nothing yet\n") == {}


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"nowhere": [planting()]}, "no claim 'nowhere'"),
        ({PARTED.id: [planting()]}, f"claim {PARTED.id}: no part None; its parts: "),
        ({WHOLE.id: [planting(part="elsewhere")]}, f"claim {WHOLE.id}: no part 'elsewhere'"),
        ({WHOLE.id: [planting(gives="mixed")]}, "gives is 'mixed'; expected supported or contradicted"),
        ({WHOLE.id: [planting(why="")]}, "a planting needs `why` and `changes`"),
        ({WHOLE.id: [planting(changes=[])]}, "a planting needs `why` and `changes`"),
        ({WHOLE.id: [planting(changes=[CHANGE, {"table": "tip_tiers"}])]}, "a change needs a table and one of add"),
        ({WHOLE.id: [planting(changes=[{"drop": True}])]}, "a change needs a table and one of add"),
        ("a: [", "not valid YAML"),
    ],
)
def test_a_defect_is_one_line_that_names_it(raw: Any, told: str, declare: Callable[[Any], Any]) -> None:
    with pytest.raises(ClaimError) as caught:
        declare(raw)
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_a_missing_file_is_one_line(declare: Callable[[Any], Any], tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match=r"planted\.yml: missing at .*restore it from git"):
        planted.declared()
