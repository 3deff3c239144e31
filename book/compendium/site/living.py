"""The verdict beside a live figure: as published in the page, as the reader has it once the figure lives."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup, escape
from sphinx.application import Sphinx

from compendium import figures
from compendium.evidence.numbers import trimmed
from compendium.site import pages, strips
from compendium.site.claims import STYLES, reached, rests_on
from compendium.site.ruletext import unit
from compendium.trial import claims, compiled, living, rules, told, verdicts
from compendium.trial.told import plain

MARKS = {word: (STYLES[word], strips.SEALS[word]) for word in STYLES}
LEADS = ("The verdict, as published:", "The verdict, as you have it:")
Asked = list[tuple[living.Comparison, str]]  # comparisons, each from the side of one number
NONE_HANGS = "No verdict hangs on this figure."


def beside(app: Sphinx, docname: str, figure: figures.Figure) -> Markup:
    """What stands under the answer of a live figure: the verdict that hangs on it, or that none does."""
    if not figure.spec:
        return Markup()
    if not figure.claim or figure.claim not in reached(app):
        return Markup(pages.render("living-none.html", says=NONE_HANGS, reason=figure.apart))
    rests_on(app, docname, figure.claim)
    claim, verdict = claims.registry()[figure.claim], reached(app)[figure.claim]
    return Markup(pages.render("living.html", **view(claim, verdict, figure), up="../" * docname.count("/")))


def view(claim: claims.Claim, verdict: verdicts.Verdict, figure: figures.Figure) -> dict[str, Any]:
    """All that the template and the script need: words for the page, and the compiled rules."""
    every, moved = living.comparisons(claim), [name for name in claim.numbers if name in figure.numbers]
    groups: list[dict[str, Any]] = []
    asked: Asked = []
    for part in (*claim.parts, *claim.context):
        own = [(one, name) for one in every if one.part == part.name and (name := one.teller(moved))]
        if own:
            own.sort(key=lambda pair: moved.index(pair[1]))
            asked += own
            groups.append({"part": part.name, "beside": part in claim.context, "rows": _rows(claim, verdict, own)})
    return {
        "claim": claim,
        "groups": groups,
        "many": len(claim.parts) > 1 or any(group["beside"] for group in groups),
        "data": as_json(data(claim, verdict, asked) | {"first": _rounded(figure.numbers), "leads": LEADS}),
        "lead": LEADS[0],
        **marks(verdict),
    }


def _rows(claim: claims.Claim, verdict: verdicts.Verdict, asked: Asked) -> list[dict[str, Any]]:
    """The numbers that a part asks for, each with its comparisons, in words."""
    return [
        {
            "name": name,
            "meaning": claim.numbers[name].meaning,
            "value": plain(verdict.numbers[name], claim.numbers[name].unit),
            "lines": [line(claim, one, name, verdict.numbers) for one, asks in asked if asks == name],
        }
        for name in dict.fromkeys(name for _, name in asked)
    ]


def marks(verdict: verdicts.Verdict) -> dict[str, Any]:
    """The words of a verdict and of its parts, the class and the mark of every word, and answers beside it."""
    words = {**verdict.parts, **verdict.context}
    return {"word": verdict.verdict, "words": words, "marks": MARKS, "answers": told.ANSWERS}


def data(claim: claims.Claim, verdict: verdicts.Verdict, asked: Asked) -> dict[str, Any]:
    """What the script reads: the rules, the published numbers, units, marks, and the comparisons that it marks."""
    return {
        **compiled.compiled(claim),
        "word": verdict.verdict,
        "numbers": verdict.numbers,
        "units": {name: number.unit for name, number in claim.numbers.items()},
        "marks": MARKS,
        "answers": told.ANSWERS,
        "met": [one.tree for one, _ in asked],
        "sides": [[one.told(name)[2], unit(claim, one, name)] for one, name in asked],
    }


ROLES = {
    "alone": "the one condition of",
    "needed": "one condition of",
    "enough": "enough for",
    "counts": "counts for",
}


def line(claim: claims.Claim, one: living.Comparison, name: str, numbers: rules.Numbers) -> dict[str, Any]:
    """What a comparison asks of a number, in words, and whether it is met.

    `subject` is empty where the number itself is compared. `made` says of what other numbers its line is made; a
    factor in it has a mark, by which the page moves it.
    """
    lines = compiled.compiled(claim)["lines"]
    subject, relation, side = one.told(name)

    def named(number: str) -> str:
        return escape(f"“{claim.numbers[number].meaning}”")

    def factor(index: int) -> str:
        return Markup(f'<span data-factor="{index}">{trimmed(lines[index], 4)}</span>')

    return {
        "what": f"{ROLES[one.role]} “{'can be tested' if one.rule == 'testable' else one.rule}”",
        "part": one.part if len(claim.parts) + len(claim.context) > 1 else "",
        "subject": "" if subject == name else Markup(living.in_words(subject, named, factor)),
        "relation": living.RELATIONS[relation],
        "side": told.line(living.evaluated(side, numbers, lines), unit(claim, one, name)),
        "made": Markup(living.in_words(side, named, factor)) if side[:1] != ["line"] else "",
        "met": living.evaluated(one.tree, numbers, lines),
    }


def _rounded(numbers: rules.Numbers) -> dict[str, float | None]:
    """Six digits, as numbers of a verdict have."""
    return {name: None if value is None else float(f"{value:.6g}") for name, value in numbers.items()}


def as_json(value: Any) -> Markup:
    """Data for a script of type `application/json`, in which no text can end the script."""
    return Markup(json.dumps(value, separators=(",", ":"), ensure_ascii=False).replace("</", "<\\/"))
