"""The published certificate: what was re-executed, where, what came out, and room for an independent checker."""

from __future__ import annotations

import json
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.evidence import paths
from compendium.run import part, scored
from compendium.run.second import limit
from compendium.site import pages

FILE = "certificate.json"


class CertificateDirective(SphinxDirective):
    """``{certificate}`` shows `data/certificate.json`, or says that none was published."""

    def run(self) -> list[nodes.Node]:
        """Return the certificate as tables."""
        certificate = published(self.env)
        html = pages.render("certificate.html", certificate=certificate, second=second_way(certificate))
        return [nodes.raw("", html, format="html")]


class SecondWayDirective(SphinxDirective):
    """``{second-way}`` says what R computed for the published certificate, and of which claim a part."""

    def run(self) -> list[nodes.Node]:
        """Return the sentences."""
        self.env.note_dependency(str(paths.DATA / part.FILE))
        known = part.published().get(scored.CHAPTER)
        told = known.told if known else None
        html = pages.render("second-way.html", second=second_way(published(self.env)), part=told)
        return [nodes.raw("", html, format="html")]


def published(env: Any) -> dict[str, Any] | None:
    """The published certificate, on which the page then hangs; None if there is none."""
    path = paths.DATA / FILE
    env.note_dependency(str(path))
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def second_way(certificate: dict[str, Any] | None) -> dict[str, Any] | None:
    """What a certificate says of R: rows of what R computed, with their limits, and how many numbers nobody has."""
    found = (certificate or {}).get("second_way")
    if not found:
        return None
    rows = [row | {"limit": limit(row["tolerance"], row["chance"])} for row in found["rows"] if not _nobody(row)]
    missing = sum(map(len, found.get("missing", {}).values())) + sum(map(_nobody, found["rows"]))
    return found | {"rows": rows, "missing": missing, "parts": found.get("parts", {})}


def _nobody(row: dict[str, Any]) -> bool:
    """Whether neither language has the number: an older certificate lists it."""
    return row["python"] is None and row["r"] is None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("certificate", CertificateDirective)
    app.add_directive("second-way", SecondWayDirective)
    return {"parallel_read_safe": False, "version": "1"}
