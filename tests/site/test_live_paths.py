"""A live figure remembers nothing, and its address everything: what it says hangs on its settings alone."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from reader import CHAPTERS, LIVE, every

pytestmark = pytest.mark.browser

STEPS, SHARED = 12, 4  # touches of a path, and of one whose end is shared
RESTED = 500  # ms after which the address holds what a reader set

# What the figure says and draws once all that was asked of it is done. Vega keeps no order among what it draws
# anew, and counts the names of clip paths on.
_SAYS = """async (figure) => {
  await figure.view.runAsync();
  await new Promise((done) => setTimeout(done));
  const round = (value) => value.replaceAll(/-?\\d+\\.\\d+/g, (number) => Number(number).toFixed(1));
  const drawn = [...figure.querySelectorAll(".chart svg *")].filter((part) => !part.children.length).map((part) => {
    const attributes = [...part.attributes].map(({ name, value }) => `${name}=${round(value)}`).sort();
    return [part.tagName, ...attributes, part.textContent].join(" ").replaceAll(/(clip|gradient_)\\d+/g, "$1");
  });
  const told = [...figure.querySelectorAll(".living > :not(script, [role])")];
  const settings = [...figure.querySelectorAll(".controls :is(input, select, .chip)")];
  return {
    settings: settings.map((control) => control.getAttribute("aria-pressed") ?? control.value).join(" "),
    sentence: figure.querySelector("output.readout").textContent,
    description: figure.querySelector(".chart svg").getAttribute("aria-label"),
    verdict: told.map((part) => part.textContent.replaceAll(/\\s+/g, " ")).join("\\n"),
    drawn: drawn.sort().join("\\n"),
  };
}"""
# One touch: a chip is pressed, a list or a range set to a place between its first and its last setting.
_TOUCH = """async (figure, [which, to]) => {
  const controls = figure.querySelectorAll(".controls :is(input, select, .chip)");
  const control = controls[Math.floor(which * controls.length)];
  const { min, max, step, options } = control;
  if (control.matches(".chip")) control.click();
  else {
    if (options) control.selectedIndex = Math.floor(to * options.length);
    else control.value = Number(min) + Number(step) * Math.floor((to * (max - min)) / step);
    for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
  }
  await figure.view.runAsync();
}"""
# Back to the first settings, one by one, in an order of its own.
_BACK = """async (figure, order) => {
  const controls = [...figure.querySelectorAll(".controls :is(input, select, .chip)")];
  const ranked = controls.map((control, i) => [order[i % order.length], control]).sort((a, b) => a[0] - b[0]);
  for (const [, control] of ranked) {
    const { options } = control;
    if (control.getAttribute("aria-pressed") === "true") control.click();
    if (control.matches(".chip")) continue;
    if (options) control.selectedIndex = [...options].findIndex((option) => option.defaultSelected);
    else control.value = control.defaultValue;
    for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
    await figure.view.runAsync();
  }
}"""


@every(CHAPTERS)
def test_a_figure_says_the_same_at_the_same_settings_by_whatever_way_they_came(reader: Any, page: str) -> None:
    """By a path of touches and back one by one, by a reset, and by the address in a fresh page."""
    me = reader()
    shown = me.open(page)
    me.see_all()
    dice = random.Random(page)
    fresh, left, wrong = {}, {}, {}

    def walk(figure: Any, steps: int) -> set[tuple[str, ...]]:
        said = set()
        for _ in range(steps):
            figure.evaluate(_TOUCH, [dice.random(), dice.random()])
            said.add(tuple(figure.evaluate(_SAYS).values()))
        return said

    def compare(figure: Any, name: str, way: str, expected: dict[str, str]) -> None:
        found = figure.evaluate(_SAYS)
        wrong.update(
            {
                f"{name}, {part} {way}": _difference(expected[part], found[part])
                for part in found
                if expected[part] != found[part]
            }
        )

    for figure in shown.locator(LIVE).all():
        name = figure.get_attribute("id")
        fresh[name] = figure.evaluate(_SAYS)
        assert len(walk(figure, STEPS)) > 1, f"{name}: no setting changes anything"
        figure.evaluate(_BACK, [dice.random() for _ in range(20)])
        compare(figure, name, "after a path and back", fresh[name])
        walk(figure, SHARED)
        figure.locator("button[type=reset]").evaluate("button => button.click()")
        compare(figure, name, "after a reset", fresh[name])
        assert figure.get_attribute("data-moved") is None, f"{name} calls its published state moved"
    shown.wait_for_timeout(RESTED)
    assert urlsplit(shown.url).query == "", "what is as published needs no word in the address"

    for figure in shown.locator(LIVE).all():
        walk(figure, SHARED)
        shown.wait_for_timeout(RESTED)
        left[figure.get_attribute("id")] = figure.evaluate(_SAYS)
    asked = {key.partition(".")[0] for key, _ in parse_qsl(urlsplit(shown.url).query, keep_blank_values=True)}
    assert asked == {name for name in left if left[name]["settings"] != fresh[name]["settings"]}
    me.page.goto(shown.url)
    me.see_all()
    shown.wait_for_timeout(RESTED)
    for figure in shown.locator(LIVE).all():
        compare(figure, figure.get_attribute("id"), "from its address", left[figure.get_attribute("id")])
    assert wrong == {}
    assert me.complaints == []


def _difference(first: str, last: str) -> tuple[str, str]:
    """The two texts from a little before where they part."""
    start = max(0, next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0) - 60)
    return first[start : start + 200], last[start : start + 200]


LAW = "book/2-tiers/law.html"


def _law(reader: Any, query: str = "", **options: Any) -> tuple[Any, Any, Any]:
    me = reader(**options)
    shown = me.open(f"{LAW}{query}#law-day")
    figure = shown.locator("#law-day")
    shown.wait_for_function("f => f.dataset.state === 'live'", arg=figure.element_handle())
    return me, shown, figure


def test_an_address_is_short_and_can_be_read(reader: Any) -> None:
    _, shown, figure = _law(reader)
    figure.locator("select[name=yardstick]").select_option("killing")
    shown.wait_for_function("() => location.search")
    assert urlsplit(shown.url).query == "law-day.yardstick=killing"
    assert urlsplit(shown.url).fragment == "law-day"


def test_one_step_back_is_the_published_state_and_one_forward_the_readers(reader: Any) -> None:
    _, shown, figure = _law(reader)
    says = figure.locator("output.readout")
    published = says.inner_text()
    for word in ("killing", "rape"):
        figure.locator("select[name=yardstick]").select_option(word)
        shown.wait_for_function("word => location.search.includes(word)", arg=word)
    mine = says.inner_text()
    assert mine != published
    shown.go_back()
    shown.wait_for_function("([o, said]) => o.textContent === said", arg=[says.element_handle(), published])
    assert figure.locator("select[name=yardstick]").input_value() == "murder"
    shown.go_forward()
    shown.wait_for_function("([o, said]) => o.textContent === said", arg=[says.element_handle(), mine])


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("law-day.year=1890", "“Year” goes from 1996 to 2025, not “1890”"),
        ("law-day.year=last", "“Year” goes from 1996 to 2025, not “last”"),
        ("law-day.year=", "“Year” goes from 1996 to 2025, not “”"),
        ("law-day.month=2.5", "“Month” goes in steps of 1, not “2.5”"),
        ("law-day.yardstick=theft", "“Compare with” has no such choice, not “theft”"),
        ("law-day.colour=red", "“colour” is no control of this figure, not “red”"),
    ],
)
def test_what_an_address_asks_wrongly_is_named_and_the_rest_is_done(reader: Any, query: str, told: str) -> None:
    me, _, figure = _law(reader, f"?{query}&law-day.rule=floors")
    assert told in figure.locator(".controls-fault").inner_text()
    assert figure.locator("select[name=rule]").input_value() == "floors"
    assert figure.locator("input[name=year]").input_value() == "2009"
    assert me.complaints == []


def test_a_moved_figure_says_that_its_title_is_of_the_published_state(reader: Any) -> None:
    _, _, figure = _law(reader, "?law-day.year=2003")
    before = "c => getComputedStyle(c, '::before').content"
    title = figure.locator(".caption-text")
    assert title.evaluate(before) == '"As published: "'
    described = figure.locator(".chart svg[role=img]").get_attribute("aria-label")
    assert described.startswith(f"As you have it: {figure.locator('output.readout').inner_text()} As published: ")
    figure.locator("button[type=reset]").click()
    assert title.evaluate(before) == "none"
    assert figure.locator("button[type=reset]").is_disabled()


@every(CHAPTERS)
def test_a_control_says_its_value_as_python_does(reader: Any, page: str) -> None:
    """What the page says at first was written by Python; set to the same value by a script, it says the same."""
    shown = reader().open(page)
    places = shown.locator(".control:has(input[type=range])").all()
    said = [place.locator(".control-value").text_content() for place in places]
    reader_of_all = shown.evaluate("document.querySelectorAll('figure.live').length")
    if not reader_of_all:
        return
    for figure in shown.locator("figure.live").all():
        figure.evaluate("f => f.closest('details') && (f.closest('details').open = true)")
        figure.scroll_into_view_if_needed()
        shown.wait_for_function("f => f.dataset.state === 'live'", arg=figure.element_handle())
    for place in places:
        place.evaluate(_THERE_AND_BACK)
    shown.wait_for_timeout(100)
    assert [place.locator(".control-value").text_content() for place in places] == said


_THERE_AND_BACK = """async (place) => {
  const input = place.querySelector("input");
  const first = input.value;
  for (const value of [input.min === first ? input.max : input.min, first]) {
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await place.closest("figure").view.runAsync();
  }
}"""
