"""From tier to law: whether a bad rating makes a country pass a law, and whether it made Cambodia."""

from compendium.chapters.leverage.belief import draw_belief
from compendium.chapters.leverage.cambodia import (
    cambodia_bowed,
    cambodia_bowed_alternatives,
    table_of_judgements,
    table_of_left_out,
    table_of_pieces,
    table_of_record,
    words_on_belief,
    words_on_the_list,
    words_on_the_record,
)
from compendium.chapters.leverage.confounder import confounders, draw_confounder, words_on_confounders
from compendium.chapters.leverage.models import (
    around_placement,
    by_share_of_aid,
    choices,
    main_model,
    resampled_effect,
    table_of_aid,
    table_of_choices,
    tier_pressure,
    tier_pressure_alternatives,
    words_on_aid,
    words_on_choices,
    words_on_effect,
    words_on_trend,
)
from compendium.chapters.leverage.neighbours import (
    around,
    draw_around,
    words_on_changed_ratings,
    words_on_neighbours,
)
from compendium.chapters.leverage.panel import panel, raw_rates, spread, words_on_risk
from compendium.chapters.leverage.pictures import (
    draw_aid,
    draw_choices,
    draw_events,
    draw_raw_rates,
    draw_spread,
)
from compendium.chapters.leverage.severity import (
    severe_penalties,
    severe_penalties_alternatives,
    words_on_severity,
)

__all__ = [
    "around",
    "around_placement",
    "by_share_of_aid",
    "cambodia_bowed",
    "cambodia_bowed_alternatives",
    "choices",
    "confounders",
    "draw_aid",
    "draw_around",
    "draw_belief",
    "draw_choices",
    "draw_confounder",
    "draw_events",
    "draw_raw_rates",
    "draw_spread",
    "main_model",
    "panel",
    "raw_rates",
    "resampled_effect",
    "severe_penalties",
    "severe_penalties_alternatives",
    "spread",
    "table_of_aid",
    "table_of_choices",
    "table_of_judgements",
    "table_of_left_out",
    "table_of_pieces",
    "table_of_record",
    "tier_pressure",
    "tier_pressure_alternatives",
    "words_on_aid",
    "words_on_belief",
    "words_on_changed_ratings",
    "words_on_choices",
    "words_on_confounders",
    "words_on_effect",
    "words_on_neighbours",
    "words_on_risk",
    "words_on_severity",
    "words_on_the_list",
    "words_on_the_record",
    "words_on_trend",
]
