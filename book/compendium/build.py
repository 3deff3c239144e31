"""Building the site: execute what changed, then let Jupyter Book write the pages that changed.

A build that is interrupted leaves a mark; the next one starts the pages anew, so a half-written site is never
taken for a whole one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from compendium import execute, paths

SITE = paths.BUILD / "html"
LOG = paths.BUILD / "build.log"
STAMP = paths.BUILD / "site.json"
UNFINISHED = paths.BUILD / "unfinished"
# Set by whoever builds: where the site will stand, and whether it links a PDF.
BASEURL, PDF_SWITCH = "COMPENDIUM_BASEURL", "COMPENDIUM_PDF"
KEPT_INFO = paths.BUILD / "buildinfo"
EPOCH = "1767225600"  # 1 January 2026: no clock enters the site


class BuildError(RuntimeError):
    """A build that failed; the message says why and where the log is."""


def build(progress: bool = True) -> Path:
    """Bring the site up to date and return its first page; raise BuildError or ExecutionError if it cannot be."""
    began = time.perf_counter()
    inputs = digests()
    if _built_from() == inputs and not UNFINISHED.exists() and (SITE / "index.html").exists():
        _say(f"nothing changed since the last build ({time.perf_counter() - began:.1f} s)")
        return SITE / "index.html"
    paths.BUILD.mkdir(exist_ok=True)
    if UNFINISHED.exists() or _built_from().get("shell") != inputs["shell"]:
        for folder in (SITE, paths.BUILD / ".doctrees"):
            shutil.rmtree(folder, ignore_errors=True)
    STAMP.unlink(missing_ok=True)
    # Sphinx finds here its note of the last build; the site itself is without it, as it differs between folders.
    if KEPT_INFO.exists() and SITE.exists():
        shutil.copy(KEPT_INFO, SITE / ".buildinfo")
    with _jupyter_book() as write_pages:
        pages = execute.refresh(progress)
        fresh = sum(page.fresh for page in pages)
        _say(f"executed {fresh} of {len(pages)} chapters ({time.perf_counter() - began:.1f} s); writing pages")
        UNFINISHED.touch()
        write_pages()
    (SITE / ".buildinfo").replace(KEPT_INFO)
    STAMP.write_text(json.dumps(inputs), encoding="utf-8")
    UNFINISHED.unlink()
    _say(f"site built in {time.perf_counter() - began:.1f} s")
    return SITE / "index.html"


def digests() -> dict[str, str]:
    """Digests of all that the site is made from: its `shell` (theme, extensions, settings) and its `content`."""
    shell = [paths.ROOT / name for name in ("_config.yml", "_toc.yml", "requirements.lock")]
    # A reference is printed on every page that cites it, which Sphinx does not note.
    shell += [paths.BOOK / "references.bib"]
    shell += _below(execute.PACKAGE / "sphinx", paths.BOOK / "templates", paths.BOOK / "assets")
    everything = _below(paths.BOOK, paths.DATA) + shell
    return {"shell": _digest(shell), "content": _digest(everything)}


def _built_from() -> dict[str, str]:
    try:
        return json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _below(*folders: Path) -> list[Path]:
    return [p for folder in folders for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def _digest(files: list[Path]) -> str:
    settings = [sys.version, *(os.environ.get(name, "") for name in (BASEURL, PDF_SWITCH))]
    total = hashlib.sha256("\0".join(settings).encode())
    for path in sorted(set(files)):
        total.update(f"{path}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@contextmanager
def _jupyter_book() -> Iterator[Callable[[], None]]:
    """Start Jupyter Book, which loads for seconds and then waits; yield what lets it write the pages."""
    command = [
        str(Path(sys.executable).with_name("jupyter-book")),
        "build",
        str(paths.ROOT),
        "-W",
        "-n",
        "--keep-going",
    ]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": "0", execute.WAITS: "1"}
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env=environment
        )

    def write_pages() -> None:
        process.communicate(execute.GO)
        if process.returncode or not (SITE / "index.html").exists():
            lines = LOG.read_text(encoding="utf-8").splitlines()
            told = [
                line for line in lines if any(word in line for word in ("WARNING", "ERROR", "rror:", "xception"))
            ]
            raise BuildError("\n".join([*(told or lines)[-15:], f"the site was not built; the whole log is {LOG}"]))

    try:
        yield write_pages
    finally:
        process.kill()
        process.communicate()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
