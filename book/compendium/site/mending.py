"""Accessibility faults of the theme, of pandas and of notebook cells, mended on each page.

The pages are mended as text: BeautifulSoup needs thirty times as long, and writes anew what
the hashes of the content security policy are made from.
"""

from __future__ import annotations

import functools
import html
import re

from compendium.figures import faces

_EXTERNAL_SCRIPT = re.compile(r"<script(?=[^>]*\ssrc=)(?![^>]*\s(?:defer|async)\b)(?![^>]*type=\"module\")")
_DATAFRAME = re.compile(r'<table[^>]*\bclass="[^"]*\bdataframe\b.*?</table>', re.DOTALL)
_CELL = re.compile(r"<(t[dh])((?:\s[^>]*)?)>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?")
_RANGE = re.compile(r"[$\u2212-]?\d[\d.,]*%?(?:[\u2013-]| to )[$\u2212-]?\d[\d.,]*%?")
_WIDE = re.compile(r'<table class="(?:table|dataframe)">.*?</table>', re.DOTALL)
COLUMNS = 4  # of a table with sentences: with as many a phone shows each row as a block, its columns named
# So it does with any table that would be wider than the page: in pixels, as the stylesheets set them.
PHONE, LETTERS, PADDING, OF_A_SENTENCE = 358, 14, 12, 144
_LONE_NUMBER = re.compile(r'(<t[dh][^>]*>\s*(?:<p>)?<a class="door)("[^<]*</a>(?:</p>)?\s*</t[dh]>)')
SENTENCE = 60  # letters: a cell with as many holds a sentence, and wants the width of a few words
# pandas writes the names of an index into a row of their own, below the names of the columns.
_TWO_HEADS = re.compile(r"(<thead>\s*<tr[^>]*>)(.*?)(</tr>)\s*<tr[^>]*>(.*?)</tr>(?=\s*</thead>)", re.DOTALL)
_NUMBER = re.compile(r"[-\u2212+]?[\d.,\u202f ]*\d(?:e[-+]?\d+)?\s*%?|NaN|inf|-inf|<NA>|&lt;NA&gt;|", re.IGNORECASE)
_PANDAS_STYLE = re.compile(r"<style scoped>\s*\.dataframe.*?</style>\s*", re.DOTALL)
_CELL_SUMMARY = re.compile(
    r'<summary aria-label="[^"]*">\s*(<p class="(?:collapsed|expanded).*?)</summary>', re.DOTALL
)
_REGION_LABELS = {
    "pst-search-dialog": "Search",
    "pst-primary-sidebar-modal": "Contents of the book",
    "pst-secondary-sidebar-modal": "On this page",
}
# Within a tag only: a page that shows this source shows it as it is.
_ENTRY = re.compile(r'(<\w[^<>]*) role="doc-biblioentry"')
_EMPTY_HEADING = re.compile(r"<h1>\s*</h1>")
_TITLED_BUTTON = re.compile(
    r'<button(?P<before>(?:(?!aria-label)[^>])*?) title="(?P<title>[^"]+)"(?=(?:(?!aria-label)[^>])*>)'
)


def mend_page(page: str) -> str:
    """Mend what the theme, pandas and notebook cells write wrongly."""
    page = _PANDAS_STYLE.sub("", page)
    page = _DATAFRAME.sub(_mend_dataframe, page)
    page = _WIDE.sub(_name_cells, page)
    page = _LONE_NUMBER.sub(r"\1 alone\2", page)
    page = _CELL_SUMMARY.sub(_mend_summary, page)
    page = _EMPTY_HEADING.sub("", page)
    page = _TITLED_BUTTON.sub(r'<button\g<before> title="\g<title>" aria-label="\g<title>"', page)
    page = _ENTRY.sub(r'\1 role="listitem"', page)
    for name, label in _REGION_LABELS.items():
        page = page.replace(f'<dialog id="{name}"', f'<dialog id="{name}" aria-label="{label}"')
    sidebar = '<div id="pst-primary-sidebar"'
    page = page.replace(sidebar, f'{sidebar} role="region" aria-label="Book"')
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1" />'
    page = page.replace(viewport, "", 1) if page.count('name="viewport"') > 1 else page
    return _EXTERNAL_SCRIPT.sub("<script defer", page)


