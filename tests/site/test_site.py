"""Reader stories, on the built site in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from reader import CHAPTERS, CLAIM_PAGES, LIVE, PAGES, PHONE, SCHEMES, SITE, SIZES, every

from compendium.evidence import paths
from compendium.figures import seal
from compendium.trial import claims, rules, verdicts

pytestmark = pytest.mark.browser


# ---------------------------------------------------------------- every page


@every(PAGES + CLAIM_PAGES[:1])
def test_nothing_leaves_the_page_and_nothing_complains(opened: Any, page: str) -> None:
    me = opened(page)
    assert me.foreign() == []
    assert me.complaints == []


@every(PAGES + CLAIM_PAGES[:1])
def test_on_a_phone_no_page_scrolls_sideways(opened: Any, page: str) -> None:
    shown = opened(page, viewport=PHONE).page
    assert shown.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@every(PAGES + CLAIM_PAGES[:1], viewport=SIZES, scheme=SCHEMES)
def test_axe_finds_no_fault(opened: Any, page: str, viewport: dict[str, int], scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown = opened(page, viewport=viewport, color_scheme=scheme).page
    found = Axe().run(shown).response["violations"]
    assert [(fault["id"], node["target"]) for fault in found for node in fault["nodes"]] == []


# ---------------------------------------------------------------- live figures


@every(CHAPTERS)
def test_every_control_of_every_live_figure_changes_it(reader: Any, page: str) -> None:
    me = reader()
    shown = me.open(page)
    me.see_all()
    figures = shown.locator(LIVE).all()
    assert len(figures) == shown.locator("figure.live").count()
    for figure in figures:
        name = figure.get_attribute("id")
        assert figure.locator("output.readout").inner_text().strip(), f"{name} says nothing"
        controls = figure.locator(".controls :is(input, select, .chip)")
        assert controls.count(), f"{name} has no control"
        for index in range(controls.count()):
            control = controls.nth(index)
            before = _looks(figure)
            control.evaluate(_MOVE)
            assert _changes(shown, figure, before), f"{name}: control {index + 1} changes nothing"
            if control.evaluate("control => control.matches('.chip')"):
                control.click()  # with all of its kind struck, nothing would be left to change


_MOVE = """control => {
  if (control.matches(".chip")) return control.click();
  const far = (c) => (Math.abs(c.value - c.max) > Math.abs(c.value - c.min) ? c.max : c.min);
  if (control.tagName === "SELECT") control.selectedIndex = (control.selectedIndex + 1) % control.options.length;
  else if (control.type === "checkbox" || control.type === "radio") control.checked = !control.checked;
  else control.value = far(control);
  for (const kind of ["input", "change"]) control.dispatchEvent(new Event(kind, { bubbles: true }));
}"""


def _looks(figure: Any) -> str:
    return figure.evaluate(
        "f => f.querySelector('output.readout').textContent + f.querySelector('.chart svg').innerHTML"
    )


def _changes(page: Any, figure: Any, before: str) -> bool:
    for _ in range(40):
        if _looks(figure) != before:
            return True
        page.wait_for_timeout(50)
    return False


def test_with_the_keyboard_alone_a_reader_changes_the_answer(reader: Any) -> None:
    me = reader()
    shown = me.open("book/1-claims/numbers.html")
    me.see_all()
    figure = shown.locator("#numbers-calculator")
    output = figure.locator("output.readout")
    assert output.inner_text() == "Your pair gives $2,602 a person."
    figure.locator("select").nth(1).focus()
    shown.keyboard.press("ArrowDown")
    shown.wait_for_function(
        "o => o.textContent !== 'Your pair gives $2,602 a person.'", arg=output.element_handle()
    )
    assert output.get_attribute("aria-live") == "polite"


def test_a_control_can_be_seen_when_it_has_focus(reader: Any) -> None:
    me = reader()
    shown = me.open("book/1-claims/numbers.html")
    me.see_all()
    select = shown.locator("#numbers-calculator select").first
    select.focus()
    assert select.evaluate("s => getComputedStyle(s).outlineStyle") != "none"


def test_the_figure_follows_the_theme(reader: Any) -> None:
    me = reader(color_scheme="light")
    shown = me.open("book/1-claims/numbers.html")
    me.see_all()
    colour = "() => getComputedStyle(document.querySelector('#numbers-calculator .chart svg text')).fill"
    light = shown.evaluate(colour)
    shown.evaluate("document.documentElement.dataset.theme = 'dark'")
    assert shown.evaluate(colour) != light


def test_the_data_of_a_figure_can_be_downloaded(reader: Any) -> None:
    me = reader()
    shown = me.open("book/1-claims/numbers.html")
    with shown.expect_download() as download:
        shown.locator("#numbers-spread .figure-links a[download]").click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert {"id", "low", "high", "status"} <= set(rows[0]) and len(rows) > 5


# ---------------------------------------------------------------- without scripts, without a server, on paper


@every(CHAPTERS)
def test_without_scripts_every_figure_stands(opened: Any, page: str) -> None:
    shown = opened(page, java_script_enabled=False).page
    for drawing in shown.locator("figure .drawing [role=img], figure .drawing[role=img]").all():
        folded = drawing.locator("xpath=ancestor::details").count()  # a reader opens it with a press
        assert folded or drawing.is_visible()
        assert len((drawing.get_attribute("aria-label") or "").split()) >= 8


@every(CHAPTERS[:2])
def test_from_the_disk_the_live_figures_work(reader: Any, page: str) -> None:
    me = reader(address=f"file://{SITE}")
    shown = me.open(page)
    me.see_all()
    assert shown.locator(LIVE).count() == shown.locator("figure.live").count() > 0
    assert me.complaints == []


def test_with_the_network_cut_after_load_the_page_still_answers(reader: Any) -> None:
    me = reader()
    shown = me.open("book/1-claims/numbers.html")
    me.see_all()
    me.context.set_offline(True)
    figure = shown.locator("#numbers-calculator")
    before = _looks(figure)
    figure.locator("select").first.evaluate(_MOVE)
    assert _changes(shown, figure, before)


@every(CHAPTERS)
def test_in_print_code_and_controls_are_gone_and_figures_stay(opened: Any, page: str) -> None:
    shown = opened(page).page
    shown.emulate_media(media="print")
    for hidden in (".controls", ".bd-sidebar-primary", ".cell.tag_hide-input .highlight"):
        for part in shown.locator(hidden).all():
            assert not part.is_visible(), hidden
    for figure in shown.locator("figure.live").all():
        assert figure.locator(".drawing svg, .chart svg").locator("visible=true").count() == 1


# ---------------------------------------------------------------- the way through the book


def _word(text: str) -> str:
    return next(word for word in sorted(rules.VERDICTS, key=len, reverse=True) if word in text.lower())


def test_verdicts_are_the_same_wherever_they_stand(reader: Any) -> None:
    published = {claim: verdict.verdict for claim, verdict in verdicts.published().items()}
    expected = {claim: published.get(claim, rules.PENDING) for claim in claims.registry().claims}
    titles = {claim.title: claim.id for claim in claims.registry().claims.values()}
    me = reader(java_script_enabled=False)
    lines = me.open("book/index.html").locator(".docket li").all()
    told = [
        (line.locator(".docket-claim strong").inner_text(), line.locator(".docket-verdict").inner_text())
        for line in lines
    ]
    docket = {titles[title]: word.strip() for title, word in told}
    assert docket == expected
    ledger = {
        titles[row.locator("th a").inner_text()]: row.get_attribute("data-verdict")
        for row in me.open("book/4-policy/verdicts.html").locator("table.ledger tbody tr").all()
    }
    assert ledger == expected
    cards = {}
    for page in CHAPTERS:
        if "verdict-card" in (SITE / page).read_text(encoding="utf-8"):
            cards |= dict(me.open(page).evaluate(_CARDS))
    assert cards == published
    downloaded = json.loads((SITE / "_static/data/verdicts.json").read_text())["claims"]
    assert {claim: record["verdict"] for claim, record in downloaded.items()} == published


_CARDS = """() => [...document.querySelectorAll("section.verdict-card")].map((card) => [
  card.id.replace(/^verdict-/, ""), card.querySelector(".verdict-head strong").innerText.toLowerCase()])"""


@every(list(verdicts.published()), "claim_id", few=["as-murder"])
def test_two_presses_from_the_front_page_to_any_verdict_and_two_to_its_data(reader: Any, claim_id: str) -> None:
    shown = reader(viewport=PHONE).open("book/index.html")
    shown.locator(f".docket a[href$='#verdict-{claim_id}']").click()
    card = shown.locator(f"#verdict-{claim_id}")
    card.wait_for(state="visible")
    card.locator(".verdict-foot a[href*='tables/']").first.click()
    shown.wait_for_url("**/tables/**")
    assert shown.locator("table.rows tbody tr").count()


def test_a_reader_filters_and_sorts_the_ledger(reader: Any) -> None:
    shown = reader().open("book/4-policy/verdicts.html")
    rows = shown.locator("table.ledger tbody tr")
    shown.locator(".ledger-filters select[name=holder]").select_option("essay")
    seen = [row.get_attribute("data-holder") for row in rows.all() if row.is_visible()]
    assert seen and set(seen) == {"essay"}
    assert shown.locator(".ledger-count").inner_text().startswith(f"{len(seen)} of ")
    shown.locator("table.ledger thead button").first.click()
    names = [row.locator("th a").inner_text() for row in rows.all() if row.is_visible()]
    assert names == sorted(names, key=str.lower)


@pytest.mark.parametrize("claim_id", list(claims.registry().claims))
def test_a_claim_has_a_permanent_page_with_a_review_for_machines(claim_id: str, site: Path) -> None:
    text = (site / "claims" / f"{claim_id}.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    claim = claims.registry()[claim_id]
    assert bool(found) == bool(claim.side), "a claim that nobody makes is not reviewed"
    if not found:
        return
    review = json.loads(found[1])
    assert review["@type"] == "ClaimReview" and review["claimReviewed"] == claim.claim
    published = verdicts.published().get(claim_id)
    assert review["reviewRating"]["alternateName"] == (published.verdict if published else rules.PENDING)


def test_a_reader_finds_a_word_by_searching(reader: Any) -> None:
    shown = reader().open("search.html?q=profit")
    shown.wait_for_selector("#search-results li a[href*='1-claims/numbers']")  # results come one by one


@every(
    ["achromatopsia", "deuteranopia", "protanopia", "tritanopia"],
    "blindness",
    few=["achromatopsia", "protanopia"],  # without any colour, and where red is dark
)
def test_verdicts_are_told_apart_without_colour(opened: Any, blindness: str) -> None:
    """Each verdict has a word and a seal of its own shape, and both can still be seen against the cell."""
    shapes = {word: re.sub(r"var\([^)]*\)", "", seal.seal(word)) for word in rules.VERDICTS}
    assert len(set(shapes.values())) == len(rules.VERDICTS)
    me = opened("book/index.html")
    count = me.page.locator(".docket li").count()
    assert count == len(claims.registry().claims)
    session = me.context.new_cdp_session(me.page)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": blindness})
    seen: list[tuple[Image.Image, list[Any]]] = []
    while (known := sum(len(lines) for _, lines in seen)) < count:
        lines = me.page.evaluate(_DOCKET, known)
        seen.append((Image.open(io.BytesIO(me.page.screenshot())).convert("L"), lines))
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
    for grey, lines in seen:
        for said, drawn, word, mark in lines:
            assert re.sub("></(circle|path)>", "/>", drawn) == seal.inner(said.strip())
            assert _contrast_inside(grey, word) >= 4.5 and _contrast_inside(grey, mark) >= 2.4, said


# Of each line of a window its verdict, its seal, and the edges of both in the window. A picture of the whole page
# would not do: a browser paints what is in its window before it shows it, and beyond it what it gets to in time.
# The first of the lines comes a quarter of the window down, clear of whatever lies over its top.
_DOCKET = """async (known) => {
  const lines = [...document.querySelectorAll(".docket li")].slice(known);
  const top = () => lines[0].getBoundingClientRect().top;
  scrollBy({ top: top() - innerHeight / 4, behavior: "instant" });
  for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
  const whole = lines.filter((line) => line.getBoundingClientRect().bottom <= innerHeight);
  if (!whole.length || top() < 0) throw Error(`line ${known} of the docket is not in the window`);
  return whole.map((line) => {
    const verdict = line.querySelector(".docket-verdict"), mark = verdict.querySelector("svg.seal");
    const word = document.createRange();
    word.selectNode(mark.nextSibling);  // neither the seal nor the point that parts it from the claim
    const edges = (part) => {
      const box = part.getBoundingClientRect();
      return [box.left, box.top, box.right, box.bottom];
    };
    return [verdict.innerText, mark.innerHTML, edges(word), edges(mark)];
  });
}"""


def _contrast_inside(window: Image.Image, edges: list[float]) -> float:
    """The contrast between the lightest and the darkest spot of a part of a window of which there is a picture."""
    ends = window.crop([round(edge) for edge in edges]).getextrema()
    dark, light = ((((value / 255 + 0.055) / 1.055) ** 2.4) for value in ends)
    return (light + 0.05) / (dark + 0.05)


# ---------------------------------------------------------------- the bench in the page

BENCHES = [
    page
    for page in CHAPTERS
    if (SITE / page).exists() and 'class="bench run-here"' in (SITE / page).read_text("utf-8")
]


def _in_cpython(script: str) -> tuple[str, Any]:
    """What a bench script prints and leaves in `result` when this Python runs it."""
    import contextlib

    names: dict[str, Any] = {"DATA": {}, "result": None}
    for path in paths.DATA.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            names["DATA"][path.stem] = list(csv.DictReader(file))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(script, names)
    return printed.getvalue(), names["result"]


def _pressed(shown: Any, bench: Any) -> str:
    bench.scroll_into_view_if_needed()
    bench.locator(".bench-run").click()
    settled = "b => ['done', 'failed'].includes(b.dataset.state)"
    shown.wait_for_function(settled, arg=bench.element_handle(), timeout=60_000)
    return bench.locator(".bench-output").inner_text()


@every(BENCHES)
def test_the_bench_gives_what_cpython_gives_and_what_was_published(reader: Any, page: str) -> None:
    me = reader()
    shown = me.open(page)
    assert not any("runtime" in url for url in me.requests), "Python was loaded before the press"
    for bench in shown.locator(".run-here").all():
        printed, _ = _in_cpython(bench.locator(".bench-script").input_value())
        answer = _pressed(shown, bench)
        assert answer.startswith(printed.strip())
        assert answer.endswith("the same.")
    assert me.foreign() == []


@pytest.mark.parametrize("page", BENCHES[:1])
def test_the_bench_says_what_is_wrong_and_can_be_stopped(reader: Any, page: str) -> None:
    shown = reader().open(page)
    bench = shown.locator(".run-here").first
    script = bench.locator(".bench-script")
    good = script.input_value()
    script.fill("from compendium.methods.shares import proportions\nproportions.wilson(5, 3)")
    assert "Error" in _pressed(shown, bench)
    script.fill("while True: pass")
    bench.locator(".bench-run").click()
    shown.wait_for_timeout(300)
    bench.locator(".bench-stop").click()
    assert bench.locator(".bench-output").inner_text() == "Stopped."
    script.fill(good)
    assert _pressed(shown, bench).endswith("the same.")
