"""Bribes, trials and the rule of law in Cambodia: shares counted in surveys and trials, and two indices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.justice.imposed import ESSAY
from compendium.chapters.justice.rates import Elsewhere, share_axis
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, dollars, in_words, interval, percent
from compendium.figures import palette
from compendium.methods.law import ranks
from compendium.methods.shares import proportions
from compendium.methods.shares.proportions import Interval

BARS = {
    "bribe-court-2007": "Court users who paid a bribe, 2007",
    "bribe-service-2007": "People who paid a bribe for a service, 2007",
    "bribe-any-2011": "People who paid any bribe, 2011",
    "bribe-any-2013": "People who paid any bribe, 2013",
    "bribe-any-2016": "People who paid any bribe, 2016",
    "perceived-judiciary-2020": "People who see corruption in the courts, 2020",
    "silence-2017": "Appeals, right to silence not explained, 2016–17",
    "charges-2018": "Appeals, charges not explained, 2017–18",
    "no-lawyer-2018": "Adults in lesser cases without a lawyer, 2017–18",
    "confession-2017": "Appeals, say they were forced to confess, 2016–17",
    "confession-claims-2007": "Defendants, say they were forced, 2007",
    "confession-2024": "Defendants, say they were forced, 2024",
}
BOUNDS = {"bribe-court-2007": "nearly ", "silence-2017": "over ", "no-lawyer-2018": "about "}  # as the sources say
COERCION = ["confession-2017", "confession-claims-2007", "confession-2024"]
OF_THE_GROUP = "group"  # the base that is printed counts those whom the share is of
YEARS = range(2008, 2013)  # from the law to the year after the essay
CORRUPTION, JUSTICE = "rank in perceived corruption, Transparency", "rank in the rule of law, Justice Project"
LOW_PLACE = 0.1  # the line of the claim's rule
NEARLY = 0.45  # where “nearly half” is taken to begin


@dataclass(frozen=True)
class Bribes:
    """Bribes among the court users of 2007, of whom only the respondents are counted, and bribes of any kind."""

    respondents: int
    nearly: tuple[float, float]  # shares that “nearly half” may mean
    any_bribe: pd.DataFrame
    latest: Interval
    service: float  # share who paid one for a service in 2007, 0 to 1

    def among(self, users: int) -> Interval:
        """Interval of the share of court users who paid, if so many of the respondents had used a court."""
        fewest, most = math.floor(self.nearly[0] * users), math.ceil(self.nearly[1] * users)
        return proportions.hull(proportions.wilson(fewest, users), proportions.wilson(most, users))

    def one_in(self, number: int) -> Interval:
        """That interval if one in so many had used a court."""
        return self.among(self.respondents // number)

    @property
    def fewest_users(self) -> int:
        """Fewest users of courts with whom the lower end stays at or above a quarter."""
        below = (asked for asked in range(1, self.respondents) if self.among(asked).low < 0.25)
        return 1 + max(below)


def bribes(elsewhere: Elsewhere) -> Bribes:
    """What surveys say of bribes, to courts in 2007 and of any kind later."""
    asked = int(elsewhere.courts.base["bribe-court-2007"])
    any_bribe = elsewhere.measure("bribe_any")
    paid = round(any_bribe.value["bribe-any-2016"] / 100 * any_bribe.base["bribe-any-2016"])
    latest = proportions.wilson(paid, int(any_bribe.base["bribe-any-2016"]))
    return Bribes(
        asked,
        (NEARLY, elsewhere.share("bribe-court-2007")),
        any_bribe,
        latest,
        elsewhere.share("bribe-service-2007"),
    )


def words_on_bribes(bribes: Bribes) -> dict[str, str]:
    """The share of court users who paid, what it rests on, and bribes of any kind."""
    assumed = bribes.one_in(10)
    return {
        "respondents": count(bribes.respondents),
        "bribes": interval(assumed.low, assumed.high),
        "any_first": percent(bribes.any_bribe.value["bribe-any-2011"] / 100),
        "any_last": percent(bribes.latest.estimate),
    }


def _bars(elsewhere: Elsewhere) -> pd.DataFrame:
    """The rows of the figure of courts: id, what, share, n, low, high; no interval where the base is of others."""
    share = {row: elsewhere.share(row) for row in BARS} | {
        "charges-2018": 1 - elsewhere.share("charges-2018"),
        "confession-2017": elsewhere.duress.estimate,
        "confession-2024": elsewhere.coercion.estimate,
    }
    base = elsewhere.courts.base.where(elsewhere.courts.base_is.eq(OF_THE_GROUP))
    bars = pd.DataFrame(
        [(row, words, share[row], base[row]) for row, words in BARS.items()],
        columns=["id", "what", "share", "n"],
    )
    rows: list[Any] = list(bars.itertuples())
    limits = [proportions.wilson(round(row.share * row.n), int(row.n)) if pd.notna(row.n) else None for row in rows]
    bars["low"], bars["high"] = ([getattr(limit, end, None) for limit in limits] for end in ("low", "high"))
    return bars


def draw_courts(elsewhere: Elsewhere) -> figures.Figure:
    """Bribes, missing safeguards and allegations of coercion in Cambodia."""
    bars = _bars(elsewhere)
    paid, coerced = bars.share[bars.id.str.startswith("bribe")], bars.share[bars.id.isin(COERCION)]
    row: Any
    drawing, axis = figures.canvas(height=0.46 * len(bars) + 0.5)
    for place, row in enumerate(bars.itertuples()):
        if pd.notna(row.low):
            axis.plot([row.low, row.high], [place, place], color=palette.ACCENT, lw=2)
        face = palette.ACCENT if pd.notna(row.n) else palette.PAPER
        axis.plot(row.share, place, "o", color=palette.ACCENT, mfc=face, ms=7)
        words = f"{row.what}: {BOUNDS.get(row.id, '')}{percent(row.share)}"
        axis.text(0, place - 0.24, words, va="bottom", color=palette.INK)
    share_axis(axis, len(bars))
    return figures.static(
        drawing,
        name="justice-courts",
        title=f"In every survey {percent(paid.min())} or more had paid a bribe; in court up to "
        f"{percent(coerced.max())} said that they were forced to confess",
        subtitle="Each dot is a share in Cambodia, over offences of every sort: of people asked, of appeals, or of "
        "defendants. Lines: 95% intervals. Open dot: how many people it is of was not seen",
        alt=f"Dot plot of {in_words(len(bars))} shares, from {percent(elsewhere.coercion.estimate)} of "
        "defendants alleging coercion "
        f"in 2024 to {percent(elsewhere.share('bribe-any-2011'))} of respondents who paid any bribe in 2011; "
        "nearly half of court users paid a bribe in 2007.",
        source="Surveys of Transparency International 2007 to 2020, as restated; trials watched by the Cambodian "
        "Center for Human Rights (CCHR) and by the Center for Social Development, press reports. "
        "Wilson intervals without an allowance for survey design.",
        data=bars,
    )


# ---------------------------------------------------------------- the rule of law


@dataclass(frozen=True)
class RuleOfLaw:
    """Cambodia's rule of law by two scores and a ranking."""

    scored: dict[int, pd.DataFrame]  # by year, all countries with a score and an error of the World Bank
    score: pd.DataFrame  # Cambodia's by year: score, se
    equality: pd.Series  # V-Dem's index of Cambodia by year
    equal: pd.DataFrame  # V-Dem's index of all countries: iso3, year, vdem_equality_before_law
    ranking: pd.DataFrame
    perceived: pd.DataFrame  # Cambodia's rank in the index of perceived corruption

    @property
    def below(self) -> dict[int, float]:
        """Share of countries scored below Cambodia, by year."""
        return {
            year: float((rows.wgi_rule_of_law < rows.wgi_rule_of_law[rows.iso3 == "KHM"].item()).mean())
            for year, rows in self.scored.items()
        }

    def place(self, year: int, score: str = "wgi_rule_of_law") -> Interval:
        """That share in one year, with the uncertainty of every score, or of another score."""
        rows = self.scored[year].dropna(subset=[score, f"{score}_se"]).reset_index(drop=True)
        cambodia = int(rows.index[rows.iso3 == "KHM"][0])
        return ranks.share_below(rows[score].tolist(), rows[f"{score}_se"].tolist(), cambodia)

    @property
    def below_in_equality(self) -> pd.Series:
        """Share of countries below Cambodia in V-Dem's equality before the law, by year, in the essay's years."""
        years = [year for year in YEARS if year in self.equality]
        scores = {year: self.equal.vdem_equality_before_law[self.equal.year.eq(year)] for year in years}
        return pd.Series([float((scores[year] < self.equality[year]).mean()) for year in years], index=years)

    @property
    def ranked_below(self) -> pd.Series:
        """Share of countries ranked below Cambodia by the World Justice Project."""
        return (self.ranking.base - self.ranking.value) / self.ranking.base

    @property
    def places(self) -> pd.DataFrame:
        """Share of countries below Cambodia, by index and year."""
        parts = [("score of the rule of law, World Bank", year, below) for year, below in self.below.items()]
        for name, rows in ((CORRUPTION, self.perceived), (JUSTICE, self.ranking)):
            shares = (rows.base - rows.value) / rows.base
            parts += [(name, int(year), share) for year, share in zip(rows.year, shares, strict=True)]
        return pd.DataFrame(parts, columns=["index", "year", "below"])

    def perceived_before(self, year: int) -> pd.Series:
        """Share of countries below Cambodia in the index of perceived corruption, up to one year."""
        places = self.places
        return places.below[(places["index"] == CORRUPTION) & (places.year <= year)]


