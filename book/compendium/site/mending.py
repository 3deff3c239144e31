"""Accessibility faults of the theme, of pandas and of notebook cells, mended on each page.

The pages are mended as text: BeautifulSoup needs thirty times as long, and writes anew what
the hashes of the content security policy are made from.
"""

from __future__ import annotations

import re

_EXTERNAL_SCRIPT = re.compile(r"<script(?=[^>]*\ssrc=)(?![^>]*\s(?:defer|async)\b)(?![^>]*type=\"module\")")
_DATAFRAME = re.compile(r'<table[^>]*\bclass="[^"]*\bdataframe\b.*?</table>', re.DOTALL)
_CELL = re.compile(r"<(t[dh])((?:\s[^>]*)?)>(.*?)</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_DATE = re.compile(r"\d{4}-\d\d(?:-\d\d)?")
_RANGE = re.compile(r"[$\u2212-]?\d[\d.,]*%?(?:[\u2013-]| to )[$\u2212-]?\d[\d.,]*%?")
_WIDE = re.compile(r'<table class="(?:table|dataframe)">.*?</table>', re.DOTALL)
COLUMNS = 4  # of a table with sentences: with as many a phone shows each row as a block, its columns named
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
    """Let each cell of a wide table of sentences know the name of its column, where its row is a block."""
    markup = table.group()
    head, body_tag, body = markup.partition("<tbody>")
    names = [_TAG.sub("", text).strip().replace('"', "&quot;") for _, _, text in _CELL.findall(head)]
    rows = [_CELL.findall(row) for row in re.findall(r"<tr.*?</tr>", body, re.DOTALL)]
    longest = max((len(_TAG.sub("", text)) for row in rows for _, _, text in row), default=0)
    if (
        len(names) < COLUMNS
        or longest < SENTENCE
        or "span=" in markup
        or {len(row) for row in rows} != {len(names)}
    ):
        return markup

    def name(row: re.Match[str]) -> str:
        column = iter(names)
        return _CELL.sub(
            lambda cell: f'<{cell[1]}{cell[2]} data-name="{next(column)}">{cell[3]}</{cell[1]}>', row[0]
        )

    head = head.replace('<table class="', '<table class="as-blocks ', 1)
    return head + body_tag + re.sub(r"<tr.*?</tr>", name, body, flags=re.DOTALL)


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
