"""No statement of the essay is left out: each has a claim or a reason, and each essay claim a statement."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compendium.trial import statements

WORDS = 15


def test_every_statement_of_the_essay_is_tried_or_says_why_not() -> None:
    assert statements.defects(statements.read()) == []


def test_the_essay_is_quoted_in_fewer_than_fifteen_words() -> None:
    assert [s.id for s in statements.read() if len(s.words.split()) >= WORDS] == []


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda rows: rows[:4] + rows[5:], "statement E05 has no row"),
        (lambda rows: rows[:-1], f"statement E{statements.COUNT} has no row"),
        (lambda rows: [*rows, replace(rows[-1], id="E99")], "statement E99: no such statement"),
        (lambda rows: [rows[1], rows[0], *rows[2:]], "statements: expected the order of the essay"),
        (
            lambda rows: [replace(row, voice="asserts") for row in rows],
            "statement E12: it asserts, but claim transnational is held by the discourse",
        ),
        (
            lambda rows: [replace(row, voice="reports") for row in rows],
            "statement E01: it reports, but claim movements is held by the essay",
        ),
        (
            lambda rows: [replace(rows[0], claims=(), reason=""), *rows[1:]],
            "statement E01: expected a claim or a reason",
        ),
        (
            lambda rows: [replace(rows[0], claims=("boats",), reason=""), *rows[1:]],
            "statement E01: no claim 'boats'",
        ),
        (
            lambda rows: [replace(row, claims=(), reason="a reason") for row in rows],
            "claim women-80: the essay makes it and no statement names it",
        ),
    ],
)
def test_what_is_left_out_is_named(spoil: object, told: str) -> None:
    rows = statements.read()
    assert any(line.startswith(told) for line in statements.defects(spoil(rows)))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("claims", "on"),
    [
        (("transnational",), "what they say"),
        (("call-to-war",), "whether they say or do so"),
        (("call-to-war", "transnational"), "what they say and whether they say or do so"),
        (("transnational", "organised-crime"), "what they say"),
        (("movements",), ""),
        ((), ""),
    ],
)
def test_it_is_said_what_the_verdict_on_a_report_is_on(claims: tuple[str, ...], on: str) -> None:
    """Told by who holds the claims, each once; of a claim that the essay holds itself there is nothing to tell."""
    assert replace(statements.read()[0], claims=claims).on == on
