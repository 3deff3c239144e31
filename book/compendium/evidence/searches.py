"""What was looked for and not seen, from the log of searches."""

from __future__ import annotations

from compendium.evidence import tables
from compendium.evidence.numbers import listing

SEEN_ELSEWHERE = ("found", "not found again")  # entries whose thing was seen on another occasion


def not_seen(*claims: str, about: str = "") -> dict[str, str]:
    """What was sought for the claims and seen nowhere (`not_seen`), and the places searched (`searched`).

    `about` is a pattern that what was sought must match.
    """
    log = tables.read("search_log").query("outcome == 'not_found'")
    log = log[~log.found.str.startswith(SEEN_ELSEWHERE)]
    bears = log.claims.fillna("").map(lambda named: bool({*named.split("; ")} & {*claims}))
    missing = log[bears & log.sought.str.contains(about)]
    return {
        "not_seen": "; ".join(missing.sought.unique()) or "nothing",
        "searched": listing(list(missing.place.unique())),
    }
