"""Every rule is attacked from some side and answered, and a file of objections that is not whole is named so."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from compendium.evidence import paths
from compendium.trial import objections
from compendium.trial.claims import registry
from compendium.trial.rules import ClaimError

LONGEST_SENTENCE = 35
Entries = list[dict[str, Any]]


@pytest.fixture
def entries() -> Entries:
    """The book's own entries, to be spoiled."""
    raw: Entries = yaml.safe_load((paths.DATA / objections.FILE).read_text(encoding="utf-8"))
    return raw


def loaded(entries: object, folder: Path) -> dict[str, tuple[objections.Objection, ...]]:
    """What is read from a file with these entries."""
    path = folder / objections.FILE
    path.write_text(yaml.safe_dump(entries), encoding="utf-8")
    return objections.load(path)


def test_every_claim_is_attacked_from_all_three_sides() -> None:
    found = objections.read()
    assert list(found) == list(registry().claims)
    unheard = {claim: set(objections.SIDES) - {each.side for each in own} for claim, own in found.items()}
    assert {claim: sides for claim, sides in unheard.items() if sides} == {}


def test_no_sentence_is_long() -> None:
    texts = [text for own in objections.read().values() for each in own for text in (each.attack, each.answer)]
    sentences = [sentence for text in texts for sentence in re.split(r"(?<=[.?!])\s+", text)]
    assert [sentence for sentence in sentences if len(sentence.split()) > LONGEST_SENTENCE] == []


def test_the_objections_of_a_claim_keep_their_order(entries: Entries, tmp_path: Path) -> None:
    first = entries[0] | {"attack": "A weaker objection."}
    own = loaded([*entries, first], tmp_path)[first["claim"]]
    assert [own[0].attack, own[-1].attack] == [entries[0]["attack"], "A weaker objection."]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda all_: [all_[0] | {"claim": "boats"}, *all_[1:]], "entry 1: no claim 'boats' in claims.yml"),
        (
            lambda all_: [all_[0] | {"for": "judge"}, *all_[1:]],
            "entry 1 (movements): for is 'judge'; expected",
        ),
        (lambda all_: [all_[0] | {"attack": " "}, *all_[1:]], "entry 1 (movements): attack is empty"),
        (lambda all_: [all_[0] | {"answer": None}, *all_[1:]], "entry 1 (movements): answer is empty"),
        (lambda all_: [all_[0] | {"answer": "no " * 71}, *all_[1:]], "entry 1 (movements): answer has 71 words"),
        (lambda all_: [all_[0] | {"attack": "no " * 61}, *all_[1:]], "entry 1 (movements): attack has 61 words"),
        (
            lambda all_: [all_[0] | {"changed": "A line."}, *all_[1:]],
            "entry 1 (movements): changed ends with a full stop",
        ),
        (lambda all_: [{"claim": "movements"}, *all_[1:]], "entry 1: expected the fields claim, for, attack"),
        (lambda all_: [all_[0] | {"by": "someone"}, *all_[1:]], "entry 1: expected the fields claim, for, attack"),
        (lambda all_: ["movements", *all_[1:]], "entry 1: expected the fields claim, for, attack"),
        (
            lambda all_: [e for e in all_ if e["claim"] != "growing"],
            "no objection to growing for essay, discourse, statistician; ",
        ),
        (lambda all_: [], "no objection to movements for essay, discourse, statistician; "),
        (
            lambda all_: [e for e in all_ if (e["claim"], e["for"]) != ("growing", "discourse")],
            "no objection to growing for discourse; every claim is attacked from",
        ),
    ],
)
def test_what_is_wrong_is_named_in_one_line(
    spoil: Callable[[Entries], object], told: str, entries: Entries, tmp_path: Path
) -> None:
    with pytest.raises(ClaimError) as raised:
        loaded(spoil(entries), tmp_path)
    assert str(raised.value).startswith(f"{objections.FILE}: {told}")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_missing_or_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match="missing at"):
        objections.load(tmp_path / objections.FILE)
    (tmp_path / objections.FILE).write_text("- claim: [", encoding="utf-8")
    with pytest.raises(ClaimError, match="not valid YAML"):
        objections.load(tmp_path / objections.FILE)
