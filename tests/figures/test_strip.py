"""The drawing of a strip: valid, the same every time, in its colours, with labels that have room."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compendium.figures import palette, seal, strip
from compendium.figures.strip import Scale, Stretch, Strip
from compendium.trial import claims, rules, strips, verdicts

STRETCHES = (
    Stretch(0.0, 0.5, "against", "contradicted"),
    Stretch(0.5, 0.9, "neither", "not established"),
    Stretch(0.9, 1.0, "for", "supported"),
)
FOUND = Strip("A share: 20%", "Told.", Scale(0.0, 1.0), STRETCHES, "20%", 0.2, ticks=((0.3, 0.3),))


def everything() -> list[Strip]:
    published = verdicts.published()
    return [
        drawn
        for claim in claims.registry().claims.values()
        for drawn_of_part in strips.of_claim(claim, published[claim.id]).values()
        for drawn in drawn_of_part
    ]


def shares(svg: str, name: str, attribute: str) -> list[float]:
    found = [node.get(attribute, "") for node in ET.fromstring(svg).iter() if name in node.get("class", "").split()]
    return [float(value.removesuffix("%")) / 100 for value in found]


@pytest.mark.parametrize("draw", [strip.draw, strip.small])
def test_every_strip_is_valid_deterministic_and_named_first(draw: object) -> None:
    for each in everything():
        svg = draw(each)  # type: ignore[operator]
        assert svg == draw(each)  # type: ignore[operator]
        root = ET.fromstring(svg)
        assert root[0].tag == "title" and root[0].text == each.title and root.get("role") == "img"
        assert not re.search(r'="(nan|inf|None)', svg)


def test_a_small_strip_has_no_text_but_its_title() -> None:
    root = ET.fromstring(strip.small(FOUND))
    assert [node.tag for node in root.iter() if node.tag in ("title", "desc", "text")] == ["title"]
    assert (root.get("width"), root.get("height")) == tuple(map(str, strip.SMALL))


@pytest.mark.parametrize("draw", [strip.draw, strip.small])
def test_the_mark_stands_in_the_zone_that_holds_the_value(draw: object) -> None:
    for value, held in ((0.0, 0), (0.2, 0), (0.4999, 0), (0.5001, 1), (0.8999, 1), (0.9001, 2), (1.0, 2)):
        svg = draw(Strip("A share", "Told.", Scale(0.0, 1.0), STRETCHES, "x", value))  # type: ignore[operator]
        (place,) = shares(svg, "value", "cx")
        lefts, widths = shares(svg, "zone", "x"), shares(svg, "zone", "width")
        within = [n for n, (x, width) in enumerate(zip(lefts, widths, strict=True)) if x <= place <= x + width]
        assert within == [held], f"{value} is drawn at {place}"


def test_equal_ratios_have_equal_lengths_on_a_log_axis() -> None:
    scale = Scale(1.0, 1000.0, log=True)
    assert [round(scale.place(value), 9) for value in (1, 10, 100, 1000, 5000)] == [
        0.0,
        round(1 / 3, 9),
        round(2 / 3, 9),
        1.0,
        1.0,
    ]


def test_colours_are_variables_and_each_kind_of_zone_has_a_shape_of_its_own() -> None:
    drawn = {}
    for kind in ("for", "against", "neither", "untestable", "unknown"):
        svg = strip.draw(Strip("x", "x.", Scale(0.0, 1.0), (Stretch(0.0, 1.0, kind, ""),), "x"))
        assert not re.search(r"#[0-9a-f]{3}", svg)
        assert set(re.findall(r"var\((--[\w-]+)\)", svg)) <= set(palette.VARIABLES.values())
        # Without colour: how high, filled or not, dashed or not, and how many lines across.
        zone = svg.split("<rect")[1]
        height = re.findall(r'height="([\d.]+)"', zone)[0]
        drawn[kind] = (height, re.findall(r'dasharray="[^"]*"', zone) != [], zone.count("<line"))
    assert len(set(drawn.values())) == 5


# ---------------------------------------------------------------- room for labels


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(5, 60)), min_size=1, max_size=6))
def test_labels_keep_their_order_and_room(wants: list[tuple[float, float]]) -> None:
    wants.sort()
    placed = strip.spread(wants, 300, gap=8)
    if placed is None:
        assert sum(width for _, width in wants) + 8 * (len(wants) - 1) > 300 - 1e-6
        return
    edges = [(x - width / 2, x + width / 2) for x, (_, width) in zip(placed, wants, strict=True)]
    assert edges[0][0] >= -1e-6 and edges[-1][1] <= 300 + 1e-6
    assert all(after[0] - before[1] >= 8 - 1e-6 for before, after in itertools.pairwise(edges))


def test_labels_with_room_stay_where_they_belong() -> None:
    assert strip.spread([(50, 40), (150, 40), (250, 40)], 300) == [50, 150, 250]
    # Two of equal width at one place move apart by as much.
    assert strip.spread([(150, 40), (150, 40)], 300, gap=10) == [125, 175]


def test_no_usual_face_is_wider_than_the_labels_are_taken_to_be() -> None:
    """Measured in DejaVu Sans, which is wider than Arial, Liberation Sans, Helvetica and the system faces."""
    from fontTools.ttLib import TTFont
    from matplotlib import get_data_path

    folder = Path(get_data_path()) / "fonts" / "ttf"
    for file, factor in (("DejaVuSans.ttf", 1.0), ("DejaVuSans-Bold.ttf", strip._BOLD)):
        font = TTFont(folder / file)
        glyphs, widths, unit = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
        said = [each.said for each in everything()]
        labels = [label for each in everything() for _, label in (*each.figures, *each.ends)]
        words = [stretch.word for each in everything() for stretch in each.stretches]
        for text in said if factor > 1 else labels + words:
            true = sum(widths[glyphs[ord(letter)]][0] for letter in text) / unit * 12
            assert true <= strip.text_width(text, 12) * factor + 0.5, text


def test_what_was_found_is_broken_where_it_is_wider_than_a_phone() -> None:
    for each in everything():
        for line in strip._lines(each.said, strip.NARROW):
            assert strip.text_width(line, strip.VALUE_SIZE) * strip._BOLD <= strip.NARROW, line

    said = "0.002 to more than 0.999, across the lines"
    assert strip._lines(said, 1000) == [said]
    assert strip._lines(said, 270) == ["0.002 to more than 0.999,", "across the lines"]


# ---------------------------------------------------------------- seals


def test_every_verdict_has_a_seal_of_its_own() -> None:
    assert set(seal.WORDS) == set(rules.VERDICTS)
    assert len({seal.seal(word) for word in seal.WORDS}) == len(seal.WORDS)


@pytest.mark.parametrize("word", rules.VERDICTS)
def test_the_hue_of_a_seal_is_the_direction_of_the_verdict(word: str) -> None:
    towards, against = ("verdict-for" in seal.seal(word)), ("verdict-against" in seal.seal(word))
    expected = {
        rules.SUPPORTED: (True, False),
        rules.PARTLY: (True, False),
        rules.MIXED: (True, True),
        rules.PARTLY_AGAINST: (False, True),
        rules.CONTRADICTED: (False, True),
    }
    assert (towards, against) == expected.get(word, (False, False))
    mirrored = seal.seal(rules.MIRROR[word])
    assert ("verdict-for" in mirrored, "verdict-against" in mirrored) == (against, towards)


def test_a_seal_is_silent_and_valid() -> None:
    for drawn in [*map(seal.seal, seal.WORDS), *map(seal.dots, range(1, 5))]:
        assert ET.fromstring(drawn).get("aria-hidden") == "true"


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_certainty_has_as_many_full_dots(count: int) -> None:
    assert seal.dots(count).count('fill="currentColor"') == count
    assert seal.dots(count).count("<circle") == 4
