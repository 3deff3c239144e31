"""A claim of one rule, for tests of what is made of rules."""

from __future__ import annotations

from compendium.trial.claims import Claim, Number, Part
from compendium.trial.rules import Rule


def claim_of(supported: str, contradicted: str = "False", testable: str = "", **units: str) -> Claim:
    """A claim of one part over numbers `a` and `b`."""
    part = Part("it", Rule(supported), Rule(contradicted), Rule(testable) if testable else None)
    units = {"a": "share", "b": "share"} | units
    numbers = {name: Number(name, unit, 0.0 if unit == "counts" else 0.1) for name, unit in units.items()}
    words = dict.fromkeys(("title", "chapter", "basis", "quote", "claim", "question"), "demo")
    return Claim(
        id="demo",
        holder="essay",
        part=1,
        datasets=(),
        numbers=numbers,
        key_number="a",
        parts=(part,),
        alternatives={},
        would_change_it="",
        **words,
    )
