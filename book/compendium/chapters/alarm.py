"""Where the alarm came from: movements of people, a campaign, news on trafficking, and what texts say of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent, scaled, times
from compendium.figures import palette
from compendium.figures.lazily import alt

SEED, DRAWS = 20080215, 2000
READ = ("read",)
RESEARCH = "research"
# Questions on how the world is: a study can answer them, a statement cannot. The others ask what was said or done.
FOR_STUDIES = ("cause", "likeness", "old panic", "new panic", "security real")
SHORT = {
    "campaign": "campaign",
    "slavery": "slavery",
    "likeness": "likeness",
    "cause": "cause",
    "security real": "real",
}
POOR, RICH = "less_developed", "developed"
DESTINATIONS = {"europe": "western_europe", "us": "united_states", "other": "other_developed"}
NAMES = {"europe": "western Europe", "us": "the United States", "other": "other rich countries"}
BEFORE, AFTER, LAST = (1998, 1999, 2000), (2003, 2004, 2005), (2007, 2008, 2009)
# The questions put to the texts, by their name in the table.
ASKED = {
    "cause": "Did the end of the Cold War bring the movements?",
    "campaign": "Did rules against illegal migration harden?",
    "slavery": "Is trafficking likened to slavery?",
    "likeness": "Does today's alarm resemble that over white slavery?",
    "old panic": "Was the alarm over white slavery a panic?",
    "security said": "Is trafficking presented as a threat to security?",
    "security real": "Is a threat to security documented?",
}


# ---------------------------------------------------------------- movements


def stocks() -> pd.DataFrame:
    """Migrants by origin group, destination group and year (persons), as a table with the years in columns."""
    rows = tables.read("un_desa_migrant_stock_by_origin")
    return rows.pivot_table(index=["origin", "destination"], columns="year", values="migrants", aggfunc="sum")


def growth(
    whole: pd.DataFrame, destination: str, first: int = 1990, last: int = 1995, origins: str = POOR
) -> float:
    """Return by which share the stock grew in five years, on average over the years between `first` and `last`."""
    chosen = [POOR, RICH] if origins == "all" else [origins]
    stock = whole.loc[[(origin, destination) for origin in chosen]].sum()
    return float((stock[last] / stock[first]) ** (5 / (last - first)) - 1)


def movements_numbers(whole: pd.DataFrame) -> dict[str, float]:
    """The numbers of the claim `movements`."""
    people = tables.read("un_desa_migrant_stock").query("destination == 'world'").set_index("year").population
    return {
        **{f"growth_{name}": growth(whole, place) for name, place in DESTINATIONS.items()},
        "world_growth": float(people[1995] / people[1990] - 1),
        **{f"timing_{name}": _timing(whole, DESTINATIONS[name]) for name in ("europe", "us")},
        "origin_europe": _rise(whole, POOR, "western_europe") / _rise(whole, RICH, "western_europe"),
    }


def _stock(whole: pd.DataFrame, origin: str, destination: str) -> pd.Series:
    stock: Any = whole.loc[(origin, destination)]
    return stock.astype(float).dropna()


def _rise(whole: pd.DataFrame, origin: str, destination: str, first: int = 1990, last: int = 1995) -> float:
    stock = _stock(whole, origin, destination)
    return float(stock[last] - stock[first])


def _timing(whole: pd.DataFrame, destination: str) -> float:
    """The rise of 1990 to 1995 over the mean of the three later rises of five years."""
    later = [_rise(whole, POOR, destination, year, year + 5) for year in (1995, 2000, 2005)]
    return _rise(whole, POOR, destination) / float(np.mean(later))


def movements_alternatives(whole: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The growth under each declared alternative."""
    ways: dict[str, dict[str, Any]] = {"ten-years": {"last": 2000}, "all-origins": {"origins": "all"}}
    return {
        label: {f"growth_{name}": growth(whole, place, **options) for name, place in DESTINATIONS.items()}
        for label, options in ways.items()
    }


