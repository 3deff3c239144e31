"""How a page reads: its paragraphs in order, how long they take, and the line below a chapter's title that says so.

What is looked up, opened or pressed is not counted: figures, tables, code, folds, the lists of numbers on a card.
The line also holds the switch that shows the page's code.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from compendium.site import cells, pages

WORDS_A_MINUTE = 230  # a usual pace; a page says a whole number of minutes
_WORD = re.compile(r"\w[\w’'.,-]*")
_MINUTES = "@" + "minutes@"  # in two, so that the page of this source does not hold it

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_APART_TAGS = {"details", "figure", "form", "math", "nav", "pre", "script", "style", "svg", "table", "template"}
_APART_CLASSES = {
    "bench", "check-yourself", "cite-this", "claim-doors", "docket", "fate", "front-bar", "headerlink", "math",
    "page-facts", "strip-key", "strip-name", "verdict-badge", "verdict-foot", "verdict-numbers", "visually-hidden",
}  # fmt: skip
_PROSE = {"p", "li", "dd"}
_BLOCKS = {
    *_PROSE, "article", "aside", "blockquote", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "header",
    "ol", "section", "ul",
}  # fmt: skip
_CITATION = re.compile(r"\s*\[[^\[\]]*\]")


class _Paragraphs(HTMLParser):
    """Collects what is read: the text of paragraphs and items, without what stands apart from the reading."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[str] = []
        self._apart = 0  # how many of the open elements began where one stands apart
        self._cited = 0  # where a citation begins in the text, plus one
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            self.handle_data(" ")
            return
        named = dict(attrs)
        classes = set(str(named.get("class") or "").split())
        if tag in _BLOCKS:
            self._end_of_block()
        is_apart = tag in _APART_TAGS or bool(classes & _APART_CLASSES) or "hidden" in named
        if self._apart or is_apart:
            self._apart += 1
        if "bibtex-citation" in classes:
            self._cited, tag = len(self._text) + 1, "cited"
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or tag in _VOID:
            return
        if tag in _BLOCKS:
            self._end_of_block()
        was = self._open.pop()
        self._apart = max(0, self._apart - 1)
        if was == "cited":  # a label in brackets, which is read past
            before = self._text[: self._cited - 1]
            self._text = before + _CITATION.sub("", self._text[self._cited - 1 :])

    def handle_data(self, data: str) -> None:
        if not self._apart:
            self._text += data

    def _end_of_block(self) -> None:
        block = next((tag for tag in reversed(self._open) if tag in _BLOCKS), "")
        text = " ".join(self._text.split())
        if text and block in _PROSE:
            self.found.append(text)
        self._text = ""


def paragraphs(html: str) -> list[str]:
    """List what a piece of a page has to read, one paragraph or item after another."""
    page = _Paragraphs()
    page.feed(html)
    page.close()
    return page.found


def words(text: str) -> int:
    """Count the words of a text."""
    return len(_WORD.findall(text))


def minutes(html: str) -> int:
    """The minutes that a page takes to read, at least one."""
    return max(1, round(sum(map(words, paragraphs(html))) / WORDS_A_MINUTE))


def head(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the line below the title of a page that has code to show."""
    if app.builder.name != "html" or not any("quiet" in cell["classes"] for cell in doctree.findall(cells.is_cell)):
        return
    title = next(iter(doctree.findall(nodes.title)))
    html = pages.render("page-facts.html", minutes=_MINUTES)
    title.parent.insert(title.parent.index(title) + 1, nodes.raw("", html, format="html"))


def tell_minutes(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Say how long a page takes, when all that it holds is in place."""
    body = context.get("body", "")
    if _MINUTES in body:
        count = minutes(body)
        context["body"] = body.replace(_MINUTES, f"{count} minute{'' if count == 1 else 's'}", 1)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("doctree-resolved", head, priority=700)  # when all that is read is in place
    app.connect("html-page-context", tell_minutes)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "2"}
