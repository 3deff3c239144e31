"""Execution of chapters, in parallel, with a cache that cannot lie.

An executed chapter is kept under a key made of everything it depends on: its code cells, the modules of the
package it imports, the tables it reads, its claims, and the locked versions. Anything less would show old
numbers after a change of data or code; prose is left out, for no number comes from it.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import json
import logging
import os
import platform
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from compendium import claims, paths, tables

CELL_TIMEOUT = int(os.environ.get("COMPENDIUM_CELL_TIMEOUT", "180"))  # seconds
WORKERS = int(os.environ.get("COMPENDIUM_WORKERS", "2"))
STORE = paths.BUILD / "executed"
JUPYTER_CACHE = paths.BUILD / ".jupyter_cache"
PACKAGE = Path(__file__).parent
# A site builder that is started beside the execution waits for this line, as this variable tells it.
WAITS, GO = "COMPENDIUM_WAITS", b"go\n"


class ExecutionError(RuntimeError):
    """A chapter that could not be executed; the message is one line: chapter, cell, line and reason."""


@dataclass(frozen=True)
class Page:
    """A notebook page of the book: `docname` as in `_toc.yml`, and the file it is written in."""

    docname: str
    path: Path

    @property
    def chapter(self) -> str:
        """The name by which readers and reviewers call the page."""
        return self.path.stem


@dataclass(frozen=True)
class Executed:
    """An executed page: the notebook as plain data, the seconds it took, the key it was executed under."""

    page: Page
    notebook: Any
    seconds: float
    key: str
    fresh: bool

    @property
    def verdicts(self) -> dict[str, claims.Verdict]:
        """The verdicts that the page displays, by claim."""
        found: dict[str, claims.Verdict] = {}
        for data in self.outputs(claims.MIME):
            verdict = claims.Verdict.from_dict(data)
            declared = claims.registry()[verdict.claim].chapter
            if declared != self.page.chapter:
                raise claims.ClaimError(
                    f"claim {verdict.claim}: concluded in chapter {self.page.chapter}; declared for {declared}"
                )
            if verdict.claim in found:
                raise claims.ClaimError(f"claim {verdict.claim}: concluded twice in chapter {self.page.chapter}")
            found[verdict.claim] = verdict
        return found

    def outputs(self, mime: str) -> Iterator[Any]:
        """The displayed outputs of one mime type, in order."""
        for cell in self.notebook["cells"]:
            for output in cell.get("outputs", []):
                if mime in output.get("data", {}):
                    yield output["data"][mime]


# ---------------------------------------------------------------- pages


def pages(root: Path = paths.ROOT) -> list[Page]:
    """The notebook pages of the book, in the order of `_toc.yml`."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    found = [Page(name, root / f"{name}.md") for name in listed(toc)]
    for page in found:
        if not page.path.exists():
            raise ExecutionError(f"_toc.yml lists {page.docname}, but {page.path} is missing")
    return [page for page in found if is_notebook(page.path)]


def is_notebook(path: Path) -> bool:
    """Whether a Markdown page is a notebook: its front matter names a kernel."""
    text = path.read_text(encoding="utf-8")
    return text.startswith("---\n") and "\nkernelspec:" in text.split("\n---", 1)[0]


def listed(node: Any) -> Iterator[str]:
    """The pages named anywhere in a table of contents, in order."""
    if isinstance(node, dict):
        for key in ("root", "file"):
            if key in node:
                yield node[key]
        for value in node.values():
            yield from listed(value)
    elif isinstance(node, list):
        for item in node:
            yield from listed(item)


def find(names: Iterable[str]) -> list[Page]:
    """The pages for names of chapters or claims; all if none is named; ExecutionError for an unknown one."""
    every = pages()
    by_name = {page.chapter: page for page in every}
    wanted: dict[str, Page] = {}
    for name in names:
        chapter = claims.registry().claims[name].chapter if name in claims.registry().claims else name
        if chapter not in by_name:
            reason = f"chapter {chapter!r} is not written yet" if chapter != name else "not a chapter or a claim"
            raise ExecutionError(f"{name}: {reason}; chapters: {', '.join(by_name)}")
        wanted[chapter] = by_name[chapter]
    return list(wanted.values()) or every


# ---------------------------------------------------------------- keys


def key(page: Page) -> str:
    """The digest of everything that an executed page depends on."""
    source = page.path.read_text(encoding="utf-8")
    digest = hashlib.sha256()

    def add(label: str, content: bytes) -> None:
        digest.update(f"{label}\0{len(content)}\0".encode() + content)

    add("source", runnable(source).encode())
    add("python", platform.python_version().encode())
    add("lock", (paths.ROOT / "requirements.lock").read_bytes())
    for path in modules(source):
        add(path.relative_to(PACKAGE).as_posix(), path.read_bytes())
    for name in tables_read(source):
        add(name, json.dumps(tables.describe(name), sort_keys=True).encode())
        data = paths.DATA / str(tables.describe(name)["path"])
        add(f"{name}.csv", data.read_bytes() if data.exists() else b"missing")
    for claim in claims.registry().of_chapter(page.chapter):
        add(claim.id, repr(claim).encode())
    return digest.hexdigest()


