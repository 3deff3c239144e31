"""Kernels forked from one process: fresh, apart from each other, and gone when they are told or alone."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from compendium.evidence import paths
from compendium.run import kernels

pytestmark = pytest.mark.skipif(not kernels.FORKS, reason="kernels are forked on Linux only")

SCRIPT = """
import json, sys
import nbformat
from nbclient import NotebookClient
from compendium.run import kernels

kernels.warm_up()
cells = ["import os, sys; kept = globals().get('kept', 0) + 1; print(kept)",
         "print('compendium' in sys.modules, 'altair' in sys.modules, os.getpid() == os.getpgid(0), os.getcwd())",
         "print(os.environ['PYTHONHASHSEED'], os.environ['PYTHONPATH'].split(os.pathsep)[0])"]
found = []
for folder in sys.argv[1:]:
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    client = NotebookClient(book, kernel_manager_class=kernels.manager(), kernel_name="python3",
                            resources={"metadata": {"path": folder}})
    client.execute()
    found.append([cell.outputs[0].text.split() for cell in book.cells])
    kernels.forget(client)
print(json.dumps(found))
"""


def test_each_forked_kernel_is_fresh_and_knows_libraries_but_nothing_of_the_book(tmp_path: Path) -> None:
    import json

    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SCRIPT), *map(str, folders)],
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    for folder, (count, state, environment) in zip(folders, json.loads(done.stdout.splitlines()[-1]), strict=True):
        assert count == ["1"]
        assert state == ["False", "True", "True", str(folder)]
        assert environment == ["0", str(paths.BOOK)]


def test_a_forked_process_can_be_killed_and_is_known_to_be_gone() -> None:
    process = kernels.Forked(["--help"], None, dict(os.environ))
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert process.poll() == 0 == process.wait()
    process.kill()
    process.terminate()


def test_every_command_computes_on_one_thread_a_process() -> None:
    """numpy reads the number of its threads when it is loaded; set later, workers fight over the cores."""
    program = (
        "import os, sys\n"
        "from compendium import cli\n"
        "try:\n    cli.main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'], os.environ['OMP_NUM_THREADS'])\n"
    )
    inherited = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    ran = subprocess.run(
        [sys.executable, "-c", program], env=inherited, cwd=paths.ROOT, capture_output=True, text=True
    )
    assert ran.stdout.splitlines()[-1] == "False 1 1", ran.stderr
