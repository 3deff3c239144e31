"""Reader stories, on the built site in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from compendium import claims, execute, paths

pytestmark = pytest.mark.browser

SITE = paths.ROOT / "_build" / "html"
PAGES = sorted(str(p.relative_to(SITE)) for p in [*SITE.glob("book/**/*.html"), SITE / "search.html"] if p.exists())
CLAIM_PAGES = sorted(str(p.relative_to(SITE)) for p in SITE.glob("claims/*.html"))
CHAPTERS = [f"{page.docname}.html" for page in execute.pages()]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LIVE = "figure.live[data-state=live]"


class Reader:
    """A reader with a page open; remembers what the browser asked for and complained about."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.address = address
        self.context = browser.new_context(**{"viewport": WIDE, **options})
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda line: self.complaints.append(line.text) if line.type in ("error", "warning") else None
        )

    def open(self, page: str) -> Any:
        self.page.goto(f"{self.address}/{page}")
        return self.page

    def see_all(self) -> None:
        """Scroll through the page until every live figure is drawn."""
        for figure in self.page.locator("figure.live").all():
            figure.scroll_into_view_if_needed()
            self.page.wait_for_function("f => f.dataset.state", arg=figure.element_handle())

    def foreign(self) -> list[str]:
        own = ("data:", "blob:", "about:", self.address)
        return [url for url in self.requests if not url.startswith(own)]


@pytest.fixture
def reader(browser: Any, address: str) -> Any:
    readers: list[Reader] = []

    def make(**options: Any) -> Reader:
        readers.append(Reader(browser, options.pop("address", address), **options))
        return readers[-1]

    yield make
    for one in readers:
        one.context.close()


# ---------------------------------------------------------------- every page


@pytest.mark.parametrize("page", PAGES + CLAIM_PAGES[:1])
def test_nothing_leaves_the_page_and_nothing_complains(reader: Any, page: str) -> None:
    me = reader()
    me.open(page)
    me.see_all()
    assert me.foreign() == []
    assert me.complaints == []


@pytest.mark.parametrize("page", PAGES + CLAIM_PAGES[:1])
def test_on_a_phone_no_page_scrolls_sideways(reader: Any, page: str) -> None:
    me = reader(viewport=PHONE)
    shown = me.open(page)
    me.see_all()
    assert shown.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("page", PAGES + CLAIM_PAGES[:1])
