"""What a number rests on is noted while its page runs: no row too few, and all else is as pandas gives it."""

from __future__ import annotations

import functools
import itertools
import json
import linecache
from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd
import pytest

from compendium.evidence import tables, trail
from compendium.evidence.followed import Rows

FRAME = pd.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e", "f"],
        "place": ["KHM", "KHM", "THA", "VNM", "THA", None],
        "year": pd.array([2001, 2002, 2001, 2002, None, 2003], dtype="Int64"),
        "value": [1.0, 2.0, 4.0, 8.0, 16.0, None],
        "sure": [True, False, True, True, False, True],
    }
)
_NUMBER = itertools.count()
HEAD = "import pandas as pd\nfrom compendium.evidence import tables\n"


class Page:
    """A page whose cells run as in a notebook, on tables of this test."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "get_ipython": lambda: None, "In": [""]}

    def run(self, *cells: str) -> Page:
        for cell in cells:
            file = f"<cell {next(_NUMBER)}>"  # never that of an earlier page, which may be remembered
            linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
            self.names["In"].append(cell)
            exec(compile(cell, file, "exec"), self.names)
        return self

    def rests(self, statement: str, **options: Any) -> dict[str, Any]:
        return trail.rests(statement, self.names["In"], **options)

    def rows(self, statement: str, table: str = "made") -> tuple[str, list[int]]:
        found = self.rests(statement)["tables"][table]
        return found["how"], [at for low, high in found["picked"] for at in range(low, high + 1)]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    read = tables.read

    def made(name: str) -> pd.DataFrame:
        return trail.followed(name, FRAME.copy()) if name.startswith("made") else read(name)

    monkeypatch.setattr(tables, "read", made)
    trail._noted.clear()
    yield Page().run(HEAD)
    trail._noted.clear()


# What is done with a table, and the rows that its result can rest on; None: all.
WAYS: dict[str, list[int] | None] = {
    "t[t.place == 'KHM'].value.sum()": [0, 1],
    "t.value[t.place == 'KHM'].sum()": [0, 1],
    "t.loc[t.place == 'KHM', 'value'].sum()": [0, 1],
    "t.query('place == \"KHM\" and year == 2002').value.sum()": [1],
    "t.set_index('id').value['d']": [3],
    "t.set_index('id').loc['d', 'value']": [3],
    "t.set_index('id').loc['d'].value": [3],
    "t.set_index('id').value[['a', 'd']].tolist()": [0, 3],
    "t.set_index('id').value.reindex(['a', 'd']).tolist()": [0, 3],
    "t[t.place.isin(['KHM', 'VNM']) & ~t.sure].value.tolist()": [1],
    "t[t.place.str.contains('H', na=False)].dropna(subset='year').value.max()": [0, 1, 2],
    "t.sort_values('value', ascending=False).query('value > 1').head(2).value.tolist()": [3, 4],
    "t.iloc[2].value": [2],
    "t[t.place == 'THA'].groupby('year').value.sum().to_dict()": [2, 4],
    "[row.value for row in t[t.sure].itertuples()]": [0, 2, 3, 5],
    "t[t.sure].assign(twice=lambda s: 2 * s.value).twice.sum()": [0, 2, 3, 5],
    "t.value.sum()": None,
    "len(t)": None,
    "(t.place == 'KHM').sum()": None,
    "t[t.place == 'KHM'].value.sum() / len(t)": None,
    "t.groupby('place').value.sum()['KHM']": None,
    "pd.concat([t, t]).value.sum()": None,
    "t[t.place == 'none'].value.sum()": [],
    "t['value'][t['place'] == 'KHM'].sum()": [0, 1],
    "t.iloc[2, 3]": [2],
    "t.iat[4, 3]": [4],
    "t.set_index('place').loc['KHM'].value.sum()": None,  # a label that is there twice does not tell which rows
    "t.sure.any()": None,
}


@pytest.mark.parametrize(("way", "expected"), WAYS.items())
def test_the_rows_that_a_number_rests_on_are_noted(page: Page, way: str, expected: list[int] | None) -> None:
    page.run(f"def made():\n    t = tables.read('made')\n    return {way}\n", "x = made()")
    assert page.rows("x = made()") == (("whole", []) if expected is None else ("picked", expected))


@pytest.mark.parametrize("way", WAYS)
def test_a_followed_table_gives_what_pandas_gives(page: Page, way: str) -> None:
    page.run("t = tables.read('made')", f"followed = {way}")
    assert isinstance(page.names["t"], Rows) and not isinstance(FRAME, Rows)
    plain = eval(way, {"t": FRAME.copy(), "pd": pd})
    pd.testing.assert_frame_equal(pd.DataFrame({"x": [page.names["followed"]]}), pd.DataFrame({"x": [plain]}))


@pytest.mark.parametrize(("joined", "expected"), [("&", [0]), ("|", [0, 1, 2, 3, 5])])
def test_a_filter_that_is_narrowed_or_widened_in_place_is_followed_on(
    page: Page, joined: str, expected: list[int]
) -> None:
    page.run(
        f"t = tables.read('made')\nwanted = t.place == 'KHM'\nwanted {joined}= t.sure", "x = t[wanted].id.tolist()"
    )
    assert page.names["x"] == [FRAME.id[at] for at in expected]
    assert page.rows("x = t[wanted].id.tolist()") == ("picked", expected)


def test_the_rows_of_another_table_that_tell_which_to_pick_are_used(page: Page) -> None:
    page.run(
        "t = tables.read('made')\nother = tables.read('made_too')", "x = t[t.id.isin(other.id)].head(1).value[0]"
    )
    found = page.rests("x = t[t.id.isin(other.id)].head(1).value[0]")["tables"]
    assert (found["made"]["picked"], found["made_too"]["how"]) == ([[0, 0]], "whole")


def test_what_was_picked_and_used_is_not_hidden_by_a_narrower_pick(page: Page) -> None:
    page.run("t = tables.read('made')\nsome = t[t.sure]", "x = some.value.sum() / some.value[some.id == 'a'].sum()")
    assert page.rows("x = some.value.sum() / some.value[some.id == 'a'].sum()") == ("picked", [0, 2, 3, 5])


def test_names_are_followed_back_through_the_cells_and_no_further(page: Page) -> None:
    page.run(
        "a = tables.read('made').set_index('id')\nb = tables.read('made_too')",
        "first = a.value['a']",
        "second = b.value.sum()",
        "said = str(first)",
    )
    found = page.rests("said = str(first)")
    assert found["calls"] == [
        "a = tables.read('made').set_index('id')",
        "first = a.value['a']",
        "said = str(first)",
    ]
    assert list(found["tables"]) == ["made"] and page.rows("said = str(first)") == ("picked", [0])
    assert list(page.rests("y = second")["tables"]) == ["made_too"]
    assert page.rests("y = (first, second)", leave_out=["none"])["tables"].keys() == {"made", "made_too"}
    assert page.rests("y = f(first, other=second)", leave_out=["other"])["tables"].keys() == {"made"}


def test_a_table_of_which_nothing_was_asked_is_said_to_be_just_that(page: Page) -> None:
    page.run("t = tables.read('made')\nx = 1")
    assert page.rests("y = t")["tables"] == {"made": {"rows": 6, "how": "unasked", "picked": []}}


def test_rows_picked_again_and_again_are_not_listed(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "MOST_PICKS", 5)
    page.run("t = tables.read('made').set_index('id')", "x = [t.value[[a, b]].sum() for a in 'abc' for b in 'def']")
    found = page.rests("x = [t.value[[a, b]].sum() for a in 'abc' for b in 'def']")
    assert found["tables"]["made"]["how"] == "whole"


def test_as_many_selections_as_are_listed_and_not_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "MOST_PICKS", 2)
    for way in ("note", "use"):
        reads = trail.Reads(6)
        many = [(0,), (1,), (2,)]
        for picked, too_many in zip(many, (False, False, True), strict=True):
            reads.note(picked, (0, 1, 2)) if way == "note" else reads.use(picked)
            assert reads.too_many is too_many, way
        assert len(reads.parents if way == "note" else reads.used) == 2


def test_a_selection_was_made_from_another_and_never_from_itself() -> None:
    reads = trail.Reads(6)
    for parent in (None, (0, 1, 2), (0, 1), (0, 1, 3)):
        reads.note((0, 1), parent)
    assert reads.parents == {(0, 1): {(0, 1, 2), (0, 1, 3)}}


def test_a_statement_comes_after_all_that_made_it_and_stands_once(page: Page) -> None:
    page.run("a = 1", "b = a + 1", "a = 2", "unused = b")
    assert page.rests("b = a + 1")["calls"] == ["a = 1", "a = 2", "b = a + 1"]
    page.run("b = a + 1")
    assert page.rests("b = a + 1")["calls"] == ["a = 1", "a = 2", "b = a + 1"]


def test_what_runs_over_several_lines_or_shares_its_cell_is_one_statement(page: Page) -> None:
    page.run(
        "t = tables.read('made')\nx = (\n    t[t.sure]\n    .value.sum()\n)\ny = t.value[t.place == 'KHM'].sum()"
    )
    assert page.rows("y = t.value[t.place == 'KHM'].sum()") == ("picked", [0, 1])
    assert page.rows("x = t[t.sure].value.sum()") == ("picked", [0, 2, 3, 5])


def test_the_rows_of_two_statements_are_put_together_in_runs(page: Page) -> None:
    page.run("t = tables.read('made')", "x = t.iloc[4].value", "y = t.iloc[[0, 3, 1]].value.sum()")
    assert page.rests("z = x + y")["tables"]["made"]["picked"] == [[0, 1], [3, 4]]
    assert page.rests("z = (x, t.iloc[5].value, y)")["tables"]["made"]["rows"] == 6


def test_a_page_leaves_what_its_number_rests_on_out_of_sight(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[Any, dict[str, Any]]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **how: shown.append((data, how)))
    page.names["tell"] = trail.tell
    page.run(
        "t = tables.read('made')", "x = t.value[t.sure].sum()", "tell('total', 'again', leave_out=['y'])\nx = x"
    )
    page.run("tell()")
    trail.tell("outside a page")
    ((data, how),) = shown
    assert how["raw"] is True
    assert how["metadata"] == {"scrapbook": {"name": "rests total", "mime_prefix": trail.HIDDEN}}
    assert list(data) == [trail.HIDDEN + trail.MIME]
    (told,) = data.values()
    assert told["names"] == ["total", "again"] and told["calls"][-1] == "tell('total', 'again', leave_out=['y'])"


def test_code_without_a_text_leaves_nothing_in_the_page(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **how: shown.append(data))
    page.names["tell"] = trail.tell
    exec(compile("tell('total')", "<of no file>", "exec"), page.names)
    assert shown == []


def test_a_cell_in_another_syntax_is_passed_over(page: Page) -> None:
    page.run("t = tables.read('made')\nx = t.value.sum()")
    page.names["In"].append("%matplotlib inline")
    assert page.rows("x = t.value.sum()") == ("whole", [])


def test_outside_a_page_a_table_is_plain() -> None:
    assert type(tables.read("cambodia_tiers")) is pd.DataFrame


# ---------------------------------------------------------------- the book's own functions

FUNCTIONS = {
    "women.words_on_figure(women.facts())": "prison_study_facts",
    "women.words_on_prisoners(women.facts(), women.prisoners())": "cambodia_prison_baseline",
    "numbers.words_on_people(numbers.facts())": "global_estimates",
    "numbers.words_on_profit(numbers.facts())": "global_profits",
}


@pytest.mark.parametrize(("call", "table"), FUNCTIONS.items())
def test_no_row_that_was_not_noted_moves_a_number(
    page: Page, call: str, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.run("from compendium.chapters import numbers, women", f"said = {call}")
    how, noted = page.rows(f"said = {call}", table)
    assert how == "picked" and noted
    make = tables._checked

    def altered(spare: list[int], descriptor: str, content: bytes) -> pd.DataFrame:
        frame, about = make(descriptor, content).copy(), json.loads(descriptor)
        moved = [at for at in frame.index if at not in spare]
        for column in frame.columns[frame.dtypes == "float64"] if about["name"] == table else ():
            frame.loc[moved, column] = frame.loc[moved, column] * 1.37 + 3
        return frame

    def said(spare: list[int]) -> Any:
        monkeypatch.setattr(tables, "_checked", functools.partial(altered, spare))
        return _or_refusal(
            lambda: Page().run(HEAD, "from compendium.chapters import numbers, women", f"said = {call}")
        )

    before = page.names["said"]
    assert said(noted) == before, "a row that was not noted moves a number"
    assert said([]) != before, "the alteration would be seen"


def _or_refusal(run: Callable[[], Page]) -> Any:
    try:
        return run().names["said"]
    except ValueError as error:
        return str(error)
