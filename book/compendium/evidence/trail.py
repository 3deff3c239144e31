"""What the numbers of a page rest on: which statement read which table, and which of its rows it picked.

While a page runs, each read and each selection of rows is noted under the statement of the page that caused it.
`rests` follows the names of a statement back to the statements that bind them, and gives what all of these read.
Nothing is guessed: where a statement uses a table whole, or picks rows in too many ways, the table alone is named.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MIME = "application/vnd.compendium.rests+json"
HIDDEN = "application/papermill.record/"  # output so named is kept in the notebook and shown nowhere
MOST_PICKS = 300  # of one table by one statement; more is resampling, and says nothing of single rows

# How a table was used: some rows were picked, all were, or it was read and no row was seen to be asked for.
PICKED, WHOLE, UNASKED = "picked", "whole", "unasked"

Picked = tuple[int, ...]


@dataclass
class Reads:
    """The selections that one statement made from one table: each with those that it was made from."""

    rows: int
    parents: dict[Picked, set[Picked]] = field(default_factory=dict)
    used: set[Picked] = field(default_factory=set)
    too_many: bool = False

    def note(self, picked: Picked, parent: Picked | None) -> None:
        """Note a selection; without a parent it is the table as read."""
        if len(self.parents) >= MOST_PICKS:
            self.too_many = True
        else:
            self.parents.setdefault(picked, set()).update({parent} - {None, picked})  # type: ignore[arg-type]

    def use(self, picked: Picked) -> None:
        """Note that a selection was used for more than to pick from it."""
        if len(self.used) >= MOST_PICKS:
            self.too_many = True
        else:
            self.used.add(picked)


_noted: dict[str, dict[str, Reads]] = {}  # by statement of the page, by table


def note(table: str, rows: int, picked: Picked, parent: Picked | None = None) -> None:
    """Note that the page's statement at work picked these rows of a table (by position, from 0)."""
    if (reads := _reads(table, rows)) is not None:
        reads.note(_sorted(picked), None if parent is None else _sorted(parent))


def use(table: str, rows: int, picked: Picked) -> None:
    """Note that the page's statement at work used these rows for more than to pick from them."""
    if (reads := _reads(table, rows)) is not None:
        reads.use(_sorted(picked))


def _reads(table: str, rows: int) -> Reads | None:
    at = _statement()
    return None if at is None else _noted.setdefault(at, {}).setdefault(table, Reads(rows))


def _sorted(picked: Picked) -> Picked:
    return tuple(sorted(set(picked)))


def followed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as read, in a form that notes which rows are picked from it; outside a page, as it is."""
    if _page_frame() is None:
        return frame
    from compendium.evidence.followed import Rows

    everything = tuple(range(len(frame)))
    note(table, len(frame), everything)
    return Rows.of(frame, table, len(frame), everything)


# ---------------------------------------------------------------- what a statement rests on


def rests(source: str, cells: Iterable[str], leave_out: Iterable[str] = ()) -> dict[str, Any]:
    """Return what a statement rests on: the statements that made it, and by table how many rows it has and which.

    `cells` are the cells that ran, and `leave_out` names arguments of the statement's call that are not asked for.
    Rows are runs of positions, first and last.
    """
    statements = [_Statement(node) for cell in cells for node in _parsed(cell).body]
    asked = _Statement(_parsed(source).body[0], frozenset(leave_out))
    made, waiting = [asked], [asked]
    while waiting:
        uses = waiting.pop().uses
        for other in statements:
            if other.binds & uses and other not in made:
                made.append(other)
                waiting.append(other)
    noted = [_noted.get(statement.text, {}) for statement in made]
    tables = sorted(set().union(*noted))
    held = {table: _leaves([reads[table] for reads in noted if table in reads]) for table in tables}
    calls = dict.fromkeys([other.text for other in statements if other in made[1:]] + [asked.text])
    return {"calls": list(calls), "tables": held}


def tell(*names: str, leave_out: Iterable[str] = ()) -> None:
    """Leave in the notebook what the page's statement at work rests on, under the names of its numbers."""
    page, source = _page_frame(), _statement()
    if page is None or source is None or not names:
        return
    from IPython.display import display

    told = rests(source, page.f_globals["In"], leave_out)
    about = {"scrapbook": {"name": f"rests {names[0]}", "mime_prefix": HIDDEN}}
    display({HIDDEN + MIME: {"names": list(names), **told}}, raw=True, metadata=about)


class _Statement:
    """A statement of a page: its text, the names it uses, the names it binds."""

    def __init__(self, node: ast.stmt, leave_out: frozenset[str] = frozenset()) -> None:
        self.text = ast.unparse(node)
        apart = [word.value for word in ast.walk(node) if isinstance(word, ast.keyword) and word.arg in leave_out]
        left_out = {id(inner) for value in apart for inner in ast.walk(value)}
        names = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name) and id(inner) not in left_out]
        self.uses = {name.id for name in names if isinstance(name.ctx, ast.Load)}
        self.binds = {name.id for name in names if isinstance(name.ctx, ast.Store)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Statement) and self.text == other.text

    __hash__ = None  # type: ignore[assignment]


def _leaves(every: list[Reads]) -> dict[str, Any]:
    """The rows of the selections that were used, or from which nothing was picked further, and how it is known."""
    whole = every[0].rows
    parents = [pair for reads in every for pair in reads.parents.items()]
    narrowed = set().union(*(above for _, above in parents))
    counted = set().union(*(reads.used for reads in every))
    counted |= {picked for picked, _ in parents if picked not in narrowed and len(picked) < whole}
    rows = sorted(set(itertools.chain.from_iterable(counted)))
    many = any(reads.too_many for reads in every)
    how = WHOLE if many or len(rows) == whole else PICKED if counted else UNASKED
    return {"rows": whole, "how": how, "picked": _runs(rows) if how == PICKED else []}


def _runs(rows: list[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for row in rows:
        if found and row == found[-1][1] + 1:
            found[-1][1] = row
        else:
            found.append([row, row])
    return found


# ---------------------------------------------------------------- where a page is at work


def _page_frame() -> Any:
    """The frame of the page's cell that is at work, or None outside a notebook."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "<module>" and "get_ipython" in frame.f_globals:
            return frame
        frame = frame.f_back
    return None


def _statement() -> str | None:
    """The text of the page's statement that is at work."""
    frame = _page_frame()
    if frame is None:
        return None
    place = frame.f_code.co_filename, frame.f_lineno
    if place not in _texts:
        body = _parsed("".join(linecache.getlines(place[0]))).body
        at = next((node for node in body if node.lineno <= place[1] <= (node.end_lineno or 0)), None)
        _texts[place] = None if at is None else ast.unparse(at)
    return _texts[place]


_texts: dict[tuple[str, int], str | None] = {}  # by file and line: a cell that has run does not change
_trees: dict[str, ast.Module] = {}


def _parsed(source: str) -> ast.Module:
    if source not in _trees:
        try:
            _trees[source] = ast.parse(source)
        except SyntaxError:  # a cell in IPython's own syntax makes no number of a page
            _trees[source] = ast.Module([], [])
    return _trees[source]
