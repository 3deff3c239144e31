"""Transnational and organised: who is convicted, how far victims are taken, and who stands behind the offenders."""

from compendium.chapters.organised.borders import (
    draw_routes,
    routes,
    transnational,
    transnational_alternatives,
    words_on_routes,
)
from compendium.chapters.organised.citizens import (
    draw_citizenship,
    words_on_all_convicted,
    words_on_victims,
    world,
)
from compendium.chapters.organised.convicts import (
    convicted,
    draw_classes,
    facts,
    words_on_convicted,
    words_on_foreigners,
)
from compendium.chapters.organised.groups import (
    draw_selection,
    draw_women,
    evidence,
    table_of_codings,
    words_on_definition,
    words_on_groups,
    words_on_selection,
)
from compendium.chapters.organised.studies import (
    draw_samples,
    organised_crime,
    organised_crime_alternatives,
    sampled,
    studied,
    studies_of_traffickers,
    studies_of_traffickers_alternatives,
    table_of_studies,
    words_on_samples,
    words_on_studies,
)

__all__ = [
    "convicted",
    "draw_citizenship",
    "draw_classes",
    "draw_routes",
    "draw_samples",
    "draw_selection",
    "draw_women",
    "evidence",
    "facts",
    "organised_crime",
    "organised_crime_alternatives",
    "routes",
    "sampled",
    "studied",
    "studies_of_traffickers",
    "studies_of_traffickers_alternatives",
    "table_of_codings",
    "table_of_studies",
    "transnational",
    "transnational_alternatives",
    "words_on_all_convicted",
    "words_on_convicted",
    "words_on_definition",
    "words_on_foreigners",
    "words_on_groups",
    "words_on_routes",
    "words_on_samples",
    "words_on_selection",
    "words_on_studies",
    "words_on_victims",
    "world",
]
