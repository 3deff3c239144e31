"""What US texts of the essay's years said of how the police and the courts enforced the law of 2008."""

from __future__ import annotations

import pandas as pd

from compendium.chapters.justice.imposed import ESSAY
from compendium.evidence import tables
from compendium.evidence.numbers import in_words

LAW = 2008
BODIES = ("police", "courts")


def _texts() -> pd.DataFrame:
    """Passages of US texts from the law to the essay, one row each; what no text confirms is left out."""
    rows = tables.read("enforcement_observations")
    return rows[rows.year.between(LAW, ESSAY) & rows.status.ne("unverified")]


def _on_the_law() -> pd.DataFrame:
    """Those of the passages that speak of how the law of 2008 was enforced, and not of other crimes."""
    rows = _texts()
    return rows[rows.names_law.eq("yes")]


def irregularities_observed(texts: pd.DataFrame | None = None, bodies: tuple[str, ...] = BODIES) -> dict[str, int]:
    """The numbers of the claim: US texts that observe irregularities and that deny them, each text once."""
    rows = _on_the_law() if texts is None else texts
    about = rows[rows.body.isin(bodies)]
    observing = about[about.says.eq("observes")]
    return {
        "texts_observing": observing.document.nunique(),
        "texts_denying": about[about.says.eq("denies")].document.nunique(),
        **{f"texts_on_{body}": observing[observing.body.eq(body)].document.nunique() for body in BODIES},
    }


def irregularities_observed_alternatives() -> dict[str, dict[str, int]]:
    """The same numbers from what was read alone, with texts that name no law, and with nameless officials."""
    named, rows = _on_the_law(), _texts()
    return {
        "read-only": irregularities_observed(named[named.status.eq("read")]),
        "any-text": irregularities_observed(rows),
        "with-officials": irregularities_observed(rows, (*BODIES, "officials")),
    }


def table_of_observations() -> pd.DataFrame:
    """The passages by year: text, who is spoken of, the words, where they were seen."""
    rows = _texts().sort_values(["year", "id"])
    shown = rows[["year", "document", "body", "passage", "source"]].assign(
        passage="“" + rows.passage + "”",
        source=rows.source.where(rows.status.ne("restated"), rows.source + " (restated)"),
    )
    shown.columns = ["Year", "US text", "Of", "Words", "Seen in"]
    return shown.set_index("Year")


def words_on_observations() -> dict[str, str]:
    """How many US texts on the enforcement of the law observe irregularities, and how many deny them."""
    found = irregularities_observed()
    return {name: in_words(found[name]) for name in ("texts_observing", "texts_denying")}
