"""A finished figure, as it travels in the notebook output."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from compendium.figures import palette

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.compendium.figure+json"
MIN_ALT_WORDS = 8

_NAME = re.compile(r"[a-z][a-z0-9-]*")


class FigureError(ValueError):
    """A figure that may not enter the book; the message names the figure and what is missing."""


@dataclass(frozen=True)
class Figure:
    """A figure with everything the page needs; `spec` is empty for a static one."""

    name: str
    title: str
    subtitle: str
    alt: str
    source: str
    svg: str
    csv: str
    spec: str = ""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {MIME: asdict(self), "text/plain": f"{self.name}: {self.title}. {self.alt}"}


def finish(
    *, name: str, title: str, subtitle: str, alt: str, source: str, svg: str, data: pd.DataFrame, spec: str = ""
) -> Figure:
    """Check the anatomy of a figure and make its drawing fit to stand in a page.

    `data` are the rows behind the drawing, offered for download.
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
    return Figure(
        name=name,
        title=title,
        subtitle=subtitle,
        alt=alt,
        source=source,
        svg=inline_svg(svg, name, alt),
        csv=data.to_csv(index=False, lineterminator="\n"),
        spec=palette.with_variables(spec),
    )


_PROLOGUE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_ID = re.compile(r'\bid="([^"]+)"')
_ROOT = re.compile(r"<svg\b[^>]*>")


def inline_svg(svg: str, name: str, alt: str) -> str:
    """Return an SVG that can stand inside a page: own ids, page colours, scalable, with its text alternative."""
    svg = _PROLOGUE.sub("", svg).strip()
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
        f'viewBox="{box.group(1)}" role="img" aria-label="{label}">'
    )
    svg = svg[: root.start()] + opened + svg[root.end() :]
    return palette.with_variables(svg)
