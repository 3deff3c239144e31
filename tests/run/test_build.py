"""A build that fails, is interrupted or meets another one loses nothing and says why in one line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from small_book import SmallBook

from compendium.run import build
from compendium.run.reproduce import digests

PAGE = "book/1-claims/numbers.md"
SLEEP = "import time; time.sleep(600)"


@pytest.fixture
def book(built_book: SmallBook) -> SmallBook:
    """The small book with its site."""
    return built_book


def site(book: SmallBook) -> dict[str, str]:
    return digests(book.root / "_build/html")


def started(book: SmallBook, command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "compendium", command, "--quiet"],
        cwd=book.root,
        env=book.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def kernels(book: SmallBook) -> list[int]:
    """The kernels that run in this book's folder; zombies have no folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"ipykernel" in (process / "cmdline").read_bytes() and (process / "cwd").readlink().is_relative_to(
                book.root
            ):
                found.append(int(process.name))
        except OSError:
            continue
    return found


def test_builds_that_fail_one_after_another_leave_the_site_as_it_was(book: SmallBook) -> None:
    before = site(book)
    assert "index.html" in before
    book.edit(PAGE, "# A short chapter", "# A short chapter\n\n{ref}`nowhere`")
    for _ in range(2):
        done = book.run("build")
        assert done.returncode == 2 and "undefined label: 'nowhere'" in done.stderr
        assert site(book) == before
    book.edit(PAGE, "\n\n{ref}`nowhere`", "")
    done = book.run("build")
    assert done.returncode == 0 and "nothing changed" in done.stderr


def test_a_chapter_that_fails_leaves_the_site_as_it_was(book: SmallBook) -> None:
    before = site(book)
    book.edit(PAGE, "print(part / whole)", "1 / 0")
    for _ in range(2):
        assert book.run("build").returncode == 2
        assert site(book) == before


def test_a_changed_page_reaches_the_site(book: SmallBook) -> None:
    book.edit(PAGE, "# A short chapter", "# A short chapter\n\nA sentence that was added.")
    assert book.run("build").returncode == 0
    page = book.root / "_build/html" / PAGE.replace(".md", ".html")
    assert "A sentence that was added." in page.read_text(encoding="utf-8")


def written(book: SmallBook) -> dict[str, tuple[int, int]]:
    """Every file and folder below the built one: its number and when it was last written."""
    every = (path for path in (book.root / "_build").rglob("*") if path.name != "lock")
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in every}


def test_an_unchanged_build_writes_nothing_and_each_changed_input_is_written_anew(book: SmallBook) -> None:
    done = book.run("build")
    assert done.returncode == 0, done.stderr
    before = written(book)
    done = book.run("build")
    assert done.returncode == 0 and "nothing changed" in done.stderr
    assert written(book) == before
    seen = site(book)
    changes = {
        "claims/slaves-12m.html": ("data/claims.yml", "title: 12.3 million enslaved", "title: A number told anew"),
        "source/compendium/trial/rules.html": ("book/compendium/trial/rules.py", '"""', '"""Anew. '),
        "_static/book.css": ("book/assets/site.css", ":root {", ".anew {\n  color: red;\n}\n\n:root {"),
    }
    for change in changes.values():
        book.edit(*change)
    assert (done := book.run("build")).returncode == 0, done.stderr
    now = site(book)
    assert [page for page in changes if now[page] == seen[page]] == []
    for path, old, new in changes.values():
        book.edit(path, new, old)
    assert (done := book.run("build")).returncode == 0, done.stderr
    assert site(book) == seen


def test_without_the_registries_the_book_is_built_and_says_so(book: SmallBook) -> None:
    book.edit("book/1-claims/numbers.md", "# A short chapter", "# A chapter far from any network")
    nowhere = {"COMPENDIUM_RUNTIME": str(book.root / "nothing"), "PATH": str(Path(sys.executable).parent)}
    done = book.run("build", **nowhere)
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "without Python for the browser" in line]
    assert len(told) == 1 and "npm was not found" in told[0]
    assert not (book.root / "_build/html/_static/runtime").exists()
    page = (book.root / "_build/html/claims/slaves-12m.html").read_text(encoding="utf-8")
    assert "built without Python for the browser: pyodide@" in page and "npm was not found. The" in page
    assert "bench-run" not in page


def test_a_site_that_was_being_replaced_when_the_build_was_killed_is_found_again(book: SmallBook) -> None:
    before, html = site(book), book.root / "_build/html"
    html.rename(html.with_name(build.LAST.name))
    book.edit(PAGE, "print(part / whole)", "1 / 0")
    assert book.run("build").returncode == 2
    assert site(book) == before


