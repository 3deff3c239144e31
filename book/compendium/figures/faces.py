"""The label face of the book, known to all that measures and draws text: figures are alike on every machine."""

from __future__ import annotations

import functools

from compendium.evidence import paths

FOLDER = paths.BOOK / "assets" / "fonts"
FACE = "Compendium Label"
# What a figure asks for: the face, then faces that a reader without it may have.
STACK = (FACE, "Arial", "Liberation Sans", "DejaVu Sans", "sans-serif")
SMALLEST = 12  # of the text of a static figure, in its units


@functools.cache
def tell_matplotlib() -> None:
    """Let matplotlib find the face."""
    from matplotlib import font_manager

    for file in sorted(FOLDER.glob("*.ttf")):
        font_manager.fontManager.addfont(file)


@functools.cache
def tell_vega() -> None:
    """Let the Vega that draws printed forms find the face."""
    import vl_convert

    vl_convert.register_font_directory(str(FOLDER))
