"""Programs of other people that check what the book makes: fetched for one test, or skipped aloud."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from bench_models import Unavailable, environment


def answer(packages: Sequence[str], program: str, *arguments: object, unchecked: str) -> Any:
    """What a program prints as JSON in a throw-away Python that has these packages over those of the book.

    Where they cannot be had, the test is skipped and says what was not checked.
    """
    try:
        with environment(packages, alone=True) as python:
            command = [str(python), "-W", "ignore", "-c", program, *map(str, arguments)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
    except Unavailable as error:
        pytest.skip(f"{packages[0]} could not be had ({error}): {unchecked}")
    assert done.returncode == 0, done.stderr[-800:]
    return json.loads(done.stdout)


BASE = "https://here.example/"  # where a document is said to lie: what is no whole address is one below this
PYLD = ("pyld==3.3.0", "cachetools==8.0.0", "frozendict==2.5.1", "lxml==6.1.3")
EXPAND = """
import json, sys
from pathlib import Path
from pyld import jsonld

document, context, address, base = sys.argv[1:]

def held(url, options):
    assert url.rstrip("/") == address.rstrip("/"), url
    known = json.loads(Path(context).read_text(encoding="utf-8"))
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": known}

told = json.loads(Path(document).read_text(encoding="utf-8"))
print(json.dumps(jsonld.expand(told, {"base": base, "documentLoader": held})))
"""


def expanded(document: Path, context: Path, address: str) -> list[dict[str, Any]]:
    """A document in JSON-LD as pyld expands it; its context is not fetched from its address but held in a file.

    What a context does not know is dropped: it is in no node that comes back.
    """
    unchecked = f"{document.name} was NOT read as linked data"
    return answer(PYLD, EXPAND, document, context, address, BASE, unchecked=unchecked)


def nodes(told: Any) -> Iterator[dict[str, Any]]:
    """Every node of an expanded document, those within others too; a text or a number is none."""
    if isinstance(told, dict) and "@value" not in told:
        yield told
    for inner in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from nodes(inner)
