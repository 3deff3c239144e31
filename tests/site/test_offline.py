"""The site shell: nothing from another host, a strict policy, and a book that still works under it."""

import functools
import http.server
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import vl_convert
from reader import SCHEMES, every

from compendium.run import build as jupyter_book
from compendium.site import mathml, mending, policy, shell, styles

ROOT = Path(__file__).parents[2]
SETTLED = 150  # milliseconds after the load event in which late requests and complaints arrive

CONFIG = """
title: A tiny book
author: Its authors
copyright: "2026"
only_build_toc_files: true
execute: {{execute_notebooks: "off"}}
bibtex_bibfiles: [references.bib]
sphinx:
  recursive_update: true
  extra_extensions: [compendium.site.offline]
  config:
    html_static_path: [{root}/book/assets]
    html_css_files: [type.css, site.css, reading.css, live.css, print.css]
    templates_path: [{root}/book/templates]
"""
PAGES = {
    "_toc.yml": "format: jb-book\nroot: start\nchapters:\n- file: text\n- file: bare\n",
    "start.md": "# A tiny book\n\nAn aardvark, cited. {cite}`keo2014`\n\n```{bibliography}\n```\n",
    "bare.md": "# Bare\n\nNothing but words.\n",
    "references.bib": "@book{keo2014, title={A title}, author={Keo, Chenda}, publisher={P}, year={2014}}\n",
    "text.md": r"""# Text

A share $\hat p = x/n$ has a standard error

$$
\sqrt{\frac{\hat p (1 - \hat p)}{n}}
$$ (se)

See {eq}`se`, [another site](https://example.org/far) and a wide table.

```{code-block} python
print("a rather long line of code " * 20, "that cannot fit on a telephone", "not even nearly so")
```

<div class="verdict-card" data-verdict="supported"><header>
<span class="verdict-shape" aria-hidden="true"></span> supported</header></div>

## Second

Words.
""",
}


def build(folder: Path, pages: dict[str, str], expect: int = 0) -> str:
    """Build a book from pages and return what the build printed."""
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [*jupyter_book.COMMAND[:4], "-W", "-n", "--keep-going", str(folder)]
    # PYTHONPATH rather than the installed package: the checkout under test is this one.
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "book"), "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    printed = done.stdout + done.stderr
    assert (done.returncode != 0) == bool(expect), printed[-3000:]
    return printed


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    build(folder, {"_config.yml": CONFIG.format(root=ROOT), **PAGES})
    return folder / "_build" / "html"


# --- What was written ---------------------------------------------------------------------------------------


def test_a_page_links_one_stylesheet_and_only_scripts_it_needs(site: Path) -> None:
    def linked(page: str) -> tuple[list[str], list[str]]:
        text = (site / page).read_text()
        scripts = re.findall(r'<script[^>]* src="([^"?]*)', text)
        return re.findall(r'<link rel="stylesheet" href="([^"?]*)', text), [Path(s).name for s in scripts]

    assert linked("bare.html") == (["_static/book.css"], ["book.js"])
    assert set(linked("text.html")[1]) == {"book.js", "clipboard.min.js", "copybutton.js"}
    assert {"searchtools.js", "language_data.js", "searchindex.js"} <= set(linked("search.html")[1])
    assert not any("vega" in script for page in site.glob("*.html") for script in linked(page.name)[1])


def test_the_stylesheet_holds_the_book_s_own_rules_last(site: Path) -> None:
    css = (site / "_static" / "book.css").read_text()
    assert css.rindex("--verdict-for: #0b6e69") > css.rindex(".bd-header-article")


def test_rules_for_elements_that_only_scripts_make_are_kept(site: Path) -> None:
    css = (site / "_static" / "book.css").read_text()
    assert "#figure-tip.visible{" in css
    assert ".sd-card-footer" not in css and len(css) < 140_000, "rules of extensions that no page uses are gone"


