"""A file is written whole or not at all."""

from __future__ import annotations

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
