"""What the page needs to test against chance the models that a reader leaves: their scores, packed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compendium.chapters.politics.permutation import BETWEEN, WITHIN, Chance
from compendium.methods.tiers import multiverse
from compendium.methods.tiers.multiverse.specification import LEVEL
from compendium.methods.tiers.ordered import critical_value

PER_CELL = 6  # models of each combination of politics, performance and model
DRAWS = 199  # of those of the published test: enough for a line of one in twenty, and small enough to send
CRITICAL = 16  # steps of a score from zero to the critical value

Floats = NDArray[np.float64]


def packed(chance: Chance, codes: Mapping[multiverse.Specification, str]) -> dict[str, Any]:
    """A balanced draw of the rule's models as data for the page.

    `codes` gives the digits of every model. `scores` holds, model after model, the score t of the data
    and of every exchange in steps of which `CRITICAL` make the critical value: whole steps below it, so that a sign
    and a passed critical value stay what they are. Models without an estimate are left out.
    """
    places = [place for place in drawn(chance) if np.isfinite(chance.given.scores[place, 0])]
    places.sort(key=lambda place: codes[chance.specs[place]])
    scores, critical = chance.given.scores[places, : DRAWS + 1], critical_value(chance.given.countries, LEVEL)
    return as_data([codes[chance.specs[place]] for place in places], scores, critical)


def drawn(chance: Chance) -> list[int]:
    """The places of a balanced draw of the rule's models."""
    rule = [spec for spec, chosen in zip(chance.specs, chance.independent, strict=True) if chosen]
    wanted = set(multiverse.published(rule, PER_CELL))
    return [place for place, spec in enumerate(chance.specs) if spec in wanted]


def as_data(codes: list[str], scores: Floats, critical: float) -> dict[str, Any]:
    """Codes of models and their scores t (models, 1 + draws), observed first, as the page reads them."""
    return {
        "codes": codes,
        "scores": base64.b64encode(in_steps(scores, critical).tobytes()).decode(),
        "draws": scores.shape[1] - 1,
        "critical": CRITICAL,
    }


def in_steps(scores: Floats, critical: float) -> NDArray[np.int8]:
    """Scores in whole steps below them, `CRITICAL` of which make the critical value."""
    return np.clip(np.floor(np.nan_to_num(scores) * CRITICAL / critical), -128, 127).astype(np.int8)


def sides(place: int, within: str, everything: str) -> dict[str, Any]:
    """The choice that tells models between countries from those within: its place in a code, and its digits."""
    return {"place": place, "sides": {BETWEEN: everything.replace(within, ""), WITHIN: within}}
