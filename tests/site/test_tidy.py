"""Small things that a careful eye trips over, measured: stray stops, empty rows, labels that touch."""

from __future__ import annotations

import re
from typing import Any

import pytest
from reader import CHAPTERS, CLAIM_PAGES, LIVE, ON_A_PHONE_FIRST, PAGES, PHONE, SCHEMES, SITE, SIZES, every

from compendium.site import claims, tablepages
from compendium.trial import verdicts

browser = pytest.mark.browser
PAPER = {"width": 673, "height": 980}  # the text area of A4


# ---------------------------------------------------------------- words


def test_no_sentence_ends_in_two_stops() -> None:
    doubled = {}
    for page in PAGES:
        html = re.sub(
            r"<(script|style|pre|code)\b.*?</\1>", "", (SITE / page).read_text(encoding="utf-8"), flags=re.DOTALL
        )
        if found := re.findall(r".{40}\w\.\.(?=\s|<)", html):
            doubled[page] = found
    assert doubled == {}


def test_where_nothing_was_missed_a_page_does_not_list_what_was_not_seen() -> None:
    lists = re.compile(r"not seen: (?:<[^>]+>)*(\w+)")
    found = {page: lists.findall((SITE / page).read_text(encoding="utf-8")) for page in CHAPTERS}
    assert sum(map(bool, found.values())) > 10
    assert [page for page, first in found.items() if "nothing" in first] == []


# ---------------------------------------------------------------- tables


def test_no_row_of_the_head_of_a_table_holds_a_single_word() -> None:
    seen = 0
    for page in PAGES:
        text = (SITE / page).read_text(encoding="utf-8")
        for head in re.findall(r"<thead.*?</thead>", text, re.DOTALL):
            for row in re.findall(r"<tr.*?</tr>", head, re.DOTALL):
                cells = [
                    re.sub(r"<[^>]+>", "", cell).strip()
                    for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
                ]
                seen += 1
                assert len(cells) == 1 or sum(map(bool, cells)) > 1, f"{page}: {cells}"
    assert seen > 40


# Widths of cells that hold a sentence, and of the marks of a date that stand on more than one line.
_CELLS = """() => [...document.querySelectorAll("table.dataframe :is(.sentence, .whole)")].flatMap((cell) => {
  const box = cell.getBoundingClientRect();
  if (!cell.checkVisibility() || !box.width) return [];
  const range = document.createRange();
  range.selectNodeContents(cell);
  const lines = new Set([...range.getClientRects()].map((one) => Math.round(one.top)));
  const isGood = cell.classList.contains("whole") ? lines.size === 1 : box.width >= 120;
  return isGood ? [] : [`${cell.textContent.trim().slice(0, 30)}: ${box.width} px on ${lines.size} lines`];
})"""


@browser
@every(CHAPTERS)
def test_on_a_phone_a_sentence_in_a_cell_has_the_width_of_words_and_a_date_stays_whole(
    opened: Any, page: str
) -> None:
    assert opened(page, viewport=PHONE).page.evaluate(_CELLS) == []


_BROKEN = """() => [...document.querySelectorAll("article :is(td, th) code")]
  .filter((code) => code.checkVisibility() && /^\\w+$/.test(code.textContent) && code.getClientRects().length > 1)
  .map((code) => code.textContent)"""


@browser
@every(PAGES, few=["book/reference/methods.html"])
def test_on_a_phone_no_name_of_code_in_a_cell_is_broken(opened: Any, page: str) -> None:
    assert opened(page, viewport=PHONE).page.evaluate(_BROKEN) == []


@browser
@every([f"book/reference/{name}.html" for name in ("certificate", "codings", "accessibility")])
def test_on_a_desk_no_column_of_a_short_table_is_cut(opened: Any, page: str) -> None:
    cut = """() => [...document.querySelectorAll(".ledger-region")]
      .filter((frame) => frame.scrollWidth > frame.clientWidth)
      .map((frame) => frame.getAttribute("aria-label"))"""
    assert opened(page).page.evaluate(cut) == []


_ASIDE = """() => [...document.querySelectorAll("table.as-blocks tbody :is(td, th)")].filter((cell) => {
  const box = cell.getBoundingClientRect();
  const named = cell.dataset.name || cell.tagName === "TH"; // the head of a row without a name names the row
  return box.width && (box.left < 0 || box.right > innerWidth || !named);
}).map((cell) => cell.textContent.trim().slice(0, 30))"""


@browser
@every(PAGES, few=["book/reference/changes.html", "book/2-tiers/leverage.html"])
def test_on_a_phone_no_cell_of_a_wide_table_of_sentences_is_aside_and_each_is_named(opened: Any, page: str) -> None:
    shown = opened(page, viewport=PHONE).page
    assert shown.evaluate(_ASIDE) == []
    assert page != "book/reference/changes.html" or shown.locator("table.as-blocks").count() > 4


