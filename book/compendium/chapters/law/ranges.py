"""The ranges of the statutes, which of them are compared, and what the page says of them."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, listing, percent
from compendium.methods.law import penalties
from compendium.methods.law.penalties import UNKNOWN, Form, Range, Regime, Rule

SOURCE = "Statutes as read or restated; see cambodia_penalties in the data catalogue"
FORMS: tuple[Form, ...] = ("base", "aggravated")

MURDER = (
    Regime("1996–2008", "2007-01-01", "KH-96-3", "KH-UN-31"),
    Regime("2008–2010", "2009-01-01", "KH-08-10", "KH-UN-31"),
    Regime("Since Dec 2010", "2011-01-01", "KH-08-10", "KH-09-200"),
)
UNDER_THE_LAW_OF_2008 = MURDER[1:]
ORDINARY_MURDER = (
    Regime("2008–2010", "2009-01-01", "KH-08-10", "KH-UN-32"),
    Regime("Since Dec 2010", "2011-01-01", "KH-08-10", "KH-09-199"),
)
PERIODS = {"2008–2010": 2008, "Since Dec 2010": 2010}  # regime: the year in the names of its numbers
AT_BOTH_ENDS = {("2008–2010", "base"): "base_2008", ("2008–2010", "aggravated"): "aggravated_2008"}

COMPARED = ("trafficking", "sale", "homicide")
KINDS = {
    "law_text": "the law's text",
    "state_report": "US report",
    "embassy_cable": "US cable",
    "press": "press",
    "law_site": "site on law",
}
STATUS = {penalties.UNVERIFIED: "unread"}
SHORT_LAW = {
    "Law on Suppression of Human Trafficking and Sexual Exploitation": "Law of 2008",
    "Law on Suppression of Kidnapping, Trafficking and Exploitation of Human Persons": "Law of 1996",
    "UNTAC Provisions relating to the Judiciary and Criminal Law and Procedure": "UNTAC code",
}
MONTHS = "January February March April May June July August September October November December".split()

ABROAD = {
    "TH-15-52": "Thailand",
    "LA-17-215": "Laos",
    "VN-15-150": "Viet Nam",
    "KH-08-10": "Cambodia",
    "PH-03-10": "Philippines",
    "US-1590": "US, labour",
    "US-1591": "US, sex",
}
NEIGHBOURS = ("TH-15-52", "LA-17-215", "VN-15-150")
UNSAID = "cannot be said"
ARTICLE_16 = "article-16-ceiling"  # two reports of one trial, two highest terms


def statutes() -> pd.DataFrame:
    """Penalties by article, one row each, as read or restated."""
    return tables.read("cambodia_penalties")


def is_unverified(table: pd.DataFrame, identifier: str) -> bool:
    """Whether the range of an article is unread: known, and confirmed against no text that was read."""
    return bool(table.set_index("id").status[identifier] == penalties.UNVERIFIED)


def known_range(table: pd.DataFrame, identifier: str, form: Form = "base") -> Range:
    """Range of an article; unknown at both ends where it has no such form."""
    return penalties.penalty(table, identifier, form) or UNKNOWN


def against_murder(table: pd.DataFrame) -> pd.DataFrame:
    """Trafficking beside premeditated murder under each law, by regime and form."""
    return penalties.compare(table, MURDER).set_index(["regime", "form"])


def as_murder(
    table: pd.DataFrame,
    regimes: tuple[Regime, ...] = UNDER_THE_LAW_OF_2008,
    form: Form = "whole",
    rule: Rule = "both",
    without_unverified: bool = False,
) -> dict[str, float | None]:
    """The numbers of the claim by regime: how often a term for trafficking is the longer one, and if that is known.

    `both` compares whole ranges, `ceilings` and `floors` one end of each. Beside them, for each form: is it
    punished at least as severely at both ends (1 yes, 0 no, -1 cannot be said)? An article of which no row is there
    has an unknown range.
    """

    def range_of(article: str, kind: Form) -> Range:
        left_out = article not in set(table["id"]) or (without_unverified and is_unverified(table, article))
        return UNKNOWN if left_out else known_range(table, article, kind)

    numbers: dict[str, float | None] = {}
    for regime in regimes:
        period, murder = PERIODS[regime.label], range_of(regime.reference, "base")
        reach = penalties.superiority(_end(range_of(regime.offence, form), rule), _end(murder, rule))
        numbers |= {f"reach_{period}": reach, f"known_{period}": int(reach is not None)}
        for each in FORMS:
            if name := AT_BOTH_ENDS.get((regime.label, each)):
                severe = penalties.as_severe(range_of(regime.offence, each), murder)
                numbers[name] = -1 if severe is None else int(severe)
    return numbers


def _end(range_: Range, rule: Rule) -> Range:
    """A range, or one end of it as a range of its own."""
    end = {"ceilings": range_.ceiling, "floors": range_.floor}
    return range_ if rule == "both" else Range(end[rule], end[rule])


def as_murder_alternatives(table: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    """The same numbers under every declared alternative."""
    return {
        "without-unverified": as_murder(table, without_unverified=True),
        "ordinary-murder": as_murder(table, ORDINARY_MURDER),
        "basic-form": as_murder(table, form="base"),
        "gravest-form": as_murder(table, form="aggravated"),
        "ceilings-only": as_murder(table, rule="ceilings"),
        "floors-only": as_murder(table, rule="floors"),
        "printed-earlier": as_murder(table) | {"reach_2010": None, "known_2010": 0},
    }


def years(table: pd.DataFrame, identifier: str, form: Form = "base") -> str:
    """A range as the prose says it: 7 to 15."""
    return str(known_range(table, identifier, form)).replace("–", " to ")


def words_on_ranges(table: pd.DataFrame) -> dict[str, str]:
    """The ranges of trafficking and of its yardsticks in Cambodia."""
    return {
        "base": years(table, "KH-08-10"),
        "aggravated": years(table, "KH-08-10", "aggravated"),
        "untac": years(table, "KH-UN-31"),
        "old_base": years(table, "KH-96-3"),
        "old_aggravated": years(table, "KH-96-3", "aggravated"),
        "old_whole": years(table, "KH-96-3", "whole"),
        "new_whole": years(table, "KH-08-10", "whole"),
        "ordinary": years(table, "KH-09-199"),
        "rape": years(table, "KH-09-239"),
    }


def words_on_reach(table: pd.DataFrame) -> dict[str, str]:
    """How often a term for trafficking is longer than one for murder, by period, and by form until 2010."""
    main = as_murder(table)
    basic, gravest = (as_murder(table, form=form)["reach_2008"] for form in FORMS)
    shares = {"reach_2008": main["reach_2008"], "reach_2010": main["reach_2010"]}
    shares |= {"reach_basic": basic, "reach_gravest": gravest}
    return {name: UNSAID if share is None else percent(share) for name, share in shares.items()}


def words_on_other_articles(table: pd.DataFrame) -> dict[str, str]:
    """The articles of 2008 beyond Article 10: what was seen of their ranges, and what sources say against it."""
    conflict = tables.read("source_disagreements").set_index("id").loc[ARTICLE_16]
    murder = known_range(table, "KH-UN-31")
    read = [Range(*map(float, str(conflict[side]).split("-"))) for side in ("value_a", "value_b")]
    same = penalties.as_severe(read[0], murder) == penalties.as_severe(read[1], murder)
    trafficking = table[table.id.str.startswith("KH-08-") & table.offence_group.eq("trafficking")]
    articles = trafficking[trafficking.article.ne("any")]
    imposed = tables.read("cambodia_sentences")
    under = imposed[imposed.law.eq("2008")]
    named = under[under.article.notna()].astype({"article": str})
    floors = table[table.id.str.startswith("KH-08-")].set_index("article").min_years
    return {
        "articles": in_words(len(articles)),
        "articles_restated": listing(articles[articles.status.eq("restated")].article.tolist()),
        "articles_unread": listing(articles[articles.status.eq(penalties.UNVERIFIED)].article.tolist()),
        "whole_law": f"{table.set_index('id').max_years['KH-08-MAX']:g} years",
        "sale": years(table, "KH-08-14"),
        "receipt": f"{table.set_index('id').max_years['KH-08-20']:g} years",
        "one_report": str(read[0]).replace("–", " to "),
        "other_report": str(read[1]).replace("–", " to "),
        "either_way": "the same" if same else "another",
        "sentences": in_words(len(under)),
        "sentences_by_article": in_words(len(named)),
        "sentences_below": in_words(int((named.years_low < named.article.map(floors)).sum())),
    }


def words_on_dates(table: pd.DataFrame) -> dict[str, str]:
    """When the law of 2008 and the Penal Code came, and the year of the essay between them and now."""
    return {
        "law_day": day_in_words(tables.value("cambodia_timeline", "date", id="TL21")),
        "code_day": day_in_words(tables.value("cambodia_timeline", "date", id="TL27")),
        "code_force": day_in_words(table.set_index("id").in_force_from["KH-09-200"]),
        "essay_year": str(tables.value("prison_study_facts", "year_from", id="K32")),
    }


def day_in_words(text: str) -> str:
    """A date of day or month precision in words: 15 February 2008, December 2010."""
    first = penalties.span(text).first
    month = f"{MONTHS[first.month - 1]} {first.year}"
    return f"{first.day} {month}" if text.count("-") == 2 else month


# ---------------------------------------------------------------- tables of the page


def table_of_sources(table: pd.DataFrame) -> pd.DataFrame:
    """Cambodian articles on trafficking, sale and killing: their ranges, the kind of source, and unread texts.

    Articles of one law that share all of these share a row.
    """
    rows = table[table.jurisdiction.eq("Cambodia") & table.offence_group.isin(COMPARED)]
    shown = pd.DataFrame(
        {
            "Law": [SHORT_LAW.get(law.split(" (")[0], law.split(" (")[0]) for law in rows.law],
            "Article": rows.article.replace("any", "whole law").to_numpy(),
            "Years": [years(table, row) for row in rows.id],
            "Aggravated": [_aggravated(table, row) for row in rows.id],
            "Range seen in": [
                f"{KINDS[kind]}, {STATUS.get(status, status)}" if kind != "none" else STATUS[penalties.UNVERIFIED]
                for kind, status in zip(rows.seen_in, rows.status, strict=True)
            ],
            "Text unread at": rows.text_exists_at.fillna("").str.replace("; ", ", ").to_numpy(),
        }
    )
    keys = [column for column in shown.columns if column != "Article"]
    joined = shown.groupby(keys, sort=False).Article.agg(", ".join).reset_index()
    return joined[shown.columns].set_index("Law")


def _aggravated(table: pd.DataFrame, identifier: str) -> str:
    worse = penalties.penalty(table, identifier, "aggravated")
    return "" if worse is None else str(worse).replace("–", " to ")


def table_of_disagreements() -> pd.DataFrame:
    """Where two sources print different years for one penalty, and what the book does."""
    rows = tables.read("source_disagreements")
    rows = rows[rows.table.eq("cambodia_penalties") & rows.measure.eq("years")]
    columns = {
        "subject": "Penalty",
        "value_a": "Years",
        "source_a": "as printed in",
        "value_b": "Other years",
        "source_b": "as printed in ",  # a second column of that name
        "what_the_book_does": "The book",
    }
    return rows[list(columns)].rename(columns=columns).set_index("Penalty")


def words_on_the_earlier_law(table: pd.DataFrame, ranges: pd.DataFrame) -> dict[str, str]:
    """What the law of 1996 carried, and what courts gave under it in October 2004."""
    note = tables.value("cambodia_penalties", "note", id="KH-96-3")
    terms = sorted(int(term) for term in re.findall(r"\d+", note.split(":")[-1]))
    basic: Any = ranges.loc[("1996–2008", "base")]
    below = [term for term in terms if term < basic.floor]
    days = [365 * tables.value("cambodia_penalties", end, id="KH-LAB") for end in ("min_years", "max_years")]
    return {
        "terms": in_words(len(terms)),
        "below": in_words(len(below)),
        "shortest": in_words(min(terms)),
        "debauchery": years(table, "KH-96-8"),
        "sex": years(table, "KH-08-42"),
        "indecent": years(table, "KH-08-43"),
        "practice": " to ".join(map(count, days)) + " days",
    }


def us_standard() -> float:
    """Highest term in years that passes the US test of a stringent penalty, as restated."""
    return tables.value("cambodia_penalties", "min_years", id="US-TVPA-108")


def words_on_neighbours(table: pd.DataFrame) -> dict[str, str]:
    """How Cambodia's range lies to its neighbours', and trafficking to murder in Viet Nam."""
    murder = known_range(table, "VN-15-123", "whole")
    any_form = any(penalties.as_severe(known_range(table, "VN-15-150", form), murder) for form in FORMS)
    khmer = known_range(table, "KH-08-10")
    below = [penalties.as_severe(known_range(table, other), khmer, "floors") is False for other in NEIGHBOURS]
    return {
        "neighbours_below": in_words(sum(below)),
        "viet": "some form" if any_form else "no form",
        "standard": in_words(int(us_standard())),
    }
