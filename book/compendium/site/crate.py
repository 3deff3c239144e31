"""The site as a research object: `ro-crate-metadata.json` joins claim, rule, data, code, verdict and certificate.

RO-Crate 1.2. The crate is the site itself: its files are those that lie beside the page, and what has no file of
its own (a claim, its rule, its verdict, a run, a module of code) is an entity with a name. A program that knows
nothing of the book reads from it on which data and which code a verdict rests. Made anew at the end of every build.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from compendium.evidence import licences, paths, tables
from compendium.run import certificate, execute, program, records, second
from compendium.site.catalogue import DOWNLOADS
from compendium.site.claims import chapter_page, reached
from compendium.site.ledger import CLAIM_PAGES
from compendium.site.notebooks import FOLDER as NOTEBOOKS
from compendium.trial import claims, told

FILE = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.2/context"
PROFILE = "https://w3id.org/ro/crate/1.2"
ESSAY, TEAM = "#essay", "#contributors"
CODE = "_downloads/code"  # every module that a chapter reaches, and the scripts in R, as files of the crate
LANGUAGES = {
    ".py": ("Python", "https://www.python.org/", "text/x-python"),
    ".R": ("R", "https://www.r-project.org/", "text/x-r"),
}

Entity = dict[str, Any]


def crate(app: Sphinx) -> Entity:
    """The whole crate: one flat graph in which every entity stands once."""
    known = records.project()
    executed = {page.page.chapter: page for page in app.__dict__.get("compendium_executed", {}).values()}
    graph: dict[str, Entity] = {}
    for entity in (
        *_frame(app, known),
        *_terms(),
        *(_table(name) for name in tables.names()),
        *_declarations(),
        *_code(executed.values()),
        *(entity for page in executed.values() for entity in _run(app, page)),
        *(entity for claim in claims.registry().claims.values() for entity in _claim(app, claim)),
    ):
        graph.setdefault(entity["@id"], entity)
    parts = [id for id, entity in graph.items() if "File" in _types(entity) and id != FILE]
    named = [id for id, entity in graph.items() if _types(entity) & {"Claim", "CreateAction"}]
    graph["./"] |= {"hasPart": _refs(parts), "mentions": _refs(named)}
    return {"@context": CONTEXT, "@graph": list(graph.values())}


def _types(entity: Entity) -> set[str]:
    kinds = entity["@type"]
    return {kinds} if isinstance(kinds, str) else set(kinds)


def _ref(identifier: str) -> dict[str, str]:
    return {"@id": identifier}


def _refs(identifiers: Iterable[str]) -> Any:
    """References to several things; to one thing, the reference alone."""
    found = [_ref(identifier) for identifier in dict.fromkeys(identifiers)]
    return found[0] if len(found) == 1 else found


def _frame(app: Sphinx, known: records.Project) -> Iterator[Entity]:
    """The descriptor, the root, who made it, what it is about, and the languages of its code."""
    yield {"@id": FILE, "@type": "CreativeWork", "about": _ref("./"), "conformsTo": _ref(PROFILE)}
    yield {
        "@id": "./",
        "@type": "Dataset",
        "name": known.title,
        "description": known.abstract,
        "datePublished": known.released,
        "version": known.version,
        "license": _ref(_term("own-work")),
        "creator": _ref(TEAM),
        "publisher": _ref(TEAM),
        "keywords": list(known.keywords),
        "about": _ref(ESSAY),
        **({"url": app.config.html_baseurl} if app.config.html_baseurl else {}),
    }
    yield {"@id": TEAM, "@type": "Organization", "name": known.authors[0], "description": "Who wrote the book."}
    yield {
        "@id": ESSAY,
        "@type": "CreativeWork",
        "name": "The essay on trial",
        "description": "A newspaper essay by Chenda Keo on the alarm about human trafficking in Cambodia.",
        "author": {"@id": "#keo"},
    }
    yield {"@id": "#keo", "@type": "Person", "name": "Chenda Keo"}
    in_r = ((certificate.published() or {}).get("second_way") or {}).get("r", "not recorded")
    versions = {"Python": known.python, "R": in_r}
    for name, url, _ in LANGUAGES.values():
        yield {"@id": url, "@type": "ComputerLanguage", "name": name, "url": url, "version": versions[name]}


def _term(name: str) -> str:
    """The identifier of some terms: their address, or a name where they have none or share it with others."""
    known = [term.get("path") for term in licences.terms().values()]
    address = licences.terms()[name].get("path")
    return str(address) if address and (name == "own-work" or known.count(address) == 1) else f"#terms-{name}"


def _terms() -> Iterator[Entity]:
    """The terms under which columns of the tables stand."""
    for name, term in licences.terms().items():
        told_by = "confirmed" if term["confirmed"] else "not confirmed by a text that was read"
        yield {
            "@id": _term(name),
            "@type": "CreativeWork",
            "name": term["title"],
            "description": f"{term['kind']}, {told_by}",
            **({"url": term["path"]} if "path" in term else {}),
        }


def _file(at: str, name: str, words: str, kind: str, **more: Any) -> Entity:
    return {"@id": at, "@type": "File", "name": name, "description": words, "encodingFormat": kind, **more}


def _data(file: str) -> str:
    return f"{DOWNLOADS}/{file}"


def _table(name: str) -> Entity:
    descriptor = tables.describe(name)
    return _file(
        _data(descriptor["path"]),
        descriptor["title"],
        descriptor["description"],
        "text/csv",
        identifier=name,
        sha256=descriptor["hash"].removeprefix("sha256:"),
        # What stands under the terms of the whole alone inherits them.
        **({"license": _refs(map(_term, used))} if (used := licences.used(descriptor)) != ["own-work"] else {}),
    )


def _declarations() -> Iterator[Entity]:
    """The files that declare, decide and certify."""
    for file, name, words, kind in (
        (
            "datapackage.json",
            "Data dictionary",
            "Every table and column: meaning, unit, source, terms.",
            "application/json",
        ),
        (
            "claims.yml",
            "Registry of claims",
            "Every claim with its question, numbers and rules.",
            "application/yaml",
        ),
        (
            "planted.yml",
            "Planted evidence",
            "Evidence that would move each part of each claim.",
            "application/yaml",
        ),
        ("verdicts.json", "Published verdicts", "The verdict on every claim with its numbers.", "application/json"),
        (
            "in_part.json",
            "Chapters in part",
            "What the part says that a browser fits of a grid of models.",
            "application/json",
        ),
        ("history.json", "History of the claims", "Every change of a rule or a verdict.", "application/json"),
        ("robustness.json", "Stress test", "What dropping sources does to each verdict.", "application/json"),
        ("planted.json", "Outcome of planted evidence", "Whether verdicts moved as declared.", "application/json"),
        (
            "certificate.json",
            "Certificate",
            "What was executed again, where, with what outcome.",
            "application/json",
        ),
        ("certificate.schema.json", "Schema of the certificate", "What its fields mean.", "application/json"),
    ):
        if (paths.DATA / file).exists():
            more: Entity = {"about": _ref("./")} if file == "certificate.json" else {}
            yield _file(_data(file), name, words, kind, **more)


def _module(path: str) -> str:
    return f"{CODE}/{path}"


def _code(executed: Iterable[execute.Executed]) -> Iterator[Entity]:
    """Every module that some chapter reaches, and the scripts of the second way, with their digests."""
    files = {Path(path) for page in executed for path in execute.sources(page.page) if path.endswith(".py")}
    files |= {path.relative_to(paths.ROOT) for path in second.SCRIPTS.glob("*.R")}
    for path in sorted(files):
        _, language, kind = LANGUAGES[path.suffix]
        yield {
            **_file(_module(path.as_posix()), path.as_posix(), "Code of the book.", kind),
            "@type": ["File", "SoftwareSourceCode"],
            "programmingLanguage": _ref(language),
            "sha256": hashlib.sha256(paths.content(paths.ROOT / path)).hexdigest(),
            "license": _ref(_term("MIT")),
        }


def _run(app: Sphinx, page: execute.Executed) -> Iterator[Entity]:
    """A chapter's page, its notebook, and the run that made verdicts from tables."""
    chapter, docname = page.page.chapter, page.page.docname
    source, notebook = f"_sources/{docname}.md", f"{NOTEBOOKS}/{chapter}.ipynb"
    text = page.page.path.read_text(encoding="utf-8")
    title = app.env.titles[docname].astext()
    reached_code = [_module(path) for path in execute.sources(page.page) if path.endswith(".py")]
    yield _file(
        source,
        f"Chapter {title}, as written",
        "Prose and code cells of the chapter, MyST Markdown.",
        "text/markdown",
        hasPart=_refs(reached_code),
        programmingLanguage=_ref(LANGUAGES[".py"][1]),
    ) | {"@type": ["File", "SoftwareSourceCode"]}
    yield _file(
        notebook,
        f"Chapter {title}, executed",
        "The chapter as a notebook with its outputs.",
        "application/x-ipynb+json",
        isBasedOn=_ref(source),
    )
    yield _file(
        f"{docname}.html",
        f"Chapter {title}",
        "The chapter as a reader sees it.",
        "text/html",
        isBasedOn=_ref(source),
    )
    before = certificate.published() or {}
    checked = {"endTime": before["checked_on"]} if chapter in before.get("chapters", {}) else {}
    yield {
        "@id": f"#run-{chapter}",
        "@type": "CreateAction",
        "name": f"Execution of the chapter {chapter}",
        "instrument": _ref(source),
        "object": _refs([_data("claims.yml"), *(_data(f"{name}.csv") for name in program.tables_read(text))]),
        "result": _refs([notebook, *(f"#verdict-{claim.id}" for claim in claims.registry().of_chapter(chapter))]),
        **checked,
    }


