"""A reader verifies in the page: on the press only, from this host only, with the numbers of the native run."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from reader import CLAIM_PAGES, PHONE, SITE

from compendium.evidence import paths
from compendium.run import execute, part
from compendium.site import bench
from compendium.trial import claims

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not (SITE / "_static/runtime/parts.json").exists(),
        reason="the book was built without Python for the browser: nothing was verified in it",
    ),
]
SMALL, BIG = "claims/profit-32bn.html", "book/reference/verify.html"
TWO = "book/3-prison/sample.html"  # a box that verifies and one that runs a script
RULES = {"slaves-12m": "trafficked_share > 0.777", "modest-gains": "gain_high < 0.777"}  # each of another chapter
TRIED = [page for page in execute.pages() if claims.registry().of_chapter(page.chapter)]
WAIT = 300_000  # a machine may be busy with other tests
MOVED, MEMORY = 25_000_000, 250  # bytes; MB, as the page says


_MILLISECONDS_TO_THE_NEXT_FRAME = """async () => {
  const began = performance.now();
  await new Promise(requestAnimationFrame);
  return performance.now() - began;
}"""


def pressed(shown: Any) -> str:
    box = shown.locator(".verify-here")
    box.scroll_into_view_if_needed()
    box.locator(".bench-run").click()
    return settled(shown, box)


def settled(shown: Any, box: Any) -> str:
    shown.wait_for_function(
        "box => ['done', 'failed'].includes(box.dataset.state)", arg=box.element_handle(), timeout=WAIT
    )
    return box.locator(".bench-output").inner_text()


def no_worker_is_left(shown: Any) -> None:
    """A worker that was ended is gone in a moment, and its memory with it."""
    for _ in range(100):
        if shown.workers == []:
            return
        shown.wait_for_timeout(100)
    pytest.fail("the worker that was ended still lives")


def downloaded(shown: Any, name: str) -> str:
    with shown.expect_download() as given:
        shown.locator(f".verify-result a[download='{name}']").click()
    return Path(given.value.path()).read_text(encoding="utf-8")


def row_of(table: str, key: str) -> int:
    lines = (paths.DATA / f"{table}.csv").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines) if line.startswith(f"{key},"))


SCRIPTS = re.compile(r"/(?:verify|python|workbench)\.js")


def test_what_verifies_is_loaded_when_a_reader_touches_the_box_and_not_before(reader: Any) -> None:
    me = reader()
    shown = me.open("claims/women-80.html")
    box = shown.locator(".verify-here")
    box.scroll_into_view_if_needed()
    shown.wait_for_timeout(300)
    assert not any(SCRIPTS.search(url) for url in me.requests), "loaded for readers who pass it by"
    box.locator(".workbench > summary").focus()
    shown.wait_for_function("box => box.dataset.state === 'idle'", arg=box.element_handle())


def test_without_network_a_press_says_so_and_the_page_loaded_again_verifies(reader: Any) -> None:
    shown = reader().open(SMALL)
    box = shown.locator(".verify-here")
    shown.route(SCRIPTS, lambda route: route.abort())
    box.locator(".bench-run").click()
    said = "It did not load; load the page again."
    shown.wait_for_function(
        "([box, said]) => box.querySelector('.bench-output').textContent === said",
        arg=[box.element_handle(), said],
    )
    shown.unroute(SCRIPTS)
    shown.reload()
    assert "1 of 1 verdict" in pressed(shown)  # the press comes before the script


def test_a_reader_verifies_a_claim_doubts_it_and_goes_offline(reader: Any) -> None:
    """One story, as Python is loaded once for all of it."""
    me = reader()
    shown = me.open(SMALL)
    assert not any("runtime" in url or "worker" in url for url in me.requests), "Python was loaded before the press"
    box = shown.locator(".verify-here")
    assert "MB" in box.locator(".bench-output").inner_text()

    said = pressed(shown)
    assert "1 of 1 verdict and 3 of 3 numbers are the same" in said
    claim = box.locator("details[data-claim='profit-32bn']")
    assert claim.get_attribute("data-same") == "true"
    assert claim.locator("tr[data-same=false]").count() == 0
    certificate = json.loads(downloaded(shown, "certificate.json"))
    jsonschema.validate(certificate, json.loads((paths.DATA / "certificate.schema.json").read_text("utf-8")))
    assert certificate["python"].startswith("3.14") and [row["same"] for row in certificate["claims"]] == [True]
    (seen,) = certificate["platforms"]
    assert (seen["system"], seen["machine"]) == ("Emscripten", "wasm32") and [*seen["results"]] == ["profit-32bn"]
    assert "of 1 claim are those of the certificate to the last bit" in said
    assert me.foreign() == []

    # The rule's line is moved so far that nothing meets it: another verdict, and a patch.
    box.locator(".workbench > summary").click()
    box.locator(".workbench-claim").select_option("profit-32bn")
    rule = box.locator(".workbench-rules input").first
    rule.fill("ratio_to_source > 100")
    assert "Another rule" in box.locator(".workbench-changes").inner_text()
    assert pressed(shown).startswith("Not as published, because you changed something: 0 of 1 verdict")
    assert claim.get_attribute("data-same") == "false"
    assert "+        supported: ratio_to_source > 100" in downloaded(shown, "change.patch")
    box.locator(".workbench-changes button").click()

    # A cell is changed, without any network from here on.
    box.locator(".workbench-table").select_option("global_profits")
    row = box.locator(".workbench-row")
    row.fill(str(row_of("global_profits", "belser_traf")))
    box.locator(".workbench-column").select_option("value_usd")
    box.locator(".workbench-value").fill("10000000000")
    box.locator(".workbench-add").click()
    me.context.set_offline(True)
    assert pressed(shown).startswith("Not as published, because you changed something: 0 of 1 verdict")
    assert "global_profits" in box.locator(".verify-problems").text_content()
    assert "+++ b/data/global_profits.csv" in downloaded(shown, "change.patch")

    # A wrong value is named and loses nothing.
    box.locator(".workbench-value").fill("many")
    box.locator(".workbench-add").click()
    assert "'many'" in pressed(shown)
    box.locator(".workbench-changes button").click()

    # The memory is given back; what was loaded is still with the browser and is not asked for again.
    me.context.set_offline(False)
    box.locator(".bench-free").click()
    no_worker_is_left(shown)
    me.requests.clear()
    assert "1 of 1 verdict and 3 of 3 numbers are the same" in pressed(shown)
    assert [url for url in me.requests if ".zip" in url or ".bin" in url] == []


def test_changes_in_several_chapters_are_one_patch_and_one_certificate(reader: Any, tmp_path: Path) -> None:
    """The box of the whole book runs the chapters that the changes reach, and joins what they gave."""
    shown = reader().open(BIG)
    box = shown.locator(".verify-here")
    box.scroll_into_view_if_needed()
    box.locator(".workbench > summary").click()
    box.locator(".workbench-table").select_option("global_profits")
    box.locator(".workbench-row").fill(str(row_of("global_profits", "belser_traf")))
    box.locator(".workbench-column").select_option("value_usd")
    box.locator(".workbench-value").fill("10000000000")
    box.locator(".workbench-add").click()
    for claim, rule in RULES.items():
        box.locator(".workbench-claim").select_option(claim)
        box.locator(".workbench-rules label", has_text="supported if").locator("input").first.fill(rule)
    assert pressed(shown).startswith("Not as published, because you changed something:")

    patch = downloaded(shown, "change.patch")
    assert sorted(line for line in patch.splitlines() if line.startswith("+++")) == [
        "+++ b/data/claims.yml",
        "+++ b/data/global_profits.csv",
    ]
    shutil.copytree(paths.DATA, tmp_path / "data")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch, text=True, check=True)
    text = (tmp_path / "data/claims.yml").read_text(encoding="utf-8")
    assert all(text.count(f": {rule}\n") == 1 for rule in RULES.values())

    certificate = json.loads(downloaded(shown, "certificate.json"))
    jsonschema.validate(certificate, json.loads((paths.DATA / "certificate.schema.json").read_text("utf-8")))
    ran = {page.chapter for page in TRIED if "global_profits" in bench.order(page)["tables"]}
    assert set(certificate["chapters"]) == ran and len(ran) > 1
    whole = [certificate[key] for key in ("files", "tables", "declarations")]
    assert certificate["state"] == hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


_BOXES = """(pages) => Promise.all(pages.map(async (page) => {
  const read = new DOMParser().parseFromString(await (await fetch(page)).text(), "text/html");
  return [read.querySelectorAll(".verify-here").length, read.querySelectorAll("details .verify-here").length];
}))"""


def test_every_chapter_and_claim_has_a_box_and_none_is_folded_away(reader: Any) -> None:
    pages = [f"{page.docname}.html" for page in TRIED] + CLAIM_PAGES + [BIG]
    shown = reader().open("search.html")
    assert dict(zip(pages, shown.evaluate(_BOXES, pages), strict=True)) == {page: [1, 0] for page in pages}


def test_a_run_can_be_stopped_and_the_tab_answers_meanwhile(reader: Any) -> None:
    me = reader(viewport=PHONE)
    shown = me.open(BIG)
    box = shown.locator(".verify-here")
    box.scroll_into_view_if_needed()
    box.locator(".bench-run").click()
    progress = box.locator(".bench-progress")
    shown.wait_for_function("bar => bar.value > 0", arg=progress.element_handle(), timeout=WAIT)
    assert shown.evaluate(_MILLISECONDS_TO_THE_NEXT_FRAME) < 1000
    box.locator(".bench-stop").click()
    assert box.locator(".bench-output").inner_text() == "Stopped."
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert box.locator(".bench-run").is_enabled()
    no_worker_is_left(shown)


def test_two_boxes_of_a_page_run_one_after_the_other(reader: Any) -> None:
    """Both have one worker: what it answers goes to the box that asked, whichever is pressed while it runs."""
    shown = reader().open(TWO)
    verify, bench = shown.locator(".verify-here"), shown.locator(".run-here").first
    for box in (bench, verify):
        box.hover()
        shown.wait_for_function("box => box.dataset.state === 'idle'", arg=box.element_handle())

    # The second waits, says so, and each has its own answer.
    verify.locator(".bench-run").click()
    bench.locator(".bench-run").click()
    assert bench.locator(".bench-output").inner_text().startswith("Another box of this page is running.")
    assert "numbers are the same" in settled(shown, verify)
    assert settled(shown, bench).endswith("the same.")
    assert verify.locator(".bench-free").is_visible() and bench.locator(".bench-free").is_visible()

    # One that waits can be stopped alone; while the other runs nobody takes its memory.
    script = bench.locator(".bench-script")
    good = script.input_value()
    script.fill("while True: pass")
    bench.locator(".bench-run").click()
    verify.locator(".bench-run").click()
    assert not verify.locator(".bench-free").is_visible()
    verify.locator(".bench-stop").click()
    assert verify.locator(".bench-output").inner_text() == "Stopped."
    assert not verify.locator(".bench-free").is_visible() and bench.get_attribute("data-state") == "busy"

    # When the one that runs is stopped, the one that waits begins anew.
    script.fill(good)
    verify.locator(".bench-run").click()
    bench.locator(".bench-stop").click()
    assert bench.locator(".bench-output").inner_text() == "Stopped."
    assert "numbers are the same" in settled(shown, verify)


@pytest.mark.check
@pytest.mark.parametrize("page", TRIED, ids=lambda page: page.chapter)
def test_every_chapter_gives_the_published_numbers_in_the_browser(reader: Any, page: execute.Page) -> None:
    me = reader()
    shown = me.open(f"{page.docname}.html")
    said = pressed(shown)
    told = {
        fold.get_attribute("data-claim"): fold.get_attribute("data-same")
        for fold in shown.locator(".verify-result details[data-claim]").all()
    }
    in_part = part.module_of(page.chapter) is not None
    word = "part" if in_part else "true"
    assert told == {claim.id: word for claim in claims.registry().of_chapter(page.chapter)}
    assert shown.locator(".verify-result tr[data-same=false]").count() == 0
    # Of what was not fitted nothing is said, wherever the page says what it found.
    everything = shown.locator(".verify-here").inner_text()
    assert ("the verdict on all of them was not computed" in said) == in_part
    assert not (in_part and "Same as published" in everything)
    memory = shown.locator(".verify-here .bench-free").inner_text()
    assert 50 < int(memory.partition("(")[2].partition(" ")[0]) <= MEMORY
    assert me.foreign() == []


def test_the_first_press_moves_at_most_what_the_budget_allows() -> None:
    moved = {page.chapter: bench.moved([bench.order(page)]) for page in TRIED}
    assert moved and max(moved.values()) <= MOVED, moved
    package = (SITE / bench.FOLDER / bench.BOOK).stat().st_size
    assert 0.7 * bench.PACKAGE < package <= bench.PACKAGE, "the table of chapters counts the package by this number"


def test_the_table_names_every_chapter_and_the_part_that_is_run(reader: Any) -> None:
    shown = reader().open(BIG)
    rows = {
        row.locator("a").get_attribute("href").rpartition("/")[2].removesuffix(".html"): row.inner_text().split(
            "\t"
        )
        for row in shown.locator("table:has(caption:text('Chapters that run')) tbody tr").all()
    }
    assert list(rows) == [page.chapter for page in TRIED]
    for page in TRIED:
        _, tried, what, _, megabytes = rows[page.chapter]
        assert int(tried) == len(claims.registry().of_chapter(page.chapter))
        assert (what == "all") == (part.module_of(page.chapter) is None)
        assert float(megabytes) == round(bench.moved([bench.order(page)]) / 1e6, 1)


def test_what_is_chosen_before_the_script_is_there_is_chosen(reader: Any) -> None:
    held: list[Any] = []
    me = reader()
    me.page.route("**/workbench.js*", lambda route: held.append(route))
    shown = me.open(SMALL)
    box = shown.locator(".verify-here")
    box.scroll_into_view_if_needed()
    box.locator(".workbench > summary").click()
    box.locator(".workbench-table").select_option("global_profits")
    while not held:
        shown.wait_for_timeout(20)
    assert box.locator(".workbench-row").is_disabled()
    held[0].continue_()
    shown.wait_for_function("row => !row.disabled", arg=box.locator(".workbench-row").element_handle())
    assert box.locator(".workbench-now").inner_text().startswith("Row 1")
