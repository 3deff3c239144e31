"""What another program can do with the crate alone: which data and code does the verdict on a claim rest on?

`python tests/site/ask_crate.py ro-crate-metadata.json women-80`; nothing but the standard library, and no word of
what the book is or how its folders are named.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def things(value: Any) -> list[dict[str, str]]:
    """References as a list, be there one or several."""
    return value if isinstance(value, list) else [value] if value else []


def rests_on(crate: dict[str, Any], claim: str) -> dict[str, list[str]]:
    """Rule, data, code and certificate behind the verdict on a claim, by the identifiers of the crate."""
    known = {entity["@id"]: entity for entity in crate["@graph"]}

    def kinds(entity: dict[str, Any]) -> set[str]:
        return set(entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]])

    def follow(entity: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
        yield from (known[one["@id"]] for one in things(entity.get(key)))

    (asked,) = [e for e in known.values() if "Claim" in kinds(e) and e.get("identifier") == claim]
    (verdict,) = [e for e in follow(asked, "subjectOf") if e.get("isBasedOn")]
    runs = [e for e in known.values() if "CreateAction" in kinds(e) and verdict in list(follow(e, "result"))]
    basis = list(follow(verdict, "isBasedOn"))
    written = [e for e in basis if "SoftwareSourceCode" in kinds(e)]
    code = {e["@id"] for run in runs for e in follow(run, "instrument")}
    modules = [e["@id"] for page in written for e in follow(page, "hasPart")]
    return {
        "claim": [asked["text"]],
        "verdict": [verdict["text"]],
        "rule": [line for e in basis if e not in written and "text" in e for line in e["text"].splitlines()],
        "data": [e["@id"] for e in basis if e.get("encodingFormat") == "text/csv"],
        "code": sorted(code | set(modules)),
        "certificate": [e["@id"] for e in follow(verdict, "subjectOf")],
    }


if __name__ == "__main__":
    file, asked_for = sys.argv[1:]
    for name, found in rests_on(json.loads(Path(file).read_text(encoding="utf-8")), asked_for).items():
        print(f"{name}:", *found, sep="\n  ")