TEXT = ["ink", "muted", *(f"step-{n}" for n in (3, 4, 5))]
TEXT += ["accent", "second", "third", "fourth", "fifth", "sixth"]
WORDS = ["for", "against", "neither"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_stand_out_from_the_page(theme: str) -> None:
    """WCAG 2.2 contrast: 4.5 for text, 3 for marks, on the page and on a card's surface."""
    css = (ROOT / "book" / "assets" / "site.css").read_text()
    blocks = re.split(r"@media screen", css)
    tokens = dict(re.findall(r"--((?:fig|verdict)-[\w-]+|surface): (#[0-9a-f]{6});", blocks[theme == "dark"]))

    def luminance(colour: str) -> float:
        channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(one: str, other: str) -> float:
        low, high = sorted((luminance(tokens[one]), luminance(tokens[other])))
        return (high + 0.05) / (low + 0.05)

    wanted = {f"fig-{name}": 4.5 for name in TEXT} | {f"verdict-{name}": 4.5 for name in WORDS}
    faint = {
        (name, ground): round(contrast(name, ground), 2)
        for name, least in wanted.items()
        for ground in ("fig-paper", "surface")
        if contrast(name, ground) < least
    }
    assert faint == {}


def test_icon_font_holds_every_glyph_the_stylesheet_names(site: Path) -> None:
    from fontTools.ttLib import TTFont

    css = (site / "_static" / "book.css").read_text()
    named = {int(code, 16) for code in re.findall(r"\\(f[0-9a-f]{3})\b", css)}
    (font,) = (site / "_static").glob("fa-*.woff")
    held = set(TTFont(font).getBestCmap())
    assert 0xF0C9 in named, "the menu icon is named"
    # Icons of the brands face may be named by a variable that no page uses.
    assert {0xF0C9, 0xF002, 0xF042, 0xF185, 0xF186} <= held & named
    assert font.stat().st_size < 8_000


def test_math_is_mathml_with_its_number(site: Path) -> None:
    page = (site / "text.html").read_text()
    assert len(re.findall(r"<math [^>]*display=\"(?:inline|block)\"", page)) == 2
    assert "<msqrt>" in page and 'id="equation-se"' in page and '<span class="eqno">(1)' in page
    assert "MathJax" not in page


def test_the_policy_hashes_exactly_the_inline_scripts() -> None:
    # echo -n 'alert(1)' | openssl sha256 -binary | base64
    page = '<meta charset="utf-8" /><script>alert(1)</script><script type="application/json">{}</script>'
    text = policy.content_security_policy(page)
    hashes = re.findall(r"'sha256-([^']*)'", text)
    assert hashes == ["bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI="]
    assert "unsafe-eval" not in text
    assert text.startswith("default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'")


def test_two_builds_are_identical(site: Path, tmp_path: Path) -> None:
    build(tmp_path, {"_config.yml": CONFIG.format(root=ROOT), **PAGES})
    again = tmp_path / "_build" / "html"

    def contents(folder: Path) -> dict[str, bytes]:
        files = [file for file in folder.rglob("*") if file.is_file() and file.name != ".buildinfo"]
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}

    first, second = contents(site), contents(again)
    assert [name for name in first.keys() | second.keys() if first.get(name) != second.get(name)] == []


# --- Pruning ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (".used{a:b}.gone{a:b}", ".used{a:b}"),
        (".used,.gone{a:b}", ".used{a:b}"),
        (".used.gone{a:b}", ""),
        (".used:not(.gone){a:b}", ".used:not(.gone){a:b}"),
        (":is(.gone, .used) p{a:b}", ":is(.gone, .used) p{a:b}"),
        ("p[class*='.gone']{a:b}", 'p[class*=".gone"]{a:b}'),
        ("@media print{.gone{a:b}}", ""),
        ("@media print{.gone{a:b}.used{a:b}}", "@media print{.used{a:b}}"),
        ('.used::before{content:"}.gone{"}', '.used::before{content:"}.gone{"}'),
        (".md\\:wide{a:b}", ".md\\:wide{a:b}"),
        ("#here .used{width:.5em}", "#here .used{width:.5em}"),
        ("/* .used{ */ .gone{a:b}", ""),
    ],
)
def test_pruning_drops_only_what_cannot_match(css: str, kept: str) -> None:
    rules = styles.prune(styles.read_css(css), frozenset({"used", "here", "md:wide"}))
    assert styles.write_css(rules) == kept