# Signs of a verdict of which the word beside them begins on another line.
_PARTED = """() => [...document.querySelectorAll("svg.seal")].filter((seal) => {
  const block = seal.closest("p, li, td, th, caption, dt, dd, summary, h1, h2, h3, a");
  const after = (text) => seal.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING;
  const texts = document.createTreeWalker(block, NodeFilter.SHOW_TEXT), at = seal.getBoundingClientRect();
  let text;
  do text = texts.nextNode();
  while (text && !(after(text) && text.data.trim() && !text.parentElement.closest("svg")));
  if (!text || !at.width || text.parentElement.closest(".visually-hidden, .front-word")) return false;
  const range = document.createRange();
  range.setStart(text, text.data.search(/\\S/));
  range.setEnd(text, text.data.search(/\\S/) + 1);
  const word = range.getBoundingClientRect();
  return word.width && (word.top > at.bottom || word.bottom < at.top);
}).map((seal) => seal.parentElement.textContent.trim().slice(0, 40))"""


@browser
@every([*PAGES, *CLAIM_PAGES], few=["book/4-policy/verdicts.html"])
def test_on_a_phone_no_sign_of_a_verdict_is_parted_from_its_word(opened: Any, page: str) -> None:
    shown = opened(page, viewport=PHONE).page
    shown.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    assert shown.evaluate(_PARTED) == []


# A table whose cells span others cannot stand in blocks.
_SIDEWAYS = """() => [...document.querySelectorAll("article table:is(.dataframe, .table)")].filter((table) => {
  const frame = table.closest(".output, .pst-scrollable-table-container, .table-scroll") ?? table.parentElement;
  const spans = table.querySelector("tbody :is([rowspan], [colspan]), thead :is([rowspan], [colspan])");
  return !spans && table.getBoundingClientRect().width > frame.clientWidth + 1;
}).map((table) => table.textContent.trim().slice(0, 40))"""


@browser
@every(CHAPTERS, few=["book/2-tiers/tiers.html"])
def test_on_a_phone_no_table_of_a_chapter_scrolls_sideways(opened: Any, page: str) -> None:
    shown = opened(page, viewport=PHONE).page
    shown.evaluate("document.querySelectorAll('details').forEach((fold) => (fold.open = true))")
    assert shown.evaluate(_SIDEWAYS) == []


# Short words of cells that stand on more than one line: their column has the width of letters.
_IN_LETTERS = """() => {
  const found = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, cell = text.parentElement.closest("td, th");
    if (!cell?.checkVisibility() || text.parentElement.closest(".score-word, .visually-hidden")) continue;
    for (const word of text.data.matchAll(/(?<!\\S)\\w{2,4}(?!\\S)/g)) {
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) found.push(word[0]);
    }
  }
  return found;
}"""
TABLES = sorted(str(page.relative_to(SITE)) for page in SITE.glob("tables/*.html"))


@browser
@every(
    [*PAGES, *TABLES],
    few=["book/reference/changes.html", "book/reference/codings.html", "tables/policy_evidence.html"],
)
def test_on_paper_no_short_word_of_a_cell_is_broken(opened: Any, page: str) -> None:
    shown = opened(page, viewport=PAPER).page
    shown.emulate_media(media="print")
    assert shown.evaluate(_IN_LETTERS) == []


@browser
def test_on_paper_a_row_of_many_columns_names_each_and_leaves_out_what_is_empty(opened: Any) -> None:
    shown = opened("tables/policy_evidence.html", viewport=PAPER).page
    shown.emulate_media(media="print")
    name = "cell => getComputedStyle(cell, '::before').content"
    for at, cell in enumerate(shown.locator("table.rows tbody tr").first.locator("td").all()):
        if cell.text_content():
            head = shown.locator("table.rows thead th span").nth(at).text_content()
            assert cell.evaluate(name).strip('"').startswith(head)
        else:
            assert not cell.is_visible()
    assert shown.locator("table.rows thead th").count() >= tablepages.MANY


_LINKS = """() => {
  const accent = document.body.appendChild(document.createElement("i"));
  accent.style.color = "var(--fig-accent)";
  const wanted = getComputedStyle(accent).color;
  accent.remove();
  return [...document.querySelectorAll("article table a:not(.door, .verdict-badge), article a > code")]
    .filter((one) => getComputedStyle(one).color !== wanted).map((one) => one.textContent);
}"""


