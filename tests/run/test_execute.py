"""The cache never shows an old number, and nothing that goes wrong goes unsaid."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from nbformat import v4
from small_book import SmallBook

from compendium import trial
from compendium.evidence import tables
from compendium.run import execute, here, program
from compendium.run.reproduce import digests
from compendium.trial import claims, verdicts

BOTH, CHAPTER_ONLY, NEITHER = (
    {"numbers": "executed", "other": "executed"},
    {"numbers": "executed", "other": "unchanged"},
    {"numbers": "unchanged", "other": "unchanged"},
)


@pytest.fixture(scope="module")
def kept_and_saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[SmallBook, Path]:
    book = SmallBook(tmp_path_factory.mktemp("kept") / "book")
    assert book.executed() == BOTH
    return book, book.save()


@pytest.fixture
def kept(kept_and_saved: tuple[SmallBook, Path]) -> Iterator[SmallBook]:
    """A small book that was executed, put back as it was after each test."""
    book, saved = kept_and_saved
    yield book
    book.put_back(saved)


def test_what_did_not_change_is_not_executed_again(kept: SmallBook) -> None:
    assert kept.executed() == NEITHER


def test_what_is_handed_to_the_pages_is_the_last_execution_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_cache import get_cache

    monkeypatch.setattr(execute, "JUPYTER_CACHE", tmp_path / "cache")

    def executed(name: str, code: str, printed: str) -> execute.Executed:
        output = v4.new_output("stream", text=printed)
        notebook = v4.new_notebook(cells=[v4.new_code_cell(code, outputs=[output], execution_count=1)])
        page = execute.Page(name, tmp_path / f"{name}.md")
        return execute.Executed(page, json.loads(json.dumps(notebook)), 1.0, f"{code} {printed}", fresh=True)

    def shown() -> dict[str, str]:
        cache = get_cache(str(tmp_path / "cache"))
        bundles = [cache.get_cache_bundle(record.pk) for record in cache.list_cache_records()]
        return {Path(b.record.uri).stem: b.nb.cells[0].outputs[0].text for b in bundles}

    steady = executed("steady", "x", "1")
    # Other code, other data, the first code again on other data, and a book of one page less.
    for code, printed in (("a", "2"), ("b", "3"), ("b", "4"), ("a", "5")):
        execute.hand_over([steady, executed("moving", code, printed)])
        assert shown() == {"steady": "1", "moving": printed}
    execute.hand_over([steady])
    assert shown() == {"steady": "1"}


@pytest.mark.parametrize(
    ("path", "old", "new", "again"),
    [
        ("book/1-claims/numbers.md", "part / whole)", "part / whole + 0)", CHAPTER_ONLY),
        ("book/1-claims/numbers.md", "ipython3\n", "ipython3\n:tags: [hide-input]\n", CHAPTER_ONLY),
        ("book/1-claims/numbers.md", "# A short chapter", "# A chapter in other words", NEITHER),
        ("book/compendium/methods/counts/lineage.py", "KINDS = {", "KINDS = {  # changed", CHAPTER_ONLY),
        ("book/compendium/trial/claims.py", "MAX_QUOTE_WORDS = 14", "MAX_QUOTE_WORDS = 15", CHAPTER_ONLY),
        ("book/compendium/evidence/tables.py", "def read(", "def read(  # changed\n    ", BOTH),
        ("requirements.lock", "altair==", "# changed\naltair==", BOTH),
        ("book/compendium/methods/law/hazard.py", '"""', '"""Changed. ', NEITHER),
        (
            "data/claims.yml",
            "question: Does the figure count people who were trafficked",
            "question: Another?",
            CHAPTER_ONLY,
        ),
        ("data/claims.yml", "title: A growing threat", "title: Another title", NEITHER),
    ],
)
def test_what_a_chapter_depends_on_and_only_that_makes_it_run_again(
    kept: SmallBook, path: str, old: str, new: str, again: dict[str, str]
) -> None:
    kept.edit(path, old, new)
    assert kept.executed() == again


def test_a_changed_table_changes_the_number_of_the_chapters_that_read_it(kept: SmallBook) -> None:
    book = kept
    book.edit("data/global_estimates.csv", ",2400000,,2500000,", ",2400000,,2600000,")
    refused = book.run("execute")
    assert refused.returncode == 2
    assert "chapter numbers:" in refused.stderr and "table global_estimates" in refused.stderr
    assert book.run("data", "seal").returncode == 0
    assert book.executed() == CHAPTER_ONLY
    printed = json.loads((book.root / "_build/executed/book.1-claims.numbers.json").read_text())["notebook"]
    text = "".join(printed["cells"][1]["outputs"][0]["text"])
    assert text.startswith(str(2.6 / 12.3)[:8])


def test_a_table_named_by_a_variable_counts_as_all_tables() -> None:
    source = "```{code-cell} ipython3\nfor name in names:\n    tables.read(name)\n```\n"
    assert len(program.tables_read(source)) > 20
    assert program.tables_read(source.replace("read(name)", "read('countries')")) == ["countries"]


def test_the_tables_named_by_a_claim_are_read_in_its_chapter() -> None:
    for page in execute.pages():
        read = set(program.tables_read(page.path.read_text(encoding="utf-8")))
        for claim in claims.registry().of_chapter(page.chapter):
            assert set(claim.datasets) <= read, (
                f"{claim.id}: {page.chapter} does not read {set(claim.datasets) - read}"
            )


def one_by_one(cell: str) -> str:
    """A cell in which names that are bound together, each to its own value, are bound one after another."""
    lines = []
    for node in ast.parse(cell).body:
        match node:
            case ast.Assign([ast.Tuple(names)], ast.Tuple(values)) if len(names) == len(values):
                pairs = zip(names, values, strict=True)
                lines += [f"{ast.unparse(name)} = {ast.unparse(value)}" for name, value in pairs]
            case _:
                lines.append(ast.unparse(node))
    return "\n".join(lines)


def cells_of(page: execute.Page) -> list[str]:
    return [one_by_one(cell) for cell in program.cells(page.path.read_text(encoding="utf-8"))]


def opened_by_claim(page: execute.Page, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """By claim of a page, the tables that the statements open which its verdict rests on."""
    cells, describe = cells_of(page), tables.describe
    opened: dict[str, set[str]] = {}  # by statement
    names: dict[str, object] = {"__name__": "chapter"}
    for words, statement in here.deciding(cells):
        kept = opened.setdefault(words, set())
        monkeypatch.setattr(tables, "describe", lambda name, kept=kept: kept.add(name) or describe(name))
        exec(statement, names)
    return {
        claim.id: set().union(*(opened[words] for words, _ in here.deciding(cells, claim.id)))
        for claim in claims.registry().of_chapter(page.chapter)
    }


# Opened by a statement that serves other claims or drawings too: the verdict is the same whatever the table holds.
OPENED_FOR_OTHERS = {
    "slaves-12m": {"global_profits"},
    "profit-32bn": {"global_estimates"},
    "two-official-counts": {"countries"},
    "transnational": {"countries"},
    "three-tiers": {"countries"},
    "opaque-method": {"countries"},
    "severe-penalties": {"country_panel", "criminalisation_panel"},
    "long-sentences": {"source_disagreements"},
}
LONG = "politics"  # three quarters of a minute


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, id=page.chapter, marks=[pytest.mark.check] if page.chapter == LONG else [])
        for page in execute.pages()
    ],
)
def test_the_tables_that_a_verdict_rests_on_are_named_by_its_claim(
    page: execute.Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    for claim_id, opened in opened_by_claim(page, monkeypatch).items():
        others = OPENED_FOR_OTHERS.get(claim_id, set())
        assert opened - set(claims.registry()[claim_id].datasets) == others, claim_id


@pytest.mark.parametrize(
    ("claim_id", "table", "same"),
    [
        *((claim_id, table, True) for claim_id, names in OPENED_FOR_OTHERS.items() for table in sorted(names)),
        ("call-to-war", "second_codings", False),  # an alternative rests on it
        ("growing", "unodc_country_totals", False),  # named, and in disorder it would be seen
    ],
)
def test_a_table_in_disorder_moves_a_verdict_only_if_it_rests_on_it(
    claim_id: str, table: str, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under their keys, the cells of the table stand in the reverse order of its rows."""
    true, key = tables.read, tables.describe(table)["schema"]["primaryKey"]

    def disordered(name: str) -> pd.DataFrame:
        rows = true(name)
        turned = {column: rows[column].to_numpy()[::-1] for column in rows.columns if column not in key}
        return rows.assign(**turned) if name == table else rows

    found: list[verdicts.Verdict] = []
    monkeypatch.setattr(tables, "read", disordered)
    monkeypatch.setattr(trial, "conclude", lambda *claim, **told: found.append(verdicts.conclude(*claim, **told)))
    (page,) = execute.find([claims.registry()[claim_id].chapter])
    names: dict[str, object] = {"__name__": "chapter"}
    for _, statement in here.deciding(cells_of(page), claim_id):
        exec(statement, names)
    assert (found == [verdicts.published()[claim_id]]) == same


