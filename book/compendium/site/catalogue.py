"""The data catalogue: every table with its rows by status, its terms and its download, from the descriptors.

What its columns mean and where it comes from stands on the page of the table (`tablepages.py`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from compendium.evidence import paths, tables
from compendium.site import pages

DOWNLOADS = "_static/data"


class CatalogueDirective(SphinxDirective):
    """``{data-catalogue}`` lists every table of the data package as a section of its own."""

    def run(self) -> list[nodes.Node]:
        """Return one section for each table."""
        pages.depends(self.env, self.env.docname, data=_digest())
        return [self._section(name) for name in tables.names()]

    def _section(self, name: str) -> nodes.section:
        descriptor = tables.describe(name)
        section = nodes.section(ids=[name.replace("_", "-")], names=[name])
        section += nodes.title("", descriptor["title"])
        html = pages.render(
            "table.html",
            name=name,
            table=descriptor,
            rows=len(tables.read(name)),
            statuses=statuses(name),
            passages=passages(descriptor),
            up="../" * self.env.docname.count("/"),
            downloads=DOWNLOADS,
        )
        section += nodes.raw("", html, format="html")
        return section


def statuses(name: str) -> dict[str, int]:
    """How many rows of a table have each status, from the surest on; empty if it has none."""
    table = tables.read(name)
    if "status" not in table.columns:
        return {}
    counts = table["status"].value_counts()
    return {
        status: int(counts[status]) for status in ("read", "restated", "derived", "unverified") if status in counts
    }


def passages(descriptor: tables.Descriptor) -> tuple[int, int] | None:
    """How many rows hold the words that were read and how many hold none, if the table has them at all."""
    held = any(field["name"] == "passage" for field in descriptor["schema"]["fields"])
    return tables.passages(descriptor["name"]) if held else None


def _digest() -> str:
    return pages.digest([tables.describe(name) for name in tables.names()])


def outdated(app: Sphinx, env: BuildEnvironment, added: Any, changed: Any, removed: Any) -> set[str]:
    """The catalogue page, if a table changed."""
    return pages.outdated(env, data=_digest()) & env.all_docs.keys()


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Put the tables, their descriptor, the claims and the verdicts beside the pages for download."""
    if failed or app.builder.format != "html":
        return
    folder = Path(app.outdir) / DOWNLOADS
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in sorted(paths.DATA.iterdir()):
        if path.suffix in {".csv", ".json", ".yml"}:
            shutil.copyfile(path, folder / path.name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("data-catalogue", CatalogueDirective)
    app.connect("env-purge-doc", pages.forget)
    app.connect("env-get-outdated", outdated)
    app.connect("build-finished", publish)
    return {"parallel_read_safe": False, "version": "1"}