@pytest.mark.parametrize(
    ("css", "served"),
    [
        ("a { b : c ; /* d */ e: f ; }", "a{b :c;e:f}"),
        ("a{--empty: ;b:c}", "a{--empty: ;b:c}"),
        ("@media (width: 1px){a :hover{b:c}}", "@media (width:1px){a :hover{b:c}}"),
        ("a{b:'  ;  '}", 'a{b:"  ;  "}'),
        ("a{width:calc(1px  +  2px)}", "a{width:calc(1px + 2px)}"),
        ("a > b,\nc d{e:f}", "a > b,c d{e:f}"),
        ('.i::before{content:"\\f101"}', '.i::before{content:"\\f101"}'),
        ('.i::before{content:"\\f101 a"}', '.i::before{content:"\\f101 a"}'),
        ('@charset "x";@import "y";a{b:url(z.png)}', '@import "y";\na{b:url(z.png)}'),
    ],
)
def test_a_stylesheet_is_served_with_the_same_meaning(css: str, served: str) -> None:
    assert styles.write_css(styles.read_css(css)) == served


@pytest.mark.parametrize(
    ("script", "served"),
    [
        ("// one\nrun();\n  // two\n", "run();\n"),
        ("/* long\n * comment */\nrun(); // stays\n", "run(); // stays\n"),
        ("/*! licence */\nrun();", "/*! licence */\nrun();\n"),
        ('const address = "https://here/*not*/";\n', 'const address = "https://here/*not*/";\n'),
        ("run();\n//# sourceMappingURL=run.js.map", "run();\n"),
    ],
)
def test_a_script_is_served_without_the_comments_that_fill_its_lines(script: str, served: str) -> None:
    assert shell.without_comments(script) == served


def test_a_script_is_served_without_indents_and_its_texts_as_they_are() -> None:
    script = "{\n  run(`one\n    two`);\n\tgo(`three`);\n}\n"
    assert shell.without_indents(script) == "{\nrun(`one\n    two`);\ngo(`three`);\n}\n"


def test_rules_are_the_same_when_they_are_read_back() -> None:
    rules = styles.read_css("@media print{.a,#b:not(.c){d:e}}@import 'x';f{g:h}")
    assert [styles.Rule.from_plain(plain) for plain in json.loads(json.dumps(rules))] == rules


def test_only_animations_that_a_rule_names_are_kept() -> None:
    rules = styles.read_css("@keyframes used{to{a:b}}@keyframes use{to{a:b}}p{animation:used 1s}")
    assert styles.write_css(styles.drop_unused_keyframes(rules)) == "@keyframes used{to{a:b}}\np{animation:used 1s}"


@pytest.mark.parametrize(
    ("css", "kept"),
    [
        (":root{--a:1px;--b:2px}p{c:var(--a)}", ":root{--a:1px}\np{c:var(--a)}"),
        (":root{--a:var(--b);--b:2px}", ""),
        (":root{--a:var(--b);--b:2px}p{c:var( --a)}", ":root{--a:var(--b);--b:2px}\np{c:var(--a)}"),
        (":root{--in-a-page:1px;d:e}", ":root{--in-a-page:1px;d:e}"),
        (':root{--a:";--b:";f:g}', ":root{f:g}"),
        ("@media print{:root{--a:1px}}p{q:r}", "p{q:r}"),
        (".block__part--modifier:hover{s:t}", ".block__part--modifier:hover{s:t}"),
    ],
)
def test_only_variables_that_something_asks_for_are_kept(css: str, kept: str) -> None:
    rules = styles.drop_unused_variables(styles.read_css(css), frozenset({"--in-a-page"}))
    assert styles.write_css(rules) == kept


