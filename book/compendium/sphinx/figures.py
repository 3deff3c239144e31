"""Figures on the page: numbered, captioned, with their data for download; live ones with their chart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from compendium import figures
from compendium.sphinx import pages

DATA_FOLDER = "_static/figure-data"
SCRIPT = "live.js"


class FigureRenderer:
    """Turns a figure output of a notebook into a numbered figure of the page."""

    mime_priority_overrides = (("*", figures.MIME, 1),)

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Return the figure for an output that the figures package made; None for any other."""
        if data.mime_type != figures.MIME:
            return None
        figure = figures.Figure(**data.content)
        document = renderer.renderer.document
        env: BuildEnvironment = document.settings.env
        owner = env.__dict__.setdefault("compendium_figures", {})
        if owner.get(figure.name, {}).get("docname", env.docname) != env.docname:
            raise ExtensionError(f"figure {figure.name}: the name stands in {owner[figure.name]['docname']} too")
        owner[figure.name] = {"docname": env.docname, "csv": figure.csv, "live": bool(figure.spec)}
        up = "../" * env.docname.count("/")
        parts = {
            "figure": figure,
            "data_address": f"{up}{DATA_FOLDER}/{figure.name}.csv",
            "maker_address": f"{up}_sources/{env.docname}.md",
        }
        node = nodes.figure(classes=["live" if figure.spec else "plot"])
        node.source, node.line = document["source"], data.line
        node["names"].append(figure.name)
        document.note_explicit_target(node, node)
        node += nodes.raw("", pages.render("figure.html", **parts), format="html")
        caption = nodes.caption("", "", nodes.strong("", figure.title))
        caption.source, caption.line = document["source"], data.line
        node += caption
        node += nodes.legend("", nodes.paragraph("", figure.subtitle, classes=["figure-subtitle"]))
        return [node]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop the figures of a page that is read again."""
    known = env.__dict__.get("compendium_figures", {})
    for name in [name for name, record in known.items() if record["docname"] == docname]:
        del known[name]


def add_script(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script of live figures on the pages that have one."""
    known = app.env.__dict__.get("compendium_figures", {}).values()
    if any(record["live"] and record["docname"] == pagename for record in known):
        app.add_js_file(SCRIPT, loading_method="defer")


def write_data(app: Sphinx, failed: Exception | None) -> None:
    """Write the rows behind every figure as CSV."""
    if failed or app.builder.format != "html":
        return
    folder = Path(app.outdir) / DATA_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    known = app.env.__dict__.get("compendium_figures", {})
    for stale in folder.glob("*.csv"):
        if stale.stem not in known:
            stale.unlink()
    for name, record in sorted(known.items()):
        (folder / f"{name}.csv").write_text(record["csv"], encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("env-purge-doc", forget)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_data)
    return {"parallel_read_safe": False, "version": "1"}
