"""What the page reads: the panel of ranked country-years, and the names of countries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from compendium.evidence import searches, tables
from compendium.methods.tiers import multiverse

SOURCE = "TIP reports, complete lists; UN votes, World Bank, V-Dem, 3P index and others as in the data catalogue"


@dataclass(frozen=True)
class Facts:
    """The panel that all models share, and the name of each country by its ISO code."""

    panel: multiverse.Panel
    names: pd.Series


def facts() -> Facts:
    """Read the tables and join them, for the lists that were complete when the grid was declared."""
    return Facts(panel_of(multiverse.DECLARED_YEARS), tables.read("countries").set_index("iso3")["name"])


def words_on_record() -> dict[str, str]:
    """Return what officials and auditors said of politics in the ratings, and what was sought and not seen."""
    said = tables.read("tier_rules").set_index("id")["passage"]
    return {
        "offices": f"“{said['gao-2016-dispute']}”",
        "official": f"“{said['daily-2007-politics'].rstrip('.')}”",
        "cambodian": f"“{said['post-2019-politics'].rstrip('.')}”",
        **searches.not_seen("political-tiers"),
    }


def panel_of(years: Sequence[int]) -> multiverse.Panel:
    """Join the tables for the lists of the given report years."""
    return multiverse.build_panel(
        tables.read("tip_tiers"),
        tables.read("country_panel"),
        tables.read("anti_trafficking_3p"),
        tables.read("countries"),
        years,
    )
