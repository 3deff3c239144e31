"""The data tables: read with every check, described, cited, and sealed after an intended change.

The rules live in `datapackage.json` (a Frictionless Data Package): types, ranges, categories, keys and the
sha256 of every file. `rows.sha256.json` holds short digests of rows and columns, which name a changed cell.
"""

from __future__ import annotations

import copy
import csv
import difflib
import functools
import hashlib
import io
import json
import re
import string
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from compendium.evidence import paths, trail
from compendium.evidence.documents import parsed
from compendium.evidence.frames import typed

if TYPE_CHECKING:
    import pandas as pd

PACKAGE = "datapackage.json"
DIGESTS = "rows.sha256.json"
DIGEST_LENGTH = 8
MOST_ROWS_TO_ALIGN = 2000
SHAPES = {
    "integer": (re.compile(r"-?(0|[1-9]\d*)"), "a whole number"),
    "number": (re.compile(r"-?(0|[1-9]\d*)(\.\d+)?"), "a number"),
    "boolean": (re.compile(r"true|false"), "true or false"),
}

Descriptor = dict[str, Any]
Rows = list[list[str]]


class TableError(ValueError):
    """A table is missing, malformed, against its rules, or not what was published; one line says where."""


# ---------------------------------------------------------------- what chapters call


def names() -> list[str]:
    """Return the names of all tables, in the order of the data package."""
    return [table["name"] for table in _package()["resources"]]


def describe(name: str) -> Descriptor:
    """Return the descriptor of a table: title, description, licences, sources, checks, and schema."""
    known = {table["name"]: table for table in _package()["resources"]}
    if name not in known:
        raise TableError(
            f"table {name!r}: expected one of the {len(known)} tables of {PACKAGE}{_near(name, known)}; "
            f"found no such name; tables.names() lists them"
        )
    return copy.deepcopy(known[name])  # whoever changes it changes what nobody else reads


def read(name: str) -> pd.DataFrame:
    """Return a table as a typed frame, after checking it against its descriptor and its published sha256.

    Whole numbers are int64, or Int64 where a cell may be empty; numbers are float64; booleans are bool or
    boolean; text is str with missing cells as NaN. The index is 0, 1, 2, ... What was checked before, byte for
    byte, is not checked again.
    """
    table = describe(name)
    return trail.followed(name, _checked(json.dumps(table), _content(table)).copy())


@functools.lru_cache(maxsize=128)
def _checked(descriptor: str, content: bytes) -> pd.DataFrame:
    table: Descriptor = json.loads(descriptor)
    rows = _cells(table, content)
    _check_cells(table, rows)
    if _sha256(content) != table["hash"]:
        _report_difference(table, rows, content)
    _check_rules(table, rows)
    return typed(table["schema"]["fields"], rows)


def value(name: str, column: str, **key: Any) -> Any:
    """Return the one cell of `column` in the row that `key` picks out, or None if that cell is empty.

    Raises TableError unless exactly one row has the key.
    """
    import pandas as pd

    frame = read(name)
    _expect_columns(name, frame.columns, [column])
    cell: Any = frame.loc[_only_row(name, frame, key), column]
    return None if pd.isna(cell) else getattr(cell, "item", lambda: cell)()


def source(name: str, column: str | None = None, **key: Any) -> str:
    """Return a citation: of the row that `key` picks out, of one `column` of a panel, or of the whole table."""
    table = describe(name)
    titles = {entry["key"]: entry["title"] for entry in table["sources"] if "key" in entry}
    if column is not None:
        _expect_columns(name, (fields := {field["name"]: field for field in table["schema"]["fields"]}), [column])
        if "source" in fields[column]:
            return fields[column]["source"]
    if not key or table["row_source"] == "fields":
        return "; ".join(entry["title"] for entry in table["sources"])
    frame = read(name)
    row = frame.loc[_only_row(name, frame, key)]
    parts = [part for where in table["row_source"] for part in str(row[where]).split(";" if titles else "\0")]
    cited = "; ".join(titles.get(part, part) for part in parts)
    return f"{cited} ({row['status']})" if "status" in frame.columns else cited


