"""As severe as murder: ranges of penalties in Cambodian law, compared on a day."""

from compendium.chapters.law.day import draw_day
from compendium.chapters.law.pictures import draw_choices, draw_neighbours, draw_regimes
from compendium.chapters.law.ranges import (
    against_murder,
    as_murder,
    as_murder_alternatives,
    statutes,
    table_of_disagreements,
    table_of_sources,
    words_on_dates,
    words_on_neighbours,
    words_on_other_articles,
    words_on_ranges,
    words_on_reach,
    words_on_the_earlier_law,
)

__all__ = [
    "against_murder",
    "as_murder",
    "as_murder_alternatives",
    "draw_choices",
    "draw_day",
    "draw_neighbours",
    "draw_regimes",
    "statutes",
    "table_of_disagreements",
    "table_of_sources",
    "words_on_dates",
    "words_on_neighbours",
    "words_on_other_articles",
    "words_on_ranges",
    "words_on_reach",
    "words_on_the_earlier_law",
]
