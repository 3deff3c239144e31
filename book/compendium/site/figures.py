"""Figures on the page: numbered, captioned, with their data for download; live ones with their chart."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError

from compendium import figures
from compendium.figures.controls import Control
from compendium.figures.forpage import for_page
from compendium.site import cells, definitions, living, pages, taken

SCRIPT = "live.js"
AT_ONCE, BESIDE_A_FOLD = 4, 3  # controls that a phone shows: all of so few, else so many and the rest folded


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
        owner[figure.name] = {
            "docname": env.docname,
            "csv": figure.csv,
            "live": bool(figure.spec),
            "title": figure.title,
            "more": figure.more,
        }
        maker = definitions.maker(figure.made_by)
        up = "../" * env.docname.count("/")
        parts = {
            "figure": figure,
            "drawings": [_silent(figure.svg), _silent(figure.narrow)],
            "live": live_parts(figure) if figure.spec else None,
            "living": living.beside(env.app, env.docname, figure),
            "data_address": f"{up}{pages.DATA_FOLDER}/{figure.name}.csv",
            "makers": [maker] if maker else [],
            "docname": env.docname,
            "up": up,
            "code": cells.code_id(figure.name),
            "page_source": f"{up}_sources/{env.docname}.md",
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


def _silent(svg: str) -> str:
    """A drawing of which there are two: what surrounds both has their name."""
    return re.sub(r' role="img" aria-label="[^"]*"', ' aria-hidden="true"', svg, count=1)


def live_parts(figure: figures.Figure) -> dict[str, Any]:
    """What the template shows of a live figure; lists of choices to strike out stand folded, all together."""
    made = for_page(figure)
    return {
        "sentence": made.sentence,
        "height": made.height,
        "spec": made.spec,
        "drawing": made.drawing,
        **folded(made.controls),
    }


def folded(controls: tuple[Control, ...]) -> dict[str, tuple[Control, ...]]:
    """The controls that stand open on a phone, and those that a press unfolds there."""
    if any(control.struck for control in controls):
        shown = 0
    else:
        shown = len(controls) if len(controls) <= AT_ONCE else BESIDE_A_FOLD
    return {"shown": controls[:shown], "folded": controls[shown:]}


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
    """Write the rows behind every figure as CSV, and as scripts what a page loads later: a disk serves no other."""
    if failed or app.builder.format != "html":
        return
    folder = Path(app.outdir) / pages.DATA_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    known = app.env.__dict__.get("compendium_figures", {})
    for stale in (*folder.glob("*.csv"), *folder.glob("*.js")):
        if stale.name.partition(".")[0] not in known:
            stale.unlink()
    for name, record in sorted(known.items()):
        (folder / f"{name}.csv").write_text(record["csv"], encoding="utf-8")
        rows = (
            f"(window.figureRows ??= {{}})[{json.dumps(name)}] = {json.dumps(record['csv'], ensure_ascii=False)};\n"
        )
        (folder / f"{name}.rows.js").write_text(rows, encoding="utf-8")
        if record["more"]:
            (folder / f"{name}.js").write_text(f"window.figureData = {record['more']};\n", encoding="utf-8")
    if app.builder.name == "html":
        taken.write_kit(app)
        taken.write_pages(app, known)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("env-purge-doc", forget)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_data)
    return {"parallel_read_safe": False, "version": "1"}
