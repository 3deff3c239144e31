"""Where a rule weighs counts for against counts against, one more never helps the side that it speaks against."""

from __future__ import annotations

import itertools

import pytest

from compendium.trial import claims
from compendium.trial.claims import Part


def weighed() -> list[tuple[str, Part, str, str]]:
    """The parts whose two rules name the same two numbers and mirror each other: claim, part, for and against."""
    found = []
    for claim in claims.registry().claims.values():
        for part in (*claim.parts, *claim.context):
            names = part.supported.names
            if len(names) != 2 or part.contradicted.names != names or part.testable:
                continue
            if all(claim.numbers[name].tolerance == 0 for name in names):
                first, second = sorted(names)
                numbers = {first: 9.0, second: 0.0}
                pro, con = (first, second) if part.supported.holds(numbers) else (second, first)
                grid = [{pro: float(a), con: float(b)} for a, b in itertools.product(range(9), range(9))]
                if all(
                    part.supported.holds(at) == part.contradicted.holds({pro: at[con], con: at[pro]}) for at in grid
                ):
                    found.append((claim.id, part, pro, con))
    return found


@pytest.mark.parametrize(
    ("claim", "part", "pro", "con"), weighed(), ids=lambda value: getattr(value, "name", value)
)
def test_one_more_never_helps_the_other_side(claim: str, part: Part, pro: str, con: str) -> None:
    for a, b in itertools.product(range(9), range(9)):
        here = {pro: float(a), con: float(b)}
        more_for, more_against = {**here, pro: a + 1.0}, {**here, con: b + 1.0}
        assert part.supported.holds(more_for) >= part.supported.holds(here), claim
        assert part.contradicted.holds(more_for) <= part.contradicted.holds(here), claim
        assert part.contradicted.holds(more_against) >= part.contradicted.holds(here), claim
        assert part.supported.holds(more_against) <= part.supported.holds(here), claim


def test_the_bars_that_weigh_counts_are_found() -> None:
    assert {claim for claim, *_ in weighed()} >= {
        "organised-crime",
        "still-true",
        "studies-of-traffickers",
        "panic",
    }
