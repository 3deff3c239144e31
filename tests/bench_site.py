"""The budgets of the book, measured: what a reader on a slow line waits for, and what a builder waits for.

Run by `make bench` on the built site, not by pytest. A gzip server on loopback, Chromium with an emulated slow 4G
line, an empty cache at every visit, the median of the visits; beside it the first chapter as a Jupyter Book of
default settings shows it. Then, in a copy of the book, how long builds and verification take. Prints each figure
beside its budget. Exit status: 0, 1 if a budget is missed, 2 if it could not be measured.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import http.server
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from compendium.evidence import paths
from compendium.run import build, execute, pdf, reproduce, settings

VISITS = 5
MEGABITS, LATENCY = 1.6, 150  # down, Mbit/s; round trip, ms
UP_MEGABITS = 0.75
VIEWPORT = {"width": 1280, "height": 900}
PROBE, PROBE_BYTES, PROBE_TOLERANCE = "/line-probe.bin", 400_000, 0.15
SETTLE = 60_000  # ms within which a page must come to rest
FRONT, TEXT = "book/index.html", "book/reference/glossary.html"
PEER_CHAPTER = "book/1-claims/numbers"

TEXT_BUDGET = {"moved": 90.0, "first paint": 1.6, "load": 1.2}  # kB, s, s
# Without a budget: the search loads an index of every word, two pages are long lists of words alone, one runs all.
APART = (
    "search.html",
    "book/reference/objections.html",
    "book/reference/changes.html",
    "book/reference/verify.html",
)
LIVE_BUDGET = {"moved": 400.0, "load": 2.5}
COLD, NOTHING, CHAPTER = 60.0, 0.2, 5.0  # seconds, on two cores
VERIFY_CHAPTER, VERIFY_ALL = 8.0, 45.0
VERIFY_OTHERS = {"politics": 15.0}  # the whole grid
REPEATS = 3  # of what takes seconds; a cold build and a whole verification are timed once


class NotMeasured(RuntimeError):
    """Something could not be measured; the message says what and why."""


# ---------------------------------------------------------------- the table


@dataclass
class Report:
    """Prints figures beside their budgets and remembers what was missed."""

    missed: list[str] = field(default_factory=list)

    def figure(self, what: str, value: float, unit: str, budget: float | None = None, remark: str = "") -> None:
        """Print one figure; one above its budget is missed."""
        digits = {"kB": 1, "MB": 1, "s": 2}.get(unit, 0)
        allowed = "" if budget is None else f"{budget:.{digits}f} {unit}".strip()
        met = "" if budget is None else "met" if value <= budget else "MISSED"
        print(
            f"{what:<76} {f'{value:.{digits}f} {unit}'.strip():>10} {allowed:>10}  {met:<6} {remark}".rstrip(),
            flush=True,
        )
        if met == "MISSED":
            self.missed.append(f"{what}: {value:.{digits}f} {unit}, budget {allowed}")

    def heading(self, *lines: str) -> None:
        """Print what the following figures are, and the head of the table."""
        print("\n" + "\n".join(lines))
        print(f"{'what':<76} {'measured':>10} {'budget':>10}", flush=True)


# ---------------------------------------------------------------- server and line


class _Gzip(http.server.SimpleHTTPRequestHandler):
    """Serves a folder as a plain host does: kept connections, text compressed."""

    protocol_version = "HTTP/1.1"
    packed: dict[str, bytes]  # of this server; compressing must not count as the reader's time

    def do_GET(self) -> None:
        if self.path == PROBE:
            self._send(bytes(PROBE_BYTES), "application/octet-stream", compressed=False)
            return
        file = Path(self.translate_path(self.path))
        file = file / "index.html" if file.is_dir() else file
        if not file.is_file():
            self._send(b"not found", "text/plain", compressed=False, status=404)
            return
        kind = self.guess_type(str(file))
        text = kind.startswith("text/") or kind.endswith(("javascript", "json", "svg+xml", "xml"))
        content = file.read_bytes()
        if text and str(file) not in self.packed:
            self.packed[str(file)] = gzip.compress(content, compresslevel=6, mtime=0)
        self._send(self.packed[str(file)] if text else content, kind, compressed=text)

    def _send(self, content: bytes, kind: str, compressed: bool, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if compressed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None: ...


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address on loopback under which a folder is served, compressed."""
    handler = type("Handler", (_Gzip,), {"packed": {}})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(handler, directory=str(folder)))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Any]:
    """A headless browser that reaches loopback and nothing else; NotMeasured if there is none."""
    from playwright.sync_api import sync_playwright

    path = pdf.browser()
    if path is None:
        raise NotMeasured("no Chromium found; install Debian's package chromium and run the same command again")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    flags.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        try:
            yield browser
        finally:
            browser.close()


