"""Code that does not interrupt: out of the way at first, there when a reader asks, with and without script."""

from __future__ import annotations

from typing import Any

import pytest
from reader import CHAPTERS, PHONE, every

CHAPTER = "book/2-tiers/law.html"
CODE = ".cell_input"
UNFOLDED = f"{CODE}:not(details:not([open]) *)"


def _shown(page: Any) -> int:
    return page.locator(CODE).locator("visible=true").count()


@pytest.mark.browser
@every(CHAPTERS)
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_no_code_interrupts_the_reading(opened: Any, page: str, script: bool) -> None:
    shown = opened(page, java_script_enabled=script).page
    assert shown.locator(CODE).count() > 3, "the code is in the page"
    assert _shown(shown) == 0
    assert shown.locator("article summary", has_text="code").count() == 0, "no row of folded code"


@pytest.mark.browser
@every(CHAPTERS)
def test_a_cell_that_shows_nothing_takes_no_room(opened: Any, page: str) -> None:
    shown = opened(page).page
    room = shown.evaluate(
        """() => [...document.querySelectorAll(".cell.silent")].map((cell) => {
          return cell.checkVisibility() ? cell.getBoundingClientRect().height + 1 : 0;
        })"""
    )
    assert room and set(room) == {0}
    assert shown.locator(".cell:not(.silent) > .cell_output").count() == shown.locator(".cell:not(.silent)").count()


@pytest.mark.browser
def test_the_switch_is_pressed_by_key_and_remembered_on_the_next_page(reader: Any) -> None:
    me = reader()
    shown = me.open(CHAPTER)
    shown.get_by_role("switch", name="Show code").focus()
    shown.keyboard.press("Space")
    assert _shown(shown) == shown.locator(UNFOLDED).count() > 3
    me.open(CHAPTERS[0])
    assert shown.get_by_role("switch", name="Show code").is_checked()
    assert _shown(shown) == shown.locator(UNFOLDED).count() > 3
    shown.keyboard.press("Tab")
    shown.get_by_role("switch", name="Show code").focus()
    shown.keyboard.press("Space")
    assert _shown(shown) == 0
    shown.reload()
    assert _shown(shown) == 0 and me.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("how", ["no script", "storage throws"])
def test_the_switch_works_without_script_and_without_storage(reader: Any, how: str) -> None:
    me = reader(java_script_enabled=how != "no script")
    me.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { configurable: true, get() { throw Error('blocked'); } });"
    )
    shown = me.open(CHAPTER)
    for wanted in (shown.locator(UNFOLDED).count(), 0):
        shown.get_by_role("switch", name="Show code").click()
        assert _shown(shown) == wanted
    assert me.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_figure_leads_to_the_code_that_makes_it(reader: Any, script: bool) -> None:
    shown = reader(java_script_enabled=script, viewport=PHONE).open(CHAPTER)
    figure = shown.locator("#law-regimes")
    figure.get_by_role("link", name="Code").click()
    code = shown.locator(CODE).locator("visible=true")
    assert code.count() == 1 and "law.draw_regimes(statutes, ranges)" in code.inner_text()
    top = code.bounding_box()["y"]
    assert 0 <= top < PHONE["height"], "it is on the screen"
    shown.get_by_role("link", name="Hide this code").click()
    assert _shown(shown) == 0 and shown.url.endswith("#law-regimes")


@pytest.mark.browser
@every(CHAPTERS)
def test_every_figure_of_a_chapter_has_its_code(opened: Any, page: str) -> None:
    shown = opened(page, java_script_enabled=False).page
    links = shown.locator("figure .code-link").all()
    assert len(links) == shown.locator("figure:is(.live, .plot)").count() > 0
    for link in links:
        assert shown.locator(link.get_attribute("href")).locator("pre").count() == 1


@pytest.mark.browser
def test_code_is_not_printed_even_where_it_is_shown(reader: Any) -> None:
    shown = reader().open(CHAPTER)
    shown.get_by_role("switch", name="Show code").check()
    shown.emulate_media(media="print")
    assert _shown(shown) == 0
    assert not shown.get_by_role("switch").is_visible()
