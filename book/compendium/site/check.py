"""The box at the end of every chapter: the command that re-executes it, its tables, the data of its figures."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.run import program
from compendium.site import bench, definitions, folds, notebooks, pages, source
from compendium.trial import claims


class CheckDirective(SphinxDirective):
    """``{check-yourself}`` at the end of a chapter: how to re-execute this chapter alone, and from which data."""

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        chapter = self.env.docname.rsplit("/", 1)[-1]
        text = (self.env.srcdir / f"{self.env.docname}.md").read_text(encoding="utf-8")
        drawn = self.env.__dict__.get("compendium_figures", {})
        html = pages.render(
            "check-yourself.html",
            chapter=chapter,
            claims=claims.registry().of_chapter(chapter),
            tables=program.tables_read(text),
            figures=[name for name, record in drawn.items() if record["docname"] == self.env.docname],
            up="../" * self.env.docname.count("/"),
            folder=pages.DATA_FOLDER,
            notebooks=notebooks.FOLDER,
            module=definitions.find(f"compendium.chapters.{chapter}"),
            docname=self.env.docname,
            index=source.INDEX,
            verify=bench.of_chapter(self.env, self.env.docname),
        )
        return [nodes.raw("", html, format="html", classes=[folds.UNFOLDED])]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("check-yourself", CheckDirective)
    return {"parallel_read_safe": False, "version": "1"}
