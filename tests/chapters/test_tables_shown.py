"""No table that a reader sees is cut by the library that prints it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import compendium.chapters  # noqa: F401  # what every page imports

CELL = re.compile(r"<t([dh])\b[^>]*>(.*?)</t\1>", re.DOTALL)
DOTS = "..."  # pandas' own mark; the book writes an ellipsis, if any, as one character


def cut_cells(page: str) -> list[str]:
    """The cells of all tables of a page that hold three dots, but for the mark of what a passage leaves out."""
    return [cell for _, cell in CELL.findall(page) if DOTS in cell.replace("[...]", "")]


@pytest.mark.parametrize(
    ("rows", "columns", "cell"),
    [(1, 1, "a long sentence " * 40), (300, 2, "a"), (2, 60, "a"), (1, 1, list(range(500)))],
    ids=["long cell", "many rows", "many columns", "long list"],
)
def test_a_table_of_any_size_is_shown_whole(rows: int, columns: int, cell: object) -> None:
    import pandas as pd

    frame = pd.DataFrame({f"column {k}": [cell] * rows for k in range(columns)})
    assert cut_cells(frame._repr_html_()) == []
    # A Python that knows no chapter cuts the same table.
    program = (
        "import pandas as pd\n"
        "pd.set_option('display.max_columns', 20)\n"  # pandas' own choice in a notebook
        f"frame = pd.DataFrame({{f'column {{k}}': [{cell!r}] * {rows} for k in range({columns})}})\n"
        "print(frame._repr_html_())"
    )
    plain = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert cut_cells(plain.stdout) != []


def test_no_built_page_holds_a_cut_cell(site: Path) -> None:
    pages = [*site.glob("book/**/*.html"), *site.glob("claims/*.html")]
    assert len(pages) > 30
    assert {page.name: cut for page in pages if (cut := cut_cells(page.read_text(encoding="utf-8")))} == {}
