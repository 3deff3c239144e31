"""Prose as a reader meets it, measured on a built page: its words, its minutes, and how long its sentences are."""

from __future__ import annotations

import re
import statistics
from dataclasses import dataclass

from compendium.site import reading

# A point after these ends no sentence.
_SHORT = re.compile(r"(?:\b(?:Art|Arts|No|St|Mr|Mrs|Dr|vs|cf|al|etc|e\.g|i\.e)|\b[A-Z])\.$")
_END = re.compile(r"(?<=[.?!…])([”’)\]]*)\s+(?=[“‘(\[]*[A-Z0-9$])")


@dataclass(frozen=True)
class Prose:
    """The sentences of a page, in order."""

    sentences: tuple[str, ...]

    @property
    def words(self) -> int:
        """All words that are read."""
        return sum(map(reading.words, self.sentences))

    @property
    def minutes(self) -> float:
        """How long the page takes to read."""
        return self.words / reading.WORDS_A_MINUTE

    @property
    def median(self) -> float:
        """The words of the middle sentence."""
        return statistics.median(map(reading.words, self.sentences)) if self.sentences else 0

    def longer(self, words: int) -> list[str]:
        """List the sentences of more words than that."""
        return [said for said in self.sentences if reading.words(said) > words]


def sentences(paragraph: str) -> list[str]:
    """Split a paragraph at the ends of its sentences."""
    found: list[str] = []
    for piece in _END.sub(r"\1\n", paragraph).split("\n"):
        if found and _SHORT.search(found[-1]):
            found[-1] += f" {piece}"
        else:
            found.append(piece)
    return [said for said in found if reading.words(said)]


def prose(html: str) -> Prose:
    """Measure the article of a page."""
    article = html.partition("<article")[2].partition("</article>")[0]
    assert article, "the page has no article"
    return Prose(tuple(said for part in reading.paragraphs(f"<article{article}") for said in sentences(part)))