def _mend_dataframe(table: re.Match[str]) -> str:
    """Make empty header cells plain cells, and mark the columns that hold only numbers."""
    markup = table.group().replace(' border="1"', "", 1).replace(' style="text-align: right;"', "")
    markup = _TWO_HEADS.sub(_join_heads, markup)
    markup = re.sub(r"<th([^>]*)>\s*</th>", r"<td\1></td>", markup)
    head, body_tag, rest = markup.partition("<tbody>")
    rest = re.sub(r'<th rowspan="(\d+)" valign="top">', r'<th scope="rowgroup" rowspan="\1">', rest)
    markup = head.replace("<th>", '<th scope="col">') + body_tag + rest.replace("<th>", '<th scope="row">')
    markup = _CELL.sub(_mark_cell, markup)
    if 'span="' in markup:
        return markup
    rows = [_CELL.findall(row) for row in re.findall(r"<tr.*?</tr>", markup, re.DOTALL)]
    body = [row for row in rows if any(tag == "td" and text.strip() for tag, _, text in row)]
    if not body or len({len(row) for row in rows}) != 1:
        return markup
    is_numeric = [
        all(_NUMBER.fullmatch(text.strip()) for tag, _, text in column) and any(t == "td" for t, _, _ in column)
        for column in zip(*body, strict=True)
    ]

    def mark(row: re.Match[str]) -> str:
        numeric = iter(is_numeric)
        return _CELL.sub(
            lambda cell: (
                f'<{cell[1]}{cell[2]} class="number">{cell[3]}</{cell[1]}>'
                if next(numeric) and "class=" not in cell[2]
                else cell[0]
            ),
            row.group(),
        )

    return re.sub(r"<tr.*?</tr>", mark, markup, flags=re.DOTALL)


def _mark_cell(cell: re.Match[str]) -> str:
    """Mark a cell that holds a sentence, which needs some width, or a date or range, which is not broken."""
    tag, attributes, text = cell.groups()
    words = _TAG.sub("", text).strip()
    kind = "sentence" if len(words) >= SENTENCE else ""
    if _DATE.fullmatch(words) or _RANGE.fullmatch(words):
        kind = "whole"
    return f'<{tag}{attributes} class="{kind}">{text}</{tag}>' if kind and "class=" not in attributes else cell[0]


def _name_cells(table: re.Match[str]) -> str:
    """Let each cell of a table that is wide on a phone know the name of its column: there its row is a block."""
    markup = table.group()
    head, body_tag, body = markup.partition("<tbody>")
    names = [_TAG.sub("", text).strip().replace('"', "&quot;") for _, _, text in _CELL.findall(head)]
    rows = [_CELL.findall(row) for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]
    if "span=" in markup or {len(row) for row in rows} != {len(names)}:
        return markup
    longest = max((len(_TAG.sub("", text)) for row in rows for _, _, text in row), default=0)
    if (len(names) < COLUMNS or longest < SENTENCE) and least_width([_CELL.findall(head), *rows]) <= PHONE:
        return markup

    def name(row: re.Match[str]) -> str:
        column = iter(names)
        return _CELL.sub(lambda cell: f"<{cell[1]}{cell[2]}{_called(next(column))}>{cell[3]}</{cell[1]}>", row[0])

    head = head.replace('<table class="', '<table class="as-blocks ', 1)
    return head + body_tag + re.sub(r"<tr.*?</tr>", name, body, flags=re.DOTALL)


def _called(name: str) -> str:
    return f' data-name="{name}"' if name else ""


def least_width(rows: list[list[tuple[str, str, str]]]) -> float:
    """How narrow a table can be, in pixels: of each column its longest word with its padding, or a sentence's room.

    A cell is its tag, its attributes and its text.
    """
    return sum(max(map(_least_of_cell, column)) for column in zip(*rows, strict=True))


def _least_of_cell(cell: tuple[str, str, str]) -> float:
    tag, attributes, text = cell
    words = html.unescape(_TAG.sub("", text)).strip()
    kind = re.search(r'class="([^"]*)"', attributes)
    kinds = kind[1].split() if kind else []
    parts = [words] if "whole" in kinds else re.split(r"\s+|(?<=[-\u2013\u2014])", words)
    widest = max((_width(part, tag == "th") for part in parts), default=0)
    width = widest + PADDING * (2 if "number" in kinds else 1)
    return max(width, OF_A_SENTENCE) if "sentence" in kinds else width


@functools.cache
def _letters(bold: bool) -> tuple[dict[int, str], dict[str, tuple[int, int]], int]:
    from fontTools.ttLib import TTFont

    face = TTFont(faces.FOLDER / ("label-bold.ttf" if bold else "label.ttf"))
    return face.getBestCmap(), face["hmtx"].metrics, face["head"].unitsPerEm


@functools.cache
def _width(word: str, bold: bool) -> float:
    """How wide a word is in the label face."""
    names, widths, em = _letters(bold)
    return LETTERS / em * sum(widths[names.get(ord(letter), ".notdef")][0] for letter in word)


def _join_heads(head: re.Match[str]) -> str:
    """Put the names of an index into the empty cells before the names of the columns: one row, none of it empty."""
    start, columns, end, names = head.groups()
    named = [text.strip() for _, _, text in _CELL.findall(names)]
    above = [text.strip() for _, _, text in _CELL.findall(columns)]
    width = len(named) - next((at for at, text in enumerate(reversed(named)) if text), len(named))
    if "span=" in head.group() or len(named) != len(above) or not width or any(above[:width]):
        return head.group()
    filled = iter(named[:width])
    return start + _CELL.sub(lambda cell: f"<th>{next(filled, cell[3])}</th>", columns) + end


def _mend_summary(summary: re.Match[str]) -> str:
    inside = summary.group(1).replace("<p ", "<span ").replace("</p>", "</span>")
    return f"<summary>{inside.strip()}</summary>"
