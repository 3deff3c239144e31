"""The seal of a verdict, and the dots of its certainty: small drawings that stand beside their word.

Hue is direction: towards the claim, against it, neither.
Filling is completeness: whole, half, split, empty, broken.
"""

from __future__ import annotations

SIZE = 24  # of the drawing; on the page it is as high as its text
DOTS = 4
_TOWARDS, _AGAINST, _NEITHER = "var(--verdict-for)", "var(--verdict-against)", "var(--verdict-neither)"
_PAPER = "var(--fig-paper)"
_LEFT, _RIGHT = "M12 3a9 9 0 0 0 0 18z", "M12 3a9 9 0 0 1 0 18z"


def _disc(colour: str, sign: str) -> str:
    stroke = f'fill="none" stroke="{_PAPER}" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"'
    return f'<circle cx="12" cy="12" r="10" fill="{colour}"/><path d="{sign}" {stroke}/>'


def _ring(colour: str, inside: str = "", dashes: str = "") -> str:
    broken = f' stroke-dasharray="{dashes}"' if dashes else ""
    ring = f'<circle cx="12" cy="12" r="9" fill="none" stroke="{colour}" stroke-width="2"{broken}/>'
    return ring + (f'<path d="{inside}" fill="{colour}"/>' if inside else "")


_DRAWN = {
    "supported": _disc(_TOWARDS, "M7.5 12.4l3 3 6-6.4"),
    "partly supported": _ring(_TOWARDS, _LEFT),
    "mixed": (
        f'<path d="M11 2.05a10 10 0 0 0 0 19.9z" fill="{_TOWARDS}"/>'
        f'<path d="M13 2.05a10 10 0 0 1 0 19.9z" fill="{_AGAINST}"/>'
    ),
    "partly contradicted": _ring(_AGAINST, _RIGHT),
    "contradicted": _disc(_AGAINST, "M8 8l8 8M16 8l-8 8"),
    "not established": _ring(_NEITHER),
    "not testable": _ring(_NEITHER, dashes="3.6 3.47"),
    "not yet tested": f'<circle cx="12" cy="12" r="3" fill="{_NEITHER}"/>',
}
WORDS = tuple(_DRAWN)


def seal(word: str) -> str:
    """Return the seal of a verdict as SVG, for beside its word; raise KeyError for a word that is no verdict."""
    return f'<svg class="seal" viewBox="0 0 {SIZE} {SIZE}" aria-hidden="true">{_DRAWN[word]}</svg>'


def inner(word: str) -> str:
    """Return what is drawn inside the seal, a square of `SIZE`, to stand in another drawing."""
    return _DRAWN[word]


def dots(count: int) -> str:
    """Return the certainty as one to four full dots of four, for beside its word."""
    drawn = "".join(
        f'<circle cx="{6 + 11 * n}" cy="6" r="{4 if n < count else 3.4}" '
        + ('fill="currentColor"/>' if n < count else 'fill="none" stroke="currentColor" stroke-width="1.2"/>')
        for n in range(DOTS)
    )
    return f'<svg class="dots" viewBox="0 0 {11 * DOTS + 1} 12" aria-hidden="true">{drawn}</svg>'
