"""The part of the tiers' models that R scores too: the same models in the same lotteries, compared one by one.

R is given the choices of each model and whose turn each country has in each lottery. All else it makes itself: the
panel, what is exchanged and with whom, the model without politics, the score. So what both say of these models must
be the same but for rounding, and no luck of a draw stands between them.
"""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compendium.run import part
from compendium.trial.verdicts import Verdict

CLAIM, CHAPTER = "political-tiers", "politics"
T_OF = f"t of {CLAIM}"  # under this name the script prints each model's score
NEAR = 5e-4  # of a score t: Python's are in single precision, which tells some 1e-4 apart, and have four digits

Said = Mapping[tuple[str, str], tuple[float | None, float]]


@dataclass(frozen=True)
class InPart:
    """What both languages computed of a claim in part: `fitted` of `of` models in the same `draws` lotteries.

    `alike` of them have the same score t within `tolerance`; `largest` is how far the farthest of them all differs.
    """

    what: str
    fitted: int
    of: int
    draws: int
    alike: int
    largest: float
    tolerance: float


@dataclass(frozen=True)
class Scored:
    """The models of the part by Python: their choices, what `part` tells of them, the claim's numbers of them."""

    specs: list[Any]
    told: dict[str, Any]
    numbers: dict[str, float]
    lots: list[list[str]]


def in_python(draws: int | None = None) -> Scored:
    """Score the part here, in all lotteries or in the first `draws`."""
    from compendium.chapters import politics
    from compendium.chapters.politics import part as of_politics
    from compendium.chapters.politics import permutation
    from compendium.methods.tiers import multiverse

    facts = politics.facts()
    grid, draws = politics.grid(facts), draws or permutation.DRAWS
    specs = of_politics.drawn(grid)
    chance = permutation.Chance(specs, permutation.exchanged(facts, specs, permutation.GIVEN, draws))
    told = of_politics.told({"chance": chance, "grid": grid}) | {"draws": draws}
    names = facts.panel.names
    turns = multiverse.shuffles_of(facts.panel, draws)
    lots = [list(names), *([names[place] for place in row] for row in turns.tolist())]
    return Scored(specs, told, politics.political_tiers(chance), lots)


def write(scored: Scored, folder: Path) -> list[Path]:
    """Hand R the choices of the models, a row each, and the lotteries, a row each under the countries' names."""
    choices, lots = folder / "choices.csv", folder / "lots.csv"
    with choices.open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, [field.name for field in dataclasses.fields(scored.specs[0])])
        rows.writeheader()
        rows.writerows(dataclasses.asdict(spec) for spec in scored.specs)
    with lots.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(scored.lots)
    return [choices, lots]


def of_part(whole: Verdict, numbers: Mapping[str, float]) -> Verdict:
    """A verdict with the numbers of the part in place of those of all models, with the six digits of a verdict."""
    return dataclasses.replace(whole, numbers={name: float(f"{value:.6g}") for name, value in numbers.items()})


def published() -> Verdict | None:
    """What is published of the part; None if nothing is."""
    known = part.published().get(CHAPTER)
    return known.verdicts.get(CLAIM) if known else None


def compared(scored: Scored, said: Said) -> tuple[InPart, list[str]]:
    """Every model's score in Python beside R's, and a line that names the farthest if one is not the same.

    A model without an estimate in one language must have none in the other.
    """
    apart: list[float] = []
    for place, ours in enumerate(scored.told["values"]["t"], 1):
        theirs = said.get((T_OF, str(place)), (math.nan, 0.0))[0]
        neither = ours is None and theirs is None
        off = 0.0 if neither else math.inf if ours is None or theirs is None else abs(ours - theirs)
        apart.append(math.inf if math.isnan(off) else off)
    alike = sum(off <= NEAR for off in apart)
    seen = [off for off in apart if math.isfinite(off)]
    about = scored.told
    found = InPart(
        about["what"],
        about["fitted"],
        about["of"],
        about["draws"],
        alike,
        float(f"{max(seen, default=0):.2g}"),
        NEAR,
    )
    if alike == len(apart):
        return found, []
    place = apart.index(max(apart))
    theirs = said.get((T_OF, str(place + 1)), (None, 0.0))[0]
    return found, [
        f"claim {CLAIM}: {len(apart) - alike} of {len(apart)} models have another score t in R; model {place + 1} "
        f"({', '.join(str(value) for value in dataclasses.astuple(scored.specs[place]))}): "
        f"Python {scored.told['values']['t'][place]}, R {theirs}; may differ by {NEAR:g}"
    ]
