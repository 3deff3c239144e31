"""Building the site: execute what changed, then let Jupyter Book write the pages that changed.

Pages are written into a draft, which takes the place of the site when it is whole: a build that fails or is
interrupted loses nothing. It leaves a mark, and the next one starts its draft anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from compendium.evidence import paths
from compendium.run import execute, lock, runtime

SITE = paths.BUILD / "html"
LAST = paths.BUILD / "html.last"  # the site before, while another takes its place
DRAFT = paths.BUILD / "draft"
WRITTEN, READ = DRAFT / "_build" / "html", DRAFT / "_build" / ".doctrees"
LOG = paths.BUILD / "build.log"
STAMP = paths.BUILD / "site.json"
UNFINISHED = paths.BUILD / "unfinished"
# Set by whoever builds: where the site will stand, and whether it links a PDF.
BASEURL, PDF_SWITCH = "COMPENDIUM_BASEURL", "COMPENDIUM_PDF"
KEPT_INFO = paths.BUILD / "buildinfo"
EPOCH = "1767225600"  # 1 January 2026: no clock enters the site

# By the interpreter at work: a script beside it may have been made for another folder.
# Without the grammars of web addresses, which jsonschema would compile for more than a second and nobody asks for.
_MAIN = "import sys; sys.modules['rfc3987_syntax'] = None; from jupyter_book.cli.main import main; main()"
COMMAND = [sys.executable, "-c", _MAIN, "build", str(paths.ROOT)]
COMMAND += ["--path-output", str(DRAFT), "-W", "-n", "--keep-going"]

MOST_COMPLAINTS = 15
_SIGNS = ("WARNING", "ERROR", "rror:", "xception")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_PROGRESS = re.compile(r"^.*\.\.\. (?=WARNING|ERROR)")  # a complaint may stand behind what was being done
# Of an error in a process that writes pages, Sphinx also tells the name.
_ERROR = re.compile(
    r"^[A-Z][\w ]* error(?: \(.*\))?:\n(?:[\w.]+\.[A-Z]\w+: )?(.+?)\n(?=\s*$|Traceback)", re.DOTALL | re.MULTILINE
)


class BuildError(RuntimeError):
    """A build that failed; the message says why and where the log is."""


def build(progress: bool = True) -> Path:
    """Bring the site up to date and return its first page; raise BuildError or ExecutionError if it cannot be."""
    with lock.held() as held:
        if LAST.exists() and not SITE.exists():
            LAST.replace(SITE)
        return _build(progress, held)


def _build(progress: bool, held: int) -> Path:
    began = time.perf_counter()
    inputs = digests()
    if _built_from() == inputs and (SITE / "index.html").exists():
        _say(f"nothing changed since the last build ({time.perf_counter() - began:.1f} s)")
        return SITE / "index.html"
    _start_draft(anew=UNFINISHED.exists() or _built_from().get("shell") != inputs["shell"])
    with _jupyter_book(held) as write_pages, ThreadPoolExecutor(1) as beside:
        fetching = beside.submit(runtime.fetch)  # mostly a wait for the network
        pages = execute.refresh(progress)
        fresh = sum(page.fresh for page in pages)
        _say(f"executed {fresh} of {len(pages)} chapters ({time.perf_counter() - began:.1f} s); writing pages")
        try:
            fetching.result()
        except (runtime.Unavailable, OSError) as error:
            _say(f"note: the book is built without Python for the browser: {error}; the next change tries again")
        UNFINISHED.touch()
        write_pages()
    _publish_draft()
    STAMP.write_text(json.dumps(inputs), encoding="utf-8")
    UNFINISHED.unlink()
    _say(f"site built in {time.perf_counter() - began:.1f} s")
    return SITE / "index.html"


def _start_draft(anew: bool) -> None:
    """Give Sphinx what it wrote last, so that it writes only what changed, or nothing."""
    shutil.rmtree(WRITTEN, ignore_errors=True)
    if anew:
        shutil.rmtree(READ, ignore_errors=True)
    if READ.exists() and SITE.exists():
        shutil.copytree(SITE, WRITTEN, symlinks=True)
        # Sphinx finds here its note of the last build; the site is without it, as it differs between folders.
        if KEPT_INFO.exists():
            shutil.copy(KEPT_INFO, WRITTEN / ".buildinfo")


def _publish_draft() -> None:
    """Let the whole draft take the place of the site."""
    (WRITTEN / ".buildinfo").replace(KEPT_INFO)
    STAMP.unlink(missing_ok=True)
    shutil.rmtree(LAST, ignore_errors=True)
    if SITE.exists():
        SITE.replace(LAST)
    WRITTEN.replace(SITE)
    shutil.rmtree(LAST, ignore_errors=True)


def complaints(log: str) -> list[str]:
    """What a log of Sphinx complains of, each complaint whole and on one line, the first and likely cause first."""
    plain = _COLOURS.sub("", log)
    if error := _ERROR.search(plain):  # Sphinx gave up: the rest is a traceback of its caller
        return [line for line in error[1].splitlines() if line.strip()]
    lines = plain.splitlines()
    told = [_PROGRESS.sub("", line).strip() for line in lines if any(sign in line for sign in _SIGNS)]
    told = list(dict.fromkeys(told)) or lines[-MOST_COMPLAINTS:]
    more = len(told) - MOST_COMPLAINTS
    return [*told[:MOST_COMPLAINTS], *([f"and {more} more"] if more > 0 else [])]


def digests() -> dict[str, str]:
    """Digests of all that the site is made from: its `shell` (theme, extensions, settings) and its `content`."""
    shell = [paths.ROOT / name for name in ("_config.yml", "_toc.yml", "requirements.lock", "pyproject.toml")]
    # A reference is printed on every page that cites it, which Sphinx does not note.
    shell += [paths.BOOK / "references.bib"]
    shell += _below(paths.PACKAGE / "site", paths.BOOK / "templates", paths.BOOK / "assets")
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
        total.update(f"{path}\0".encode() + hashlib.sha256(paths.content(path)).digest())
    return total.hexdigest()


@contextmanager
def _jupyter_book(held: int) -> Iterator[Callable[[], None]]:
    """Start Jupyter Book, which loads for seconds and then waits; yield what lets it write the pages."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PYTHONHASHSEED": "0", execute.WAITS: "1"}
    with LOG.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, env=environment, pass_fds=(held,)
        )

    def write_pages() -> None:
        process.communicate(execute.GO)
        if process.returncode or not (WRITTEN / "index.html").exists():
            told = complaints(LOG.read_text(encoding="utf-8"))
            raise BuildError("\n".join([*told, f"the site was not built; the whole log is {LOG}"]))

    try:
        yield write_pages
    finally:
        process.kill()
        process.communicate()


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
