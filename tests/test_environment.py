"""The lock, the conda form and the package agree; the set-up says in one line what is wrong."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from compendium import environment, paths

BOOTSTRAP = Path("book/compendium/bootstrap.py")


def test_environment_yml_is_the_conda_form_of_the_lock() -> None:
    assert (paths.ROOT / "environment.yml").read_text(encoding="utf-8") == environment.conda_form()


def test_environment_yml_pins_what_the_lock_pins() -> None:
    raw = yaml.safe_load((paths.ROOT / "environment.yml").read_text(encoding="utf-8"))
    pins = environment.locked((paths.ROOT / "requirements.lock").read_text(encoding="utf-8"))
    conda = dict(line.split("=") for line in raw["dependencies"] if isinstance(line, str) and "=" in line)
    pip = dict(line.split("==") for line in raw["dependencies"][-1]["pip"] if "==" in line)
    assert conda.pop("python") == "3.11"
    assert {**conda, **pip} == {name: pins[name] for name in {**conda, **pip}}


def test_every_dependency_is_locked_within_its_range() -> None:
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pins = environment.locked((paths.ROOT / "requirements.lock").read_text(encoding="utf-8"))
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    for text in [*project["dependencies"], *extras]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), text


def test_every_locked_package_has_hashes() -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (paths.ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert len(blocks) > 100
    assert [block.split("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_markers_choose_the_version_for_the_python() -> None:
    lock = "a==1.0 ; python_full_version < '3.12' \\\n    --hash=x\na==2.0 ; python_full_version >= '3.12' \\\n"
    assert environment.locked(lock, "3.11") == {"a": "1.0"}
    assert environment.locked(lock, "3.13") == {"a": "2.0"}


# ---------------------------------------------------------------- set-up on a bare machine


def old_python() -> str | None:
    names = [f"python3.{minor}" for minor in (10, 9, 8)]
    found = [p for name in names if (p := shutil.which(name))]
    found += [str(p) for p in sorted(Path.home().glob(".pyenv/versions/3.[89].*/bin/python3"))]
    for path in found:
        if subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0:
            return path
    return None


def test_an_old_python_is_told_so_in_one_line() -> None:
    path = old_python()
    if path is None:
        pytest.skip("no older Python on this machine")
    done = subprocess.run([path, str(paths.ROOT / BOOTSTRAP)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert re.fullmatch(r"error: Python 3\.11 or newer is needed, found 3\.\d+ \(.*\)\n", done.stderr)


def test_no_python_at_all_is_told_so_in_one_line() -> None:
    make = shutil.which("make")
    if make is None:
        pytest.skip("no make on this machine")
    done = subprocess.run(
        [make, "-s", "book", "PYTHON="], cwd=paths.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "error: Python 3.11 or newer was not found; install it, or name it" in done.stderr


def bare_copy(tmp_path: Path, lock: str) -> Path:
    (tmp_path / BOOTSTRAP.parent).mkdir(parents=True)
    shutil.copy(paths.ROOT / BOOTSTRAP, tmp_path / BOOTSTRAP)
    shutil.copy(paths.ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "requirements.lock").write_text(lock, encoding="utf-8")
    return tmp_path


def set_up(root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PIP_RETRIES": "0", "PIP_TIMEOUT": "2", **variables}
    return subprocess.run(
        [sys.executable, str(root / BOOTSTRAP)], capture_output=True, text=True, check=False, env=environ
    )


LOCK_LINE = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274\n"


def test_no_network_is_told_so_in_one_line_and_leaves_no_ready_mark(tmp_path: Path) -> None:
    root = bare_copy(tmp_path, LOCK_LINE)
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    done = set_up(root, **nowhere, PIP_FIND_LINKS="", PIP_EXTRA_INDEX_URL="")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        "error: the package index cannot be reached; connect to the network"
    )
    assert not (root / ".venv" / "ready").exists()


def test_a_package_that_differs_from_its_hash_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "wheels" / "six-1.17.0-py2.py3-none-any.whl"
    package.parent.mkdir()
    package.write_bytes(b"not the wheel that was locked")
    root = bare_copy(tmp_path / "book", LOCK_LINE)
    local = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(package.parent), "PIP_CONFIG_FILE": os.devnull}
    done = set_up(root, **local)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "error: a package differs from its hash in requirements.lock; do not use it"
    )


def test_a_missing_lock_is_told_so(tmp_path: Path) -> None:
    root = bare_copy(tmp_path, LOCK_LINE)
    (root / "requirements.lock").unlink()
    assert "requirements.lock is missing" in set_up(root).stderr


def test_a_ready_environment_is_left_alone(tmp_path: Path) -> None:
    root = bare_copy(tmp_path, LOCK_LINE)
    sys.path.insert(0, str((root / BOOTSTRAP).parent))
    try:
        import importlib

        bootstrap = importlib.import_module("bootstrap")
        (root / ".venv").mkdir()
        (root / ".venv" / "ready").write_text(bootstrap.fingerprint(), encoding="utf-8")
        done = set_up(root)
    finally:
        sys.path.pop(0)
        sys.modules.pop("bootstrap", None)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_container_and_binder_use_what_make_uses() -> None:
    dockerfile = (paths.ROOT / ".devcontainer" / "Dockerfile").read_text(encoding="utf-8")
    targets = re.findall(r'make["\s,]+"?([a-z]+)', re.sub(r"install .*? make .*", "", dockerfile))
    makefile = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets == ["verify", "book", "test"]
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)
    base = re.search(r"^FROM python:(\d\.\d+)", dockerfile, re.MULTILINE)
    assert base and base[1] == environment.PYTHON
    assert not (paths.ROOT / "Dockerfile").exists(), "Binder would take it instead of environment.yml"


def test_a_full_disk_is_told_so_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.syspath_prepend(str((paths.ROOT / BOOTSTRAP).parent))
    import bootstrap

    root = bare_copy(tmp_path, LOCK_LINE)
    for name, path in (("ROOT", root), ("VENV", root / ".venv"), ("LOCK", root / "requirements.lock")):
        monkeypatch.setattr(bootstrap, name, str(path))
    monkeypatch.setattr(bootstrap, "READY", str(root / ".venv" / "ready"))
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 9, 5 * 1024**2))
    assert bootstrap.main() == 2
    assert capsys.readouterr().err == "error: the disk has 0.0 GB free; the environment needs about 2 GB\n"
