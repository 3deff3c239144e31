"""The colours of every figure, as tokens that become CSS variables on the page.

Figures are drawn with the light values below.
When a figure enters the page each value is replaced by its variable (`book/assets/site.css` defines both themes),
so one drawing serves light, dark and print.
"""

import re

INK, MUTED, GRID, PAPER = "#1d2021", "#5a6066", "#d9dcdf", "#ffffff"
ACCENT, SECOND, THIRD, FOURTH, FIFTH, SIXTH = "#0b6e84", "#b8501a", "#6b4c9a", "#3f7d3a", "#a3174f", "#7a6a00"
SOFT = "#d7e8ec"
STEPS = ("#e3eff2", "#a9cfd8", "#63a5b5", "#2a7a8d", "#0a4757")
SERIES = (ACCENT, SECOND, THIRD, FOURTH, FIFTH, SIXTH)

VERDICT = {
    "supported": "#1f7a4d",
    "partly supported": "#8a6d00",
    "not established": "#5f6b76",
    "contradicted": "#b3261e",
    "not testable": "#6f4fa0",
    "not yet tested": "#8b8f94",
}

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
    SOFT: "--fig-soft",
    **{step: f"--fig-step-{i}" for i, step in enumerate(STEPS, 1)},
    VERDICT["supported"]: "--verdict-supported",
    VERDICT["partly supported"]: "--verdict-partly",
    VERDICT["not established"]: "--verdict-open",
    VERDICT["contradicted"]: "--verdict-contradicted",
    VERDICT["not testable"]: "--verdict-untestable",
    VERDICT["not yet tested"]: "--verdict-pending",
}

_HEX = re.compile("|".join(map(re.escape, VARIABLES)), re.IGNORECASE)


def with_variables(drawing: str) -> str:
    """Return an SVG or a chart specification with every palette colour replaced by its CSS variable."""
    return _HEX.sub(lambda found: f"var({VARIABLES[found.group().lower()]})", drawing)
