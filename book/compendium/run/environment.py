"""The conda form of the locked environment, derived from `pyproject.toml` and `requirements.lock`."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from compendium.evidence import paths

PYTHON = "3.11"
FILE = "environment.yml"

# Packages that are taken from the Python index: conda-forge has them under another name, or not at all.
ONLY_PIP = {"axe-playwright-python", "playwright", "rocrate", "types-pyyaml", "hatchling", "editables"}

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")


def locked(lock: str, python: str = PYTHON) -> dict[str, str]:
    """The version of every package that a lock pins for one Python, by canonical name."""
    from packaging.markers import Marker, default_environment
    from packaging.utils import canonicalize_name

    environment: dict[str, Any] = {
        **default_environment(),
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    pins: dict[str, str] = {}
    for line in lock.splitlines():
        found = _PIN.match(line)
        if found and (not found[3] or Marker(found[3]).evaluate(environment)):
            pins[canonicalize_name(found[1])] = found[2]
    return pins


def conda_form(root: Path = paths.ROOT) -> str:
    """The text of `environment.yml`: every direct dependency at its locked version."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = locked((root / "requirements.lock").read_text(encoding="utf-8"))
    wanted = list(project["dependencies"]) + [
        r for extra in project["optional-dependencies"].values() for r in extra
    ]
    names = sorted({canonicalize_name(Requirement(text).name) for text in wanted})
    conda = [f"  - {name}={pins[name]}" for name in names if name not in ONLY_PIP]
    pip = [f"      - {name}=={pins[name]}" for name in names if name in ONLY_PIP]
    head = [
        "# The conda form of requirements.lock. Written by `make lock`; a test keeps the two equal.",
        "name: compendium",
        "channels: [conda-forge]",
        "dependencies:",
        f"  - python={PYTHON}",
        "  - pip",
    ]
    return "\n".join([*head, *conda, "  - pip:", *pip, "      - -e .", ""])


def write(root: Path = paths.ROOT) -> Path:
    """Write `environment.yml` beside the lock."""
    path = root / FILE
    path.write_text(conda_form(root), encoding="utf-8")
    return path
