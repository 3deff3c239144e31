"""The ledger of all claims, a page for each claim with a permanent address, and their downloads."""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from compendium.evidence import numbers, paths
from compendium.run import plant
from compendium.site import bench, bend, doors, pages, source, strips
from compendium.site.catalogue import DOWNLOADS
from compendium.site.claims import LEDGER, STYLES, ClaimNode, chapter_page, reached, rests_on, stress_inputs, view
from compendium.trial import certainty, claims, history, rules, told

CLAIM_PAGES = "claims"
# ClaimReview wants a number beside the word: 1 for contradicted up to 5 for supported.
# What is not established or cannot be tested gets no number: a scale would read it as mostly false.
RATINGS = {
    rules.CONTRADICTED: 1,
    rules.PARTLY_AGAINST: 2,
    rules.MIXED: 3,
    rules.PARTLY: 4,
    rules.SUPPORTED: 5,
}


class LedgerDirective(SphinxDirective):
    """``{ledger}`` lists every claim; the reader sorts and filters it."""

    template = LEDGER

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages are known."""
        node = ClaimNode(template=self.template, claims=list(claims.registry().claims))
        node.source, node.line = self.get_source_info()
        return [node]


class ScoreDirective(LedgerDirective):
    """``{score}`` counts verdicts by part and by holder."""

    template = "score.html"


class PlantedDirective(SphinxDirective):
    """``{planted}`` says how many plantings moved as declared, and how many the rules before would have failed."""

    def run(self) -> list[nodes.Node]:
        """Return a paragraph computed from `data/planted.json`."""
        self.env.note_dependency(str(paths.DATA / plant.FILE))
        return [nodes.raw("", pages.render("planted.html", **plant.tally()), format="html")]


class NumberRole(SphinxRole):
    """``{number}`claim.name``` prints a number of a verdict with its unit; it cannot differ from the chapter's."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number, or an error naming what is unknown."""
        claim_id, _, name = self.text.partition(".")
        claim = claims.registry().claims.get(claim_id)
        if claim is None or name not in claim.numbers:
            message = self.inliner.reporter.error(f"no number {self.text!r} in claims.yml", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        found = reached(self.env.app).get(claim_id)
        rests_on(self.env.app, self.env.docname, claim_id)
        text = told.plain(found.numbers[name], claim.numbers[name].unit) if found else rules.PENDING
        return [doors.DoorNode("", text, folder=doors.CLAIMS, page=claim_id, name=name)], []


class CertaintyRole(SphinxRole):
    """``{certainty}`claim``` prints how certain a verdict is; it cannot differ from the card's."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the grade, or an error naming the unknown claim."""
        claim = claims.registry().claims.get(self.text)
        if claim is None:
            message = self.inliner.reporter.error(f"no claim {self.text!r} in claims.yml", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        verdict = reached(self.env.app).get(claim.id)
        rests_on(self.env.app, self.env.docname, claim.id)
        grade = certainty.grade(claim, verdict) if verdict else None
        return [nodes.inline("", grade.word if grade else "not graded")], []


def claim_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """One page for each claim: its verdict, how to cite it, and machine-readable ClaimReview.

    One that would be as it was is not written again: no page is more to write, and prose moves none.
    """
    made_of, before = _made_of(app), _written_before(app)
    for claim in claims.registry().claims.values():
        name = f"{CLAIM_PAGES}/{claim.id}"
        if before.get(claim.id) == made_of[claim.id]:
            continue
        shown = view(app, claim, name)
        review = _review(app, shown)
        as_data = json.dumps(review, indent=1, sort_keys=True) if review else ""
        chapter = chapter_page(app, claim)
        body = pages.render(
            "claim-page.html",
            **shown,
            drawn=strips.of_parts(claim, shown["verdict"]) if shown["verdict"] else (),
            strip_key=strips.key,
            beside=strips.of_context(claim, shown["verdict"]) if shown["verdict"] else (),
            plain=told.plain,
            up="../",
            review=pages.render("claim-review.html", review=as_data) if as_data else "",
            bend=bend.bend(claim, shown["verdict"]),
            verify=bench.of_claim(claim),
            **_past(claim),
            cite=citation(shown),
            makers=source.makers(app, chapter, claim.id) if chapter else [],
            opened=doors.on_claim_page(app, claim, shown["verdict"], chapter),
            docname=name,
        )
        yield name, {"title": claim.title, "body": body, "meta": {"description": claim.question}}, "page.html"


def _made_of(app: Sphinx) -> dict[str, str]:
    """By claim, a digest of all that its page is made from: data, code, contents, and how its chapter came out."""
    below = {file for folder in (paths.DATA, paths.PACKAGE) for file in folder.rglob("*") if file.is_file()}
    files = sorted(file for file in below if "__pycache__" not in file.parts)
    everywhere = pages.digest(
        [
            {str(file.relative_to(paths.ROOT)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files},
            {name: title.astext() for name, title in app.env.titles.items()},
            {name: verdict.as_dict() for name, verdict in reached(app).items()},
            [app.config.html_baseurl, bench.state()],
        ]
    )
    executed = {page.page.chapter: page.key for page in app.__dict__.get("compendium_executed", {}).values()}
    return {
        claim.id: pages.digest([everywhere, executed.get(claim.chapter), stress_inputs().get(claim.chapter)])
        for claim in claims.registry().claims.values()
    }


def _record(app: Sphinx) -> Path:
    """Where it is noted what the written pages were made from: beside what Sphinx keeps of these pages."""
    return Path(app.doctreedir) / "claim-pages.json"


def _written_before(app: Sphinx) -> dict[str, str]:
    """What the pages that stand in the folder were made from, by claim."""
    if app.builder.name != "html":
        return {}
    try:
        known = json.loads(_record(app).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {claim: made for claim, made in known.items() if Path(app.outdir, CLAIM_PAGES, f"{claim}.html").exists()}


def _past(claim: claims.Claim) -> dict[str, Any]:
    """How the claim came to its rule and verdict, and what became of the evidence planted for it."""
    planted = plant.published().get(claim.id, {})
    entries = history.read().get(claim.id, [])
    changes = [numbers.listing([*after.changes(before)]) for before, after in itertools.pairwise(entries)]
    return {
        "past": list(zip(entries, ["", *changes], strict=False)),
        "origin": history.origin(entries),
        "planted": planted.get("planted", []),
        "planted_stale": bool(planted) and planted["inputs"] != stress_inputs().get(claim.chapter),
        "styles": STYLES,
    }


def share_contents(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the pages of claims, which all stand at one place outside the contents, share one rendering of them."""
    if not pagename.startswith(f"{CLAIM_PAGES}/"):
        return
    rendered: dict[str, str] = app.__dict__.setdefault("compendium_contents", {})
    render = context["toctree"]

    def contents(**options: Any) -> str:
        asked = repr(sorted(options.items()))
        if asked not in rendered:
            rendered[asked] = render(**options)
        return rendered[asked]

    context["toctree"] = contents


def citation(shown: dict[str, Any]) -> str:
    """How to cite the verdict on one claim."""
    return (
        f"Claim “{shown['claim'].id}”: {shown['word']}. In: Trafficking in Cambodia: an essay on trial. "
        f"An executable research compendium, version {pages.version()}."
    )


def review_of(claim: claims.Claim, word: str, body: str, address: str, released: str) -> dict[str, Any] | None:
    """Return the schema.org ClaimReview of a claim that somebody makes; None for a question of the book.

    `address` is the absolute address of the claim's page, empty if the site has none. A word that says nothing of
    the claim's truth (not established, not testable) has no number.
    """
    if not claim.side:
        return None
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": word, "bestRating": 5, "worstRating": 1}
    if word in RATINGS:
        rating["ratingValue"] = RATINGS[word]
    keo = {"@type": "Person", "name": "Chenda Keo"}
    essay = {"@type": "CreativeWork", "name": "Newspaper essay on human trafficking in Cambodia", "author": keo}
    made: dict[str, Any] = {"@type": "Claim", "appearance": {**essay, "text": claim.quote}}
    if claim.side == "essay":
        made["author"] = keo
    else:
        made |= {
            "author": {"@type": "Organization", "name": "Governments, agencies and media"},
            "claimInterpreter": keo,
        }
    review = {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "claimReviewed": claim.claim,
        "author": {"@type": "Organization", "name": "Trafficking in Cambodia: an essay on trial"},
        "datePublished": released,
        "itemReviewed": made,
        "reviewRating": rating,
        "reviewBody": body,
    }
    return {**review, "url": address} if address else review


def _review(app: Sphinx, shown: dict[str, Any]) -> dict[str, Any] | None:
    claim, base = shown["claim"], app.config.html_baseurl
    address = f"{base}{CLAIM_PAGES}/{claim.id}.html" if base else ""
    body = shown["found"] or shown["robustness"]
    return review_of(claim, shown["word"], body, address, history.release()[1])


def rows(app: Sphinx) -> list[dict[str, str]]:
    """The ledger as rows of text, for its CSV."""
    table = []
    for claim in claims.registry().claims.values():
        shown = view(app, claim, "")
        table.append(
            {
                "claim": claim.id,
                "title": claim.title,
                "quote": claim.quote,
                "part": claims.registry().parts[claim.part],
                "chapter": claim.chapter,
                "holder": claim.holder,
                "basis": claim.basis,
                "verdict": shown["word"],
                "key_number": shown["key"],
                "robustness": shown["robustness"],
                "stress_test": shown["stress"],
                "would_change_it": claim.would_change_it,
            }
        )
    return table


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Write the ledger as CSV beside the tables."""
    if failed or app.builder.format != "html":
        return
    path = Path(app.outdir) / DOWNLOADS / "ledger.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    table = rows(app)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    if app.builder.name == "html":
        _record(app).write_text(json.dumps(_made_of(app)), encoding="utf-8")


def add_script(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script of the ledger where the ledger stands."""
    if doctree is not None and "ledger-filters" in context.get("body", ""):
        app.add_js_file("ledger.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("ledger", LedgerDirective)
    app.add_directive("score", ScoreDirective)
    app.add_directive("planted", PlantedDirective)
    app.add_role("number", NumberRole())
    app.add_role("certainty", CertaintyRole())
    app.connect("html-collect-pages", claim_pages)
    app.connect("html-page-context", add_script)
    # Before the theme asks for the contents.
    app.connect("html-page-context", share_contents, priority=400)
    app.connect("build-finished", publish, priority=900)
    return {"parallel_read_safe": False, "version": "1"}