def test_modules_are_followed_through_each_other() -> None:
    page = "```{code-cell}\nfrom compendium.methods.shares import selfreport\n```\n"
    names = {path.stem for path in program.modules(page)}
    assert {"selfreport", "proportions"} <= names and "hazard" not in names


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize(
    ("cell", "told", "variables"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero", {}),
        # The kernel's own complaint, past what it forwards as output: it must not reach the terminal.
        ("import os; os.write(2, b'closed\\n'); 1 / 0", "ZeroDivisionError", {}),
        ("import os; os._exit(1)", "the kernel died", {}),
        ("import time; time.sleep(60)", "still running after 2 s", {"COMPENDIUM_CELL_TIMEOUT": "2"}),
    ],
)
def test_a_cell_that_fails_is_named_and_nothing_is_kept(
    cell: str, told: str, variables: dict[str, str], kept: SmallBook
) -> None:
    book = kept
    book.forget("numbers")
    book.edit("book/1-claims/numbers.md", "print(part / whole)", cell)
    done = book.run("execute", **variables)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1, done.stderr
    assert (
        done.stderr.startswith("error: chapter numbers: cell at line 14 ('from compendium.evidence import tables")
        and told in done.stderr
    )
    assert not (book.root / "_build/executed/book.1-claims.numbers.json").exists()