def rule_of_law(elsewhere: Elsewhere) -> RuleOfLaw:
    """The scores of all countries, Cambodia's over time, and its rank."""
    panel = tables.read("country_panel")
    cambodia = panel[panel.iso3 == "KHM"].set_index("year")
    scored = panel.dropna(subset=["wgi_rule_of_law", "wgi_rule_of_law_se"])
    score = cambodia[["wgi_rule_of_law", "wgi_rule_of_law_se"]].dropna().set_axis(["score", "se"], axis=1)
    return RuleOfLaw(
        scored={int(year): rows.reset_index(drop=True) for year, rows in scored.groupby("year")},  # type: ignore[arg-type]
        score=score,
        equality=cambodia.vdem_equality_before_law.dropna(),
        equal=panel.dropna(subset=["vdem_equality_before_law"]),
        ranking=elsewhere.measure("rule_of_law_rank"),
        perceived=elsewhere.measure("corruption_perceptions_rank"),
    )


def words_on_rule_of_law(rule: RuleOfLaw) -> dict[str, str]:
    """Cambodia's place among countries by four indices."""
    first, last = rule.ranking.iloc[0], rule.ranking.iloc[-1]
    places = [rule.place(year) for year in YEARS if year in rule.scored]
    unequal = rule.below_in_equality
    return {
        "wjp_first": f"{first.value:.0f} of {first.base:.0f}",
        "wjp_last": f"{last.value:.0f} of {last.base:.0f}",
        "place": percent(sum(place.estimate for place in places) / len(places)),
        "place_low": percent(min(place.low for place in places)),
        "place_high": percent(max(place.high for place in places)),
        "perceived_2008": percent(rule.perceived_before(2008).iloc[-1]),
        "unequal": interval(unequal.min(), unequal.max()),
    }


