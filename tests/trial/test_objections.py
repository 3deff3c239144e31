"""Every rule is attacked from some side and answered, and a file of objections that is not whole is named so."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from compendium.evidence import numbers, paths
from compendium.trial import objections, told, verdicts
from compendium.trial.claims import registry
from compendium.trial.rules import ClaimError

LONGEST_SENTENCE = 35
IN_WORDS = {numbers.in_words(n): n for n in range(2, 13)}
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


COUNTED = (
    "texts|voices|studies|samples|reports|cases|sources|surveys|names|estimates|programmes|harms|publishers|calls|"
    "editions|countries|measures"
)
TYPED = re.compile(rf"\b({'|'.join(IN_WORDS)}|\d+) (?:\w+ )?({COUNTED})\b", re.I)
OF_A_RULE = re.compile(r"\b(asks?|asked|needs?|enough|bar|fewer|least|would|support|contradicts|decide)\b", re.I)
# Typed before what is counted, and neither a line of the claim's rules nor a number that moves.
TYPED_FOR_A_REASON = {
    ("slavery-likeness", "three voices"): "the bar of another claim",
    ("figures-paired", "two texts"): "of one year, of which no number is made",
    ("two-official-counts", "six countries"): "of ten, a share in words",
    ("too-few-convictions", "eleven reports"): "the editions from 2001 to 2011",
    ("panic", "three studies"): "the line, in a sentence on what was not found",
    ("severe-penalties", "ten countries"): "the line, in a sentence on how few that is",
    ("unintended-consequences", "two studies"): "no two of them",
}


def test_what_a_claim_counts_is_never_typed_in_an_objection_but_named() -> None:
    """A number before a thing that is counted is a line of a rule, in a sentence on the rule, or has its reason."""
    typed, met = [], set()
    for claim_id, own in objections.read().items():
        claim = registry()[claim_id]
        trees = [rule.tree for part in (*claim.parts, *claim.context) for rule in part.rules.values()]
        lines = {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        sentences = [
            s for each in own for text in (each.attack, each.answer) for s in re.split(r"(?<=[.?!])\s+", text)
        ]
        for sentence in sentences:
            for number, what in TYPED.findall(sentence):
                known = (claim_id, f"{number} {what}".lower())
                value = int(number) if number.isdigit() else IN_WORDS[number.lower()]
                if known in TYPED_FOR_A_REASON:
                    met.add(known)
                elif value not in lines or not OF_A_RULE.search(sentence):
                    typed.append(f"{claim_id}: {sentence}")
    assert typed == [] and met == set(TYPED_FOR_A_REASON)


def test_numbers_in_objections_are_the_present_ones_of_the_verdict() -> None:
    verdict = verdicts.published()["campaign"]
    moved = replace(verdict, numbers={**verdict.numbers, "campaign_yes": 12.0, "campaign_no": 0.0})
    answers = [each.answer for each in objections.filled(objections.read(), {"campaign": moved})["campaign"]]
    assert "found no voice" in answers[0] and "against twelve." in answers[0] and "twelve stand now" in answers[1]
    assert all("{" not in answer for answer in answers)
    unknown = objections.filled(objections.read(), {})["campaign"]
    assert "against so many." in unknown[0].answer and "{" not in unknown[0].answer


def test_a_number_that_opens_a_sentence_has_a_capital() -> None:
    claim, verdict = registry()["campaign"], verdicts.published()["campaign"]
    text = "{campaign_no:words} was read. {campaign_no:words} is {campaign_no:words}"
    assert told.sentence(text, claim, verdict) == "One was read. One is one"
    assert told.sentence("No.{campaign_no:words}", claim, verdict) == "No.one"


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
        (
            lambda all_: [all_[0] | {"answer": "It is {lead:words}."}, *all_[1:]],
            "entry 1 (movements): answer names 'lead', which is no number of the claim",
        ),
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


@pytest.mark.parametrize(("text", "most"), [("attack", 60), ("answer", 70)])
def test_a_text_may_have_just_as_many_words_as_it_is_given(
    text: str, most: int, entries: Entries, tmp_path: Path
) -> None:
    longest = " ".join(["no"] * most)
    own = loaded([entries[0] | {text: longest}, *entries[1:]], tmp_path)[entries[0]["claim"]]
    assert getattr(own[0], text) == longest


def test_of_several_unknown_numbers_the_first_by_name_is_told(entries: Entries, tmp_path: Path) -> None:
    spoiled = entries[0] | {"answer": "It is {zeal:words}, {lead:words} or {moss:words}."}
    with pytest.raises(ClaimError, match="answer names 'lead', which is no number"):
        loaded([spoiled, *entries[1:]], tmp_path)


def test_what_was_changed_for_an_objection_is_told_and_nothing_where_nothing_was(
    entries: Entries, tmp_path: Path
) -> None:
    first = [entry | {"changed": "The line was drawn at three"} for entry in entries[:1]]
    assert loaded([*first, *entries[1:]], tmp_path)[entries[0]["claim"]][0].changed == "The line was drawn at three"
    assert loaded([entries[0] | {"changed": None}, *entries[1:]], tmp_path)[entries[0]["claim"]][0].changed == ""


@pytest.mark.parametrize(
    ("entry", "found"), [({"by": "someone", "claim": "movements"}, "by, claim"), ("movements", "'movements'")]
)
def test_an_entry_with_other_fields_is_told_with_those_that_it_has(
    entry: object, found: str, tmp_path: Path
) -> None:
    with pytest.raises(ClaimError) as raised:
        loaded([entry], tmp_path)
    assert str(raised.value).endswith(f", found {found}")


def test_a_file_that_is_missing_or_no_yaml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match="missing at"):
        objections.load(tmp_path / objections.FILE)
    (tmp_path / objections.FILE).write_text("- claim: [", encoding="utf-8")
    with pytest.raises(ClaimError, match="not valid YAML"):
        objections.load(tmp_path / objections.FILE)
