"""Country by country: what the State Department says of a country's convictions of 2017, beside UNODC's count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.enforcement.world import LAX_TOLERANCE, TOLERANCE, UNODC
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, interval, listing, percent
from compendium.figures import palette
from compendium.methods.counts import agreement
from compendium.methods.counts.agreement import AgreementShare

NONE_AT = 0.6  # where a country without convictions is drawn on the log scale
NAMED = ("KHM",)
STRICT_TOLERANCE = 0.1


@dataclass(frozen=True)
class Matched:
    """Countries with both counts of 2017: tip_convictions and unodc_convicted, and whether they agree.

    `earlier` has the countries of which the text gives only a count of 2016 (tip_alternative), in the same columns.
    """

    rows: pd.DataFrame
    earlier: pd.DataFrame
    without: int

    @property
    def share(self) -> AgreementShare:
        """How many agree within a quarter by the rule of the page, with the exact interval."""
        return _share(self.rows.agrees)

    @property
    def of_unodc(self) -> AgreementShare:
        """How many differ by at most a quarter of UNODC's count."""
        return _share(self.rows.near_unodc)

    @property
    def sure(self) -> AgreementShare:
        """How many agree by the rule among those whose count the reader is sure of."""
        return _share(self.rows[self.rows.confidence == "high"].agrees)

    def within(self, tolerance: float) -> AgreementShare:
        """How many agree within another tolerance, by the rule of the page."""
        return _share(pd.Series(agreement.agree(self.rows.tip_convictions, self.rows.unodc_convicted, tolerance)))

    @property
    def either_count(self) -> AgreementShare:
        """How many agree by the first count of the text or by the second, where it gives two."""
        second = self.rows.tip_alternative.fillna(self.rows.tip_convictions).astype(int)
        return _share(self.rows.agrees | agreement.agree(second, self.rows.unodc_convicted, TOLERANCE))

    @property
    def with_earlier(self) -> AgreementShare:
        """How many agree if a count of 2016 stands for 2017 where the text gives no other."""
        earlier = agreement.agree(self.earlier.tip_alternative.astype(int), self.earlier.unodc_convicted, TOLERANCE)
        return _share(pd.concat([self.rows.agrees, pd.Series(earlier)], ignore_index=True))

    @property
    def on_the_line(self) -> list[str]:
        """Countries that agree or not by which count the quarter is taken of."""
        return list(self.rows[self.rows.agrees != self.rows.near_unodc].country)


def _share(agrees: pd.Series) -> AgreementShare:
    return agreement.agreement_share(np.where(agrees, agreement.SURELY, agreement.NO))


def matched() -> Matched:
    """Read the countries; those of which the text gives no count, or was not seen, are only numbered."""
    known = tables.read("tip_country_convictions")
    rows = known[known.tip_convictions.notna() & (known.status != "unverified")]
    earlier = known[known.tip_convictions.isna() & known.tip_alternative.notna() & (known.status != "unverified")]
    names = tables.read("countries").set_index("iso3").name
    ours, theirs = rows.tip_convictions.astype(int), rows.unodc_convicted
    rows = rows.assign(
        country=names.reindex(rows.iso3).tolist(),
        tip_convictions=ours,
        agrees=agreement.agree(ours, theirs, TOLERANCE),
        near_unodc=(ours - theirs).abs() <= TOLERANCE * theirs,
    )
    return Matched(rows.sort_values("unodc_convicted", ignore_index=True), earlier, len(known) - len(rows))


def two_official_counts(found: Matched, years: AgreementShare) -> dict[str, float]:
    """The numbers of the claim `two-official-counts`: matched countries, and beside them the years of two sums."""
    return {**_numbers(found.share), "world_low": years.low, "world_high": years.high}


