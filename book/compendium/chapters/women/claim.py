"""The numbers of the claim that four in five are women: reported, counted, held, in the country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium.evidence import searches, study, tables
from compendium.evidence.numbers import percent
from compendium.methods.shares import printed, proportions, sexratio
from compendium.methods.shares.proportions import Interval

CAUGHT = r"convict|sentenc|prison|held|jail"  # words of a sample of people after a verdict
TWICE = 2.0  # how many times as readily women may have been interviewed, or left out
NOTHING = Interval(0.0, 1.0, 0.5, "nothing is known", 1.0)


@dataclass(frozen=True)
class Counted:
    """Counts of women among all interviewed, and the number that the claim's bounds are made with."""

    published: tuple[int, ...]
    women: int | None


def counted() -> Counted:
    """Read the published counts of women among the interviewed; else what the printed percentage allows."""
    size = study.size()
    counts = [int(number) for number in study.figures("sex", "persons").value.dropna()]
    for share in study.figures("sex", "percent").value.dropna():
        counts += proportions.grim_percent(f"{share:g}", size).candidates[:1]
    percentage = study.printed("K10")
    fitting = proportions.grim_percent(percentage, size).candidates if percentage else ()
    return Counted(tuple(counts), counts[0] if counts else fitting[0] if fitting else None)


def _held(found: Counted) -> Interval:
    """The share of women among all held in the eight prisons, with nothing assumed of those not interviewed."""
    held = study.held()
    return (
        NOTHING
        if held is None or found.women is None
        else proportions.manski_bounds(found.women, study.size(), held)
    )


def _samples(stages: str, sought: bool) -> pd.DataFrame:
    """Cambodian samples other than the study whose basis names, or does not name, one of these stages."""
    rows = tables.read("trafficker_samples").query("iso3 == 'KHM' and status != 'unverified'")
    rows = rows[~rows.source.str.contains("Keo") & rows.women.notna() & rows.n.notna()]
    return rows[rows.basis.str.contains(stages, case=False) == sought]


def _each(samples: pd.DataFrame) -> list[Interval]:
    return [proportions.wilson(int(some), int(n)) for some, n in zip(samples.women, samples.n, strict=True)]


def country() -> list[Interval]:
    """Women's share among people convicted or imprisoned in the country: UNODC's counts and counted samples."""
    summed: Any = sexratio.by_country(tables.read("unodc_convicted_by_sex").query("iso3 == 'KHM'"))
    unodc = [
        proportions.hull(
            proportions.wilson(row.women_min, row.totals_low), proportions.wilson(row.women_max, row.totals_high)
        )
        for row in summed.itertuples()
    ]
    return unodc + _each(_samples(CAUGHT, sought=True))


def suspects() -> list[Interval]:
    """Women's share among Cambodian suspects, sample by sample."""
    return _each(_samples(CAUGHT, sought=False))


def women_80() -> dict[str, float | None]:
    """The numbers of the claim `women-80`."""
    found, reports = counted(), study.texts("women")
    shares = [number / study.size() for number in found.published]
    inside, convicted, accused = _held(found), printed.together(country()), printed.together(suspects())
    return {
        "texts_reporting": reports.reporting,
        "texts_denying": reports.denying,
        "counts_seen": len(shares),
        "counted_low": min(shares, default=None),
        "counted_high": max(shares, default=None),
        "worst_low": inside.low,
        "worst_high": inside.high,
        "country_counts": len(country()),
        "country_low": convicted.low if convicted else None,
        "country_high": convicted.high if convicted else None,
        "suspects_counts": len(suspects()),
        "suspects_low": accused.low if accused else None,
        "suspects_high": accused.high if accused else None,
    }


def women_80_alternatives() -> dict[str, dict[str, float | None]]:
    """What changes under each declared alternative."""
    found, size, held = counted(), study.size(), study.held()
    only_read = study.texts("women", only_read=True)
    told: dict[str, dict[str, float | None]] = {"read-only": {"texts_reporting": only_read.reporting}}
    if found.women is None or held is None:
        return told | {name: {} for name in ("random", "bounded-10", "all-held", "women-easier", "women-harder")}
    of_all = proportions.grim_percent(study.printed("K10") or "80", held).candidates
    return told | {
        "random": _ends(proportions.hypergeometric(found.women, size, held)),
        "bounded-10": _ends(proportions.bounded_variation(found.women, size, held, 0.1)),
        "all-held": {"worst_low": of_all[0] / held, "worst_high": of_all[-1] / held},
        "women-easier": _if_reached(found.women, size, held, TWICE),
        "women-harder": _if_reached(found.women, size, held, 1 / TWICE),
    }


def _ends(found: Interval) -> dict[str, float | None]:
    return {"worst_low": found.low, "worst_high": found.high}


def _if_reached(women: int, size: int, held: int, ratio: float) -> dict[str, float | None]:
    """The share among all held if a woman was interviewed `ratio` times as readily as a man."""
    # women / W = ratio * men / (held - W), the rates at which each was interviewed
    share = women / (women + ratio * (size - women))
    fewest, most = women / held, (held - size + women) / held
    return dict.fromkeys(("worst_low", "worst_high"), min(max(share, fewest), most))


def words_on_reach() -> dict[str, str]:
    """Women's share among all held, had women been interviewed twice or half as readily as men."""
    changed = women_80_alternatives()
    shares = {name: changed[f"women-{name}"].get("worst_low") for name in ("easier", "harder")}
    return {name: percent(share) if share is not None else "not known" for name, share in shares.items()}


def words_not_seen() -> dict[str, str]:
    """What was looked for on the claim of the page and not seen, or in part, and where."""
    return searches.not_seen("women-80")
