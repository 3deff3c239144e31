"""A page as Markdown: what a reader reads, and nothing of what a browser draws."""

from __future__ import annotations

import pytest

from compendium.site import markdown


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h2>Of whom<a class='headerlink' href='#x'>#</a></h2><p>Few.\nMany.</p>", "## Of whom\n\nFew.\nMany."),
        ("<p>Women are <span class='pasted-text'>37% to 91%</span>.</p>", "Women are 37% to 91%."),
        ("<p><strong>Not</strong> <em>so</em> <code>a &lt; b</code></p>", "**Not** *so* `a < b`"),
        ("<p><a href='../data.html'>The data</a></p>", "[The data](../data.html)"),
        ("<ul><li><p>one</p></li><li>two<ul><li>three</li></ul></li></ul>", "- one\n- two\n  - three"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ("<blockquote><p>“said”</p></blockquote>", "> “said”"),
        ("<dl><div><dt>share</dt><dd>20%</dd></div></dl>", "- share: 20%"),
        ("<dl><dt>A bar moved.</dt><dd>It did.</dd></dl>", "- A bar moved. It did."),
        ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
        ("<p>so<svg><text>drawn</text></svg><script>alert(1)</script></p>", "so"),
        ("<p>shown</p><p hidden>not shown</p><button>press</button>", "shown"),
        ("<p>E <math><mi>x</mi><mo>=</mo><mn>2</mn></math></p>", "E x=2"),
    ],
)
def test_markup_becomes_markdown(html: str, text: str) -> None:
    assert markdown.of(html) == f"{text}\n"


def test_a_table_keeps_its_caption_its_columns_and_its_bars() -> None:
    html = (
        "<table><caption>Who</caption><thead><tr><th>a</th><th>b</th></tr></thead>\n"
        "<tbody>\n<tr><td>1 | 2</td>\n<td><strong>3</strong></td></tr></tbody></table>"
    )
    assert markdown.of(html) == "**Who**\n\n| a | b |\n|---|---|\n| 1 \\| 2 | **3** |\n"


def test_a_figure_is_a_picture_with_what_it_shows() -> None:
    html = "<figure id='bars'><svg/><figcaption><p>Two bars</p></figcaption></figure>"
    text = markdown.of(html, {"bars": "One bar is longer."}, "../pictures/")
    assert text == "![One bar is longer.](../pictures/bars.svg)\n\nTwo bars\n"


def test_an_element_that_is_left_open_loses_nothing_after_it() -> None:
    assert markdown.of("<div class='cell_input'><p>code</div><p>prose") == "prose\n"