def passages(name: str) -> tuple[int, int]:
    """Return how many rows of a table hold the words that were read, and how many hold none."""
    frame = read(name)
    _expect_columns(name, frame.columns, ["passage"])
    return int(frame["passage"].notna().sum()), int(frame["passage"].isna().sum())


def seal(names: Collection[str] | None = None) -> list[str]:
    """Make the tables, or those named, the published ones: check them, rewrite hashes, digests and row counts.

    Returns the names of the tables that changed. Raises TableError, and writes nothing, if one breaks its rules.
    """
    package = copy.deepcopy(_package())
    digests: dict[str, dict[str, Any]] = {} if names is None else dict(_document(DIGESTS))
    changed: list[str] = []
    for table in package["resources"]:
        if not (names is None or table["name"] in names):
            continue
        content = _content(table)
        rows = _cells(table, content)
        sealed = {"hash": _sha256(content), "bytes": len(content), "checks": {**table["checks"], "rows": len(rows)}}
        if sealed["hash"] != table.get("hash"):
            changed.append(table["name"])
        table.update(sealed)
        _check_cells(table, rows)
        _check_rules(table, rows)
        header = [field["name"] for field in table["schema"]["fields"]]
        digests[table["name"]] = {
            "rows": "".join(_digest(row) for row in rows),
            "columns": {column: _digest(row[at] for row in rows) for at, column in enumerate(header)},
        }
    for file, document in ((PACKAGE, package), (DIGESTS, digests)):
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        paths.write(paths.DATA / file, text)
    return changed


# ---------------------------------------------------------------- files


def _package() -> Descriptor:
    paths.check_place()
    return _document(PACKAGE)


def _document(file: str) -> Descriptor:
    path = paths.DATA / file
    try:
        return parsed(path)
    except FileNotFoundError:
        raise TableError(f"{path}: expected the file; found none; restore it with 'git checkout -- data'") from None
    except ValueError as error:
        raise TableError(
            f"{path}: expected UTF-8 JSON; found {error}; restore it with 'git checkout -- data/{file}'"
        ) from None


def _content(table: Descriptor) -> bytes:
    path = paths.DATA / table["path"]
    if not path.exists():
        _fail(table, "expected the file", f"none at {path}")
    return paths.content(path)


def _cells(table: Descriptor, content: bytes) -> Rows:
    """Return the data rows as text cells, after checking encoding, header and the number of cells in each row."""
    header = [field["name"] for field in table["schema"]["fields"]]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        _fail(table, "expected UTF-8 text", f"byte 0x{content[error.start]:02x}", where=f"line {line}")
    if not text.strip():
        _fail(table, f"expected a header and {table['checks']['rows']} rows", "an empty file")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        found, *rows = list(reader)
    except csv.Error as error:
        _fail(
            table, "expected comma-separated cells", f"a malformed one ({error})", where=f"line {reader.line_num}"
        )
    if found != header:
        _report_header(table, header, found)
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            last = (
                " (the last row: the file looks cut off)" if number == len(rows) and len(row) < len(header) else ""
            )
            _fail(table, f"expected {len(header)} cells", f"{len(row)}{last}", row=number, cells=row)
    return rows


def _report_header(table: Descriptor, header: list[str], found: list[str]) -> NoReturn:
    missing = [column for column in header if column not in found]
    extra = [column for column in found if column not in header]
    if missing:
        there = found[header.index(missing[0])] if header.index(missing[0]) < len(found) else None
        what = repr(there) if there in extra else "no such column"
        _fail(table, f"expected it as column number {header.index(missing[0]) + 1}", what, header=missing[0])
    if extra:
        _fail(table, f"expected the {len(header)} columns of {PACKAGE}", "an extra one", header=extra[0])
    first = next((a for a, b in zip(header, found, strict=False) if a != b), found[-1])
    _fail(table, f"expected the column order {', '.join(header)}", ", ".join(found), header=first)