# ---------------------------------------------------------------- one visit

# In the first frame after a live figure has arrived: does its static form stand on the page?
_WATCH = """
window.benchFigures = new Map();
const look = () => {
  for (const figure of document.querySelectorAll("figure.live")) {
    const whole = document.readyState !== "loading" || figure.nextElementSibling;
    if (!whole || window.benchFigures.has(figure)) continue;
    const drawing = figure.querySelector(".drawing > *");
    const box = drawing?.getBoundingClientRect();
    const stands = Boolean(box && box.width > 50 && box.height > 50 && drawing.checkVisibility());
    window.benchFigures.set(figure, { stands, at: performance.now() / 1000 });
  }
  if (document.readyState !== "complete") requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
_UNFOLD = "document.querySelectorAll('details:has(figure.live)').forEach((fold) => (fold.open = true))"
_TIMES = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return { load: page.loadEventEnd / 1000, paint: paint ? paint.startTime / 1000 : null };
}"""


@dataclass(frozen=True)
class Visit:
    """What one visit with an empty cache moved, and when it showed something; times in seconds."""

    moved: float  # kB of 1,000 bytes, headers included
    requests: int
    foreign: tuple[str, ...]
    first_paint: float
    load: float
    figures: int
    standing: int
    last_standing: float


def visit(browser: Any, address: str, page_name: str, slow: bool, scroll: bool) -> Visit:
    """Open a page with an empty cache and wait until it rests; `scroll`: bring every live figure to be drawn."""
    context = browser.new_context(viewport=VIEWPORT)
    try:
        page = context.new_page()
        page.set_default_timeout(SETTLE)
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        if slow:
            _slow_down(session)
        urls: list[str] = []
        moved = [0.0]
        page.add_init_script(_WATCH)
        session.on("Network.requestWillBeSent", lambda event: urls.append(event["request"]["url"]))
        session.on("Network.loadingFinished", lambda event: moved.append(event["encodedDataLength"]))
        page.goto(f"{address}/{page_name}", wait_until="networkidle")
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        times = page.evaluate(_TIMES)
        if scroll:
            page.evaluate(_UNFOLD)
            for figure in page.locator("figure.live").all():
                figure.scroll_into_view_if_needed()
                page.wait_for_function("figure => figure.dataset.state", arg=figure.element_handle())
                if figure.get_attribute("data-state") != "live":
                    raise NotMeasured(f"{page_name}: the live figure {figure.get_attribute('id')} was not drawn")
            page.wait_for_load_state("networkidle")
        figures = page.evaluate("[...window.benchFigures.values()]")
    finally:
        context.close()
    asked = [url for url in urls if url.startswith("http")]
    return Visit(
        moved=sum(moved) / 1000,
        requests=len(asked),
        foreign=tuple(url for url in asked if not url.startswith(address)),
        first_paint=times["paint"],
        load=times["load"],
        figures=len(figures),
        standing=sum(figure["stands"] for figure in figures),
        last_standing=max((figure["at"] for figure in figures), default=0.0),
    )


def _slow_down(session: Any) -> None:
    session.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": LATENCY,
            "downloadThroughput": MEGABITS * 1e6 / 8,
            "uploadThroughput": UP_MEGABITS * 1e6 / 8,
        },
    )


def measured_line(browser: Any, address: str) -> float:
    """The rate of the emulated line in Mbit/s; NotMeasured if the browser does not keep to it."""
    context = browser.new_context()
    page = context.new_page()
    _slow_down(context.new_cdp_session(page))
    page.goto(f"{address}/404.html")
    seconds = page.evaluate(
        """async (probe) => {
          await (await fetch(probe, { cache: "no-store" })).arrayBuffer();
          const entry = performance.getEntriesByName(new URL(probe, location).href).at(-1);
          return (entry.responseEnd - entry.requestStart) / 1000;
        }""",
        PROBE,
    )
    context.close()
    rate = PROBE_BYTES * 8e-6 / (seconds - LATENCY / 1000)
    if abs(rate / MEGABITS - 1) > PROBE_TOLERANCE:
        raise NotMeasured(f"the slow line is not emulated: expected {MEGABITS} Mbit/s, found {rate:.2f}")
    return rate


# ---------------------------------------------------------------- pages


def median_of(visits: list[Visit], what: str) -> float:
    """The median of one figure over visits."""
    return statistics.median(getattr(one, what) for one in visits)


