"""The numbers that the rule asks for, between countries and within them."""

from __future__ import annotations

from typing import Any

from compendium.chapters.politics.later import Later
from compendium.chapters.politics.permutation import BETWEEN, WITHIN, Chance, Chosen
from compendium.methods.tiers import multiverse


def political_tiers(chance: Chance) -> dict[str, float]:
    """Return the numbers of the claim."""
    return _numbers(chance)


def political_tiers_alternatives(chance: Chance, later: Later) -> dict[str, dict[str, float]]:
    """Return the numbers of each part of the models, of another exchange, of one statistic, of later lists."""
    choices, own = chance.choices, chance.independent
    apart = chance.others or chance
    parts = {
        **{f"{family}-only": own & (choices.family == family).to_numpy() for family in ("votes", "money")},
        "security-only": own & (choices.family == "security").to_numpy(),
        "watch-list-era": own & choices.years.str.startswith("2004").to_numpy(),
    }
    found = {name: _numbers(chance, part) for name, part in parts.items()}
    found["with-3p"] = _numbers(apart, apart.choices.performance.str.contains("3P").to_numpy())
    found["not-held-equal"] = _numbers(apart, (apart.choices.performance == "none").to_numpy())
    if chance.plain:
        found["paths-exchanged"] = _numbers(chance.plain)
    if chance.jackknifed:
        found["jackknifed-errors"] = _numbers(chance.jackknifed)
    for name, statistic in (("median-alone", "median_t"), ("share-alone", "share_distinguishable")):
        found[name] = {f"{side}_for": chance.test(side).p(statistic) for side in (BETWEEN, WITHIN)}
    found["later-lists"] = _numbers(later.chance)
    return found


def _numbers(chance: Chance, part: Chosen | None = None) -> dict[str, float]:
    found: dict[str, float] = {}
    for side in (BETWEEN, WITHIN):
        found |= _of_side(side, chance.test(side, part))
    return found


def _of_side(side: str, test: multiverse.PermutationTest) -> dict[str, float]:
    rows: Any = test.summary.set_index("statistic").loc["share_distinguishable"]
    towards, against = test.joint()
    lean, most = test.lean()
    return {
        f"{side}_for": towards,
        f"{side}_against": against,
        f"{side}_share": float(rows["observed"]),
        f"{side}_null": float(rows["null_mean"]),
        f"{side}_lean": lean,
        f"{side}_most": most,
    }