def _claim(app: Sphinx, claim: claims.Claim) -> Iterator[Entity]:
    """A claim, its rule, its verdict with numbers, and the page of it."""
    found = reached(app).get(claim.id)
    if found is None:
        return
    page, chapter = f"{CLAIM_PAGES}/{claim.id}.html", chapter_page(app, claim)
    yield {
        "@id": f"#claim-{claim.id}",
        "@type": "Claim",
        "name": claim.title,
        "identifier": claim.id,
        "text": claim.claim,
        "description": claim.question,
        **({"appearance": _ref(ESSAY)} if claim.side == "essay" else {}),
        "subjectOf": _refs([page, f"#verdict-{claim.id}"]),
    }
    said = [f"{part.name}: {name} if {rule.text}" for part in claim.parts for name, rule in part.rules.items()]
    yield {
        "@id": f"#rule-{claim.id}",
        "@type": "CreativeWork",
        "name": f"Rule of the claim {claim.id}",
        "text": "\n".join(said),
        "about": _ref(f"#claim-{claim.id}"),
        "isPartOf": _ref(_data("claims.yml")),
    }
    numbers = [_number(claim, name, value) for name, value in found.numbers.items()]
    yield {
        "@id": f"#verdict-{claim.id}",
        "@type": "CreativeWork",
        "additionalType": "https://schema.org/Review",
        "name": f"Verdict on the claim {claim.id}: {found.verdict}",
        "text": found.verdict,
        "abstract": told.found(claim, found) or found.verdict,
        "about": _ref(f"#claim-{claim.id}"),
        "isBasedOn": _refs(
            [
                f"#rule-{claim.id}",
                *(_data(f"{name}.csv") for name in claim.datasets),
                f"_sources/{chapter}.md",
            ]
        ),
        "mentions": _refs(number["@id"] for number in numbers),
        "isPartOf": _ref(_data("verdicts.json")),
        **({"subjectOf": _ref(_data("certificate.json"))} if (paths.DATA / "certificate.json").exists() else {}),
    }
    yield from numbers
    yield _file(page, f"Claim {claim.title}", claim.question, "text/html")


