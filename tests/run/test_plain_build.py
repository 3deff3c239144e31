"""Jupyter Book alone, by its own command, gives the pages that `make book` gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from small_book import SmallBook

from compendium.run.reproduce import digests

pytestmark = pytest.mark.check

# As the command `jupyter-book`, by the interpreter at work: the script may have been made for another folder.
COMMAND = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."]
# What a plain build leaves beside the pages, and `make book` does not publish.
BESIDE = {".buildinfo": "Sphinx's note to itself, which names the folder"}


def test_jupyter_book_alone_gives_the_bytes_of_make_book(
    built_book: SmallBook, accepted_book: SmallBook, tmp_path: Path
) -> None:
    plain = SmallBook(tmp_path / "plain", accepted_book)
    for left in ("_build", "book/__pycache__"):
        subprocess.run(["rm", "-rf", str(plain.root / left)], check=True)
    done = subprocess.run(
        COMMAND, cwd=plain.root, env=plain.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    whole, alone = (digests(book.root / "_build/html") for book in (built_book, plain))
    assert set(alone) - set(whole) <= set(BESIDE)
    assert [name for name in whole if name not in alone] == []
    assert [name for name in whole if whole[name] != alone[name]] == []