@browser
@every(PAGES, few=["book/reference/verify.html"], scheme=SCHEMES)
def test_a_link_in_a_table_or_of_code_has_not_the_green_of_a_verdict(opened: Any, page: str, scheme: str) -> None:
    assert opened(page, color_scheme=scheme).page.evaluate(_LINKS) == []


@browser
@ON_A_PHONE_FIRST
def test_the_link_to_a_fold_takes_no_line_of_its_own(reader: Any, viewport: dict[str, int]) -> None:
    shown = reader(viewport=viewport).open("book/2-tiers/law.html")
    boxes = """fold => { fold.open = true; return ["summary", ".headerlink"].map((one) => {
      const box = fold.querySelector(`:scope > ${one}`).getBoundingClientRect();
      return [box.top, box.bottom]; }); }"""
    assert shown.locator("details.fold").count()
    for fold in shown.locator("details.fold").all():
        (top, bottom), (link_top, link_bottom) = fold.evaluate(boxes)
        assert top <= link_top <= link_bottom <= bottom


@browser
def test_on_a_phone_what_a_number_says_has_more_room_than_its_name(opened: Any) -> None:
    shown = opened("numbers/women.html", viewport=PHONE).page
    widths = "row => [...row.children].map((one) => one.getBoundingClientRect().width)"
    for row in shown.locator(".numbers-said > div").all()[:20]:
        name, said, *_ = row.evaluate(widths)  # and the sentence in which it stands
        assert said > name


# ---------------------------------------------------------------- the keyboard

