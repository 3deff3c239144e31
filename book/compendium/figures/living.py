"""The numbers of a rule that a live figure moves: the reader's, beside the sentence that says the answer.

A figure gives them as Vega expressions. They travel as the description of the mark that says the answer, so that
they cost no row and no mark, and are there wherever the sentence is.
"""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Mapping
from typing import Any

from compendium.figures.drawing import FigureError

_SAID = re.compile(
    r'(<g[^>]*class="[^"]*\breadout_marks\b[^"]*"[^>]*><text) aria-label="([^"]*)"'
    r'(?: role="[^"]*")?(?: aria-roledescription="[^"]*")?'  # an image without a name is none
)
Numbers = Mapping[str, float | None]


def say_numbers(spec: dict[str, Any], expressions: Mapping[str, str], readout: str) -> None:
    """Let the layer `readout` of a specification also say numbers, each by its name and a Vega expression.

    An expression may use the parameters of the figure and the fields of that layer's rows (`datum`). What is
    null or not finite is a number that nobody knows.
    """
    said = " + ' ' + ".join(f"'{name}=' + ({expression})" for name, expression in expressions.items())
    for layer in _named(spec, readout) if expressions else []:
        layer["encoding"]["description"] = {"value": {"expr": said}}


def looked_up(values: Mapping[str, float | None], key: str) -> str:
    """The Vega expression of a number that is known for every key; `key` is the expression of the key, a text."""
    rounded = {name: None if value is None else float(f"{value:.8g}") for name, value in values.items()}
    return f"({json.dumps(rounded)})[{key}]"


def _named(spec: Any, name: str) -> list[dict[str, Any]]:
    if isinstance(spec, list):
        return [layer for item in spec for layer in _named(item, name)]
    if not isinstance(spec, dict):
        return []
    own = [spec] if spec.get("name") == name and "encoding" in spec else []
    return own + [layer for key, item in spec.items() if key != "datasets" for layer in _named(item, name)]


def numbers_in(svg: str) -> dict[str, float | None]:
    """The numbers that a drawing says, by name; none of them if its layer has no row in this state."""
    found = _SAID.search(svg)
    pairs = (pair.partition("=") for pair in html.unescape(found.group(2)).split()) if found else ()
    return {name: _number(text) for name, _, text in pairs}


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:  # null, undefined
        return None
    return value if math.isfinite(value) else None


def without_numbers(svg: str) -> str:
    """The drawing without the numbers that it says."""
    return _SAID.sub(r"\1", svg)


def check(name: str, where: str, found: Numbers, expected: Numbers) -> None:
    """Raise FigureError if a figure does not say exactly these numbers, to six digits."""
    for number, value in expected.items():
        if number not in found or not _close(found[number], value):
            raise FigureError(
                f"figure {name}: {where} the method gives {number} = {value}, "
                f"the chart {found.get(number, 'nothing')}; mend the expression of this number"
            )


def _close(a: float | None, b: float | None) -> bool:
    return a is b if a is None or b is None else math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)