def test_axe_finds_no_fault(reader: Any, page: str, viewport: dict[str, int], scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    me = reader(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    shown = me.open(page)
    me.see_all()
    found = Axe().run(shown).response["violations"]
    assert [(fault["id"], node["target"]) for fault in found for node in fault["nodes"]] == []


# ---------------------------------------------------------------- live figures


@pytest.mark.parametrize("page", CHAPTERS)
def test_every_control_of_every_live_figure_changes_it(reader: Any, page: str) -> None:
    me = reader()
    shown = me.open(page)
    me.see_all()
    figures = shown.locator(LIVE).all()
    assert len(figures) == shown.locator("figure.live").count()
    for figure in figures:
        name = figure.get_attribute("id")
        assert figure.locator("output.readout").inner_text().strip(), f"{name} says nothing"
        controls = figure.locator(".vega-bindings :is(input, select)")
        assert controls.count(), f"{name} has no control"
        for index in range(controls.count()):
            control = controls.nth(index)
            before = _looks(figure)
            control.evaluate(_MOVE)
            assert _changes(shown, figure, before), f"{name}: control {index + 1} changes nothing"


_MOVE = """control => {
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
        shown.locator("#numbers-spread .figure-links a").first.click()
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert {"id", "low", "high", "status"} <= set(rows[0]) and len(rows) > 5


# ---------------------------------------------------------------- without scripts, without a server, on paper


@pytest.mark.parametrize("page", CHAPTERS)
def test_without_scripts_every_figure_stands(reader: Any, page: str) -> None:
    shown = reader(java_script_enabled=False).open(page)
    for drawing in shown.locator("figure .drawing svg").all():
        assert drawing.is_visible()
        assert len((drawing.get_attribute("aria-label") or "").split()) >= 8


@pytest.mark.parametrize("page", CHAPTERS[:2])
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


@pytest.mark.parametrize("page", CHAPTERS)
def test_in_print_code_and_controls_are_gone_and_figures_stay(reader: Any, page: str) -> None:
    me = reader()
    shown = me.open(page)
    me.see_all()
    shown.emulate_media(media="print")
    for hidden in (".vega-bindings", ".bd-sidebar-primary", ".cell.tag_hide-input .highlight"):
        for part in shown.locator(hidden).all():
            assert not part.is_visible(), hidden
    for figure in shown.locator("figure.live").all():
        assert figure.locator(".drawing svg, .chart svg").locator("visible=true").count() == 1


# ---------------------------------------------------------------- the way through the book


def _word(text: str) -> str:
    return next(word for word in sorted(claims.VERDICTS, key=len, reverse=True) if word in text.lower())


def test_verdicts_are_the_same_wherever_they_stand(reader: Any) -> None:
    published = {claim: verdict.verdict for claim, verdict in claims.published().items()}
    expected = {claim: published.get(claim, claims.PENDING) for claim in claims.registry().claims}
    titles = {claim.title: claim.id for claim in claims.registry().claims.values()}
    me = reader()
    wall = {
        titles[cell.locator(".cell-title").inner_text()]: cell.locator(".cell-verdict").inner_text()
        for cell in me.open("book/index.html").locator(".claim-wall li").all()
    }
    assert wall == expected
    ledger = {
        titles[row.locator("th a").inner_text()]: row.get_attribute("data-verdict")
        for row in me.open("book/4-policy/verdicts.html").locator("table.ledger tbody tr").all()
    }
    assert ledger == expected
    cards = {}
    for page in CHAPTERS:
        for card in me.open(page).locator("section.verdict-card").all():
            cards[card.get_attribute("id").removeprefix("verdict-")] = (
                card.locator(".verdict-head strong").inner_text().lower()
            )
    assert cards == published
    downloaded = json.loads((SITE / "_static/data/verdicts.json").read_text())["claims"]
    assert {claim: record["verdict"] for claim, record in downloaded.items()} == published


def test_two_presses_from_the_front_page_to_any_verdict_and_two_to_its_data(reader: Any) -> None:
    me = reader(viewport=PHONE)
    for claim_id in claims.published():
        shown = me.open("book/index.html")
        shown.locator(f".claim-wall a[href$='#verdict-{claim_id}']").click()
        card = shown.locator(f"#verdict-{claim_id}")
        card.wait_for(state="visible")
        card.locator(".verdict-foot a").first.click()
        assert "/book/reference/data.html#" in shown.url
        assert shown.locator(f"[id='{shown.url.split('#')[1]}']").count() == 1


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
    review = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1])
    claim = claims.registry()[claim_id]
    assert review["@type"] == "ClaimReview" and review["claimReviewed"] == claim.claim
    published = claims.published().get(claim_id)
    assert review["reviewRating"]["alternateName"] == (published.verdict if published else claims.PENDING)


def test_a_reader_finds_a_word_by_searching(reader: Any) -> None:
    shown = reader().open("search.html?q=conflation")
    shown.wait_for_selector("#search-results li a")
    assert any(
        "numbers" in (link.get_attribute("href") or "") for link in shown.locator("#search-results li a").all()
    )


@pytest.mark.parametrize("blindness", ["achromatopsia", "deuteranopia", "protanopia", "tritanopia"])
def test_verdicts_are_told_apart_without_colour(reader: Any, blindness: str) -> None:
    """Each verdict has a word and a shape of its own, and both can still be seen against the cell."""
    from compendium.sphinx.claims import MARKS

    assert len({mark for _, mark in MARKS.values()}) == len(MARKS) == len(claims.VERDICTS)
    me = reader()
    shown = me.open("book/index.html")
    me.context.new_cdp_session(shown).send("Emulation.setEmulatedVisionDeficiency", {"type": blindness})
    for cell in shown.locator(".claim-wall li").all():
        word, mark = cell.locator(".cell-verdict"), cell.locator(".cell-mark")
        assert mark.inner_text() == MARKS[word.inner_text()][1]
        assert _contrast_inside(word.screenshot()) >= 4.5 and _contrast_inside(mark.screenshot()) >= 2.4


def _contrast_inside(png: bytes) -> float:
    """The contrast between the lightest and the darkest spot of a picture."""
    from PIL import Image

    grey = sorted(Image.open(io.BytesIO(png)).convert("L").get_flattened_data())
    light, dark = ((((value / 255 + 0.055) / 1.055) ** 2.4) for value in (grey[-1], grey[0]))
    return (light + 0.05) / (dark + 0.05)


# ---------------------------------------------------------------- the bench in the page

BENCHES = [
    page for page in CHAPTERS if (SITE / page).exists() and 'class="bench-run"' in (SITE / page).read_text("utf-8")
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
    bench.locator(".bench-run").click()
    output = bench.locator(".bench-output")
    shown.wait_for_function(
        "o => !/^(Loading|Running)/.test(o.textContent)", arg=output.element_handle(), timeout=60_000
    )
    return output.inner_text()


@pytest.mark.parametrize("page", BENCHES)
def test_the_bench_gives_what_cpython_gives_and_what_was_published(reader: Any, page: str) -> None:
    me = reader()
    shown = me.open(page)
    assert not any("pyodide" in url for url in me.requests), "Python was loaded before the press"
    for bench in shown.locator(".bench").all():
        printed, _ = _in_cpython(bench.locator(".bench-script").input_value())
        answer = _pressed(shown, bench)
        assert answer.startswith(printed.strip())
        assert answer.endswith("the same.")
    assert me.foreign() == []


@pytest.mark.parametrize("page", BENCHES[:1])
def test_the_bench_says_what_is_wrong_and_can_be_stopped(reader: Any, page: str) -> None:
    shown = reader().open(page)
    bench = shown.locator(".bench").first
    script = bench.locator(".bench-script")
    good = script.input_value()
    script.fill("from compendium import proportions\nproportions.wilson(5, 3)")
    assert "Error" in _pressed(shown, bench)
    script.fill("while True: pass")
    bench.locator(".bench-run").click()
    shown.wait_for_timeout(300)
    bench.locator(".bench-stop").click()
    assert bench.locator(".bench-output").inner_text() == "Stopped."
    script.fill(good)
    assert _pressed(shown, bench).endswith("the same.")


def test_the_bench_runs_the_files_of_the_package(site: Path) -> None:
    shipped = sorted((site / "_static/bench/compendium").glob("*.py"))
    assert len(shipped) >= 3
    for path in shipped:
        assert path.read_bytes() == (execute.PACKAGE / path.name).read_bytes()


def test_what_the_bench_imports_needs_nothing_but_python(site: Path) -> None:
    import subprocess
    import sys

    for path in sorted((site / "_static/bench/compendium").glob("*.py")):
        program = f"import sys; sys.path.insert(0, {str(paths.BOOK)!r}); import compendium.{path.stem}"
        command = [sys.executable, "-I", "-S", "-c", program]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


def test_a_bench_knows_what_a_module_needs() -> None:
    from compendium.sphinx import bench

    assert bench.needs("selfreport") == {"compendium.proportions"}
    assert {"numpy", "scipy.optimize"} <= bench.needs("pooling")