_MARK = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const isOutlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const isMarked = isOutlined || style.boxShadow !== "none" || one === document.body;
  return isMarked ? "" : `${one.tagName} ${one.getAttribute("aria-label") || one.textContent.trim().slice(0, 30)}`;
}"""


@browser
@every(["book/2-tiers/law.html", "claims/as-murder.html", "book/4-policy/verdicts.html"], viewport=SIZES)
def test_whatever_a_key_comes_to_is_marked(reader: Any, page: str, viewport: dict[str, int]) -> None:
    shown = reader(viewport=viewport, reduced_motion="reduce").open(page)
    unmarked = set()
    for _ in range(60):
        shown.keyboard.press("Tab")
        unmarked.add(shown.evaluate(_MARK))
    assert unmarked == {""}


# ---------------------------------------------------------------- words

# A stop or comma that begins a line: its place is compared with that of the letter before it.
_STRAY = """() => {
  const stray = [];
  for (const one of document.querySelectorAll("article :is(.verdict-badge, .maker > a, a.door)")) {
    const after = one.nextSibling;
    if (after?.nodeType !== Node.TEXT_NODE || !/^[.,;:)]/.test(after.data) || !one.checkVisibility()) continue;
    const range = document.createRange();
    range.setStart(after, 0);
    range.setEnd(after, 1);
    const stop = range.getBoundingClientRect(), last = [...one.getClientRects()].at(-1);
    const isBelow = stop.left < last.left || stop.top > last.bottom;
    if (stop.width && isBelow) stray.push(one.textContent.trim().slice(0, 40));
  }
  return stray;
}"""


@browser
@every(PAGES, few=["book/4-policy/conclusion.html"], viewport=SIZES)
def test_no_line_begins_with_a_stop_or_a_comma(opened: Any, page: str, viewport: dict[str, int]) -> None:
    assert opened(page, viewport=viewport).page.evaluate(_STRAY) == []


@pytest.mark.parametrize(
    ("both", "pairs", "said"),
    [
        (0, 1, "Two of them together change the verdict."),
        (1, 1, "Two of them together keep the verdict."),
        (0, 2, "Two of them together can be tried in two ways; none keeps the verdict."),
        (1, 3, "Two of them together can be tried in three ways; one keeps the verdict."),
        (3, 3, "Two of them together can be tried in three ways; all keep the verdict."),
    ],
)
def test_pairs_of_other_ways_to_count_are_told_in_words(both: int, pairs: int, said: str) -> None:
    assert claims._pairs(both, pairs) == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"size": "supported", "speed": "contradicted"}, "mixed (speed: contradicted)"),
        ({"Boats are large.": "mixed"}, "mixed"),  # a part alone is the claim
    ],
)
def test_an_alternative_names_the_part_that_it_changes(parts: dict[str, str], said: str) -> None:
    last = list(parts.items())[-1:]
    found = verdicts.Verdict(
        "boats", "supported", parts, {}, alternatives={"other": "mixed"}, shifted={"other": dict(last)}
    )
    assert claims._changed(found, "other") == said


@browser
def test_the_glass_of_the_search_does_not_stand_on_its_words(opened: Any) -> None:
    shown = opened("search.html", viewport=PHONE).page
    box = shown.locator(".bd-search-container .bd-search input")
    glass = shown.locator(".bd-search-container .bd-search :is(i, svg)").first.bounding_box()
    words = box.bounding_box()["x"] + float(box.evaluate("e => parseFloat(getComputedStyle(e).paddingLeft)"))
    assert glass["x"] + glass["width"] <= words


@browser
@ON_A_PHONE_FIRST
def test_a_press_on_a_group_of_the_front_page_shows_what_it_chose(reader: Any, viewport: dict[str, int]) -> None:
    shown = reader(viewport=viewport).open("book/index.html")
    group = shown.locator(".front-bar a").last
    for press in (group.click, lambda: group.press(" ")):
        press()
        told = shown.locator(".docket-told")
        shown.wait_for_function("e => e.getBoundingClientRect().bottom <= innerHeight", arg=told.element_handle())
        assert told.bounding_box()["y"] > 0 and shown.locator(".docket li").locator("visible=true").count() > 0
        told.get_by_role("button").click()
        assert told.is_hidden() and group.evaluate("e => e === document.activeElement")


# ---------------------------------------------------------------- figures

_LINES_OF_LINKS = """() => [...document.querySelectorAll(".figure-foot")].map((foot) => {
  const tops = [...foot.querySelectorAll("a, summary")].filter((one) => one.checkVisibility())
    .map((one) => one.getBoundingClientRect()).map((box) => (box.top + box.bottom) / 2);
  tops.sort((a, b) => a - b);
  const lines = tops.filter((top, i) => !i || top - tops[i - 1] > 8).length;
  return [foot.closest("figure").id, lines];
})"""


@browser
@every(CHAPTERS, viewport=SIZES)
def test_the_links_under_a_figure_stand_on_two_lines_at_most(
    opened: Any, page: str, viewport: dict[str, int]
) -> None:
    found = opened(page, viewport=viewport).page.evaluate(_LINES_OF_LINKS)
    assert found and [(name, lines) for name, lines in found if lines > 2] == []


# Labels of one axis, side by side, that leave less than three pixels between them.
_TOUCHING = """() => [...document.querySelectorAll("figure .chart .role-axis-label")].flatMap((labels) => {
  const shown = [...labels.querySelectorAll("text")]
    .filter((text) => text.textContent.trim() && getComputedStyle(text).opacity !== "0")
    .map((text) => ({ said: text.textContent, box: text.getBoundingClientRect() })).filter(({ box }) => box.width);
  shown.sort((a, b) => a.box.left - b.box.left);
  return shown.slice(1).flatMap(({ said, box }, i) => {
    const before = shown[i];
    const isBeside = Math.abs(before.box.top - box.top) < 4;
    const name = labels.closest("figure").id;
    return isBeside && box.left - before.box.right < 3 ? [`${name}: ${before.said} ${said}`] : [];
  });
})"""


@browser
@every(CHAPTERS, few=["book/1-claims/numbers.html"], viewport=SIZES)
def test_no_label_of_an_axis_touches_the_next(opened: Any, page: str, viewport: dict[str, int]) -> None:
    assert opened(page, viewport=viewport).page.evaluate(_TOUCHING) == []


@browser
@every(CHAPTERS)
def test_a_menu_marks_the_published_choice_once_another_is_made(reader: Any, page: str) -> None:
    me = reader()
    shown = me.open(page)
    me.see_all()
    for menu in shown.locator(f"{LIVE} select").all():
        published = menu.locator("option").all_text_contents()
        first = menu.evaluate("menu => menu.selectedIndex")
        menu.select_option(index=(first + 1) % len(published))
        said = "([menu, i, words]) => menu.options[i].textContent === words"
        place = menu.element_handle()
        shown.wait_for_function(said, arg=[place, first, f"{published[first]} (published)"])
        menu.select_option(index=first)
        shown.wait_for_function(said, arg=[place, first, published[first]])
        assert menu.locator("option").all_text_contents() == published


_CUT_WORDS = """() => [...document.querySelectorAll("figure.live select")].flatMap((menu) => {
  const style = getComputedStyle(menu), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const edges = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight), arrow = 20;
  const room = menu.clientWidth - edges - arrow;
  const isWide = ({ textContent }) => menu.checkVisibility() && pen.measureText(textContent).width > room;
  return [...menu.options].filter(isWide).map((option) => option.textContent);
})"""


@browser
@every(CHAPTERS, few=["book/1-claims/organised.html"])
def test_on_a_phone_the_words_of_a_choice_fit_in_its_menu(opened: Any, page: str) -> None:
    assert opened(page, viewport=PHONE).page.evaluate(_CUT_WORDS) == []
