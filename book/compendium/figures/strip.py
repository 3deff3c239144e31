"""The verdict strip: the zones of a rule on the axis of a number, the value found, its interval, its alternatives.

One drawing serves every width: places along the axis are percentages of it and text keeps its size, so that only
labels need room. They are laid out twice, for a phone and for a column, and the stylesheet shows the one that fits.
Hue is direction, and shape says the same: a full block supports, a striped one contradicts, a rail does neither,
a broken rail cannot be tested, a dotted frame lacks a number.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from compendium.figures import palette

NARROW, WIDE = 270, 540  # pixels: the least width of either layout, as in the stylesheet
BAND = 16  # height of the zones
SMALL = (160, 20)
MOST_GAPS = 16  # whole numbers that are set apart
WORD_SIZE, NUMBER_SIZE, VALUE_SIZE = 12, 12, 14
FAR = 7  # pixels that a number may stand beside its place before an end of the axis makes room
# Widths of letters in DejaVu Sans, the widest of the usual faces, in parts of the size; others are like `n`.
_LETTERS = {
    **dict.fromkeys("iljI|'.,:;", 0.32),
    **dict.fromkeys(" ft()r-/", 0.4),
    **dict.fromkeys("mMwW%", 0.97),
    **dict.fromkeys("ABCDEGHKNOQRUVXYZ&\N{MINUS SIGN}+<>=~", 0.8),
}
_BOLD = 1.12


@dataclass(frozen=True)
class Scale:
    """The axis: its ends, whether equal ratios have equal lengths, and how many whole numbers it shows, if so."""

    low: float
    high: float
    log: bool = False
    cells: int = 0

    def place(self, value: float) -> float:
        """Return where a value stands, from 0 at the low end to 1 at the high end; what is beyond is there."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Stretch:
    """A zone as drawn: its ends in the unit of the number, its kind and its word, which may be empty.

    The kind is `for`, `against`, `neither`, `untestable` or `unknown`. A hollow one shows what a rule asks for
    where the number does not decide: because others fail too, or because it was not published.
    """

    low: float
    high: float
    kind: str
    word: str
    hollow: bool = False


@dataclass(frozen=True)
class Strip:
    """Everything that is drawn and said of one number of a claim.

    `title` and `text` tell the drawing in words. `stretches` cover the axis. `figures` are the numbers along it, of
    which the ends may give way. What was found is `value` with its `interval`, or an interval alone; both are None
    where nothing was published, as `said` then says. `ticks` are the intervals, or a value twice, under the
    alternatives.
    """

    title: str
    text: str
    scale: Scale
    stretches: tuple[Stretch, ...]
    said: str
    value: float | None = None
    interval: tuple[float, float] | None = None
    ticks: tuple[tuple[float, float], ...] = ()
    figures: tuple[tuple[float, str], ...] = ()
    ends: tuple[tuple[float, str], ...] = ()

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """The alternatives that are intervals; if there is one, each is drawn as a bar of its own."""
        return self.ticks if any(low != high for low, high in self.ticks) else ()


def draw(strip: Strip) -> str:
    """Return the strip as SVG, as wide as its place, with labels for a phone and for a column."""
    top = (VALUE_SIZE + 6) * len(_lines(strip.said, NARROW)) + 2
    below = top + BAND + 6 * len(strip.spans) + (2 if strip.spans else 0)
    narrow, wide = (list(_labels(strip, top, below, room)) for room in (NARROW, WIDE))
    height = max(bottom for _, bottom in [*narrow, *wide]) + 7
    labels = [text for text, _ in narrow]
    if labels == [text for text, _ in wide]:
        shown = "".join(labels)
    else:
        shown = f'<g class="narrow">{"".join(labels)}</g><g class="wide">{"".join(text for text, _ in wide)}</g>'
    return (
        f'<svg class="strip" width="100%" height="{height}" role="img">'
        f"<title>{escape(strip.title)}</title><desc>{escape(strip.text)}</desc>"
        f"{''.join(_picture(strip, top, BAND))}{shown}</svg>"
    )


