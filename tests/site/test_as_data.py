"""The book as data: a crate that joins claim and code, twins with numbers, tags, a list for programs, an EPUB."""

from __future__ import annotations

import hashlib
import html
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path
from typing import Any

import pytest
import strangers
from ask_crate import rests_on
from rocrate.vocabs import SCHEMA_MAP
from small_book import SmallBook

from compendium.evidence import paths, tables
from compendium.run import records
from compendium.site import crate, epub, twins
from compendium.trial import claims, verdicts

MODULE = '''"""What a page draws."""

import pandas as pd

from compendium import figures


def share(value: float) -> figures.Figure:
    """One bar."""
    drawing, axis = figures.canvas(height=1)
    axis.bar([0], [value])
    words = dict(title="A share", subtitle="Share", alt="One bar that stands for a share of one half.", source="-")
    return figures.static(drawing, name="bar", data=pd.DataFrame({"share": [value]}), **words)
'''
DRAWN = "\n```{code-cell} ipython3\nfrom compendium.chapters import drawn\ndrawn.share(0.5)\n```\n"
LINKED = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
CHAPTER, CLAIM = "book/1-claims/numbers", "slaves-12m"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of a small book with a claim, a figure, a number in prose and the catalogue."""
    book = SmallBook(tmp_path_factory.mktemp("data"))
    book.edit("book/index.md", "Text.", "The share is {number}`slaves-12m.trafficked_share`.")
    (book.root / "book/compendium/chapters/drawn.py").write_text(MODULE, encoding="utf-8")
    with book.chapter.open("a", encoding="utf-8") as page:
        page.write(DRAWN)
    (book.root / "book/1-claims/data.md").write_text("# Data\n\n```{data-catalogue}\n```\n", encoding="utf-8")
    with (book.root / "_toc.yml").open("a", encoding="utf-8") as contents:
        contents.write("  - file: book/1-claims/data\n")
    shutil.copy(paths.DATA / "certificate.json", book.root / "data")
    assert book.run("accept").returncode == 0
    done = book.run("build", COMPENDIUM_BASEURL="")
    assert done.returncode == 0, done.stderr
    return book.root / "_build/html"


@pytest.fixture(scope="module")
def made(small: Path) -> dict[str, Any]:
    return json.loads((small / crate.FILE).read_text(encoding="utf-8"))


def kinds(entity: dict[str, Any]) -> list[str]:
    return entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [value["@id"]] if set(value) == {"@id"} else [i for each in value.values() for i in references(each)]
    return [i for each in value for i in references(each)] if isinstance(value, list) else []


# ---------------------------------------------------------------- the crate


def test_the_crate_is_one_flat_graph_whose_references_lead_somewhere(made: dict[str, Any]) -> None:
    assert made["@context"] == "https://w3id.org/ro/crate/1.2/context"
    known = {entity["@id"]: entity for entity in made["@graph"]}
    assert len(known) == len(made["@graph"])
    lost = {i for entity in known.values() for key, v in entity.items() if key != "@id" for i in references(v)}
    assert lost - known.keys() == {crate.PROFILE}
    descriptor = known[crate.FILE]
    assert descriptor["about"] == {"@id": "./"} and descriptor["conformsTo"] == {"@id": crate.PROFILE}
    assert {"name", "description", "datePublished", "license", "hasPart"} <= known["./"].keys()
    nested = [key for e in known.values() for key, v in e.items() if isinstance(v, dict) and set(v) != {"@id"}]
    assert nested == []


def test_every_file_of_the_crate_is_there_as_described(made: dict[str, Any], small: Path) -> None:
    files = [entity for entity in made["@graph"] if "File" in kinds(entity)]
    assert len(files) > len(tables.names())
    for entity in files:
        content = (small / entity["@id"]).read_bytes()
        assert entity["contentSize"] == str(len(content)), entity["@id"]
        if "sha256" in entity:
            assert hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest() == entity["sha256"], entity["@id"]


def test_a_stranger_learns_from_the_crate_alone_what_a_verdict_rests_on(made: dict[str, Any]) -> None:
    answer = rests_on(made, CLAIM)
    claim, published = claims.registry()[CLAIM], verdicts.published()[CLAIM]
    assert answer["claim"] == [claim.claim] and answer["verdict"] != [] and published.claim == CLAIM
    assert sorted(answer["data"]) == sorted(f"_static/data/{name}.csv" for name in claim.datasets)
    assert "_downloads/code/book/compendium/methods/counts/lineage.py" in answer["code"]
    assert any(part.supported.text in line for part in claim.parts for line in answer["rule"])
    assert answer["certificate"] == ["_static/data/certificate.json"]


def test_of_the_book_it_learns_what_women_80_rests_on(site: Path) -> None:
    answer = rests_on(json.loads((site / crate.FILE).read_text(encoding="utf-8")), "women-80")
    assert answer["verdict"] == [verdicts.published()["women-80"].verdict]
    assert {f"_static/data/{name}.csv" for name in claims.registry()["women-80"].datasets} == set(answer["data"])
    assert {
        "_sources/book/3-prison/women.md",
        "_downloads/code/book/compendium/chapters/women/claim.py",
        "_downloads/code/book/compendium/methods/shares/proportions.py",
    } <= set(answer["code"])


def test_another_program_for_research_objects_reads_the_crate(small: Path, made: dict[str, Any]) -> None:
    """The reader of the RO-Crate community, which is locked like every other package; it checks no profile."""
    from rocrate.rocrate import ROCrate

    read = ROCrate(str(small))
    assert read.version == "1.2" and len(read.get_entities()) == len(made["@graph"])
    assert read.root_dataset["name"] == records.project().title
    assert read.dereference(f"#claim-{CLAIM}")["identifier"] == CLAIM


ROC_VALIDATOR = (
    *("roc-validator==0.13.0", "cattrs==26.2.1", "colorlog==6.12.0", "enum-tools==0.12.0", "html5rdf==1.2.1"),
    *("inquirerpy==0.3.4", "owlrl==7.6.2", "pfzy==0.3.4", "prettytable==3.18.0", "pyshacl==0.40.1"),
    *("rdflib==7.6.0", "requests-cache==1.3.3", "rich-click==1.9.9", "toml==0.10.2", "url-normalize==3.1.0"),
)
CHECK_CRATE = """
import importlib.resources, json, sys
from pathlib import Path
from types import SimpleNamespace
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

