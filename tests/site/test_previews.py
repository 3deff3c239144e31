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
    assert _preview(shown).startswith("Kingdom of Cambodia. Law on suppression")
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
