"""Full-text search that finds what the pages say: words, numbers, accents and Khmer.

Sphinx splits "12.3" into two words, drops numbers from a query, breaks Khmer words at their vowel signs, and
joins the cells of tables into words that nobody types. Here the index is made from the words that a reader
sees; ``book/assets/search.js``, which Sphinx writes into its ``language_data.js``, splits and stems what the
reader types by the same two rules.
"""

from __future__ import annotations

import html
import re
import unicodedata
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sphinx.search
from docutils import nodes
from sphinx.search.en import SearchEnglish

from compendium.evidence import paths

if TYPE_CHECKING:
    from sphinx.application import Sphinx

# Letters and their marks are in the first two planes, variation selectors in the fourteenth; no other has marks.
_PLANES = (range(0x20000), range(0xE0000, 0xF0000))
_MARKS = "".join(chr(point) for plane in _PLANES for point in plane if unicodedata.category(chr(point))[0] == "M")
# The same alternatives as in search.js: a number with separators, or a run of letters, marks and digits.
_WORD = re.compile(rf"[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])(?:\.[0-9]+)*|[0-9]+(?:\.[0-9]+)+|[\w{_MARKS}]+")
_NOT_READ = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<]+?>")
_STEMMERS = Path(sphinx.search.__file__).parent / "minified-js"
_LATIN_MARKS = re.compile("[\u0300-\u036f]")


class SearchWords(SearchEnglish):
    """English words and numbers; ``12,345`` and ``12345`` are one number, ``Türkiye`` and ``Turkiye`` one word."""

    # The stemmer of the index in its own JavaScript; Sphinx's older one for English knows fewer endings.
    js_stemmer_code = "\n".join(
        [*((_STEMMERS / name).read_text("utf-8") for name in ("base-stemmer.js", "porter-stemmer.js")), ""]
    )
    js_splitter_code = (paths.BOOK / "assets" / "search.js").read_text(encoding="utf-8")

    def split(self, input: str) -> list[str]:
        """List the words of a text, in order."""
        return _WORD.findall(unicodedata.normalize("NFC", input))

    def stem(self, word: str) -> str:
        """Give the form under which a word stands in the index; no stem is cut down to a word that is left out."""
        lower = word.lower()
        if lower[0] in "0123456789":
            return lower.replace(",", "")
        plain = unicodedata.normalize("NFC", _LATIN_MARKS.sub("", unicodedata.normalize("NFD", lower)))
        stem = super().stem(plain) if len(plain) > 2 else plain
        return plain if stem in self.stopwords else stem


def readable_text(markup: str) -> str:
    """Return the words of a piece of HTML, apart where the markup sets them apart."""
    return html.unescape(_TAG.sub(" ", _NOT_READ.sub(" ", markup)))


def _index_what_is_read(app: Sphinx) -> None:
    if not hasattr(app.builder, "index_page"):
        return
    index = app.builder.index_page

    def index_page(docname: str, doctree: nodes.document, title: str) -> None:
        words = doctree.deepcopy()
        for raw in list(words.findall(nodes.raw)):
            is_html = "html" in raw.get("format", "").split()
            raw.parent.replace(raw, nodes.Text(readable_text(raw.astext()) if is_html else ""))
        index(docname, words, title)

    app.builder.index_page = index_page


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_search_language(SearchWords)
    app.connect("builder-inited", _index_what_is_read)
    return {
        "version": metadata.version("compendium"),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
