"""The book can be read by a citizen in the time that it says: words, minutes, sentences and the first screen."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import bench_site
import pytest
import yaml
from measure import prose, sentences
from reader import CHAPTERS, CLAIM_PAGES, PAGES, PHONE, SITE, WIDE, every

from compendium.evidence import paths
from compendium.site import reading

MINUTES, MEDIAN, LONGEST = 10, 15, 35
# Lists of entries made from the tables and from the sources: looked up, not read one after another.
CATALOGUES = {"book/reference/data.html", "book/reference/bibliography.html", "search.html"}
READ = [page for page in PAGES if page not in CATALOGUES]


def _html(page: str) -> str:
    return (SITE / page).read_text(encoding="utf-8")


# ---------------------------------------------------------------- the measure


def _page(body: str) -> str:
    return f"<main><article class='bd-article'>{body}</article></main>"


def test_what_is_looked_up_is_not_counted() -> None:
    apart = [
        "<details><summary>more</summary><p>{}</p></details>",
        "<table><tr><td><p>{}</p></td></tr></table>",
        "<figure><p>{}</p></figure>",
        "<pre>{}</pre>",
        "<div class='check-yourself'><p>{}</p></div>",
        "<dl class='verdict-numbers'><dt>{}</dt><dd>{}</dd></dl>",
        "<p hidden>{}</p>",
        "<h2>{}</h2>",
    ]
    for shape in apart:
        inside = shape.replace("{}", "word " * 50)
        assert prose(_page(f"<p>Two words.</p>{inside}<p>Two more.</p>")).words == 4, shape


def test_words_of_links_numbers_and_lists_are_counted_and_labels_of_citations_are_not() -> None:
    body = (
        '<p>Of <span class="pasted-text">2,602</span> people<br> 12.3% '
        '<a href="#">left</a> <span class="bibtex-citation">[<a href="#">ILO, 2005</a>]</span>.</p>'
        '<p><span class="bibtex-citation">Nagin [<a href="#">2013</a>]</span> agrees.</p><ul><li>One item</li></ul>'
    )
    assert reading.paragraphs(body) == ["Of 2,602 people 12.3% left .", "Nagin agrees.", "One item"]
    assert prose(_page(body)).words == 9


def test_minutes_are_whole_and_at_least_one() -> None:
    assert reading.minutes("<p>Three short words.</p>") == 1
    assert reading.minutes(f"<p>{'word ' * 690}</p><details><p>{'word ' * 5000}</p></details>") == 3


def test_what_stands_after_an_unclosed_or_empty_element_is_still_read() -> None:
    assert reading.paragraphs("<p>One<br>two<img src='x'></p><p>three</p>") == ["One two", "three"]
    assert reading.paragraphs("<details><p>no</p></details></div><p>yes</p>") == ["yes"]


@pytest.mark.parametrize(
    ("paragraph", "count"),
    [
        ("One. Two? Three!", 3),
        ("He said “no.” Then he left.", 2),
        ("By Art. 10 of the law it is so.", 1),
        ("It was $32 billion, or 12.3 million. It grew.", 2),
        ("A colon: here it goes on; and on.", 1),
        ("It asks who pays (Nobody does.) Then it ends.", 2),
    ],
)
def test_sentences_end_where_a_reader_stops(paragraph: str, count: int) -> None:
    assert len(sentences(paragraph)) == count


def test_long_and_telegraphic_pages_are_caught() -> None:
    long = "word " * (LONGEST + 1) + "end."
    assert prose(_page(f"<p>{long}</p>")).longer(LONGEST)
    assert not prose(_page(f"<p>{'word ' * LONGEST}</p>")).longer(LONGEST)
    assert prose(_page(f"<p>{('word ' * 16 + 'End. ') * 3}</p>")).median > MEDIAN
    assert prose(_page(f"<p>{'word ' * 2301}</p>")).minutes > MINUTES


# ---------------------------------------------------------------- the pages


@pytest.mark.parametrize("page", READ)
def test_sentences_are_short(page: str) -> None:
    found = prose(_html(page))
    assert found.longer(LONGEST) == []
    assert found.median <= MEDIAN


@pytest.mark.parametrize("page", CLAIM_PAGES)
def test_sentences_of_a_claim_page_are_short_and_name_no_address(page: str) -> None:
    # What was said of a rule when it was made stays as it was said.
    now = re.sub(r'<span class="history-why">.*?</span>', "", _html(page), flags=re.DOTALL)
    assert prose(now).longer(LONGEST) == []
    robust = _html(page).partition('<p class="verdict-robustness">')[2].partition("</p>")[0]
    assert not re.search(r"\w\.(?:org|com|gov|net)/\w", robust)


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_is_read_in_ten_minutes_and_says_how_many(page: str) -> None:
    found = prose(_html(page))
    assert found.minutes <= MINUTES
    told = re.search(r"(\d+) minutes? to read", _html(page))
    assert told and int(told[1]) == max(1, round(found.minutes))


def _next_pages() -> dict[str, str]:
    toc = yaml.safe_load((paths.ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return {f"{page}.html": f"{after}.html" for page, after in itertools.pairwise(listed)}


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_says_why_it_matters_and_hands_over_to_the_next(page: str) -> None:
    article = _html(page).partition("<article")[2].partition("</article>")[0]
    opening = article.split("<h2")[0]
    told = [
        said for said in reading.paragraphs(opening) if not said.startswith(("The essay claims:", "The essay r"))
    ]
    assert sum(map(reading.words, told)) >= 60, "an opening that says what is asked and what was found"
    ending = article.rpartition('id="from-here"')[2].partition("check-yourself")[0].partition('class="bench')[0]
    assert "<details" not in ending and reading.paragraphs(ending)
    name = _next_pages()[page].rpartition("/")[2]
    assert f'{name}">' in ending.replace("#", '">'), f"the last paragraph leads to {name}"


# Words of the trade, and the entry of the glossary to which a page leads where it uses one.
EXPLAINED = {
    "margin of error": "margin-of-error",
    "95% interval": "interval",
    "(p ": "p-value",
    "Watch List": "watch-list",
}
FOR_REFEREES = ("logit", "bootstrap", "covariate", "log-linear", "quantile", "coefficient", "standard deviation")


@pytest.mark.parametrize("page", CHAPTERS)
def test_words_of_the_trade_are_explained_or_left_to_referees(page: str) -> None:
    html = _html(page)
    read = " ".join(reading.paragraphs(html.partition("<article")[2].partition("</article>")[0]))
    assert [word for word in FOR_REFEREES if word in read] == []
    assert [
        word for word, entry in EXPLAINED.items() if word in read and f"#term-{entry}" not in html.lower()
    ] == []


# ---------------------------------------------------------------- the first screen


@pytest.mark.browser
def test_the_front_page_says_its_finding_and_both_sides_on_the_first_screen(reader: Any) -> None:
    shown = reader().open("book/index.html")
    for viewport in (WIDE, PHONE):
        shown.set_viewport_size(viewport)
        for part in (".front-headline", ".front-side >> nth=0", ".front-side >> nth=1"):
            box = shown.locator(part).bounding_box()
            assert box["y"] + box["height"] <= viewport["height"], f"{part} at {viewport['width']}"


@pytest.mark.browser
@every(CHAPTERS)
def test_a_chapter_shows_an_answer_with_its_verdict_and_certainty_first(reader: Any, page: str) -> None:
    shown = reader().open(page)
    heads = shown.locator(".claim-head")
    if not heads.count():
        pytest.skip("this chapter answers no claim of its own")
    for viewport in (WIDE, PHONE):
        shown.set_viewport_size(viewport)
        sure = [] if "verdict-untestable" in heads.first.get_attribute("class") else [".certainty"]
        for part in (".claim-whose", ".claim-answer", ".claim-doors strong", *sure):
            box = heads.first.locator(part).bounding_box()
            assert box["y"] + box["height"] <= viewport["height"], f"{part} at {viewport['width']}"


@pytest.mark.check
def test_the_peer_of_the_bench_is_built_with_its_verdicts(tmp_path: Path) -> None:
    site = bench_site.build_peer(tmp_path)
    assert (site / "numbers.html").read_text(encoding="utf-8").count('class="verdict-card ') == 3