def draw_movements(whole: pd.DataFrame) -> figures.Figure:
    """Draw the stock of migrants from poorer countries by destination and year."""
    drawing, axis = figures.canvas(height=2.9)
    colours = dict(zip(DESTINATIONS, (palette.ACCENT, palette.SECOND, palette.THIRD), strict=True))
    rows = []
    for name, place in DESTINATIONS.items():
        stock = _stock(whole, POOR, place) / 1e6
        axis.plot(stock.index, stock, "o-", color=colours[name], lw=2.5, ms=5)
        axis.text(2019.6, stock.iloc[-1], NAMES[name], color=colours[name], va="center")
        rows.append(pd.DataFrame({"destination": NAMES[name], "year": stock.index, "million": stock.to_numpy()}))
    axis.axvspan(1990, 1995, color=palette.GRID)
    axis.set(xlim=(1989, 2032), ylim=(0, 45), xticks=range(1990, 2020, 5), ylabel="million people")
    return figures.static(
        drawing,
        name="alarm-movements",
        title="Numbers of people from poorer countries grew in the early 1990s, and went on growing",
        subtitle="People born in less developed regions who live in richer ones, million; shaded: 1990 to 1995",
        alt="Three rising lines from 1990 to 2019: in the United States from 15 to 42 million, in western Europe "
        "from 12 to 29 million, in other rich countries from 4 to 12 million.",
        source="UN DESA, International Migrant Stock 2019.",
        data=pd.concat(rows),
    )


# ---------------------------------------------------------------- news


def news() -> pd.DataFrame:
    """News items on trafficking that name a country, by country (rows) and year (columns)."""
    rows = tables.read("criminalisation_panel").dropna(subset=["trafficking_news_items"])
    return rows.pivot_table(index="iso3", columns="year", values="trafficking_news_items").dropna()


def news_ratio(items: pd.DataFrame, after: tuple[int, ...] = AFTER) -> float:
    """Return the items of three later years over those of 1998 to 2000, summed over countries."""
    return float(items[list(after)].to_numpy().sum() / items[list(BEFORE)].to_numpy().sum())


def news_interval(items: pd.DataFrame) -> tuple[float, float]:
    """Return the 95 percent interval of `news_ratio`, countries drawn again (cluster bootstrap, percentiles)."""
    rng = np.random.default_rng(SEED)
    after, before = (items[list(years)].sum(axis=1).to_numpy() for years in (AFTER, BEFORE))
    drawn = rng.integers(0, len(items), (DRAWS, len(items)))
    low, high = np.percentile(after[drawn].sum(axis=1) / before[drawn].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)


def discovery_numbers(items: pd.DataFrame) -> dict[str, float]:
    """The numbers of the claim `discovery`."""
    low, high = news_interval(items)
    return {
        "news_ratio": news_ratio(items),
        "news_low": low,
        "news_high": high,
        "us_rank": _rank_of_us(items, (*BEFORE, *range(2001, 2006))),
        "us_first": _rank_of_us(items, BEFORE),
    }


def _rank_of_us(items: pd.DataFrame, years: tuple[int, ...]) -> float:
    """Where the United States stands among the countries that news of these years names, the first being 1."""
    return float(items[list(years)].sum(axis=1).rank(ascending=False, method="min")["USA"])


def discovery_alternatives(items: pd.DataFrame) -> dict[str, dict[str, float]]:
    """The numbers under each declared alternative."""
    low, high = news_interval(items)
    abroad = items.drop(index="USA")
    low_abroad, high_abroad = news_interval(abroad)
    return {
        "database-doubled": {"news_ratio": news_ratio(items) / 2, "news_low": low / 2, "news_high": high / 2},
        "without-us": {"news_ratio": news_ratio(abroad), "news_low": low_abroad, "news_high": high_abroad},
    }


def draw_news(items: pd.DataFrame) -> figures.Figure:
    """Draw the news items of each year, over all countries."""
    total = items.sum()
    drawing, axis = figures.canvas(height=2.5)
    axis.bar(total.index, total / 1000, color=palette.STEPS[1], width=0.7)
    for year in (total.index[0], total.index[-1]):
        axis.text(year, total[year] / 1000 + 0.4, count(total[year]), ha="center")
    axis.set(ylabel="thousand items", ylim=(0, 27), xticks=total.index[::2])
    axis.grid(axis="x", visible=False)
    return figures.static(
        drawing,
        name="alarm-news",
        title=f"News on human trafficking grew {times(news_ratio(items))} within five years",
        subtitle="News items near the words human trafficking that name a country, summed over countries",
        alt=f"Bars by year from {count(total.iloc[0])} items in {total.index[0]} to {count(total.iloc[-1])} in "
        f"{total.index[-1]}, rising in nearly every year.",
        source="Kelley and Heiss, from Lexis-Nexis; not corrected for the growth of that database.",
        data=total.rename("items").rename_axis("year").reset_index(),
    )


