"""How many people acted in small groups, when only the number of cases and of people is published.

Every case has at least one person. Nothing is assumed of how the others are spread over the cases, so the
results are sharp bounds: each end is reached by some way to spread them.
"""

from __future__ import annotations

from compendium.methods.shares.proportions import Interval


class GroupError(ValueError):
    """Counts of cases and people that cannot belong together; the message says why."""


def in_small_cases(cases: int, people: int, large: int) -> Interval:
    """Bounds of the share of people in cases of fewer than `large` people (2 or more); estimate: the middle.

    Raises GroupError unless every case can have a person.
    """
    if not 1 <= cases <= people:
        raise GroupError(f"{people} people in {cases} cases: expected at least one case and a person for each")
    if large < 2:
        raise GroupError(f"large is {large}; expected 2 or more, as every case has a person")
    large_cases = min(cases, (people - cases) // (large - 1))
    fewest = cases - large_cases if large_cases else people
    # One case takes everybody who does not fit into small ones.
    most = people if people <= cases * (large - 1) else (cases - 1) * (large - 1)
    low, high = fewest / people, most / people
    return Interval(low, high, (low + high) / 2, "bounds from cases and people", 1.0)
