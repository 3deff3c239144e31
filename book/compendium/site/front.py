"""The front page and the conclusion: the two sides as bars, as lines of a docket, as a chain, and by their fate."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.site import pages
from compendium.site.claims import reached, rests_on
from compendium.site.ledger import LedgerDirective
from compendium.trial import claims, rules, score

BARS, DOCKET, CONCLUSION = "front-bars.html", "front-docket.html", "conclusion.html"


class BarsDirective(LedgerDirective):
    """``{verdict-bars}`` says the finding in a sentence and draws the claims of each side by verdict."""

    template = BARS


class DocketDirective(LedgerDirective):
    """``{docket}`` lists every claim on a line: verdict, whose it is, finding, strip and certainty."""

    template = DOCKET


class FateDirective(LedgerDirective):
    """``{fate} stood`` says of each side how many claims stood (or fell, or are open), and names them."""

    required_arguments = 1
    template = CONCLUSION

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages are known; an error for a fate that there is not."""
        of = self.arguments[0]
        if of not in score.FATES:
            raise self.error(f"no fate {of!r}; there are {', '.join(score.FATES)}")
        (node,) = super().run()
        node["of"] = of
        return [node]


class LinkNode(nodes.General, nodes.Element):
    """The place of a link's head, filled when all verdicts are known."""


class LinkDirective(SphinxDirective):
    """``{link} claim ...`` opens an item of the chain, drawn and told as the verdicts on its claims have it.

    They are the essay's claims that the item names.
    """

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Leave a place; an error for a claim that there is not or that the essay does not make."""
        names = self.arguments[0].split()
        essay = {claim.id for claim in claims.registry().claims.values() if claim.side == "essay"}
        if wrong := [name for name in names if name not in essay]:
            raise self.error(f"the essay makes no claim {', '.join(wrong)}")
        rests_on(self.env.app, self.env.docname, *names)
        return [LinkNode(claims=names)]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the links of the chain into the places left for them."""
    for node in list(doctree.findall(LinkNode)):
        known = reached(app)
        words = [known[name].verdict if name in known else rules.PENDING for name in node["claims"]]
        html = pages.render("chain-link.html", state=score.link(words))
        node.replace_self(nodes.raw("", html, format="html"))


def add_script(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script that filters the docket where it stands."""
    if doctree is not None and 'class="docket"' in context.get("body", ""):
        app.add_js_file("front.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("verdict-bars", BarsDirective)
    app.add_directive("docket", DocketDirective)
    app.add_directive("fate", FateDirective)
    app.add_directive("link", LinkDirective)
    app.add_node(LinkNode)
    app.connect("doctree-resolved", fill)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": False, "version": "1"}
