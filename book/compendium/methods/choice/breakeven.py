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

FOUND, SAID, NONE, OTHER = "found", "said", "none", "other outcome"
RULED_OUT, DISPUTED = "ruled out", "disputed"
# The smallest effect that would matter, by unit: a gain that reaches it, interval and all, is found, and one that
# stays below it, interval and all, is ruled out. The sizes are this book's own: five in a hundred more in work, a
# tenth more earned, a tenth of a standard deviation.
MATTERS = {"percentage points": 5.0, "percent": 10.0, "standard deviations": 0.1}
# Of trafficking, which is rare, no programme could spare five people in a hundred: the size that matters is a share
# of what it was, the smallest that the book calls a fall where it asks whether the law deters.
TRAFFICKING, FALL = "trafficking", 0.2
SUPPORTS, AGAINST = "supports", "cuts_against"  # bearings of a finding: an effect, or none

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


def findings(evidence: pd.DataFrame, routes: Mapping[str, str]) -> pd.DataFrame:
    """The findings on each route: the kind of outcome looked at, and whether an effect was found.

    `evidence` has id, theme, study, published, programme, outcome_class, before, effect_low, effect_high, unit and
    bearing; effects are gains, so of trafficking how much less of it, and `before` is what it was, in per cent;
    `routes` maps themes to routes, and rows of other themes are left out. Columns added: route, kind and effective,
    true where the finding supports the route and false where it cuts against it. Raises BreakEvenError for any
    other bearing, for then nothing was found either way.
    """
    rows = evidence[evidence["theme"].isin(routes)]
    silent = rows[~rows["bearing"].isin([SUPPORTS, AGAINST])]
    if len(silent):
        raise BreakEvenError(
            f"findings: {silent['id'].iloc[0]!r} has the bearing {silent['bearing'].iloc[0]!r}; "
            f"expected {SUPPORTS!r} or {AGAINST!r}"
        )
    effective = rows["bearing"].eq(SUPPORTS)
    return rows.assign(route=rows["theme"].map(routes), kind=rows["outcome_class"], effective=effective)


def verdicts(found: pd.DataFrame, counted: Collection[str]) -> pd.DataFrame:
    """One row for each paper of `findings`: route, programme, study, published and reading.

    The reading is `found` if the printed interval of an effect on a counted kind of outcome lies at or above a size
    that matters (`matters`); `said` if an effect was found whose interval was not printed or reaches below; `ruled
    out` if it found none and every interval lies below that size; `none` if it found none and cannot rule one out;
    `other outcome` if it looked at no counted kind, whatever it found of others.
    """
    rows = []
    for (route, programme, study), group in found.groupby(["route", "programme", "study"], sort=True):
        looked = group[group["kind"].isin(list(counted))]
        effective = looked[looked["effective"]]
        if len(effective):
            surely = effective["effect_low"] >= matters(effective)
            reading = FOUND if surely.any() else SAID
        elif len(looked) and (looked["effect_high"] < matters(looked)).all():
            reading = RULED_OUT
        else:
            reading = NONE if len(looked) else OTHER
        rows.append((route, programme, study, group["published"].max(), reading))
    return pd.DataFrame(rows, columns=["route", "programme", "study", "published", "reading"])


def matters(found: pd.DataFrame) -> pd.Series:
    """The smallest effect that would matter for each finding, in its own unit; NaN where none can be said.

    `found` has kind, unit and before. Of trafficking it is the share `FALL` of what it was before.
    """
    before = pd.to_numeric(found["before"]).where(found["unit"] == "percentage points")
    fall = (FALL * before).where(found["unit"] != "percent", 100 * FALL)
    return fall.where(found["kind"] == TRAFFICKING, found["unit"].map(MATTERS))


def programmes(papers: pd.DataFrame, decides: str = "all") -> pd.DataFrame:
    """One row for each programme that a paper looked at: route, programme and reading.

    Papers that disagree leave it `disputed`, unless `decides` is `later` or `earlier`: then the paper published
    last or first decides.
    """
    rows = []
    looked = papers[papers["reading"] != OTHER].sort_values("published", kind="stable")
    for (route, programme), group in looked.groupby(["route", "programme"], sort=True):
        readings = group["reading"].tolist()
        if decides == "all":
            reading = readings[0] if len(set(readings)) == 1 else DISPUTED
        else:
            reading = readings[-1 if decides == "later" else 0]
        rows.append((route, programme, reading))
    return pd.DataFrame(rows, columns=["route", "programme", "reading"])


def tally(readings: pd.DataFrame, routes: Collection[str], as_said: bool = False) -> dict[str, int]:
    """Programmes with an effect, with one ruled out, and left open, by route: `{"education_found": 0, ...}`.

    With `as_said` a finding counts without a printed interval: of an effect as found, of none as ruled out.
    """
    counts = {}
    towards, against = ({FOUND, SAID}, {RULED_OUT, NONE}) if as_said else ({FOUND}, {RULED_OUT})
    for route in routes:
        own = readings.loc[readings["route"] == route, "reading"]
        counts[f"{route}_found"] = int(own.isin(list(towards)).sum())
        counts[f"{route}_ruled_out"] = int(own.isin(list(against)).sum())
        counts[f"{route}_open"] = len(own) - counts[f"{route}_found"] - counts[f"{route}_ruled_out"]
    return counts