# --- Math and mending ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tex", "fault"),
    [(r"\nosuchthing x", "unknown command"), (r"\frac{a", "fraction"), (r"a &= b", "malformed")],
)
def test_math_that_cannot_be_written_is_refused(tex: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        mathml.to_mathml(tex)


def test_aligned_equations_become_a_table() -> None:
    written = mathml.to_mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "block")
    assert written.count("<mtr>") == 2 and "&<" not in written


def test_pandas_tables_lose_empty_headers_and_align_numbers() -> None:
    import pandas as pd

    frame = pd.DataFrame({"country": ["Cambodia", "Laos"], "share": [-0.5, float("nan")], "mixed": ["1", "x"]})
    mended = mending.mend_page(f'<meta charset="utf-8" />{frame._repr_html_()}')
    assert "<th></th>" not in mended and "<style" not in mended
    assert '<th scope="col" class="number">share</th>' in mended
    assert '<td class="number">-0.5</td>' in mended and '<td class="number">NaN</td>' in mended
    assert '<th scope="col">mixed</th>' in mended and '<th scope="row">1</th>' in mended
    assert "<td>1</td>" in mended and "<td>Laos</td>" in mended


def test_cells_of_a_wide_table_of_sentences_know_their_column_and_ranges_are_not_broken() -> None:
    import pandas as pd

    words = "a sentence that is long enough to want the width of a few words, and more"
    wide = pd.DataFrame({"when": ["2008-02"], "if true": ["85\u201397%"], "term": ["7 to 15"], "said": [words]})
    mended = mending.mend_page(wide.to_html(index=False))
    assert 'class="as-blocks dataframe"' in mended
    assert re.findall(r'<td[^>]* data-name="([^"]+)"', mended) == ["when", "if true", "term", "said"]
    assert mended.count('class="whole"') == 3
    for plain in (wide.drop(columns="term"), wide.assign(said="short")):
        assert "as-blocks" not in mending.mend_page(plain.to_html(index=False))


def _mended(**columns: str) -> str:
    import pandas as pd

    return mending.mend_page(pd.DataFrame({name: [text] for name, text in columns.items()}).to_html(index=False))


@pytest.mark.parametrize(
    ("columns", "blocks"),
    [
        # Three sentences want 432 pixels of 358; two and a short word have room.
        ({"one": "a word " * 12, "two": "a word " * 12, "three": "a word " * 12}, True),
        ({"one": "a word " * 12, "two": "a word " * 12, "three": "short"}, False),
        # Of a letter m of 14 pixels nearly 12 are ink: nine words of ten such letters are wider than two.
        ({f"m{n}": "m" * 10 for n in range(9)}, True),
        ({f"m{n}": "m" * 10 for n in range(2)}, False),
        ({f"m{n}": "m " * 10 for n in range(9)}, False),
        ({f"m{n}": "1990\u20131995" for n in range(6)}, True),  # a range is not broken
        ({f"m{n}": "mm-mm" for n in range(6)}, False),  # a compound may be
    ],
)
def test_a_table_that_is_wider_than_a_phone_stands_in_blocks(columns: dict[str, str], blocks: bool) -> None:
    assert ("as-blocks" in _mended(**columns)) is blocks


@pytest.mark.parametrize("names", [["year"], ["year", "place"]], ids=["one", "two"])
def test_the_names_of_an_index_stand_in_the_row_of_the_columns(names: list[str]) -> None:
    import pandas as pd

    frame = pd.DataFrame({"year": [2008, 2009], "place": ["a", "b"], "found": ["x", "y"]}).set_index(names)
    head, _, body = mending.mend_page(frame._repr_html_()).partition("</thead>")
    assert re.findall(r">([^<\s][^<]*)</th>", head) == ["year", "place", "found"]
    assert head.count("<tr") == 1 and "<td" not in head, "no cell of the head is empty"
    assert body.count('scope="row"') == 2 * len(names)


def test_a_head_that_needs_two_rows_keeps_them() -> None:
    import pandas as pd

    columns = pd.MultiIndex.from_product([["men", "women"], ["held", "free"]])
    above = pd.DataFrame([[1, 2, 3, 4]], columns=columns, index=pd.Index([2008], name="year"))
    named = pd.DataFrame([[1]], columns=pd.Index(["held"], name="of whom"), index=pd.Index([2008], name="year"))
    for frame, rows in ((above, 3), (named, 2)):
        head, *_ = mending.mend_page(frame._repr_html_()).partition("</thead>")
        assert head.count("<tr") == rows


