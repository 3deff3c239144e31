"""No number in a sentence is typed by hand: it is glued, quoted, cited, or a year, an article or a chapter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from compendium.evidence import paths
from compendium.run import execute, program, stress
from compendium.trial import claims

PAGES = sorted(page for page in paths.BOOK.rglob("*.md") if ".ipynb_checkpoints" not in page.parts)
CHAPTERS = [page.path for page in execute.pages()]

# What may stand in prose: years, and the numbers by which laws, chapters and reports are named.
ALLOWED = re.compile(
    r"\b(?:19|20)\d\d(?:s|[–-]\d{2,4})?\b"  # years
    r"|\b(?:Articles?|Art\.|Chapters?|Part|Tiers?|Section|Python|CC BY|Version|GSI|Pyodide) "
    r"\d[\d.]*(?:(?: and| to|,| or) \d[\d.]*)*"
    r"|\b\d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
    r"|\b95% (?:credible )?intervals?\b"  # the name of a convention
    r"|\bGAO-06-825\b|\bUTF-8\b|\bSHA-256\b|\b3P\b|\b[Gg]oogle2\b",
)
REMOVED = [
    re.compile(r"\A---\n.*?\n---\n", re.DOTALL),  # front matter
    re.compile(r"^(`{3,}|~{3,}|:{3,}).*?^\1\s*$", re.DOTALL | re.MULTILINE),  # code cells and directives
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"<[^>]+>"),  # tags
    re.compile(r"\{[a-z:_+-]+\}`[^`]*`"),  # roles: glued, cited, claims
    re.compile(r"`[^`]*`"),  # code
    re.compile(r"\]\([^)]*\)"),  # addresses of links
    re.compile(r"“[^”]*”"),  # quoted words
    re.compile(r"\$[^$\n]+\$"),  # formulas
]


def essay_numbers() -> set[str]:
    """Numbers in the essay's own words, by which the book names its claims."""
    words = " ".join(claim.quote + " " + claim.title for claim in claims.registry().claims.values())
    return set(re.findall(r"\d[\d.,]*\d|\d", words))


def bare_numbers(text: str) -> list[str]:
    """The lines of a page in which a number was typed by hand."""
    for pattern in REMOVED:
        text = pattern.sub(" ", text)
    own = essay_numbers()
    found = []
    for line in text.splitlines():
        rest = ALLOWED.sub(" ", line)
        typed = [number for number in re.findall(r"\d[\d.,]*\d|\d", rest) if number not in own]
        if typed:
            found.append(f"{', '.join(typed)}: {line.strip()}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(paths.BOOK)))
def test_no_number_is_typed_by_hand(page: Path) -> None:
    assert bare_numbers(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("sentence", "caught"),
    [
        ("Women were 80.2% of them.", True),
        ("There were 199 of them.", True),
        ("Women were {glue:text}`share` of them.", False),
        ("In 2008 the law changed.", False),
        ("Article 10 sets the range.", False),
        ("He wrote “more than 400 people”.", False),
        ("The essay says 12.3 million.", False),
        ("It was 13.3 million.", True),
    ],
)
def test_the_scanner_catches_what_it_should(sentence: str, caught: bool) -> None:
    assert bool(bare_numbers(sentence)) == caught


def module_of(page: Path) -> str:
    """The text of the chapter's module, or of the parts of its package: what the page draws stands there."""
    room = paths.PACKAGE / "chapters"
    files = [*room.glob(f"{page.stem}.py"), *sorted((room / page.stem).glob("*.py"))]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_a_chapter_has_what_every_chapter_has(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    own = claims.registry().of_chapter(page.stem)
    for claim in own:
        assert f"```{{claim}} {claim.id}" in text, f"{page.stem} does not open with the claim {claim.id}"
        assert f'"{claim.id}"' in text.split(f"{{claim}} {claim.id}")[-1], (
            f"{page.stem} does not conclude {claim.id}"
        )
    if own:
        assert "## Counter-evidence" in text and "## What this cannot show" in text
        assert "```{check-yourself}" in text
        assert "figures.live(" in text + module_of(page), f"{page.stem} has no live figure"


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda page: page.stem)
def test_a_chapter_opens_no_path_and_is_read_in_ten_minutes(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    code = program.code(text) + module_of(page)
    for forbidden in (r"\bopen\(", r"\bread_csv\b", r"\bPath\(", "__file__", r"\bos\.\w"):
        assert not re.search(forbidden, code), f"{page.stem} uses {forbidden}"
    for pattern in REMOVED[:2]:
        text = pattern.sub(" ", text)
    assert len(text.split()) < 2_400  # ten minutes at 240 words a minute


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(paths.BOOK)))
def test_words_that_claim_more_than_the_evidence_stay_out(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"\bsignifican", text, re.IGNORECASE)
    assert not re.search(r"\b(prove[sd]?|obviously|clearly|undeniabl[ey]|shocking)\b", text)


def test_every_chapter_of_the_toc_is_a_file_and_every_page_is_in_the_toc() -> None:
    toc = yaml.safe_load((paths.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = sorted(paths.ROOT / f"{name}.md" for name in execute.listed(toc))
    assert listed == PAGES


def test_the_catalogue_names_every_verdict_that_is_not_reached_without_unverified_rows() -> None:
    page = (paths.BOOK / "reference" / "data.md").read_text(encoding="utf-8")
    fallen = {
        claim for claim, result in stress.published().items() if str(stress.Change("unverified")) in result["falls"]
    }
    assert set(re.findall(r"\{claim\}`([\w-]+)`", page)) == fallen


METHODS = paths.PACKAGE / "methods"


def test_every_method_is_in_the_page_of_methods() -> None:
    """A method is a module of a field, or a folder of modules; the page names each and no other."""
    page = (paths.BOOK / "reference" / "methods.md").read_text(encoding="utf-8")
    fields = (field for field in METHODS.iterdir() if field.is_dir() and field.name[0] != "_")
    methods = {path.stem for field in fields for path in field.iterdir() if path.name[0] != "_"}
    named = set(re.findall(r"`(\w+)`", page.split("## Rules")[0]))
    assert methods == named


@pytest.mark.parametrize("path", sorted(METHODS.rglob("*.py")), ids=lambda path: path.stem)
def test_a_method_module_reads_no_file(path: Path) -> None:
    """Pure functions: what a page reads can then be told from the page alone, which the cache relies on."""
    assert not re.search(r"\bread_csv\b|\bopen\(|\bread_text\(", path.read_text(encoding="utf-8"))
