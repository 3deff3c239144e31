"""The scripts that a reader may run in a page, run here: each leaves the published number."""

from __future__ import annotations

import json
import re

import pytest

from compendium.evidence import tables
from compendium.run import execute, program, script
from compendium.trial import claims, verdicts

TEXTS = {page.chapter: page.path.read_text(encoding="utf-8") for page in execute.pages()}
SCRIPTS = {chapter: held for chapter, text in TEXTS.items() if (held := program.cells(text, "bench"))}


@pytest.mark.parametrize("chapter", SCRIPTS)
def test_a_script_leaves_the_published_number_and_prints_lines(chapter: str) -> None:
    (options,) = re.findall(r"^```\{bench\}\n((?::.*\n)+)", TEXTS[chapter], re.MULTILINE)
    (source,) = SCRIPTS[chapter]
    asked = dict(re.findall(r"^:(\w+): (.*)$", options, re.MULTILINE))
    claim, _, number = asked["number"].partition(".")
    read = {name: tables.describe(name)["path"] for name in asked["tables"].split()}
    told = json.loads(script.run(json.dumps({"script": source, "tables": read})))
    published = verdicts.published()[claim].numbers[number]
    tolerance = claims.registry().claims[claim].numbers[number].tolerance
    assert published is not None
    assert told["result"] == pytest.approx(published, abs=tolerance + 1e-6 * abs(published))
    assert told["printed"].strip()
    # Nothing prints itself as Python writes it: a reader is told words and numbers.
    assert not re.search(r"\w+\(\w+=|<\w+ object|Fraction\(", told["printed"])
