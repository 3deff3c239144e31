"""The front page and the conclusion: the two sides as bars, as lines of a docket, and by their fate."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from compendium.site.ledger import LedgerDirective
from compendium.trial import score

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


def add_script(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script that filters the docket where it stands."""
    if doctree is not None and 'class="docket"' in context.get("body", ""):
        app.add_js_file("front.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("verdict-bars", BarsDirective)
    app.add_directive("docket", DocketDirective)
    app.add_directive("fate", FateDirective)
    app.connect("html-page-context", add_script)
    return {"parallel_read_safe": False, "version": "1"}