def small(strip: Strip) -> str:
    """Return the strip for a list: zones, value and alternatives, with no text but a title."""
    width, height = SMALL
    inner = height - 8
    picture = "".join(_picture(strip, 4, inner, small=True))
    title = f"<title>{escape(strip.title)}</title>"
    return f'<svg class="strip small" width="{width}" height="{height}" role="img">{title}{picture}</svg>'


# ---------------------------------------------------------------- the picture


def _picture(strip: Strip, top: float, height: float, small: bool = False) -> Iterator[str]:
    middle = top + height / 2
    for stretch in sorted(strip.stretches, key=lambda stretch: stretch.low - stretch.high):  # narrow ones on top
        yield from _zone(strip.scale, stretch, top, height)
    if 0 < strip.scale.cells <= MOST_GAPS:
        for n in range(1, strip.scale.cells):
            x = _percent(n / strip.scale.cells)
            gap = f'stroke="{_PAPER}" stroke-width="{1.5 if small else 3}"'
            yield f'<line x1="{x}" x2="{x}" y1="{top - 1}" y2="{top + height + 1}" {gap}/>'
    elif not small and not strip.scale.cells:
        foot = top + height + 4 + 6 * len(strip.spans)
        for value, _ in strip.figures:
            x = _percent(strip.scale.place(value))
            yield f'<line x1="{x}" x2="{x}" y1="{top + height}" y2="{foot}" stroke="{_MUTED}"/>'
    if strip.spans and not small:
        yield from _bars(strip, top + height + 7)
    elif not strip.spans:
        for value in sorted({low for low, _ in strip.ticks}):
            x = _percent(_marked(strip, value))
            ends = f'x1="{x}" x2="{x}" y1="{top - 3}" y2="{top + height + 3}"'
            yield f'<line class="tick" {ends} stroke="{_PAPER}" stroke-width="4"/>'
            yield f'<line {ends} stroke="{_INK}" stroke-width="1.5"/>'
    yield from _mark(strip, middle, 5 if small else 6.5)


def _zone(scale: Scale, stretch: Stretch, top: float, height: float) -> Iterator[str]:
    left, right = scale.place(stretch.low), scale.place(stretch.high)
    place = f'x="{_percent(left)}" width="{_percent(right - left)}"'
    full = f'{place} y="{top}" height="{_short(height)}"'
    rail = f'{place} y="{_short(top + height * 0.34)}" height="{_short(height * 0.32)}"'
    name = f'class="zone {stretch.kind}"'
    match stretch.kind:
        case "for":
            fill = "none" if stretch.hollow else "var(--verdict-for-soft)"
            yield f'<rect {name} {full} fill="{fill}" stroke="var(--verdict-for)"/>'
        case "against":
            fill = "none" if stretch.hollow else "var(--verdict-against-soft)"
            yield f'<rect {name} {full} fill="{fill}" stroke="var(--verdict-against)"/>'
            for part in (0.33, 0.67):
                y = _short(top + height * part)
                ends = f'x1="{_percent(left)}" x2="{_percent(right)}" y1="{y}" y2="{y}"'
                yield f'<line {ends} stroke="var(--verdict-against)"/>'
        case "neither":
            yield f'<rect {name} {rail} fill="{_GRID}" stroke="var(--verdict-neither)"/>'
        case "untestable":
            yield f'<rect {name} {rail} fill="none" stroke="var(--verdict-neither)" stroke-dasharray="5 3"/>'
        case _:
            yield f'<rect {name} {full} fill="none" stroke="var(--verdict-neither)" stroke-dasharray="1.5 3"/>'


