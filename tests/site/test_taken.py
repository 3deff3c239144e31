"""What a reader takes along of a figure: a link, its data as a table, files, and a page to be framed elsewhere."""

from __future__ import annotations

import csv
import functools
import http.server
import io
import json
import re
import threading
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from reader import SITE

from compendium.evidence import licences

pytestmark = pytest.mark.browser

LAW, ORGANISED = "book/2-tiers/law.html", "book/1-claims/organised.html"
PNG_SIZE = slice(16, 24)


def _opened(reader: Any, page: str, name: str, query: str = "", **options: Any) -> tuple[Any, Any, Any]:
    """A reader who opened what a figure can be used for."""
    me = reader(**options)
    shown = me.open(f"{page}{query}#{name}")
    figure = shown.locator(f"#{name}")
    figure.scroll_into_view_if_needed()
    shown.wait_for_function("f => f.matches('.plot') || f.dataset.state === 'live'", arg=figure.element_handle())
    assert not [url for url in me.requests if "use.js" in url or "figure-kit" in url], (
        "loaded before it is asked for"
    )
    figure.locator("details.use > summary").click()
    figure.locator("[data-use=link]").wait_for(state="visible")
    shown.wait_for_function("() => window.useFigure")
    return me, shown, figure


def _taken(shown: Any, figure: Any, what: str) -> bytes:
    with shown.expect_download() as download:
        figure.locator(f"[data-use={what}]").click()
    return Path(download.value.path()).read_bytes()


def _outside(svg: bytes) -> list[str]:
    """Whatever a drawing would ask for from elsewhere."""
    tree = ElementTree.fromstring(svg)
    found = []
    for element in tree.iter():
        found += [
            v for k, v in element.attrib.items() if k.split("}")[-1] in ("href", "src") and not v.startswith("#")
        ]
    text = svg.decode()
    found += [url for url in re.findall(r"url\(([^)]*)\)", text) if not url.strip("\"'").startswith(("#", "data:"))]
    return found + re.findall(r"var\(--[^)]*\)|@import[^;]*", text)


@pytest.mark.parametrize(
    ("page", "name", "query"),
    [(LAW, "law-day", "?law-day.yardstick=killing"), (LAW, "law-regimes", "")],
    ids=["live", "static"],
)
def test_a_zip_holds_the_figure_as_it_stands_with_its_data_and_terms(
    reader: Any, page: str, name: str, query: str
) -> None:
    me, shown, figure = _opened(reader, page, name, query, color_scheme="dark")
    first, second = (_taken(shown, figure, "zip") for _ in range(2))
    assert first == second, "the same state gives the same bytes"
    files = zipfile.ZipFile(io.BytesIO(first))
    assert files.testzip() is None
    expected = {f"{name}.svg", f"{name}.png", f"{name}.csv", "README.md", "metadata.json", "LICENCE.txt"}
    assert set(files.namelist()) == expected | ({f"{name}-drawn.csv"} if query else set())
    assert files.read(f"{name}.csv") == (SITE / f"_static/figure-data/{name}.csv").read_bytes()

    svg = files.read(f"{name}.svg")
    assert _outside(svg) == []
    text = " ".join("".join(ElementTree.fromstring(svg).itertext()).split())
    told = json.loads(files.read("metadata.json"))
    title, source = (figure.locator(part).inner_text() for part in (".caption-text", "p.source"))
    flat = text.replace(" ", "")
    for part in (
        title,
        source,
        licences.statement(),
        *([figure.locator("output.readout").inner_text()] if query else []),
    ):
        assert part.replace(" ", "") in flat, part
    assert 'fill="#ffffff"' in svg.decode() and "#14181c" not in svg.decode(), (
        "files are light whatever the page is"
    )
    assert told["title"] == title and told["licence"] == licences.statement()
    assert told["settings"] == ({"yardstick": "killing"} if query else {})
    assert told["page"].endswith(f"{page}{query}#{name}")
    size = ElementTree.fromstring(svg).attrib
    png = files.read(f"{name}.png")
    width, height = (int.from_bytes(png[PNG_SIZE][i : i + 4], "big") for i in (0, 4))
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and (width, height) == (2 * int(size["width"]), 2 * int(size["height"]))
    readme = files.read("README.md").decode()
    assert title in readme and all(f"- {file}" in readme for file in files.namelist() if file != "README.md")
    assert ("yardstick = killing" in readme) == bool(query)
    assert me.complaints == [] and me.foreign() == []


def test_a_picture_shows_the_labels_in_the_face_of_the_book(reader: Any) -> None:
    """The face, of every weight, is in the file: without it the words would have another width."""
    me, shown, figure = _opened(reader, LAW, "law-day")
    svg = _taken(shown, figure, "svg").decode()
    assert svg.count("data:font/woff2;base64,") == 1
    assert _taken(shown, figure, "png")[:4] == b"\x89PNG"
    alone = me.context.new_page()
    alone.set_content(svg)
    alone.evaluate("document.fonts.ready.then(() => null)")
    assert "loaded" in alone.evaluate("[...document.fonts].map((face) => face.status)")


