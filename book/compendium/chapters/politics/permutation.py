"""Could chance draw these models? Politics exchanged between countries, and the models scored again."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from compendium import figures
from compendium.chapters.politics.curve import INDEPENDENT, Grid, exact
from compendium.chapters.politics.sources import SOURCE, Facts
from compendium.evidence.numbers import count, decimal, in_words, listing, percent, probability
from compendium.figures import palette
from compendium.methods.tiers import multiverse

DRAWS = 999
OTHER_DRAWS = 199  # the first of them, for models that the rule does not count
PATH_DRAWS = 499  # where what performance explains is exchanged too
JACKKNIFE_DRAWS, JACKKNIFE_PER_CELL = 199, 6  # for errors of kind CRV3
TOLD = 5  # lotteries of which the page tells what Cambodia draws
PER_CELL = 2  # specifications of each combination of politics, performance and model that are tested there
PATHS, GIVEN = "paths", "given performance"
BETWEEN, WITHIN = "between", "within"
TITLES = {BETWEEN: "Countries compared with each other", WITHIN: "Each country compared with itself"}

Chosen = NDArray[np.bool_]


@dataclass(frozen=True)
class Chance:
    """The permutation test of `specs`, given performance.

    `specs` are all that the rule counts: the valid ones that hold performance equal by a measure not coded from the
    report. `others` tests all other valid ones, in fewer draws. `plain` tests a few of the rule's where whole paths
    are exchanged, what performance explains of them included, `jackknifed` a few of the linear ones with errors of
    kind CRV3.
    """

    specs: list[multiverse.Specification]
    given: multiverse.PermutationTest
    others: Chance | None = None
    plain: Chance | None = None
    jackknifed: Chance | None = None

    @cached_property
    def choices(self) -> pd.DataFrame:
        """One row for each of `specs`: its choices and the family of its politics measure."""
        rows = pd.DataFrame({name: [getattr(spec, name) for spec in self.specs] for name in multiverse.CHOICES})
        return rows.assign(family=[multiverse.POLITICS[politics].family for politics in rows.politics])

    @property
    def independent(self) -> Chosen:
        """Those of the rule: performance held equal by a measure not coded from the report."""
        return self.choices.performance.isin(INDEPENDENT).to_numpy()

    def side(self, side: str) -> Chosen:
        """Those that compare countries with each other, or each country with itself."""
        own = (self.choices.country_effects == WITHIN).to_numpy()
        return own if side == WITHIN else ~own

    def test(self, side: str, part: Chosen | None = None) -> multiverse.PermutationTest:
        """The test of one side of a part of the specifications, by default of the rule's."""
        if part is not None:
            return self.given.among(self.side(side) & part)
        if side not in self._tests:
            self._tests[side] = self.given.among(self.side(side) & self.independent)
        return self._tests[side]

    @cached_property
    def _tests(self) -> dict[str, multiverse.PermutationTest]:
        """What `test` has answered by default."""
        return {}


def chance(facts: Facts, grid: Grid) -> Chance:
    """Exchange politics between countries for all valid specifications, whole paths for a few."""
    rule = of_the_rule(grid)
    others = [spec for spec in grid.valid if spec.performance not in INDEPENDENT]
    plain = multiverse.published(rule, PER_CELL)
    linear = [s for s in multiverse.published(rule, JACKKNIFE_PER_CELL) if s.estimator == "linear"]
    return Chance(
        rule,
        exchanged(facts, rule, GIVEN),
        others=Chance(others, exchanged(facts, others, GIVEN, OTHER_DRAWS)),
        plain=Chance(plain, exchanged(facts, plain, PATHS, PATH_DRAWS)),
        jackknifed=Chance(linear, exchanged(facts, linear, GIVEN, JACKKNIFE_DRAWS, errors="CRV3")),
    )


def of_the_rule(grid: Grid) -> list[multiverse.Specification]:
    """The models that the rule counts: performance held equal by a measure not coded from the report."""
    return [spec for spec in grid.valid if spec.performance in INDEPENDENT]


def exchanged(
    facts: Facts, specs: list[multiverse.Specification], null: str, draws: int = DRAWS, errors: str = "CRV1"
) -> multiverse.PermutationTest:
    """Test the specifications with politics exchanged as `null` says."""
    return multiverse.permutation_test(facts.panel, specs, draws=draws, null=null, jobs=2, errors=errors)


def words_on_lottery(facts: Facts, grid: Grid) -> dict[str, str]:
    """Whose votes Cambodia draws in the first lotteries."""
    panel = facts.panel
    drawn = multiverse.donors(panel, of_the_rule(grid), multiverse.BASELINE.politics, GIVEN, TOLD)
    lots = [panel.names[donor] for donor in drawn[:, list(panel.names).index("KHM")]]
    return {"told": in_words(TOLD), "lots": listing([str(facts.names[lot]) for lot in lots])}


