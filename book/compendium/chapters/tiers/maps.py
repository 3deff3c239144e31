"""The live figures of whole histories: the map of each report, and one country's path beside Cambodia's."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.tiers.published import SOURCE, Lists
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.figures.wording import in_python, in_vega
from compendium.methods.tiers import tiermap

LOOKS = {  # how many times larger than the world, and the longitude and latitude of the middle
    "World": (1, 8, 14),
    "Africa": (2.6, 20, 3),
    "Asia": (2.1, 90, 26),
    "Europe": (4.4, 18, 53),
    "North America": (2.2, -95, 42),
    "South America": (2.4, -62, -22),
    "Oceania": (2.4, 160, -18),
    "Caribbean": (7, -68, 17),
    "South-East Asia": (4, 112, 6),
}
SEPARATOR = 0.8  # pixels of paper between two countries
SHOWN = 2023  # the report that the map opens with
SENTENCE = "{name}, report of {year}: {tier}.\n{list}"


def draw_map(lists: Lists) -> figures.Figure:
    """Draw the class of each country in the report of the chosen year."""
    settings = [(2023, "LBY"), (2002, "SGP"), (2004, "SRB")]
    return figures.live(
        alt.layer(*_shapes(lists), _answer(lists))
        .project("equalEarth", **_lens())
        .add_params(*_controls(lists))
        .properties(height=280),
        name="tiers-map",
        title=f"In the report of {SHOWN}, {count((lists.rated[lists.rated.year == SHOWN].tier == '3').sum())} "
        "countries stood on Tier 3, Cambodia among them",
        subtitle="Class of each country in the report of the year that you choose. Small states are points. No "
        "colour: no rating was found. “Part shown” brings a region nearer",
        alt="World map of the report of 2023. North America, western Europe and Australia are mostly Tier 1; most "
        "of Africa, Asia and South America is Tier 2 or on the Watch List; Russia, China, Iran and Cambodia are "
        "among those on Tier 3.",
        source=f"{SOURCE}. Outlines: Natural Earth; boundaries say nothing about status.",
        data=lists.known,
        apart="It tells which tier each country had.",
        checks=[({"year": year, "country": iso3}, _said(lists, year, iso3)) for year, iso3 in settings],
    )


def _controls(lists: Lists) -> list[alt.Parameter]:
    known = lists.known
    years = alt.binding_range(name="Report of", min=tiermap.FIRST, max=tiermap.LAST, step=1)
    countries = alt.binding_select(name="Country", options=list(known.iso3), labels=list(known.name))
    return [
        alt.param(name="year", value=SHOWN, bind=years),
        alt.param(name="country", value="KHM", bind=countries),
        alt.param(name="look", value="World", bind=alt.binding_select(name="Part shown", options=list(LOOKS))),
    ]


def _lens() -> dict[str, Any]:
    place = f"({ {name: list(spot) for name, spot in LOOKS.items()} })[look]"
    return {
        "scale": alt.expr(f"min(width / 5.3, height / 2.42) * {place}[0]"),
        "center": alt.expr(f"[0, {place}[2]]"),
        "rotate": alt.expr(f"[-{place}[1], 0, 0]"),
        "translate": alt.expr("[width / 2, height / 2]"),
    }


def _word(at: str) -> str:
    """The class in the chosen year of the country `at`."""
    letter = f"substring({at}.letters, year - {tiermap.FIRST}, year - {tiermap.FIRST - 1})"
    return f"({dict(tiermap.WORDS)})[{letter}]"


def _shapes(lists: Lists) -> list[alt.Chart]:
    outlines = tables.read("world_outlines")
    shapes = alt.Chart(alt.Data(values=tiermap.features(outlines, lists.known))).mark_geoshape(clip=True)
    points = tiermap.points(outlines, lists.known, lists.countries)
    small = alt.Chart(points).mark_circle(size=34, opacity=1, clip=True)
    return [
        _coloured(shapes, "datum.properties"),
        _coloured(small, "datum").encode(longitude="longitude:Q", latitude="latitude:Q"),
    ]


def _coloured(mark: alt.Chart, at: str) -> alt.Chart:
    chosen = f"{at}.iso3 == country"
    # Neighbours are parted by paper, from which each class stands out; what is paper itself has a line around it.
    hues = [*palette.STEPS[1:], palette.THIRD, palette.QUIET, palette.PAPER]
    edge = alt.when(chosen).then(alt.value(palette.SECOND))
    edge = edge.when(f"datum.tier == '{tiermap.WORDS[tiermap.NOT_READ]}'").then(alt.value(palette.QUIET))
    return mark.transform_calculate(tier=_word(at), country=f"{at}.name", reports=f"{at}.history").encode(
        color=alt.Color(
            "tier:N",
            scale=alt.Scale(domain=list(tiermap.WORDS.values()), range=hues),
            legend=alt.Legend(title=None, columns=3, symbolStrokeColor=palette.MUTED, symbolStrokeWidth=1),
        ),
        stroke=edge.otherwise(alt.value(palette.PAPER)),
        strokeWidth=alt.condition(chosen, alt.value(2.5), alt.value(SEPARATOR)),
        tooltip=[
            alt.Tooltip("country:N", title="Country"),
            alt.Tooltip("tier:N", title="In this report"),
            alt.Tooltip("reports:N", title="All reports"),
        ],
    )


def _answer(lists: Lists) -> alt.Chart:
    of_year = [figures.wrapped(sentence, 70) for sentence in tiermap.year_sentences(lists.rated)]
    spoken = in_vega(
        SENTENCE, name="datum.name", year="year", tier=_word("datum"), list=f"{of_year}[year - {tiermap.FIRST}]"
    )
    chosen = alt.Chart(lists.known[["iso3", "name", "letters"]]).transform_filter("datum.iso3 == country")
    return figures.readout_of(chosen.transform_calculate(sentence=spoken), "sentence")


def _said(lists: Lists, year: int, iso3: str) -> str:
    """The same answer from the histories."""
    place = year - tiermap.FIRST
    return in_python(
        SENTENCE,
        name=lists.names[iso3],
        year=str(year),
        tier=tiermap.WORDS[lists.letters[iso3][place]],
        list=tiermap.year_sentences(lists.rated)[place],
    )


def draw_path(lists: Lists) -> figures.Figure:
    """Draw the path of a chosen country beside Cambodia's."""
    known, cambodia = lists.known, lists.letters["KHM"]
    others = known[known.iso3 != "KHM"]
    sentences = {iso3: _beside(lists, iso3) for iso3 in others.iso3}
    paths = known[["iso3", "name", "letters"]].assign(
        sentence=[figures.wrapped(sentences.get(iso3, ""), 70) for iso3 in known.iso3]
    )
    options = alt.binding_select(name="Country", options=list(others.iso3), labels=list(others.name))
    answer = figures.readout_of(alt.Chart(paths).transform_filter("datum.iso3 == other"), "sentence")
    return figures.live(
        alt.layer(*_two_paths(paths), answer)
        .add_params(alt.param(name="other", value="THA", bind=options))
        .properties(height=210),
        name="tiers-path",
        # A rise is a fall read backwards.
        title=f"Cambodia has gone down {in_words(tiermap.falls(cambodia))} times and up "
        f"{in_words(tiermap.falls(cambodia[::-1]))} times, and has stood on Tier 3 since 2022",
        subtitle="Class in each report; circles: Cambodia; squares: the country you choose; gaps: not "
        "ranked, or no rating found",
        alt="Cambodia's path: Tier 2 in 2001, Tier 3 in 2002 and 2005, the Watch List in 2006, 2007, 2009, 2013 to "
        "2015 and 2019 to 2021, Tier 2 in between, and Tier 3 from 2022 to 2025. Thailand's path beside it.",
        source=SOURCE,
        data=known,
        apart="It sets the tiers of two countries side by side.",
        checks=[({"other": iso3}, sentences[iso3]) for iso3 in ("THA", "VNM", "USA")],
    )


