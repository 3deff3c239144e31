"""The ledger of all claims, a page for each claim with a permanent address, and their downloads."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from compendium import claims
from compendium.sphinx import pages
from compendium.sphinx.catalogue import DOWNLOADS
from compendium.sphinx.claims import LEDGER, ClaimNode, plain, rests_on, verdicts, view

CLAIM_PAGES = "claims"
# ClaimReview wants a number beside the word: 1 for contradicted up to 5 for supported.
RATINGS = {claims.CONTRADICTED: 1, claims.OPEN: 2, claims.PARTLY: 4, claims.SUPPORTED: 5}


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


class NumberRole(SphinxRole):
    """``{number}`claim.name``` prints a number of a verdict with its unit; it cannot differ from the chapter's."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number, or an error naming what is unknown."""
        claim_id, _, name = self.text.partition(".")
        claim = claims.registry().claims.get(claim_id)
        if claim is None or name not in claim.numbers:
            message = self.inliner.reporter.error(f"no number {self.text!r} in claims.yml", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        found = verdicts(self.env.app).get(claim_id)
        rests_on(self.env.app, self.env.docname, claim_id)
        text = plain(found.numbers[name], claim.numbers[name].unit) if found else claims.PENDING
        return [nodes.inline("", text, classes=["pasted-text"])], []


def claim_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """One page for each claim: its verdict, how to cite it, and machine-readable ClaimReview."""
    for claim in claims.registry().claims.values():
        name = f"{CLAIM_PAGES}/{claim.id}"
        shown = view(app, claim, name)
        review = pages.render("claim-review.html", review=json.dumps(_review(app, shown), indent=1, sort_keys=True))
        body = pages.render("claim-page.html", **shown, plain=plain, up="../", review=review, cite=citation(shown))
        yield name, {"title": claim.title, "body": body, "meta": {"description": claim.question}}, "page.html"


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
        "An executable research compendium, version 1.0.0."
    )


def _review(app: Sphinx, shown: dict[str, Any]) -> dict[str, Any]:
    claim, word = shown["claim"], shown["word"]
    rating: dict[str, Any] = {"@type": "Rating", "alternateName": word, "bestRating": 5, "worstRating": 1}
    if word in RATINGS:
        rating["ratingValue"] = RATINGS[word]
    author = (
        "Chenda Keo" if claim.holder == "essay" else "governments, agencies and media, as the essay reports them"
    )
    return {
        "@context": "https://schema.org",
        "@type": "ClaimReview",
        "claimReviewed": claim.claim,
        "url": f"{app.config.html_baseurl}{CLAIM_PAGES}/{claim.id}.html",
        "author": {"@type": "Organization", "name": "Trafficking in Cambodia: an essay on trial"},
        "itemReviewed": {
            "@type": "Claim",
            "author": {"@type": "Person", "name": author},
            "appearance": claim.quote,
        },
        "reviewRating": rating,
        "reviewBody": shown["robustness"],
    }


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


def add_script(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script of the ledger where the ledger stands."""
    if doctree is not None and "ledger-filters" in context.get("body", ""):
        app.add_js_file("ledger.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("ledger", LedgerDirective)
    app.add_directive("score", ScoreDirective)
    app.add_role("number", NumberRole())
    app.connect("html-collect-pages", claim_pages)
    app.connect("html-page-context", add_script)
    # Before the theme asks for the contents.
    app.connect("html-page-context", share_contents, priority=400)
    app.connect("build-finished", publish, priority=900)
    return {"parallel_read_safe": False, "version": "1"}
