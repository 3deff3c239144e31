"""Codings seen by two coders: the second codes fit their tables, and take the place of the first."""

import pandas as pd
import pytest

from compendium.evidence import codings, tables

COLUMNS = codings.columns()


@pytest.mark.parametrize("coded", COLUMNS, ids=[f"{each.table}-{each.column}" for each in COLUMNS])
def test_the_first_code_is_that_of_the_table_unless_it_was_corrected(coded: codings.Column) -> None:
    now = tables.read(coded.table).set_index("id")[coded.column]
    rows = coded.rows.set_index("row")
    assert set(rows.index) <= set(now.index)
    corrected = rows.decided.fillna("").str.startswith("corrected: ")
    assert rows["first"][~corrected].to_dict() == now.reindex(rows.index)[~corrected].to_dict()
    assert rows["second"][corrected].to_dict() == now.reindex(rows.index)[corrected].to_dict()
    assert (rows["first"] != rows["second"])[corrected].all()


@pytest.mark.parametrize("coded", COLUMNS, ids=[f"{each.table}-{each.column}" for each in COLUMNS])
def test_the_second_coder_kept_to_the_codes_of_the_rule(coded: codings.Column) -> None:
    fields = {field["name"]: field for field in tables.describe(coded.table)["schema"]["fields"]}
    allowed = fields[coded.column]["constraints"].get("enum")
    assert allowed is None or set(coded.rows.second) <= set(allowed)


def test_rows_that_were_not_coded_twice_say_so() -> None:
    for coded in COLUMNS:
        frame = tables.read(coded.table)
        left = frame[frame[coded.column].notna() & ~frame["id"].isin(coded.rows.row)]
        assert left.get("note", pd.Series(dtype=str)).str.contains("after the second coding").all(), coded[:2]


def test_a_table_says_once_only_where_no_second_coder_saw_it() -> None:
    for coded in COLUMNS:
        described = tables.describe(coded.table)
        field = next(f for f in described["schema"]["fields"] if f["name"] == coded.column)
        told = f"{described['description']} {field['description']}"
        assert "oded once by one reader" not in told and "oded twice" in told, coded[:2]


def test_second_codes_stand_in_place_of_the_first_and_nothing_else_moves() -> None:
    calls = tables.read("trafficking_calls")
    changed = codings.recoded("trafficking_calls", calls)
    differ = calls.set_index("id").addressee != changed.set_index("id").addressee
    assert list(differ.index[differ]) == ["state-2009-plan"]
    assert changed.drop(columns="addressee").equals(calls.drop(columns="addressee"))


def test_rows_that_no_coder_saw_keep_their_code() -> None:
    calls = tables.read("trafficking_calls")
    planted = calls.iloc[[0]].assign(id="planted", addressee="Cambodia")
    assert codings.recoded("trafficking_calls", planted).addressee.tolist() == ["Cambodia"]
    assert codings.recoded("countries", tables.read("countries").head(2)).equals(tables.read("countries").head(2))


@pytest.fixture
def coded_twice(monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """A table of two coded columns; the second coder saw some rows of one and one row of the other."""
    rows = [
        ("made", "colour", "a", "blue", "red"),
        ("made", "colour", "b", "red", "blue"),
        ("made", "colour", "c", "red", "red"),
        ("made", "size", "a", "small", "large"),
        ("other", "colour", "a", "green", "black"),
    ]
    second = pd.DataFrame(rows, columns=["table", "column", "row", "first", "second"])
    monkeypatch.setattr(tables, "read", lambda name: {"second_codings": second}[name])
    return pd.DataFrame(
        {"id": ["a", "b", "c", "d"], "colour": ["blue", "red", "red", None], "size": ["small"] * 4, "n": range(4)}
    )


@pytest.mark.usefixtures("coded_twice")
def test_coders_disagree_whichever_code_comes_first_in_the_alphabet() -> None:
    found = {(each.table, each.column): list(each.disagreements.row) for each in codings.columns()}
    assert found == {("made", "colour"): ["a", "b"], ("made", "size"): ["a"], ("other", "colour"): ["a"]}


@pytest.mark.parametrize("indexed", [False, True])
def test_each_column_takes_the_second_codes_of_its_own_rows(coded_twice: pd.DataFrame, indexed: bool) -> None:
    given = coded_twice.set_index("id") if indexed else coded_twice
    before = given.copy()
    found = codings.recoded("made", given)
    assert list(found.colour[:3]) == ["red", "blue", "red"] and pd.isna(found.colour.iloc[3])
    assert list(found["size"]) == ["large", "small", "small", "small"]
    assert found.drop(columns=["colour", "size"]).equals(given.drop(columns=["colour", "size"]))
    assert given.equals(before)
    some = codings.recoded("made", given.iloc[[2, 0]])
    assert list(some.colour) == ["red", "red"] and list(some["size"]) == ["small", "large"]
