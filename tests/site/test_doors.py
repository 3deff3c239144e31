"""A number opens on what it rests on, and every row that it names has an address on the page of its table."""

from __future__ import annotations

import csv
import functools
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from reader import CHAPTERS, CLAIM_PAGES, PHONE, SCHEMES, SITE, every

from compendium.evidence import paths, tables
from compendium.site import doors as doors_of
from compendium.site import rows, tablepages
from compendium.trial import told, verdicts
from compendium.trial.claims import registry

browser = pytest.mark.browser
MOVED = 90_000  # bytes, compressed: what a page of text may make a reader wait for
NUMBERS = sorted(str(page.relative_to(SITE)) for page in SITE.glob("numbers/*.html"))
BOOK = ["book/index.html", *CHAPTERS, *CLAIM_PAGES]
CHAPTER, DOOR = "book/3-prison/women.html", "a.door[href$='#number-sample']"
LONG = "country_panel"  # a table in pieces


@functools.cache
def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup((SITE / page).read_text(encoding="utf-8"), "html.parser")


@functools.cache
def ids(page: str) -> frozenset[str]:
    return frozenset(str(element["id"]) for element in soup(page).select("[id]"))


@functools.cache
def behind(name: str) -> dict[str, Any]:
    """What the script shows for the numbers of a chapter or a claim."""
    text = (SITE / f"_static/doors/{name}.js").read_text(encoding="utf-8")
    return json.loads(text[text.index(",") + 1 : text.rindex(")")])


def doors(page: str) -> list[tuple[str, str, str]]:
    """The doors of a page: the page that each leads to, the id there, and the number as printed."""
    found = []
    for link in soup(page).select("a.door"):
        target, _, fragment = str(link["href"]).partition("#")
        found.append((str((SITE / page).parent.joinpath(target).resolve().relative_to(SITE)), fragment, link.text))
    return found


# ---------------------------------------------------------------- numbers


def test_every_number_that_a_chapter_says_is_a_door(site: Path) -> None:
    for page in CHAPTERS:
        source = (paths.ROOT / page).with_suffix(".md").read_text(encoding="utf-8")
        in_text = [line for line in source.splitlines() if not line.startswith("#")]
        said = re.findall(r"\{glue:text\}`([^`:]+)`", "\n".join(in_text))
        leading = [fragment for target, fragment, _ in doors(page) if target.startswith("numbers/")]
        assert sorted(leading) == sorted(f"number-{name}" for name in said), page


def test_a_number_is_told_by_the_sentence_in_which_it_stands(site: Path) -> None:
    page = (
        "---\nkernelspec: x\n---\n# On {glue:text}`n`\n\n```{code-cell} ipython3\n{glue:text}`n`\n```\n\n"
        "Of {glue:text}`n` {term}`votes <vote>`, *most* were [cast](x.md) {cite}`a,b`.\nAgain {glue:text}`n`.\n\n"
        "| kind | share |\n|---|---|\n| all 'here' | {glue:text}`s` |\n"
    )
    assert doors_of.sentences(page, {"n": "12", "s": "4%"}) == {
        "n": "Of 12 votes, most were cast.",
        "s": "all ‘here’, 4%",
    }


@pytest.mark.parametrize("page", CHAPTERS)
def test_every_number_in_prose_opens_with_its_sentence(page: str, site: Path) -> None:
    for target, fragment, text in doors(page):
        if target.startswith("numbers/"):
            name = fragment.removeprefix("number-")
            meaning = behind(target.removesuffix(".html").replace("/", "-"))["numbers"][name]["meaning"]
            assert text in meaning and not re.search(r"[`{}]|\]\(", meaning), f"{page}: {name}: {meaning}"


@every(BOOK)
def test_every_door_leads_to_its_number_with_and_without_script(page: str, site: Path) -> None:
    for target, fragment, text in doors(page):
        assert fragment in ids(target), f"{page}: {target}#{fragment}"
        held = behind(target.removesuffix(".html").replace("/", "-"))["numbers"][fragment.removeprefix("number-")]
        assert held["meaning"] and held["value"], f"{page}: {fragment}"
        if target.startswith("numbers/"):
            assert held["value"] == text
            assert soup(target).find(id=fragment).dd.text == text  # type: ignore[union-attr]


