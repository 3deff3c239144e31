"""What is printed as one book: every page under its own title, and no link to a file beside the PDF."""

from __future__ import annotations

import re

import pytest

from compendium.run import pdf

SINGLE = """<html><head></head><body><section id="front"><h1>A book</h1>
<p><a href="reference/data.html">in the book</a> <a class="door" href="../claims/one.html#number-x">a number</a>
<a href="#two">within</a> <a href="https://example.org/a.html">far</a></p></section>
<span id="document-book/1-claims/one"></span><section class="x" id="one">
<h2>Four “in” <em>five</em><a class="headerlink" href="#one">#</a></h2>
<p><a href="../../book/reference/data.html#rows">rows</a></p></section>
<span id="document-book/reference/data"></span><section id="data"><span id="also"></span>
<h2>Say "data" &amp; more</h2><section id="rows"><h3>Rows</h3></section></section></body></html>"""


def test_each_page_stands_under_its_own_title() -> None:
    html = pdf.as_book(SINGLE, "")
    boxes = dict(re.findall(r'@page (titled-\d+) \{ @top-right \{ content: "([^"]*)"', html))
    assert boxes == {"titled-0": "Four “in” five", "titled-1": "Say ”data” & more"}
    assert '<section style="page: titled-0" class="x" id="one">' in html
    assert '<section style="page: titled-1" id="data">' in html


@pytest.mark.parametrize("base", ["", "https://book.example", "https://book.example/"])
def test_a_link_leads_into_the_book_or_to_the_site_or_nowhere(base: str) -> None:
    html = pdf.as_book(SINGLE, base)
    links = {text: tag for tag, text in re.findall(r"(<a[^>]*>)([^<]+)</a>", html)}
    assert links["in the book"] == '<a href="#document-book/reference/data">'
    assert links["rows"] == '<a href="#rows">'
    assert links["within"] == '<a href="#two">' and links["far"] == '<a href="https://example.org/a.html">'
    address = ' href="https://book.example/claims/one.html#number-x"' if base else ""
    assert links["a number"] == f'<a class="door"{address}>'
