"""The continuous integration installs what a machine has not, each by itself, and nothing that it has."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from compendium.evidence import paths

SCRIPT = paths.ROOT / ".ci" / "run"
HAS = {
    "chromium": "chromium",
    "pdftotext": "poppler-utils",
    "epubcheck": "epubcheck",
    "Rscript": "r-base-core",
    "ordinal": "r-cran-ordinal",
    "sandwich": "r-cran-sandwich",
}
IN_R = ("ordinal", "sandwich")


def installed(folder: Path, absent: set[str]) -> list[str]:
    """What the script installs on a machine that has all but these; no program but the stubs is in its reach."""
    done = folder / "asked"
    there = {name for name in HAS if name not in absent and name not in IN_R}
    asks = " ".join(f"*\"'{name}'\"*) exit 1;;" for name in IN_R if name in absent)
    stubs = {name: f'case "$*" in {asks or "-) ;;"} esac' if name == "Rscript" else ":" for name in there}
    stubs |= {"make": ":", "apt-get": f'[ "$1" = install ] && echo "$*" >> {done} || :'}
    for name, body in stubs.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    for name in ("dirname", "sh"):
        (folder / name).symlink_to(str(shutil.which(name)))
    bash = str(shutil.which("bash"))
    subprocess.run([bash, str(SCRIPT)], env={"PATH": str(folder)}, check=True, capture_output=True)
    words = done.read_text(encoding="utf-8").split() if done.exists() else []
    return sorted(word for word in words if word in HAS.values())


@pytest.mark.skipif(os.name != "posix" or not shutil.which("bash"), reason="no bash: the script was NOT run")
@pytest.mark.parametrize("absent", [(), *((name,) for name in HAS), ("epubcheck", "sandwich"), tuple(HAS)])
def test_what_is_missing_is_installed_and_nothing_else(tmp_path: Path, absent: tuple[str, ...]) -> None:
    lacking = {*absent, *(IN_R if "Rscript" in absent else ())}  # without R its packages cannot be asked for
    assert installed(tmp_path, set(absent)) == sorted(HAS[name] for name in lacking)
