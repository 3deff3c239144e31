"""The chain of the front page is drawn as the verdicts have it, and says the same in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from compendium.evidence import paths
from compendium.trial import claims, score, verdicts

SOURCE = (paths.BOOK / "index.md").read_text(encoding="utf-8")
LINK = re.compile(r"```\{link\} ([^\n]+)\n```\n(.*?)</li>", re.DOTALL)
SAYS = {
    score.HOLDS: "This link holds",
    score.IN_PART: "This link holds in part",
    score.BREAKS: "The chain breaks here",
}
DRAWN = {score.HOLDS: ("solid", 3), score.IN_PART: ("solid", 1.5), score.BREAKS: ("dashed", 3)}


def _links() -> list[tuple[list[str], str]]:
    return [(names.split(), text) for names, text in LINK.findall(SOURCE)]


def _states() -> list[str]:
    published = verdicts.published()
    return [score.link([published[name].verdict for name in names]) for names, _ in _links()]


def test_a_link_is_made_of_the_essay_s_claims_that_its_text_names() -> None:
    links = _links()
    assert len(links) == SOURCE.count("```{link}") >= 4
    for names, text in links:
        named = re.findall(r"\{claim\}`([\w-]+)`", text)
        assert names == [name for name in named if claims.registry()[name].side == "essay"]
        assert not re.search(r"chain breaks|link .*holds", text), "what the verdicts say is not written by hand"


def test_every_link_says_what_its_verdicts_say(site: Path) -> None:
    page = (site / "book/index.html").read_text(encoding="utf-8")
    found = re.findall(r'<li class="([\w-]+)"><p class="chain-state">([^<]+)</p>', page)
    assert found == [(state.replace(" ", "-"), SAYS[state]) for state in _states()]


@pytest.mark.browser
def test_every_link_is_drawn_as_it_says(reader: Any) -> None:
    items = reader().open("book/index.html").locator("ol.chain > li")
    line = "e => [getComputedStyle(e).borderLeftStyle, parseFloat(getComputedStyle(e).borderLeftWidth)]"
    drawn = [tuple(item.evaluate(line)) for item in items.all()[:-1]]
    assert [style for style, _ in drawn] == [DRAWN[state][0] for state in _states()]
    thin = {width for (_, width), state in zip(drawn, _states(), strict=True) if state == score.IN_PART}
    assert all(width < 2 for width in thin)
