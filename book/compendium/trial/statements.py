"""The essay's statements in order, each with the claims that try it or the reason why none does."""

from __future__ import annotations

from dataclasses import dataclass

from compendium.evidence import tables
from compendium.trial.claims import registry

TABLE = "essay_statements"
COUNT = 59  # statements of the essay in its thirteen paragraphs, compound sentences split
# Of a statement that reports what others say, what the verdict beside it is on, by who holds the claim.
TRIED = {"discourse": "what they say", "essay reports": "whether they say or do so"}


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

    @property
    def on(self) -> str:
        """What the verdict beside it is on, where the essay only reports; else empty."""
        holders = {registry()[name].holder for name in self.claims}
        return " and ".join(TRIED[holder] for holder in sorted(holders & TRIED.keys()))


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
    found = [f"statement {name} has no row" for name in _names() if name not in {row.id for row in statements}]
    found += [f"statement {row.id}: no such statement" for row in statements if row.id not in _names()]
    if [row.id for row in statements] != sorted(row.id for row in statements):
        found.append("statements: expected the order of the essay")
    for statement in statements:
        if bool(statement.claims) == bool(statement.reason):
            found.append(f"statement {statement.id}: expected a claim or a reason why none tries it, and not both")
        found += [f"statement {statement.id}: no claim {name!r}" for name in statement.claims if name not in known]
        found += [
            f"statement {statement.id}: it {statement.voice}, but claim {name} is held by the {known[name].holder}"
            for name in statement.claims
            if name in known and (known[name].holder in TRIED) != (statement.voice == "reports")
        ]
    found += [
        f"claim {claim.id}: the essay makes it and no statement names it"
        for claim in known.values()
        if claim.side == "essay" and claim.id not in tried
    ]
    return found


def _names() -> list[str]:
    return [f"E{number:02d}" for number in range(1, COUNT + 1)]
