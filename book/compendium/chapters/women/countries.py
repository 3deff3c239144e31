"""Against other countries: women among convicted traffickers, pooled over what hidden counts may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.women.held import Held
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, interval, listing, percent
from compendium.figures import palette
from compendium.methods.shares import pooling, sexratio
from compendium.methods.shares.proportions import Interval

ENOUGH = 30  # women and men counted for certain, from which a country is ranked
FEWER, MORE = 20, 50  # other cut-offs
FOUR_IN_FIVE = (0.7, 0.9)  # the lines of the claim's rule
TAKINGS: tuple[sexratio.Taking, ...] = ("first", "second", "sum")  # of a cell that is printed twice
DOWNLOADED = "iso3 country years women_min women_max men_min men_max raw_low raw_high".split()
DOWNLOADED += ["share_low_y", "share_high_y", "low", "high"]
RENAMED = {
    "share_low_y": "pooled_low",
    "share_high_y": "pooled_high",
    "low": "credible_low",
    "high": "credible_high",
}


@dataclass(frozen=True)
class Countries:
    """Convicted by sex: every country that reports, those with enough people, and these pooled and ranked.

    In `ranking` the bounds of the share as reported are share_low_x and share_high_x, those of the pooled mean
    share_low_y and share_high_y; `asia` marks Asian countries. Cells printed twice are summed; `twice` has them,
    and `printed` the table as it takes one value of each.
    """

    convicted: pd.DataFrame
    reported: pd.DataFrame
    enough: pd.DataFrame
    ranking: pd.DataFrame
    printed: pd.DataFrame
    twice: pd.DataFrame

    @property
    def overcounted(self) -> pd.Series:
        """The country-years whose sexes exceed their printed total."""
        sexes = self.convicted[["women_min", "men_min"]].sum(axis=1, skipna=False)
        return sexes.gt(self.convicted.total_max).fillna(False)


def countries() -> Countries:
    """Sum the convicted of each country over its years, and pool the shares of those with enough people."""
    printed = tables.read("unodc_convicted_by_sex")
    twice = tables.read("unodc_by_sex_duplicates").query("indicator == 'persons_convicted'")
    convicted = sexratio.with_cells(printed, twice, "sum")
    reported = sexratio.by_country(convicted)
    enough = reported[reported.known >= ENOUGH].reset_index(drop=True)
    places = tables.read("countries").set_index("iso3")
    names = places.name.reindex(enough.iso3).tolist()
    enough["asia"] = (places.un_region.reindex(enough.iso3) == "Asia").tolist()
    pooled = pooling.envelope(
        enough.women_min, enough.totals_low, enough.women_max, enough.totals_high, labels=names
    )
    ranking = enough.assign(country=names).merge(pooled, left_on="country", right_on="group")
    ranking = ranking.sort_values(["share_low_y", "country"], ascending=[False, True])
    return Countries(convicted, reported, enough, ranking.reset_index(drop=True), printed, twice)


def _tails(study: Held, some: pd.DataFrame) -> list[Interval]:
    """How often a country of the same kind would show the study's share, at each corner of what is hidden."""
    return [
        pooling.tail_probability(study.women, study.sample, pooling.hyper_posterior(*corner))
        for corner in sexratio.configurations(some).values()
    ]


def _tenths(share: float) -> str:
    return percent(share, 1)


def words_on_tails(study: Held, found: Countries) -> dict[str, str]:
    """How extreme the study's share is among the countries, under several choices of them."""
    world = _tails(study, found.enough)
    asian = _tails(study, found.enough[found.enough.asia])
    rightly_counted = sexratio.by_country(found.convicted[~found.overcounted])
    choices = [
        found.reported[found.reported.known >= FEWER],
        found.reported[found.reported.known >= MORE],
        rightly_counted[rightly_counted.known >= ENOUGH],
    ]
    elsewhere = [tail.estimate for some in choices for tail in _tails(study, some)]
    of_100 = [100 * tail.estimate for tail in world]
    return {
        "tail": interval(min(t.estimate for t in world), max(t.estimate for t in world), _tenths),
        "tail_of_100": interval(min(of_100), max(of_100), lambda of: in_words(round(of))),
        "tail_widest": interval(min(t.low for t in world), max(t.high for t in world), _tenths),
        "tail_elsewhere": interval(min(elsewhere), max(elsewhere), _tenths),
        "overcounted": in_words(int(found.overcounted[found.convicted.iso3.isin(found.enough.iso3)].sum())),
        "tail_asia": interval(min(t.estimate for t in asian), max(t.estimate for t in asian)),
        "asian": count(int(found.ranking.asia.sum())),
    }


def words_on_twice(study: Held, found: Countries) -> dict[str, str]:
    """What each choice for the cells printed twice gives: countries, the share of all convicted, the tail."""
    said = {}
    for taking in TAKINGS:
        summed = sexratio.by_country(sexratio.with_cells(found.printed, found.twice, taking))
        some = summed[summed.known >= ENOUGH]
        low = some.women_min.sum() / some.totals_low.sum()
        high = some.women_max.sum() / some.totals_high.sum()
        tails = [tail.estimate for tail in _tails(study, some)]
        said[f"{taking}_countries"] = count(len(some))
        said[f"{taking}_share"] = interval(low, high, _tenths)
        said[f"{taking}_tail"] = interval(min(tails), max(tails), _tenths)
    names = tables.read("countries").set_index("iso3").name
    contradicted = found.twice[found.twice.sum_against_total != "consistent"].iso3.unique()
    return said | {
        "twice": count(len(found.twice)),
        "twice_places": in_words(found.twice.iso3.nunique()),
        "twice_contradicted": listing(sorted(names[contradicted])),
    }