def test_the_rows_as_drawn_follow_the_settings(reader: Any) -> None:
    drawn = {}
    for query in ("", "?law-day.year=2003"):
        _, shown, figure = _opened(reader, LAW, "law-day", query)
        files = zipfile.ZipFile(io.BytesIO(_taken(shown, figure, "zip")))
        assert _taken(shown, figure, "csv") == files.read("law-day-drawn.csv")
        drawn[query] = list(csv.DictReader(io.StringIO(files.read("law-day-drawn.csv").decode())))
        assert len(drawn[query]) > 5
    assert drawn[""] != drawn["?law-day.year=2003"]


def test_the_data_stand_in_a_table_beside_the_drawing(reader: Any) -> None:
    me, _, figure = _opened(reader, ORGANISED, "organised-citizenship")
    button = figure.locator("[data-use=table]")
    button.click()
    table = figure.locator(".use-table table")
    table.wait_for()
    rows = list(
        csv.reader(
            io.StringIO((SITE / "_static/figure-data/organised-citizenship.csv").read_text(encoding="utf-8"))
        )
    )
    assert table.locator("caption").inner_text().startswith("The rows behind")
    assert [cell.inner_text() for cell in table.locator("thead th[scope=col]").all()] == rows[0]
    assert table.locator("tbody tr").count() == 200 < len(rows) - 1
    figure.get_by_role("button", name=re.compile("Show all")).click()
    found = table.evaluate(
        "t => [...t.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    # A number is shown without the digits that nobody reads; the file has them.
    for shown, written in zip(found, rows[1:], strict=True):
        for said, cell in zip(shown, written, strict=True):
            assert said == cell or float(said) == pytest.approx(float(cell), rel=1e-6)
    button.click()
    assert figure.locator(".use-table").count() == 0 and button.get_attribute("aria-expanded") == "false"
    assert me.complaints == []


def test_a_link_is_copied_and_shown_where_the_clipboard_is_refused(reader: Any) -> None:
    me, shown, figure = _opened(reader, LAW, "law-day", "?law-day.year=2003")
    me.context.grant_permissions(["clipboard-read", "clipboard-write"])
    figure.locator("[data-use=link]").click()
    figure.get_by_text("The link is copied.").wait_for()
    link = shown.evaluate("navigator.clipboard.readText()")
    assert link.endswith(f"{LAW}?law-day.year=2003#law-day")
    shown.evaluate(
        "Object.defineProperty(navigator, 'clipboard', { value: { writeText: () => Promise.reject(Error('no')) } })"
    )
    figure.locator("[data-use=link]").click()
    assert figure.locator(".use-told input").input_value() == link


def test_an_embedded_figure_lives_in_a_page_of_another_host(reader: Any, tmp_path: Path) -> None:
    _, _, figure = _opened(reader, LAW, "law-day", "?law-day.yardstick=killing")
    mine = figure.locator("output.readout").inner_text()
    figure.locator("[data-use=embed]").click()
    line = figure.locator(".use-told textarea").input_value()
    (tmp_path / "other.html").write_text(
        f"<!DOCTYPE html><title>Other</title><link rel=icon href='data:,'>{line}", encoding="utf-8"
    )
    handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(handler, directory=str(tmp_path))
    ) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        me = reader(address=f"http://127.0.0.1:{other.server_port}")
        frame = me.open("other.html").frame_locator("iframe")
        frame.locator("figure.live[data-state=live]").wait_for()
        assert frame.locator("output.readout").inner_text() == mine
        assert frame.locator("select[name=yardstick]").input_value() == "killing"
        policy = frame.locator("meta[http-equiv=Content-Security-Policy]").get_attribute("content")
        assert "default-src 'self'" in policy and "unsafe-eval" not in policy
        assert frame.locator(".framed-from a").get_attribute("href") == f"../{LAW}#law-day"
        assert frame.locator("html").evaluate("root => root.scrollHeight <= innerHeight + 1"), "it fits its frame"
        assert me.complaints == []
        other.shutdown()


def test_every_live_figure_has_a_page_of_its_own_and_nothing_else_has(site: Path) -> None:
    pages = {page.stem: page.read_text(encoding="utf-8") for page in (site / "figures").glob("*.html")}
    live = set()
    for page in site.glob("book/**/*.html"):
        live |= set(re.findall(r'<figure class="live[^"]*" id="([^"]+)"', page.read_text(encoding="utf-8")))
    assert pages.keys() == live and live
    for name, text in pages.items():
        assert text.count("<figure") == 1 and f'id="{name}"' in text and "Content-Security-Policy" in text
        for link in re.findall(r'(?:href|src)="(\.\./[^"#?]*)', text):
            assert (site / "figures" / link).resolve().exists(), f"{name}: {link}"


def test_from_the_disk_a_figure_keeps_its_address_and_is_taken_as_well(reader: Any) -> None:
    me, shown, figure = _opened(reader, LAW, "law-day", address=SITE.as_uri())
    figure.locator("select[name=yardstick]").select_option("killing")
    shown.wait_for_function("() => location.search")
    assert shown.url.endswith(f"{LAW}?law-day.yardstick=killing#law-day")
    files = zipfile.ZipFile(io.BytesIO(_taken(shown, figure, "zip")))
    assert files.testzip() is None and _outside(files.read("law-day.svg")) == []
    figure.locator("[data-use=table]").click()
    figure.locator(".use-table tbody tr").first.wait_for()
    assert me.complaints == []
