"""A reader's script, run in the reader's own browser on the tables that it names."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from typing import Any

from compendium.evidence import paths


def run(order: str, progress: object = None) -> str:
    """Run a script in which ``DATA["table"]`` holds a table's rows; return what it prints and leaves in `result`.

    The order in JSON names the `script` and, by table, the files in the folder of data.
    """
    asked = json.loads(order)
    names: dict[str, Any] = {"__name__": "script", "DATA": {}, "result": None}
    for name, path in asked["tables"].items():
        with (paths.DATA / path).open(encoding="utf-8", newline="") as file:
            names["DATA"][name] = list(csv.DictReader(file))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(asked["script"], "<script>", "exec"), names)
    result = names["result"]
    return json.dumps(
        {"printed": printed.getvalue(), "result": result if isinstance(result, int | float) else None}
    )
