"""Two clean builds in two folders must give the same bytes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from compendium.evidence import paths
from compendium.run import runtime

LEFT_OUT = {".venv", "_build", ".git", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", "node_modules"}


class NotReproducible(RuntimeError):
    """Two builds differ, or one failed; the message names the files."""


def build_twice(keep: Path | None = None) -> int:
    """Copy the book into two folders of different names, build each from nothing, compare; return the file count.

    Raises NotReproducible naming every file that differs. `keep` is a folder to work in instead of a temporary one.
    """
    with tempfile.TemporaryDirectory() as temporary:
        work = keep or Path(temporary)
        with contextlib.suppress(runtime.Unavailable, OSError):
            runtime.fetch()
        folders = [work / "first", work / "a-second-folder-of-another-name"]
        processes = [_build(folder) for folder in folders]
        for folder, process in zip(folders, processes, strict=True):
            output = process.communicate()[0]
            if process.returncode:
                raise NotReproducible(f"the build in {folder} failed:\n{output[-2000:]}")
        first, second = (digests(folder / "_build" / "html") for folder in folders)
    different = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
    if different:
        raise NotReproducible(f"{len(different)} of {len(first)} files differ: {', '.join(different[:20])}")
    return len(first)


def digests(site: Path) -> dict[str, str]:
    """The sha256 of every file of a site, by its path."""
    files = sorted(path for path in site.rglob("*") if path.is_file())
    return {path.relative_to(site).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def _build(folder: Path) -> subprocess.Popen[str]:
    shutil.copytree(paths.ROOT, folder, ignore=lambda _, names: LEFT_OUT & set(names))
    return subprocess.Popen(
        [sys.executable, "-m", "compendium", "build", "--quiet"],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(folder / "book"),
            "COMPENDIUM_WORKERS": "1",
            runtime.PLACE: str(runtime.folder()),  # fetched once, not by each
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