def draw_rule_of_law(rule: RuleOfLaw) -> figures.Figure:
    """The two scores of Cambodia over time, one above the other."""
    score, equality = rule.score, rule.equality
    drawing, (top, bottom) = figures.canvas(height=4.6, rows=2, sharex=True)
    low, high = (score.score + sign * 1.96 * score.se for sign in (-1, 1))
    top.fill_between(score.index, low, high, color=palette.SOFT, lw=0)
    top.plot(score.index, score.score, color=palette.ACCENT, marker="o", ms=4)
    above = "World Bank, rule of law\n(higher is better; 0 is the world's mean)"
    top.text(2000, -0.42, above, va="bottom", color=palette.ACCENT, bbox=figures.ON_PAPER)
    top.set(ylim=(-1.7, 0.15), yticks=[-1.5, -1.0, -0.5])
    bottom.plot(equality.index, equality, color=palette.SECOND, marker="o", ms=4)
    below = "V-Dem, equality before the law\n(0 to 1, by experts; no error published here)"
    bottom.text(2000, 0.51, below, va="bottom", color=palette.SECOND, bbox=figures.ON_PAPER)
    bottom.set(ylim=(0, 0.75), yticks=[0, 0.25, 0.5], xticks=range(2000, 2025, 4))
    for axis in (top, bottom):
        axis.axvline(2008, color=palette.MUTED, lw=1, ls=":")
    bottom.text(2008.2, 0.03, "the law of 2008", color=palette.MUTED)
    return figures.static(
        drawing,
        name="justice-rule",
        title="Two measures of the rule of law in Cambodia go different ways",
        subtitle="Score by year; in both pictures higher is better. Above: the World Bank, with its 95% interval. "
        "Below: V-Dem, a project of scholars that asks experts",
        alt=f"Two lines since 1999. The World Bank's score rises from {decimal(score.score[2008], 2)} in 2008 to "
        f"{decimal(score.score[2023], 2)} in 2023 inside a wide band; "
        f"V-Dem's index falls from {decimal(equality[2008], 2)} to {decimal(equality[2024], 2)}.",
        source="World Bank, Worldwide Governance Indicators, edition to 2023, in standard deviations; V-Dem v15.",
        data=score.join(equality, how="outer").reset_index(),
    )


