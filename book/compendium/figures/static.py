"""Static figures: seaborn and matplotlib in the theme of the book, saved as SVG with live text.

Each is drawn twice, for the column and for a phone, and the page shows the drawing that fits.
"""

from __future__ import annotations

import io
import os
import re
from typing import TYPE_CHECKING, Any

from compendium.figures import edges, faces, palette
from compendium.figures.drawing import Figure, finish

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

# Units of either drawing, whose text is of 12: in the column, of 688 px, it has 13 px, on a phone 12.
COLUMN, PHONE = 635, 358
_INCH = 72  # units
# The `bbox` of a text that a line would cross: it stands on paper.
ON_PAPER = {"fc": palette.PAPER, "ec": "none", "pad": 0}

THEME: dict[str, Any] = {
    "axes.edgecolor": palette.MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": palette.MUTED,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": "none",
    "font.family": [faces.FACE, "sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    **dict.fromkeys(
        [
            "font.size",
            "axes.labelsize",
            "axes.titlesize",
            "figure.titlesize",
            "legend.fontsize",
            "legend.title_fontsize",
            "xtick.labelsize",
            "ytick.labelsize",
        ],
        12,
    ),
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


UNDRAWN = "COMPENDIUM_UNDRAWN"  # set in the kernels of a verification
NOTHING = '<svg viewBox="0 0 1 1"></svg>'


def canvas(height: float = 3.2, columns: int = 1, rows: int = 1, **options: Any) -> tuple[Drawing, Any]:
    """Return a themed matplotlib figure and its axes, `height` inches tall, ready for seaborn.

    `options` go to `matplotlib.pyplot.subplots`.
    """
    import matplotlib.pyplot as plt
    import seaborn as sns

    faces.tell_matplotlib()
    sns.set_theme(style="whitegrid", palette=list(palette.SERIES), rc=THEME)
    return plt.subplots(rows, columns, figsize=(COLUMN / _INCH, height), layout="constrained", **options)


def static(
    drawing: Drawing, *, name: str, title: str, subtitle: str, alt: str, source: str, data: pd.DataFrame
) -> Figure:
    """Finish a matplotlib figure: two SVGs, anatomy, download; it is closed.

    `title` states the finding, `subtitle` the measure and unit, `alt` what a reader would see,
    `source` where the data come from, `data` the rows behind the drawing.
    What is drawn is laid out for the column, and again for a phone: the places of labels must suit both.
    Where `UNDRAWN` is set it is not laid out, which takes longest: who compares numbers looks at no drawing.
    """
    import matplotlib.pyplot as plt

    edges.edge_drawing(drawing, name)
    wide = narrow = NOTHING
    if not os.environ.get(UNDRAWN):
        wide = _saved(drawing)
        drawing.set_figwidth(PHONE / _INCH)
        narrow = _saved(drawing)
    plt.close(drawing)
    return finish(
        name=name, title=title, subtitle=subtitle, alt=alt, source=source, data=data, svg=wide, narrow=narrow
    )


def _saved(drawing: Drawing) -> str:
    """The drawing as SVG; no text is smaller than a page can show. It is laid out once; savefig does it twice."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.text import Text

    for text in drawing.findobj(Text):
        text.set_fontsize(max(text.get_fontsize(), faces.SMALLEST))
    for axes in drawing.axes:  # as many lines as it needs
        axes.xaxis.label.set_wrap(True)
    buffer = io.StringIO()
    FigureCanvasSVG(drawing).print_svg(buffer, metadata={"Date": None, "Creator": None})
    return _light(buffer.getvalue())


# What matplotlib writes and a page need not carry, and what stands there instead.
_IDLE = (
    (r"(?s)<style.*?</style>", ""),
    (r' transform="rotate\(-0 [^)]*\)"', ""),
    (r"font-family: [^;\"]*; ", ""),
    (r"\s*\n\s*", "\n"),
    (r"\n(?=[LQCMz\"])", " "),
    (r' "', '"'),
    (r"<g>\s*</g>|<defs>\s*</defs>", ""),
)


def _light(svg: str) -> str:
    """The same picture without names that nothing points to."""
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: found.group() if found.group(1) in used else "", svg)
    for idle, kept in _IDLE:
        svg = re.sub(idle, kept, svg)
    return svg
