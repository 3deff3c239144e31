"""The icon fonts of the theme, cut down to the glyphs that the stylesheet still names."""

from __future__ import annotations

import hashlib
import logging
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class _IconFace:
    file: str
    family: str
    weight: int
    classes: frozenset[str]


_ICON_FACES = (
    _IconFace("fa-solid-900.ttf", "Font Awesome 6 Free", 900, frozenset({"fas", "fa-solid"})),
    _IconFace("fa-regular-400.ttf", "Font Awesome 6 Free", 400, frozenset({"far", "fa-regular"})),
    _IconFace("fa-brands-400.ttf", "Font Awesome 6 Brands", 400, frozenset({"fab", "fa-brands"})),
)


def icon_faces(fonts: Path, static: Path, css: str, names: set[str]) -> str:
    """Write to `static` the icon fonts cut down to the glyphs named in `css`; return their @font-face rules.

    `fonts` is the folder of the whole fonts, `names` are the classes of the pages.
    """
    glyphs = sorted({int(code, 16) for code in re.findall(r"\\([ef][0-9a-f]{3})\b", css)})
    rules, written = [], set()
    for face in _ICON_FACES:
        if not face.classes & names:
            continue
        recipe = f"{metadata.version('pydata-sphinx-theme')} {metadata.version('fonttools')} {glyphs}"
        target = static / f"{Path(face.file).stem}.{hashlib.sha256(recipe.encode()).hexdigest()[:8]}.woff"
        if not target.exists():
            _subset_font(fonts / face.file, glyphs, target)
        written.add(target)
        rules.append(
            f'@font-face{{font-family:"{face.family}";font-style:normal;font-weight:{face.weight};'
            f'font-display:block;src:url({target.name}) format("woff")}}'
        )
    for stale in set(static.glob("fa-*.woff")) - written:
        stale.unlink()
    return "\n".join(rules)


def _subset_font(source: Path, glyphs: list[int], target: Path) -> None:
    from fontTools import subset

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    options = subset.Options(
        flavor="woff",
        hinting=False,
        layout_features=[],
        name_IDs=[],
        recalc_timestamp=False,
        notdef_outline=True,
    )
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=glyphs)
    subsetter.subset(font)
    subset.save_font(font, target, options)