def modules(source: str) -> list[Path]:
    """The files of the package that a page imports, directly or through one another, sorted."""
    found: set[Path] = {PACKAGE / "__init__.py"}
    waiting = [code(source)]
    while waiting:
        for path in _imports(waiting.pop()):
            if path not in found:
                found.add(path)
                waiting.append(path.read_text(encoding="utf-8"))
    return sorted(found)


def tables_read(source: str) -> list[str]:
    """The tables that a page reads; all of them if it names one by anything but a literal."""
    named = _tables_named(source)
    return sorted(tables.names() if named is None else named & set(tables.names()))


@functools.cache
def _tables_named(source: str) -> frozenset[str] | None:
    found: set[str] = set()
    for node in ast.walk(ast.parse(code(source))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "tables"
        ):
            first = node.args[0] if node.args else None
            if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
                return None
            found.add(first.value)
    return frozenset(found)


def code(source: str) -> str:
    """The code cells of a MyST Markdown notebook as one Python module, without IPython's own syntax."""
    return "\n".join(cells(source))


def runnable(source: str) -> str:
    """The front matter and the code cells of a MyST Markdown notebook, options included: all that is run."""
    front = source.split("\n---", 1)[0]
    return "\n".join([front, *re.findall(r"^```\{code-cell\}.*?^```\s*$", source, re.DOTALL | re.MULTILINE)])


def cells(source: str) -> list[str]:
    """The code of each code cell of a MyST Markdown notebook, without IPython's own syntax."""
    found: list[list[str]] = []
    inside = options = False
    for line in source.splitlines():
        if line.startswith("```{code-cell}"):
            inside, options = True, True
            found.append([])
        elif inside and line.startswith("```"):
            inside = False
        elif inside:
            options = options and line.startswith((":", "---"))
            if not options and not line.lstrip().startswith(("%", "!")):
                found[-1].append(line)
    return ["\n".join(lines) for lines in found]


@functools.cache
def _imports(code: str) -> tuple[Path, ...]:
    found: list[Path] = []
    for node in _statements(ast.parse(code)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.startswith("compendium."):
                target = PACKAGE.joinpath(*name.split(".")[1:])
                found += [path for path in (target.with_suffix(".py"), target / "__init__.py") if path.exists()]
    return tuple(found)


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements below a node: imports are statements, and most of a tree is expressions."""
    for field in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, field, ()):
            yield child
            yield from _statements(child)


# ---------------------------------------------------------------- running


def stored(page: Page) -> Executed | None:
    """The kept execution of a page if nothing it depends on has changed, else None."""
    path = _store_path(page)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["key"] != key(page):
            return None
        return Executed(page, record["notebook"], record["seconds"], record["key"], fresh=False)
    except (FileNotFoundError, ValueError, KeyError):
        return None


def refresh(progress: bool = True) -> list[Executed]:
    """Execute what changed and keep the rest; return all pages in order."""
    every = pages()
    found = {page: stored(page) for page in every}
    stale = [page for page, executed in found.items() if executed is None]
    for executed in run(stale, progress=progress):
        keep(executed)
        found[executed.page] = executed
    return [executed for executed in found.values() if executed is not None]


def kept() -> list[Executed]:
    """The executions that `refresh` just left, in order, without asking again whether they are up to date."""
    found = []
    for page in pages():
        record = json.loads(_store_path(page).read_text(encoding="utf-8"))
        found.append(Executed(page, record["notebook"], record["seconds"], record["key"], fresh=False))
    return found


def run(wanted: list[Page], progress: bool = True) -> list[Executed]:
    """Execute pages in fresh kernels, `WORKERS` at a time; raise ExecutionError for the first that fails.

    All pages are tried; when several fail the message has one line for each.
    """
    from tqdm import tqdm

    done: dict[Page, Executed] = {}
    failures: dict[Page, str] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting = {pool.submit(run_one, page): page for page in wanted}
        bar = tqdm(
            total=len(wanted), desc="executing", unit="chapter", disable=not progress or not wanted, file=sys.stderr
        )
        try:
            for future in as_completed(waiting):
                page = waiting[future]
                try:
                    done[page] = future.result()
                except ExecutionError as error:
                    failures[page] = str(error)
                bar.set_postfix_str(page.chapter)
                bar.update()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            bar.close()
    if failures:
        raise ExecutionError("\n".join(failures[page] for page in wanted if page in failures))
    return [done[page] for page in wanted]


def run_one(page: Page) -> Executed:
    """Execute one page in a fresh kernel; raise ExecutionError naming chapter, cell and reason."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    _environment()
    began = time.perf_counter()
    page_key = key(page)
    notebook = read(page.path)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(page.path.parent)}},
        record_timing=False,
        shutdown_kernel="immediate",
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
    )
    running: dict[str, Any] = {}
    lines = notebook.metadata.get("source_map", [])
    client.on_cell_execute = lambda cell, cell_index: running.update(source=cell["source"], line=lines[cell_index])
    try:
        # A kernel that is told to stop may still complain of a closed socket: not the book's message.
        client.execute(stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise ExecutionError(_where(page, running) + f"{error.ename}: {_one_line(error.evalue)}") from None
    except CellTimeoutError:
        raise ExecutionError(
            _where(page, running) + f"still running after {CELL_TIMEOUT} s; make the cell faster or split it"
        ) from None
    except (DeadKernelError, RuntimeError):
        raise ExecutionError(
            _where(page, running) + "the kernel died; run the cell alone in Python to see why"
        ) from None
    plain = json.loads(_plain(notebook))
    return Executed(page, plain, time.perf_counter() - began, page_key, fresh=True)


def read(path: Path) -> Any:
    """A MyST Markdown notebook as a notebook object."""
    from myst_nb.core.read import read_myst_markdown_notebook
    from myst_parser.config.main import MdParserConfig

    return read_myst_markdown_notebook(
        path.read_text(encoding="utf-8"), config=MdParserConfig(), add_source_map=True, path=path
    )


def keep(executed: Executed) -> None:
    """Store an executed page, whole or not at all."""
    path = _store_path(executed.page)
    path.parent.mkdir(parents=True, exist_ok=True)
    record = {"key": executed.key, "seconds": executed.seconds, "notebook": executed.notebook}
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(record), encoding="utf-8")
    draft.replace(path)


