"""The part of the rule's models that a reader's browser fits unless the reader asks for all.

A balanced, seeded draw, the one whose scores the page's figure holds: `PER_CELL` models of each combination of
politics, performance and model, here in every lottery. What they say is published model by model. It is not the
verdict, which rests on all models.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from compendium.chapters.politics.curve import Grid
from compendium.chapters.politics.permutation import DRAWS, GIVEN, Chance, exchanged, of_the_rule
from compendium.chapters.politics.sources import Facts
from compendium.chapters.politics.struck import PER_CELL
from compendium.methods.tiers import multiverse

INSTEAD = ("chance",)  # what the page calls, and this module does in part
WHOLE = "Fit every model: some four minutes, and twice the memory"
OF = "models that the rule counts"
NEAR = 0.002  # of a score t in single precision; a model begins where the last one ended, and others came before
DIGITS = 4


def chance(facts: Facts, grid: Grid) -> Chance:
    """Exchange politics between countries for the part, in place of all that `permutation.chance` tests."""
    specs = drawn(grid)
    return Chance(specs, exchanged(facts, specs, GIVEN))


def drawn(grid: Grid) -> list[multiverse.Specification]:
    """The models of the part."""
    return multiverse.published(of_the_rule(grid), PER_CELL)


def told(names: Mapping[str, Any]) -> dict[str, Any]:
    """What was fitted, of the `names` of a page that ran in part.

    `fitted` of `of` models, `draws` lotteries; `values` by column, each with one value a model: `t`, its score, and
    `reached`, the lotteries in which it is at least as large.
    """
    scores = names["chance"].given.scores
    observed, drawn = scores[:, :1], scores[:, 1:]
    return {
        "what": OF,
        "fitted": len(scores),
        "of": len(of_the_rule(names["grid"])),
        "draws": DRAWS,
        "values": {
            "t": [None if np.isnan(t) else round(float(t), DIGITS) for t in observed[:, 0]],
            "reached": (drawn >= observed).sum(axis=1).tolist(),
        },
    }


def differing(published: Mapping[str, list[Any]], found: Mapping[str, list[Any]]) -> int:
    """How many models are not as published: another score t, or another number of lotteries that reach it.

    A lottery whose score is as near the model's as rounding may count on either side.
    """
    if any(len(published[name]) != len(found[name]) for name in published):
        return max(len(column) for column in (*published.values(), *found.values()))
    t = np.array([published["t"], found["t"]], dtype=float)
    reached = np.array([published["reached"], found["reached"]])
    missing = np.isnan(t)
    near = (np.abs(t[0] - t[1]) <= NEAR) & (np.abs(reached[0] - reached[1]) <= 0.01 * DRAWS)
    return int((~np.where(missing.any(axis=0), missing.all(axis=0), near)).sum())
