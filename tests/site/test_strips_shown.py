"""Strips and seals as readers see them, wide and on a phone: no text is small, cut or on top of something."""

from __future__ import annotations

from typing import Any

import pytest
from markupsafe import Markup
from reader import CLAIM_PAGES, PHONE, SIZES, WIDE, every

from compendium.site import strips
from compendium.site.contrast import STYLESHEET, contrast, themes
from compendium.trial import claims, verdicts

SMALLEST = 11  # pixels
DECIDED = ("supported", "contradicted", "not established", "not testable")
LISTS = {"book/index.html": ".docket ol > li", "book/4-policy/verdicts.html": "table.ledger tbody tr"}
TEXTS = ("fig-ink", "fig-muted", "verdict-for", "verdict-against", "verdict-neither")

# What is wrong with the strips of a page: text that is too small, out of its frame, on a mark or on another text.
_FAULTS = """(smallest) => {
  const faults = [];
  const apart = (low, high) => high - low < 0.5;
  const meets = (a, b) => !apart(a.left, b.right) && !apart(b.left, a.right) && !apart(a.top, b.bottom)
    && !apart(b.top, a.bottom);
  for (const frame of document.querySelectorAll(".strip-frame")) {
    const svg = frame.querySelector("svg.strip"), room = frame.getBoundingClientRect();
    const name = svg.querySelector("title").textContent;
    const wrong = (text, what) => faults.push(`${name}: ${text.textContent}: ${what}`);
    const shown = [...svg.querySelectorAll("text")].filter((text) => text.getClientRects().length);
    const marks = [...svg.querySelectorAll("rect, circle, line")].map((mark) => mark.getBoundingClientRect());
    if (frame.scrollWidth > frame.clientWidth + 1) faults.push(`${name}: is wider than its frame`);
    if (!shown.length) faults.push(`${name}: shows no text`);
    shown.forEach((text, n) => {
      const box = text.getBoundingClientRect();
      if (parseFloat(getComputedStyle(text).fontSize) < smallest) wrong(text, "too small");
      const out = Math.max(room.left - box.left, box.right - room.right, box.bottom - room.bottom);
      if (out > 0.5) wrong(text, "cut");
      // The letters alone: a line box holds room above and below them.
      const letters = { left: box.left, right: box.right, top: box.top + 3, bottom: box.bottom - 3 };
      for (const other of shown.slice(n + 1))
        if (meets(box, other.getBoundingClientRect())) wrong(text, `on ${other.textContent}`);
      if (marks.some((mark) => meets(letters, mark))) wrong(text, "on a mark");
    });
  }
  return faults;
}"""


def test_each_claim_has_a_page() -> None:
    assert len(CLAIM_PAGES) == len(claims.registry().claims)


@pytest.mark.browser
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@every(CLAIM_PAGES)
def test_every_claim_page_shows_strips_that_can_be_read(opened: Any, page: str, viewport: dict[str, int]) -> None:
    shown = opened(page, viewport=viewport).page
    parts = verdicts.published()[page.removeprefix("claims/").removesuffix(".html")].parts
    assert shown.locator(".strip-frame svg.strip").count() >= len(parts)
    assert shown.evaluate(_FAULTS, SMALLEST) == []


@pytest.mark.browser
def test_the_check_of_the_page_sees_what_is_wrong(reader: Any) -> None:
    shown = reader(viewport=PHONE).open(CLAIM_PAGES[0])
    shown.evaluate("document.querySelector('.strip-frame svg .value-label').setAttribute('font-size', 9)")
    assert any("too small" in fault for fault in shown.evaluate(_FAULTS, SMALLEST))
    shown.evaluate("document.querySelector('.strip-frame svg .value-label').setAttribute('y', 30)")
    assert any("on a mark" in fault for fault in shown.evaluate(_FAULTS, SMALLEST))
    shown.evaluate("for (const t of document.querySelectorAll('.strip-frame svg text')) t.setAttribute('x', '-30')")
    assert any("cut" in fault for fault in shown.evaluate(_FAULTS, SMALLEST))
    assert any(": on " in fault for fault in shown.evaluate(_FAULTS, SMALLEST))


