"""The words behind the numbers: a passage is short, and it names the number of its row.

A column whose cells must occur in the passage carries `in_passage` in the descriptor, every other column of numbers
`not_in_passage`, the reason; a table without passages carries `no_passage`, the reason. `from_passage` of a
resource holds the few numbers that follow from the words by arithmetic: by primary key, by column, "100 - 69".
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from compendium.evidence import paths, tables
from compendium.evidence.tables import TableError

MOST_WORDS = 25
GIVEN = {12.0, 100.0, 365.0, 1e6, 1e9}  # months and days of a year, per cent, scales: known without a passage
NAMED = [name for name in tables.names() if "passage" in tables.read(name)]
UNITS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
UNITS |= {
    word: 10 * number
    for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "mn": 1e6, "bn": 1e9, "dozen": 12}
SCALES |= {"millionen": 1e6}  # German
ALONE = {"no": 0, "none": 0, "nobody": 0, "not": 0, "half": 50, "once": 1, "twice": 2, "both": 2, "dozen": 12}
ALONE |= {"kwart": 25, "helft": 50, "vijf": 5, "zes": 6}  # Dutch
JOINTS = {"to", "and", "-", "–"}
SPANS = {"year", "month"}  # a year is one
PARTS = {"third": 3, "quarter": 4, "fourth": 4, "fifth": 5}
ONES, COUNTED = {"a", "an", "another"}, {*SCALES, *PARTS, *SPANS}
TOKEN = re.compile(r"\d{1,3}(?:[,. \u00a0\u202f]\d{3})+(?![\d])|\d+(?:[.,]\d+)?|[a-z]+|[-–—/;:%$]")


def named(passage: str) -> set[float]:
    """Return every number that a passage names, in digits or in words; a scale counts with and without."""
    tokens = TOKEN.findall(passage.lower())
    found: set[float] = set()
    at = 0
    while at < len(tokens):
        values, after = _number(tokens, at)
        found |= values
        at = max(after, at + 1)
    return found


def _number(tokens: list[str], at: int) -> tuple[set[float], int]:
    """Return the readings of the number that starts at a token, and the first token after it."""
    token = tokens[at]
    if token[0].isdigit():
        values, after = _digits(token), at + 1
    elif token in UNITS or (token in ONES and tokens[at + 1 : at + 2] and tokens[at + 1] in COUNTED):
        values, after = _words(tokens, at)
    else:
        return {float(ALONE[token])} if token in ALONE else set(), at + 1
    while after < len(tokens) and tokens[after] in SCALES:
        values = values | {round(value * SCALES[tokens[after]], 6) for value in values}
        after += 1
    joint, other, scale = (*tokens[after : after + 3], "", "", "")[:3]
    if joint in JOINTS and other[:1].isdigit() and scale in SCALES:  # the ends of a range share its scale
        values = values | {round(value * SCALES[scale], 6) for value in values}
    rest = [token for token in tokens[after : after + 2] if token != "-"]
    if rest and (part := PARTS.get(rest[0].removesuffix("s"))):
        values = values | {round(100 * value / part, digits) for value in values for digits in (0, 1)}
    return values, after


def _digits(token: str) -> set[float]:
    joined = float(re.sub(r"\D", "", token))
    if re.fullmatch(r"\d+[.,]\d+", token):
        decimal = float(token.replace(",", "."))
        return {joined, decimal} if re.fullmatch(r"\d{1,3}[.,]\d{3}", token) else {decimal}
    return {joined}


def _words(tokens: list[str], at: int) -> tuple[set[float], int]:
    """Read 'twenty-two' and 'one hundred and five': a word joins if it fits into the zeros of the sum so far."""
    total, after = UNITS.get(tokens[at], 1), at + 1
    while after < len(tokens):
        joint = tokens[after] == "-" or (tokens[after] == "and" and total % 100 == 0 and total > 0)
        here = tokens[min(after + joint, len(tokens) - 1)]
        room = 100 if total and total % 100 == 0 else 10 if total % 10 == 0 and total % 100 >= 20 else 0
        if here == "hundred":
            total *= 100
        elif 0 < UNITS.get(here, 0) < room:
            total += UNITS[here]
        else:
            break
        after += 1 + joint
    return {float(total)}, after


def computed(expression: str) -> tuple[float, list[float]]:
    """Return the value of 'a - b * c', left to right, and its operands."""
    first, *rest = expression.split(" ")
    value, operands = float(first), [float(first)]
    for sign, text in zip(rest[::2], rest[1::2], strict=True):
        other = float(text)
        operands.append(other)
        value = {"+": value + other, "-": value - other, "*": value * other, "/": value / (other or 1)}[sign]
    return value, operands


def faults(name: str) -> list[str]:
    """Return what is wrong with the passages of a table, one line for each row and column."""
    table, frame = tables.describe(name), tables.read(name)
    columns = [field["name"] for field in table["schema"]["fields"] if field.get("in_passage")]
    declared: dict[str, dict[str, str]] = dict(table.get("from_passage", {}))
    wrong = []
    for _, row in frame[frame["passage"].notna()].iterrows():
        key = "/".join(str(row[column]) for column in table["schema"]["primaryKey"])
        if len(row["passage"].split()) > MOST_WORDS:
            wrong.append(f"{key}: more than {MOST_WORDS} words")
        said, sums = named(row["passage"]), declared.pop(key, {})
        for column in columns:
            if not pd.isna(row[column]) and not _is_said(float(row[column]), said, sums.pop(column, None)):
                wrong.append(f"{key}: {column} {row[column]} is not in {row['passage']!r}")
        wrong += [f"{key}: {column} is declared and not asked for" for column in sums]
    return wrong + [f"{key}: is declared and has no passage" for key in declared]


def _is_said(value: float, said: set[float], expression: str | None) -> bool:
    if expression is None:
        return any(abs(value - number) < 1e-9 * max(1, abs(value)) for number in said)
    result, operands = computed(expression)
    return abs(result - value) <= 0.01 * abs(value) and all(number in said | GIVEN for number in operands)


# ---------------------------------------------------------------- the published tables


@pytest.mark.parametrize("name", NAMED)
def test_a_passage_is_short_and_names_its_number(name: str) -> None:
    assert faults(name) == []


@pytest.mark.parametrize("name", NAMED)
def test_rows_with_and_without_a_passage_are_counted(name: str) -> None:
    held, without = tables.passages(name)
    text = (paths.DATA / f"{name}.csv").read_text(encoding="utf-8")
    assert held + without == len(tables.read(name)) and held > 0
    assert (
        text.splitlines()[0].split(",").count("passage") == 1
        and held == tables.read(name)["passage"].str.len().gt(0).sum()
    )


def test_a_table_without_the_column_has_no_count() -> None:
    with pytest.raises(TableError, match="passage"):
        tables.passages("countries")


def unasked(resource: dict[str, Any]) -> list[str]:
    """The columns of numbers that are neither looked for in the passages of a table nor excused, or are both."""
    fields = resource["schema"]["fields"]
    numbers = [field for field in fields if field["type"] in ("integer", "number")]
    words = [bool(field.get("in_passage")) + bool(field.get("not_in_passage", "").strip()) for field in numbers]
    return [field["name"] for field, stated in zip(numbers, words, strict=True) if stated != 1]


@pytest.mark.parametrize("name", NAMED)
def test_every_column_of_numbers_is_looked_for_in_the_passage_or_excused(name: str) -> None:
    assert unasked(tables.describe(name)) == []


@pytest.mark.parametrize("stated", [{}, {"not_in_passage": " "}, {"in_passage": True, "not_in_passage": "a date"}])
def test_a_column_that_nobody_asked_for_is_named(stated: dict[str, Any]) -> None:
    fields = [{"name": "persons", "type": "integer", **stated}, {"name": "passage", "type": "string"}]
    assert unasked({"schema": {"fields": fields}}) == ["persons"]


@pytest.mark.parametrize("name", tables.names())
def test_a_table_holds_passages_or_says_why_it_needs_none(name: str) -> None:
    assert (name in NAMED) is not bool(tables.describe(name).get("no_passage"))


def test_a_passage_of_a_disagreement_is_of_a_side_that_it_names() -> None:
    rows = tables.read("source_disagreements")
    assert rows["passage"].notna().equals(rows["passage_of"].notna())
    for row in rows[rows["passage"].notna()].itertuples():
        sides = {"a": [row.value_a], "b": [row.value_b], "both": [row.value_a, row.value_b]}[row.passage_of]
        for value in sides:
            numbers = named(value)
            assert not numbers or numbers & named(row.passage), row.id


def test_a_number_that_must_be_said_is_a_number() -> None:
    for name in tables.names():
        for field in tables.describe(name)["schema"]["fields"]:
            assert not field.get("in_passage") or (name in NAMED and field["type"] in ("integer", "number")), name


# ---------------------------------------------------------------- the reader of numbers


@pytest.mark.parametrize(
    ("passage", "number"),
    [
        ("only 12 trafficking suspects were convicted", 12),
        ("a survey of 1,016 households", 1016),
        ("rescuing 24 305 people", 24305),
        ("7.5%, is zelf slachtoffer", 7.5),
        ("7,5 procent", 7.5),
        ("jailed for seven to 15 years", 7),
        ("jailed for seven to 15 years", 15),
        ("sentenced to 10-20 years", 20),
        ("twenty-two women among them", 22),
        ("one hundred and five persons", 105),
        ("three hundred were freed", 300),
        ("two-thirds of them", 66.7),
        ("a third of prisoners", 33.3),
        ("nearly half of court users", 50),
        ("$32 billion a year", 32e9),
        ("$32 billion a year", 32),
        ("between 2 and 4 million", 2e6),
        ("an estimated profit of $7-10 billion", 7e9),
        ("some 2.4 million people", 2.4e6),
        ("found no organised crime", 0),
        ("two dozen suspects", 24),
        ("sentenced to a year in prison", 1),
    ],
)
def test_numbers_are_read_from_words_and_digits(passage: str, number: float) -> None:
    assert number in named(passage)


@pytest.mark.parametrize(
    ("passage", "number"),
    [
        ("only 12 trafficking suspects in 2008", 2),
        ("twenty-two women", 20),
        ("the 1,016 households", 1),
        ("ten of the women", 100),
        ("some of them", 0),
        ("2 women and 4 million dollars", 2e6),
    ],
)
def test_numbers_that_are_not_said_are_not_read(passage: str, number: float) -> None:
    assert number not in named(passage)


# ---------------------------------------------------------------- planted faults


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of one small table, whose rows a test writes."""
    fields = [("id", "string"), ("persons", "integer"), ("share", "number"), ("passage", "string")]
    columns = [{"name": name, "type": kind} for name, kind in fields]
    schema: dict[str, Any] = {"fields": columns, "primaryKey": ["id"]}
    for field in schema["fields"][1:3]:
        field["in_passage"] = True
    table = {"name": "small", "path": "small.csv", "schema": schema, "checks": {"rows": 0}, "sources": []}
    table["from_passage"] = {"c": {"share": "100 - 69"}}
    monkeypatch.setattr(paths, "DATA", tmp_path)
    (tmp_path / tables.PACKAGE).write_text(json.dumps({"resources": [table]}), encoding="utf-8")
    yield tmp_path
    shutil.rmtree(tmp_path)