# ---------------------------------------------------------------- checks


def _check_cells(table: Descriptor, rows: Rows) -> None:
    """Check every cell alone, then the keys, then the pairs of columns that must be in order."""
    for index, field in enumerate(table["schema"]["fields"]):
        column = [row[index] for row in rows]
        rules = dict(_cell_rules(field))
        for cell in dict.fromkeys(column):
            expected = next((text for text, holds in rules.items() if not holds(cell)), None)
            if expected:
                number = column.index(cell) + 1
                _fail(
                    table,
                    f"expected {expected}",
                    repr(cell) if cell else "an empty cell",
                    number,
                    field["name"],
                    rows[number - 1],
                )
        if field.get("constraints", {}).get("unique"):
            _check_unique(table, rows, [field["name"]])
    _check_unique(table, rows, table["schema"]["primaryKey"])
    for low, high in table["checks"].get("ordered_pairs", []):
        left, right = _column(table, rows, low), _column(table, rows, high)
        for number, (a, b) in enumerate(zip(left, right, strict=True), 1):
            if a and b and _comparable(table, low, a) > _comparable(table, high, b):
                _fail(table, f"expected {low} of at most {high} ({b})", a, number, low, rows[number - 1])


def _cell_rules(field: Descriptor) -> Iterator[tuple[str, Callable[[str], bool]]]:
    """Yield what a cell of this column must be, in words, each with its test of the cell's text."""
    rules = field.get("constraints", {})
    if rules.get("required"):
        yield "a value", bool
    if field["type"] in SHAPES:
        shape, words = SHAPES[field["type"]]
        yield words, lambda cell: not cell or shape.fullmatch(cell) is not None
    if "enum" in rules:
        allowed = {"", *map(str, rules["enum"])}
        yield f"one of {', '.join(map(str, rules['enum']))}", lambda cell: cell in allowed
    if "pattern" in rules:
        pattern = re.compile(rules["pattern"])
        yield f"text like {rules['pattern']}", lambda cell: not cell or pattern.fullmatch(cell) is not None
    if "minimum" in rules:
        yield f"at least {rules['minimum']}", lambda cell: not cell or float(cell) >= rules["minimum"]
    if "maximum" in rules:
        yield f"at most {rules['maximum']}", lambda cell: not cell or float(cell) <= rules["maximum"]


def _check_unique(table: Descriptor, rows: Rows, columns: list[str]) -> None:
    first: dict[tuple[str, ...], int] = {}
    for number, key in enumerate(zip(*(_column(table, rows, column) for column in columns), strict=True), 1):
        if key in first:
            shown = ", ".join(f"{column}={cell}" for column, cell in zip(columns, key, strict=True))
            expected = f"expected {', '.join(columns)} to be unique"
            _fail(
                table, expected, f"{shown} again, first in row {first[key]}", number, columns[0], rows[number - 1]
            )
        first[key] = number


