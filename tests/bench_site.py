"""`make bench`: what a page costs its reader and a build its maker, beside the budgets; exit 1 if one is missed.

Pages are served gzipped on loopback to Chromium under emulated slow 4G (1.6 Mbit/s, 150 ms), cold cache, median of
five. The peer is the same chapter built with Jupyter Book's default configuration.
"""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from compendium import execute, paths, pdf

SITE = paths.BUILD / "html"
RUNS = 5
TEXT = {"kB": 330, "paint": 1.6, "load": 2.5}
LIVE = {"kB": 650, "paint": 2.5, "load": 4.0}
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}


class Gzipped(http.server.SimpleHTTPRequestHandler):
    """Serves files gzipped where that helps, as a host of static pages does."""

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file() or path.suffix not in {".html", ".css", ".js", ".mjs", ".svg", ".json", ".csv"}:
            return super().do_GET()
        body = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None: ...


def serve(folder: Path) -> str:
    """Serve a folder on loopback; return its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Gzipped, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def visit(browser: Any, address: str, page: str, scroll: bool) -> dict[str, float]:
    """One cold visit: kB moved, requests, foreign requests, first paint and load in seconds, kB after scrolling."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    tab = context.new_page()
    session = context.new_cdp_session(tab)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    moved: list[float] = []
    asked: list[str] = []
    session.on("Network.loadingFinished", lambda event: moved.append(event["encodedDataLength"]))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{address}/{page}", wait_until="load")
    tab.wait_for_timeout(300)
    timing = tab.evaluate(
        "() => ({paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,"
        " load: performance.getEntriesByType('navigation')[0].loadEventEnd})"
    )
    found = {
        "kB": sum(moved) / 1000,
        "paint": timing["paint"] / 1000,
        "load": timing["load"] / 1000,
        "foreign": float(sum(not url.startswith((address, "data:", "blob:")) for url in asked)),
    }
    if scroll:
        for figure in tab.locator("figure.live").all():
            figure.scroll_into_view_if_needed()
            tab.wait_for_function("f => f.dataset.state", arg=figure.element_handle(), timeout=60_000)
    found["scrolled"] = sum(moved) / 1000
    context.close()
    return found


def measure(browser: Any, address: str, page: str, scroll: bool = True) -> dict[str, float]:
    """The median of several cold visits."""
    visits = [visit(browser, address, page, scroll) for _ in range(RUNS)]
    return {key: statistics.median(v[key] for v in visits) for key in visits[0]}


def default_build(folder: Path) -> Path:
    """Chapter 1 built with Jupyter Book's defaults: its theme and scripts, figures and cards as it shows them."""
    chapter = paths.ROOT / "book/1-claims/numbers.md"
    text = re.sub(r"```\{(claim|check-yourself)\}.*?\n```\n", "", chapter.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"\{cite\}`[^`]*`", "", text)
    (folder / "numbers.md").write_text(text, encoding="utf-8")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: numbers\n")
    (folder / "_config.yml").write_text("title: Default\nexecute: {execute_notebooks: force}\n")
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "_build" / "html"


def seconds(command: list[str], folder: Path) -> float:
    """Wall seconds of a command of the book in a folder."""
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(folder / "book")}
    done = subprocess.run(
        [sys.executable, "-m", "compendium", *command, "--quiet"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed: {done.stderr[-500:]}")
    return time.perf_counter() - began


def main() -> int:
    """Measure everything, print it beside the budgets, return 1 if a budget is missed."""
    missed = 0

    def line(what: str, value: float, budget: float, unit: str) -> None:
        nonlocal missed
        missed += value > budget
        print(
            f"  {what:<44} {value:9.1f} {unit:<4} budget {budget:g} {'' if value <= budget else 'MISSED'}",
            flush=True,
        )

    chromium = pdf.browser()
    if chromium is None:
        print("no Chromium found: the pages were NOT measured")
    else:
        from playwright.sync_api import sync_playwright

        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
            browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
            address = serve(SITE)
            for page in ["book/reference/glossary.html", *(f"{p.docname}.html" for p in execute.pages())]:
                budget = TEXT if "reference" in page else LIVE
                found = measure(browser, address, page)
                print(page)
                line("moved at load", found["kB"], TEXT["kB"], "kB")
                line("first paint", found["paint"], budget["paint"], "s")
                line("load", found["load"], budget["load"], "s")
                line("moved after reading to the end", found["scrolled"], budget["kB"], "kB")
                line("requests to another host", found["foreign"], 0, "")
            peer = measure(browser, serve(default_build(Path(folder))), "numbers.html", scroll=False)
            shown = ", ".join(f"{key} {value:.1f}" for key, value in peer.items() if key != "scrolled")
            print(f"peer: chapter 1 with Jupyter Book's defaults, live figures not drawn: {shown}")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "book"
        shutil.copytree(paths.ROOT, folder, ignore=shutil.ignore_patterns("_build", ".venv", ".git", "__pycache__"))
        print("builds and verification, in a copy")
        line("cold build of the whole book", seconds(["build"], folder), 60, "s")
        line("nothing changed", seconds(["build"], folder), 3, "s")
        chapter = folder / "book/1-claims/numbers.md"
        chapter.write_text(chapter.read_text("utf-8").replace("## Verdicts", "One more sentence.\n\n## Verdicts"))
        line("one chapter changed", seconds(["build"], folder), 6, "s")
        line("verify one chapter", seconds(["verify", "numbers"], folder), 8, "s")
        line("verify everything", seconds(["verify"], folder), 60, "s")
    print(f"{missed} budgets missed" if missed else "every budget met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
