"""How a page is found, shared and cited: description, social card, canonical address, sitemap, 404, citation.

Addresses need to know where the site will stand: `html_baseurl`, or the environment variable COMPENDIUM_BASEURL.
Without it there is no canonical address, no sitemap and no card image, because a wrong one is worse than none.
"""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator
from html import escape, unescape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from compendium.figures import faces, palette, seal
from compendium.run import build
from compendium.site import epub, pages
from compendium.site.claims import reached
from compendium.trial import claims

BOOK = "Trafficking in Cambodia: an essay on trial"
PDF_NAME = "trafficking-in-cambodia.pdf"
CARDS = "_static/cards"
WIDTH, HEIGHT = 1200, 630
DESCRIPTION_LENGTH = 180


def set_base(app: Sphinx, config: Config) -> None:
    """Take the address of the site from the environment, if it is given there."""
    base = os.environ.get(build.BASEURL, config.html_baseurl)
    config.html_baseurl = base.rstrip("/") + "/" if base else ""


def add_tags(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Describe the page to search engines and to those who share it, and say how to cite it."""
    title = unescape(re.sub(r"<[^>]+>", "", context.get("title") or BOOK))
    description = (context.get("meta") or {}).get("description") or _first_words(doctree) or BOOK
    base = app.config.html_baseurl
    tags = {"og:title": title, "og:description": description, "og:type": "article", "og:site_name": BOOK}
    if base:
        tags |= {"og:url": f"{base}{pagename}.html"}
        if pagename in cards(app):
            tags |= {"og:image": f"{base}{CARDS}/{card_name(pagename)}", "og:image:alt": title}
    lines = [f'<meta property="{name}" content="{escape(value)}">' for name, value in tags.items()]
    lines.append(f'<meta name="description" content="{escape(description)}">')
    context["metatags"] = context.get("metatags", "") + "\n" + "\n".join(lines) + "\n"
    context["pageurl"] = f"{base}{pagename}.html" if base else None
    if doctree is not None:
        cite = f"“{title}”. In: {BOOK}. An executable research compendium, version {pages.version()}."
        where = f" {base}{pagename}.html" if base else ""
        context["body"] += f'<p class="cite-this"><strong>Cite this page.</strong> {escape(cite)}{where}</p>'


def _first_words(doctree: nodes.document | None) -> str:
    """The beginning of the first paragraph of a page."""
    if doctree is None:
        return ""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section):
            continue
        text = " ".join(paragraph.astext().split())
        return textwrap.shorten(text, DESCRIPTION_LENGTH, placeholder=" …")
    return ""


class PdfLink(SphinxDirective):
    """``{pdf-link}`` leads to the PDF in builds that print one (`make pdf`), and says how to make it in others."""

    def run(self) -> list[nodes.Node]:
        """Return the link or the word."""
        if os.environ.get(build.PDF_SWITCH):
            up = "../" * self.env.docname.count("/")
            text = f'<a href="{up}{PDF_NAME}">The whole book as one PDF</a>'
        else:
            text = "<span>The whole book as one PDF: <code>make pdf</code></span>"
        text += f' <a href="{"../" * self.env.docname.count("/")}{epub.NAME}">The whole book as EPUB</a>'
        return [nodes.raw("", f'<p class="figure-links">{text}</p>', format="html")]


def not_found(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The page for addresses that lead nowhere."""
    home = f"{app.config.html_baseurl}book/index.html" if app.config.html_baseurl else "book/index.html"
    body = (
        "<h1>There is no such page</h1>"
        f'<p>Claims keep their addresses; pages may move. <a href="{home}">Start at the front page</a>.</p>'
    )
    yield "404", {"title": "There is no such page", "body": body}, "page.html"


def indexed(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """The pages with index entries: Sphinx loses the entries of pages that it does not write, so that all are."""
    return sorted(docname for docname, entries in env.domaindata["index"]["entries"].items() if entries)


# ---------------------------------------------------------------- cards and sitemap


def cards(app: Sphinx) -> list[str]:
    """The pages that get a card: those of the book."""
    return sorted(app.env.found_docs)


def card_name(pagename: str) -> str:
    """The file name of a page's card."""
    return f"{pagename.replace('/', '-')}.png"


def card(title: str, words: list[str]) -> str:
    """A social card as SVG: the book, the page, and the verdicts it reaches."""
    lines = textwrap.wrap(title, 26)[:4]
    rows = [
        f'<text x="80" y="{250 + 78 * i}" font-size="64" font-weight="bold" fill="{palette.INK}">'
        f"{escape(line)}</text>"
        for i, line in enumerate(lines)
    ]
    marks = [
        f'<g transform="translate({80 + 72 * i} 490) scale(2.4)">{seal.inner(word)}</g>'
        for i, word in enumerate(words)
    ]
    named = ", ".join(dict.fromkeys(words))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="{faces.FACE}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{palette.PAPER}"/>'
        f'<rect width="18" height="{HEIGHT}" fill="{palette.ACCENT}"/>'
        f'<text x="80" y="120" font-size="34" fill="{palette.MUTED}">{escape(BOOK)}</text>'
        f"{''.join(rows)}{palette.with_colours(''.join(marks))}"
        f'<text x="80" y="592" font-size="30" fill="{palette.MUTED}">{escape(named)}</text></svg>'
    )


def write_files(app: Sphinx, failed: Exception | None) -> None:
    """Write the cards and the sitemap, where the address of the site is known."""
    base = app.config.html_baseurl
    if failed or app.builder.name != "html" or not base:
        return
    import vl_convert

    faces.tell_vega()
    folder = Path(app.outdir) / CARDS
    folder.mkdir(parents=True, exist_ok=True)
    found = reached(app)
    for pagename in cards(app):
        own = claims.registry().of_chapter(pagename.rsplit("/", 1)[-1])
        words = [found[claim.id].verdict for claim in own if claim.id in found]
        title = app.env.titles[pagename].astext()
        (folder / card_name(pagename)).write_bytes(vl_convert.svg_to_png(card(title, words)))
    addresses = [*cards(app), *(f"claims/{claim}" for claim in claims.registry().claims)]
    entries = "\n".join(f"<url><loc>{escape(base)}{page}.html</loc></url>" for page in addresses)
    (Path(app.outdir) / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{entries}\n</urlset>\n",
        encoding="utf-8",
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("pdf-link", PdfLink)
    app.connect("config-inited", set_base)
    app.connect("env-updated", indexed)
    app.connect("html-collect-pages", not_found)
    app.connect("html-page-context", add_tags)
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": False, "version": "1"}