def words_on_chance(chance: Chance) -> dict[str, str]:
    """Return, for each side, the shares observed and under exchange, the median t, and the p values."""
    security = chance.independent & (chance.choices.family == "security").to_numpy()
    words = {
        "draws": count(DRAWS),
        "other_draws": count(OTHER_DRAWS),
        "path_draws": count(PATH_DRAWS),
        "jackknife_draws": count(JACKKNIFE_DRAWS),
        "jackknife_tested": count(len(chance.jackknifed.specs)) if chance.jackknifed else "none",
        "path_tested": count(len(chance.plain.specs)) if chance.plain else "none",
        "p_error": decimal((0.05 * 0.95 / DRAWS) ** 0.5, 3),
        "security_p": probability(chance.test(BETWEEN, security).joint()[0]),
        **_words_on_the_index(chance),
    }
    for side in TITLES:
        test = chance.test(side)
        rows: Any = test.summary.set_index("statistic")
        towards, against = test.joint()
        lean, most = test.lean()
        words |= {
            f"{side}_tested": count(test.specifications),
            f"{side}_p": probability(towards),
            f"{side}_thousand": f"{count(1000 * towards)} in 1,000",
            f"{side}_share_reached": _reached(rows.p["share_distinguishable"]),
            f"{side}_median_reached": _reached(rows.p["median_t"]),
            f"{side}_median_thousand": f"{count(1000 * rows.p['median_t'])} in 1,000",
            f"{side}_beats": f"{count((DRAWS + 1) * (1 - rows.p['median_t']))} of the {count(DRAWS)}",
            f"{side}_p_against": probability(against),
            f"{side}_median_t": decimal(rows.observed["median_t"], 2),
            f"{side}_null_t": decimal(rows.null_mean["median_t"], 2),
            f"{side}_lean": decimal(lean, 2),
            f"{side}_most": decimal(most, 2),
        }
        for name, statistic in (("better", "share_predicted"), ("sure", "share_distinguishable")):
            words |= {
                f"{side}_{name}": exact(rows.observed[statistic]),
                f"{side}_{name}_null": exact(rows.null_mean[statistic]),
                f"{side}_{name}_high": exact(rows.null_high[statistic]),
            }
    return words


def _reached(p: float) -> str:
    """How many lotteries do as well as the real world, which a p value counts as one draw more."""
    return in_words(round(p * (DRAWS + 1)) - 1).replace("zero", "none")


def _words_on_the_index(chance: Chance) -> dict[str, str]:
    """The lead between countries where the index coded from the report is held equal, and in the lottery."""
    if not chance.others:
        return {}
    test = chance.others.test(BETWEEN, chance.others.choices.performance.str.contains("3P").to_numpy())
    row: Any = test.summary.set_index("statistic").loc["share_distinguishable"]
    return {
        "index_sure": exact(row["observed"]),
        "index_null": exact(row["null_mean"]),
        "index_p": probability(test.joint()[0]),
    }


def draw_permutation(chance: Chance) -> figures.Figure:
    """Draw the median t of every draw, between and within countries, beside the observed one."""
    tests = {side: chance.test(side) for side in TITLES}
    observed = {side: test.summary.set_index("statistic").observed for side, test in tests.items()}
    drawing, axes = figures.canvas(height=3.4, rows=2, sharex=True)
    for axis, (side, title) in zip(axes, TITLES.items(), strict=True):
        axis.hist(tests[side].draws.median_t, bins=np.arange(-1.6, 3.65, 0.1), color=palette.STEPS[1])
        for colour, width in ((palette.PAPER, 6), (palette.SECOND, 2)):  # also where bars are behind it
            axis.axvline(observed[side]["median_t"], color=colour, lw=width)
        axis.set(ylabel="Lotteries")
        axis.set_title(title, loc="left", fontsize="medium")
    height = 0.7 * axes[0].get_ylim()[1]
    axes[0].text(observed[BETWEEN]["median_t"] + 0.06, height, "the real world", color=palette.SECOND)
    axes[1].set(xlabel="Lead of close countries in the middle model, in standard errors")
    beaten = {
        side: f"{int((test.draws.median_t < observed[side]['median_t']).sum())} of {DRAWS}"
        for side, test in tests.items()
    }
    sure = {side: percent(values["share_distinguishable"]) for side, values in observed.items()}
    return figures.static(
        drawing,
        name="politics-permutation",
        title="Compared with each other, close countries lead further than in "
        f"{beaten[BETWEEN]} lotteries; each with itself, than in {beaten[WITHIN]}",
        subtitle="Each bar counts lotteries by how far close countries lead in their middle model; upright line: "
        "the same in the real world. This is the second sign; the first stands in the table above",
        alt="Two histograms. Between countries the line of the real world lies to the right of nearly all "
        f"lotteries, and {sure[BETWEEN]} of the models show a distinct lead; within countries it lies near the "
        f"right edge of the lotteries, and {sure[WITHIN]} do.",
        source=SOURCE,
        data=pd.concat([test.draws.assign(side=side) for side, test in tests.items()]).round(4),
    )
