"""Execution of chapters, in parallel, with a cache that cannot lie.

An executed chapter is kept under a key made of everything it depends on: its code cells, the modules of the
package it imports, the tables it reads, its claims, and the locked versions. Anything less would show old
numbers after a change of data or code; prose is left out, for no number comes from it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import platform
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from compendium import figures
from compendium.evidence import paths, tables
from compendium.run import kernels, program, settings
from compendium.trial import claims, living, rules, verdicts

STORE = paths.BUILD / "executed"
JUPYTER_CACHE = paths.BUILD / ".jupyter_cache"
# Run after the last cell of a page and not kept: a figure that is made and not shown would be missed by nobody.
ALL_SHOWN = "from compendium.figures.drawing import all_shown\nall_shown()"
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
    def verdicts(self) -> dict[str, verdicts.Verdict]:
        """The verdicts that the page displays, by claim."""
        found: dict[str, verdicts.Verdict] = {}
        for data in self.outputs(verdicts.MIME):
            verdict = verdicts.Verdict.from_dict(data)
            declared = claims.registry()[verdict.claim].chapter
            if declared != self.page.chapter:
                raise rules.ClaimError(
                    f"claim {verdict.claim}: concluded in chapter {self.page.chapter}; declared for {declared}"
                )
            if verdict.claim in found:
                raise rules.ClaimError(f"claim {verdict.claim}: concluded twice in chapter {self.page.chapter}")
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

    add("source", program.runnable(source).encode())
    add("python", platform.python_version().encode())
    add("lock", paths.content(paths.ROOT / "requirements.lock"))
    for path in program.modules(source):
        add(path.relative_to(paths.PACKAGE).as_posix(), paths.content(path))
    for name in program.tables_read(source):
        add(name, json.dumps(tables.describe(name), sort_keys=True).encode())
        data = paths.DATA / str(tables.describe(name)["path"])
        add(f"{name}.csv", paths.content(data) if data.exists() else b"missing")
    for claim in claims.registry().of_chapter(page.chapter):
        add(claim.id, repr(claim).encode())
    return digest.hexdigest()


def sources(page: Page) -> dict[str, str]:
    """The sha256 of a page, prose included, and of every file of the package that it reaches, by path."""
    files = [page.path, *program.modules(page.path.read_text(encoding="utf-8"))]
    return {
        file.relative_to(paths.ROOT).as_posix(): hashlib.sha256(paths.content(file)).hexdigest() for file in files
    }


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
    """Execute pages in fresh kernels, as many at a time as the settings say; raise ExecutionError if one fails.

    All pages are tried; when several fail the message has one line for each. An interrupt kills the kernels.
    """
    from tqdm import tqdm

    done: dict[Page, Executed] = {}
    failures: dict[Page, str] = {}
    workers = settings.workers()
    if len(wanted) > workers:  # some would start after others anyway
        kernels.warm_up()
    with ThreadPoolExecutor(workers) as pool:
        waiting = {pool.submit(run_one, page): page for page in _longest_first(wanted)}
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
            kernels.kill(waiting)
            raise
        finally:
            bar.close()
    if failures:
        raise ExecutionError("\n".join(failures[page] for page in wanted if page in failures))
    return [done[page] for page in wanted]


def _longest_first(wanted: list[Page]) -> list[Page]:
    """Pages by the seconds that they took when the book was certified, unknown ones first: none ends last alone."""
    try:
        certificate = json.loads((paths.DATA / "certificate.json").read_text(encoding="utf-8"))
        seconds = {name: float(chapter["seconds"]) for name, chapter in certificate["chapters"].items()}
    except (OSError, ValueError, KeyError):
        return wanted
    return sorted(wanted, key=lambda page: -seconds.get(page.chapter, float("inf")))


def run_one(page: Page) -> Executed:
    """Execute one page in a fresh kernel; raise ExecutionError naming chapter, cell and reason."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    kernels.prepare()
    began = time.perf_counter()
    seconds = settings.cell_timeout()
    page_key = key(page)
    notebook = read(page.path)
    notebook.cells.append(nbformat.v4.new_code_cell(ALL_SHOWN))
    client = NotebookClient(
        notebook,
        timeout=seconds,
        kernel_name="python3",
        kernel_manager_class=kernels.manager(),
        resources={"metadata": {"path": str(page.path.parent)}},
        record_timing=False,
        shutdown_kernel="immediate",
        extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
    )
    running: dict[str, Any] = {}
    lines = [*notebook.metadata.get("source_map", []), 0]
    kernels.running.add(client)
    client.on_cell_execute = lambda cell, cell_index: running.update(source=cell["source"], line=lines[cell_index])
    try:
        # A kernel that is told to stop may still complain of a closed socket: not the book's message.
        client.execute(stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        raise ExecutionError(_where(page, running) + f"{error.ename}: {_one_line(error.evalue)}") from None
    except CellTimeoutError:
        raise ExecutionError(
            _where(page, running) + f"still running after {seconds} s; make the cell faster or split it"
        ) from None
    except (DeadKernelError, RuntimeError):
        raise ExecutionError(
            _where(page, running) + "the kernel died; run the cell alone in Python to see why"
        ) from None
    finally:
        kernels.forget(client)
    notebook.cells.pop()
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
    paths.write(path, json.dumps(record))


def concluded(every: list[Executed]) -> dict[str, verdicts.Verdict]:
    """All verdicts of the executed pages.

    Raises ClaimError if a page leaves one of its claims without a verdict, or shows a live figure whose first
    state has other numbers than the verdict that hangs on it.
    """
    found: dict[str, verdicts.Verdict] = {}
    for executed in every:
        here = executed.verdicts
        for claim in claims.registry().of_chapter(executed.page.chapter):
            if claim.id not in here:
                raise rules.ClaimError(
                    f"claim {claim.id}: chapter {executed.page.chapter} reaches no verdict; "
                    f'end it with verdicts.conclude("{claim.id}", ...)'
                )
        found |= here
    for executed in every:
        for figure in executed.outputs(figures.MIME):
            if figure.get("claim"):
                living.check(figure, found)
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
    if running.get("source") == ALL_SHOWN:
        return f"chapter {page.chapter}: "
    first = next((line for line in running.get("source", "").splitlines() if line.strip()), "")
    return f"chapter {page.chapter}: cell at line {running.get('line', 0) + 1} ({first[:60]!r}): "


def _one_line(text: str) -> str:
    return " ".join(text.split())
