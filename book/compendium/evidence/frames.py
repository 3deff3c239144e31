"""The cells of a table, which are text, as a typed frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def typed(fields: list[dict[str, Any]], rows: list[list[str]]) -> pd.DataFrame:
    """Return rows of text as a frame with a column of its own type for each of the descriptor's fields."""
    import pandas as pd

    columns = {}
    for index, field in enumerate(fields):
        cells = [row[index] for row in rows]
        required = field.get("constraints", {}).get("required", False)
        if field["type"] == "integer":
            whole: list[Any] = [int(cell) if cell else None for cell in cells]
            kind: Any = "int64" if required else "Int64"
            columns[field["name"]] = pd.array(whole, dtype=kind)
        elif field["type"] == "number":
            columns[field["name"]] = pd.array([float(cell) if cell else None for cell in cells], dtype="float64")
        elif field["type"] == "boolean":
            truth = {"true": True, "false": False, "": None}
            kind = "bool" if required else "boolean"
            columns[field["name"]] = pd.array([truth[cell] for cell in cells], dtype=kind)
        else:
            columns[field["name"]] = pd.array([cell or None for cell in cells], dtype="str")
    return pd.DataFrame(columns)
