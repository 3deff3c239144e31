"""A checkout verifies itself, whatever it was copied from, how its lines end and whether it can be written to."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_book import SmallBook

from compendium.evidence import paths
from compendium.run import execute


@pytest.fixture(scope="module")
def accepted(certified_book: SmallBook) -> SmallBook:
    """A small book whose verdicts and certificate are published; it is not written to."""
    return certified_book


def copied(book: SmallBook, root: Path) -> SmallBook:
    """A copy of a book, with what it built; its commands run its own package."""
    return SmallBook(root, book)


def certificates(*books: SmallBook) -> list[float]:
    return [path.stat().st_mtime_ns for book in books for path in book.root.rglob("certificate.json")]


@pytest.mark.parametrize("command", ["verify", "build", "accept", "execute", "claims"])
@pytest.mark.parametrize("folder", [".", "book/1-claims"])
def test_the_package_of_another_folder_is_refused(
    accepted: SmallBook, tmp_path: Path, command: str, folder: str
) -> None:
    """What an environment does that was copied with the checkout: it imports the package of the original."""
    copy = copied(accepted, tmp_path / "copy")
    copy.edit("data/global_estimates.csv", ",2400000,,2500000,", ",2400000,,9500000,")
    before = certificates(accepted, copy)
    done = subprocess.run(
        [sys.executable, "-m", "compendium", command, "--quiet"],
        cwd=copy.root / folder,
        env=accepted.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    for words in (f"expected the one of {copy.root};", f"found the one of {accepted.root};", "`make environment`"):
        assert words in done.stderr
    assert certificates(accepted, copy) == before


def test_a_notebook_that_reads_the_data_of_another_folder_is_refused(accepted: SmallBook, tmp_path: Path) -> None:
    copy = copied(accepted, tmp_path / "copy")
    program = "from compendium.evidence import tables; tables.read('global_estimates')"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=copy.chapter.parent,
        env=accepted.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (
        done.returncode == 1 and f"PlaceError: package compendium, called in {copy.chapter.parent}" in done.stderr
    )


def test_a_plain_build_with_the_package_of_another_folder_is_refused(accepted: SmallBook, tmp_path: Path) -> None:
    copy = copied(accepted, tmp_path / "copy")
    done = subprocess.run(
        [sys.executable, "-c", "from jupyter_book.cli.main import main; main()", "build", "."],
        cwd=copy.root,
        env=accepted.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode and f"expected the one of {copy.root};" in done.stdout + done.stderr
    assert not (copy.root / "_build/html/index.html").exists()


def test_outside_any_book_the_one_around_the_environment_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Python of a copied checkout, called from elsewhere."""
    copy = tmp_path / "copy"
    (copy / "book/compendium").mkdir(parents=True)
    (copy / "book/compendium/__init__.py").touch()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(sys, "prefix", str(paths.ROOT / ".venv"))
    paths.check_place()
    paths._check_place.cache_clear()
    monkeypatch.setattr(sys, "prefix", str(copy / ".venv"))
    with pytest.raises(paths.PlaceError, match=f"expected the one of {copy}"):
        paths.check_place()


def test_a_copied_book_verifies_itself(accepted: SmallBook, tmp_path: Path) -> None:
    copy = copied(accepted, tmp_path / "a copy" / "សៀវភៅ")
    copy.edit("data/global_estimates.csv", ",2400000,,2500000,", ",2400000,,9500000,")
    before = certificates(accepted)
    done = copy.run("verify", "numbers", LC_ALL="C")
    assert done.returncode == 1 and "NOT REPRODUCED: table global_estimates" in done.stdout, done.stderr
    assert str(copy.root / "_build/certificate.json") in done.stdout
    assert json.loads((copy.root / "_build/certificate.json").read_text())["outcome"] == "not reproduced"
    assert certificates(accepted) == before


def test_chapters_run_the_package_that_verifies_them_though_it_was_named_by_a_relative_path(
    accepted: SmallBook, tmp_path: Path
) -> None:
    copy = copied(accepted, tmp_path / "copy")
    copy.edit("book/1-claims/numbers.md", "print(part / whole)", "raise SystemExit(lineage.__file__)")
    done = copy.run("verify", "numbers", PYTHONPATH="book")
    assert done.returncode == 1
    assert f"SystemExit: {copy.root}/book/compendium/methods/counts/lineage.py" in done.stdout, done.stdout