TWO_FIGURES = """import pandas as pd
from compendium import figures
for name in ("seen", "lost"):
    drawing, axis = figures.canvas()
    figure = figures.static(
        drawing, name=name, title="t", subtitle="s", source="s", data=pd.DataFrame({"x": [1]}),
        alt="eight words that say what a reader sees",
    )
    if name == "seen":
        display(figure)
print(part / whole)"""


def test_a_figure_that_is_made_and_never_shown_is_named(kept: SmallBook) -> None:
    book = kept
    book.edit("book/1-claims/numbers.md", "print(part / whole)", TWO_FIGURES)
    done = book.run("execute")
    assert done.returncode == 2
    assert done.stderr.startswith("error: chapter numbers: FigureError: figure lost: made and never shown")
    book.edit("book/1-claims/numbers.md", 'if name == "seen":', "if True:")
    assert book.executed()["numbers"] == "executed"
    stored = json.loads((book.root / "_build/executed/book.1-claims.numbers.json").read_text())["notebook"]
    assert "all_shown" not in json.dumps(stored)


def test_a_chapter_that_forgets_its_verdict_is_named(kept: SmallBook) -> None:
    book = kept
    book.edit("book/1-claims/numbers.md", 'conclude("figures-paired"', 'dict(figures="paired"')
    done = book.run("accept")
    assert done.returncode == 1
    assert "claim figures-paired: chapter numbers reaches no verdict" in done.stderr


def test_a_page_that_is_listed_but_missing_is_named(tmp_path: Path) -> None:
    book = SmallBook(tmp_path)
    (tmp_path / "book/1-claims/other.md").unlink()
    done = book.run("execute")
    assert done.returncode == 2 and "_toc.yml lists book/1-claims/other" in done.stderr


def killed(book: SmallBook, command: str, seconds: float) -> None:
    """Run a command of the small book and kill it, with all that it started, after some seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "compendium", command, "--quiet"],
        cwd=book.root,
        env=book.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    time.sleep(seconds)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def data_of(book: SmallBook) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (book.root / "data").iterdir() if path.suffix != ".draft"}


@pytest.mark.parametrize("seconds", [0.7, *(pytest.param(more, marks=pytest.mark.check) for more in (1.5, 2.5))])
def test_killed_while_executing_the_next_run_is_right_and_data_untouched(seconds: float, tmp_path: Path) -> None:
    book = SmallBook(tmp_path)
    before = data_of(book)
    killed(book, "execute", seconds)
    assert set(book.executed()) == {"numbers", "other"}
    assert book.executed() == NEITHER
    assert data_of(book) == before


@pytest.mark.parametrize("seconds", [3.5, *(pytest.param(other, marks=pytest.mark.check) for other in (2.0, 5.0))])
def test_killed_while_building_the_next_build_is_whole(
    seconds: float, accepted_book: SmallBook, built_book: SmallBook, tmp_path: Path
) -> None:
    book = SmallBook(tmp_path, accepted_book)
    before = data_of(book)
    killed(book, "build", seconds)
    assert book.run("build").returncode == 0
    assert data_of(book) == before
    assert data_of(book) == data_of(built_book)
    assert digests(book.root / "_build/html") == digests(built_book.root / "_build/html")


@pytest.mark.parametrize(
    "seconds", [1.0, *(pytest.param(other, marks=pytest.mark.check) for other in (0.6, 1.6, 2.4))]
)
def test_killed_while_accepting_the_published_verdicts_are_old_or_new_but_whole(
    seconds: float, accepted_book: SmallBook, tmp_path: Path
) -> None:
    book = SmallBook(tmp_path, accepted_book)
    old = (tmp_path / "data/verdicts.json").read_text()
    book.edit("book/1-claims/numbers.md", "trafficked_share=part / whole", "trafficked_share=0.95")
    killed(book, "accept", seconds)
    left = (tmp_path / "data/verdicts.json").read_text()
    assert book.run("accept").returncode == 0
    assert left in (old, (tmp_path / "data/verdicts.json").read_text())