def show_slow(report: Report, name: str, visits: list[Visit], live: bool, judged: bool = True) -> None:
    """Print a page on the slow line; the peer is not judged."""
    budget: dict[str, float] = (LIVE_BUDGET if live else TEXT_BUDGET) if judged else {}
    report.figure(f"{name}: moved before scrolling", median_of(visits, "moved"), "kB", budget.get("moved"))
    report.figure(f"{name}: requests", median_of(visits, "requests"), "")
    paint = [one.first_paint for one in visits]
    spread = f"{min(paint):.2f}-{max(paint):.2f}"
    report.figure(
        f"{name}: first contentful paint", statistics.median(paint), "s", budget.get("first paint"), spread
    )
    load = [one.load for one in visits]
    report.figure(
        f"{name}: load", statistics.median(load), "s", budget.get("load"), f"{min(load):.2f}-{max(load):.2f}"
    )
    foreign = max((one.foreign for one in visits), key=len)
    report.figure(f"{name}: requests to other hosts", len(foreign), "", 0 if judged else None)
    if live and judged:
        worst = min(visits, key=lambda one: one.standing)
        remark = f"{worst.figures} figures; the last stood at {median_of(visits, 'last_standing'):.2f} s"
        report.figure(
            f"{name}: static forms missing in their first frame", worst.figures - worst.standing, "", 0, remark
        )


