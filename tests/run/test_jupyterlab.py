"""A reviewer opens a chapter in JupyterLab, runs it, and sees its figures and its verdict."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compendium.evidence import paths
from compendium.run import execute, program
from compendium.trial import verdicts

CHAPTER = "law"
START, RUN = 90, 240  # seconds at most


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab on the loopback, with settings of its own, as `make lab` starts it."""
    home = tmp_path_factory.mktemp("jupyter")
    places = {"CONFIG_DIR": "config", "DATA_DIR": "data", "RUNTIME_DIR": "runtime"}
    environment = {**os.environ, **{f"JUPYTER_{name}": str(home / folder) for name, folder in places.items()}}
    environment |= {f"JUPYTERLAB_{name}_DIR": str(home / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    viewer = [str(Path(sys.executable).with_name("jupytext-config")), "set-default-viewer", "myst", "markdown"]
    subprocess.run(viewer, env=environment, check=True, capture_output=True)
    # Jupyter saves what it opens in a form of its own: a copy, so that the book's page stays as it is.
    shutil.copy(execute.find([CHAPTER])[0].path, home / f"{CHAPTER}.md")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="]
    command = [sys.executable, "-m", "jupyterlab", *options, f"--ServerApp.root_dir={home}"]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(f"http://127.0.0.1:{port}/api")
        yield f"http://127.0.0.1:{port}/lab/tree"
    finally:
        server.terminate()
        server.wait(20)


def _await(address: str) -> None:
    for _ in range(2 * START):
        try:
            urllib.request.urlopen(address)
            return
        except urllib.error.URLError:
            time.sleep(0.5)
    pytest.fail(f"JupyterLab did not answer at {address}")


@pytest.mark.browser
@pytest.mark.check
def test_a_chapter_opens_runs_and_shows_figures_and_verdict(lab: str, browser: Any) -> None:
    page = execute.find([CHAPTER])[0]
    certificate = json.loads((paths.DATA / "certificate.json").read_text(encoding="utf-8"))
    cells, figures = program.cells(page.path.read_text("utf-8")), certificate["chapters"][CHAPTER]["figures"]
    shown = browser.new_page(viewport={"width": 1400, "height": 1000})
    shown.goto(f"{lab}/{CHAPTER}.md?reset")
    shown.locator(".jp-CodeCell").first.wait_for(timeout=1000 * START)
    shown.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=1000 * START)
    shown.get_by_role("menuitem", name="Run", exact=True).click()
    shown.get_by_text("Run All Cells", exact=True).click()
    card = shown.get_by_role("heading", name=verdicts.published()["as-murder"].verdict)
    card.wait_for(timeout=1000 * RUN, state="attached")
    assert shown.locator(".jp-CodeCell").count() == len(cells)
    assert shown.locator(".jp-OutputArea svg[role=img], .jp-RenderedSVG img").count() == figures
    assert shown.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
    shown.close()