def test_the_numbers_of_every_card_are_doors_and_say_what_the_alternatives_give(site: Path) -> None:
    published = verdicts.published()
    for claim_id, verdict in published.items():
        claim, held = registry()[claim_id], behind(f"claims-{claim_id}")["numbers"]
        assert list(held) == list(claim.numbers)
        page = f"claims/{claim_id}.html"
        on_card = [link["href"].partition("#")[2] for link in soup(page).select(".verdict-numbers dd > a.door")]
        missing = {name for name, value in verdict.numbers.items() if value is None}
        unseen = {name for name in missing if claim.numbers[name].meaning.startswith("upper end of")}
        assert sorted(on_card) == sorted(f"number-{name}" for name in claim.numbers if name not in unseen)
        for name, number in claim.numbers.items():
            moved = {
                claim.alternatives[label]: told.plain(moves[name], number.unit)
                for label, moves in verdict.moves.items()
                if name in moves
            }
            assert dict(held[name]["alternatives"]) == moved, f"{claim_id}: {name}"
            assert held[name]["value"] == told.plain(verdict.numbers[name], number.unit)


def test_every_address_behind_a_door_exists(site: Path) -> None:
    asked = set()
    for file in sorted((SITE / "_static/doors").glob("*.js")):
        for rests in behind(file.stem)["rests"]:
            asked |= {str(link["href"]) for link in BeautifulSoup(rests, "html.parser").select("a")}
    for page in [*NUMBERS, *CLAIM_PAGES]:
        found = soup(page).select(".door-rows a, .door-made a, .door-table a, .door-more a")
        asked |= {str(link["href"]).removeprefix("../") for link in found}
    assert any(address.startswith("tables/prison_study_facts.html#row-") for address in asked)
    for address in sorted(asked):
        target, _, fragment = address.partition("#")
        assert (SITE / target).is_file(), address
        if fragment.startswith("row-"):
            assert fragment in rows.table(Path(target).stem).anchors, address
        elif fragment:
            assert fragment in ids(target), address


def test_a_known_number_shows_the_row_and_the_words_that_were_read(site: Path) -> None:
    held = behind("numbers-women")
    rests = BeautifulSoup(held["rests"][held["numbers"]["sample"]["rests"]], "html.parser")
    row = rests.select_one("a[href='tables/prison_study_facts.html#row-K01']").parent  # type: ignore[union-attr]
    assert row is not None and "91 convicted ‘traffickers’" in row.q.text and "(read)" in row.text  # type: ignore[union-attr]
    made = rests.select_one(".door-made")
    assert (
        made is not None
        and made.a is not None
        and made.a.text == "words.words_on_figure".replace("words", "held", 1)
    )


# ---------------------------------------------------------------- tables


@every(tables.names(), "name", few=[LONG, "essay_statements"])
def test_a_table_is_on_its_page_and_in_its_pieces_row_by_row(name: str, site: Path) -> None:
    page, published = soup(f"tables/{name}.html"), paths.DATA / tables.describe(name)["path"]
    with published.open(encoding="utf-8", newline="") as file:
        _, *expected = csv.reader(file)
    body = page.select("table.rows tbody tr")
    shown = [[str(row["id"]), *(cell.text for cell in row.select("td"))] for row in body]
    for number in range(1, int(str(page.select_one("table.rows")["data-pieces"])) + 1):  # type: ignore[index]
        piece = (SITE / f"_static/rows/{name}-{number}.js").read_text(encoding="utf-8")
        shown += json.loads(piece.removeprefix("tableRows(").removesuffix(");\n"))
    assert len({row[0] for row in shown}) == len(expected), "two rows share an address"
    for found, row in zip(shown, expected, strict=True):
        assert found[1:] == [rows.shortened(cell, tablepages.LONGEST) for cell in row]
    assert len(body) <= 50


