"""The living verdict: live figures and claim pages give the verdict under the reader's own assumption."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from reader import CHAPTERS, CLAIM_PAGES, LIVE, PHONE, SITE, every

from compendium.evidence import paths
from compendium.trial import bending, claims, verdicts

pytestmark = pytest.mark.browser

ON_THE_PAGE, LOADED = 4_000, 11_000  # bytes after gzip: markup of one figure, scripts of the living verdict
TRIES = 160

# Which words a reader can give each verdict by the controls of its figure; one word: no control turns it.
WORDS = {
    "numbers-calculator": {"contradicted"},
    "enforcement-agreement": {"not established"},
    "enforcement-tiers": {"supported"},
    "organised-citizenship": {"not established"},
    "politics-curve": {"partly supported", "not established", "cannot be decided"},
    "alarm-database": {"not established", "partly contradicted", "partly supported"},
    "consequences-lasting": {"not established", "partly supported"},
    "leverage-tracing": {"not established", "supported", "contradicted"},
    "law-day": {"partly contradicted", "mixed", "contradicted", "supported", "not testable"},
    "sample-assumption": {"partly supported"},
}


def verdict_of(claim_id: str) -> verdicts.Verdict:
    return verdicts.published()[claim_id]


# ---------------------------------------------------------------- figures

_WORDS = """async (figure, tries) => {
  let seed = 7;
  const dice = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  const controls = [...figure.querySelectorAll(".controls :is(input, select)")];
  const choices = [...figure.querySelectorAll(".chips")].map((choice) => [...choice.querySelectorAll(".chip")]);
  const back = figure.querySelector("button[type=reset]");
  // Of one choice all options but one are struck, of up to four choices together.
  const strike = (options) => {
    const kept = options[Math.floor(dice() * options.length)];
    for (const chip of options) if (chip !== kept && chip.getAttribute("aria-pressed") === "false") chip.click();
  };
  const word = () => figure.querySelector(".living-verdict strong").textContent;
  const settle = async () => { await figure.view.runAsync(); await new Promise((done) => setTimeout(done)); };
  const move = (control, part) => {
    if (control.tagName === "SELECT") control.selectedIndex = Math.floor(part * control.options.length);
    else if (/checkbox|radio/.test(control.type)) control.checked = part < 0.5;
    else control.value = Number(control.min) + part * (control.max - control.min);
    for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
  };
  const found = new Map([[word(), "as published"]]);
  for (let i = 0; i < tries; i++) {
    const one = Math.floor(dice() * controls.length);
    const part = i % 3 ? dice() : Math.round(dice()) * 0.999999;
    if (choices.length) {
      if (i % 4 === 0) { back.click(); await settle(); }
      strike(choices[Math.floor(dice() * choices.length)]);
    } else move(controls[one], part);
    await settle();
    found.set(word(), [...figure.querySelectorAll(".living-turn")].map((turn) => turn.textContent)[0]);
  }
  return [...found];
}"""


@every(CHAPTERS)
def test_every_verdict_that_a_control_can_turn_is_turned_and_the_others_are_named(reader: Any, page: str) -> None:
    me = reader()
    shown = me.open(page)
    me.see_all()
    for figure in shown.locator(LIVE).all():
        name = figure.get_attribute("id")
        if not figure.locator(".living").count():
            assert figure.locator(".living-none").inner_text().startswith("No verdict hangs on this figure.")
            assert name not in WORDS, f"{name} no longer says its verdict"
            continue
        published = figure.locator(".living-published").text_content()
        said = dict(figure.evaluate(_WORDS, TRIES))
        assert set(said) == WORDS.get(name), f"{name}: {sorted(said)}"
        first = next(iter(said))
        assert f" {first}." in published
        for word, told in list(said.items())[1:]:
            assert told == f"The verdict is now: {word}. Published: {first}."
    assert me.complaints == []


def test_a_turned_verdict_is_told_without_colour_and_announced_once(reader: Any) -> None:
    me = reader(viewport=PHONE)
    shown = me.open("book/2-tiers/law.html")
    me.see_all()
    figure = shown.locator("#law-day")
    box, turn = figure.locator(".living"), figure.locator(".living-turn")
    assert (turn.get_attribute("role"), turn.inner_text()) == ("status", "")
    mark, word = box.locator(".living-verdict .verdict-mark"), box.locator(".living-verdict strong")
    before, published = (mark.inner_html(), box.evaluate(_FRAME)), word.inner_text()
    figure.locator(".controls-more > summary").click()
    severity = figure.locator("select[name=rule]")
    severity.select_option("ceilings")
    shown.wait_for_function("box => box.hasAttribute('data-turned')", arg=box.element_handle())
    after = mark.inner_html(), box.evaluate(_FRAME)
    assert all(a != b for a, b in zip(before, after, strict=True)), "neither mark nor frame changed"
    assert "as you have it: " in box.locator(".living-verdict").inner_text()
    assert turn.inner_text() == f"The verdict is now: {word.inner_text()}. Published: {published}."
    box.evaluate(_LISTEN)
    figure.locator("input[type=range]").nth(1).focus()
    shown.keyboard.press("ArrowRight")
    figure.evaluate("f => f.view.runAsync().then(() => null)")
    assert box.evaluate("box => box.told") == 0, "the same word is announced again"


_LISTEN = """(box) => {
  box.told = 0;
  const seen = { childList: true, subtree: true, characterData: true };
  new MutationObserver(() => box.told++).observe(box.querySelector(".living-turn"), seen);
}"""
_FRAME = "box => getComputedStyle(box).borderTopStyle"


def test_the_readers_number_stands_against_its_line(reader: Any) -> None:
    me = reader()
    shown = me.open("book/1-claims/numbers.html")
    me.see_all()
    figure = shown.locator("#numbers-calculator")
    printed = verdict_of("figures-paired").numbers["printed_per_person"]
    assert figure.locator("[data-number=implied_per_person]").inner_text() == "$2,602"
    line = figure.locator(".living-line").first
    meaning = claims.registry()["figures-paired"].numbers["printed_per_person"].meaning
    assert printed is not None
    assert f"at least ${0.75 * printed:,.0f} (0.75 times “{meaning}”), not met" in line.inner_text()
    figure.locator("select").nth(1).select_option(index=1)
    shown.wait_for_function("l => l.textContent.includes('), met')", arg=line.element_handle())
    assert figure.locator("[data-number=implied_per_person]").inner_text() == "$12,800"
    beside = figure.locator(".living-part").inner_text().strip()
    assert beside.startswith("Beside the verdict, ") and beside.endswith(": yes")
    assert figure.locator(".living").get_attribute("data-turned") is None


def test_a_struck_choice_leaves_the_count_and_comes_back(reader: Any) -> None:
    me = reader(viewport=PHONE)
    shown = me.open("book/2-tiers/politics.html")
    me.see_all()
    figure = shown.locator("#politics-curve")
    figure.locator(".controls-more > summary").click()
    assert "Press a choice" in figure.locator(".chips-how").inner_text()
    says, back = figure.locator("output.readout"), figure.get_by_role("button", name="Put all back")
    box = figure.locator(".living")
    fresh, verdict = says.inner_text(), box.locator(".living-verdict").inner_text()
    assert back.is_disabled()
    chip = figure.locator(".chip").first
    assert chip.get_attribute("aria-pressed") == "false"
    chip.focus()
    shown.keyboard.press("Enter")
    shown.wait_for_function("([o, was]) => o.textContent !== was", arg=[says.element_handle(), fresh])
    assert chip.get_attribute("aria-pressed") == "true"
    assert "line-through" in chip.evaluate("c => getComputedStyle(c).textDecorationLine")
    back.click()
    shown.wait_for_function("([o, was]) => o.textContent === was", arg=[says.element_handle(), fresh])
    assert chip.get_attribute("aria-pressed") == "false"
    shown.wait_for_function("([f, was]) => f.querySelector('.living-verdict').innerText === was",
                            arg=[figure.element_handle(), verdict])  # fmt: skip
    assert box.get_attribute("data-moved") is None


# ---------------------------------------------------------------- the page of a claim

_OPEN = "details.bend > summary"
_SIDES = "() => [...document.querySelectorAll('.bend [data-side], .bend [data-factor]')].map(e => e.textContent)"
_MOVE = """([box, line, value]) => {
  const slider = box.querySelector(`[data-line="${line}"] input`);
  slider.value = value;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  return [slider.value, box.querySelector(".living-verdict strong").textContent];
}"""


def bent(reader: Any, claim_id: str, **options: Any) -> tuple[Any, Any]:
    """A reader who opened the place where a rule is bent, and that place."""
    me = reader(**options)
    shown = me.open(f"claims/{claim_id}.html")
    before = shown.evaluate(_SIDES)
    assert not [url for url in me.requests if re.search(r"(verdict|bend)\\.js", url)], "loaded before it is needed"
    shown.locator(_OPEN).click()
    shown.wait_for_selector(".bend-reset")
    assert shown.evaluate(_SIDES) == before, "the page says a line otherwise than it was written"
    return me, shown.locator(".bend .living")


@every(CLAIM_PAGES)
def test_lines_and_alternatives_turn_the_verdict_as_python_says(reader: Any, page: str) -> None:
    claim = claims.registry()[Path(page).stem]
    verdict = verdict_of(claim.id)
    me, box = bent(reader, claim.id)
    word, reset = box.locator(".living-verdict strong"), box.locator(".bend-reset")
    for one in bending.movable(claim, verdict.numbers):
        for turn in one.turns:
            value, now = me.page.evaluate(_MOVE, [box.element_handle(), one.index, turn.where])
            assert (float(value), now) == (pytest.approx(turn.where), turn.verdict), one.comparison
            reset.click()
            assert word.inner_text() == verdict.verdict and reset.is_disabled()
    for label in bending.alternatives(verdict).moving:
        check = box.locator(f'[data-alternative="{label}"] input')
        check.check()
        assert word.inner_text() == verdict.alternatives[label], label
        check.uncheck()
        assert word.inner_text() == verdict.verdict
    moving = set(bending.alternatives(verdict).moving)
    for pair, together in verdict.pairs.items():
        if not set(pair.split(" + ")) <= moving:  # one of the two changes nothing alone, and has no box
            continue
        checks = [box.locator(f'[data-alternative="{label}"] input') for label in pair.split(" + ")]
        for check in checks:
            check.check()
        if all(check.is_checked() for check in checks):
            assert word.inner_text() == together, pair
        else:
            assert f"Both at once, by the chapter: {together}." in box.inner_text()
        reset.click()
    assert me.complaints == []


def test_alternatives_that_exclude_each_other_say_so(reader: Any) -> None:
    for claim in claims.registry().claims.values():
        verdict = verdict_of(claim.id)
        excluded = bending.alternatives(verdict).excluded
        if not excluded:
            continue
        _, box = bent(reader, claim.id)
        first, second = (box.locator(f'[data-alternative="{label}"]') for label in excluded[0])
        first.locator("input").check()
        second.locator("input").check()
        assert not first.locator("input").is_checked()
        said = second.locator(".bend-excludes").inner_text()
        assert f"“{claim.alternatives[excluded[0][0]]}”, which was taken out" in said
        return
    pytest.fail("no two alternatives of the book exclude each other")


def test_a_bent_rule_is_kept_in_its_address(reader: Any) -> None:
    claim_id, index, label = next(
        (claim.id, lines[0].index, moving[0])
        for claim in claims.registry().claims.values()
        if (lines := bending.movable(claim, verdict_of(claim.id).numbers))
        and (moving := bending.alternatives(verdict_of(claim.id)).moving)
    )
    me, box = bent(reader, claim_id)
    shown = me.page
    far = box.locator(f'[data-line="{index}"] input').get_attribute("max")
    value, _ = shown.evaluate(_MOVE, [box.element_handle(), index, far])
    box.locator(f'[data-alternative="{label}"] input').check()
    shown.wait_for_function("() => location.search.includes('rule.with')")
    assert f"rule.{index}=" in shown.url
    said = [part.inner_text() for part in (box.locator(".living-verdict"), box.locator(".bend-lines"))]
    me.page.goto(shown.url)
    shown.wait_for_selector(".bend-reset")
    assert [part.inner_text() for part in (box.locator(".living-verdict"), box.locator(".bend-lines"))] == said
    assert box.locator(f'[data-line="{index}"] input').input_value() == value
    assert box.locator(f'[data-alternative="{label}"] input').is_checked()
    box.locator(".bend-reset").click()
    shown.wait_for_function("() => !location.search")
    assert box.get_attribute("data-moved") is None
    shown.goto(f"{shown.url.split('#')[0]}?rule.{index}=1e99&rule.with=nothing&rule.with2=1")
    shown.wait_for_selector(".bend-reset")
    told = box.locator(".controls-fault").inner_text()
    assert "not “1e99”" in told and "no alternative “nothing”" in told and "no line “with2”" in told
    assert box.get_attribute("data-moved") is None
    assert me.complaints == []


def test_a_rule_is_bent_with_the_keyboard_alone(reader: Any) -> None:
    claim_id, index = next(
        (claim.id, one.index)
        for claim in claims.registry().claims.values()
        for one in bending.movable(claim, verdict_of(claim.id).numbers)
        if any(turn.where < one.declared for turn in one.turns)
    )
    me = reader(viewport=PHONE)
    shown = me.open(f"claims/{claim_id}.html")
    shown.locator(_OPEN).focus()
    shown.keyboard.press("Enter")
    shown.wait_for_selector(".bend-reset")
    box = shown.locator(".bend .living")
    slider = box.locator(f'[data-line="{index}"] input')
    assert len(slider.get_attribute("aria-label") or "") > 20
    slider.focus()
    shown.keyboard.press("Home")
    assert box.get_attribute("data-turned") is not None
    assert box.locator(".living-turn").inner_text().startswith("The verdict is now: ")
    shown.keyboard.press("End")
    box.locator(".bend-reset").focus()
    shown.keyboard.press("Enter")
    assert box.get_attribute("data-moved") is None
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_script_a_claim_page_says_what_would_turn_it(reader: Any) -> None:
    me = reader(java_script_enabled=False)
    shown = me.open("claims/figures-paired.html")
    shown.locator(_OPEN).click()
    text = shown.locator(".bend").inner_text()
    assert "Moved alone" in text and "turn" in text
    assert not shown.locator(".bend :is(input, button)").count()


# ---------------------------------------------------------------- budgets


def test_the_living_verdict_keeps_to_its_weight(site: Path) -> None:
    scripts = [(paths.BOOK / "assets" / name).read_bytes() for name in ("verdict.js", "bend.js", "chance.js")]
    assert sum(len(gzip.compress(script, mtime=0)) for script in scripts) < LOADED
    heaviest = {}
    for page in CHAPTERS:
        for block in re.findall(r'<div class="living .*?</script>', (SITE / page).read_text("utf-8"), re.DOTALL):
            data = json.loads(re.search(r"<script[^>]*>(.*?)</script>", block, re.DOTALL).group(1))  # type: ignore[union-attr]
            assert data["parts"] and data["word"]
            heaviest[page] = max(heaviest.get(page, 0), len(gzip.compress(block.encode(), mtime=0)))
    assert heaviest and max(heaviest.values()) < ON_THE_PAGE, heaviest


def test_a_page_without_a_verdict_that_hangs_loads_no_script_of_verdicts(reader: Any) -> None:
    me = reader()
    me.open("book/1-claims/recapture.html")
    me.see_all()
    assert not [url for url in me.requests if "verdict.js" in url or "chance.js" in url]
