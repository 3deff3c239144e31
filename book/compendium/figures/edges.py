"""Marks that can be seen: a faint area is drawn with an edge of 3:1, and no line of data has a faint colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from compendium.figures import palette
from compendium.figures.drawing import FigureError

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

WIDTH = 1  # of an edge
_LINES = ("line", "rule", "trail", "tick")


def edge_drawing(drawing: Drawing, name: str) -> None:
    """Give the faint areas of a matplotlib figure their edges; FigureError for a faint line beside the grid."""
    for axes in drawing.axes:
        for artist in (*axes.lines, *axes.patches, *axes.collections):
            _edge_artist(artist, name)


def _edge_artist(artist: Any, name: str) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.lines import Line2D

    if isinstance(artist, Line2D | LineCollection):
        if faint := _faint(artist.get_color()):
            raise FigureError(f"figure {name}: a line of data is {faint}, which cannot be seen; take QUIET")
        return
    faint = _faint(artist.get_facecolor())
    blank = artist.get_linestyle() in ("None", "none", " ", "")
    drawn = _hexes(artist.get_edgecolor()) if _width(artist) and not blank else set()
    if faint and drawn <= {*palette.EDGES, palette.PAPER}:
        artist.set(edgecolor=palette.EDGES[faint], linewidth=WIDTH, linestyle="-")


def _width(artist: Any) -> float:
    import numpy as np

    return float(np.max(artist.get_linewidth(), initial=0))


def _hexes(colours: Any) -> set[str]:
    from matplotlib.colors import to_hex, to_rgba_array

    return {to_hex(colour) for colour in to_rgba_array(colours) if colour[3] > 0}


def _faint(colours: Any) -> str:
    """The faint colour that an artist has; empty if it has none."""
    return next(iter(sorted(_hexes(colours) & set(palette.EDGES))), "")


def edge_spec(spec: Any, name: str) -> None:
    """Give the faint areas of a Vega-Lite specification their edges; FigureError for a faint line."""
    for mark in _marks(spec):
        colour = mark.get("fill", mark.get("color"))
        if colour not in palette.EDGES:
            continue
        if mark["type"] in _LINES:
            raise FigureError(f"figure {name}: a line of data is {colour}, which cannot be seen; take QUIET")
        mark.setdefault("stroke", palette.EDGES[colour])
        mark.setdefault("strokeWidth", WIDTH)


def _marks(spec: Any) -> Iterator[dict[str, Any]]:
    """Every mark of a specification that has more than a type."""
    if isinstance(spec, list):
        for item in spec:
            yield from _marks(item)
    elif isinstance(spec, dict):
        if isinstance(spec.get("mark"), dict):
            yield spec["mark"]
        for key, item in spec.items():
            if key not in ("datasets", "data", "mark"):
                yield from _marks(item)