def draw_places(rule: RuleOfLaw) -> figures.Figure:
    """The share of countries below Cambodia in three indices, against the line of the claim's rule."""
    places = rule.places
    drawing, axis = figures.canvas(height=3.4)
    colours = (palette.ACCENT, palette.THIRD, palette.SECOND)
    heights = (0.31, 0.285, 0.26)
    for colour, high, (name, rows) in zip(colours, heights, places.groupby("index", sort=False), strict=True):
        style = "-" if name not in (CORRUPTION, JUSTICE) else ""
        axis.plot(rows.year, rows.below, "o" + style, color=colour, ms=5, lw=1.5)
        axis.text(places.year.min(), high, str(name), color=colour, bbox=figures.ON_PAPER)
    axis.axhline(LOW_PLACE, color=palette.MUTED, lw=1, ls=":")
    axis.axvline(ESSAY, color=palette.MUTED, lw=1, ls=":")
    axis.text(ESSAY + 0.2, 0.05, "the essay", color=palette.MUTED)
    axis.set(ylim=(0, 0.33), yticks=[0, 0.1, 0.2, 0.3], xticks=range(1996, 2025, 4))
    axis.set_yticklabels([percent(tick) for tick in axis.get_yticks()])
    axis.grid(axis="x", visible=False)
    early, late = rule.perceived_before(ESSAY), places.below[places["index"] == JUSTICE]
    return figures.static(
        drawing,
        name="justice-places",
        title="Countries that stood below Cambodia in 2008: "
        f"{percent(rule.perceived_before(2008).iloc[-1])} by perceived corruption, "
        f"{percent(rule.below[2008])} by the rule of law",
        subtitle="Share of countries that stood below Cambodia, by index and year. The lower a dot, the weaker "
        "Cambodia. Below the dotted line it is among the weakest tenth",
        alt=f"Dots by year. Perceived corruption: {percent(early.iloc[0])} in {rule.perceived.year.iloc[0]}, near "
        "a tenth afterwards; the rule of law of the Justice Project between "
        f"{percent(late.min(), 1)} and {percent(late.max(), 1)} since {rule.ranking.year.iloc[0]}; the "
        f"World Bank's line always above a tenth, at least {percent(min(rule.below.values()))}.",
        source="Transparency International 2005 to 2016, as restated by newspapers; World Justice Project 2015 to "
        "2023; World Bank, Worldwide Governance Indicators.",
        data=places.round(4),
    )


