"""Twelve million and thirty-two billion: what the two figures count, and what others made of them."""

from compendium.chapters.numbers.claims import (
    figures_paired,
    figures_paired_alternatives,
    profit_32bn,
    profit_32bn_alternatives,
    slaves_12m,
    slaves_12m_alternatives,
    words_on_readings,
)
from compendium.chapters.numbers.graph import citations, draw_citations, words_on_citations
from compendium.chapters.numbers.printed import (
    draw_pairs,
    draw_totals,
    draw_whole,
    facts,
    totals,
    words_on_pairs,
    words_on_people,
    words_on_profit,
    words_on_totals,
)

__all__ = [
    "citations",
    "draw_citations",
    "draw_pairs",
    "draw_totals",
    "draw_whole",
    "facts",
    "figures_paired",
    "figures_paired_alternatives",
    "profit_32bn",
    "profit_32bn_alternatives",
    "slaves_12m",
    "slaves_12m_alternatives",
    "totals",
    "words_on_citations",
    "words_on_pairs",
    "words_on_people",
    "words_on_profit",
    "words_on_readings",
    "words_on_totals",
]
