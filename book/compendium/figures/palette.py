"""The colours of every figure, as tokens that become CSS variables on the page.

Figures are drawn with the light values below.
When a figure enters the page each value is replaced by its variable (`book/assets/site.css` defines both themes),
so one drawing serves light, dark and print.
"""

import re

INK, MUTED, GRID, PAPER = "#1d2021", "#5a6066", "#d9dcdf", "#ffffff"
ACCENT, SECOND, THIRD, FOURTH, FIFTH, SIXTH = "#1f5fa8", "#a35a00", "#6b4c9a", "#4a7519", "#a01f7d", "#7a6a00"
QUIET, SOFT = "#888e95", "#dbe6f4"
# On the first two ink can be read, on the others paper.
STEPS = ("#e4edf7", "#5c94c9", "#3b72a8", "#245588", "#103560")
SERIES = (ACCENT, SECOND, THIRD, FOURTH, FIFTH, SIXTH)

# Hue is direction: towards the claim, against it, neither; no other colour of the book means that.
FOR, FOR_SOFT, AGAINST, AGAINST_SOFT, NEITHER = "#0b6e69", "#bfe0db", "#b3402a", "#f3cabd", "#646970"

# An area that alone would be too faint to be seen has an edge of 3:1; as a line it would not be seen at all.
EDGES = {GRID: QUIET, SOFT: STEPS[1], STEPS[0]: STEPS[1]}

VARIABLES = {
    INK: "--fig-ink",
    MUTED: "--fig-muted",
    GRID: "--fig-grid",
    PAPER: "--fig-paper",
    ACCENT: "--fig-accent",
    SECOND: "--fig-second",
    THIRD: "--fig-third",
    FOURTH: "--fig-fourth",
    FIFTH: "--fig-fifth",
    SIXTH: "--fig-sixth",
    QUIET: "--fig-quiet",
    SOFT: "--fig-soft",
    **{step: f"--fig-step-{i}" for i, step in enumerate(STEPS, 1)},
    FOR: "--verdict-for",
    FOR_SOFT: "--verdict-for-soft",
    AGAINST: "--verdict-against",
    AGAINST_SOFT: "--verdict-against-soft",
    NEITHER: "--verdict-neither",
}

_HEX = re.compile("|".join(map(re.escape, VARIABLES)), re.IGNORECASE)


_NAMED = {variable: colour for colour, variable in VARIABLES.items()}


def with_colours(drawing: str) -> str:
    """The inverse of `with_variables`, in the light theme: for where the book's stylesheet is not at hand."""
    return re.sub(r"var\((--[\w-]+)\)", lambda found: _NAMED[found.group(1)], drawing)


def with_variables(drawing: str) -> str:
    """Return an SVG or a chart specification with every palette colour replaced by its CSS variable."""
    return _HEX.sub(lambda found: f"var({VARIABLES[found.group().lower()]})", drawing)
