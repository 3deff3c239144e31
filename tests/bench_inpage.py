"""Verification in a reader's browser, measured chapter by chapter: bytes, seconds, memory, other hosts.

Run by `make bench` on the built site, not by pytest; chapters can be named. A plain server on loopback that does
not compress, Chromium with an empty cache for each chapter. The first verification loads Python, the second finds
it alive. Exit status: 0, 1 if a budget is missed or a chapter is not as published, 2 if nothing could be measured.
"""

from __future__ import annotations

import functools
import http.server
import platform
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench_site import NotMeasured, Report, chromium

from compendium.run import build, execute, settings
from compendium.trial import claims

MOVED, FIRST, SECOND = 25.0, 20.0, 5.0  # MB, s, s
WAIT = 600_000  # ms for one verification


class _Counting(http.server.SimpleHTTPRequestHandler):
    """Serves a folder as it is and counts the bytes of its files."""

    sent: list[int]

    def copyfile(self, source: Any, outputfile: Any) -> None:
        content = source.read()
        self.sent.append(len(content))
        outputfile.write(content)

    def log_message(self, *args: object) -> None: ...


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, list[int]]]:
    """The address on loopback under which a folder is served, and the bytes of each answer."""
    handler = type("Handler", (_Counting,), {"sent": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", handler.sent  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Verified:
    """Two verifications of one chapter: MB moved by the first, seconds of both by the clock and of the processor.

    Also the MB that Python holds and those of the whole tab, other hosts that were asked, and the page's words.
    """

    moved: float
    first: tuple[float, float]
    second: tuple[float, float]
    tab: int
    memory: int
    foreign: set[str]
    said: str
    same: bool


def verified(browser: Any, address: str, sent: list[int], page: execute.Page) -> Verified:
    """Press the button of a chapter twice."""
    context = browser.new_context()
    try:
        shown = context.new_page()
        urls: list[str] = []
        shown.on("request", lambda request: urls.append(request.url))
        shown.goto(f"{address}/{page.docname}.html", wait_until="networkidle")
        box = shown.locator(".verify-here")
        before = sum(sent)
        first = _pressed(browser, shown, box)
        moved = (sum(sent) - before) / 1e6
        second = _pressed(browser, shown, box)
        memory = re.search(r"\d+", box.locator(".bench-free").inner_text())
        told = [fold.get_attribute("data-same") for fold in box.locator("details[data-claim]").all()]
        same = bool(told) and set(told) <= {"true", "part"} and box.locator("tr[data-same=false]").count() == 0
        return Verified(
            moved,
            first,
            second,
            _tab(browser),
            int(memory[0]) if memory else 0,
            {url for url in urls if not url.startswith((address, "blob:", "data:"))},
            box.locator(".bench-output").inner_text(),
            same,
        )
    finally:
        context.close()


def _pressed(browser: Any, shown: Any, box: Any) -> tuple[float, float]:
    began, worked = time.perf_counter(), _worked(browser)
    box.scroll_into_view_if_needed()
    box.locator(".bench-run").click()
    ended = "box => ['done', 'failed'].includes(box.dataset.state)"
    shown.wait_for_function(ended, arg=box.element_handle(), timeout=WAIT)
    return time.perf_counter() - began, _worked(browser) - worked


def _renderers(browser: Any) -> list[dict[str, Any]]:
    found = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    return [process for process in found if process["type"] == "renderer"]


def _worked(browser: Any) -> float:
    """Seconds of the processor that the browser's tabs have taken: a busy machine does not change them."""
    return sum(process["cpuTime"] for process in _renderers(browser))


def _tab(browser: Any) -> int:
    """MB of memory of the largest tab at its largest, where the system tells."""
    peaks = [0]
    for process in _renderers(browser):
        status = Path(f"/proc/{process['id']}/status")
        if status.exists():
            found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"))
            peaks += [int(found[1]) // 1000] if found else []
    return max(peaks)


def measure(report: Report, names: list[str]) -> None:
    """Every chapter in which a claim is tried, or those named."""
    if not (build.SITE / "_static/runtime/parts.json").exists():
        raise NotMeasured("the site has no Python for the browser; run `make book` with npm and a network first")
    tried = [page for page in execute.pages() if claims.registry().of_chapter(page.chapter)]
    with chromium() as browser, served(build.SITE) as (address, sent):
        report.heading(
            f"Verification in the browser: {browser.browser_type.name} {browser.version} on {platform.machine()}, "
            f"{settings.workers()} cores,",
            "a plain server on loopback, an empty cache for each chapter; the second press finds Python alive.",
        )
        for page in tried:
            if names and page.chapter not in names:
                continue
            found = verified(browser, address, sent, page)
            held = f"Python holds {found.memory} MB, the tab {found.tab} MB at its largest"
            report.figure(f"{page.chapter}: moved", found.moved, "MB", MOVED, held)
            for which, (seconds, worked), budget in (
                ("first", found.first, FIRST),
                ("second", found.second, SECOND),
            ):
                remark = f"{worked:.1f} s of the processor"
                report.figure(f"{page.chapter}: {which} verification", seconds, "s", budget, remark)
            report.figure(f"{page.chapter}: requests to other hosts", len(found.foreign), "", 0)
            report.figure(f"{page.chapter}: claims or numbers that differ", int(not found.same), "", 0, found.said)


def main(names: list[str]) -> int:
    """Measure and print; return the exit status."""
    report = Report()
    try:
        measure(report, names)
    except NotMeasured as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for line in report.missed:
        print(f"MISSED {line}")
    return int(bool(report.missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
