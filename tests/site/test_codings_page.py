"""The page of codings seen by two coders: what its tables say is computed from the codes."""

from __future__ import annotations

import re

from compendium.evidence import codings, numbers
from compendium.site import codings as page
from compendium.site import pages


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_the_table_says_how_many_cells_agree_and_what_kappa_is() -> None:
    coded = codings.columns()
    told = _text(pages.render("codings.html", rows=page.rows(coded), whole=page.whole(coded)))
    cells = sum(len(each.rows) for each in coded)
    differ = sum(len(each.disagreements) for each in coded)
    assert f"{cells} cells were coded twice" in told and f"different ones to {differ}" in told
    corrected = sum(len(each.rows.dropna(subset="decided")) for each in coded)
    assert f"Of these, {numbers.in_words(corrected)} first codes were corrected." in told
    by_column = {f"{row['table']} {row['column']}": row for row in page.rows(coded)}
    assert by_column["enforcement_observations says"]["kappa"] == page.ALONE
    alike = by_column["law_consequences finding"]
    assert (alike["kappa"], alike["kappa_interval"]) == ("1.00", "")
    assert "built-in" not in told


def test_every_disagreement_is_listed_with_both_codes_and_what_was_decided() -> None:
    coded = [each for each in codings.columns() if len(each.disagreements)]
    told = _text(pages.render("codings-differ.html", coded=coded))
    for each in coded:
        for row in each.disagreements.itertuples():
            assert f"{row.row} {row.first} {row.second} " in told
    assert "corrected: " in told and "both stand" in told and " nan " not in told