def two_official_counts_alternatives(found: Matched) -> dict[str, dict[str, float]]:
    """The numbers on matched countries under each declared alternative."""
    choices = {
        "of-unodc": found.of_unodc,
        "within-half": found.within(LAX_TOLERANCE),
        "within-tenth": found.within(STRICT_TOLERANCE),
        "surest": found.sure,
        "either-count": found.either_count,
        "with-2016": found.with_earlier,
    }
    return {name: _numbers(share) for name, share in choices.items()}


def _numbers(share: AgreementShare) -> dict[str, float]:
    return {
        "agree_share": share.share_low,
        "agree_low": share.low,
        "agree_high": share.high,
        "countries": share.years,
    }


def words_on_matched(found: Matched) -> dict[str, str]:
    """How many countries agree, by both bases of a quarter, and among the surest."""

    def tenths(share: float) -> str:
        return percent(share, 1)

    ours, wide, sure, earlier = found.share, found.of_unodc, found.sure, found.with_earlier
    ratio = found.rows.tip_convictions / found.rows.unodc_convicted
    return {
        "matched": count(ours.years),
        "matched_without": in_words(found.without),
        "matched_agree": count(ours.surely),
        "matched_share": percent(ours.share_low, 1),
        "matched_interval": interval(ours.low, ours.high, tenths),
        "matched_wide": count(wide.surely),
        "matched_wide_interval": interval(wide.low, wide.high),
        "matched_line": listing(found.on_the_line),
        "matched_sure": f"{sure.surely} of {sure.years}",
        "matched_half": count(found.within(LAX_TOLERANCE).surely),
        "matched_tenth": count(found.within(STRICT_TOLERANCE).surely),
        "matched_either": count(found.either_count.surely),
        "matched_2016": f"{earlier.surely} of {earlier.years}",
        "matched_2016_interval": interval(earlier.low, earlier.high, tenths),
        "matched_below": count(int((ratio < 1).sum())),
        "matched_above": count(int((ratio > 1).sum())),
    }


def draw_matched(found: Matched) -> figures.Figure:
    """Draw the two counts of each country against each other, with the band in which they agree."""
    rows, share = found.rows, found.share
    drawing, axis = figures.canvas(height=4.0)
    ends = np.array([3.0, 4000.0])
    axis.fill_between(ends, ends / (1 + TOLERANCE), ends * (1 + TOLERANCE), color=palette.SOFT, lw=0)
    for agrees, colour, mark in ((True, palette.ACCENT, "o"), (False, palette.SECOND, "x")):
        own = rows[rows.agrees == agrees]
        axis.plot(own.unodc_convicted, own.tip_convictions.clip(lower=NONE_AT), mark, color=colour, ms=6)
    for row in rows[rows.iso3.isin(NAMED)].itertuples():
        axis.annotate(
            row.country,
            (row.unodc_convicted, row.tip_convictions),
            xytext=(8, -12),
            textcoords="offset points",
            color=palette.ACCENT,
        )
    marks = [1, 10, 100, 1000]
    axis.set(
        xscale="log",
        yscale="log",
        xlim=(4, 3500),
        ylim=(0.45, 3500),
        xticks=marks[1:],
        yticks=[NONE_AT, *marks],
        xlabel="Persons convicted in 2017, UNODC (log scale)",
        ylabel="State Department",
    )
    axis.set_xticklabels([count(mark) for mark in marks[1:]])
    axis.set_yticklabels(["none", *(count(mark) for mark in marks)])
    axis.minorticks_off()
    return figures.static(
        drawing,
        name="enforcement-matched",
        title=f"Country by country, the counts of 2017 agree within a quarter in {share.surely} of {share.years}",
        subtitle="Each mark a country with both counts; dots in the band agree, crosses do not",
        alt=f"{share.years} countries by both counts on log scales. {share.surely} lie in a narrow band of "
        "agreement along the diagonal, Cambodia among them; most crosses lie below it, where the State "
        "Department's text has fewer.",
        source=f"{UNODC}; State Department, report of 2018, country texts coded once by one reader.",
        data=rows[["iso3", "country", "tip_convictions", "unodc_convicted", "definition", "confidence", "agrees"]],
    )