CONTEXT = json.loads((importlib.resources.files("rocrate") / "data/ro-crate.jsonld").read_text("utf-8"))

def held(self, url, **options):
    return SimpleNamespace(status_code=200, headers={"Content-Type": "application/ld+json"}, json=lambda: CONTEXT)

HttpRequester.get = held
found = {}
for folder in sys.argv[1:]:
    settings = services.ValidationSettings(
        rocrate_uri=folder, profile_identifier="ro-crate-1.2", requirement_severity=models.Severity.REQUIRED,
        offline=True, cache_path=Path(sys.prefix) / "cache",
    )
    result = services.validate(settings)
    found[folder] = [f"{issue.check.identifier}: {issue.message}" for issue in result.get_issues()]
print(json.dumps(found))
"""


@pytest.mark.check
def test_the_validator_of_research_objects_finds_all_that_their_profile_requires(
    small: Path, made: dict[str, Any], tmp_path: Path
) -> None:
    """Its context is the one that the reader of the community holds: that of 1.3, which knows all words of 1.2."""
    nameless = [{k: v for k, v in e.items() if (e["@id"], k) != ("./", "name")} for e in made["@graph"]]
    (tmp_path / crate.FILE).write_text(json.dumps(made | {"@graph": nameless}), encoding="utf-8")
    unchecked = "the crate was NOT checked against its profile"
    found = strangers.answer(ROC_VALIDATOR, CHECK_CRATE, small, tmp_path, unchecked=unchecked)
    assert found[str(small)] == []
    assert any("name" in issue for issue in found[str(tmp_path)])


# ---------------------------------------------------------------- twins, tags, the list


def test_a_twin_has_the_numbers_filled_in_and_the_page_links_it(small: Path) -> None:
    twin = (small / "book/index.md").read_text(encoding="utf-8")
    assert twin.startswith("# A small book\n") and "The share is [20.3%](" in twin
    page = (small / "book/index.html").read_text(encoding="utf-8")
    assert '<link rel="alternate" type="text/markdown" href="index.md"' in page
    text = (small / f"{CHAPTER}.md").read_text(encoding="utf-8")
    assert "![One bar that stands for a share of one half.](../../_static/figure-data/bar.svg)" in text
    assert (small / "_static/figure-data/bar.svg").read_text(encoding="utf-8").startswith("<svg")
    assert "import" not in text and "```{" not in text


def test_every_page_of_the_book_and_every_claim_has_a_twin(site: Path) -> None:
    pages = [page for folder in ("book", "claims") for page in (site / folder).rglob("*.html")]
    assert len(pages) > len(claims.registry().claims)
    assert [page.name for page in pages if not page.with_suffix(".md").exists()] == []


def test_pages_without_a_twin_are_of_the_kinds_that_the_page_for_reviewers_names(site: Path) -> None:
    pages = [page for page in site.rglob("*.html") if not page.with_suffix(".md").exists()]
    kinds = {page.relative_to(site).parts[0] for page in pages if page.parent != site}
    told = (site / "book/reference/verify.md").read_text(encoding="utf-8")
    (sentence,) = re.findall(r"The pages of ([a-z, ]+) and code have none", told)
    assert kinds == {"source", *sentence.split(", ")}
    assert {page.name for page in pages if page.parent == site} <= {
        "index.html", "404.html", "search.html", "genindex.html"
    }  # fmt: skip


def test_no_sentence_of_any_page_ends_twice(site: Path) -> None:
    """A text from the registry that brings its own stop into a sentence that has one."""
    ends = re.compile(r".{0,40}[^.\s/][.?!]\.(?=[\s*]|$)", re.M)
    found = {page.name: ends.findall(page.read_text(encoding="utf-8")) for page in site.rglob("*.md")}
    assert {page: ended for page, ended in found.items() if ended} == {}


def test_the_list_for_programs_leads_to_twins_that_exist(small: Path) -> None:
    text = (small / twins.LIST).read_text(encoding="utf-8")
    assert text.startswith(f"# {records.project().title}\n\n> ")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert f"{CHAPTER}.md" in links and f"claims/{CLAIM}.md" in links
    assert [link for link in links if not (small / link).exists()] == []


def test_a_page_tells_a_library_how_to_cite_it(small: Path) -> None:
    page = (small / f"{CHAPTER}.html").read_text(encoding="utf-8")
    told = dict(re.findall(r'<meta name="(citation_\w+)" content="([^"]*)"', page))
    assert told["citation_title"] == "A short chapter" and told["citation_author"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d", told["citation_publication_date"])
    assert "citation_pdf_url" not in told, "no address is known"


def test_the_catalogue_leads_to_each_table_and_its_page_describes_it_as_a_data_set(small: Path) -> None:
    def told(page: Path) -> dict[str, Any]:
        (text,) = LINKED.findall(page.read_text("utf-8"))
        return json.loads(text)

    catalogue = small / "book/1-claims/data.html"
    listed = told(catalogue)
    assert listed["@type"] == "DataCatalog" and len(listed["dataset"]) == len(tables.names())
    for entry in listed["dataset"]:
        page = (catalogue.parent / entry["@id"]).resolve()
        dataset = told(page)
        assert (
            dataset["@type"] == "Dataset" and dataset["name"] and (page.parent / dataset["@id"]).resolve() == page
        )
        assert dataset["license"] and 50 <= len(dataset["description"]) <= 5000, dataset["name"]
        assert (page.parent / dataset["distribution"]["contentUrl"]).resolve().exists()
        assert dataset["variableMeasured"] == [
            field["name"] for field in tables.describe(page.stem)["schema"]["fields"]
        ]
    assert "application/ld+json" not in (small / f"{CHAPTER}.html").read_text(encoding="utf-8")


def wider(kind: str) -> set[str]:
    """A type of schema.org and all that it is a kind of."""
    above = several(SCHEMA_MAP[kind].get("rdfs:subClassOf", []))
    return {kind}.union(*(wider(one["@id"]) for one in above if one["@id"] in SCHEMA_MAP))


def several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.check
def test_schema_org_has_every_word_of_the_data_and_has_it_for_that_kind_of_thing(
    small: Path, tmp_path: Path
) -> None:
    told = [json.loads(text) for page in small.rglob("*.html") for text in LINKED.findall(page.read_text("utf-8"))]
    assert len(told) > len(tables.names())
    (tmp_path / "told.json").write_text(json.dumps(told), encoding="utf-8")
    (tmp_path / "context.json").write_text('{"@context": {"@vocab": "schema:"}}', encoding="utf-8")
    found = strangers.expanded(tmp_path / "told.json", tmp_path / "context.json", "https://schema.org")
    assert len(found) == len(told)
    for node in strangers.nodes(found):
        kinds = set().union(*map(wider, node.get("@type", ())))
        for word in node.keys() - {"@type", "@id", "@value"}:
            homes = {home["@id"] for home in several(SCHEMA_MAP[word]["schema:domainIncludes"])}
            assert homes & kinds, f"{node['@type']}: {word}"


# ---------------------------------------------------------------- the EPUB


def test_the_epub_holds_the_pages_the_claims_and_the_figures(small: Path) -> None:
    with zipfile.ZipFile(small / epub.NAME) as book:
        assert book.namelist()[0] == "mimetype" and book.read("mimetype") == b"application/epub+zip"
        assert book.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
        assert {entry.date_time for entry in book.infolist()} == {epub.TIME}
        pages = {name: ET.fromstring(book.read(name)) for name in book.namelist() if name.endswith(".xhtml")}
        listed = re.findall(r'href="([^"]+)"', book.read("EPUB/content.opf").decode())
        assert sorted(f"EPUB/{name}" for name in listed) == sorted(set(book.namelist()[2:]) - {"EPUB/content.opf"})
    assert {f"EPUB/{CHAPTER.replace('/', '-')}.xhtml", f"EPUB/claims-{CLAIM}.xhtml"} <= pages.keys()
    images = [
        image.get("src") for page in pages.values() for image in page.iter("{http://www.w3.org/1999/xhtml}img")
    ]
    assert images == ["bar.svg"]


@pytest.mark.check
def test_epubcheck_finds_no_fault_in_the_book(site: Path) -> None:
    check, java = shutil.which("epubcheck"), shutil.which("java")
    if not (check and java):
        pytest.skip("no epubcheck found: the EPUB was NOT checked; install Debian's package epubcheck")
    jar = ["-jar", check] if Path(check).read_bytes()[:2] == b"PK" else None
    command = [java, *jar] if jar else [check]
    done = subprocess.run([*command, str(site / epub.NAME)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# ---------------------------------------------------------------- the words behind the tables


def test_catalogue_and_table_pages_say_of_every_table_whether_it_holds_the_words(small: Path) -> None:
    catalogue = html.unescape((small / "book/1-claims/data.html").read_text(encoding="utf-8"))
    for name in tables.names():
        about = tables.describe(name)
        held, without = tables.passages(name) if "no_passage" not in about else (0, 0)
        section = catalogue.partition(f'id="{name.replace("_", "-")}"')[2].partition("</section>")[0]
        page = html.unescape((small / f"tables/{name}.html").read_text(encoding="utf-8"))
        if "no_passage" in about:
            assert f"words that were read: none, {about['no_passage']}." in section
            assert f"Words that were read: none, {about['no_passage']}." in page
        else:
            assert (
                f"words that were read: held for {held}{f', not held for {without}' if without else ''}." in section
            )
            assert f"Words that were read: held for {held} rows, not held for {without}." in page
        for field in about["schema"]["fields"]:
            assert field.get("not_in_passage", "") in page
