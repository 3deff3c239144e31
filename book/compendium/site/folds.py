"""Folds: a section "For referees" stands closed, its heading to press, its link and its contents as before.

A browser opens a fold by itself where a link leads to something inside, and where a reader's search finds a word;
`reading.js` opens the one whose own heading a link leads to, and `site.css` prints all of them open.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

HEADING = "For referees"
OPENING = '<details class="fold"><summary>'
CLOSING = "</details>"
UNFOLDED = "unfolded"  # the class of a node that stands after the contents of the last section, never in its fold
_LINK = re.compile(
    rf'({OPENING}\s*<h\d>(?:(?!</summary>).)*?)(<a class="headerlink"[^>]*>.*?</a>)(</h\d>\s*</summary>)'
)


class FoldSections(SphinxPostTransform):
    """Put what a section for referees holds, and no more, into a fold."""

    default_priority = 300
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Wrap the sections; each keeps its id, so that every link to it holds."""
        for section in list(self.document.findall(is_for_referees)):
            section.insert(0, nodes.raw("", OPENING, format="html"))
            section.insert(2, nodes.raw("", "</summary>", format="html"))
            section.insert(_end(section), nodes.raw("", CLOSING, format="html"))


def _end(section: nodes.section) -> int:
    """Where the contents of a section end: what belongs to the whole page comes after them."""
    apart = [
        at
        for at, node in enumerate(section.children)
        if isinstance(node, nodes.Element) and UNFOLDED in node["classes"]
    ]
    return min(apart, default=len(section))


def is_for_referees(node: nodes.Node) -> bool:
    """Whether a node is a section that stands folded; one inside another is open with it."""
    if not isinstance(node, nodes.section) or not isinstance(node.parent, nodes.section):
        return False
    return _is_titled(node) and not any(map(_is_titled, _above(node)))


def is_folded(section: nodes.section) -> bool:
    """Whether a section stands in a fold, or is one."""
    return any(map(_is_titled, [section, *_above(section)]))


def _is_titled(section: nodes.Element) -> bool:
    title = section.next_node(nodes.title, descend=True, siblings=False)
    return title is not None and title.parent is section and title.astext().startswith(HEADING)


def _above(node: nodes.Element) -> list[nodes.Element]:
    above = []
    while isinstance(node.parent, nodes.section):
        node = node.parent
        above.append(node)
    return above


def move_links(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the link to a folded section into the fold: no link stands in what is itself pressed."""
    if OPENING in context.get("body", ""):
        context["body"] = _LINK.sub(r"\1\3\2", context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_post_transform(FoldSections)
    app.connect("html-page-context", move_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
