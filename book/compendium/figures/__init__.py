"""Figures of the book: static ones drawn with seaborn, live ones with Altair, in one theme and one anatomy.

The title states the finding, the subtitle the measure and its unit, the source stands below,
the alternative text says what a reader would see, and the data can be downloaded.
"""

from compendium.figures.drawing import MIME, Figure, FigureError
from compendium.figures.live import at, live, on_paper, readout, readout_of, wrapped
from compendium.figures.living import looked_up
from compendium.figures.static import ON_PAPER, UNDRAWN, canvas, static

__all__ = [
    "MIME",
    "ON_PAPER",
    "UNDRAWN",
    "Figure",
    "FigureError",
    "at",
    "canvas",
    "live",
    "looked_up",
    "on_paper",
    "readout",
    "readout_of",
    "static",
    "wrapped",
]
