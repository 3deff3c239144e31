"""Which way independent samples of traffickers point: organised groups, or people alone and in small ones.

A sample says how many of its cases were organised. It points one way only if the exact interval of that share lies
on one side of one half. A verdict asks for at least `LEAST` samples that point one way, and two for each one that
points the other; the same bar holds for a claim and for its mirror, and a sample more never helps the side that it
speaks against. Rules write it as `organised_samples >= 3 and organised_samples >= 2 * small_samples`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from compendium.methods.shares.counted import ORGANISED, SMALL, side

if TYPE_CHECKING:
    import pandas as pd

LEAST = 3  # samples that point one way, below which nothing is established
TO_ONE = 2  # samples one way for each one the other: two thirds
# People of one case or scheme are not independent of each other, so cases and schemes are the better units.
UNITS = ("cases", "schemes", "persons")


class Balance(NamedTuple):
    """How many samples point to organised groups, to small ones, and to neither."""

    organised: int
    small: int
    open: int


def one_row_each(rows: pd.DataFrame, units: tuple[str, ...] = UNITS) -> pd.DataFrame:
    """Return one row for each sample: the best unit in the order of `units`, then the largest n.

    `rows` has the columns sample, unit, n (items) and organised (items, missing if only words are printed).
    """
    if unknown := sorted(set(rows["unit"]) - set(units)):
        raise ValueError(f"one_row_each: expected units {', '.join(units)}, found {unknown[0]!r}")
    ranked = rows.assign(best=rows["unit"].map(units.index), words=rows["organised"].isna())
    ranked = ranked.sort_values(
        ["sample", "words", "best", "n"], ascending=[True, True, True, False], kind="stable"
    )
    return ranked.drop_duplicates("sample").drop(columns=["best", "words"])


def sides(rows: pd.DataFrame, units: tuple[str, ...] = UNITS) -> pd.Series:
    """Return the side of each sample, by its name; where there is no count, what its words (`says`) say of most."""
    import pandas as pd

    each: Any = one_row_each(rows, units).set_index("sample")
    found = {
        name: row.says if pd.isna(row.organised) else side(int(row.organised), int(row.n))
        for name, row in each.iterrows()
    }
    return pd.Series(found, dtype=object)


def balance_of_samples(
    rows: pd.DataFrame,
    *,
    restated: bool = False,
    words: bool = False,
    same_author: bool = False,
    units: tuple[str, ...] = UNITS,
) -> Balance:
    """Return which way the samples point that were read in the original, are independent, and were counted.

    `rows` as the table `organisation_samples` has them. `restated` also takes samples known through others only,
    `words` those that print words without a count, `same_author` the essay's own, which prints words.
    """
    kept = rows[rows["status"].isin(("read", "restated") if restated else ("read",))]
    counted = kept["organised"].notna() & kept["n"].notna()
    own = kept["same_author"]
    chosen = sides(kept[(~own & (counted | words)) | (own & same_author)], units)
    organised, small = int((chosen == ORGANISED).sum()), int((chosen == SMALL).sum())
    return Balance(organised, small, len(chosen) - organised - small)