def _check_rules(table: Descriptor, rows: Rows) -> None:
    """Check what holds for the published table as a whole: number of rows, sums, and gaps between bounds."""
    checks = table["checks"]
    if len(rows) != checks["rows"]:
        _fail(table, f"expected {checks['rows']} rows", str(len(rows)))
    for kind, holds in (("sums", float.__eq__), ("sum_at_most", float.__le__)):
        for rule in checks.get(kind, []):
            parts = [_column(table, rows, part) for part in rule["parts"]]
            known = {tuple(map(str, key)) for key in rule.get("except", [])}
            for number, (total, *cells) in enumerate(
                zip(_column(table, rows, rule["total"]), *parts, strict=True), 1
            ):
                key = tuple(_key(table, rows[number - 1]).values())
                complete = total and (all(cells) or kind == "sum_at_most")
                added = float(sum(float(cell) for cell in cells if cell))
                if complete and holds(added, float(total)) == (key in known):
                    words = (
                        "another sum than" if key in known else "the sum" if kind == "sums" else "a sum of at most"
                    )
                    expected = f"expected {' + '.join(rule['parts'])} to be {words} {rule['total']} ({total})"
                    _fail(table, expected, f"{added:g}", number, rule["total"], rows[number - 1])
    if gap := checks.get("bound_gap"):
        low, high = _column(table, rows, gap["low"]), _column(table, rows, gap["high"])
        for number, (a, b) in enumerate(zip(low, high, strict=True), 1):
            if a and b and int(b) - int(a) not in gap["gaps"]:
                expected = f"expected {gap['high']} - {gap['low']} to be one of {', '.join(map(str, gap['gaps']))}"
                _fail(table, expected, str(int(b) - int(a)), number, gap["high"], rows[number - 1])


# ---------------------------------------------------------------- what differs from the published table


def _report_difference(table: Descriptor, rows: Rows, content: bytes) -> NoReturn:
    """Name the first row, and if possible the cell, that is not the published one."""
    name, published = table["name"], _document(DIGESTS).get(table["name"], {"rows": "", "columns": {}})
    old = [published["rows"][at : at + DIGEST_LENGTH] for at in range(0, len(published["rows"]), DIGEST_LENGTH)]
    new = [_digest(row) for row in rows]
    if old == new:
        _fail(table, "expected the published bytes", "the same cells with other quotes")
    if len(old) == table["checks"]["rows"]:
        start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        if sorted(old) == sorted(new):
            there = f"published row {old.index(new[start]) + 1}: the rows are in another order"
            _fail(table, f"expected published row {start + 1}", there, start + 1, cells=rows[start])
        removed, added = _first_change(old[start:], new[start:])
        if added == 0:
            before = f"after {_shown(_key(table, rows[start - 1]))}" if start else "at the top"
            many = f"{removed} rows are missing from here" if removed > 1 else "it is missing"
            _fail(table, f"expected the published row {before} (digest {old[start]})", f"that {many}", start + 1)
        if removed == 0:
            _fail(table, f"expected {len(old)} rows", "a row that was not published", start + 1, cells=rows[start])
        _report_changed_row(table, rows, start, old[start], published["columns"], len(old) == len(new))
    _fail(table, f"expected the published content of {name} ({table['hash']})", _sha256(content))


def _first_change(old: list[str], new: list[str]) -> tuple[int, int]:
    """Return how many published rows give way to how many others where the two lists first part."""
    if max(len(old), len(new)) > MOST_ROWS_TO_ALIGN:
        end = next(
            (i for i, (a, b) in enumerate(zip(old[::-1], new[::-1], strict=False)) if a != b),
            min(len(old), len(new)),
        )
        old, new = old[: len(old) - end], new[: len(new) - end]
        if max(len(old), len(new)) > MOST_ROWS_TO_ALIGN:
            return 1, 1
    for step, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if step != "equal":
            return b - a, d - c
    raise AssertionError("the lists are equal")


def _report_changed_row(
    table: Descriptor, rows: Rows, at: int, digest: str, columns: dict[str, str], aligned: bool
) -> NoReturn:
    header = [field["name"] for field in table["schema"]["fields"]]
    suspects = [
        i for i in range(len(header)) if not aligned or _digest(row[i] for row in rows) != columns.get(header[i])
    ]
    for index in suspects:
        original = _original(table, rows, at, index, digest)
        if original is not None:
            found = repr(rows[at][index]) if rows[at][index] else "an empty cell"
            expected = repr(original) if original else "an empty cell"
            _fail(
                table,
                f"expected {expected} (confirmed by the digest of the row)",
                found,
                at + 1,
                header[index],
                rows[at],
            )
    column = ", ".join(header[i] for i in suspects) if aligned else None
    cells = ", ".join(repr(rows[at][i]) for i in suspects) if aligned else "another row"
    _fail(table, f"expected the published row (digest {digest})", cells, at + 1, column, rows[at])