@pytest.mark.parametrize(
    "command",
    ["build", *(pytest.param(other, marks=pytest.mark.check) for other in ("execute", "accept", "verify"))],
)
def test_one_interrupt_ends_a_command_while_a_chapter_runs(book: SmallBook, command: str) -> None:
    before = site(book)
    book.edit(PAGE, "print(part / whole)", SLEEP)
    process = started(book, command)
    wait_until(lambda: bool(kernels(book)))
    time.sleep(1)
    began = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    # Without the kernels killed it would be ten minutes; a busy machine needs some seconds for a second.
    assert time.monotonic() - began < 20
    assert (process.returncode, told) == (2, "interrupted; nothing is lost, run the same command again\n")
    wait_until(lambda: not kernels(book), 10)
    assert site(book) == before


def test_a_second_build_at_once_is_refused_in_one_line_and_the_first_is_not_disturbed(book: SmallBook) -> None:
    book.edit(PAGE, "print(part / whole)", SLEEP)
    first = started(book, "build")
    wait_until(lambda: bool(kernels(book)))
    try:
        for command in ("build", "execute", "accept"):
            second = book.run(command)
            assert (second.returncode, second.stdout) == (2, "")
            assert second.stderr == (
                f"error: folder {book.root}: expected no other build of it; "
                f"found one at work (process {first.pid}); "
                "wait until it has ended and run the same command again\n"
            )
        plain = subprocess.run(
            [*build.COMMAND[:4], str(book.root)],
            cwd=book.root,
            env=book.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert plain.returncode and f"found one at work (process {first.pid})" in plain.stdout + plain.stderr
        assert first.poll() is None
    finally:
        os.killpg(first.pid, signal.SIGKILL)
        first.communicate()
    # The lock ended with the process that was killed.
    wait_until(lambda: "found one at work" not in book.run("execute", COMPENDIUM_CELL_TIMEOUT="1").stderr, 60)


def test_a_bibliography_key_that_stands_twice_is_told_whole(book: SmallBook) -> None:
    bibliography = book.root / "book/references.bib"
    text = bibliography.read_text(encoding="utf-8")
    bibliography.write_text(f"{text}\n@misc{{ilo2005, title={{Again}}}}\n", encoding="utf-8")
    done = book.run("build")
    assert done.returncode == 2
    told = [line for line in done.stderr.splitlines() if "ilo2005" in line]
    assert told == [
        f"error: WARNING: bibliography data error in {bibliography}: repeated bibliography entry: ilo2005"
    ]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_wrong_with_a_page_is_told_by_whatever_process_writes_it(book: SmallBook, workers: str) -> None:
    before, page = site(book), book.root / "book/1-claims/other.md"
    raw = '\n```{raw} html\n<button onclick="wrong()">Press</button>\n```\n'
    page.write_text(page.read_text(encoding="utf-8") + raw, encoding="utf-8")
    done = book.run("build", COMPENDIUM_WORKERS=workers)
    assert done.returncode == 2 and site(book) == before
    told = [line for line in done.stderr.splitlines() if "inline handler onclick= is blocked" in line]
    assert len(told) == 1 and str(page) in told[0], done.stderr


def test_the_first_complaints_of_a_log_are_kept_whole_and_once() -> None:
    first = "WARNING: bibliography data error in /book/references.bib: repeated bibliography entry: ilo2005"
    later = [f"/book/page.md:{line}: WARNING: duplicate citation" for line in range(30)]
    log = "\n".join(
        [f"parsing bibtex file /book/references.bib... \x1b[91m{first}\x1b[39;49;00m", "reading", *later]
    )
    assert build.complaints(log + "\n" + later[0]) == [first, *later[:14], "and 16 more"]


@pytest.mark.parametrize("head", ["Extension error:", "Sphinx parallel build error:"])
def test_what_an_extension_refuses_is_told_without_the_traceback(head: str) -> None:
    name = "" if head == "Extension error:" else "sphinx.errors.ExtensionError: "  # from another process
    told = f"\x1b[91m{head}\x1b[39;49;00m\n{name}claim a: no\nclaim b: no"
    log = f"Running\n\n{told}\nTraceback (most recent call last):\n  x\nRuntimeError:\n"
    assert build.complaints(log) == ["claim a: no", "claim b: no"]


def test_a_log_without_a_known_complaint_is_told_by_its_end() -> None:
    assert build.complaints("\n".join(map(str, range(40)))) == [str(line) for line in range(25, 40)]
