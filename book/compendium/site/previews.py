"""What a citation or a term of the glossary means, ready on its link, where `previews.js` finds it."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from compendium.site import pages

_CITATION = re.compile(r'<span class="bibtex-citation".*?</span>', re.DOTALL)
_TERM = re.compile(r'(<a class="reference internal" href="[^"]*#(term-[^"]+)")')


def mark(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put on each link what it shows; a `title` would be read by mouse alone."""
    if app.builder.name != "html" or doctree is None:
        return
    body = _CITATION.sub(lambda cited: cited.group().replace(' title="', ' data-preview="'), context["body"])
    if _TERM.search(body):
        known = terms(app.env)
        body = _TERM.sub(lambda link: f'{link[1]} data-preview="{escape(known.get(link[2], ""))}"', body)
    context["body"] = body


def terms(env: BuildEnvironment) -> dict[str, str]:
    """The definitions of the glossary by the id of their term."""
    places = {docname for _, _, kind, docname, _, _ in env.get_domain("std").get_objects() if kind == "term"}
    found: dict[str, str] = {}
    for docname in sorted(places):
        for item in env.get_doctree(docname).findall(nodes.definition_list_item):
            meaning = next(iter(item.findall(nodes.definition)), None)
            for term in item.findall(nodes.term):
                found |= {name: " ".join(meaning.astext().split()) for name in term["ids"] if meaning}
    return found


def renewed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """All pages, when a definition has changed since they were written."""
    now = pages.digest(terms(env))
    before = env.__dict__.get("compendium_terms", now)
    env.__dict__["compendium_terms"] = now
    return [] if before == now else sorted(env.all_docs)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("env-updated", renewed)
    app.connect("html-page-context", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
