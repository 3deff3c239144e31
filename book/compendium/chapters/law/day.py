"""The live figure with a date: which ranges are in force in a month, and what follows from them.

The rule is written for the page as a Vega expression and nowhere else: its check asks `penalties` what is in
force on that day and which range is the more severe, and both fill the same sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.law.ranges import (
    FORMS,
    MONTHS,
    SOURCE,
    UNDER_THE_LAW_OF_2008,
    as_murder,
    is_unverified,
    known_range,
)
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.figures.wording import in_python, in_vega
from compendium.methods.law import penalties
from compendium.methods.law.penalties import UNKNOWN, Range, Regime, Rule


@dataclass(frozen=True)
class Yardstick:
    """An offence to compare with: its name, and its article before and since the Penal Code of December 2010."""

    words: str
    articles: tuple[str, str]


@dataclass(frozen=True)
class Stretch:
    """From a month on: the article on trafficking in force, and which article of a yardstick."""

    start: str
    offence: str | None
    article: int


YARDSTICKS = {
    "murder": Yardstick("premeditated murder", ("KH-UN-31", "KH-09-200")),
    "killing": Yardstick("intentional killing", ("KH-UN-32", "KH-09-199")),
    "rape": Yardstick("rape", ("KH-UN-33", "KH-09-239")),
}
STRETCHES = (
    Stretch("1992-09", None, 0),
    Stretch("1996-02", "KH-96-3", 0),
    Stretch("2008-02", "KH-08-10", 0),
    Stretch("2010-12", "KH-08-10", 1),
)
RULES: tuple[Rule, ...] = ("both", "ceilings", "floors")  # what is compared of two ranges
DOUBTFUL = ("used", "left out")  # what is done with ranges that nobody read
TRAFFICKING = ("KH-96-3", "KH-08-10")
ENDLESS = 2100  # the end, as a year, of what is still in force
LIFE = 999  # years that stand for life in the page's comparisons
LIFE_AT = 37.0  # where life stands on the axis of years

NO_LAW = "{month}: no law on trafficking."
ANSWER = (
    "{month}: trafficking {basic}, aggravated {worse};\n{yardstick} {reference}.\n"
    "Basic form: {basic_is}; aggravated: {worse_is}."
)
AS_SEVERE, NOT_AS_SEVERE, UNSAID = "at least as severe", "not as severe", "cannot be said"

OFFENCES = {
    "Trafficking": ("KH-96-3", "KH-08-10"),
    "Arts 11–19": ("KH-08-11",),  # articles 12 and 15 to 19 have the same range
    "Sale of a person": ("KH-08-14",),
    "Premeditated murder": ("KH-UN-31", "KH-09-200"),
    "Intentional killing": ("KH-UN-32", "KH-09-199"),
    "Aggravated killing": ("KH-09-205",),
    "Negligent killing": ("KH-09-207",),
    "Genocide": ("KH-09-184",),
    "Rape": ("KH-UN-33", "KH-09-239"),
    "Sex with a child": ("KH-96-8", "KH-08-42"),
    "Indecent act, child": ("KH-08-43",),
    "Buying a child": ("KH-08-34",),
    "Procuring": ("KH-96-5", "KH-08-26"),
    "Soliciting": ("KH-08-24",),
    "Torture": ("KH-09-210",),
    "Detention": ("KH-09-253",),
    "Drugs": ("KH-96D-37", "KH-12D-40"),
    "Theft": ("KH-09-357",),
    "Labour law": ("KH-LAB",),
}
KINDS = {"trafficking": "trafficking", "homicide": "killing"}


# ---------------------------------------------------------------- rows for the page


def stretches(table: pd.DataFrame) -> list[dict[str, Any]]:
    """One row for each stretch of time and yardstick: its months, the ranges compared, and which are unverified."""
    ends = [stretch.start for stretch in STRETCHES[1:]] + [None]
    rows = []
    for (stretch, end), (key, yardstick) in product(zip(STRETCHES, ends, strict=True), YARDSTICKS.items()):
        article = yardstick.articles[stretch.article]
        reference = known_range(table, article)
        row = {
            "start": penalties.decimal_year(stretch.start),
            "end": penalties.decimal_year(end, open_end=ENDLESS),
            "yardstick": key,
            "words": yardstick.words,
            "rf": _number(reference.floor),
            "rc": _number(reference.ceiling),
            "rtext": _marked(table, article, reference),
            "rdoubt": is_unverified(table, article),
        }
        for short, form in zip("ba", FORMS, strict=True):
            found = known_range(table, stretch.offence, form) if stretch.offence else UNKNOWN
            row |= {f"{short}f": _number(found.floor), f"{short}c": _number(found.ceiling)}
            row |= {f"{short}text": _marked(table, stretch.offence, found)}
        doubt = stretch.offence is not None and is_unverified(table, stretch.offence)
        rows.append(row | {"law": stretch.offence is not None, "odoubt": doubt})
    return rows


def _number(bound: float | None) -> float | None:
    """A bound as the page compares it: None where unknown, `LIFE` for life."""
    return LIFE if bound == penalties.LIFE else bound


def _marked(table: pd.DataFrame, identifier: str | None, found: Range) -> str:
    return f"{found} (unread)" if identifier and is_unverified(table, identifier) else str(found)


def bars(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each Cambodian article and form that is drawn: its months, its ends on the axis, its words."""
    return pd.DataFrame(_bars(table))


