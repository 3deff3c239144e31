"""The records by which archives know the book: CITATION.cff, codemeta.json, .zenodo.json, codecheck.yml.

All four are made from `pyproject.toml`, the registry of claims, the published verdicts and the descriptors of the
tables; nothing of them is written by hand. An address of the repository or the book stands in them only if
`[project.urls]` of `pyproject.toml` names a `Repository` or a `Homepage`.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from compendium.evidence import licences, paths, tables
from compendium.trial import claims, history, score, verdicts

CODE_LICENCE, TEXT_LICENCE = "MIT", "CC-BY-4.0"
SPDX = "https://spdx.org/licenses/"
CODEMETA = "https://w3id.org/codemeta/3.0"
CODECHECK = "https://codecheck.org.uk/spec/config/1.0"
# What an independent checker computes again, and what it says.
MANIFEST = {
    "data/verdicts.json": "the verdict on every claim with its numbers, parts and alternatives",
    "data/robustness.json": "the stress test: sources dropped, inputs moved to their printed ends",
    "data/planted.json": "planted evidence: whether each verdict moves as declared",
}
ESSAY_STUDY = "keo2014"  # in references.bib


@dataclass(frozen=True)
class Project:
    """What the records say of the book; `urls` are those that `pyproject.toml` names."""

    title: str
    version: str
    released: str
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    python: str
    dependencies: tuple[str, ...]
    urls: dict[str, str]
    abstract: str


def project(root: Path = paths.ROOT) -> Project:
    """Read what the project says of itself, and sum up what the trial found."""
    told = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return Project(
        told["description"].rstrip("."),
        told["version"],
        released(told["version"]),
        tuple(author["name"] for author in told["authors"]),
        tuple(told["keywords"]),
        told["requires-python"],
        tuple(told["dependencies"]),
        {name.lower(): url for name, url in told.get("urls", {}).items()},
        abstract(verdicts.published()),
    )


def released(version: str) -> str:
    """The day on which a version began in the history of the claims; the last day there if it has not begun."""
    entries = [entry for kept in history.read().values() for entry in kept]
    return min((e.date for e in entries if e.version == version), default=max(e.date for e in entries))


def abstract(found: dict[str, verdicts.Verdict]) -> str:
    """What the book is and what it found, in a few sentences whose numbers are counted."""
    scores = score.score(found)
    told = {side: score.account(scored) for side, scored in scores.items()}
    return (
        f"{len(claims.registry().claims)} claims about human trafficking in Cambodia and the world are put on "
        "trial: those of a newspaper essay by Chenda Keo, of the discourse that it criticises, and some of this "
        "book's own. "
        "Each has a rule that says what would support and what would contradict it. "
        f"Chapters compute the numbers from {len(tables.names())} tables in which every row names its source, code "
        f"turns them into verdicts, and one command does it all again. {score.headline(scores)} "
        f"Of the claims of the essay: {_lower(told['essay'])} Of the claims of the discourse: "
        f"{_lower(told['discourse'])}"
    )


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


# ---------------------------------------------------------------- the four files


def citation(known: Project) -> str:
    """CITATION.cff: the software under its licence, the book to be cited under that of its text, and the study."""

    def common() -> dict[str, Any]:  # made twice: YAML would write a thing met again as a reference
        authors = [{"name": name} for name in known.authors]
        return {"title": known.title, "authors": authors, "version": known.version}

    places = {"url": known.urls.get("homepage"), "repository-code": known.urls.get("repository")}
    places = {key: url for key, url in places.items() if url}
    book = {"type": "book", **common(), "license": TEXT_LICENCE, "year": int(known.released[:4]), **places}
    return _yaml(
        {
            "cff-version": "1.2.0",
            "message": "If you use this compendium, cite it and the sources that its data catalogue names.",
            "type": "software",
            **common(),
            "date-released": known.released,
            "license": CODE_LICENCE,
            **places,
            "abstract": known.abstract,
            "keywords": list(known.keywords),
            "preferred-citation": book,
            "references": [_study()],
        }
    )


def _study() -> dict[str, Any]:
    """The study behind the essay, from the bibliography."""
    from pybtex.database import parse_file
    from pybtex.richtext import Text

    entry = parse_file(str(paths.BOOK / "references.bib")).entries[ESSAY_STUDY]
    people = [
        {"family-names": " ".join(person.last_names), "given-names": " ".join(person.first_names)}
        for person in entry.persons["author"]
    ]
    fields = entry.fields
    return {
        "type": "article",
        "title": str(Text.from_latex(fields["title"])),
        "authors": people,
        "journal": fields["journal"],
        "volume": fields["volume"],
        "year": int(fields["year"]),
        "doi": fields["doi"],
    }


def codemeta(known: Project) -> str:
    """codemeta.json, as CodeMeta 3.0 has it."""
    urls = {"url": known.urls.get("homepage"), "codeRepository": known.urls.get("repository")}
    return _json(
        {
            "@context": CODEMETA,
            "@type": "SoftwareSourceCode",
            "name": known.title,
            "description": known.abstract,
            "version": known.version,
            "datePublished": known.released,
            "author": [{"@type": "Organization", "name": name} for name in known.authors],
            "license": [SPDX + CODE_LICENCE, SPDX + TEXT_LICENCE],
            "keywords": list(known.keywords),
            "programmingLanguage": ["Python", "R"],
            "runtimePlatform": f"Python {known.python}",
            "softwareRequirements": [_application(needed) for needed in known.dependencies],
            "developmentStatus": "https://www.repostatus.org/#active",
            "isAccessibleForFree": True,
            "readme": "README.md",
            **{key: url for key, url in urls.items() if url},
        }
    )


def _application(needed: str) -> dict[str, str]:
    """A package that the book needs: a text would be read as an address."""
    from packaging.requirements import Requirement

    package = Requirement(needed)
    return {"@type": "SoftwareApplication", "name": package.name, "version": str(package.specifier)}


def zenodo(known: Project) -> str:
    """.zenodo.json: Zenodo knows one licence for a record, so that the notes say which part has which."""
    return _json(
        {
            "title": known.title,
            "upload_type": "software",
            "description": known.abstract,
            "creators": [{"name": name} for name in known.authors],
            "version": known.version,
            "publication_date": known.released,
            "access_right": "open",
            "license": CODE_LICENCE,
            "language": "eng",
            "keywords": list(known.keywords),
            "notes": licences.statement(),
            "related_identifiers": [
                {"identifier": str(_study()["doi"]), "relation": "references", "scheme": "doi"},
            ],
        }
    )


def codecheck(known: Project) -> str:
    """codecheck.yml: what a checker computes again. Who checks adds `codechecker`, `report` and `certificate`."""
    paper: dict[str, Any] = {"title": known.title, "authors": [{"name": name} for name in known.authors]}
    if "homepage" in known.urls:
        paper["reference"] = known.urls["homepage"]
    told: dict[str, Any] = {
        "version": CODECHECK,
        "paper": paper,
        "manifest": [{"file": file, "comment": comment} for file, comment in MANIFEST.items()],
        "summary": "`make verify` computes every verdict and number again and compares; exit code 0 if all agree.",
    }
    if "repository" in known.urls:
        told["repository"] = known.urls["repository"]
    return "---\n" + _yaml(told)


FILES = {"CITATION.cff": citation, "codemeta.json": codemeta, ".zenodo.json": zenodo, "codecheck.yml": codecheck}


def write(root: Path = paths.ROOT) -> list[Path]:
    """Write the records at the root of the repository, where archives look for them."""
    known = project(root)
    for name, make in FILES.items():
        paths.write(root / name, make(known))
    return [root / name for name in FILES]


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"