def growth_in_words(items: pd.DataFrame, database: float) -> str:
    """How much news grew if the database of news itself grew so many times."""
    low, high = news_interval(items)
    grew = [decimal(value / database) for value in (news_ratio(items), low, high)]
    return (
        f"Beyond growth of the database by a factor of {database:g}, news on trafficking grew {grew[0]} times "
        f"(95% interval {grew[1]} to {grew[2]})."
    )


def draw_database(items: pd.DataFrame) -> figures.Figure:
    """Live: the growth of the news, over that of the database, which nobody prints and the reader sets."""
    low, high = news_interval(items)
    found = {"ratio": news_ratio(items), "low": low, "high": high}
    grown = alt.param(
        name="database",
        value=1,
        bind=alt.binding_range(min=1, max=20, step=1, name="Growth of the database (factor)"),
    )
    base = alt.Chart(pd.DataFrame([found])).transform_calculate(
        **{f"{name}_now": f"datum.{name} / database" for name in found}
    )
    scale = alt.Scale(type="log", domain=[0.4, 16])
    axis = alt.Axis(values=[0.5, 1, 2, 5, 10], title="News after over news before, beyond the database (log)")
    bar = base.mark_rule(color=palette.ACCENT, strokeWidth=4).encode(
        x=alt.X("low_now:Q", scale=scale, axis=axis), x2="high_now:Q"
    )
    dot = base.mark_point(color=palette.ACCENT, size=120).encode(x=alt.X("ratio_now:Q", scale=scale))
    lines = alt.Chart(pd.DataFrame({"line": [1, 2]})).mark_rule(strokeDash=[4, 3])
    said = base.transform_calculate(
        said="'Beyond growth of the database by a factor of ' + database + ', news on trafficking grew '"
        " + format(datum.ratio_now, '.1f') + ' times (95% interval ' + format(datum.low_now, '.1f')"
        " + ' to ' + format(datum.high_now, '.1f') + ').'"
    )
    chart = alt.layer(lines.encode(x=alt.X("line:Q", scale=scale)), bar, dot, figures.readout_of(said, "said"))
    return figures.live(
        chart.add_params(grown).properties(height=90),
        name="alarm-database",
        title="Unless the database grew many times over, news on trafficking grew",
        subtitle="News items of 2003 to 2005 over those of 1998 to 2000, beyond the growth of the database that "
        "you set; dashed: no growth, and twice as many",
        alt=growth_in_words(items, 1),
        source="Kelley and Heiss, from Lexis-Nexis; countries drawn again for the interval.",
        data=pd.DataFrame([found]),
        checks=[({"database": grew}, growth_in_words(items, grew)) for grew in (1, 2, 8, 20)],
        claim="discovery",
        numbers={"news_low": f"{low:.10g} / database", "news_high": f"{high:.10g} / database"},
    )


# ---------------------------------------------------------------- texts


def codings() -> pd.DataFrame:
    """What each text says on each question, with the words and their status from `statement_evidence`."""
    facts = tables.read("statement_evidence").set_index("id")
    return tables.read("text_codings").join(facts[["source", "passage", "status", "year_from"]], on="fact")


def voices(
    coded: pd.DataFrame, question: str, name: str, statuses: tuple[str, ...] = READ, statements: bool = False
) -> dict[str, int]:
    """Return how many voices say yes and how many no to a question, as `name_yes` and `name_no`.

    On how the world is only studies count, unless `statements` do too; on what was said or done every text counts.
    """
    rows = coded[(coded.question == question) & coded.status.isin(statuses)]
    if question in FOR_STUDIES and not statements:
        rows = rows[rows.kind == RESEARCH]
    return {f"{name}_{says}": int(rows.voice[rows.says == says].nunique()) for says in ("yes", "no")}


def with_restated(coded: pd.DataFrame, **questions: str) -> dict[str, dict[str, int]]:
    """The alternative in which texts known only through another text count too, by the name of their numbers."""
    counted: dict[str, int] = {}
    for name, question in questions.items():
        counted |= voices(coded, question, name, (*READ, "restated"))
    return {"with-restated": counted}


