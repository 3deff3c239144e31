"""The numbers that the verdicts on the estimates and on growth rest on, and what moves them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from compendium.chapters.estimates.printed import ESSAY_YEAR, Published
from compendium.chapters.estimates.trend import CLAIMED, Curve
from compendium.evidence import tables
from compendium.evidence.numbers import in_words
from compendium.methods.counts import estimates, growth

GROUP = "group"  # one concept, scope and kind, however the people are defined


# ---------------------------------------------------------------- not supported by research


def _documented(rows: pd.DataFrame) -> dict[str, float]:
    found = estimates.documentation(rows)
    return {
        "estimates": found.estimates,
        "with_method": found.method,
        "documented_low": found.surely,
        "documented_high": found.possibly,
        "separate": found.separate,
    }


def _compared(rows: pd.DataFrame, **likeness: Any) -> dict[str, float | None]:
    """How far the median like-for-like pair lies apart, at least and at most; None where there is no pair."""
    found = estimates.pairs(rows, **likeness)
    least, greatest = (None, None) if found.empty else (found.least.median(), found.greatest.median())
    return {"pairs": len(found), "apart_low": least, "apart_high": greatest}


def _everything(rows: pd.DataFrame) -> dict[str, float | None]:
    return {**_documented(rows), **_compared(rows)}


def reviews(until: int = ESSAY_YEAR) -> dict[str, int]:
    """How many works read and printed up to a year judge for the essay's sentence, and how many against."""
    works = tables.read("literature")
    works = works[(works.status == "read") & (works.year <= until)]
    return {f"reviews_{word}": int((works.on_research == word).sum()) for word in ("for", "against")}


def unsupported_by_research(published: Published) -> dict[str, float | None]:
    """What the estimates printed before the essay state, and how far like-for-like pairs of them lie apart."""
    return {**_everything(published.before), **reviews()}


def unsupported_by_research_alternatives(published: Published) -> dict[str, dict[str, float | None]]:
    """The same over other estimates, and by other codings."""
    before = published.before
    grouped = before.assign(group=before.scope + before.concept_group + before.kind)
    found = _documented(before)
    return {
        "world-only": _everything(before[before.scope == "World"]),
        "read-only": _everything(before[before.status == "read"]),
        "later-too": {**_everything(published.own), **reviews(until=9999)},
        "unseen-is-none": {"documented_high": found["documented_low"]},
        "ten-years": _compared(before, years=10),
        "same-publisher": _compared(before, any_publisher=True),
        "looser-likeness": _compared(grouped, by=GROUP, years=100),
    }


def words_on_reviews() -> dict[str, str]:
    """How many works had examined the figures before the essay, and how many found them grounded."""
    found = reviews()
    return {
        "reviews": in_words(found["reviews_for"]),
        "reviews_against": in_words(found["reviews_against"]) if found["reviews_against"] else "none",
    }


# ---------------------------------------------------------------- growing


def _grown(drawn: Mapping[str, growth.Resampled], kept: Mapping[str, Any]) -> dict[str, float]:
    """The share of growing specifications with its interval, over those that are kept."""
    found: dict[str, float] = {}
    for name, resampled in drawn.items():
        share = resampled.share(kept[name])
        found |= {f"{name}_growth": share.estimate, f"{name}_low": share.low, f"{name}_high": share.high}
    return found


def growing(curve: Curve, drawn: Mapping[str, growth.Resampled]) -> dict[str, float]:
    """The shares of specifications in which victims and convictions surely grow, with intervals over countries."""
    return _grown(drawn, dict.fromkeys(CLAIMED))


def growing_alternatives(curve: Curve, drawn: Mapping[str, growth.Resampled]) -> dict[str, dict[str, float]]:
    """The same over some of the specifications."""

    def over(keep: Callable[[pd.DataFrame], Any]) -> dict[str, float]:
        rows = {name: curve.computed[curve.computed.indicator == indicator] for name, indicator in CLAIMED.items()}
        return _grown(drawn, {name: np.asarray(keep(some), dtype=bool) for name, some in rows.items()})

    return {
        "constant-panel": over(lambda d: d.panel == "constant"),
        "raw-sum": over(lambda d: d.panel == "raw"),
        "without-largest": over(lambda d: d.excluding == d.indicator.map(curve.largest)),
        "ten-years": over(lambda d: d.end - d.start >= 10),
        "until-2019": over(lambda d: d.end <= 2019),
    }
