"""The rules that a reader bends are told in words, on every claim page and beside every live figure."""

from __future__ import annotations

import html
import re

import pytest

from compendium import figures
from compendium.site import bend, living
from compendium.trial import bending, claims, verdicts
from compendium.trial.claims import Claim

EVERY = pytest.mark.parametrize("claim", claims.registry().claims.values(), ids=lambda claim: claim.id)
# "less than 0.001 or less", "at most more than 0.999": a bound of a bound says nothing.
TWO_BOUNDS = re.compile(
    r"(?:at least|at most|above|below|exactly|than|at) (?:less|more) than|than [\d.]+ or (?:less|more)"
)


def _text(markup: str) -> str:
    return html.unescape(re.sub(r"<script.*?</script>|<[^>]+>", " ", markup, flags=re.DOTALL))


@EVERY
def test_what_can_be_bent_is_told_without_code(claim: Claim) -> None:
    markup = str(bend.bend(claim, verdicts.published()[claim.id]))
    said = _text(markup)
    assert "<code" not in markup and not TWO_BOUNDS.findall(said)
    names = [name for name in claim.numbers if "_" in name]
    assert [name for name in names if name in said] == []
    assert not re.search(r"[<>=]=|\bmax\(|\bmin\(", said)


@EVERY
def test_every_comparison_of_a_figure_is_told_once(claim: Claim) -> None:
    verdict = verdicts.published()[claim.id]
    words = dict.fromkeys(("name", "title", "subtitle", "alt", "source", "svg", "csv"), "demo")
    moved = {name: value for name, value in verdict.numbers.items() if value is not None}
    figure = figures.Figure(**words, claim=claim.id, numbers=moved)
    lines = [line for group in living.view(claim, verdict, figure)["groups"] for row in group["rows"]
             for line in row["lines"]]  # fmt: skip
    told = [tuple(line.values()) for line in lines]
    wanted = [one for one in living.living.comparisons(claim) if set(one.names) & set(moved)]
    assert len(told) == len(wanted)


def test_the_same_line_is_not_told_twice_of_one_number() -> None:
    claim = claims.registry()["unintended-consequences"]
    verdict = verdicts.published()[claim.id]
    lines = [living.line(claim, one, name, verdict.numbers) for one in living.living.comparisons(claim)
             if one.part == "the harm lasted" and (name := one.teller(["harm_late", "no_harm_late"]))]  # fmt: skip
    needed = "one condition of"
    assert [(line["what"], line["relation"], line["made"]) for line in lines] == [
        (f"{needed} “supported”", "at least", ""),
        (f"{needed} “supported”", "at least", f"{_factor(5)} times “{claim.numbers['no_harm_late'].meaning}”"),
        (f"{needed} “contradicted”", "at least", ""),
        (f"{needed} “contradicted”", "at least", f"{_factor(7)} times “{claim.numbers['harm_late'].meaning}”"),
    ]


def _factor(index: int) -> str:
    return f'<span data-factor="{index}">2</span>'


def test_a_turn_at_the_end_of_what_can_be_is_told_without_more() -> None:
    claim = claims.registry()["political-tiers"]
    one = bending.movable(claim, verdicts.published()[claim.id].numbers)[0]
    told = {unit: bend.turns(_turning(one, 0.0), unit) for unit in ("probability", "share", "studies")}
    assert {unit: words.partition(" at ")[2] for unit, words in told.items()} == {
        "probability": "0.",
        "share": "0%.",
        "studies": "0 studies.",
    }
    assert bend.turns(_turning(one, 0.0004), "probability").endswith(" at 0.0004 or less.")
    assert bend.turns(_turning(one, 1.0), "share").endswith(" at 100%.")
    assert bend.turns(_turning(one, 1.0), "studies").endswith(" at 1 study or more.")


def _turning(one: bending.Movable, where: float) -> bending.Movable:
    reach = bending.Reach(0, 1, 0.01)
    return bending.Movable(0, 0.5, one.comparison, "", reach, (bending.Turn(where, "mixed"),))


# Of these no line that may be moved and no declared alternative, alone or with another, changes the verdict.
STEADY = {
    "movements",
    "since-2001",
    "severe-penalties",
    "poor-uneducated",
    "modest-gains",
    "push-and-pull",
    "no-deterrence",
    "poorly-publicised",
}


@pytest.mark.parametrize("claim", claims.registry().claims.values(), ids=lambda claim: claim.id)
def test_a_reader_can_turn_every_verdict_but_those_named(claim: Claim) -> None:
    verdict = verdicts.published()[claim.id]
    chosen = bending.alternatives(verdict)
    lines = [line for line in bending.movable(claim, verdict.numbers) if line.turns]
    assert bool(chosen.singles or chosen.pairs or lines) is (claim.id not in STEADY)
