"""What a page looks like, measured: faces, sizes, what is cut, what a finger can press, what paper gets."""

from __future__ import annotations

import colorsys
import itertools
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sheets
from fontTools.ttLib import TTFont
from reader import CHAPTERS, CLAIM_PAGES, ON_A_PHONE_FIRST, PAGES, SITE, SIZES, WIDE, every

from compendium.evidence import paths
from compendium.figures import faces, palette
from compendium.site import contrast

browser = pytest.mark.browser
ASSETS = paths.BOOK / "assets"
EVERY = [*PAGES, *CLAIM_PAGES[:1]]


# ---------------------------------------------------------------- the faces


def test_the_faces_are_light_and_free_and_do_not_use_the_reserved_name() -> None:
    moved = sorted(faces.FOLDER.glob("*.woff2"))
    assert sum(file.stat().st_size for file in moved) <= 60_000
    assert "SIL OPEN FONT LICENSE" in (faces.FOLDER / "OFL.txt").read_text(encoding="utf-8")
    for file in faces.FOLDER.glob("*.ttf"):
        names = TTFont(file)["name"]
        assert names.getDebugName(1) == faces.FACE and "Source" not in str(names.getDebugName(4))
        assert "Open Font License" in str(names.getDebugName(13))


def test_the_site_holds_the_faces_that_its_stylesheet_asks_for() -> None:
    stylesheet = (SITE / "_static" / "book.css").read_text(encoding="utf-8")
    for file in re.findall(r"url\((fonts/[\w-]+\.woff2)\)", stylesheet):
        assert (SITE / "_static" / file).is_file()
    assert not list((SITE / "_static" / "fonts").glob("*.ttf")), "what no page loads is not published"


@browser
@ON_A_PHONE_FIRST
def test_text_labels_and_figures_have_their_face(reader: Any, viewport: dict[str, int]) -> None:
    me = reader(viewport=viewport)
    shown = me.open("book/1-claims/numbers.html")
    me.see_all()
    loaded = shown.evaluate(
        "() => document.fonts.ready.then(fs => [...fs].filter(f => f.status === 'loaded').map(f => f.family))"
    )
    assert {name.strip('"') for name in loaded} >= {"Compendium Text", "Compendium Label"}
    first = "e => getComputedStyle(e).fontFamily.split(',')[0].replaceAll(/['\"]/g, '')"
    assert shown.locator("article p").first.evaluate(first) == "Compendium Label", "whose claim it is, is a label"
    assert shown.locator("article section:not([class]) > p:not([class])").first.evaluate(first) == "Compendium Text"
    for text in shown.locator("figure svg text").all()[:40]:
        assert text.evaluate(first) == faces.FACE
    assert me.foreign() == [] and me.complaints == []


# ---------------------------------------------------------------- colours


