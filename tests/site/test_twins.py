"""No twin of a page says what the page does not: no words run together, none of what only a browser can work."""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup, Tag
from reader import SITE, every
from sphinx.errors import ExtensionError

from compendium.site import markdown, twins

TWINS = sorted(
    path.relative_to(SITE).as_posix() for path in SITE.rglob("*.md") if path.with_suffix(".html").exists()
)
UNSEEN = re.compile(r"<(script|style|svg|template)\b.*?</\1>", re.DOTALL)
WORD = re.compile(r"\w+")
JOINED = re.compile(r"\w+[.?!:;,]+[^\W\d]\w*")  # two sentences without a space between them, or a name with a dot
CONTROLS = "button, label, fieldset, select, textarea, output, .bench"
FOLD = "summary, button, [role=status]"  # what a fold holds that holds nothing to read


@cache
def page_of(twin: str) -> Tag:
    """The article of the page of which this is the twin."""
    html = (SITE / twin).with_suffix(".html").read_text(encoding="utf-8")
    article = BeautifulSoup(UNSEEN.sub(" ", html), "html.parser").find("article")
    assert isinstance(article, Tag)
    return article


def said(article: Tag) -> list[str]:
    """Every run of text of a page that no tag interrupts; code, which colours interrupt, whole."""
    return [*article.strings, *(code.get_text() for code in article.find_all("pre"))]


def text_of(twin: str) -> str:
    """A twin without addresses, pictures and numbers of lists."""
    text = re.sub(r"!\[[^\]]*\]\([^)\s]*\)", " ", (SITE / twin).read_text(encoding="utf-8"))
    return re.sub(r"^ *\d+\.(?=\s)", " ", re.sub(r"\]\([^)\s]*\)", "] ", text), flags=re.M)


def of_controls(article: Tag) -> set[str]:
    """Texts that stand on a page in controls alone, and over folds in which there is nothing but controls."""
    inside = [text for control in article.select(CONTROLS) for text in control.strings]
    for fold in article.find_all("details"):
        rest = {id(text) for apart in fold.select(f"{FOLD}, {CONTROLS}") for text in apart.strings}
        if not any(text.strip() for text in fold.strings if id(text) not in rest):
            inside += fold.summary.strings if fold.summary else []
    apart = {id(text) for text in inside}
    elsewhere = {text.strip() for text in article.strings if id(text) not in apart}
    return {text.strip() for text in inside} - elsewhere - {""}


@every(TWINS, "twin", few=["book/2-tiers/tiers.md", "claims/women-80.md", "book/reference/codings.md"])
def test_a_twin_holds_no_word_that_its_page_does_not_hold_and_nothing_of_a_control(twin: str) -> None:
    page, text = page_of(twin), text_of(twin)
    runs = " ".join(said(page)).casefold()
    words = set(WORD.findall(runs))
    assert sorted(set(WORD.findall(text.casefold())) - words) == []
    joined = {found for found in JOINED.findall(text) if found.casefold() not in runs}
    assert joined == set()
    lines = {line.strip(" -*#>") for line in text.splitlines()}
    assert sorted(lines & of_controls(page)) == []


def test_there_are_twins_to_read() -> None:
    if not SITE.exists():
        pytest.skip("the book was not built: no twin was read")
    assert len(TWINS) > 70


def test_what_stands_on_a_line_of_its_own_is_not_run_together() -> None:
    line = "<span class='living-line'>a: b <span class='met'>met</span></span>"
    html = f"<ul><li>n: <b>1</b>{line}{line}</li></ul><p>Is<span class='bend-turns'>Moved</span></p>"
    assert markdown.of(html) == "- n: **1**\n  - a: b met\n  - a: b met\n\nIs\n\nMoved\n"
    assert markdown.of(f"<table><tr><td>n{line}</td></tr></table>") == "| n a: b met |\n|---|\n"


def test_what_only_a_browser_can_work_is_left_out() -> None:
    html = (
        "<p>text</p><section class='bench'><p>Verify.</p></section><fieldset><legend>A rule</legend></fieldset>"
        "<details class='use'><summary>Link</summary></details>"
        "<details><summary class='of-controls'>Bend</summary><p>lines</p></details>"
    )
    assert markdown.of(html) == "text\n\nlines\n"


def test_an_epub_that_cannot_be_written_fails_the_build_and_names_it(tmp_path, monkeypatch):
    def fails(app, order):
        raise OSError("no space left")

    app = SimpleNamespace(builder=SimpleNamespace(name="html"), outdir=tmp_path)
    for name, made in (("drawn", {}), ("llms", ""), ("reached", {})):
        monkeypatch.setattr(twins, name, lambda app, made=made: made)
    monkeypatch.setattr(twins.epub, "write", fails)
    with pytest.raises((ExtensionError, OSError), match=r"trafficking-in-cambodia\.epub|no space left"):
        twins.publish(app, None)
        twins.await_epub(app, None)
    monkeypatch.setattr(twins.epub, "write", lambda app, order: None)
    twins.publish(app, None)
    twins.await_epub(app, None)