def _number(claim: claims.Claim, name: str, value: float | None) -> Entity:
    """One number of a verdict; a number that nobody has published has no value."""
    declared = claim.numbers[name]
    return {
        "@id": f"#number-{claim.id}-{name}",
        "@type": "PropertyValue",
        "name": name,
        "description": declared.meaning,
        "unitText": declared.unit,
        **({} if value is None else {"value": value}),
    }


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Write the crate beside the pages, of those files alone that are there."""
    if failed or app.builder.name != "html" or not app.__dict__.get("compendium_executed"):
        return
    out = Path(app.outdir)
    made = crate(app)
    shutil.rmtree(out / CODE, ignore_errors=True)
    for entity in made["@graph"]:
        if entity["@id"].startswith(f"{CODE}/"):
            target = out / entity["@id"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(paths.content(paths.ROOT / entity["name"]))
    there = [entity for entity in made["@graph"] if "File" not in _types(entity) or (out / entity["@id"]).exists()]
    for entity in there:
        if "File" in _types(entity):
            entity["contentSize"] = str((out / entity["@id"]).stat().st_size)
    known = {entity["@id"] for entity in there} | {PROFILE}
    text = json.dumps(
        {**made, "@graph": [_without_lost(entity, known) for entity in there]}, indent=1, ensure_ascii=False
    )
    (out / FILE).write_text(text + "\n", encoding="utf-8")


def _without_lost(entity: Entity, known: set[str]) -> Entity:
    """An entity without references to what the crate does not hold: a book may have fewer pages than claims."""

    def kept(value: Any) -> Any:
        if isinstance(value, list):
            return [each for each in value if not isinstance(each, dict) or each["@id"] in known]
        return value

    return {
        key: kept(value) for key, value in entity.items() if not isinstance(value, dict) or value["@id"] in known
    }


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("build-finished", publish, priority=860)
    return {"parallel_read_safe": False, "version": "1"}
