"""Performance or politics: the models of tier on politics, and what they say together."""

from compendium.chapters.politics.country import draw_what_if, what_if, words_on_cambodia
from compendium.chapters.politics.curve import (
    draw_choices,
    every_model,
    grid,
    words_on_models,
)
from compendium.chapters.politics.curve_figure import draw_curve
from compendium.chapters.politics.later import draw_later_lists, with_later_lists, words_on_later_lists
from compendium.chapters.politics.model import (
    draw_effects,
    draw_steps,
    one_model,
    steps,
    words_on_model,
    words_on_steps,
)
from compendium.chapters.politics.permutation import chance, draw_permutation, words_on_chance, words_on_lottery
from compendium.chapters.politics.raw import draw_raw, raw_rates, words_on_raw
from compendium.chapters.politics.sources import facts, words_on_record
from compendium.chapters.politics.verdict import political_tiers, political_tiers_alternatives

__all__ = [
    "chance",
    "draw_choices",
    "draw_curve",
    "draw_effects",
    "draw_later_lists",
    "draw_permutation",
    "draw_raw",
    "draw_steps",
    "draw_what_if",
    "every_model",
    "facts",
    "grid",
    "one_model",
    "political_tiers",
    "political_tiers_alternatives",
    "raw_rates",
    "steps",
    "what_if",
    "with_later_lists",
    "words_on_cambodia",
    "words_on_chance",
    "words_on_later_lists",
    "words_on_lottery",
    "words_on_model",
    "words_on_models",
    "words_on_raw",
    "words_on_record",
    "words_on_steps",
]
