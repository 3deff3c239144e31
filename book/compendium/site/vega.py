"""The charts' runtime: Vega with its interpreter of expressions, cut to what compiled figures ask for.

It comes out of the wheel of vl-convert, which the lock pins by its hash, so that pages run the very code that drew
the printed forms. Vega-Lite stays behind: figures are compiled when the book is built (`figures.forpage`).
"""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path

from sphinx.application import Sphinx

from compendium.site import pages

BUNDLE = "vega.js"

# The modules as the wheel has them. Not: force, hierarchy, label, regression, voronoi, wordcloud, crossfilter.
_FROM = "https://cdn.jsdelivr.net/npm/vega-{}/+esm"
_TAKEN = {
    "util@2.1.0": "{ extend }",
    "dataflow@6.1.0": "{ transforms }",
    "transforms@5.1.0": "* as data",
    "view-transforms@5.1.0": "* as views",
    "encode@5.1.0": "* as encode",
    "geo@5.1.0": "* as geo",
    "parser@7.1.0": "{ parse }",
    "view@6.1.0": "{ View }",
    "interpreter@2.0.0": "{ expressionInterpreter }",
}
_PROGRAM = (
    "".join(f'import {names} from "{_FROM.format(module)}";\n' for module, names in _TAKEN.items())
    + "extend(transforms, data, views, encode, geo);\n"
    + "window.vega = { parse, View, expressionInterpreter };\n"
)


def write_bundle(app: Sphinx) -> None:
    """Write the runtime as one script beside the pages, unless it stands there already."""
    target = Path(app.outdir, "_static", BUNDLE)
    banner = f"/* Vega from vl-convert {metadata.version('vl-convert-python')}: {len(_TAKEN)} modules */\n"
    if target.exists():
        with target.open(encoding="utf-8") as bundle:
            if bundle.readline() == banner:
                return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{banner}{_bundle(banner)}", encoding="utf-8")


def _bundle(banner: str) -> str:
    """The script: bundled once for each version and program, and kept."""
    record = pages.kept(f"vega-{hashlib.sha256((banner + _PROGRAM).encode()).hexdigest()[:16]}.js")
    if not record.exists():
        import vl_convert

        draft = record.with_suffix(".draft")
        draft.write_text(f"(() => {{\n{vl_convert.javascript_bundle(_PROGRAM)}\n}})();\n", encoding="utf-8")
        draft.replace(record)
    return record.read_text(encoding="utf-8")
