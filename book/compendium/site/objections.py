"""The page of objections: what each side and a statistician say against every rule, and the editors' answers."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.evidence import paths
from compendium.site import pages
from compendium.site.claims import reached, rests_on
from compendium.trial import claims, objections, rules

PAGE = "book/reference/objections"
# Whom an objection speaks for, as the page says it.
SPEAKERS = {
    "essay": "For the essay",
    "discourse": "For those whom the essay criticises",
    "statistician": "A statistician",
}


class ObjectionsDirective(SphinxDirective):
    """``{objections}`` lists every objection to every rule, by part and claim, each with its answer."""

    def run(self) -> list[nodes.Node]:
        """Return the list; an error in one line if the file of objections is not whole."""
        registry = claims.registry()
        self.env.note_dependency(str(paths.DATA / objections.FILE))
        try:
            found = objections.read()
        except rules.ClaimError as error:
            raise self.error(str(error)) from None
        rests_on(self.env.app, self.env.docname, *registry.claims)
        html = pages.render(
            "objections.html",
            parts=registry.parts,
            claims=list(registry.claims.values()),
            objections=objections.filled(found, reached(self.env.app)),
            speakers=SPEAKERS,
            up="../" * self.env.docname.count("/"),
        )
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("objections", ObjectionsDirective)
    return {"parallel_read_safe": False, "version": "1"}
