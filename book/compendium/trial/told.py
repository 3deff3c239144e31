"""Numbers and findings of claims in words, as cards, lists and sentences show them."""

from __future__ import annotations

from string import Formatter

from compendium.evidence import numbers
from compendium.trial.claims import Claim
from compendium.trial.rules import CONTRADICTED, OPEN, SUPPORTED, UNTESTABLE
from compendium.trial.verdicts import Verdict

# How a question beside the verdict is answered: not with words that would read as a verdict on the claim.
ANSWERS = {SUPPORTED: "yes", CONTRADICTED: "no", OPEN: "not established", UNTESTABLE: "cannot be tested"}


def plain(value: float | None, unit: str) -> str:
    """Return a number of a claim with its unit, as the card and the ledger show it."""
    if value is None:
        return "no figure seen"
    match unit:
        case "share":
            return numbers.percent(value, 1).replace(".0%", "%")
        case "probability":
            return numbers.probability(value)
        case "US dollars":
            return numbers.dollars(value)
        case "yes or no":
            return "yes" if value == 1 else "no" if value == 0 else "cannot be said"
        case "ratio":
            return numbers.times(value, 2)
        case "rank":
            return f"number {numbers.trimmed(value, 2)}"
        case _:
            return f"{numbers.trimmed(value, 2)} {_one(unit) if value == 1 else unit}"


def line(value: float | None, unit: str) -> str:
    """Return a line of a rule with its unit: a probability is given as it is, which `plain` may only bound."""
    if value is None or unit != "probability":
        return plain(value, unit)
    return numbers.trimmed(value, 4)


def _one(unit: str) -> str:
    """The singular of a unit: studies to study, voices to voice."""
    return f"{unit.removesuffix('ies')}y" if unit.endswith("ies") else unit.removesuffix("s")


def inline(value: float | None, unit: str, form: str = "") -> str:
    """Return a number for the middle of a sentence, without its unit unless it is part of how it is written.

    `form` is empty, `words` (a small whole number as a word), `no` or `none` (the same, with that word instead of
    zero), `thousand` (a probability as so many times in 1,000), `days` (years as days) or a number of decimals.
    """
    if value is None:
        return "no figure"
    if form in ("words", "no", "none"):
        return form if form != "words" and round(value) == 0 else numbers.in_words(round(value))
    if form == "thousand":
        return f"{numbers.count(1000 * value)} times in 1,000"
    if form == "days":
        return numbers.count(365 * value)
    digits = int(form) if form else None
    match unit:
        case "share":
            return numbers.percent(value, digits or 0)
        case "probability":
            return numbers.probability(value)
        case "US dollars":
            return numbers.dollars(value, 1 if digits is None else digits)
        case "yes or no":
            return plain(value, unit)
        case _:
            return numbers.trimmed(value, 1 if digits is None else digits)


def filling(name: str, form: str, claim: Claim, verdict: Verdict) -> tuple[str, str]:
    """Return the number that a sentence names, by its own name, and how the sentence writes it.

    `name` is a number of the claim, or `alternative.number` for what it is under a declared alternative.
    """
    label, _, own = name.rpartition(".")
    value = verdict.moves.get(label, {}).get(own, verdict.numbers[own])
    return own, inline(value, claim.numbers[own].unit, form)


def sentence(text: str, claim: Claim, verdict: Verdict | None) -> str:
    """Return a text on a claim with its numbers filled in; empty while there is no verdict."""
    if verdict is None:
        return ""
    told = ""
    for words, name, form, _ in Formatter().parse(text):
        told += words
        if name:
            number = filling(name, form or "", claim, verdict)[1]
            told += number if _within(told) else number[:1].upper() + number[1:]
    return told[:1].upper() + told[1:]


def _within(told: str) -> bool:
    """Whether what comes next stands within a sentence."""
    return not told.rstrip().endswith((".", "?", "!")) if told[-1:].isspace() else bool(told)


def finding(claim: Claim, verdict: Verdict | None) -> str:
    """Return what was found, in at most twelve words with the key number."""
    return sentence(claim.finding, claim, verdict)


def found(claim: Claim, verdict: Verdict | None) -> str:
    """Return what was found, in one or two sentences."""
    return sentence(claim.found, claim, verdict)
