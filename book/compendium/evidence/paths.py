"""Where things are, and whether they are those of the folder in which the package is called."""

import functools
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
BOOK = ROOT / "book"
PACKAGE = BOOK / "compendium"
BUILD = ROOT / "_build"
DATA = Path(os.environ.get("COMPENDIUM_DATA") or ROOT / "data")


class PlaceError(RuntimeError):
    """The package is not that of the folder in which it is called; one line says which is which."""


def check_place() -> None:
    """Raise PlaceError if the book around the working folder is not the one that this package belongs to.

    Outside any book, the one around the Python environment counts. A copied environment would otherwise read and
    verify the book that it was copied from.
    """
    _check_place(Path.cwd())


@functools.cache
def _check_place(folder: Path) -> None:
    called = _book_around(folder) or _book_around(Path(sys.prefix))
    if called not in (None, ROOT):
        raise PlaceError(
            f"package compendium, called in {folder}: expected the one of {called}; found the one of {ROOT}; "
            f"run `make environment` in {called}, which makes its own, and use its .venv/bin/python"
        )


def _book_around(folder: Path) -> Path | None:
    here = folder.resolve()
    return next(
        (place for place in (here, *here.parents) if (place / "book/compendium/__init__.py").exists()), None
    )


def write(path: Path, text: str) -> Path:
    """Write a text file whole or not at all: what is interrupted leaves the file as it was. Return its path."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(text, encoding="utf-8", newline="\n")
    return draft.replace(path)


def content(path: Path) -> bytes:
    """The bytes of a text file with line endings as published: git may write others on another system."""
    return path.read_bytes().replace(b"\r\n", b"\n")
