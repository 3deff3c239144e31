"""How a page is found, shared, printed and cited, on a small book built with a known address."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from conftest import chromium_path
from small_book import SmallBook

from compendium.evidence import paths
from compendium.run import build
from compendium.run.reproduce import digests

BASE = "https://book.example/sub"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, accepted_book: SmallBook) -> Path:
    book = SmallBook(tmp_path_factory.mktemp("address"), accepted_book)
    book.edit("book/index.md", "Text.", "The first words of the book.\n\n```{pdf-link}\n```")
    book.did("build", COMPENDIUM_BASEURL=BASE)
    return book.root / "_build/html"


def tags(page: Path) -> dict[str, str]:
    return dict(
        re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', page.read_text(encoding="utf-8"))
    )


def test_a_page_says_what_it_is_to_those_who_share_it(site: Path) -> None:
    found = tags(site / "book/index.html")
    assert found["og:title"] == "A small book"
    assert found["og:description"] == found["description"] == "The first words of the book."
    assert found["og:url"] == f"{BASE}/book/index.html"


def test_its_card_is_a_picture_of_the_right_size(site: Path) -> None:
    image = tags(site / "book/1-claims/numbers.html")["og:image"]
    data = (site / image.removeprefix(f"{BASE}/")).read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")) == (1200, 630)


def test_a_page_names_its_canonical_address(site: Path) -> None:
    text = (site / "book/1-claims/numbers.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{BASE}/book/1-claims/numbers.html"' in text


def test_the_sitemap_lists_pages_that_exist(site: Path) -> None:
    places = [
        element.text or "" for element in ET.parse(site / "sitemap.xml").iter() if element.tag.endswith("loc")
    ]
    assert f"{BASE}/claims/slaves-12m.html" in places and len(places) > 20
    for place in places:
        assert (site / place.removeprefix(f"{BASE}/")).exists(), place


def test_a_wrong_address_leads_home(site: Path) -> None:
    assert f'href="{BASE}/book/index.html"' in (site / "404.html").read_text(encoding="utf-8")


def test_a_page_says_how_to_cite_it(site: Path) -> None:
    text = (site / "book/1-claims/numbers.html").read_text(encoding="utf-8")
    assert "Cite this page." in text and f"{BASE}/book/1-claims/numbers.html</p>" in text


def test_without_a_known_address_none_is_invented(built_book: SmallBook) -> None:
    page = (built_book.root / "_build/html/book/index.html").read_text(encoding="utf-8")
    assert "canonical" not in page and "og:url" not in page
    assert not (built_book.root / "_build/html/sitemap.xml").exists()


@pytest.mark.browser
def test_the_pdf_is_tagged_outlined_and_linked(tmp_path: Path, accepted_book: SmallBook) -> None:
    if chromium_path() is None:
        pytest.skip("no Chromium found: the PDF was NOT made")
    book = SmallBook(tmp_path, accepted_book)
    book.edit("book/index.md", "Text.", "```{pdf-link}\n```")
    done = book.run("pdf")
    assert done.returncode == 0, done.stderr
    data = (tmp_path / "_build/html/trafficking-in-cambodia.pdf").read_bytes()
    assert data.startswith(b"%PDF") and b"/StructTreeRoot" in data and b"/Outlines" in data
    assert set(re.findall(rb"D:\d{14}", data)) == {b"D:20260101000000"}, "the PDF holds the hour of its printing"
    assert 'href="../trafficking-in-cambodia.pdf"' in (tmp_path / "_build/html/book/index.html").read_text()


def test_an_interrupted_build_leaves_the_site_and_is_begun_anew(built_book: SmallBook) -> None:
    book, tmp_path = built_book, built_book.root
    page = tmp_path / "_build/html/book/index.html"
    whole = page.read_bytes()
    written, read = (tmp_path / folder.relative_to(paths.ROOT) for folder in (build.WRITTEN, build.READ))
    # What a build that was killed while Sphinx wrote leaves behind: half a draft, and notes of Sphinx cut short.
    shutil.copytree(tmp_path / "_build/html", written)
    (written / "book/index.html").write_bytes(whole[:200])
    for note in (path for path in read.rglob("*") if path.is_file()):
        note.write_bytes(note.read_bytes()[: note.stat().st_size // 2])
    (tmp_path / "_build/unfinished").touch()
    assert page.read_bytes() == whole
    index = tmp_path / "book/index.md"
    index.write_text(index.read_text().replace("Text.", "Another text."))
    assert book.run("build").returncode == 0
    assert page.read_bytes() == whole.replace(b"Text.", b"Another text.")
    assert (tmp_path / "_build/html/claims/slaves-12m.html").exists() and not written.exists()


def test_new_prose_is_shown_around_the_kept_numbers(built_book: SmallBook) -> None:
    book = built_book
    page = book.root / "_build/html/book/1-claims/numbers.html"
    printed = re.findall(r"0\.2\d{6,}", page.read_text())
    assert printed
    book.edit("book/1-claims/numbers.md", "# A short chapter", "# A chapter in other words\n\nMore prose.")
    done = book.run("build")
    assert "executed 0 of 2 chapters" in done.stderr
    text = page.read_text()
    assert "A chapter in other words" in text and "More prose." in text
    assert re.findall(r"0\.2\d{6,}", text) == printed


FRONT = """# A small book