def test_folded_cells_hold_no_paragraph_in_their_summary() -> None:
    cell = (
        '<details class="admonition hide above-input">\n<summary aria-label="Toggle hidden content">\n'
        '<p class="collapsed admonition-title">Show code</p>\n'
        '<p class="expanded admonition-title">Hide code</p>\n'
        "</summary></details>"
    )
    mended = mending.mend_page(cell)
    assert "<p" not in mended and "aria-label" not in mended
    assert '<span class="collapsed admonition-title">Show code</span>' in mended


def test_entries_of_a_bibliography_are_items_of_a_list_and_code_that_says_so_is_left_alone() -> None:
    entry, code = '<div class="citation" id="x" role="doc-biblioentry">', '<pre>role="doc-biblioentry"</pre>'
    assert mending.mend_page(entry + code) == entry.replace("doc-biblioentry", "listitem") + code


# --- Loads from another host --------------------------------------------------------------------------------

DEFECTS = {
    "script": ('<script src="https://cdn.example.org/x.js"></script>', "html"),
    "protocol_relative_image": ('<img alt="" src="//cdn.example.org/x.png">', "html"),
    "second_srcset": ('<img alt="" srcset="a.png 1x, https://cdn.example.org/b.png 2x">', "html"),
    "stylesheet": ('<link rel="stylesheet" href="https://cdn.example.org/x.css">', "html"),
    "preconnect": ('<link href="https://cdn.example.org" rel="preconnect">', "html"),
    "frame": ("<iframe title='x' src='https://cdn.example.org/'></iframe>", "html"),
    "svg_image": ('<svg><image href="https://cdn.example.org/x.png"/></svg>', "html"),
    "inline_style": ('<p style="background: url(https://cdn.example.org/x.png)">x</p>', "html"),
    "style_block": ("<style>@import 'https://cdn.example.org/x.css';</style>", "html"),
    "inline_fetch": ('<script>fetch("https://cdn.example.org/data")</script>', "html"),
    "after_words_with_an_angle": ('<img alt="a > b" src="https://cdn.example.org/x.png">', "html"),
    "written_in_entities": ('<img alt="" src="&#104;ttps://cdn.example.org/x.png">', "html"),
    "slashes_in_entities": ('<img alt="" src="https:&#x2f;&sol;cdn.example.org/x.png">', "html"),
    "in_a_link": ('<a href="https://example.org/"><img alt="" src="//cdn.example.org/x.png"></a>', "html"),
    "on_a_link": ('<a href="https://example.org/" style="background: url(//cdn.example.org/x.png)">x</a>', "html"),
    "css_font": ("@font-face{src:url(https://cdn.example.org/x.woff2)}", "css"),
    "js_constant": ('const WHERE = "https://cdn.example.org/lib/index.js";', "js"),
    "js_import": ('import x from "https://cdn.example.org/x";', "js"),
}
HARMLESS = {
    "link": ('<a href="https://cdn.example.org/x">x</a>', "html"),
    "canonical": ('<link rel="canonical" href="https://cdn.example.org/" />', "html"),
    "namespace": ('<svg xmlns="http://www.w3.org/2000/svg" width="1"></svg>', "html"),
    "words": ('<p>Write src="https://cdn.example.org/x.js" there.</p>', "html"),
    "shown_code": ("<pre>&lt;script src=&quot;https://cdn.example.org/x.js&quot;&gt;</pre>", "html"),
    "data_uri": ("a{background:url(data:image/png;base64,xx)}", "css"),
    "js_message": ('console.log("see https://cdn.example.org/help")', "js"),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_each_kind_of_load_is_found(name: str) -> None:
    text, kind = DEFECTS[name]
    (found,) = policy.external_loads(text, kind)
    assert "cdn.example.org" in found


@pytest.mark.parametrize("name", HARMLESS)
def test_what_loads_nothing_is_left_alone(name: str) -> None:
    assert policy.external_loads(*HARMLESS[name]) == []


def test_the_build_fails_and_names_page_and_address(tmp_path: Path) -> None:
    defect = f"# Bare\n\n```{{raw}} html\n{DEFECTS['script'][0]}\n```\n"
    printed = build(tmp_path, {"_config.yml": CONFIG.format(root=ROOT), **PAGES, "bare.md": defect}, expect=1)
    assert re.search(r"bare\.html: <script src=\"https://cdn\.example\.org", printed), printed[-2000:]


# --- In a browser -------------------------------------------------------------------------------------------


class Log:
    """What a page asked for and complained about."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []

    def watch(self, page: Any) -> None:
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site)) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


@pytest.fixture(params=["served", "from_disk"])
def base(request: pytest.FixtureRequest, site: Path, server: str) -> str:
    return server if request.param == "served" else site.as_uri() + "/"


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """Open a page in a fresh context; return it and its log."""
    contexts = []

    def open_page(url: str, **options: Any) -> tuple[Any, Log]:
        context = browser.new_context(**options)
        contexts.append(context)
        page, log = context.new_page(), Log()
        page.set_default_timeout(10_000)
        log.watch(page)
        page.goto(url)
        return page, log

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.browser
@every(
    ["index.html", "start.html", "text.html", "bare.html", "search.html", "genindex.html"],
    "name",
    few=["index.html", "text.html"],
)
def test_no_request_leaves_the_site_and_nothing_breaks_the_policy(visit: Any, base: str, name: str) -> None:
    page, log = visit(base + name)
    page.wait_for_timeout(SETTLED)
    assert [url for url in log.requests if not url.startswith((base, "data:"))] == []
    assert log.complaints == []


@pytest.mark.browser
def test_search_finds_the_one_page(visit: Any, base: str) -> None:
    page, log = visit(base + "text.html")
    page.keyboard.press("Control+k")
    field = page.locator("#pst-search-dialog input")
    field.fill("aardvark")
    field.press("Enter")
    result = page.locator("#search-results ul.search li a").first
    result.wait_for(timeout=5000)
    assert "start.html" in result.get_attribute("href")
    assert log.complaints == []


@pytest.mark.browser
def test_dark_mode_toggles_and_is_remembered(visit: Any, base: str) -> None:
    page, log = visit(base + "text.html", color_scheme="light")
    seen = {}
    for _ in range(3):
        page.locator(".theme-switch-button").first.click()
        mode = page.evaluate("document.documentElement.dataset.mode")
        seen[mode] = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert seen["dark"] != seen["light"] == seen["auto"]
    page.evaluate("localStorage.setItem('mode', 'dark')")
    # Pages from a disk have a process each, to which a busy browser tells what was stored a moment later.
    for _ in range(20):
        page.goto(base + "bare.html")
        if (theme := page.evaluate("document.documentElement.dataset.theme")) == "dark":
            break
        page.wait_for_timeout(250)
    assert theme == "dark"
    assert log.complaints == []


@pytest.mark.browser
def test_menu_opens_on_a_phone_and_nothing_scrolls_sideways(visit: Any, base: str) -> None:
    page, log = visit(base + "text.html", viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator(".primary-toggle").click()
    link = page.locator("#pst-primary-sidebar-modal a", has_text="Bare")
    link.wait_for(state="visible", timeout=5000)
    link.click()
    page.wait_for_url("**/bare.html")
    assert log.complaints == []


@pytest.mark.browser
def test_a_menu_hides_and_returns_on_a_wide_screen(visit: Any, server: str) -> None:
    page, _ = visit(server + "text.html", viewport={"width": 1400, "height": 900})
    sidebar = page.locator("#pst-primary-sidebar")
    page.locator(".primary-toggle").click()
    sidebar.wait_for(state="hidden", timeout=3000)
    page.locator(".primary-toggle").click()
    sidebar.wait_for(state="visible", timeout=3000)


@pytest.mark.browser
def test_vega_draws_and_computes_under_the_policy(visit: Any, base: str) -> None:
    page, log = visit(base + "bare.html")
    chart = {
        "data": {"sequence": {"start": 0, "stop": 3, "as": "x"}},
        "params": [{"name": "k", "value": 7}],
        "transform": [{"calculate": "k * datum.x + 1", "as": "y"}],
        "mark": "point",
        "encoding": {"x": {"field": "x"}, "y": {"field": "y"}},
    }
    drawn = page.evaluate(
        """(spec) => new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = "_static/vega.js";
          script.onerror = reject;
          const draw = async () => {
            const { parse, View, expressionInterpreter: expr } = vega;
            const container = document.body.appendChild(document.createElement("div"));
            await new View(parse(spec, null, { ast: true }), { container, renderer: "svg", expr }).runAsync();
            const marks = container.querySelectorAll("svg .mark-symbol path");
            return Array.from(marks, (mark) => mark.getAttribute("aria-label"));
          };
          script.onload = () => draw().then(resolve, reject);
          document.head.append(script);
        })""",
        vl_convert.vegalite_to_vega(chart),
    )
    assert drawn == ["x: 0; y: 1", "x: 1; y: 8", "x: 2; y: 15"]
    assert log.complaints == []


@pytest.mark.browser
def test_the_policy_blocks_a_script_it_does_not_name(visit: Any, server: str) -> None:
    page, _ = visit(server + "bare.html")
    blocked = page.evaluate(
        """() => new Promise((resolve) => {
          setTimeout(() => resolve("nothing was blocked"), 3000);
          addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective));
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.head.append(script);
        })"""
    )
    assert blocked.startswith("script-src") and page.evaluate("window.ran === undefined")


@pytest.mark.browser
@every([1400, 390], "width", few=[1400, 390], scheme=SCHEMES)
def test_axe_finds_no_fault(visit: Any, server: str, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "experimental"]
    asked = {"runOnly": {"type": "tag", "values": rules}, "resultTypes": ["violations"]}
    for name in ("start.html", "text.html"):
        page, _ = visit(server + name, color_scheme=scheme, viewport={"width": width, "height": 850})
        page.wait_for_timeout(SETTLED)
        found = Axe().run(page, options=asked).response["violations"]
        assert [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found] == []


@pytest.mark.browser
def test_axe_finds_no_fault_in_the_open_menu_and_search(visit: Any, server: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for button, dialog in (
        (".primary-toggle", "#pst-primary-sidebar-modal"),
        (".secondary-toggle", "#pst-secondary-sidebar-modal"),
        (".search-button", "#pst-search-dialog"),
    ):
        page, _ = visit(server + "text.html", viewport={"width": 390, "height": 850})
        page.locator(button).first.click()
        page.locator(f"{dialog}[open]").wait_for(state="visible")
        page.wait_for_timeout(SETTLED)
        found = Axe().run(page).response["violations"]
        assert [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found] == []


@pytest.mark.browser
def test_print_is_light_and_leaves_controls_out(visit: Any, server: str) -> None:
    page, _ = visit(server + "text.html", color_scheme="dark")
    page.emulate_media(media="print")
    ink, paper = page.evaluate(
        """[getComputedStyle(document.querySelector("article p")).color,
            getComputedStyle(document.body).backgroundColor]"""
    )
    assert ink == "rgb(29, 32, 33)" and paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")
    for control in (".bd-header-article", "#pst-primary-sidebar", ".copybtn", ".headerlink"):
        assert page.locator(control).first.is_hidden(), control


@pytest.mark.browser
def test_a_text_page_moves_less_than_its_budget(visit: Any, server: str, site: Path) -> None:
    import gzip

    page, log = visit(server + "text.html")
    page.wait_for_timeout(SETTLED)
    names = {url.removeprefix(server).split("?")[0] for url in log.requests if url.startswith(server)}
    moved = sum(len(gzip.compress((site / name).read_bytes())) for name in names)
    assert "_static/book.css" in names and moved <= 90_000