@pytest.mark.browser
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@every(CLAIM_PAGES)
def test_the_mark_of_every_strip_is_seen_in_the_zone_of_its_part(
    opened: Any, page: str, viewport: dict[str, int]
) -> None:
    """Where one number decides a part alone, its dot stands over a zone with the part's word."""
    kinds = dict(zip(DECIDED, ("for", "against", "neither", "untestable"), strict=True))
    found = opened(page, viewport=viewport).page.evaluate(
        """() => [...document.querySelectorAll(".strip-frame svg.strip")].map((svg) => {
          const dots = [...svg.querySelectorAll("circle.value")];
          const under = (dot) => [...svg.querySelectorAll("rect.zone")].filter((zone) => {
            const box = zone.getBoundingClientRect(), { left, width } = dot.getBoundingClientRect();
            return box.left - 0.5 <= left + width / 2 && left + width / 2 <= box.right + 0.5;
          }).map((zone) => zone.classList[1]);
          const blocks = [...svg.querySelectorAll("rect.zone:is(.for, .against)")];
          const hollow = blocks.some((zone) => zone.getAttribute("fill") === "none");
          const across = svg.querySelector("title").textContent.includes(", across the line");
          return { decides: dots.length === 1 && !hollow && !across, kinds: dots.flatMap(under) };
        })"""
    )
    verdict = verdicts.published()[page.removeprefix("claims/").removesuffix(".html")]
    words = {kinds[word] for word in (*verdict.parts.values(), *verdict.context.values())}
    single = [strip["kinds"] for strip in found if strip["decides"]]
    assert all(held and held[-1] in words for held in single)  # the last one drawn is on top


@pytest.mark.browser
@every(list(LISTS), few=list(LISTS), viewport=SIZES)
def test_a_list_shows_each_claim_with_seal_and_strip(reader: Any, page: str, viewport: dict[str, int]) -> None:
    shown = reader(viewport=viewport).open(page)
    rows = shown.locator(LISTS[page])
    assert rows.count() == len(claims.registry().claims)
    for row in rows.all():
        assert row.locator("svg.seal").count() == 1 and row.locator("svg.strip.small").count() == 1
        strip, room = row.locator("svg.strip.small").bounding_box(), row.bounding_box()
        assert strip["width"] >= 80 and strip["height"] == 20
        assert room["x"] < strip["x"] and strip["x"] + strip["width"] < room["x"] + room["width"]
        assert not row.locator("svg.strip.small text").count()


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_words_and_edges_of_zones_stand_out_from_their_ground(theme: int) -> None:
    """WCAG 2.2: 4.5 for text on the page and on a card, 3 for the edges of zones, also on their own filling."""
    colours = themes(STYLESHEET.read_text(encoding="utf-8"))[theme]
    for ground in ("--fig-paper", "--surface"):
        for name in TEXTS:
            assert contrast(colours[f"--{name}"], colours[ground]) >= 4.5, (name, ground)
    for kind in ("for", "against"):
        soft = colours[f"--verdict-{kind}-soft"]
        assert contrast(colours[f"--verdict-{kind}"], soft) >= 3, kind
        assert contrast(colours["--fig-ink"], soft) >= 4.5, "the mark and the ticks stand on it"


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ([{"dot"}, {"dark bar"}], ""),
        (
            [{"dot", "thin upright lines"}],
            "Dot: what was found; thin upright lines: the other defensible ways to count.",
        ),
        (
            [{"dark bar", "grey bars below"}],
            "Dark bar: the interval found; grey bars below: the other defensible ways to count.",
        ),
        (
            [{"dot", "thin upright lines", strips.LEFT_OUT}, {"dot", "dark bar", "grey bars below"}],
            "Dot: what was found; dark bar: its interval; thin upright lines and grey bars below: the other "
            f"defensible ways to count. {strips.LEFT_OUT}",
        ),
    ],
)
def test_the_line_under_the_strips_names_the_marks_that_are_there_and_no_other(
    marks: list[set[str]], told: str
) -> None:
    drawn = tuple(strips.Drawn("a number", Markup(), frozenset(one)) for one in marks)
    assert strips.key([strips.PartDrawn("a part", "supported", drawn, "")]) == told
