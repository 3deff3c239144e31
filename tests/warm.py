"""A Python that has imported the libraries, and forks to run `python -m compendium` in a small book.

The command is the same program on the same files: the package is imported by the fork, from the book's own folder.
Only the second that it takes to import pandas and Jupyter's libraries is not spent again for each command, nor the
seconds that Jupyter Book takes to start (`warm_pages`).
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import warm_pages

LIBRARIES = (
    "jupyter_cache.cache.main",
    "myst_nb.core.read",
    "myst_parser.config.main",
    "nbclient",
    "nbformat",
    "pandas",
)
_server: subprocess.Popen[str] | None = None


def run(arguments: Sequence[str], cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run` would return of `python -m compendium` with these arguments."""
    global _server
    if _server is None or _server.poll() is not None:
        pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        _server = subprocess.Popen([sys.executable, __file__], **pipes)
    assert _server.stdin is not None and _server.stdout is not None
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        at = [f"/proc/{os.getpid()}/fd/{file.fileno()}" for file in (out, err)]
        pages = warm_pages.place()
        print(json.dumps([list(arguments), str(cwd), env, *at, pages]), file=_server.stdin, flush=True)
        status = os.waitstatus_to_exitcode(int(_server.stdout.readline()))
        texts = [file.read() for file in (out, err) if file.seek(0) == 0]
    return subprocess.CompletedProcess(list(arguments), status, *texts)


def _serve() -> None:
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]  # as the package does
    for library in LIBRARIES:
        importlib.import_module(library)
    assert not [name for name in sys.modules if name.partition(".")[0] == "compendium"]
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            return _become(*json.loads(line))
        print(os.waitpid(child, 0)[1], flush=True)


def _become(arguments: list[str], cwd: str, env: dict[str, str], out: str, err: str, pages: str) -> None:
    """Go on as the process that `python -m compendium` would be, until it ends."""
    for descriptor, name in enumerate((os.devnull, out, err)):
        opened = os.open(name, os.O_RDWR)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = ["compendium", *arguments]
    sys.path[:1] = [cwd, *env["PYTHONPATH"].split(os.pathsep)]
    warm_pages.asked_for(pages)
    status = 0
    try:
        runpy.run_module("compendium", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        status = int(end.code or 0)
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _serve()
