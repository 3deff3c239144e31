"""What the page on the sample shows: 91 people of those held for trafficking in eight prisons."""

from compendium.chapters.sample.assumption import (
    at_half,
    draw_assumption,
    published,
    table_of_assumptions,
    words_on_breakdown,
    words_on_margins,
)
from compendium.chapters.sample.claim import sample_91, sample_91_alternatives, words_on_what_would_do
from compendium.chapters.sample.coverage import (
    described,
    draw_coverage,
    draw_total,
    study,
    table_of_readings,
    words_not_seen,
    words_on_coverage,
    words_on_readings_of_the_study,
    words_on_total,
    words_on_voices,
)
from compendium.chapters.sample.means import (
    checks,
    draw_mean_age,
    readings,
    table_of_checks,
    table_of_misprints,
    words_on_checks,
    words_on_other_samples,
    words_on_readings,
)

__all__ = [
    "at_half",
    "checks",
    "described",
    "draw_assumption",
    "draw_coverage",
    "draw_mean_age",
    "draw_total",
    "published",
    "readings",
    "sample_91",
    "sample_91_alternatives",
    "study",
    "table_of_assumptions",
    "table_of_checks",
    "table_of_misprints",
    "table_of_readings",
    "words_not_seen",
    "words_on_breakdown",
    "words_on_checks",
    "words_on_coverage",
    "words_on_margins",
    "words_on_other_samples",
    "words_on_readings",
    "words_on_readings_of_the_study",
    "words_on_total",
    "words_on_voices",
    "words_on_what_would_do",
]