def _bars(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    names = {identifier: offence for offence, articles in OFFENCES.items() for identifier in articles}
    row: Any
    for row in table[table.id.isin(names)].itertuples():
        for form in FORMS:
            found = penalties.penalty(table, row.id, form)
            if found is None or found.ceiling is None:  # no such form, or no end to draw
                continue
            high = LIFE_AT if found.ceiling == penalties.LIFE else found.ceiling
            law = row.law.split(" (")[0]
            yield {
                "start": penalties.decimal_year(row.in_force_from),
                "end": penalties.decimal_year(row.in_force_to, open_end=ENDLESS),
                "offence": names[row.id],
                "low": high if found.floor is None else found.floor,
                "high": max(high, 0.25),
                "form": form,
                "kind": KINDS.get(row.offence_group, "other"),
                "doubt": row.status == penalties.UNVERIFIED,
                "range": str(found),
                "article": row.law if pd.isna(row.article) else f"{law}, article {row.article}",
            }


# ---------------------------------------------------------------- the rule on the page, and its check

NOW = "datum.start <= year + (month - 0.5) / 12 && year + (month - 0.5) / 12 < datum.end"
LEFT_OUT = "doubtful === 'left out'"


def _known(field: str, doubt: str) -> str:
    return f"({LEFT_OUT} && datum.{doubt} ? null : datum.{field})"


def _at_least(field: str, other: str) -> str:
    a, b = _known(field, "odoubt"), _known(other, "rdoubt")
    return f"({b} === 0 || {a} === {LIFE} ? 1 : {a} === null || {b} === null ? -1 : {a} >= {b} ? 1 : 0)"


def _as_severe(form: str) -> str:
    floors, ceilings = _at_least(f"{form}f", "rf"), _at_least(f"{form}c", "rc")
    both = f"({floors} === 0 || {ceilings} === 0 ? 0 : {floors} < 0 || {ceilings} < 0 ? -1 : 1)"
    return f"(rule === 'floors' ? {floors} : rule === 'ceilings' ? {ceilings} : {both})"


def _worded(form: str) -> str:
    severe = _as_severe(form)
    return f"({severe} === 1 ? '{AS_SEVERE}' : {severe} === 0 ? '{NOT_AS_SEVERE}' : '{UNSAID}')"


def answer_in_vega() -> str:
    """What the figure says of the stretch that holds the month, as an expression over its row and the controls."""
    month = "['" + "','".join(MONTHS) + "'][month - 1] + ' ' + year"
    answer = in_vega(
        ANSWER,
        month=month,
        basic="datum.btext",
        worse="datum.atext",
        yardstick="datum.words",
        reference="datum.rtext",
        basic_is=_worded("b"),
        worse_is=_worded("a"),
    )
    return f"datum.law ? {answer} : {in_vega(NO_LAW, month=month)}"


def answer(
    table: pd.DataFrame,
    year: int = 2009,
    month: int = 1,
    yardstick: str = "murder",
    rule: Rule = "both",
    doubtful: str = "used",
) -> str:
    """The same sentence from the statutes themselves: what is in force on the first of the month, compared."""
    day, name = f"{year}-{month:02d}", f"{MONTHS[month - 1]} {year}"
    current = penalties.in_force(table, day)
    offences = current[current.id.isin(TRAFFICKING)]
    if offences.empty:
        return in_python(NO_LAW, month=name)
    offence = offences.id.item()
    reference = current[current.id.isin(YARDSTICKS[yardstick].articles)].id.item()
    regime, strict = Regime("now", day, offence, reference), doubtful == "left out"
    severe = penalties.compare(table, [regime], rule=rule, without_unverified=strict).set_index("form").as_severe
    said = [UNSAID if pd.isna(severe[f]) else AS_SEVERE if severe[f] else NOT_AS_SEVERE for f in FORMS]
    basic, worse = (_marked(table, offence, known_range(table, offence, form)) for form in FORMS)
    return in_python(
        ANSWER,
        month=name,
        basic=basic,
        worse=worse,
        yardstick=YARDSTICKS[yardstick].words,
        reference=_marked(table, reference, known_range(table, reference)),
        basic_is=said[0],
        worse_is=said[1],
    )


SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"year": 1996},
    {"year": 2000, "yardstick": "rape"},
    {"year": 2008, "month": 1},
    {"year": 2008, "month": 2},
    {"doubtful": "left out"},
    {"year": 2010, "month": 11, "rule": "ceilings"},
    {"year": 2010, "month": 12},
    {"year": 2015, "rule": "floors"},
    {"year": 2020, "yardstick": "killing"},
    {"year": 2020, "yardstick": "killing", "rule": "ceilings", "doubtful": "left out"},
)


# ---------------------------------------------------------------- drawing


def _killing(yardstick: str) -> Yardstick:
    return YARDSTICKS[yardstick if yardstick != "rape" else "murder"]


