"""Numbers as prose: every figure in a sentence is formatted here and glued into the page by name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable

from compendium.evidence import trail

SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
MINUS = "\N{MINUS SIGN}"
WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def decimal(value: float, digits: int = 1) -> str:
    """Return `value` with a fixed number of decimals, thousands separated, with a true minus sign."""
    return signed(value, f"{abs(_finite(value)):,.{digits}f}")


def count(value: float) -> str:
    """Return a whole number with thousands separated: 18256 becomes 18,256."""
    return decimal(value, 0)


def in_words(value: int) -> str:
    """Return a whole number up to twelve as a word, a larger one in digits."""
    return WORDS[value] if 0 <= value <= 12 else count(value)


def scaled(value: float, digits: int = 1) -> str:
    """Return a large number with its scale in words: 12300000 becomes 12.3 million."""
    for size, word in SCALES:
        if abs(_finite(value)) >= size:
            return f"{trimmed(value / size, digits)} {word}"
    return trimmed(value, digits) if abs(value) < 100 else count(value)


def trimmed(value: float, digits: int = 1) -> str:
    """Return `value` with at most `digits` decimals, trailing zeros dropped."""
    text = decimal(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def dollars(value: float, digits: int = 1) -> str:
    """Return US dollars: 31.6e9 becomes $31.6 billion, 2601.6 becomes $2,602."""
    text = scaled(abs(_finite(value)), digits) if abs(value) >= 1e6 else count(abs(value))
    return signed(value, f"${text}")


def percent(share: float, digits: int = 0) -> str:
    """Return a share between 0 and 1 as a percentage: 0.8 becomes 80%."""
    return f"{decimal(100 * _finite(share), digits)}%"


def points(difference: float, digits: int = 1) -> str:
    """Return a difference of two shares in percentage points: 0.031 becomes 3.1 percentage points."""
    return f"{decimal(100 * _finite(difference), digits)} percentage points"


def times(ratio: float, digits: int = 1) -> str:
    """Return a ratio in words: 4.51 becomes 4.5 times."""
    return f"{trimmed(ratio, digits)} times"


def probability(p: float) -> str:
    """Return a p value or probability, finer near either end; within one in a thousand of it as a bound."""
    if _finite(p) < 0.001:
        return "less than 0.001"
    if p > 0.999:
        return "more than 0.999" if p < 1 else "1"
    return decimal(p, 2 if 0.1 <= p <= 0.9 else 3)


def interval(low: float, high: float, form: Callable[[float], str] = percent) -> str:
    """Return two ends in one form: `interval(0.57, 0.76)` becomes 57% to 76%."""
    return f"{form(low)} to {form(high)}"


def listing(items: list[str]) -> str:
    """Return items as an English list: a, b and c."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def spans(years: Iterable[int]) -> list[str]:
    """Write years as runs in order: "2003 to 2007", "2010 and 2011" as two single years."""
    runs: list[list[int]] = []
    for year in sorted(set(years)):
        if runs and year == runs[-1][-1] + 1:
            runs[-1].append(year)
        else:
            runs.append([year])
    return [
        words
        for run in runs
        for words in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else [str(year) for year in run])
    ]


def signed(value: float, text: str) -> str:
    """Return the words for the size of `value` with its sign; what is written as zero has none."""
    return f"{MINUS}{text}" if value < 0 and re.search("[1-9]", text) else text


def say(**sentences: str) -> None:
    """Glue formatted numbers under their names, for ``{glue:text}`` in the prose of the same page.

    Raises TypeError naming the key if a value is not yet text: numbers are formatted where they are made.
    """
    from myst_nb import glue

    for name, text in sentences.items():
        if not isinstance(text, str):
            raise TypeError(
                f"say({name}=...): expected formatted text, found {type(text).__name__} {text!r}; "
                "use one of the forms in compendium.numbers"
            )
        glue(name, text, display=False)
    trail.tell(*sentences)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError(f"a number in prose must be finite, found {value!r}")
    return value