def words_on_countries(study: Held, found: Countries) -> dict[str, str]:
    """Which countries reach the study's share, as reported and pooled."""
    ranking, reported = found.ranking, found.reported
    by_name: Any = ranking.set_index("country")
    many_reach = (reported.share_high[reported.known >= MORE] >= study.share).any()
    return {
        "enough": in_words(ENOUGH),
        "countries": count(len(ranking)),
        "reaching_raw": in_words(int((ranking.share_low_x >= study.share).sum())),
        "georgia_raw": interval(by_name.share_low_x["Georgia"], by_name.share_high_x["Georgia"]),
        "russia_raw": percent(by_name.share_low_x["Russia"]),
        "russia_n": count(by_name.known["Russia"]),
        "russia_pooled": interval(by_name.share_low_y["Russia"], by_name.share_high_y["Russia"]),
        "near_raw": in_words(
            int((ranking.share_low_x.ge(FOUR_IN_FIVE[0]) & ranking.share_high_x.le(FOUR_IN_FIVE[1])).sum())
        ),
        "uzbekistan": percent(by_name.share_low_x["Uzbekistan"]),
        "uzbekistan_pooled": percent(by_name.share_low_y["Uzbekistan"]),
        "uzbekistan_n": count(by_name.known["Uzbekistan"]),
        "top_uzbekistan": interval(by_name.top_low["Uzbekistan"], by_name.top_high["Uzbekistan"]),
        "top_russia": interval(by_name.top_low["Russia"], by_name.top_high["Russia"]),
        "top_georgia": percent(by_name.top_high["Georgia"]),
        "majority": in_words(int((ranking.share_low_x > 0.5).sum())),
        "many": count(MORE),
        "reaching_many": "some" if many_reach else "none",
        "above_worst": count(int((ranking.share_low_x > study.worst.low).sum())),
    }


# ---------------------------------------------------------------- the ranking


def draw_ranking(study: Held, found: Countries) -> figures.Figure:
    """Draw every country's share as reported, pooled and with its credible interval, below the study's."""
    ranking, share = found.ranking, study.share
    drawing, axis = figures.canvas(height=0.2 * len(ranking) + 1.9)
    ends = [study.worst.low, study.worst.high]
    axis.plot(ends, [-1.5, -1.5], color=palette.SECOND, lw=5, solid_capstyle="butt")
    for place, row in enumerate(ranking.itertuples()):
        _draw_country(axis, place, row)
    axis.axvline(share, color=palette.SECOND, lw=1, ls="--")
    for height, words in (
        (-3.0, "bar: all held, asked or not"),
        (-4.6, f"dashed: the {study.sample} interviewed"),
    ):
        axis.text(share - 0.015, height, words, color=palette.SECOND, ha="right", va="center")
    _label_countries(axis, ranking)
    reaching = int((ranking.low >= share).sum())
    including = ranking.country[(ranking.low <= share) & (ranking.high >= share)].tolist()
    return figures.static(
        drawing,
        name="women-ranking",
        title=f"{(in_words(reaching) if reaching else 'none').capitalize()} of {len(ranking)} countries surely "
        f"reach the study's share of women; {listing(including)} may",
        subtitle="Women's share of people convicted of trafficking, 2017 to 2022, where the sex of at least "
        f"{ENOUGH} is known. Tick: as the country reports it; two ticks where small counts are hidden. "
        "Thick bar: corrected for chance; thin line: how far that may be off (95% interval)",
        alt=_ranking_in_words(ranking, share, including),
        source="UNODC open data, file of 14 April 2025; own model. Convicted in 2017 to 2022 is another stage "
        "and time than held before 2011.",
        data=ranking[DOWNLOADED].rename(columns=RENAMED).round(4),
    )


def _draw_country(axis: Any, place: int, row: Any) -> None:
    colour, lighter = (palette.ACCENT, palette.STEPS[1]) if row.asia else (palette.MUTED, palette.QUIET)
    axis.plot([row.low, row.high], [place, place], color=colour, lw=1.2)
    axis.plot([row.share_low_y, row.share_high_y], [place, place], color=lighter, lw=5, solid_capstyle="round")
    axis.plot([row.raw_low, row.raw_high], [place, place], "|", color=palette.INK, ms=8)


def _label_countries(axis: Any, ranking: pd.DataFrame) -> None:
    axis.set(
        yticks=[-1.5, *range(len(ranking))],
        xlim=(0, 1),
        ylim=(len(ranking) - 0.4, -5.6),
        xlabel="Women’s share of convicted traffickers",
    )
    names = ranking.country + pd.Series(" (Asia)", ranking.index).where(ranking.asia, "")
    axis.set_yticklabels(["Cambodia, the study", *names], fontsize=9)
    axis.get_yticklabels()[0].set_color(palette.SECOND)
    axis.xaxis.set_major_formatter(lambda value, _: percent(value))
    axis.xaxis.set_ticks_position("both")
    axis.tick_params(axis="x", labeltop=True)
    axis.grid(axis="y", visible=False)


def _ranking_in_words(ranking: pd.DataFrame, share: float, including: list[str]) -> str:
    russia: Any = ranking.set_index("country").loc["Russia"]
    return (
        f"{len(ranking)} countries ordered by women's share, from {ranking.country[0]} with about "
        f"{percent(ranking.share_low_y[0])} down to {ranking.country.iloc[-1]}. The study's {percent(share)} is a "
        f"dashed line to the right of every country's bar, within the thin lines of {listing(including)}; "
        f"Russia's {percent(russia.share_low_x)} as reported becomes "
        f"{interval(russia.share_low_y, russia.share_high_y)}."
    )