def _original(table: Descriptor, rows: Rows, at: int, index: int, digest: str) -> str | None:
    """Return the published text of a cell if a small edit of it, or a value from its column, fits the digest."""
    row = rows[at]
    for candidate in _guesses(row[index], {other[index] for other in rows}, table["schema"]["fields"][index]):
        if _digest([*row[:index], candidate, *row[index + 1 :]]) == digest:
            return candidate
    return None


def _guesses(cell: str, elsewhere: set[str], field: Descriptor) -> Iterator[str]:
    yield from ("", *map(str, field.get("constraints", {}).get("enum", ())))
    yield from elsewhere
    letters = string.printable if field["type"] == "string" else string.digits + ".-"
    for at in range(len(cell) + 1):
        head, tail = cell[:at], cell[at:]
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]
        for letter in letters:
            yield head + letter + tail[1:]
            yield head + letter + tail


# ---------------------------------------------------------------- small parts


def _only_row(name: str, frame: pd.DataFrame, key: dict[str, Any]) -> int:
    import pandas as pd

    _expect_columns(name, frame.columns, key)
    match = pd.Series(True, index=frame.index)
    for column, wanted in key.items():
        match &= (frame[column] == wanted).fillna(False).astype(bool)
    hits = frame.index[match]
    if len(hits) != 1:
        raise TableError(
            f"table {name}: expected one row with {_shown(key)}; found {len(hits) or 'none'}; "
            f"use its key: {', '.join(describe(name)['schema']['primaryKey'])}"
        )
    return int(hits[0])


def _expect_columns(name: str, present: Iterable[Any], wanted: Iterable[str]) -> None:
    known = list(present)
    for column in wanted:
        if column not in known:
            raise TableError(
                f"table {name}: expected one of the columns {', '.join(known)}{_near(column, known)}; "
                f"found {column!r}; use a column of the table"
            )


def _near(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=3)
    return f", perhaps {', '.join(close)}" if close else ""


def _column(table: Descriptor, rows: Rows, column: str) -> list[str]:
    index = next(i for i, field in enumerate(table["schema"]["fields"]) if field["name"] == column)
    return [row[index] for row in rows]


def _comparable(table: Descriptor, column: str, cell: str) -> Any:
    kind = next(field["type"] for field in table["schema"]["fields"] if field["name"] == column)
    return cell if kind == "string" else float(cell)


def _key(table: Descriptor, row: list[str]) -> dict[str, str]:
    cells = dict(zip((field["name"] for field in table["schema"]["fields"]), row, strict=False))
    return {column: cells.get(column, "?") for column in table["schema"]["primaryKey"]}


def _shown(key: dict[str, Any]) -> str:
    return ", ".join(f"{column}={cell}" for column, cell in key.items())


def _digest(cells: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(cells).encode()).hexdigest()[:DIGEST_LENGTH]


def _sha256(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _fail(
    table: Descriptor,
    expected: str,
    found: str,
    row: int | None = None,
    column: str | None = None,
    cells: list[str] | None = None,
    *,
    header: str | None = None,
    where: str | None = None,
) -> NoReturn:
    place = f"table {table['name']}"
    if row is not None:
        key = f", {_shown(_key(table, cells))}" if cells else ""
        place += f", row {row} (line {row + 1}{key})"
    if header is not None:
        place, column = f"{place}, header (line 1)", header
    if where is not None:
        place += f", {where}"
    if column is not None:
        place += f", column {column}"
    message = (
        f"{place}: {expected}; found {found}; restore it with 'git checkout -- data/{table['path']}', "
        f"or, if the change is meant, bring {PACKAGE} in line and run 'python -m compendium data seal'"
    )
    raise TableError(" ".join(message.split()))
