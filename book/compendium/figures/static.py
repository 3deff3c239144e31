"""Static figures: seaborn and matplotlib in the theme of the book, saved as SVG with live text."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from compendium.figures import palette
from compendium.figures.drawing import Figure, finish

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

WIDTH = 5.6  # inches; small enough that its text is still readable when it shrinks to a phone

THEME: dict[str, Any] = {
    "axes.edgecolor": palette.MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": palette.MUTED,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.family": "sans-serif",
    "font.size": 10.5,
    "grid.color": palette.GRID,
    "legend.frameon": False,
    "savefig.facecolor": "none",
    "svg.fonttype": "none",
    "svg.hashsalt": "compendium",
    "text.color": palette.INK,
    "xtick.color": palette.MUTED,
    "xtick.major.size": 0,
    "ytick.color": palette.MUTED,
    "ytick.major.size": 0,
}


def canvas(height: float = 3.2, columns: int = 1, rows: int = 1, **options: Any) -> tuple[Drawing, Any]:
    """Return a themed matplotlib figure and its axes, `height` inches tall, ready for seaborn.

    `options` go to `matplotlib.pyplot.subplots`.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    sns.set_theme(style="whitegrid", palette=list(palette.SERIES), rc=THEME)
    return plt.subplots(rows, columns, figsize=(WIDTH, height), layout="constrained", **options)


def static(
    drawing: Drawing, *, name: str, title: str, subtitle: str, alt: str, source: str, data: pd.DataFrame
) -> Figure:
    """Finish a matplotlib figure: SVG, anatomy, download. The drawing is closed.

    `title` states the finding, `subtitle` the measure and unit, `alt` what a reader would see,
    `source` where the data come from, `data` the rows behind the drawing.
    """
    import matplotlib.pyplot as plt

    buffer = io.StringIO()
    drawing.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(drawing)
    return finish(
        name=name, title=title, subtitle=subtitle, alt=alt, source=source, data=data, svg=buffer.getvalue()
    )
