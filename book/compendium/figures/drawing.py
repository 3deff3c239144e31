"""A finished figure, as it travels in the notebook output."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any

from compendium.figures import faces, palette

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.compendium.figure+json"
MIN_ALT_WORDS = 8

_NAME = re.compile(r"[a-z][a-z0-9-]*")


class FigureError(ValueError):
    """A figure that may not enter the book; the message names the figure and what is missing."""


# Figures that were made in this process and not displayed yet.
_UNSHOWN: dict[str, Figure] = {}


def all_shown() -> None:
    """Raise FigureError naming the figures that were made and never displayed: a page shows all that it makes."""
    if _UNSHOWN:
        raise FigureError(
            f"figure {', '.join(_UNSHOWN)}: made and never shown; let the call be the last line of its cell"
        )


@dataclass(frozen=True)
class Figure:
    """A figure with everything the page needs; `spec` is empty for a static one, `narrow` for a live one.

    `svg` is the drawing for a column (of a live figure its printed form), `narrow` the one for a phone.
    `made_by` names the function of the package that drew it, as `module:name`; empty if a page's own cell did.
    `claim` is the claim whose verdict hangs on a live figure, `numbers` those of its rule that the figure moves, as
    they are in its first state; `apart` says why no verdict hangs on it. `more` is data (JSON) that
    the page loads when a control is first moved.
    """

    name: str
    title: str
    subtitle: str
    alt: str
    source: str
    svg: str
    csv: str
    narrow: str = ""
    spec: str = ""
    made_by: str = ""
    claim: str = ""
    numbers: Mapping[str, float | None] = field(default_factory=dict)
    apart: str = ""
    more: str = ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        _UNSHOWN.pop(self.name, None)
        return {
            MIME: asdict(self),
            "image/svg+xml": palette.with_colours(self.svg),
            "text/plain": f"{self.name}: {self.title}. {self.alt}",
        }


def finish(
    *,
    name: str,
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    svg: str,
    data: pd.DataFrame,
    narrow: str = "",
    spec: str = "",
    **living: Any,
) -> Figure:
    """Check the anatomy of a figure and make its drawing fit to stand in a page.

    `data` are the rows behind the drawing, offered for download; `living` are the fields of a figure on which a
    verdict hangs.
    Raises FigureError naming the figure and the defect.
    """
    if not _NAME.fullmatch(name):
        raise FigureError(f"figure {name!r}: a name has lower-case letters, digits and hyphens")
    for part, text in (("title", title), ("subtitle", subtitle), ("alt", alt), ("source", source)):
        if not text.strip():
            raise FigureError(f"figure {name}: the {part} is empty")
    if len(alt.split()) < MIN_ALT_WORDS:
        raise FigureError(f"figure {name}: alt has {len(alt.split())} words; say what a reader would see")
    if data.empty:
        raise FigureError(f"figure {name}: there are no rows behind it")
    figure = _UNSHOWN[name] = Figure(
        name=name,
        title=title,
        subtitle=subtitle,
        alt=alt,
        source=source,
        svg=inline_svg(svg, name, alt),
        narrow=inline_svg(narrow, f"{name}-narrow", alt) if narrow else "",
        csv=data.to_csv(index=False, lineterminator="\n"),
        spec=palette.with_variables(spec),
        made_by=maker(),
        **living,
    )
    return figure


def maker() -> str:
    """The function of the package that asks for a figure, as `module:name`; empty if none does.

    It is the first public one outside this room: what it has in helpers is read from there.
    """
    frame: FrameType | None = sys._getframe()
    first = ""
    while frame is not None:
        module = f"{frame.f_globals.get('__name__', '')}."
        if not module.startswith("compendium."):
            break
        name = frame.f_code.co_qualname.partition(".<locals>")[0]
        if not module.startswith("compendium.figures.") and not name.startswith("<"):
            made_by = f"{module[:-1]}:{name}"
            if not name.rpartition(".")[2].startswith("_"):
                return made_by
            first = first or made_by
        frame = frame.f_back
    return first


_PROLOGUE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_ROOT = re.compile(r"<svg\b[^>]*>")
_PLACES = re.compile(r'\b(?:d|x|y|x1|x2|y1|y2|cx|cy|points|transform)="[^"]*"')
_LONG = re.compile(r"-?\d+\.\d{3,}(?![\de])")


def inline_svg(svg: str, name: str, alt: str) -> str:
    """Return an SVG that can stand inside a page: own ids, page colours, scalable, with its text alternative.

    Places are given to a hundredth of a point; what is finer nobody sees, and a page of many marks would be heavy.
    """
    svg = _PLACES.sub(_rounded, _PROLOGUE.sub("", svg).strip())
    ids = sorted(set(_ID.findall(svg)), key=len, reverse=True)
    for old in ids:
        new = f"{name}-{old}"
        svg = svg.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
        svg = svg.replace(f'href="#{old}"', f'href="#{new}"')
    root = _ROOT.search(svg)
    if not root:
        raise FigureError(f"figure {name}: the drawing is not an SVG")
    box = re.search(r'viewBox="([^"]+)"', root.group())
    if not box:
        raise FigureError(f"figure {name}: the drawing has no viewBox")
    label = alt.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    opened = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{box.group(1)}" font-family="{", ".join(faces.STACK)}" stroke-linejoin="round" '
        f'role="img" aria-label="{label}">'
    )
    svg = svg[: root.start()] + opened + svg[root.end() :]
    return palette.with_variables(svg)


def _rounded(places: re.Match[str]) -> str:
    if "scale(" in places.group():
        return places.group()
    return _LONG.sub(lambda number: f"{round(float(number.group()), 2) + 0:g}", places.group())
