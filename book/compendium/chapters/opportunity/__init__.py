"""What the page on education, training and work shows: findings in their own units, and what a dollar must do."""

from compendium.chapters.opportunity.costs import (
    SURVEY_2015,
    draw_break_even,
    match_in_words,
    prices,
    words_on_prices,
)
from compendium.chapters.opportunity.findings import (
    draw_evidence,
    drawn,
    evaluations,
    table_of_evaluations,
    tallies,
    words_not_seen,
    words_on_evidence,
    words_on_rule,
    words_on_tallies,
)
from compendium.chapters.opportunity.wages import draw_growth, growth, words_on_growth

__all__ = [
    "SURVEY_2015",
    "draw_break_even",
    "draw_evidence",
    "draw_growth",
    "drawn",
    "evaluations",
    "growth",
    "match_in_words",
    "prices",
    "table_of_evaluations",
    "tallies",
    "words_not_seen",
    "words_on_evidence",
    "words_on_growth",
    "words_on_prices",
    "words_on_rule",
    "words_on_tallies",
]
