"""Cells of text become columns of the type that the descriptor declares."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from compendium.evidence.frames import typed


def column(kind: str, cells: list[str], **constraints: bool) -> pd.Series:
    """A column of one type, beside a text, from its cells."""
    field: dict[str, Any] = {"name": "it", "type": kind} | ({"constraints": constraints} if constraints else {})
    frame = typed([{"name": "id", "type": "string"}, field], [["x", cell] for cell in cells])
    assert list(frame.columns) == ["id", "it"] and list(frame.index) == list(range(len(cells)))
    return frame["it"]


@pytest.mark.parametrize(
    ("kind", "cells", "dtype", "values"),
    [
        ("integer", ["3", "-12", "0"], "int64", [3, -12, 0]),
        ("number", ["3", "-0.5"], "float64", [3.0, -0.5]),
        ("boolean", ["true", "false"], "bool", [True, False]),
        ("string", ["NA", "12"], "str", ["NA", "12"]),
        ("date", ["2001-01-01"], "str", ["2001-01-01"]),
    ],
)
@pytest.mark.parametrize("required", [True, False])
def test_a_column_has_its_type_and_values(
    kind: str, cells: list[str], dtype: str, values: list[Any], required: bool
) -> None:
    found = column(kind, cells, required=required)
    open_to_gaps = {"int64": "Int64", "bool": "boolean"}
    assert str(found.dtype) == (dtype if required else open_to_gaps.get(dtype, dtype))
    assert found.tolist() == values


@pytest.mark.parametrize(
    ("kind", "cell"), [("integer", "7"), ("number", "7"), ("boolean", "true"), ("string", "7")]
)
def test_an_empty_cell_is_missing_where_one_may_be(kind: str, cell: str) -> None:
    for found in (column(kind, [cell, ""]), column(kind, [cell, ""], required=False)):
        assert found.isna().tolist() == [False, True]


def test_a_table_without_rows_keeps_its_columns() -> None:
    frame = typed([{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}], [])
    assert list(frame.columns) == ["a", "b"] and str(frame["a"].dtype) == "Int64" and frame.empty
