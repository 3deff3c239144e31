"""Does the law deter: what the counts would have shown, and a would-be trafficker's reckoning."""

from compendium.chapters.deterrence.joined import (
    draw_counts,
    joined,
    table_of_joined,
    table_of_literature,
    words_not_seen,
    words_on_joined,
)
from compendium.chapters.deterrence.life import draw_reckoning, words_on_elasticities
from compendium.chapters.deterrence.offending import measures, numbers_of, table_of_measures, words_on_measures
from compendium.chapters.deterrence.population import (
    beside_the_verdict,
    draw_drivers,
    draw_escalation,
    lives,
    words_on_alternatives,
    words_on_lives,
    words_on_modest_lives,
    words_on_widths,
)
from compendium.chapters.deterrence.ranges import (
    implied_risks,
    spans,
    words_on_risks,
    words_on_sightings,
    words_on_spans,
)
from compendium.chapters.deterrence.series import (
    counts,
    draw_power,
    seen,
    words_on_falls,
    words_on_literature,
    words_on_prosecutions,
    words_on_victims,
)

__all__ = [
    "beside_the_verdict",
    "counts",
    "draw_counts",
    "draw_drivers",
    "draw_escalation",
    "draw_power",
    "draw_reckoning",
    "implied_risks",
    "joined",
    "lives",
    "measures",
    "numbers_of",
    "seen",
    "spans",
    "table_of_joined",
    "table_of_literature",
    "table_of_measures",
    "words_not_seen",
    "words_on_alternatives",
    "words_on_elasticities",
    "words_on_falls",
    "words_on_joined",
    "words_on_literature",
    "words_on_lives",
    "words_on_measures",
    "words_on_modest_lives",
    "words_on_prosecutions",
    "words_on_risks",
    "words_on_sightings",
    "words_on_spans",
    "words_on_victims",
    "words_on_widths",
]
