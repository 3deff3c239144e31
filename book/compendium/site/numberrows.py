"""The numbers of a claim as its card and page list them: ends of an interval in one line, many behind a fold."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from compendium.trial import told
from compendium.trial.claims import Claim
from compendium.trial.verdicts import Verdict

MOST = 6  # lines that stand in the open; of more, only the key number and its interval do
_END = re.compile(r"(?P<which>lower|upper) end of the (?P<interval>[^,]*), (?P<of>.*)")


@dataclass(frozen=True)
class Row:
    """One line: what it gives, the value as doors, and whether it is the key number or its interval."""

    meaning: str
    value: Markup
    key: bool


@dataclass(frozen=True)
class Rows:
    """The lines in the open and those behind a fold, each in the declared order."""

    shown: list[Row]
    folded: list[Row]


def rows(claim: Claim, verdict: Verdict, door: Callable[[str, str], Markup]) -> Rows:
    """Return the lines of a claim; `door` makes the link of a number from its name and its text."""
    found: list[Row] = []
    names = list(claim.numbers)
    while names:
        name = names.pop(0)
        pair = (name, names[0]) if names and _ends(claim, name, names[0]) else (name,)
        del names[: len(pair) - 1]
        found.append(_row(claim, verdict, door, pair))
    if len(found) <= MOST:
        return Rows(found, [])
    return Rows([row for row in found if row.key], [row for row in found if not row.key])


def _ends(claim: Claim, first: str, second: str) -> bool:
    """Whether two numbers are the lower and the upper end of one interval."""
    low, high = (_END.fullmatch(claim.numbers[name].meaning) for name in (first, second))
    return bool(low and high and (low["which"], high["which"]) == ("lower", "upper") and low["of"] == high["of"])


def _row(claim: Claim, verdict: Verdict, door: Callable[[str, str], Markup], names: tuple[str, ...]) -> Row:
    numbers = [claim.numbers[name] for name in names]
    values = [verdict.numbers[name] for name in names]
    end = _END.fullmatch(numbers[0].meaning)
    meaning = f"{end['interval']}, {end['of']}" if end and len(names) == 2 else numbers[0].meaning
    if values == [None] * len(values):  # an interval that no text read holds has no ends to tell apart
        names = names[:1]
    doors = [
        door(name, told.plain(value, number.unit))
        for name, value, number in zip(names, values, numbers, strict=False)
    ]
    key = claim.key_number in names or set(names) <= set(claim.interval or ())
    return Row(meaning, Markup(" to ").join(doors), key)
