"""Claims anywhere in the book: the verdict card, the `{claim}` directive and role, the wall of all claims."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole

from compendium import claims, perturb
from compendium.numbers import listing
from compendium.sphinx import pages

# A shape stands beside every verdict word, so that colour is never the only sign.
MARKS = {
    claims.SUPPORTED: ("supported", "●"),
    claims.PARTLY: ("partly", "◐"),
    claims.OPEN: ("open", "○"),
    claims.CONTRADICTED: ("contradicted", "✕"),
    claims.UNTESTABLE: ("untestable", "▽"),
    claims.PENDING: ("pending", "□"),
}


def anchor(claim_id: str) -> str:
    """The id of the verdict card of a claim on its chapter's page."""
    return f"verdict-{claim_id}"


LEDGER = "ledger.html"


class ClaimNode(nodes.General, nodes.Element):
    """A place where claims are shown; filled once it is known on which page it stands."""


def verdicts(app: Sphinx) -> dict[str, claims.Verdict]:
    """The verdicts of this build; a claim whose chapter is not written has none."""
    return app.__dict__.get("compendium_verdicts", {})


def view(app: Sphinx, claim: claims.Claim, fromdoc: str) -> dict[str, Any]:
    """Everything that a template shows of a claim."""
    verdict = verdicts(app).get(claim.id)
    word = verdict.verdict if verdict else claims.PENDING
    css, mark = MARKS[word]
    return {
        "claim": claim,
        "verdict": verdict,
        "word": word,
        "css": css,
        "mark": mark,
        "address": address(app, claim, fromdoc) if verdict else "",
        "key": key_number(claim, verdict),
        "robustness": robustness(claim, verdict) if verdict else "",
        "stress": stress(claim, verdict) if verdict else "",
        "marks": MARKS,
        "chapter_title": claims.registry().chapters[claim.chapter]["title"],
    }


def address(app: Sphinx, claim: claims.Claim, fromdoc: str) -> str:
    """The address of the verdict card, relative to the page `fromdoc`."""
    for docname in app.env.found_docs:
        if docname.rsplit("/", 1)[-1] == claim.chapter:
            if docname == fromdoc or app.builder.name == "singlehtml":
                return f"#{anchor(claim.id)}"
            return f"{app.builder.get_relative_uri(fromdoc, docname)}#{anchor(claim.id)}"
    return ""


def plain(value: float | None, unit: str) -> str:
    """A number of a claim with its unit, as the card and the ledger show it."""
    from compendium import numbers

    if value is None:
        return "no figure seen"
    match unit:
        case "share":
            return numbers.percent(value, 1).replace(".0%", "%")
        case "probability":
            return numbers.probability(value)
        case "US dollars":
            return numbers.dollars(value)
        case "yes or no":
            return "yes" if value == 1 else "no" if value == 0 else "cannot be said"
        case "ratio":
            return numbers.times(value, 2)
        case _:
            return f"{numbers.trimmed(value, 2)} {unit.removesuffix('s') if value == 1 else unit}"


def key_number(claim: claims.Claim, verdict: claims.Verdict | None) -> str:
    """The claim's key number with its meaning, or nothing while it is not yet tested."""
    if not verdict:
        return ""
    number = claim.numbers[claim.key_number]
    return f"{number.meaning}: {plain(verdict.numbers[claim.key_number], number.unit)}"


def robustness(claim: claims.Claim, verdict: claims.Verdict) -> str:
    """One sentence on how often the verdict survives the declared alternatives."""
    same, total = verdict.survives
    if not total:
        return "No alternative was declared: there is nothing to vary until the figures are published."
    what = "verdict and its parts stand" if len(verdict.parts) > 1 else "verdict stands"
    text = f"The {what} under {same} of {total} declared alternatives."
    if idle := [claim.alternatives[label] for label in verdict.idle]:
        text += (
            f" Of these {'one changes' if len(idle) == 1 else f'{len(idle)} change'} no number: {'; '.join(idle)}."
        )
    moved = [
        f"{claim.alternatives[label]} ({_changed(verdict, label)})"
        for label, word in verdict.alternatives.items()
        if word != verdict.verdict or label in verdict.shifted
    ]
    return text + (f" It changes under: {'; '.join(moved)}." if moved else "")


def _changed(verdict: claims.Verdict, label: str) -> str:
    """What an alternative changes: the verdict, or only parts of it."""
    word = verdict.alternatives[label]
    if word != verdict.verdict:
        return word
    return ", ".join(f"{part}: {now}" for part, now in verdict.shifted[label].items())


# A card, a claim page and the ledger each ask for the same; the files stay as they are while the site is written.
_stress_published = functools.cache(perturb.published)
_stress_inputs = functools.cache(perturb.inputs)


def stress(claim: claims.Claim, verdict: claims.Verdict) -> str:
    """One sentence on the published stress test of the data, or that it was made for another version."""
    result = _stress_published().get(claim.id)
    if result is None:
        return ""
    if result["inputs"] != _stress_inputs().get(claim.chapter) or result["verdict"] != verdict.verdict:
        return "The stress test of the data was made for an earlier version of this chapter."
    if not result["total"]:
        return "Stress test of the data: its tables name no source row by row, so that none can be dropped."
    text = f"Stress test of the data: the verdict stands in {result['survived']} of {result['total']} changes"
    source = str(perturb.Change("source"))
    unverified = str(perturb.Change("unverified"))
    rests = [
        change
        for change, word in result["falls"].items()
        if word == perturb.FALLS and change.startswith(source) and change != unverified
    ]
    unreached = [
        change for change, word in result["falls"].items() if word == perturb.FALLS and change not in rests
    ]
    moved = [f"{change} ({word})" for change, word in result["falls"].items() if word != perturb.FALLS]
    if rests:
        text += f"; it cannot be reached without {'one' if len(rests) == 1 else len(rests)} of its sources"
    if unreached:
        text += f"; it {perturb.FALLS} {listing(unreached)}"
    if moved:
        text += f"; it changes {listing(moved)}"
    return text + "."


