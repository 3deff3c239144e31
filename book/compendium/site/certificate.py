"""The published certificate: what was re-executed, where, what came out, and room for an independent checker."""

from __future__ import annotations

import json
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.evidence import paths
from compendium.site import pages

FILE = "certificate.json"


class CertificateDirective(SphinxDirective):
    """``{certificate}`` shows `data/certificate.json`, or says that none was published."""

    def run(self) -> list[nodes.Node]:
        """Return the certificate as tables."""
        path = paths.DATA / FILE
        self.env.note_dependency(str(path))
        certificate = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        html = pages.render("certificate.html", certificate=certificate)
        return [nodes.raw("", html, format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("certificate", CertificateDirective)
    return {"parallel_read_safe": False, "version": "1"}