def _bars(strip: Strip, y: float) -> Iterator[str]:
    """Each alternative interval as a bar under the axis, in the order in which they were declared."""
    for n, (low, high) in enumerate(strip.spans):
        left, right = strip.scale.place(low), strip.scale.place(high)
        if right - left < 0.01:  # a bar too short to be seen
            left, right = max(0.0, left - 0.005), min(1.0, left + 0.005)
        at = _short(y + 6 * n)
        yield (
            f'<line class="tick" x1="{_percent(left)}" x2="{_percent(right)}" y1="{at}" y2="{at}" '
            f'stroke="{_MUTED}" stroke-width="2.5"/>'
        )


def _mark(strip: Strip, y: float, radius: float) -> Iterator[str]:
    if strip.interval:
        low, high = (_marked(strip, value) for value in strip.interval)
        ends = f'x1="{_percent(low)}" x2="{_percent(high)}" y1="{_short(y)}" y2="{_short(y)}"'
        yield f'<line {ends} stroke="{_PAPER}" stroke-width="7" stroke-linecap="round"/>'
        yield f'<line class="interval" {ends} stroke="{_INK}" stroke-width="3.5" stroke-linecap="round"/>'
    if strip.value is not None:
        x = _percent(_marked(strip, strip.value))
        yield (
            f'<circle class="value" cx="{x}" cy="{_short(y)}" r="{radius}" fill="{_INK}" stroke="{_PAPER}" '
            'stroke-width="2"/>'
        )
    elif strip.interval:
        for end in strip.interval:
            x = _percent(_marked(strip, end))
            yield (
                f'<circle class="value" cx="{x}" cy="{_short(y)}" r="{_short(radius * 0.7)}" fill="{_INK}" '
                f'stroke="{_PAPER}" stroke-width="1.5"/>'
            )


def _marked(strip: Strip, value: float) -> float:
    """Where a mark stands: on the side of a line on which the rule puts it, never on the line itself."""
    place = strip.scale.place(value)
    for stretch in strip.stretches:
        left, right = strip.scale.place(stretch.low), strip.scale.place(stretch.high)
        room = min(0.008, (right - left) / 2)
        inside = stretch.low <= value <= stretch.high and (value not in (stretch.low, stretch.high))
        if inside:
            return min(max(place, left + (room if left > 0 else 0)), right - (room if right < 1 else 0))
    return place


# ---------------------------------------------------------------- the labels


def _labels(strip: Strip, top: float, below: float, room: int) -> Iterator[tuple[str, float]]:
    """Each label as SVG text with its lowest point: what was found above, numbers and words below the axis."""
    place = strip.scale.place
    for n, line in enumerate(reversed(_lines(strip.said, room))):
        width, y = text_width(line, VALUE_SIZE) * _BOLD, top - 8 - n * (VALUE_SIZE + 6)
        (x,) = spread([(_middle(strip) * room, width)], room) or [width / 2]
        yield _text(line, x, width, room, y, VALUE_SIZE, "value-label"), y
    bottom = below + 5 + NUMBER_SIZE
    for label, x, width in _numbers(strip, room):
        yield _text(label, x, width, room, bottom, NUMBER_SIZE, "number"), bottom
    zones = _named(strip, room)
    wants = [((place(s.low) + place(s.high)) / 2 * room, text_width(s.word, WORD_SIZE)) for s in zones]
    rows = [list(zip(zones, wants, strict=True))]
    if spread(wants, room) is None:
        rows = [rows[0][::2], rows[0][1::2]]
    for n, row in enumerate(rows, 1):
        y = bottom + n * (WORD_SIZE + 6)
        xs = spread([want for _, want in row], room) or [want[0] for _, want in row]
        for (stretch, (_, width)), x in zip(row, xs, strict=True):
            yield _text(stretch.word, x, width, room, y, WORD_SIZE, stretch.kind), y


def _lines(said: str, room: int) -> list[str]:
    """What was found in lines that fit, broken at its comma if it has one and between words if it must be."""
    lines = [""]
    for piece in said.replace(", ", ",\n").splitlines() if _too_wide(said, room) else [said]:
        for word in piece.split(" "):
            longer = f"{lines[-1]} {word}".strip()
            lines[-1:] = [lines[-1], word] if lines[-1] and _too_wide(longer, room) else [longer]
        lines.append("")
    return [line for line in lines if line]


