"""The numbers of the claim on the sample: did the interviews take place, and for whom can they speak."""

from __future__ import annotations

from dataclasses import dataclass

from compendium.chapters.sample import means
from compendium.chapters.sample.assumption import published
from compendium.chapters.sample.coverage import Study
from compendium.evidence import study, tables
from compendium.evidence.numbers import count, points, trimmed
from compendium.methods.shares import proportions, twostage

LINE = 0.1  # of the rule: how far off a share may be
ALIKE = 0.2  # how much alike the people of one prison may be, as an intraclass correlation, at most
MEANS = ("K02", "K10", "K14", "K17", "K18", "K19")


@dataclass(frozen=True)
class Margins:
    """Half-widths of what the interviews say of a share of one half, as shares from 0 to 1.

    For the eight prisons with nothing assumed of the others (`worst`) and with a random draw (`random`); for the
    country with nothing assumed, and with prisons and people drawn at random: people of one prison no more alike
    than of any two (`country_best`), and as much alike as `ALIKE` (`country_cautious`).
    """

    worst: float
    random: float
    country_worst: float
    country_best: float
    country_cautious: float


def held_in_the_country() -> int | None:
    """The number held for trafficking in all prisons, if any source in the table gives it; the largest."""
    counts = tables.read("cambodia_prison_baseline").query("coverage == 'national' and status != 'unverified'")
    found = counts.value[counts.measure.str.contains("traffick") & (counts.unit == "persons")].dropna()
    return int(found.max()) if len(found) else None


def margins(held: int | None, everyone: int | None = None) -> Margins:
    """How far off a share among all held could be; what is not known is taken at its widest, or at its narrowest.

    Without the number held a random draw may be all of them (no error), and the worst case is a half.
    """
    sample = study.size()
    half = sample // 2
    prisons = study.printed("K04")
    whole = tables.read("cambodia_prison_baseline").query("measure == 'prisons'").value.max()
    national = 0.5 if everyone is None else proportions.manski_bounds(half, sample, max(everyone, sample)).width / 2
    if held is None:
        return Margins(0.5, 0.0, national, 0.0, 0.5)
    country = [
        twostage.margin(sample, int(prisons), all_places=int(whole), held=held, correlation=alike)
        if prisons and whole >= float(prisons)
        else unknown
        for alike, unknown in ((0, 0.0), (ALIKE, 0.5))
    ]
    return Margins(
        proportions.manski_bounds(half, sample, held).width / 2,
        proportions.hypergeometric(half, sample, held).width / 2,
        national,
        *country,
    )


GOOD = 110  # people held, of whom 91 would make a good prison survey


def words_on_what_would_do() -> dict[str, str]:
    """What a good survey of the eight prisons would leave open, and what prisons drawn by lot would."""
    found, good = margins(study.held()), margins(GOOD)
    return {
        "good_held": count(GOOD),
        "good_margin": points(good.worst, 0),
        "worst_margin": points(found.worst, 0),
        "random_margin": points(found.random, 0),
        "line": points(LINE, 0),
        "country_best": points(found.country_best, 0),
        "country_cautious": points(found.country_cautious, 0),
        "alike": trimmed(ALIKE),
    }


def _numbers(found: Margins) -> dict[str, float | None]:
    """The margins under the names that the claim declares."""
    return {
        "worst_margin": found.worst,
        "random_margin": found.random,
        "national_worst_margin": found.country_worst,
        "national_margin_best": found.country_best,
        "national_margin_cautious": found.country_cautious,
    }


def _voices(only_read: bool = False) -> dict[str, float | None]:
    """Voices other than the author's on the interviews."""
    interviews = study.texts("interviews", only_read=only_read, author=False)
    return {"confirming": interviews.reporting, "disputing": interviews.denying}


def _figures_that_clash() -> dict[str, float | None]:
    """Printed figures that arithmetic rules out, and readings that reconcile them; none without the figures."""
    held = study.held()
    if held is None or any(study.printed(fact) is None for fact in MEANS):
        return {"impossible_figures": 0, "reconciling_readings": 0}
    facts = Study(study.size(), held)
    people = published(facts)
    try:
        fitting = means.readings(facts, people).reconciling
    except ValueError:  # nothing has to be reconciled, or nothing can be
        fitting = 0
    return {"impossible_figures": means.checks(facts, people).impossible, "reconciling_readings": fitting}


def sample_91() -> dict[str, float | None]:
    """The numbers of the claim `sample-91`."""
    draw = study.texts("random_selection")
    return {
        **_voices(),
        **_numbers(margins(study.held(), held_in_the_country())),
        "drawn_at_random": 1 if draw.reporting > draw.denying else 0 if draw.denying > draw.reporting else -1,
        **_figures_that_clash(),
    }


def sample_91_alternatives() -> dict[str, dict[str, float | None]]:
    """What changes under each declared alternative."""
    held, sample = study.held(), study.size()
    within: dict[str, dict[str, float | None]] = {}
    for apart in (10, 30):
        found = held and proportions.bounded_variation(sample // 2, sample, held, apart / 100).width / 2
        within[f"bounded-{apart}"] = {"worst_margin": found or 0.5}
    return {
        **within,
        "random": {"drawn_at_random": 1},
        "chosen": {"drawn_at_random": 0},
        "whole-percent": _numbers(margins(study.held(decimals=False), held_in_the_country())),
        "read-only": _voices(only_read=True),
    }
