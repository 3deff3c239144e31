"""The reviewer's command says what was touched: table, verdict, chapter, cell; its exit code follows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_book import SmallBook


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    book = SmallBook(tmp_path_factory.mktemp("accepted"))
    assert book.run("accept").returncode == 0
    return book


@pytest.fixture
def book(accepted: SmallBook) -> SmallBook:
    """The accepted small book, put back as it was afterwards."""
    saved = {path: path.read_bytes() for path in _sources(accepted.root)}
    yield accepted
    for path, content in saved.items():
        path.write_bytes(content)


def _sources(root: Path) -> list[Path]:
    return [*sorted((root / "data").iterdir()), *sorted((root / "book/1-claims").iterdir())]


def test_an_untouched_book_is_reproduced(book: SmallBook) -> None:
    done = book.run("verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "slaves-12m" in done.stdout and "everything was reproduced" in done.stdout
    certificate = json.loads((book.root / "_build/certificate.json").read_text())
    assert certificate["outcome"] == "reproduced"
    assert {row["claim"] for row in certificate["claims"]} == {"slaves-12m", "profit-32bn", "figures-paired"}


def test_a_claim_can_be_verified_by_name(book: SmallBook) -> None:
    done = book.run("verify", "slaves-12m")
    assert done.returncode == 0 and "1 chapters" in done.stdout


def test_a_tampered_table_is_named(book: SmallBook) -> None:
    book.edit("data/global_estimates.csv", ",2400000,,2500000,", ",2400000,,9500000,")
    done = book.run("verify")
    assert done.returncode == 1
    assert any(
        line.startswith("NOT REPRODUCED: table global_estimates") and "value_high" in line and "9500000" in line
        for line in done.stdout.splitlines()
    )


def test_a_tampered_verdict_is_named(book: SmallBook) -> None:
    book.edit("data/verdicts.json", '"verdict": "contradicted"', '"verdict": "supported"')
    done = book.run("verify")
    assert done.returncode == 1
    assert "NOT REPRODUCED: claim slaves-12m: verdict: published supported, recomputed contradicted" in done.stdout


def test_a_tampered_number_is_named(book: SmallBook) -> None:
    book.edit("data/verdicts.json", '"trafficked_share": 0.203252', '"trafficked_share": 0.303252')
    done = book.run("verify")
    assert done.returncode == 1
    assert "claim slaves-12m: number trafficked_share: published 0.303252, recomputed 0.203252" in done.stdout


def test_a_verdicts_file_that_is_no_json_is_named(book: SmallBook) -> None:
    (book.root / "data/verdicts.json").write_text("{", encoding="utf-8")
    done = book.run("verify")
    assert done.returncode == 1 and "verdicts.json: cannot be read" in done.stdout


def test_a_chapter_edited_to_print_another_number_is_named(book: SmallBook) -> None:
    book.edit("book/1-claims/numbers.md", "trafficked_share=part / whole", "trafficked_share=0.95")
    done = book.run("verify")
    assert done.returncode == 1
    assert "claim slaves-12m: verdict: published contradicted, recomputed supported" in done.stdout


def test_a_cell_that_raises_is_named(book: SmallBook) -> None:
    book.edit("book/1-claims/numbers.md", "print(part / whole)", "raise RuntimeError('no')")
    done = book.run("verify")
    assert done.returncode == 1
    assert "NOT REPRODUCED: chapter numbers: cell at line 13" in done.stdout and "RuntimeError: no" in done.stdout


@pytest.mark.parametrize(
    ("cell", "variables", "told"),
    [
        ("import os; os._exit(1)", {}, "the kernel died"),
        ("while True: pass", {"COMPENDIUM_CELL_TIMEOUT": "2"}, "still running after 2 s"),
    ],
)
def test_a_kernel_that_dies_or_hangs_is_named(
    book: SmallBook, cell: str, variables: dict[str, str], told: str
) -> None:
    book.edit("book/1-claims/numbers.md", "print(part / whole)", cell)
    done = book.run("verify", "numbers", **variables)
    assert done.returncode == 1 and told in done.stdout


def test_an_unknown_name_cannot_run(book: SmallBook) -> None:
    done = book.run("verify", "slaves")
    assert done.returncode == 2
    assert done.stderr == "error: slaves: not a chapter or a claim; chapters: numbers, other\n"


def test_a_claim_whose_chapter_is_not_written_cannot_run(book: SmallBook) -> None:
    done = book.run("verify", "growing")
    assert done.returncode == 2 and "growing: chapter 'estimates' is not written yet" in done.stderr
