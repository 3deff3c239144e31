"""Chapters are notebooks wherever notebooks are opened: code cells, figures and verdicts outside the site too."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from compendium import figures
from compendium.evidence import paths
from compendium.figures import palette
from compendium.run import execute
from compendium.site import notebooks
from compendium.trial import claims, verdicts

CHAPTERS = [pytest.param(page, id=page.chapter) for page in execute.pages()]
DOWNLOADS = paths.ROOT / "_build" / "html" / notebooks.FOLDER


def sources(cells: list[Any]) -> list[str]:
    return [cell["source"] for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("page", CHAPTERS)
def test_jupyter_reads_a_page_as_the_same_code_cells_as_the_book(page: execute.Page) -> None:
    opened = jupytext.read(page.path)
    assert sources(opened.cells) == sources(execute.read(page.path).cells) != []
    assert opened.metadata["kernelspec"]["name"] == "python3"


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_page_without_its_front_matter_for_jupyter_would_open_as_text(page: execute.Page, tmp_path: Path) -> None:
    bare = tmp_path / "page.md"
    bare.write_text(page.path.read_text(encoding="utf-8").replace("    extension: .md\n", ""), encoding="utf-8")
    assert sources(jupytext.read(bare).cells) == []


def test_jupytext_executes_a_page_from_any_folder(tmp_path: Path) -> None:
    page = execute.find(["recapture"])[0]
    made = tmp_path / "recapture.ipynb"
    command = [sys.executable, "-m", "jupytext", "--to", "ipynb", "--execute", "-o", str(made), str(page.path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    outputs = [output for cell in nbformat.read(made, 4).cells for output in cell.get("outputs", [])]
    assert sum("image/svg+xml" in output.get("data", {}) for output in outputs) >= 2


def test_a_figure_outside_the_site_is_drawn_in_plain_colours() -> None:
    drawing, axis = figures.canvas(height=1)
    axis.plot([0, 1], [0, 1], color=palette.SECOND)
    figure = figures.static(
        drawing,
        name="plain",
        title="t",
        subtitle="s",
        alt="a line that rises from the left to the right",
        source="s",
        data=pd.DataFrame({"x": [1]}),
    )
    shown = figure._repr_mimebundle_()
    assert "var(--fig-second)" in shown[figures.MIME]["svg"]
    assert "var(--" not in shown["image/svg+xml"] and palette.SECOND in shown["image/svg+xml"]
    assert palette.with_variables(shown["image/svg+xml"]) == shown[figures.MIME]["svg"]


@pytest.mark.parametrize("claim", claims.registry().claims)
def test_a_verdict_outside_the_site_is_a_card(claim: str) -> None:
    verdict = verdicts.published()[claim]
    card = verdict._repr_mimebundle_()["text/html"]
    assert verdict.verdict in card and claims.registry()[claim].title.replace("'", "&#x27;") in card
    for name in verdict.parts:
        assert name.split("<")[0].split("'")[0] in card


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_notebook_to_take_away_holds_every_figure_and_verdict(page: execute.Page) -> None:
    taken = nbformat.read(DOWNLOADS / f"{page.chapter}.ipynb", 4)
    nbformat.validate(taken)
    # What JupyterLab and VS Code choose a kernel and a language by.
    assert taken.metadata.kernelspec["name"] == "python3" and taken.metadata.kernelspec["language"] == "python"
    assert sources(taken["cells"]) == sources(execute.read(page.path).cells)
    bundles = [output.get("data", {}) for cell in taken["cells"] for output in cell.get("outputs", [])]
    assert all("image/svg+xml" in bundle for bundle in bundles if figures.MIME in bundle)
    reached = {bundle[verdicts.MIME]["claim"] for bundle in bundles if verdicts.MIME in bundle}
    assert reached == {claim.id for claim in claims.registry().of_chapter(page.chapter)}
    assert str(paths.ROOT) not in json.dumps(taken)


@pytest.mark.parametrize("chapter", ["law", pytest.param("numbers", marks=pytest.mark.check)])
def test_the_notebook_to_take_away_runs_elsewhere(chapter: str, tmp_path: Path) -> None:
    taken = nbformat.read(DOWNLOADS / f"{chapter}.ipynb", 4)
    for cell in taken.cells:
        cell.pop("outputs", None)
        if cell.cell_type == "code":
            cell.outputs = []
    ran = NotebookClient(
        taken, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}, timeout=120
    ).execute()
    found = [
        output.data[verdicts.MIME]
        for cell in ran.cells
        for output in cell.get("outputs", [])
        if verdicts.MIME in output.get("data", {})
    ]
    published = verdicts.published()
    expected = {claim.id: published[claim.id].verdict for claim in claims.registry().of_chapter(chapter)}
    assert {verdict["claim"]: verdict["verdict"] for verdict in found} == expected != {}
