"""Who cited the figures of whom, and what became of their meaning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, percent
from compendium.figures import Figure, palette
from compendium.figures.lazily import alt
from compendium.methods.counts import lineage

LANES = {
    "profit_32bn": "$32 billion",
    "slaves_12m": "12.3 million",
    "composition": "who they are",
    "slaves_27m": "27 million",
    "flow_800k": "800,000 a year",
    "index": "index totals",
    "cambodia": "Cambodia",
}
AMONG, OWN_TOTAL = (
    ["E25", "E40", "E45", "E52"],
    "E15",
)  # several documents cited in one row; a new figure beside the cited
FIRST, CHECKED = "E09", ["E09", "E35", "E45"]
KIND_COLOURS = [palette.FOURTH, palette.SECOND, palette.FIFTH, palette.THIRD, palette.SIXTH, palette.MUTED]


@dataclass(frozen=True)
class Citations:
    """The graph of who cited whom: `edges` of `lineage.links` with a `sentence` and the name `found` of a row."""

    edges: pd.DataFrame

    @property
    def kinds(self) -> pd.Series:
        """How many citations changed the meaning in which way; a new total of the citing document is none."""
        return self.edges.kind[self.edges.id != OWN_TOTAL].value_counts()

    @property
    def carried(self) -> int:
        """How many citations use the figure instead of examining it."""
        return int(((self.edges.kind != "criticised") & (self.edges.id != OWN_TOTAL)).sum())

    @property
    def meaning(self) -> int:
        """How many gave it to another concept or to other people."""
        return int(self.kinds["other concept"] + self.kinds["other people counted"])


def citations() -> Citations:
    """Read the citations and say of each what its source meant, what it became, and where that was read."""
    edges = lineage.links(tables.read("claim_lineage"))
    among = edges.id.isin(AMONG).map({True: " among others", False: ""})
    origin = ", citing " + edges.cited + among + ". There: " + edges.meaning_in_cited
    origin = origin.mask(edges.change == "no_source", "; no source was found")
    read = edges.status.map({"read": "read", "restated": "as restated"})
    where = ". Source: " + edges.citing_document + ", " + read + " at " + edges.seen_at + "."
    sentence = edges.citing + ": " + edges.figure + origin + ". Here: " + edges.meaning_in_citing + where
    return Citations(
        edges.assign(sentence=sentence.map(figures.wrapped), found=edges.citing + " (" + edges.id + ")")
    )


def words_on_citations(citations: Citations) -> dict[str, str]:
    """How many citations kept the figure's meaning, and how many changed what."""
    kinds = citations.kinds
    return {
        "edges": count(len(citations.edges)),
        "carried": count(citations.carried),
        "kept": in_words(kinds["kept"]),
        "meaning": count(citations.meaning),
        "unit": in_words(kinds["other unit or size"]),
        "dated": in_words(kinds["other date or source"]),
        "criticised": in_words(kinds["criticised"]),
        "meaning_share": percent(citations.meaning / citations.carried),
    }


def _citation_layers(edges: pd.DataFrame) -> list[alt.Chart]:
    """Lines from cited to citing, dots and squares at their ends, and the sentence of the chosen document."""
    first, documents = edges.found[edges.id == FIRST].item(), list(edges.sort_values(["citing_year", "id"]).found)
    menu = alt.binding_select(name="Document", options=documents)
    pick = alt.selection_point(name="pick", fields=["found"], value=[{"found": first}], bind=menu)
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=list(lineage.KIND_ORDER), range=KIND_COLOURS),
        legend=alt.Legend(title="What changed", columns=1, symbolType="stroke"),
    )
    span = alt.Scale(domain=[1998, 2027], nice=False, zero=False)
    rows = alt.Scale(domain=[-0.6, len(LANES) - 0.4], reverse=True, nice=False, zero=False)
    names = "','".join(LANES[lane] for lane in dict.fromkeys(edges.lane))
    lanes = alt.Axis(values=list(range(len(LANES))), labelExpr=f"['{names}'][datum.value]")
    years = alt.Axis(format="d", tickCount=6)
    cited = {"x": alt.X("cited_x:Q", scale=span), "y": alt.Y("cited_y:Q", scale=rows)}
    citing = {
        "x": alt.X("citing_x:Q", scale=span, axis=years, title="Year of the document"),
        "y": alt.Y("citing_y:Q", scale=rows, axis=lanes, title=None),
    }

    def picked(yes: float, no: float) -> Any:
        return alt.condition(pick, alt.value(yes), alt.value(no), empty=False)

    kept = ["found", "kind", "sentence", "citing", "citing_x", "citing_y", "cited_x", "cited_y"]
    base = alt.Chart(edges[kept])
    lines = base.mark_rule(strokeWidth=2).encode(
        **cited, x2="citing_x:Q", y2="citing_y:Q", color=colour, opacity=picked(1, 0.75), strokeWidth=picked(4, 1.6)
    )
    tooltip = [alt.Tooltip("citing:N", title="Document"), alt.Tooltip("sentence:N", title="What changed")]
    dots = base.mark_point(size=90).encode(**citing, color=colour, opacity=picked(1, 0.8), tooltip=tooltip)
    sources = base.mark_point(size=40, shape="square", color=palette.MUTED).encode(**cited)
    said = figures.readout_of(base.transform_filter(pick), "sentence")
    return [lines, sources, dots.add_params(pick), said]


def draw_citations(citations: Citations) -> Figure:
    """Live: the graph of citations, and what became of the figure in the document that the reader picks."""
    edges, kinds = citations.edges, citations.kinds
    named = edges[edges.id.isin(CHECKED)]
    return figures.live(
        alt.layer(*_citation_layers(edges)).properties(height=420),
        name="numbers-lineage",
        title=f"In {count(citations.meaning)} of {count(citations.carried)} citations "
        "the figure came to mean something else",
        subtitle="Documents by year; each line leads from a document (square) to one that took its figure over "
        "(dot), in the colour of what changed",
        alt=f"Graph of {len(edges)} citations between 1999 and 2026 in seven rows, one for each figure. "
        f"{count(kinds['kept'])} lines are green, the meaning kept; "
        f"most others show another concept or other people counted; {count(kinds['criticised'])} grey lines "
        "are criticism.",
        source="Documents as named; each row of claim_lineage says where it was read.",
        data=tables.read("claim_lineage"),
        apart="It tells what became of a figure, document by document.",
        checks=[
            ({"pick": [{"found": found}]}, says) for found, says in zip(named.found, named.sentence, strict=True)
        ],
    )