def test_pages_of_tables_and_numbers_are_light_and_stay_out_of_the_search(site: Path) -> None:
    (font,) = SITE.glob("_static/fa-solid-*.woff")
    for page in [*(f"tables/{name}.html" for name in tables.names()), *NUMBERS]:
        text = (SITE / page).read_text(encoding="utf-8")
        asked = re.findall(r'<(?:link rel="stylesheet" href|script[^>]* src)="([^"?]*)', text)
        loaded = [SITE / page, font, *((SITE / page).parent.joinpath(name).resolve() for name in asked)]
        moved = sum(len(gzip.compress(file.read_bytes())) for file in loaded)
        assert moved <= MOVED, f"{page}: {moved} bytes"
    index = (SITE / "searchindex.js").read_text(encoding="utf-8")
    assert "tables/" not in index and "numbers/women" not in index


def test_the_catalogue_and_the_cards_lead_to_the_rows(site: Path) -> None:
    catalogue = {str(link["href"]) for link in soup("book/reference/data.html").select(".table-facts a")}
    assert {f"../../tables/{name}.html" for name in tables.names()} <= catalogue
    for claim in registry().claims.values():
        foot = {str(link["href"]) for link in soup(f"claims/{claim.id}.html").select(".verdict-foot a")}
        assert {f"../tables/{name}.html" for name in claim.datasets} <= foot


# ---------------------------------------------------------------- readers


@browser
@pytest.mark.parametrize("how", ["finger", "key"])
def test_a_reader_opens_a_number_and_comes_back_to_it(reader: Any, how: str) -> None:
    me = reader(viewport=PHONE, has_touch=how == "finger")
    shown = me.open(CHAPTER)
    door = shown.locator(DOOR).first
    door.scroll_into_view_if_needed()
    if how == "finger":
        door.tap()
    else:
        door.focus()
        shown.keyboard.press("Enter")
    panel = shown.locator("#door:popover-open")
    panel.wait_for()
    told_there = panel.inner_text()
    assert "91" in told_there and "K01" in told_there and "convicted ‘traffickers’" in told_there
    assert "women" in panel.locator(".door-made a").first.get_attribute("href")
    box = panel.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] and box["height"] <= 0.71 * PHONE["height"]
    assert shown.evaluate("document.activeElement.id") == "door"
    assert door.get_attribute("aria-expanded") == "true"
    shown.keyboard.press("Escape")
    assert shown.locator("#door:popover-open").count() == 0
    assert door.evaluate("door => door === document.activeElement")
    assert door.get_attribute("aria-expanded") == "false"
    assert me.foreign() == [] and me.complaints == []


@browser
def test_from_a_number_a_reader_comes_to_its_row(reader: Any) -> None:
    me = reader()
    shown = me.open(CHAPTER)
    shown.locator(DOOR).first.click()
    shown.locator("#door .door-rows a", has_text="K01").click()
    shown.wait_for_url("**/tables/prison_study_facts.html#row-K01")
    assert "91" in shown.locator("#row-K01").inner_text()
    assert me.complaints == []


@browser
def test_a_number_of_a_card_says_what_it_is_under_each_alternative(reader: Any) -> None:
    me = reader()
    shown = me.open(CHAPTER)
    shown.locator("#verdict-women-80 .verdict-more > summary").click()
    shown.locator("#verdict-women-80 .verdict-numbers a.door[href$='worst_low']").click()
    panel = shown.locator("#door:popover-open")
    panel.wait_for()
    verdict = verdicts.published()["women-80"]
    moved = {label: moves["worst_low"] for label, moves in verdict.moves.items() if "worst_low" in moves}
    assert moved
    for label, value in moved.items():
        assert f"{registry()['women-80'].alternatives[label]}: {told.plain(value, 'share')}" in panel.inner_text()
    shown.mouse.click(5, 450)
    assert shown.locator("#door:popover-open").count() == 0
    assert me.complaints == []


@browser
@every([CHAPTER, "claims/women-80.html"])
def test_without_script_a_number_leads_to_a_place_that_holds_the_same(reader: Any, page: str) -> None:
    shown = reader(java_script_enabled=False).open(page)
    door = shown.locator("a.door").first
    fragment = door.get_attribute("href").partition("#")[2]
    door.click()
    assert shown.url.endswith(f"#{fragment}")
    assert shown.locator(f"[id='{fragment}']").count() == 1


