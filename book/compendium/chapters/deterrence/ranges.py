"""The ranges of a would-be trafficker's reckoning, where each comes from, and the arrest risk that counts imply."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from compendium.chapters.deterrence.series import YEARS_BEFORE, Counts
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, dollars, interval, percent
from compendium.methods.choice import deterrence
from compendium.methods.choice.deterrence import Span

MONEY = {"gain_per_person", "legal_income", "bribe", "stigma"}
SHARES = {"p_arrest", "p_conviction", "discount_rate", "p_bribe"}
ESTIMATES = ["khm_steinfatt2003", "khm_steinfatt2008", "khm_gsi2016", "khm_gsi2016_fm", "khm_gsi2023"]

Spans = dict[str, Span]


def spans(counts: Counts) -> Spans:
    """The range of every input of the reckoning, in dollars of 2009, years and shares."""
    justice = tables.read("cambodia_justice_system")
    law = tables.read("cambodia_penalties").set_index("id")
    month = tables.value("cambodia_series", "value", indicator="garment_min_wage_usd_month", sex="all", year=2009)
    profits = tables.read("global_profits").query("population_group == 'trafficked'")
    police = justice.value[justice.measure == "bribe_police_users"] / 100
    convicted = counts.first.convicted / counts.first.suspects
    return {
        # A month's wage to the ILO's world figure.
        "gain_per_person": Span(month, profits.per_person_usd.max(), "log"),
        "persons": Span(1, 10, "log"),  # assumption
        "legal_income": Span(6 * month, 24 * month),  # half and twice a year at the garment minimum: assumption
        "p_arrest": Span(0.001, 0.3, "log"),  # assumption, higher than the counts over the estimates
        "p_conviction": Span(convicted, 1.0),  # convicted of those arrested, to all of them
        "sentence_years": Span(law.min_years["KH-08-10"], law.aggravated_max_years["KH-08-10"]),  # Article 10
        "discount_rate": Span(0.05, 0.5),  # assumption
        "p_bribe": Span(police.min(), police.max()),  # users of the police who paid a bribe, least and most
        "bribe": Span(month, 100 * month, "log"),  # assumption: no price is published
        "hardship": Span(0.0, 5.0),  # assumption
        "stigma": Span(0.0, 40 * month),  # assumption
    }


def _small_share(share: float) -> str:
    return percent(share, 1 if share < 0.01 else 0)


def words_on_spans(spans: Spans) -> dict[str, str]:
    """The two ends of every range, the middle of the arrest risk, and how wide two of them are."""
    said = {}
    for name, span in spans.items():
        form = dollars if name in MONEY else _small_share if name in SHARES else count
        said[f"span_{name}"] = interval(span.low, span.high, form)
    paid = tables.read("court_statements").amount_usd.dropna()
    said["withdrawn"] = dollars(float(paid.min())) if len(paid) else "none"
    said["top_arrest"] = percent(spans["p_arrest"].high)
    return {**said, "middle_arrest": percent(float(spans["p_arrest"].at(np.asarray(0.5))), 1)}


def victims_estimated() -> pd.Series:
    """Central estimates of victims in Cambodia; a source left out of the table leaves out its estimate."""
    return tables.read("global_estimates").set_index("id").value_central.reindex(ESTIMATES)


def victims_per_trafficker() -> float:
    """Victims to a person prosecuted in Vietnamese court cases."""
    facts = tables.read("prison_study_facts").set_index("id")
    return facts.value["T01b"] / facts.value["T01c"]


def implied_risks(counts: Counts) -> pd.DataFrame:
    """Yearly chance of arrest where a count can be set against an estimate: years, caught, victims, what, risk."""
    estimates = victims_estimated()
    counted = tables.read("cambodia_enforcement").set_index("id").reindex(["tip-2015", "tip-2021"])
    series = counts.series
    unodc = series[(series.measure == "prosecuted") & (series.source == "UNODC")]
    charged = unodc.set_index("year").low.reindex([2007])
    labour = estimates["khm_gsi2016"] - estimates["khm_gsi2016_fm"]
    arrests = counts.first.suspects / YEARS_BEFORE
    pairs = pd.DataFrame(
        [
            ("2002 to 2005", arrests, estimates["khm_steinfatt2003"], "arrests a year, forced sex work"),
            ("2007 and 2008", charged[2007], estimates["khm_steinfatt2008"], "prosecuted, forced sex work"),
            ("2015", counted.prosecuted["tip-2015"], labour, "prosecuted, forced labour of all kinds"),
            ("2021", counted.suspects["tip-2021"], estimates["khm_gsi2023"], "arrested, modern slavery"),
        ],
        columns=["years", "caught", "victims", "what"],
    ).dropna()
    each, rows = victims_per_trafficker(), zip(pairs.caught, pairs.victims, strict=True)
    return pairs.assign(risk=[deterrence.arrest_risk(caught, victims, each) for caught, victims in rows])


def words_on_risks(risks: pd.DataFrame) -> dict[str, str]:
    """The least and the highest arrest risk that counts and estimates imply."""
    by_risk = risks.sort_values("risk", kind="stable")
    return {
        "per_trafficker": decimal(victims_per_trafficker(), 2),
        "implied_low": percent(risks.risk.min(), 2),
        "implied_high": percent(risks.risk.max()),
        "rarest": by_risk.years.iloc[0],
        "likeliest": by_risk.years.iloc[-1],
    }


def words_on_sightings() -> dict[str, str]:
    """What is claimed of minors in sex venues, and what one paper says of the study of 2003."""
    venues: Any = tables.read("policy_evidence").set_index("id").loc["ijm-minors"]
    claimed = _named(r"(\d+)-(\d+) percent claimed", venues.note)
    method = tables.value("global_estimates", "method", id="khm_steinfatt2003")
    judged, of_workers = _named(r"([\d,]+) of ([\d,]+) workers", method)
    return {
        "venue_claimed": f"{claimed[0]}% to {claimed[1]}%",
        "judged": judged,
        "of_workers": of_workers,
        "sex_2003": count(victims_estimated()["khm_steinfatt2003"]),
    }


def _named(pattern: str, text: str) -> tuple[str, str]:
    """The two numbers that a source's words name."""
    found = re.search(pattern, text)
    if not found:
        raise ValueError(f"deterrence: expected words like {pattern!r}; found {text!r}")
    return found[1], found[2]
