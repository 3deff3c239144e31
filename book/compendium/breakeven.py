"""What each route against trafficking found, and what a dollar of one must achieve to match a dollar of the other.

Findings keep their own units: they are sorted and counted, never averaged, for a percentage point of enrolment
and a prevalence ratio have no common scale. A count says how many found anything, not how much.

The break-even needs no estimate of an effect. A conviction costs `per_conviction` dollars and prevents
`prevented` victims; the same money buys `per_conviction / per_place` places of schooling, training or work, so
each place must prevent that share of `prevented`. Against the risk of those who take the places it is a cut, and
a cut above one is impossible. `VEGA` holds the same formulas for live figures.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

FOUND, NONE, OTHER = "found", "none", "other outcome"

_EFFECT = "(prevented * per_place / per_conviction)"
VEGA: dict[str, str] = {
    "places": "(per_conviction / per_place)",
    "effect": _EFFECT,
    "cut": f"({_EFFECT} / (baseline * targeting))",
    "most_prevented": "(baseline * targeting * per_conviction / per_place)",
}


class BreakEvenError(ValueError):
    """A price, risk or finding that the comparison cannot use; the message names it."""


@dataclass(frozen=True)
class Comparison:
    """A conviction against places of schooling, training or work: US dollars, victims, yearly risk (0 to 1).

    `per_place` is the cost of a place for a year; `baseline` the average person's yearly risk of being
    trafficked; `targeting` how many times that risk those have who take the places.
    """

    per_conviction: float
    per_place: float
    prevented: float
    baseline: float
    targeting: float = 1.0

    def __post_init__(self) -> None:
        for name in ("per_conviction", "per_place", "prevented", "baseline", "targeting"):
            if not getattr(self, name) > 0:
                raise BreakEvenError(f"comparison: {name} is {getattr(self, name)}; expected above 0")
        if self.baseline * self.targeting > 1:
            raise BreakEvenError(
                f"comparison: a risk of {self.baseline} times {self.targeting} exceeds 1; lower one of them"
            )

    @property
    def places(self) -> float:
        """Places for a year that the money of one conviction buys."""
        return self.per_conviction / self.per_place

    @property
    def effect(self) -> float:
        """Victims that each place must prevent, for its money to do as much as a conviction's."""
        return self.prevented / self.places

    @property
    def cut(self) -> float:
        """The same as a share of the risk of those who take the places; above 1 no place can match it."""
        return self.effect / (self.baseline * self.targeting)

    @property
    def most_prevented(self) -> float:
        """Victims that a conviction must prevent to match places that end the whole risk of those who take them."""
        return self.baseline * self.targeting * self.places


def findings(evidence: pd.DataFrame, routes: Mapping[str, str], outcomes: Mapping[str, str]) -> pd.DataFrame:
    """The evaluations of each route: what each looked at and whether it printed an effect.

    `evidence` has id, theme, study, design, effect, effect_low, effect_high and bearing; `routes` maps themes to
    routes, `outcomes` maps the ids that are evaluations to a kind of outcome. Rows without an entry in both are
    left out. Columns added: route, kind, effective: an effect above zero was printed. Raises BreakEvenError if a
    row neither prints an effect nor says that it cuts against the route, for then nothing was found either way.
    """
    rows = evidence[evidence["theme"].isin(routes) & evidence["id"].isin(outcomes)]
    printed = rows[["effect", "effect_low"]].gt(0).any(axis=1)
    silent = rows[~printed & (rows["bearing"] != "cuts_against")]
    if len(silent):
        raise BreakEvenError(
            f"findings: {silent['id'].iloc[0]!r} prints no effect and is not said to have found none; "
            "expected one of the two"
        )
    return rows.assign(route=rows["theme"].map(routes), kind=rows["id"].map(outcomes), effective=printed)


def verdicts(found: pd.DataFrame, counted: Collection[str]) -> pd.DataFrame:
    """One row for each evaluation of `findings`: route, study, design and reading.

    The reading is `found` if an effect on a counted kind of outcome was printed; `none` if it looked at a counted
    kind and printed none; `other outcome` if it looked at no counted kind, whatever it found of others.
    """
    rows = []
    for (route, study), group in found.groupby(["route", "study"], sort=True):
        about = group["kind"].isin(list(counted))
        if (about & group["effective"]).any():
            reading = FOUND
        elif about.any():
            reading = NONE
        else:
            reading = OTHER
        rows.append((route, study, group["design"].iloc[0], reading))
    return pd.DataFrame(rows, columns=["route", "study", "design", "reading"])


def tally(evaluations: pd.DataFrame, routes: Collection[str]) -> dict[str, int]:
    """Evaluations that found a counted effect, and that looked and found none: `{"education_found": 0, ...}`."""
    counts = {}
    for route in routes:
        readings = evaluations.loc[evaluations["route"] == route, "reading"]
        counts[f"{route}_found"] = int((readings == FOUND).sum())
        counts[f"{route}_null"] = int((readings == NONE).sum())
    return counts
