"""The whole book as one PDF, printed by Chromium from the single-page form: tagged, outlined, figures as drawn."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from html import unescape
from pathlib import Path

from compendium.run import build

SINGLE = build.DRAFT / "_build" / "singlehtml"
PDF = build.SITE / "trafficking-in-cambodia.pdf"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SECONDS = 240
SMALL = 'color: #5a6066; font: 8.5pt "Compendium Label", sans-serif'  # as the other edges of a sheet
# The single page sets every heading one step lower than the page that it came from.
TITLES = """
.bd-article span[id^="document-"] + section > h2 { margin-top: 0; font-size: var(--pst-font-size-h1); }
.bd-article span[id^="document-"] + section > section > h3 { font-size: var(--pst-font-size-h2); }
.bd-article span[id^="document-"] + section > section > section > h4 { font-size: var(--pst-font-size-h3); }
"""
# A page of the book as the single page holds it: its name, its section, its title.
_PAGE = re.compile(
    r'<span id="document-([^"]+)"></span>\s*<section (?=[^>]*>\s*(?:<span[^>]*></span>\s*)*<h\d>(.*?)</h\d>)',
    re.DOTALL,
)
_LINK = re.compile(r'(<a\b[^>]*?) href="(?!#|[a-z]+:)([^"#]*)(#[^"]*)?"')


class PdfError(RuntimeError):
    """The PDF could not be made; the message says why."""


def browser() -> str | None:
    """The path of an installed Chromium or Chrome."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def as_book(html: str, base: str) -> str:
    """The single page as it is printed.

    Each page of the book begins on a sheet of its own and stands under its title, as when it is printed alone.
    A link leads to where its page is in the book, else to the site at the address `base`, else nowhere: a reader
    of the PDF does not have the files beside it.
    """
    boxes: list[str] = []
    held = set(re.findall(r' id="([^"]+)"', html))

    def titled(found: re.Match[str]) -> str:
        title = unescape(re.sub(r'<a class="headerlink".*?</a>|<[^>]+>', "", found[2])).strip().replace('"', "”")
        boxes.append(f'@page titled-{len(boxes)} {{ @top-right {{ content: "{title}"; {SMALL} }} }}')
        return f'{found[0].removesuffix("<section ")}<section style="page: titled-{len(boxes) - 1}" '

    def led(found: re.Match[str]) -> str:
        before, path, fragment = found[1], re.sub(r"^(\.\.?/)+", "", found[2]), found[3] or ""
        for page in (path, f"book/{path}"):
            if (within := f"document-{page.removesuffix('.html')}") in held:
                return f'{before} href="{fragment if fragment[1:] in held else f"#{within}"}"'
        return f'{before} href="{base.rstrip("/")}/{path}{fragment}"' if base else before

    html = _LINK.sub(led, _PAGE.sub(titled, html))
    return html.replace("</head>", f'<style media="print">{" ".join([*boxes, TITLES])}</style>\n</head>', 1)


def make() -> Path:
    """Build the site if needed, then its single page, and print it beside the site; return the PDF."""
    chromium = browser()
    if chromium is None:
        raise PdfError("no Chromium found; install Debian's package chromium and run the same command again")
    os.environ[build.PDF_SWITCH] = "1"  # this build links the PDF
    build.build()
    shutil.rmtree(SINGLE, ignore_errors=True)
    command = [*build.COMMAND, "--builder", "singlehtml"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": build.EPOCH, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    page = SINGLE / "book" / "index.html"
    if done.returncode or not page.exists():
        raise PdfError(f"the single page was not built:\n{(done.stdout + done.stderr)[-1500:]}")
    # The page was written below book/ but its addresses start one level higher.
    top, draft = SINGLE / "whole.html", SINGLE / PDF.name
    top.write_text(as_book(page.read_text(encoding="utf-8"), os.environ.get(build.BASEURL, "")), encoding="utf-8")
    with tempfile.TemporaryDirectory() as profile:
        printed = subprocess.run(
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                f"--user-data-dir={profile}",
                "--generate-pdf-document-outline",
                "--export-tagged-pdf",
                "--no-pdf-header-footer",
                f"--print-to-pdf={draft}",
                top.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    if printed.returncode or not draft.exists():
        raise PdfError(f"Chromium did not print: {printed.stderr.strip()[-300:]}")
    # Chromium stamps the hour of printing; the dates of the build keep the file the same each time.
    date = time.strftime("(D:%Y%m%d%H%M%S", time.gmtime(int(build.EPOCH))).encode()
    draft.write_bytes(re.sub(rb"\(D:\d{14}", date, draft.read_bytes()))
    draft.replace(PDF)
    return PDF
