"""What a citation means, shown where it stands, by mouse and by key; without script it is a link."""

from __future__ import annotations

from typing import Any

import pytest
from reader import CHAPTERS, PHONE, every

pytestmark = pytest.mark.browser

CHAPTER = "book/2-tiers/law.html"
CITED = ".bibtex-citation a"


def _preview(shown: Any) -> str:
    return shown.evaluate("() => document.querySelector('#preview:popover-open')?.innerText ?? ''")


def test_pointing_at_a_citation_shows_the_work_and_leaving_it_hides_it(reader: Any) -> None:
    me = reader()
    shown = me.open(CHAPTER)
    link = shown.locator(CITED).first
    link.scroll_into_view_if_needed()
    link.hover()
    assert _preview(shown).startswith("Kingdom of Cambodia. Law on Suppression")
    box, at = shown.locator("#preview").bounding_box(), link.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 1280
    assert box["y"] >= at["y"] + at["height"] or box["y"] + box["height"] <= at["y"], "it does not hide the link"
    shown.locator("#preview").hover()
    shown.wait_for_timeout(400)
    assert _preview(shown), "what is shown can be pointed at"
    shown.mouse.move(5, 5)
    shown.wait_for_function("() => !document.querySelector('#preview:popover-open')")
    assert me.complaints == []


def test_a_citation_is_shown_on_focus_and_goes_with_escape(reader: Any) -> None:
    shown = reader(viewport=PHONE).open(CHAPTER)
    link = shown.locator(CITED).first
    shown.keyboard.press("Tab")
    link.focus()
    assert _preview(shown)
    assert link.evaluate("a => document.getElementById(a.getAttribute('aria-describedby')).textContent")
    assert shown.locator("#preview").get_attribute("role") == "tooltip"
    box = shown.locator("#preview").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    shown.keyboard.press("Escape")
    assert _preview(shown) == "" and link.get_attribute("aria-describedby") is None


def test_without_script_a_citation_leads_to_its_work(reader: Any) -> None:
    shown = reader(java_script_enabled=False).open(CHAPTER)
    shown.locator(CITED).first.click()
    shown.wait_for_url("**/bibliography.html#*")
    assert shown.locator(":target").inner_text().strip()


@every(CHAPTERS)
def test_every_citation_can_be_shown_and_none_speaks_to_the_mouse_alone(opened: Any, page: str) -> None:
    shown = opened(page, java_script_enabled=False).page
    for link in shown.locator(CITED).all():
        assert len(link.get_attribute("data-preview") or "") > 20
        assert link.get_attribute("title") is None


DESKTOP = {"width": 1680, "height": 1000}
_NOTES = """() => [...document.querySelectorAll("a.noted")].map((link) => ({
  target: link.getAttribute("href"), said: getComputedStyle(link, "::after").content, preview: link.dataset.preview,
  name: link.dataset.term, boxed: Boolean(link.closest("td, details, figure, .verdict-card")),
}))"""
_EDGES = """() => {
  const right = (one) => one.getBoundingClientRect().right;
  const contents = document.querySelector(".bd-sidebar-secondary");
  return {
    margin: right(document.querySelector(".bd-article-container")),
    contents: contents ? contents.getBoundingClientRect().left : innerWidth,
    figures: [...document.querySelectorAll("figure.live")].map(right),
    sideways: document.documentElement.scrollWidth - innerWidth,
  };
}"""


@every(CHAPTERS)
def test_a_wide_screen_has_each_term_and_work_in_the_margin_once_and_others_none(opened: Any, page: str) -> None:
    shown = opened(page, viewport=DESKTOP).page
    notes = shown.evaluate(_NOTES)
    assert notes, "a chapter that cites nobody?"
    assert len({note["target"] for note in notes}) == len(notes) and not any(note["boxed"] for note in notes)
    for note in notes:
        assert len(note["preview"]) > 20 and bool(note["name"]) == ("#term-" in note["target"])
        assert note["preview"].split()[-1] in note["said"]
    edges = shown.evaluate(_EDGES)
    assert edges["contents"] - edges["margin"] >= 16 * 16, "the notes reach into the contents"
    assert max(edges["figures"]) <= edges["contents"]
    assert edges["sideways"] <= 0
    shown.emulate_media(media="print")
    assert {note["said"] for note in shown.evaluate(_NOTES)} == {"none"}
    narrower = opened(page).page
    assert {note["said"] for note in narrower.evaluate(_NOTES)} == {"none"}