def measure_pages(report: Report) -> None:
    """The pages of the built site on the slow line, each page's whole weight, and the peer."""
    site = build.SITE
    if not (site / FRONT).exists():
        raise NotMeasured("the site is not built; run `make book` first")
    contents = yaml.safe_load((paths.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [f"{name}.html" for name in execute.listed(contents) if re.match(r"book/\d", name)]
    every = sorted(str(path.relative_to(site)) for path in site.rglob("*.html") if "_static" not in path.parts)
    with chromium() as browser, served(site) as address:
        rate = measured_line(browser, address)
        report.heading(
            f"Pages: {browser.browser_type.name} {browser.version}, gzip server on loopback, emulated line "
            f"{MEGABITS} Mbit/s down ({rate:.2f} measured), {LATENCY} ms,",
            f"empty cache, {VIEWPORT['width']}x{VIEWPORT['height']}, median of {VISITS} visits (range beside it). "
            "kB are 1,000 bytes, headers included.",
        )
        whole = {name: visit(browser, address, name, slow=False, scroll=True) for name in every}
        for name in dict.fromkeys((TEXT, FRONT, *chapters)):
            slow = [visit(browser, address, name, slow=True, scroll=False) for _ in range(VISITS)]
            live = whole[name].figures > 0
            show_slow(report, name, slow, live)
            if live:
                report.figure(
                    f"{name}: moved, every figure drawn",
                    whole[name].moved,
                    "kB",
                    LIVE_BUDGET["moved"],
                    "after scrolling",
                )
        print(flush=True)
        for name in APART:
            report.figure(f"{name}: moved", whole[name].moved, "kB")
        for live, what in ((False, "text page"), (True, "page with live figures")):
            kind = {
                name: one.moved for name, one in whole.items() if bool(one.figures) == live and name not in APART
            }
            if kind:
                name = max(kind, key=lambda one: kind[one])
                budget = (LIVE_BUDGET if live else TEXT_BUDGET)["moved"]
                remark = f"{name}, of {len(kind)}{'; every figure drawn' if live else ''}"
                report.figure(f"heaviest {what} of the site", kind[name], "kB", budget, remark)
        foreign = {url for one in whole.values() for url in one.foreign}
        report.figure(
            f"requests to other hosts, all {len(whole)} pages", len(foreign), "", 0, " ".join(sorted(foreign))
        )
        measure_peer(report, browser)


def build_peer(folder: Path) -> Path:
    """Build the first chapter by Jupyter Book with default settings, from the same executed notebook.

    Returns the folder of its site; raises NotMeasured if there is none.
    """
    page = next(page for page in execute.pages() if page.docname == PEER_CHAPTER)
    executed = execute.stored(page)
    if executed is None:
        raise NotMeasured(f"{PEER_CHAPTER} changed after the build; run `make book` first")
    (folder / "numbers.ipynb").write_text(json.dumps(executed.notebook), encoding="utf-8")
    (folder / "index.md").write_text("# A book of default settings\n", encoding="utf-8")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\nchapters:\n- file: numbers\n", encoding="utf-8")
    (folder / "_config.yml").write_text(PEER_CONFIG, encoding="utf-8")
    shutil.copy(paths.BOOK / "references.bib", folder)
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    site = folder / "_build" / "html"
    if not (site / "numbers.html").exists():
        raise NotMeasured(f"the peer was not built: {(done.stdout + done.stderr)[-1500:]}")
    return site


def measure_peer(report: Report, browser: Any) -> None:
    """The peer's first chapter on the slow line."""
    with tempfile.TemporaryDirectory(prefix="peer-") as temporary, served(build_peer(Path(temporary))) as address:
        visits = [visit(browser, address, "numbers.html", slow=True, scroll=False) for _ in range(VISITS)]
    hosts = sorted({url.split("/")[2] for one in visits for url in one.foreign})
    report.heading(
        f"Peer: {PEER_CHAPTER} with the same outputs by Jupyter Book in default settings; of our extensions only",
        "the one that draws verdict cards. Its figures stand as drawings, no chart library is loaded. Requests to",
        f"other hosts are counted but not answered, so that their bytes are missing: {', '.join(hosts) or 'none'}.",
    )
    show_slow(report, "peer", visits, live=False, judged=False)


PEER_CONFIG = """\
title: A book of default settings
execute: {execute_notebooks: "off"}
bibtex_bibfiles: [references.bib]
sphinx: {extra_extensions: [compendium.site.claims]}
"""


# ---------------------------------------------------------------- builds and verification


def measure_builds(report: Report) -> None:
    """Builds and verification in a copy of the book, as a builder and a reviewer run them."""
    report.heading(
        f"Builds and verification: a copy of the book, {settings.workers()} chapters at a time, "
        f"{len(execute.pages())} chapters, seconds by the clock.",
    )
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        root = Path(temporary) / "book"
        shutil.copytree(paths.ROOT, root, ignore=lambda _, names: reproduce.LEFT_OUT & set(names))

        def seconds(*arguments: str, allowed: tuple[int, ...] = (0,)) -> float:
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "compendium", *arguments, "--quiet"],
                cwd=root,
                env={**os.environ, "PYTHONPATH": str(root / "book")},
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode not in allowed:
                raise NotMeasured(f"{' '.join(arguments)} failed in the copy: {(done.stdout + done.stderr)[-800:]}")
            return time.perf_counter() - began

        report.figure("cold build of the whole book", seconds("build"), "s", COLD)
        repeated(report, "build, nothing changed", NOTHING, lambda: seconds("build"))
        chapter = root / f"{PEER_CHAPTER}.md"
        text = chapter.read_text(encoding="utf-8")

        def changed(more: str) -> float:
            chapter.write_text(chapter.read_text(encoding="utf-8") + more, encoding="utf-8")
            return seconds("build")

        prose, cell = "\nOne more sentence.\n", "\n```{code-cell} ipython3\n:tags: [remove-cell]\n0\n```\n"
        repeated(report, "build, prose of one chapter changed", CHAPTER, lambda: changed(prose))
        repeated(report, "build, code of one chapter changed", CHAPTER, lambda: changed(cell))
        chapter.write_text(text, encoding="utf-8")
        repeated(report, "verify one chapter", VERIFY_CHAPTER, lambda: seconds("verify", chapter.stem))
        certified = json.loads((paths.DATA / "certificate.json").read_text(encoding="utf-8"))["chapters"]
        apart = {name: one["seconds"] for name, one in certified.items() if name not in VERIFY_OTHERS}
        slowest = max(apart, key=lambda name: apart[name])
        for name, what, budget in (
            (slowest, "the slowest of those with this budget", VERIFY_CHAPTER),
            *((name, "every model", budget) for name, budget in VERIFY_OTHERS.items()),
        ):
            repeated(report, f"verify {name}, {what}", budget, functools.partial(seconds, "verify", name))
        report.figure("verify everything", seconds("verify"), "s", VERIFY_ALL)


def repeated(report: Report, what: str, budget: float, run: Callable[[], float]) -> None:
    """Print the median of a few runs beside the budget."""
    times = sorted(run() for _ in range(REPEATS))
    remark = f"{times[0]:.2f}-{times[-1]:.2f}, median of {REPEATS}"
    report.figure(what, statistics.median(times), "s", budget, remark)


def main() -> int:
    """Measure what is asked for, both by default; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="pages|builds", help="both if none is named")
    wanted = parser.parse_args().parts or ["pages", "builds"]
    parts = {"pages": measure_pages, "builds": measure_builds}
    if unknown := set(wanted) - set(parts):
        parser.error(f"expected pages or builds, found {', '.join(sorted(unknown))}")
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"Site: Python {platform.python_version()}, {os.cpu_count()} cores{load}")
    report = Report()
    try:
        for part in wanted:
            parts[part](report)
    except NotMeasured as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"\n{len(report.missed)} budget(s) missed" + "".join(f"\n  {line}" for line in report.missed))
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
