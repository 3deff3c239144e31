"""A file of JSON is parsed once for as long as its text is the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from compendium.evidence.documents import parsed


def test_the_same_text_is_the_same_object_and_another_text_another(tmp_path: Path) -> None:
    path = tmp_path / "it.json"
    path.write_text('{"a": "\u00e9"}', encoding="utf-8")
    first = parsed(path)
    assert first == {"a": "\u00e9"} and parsed(path) is first
    path.write_text('{"a": 2}', encoding="utf-8")
    assert parsed(path) == {"a": 2}


def test_what_is_no_json_or_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "it.json").write_bytes(b"{\xff}")
    with pytest.raises(ValueError, match="utf-8"):
        parsed(tmp_path / "it.json")
    (tmp_path / "it.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="Expecting"):
        parsed(tmp_path / "it.json")
    with pytest.raises(FileNotFoundError):
        parsed(tmp_path / "none.json")
