"""What the page on women shows: the printed share, other prisoners, other countries and samples, selection."""

from compendium.chapters.women.claim import women_80, women_80_alternatives, words_not_seen, words_on_reach
from compendium.chapters.women.countries import (
    countries,
    draw_ranking,
    words_on_countries,
    words_on_tails,
    words_on_twice,
)
from compendium.chapters.women.held import (
    draw_bounds,
    facts,
    prisoners,
    words_on_figure,
    words_on_prisoners,
)
from compendium.chapters.women.selection import (
    compared,
    draw_samples,
    draw_selection,
    table_of_victims_view,
    words_on_samples,
    words_on_selection,
    words_on_victims_view,
)

__all__ = [
    "compared",
    "countries",
    "draw_bounds",
    "draw_ranking",
    "draw_samples",
    "draw_selection",
    "facts",
    "prisoners",
    "table_of_victims_view",
    "women_80",
    "women_80_alternatives",
    "words_not_seen",
    "words_on_countries",
    "words_on_figure",
    "words_on_prisoners",
    "words_on_reach",
    "words_on_samples",
    "words_on_selection",
    "words_on_tails",
    "words_on_twice",
    "words_on_victims_view",
]
