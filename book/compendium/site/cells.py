"""Code cells that do not interrupt: their code is in the page, and shown when a reader asks for it.

A switch at the top of the page shows all of it, the link "Code" at a figure its own cell. Both are plain HTML and
stylesheet, so that they work without script; `reading.js` remembers the switch.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

from compendium.site import pages


def code_id(figure: str) -> str:
    """The id of the code that makes a figure."""
    return f"code-of-{figure}"


class QuietCells(SphinxPostTransform):
    """Hide the code of cells tagged `hide-input`; a cell that shows nothing else takes no room."""

    default_priority = 190  # before MyST-NB makes a row of every hidden input
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Mark the cells, and give the code of each figure its address."""
        for cell in self.document.findall(is_cell):
            shown = [child for child in cell if "cell_input" not in child["classes"]]
            drawn = [name for child in shown for figure in child.findall(nodes.figure) for name in figure["ids"]]
            code = next((child for child in cell if "cell_input" in child["classes"]), cell)
            code["ids"] += [code_id(name) for name in drawn]
            if cell.get("hide_mode") != "input" or code is cell:
                continue
            del cell["hide_mode"]
            cell["classes"] += ["quiet"] if any(map(_is_seen, shown)) else ["quiet", "silent"]
            if drawn:
                code += nodes.raw("", pages.render("code-close.html", figure=drawn[0]), format="html")


def is_cell(node: nodes.Node) -> bool:
    """Whether a node is a code cell with its outputs."""
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def _is_seen(output: nodes.Element) -> bool:
    return any(True for child in output.findall(lambda node: isinstance(node, nodes.raw | nodes.Text)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_post_transform(QuietCells)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
