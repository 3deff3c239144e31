"""The controls of a live figure: what each sets, from where to where, and its values in words."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compendium.evidence.numbers import signed
from compendium.figures.drawing import FigureError

# How a label names the unit of its control; the page writes the unit beside the value instead.
_UNITS = (
    (re.compile(r" \((percent|%)\)$"), "percent"),
    (re.compile(r", 0 to \d+$|^(?=Share )(?!.*\()"), "share"),
    (re.compile(r", dollars$"), "dollars"),
    (re.compile(r" \(points\)$"), "points"),
    (re.compile(r"(?<=^Month)$"), "month"),
)
_MONTHS = "January February March April May June July August September October November December".split()
_LARGEST_SHARE = 2
_FIVE_DIGITS = 10_000  # below it no comma, so that a year is never written with one


@dataclass(frozen=True)
class Control:
    """A range (`low`, `high`, `step`) or a list (`options`: values with their words) that sets `signal`.

    `first` is the published value, `place` where it stands on a range, from 0 to 1; a `struck` list is shown as
    chips, one for each option of one digit, and its value holds the digits of those that stand.
    """

    signal: str
    label: str
    first: Any
    unit: str = ""
    digits: int = 0
    low: float = 0
    high: float = 0
    step: float = 1
    options: tuple[tuple[Any, str], ...] = ()
    struck: bool = False

    @property
    def place(self) -> float:
        """Where the published value stands between the ends of a range."""
        return (self.first - self.low) / (self.high - self.low)

    @property
    def said(self) -> str:
        """The published value in words."""
        if not self.options:
            return say(self.first, self.unit, self.digits)
        return next((words for value, words in self.options if value == self.first), str(self.first))


def control(signal: Mapping[str, Any], struck: bool = False) -> Control:
    """Return the control of a bound Vega signal; FigureError if the page has none of its kind."""
    bind, name = signal["bind"], signal["name"]
    kind = bind.get("input")
    label, unit = _split(bind["name"])
    if kind == "select":
        options = bind["options"]
        words = bind.get("labels") or [str(option) for option in options]
        return Control(name, label, _first(signal), options=tuple(zip(options, words, strict=True)), struck=struck)
    if kind == "range":
        step = bind.get("step", 1)
        unit = "" if unit == "share" and bind["max"] > _LARGEST_SHARE else unit
        digits = _digits(step * 100 if unit == "share" else step)
        return Control(name, label, _first(signal), unit, digits, bind["min"], bind["max"], step)
    raise FigureError(f"the control {name!r} is a {kind}; a page has ranges and lists (alt.binding_range, _select)")


def _first(signal: Mapping[str, Any]) -> Any:
    """The first value of a signal; that of a selection is written as an expression, a literal."""
    return signal["value"] if "value" in signal else json.loads(signal["init"])


def _split(label: str) -> tuple[str, str]:
    """A label without its unit, and the unit."""
    for pattern, unit in _UNITS:
        if pattern.search(label):
            return pattern.sub("", label), unit
    return label, ""


def _digits(step: float) -> int:
    """How many decimals the multiples of a step need."""
    return next(digits for digits in range(9) if math.isclose(step, round(step, digits), abs_tol=1e-9))


def say(value: float, unit: str, digits: int) -> str:
    """A value of a range in words; `assets/controls.js` writes the others in the same way."""
    if unit == "month":
        return _MONTHS[round(value) - 1]
    size = abs(value) * (100 if unit == "share" else 1)
    text = f"{size:,.{digits}f}" if size >= _FIVE_DIGITS or unit == "dollars" else f"{size:.{digits}f}"
    after = {"percent": "%", "share": "%", "points": " points"}.get(unit, "")
    return signed(value, f"{'$' if unit == 'dollars' else ''}{text}{after}")
