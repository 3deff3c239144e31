"""The reviewer's command says what was touched: table, verdict, chapter, cell; its exit code follows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_book import SmallBook


@pytest.fixture
def book(tmp_path: Path, accepted_book: SmallBook) -> SmallBook:
    """A small book whose verdicts are published."""
    return SmallBook(tmp_path / "book", accepted_book)


@pytest.fixture
def certified(tmp_path: Path, certified_book: SmallBook) -> SmallBook:
    """A small book whose certificate is published."""
    return SmallBook(tmp_path / "book", certified_book)


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
    assert "claim slaves-12m: verdict: published contradicted, recomputed mixed" in done.stdout


PAGE, METHOD = "book/1-claims/numbers.md", "book/compendium/methods/counts/lineage.py"


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (PAGE, "print(part / whole)", "print(part / whole + 1)"),
        (PAGE, "# A short chapter", "# One in 500 people"),
        (METHOD, '"""', '"""In other words. '),
        ("book/compendium/methods/__init__.py", '"""', '"""In other words. '),
    ],
)
def test_a_chapter_or_its_code_that_is_not_as_certified_is_named(
    certified: SmallBook, path: str, old: str, new: str
) -> None:
    certified.edit(path, old, new)
    done = certified.run("verify")
    assert done.returncode == 1
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("NOT REPRODUCED")]
    assert told.startswith(f"NOT REPRODUCED: chapter numbers: not as certified: {path} sha256 ")
    assert told.count("sha256") == 1 and told.endswith("see git diff, or run verify --publish")


def test_a_book_that_is_as_certified_is_reproduced(certified: SmallBook) -> None:
    assert certified.run("verify").returncode == 0


def test_an_import_that_was_dropped_is_named_by_the_page(certified: SmallBook) -> None:
    certified.edit(PAGE, "from compendium.methods.counts import lineage\n", "")
    (told,) = [line for line in certified.run("verify").stdout.splitlines() if line.startswith("NOT REPRODUCED")]
    assert told.startswith(f"NOT REPRODUCED: chapter numbers: not as certified: {PAGE} sha256 ")


def test_what_was_changed_and_certified_again_is_reproduced(certified: SmallBook) -> None:
    certified.edit(PAGE, "print(part / whole)", "print(part / whole + 1)")
    assert certified.run("verify", "--publish").returncode == 0
    assert certified.run("verify").returncode == 0


def test_a_table_that_was_changed_and_sealed_again_is_named(certified: SmallBook) -> None:
    certified.edit("data/trafficker_samples.csv", "all convicted", "some convicted")
    assert certified.run("data", "seal").returncode == 0
    done = certified.run("verify")
    assert done.returncode == 1
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("NOT REPRODUCED")]
    assert told.startswith("NOT REPRODUCED: table trafficker_samples: not as certified: sha256 ")


def test_a_rule_that_was_changed_without_effect_is_named(certified: SmallBook) -> None:
    certified.edit("data/claims.yml", "contradicted: far >= 2", "contradicted: far >= 3")
    done = certified.run("verify")
    assert done.returncode == 1
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("NOT REPRODUCED")]
    assert told.startswith("NOT REPRODUCED: claim profit-32bn: not as certified: sha256 ")


def test_a_part_of_the_book_gets_no_certificate(book: SmallBook) -> None:
    done = book.run("verify", "numbers", "--publish")
    assert done.returncode == 2 and "a certificate is of the whole book" in done.stderr
    assert not (book.root / "data/certificate.json").exists()


def test_a_certificate_that_is_no_json_is_named(book: SmallBook) -> None:
    (book.root / "data/certificate.json").write_text("{", encoding="utf-8")
    done = book.run("verify")
    assert done.returncode == 1 and "NOT REPRODUCED: certificate.json: cannot be read" in done.stdout


def test_a_cell_that_raises_is_named(book: SmallBook) -> None:
    book.edit("book/1-claims/numbers.md", "print(part / whole)", "raise RuntimeError('no')")
    done = book.run("verify")
    assert done.returncode == 1
    assert "NOT REPRODUCED: chapter numbers: cell at line 14" in done.stdout and "RuntimeError: no" in done.stdout


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


def test_the_certificate_fits_its_schema_whether_reproduced_or_not(book: SmallBook) -> None:
    import jsonschema

    from compendium.evidence import paths

    schema = json.loads((paths.DATA / "certificate.schema.json").read_text())
    for damage in (lambda: None, lambda: book.edit("data/verdicts.json", '"contradicted"', '"supported"')):
        damage()
        book.run("verify", COMPENDIUM_CHECKER="A. Referee")
        certificate = json.loads((book.root / "_build/certificate.json").read_text())
        jsonschema.validate(certificate, schema)
        assert certificate["checked_by"] == "A. Referee"
    assert certificate["outcome"] == "not reproduced"


def test_a_claim_a_table_and_a_chapter_are_added_as_the_page_for_reviewers_says(tmp_path: Path) -> None:
    book = SmallBook(tmp_path)
    (tmp_path / "data/boats.csv").write_text("id,seats,source\nferry,40,Harbour list\nraft,4,Harbour list\n")
    package = json.loads((tmp_path / "data/datapackage.json").read_text())
    text = {"type": "string", "description": "As named", "unit": "text", "constraints": {"required": True}}
    known = next(table for table in package["resources"] if table["name"] == "trafficker_samples")
    boats = {
        **{key: known[key] for key in ("type", "scheme", "format", "mediatype", "encoding", "read_on")},
        "name": "boats",
        "title": "Boats",
        "description": "One row per boat.",
        "path": "boats.csv",
        "licence": "own-work",
        "licenses": [{"name": "own-work"}],
        "sources": [{"title": "Harbour list"}],
        "vintage": "2026",
        "row_source": ["source"],
        "checks": {"rows": 2},
        "schema": {
            "fields": [
                {**text, "name": "id"},
                {**text, "name": "seats", "type": "integer", "unit": "people"},
                {**text, "name": "source"},
            ],
            "primaryKey": ["id"],
            "missingValues": [""],
        },
    }
    package["resources"].append(boats)
    (tmp_path / "data/datapackage.json").write_text(json.dumps(package, indent=1))
    assert book.run("data", "seal").returncode == 0
    book.edit("data/claims.yml", "chapters:\n", "chapters:\n  boats: {part: 1, title: Boats}\n")
    with (tmp_path / "data/claims.yml").open("a") as registry:
        registry.write(
            """
  - id: big-boats
    title: Big boats
    chapter: boats
    holder: discourse
    basis: computed
    quote: boats are big
    claim: Boats are big.
    question: How many seats has the median boat?
    datasets: [boats]
    numbers:
      median_seats: {meaning: seats of the median boat, unit: people, tolerance: 0}
    key_number: median_seats
    supported: median_seats >= 20
    contradicted: median_seats < 10
    alternatives: {}
    would_change_it: A longer list.
"""
        )
    head = book.chapter.read_text().split("# A short chapter")[0]
    (tmp_path / "book/1-claims/boats.md").write_text(
        f"{head}# Boats\n\n```{{claim}} big-boats\n```\n\n```{{code-cell}} ipython3\n"
        "from compendium.evidence import tables\nfrom compendium.trial import conclude\n\n"
        'seats = tables.read("boats")["seats"].median()\n'
        'conclude("big-boats", median_seats=seats)\n```\n'
    )
    with (tmp_path / "_toc.yml").open("a") as toc:
        toc.write("  - file: book/1-claims/boats\n")
    assert "big-boats: verdict: none -> supported" in book.run("accept").stdout
    verified = book.run("verify", "big-boats")
    assert verified.returncode == 0 and "everything was reproduced" in verified.stdout