def verdicts(every: Iterable[Executed]) -> dict[str, claims.Verdict]:
    """All verdicts of the executed pages; ClaimError if a page leaves one of its claims without a verdict."""
    found: dict[str, claims.Verdict] = {}
    for executed in every:
        here = executed.verdicts
        for claim in claims.registry().of_chapter(executed.page.chapter):
            if claim.id not in here:
                raise claims.ClaimError(
                    f"claim {claim.id}: chapter {executed.page.chapter} reaches no verdict; "
                    f'end it with claims.conclude("{claim.id}", ...)'
                )
        found |= here
    return found


def _store_path(page: Page) -> Path:
    return STORE / f"{page.docname.replace('/', '.')}.json"


def hand_over(every: list[Executed]) -> None:
    """Make the cache that myst-nb reads hold exactly these executions; what it holds already is left."""
    import shutil

    import nbformat
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    stamp = JUPYTER_CACHE / "keys.json"
    keys = {executed.page.docname: executed.key for executed in every}
    try:
        held = json.loads(stamp.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        held = {}
    if held == keys:
        return
    stamp.unlink(missing_ok=True)
    if held.keys() != keys.keys():
        shutil.rmtree(JUPYTER_CACHE, ignore_errors=True)
        held = {}
    logging.getLogger("jupyter_cache").setLevel(logging.ERROR)
    cache = get_cache(str(JUPYTER_CACHE))
    replaced = [executed for executed in every if held.get(executed.page.docname) != executed.key]
    paths_replaced = {str(executed.page.path) for executed in replaced}
    for record in cache.list_cache_records():
        if record.uri in paths_replaced:
            cache.remove_cache(record.pk)
    for executed in replaced:
        notebook = nbformat.from_dict(executed.notebook)
        cache.cache_notebook_bundle(
            CacheBundleIn(notebook, str(executed.page.path), data={"execution_seconds": executed.seconds}),
            check_validity=False,
            overwrite=True,
        )
    stamp.write_text(json.dumps(keys), encoding="utf-8")


def _plain(notebook: Any) -> str:
    import nbformat

    return nbformat.writes(notebook)


def _where(page: Page, running: dict[str, Any]) -> str:
    first = next((line for line in running.get("source", "").splitlines() if line.strip()), "")
    return f"chapter {page.chapter}: cell at line {running.get('line', 0) + 1} ({first[:60]!r}): "


def _one_line(text: str) -> str:
    return " ".join(text.split())


@functools.cache
def _environment() -> None:
    # Hash order and thread counts must not differ between runs; a user's own kernels must not be picked up.
    os.environ.setdefault("PYTHONHASHSEED", "0")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    # nbclient leaves a task behind where it kills a kernel; asyncio would speak of it over the error.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
