"""The lock, the conda form and the package agree; the set-up says in one line what is wrong."""

from __future__ import annotations

import json
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

from compendium.evidence import paths
from compendium.run import certificate, environment

BOOTSTRAP = Path("book/compendium/run/bootstrap.py")
README = (paths.ROOT / "README.md").read_text(encoding="utf-8")


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
    assert "error: Python 3.11 to 3.14 was not found; install it, or name it" in done.stderr


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


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The set-up as a module, of a bare folder."""
    monkeypatch.syspath_prepend(str((paths.ROOT / BOOTSTRAP).parent))
    import bootstrap

    root = bare_copy(tmp_path, LOCK_LINE)
    places = {"ROOT": root, "VENV": root / ".venv", "SCRIPTS": root / ".venv/bin", "READY": root / ".venv/ready"}
    places |= {"LOCK": root / "requirements.lock", "LOG": root / "_build/install.log"}
    for name, path in places.items():
        monkeypatch.setattr(bootstrap, name, str(path))
    return bootstrap


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_the_means_for_environments_is_told_so_in_one_line(module: str, tmp_path: Path) -> None:
    """Debian's python3 without python3-venv."""
    root = bare_copy(tmp_path, LOCK_LINE)
    without = f"import sys, runpy; sys.modules[{module!r}] = None; runpy.run_path(sys.argv[1], run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", without, str(root / BOOTSTRAP)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"has no module {module}; install it (Debian, Ubuntu: apt-get install python3-venv)" in done.stderr
    assert not (root / ".venv").exists()


def test_a_log_that_is_named_is_there(tmp_path: Path) -> None:
    root = bare_copy(tmp_path, "not a requirement ==\n")
    done = set_up(root, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 2
    named = re.search(r"the log is (\S+)$", done.stderr.splitlines()[-1])
    assert named and Path(named[1]).read_text(encoding="utf-8").strip()


def test_set_up_and_readme_name_the_pythons_of_the_certificate_and_no_other(bootstrap: Any) -> None:
    """Of a Python with which nothing was recomputed nobody says that it was tried."""
    published = certificate.published()
    assert published is not None
    seen = sorted({entry["python"] for entry in published["platforms"]})
    (told,) = re.findall(
        r"The published results were recomputed with Python ([^;]+), as the certificate says", README
    )
    assert re.findall(r"3\.\d+", told) == seen
    assert "tried" not in README.split("## ")[0]
    for version in certificate.MAY_HAVE["python"]:
        note = bootstrap.not_recomputed(version)
        assert bool(note) is (version not in seen)
        assert not note or (note.endswith("does it here") and f"not with {version};" in note and "\n" not in note)


def test_without_a_certificate_the_set_up_says_nothing_of_it(
    bootstrap: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(bootstrap, "CERTIFICATE", str(tmp_path / "certificate.json"))
    assert bootstrap.not_recomputed("3.12") == ""
    (tmp_path / "certificate.json").write_text("{", encoding="utf-8")
    assert bootstrap.not_recomputed("3.12") == ""


def test_versions_of_python_may_be_used_or_are_refused_as_the_readme_says(bootstrap: Any) -> None:
    assert [bootstrap.unfit((3, minor)) for minor in (11, 12, 13, 14)] == [""] * 4
    assert "3.11 to 3.14 is needed: the locked packages are not built" in bootstrap.unfit((3, 15))
    assert "3.11 or newer is needed" in bootstrap.unfit((3, 10))
    may = [f"3.{minor}" for minor in range(bootstrap.OLDEST[1], bootstrap.NEWEST[1] + 1)]
    assert list(certificate.MAY_HAVE["python"]) == may
    assert f"Python {may[0]} to {may[-1]} may be used" in README
    workflow = yaml.safe_load((paths.ROOT / ".github/workflows/book.yml").read_text(encoding="utf-8"))
    assert set(workflow["jobs"]["test"]["strategy"]["matrix"]["python"]) <= set(may)
    makefile = (paths.ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"not {bootstrap.OLDEST} <= sys.version_info[:2] <= {bootstrap.NEWEST}" in makefile


def test_the_environment_finds_the_package_of_its_own_folder_wherever_it_is_moved(
    bootstrap: Any, tmp_path: Path
) -> None:
    packages = tmp_path / ".venv/lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    link = packages / "_editable_impl_compendium.pth"
    link.write_text("/where/it/was/made/book", encoding="utf-8")
    bootstrap.point_here()
    text = link.read_bytes()
    assert text.isascii(), "Python reads it in the encoding of the locale"
    moved = tmp_path.parent / "ខ្មែរ a"
    tmp_path.rename(moved)
    try:
        at = moved / packages.relative_to(tmp_path) / text.decode().strip()
        assert at.resolve() == (moved / "book").resolve()
    finally:
        moved.rename(tmp_path)


def test_scripts_of_an_environment_that_was_moved_start_its_own_python(bootstrap: Any, tmp_path: Path) -> None:
    place, scripts = "/where it/was made", tmp_path / ".venv/bin"
    scripts.mkdir(parents=True)
    (scripts / "plain").write_text(f"#!{place}/.venv/bin/python\nprint(1)\n", encoding="utf-8")
    (scripts / "activate").write_text(f"VIRTUAL_ENV='{place}/.venv'\n", encoding="utf-8")
    (scripts / "binary").write_bytes(b"\0" + place.encode() + b"/.venv/bin")
    (tmp_path / ".venv/ready").write_text(f"{bootstrap.fingerprint()}\n{place}", encoding="utf-8")
    assert bootstrap.main() == 0
    started = (scripts / "plain").read_text(encoding="utf-8")
    assert started == f"#!/bin/sh\n'''exec' \"{scripts}/python\" \"$0\" \"$@\"\n' '''\nprint(1)\n"
    assert (scripts / "activate").read_text(encoding="utf-8") == f"VIRTUAL_ENV='{tmp_path}/.venv'\n"
    assert (scripts / "binary").read_bytes() == b"\0" + place.encode() + b"/.venv/bin"
    assert bootstrap.ready() == (bootstrap.fingerprint(), str(tmp_path))


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


def test_one_version_stands_wherever_the_book_is_cited() -> None:
    project = tomllib.loads((paths.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    package = json.loads((paths.DATA / "datapackage.json").read_text(encoding="utf-8"))["version"]
    cited = yaml.safe_load((paths.ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"]
    changes = (paths.BOOK / "reference" / "changes.md").read_text(encoding="utf-8")
    newest = re.search(r"\*\*Version ([\d.]+\d)[.,]", changes)
    assert newest is not None
    assert {project, package, cited, newest[1]} == {project}
