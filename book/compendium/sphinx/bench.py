"""The bench in the page: the chapter's own module, run in the reader's browser on the chapter's own data.

The module that runs is the file of the package. Pyodide's core comes from the npm registry when the book is built,
checked against its hash, and is loaded by a page only when the reader presses the button. Where it cannot be had
the book is built without it and says so.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import html
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from compendium import claims, execute, paths, tables
from compendium.sphinx import pages
from compendium.sphinx.claims import plain, rests_on, verdicts

PYODIDE = "pyodide@314.0.7"
INTEGRITY = "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
CACHE = paths.BUILD / "pyodide"
FOLDER = "_static/bench"

logger = logging.getLogger(__name__)


class BenchDirective(SphinxDirective):
    """``{bench}`` holds a short script that calls a module of the package; the reader edits and runs it.

    Options: `modules` the modules it calls, `tables` the tables it reads as ``DATA["name"]`` (lists of rows),
    `number` the published number (claim.name) to show beside the variable `result`.
    """

    has_content = True
    option_spec: ClassVar = {
        "modules": directives.unchanged_required,
        "tables": directives.unchanged,
        "number": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """Return the bench, or the word that this build has none."""
        modules = self.options["modules"].split()
        for module in modules:
            if not (execute.PACKAGE / f"{module}.py").exists():
                raise self.error(f"bench: there is no module {module!r} in the package")
            missing = needs(module) - {f"compendium.{name}" for name in modules}
            if missing:
                raise self.error(
                    f"bench: {module} imports {', '.join(sorted(missing))}; a page runs only the standard library "
                    "and the modules that the bench names"
                )
        claim_id, _, name = self.options["number"].partition(".")
        claim = claims.registry().claims.get(claim_id)
        if claim is None or name not in claim.numbers:
            raise self.error(f"bench: no number {self.options['number']!r} in claims.yml")
        found = verdicts(self.env.app).get(claim_id)
        here = self.env.docname
        rests_on(self.env.app, here, claim_id)
        self.env.__dict__.setdefault("compendium_benches", {})[here] = modules
        job = {
            "modules": modules,
            "tables": {table: tables.describe(table)["path"] for table in self.options.get("tables", "").split()},
        }
        value = found.numbers[name] if found else None
        text = pages.render(
            "bench.html",
            job=html.escape(json.dumps(job, sort_keys=True)),
            script="\n".join(self.content),
            published=value,
            shown=plain(value, claim.numbers[name].unit) if found else claims.PENDING,
            meaning=claim.numbers[name].meaning,
            tolerance=claim.numbers[name].tolerance,
            up="../" * here.count("/"),
            available=core() is not None,
        )
        return [nodes.raw("", text, format="html")]


def needs(module: str) -> set[str]:
    """What a module of the package imports besides the standard library, as dotted names."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((execute.PACKAGE / f"{module}.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "compendium":
            found |= {f"compendium.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name for name in found if name.split(".")[0] not in sys.stdlib_module_names}


def core() -> Path | None:
    """The folder of Pyodide's core, fetched once and checked; None if it cannot be had here."""
    mark = CACHE / "integrity"
    if mark.exists() and mark.read_text(encoding="utf-8") == INTEGRITY:
        return CACHE
    npm = shutil.which("npm")
    if npm is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [npm, "pack", PYODIDE, "--silent"], cwd=folder, capture_output=True, text=True, timeout=120, check=False
        )
        packed = next(Path(folder).glob("*.tgz"), None)
        if done.returncode or packed is None:
            return None
        found = "sha512-" + base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            logger.warning("bench: %s differs from its hash; the book is built without it", PYODIDE)
            return None
        shutil.rmtree(CACHE, ignore_errors=True)
        CACHE.mkdir(parents=True)
        with tarfile.open(packed) as archive:
            for name in CORE:
                member = archive.extractfile(f"package/{name}")
                if member is None:
                    raise FileNotFoundError(f"bench: {PYODIDE} has no {name}")
                (CACHE / name).write_bytes(member.read())
    mark.write_text(INTEGRITY, encoding="utf-8")
    return CACHE


def tell(app: Sphinx) -> None:
    """Say on the terminal if this build has no bench."""
    if core() is None:
        logger.info("note: npm or its registry is not at hand; the book is built without the bench in the page")


def forget(app: Sphinx, env: Any, docname: str) -> None:
    """Drop the bench of a page that is read again."""
    env.__dict__.get("compendium_benches", {}).pop(docname, None)


def add_script(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the bench's small script on the pages that have one."""
    if pagename in app.env.__dict__.get("compendium_benches", {}):
        app.add_js_file("bench.js", loading_method="defer")


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Put the core and the modules beside the pages: the modules are the package's own files."""
    benches = app.env.__dict__.get("compendium_benches", {})
    if failed or app.builder.name != "html" or not benches:
        return
    target = Path(app.outdir) / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    (target / "compendium").mkdir(parents=True)
    for module in sorted({"__init__"}.union(*benches.values())):
        shutil.copyfile(execute.PACKAGE / f"{module}.py", target / "compendium" / f"{module}.py")
    folder = core()
    if folder:
        for name in CORE:
            shutil.copyfile(folder / name, target / name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("bench", BenchDirective)
    app.connect("builder-inited", tell, priority=950)
    app.connect("env-purge-doc", forget)
    app.connect("html-page-context", add_script)
    # Before the scan for foreign hosts, which reads every file of the site.
    app.connect("build-finished", publish, priority=850)
    return {"parallel_read_safe": False, "version": "1"}
