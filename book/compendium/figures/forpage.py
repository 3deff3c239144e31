"""A live figure made ready for a page: compiled when the book is built, its controls and its answer written out."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any

from compendium.figures import faces
from compendium.figures.controls import Control, control
from compendium.figures.drawing import Figure, FigureError
from compendium.figures.live import spoken

COLUMN = 640  # pixels; how tall a chart is does not hang on it, which the tests of the page measure


@dataclass(frozen=True)
class ForPage:
    """What the page holds of a live figure beside its printed form.

    `spec` is a Vega specification without controls, `height` that of the chart in pixels, so that the page can
    keep the room, `sentence` the answer in the first state, `drawing` the printed form without the labels of its
    single marks, which nobody hears: the drawing is one image with one label.
    """

    spec: str
    controls: tuple[Control, ...]
    height: int
    sentence: str
    drawing: str


def for_page(figure: Figure) -> ForPage:
    """Compile the specification of a live figure, so that a page need not carry the compiler."""
    import vl_convert

    faces.tell_vega()
    given = json.loads(figure.spec)
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(given)
    chips = given.get("usermeta", {}).get("chips", ())
    bound = [signal for signal in compiled.get("signals", ()) if "bind" in signal]
    try:
        controls = tuple(control(signal, signal["name"] in chips) for signal in bound)
    except FigureError as error:
        raise FigureError(f"figure {figure.name}: {error}") from error
    for signal in bound:
        del signal["bind"]
    compiled.pop("$schema", None)
    return ForPage(
        json.dumps(compiled, separators=(",", ":"), sort_keys=True),
        controls,
        _height(given),
        spoken(figure.svg),
        _as_one_image(figure.svg),
    )


_OF_A_MARK = re.compile(r' (?:aria-label|aria-roledescription|role)="[^"]*"')


def _as_one_image(svg: str) -> str:
    start = svg.index(">", svg.index("<svg"))
    return svg[:start] + _OF_A_MARK.sub("", svg[start:])


def _height(spec: dict[str, Any]) -> int:
    """How tall the chart is in the column, in whole pixels."""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg({**spec, "width": COLUMN} if spec.get("width") == "container" else spec)
    found = re.search(r'<svg[^>]*\bheight="([\d.]+)"', drawn)
    if not found:
        raise FigureError("a chart that was drawn has no height")
    return math.ceil(float(found[1]))
