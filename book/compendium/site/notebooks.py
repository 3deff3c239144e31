"""Each chapter as an executed notebook to take away: it opens and runs wherever the book's environment is."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from compendium.run import execute

FOLDER = "_downloads/notebooks"
KERNEL = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {
        "name": "python",
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "pygments_lexer": "ipython3",
    },
}


def portable(executed: execute.Executed) -> dict[str, Any]:
    """An executed page as a notebook of format 4.5: its cells and outputs, stable ids, no trace of the machine."""
    notebook = copy.deepcopy(executed.notebook)
    for number, cell in enumerate(notebook["cells"], 1):
        cell["id"] = f"cell-{number}"
        cell["metadata"] = {key: cell["metadata"][key] for key in ("tags",) if key in cell["metadata"]}
    return {"cells": notebook["cells"], "metadata": KERNEL, "nbformat": 4, "nbformat_minor": 5}


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Write the notebooks beside the pages."""
    if failed or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for executed in app.__dict__.get("compendium_executed", {}).values():
        text = json.dumps(portable(executed), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        (folder / f"{executed.page.chapter}.ipynb").write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", publish, priority=840)
    return {"parallel_read_safe": False, "version": "1"}