def under_this_law() -> list[Interval]:
    """Shares measured in cases under the law of 2008, by kind: a percentage of a known number of cases."""
    facts = tables.read("prison_study_facts")
    rows = facts[
        (facts.topic == "law") & (facts.unit == "percent") & (facts.status != "unverified") & facts.n.notna()
    ]
    shares = rows.value.fillna(rows.value_low) / 100
    return [
        proportions.wilson(round(share * number), int(number)) for share, number in zip(shares, rows.n, strict=True)
    ]


def words_on_statements() -> dict[str, str]:
    """What was said of bribes and irregularities in trafficking cases, and whom they helped."""
    said = tables.read("court_statements").query("status != 'unverified'")
    return {
        "statements": in_words(len(said)),
        "helps_accused": in_words(int((said.helps == "accused").sum())),
        "from_one_report": in_words(int(said.source.value_counts().iloc[0])),
        "paid_for_release": dollars(said.amount_usd.min()),
    }


def bribes_counted(elsewhere: Elsewhere) -> list[Interval]:
    """Shares of court users who paid a bribe, in surveys of the essay's years that count the users of courts."""
    rows = elsewhere.measure("bribe_court_users")
    rows = rows[rows.year.isin(YEARS) & rows.base_is.eq(OF_THE_GROUP) & rows.status.ne("unverified")]
    return [
        proportions.wilson(round(value / 100 * base), int(base))
        for value, base in zip(rows.value, rows.base, strict=True)
    ]


def _ends(name: str, found: list[Interval]) -> dict[str, float | None]:
    """The ends of all intervals together as two numbers; none where there is no interval."""
    return {
        f"{name}_low": min((each.low for each in found), default=None),
        f"{name}_high": max((each.high for each in found), default=None),
    }


def tool_of_corruption(elsewhere: Elsewhere, bribes: Bribes, rule: RuleOfLaw) -> dict[str, float | None]:
    """The numbers of the claim; counted surveys and shares under this law in particular are looked for by kind."""
    counted, law, assumed = bribes_counted(elsewhere), under_this_law(), bribes.one_in(10)
    places = [rule.place(year) for year in YEARS if year in rule.scored]
    return {
        "court_surveys": len(counted),
        **_ends("court_bribe", counted),
        "assumed_bribe_low": assumed.low,
        "assumed_bribe_high": assumed.high,
        "index_years": len(places),
        "place": sum(place.estimate for place in places) / len(places) if places else None,
        **_ends("place", places),
        "law_figures": len(law),
        **_ends("law_share", law),
    }


def tool_of_corruption_alternatives(rule: RuleOfLaw) -> dict[str, dict[str, float | None]]:
    """The place among countries by another index: in the same years where one was read, otherwise later."""
    corruption = [rule.place(year, "wgi_control_of_corruption") for year in YEARS if year in rule.scored]
    perceived = rule.places[rule.places["index"].eq(CORRUPTION) & rule.places.year.isin(YEARS)].below
    return {
        "control-of-corruption": _ends("place", corruption),
        "equality-before-law": {
            "place_low": rule.below_in_equality.min(),
            "place_high": rule.below_in_equality.max(),
        },
        "perceived-corruption": {"place_low": perceived.min(), "place_high": perceived.max()},
        "justice-project": {"place_low": rule.ranked_below.min(), "place_high": rule.ranked_below.max()},
    }