def campaign_alternatives(coded: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The numbers under each declared alternative; a text whose years begin before 1990 tells a longer span."""
    longer = coded.year_from < 1990
    return {
        **with_restated(coded, campaign="campaign"),
        "those-years": voices(coded[~longer], "campaign", "campaign"),
    }


def cause_alternatives(coded: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Statements counted too; and the wars in the former Yugoslavia as an outcome of the end of the Cold War."""
    wars = (coded.question == "cause") & (coded.voice == "UNHCR")
    recoded = coded.assign(says=coded.says.where(~wars, "yes"))
    return {
        "statements-too": voices(coded, "cause", "cause", statements=True),
        "wars-as-cold-war": voices(recoded, "cause", "cause", statements=True),
    }


def slavery_alternatives(coded: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The statute and the White House counted as one voice."""
    states = coded.voice.isin(["US statute", "White House"])
    return {
        "us-once": voices(coded.assign(voice=coded.voice.where(~states, "United States")), "slavery", "slavery")
    }


def panic_numbers(coded: pd.DataFrame) -> dict[str, int]:
    """The numbers of the claim `panic`."""
    return (
        voices(coded, "likeness", "likeness")
        | voices(coded, "old panic", "old")
        | voices(coded, "new panic", "new")
    )


def panic_alternatives(coded: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The numbers under each declared alternative."""
    papers = coded.assign(voice=coded.fact)
    return {
        **with_restated(coded, likeness="likeness", old="old panic"),
        "by-paper": voices(papers, "likeness", "likeness") | voices(papers, "old panic", "old"),
        "statements-too": voices(coded, "likeness", "likeness", statements=True)
        | voices(coded, "old panic", "old", statements=True)
        | voices(coded, "new panic", "new", statements=True),
    }


def security_alternatives(coded: pd.DataFrame) -> dict[str, dict[str, int]]:
    """The numbers under each declared alternative; both UN bodies speak of armed conflict or terror."""
    wars = coded.voice.str.startswith("UN ")
    return {
        **with_restated(coded, real="security real", said="security said"),
        "outside-wars": voices(coded[~wars], "security real", "real"),
        "statements-too": voices(coded, "security real", "real", statements=True),
    }


def table_of_codings(coded: pd.DataFrame, *questions: str) -> pd.DataFrame:
    """The texts on some questions, as the page shows them: a single question stands over the names of voices."""
    rows = coded[coded.question.isin(questions)].sort_values(
        ["question", "says", "voice"], ascending=[True, False, True]
    )
    studies = (rows.kind == RESEARCH) & rows.question.isin(FOR_STUDIES)
    rows = rows.assign(voice=rows.voice.where(~studies, rows.voice + " (study)"))
    named = rows.rename(columns={"says": "Says", "voice": "Who", "passage": "Words"})
    shown = named.assign(Words=named.Words.fillna("not on the part read"), Question=rows.question.map(ASKED))
    if len(questions) == 1:
        by_voice = shown[["Who", "Says", "Words"]].set_index("Who")
        return by_voice.rename_axis(index=None, columns=ASKED[questions[0]])
    by_question = shown[["Question", "Says", "Who", "Words"]].set_index("Question")
    return by_question.rename_axis(index=None, columns="Question")


# ---------------------------------------------------------------- words


def words(whole: pd.DataFrame, items: pd.DataFrame, coded: pd.DataFrame) -> dict[str, str]:
    """The numbers of the page's prose."""
    moved, found = movements_numbers(whole), discovery_numbers(items)
    total = items.sum()
    named: Any = items.loc["USA"]
    first = items[list(BEFORE)].sum(axis=1).sort_values(ascending=False).index[:3]
    counts = {
        name: in_words(number)
        for question, short in SHORT.items()
        for name, number in voices(coded, question, short).items()
    }
    return counts | {
        "rise_europe": scaled(_rise(whole, POOR, "western_europe")),
        "rise_us": scaled(_rise(whole, POOR, "united_states")),
        "rise_europe_rich": scaled(_rise(whole, RICH, "western_europe")),
        "world_growth": percent(moved["world_growth"]),
        "growth_europe": percent(moved["growth_europe"]),
        "growth_us": percent(moved["growth_us"]),
        "timing_europe": times(moved["timing_europe"]),
        "timing_us": times(moved["timing_us"]),
        "news_first": count(total.iloc[0]),
        "news_last": count(total.iloc[-1]),
        "news_ratio": times(found["news_ratio"]),
        "news_interval": interval(found["news_low"], found["news_high"], decimal),
        "news_countries": count(len(items)),
        "us_items": count(named[list(range(1998, 2006))].sum()),
        "us_rank": in_words(int(found["us_rank"])),
        "us_first": in_words(int(found["us_first"])),
        "named_first": listing(list(first)),
    }


def words_not_seen() -> dict[str, str]:
    """What was looked for on the claims of the page and not seen, and where."""
    return searches.not_seen(
        *("movements", "movements-cause", "campaign", "discovery", "slavery-likeness", "panic", "security-threat")
    )