# ---------------------------------------------------------------- line endings


def test_a_book_whose_lines_end_as_on_windows_is_reproduced(accepted: SmallBook, tmp_path: Path) -> None:
    copy = copied(accepted, tmp_path / "windows")
    converted = 0
    for path in copy.root.rglob("*"):
        if path.suffix in {".md", ".csv", ".yml", ".json", ".py", ".bib", ".lock", ".toml"} and path.is_file():
            content = path.read_bytes()
            path.write_bytes(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
            converted += b"\r\n" in path.read_bytes()
    assert converted > 100
    done = copy.run("verify")
    assert done.returncode == 0 and "everything was reproduced" in done.stdout, done.stdout + done.stderr
    copy.edit("data/global_estimates.csv", ",2400000,,2500000,", ",2400000,,9500000,")
    named = copy.run("verify", "numbers").stdout
    assert "NOT REPRODUCED: table global_estimates" in named and "value_high" in named


def test_digests_of_what_a_chapter_rests_on_do_not_depend_on_line_endings(
    accepted: SmallBook, tmp_path: Path
) -> None:
    program = (
        "from compendium.run import build, execute, stress\n"
        "(page, _) = execute.pages()\n"
        "print(execute.key(page), sorted(execute.sources(page).items()), stress.inputs())"
    )

    def digests(book: SmallBook) -> str:
        command = [sys.executable, "-c", program]
        return subprocess.run(
            command, cwd=book.root, env=book.environment, capture_output=True, text=True, check=True
        ).stdout

    copy = copied(accepted, tmp_path / "windows")
    for path in (copy.root / "book").rglob("*"):
        if path.suffix in {".md", ".py"}:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    for path in (copy.root / "requirements.lock", *(copy.root / "data").glob("*.csv")):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert digests(copy) == digests(accepted)


def test_git_is_told_to_leave_line_endings() -> None:
    assert "* text=auto eol=lf" in (paths.ROOT / ".gitattributes").read_text().splitlines()


# ---------------------------------------------------------------- a folder that can only be read


PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1  # linux/prctl.h, linux/capability.h


def heed_permissions() -> None:
    """Let the program that is started next be refused what permissions refuse, even to root."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)


@pytest.fixture
def readable(accepted: SmallBook, tmp_path: Path) -> Iterator[SmallBook]:
    """A copy that its reader may not write to."""
    copy = copied(accepted, tmp_path / "readable")
    shutil.rmtree(copy.root / "_build")
    for path in (copy.root, *copy.root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield copy
    for path in (copy.root, *copy.root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_folder_that_can_only_be_read_is_verified(readable: SmallBook, tmp_path: Path) -> None:
    (tmp_path / "temporary").mkdir()

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "compendium", *arguments, "--quiet"],
            cwd=readable.root,
            env={**readable.environment, "TMPDIR": str(tmp_path / "temporary"), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=heed_permissions,
        )

    done = run("verify", "numbers")
    assert done.returncode == 0, done.stdout + done.stderr
    path, _, why = done.stdout.rpartition("Certificate: ")[2].strip().partition(" (")
    assert why == f"{readable.root} can only be read)" and path.startswith(str(tmp_path / "temporary"))
    assert json.loads(Path(path).read_text())["outcome"] == "reproduced"
    assert not (readable.root / "_build").exists()
    refused = run("build")
    assert refused.returncode == 2
    assert refused.stderr == f"error: Permission denied: {readable.root / '_build'}\n"


# ---------------------------------------------------------------- what a chapter is certified as


def test_every_file_that_a_chapter_reaches_is_part_of_what_it_is_certified_as() -> None:
    page = next(page for page in execute.pages() if page.chapter == "numbers")
    reached = execute.sources(page)
    assert page.path.relative_to(paths.ROOT).as_posix() in reached
    for module in ("__init__", "evidence/tables", "methods/__init__", "methods/counts/__init__", "trial/verdicts"):
        assert f"book/compendium/{module}.py" in reached
    assert not any(name.startswith("book/compendium/site/") for name in reached)
