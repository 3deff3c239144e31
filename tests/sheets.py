"""A printed page as it lies on the table: how much of it is blank, and what stands at its foot."""

from __future__ import annotations

import itertools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

DOTS = 30  # to the inch: enough to tell ink from paper
# The edges that hold running title and page number, as shares of the height of A4.
HEAD, FOOT = 20 / 297, 18 / 297


@dataclass(frozen=True)
class Sheet:
    """One printed page: the share of its text area that is blank below the last ink, and the widest gap within."""

    number: int
    foot: float
    gap: float


def sheets(pdf: Path) -> list[Sheet]:
    """Measure every page of a PDF."""
    stem = pdf.with_suffix("")
    subprocess.run(["pdftoppm", "-gray", "-r", str(DOTS), str(pdf), str(stem)], check=True)
    images = sorted(pdf.parent.glob(f"{stem.name}-*.pgm"))
    return [Sheet(number, *blank(image.read_bytes())) for number, image in enumerate(images, 1)]


def blank(image: bytes) -> tuple[float, float]:
    """Return the blank share at the foot of the text area and that of its widest gap, from a PGM image."""
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", image)
    assert head, "not a grey image"
    width, height = int(head[1]), int(head[2])
    rows = image[head.end() :]
    first, last = round(height * HEAD), round(height * (1 - FOOT))
    inked = [y for y in range(first, last) if min(rows[y * width : (y + 1) * width]) < 200]
    if not inked:
        return 1.0, 1.0
    gaps = [after - before - 1 for before, after in itertools.pairwise(inked)]
    area = last - first
    return (last - 1 - inked[-1]) / area, max(gaps, default=0) / area