class CardRenderer:
    """Turns the verdict in a notebook's output into the card on the page."""

    mime_priority_overrides = (("*", claims.MIME, 1),)

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Return the card for an output made by `claims.conclude`; None for any other."""
        if data.mime_type != claims.MIME:
            return None
        document = renderer.renderer.document
        env: BuildEnvironment = document.settings.env
        verdict = claims.Verdict.from_dict(data.content)
        claim = claims.registry()[verdict.claim]
        html = pages.render(
            "verdict-card.html",
            **{**view(env.app, claim, env.docname), "verdict": verdict},
            anchor=anchor(claim.id),
            plain=plain,
            up="../" * env.docname.count("/"),
        )
        return [nodes.raw("", html, format="html")]


class ClaimDirective(SphinxDirective):
    """``{claim} id`` shows the claim in its own words, its question, and where its verdict stands."""

    required_arguments = 1
    template = "claim.html"

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages are known."""
        node = ClaimNode(template=self.template, claims=[self._known(self.arguments[0]).id])
        node.source, node.line = self.get_source_info()
        return [node]

    def _known(self, claim_id: str) -> claims.Claim:
        try:
            return claims.registry()[claim_id]
        except claims.ClaimError as error:
            raise self.error(str(error)) from None


class WallDirective(SphinxDirective):
    """``{claim-wall}`` shows all claims as one picture: a cell each, its colour and shape the verdict."""

    option_spec: ClassVar = {"part": directives.nonnegative_int}

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages are known."""
        part = self.options.get("part")
        chosen = [claim.id for claim in claims.registry().claims.values() if part in (None, claim.part)]
        node = ClaimNode(template="claim-wall.html", claims=chosen)
        node.source, node.line = self.get_source_info()
        return [node]


class ClaimRole(SphinxRole):
    """``{claim}`id``` names a claim with its verdict and leads to it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the place of the badge, or an error naming the unknown claim."""
        if self.text not in claims.registry().claims:
            message = self.inliner.reporter.error(f"no claim {self.text!r} in claims.yml", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [ClaimNode(template="badge.html", claims=[self.text], inline=True)], []


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the verdicts of this build into the places left for them."""
    for node in list(doctree.findall(ClaimNode)):
        views = [view(app, claims.registry()[claim_id], docname) for claim_id in node["claims"]]
        html = pages.render(
            node["template"],
            views=views,
            view=views[0],
            parts=claims.registry().parts,
            verdicts=claims.VERDICTS,
            marks=MARKS,
            up="../" * docname.count("/"),
        )
        node.replace_self(nodes.raw("", html.strip() if node.get("inline") else html, format="html"))


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Remember which verdicts a page shows, so that it is made again when they change."""
    shown = list(doctree.findall(ClaimNode))
    rests_on(app, app.env.docname, *(claim_id for node in shown for claim_id in node["claims"]))
    if any(node["template"] == LEDGER for node in shown):
        pages.depends(app.env, app.env.docname, stress=_stress_digest(app))


def rests_on(app: Sphinx, docname: str, *claim_ids: str) -> None:
    """Note that a page shows something of these claims."""
    if claim_ids:
        pages.depends(app.env, docname, claims=_names_digest(), **_digests(app, claim_ids))


def outdated(app: Sphinx, env: BuildEnvironment, added: Any, changed: Any, removed: Any) -> set[str]:
    """Pages that show verdicts which have changed since, or a claim that may be gone."""
    now = _digests(app, claims.registry().claims)
    return pages.outdated(env, claims=_names_digest(), stress=_stress_digest(app), **now) & env.all_docs.keys()


def _digests(app: Sphinx, claim_ids: Iterable[str]) -> dict[str, str]:
    """By claim, a digest of all that a page may show of it."""
    found, registry = verdicts(app), claims.registry()

    def everything(claim: claims.Claim) -> list[Any]:
        verdict = found[claim.id].as_dict() if claim.id in found else None
        return [verdict, repr(claim), registry.chapters[claim.chapter], registry.parts]

    return {f"claim {claim_id}": pages.digest(everything(registry[claim_id])) for claim_id in claim_ids}


def _names_digest() -> str:
    return pages.digest(list(claims.registry().claims))


def _stress_digest(app: Sphinx) -> str:
    # The sentences, not the published file: they also change when a chapter does.
    return pages.digest({id: stress(claims.registry()[id], verdict) for id, verdict in verdicts(app).items()})


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_node(ClaimNode)
    app.add_directive("claim", ClaimDirective)
    app.add_directive("claim-wall", WallDirective)
    app.add_role("claim", ClaimRole())
    app.connect("builder-inited", pages.keep_compiled)
    app.connect("env-purge-doc", pages.forget)
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", note)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": False, "version": "1"}