def _hue(colour: str) -> tuple[float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, _, saturation = colorsys.rgb_to_hls(red, green, blue)
    return 360 * hue, saturation


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_no_colour_of_a_series_or_a_tier_looks_like_a_verdict(theme: int) -> None:
    tokens = contrast.themes(contrast.STYLESHEET.read_text(encoding="utf-8"))[theme]
    others = ["accent", "second", "third", "fourth", "fifth", "sixth", *(f"step-{n}" for n in range(2, 6))]
    for verdict in ("for", "against"):
        direction, _ = _hue(tokens[f"--verdict-{verdict}"])
        for other in others:
            hue, _ = _hue(tokens[f"--fig-{other}"])
            apart = abs((hue - direction + 180) % 360 - 180)
            assert apart >= 20, f"{other} is {apart:.0f} degrees from {verdict}"


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_colour_but_those_of_edged_areas_can_be_a_mark_or_a_word(theme: int) -> None:
    tokens = contrast.themes(contrast.STYLESHEET.read_text(encoding="utf-8"))[theme]
    colours = {name for name in tokens if name.startswith(("--fig-", "--verdict-"))} - {"--fig-paper"}
    assert contrast.MARKS | set(contrast.AREAS) <= colours
    for name in colours - set(contrast.AREAS):
        least = 3 if name in contrast.MARKS else 4.5
        assert contrast.contrast(tokens[name], tokens["--fig-paper"]) >= least, name
    drawn = {name for name in contrast.AREAS if name.startswith("--fig-")}
    assert drawn == {palette.VARIABLES[area] for area in palette.EDGES}, "an area has its edge"


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_ink_or_paper_can_be_read_on_every_step_and_paper_parts_the_tiers(theme: int) -> None:
    tokens = contrast.themes(contrast.STYLESHEET.read_text(encoding="utf-8"))[theme]
    steps = [tokens[palette.VARIABLES[step]] for step in palette.STEPS]
    ink, paper = tokens["--fig-ink"], tokens["--fig-paper"]
    for at, step in enumerate(steps):
        assert contrast.contrast(step, ink if at < 2 else paper) >= 4.5, f"text on step {at + 1}"
    for step in steps[1:]:
        assert contrast.contrast(step, paper) >= 3, "the line between two tiers is paper"


def test_figures_are_drawn_in_the_colours_of_the_stylesheet() -> None:
    light, _ = contrast.themes(contrast.STYLESHEET.read_text(encoding="utf-8"))
    assert {variable: light.get(variable) for variable in palette.VARIABLES.values()} == {
        variable: colour for colour, variable in palette.VARIABLES.items()
    }


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_holder_verdict_and_tier_never_share_a_colour(theme: int) -> None:
    tokens = contrast.themes(contrast.STYLESHEET.read_text(encoding="utf-8"))[theme]
    rules = "\n".join(file.read_text(encoding="utf-8") for file in sorted(ASSETS.glob("*.css")))
    of_holders = re.findall(r"(?:whose|holder)[^{}]*\{[^}]*?\bcolor: var\((--[\w-]+)\)", rules)
    meaning = {
        "holder": {tokens[name] for name in of_holders},
        "verdict": {colour for name, colour in tokens.items() if name.startswith("--verdict-")},
        "tier": {colour for name, colour in tokens.items() if name.startswith("--fig-step-")},
    }
    assert all(meaning.values()), "each is found in the stylesheets"
    for one, other in itertools.combinations(meaning, 2):
        assert not meaning[one] & meaning[other], f"{one} and {other} share a colour"


# ---------------------------------------------------------------- sizes

_SMALL = """(least) => {
  const small = new Set(), texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const around = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || around.closest("svg, math, script, style, .visually-hidden")) continue;
    if (!around.checkVisibility({ visibilityProperty: true })) continue;
    const size = parseFloat(getComputedStyle(around).fontSize);
    if (size < least) small.add(`${size}: ${texts.currentNode.data.trim().slice(0, 30)}`);
  }
  return [...small];
}"""


@browser
@every(EVERY, viewport=SIZES)
def test_no_word_is_smaller_than_13_pixels(opened: Any, page: str, viewport: dict[str, int]) -> None:
    shown = opened(page, viewport=viewport).page
    assert shown.evaluate(_SMALL, 13) == []


@browser
def test_text_is_18_pixels_on_a_measure_of_688(reader: Any) -> None:
    shown = reader(viewport={"width": 1600, "height": 900}).open(CHAPTERS[0])
    paragraph = shown.locator("article section:not([class]) > p:not([class])").nth(1)
    assert paragraph.evaluate("p => getComputedStyle(p).fontSize") == "18px"
    assert paragraph.bounding_box()["width"] == pytest.approx(688, abs=4)


@browser
@every(EVERY)
def test_on_a_desk_no_page_scrolls_sideways(opened: Any, page: str) -> None:
    shown = opened(page).page
    assert shown.evaluate("document.documentElement.scrollWidth") <= WIDE["width"]


@browser
def test_every_column_of_the_ledger_is_seen_at_every_width(reader: Any) -> None:
    cut = """() => [...document.querySelectorAll("table.ledger tbody tr > *")].filter((cell) => {
      const box = cell.getBoundingClientRect();
      return box.left < 0 || box.right > innerWidth || box.width < 100 || cell.scrollWidth > cell.clientWidth + 1;
    }).map((cell) => cell.textContent.trim().slice(0, 40))"""
    for width in (390, 688, 1280):
        shown = reader(viewport={"width": width, "height": 900}).open("book/4-policy/verdicts.html")
        assert shown.evaluate(cut) == [], f"at {width}"
    names = shown.get_by_role("table", name="Every claim and its verdict").get_by_role("columnheader")
    assert names.all_inner_texts()[-1] == "What would change it"


# ---------------------------------------------------------------- figures

_LABELS = """() => {
  const faults = [];
  for (const svg of document.querySelectorAll("figure :is(.drawing, .chart) > svg, figure .chart svg.marks")) {
    const box = svg.getBoundingClientRect();
    if (!svg.checkVisibility() || !box.width) continue;
    const scale = svg.viewBox.baseVal?.width ? box.width / svg.viewBox.baseVal.width : 1;
    for (const text of svg.querySelectorAll("text")) {
      if (!text.textContent.trim() || text.closest(".readout_marks")) continue;
      const size = parseFloat(getComputedStyle(text).fontSize) * scale, at = text.getBoundingClientRect();
      const name = `${text.closest("figure").id}: ${text.textContent.slice(0, 30)}`;
      if (size < 11) faults.push(`${name} has ${size.toFixed(1)} px`);
      if (at.left < box.left - 2 || at.right > box.right + 2) faults.push(`${name} leaves the drawing`);
    }
  }
  return faults;
}"""


@browser
@every(CHAPTERS, viewport=SIZES)
def test_every_label_of_a_figure_is_whole_and_can_be_read(opened: Any, page: str, viewport: dict[str, int]) -> None:
    assert opened(page, viewport=viewport).page.evaluate(_LABELS) == []


# ---------------------------------------------------------------- fingers

_LOW = """() => {
  const low = [];
  for (const part of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    const box = part.getBoundingClientRect();
    const seen = part.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    if (!seen || !box.width || part.closest("svg, [aria-hidden=true]")) continue;
    // A link within a sentence is as high as its line; the label of a box can be pressed as well.
    const sentence = part.closest("p, li, td, th, dd, dt, figcaption, small, summary, caption, h1, h2, h3, h4");
    const isWithin = sentence && sentence.textContent.trim().length > part.textContent.trim().length + 3;
    if (part.tagName === "A" && getComputedStyle(part).display === "inline" && isWithin) continue;
    const whole = (part.closest("label") ?? part).getBoundingClientRect();
    const { width, height } = whole;
    if (Math.min(width, height) < 23.9) low.push(`${part.outerHTML.slice(0, 90)}: ${width} x ${height}`);
  }
  return low;
}"""


@browser
@every(EVERY, viewport=SIZES)
def test_whatever_is_pressed_is_24_pixels_high(opened: Any, page: str, viewport: dict[str, int]) -> None:
    assert opened(page, viewport=viewport).page.evaluate(_LOW) == []


# ---------------------------------------------------------------- paper


@browser
@every(CHAPTERS)
def test_a_printed_chapter_has_running_titles_and_leaves_neither_a_heading_nor_a_blank_behind(
    reader: Any, page: str, tmp_path: Path
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext found: no printed page was read; install Debian's package poppler-utils")
    shown = reader().open(page)
    headings = {text.strip().rstrip("#") for text in shown.locator("article :is(h1, h2, h3)").all_text_contents()}
    title = shown.locator("article h1").text_content().strip().rstrip("#")
    shown.pdf(path=tmp_path / "page.pdf", format="A4", prefer_css_page_size=True)
    command = ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"]
    *pages, _ = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\f")
    for number, sheet in enumerate(pages, 1):
        first, *lines = [line.strip() for line in sheet.splitlines() if line.strip()]
        assert first.startswith("Trafficking in Cambodia: an essay on trial") and first.endswith(title)
        assert lines[-1].replace(" ", "") == f"{number}/{len(pages)}"
        assert number == len(pages) or lines[-2] not in headings
    measured = sheets.sheets(tmp_path / "page.pdf")
    assert len(measured) == len(pages)
    blank = [(sheet.number, sheet.foot, sheet.gap) for sheet in measured[:-1] if max(sheet.foot, sheet.gap) >= 0.25]
    assert blank == [], "a page before the last is a quarter blank"


def _leaf(*inked: range) -> bytes:
    """A grey page of A4 at one row a millimetre, black at these rows of its text area."""
    rows = [bytes([0 if any(y in part for part in inked) else 255]) * 210 for y in range(297)]
    return b"P5\n210 297\n255\n" + b"".join(rows)


def test_the_blank_share_of_a_page_is_what_it_says() -> None:
    # The text area runs from row 20 to row 279; ink in its edges (running title, page number) does not count.
    area = 259
    full = sheets.blank(_leaf(range(5, 10), range(20, 279), range(285, 290)))
    assert full == (0, 0)
    foot, gap = sheets.blank(_leaf(range(5, 10), range(20, 120), range(285, 290)))
    assert foot == pytest.approx(159 / area) and gap == 0
    foot, gap = sheets.blank(_leaf(range(20, 40), range(140, 279)))
    assert foot == 0 and gap == pytest.approx(100 / area)
    assert sheets.blank(_leaf()) == (1, 1)