def _beside(lists: Lists, iso3: str) -> str:
    found, name = tiermap.compared(lists.letters[iso3], lists.letters["KHM"]), lists.names[iso3]
    return (
        f"{name} and Cambodia are both ranked in {found.reports} of the lists read: {name} stood better in "
        f"{found.better}, the same in {found.same}, worse in {found.worse}."
    )


def _two_paths(paths: pd.DataFrame) -> list[alt.Chart]:
    steps = _steps(paths)
    classes = [tiermap.WORDS[letter] for letter in tiermap.RANKED]
    upright = alt.Y(
        "place:Q",
        title=None,
        scale=alt.Scale(domain=[-0.3, 3.3], reverse=True, nice=False, zero=False),
        axis=alt.Axis(values=[0, 1, 2, 3], labelExpr=f"{classes}[datum.value]"),
    )
    across = alt.X(
        "year:Q",
        title="Report",
        scale=alt.Scale(domain=[2000.5, 2025.5], nice=False, zero=False),
        axis=alt.Axis(format="d", tickCount=6, grid=False),
    )
    who = ["other", "Cambodia"]
    hue = alt.Color("who:N", scale=alt.Scale(domain=who, range=[palette.ACCENT, palette.SECOND]), legend=None)
    shape = alt.Shape("who:N", scale=alt.Scale(domain=who, range=["square", "circle"]), legend=None)
    line = steps.mark_line(strokeWidth=2, invalid="break-paths-filter-domains")
    dots = steps.transform_filter("datum.place != null").mark_point(size=45, opacity=1, filled=True)
    tips = [
        alt.Tooltip("name:N", title="Country"),
        alt.Tooltip("year:Q", format="d", title="Report"),
        alt.Tooltip("class_:N", title="Class"),
    ]
    return [
        line.encode(x=across, y=upright, color=hue),
        dots.encode(x=across, y=upright, color=hue, shape=shape, tooltip=tips),
    ]


def _steps(paths: pd.DataFrame) -> alt.Chart:
    """One row for each report of the two countries; the two are drawn a little apart."""
    rank = f"indexof('{tiermap.RANKED}', datum.letter)"
    return (
        alt.Chart(paths)
        .transform_filter("datum.iso3 == other || datum.iso3 == 'KHM'")
        .transform_calculate(
            year=f"sequence({tiermap.FIRST}, {tiermap.LAST + 1})",
            who="datum.iso3 == 'KHM' ? 'Cambodia' : 'other'",
        )
        .transform_flatten(["year"])
        .transform_calculate(
            letter=f"substring(datum.letters, datum.year - {tiermap.FIRST}, datum.year - {tiermap.FIRST - 1})"
        )
        .transform_calculate(
            class_=f"({dict(tiermap.WORDS)})[datum.letter]",
            place=f"{rank} < 0 ? null : {rank} + (datum.who == 'other' ? -0.07 : 0.07)",
        )
    )