def _too_wide(text: str, room: int) -> bool:
    return text_width(text, VALUE_SIZE) * _BOLD > room


def _middle(strip: Strip) -> float:
    if strip.value is not None:
        return strip.scale.place(strip.value)
    return sum(map(strip.scale.place, strip.interval)) / 2 if strip.interval else 0.5


def _numbers(strip: Strip, room: int) -> Iterable[tuple[str, float, float]]:
    """The numbers along the axis with their places; an end of the axis gives way to a line beside it."""
    kept: list[tuple[float, str]] = []
    for left_out in ((), (0,), (1,), (0, 1)):
        ends = [end for n, end in enumerate(strip.ends) if n not in left_out]
        kept = sorted([*strip.figures, *ends])
        wants = [(strip.scale.place(value) * room, text_width(label, NUMBER_SIZE)) for value, label in kept]
        edges = [min(max(x, width / 2), room - width / 2) for x, width in wants]
        xs = spread(wants, room)
        if xs and all(abs(x - edge) <= FAR for x, edge in zip(xs, edges, strict=True)):
            break
    return [(label, x, width) for (_, label), x, (_, width) in zip(kept, xs or edges, wants, strict=True)]


def _named(strip: Strip, room: int) -> list[Stretch]:
    """The zones whose word is written: all, or each word once, where the value or most room is."""
    place = strip.scale.place
    named = [stretch for stretch in strip.stretches if stretch.word]
    wants = [((place(s.low) + place(s.high)) / 2 * room, text_width(s.word, WORD_SIZE)) for s in named]
    if spread(wants, room) is not None:
        return named

    def claim(stretch: Stretch) -> tuple[bool, float]:
        holds = strip.value is not None and stretch.low <= strip.value <= stretch.high
        return holds, place(stretch.high) - place(stretch.low)

    best = {s.word: s for s in sorted(named, key=claim)}
    return [s for s in named if best[s.word] is s]


def spread(wants: Sequence[tuple[float, float]], room: float, gap: float = 9) -> list[float] | None:
    """Return the places of labels in one row, each as near as possible to where it wants to be; None if too many.

    `wants` are the wanted middles, in order, and the widths, in pixels. The places minimise the sum of squared
    distances under the order (pooling of adjacent violators) and stay within the row.
    """
    if not wants:
        return []
    offsets = [0.0]
    for (_, width), (_, following) in itertools.pairwise(wants):
        offsets.append(offsets[-1] + (width + following) / 2 + gap)
    low = wants[0][1] / 2
    high = room - wants[-1][1] / 2 - offsets[-1]
    if high < low:
        return None
    blocks: list[list[float]] = []
    for (wanted, _), offset in zip(wants, offsets, strict=True):
        blocks.append([wanted - offset])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    pooled = [_mean(block) for block in blocks for _ in block]
    return [min(max(y, low), high) + offset for y, offset in zip(pooled, offsets, strict=True)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def text_width(text: str, size: float) -> float:
    """Return how wide a text may become, in the unit of `size`, in the widest of the faces that may show it."""
    return size * sum(_LETTERS.get(letter, 0.64) for letter in text)


def _text(text: str, x: float, width: float, room: int, y: float, size: int, name: str) -> str:
    """A text at a share of the width; one that touches an edge stays at it."""
    place = f'x="{_percent(x / room)}" text-anchor="middle"'
    if x - width / 2 < 1:
        place = 'x="0"'
    elif x + width / 2 > room - 1:
        place = 'x="100%" text-anchor="end"'
    return f'<text class="{name}" {place} y="{_short(y)}" font-size="{size}">{escape(text)}</text>'


def _percent(share: float) -> str:
    return f"{_short(100 * share)}%"


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


_INK, _MUTED, _GRID, _PAPER = (
    f"var({palette.VARIABLES[colour]})" for colour in (palette.INK, palette.MUTED, palette.GRID, palette.PAPER)
)
