"""A page as Markdown: what a reader reads, numbers filled in, without drawings, controls and code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

SKIPPED = frozenset(
    "script style svg template button select textarea output progress label fieldset form nav dialog".split()
)
# Boxes that only a browser can work, and the line by which one opens what is worked with.
CONTROLS = frozenset("bench use of-controls living-was living-turn".split())
SKIPPED_CLASSES = {"strip-frame", "strip-key"}.union(
    "headerlink visually-hidden cell_input code-close page-facts code-link claim-doors".split()
) | CONTROLS
# Parts of a line that stand on lines of their own on the page.
LINES = frozenset("living-line bend-factor bend-turns bend-moves history-why front-word".split())
VOID = frozenset("br hr img input link meta col area base embed source track wbr".split())
BLOCKS = frozenset("p div section article header footer figure figcaption details summary dl".split())
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "code": "`"}
_SPACES = re.compile(r"[^\S\n]+")
_DRAWN = re.compile(r"<svg\b.*?</svg>|<script\b.*?</script>", re.DOTALL)
_HEADING = re.compile(r"h[1-6]")


class _Reader(HTMLParser):
    """Writes Markdown as it reads HTML; `skipping` counts the open elements inside one that is left out."""

    def __init__(self, drawings: Mapping[str, str], folder: str) -> None:
        super().__init__()
        self.drawings, self.folder = drawings, folder
        self.out: list[str] = []
        self.open: list[tuple[str, str]] = []  # tags with what closes them
        self.skipping = 0
        self.lists: list[int | None] = []
        self.verbatim = False
        self.rows: list[list[str]] | None = None
        self.mark = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            if not self.skipping:
                self._void(tag, dict(attrs))
            return
        found = dict(attrs)
        classes = set((found.get("class") or "").split())
        if self.skipping or tag in SKIPPED or classes & SKIPPED_CLASSES or "hidden" in found:
            self.skipping += 1
            self.open.append((tag, ""))
            return
        if classes & LINES:
            self._line()
        self.open.append((tag, self._begin(tag, found)))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or not any(name == tag for name, _ in self.open):
            return
        while self.open:
            name, closing = self.open.pop()
            if self.skipping:
                self.skipping -= 1
            else:
                self._end(name, closing)
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.skipping:
            return
        if self.rows is not None and not self._in_cell():
            return
        self.out.append(data if self.verbatim else _SPACES.sub(" ", data))

    def _in_cell(self) -> bool:
        return any(name in ("td", "th", "caption") for name, _ in self.open)

    def _void(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag == "br":
            self.out.append("\n")
        elif tag == "img" and attrs.get("alt"):
            self.out.append(f"[{attrs['alt']}]")

    def _begin(self, tag: str, attrs: dict[str, str | None]) -> str:
        """Write what opens an element; return what closes it."""
        if tag == "a" and attrs.get("href"):
            self.out.append("[")
            return f"]({attrs['href']})"
        if tag in MARKS and not self.verbatim:
            self.out.append(MARKS[tag])
            return MARKS[tag]
        if _HEADING.fullmatch(tag):
            self._gap()
            self.out.append("#" * int(tag[1]) + " ")
        elif tag in ("ul", "ol"):
            if not self.lists:
                self._gap()
            self.lists.append(1 if tag == "ol" else None)
        elif tag == "li":
            self._item()
        elif tag == "dt":
            self.out.append("\n- ")
        elif tag == "pre":
            self._gap()
            self.out.append("```\n")
            self.verbatim = True
        elif tag == "table":
            self._gap()
            self.rows, self.mark = [], len(self.out)
        elif tag in ("tr", "td", "th", "caption"):
            self._cell(tag)
        elif tag == "blockquote":
            self._gap()
            self.mark = len(self.out)
        elif tag in BLOCKS and not self._in_cell() and not (self.lists and tag == "p"):
            self._gap()
            name = attrs.get("id") or ""
            if tag == "figure" and name in self.drawings:
                self.out.append(f"![{self.drawings[name]}]({self.folder}{name}.svg)\n\n")
        return ""

    def _end(self, tag: str, closing: str) -> None:
        if tag == "dt":  # a term is set off by a colon, a whole sentence by its own stop
            closing = " " if "".join(self.out[-3:]).rstrip().endswith((".", "?", "!")) else ": "
        self.out.append(closing)
        if _HEADING.fullmatch(tag) or (tag in BLOCKS and not self._in_cell() and not self.lists):
            self._gap()
        elif tag in ("ul", "ol"):
            self.lists.pop()
            if not self.lists:
                self._gap()
        elif tag == "pre":
            self.verbatim = False
            self.out.append("\n```\n\n")
        elif tag == "caption" and self.rows is not None:
            said = self._taken()
            self.out.append(f"**{said}**\n\n")
            self.mark = len(self.out)
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append(self._taken().replace("|", "\\|"))
        elif tag == "table" and self.rows is not None:
            rows, self.rows = self.rows, None
            self.out.append(_table(rows))
        elif tag == "blockquote":
            said = "".join(self.out[self.mark :]).strip()
            del self.out[self.mark :]
            self.out.append("".join(f"> {line}\n" for line in said.splitlines() if line.strip()) + "\n")

    def _item(self) -> None:
        number = self.lists[-1] if self.lists else None
        indent = "  " * (len(self.lists) - 1)
        self.out.append(f"\n{indent}{'-' if number is None else f'{number}.'} ")
        if number is not None:
            self.lists[-1] = number + 1

    def _line(self) -> None:
        """A line of its own: in a list an item below the item, in a cell a space, elsewhere a new paragraph."""
        if self._in_cell():
            self.out.append(" ")
        elif self.lists:
            self.out.append("\n" + "  " * len(self.lists) + "- ")
        else:
            self._gap()

    def _cell(self, tag: str) -> None:
        if tag == "tr" and self.rows is not None:
            self.rows.append([])
        self.mark = len(self.out)

    def _taken(self) -> str:
        """What was written since the mark, taken back, on one line."""
        said = " ".join("".join(self.out[self.mark :]).split())
        del self.out[self.mark :]
        return said

    def _gap(self) -> None:
        self.out.append("\n\n")


def _table(rows: list[list[str]]) -> str:
    rows = [row for row in rows if row]
    if not rows:
        return ""
    width = max(map(len, rows))
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * width, *lines[1:]]) + "\n\n"


def of(html: str, drawings: Mapping[str, str] | None = None, folder: str = "") -> str:
    """Return the body of a page as Markdown.

    `drawings` says by the name of a figure what it shows; its picture is taken from `folder`.
    """
    reader = _Reader(drawings or {}, folder)
    reader.feed(_DRAWN.sub("", html))  # most of a page's bytes and none of its words
    reader.close()
    blocks = "".join(reader.out).split("```")
    for at in range(0, len(blocks), 2):  # outside of code
        block = re.sub(r"[ \t]+\n", "\n", blocks[at])
        block = re.sub(r"\n[ \t]+(?=[^\s\-\d])", "\n", block)
        blocks[at] = re.sub(r"\n{3,}", "\n\n", block)
    return "```".join(blocks).strip() + "\n"
