"""A file is written whole or not at all, and a book reads its own package."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from compendium.evidence import paths


def test_a_file_that_cannot_be_put_in_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "verdicts.json"
    paths.write(path, "old\n")
    assert path.read_bytes() == b"old\n"

    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        paths.write(path, "new\n")
    assert path.read_bytes() == b"old\n"
    monkeypatch.undo()
    paths.write(path, "new\n")
    assert path.read_bytes() == b"new\n"
    assert [left.name for left in tmp_path.iterdir()] == ["verdicts.json"]


@pytest.fixture
def other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of another book, with an environment of its own; what was found of places is forgotten."""
    book = tmp_path / "other"
    (book / ".venv").mkdir(parents=True)
    (book / "book" / "compendium").mkdir(parents=True)
    (book / "book" / "compendium" / "__init__.py").touch()
    monkeypatch.setattr(sys, "prefix", str(paths.ROOT / ".venv"))
    paths._check_place.cache_clear()
    yield book
    paths._check_place.cache_clear()


def test_the_places_are_those_of_the_book_around_the_package() -> None:
    root = Path(__file__).resolve().parents[2]
    assert (root, root / "book", root / "_build") == (paths.ROOT, paths.BOOK, paths.BUILD)
    assert root / "book" / "compendium" == paths.PACKAGE


@pytest.mark.parametrize("where", [".", "book", "book/compendium"])
def test_called_in_another_book_the_package_refuses(
    where: str, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(other / where)
    with pytest.raises(paths.PlaceError) as refused:
        paths.check_place()
    assert f"called in {other / where}: expected the one of {other}; found the one of {paths.ROOT};" in str(
        refused.value
    )


def test_called_in_its_own_book_the_package_serves(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(paths.BOOK)
    monkeypatch.setattr(sys, "prefix", str(other / ".venv"))
    paths.check_place()


def test_outside_any_book_the_one_around_the_environment_counts(
    other: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths.check_place()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    paths._check_place.cache_clear()
    paths.check_place()  # none around either
    monkeypatch.setattr(sys, "prefix", str(other / ".venv"))
    paths._check_place.cache_clear()
    with pytest.raises(paths.PlaceError, match=f"expected the one of {other}; found"):
        paths.check_place()
