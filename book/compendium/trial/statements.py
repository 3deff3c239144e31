"""The essay's statements in order, each with the claims that try it or the reason why none does."""

from __future__ import annotations

from dataclasses import dataclass

from compendium.evidence import tables
from compendium.trial.claims import registry

TABLE = "essay_statements"


@dataclass(frozen=True)
class Statement:
    """One statement of the essay: where it stands, its words, what it says in others, and what tries it."""

    id: str
    paragraph: int
    words: str
    told: str
    voice: str
    claims: tuple[str, ...]
    reason: str


def read() -> list[Statement]:
    """Return the statements in the essay's order."""
    frame = tables.read(TABLE).sort_values("order").fillna({"claims": "", "reason": ""})
    return [
        Statement(
            row["id"],
            int(row["paragraph"]),
            row["words"],
            row["told"],
            row["voice"],
            tuple(name.strip() for name in row["claims"].split(";") if name.strip()),
            row["reason"],
        )
        for row in frame.to_dict("records")
    ]


def defects(statements: list[Statement]) -> list[str]:
    """Return what is wrong, one line each: a gap, a statement left alone, an unknown claim or one left out."""
    known = registry().claims
    tried = {claim for statement in statements for claim in statement.claims}
    expected = [f"E{number:02d}" for number in range(1, len(statements) + 1)]
    found = [
        f"statement {want} has no row; found {statement.id}"
        for want, statement in zip(expected, statements, strict=True)
        if want != statement.id
    ]
    for statement in statements:
        if bool(statement.claims) == bool(statement.reason):
            found.append(f"statement {statement.id}: expected a claim or a reason why none tries it, and not both")
        found += [f"statement {statement.id}: no claim {name!r}" for name in statement.claims if name not in known]
    found += [
        f"claim {claim.id}: the essay makes it and no statement names it"
        for claim in known.values()
        if claim.side == "essay" and claim.id not in tried
    ]
    return found
