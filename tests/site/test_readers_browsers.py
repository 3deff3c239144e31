"""Browsers as readers have them: on a phone, without script, without storage, on paper; and a search that finds."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from reader import CHAPTERS, CLAIM_PAGES, PAGES, PHONE, SITE, Reader, every

from compendium.site import search
from compendium.site.search import SearchWords

pytestmark = pytest.mark.browser

BOOK = [page for page in PAGES if page.startswith("book/")]
TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
LEDGER = "book/4-policy/verdicts.html"
MAP = "book/2-tiers/tiers.html"


# ---------------------------------------------------------------- search


@every(
    ["1996", "12.3", "2,602", "2602", "brothels", "what states count"],
    "query",
    few=["12.3", "2,602", "2602", "what states count"],
)
def test_a_reader_finds_words_and_numbers(reader: Any, query: str) -> None:
    me = reader()
    shown = me.open(f"search.html?q={query}")
    shown.wait_for_function("() => Search.status?.innerText")
    found = {link.get_attribute("href") for link in shown.locator("#search-results li a").all()}
    expected = {page for page in BOOK if shown.evaluate(_HOLDS, [page, query])}
    assert expected, f"no page holds {query}: the test tests nothing"
    assert {link.split("?")[0].split("#")[0] for link in found} >= expected
    assert me.complaints == []


@pytest.fixture(scope="module")
def searching(browser: Any, address: str) -> Iterator[Any]:
    """The page of the search, open; its index is loaded once."""
    me = Reader(browser, address)
    yield me.open("search.html")
    me.context.close()


# What a reader sees of a page: neither what is folded into code nor what no chapter wrote.
_TEXT = """async (page) => {
  const read = new DOMParser().parseFromString(await (await fetch(page)).text(), "text/html");
  const article = read.querySelector("article.bd-article");
  const added = ".headerlink, .caption-number, .bibtex-citation, .bench, .cite-this, .page-facts";
  const apart = `svg, math, script, style, form, summary, ${added}`;
  for (const part of article.querySelectorAll(apart)) part.replaceWith(" ");
  for (const code of article.querySelectorAll("pre")) code.replaceWith(code.textContent);
  const words = [];
  const texts = read.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) words.push(texts.currentNode.data);
  return words.join(" ");
}"""
_HOLDS = f"""async ([page, query]) => {{
  const text = (await ({_TEXT})(page)).toLowerCase().replaceAll(/(?<=[0-9]),(?=[0-9]{{3}})/g, "");
  const wanted = query.toLowerCase().replaceAll(/(?<=[0-9]),(?=[0-9]{{3}})/g, "").replaceAll(".", "\\\\.");
  return RegExp(`(?<![\\\\p{{L}}\\\\p{{N}}_.,])${{wanted}}(?![\\\\p{{L}}\\\\p{{N}}_]|[.,][0-9])`, "u").test(text);
}}"""
_FINDS = """async (words) => {
  while (!Search.hasIndex()) await new Promise((done) => setTimeout(done, 50));
  return words.map((word) => Search._performSearch(...Search._parseQuery(word)).map((result) => result[5]));
}"""


@every(BOOK)
def test_whatever_a_reader_reads_on_a_page_leads_back_to_it(searching: Any, page: str) -> None:
    shown = searching
    stops = set(shown.evaluate("() => stopwords"))
    pieces = {piece.strip(".,;:!?()[]{}'\"“”‘’…–—") for piece in shown.evaluate(_TEXT, page).split()}
    words = sorted(piece for piece in pieces if any(c.isalnum() for c in piece) and piece.lower() not in stops)
    numbers = [word for word in words if word[0].isdigit()]
    draw = random.Random(page)
    asked = draw.sample(words, min(150, len(words))) + draw.sample(numbers, min(50, len(numbers)))
    results = shown.evaluate(_FINDS, asked)
    name = page.removesuffix(".html")
    lost = [word for word, found in zip(asked, results, strict=True) if f"{name}.md" not in found]
    assert lost == []


def test_a_query_is_split_and_stemmed_as_the_index_was(reader: Any) -> None:
    words = SearchWords({})
    # A word never goes on in another line; pages share most of their lines, and each is split once.
    texts = sorted({line for page in BOOK for line in (SITE / page).read_text(encoding="utf-8").splitlines()})
    texts.append("12.3% $2,602 1,234,567.8 2001,2002 12,3456 v1.2 0.05, 1996–2001 ½ ’s it's us its one 1990s")
    texts.append("Türkiye Turkiye Côte naïve កម្ពុជា ប្រទេស\u200bថៃ")
    split = [words.split(text) for text in texts]
    known = sorted({word for line in split for word in line})
    shown = reader().open("search.html")
    # As text, which travels faster than lists.
    found = shown.evaluate("texts => JSON.stringify(JSON.parse(texts).map(splitQuery))", json.dumps(texts))
    assert json.loads(found) == split
    stems = shown.evaluate("words => JSON.stringify(JSON.parse(words).map(stemWord))", json.dumps(known))
    told = dict(zip(known, json.loads(stems), strict=True))
    assert {word: stem for word, stem in told.items() if stem != words.stem(word)} == {}
    assert told["2,602"] == "2602" and told["Türkiye"] == told["Turkiye"] and "កម្ពុជា" in told


def test_every_mark_that_unicode_knows_belongs_to_a_word() -> None:
    every = (chr(point) for point in range(sys.maxunicode + 1))
    assert "".join(one for one in every if unicodedata.category(one)[0] == "M") == search._MARKS


# ---------------------------------------------------------------- touch


def _tip(shown: Any) -> str:
    return shown.evaluate("() => document.querySelector('#figure-tip.visible')?.innerText ?? ''")


def _seen(me: Any, page: str, figure: str) -> tuple[Any, Any]:
    shown = me.open(page)
    chart = shown.locator(f"#{figure} .chart")
    shown.locator(f"#{figure}").scroll_into_view_if_needed()
    shown.wait_for_function("f => f.dataset.state === 'live'", arg=shown.locator(f"#{figure}").element_handle())
    return shown, chart


_CUT_IN_TIP = """() => [...document.querySelectorAll("#figure-tip *")]
  .filter((part) => part.scrollHeight > part.clientHeight + 1 && getComputedStyle(part).overflowY !== "visible")
  .map((part) => part.textContent)"""
_MARKS = """chart => [...chart.querySelectorAll("svg *")].filter((mark) => mark.__data__?.tooltip != null)"""


def test_on_a_phone_a_country_tapped_tells_its_history(reader: Any) -> None:
    me = reader(**TOUCH)
    shown, chart = _seen(me, MAP, "tiers-map")
    told = set()
    for place in (5, 40, 90):
        spot = chart.evaluate(
            f"""(chart, place) => {{
              const mark = ({_MARKS})(chart)[place];
              mark.scrollIntoView({{ block: "center" }});
              const box = mark.getBoundingClientRect();
              return [box.x + box.width / 2, box.y + box.height / 2];
            }}""",
            place,
        )
        shown.touchscreen.tap(*spot)
        told.add(_tip(shown))
        assert shown.evaluate(_CUT_IN_TIP) == []
        box = shown.locator("#figure-tip").bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert len(told) == 3 and all(told)
    shown.keyboard.press("Escape")
    assert _tip(shown) == ""
    shown.touchscreen.tap(*spot)
    assert _tip(shown)
    shown.locator("#tiers-map figcaption").scroll_into_view_if_needed()
    elsewhere = shown.locator("#tiers-map figcaption").bounding_box()
    shown.touchscreen.tap(elsewhere["x"] + 5, elsewhere["y"] + 5)
    assert _tip(shown) == ""
    assert me.complaints == []


@every(CHAPTERS)
def test_whatever_a_mouse_can_read_a_finger_can(reader: Any, page: str) -> None:
    me = reader(**TOUCH)
    shown = me.open(page)
    me.see_all()
    for chart in shown.locator("figure.live .chart").all():
        if not chart.evaluate(f"chart => ({_MARKS})(chart).length"):
            continue
        # A finger is rarely dead on the mark: a few pixels beside it must do.
        spot = chart.evaluate(
            f"""chart => {{
              const mark = ({_MARKS})(chart).find((mark) => mark.getBoundingClientRect().width > 0);
              mark.scrollIntoView({{ block: "center", inline: "center" }});
              const box = mark.getBoundingClientRect();
              return [box.x + Math.min(box.width / 2, 40) + 4, box.y + box.height / 2 + 4];
            }}"""
        )
        shown.touchscreen.tap(*spot)
        assert _tip(shown), f"{chart.get_attribute('data-figure')} tells a finger nothing"
        shown.keyboard.press("Escape")


def test_arrow_keys_read_the_marks_of_a_chart_aloud(reader: Any) -> None:
    me = reader()
    shown, chart = _seen(me, MAP, "tiers-map")
    chart.focus()
    told = []
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        shown.keyboard.press(key)
        told.append(_tip(shown))
    assert told[0] and told[1] and told[0] != told[1] and told[2] == told[0]
    assert shown.locator("#figure-tip").get_attribute("role") == "status"
    shown.keyboard.press("Escape")
    assert _tip(shown) == ""


@every(BOOK)
def test_no_page_asks_a_finger_to_hover(opened: Any, page: str) -> None:
    shown = opened(page, viewport=PHONE).page
    article = shown.locator("article.bd-article")
    texts = shown.evaluate("a => a.textContent", article.element_handle())
    code = " ".join(part.text_content() for part in article.locator("pre, script, style").all())
    assert texts.lower().count("hover") == code.lower().count("hover")


# ---------------------------------------------------------------- storage that is blocked

BLOCKED = {
    "it throws": """get() { throw new DOMException("Access is denied for this document.", "SecurityError"); }""",
    "there is none": "value: null",
}


@pytest.mark.parametrize("how", BLOCKED)
def test_with_storage_blocked_menu_search_and_theme_work(reader: Any, how: str) -> None:
    me = reader(viewport=PHONE, color_scheme="light")
    for name in ("localStorage", "sessionStorage"):
        me.context.add_init_script(
            f"Object.defineProperty(window, '{name}', {{ configurable: true, {BLOCKED[how]} }});"
        )
    shown = me.open(BOOK[0])
    ground = "() => getComputedStyle(document.body).backgroundColor"
    grounds = set()
    for _ in range(3):
        shown.locator(".theme-switch-button:visible").first.click()
        grounds.add(shown.evaluate(ground))
    assert len(grounds) == 2
    shown.locator(".primary-toggle").click()
    shown.locator("#pst-primary-sidebar-modal a", has_text="The ledger").click()
    shown.wait_for_url("**/verdicts.html")
    shown.locator(".search-button:visible").first.click()
    shown.locator("#pst-search-dialog input").fill("brothels")
    shown.keyboard.press("Enter")
    shown.locator("#search-results li a").first.click()
    shown.wait_for_url("**/book/**")
    me.see_all()
    assert me.complaints == []


# ---------------------------------------------------------------- without script


@every([LEDGER, "search.html", *CLAIM_PAGES[:1]])
def test_without_script_a_phone_reaches_every_page(reader: Any, page: str) -> None:
    me = reader(viewport=PHONE, java_script_enabled=False)
    shown = me.open(page)
    shown.get_by_role("link", name="Contents of the book").click()
    sidebar = shown.locator("#pst-primary-sidebar")
    box = sidebar.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] and 0 <= box["y"] < PHONE["height"] / 2
    links = [link for link in sidebar.get_by_role("link").all() if link.is_visible()]
    reached = {link.get_attribute("href").split("/")[-1] for link in links} - {"#"}
    assert reached >= {name.split("/")[-1] for name in BOOK if name != page}
    sidebar.get_by_role("link", name="Three tiers, or four").click()
    assert shown.url.endswith("tiers.html")


def test_without_script_no_control_is_dead(reader: Any) -> None:
    for options in ({"viewport": PHONE}, {}):
        shown = reader(java_script_enabled=False, **options).open(LEDGER)
        assert [b for b in shown.locator("button").all() if b.is_visible() and not b.evaluate("b => b.form")] == []
        assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_script_a_phone_finds_its_way_on_the_page(reader: Any) -> None:
    shown = reader(viewport=PHONE, java_script_enabled=False).open(LEDGER)
    shown.get_by_role("link", name="On this page").click()
    shown.locator("#pst-page-toc-nav").get_by_role("link", name="All claims").click()
    assert shown.url.endswith("#all-claims")


# ---------------------------------------------------------------- paper

A4_TEXT = {"width": 672, "height": 900}  # A4 less the margins of the stylesheet's @page, at 96 CSS pixels an inch

_CUT = """() => {
  const cut = [];
  for (const part of document.querySelectorAll("body *")) {
    if (!part.checkVisibility({ visibilityProperty: true })) continue;
    const box = part.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const clips = getComputedStyle(part).overflowX !== "visible" && !part.closest("svg, math");
    if (box.right > innerWidth + 1 || box.left < -1 || (clips && part.scrollWidth > part.clientWidth + 1))
      cut.push(`${part.tagName}.${part.getAttribute("class")} to ${box.right}: ${part.textContent.slice(0, 30)}`);
  }
  return cut;
}"""


@every(PAGES + CLAIM_PAGES)
def test_nothing_is_wider_than_the_paper(opened: Any, page: str) -> None:
    shown = opened(page, viewport=A4_TEXT).page
    shown.emulate_media(media="print")
    assert shown.evaluate(_CUT) == []


def test_a_printed_ledger_holds_the_words_of_every_column(reader: Any, tmp_path: Any) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext found: the printed ledger was NOT read; install Debian's package poppler-utils")
    shown = reader().open(LEDGER)
    cells = shown.locator("table.ledger tbody :is(th, td)").all_inner_texts()
    shown.pdf(path=tmp_path / "ledger.pdf", format="A4", prefer_css_page_size=True)
    command = ["pdftotext", str(tmp_path / "ledger.pdf"), "-"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    # The printer breaks words at the end of a line, with a hyphen of its own or after theirs.
    whole = printed.replace("-\n", "").replace("-", "")
    missing = {word.replace("-", "") for cell in cells for word in cell.split()} - set(whole.split())
    # An address is longer than its column and goes on in the next line.
    assert {word for word in missing if not ("/" in word and word in whole.replace("\n", ""))} == set()
