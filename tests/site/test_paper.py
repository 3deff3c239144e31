"""Wherever a sheet ends, no heading stays behind at its foot and no figure leaves a quarter of it blank."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import sheets
from reader import every

pytestmark = pytest.mark.browser

LINES = range(0, 44)  # of a sheet: what stands before the part that may break badly
TEXT = "<p>" + "Words that stand for what a chapter says, as many as make a few lines of it. " * 5 + "</p>"
HIDDEN = '<div class="cell quiet silent"><div class="cell_input">code</div></div>'
FIGURE = (
    '<div class="cell quiet"><div class="cell_input">code</div><div class="cell_output"><figure class="plot">'
    '<div class="drawing"><svg viewBox="0 0 688 420"><rect width="688" height="420"/></svg></div>'
    "<figcaption>What it shows</figcaption></figure></div></div>"
)
TABLE = (
    '<div class="cell quiet"><div class="cell_output"><table class="dataframe"><tbody>'
    + "<tr><td>A row</td><td>of a table</td></tr>" * 12
    + "</tbody></table></div></div>"
)
FOLD = (
    '<section><details class="fold"><summary><h3>Heading</h3></summary><a class="headerlink">#</a>'
    "{}</details></section>"
)
CARD = (
    '<section class="verdict-card"><p class="verdict-head">Heading</p>'
    f'<blockquote class="verdict-quote"><p>Heading</p></blockquote>{TEXT * 4}</section>'
)
END = '<p style="clear: both">The end.</p>'
# What follows one another in chapters, each with text behind it.
PARTS = {
    "figure": f"<section><h2>Heading</h2>{FIGURE}{TEXT * 4}</section>",
    "hidden code, figure": f"<section><h2>Heading</h2>{HIDDEN}{FIGURE}{TEXT * 4}</section>",
    "fold after a figure": f"<section>{FIGURE}{TEXT}{FOLD.format(TEXT * 4)}</section>",
    "fold that begins with a figure": f"<section>{FOLD.format(FIGURE + TEXT * 4)}</section>",
    "table after a figure": f"<section>{FIGURE}{TEXT * 3}<h2>Heading</h2>{TABLE}{TEXT}</section>",
    "card of a verdict": f"<section>{CARD}{TEXT}</section>",
}
LIKE_ANOTHER = {"figure", "fold after a figure"}  # a figure behind a heading, and a fold, are among the others


@every(list(PARTS), "part", few=[part for part in PARTS if part not in LIKE_ANOTHER])
def test_wherever_a_sheet_ends_nothing_is_left_behind(reader: Any, tmp_path: Path, part: str) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext found: no printed page was read; install Debian's package poppler-utils")
    shown = reader(bypass_csp=True).open("book/2-tiers/law.html")
    cases = [
        f'<section style="break-after: page"><p>Case</p>{"<p>A line.</p>" * lines}{PARTS[part]}{END}</section>'
        for lines in LINES
    ]
    shown.locator("article").evaluate("(article, html) => { article.innerHTML = html; }", "".join(cases))
    shown.pdf(path=tmp_path / "cases.pdf", format="A4", prefer_css_page_size=True)
    command = ["pdftotext", "-layout", str(tmp_path / "cases.pdf"), "-"]
    *pages, _ = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\f")
    read = [[line.strip() for line in page.splitlines() if line.strip()][1:-1] for page in pages]
    assert sum(lines[:1] == ["Case"] for lines in read) == len(LINES)
    assert [number for number, lines in enumerate(read, 1) if lines[-1:] == ["Heading"]] == []
    ends = [after[:1] == ["Case"] for after in read[1:]] + [True]
    measured = sheets.sheets(tmp_path / "cases.pdf")
    assert [s for s, is_last in zip(measured, ends, strict=True) if not is_last and s.foot >= 0.25] == []