SOUND = [
    "a,12,,only twelve were convicted",
    "b,,40,about 40 percent are women",
    "c,1016,31,of 1016 suspects 69 percent were men",
    "d,7,,",
]


def write(folder: Path, lines: list[str]) -> list[str]:
    text = "\n".join(["id,persons,share,passage", *lines, ""])
    (folder / "small.csv").write_text(text, encoding="utf-8", newline="\n")
    tables.seal()
    return faults("small")


def test_sound_passages_have_no_fault(planted: Path) -> None:
    assert write(planted, SOUND) == []
    assert tables.passages("small") == (3, 1)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("a,12,,only thirteen were convicted", "a: persons 12 is not in 'only thirteen were convicted'"),
        ("b,,40,most are women", "b: share 40.0 is not in 'most are women'"),
        ("c,1016,31,of 1016 suspects 70 percent were men", "c: share 31.0 is not in"),
        ("c,1016,32,of 1016 suspects 69 percent were men", "c: share 32.0 is not in"),
        ("c,101,31,of 101 suspects 68 percent were men", "c: share 31.0 is not in"),
        ("c,1016,31,", "c: is declared and has no passage"),
        ("a,12,," + " ".join(["12"] * 26), "a: more than 25 words"),
    ],
)
def test_a_planted_fault_is_named(planted: Path, line: str, complaint: str) -> None:
    rows = [line if line[0] == sound[0] else sound for sound in SOUND]
    (fault,) = write(planted, rows)
    assert fault.startswith(complaint)