def _numbers(table: pd.DataFrame) -> dict[str, str]:
    """The numbers of the claim `as-murder` by what trafficking is compared with, how, and with which ranges.

    To compare it with rape is no reading of the claim, and leaves its numbers as they are.
    """
    found = {
        f"{yardstick} {rule} {doubtful}": as_murder(
            table,
            tuple(
                replace(regime, reference=_killing(yardstick).articles[place])
                for place, regime in enumerate(UNDER_THE_LAW_OF_2008)
            ),
            rule=rule,
            without_unverified=doubtful == "left out",
        )
        for yardstick, rule, doubtful in product(YARDSTICKS, RULES, DOUBTFUL)
    }
    moved = ("reach_2008", "known_2008", "reach_2010", "known_2010")
    key = "yardstick + ' ' + rule + ' ' + doubtful"
    return {name: figures.looked_up({by: numbers[name] for by, numbers in found.items()}, key) for name in moved}


def draw_day(table: pd.DataFrame) -> figures.Figure:
    """All ranges in force in a month that the reader sets, and what follows for trafficking."""
    drawn = bars(table)
    sentence = figures.readout_of(
        alt.Chart(alt.Data(values=stretches(table)))
        .transform_filter(f"{NOW} && datum.yardstick === yardstick")
        .transform_calculate(sentence=answer_in_vega()),
        "sentence",
    )
    chart = alt.layer(*_layers(drawn), sentence).add_params(*_controls()).properties(height=430)
    return figures.live(
        chart,
        name="law-day",
        title="Set a month: the range for trafficking has stood since 2008, the range for murder moved in 2010",
        subtitle="Lowest to highest term in Cambodia, in years. Thick bar: basic form; thin bar: aggravated; dot: "
        "life. Dashed or empty: unread, so unconfirmed; a question mark: not known",
        alt="Bars of penalty ranges by offence in January 2009: trafficking 7 to 15 years with a thin bar from "
        "15 to 20, murder a dashed bar from 10 to 20, and eleven other offences.",
        source=SOURCE + ". Changes are known by month at best; "
        "a law counts from the first day that its date can mean.",
        data=drawn,
        checks=[(setting, answer(table, **setting)) for setting in SETTINGS],
        claim="as-murder",
        numbers=_numbers(table),
    )


def _controls() -> list[Any]:
    def choice(name: str, label: str, options: list[str], **words: Any) -> Any:
        return alt.param(name=name, value=options[0], bind=alt.binding_select(name=label, options=options, **words))

    rules = ["lowest and highest term", "the highest term", "the lowest term"]
    yardsticks = [yardstick.words for yardstick in YARDSTICKS.values()]
    return [
        alt.param(name="year", value=2009, bind=alt.binding_range(name="Year", min=1996, max=2025, step=1)),
        alt.param(name="month", value=1, bind=alt.binding_range(name="Month", min=1, max=12, step=1)),
        choice("yardstick", "Compare with", list(YARDSTICKS), labels=yardsticks),
        choice("rule", "Severity is measured by", list(RULES), labels=rules),
        choice("doubtful", "Ranges known at second hand", list(DOUBTFUL)),
    ]


def _layers(drawn: pd.DataFrame) -> list[Any]:
    scale = alt.Scale(domain=[0, 39], nice=False)
    ticks = alt.Axis(
        values=[0, 10, 20, 30, 37], labelExpr="datum.value == 37 ? 'life' : datum.value", labelOverlap=False
    )
    kinds = ["trafficking", "killing", "other"]
    hues = alt.Scale(domain=kinds, range=[palette.ACCENT, palette.SECOND, palette.MUTED])
    shared = {
        "y": alt.Y("offence:N", sort=list(OFFENCES), title=None, axis=alt.Axis(labelLimit=140)),
        "color": alt.Color("kind:N", scale=hues, legend=alt.Legend(title=None)),
        "tooltip": [
            alt.Tooltip("offence:N", title="Offence"),
            alt.Tooltip("form:N", title="Form"),
            alt.Tooltip("range:N", title="Years"),
            alt.Tooltip("article:N", title="Law"),
            alt.Tooltip("doubt:N", title="Unread"),
        ],
    }
    low = alt.X("low:Q", scale=scale, axis=ticks, title="Years of imprisonment")
    force = alt.Chart(drawn).transform_filter(f"{NOW} && !({LEFT_OUT} && datum.doubt)")
    rules = [
        force.transform_filter(f"datum.form === '{form}' && {test}datum.doubt")
        .mark_rule(strokeWidth=width, strokeDash=dash)
        .encode(x=low, x2="high:Q", **shared)
        for form, width in (("base", 10), ("aggravated", 4))
        for test, dash in (("", [3, 2]), ("!", [1, 0]))
    ]
    ends = [
        force.transform_filter(f"datum.high == 37 && {test}datum.doubt")
        .mark_point(size=60, filled=bool(test), opacity=1, aria=False)
        .encode(x=alt.X("high:Q", scale=scale), **shared)
        for test in ("", "!")
    ]
    return [*rules, *ends]
