"""What a citation or a term of the glossary means, ready on its link, where `previews.js` finds it.

Where a paragraph of a page first uses a term or cites a work, the link is `noted`: on a wide screen the stylesheet
sets what it means in the margin.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes
from pybtex.plugin import find_plugin, register_plugin
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from compendium.site import folds, pages

_CITATION = re.compile(r'<span class="bibtex-citation".*?</span>', re.DOTALL)
_TERM = re.compile(r'(<a class="(?:noted )?reference internal" href="[^"]*#(term-[^"]+)")')
_LEADS = re.compile(r"#term-|bibliography\.html#")


def note(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Tell the first link to each term or work from the others, of those in paragraphs in no box or table."""
    seen: set[str] = set()
    for link in doctree.findall(nodes.reference):
        target = str(link.get("refuri", "")) or f"#{link.get('refid', '')}"
        if target not in seen and _LEADS.search(target) and _stands_free(link):
            seen.add(target)
            link["classes"].append("noted")


def _stands_free(link: nodes.Node) -> bool:
    while not isinstance(link, nodes.paragraph | nodes.document):
        link = link.parent
    return isinstance(link.parent, nodes.section) and not folds.is_folded(link.parent)


def mark(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Put on each link what it shows; a `title` would be read by mouse alone."""
    if app.builder.name != "html" or doctree is None:
        return
    body = _CITATION.sub(lambda cited: cited.group().replace(' title="', ' data-preview="'), context["body"])
    if _TERM.search(body):
        known = terms(app.env)
        body = _TERM.sub(lambda link: f"{link[1]}{_shown(*known.get(link[2], ('', '')))}", body)
    context["body"] = body


def _shown(term: str, meaning: str) -> str:
    return f' data-term="{escape(term)}: " data-preview="{escape(meaning)}"'


def terms(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """The terms of the glossary and their definitions, by the id of the term."""
    places = {docname for _, _, kind, docname, _, _ in env.get_domain("std").get_objects() if kind == "term"}
    found: dict[str, tuple[str, str]] = {}
    for docname in sorted(places):
        for item in env.get_doctree(docname).findall(nodes.definition_list_item):
            meaning = next(iter(item.findall(nodes.definition)), None)
            for term in item.findall(nodes.term):
                told = term.astext(), " ".join(meaning.astext().split()) if meaning else ""
                found |= dict.fromkeys(term["ids"], told)
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
    app.connect("doctree-resolved", note)
    # Each citation asks for this by name, and would have it looked for among all packages that are installed.
    register_plugin("pybtex.backends", "plaintext", find_plugin("pybtex.backends", "plaintext"), force=True)
    app.connect("html-page-context", mark)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "version": "1"}
