"""Files of JSON that are asked for again and again, parsed once."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any


def parsed(path: Path) -> dict[str, Any]:
    """Return what a file holds, to be read and not changed: as long as its text is the same, it is the same object.

    Raises OSError or ValueError if it cannot be read or is no JSON in UTF-8.
    """
    return _parsed(path.read_text(encoding="utf-8"))


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, Any]:
    return json.loads(text)
