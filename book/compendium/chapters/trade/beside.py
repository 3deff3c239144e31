"""What stands beside the 91: counted samples of traffickers elsewhere, sums in wages, and facts on the country."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium.chapters.trade.claims import (
    balance,
    modest_gains,
    modest_gains_alternatives,
    modest_gains_together,
    out_of_work,
    push_and_pull,
    unschooled,
)
from compendium.chapters.trade.prices import by_case, highest_case
from compendium.evidence import study, tables
from compendium.evidence.numbers import count, dollars, in_words, interval, trimmed
from compendium.methods.shares import samples
from compendium.methods.shares.counted import side
from compendium.methods.shares.proportions import clopper_pearson


def table_of_balance() -> pd.DataFrame:
    """Each sample of traffickers: how many were organised, of how many, with the exact interval and the side."""
    rows = tables.read("organisation_samples").query("status in ('read', 'restated')")
    row: Any
    shown = []
    for row in samples.one_row_each(rows).sort_values(["status", "sample"]).itertuples():
        counted = not (pd.isna(row.organised) or pd.isna(row.n))
        share = clopper_pearson(int(row.organised), int(row.n)) if counted else None
        told = f"{count(row.organised)} of {count(row.n)} {row.unit}" if share else f"in words, {row.says}"
        ends = interval(share.low, share.high) if share else "—"
        points_to = side(int(row.organised), int(row.n)) if share else "—"
        shown.append((row.sample, told, ends, points_to, row.status))
    columns = ["sample", "organised", "95% interval", "points to", "text"]
    return pd.DataFrame(shown, columns=columns).set_index("sample")


def words_on_balance() -> dict[str, str]:
    """How many samples point which way, as the rule counts them and with more of them let in."""
    rows = tables.read("organisation_samples")
    strict, in_print = balance(), samples.balance_of_samples(rows, words=True)
    wide = samples.balance_of_samples(rows, restated=True, words=True)
    own = samples.balance_of_samples(rows, same_author=True)
    by_person: Any = rows.set_index("id").loc["us-federal-defendants"]
    return {
        "organised_samples": _none(strict.organised),
        "small_samples": in_words(strict.small).capitalize(),
        "organised_words": _none(in_print.organised),
        "small_words": in_words(in_print.small),
        "organised_wide": in_words(wide.organised),
        "small_wide": in_words(wide.small),
        "organised_own": _none(own.organised),
        "small_own": in_words(own.small),
        "us_grouped": count(by_person.organised),
        "us_persons": count(by_person.n),
        "least_samples": in_words(samples.LEAST),
    }


def _none(number: int) -> str:
    return "none" if number == 0 else in_words(number)


def words_on_reports() -> dict[str, str]:
    """What the abstract and the reader of the working paper say of the traits, and how many voices they are."""
    rows = tables.read("study_reports").set_index("id").passage
    return {
        "abstract": str(rows["article-poor"]).rstrip("."),
        "little": str(rows["summary-small"]).rstrip("."),
        "voices_small": _none(study.texts("small").reporting),
    }


def words_on_sums() -> dict[str, str]:
    """What was received for a person, in yearly wages, how many cases there are, and whose word the highest is."""
    found, cases, highest = modest_gains(), by_case(), highest_case()
    low = float(found["sum_low"] or 0)
    most: Any = highest.sort_values("amount_high").iloc[-1]
    return {
        "priced_cases": in_words(len(cases)),
        "sum_low": trimmed(low, 2),
        "sum_low_days": count(365 * low),
        "sum_police": dollars(most.amount_high),
        "sum_year": str(most.year),
        "sum_court": dollars(highest.amount_low.min()),
        "sum_high": trimmed(float(found["sum_high"] or 0), 1),
        "sum_high_likely": trimmed(float(by_case(confirmed=False).high.max()), 1),
        "below_a_year": in_words(int((cases.high < 1).sum())),
        **_words_on_wider_sums(),
    }


def _words_on_wider_sums() -> dict[str, str]:
    """How many cases there are if prices abroad, sums of whole cases or both are let in, and the interval then."""
    alone, both = modest_gains_alternatives(), modest_gains_together()["sale-prices + case-sums"]
    counted = {
        "cases_sale": alone["sale-prices"]["priced_cases"],
        "cases_whole": alone["case-sums"]["priced_cases"],
        "cases_both": both["priced_cases"],
    }
    return {
        **{name: in_words(int(cases or 0)) for name, cases in counted.items()},
        "both_low": trimmed(float(both["sum_low"] or 0), 2),
        "both_high": trimmed(float(both["sum_high"] or 0), 1),
    }


def table_of_country_facts() -> pd.DataFrame:
    """Facts on Cambodia that bear on lawful and unlawful chances, with the way in which they point."""
    rows = tables.read("statement_evidence").query(
        "statement_id in ('E44', 'E45', 'E46') and place == 'Cambodia' and status in ('read', 'restated')"
    )
    ways = {"for": "towards the essay", "against": "against it", "context": "neither"}
    shown = pd.DataFrame(
        {"year": rows.year_from, "it says": rows.statement, "points": rows.direction.map(ways), "text": rows.status}
    )
    return shown.sort_values(["points", "year"]).set_index("year")


def words_on_push() -> dict[str, str]:
    """How many facts on the country point which way, and how common little schooling and no work were there."""
    school, work, facts = unschooled(), out_of_work(), push_and_pull()
    return {
        "country_for": in_words(int(facts["country_for"] or 0)),
        "country_against": in_words(int(facts["country_against"] or 0)),
        "country_unschooled": interval(school.low, school.high),
        "country_out_of_work": interval(work.low, work.high),
    }
