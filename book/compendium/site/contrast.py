"""The contrast of every figure and verdict colour with the page, computed from the stylesheet."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.evidence import paths
from compendium.site import pages

STYLESHEET = paths.BOOK / "assets" / "site.css"
# The only colours below 3:1. None of them shows a datum alone: the reason stands with each.
AREAS = {
    "--fig-grid": "grid; an area with an edge of its own",
    "--fig-soft": "area with an edge of its own",
    "--fig-step-1": "area with an edge of its own",
    "--verdict-for-soft": "zone with an edge of its own",
    "--verdict-against-soft": "zone with an edge of its own",
}
MARKS = {"--fig-quiet", "--fig-step-2"}  # at 3:1 or more; no text has these


class ContrastDirective(SphinxDirective):
    """``{contrast-table}`` lists each colour with its contrast in both themes."""

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        css = STYLESHEET.read_text(encoding="utf-8")
        light, dark = themes(css)
        rows = [
            {
                "name": name,
                "use": AREAS.get(name, "mark" if name in MARKS else "text and mark"),
                "light": f"{contrast(light[name], light['--fig-paper']):.1f}",
                "dark": f"{contrast(dark[name], dark['--fig-paper']):.1f}",
            }
            for name in light
            if name.startswith(("--fig-", "--verdict-")) and name != "--fig-paper"
        ]
        return [nodes.raw("", pages.render("contrast.html", rows=rows), format="html")]


def themes(css: str) -> tuple[dict[str, str], dict[str, str]]:
    """The colour variables of the light and of the dark theme."""
    light, _, dark = css.partition('html[data-theme="dark"]')
    found = [dict(re.findall(r"(--[a-z0-9-]+):\s*(#[0-9a-f]{6})", text)) for text in (light, dark)]
    return found[0], found[0] | found[1]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, as WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of a colour written #rrggbb."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("contrast-table", ContrastDirective)
    return {"parallel_read_safe": False, "version": "1"}