@browser
def test_from_the_disk_a_number_opens_and_a_table_is_searched(reader: Any, site: Path) -> None:
    me = reader(address=site.as_uri())
    shown = me.open(CHAPTER)
    shown.locator(DOOR).first.click()
    shown.locator("#door:popover-open .door-rows").first.wait_for()
    shown = me.open(f"tables/{LONG}.html")
    shown.locator(".rows-tools input").fill("ZWE 2010")
    shown.locator("#row-ZWE-2010").wait_for()
    assert me.complaints == []


@browser
def test_a_reader_searches_sorts_and_pages_a_table_in_pieces(reader: Any) -> None:
    me = reader()
    shown = me.open(f"tables/{LONG}.html")
    assert not [url for url in me.requests if "_static/rows" in url], (
        "nothing of the rest is loaded before it is asked"
    )
    shown.locator(".rows-tools input").fill("khm 2011")
    shown.locator("#row-KHM-2011").wait_for()
    count = shown.locator(".rows-count")
    assert re.search(r"found of 5,096 rows", count.inner_text())
    shown.locator(".rows-tools input").fill("")
    shown.wait_for_function("() => document.querySelector('.rows-count').textContent.includes('1 to 50')")
    column = list(rows.table(LONG).header).index("population")
    head = shown.locator("table.rows thead button").nth(column)
    values = sorted(float(row[column]) for row in rows.table(LONG).rows if row[column])
    for direction, first in (("ascending", values[:50]), ("descending", values[:-51:-1])):
        head.click()
        shown.locator(f"th[aria-sort={direction}]").wait_for()
        cells = shown.locator(f"table.rows tbody td:nth-child({column + 1})").all_inner_texts()
        assert [float(cell) for cell in cells] == first
    shown.get_by_role("button", name="Rows after").click()
    assert "51 to 100" in count.inner_text()
    assert me.foreign() == [] and me.complaints == []


@browser
def test_an_address_brings_a_row_out_of_its_piece(reader: Any) -> None:
    me = reader(viewport=PHONE)
    anchor = rows.table(LONG).anchors[4000]
    shown = me.open(f"tables/{LONG}.html#{anchor}")
    row = shown.locator(f"[id='{anchor}'].aimed")
    row.wait_for()
    box = row.bounding_box()
    assert 0 <= box["y"] <= PHONE["height"]
    assert shown.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert me.complaints == []


@browser
def test_without_script_the_first_rows_stand_and_the_file_is_named(reader: Any) -> None:
    shown = reader(java_script_enabled=False).open(f"tables/{LONG}.html")
    assert shown.locator("table.rows tbody tr").count() == 50
    assert shown.locator(f".rows-rest a[href$='{LONG}.csv']").is_visible()
    assert not shown.locator(".rows-tools").is_visible() and not shown.locator(".rows-more").is_visible()


@browser
@every([f"tables/{LONG}.html", "numbers/women.html", CHAPTER], few=[f"tables/{LONG}.html", CHAPTER], scheme=SCHEMES)
def test_axe_finds_no_fault_in_tables_numbers_and_open_doors(reader: Any, page: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    shown = reader(viewport=PHONE, color_scheme=scheme, bypass_csp=True).open(page)
    if page == CHAPTER:
        shown.locator(DOOR).first.click()
        shown.locator("#door:popover-open").wait_for()
    found = Axe().run(shown).response["violations"]
    assert [(fault["id"], [node["html"][:120] for node in fault["nodes"]]) for fault in found] == []


@browser
def test_in_print_tools_and_underlines_are_gone_and_rows_stay(reader: Any) -> None:
    shown = reader().open("tables/prison_study_facts.html")
    shown.emulate_media(media="print")
    assert not shown.locator(".rows-tools").is_visible() and shown.locator("#row-K01").is_visible()
    shown = reader().open(CHAPTER)
    shown.emulate_media(media="print")
    assert shown.locator(DOOR).first.evaluate("door => getComputedStyle(door).textDecorationLine") == "none"