{number}`slaves-12m.trafficked_share` {claim}`profit-32bn`

```{ledger}
```

```{certificate}
```

```{bibliography}
```
"""
CHAPTER_MODULE = "book/compendium/chapters/drawn.py"
HEAD = "def share(value: float) -> figures.Figure:"
DRAWS = '''"""What another page draws."""

import pandas as pd

from compendium import figures


def share(value: float) -> figures.Figure:
    """One bar."""
    drawing, axis = figures.canvas(height=1)
    axis.bar([0], [value])
    words = dict(title="A share", subtitle="Share", alt="One bar that stands for a share of one half.", source="-")
    return figures.static(drawing, name="bar", data=pd.DataFrame({"share": [value]}), **words)
'''
DRAWN = """
```{code-cell} ipython3
from compendium.chapters import drawn
drawn.share(0.5)
```
"""
# On a page that none of the changes touches, so that only what it shows of others can be out of date.
SHOWS_OTHERS = """
```{glossary}
Stock
  The number of people in a state at one time.
```

```{data-catalogue}
```
"""


def words_of(site: Path) -> dict[str, object]:
    """What the search knows, without words that stand on no page any more."""
    text = (site / "searchindex.js").read_text(encoding="utf-8")
    index: dict[str, object] = json.loads(text[text.index("{") : text.rindex("}") + 1])
    for name in ("terms", "titleterms"):
        known = index[name]
        assert isinstance(known, dict)
        index[name] = {word: places for word, places in known.items() if places != []}
    return index


def test_after_any_change_the_site_is_the_one_that_a_clean_build_makes(tmp_path: Path) -> None:
    book = SmallBook(tmp_path)
    (tmp_path / "book/index.md").write_text(FRONT, encoding="utf-8")
    shutil.copy(paths.DATA / "certificate.json", tmp_path / "data")
    (tmp_path / CHAPTER_MODULE).write_text(DRAWS, encoding="utf-8")
    for name, more in (("numbers", DRAWN + "\n{cite}`ilo2005`\n"), ("other", SHOWS_OTHERS)):
        with (tmp_path / f"book/1-claims/{name}.md").open("a", encoding="utf-8") as page:
            page.write(more)
    book.run("accept")
    site = tmp_path / "_build/html"
    assert book.run("build").returncode == 0
    for path, old, new in (
        # First, for it has the whole site written anew.
        ("book/references.bib", "A Global Alliance", "One Global Alliance"),
        ("data/claims.yml", "title: A growing threat", "title: A threat that grows"),
        ("book/1-claims/numbers.md", "part / whole, alternatives", "part / whole - 1e-9, alternatives"),
        ("data/certificate.json", '"checked_by": ""', '"checked_by": "A referee"'),
        ("data/robustness.json", '"survived": ', '"survived": 1'),
        ("book/compendium/methods/counts/lineage.py", "KINDS = {", "KINDS = {  # changed"),
        (
            CHAPTER_MODULE,
            HEAD,
            f'{HEAD}\n    """A bar."""\n    return part(value)\n\n\n{HEAD.replace("share", "part")}',
        ),
        ("book/compendium/run/pdf.py", "SECONDS = ", "SECONDS = 1 + "),
    ):
        book.edit(path, old, new)
        done = book.run("build")
        assert done.returncode == 0, done.stderr
    text = (site / "book/1-claims/numbers.html").read_text(encoding="utf-8")
    assert "drawn.html#part" in text and "drawn.html#share" in text, (
        "the figure and the cell lead to their functions"
    )
    step_by_step, words = digests(site), words_of(site)
    shutil.rmtree(tmp_path / "_build")
    assert book.run("build").returncode == 0
    clean = digests(site)
    assert words == words_of(site)
    del step_by_step["searchindex.js"], clean["searchindex.js"]
    assert {name for name in {*clean, *step_by_step} if clean.get(name) != step_by_step.get(name)} == set()


def test_the_ledger_follows_the_stress_test_and_the_chapters(built_book: SmallBook) -> None:
    book, tmp_path = built_book, built_book.root
    book.edit("book/index.md", "Text.", "```{ledger}\n```")
    assert book.run("verify", "numbers", "--perturb", "--publish").returncode == 0
    page = tmp_path / "_build/html/book/index.html"

    def row() -> str:
        (found,) = re.findall(r"<tr (?:(?!</tr>).)*slaves-12m(?:(?!</tr>).)*</tr>", page.read_text(), re.DOTALL)
        return str(found)

    assert book.run("build").returncode == 0
    assert "Stress test of the data" in row() and "earlier version" not in row()
    book.edit("book/1-claims/numbers.md", "part / whole", "(part / whole)")
    done = book.run("build")
    assert "executed 1 of 2 chapters" in done.stderr
    assert "stress test of the data was made for an earlier version" in row()
    (tmp_path / "data/robustness.json").unlink()
    assert book.run("build").returncode == 0
    assert "tress test" not in row()


def test_a_build_whose_verdict_is_not_the_published_one_is_refused(built_book: SmallBook) -> None:
    book = built_book
    book.edit("book/1-claims/numbers.md", "trafficked_share=part / whole", "trafficked_share=0.95")
    done = book.run("build")
    assert done.returncode == 2
    assert "claim slaves-12m: verdict: published contradicted, recomputed mixed" in done.stderr
