"""The page of codings that two coders made: how far they agree, where they do not, and what hangs on it."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from compendium.evidence import codings, numbers, tables
from compendium.methods.counts.coders import agreement
from compendium.site import pages
from compendium.site.claims import ClaimNode
from compendium.trial import claims

SECOND = "second-coding"
ALONE = "one code throughout"  # in place of kappa where chance leaves nothing to agree on beyond it


class CodingsDirective(SphinxDirective):
    """``{codings}`` lists the agreement of two coders by column, what it changes, and every disagreement."""

    def run(self) -> list[nodes.Node]:
        """Return the two tables and, between them, a place for the verdicts that the second codes move."""
        coded = codings.columns()
        hashes = {column.table: tables.describe(column.table)["hash"] for column in coded}
        pages.depends(self.env, self.env.docname, data=pages.digest([rows(coded), hashes]))
        moved = [claim.id for claim in claims.registry().claims.values() if SECOND in claim.alternatives]
        found: list[nodes.Node] = [_raw("codings.html", rows=rows(coded), whole=whole(coded))]
        if moved:
            node = ClaimNode(template="codings-moved.html", claims=moved)
            node.source, node.line = self.get_source_info()
            found.append(node)
        return [
            *found,
            _raw("codings-differ.html", coded=[column for column in coded if len(column.disagreements)]),
        ]


def rows(coded: list[codings.Column]) -> list[dict[str, str]]:
    """Return one row of text for each coded column: its items, the share with one code, and kappa."""
    return [{"table": each.table, "column": each.column, **_told(each)} for each in coded]


def whole(coded: list[codings.Column]) -> dict[str, str]:
    """Return how many cells were coded twice over all columns, and the share with one code."""
    items = sum(len(each.rows) for each in coded)
    agreed = items - sum(len(each.disagreements) for each in coded)
    corrected = sum(int(each.rows.decided.notna().sum()) for each in coded)
    return {
        "cells": numbers.count(items),
        "columns": numbers.count(len(coded)),
        "agreed": numbers.percent(agreed / items),
        "differ": numbers.count(items - agreed),
        "corrected": numbers.in_words(corrected),
    }


def _told(column: codings.Column) -> dict[str, str]:
    found = agreement(column.rows["first"].tolist(), column.rows["second"].tolist())
    ends = None if found.low is None or found.high is None else (found.low, found.high)
    return {
        "cells": numbers.count(found.items),
        "agreed": numbers.count(found.agreed),
        "share": numbers.percent(found.share.estimate),
        "share_interval": numbers.interval(found.share.low, found.share.high),
        "kappa": ALONE if found.kappa is None else numbers.decimal(found.kappa, 2),
        "kappa_interval": numbers.interval(*ends, lambda end: numbers.decimal(end, 2)) if ends else "",
    }


def _raw(template: str, **values: Any) -> nodes.raw:
    return nodes.raw("", pages.render(template, **values), format="html")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_directive("codings", CodingsDirective)
    return {"parallel_read_safe": False, "version": "1"}
