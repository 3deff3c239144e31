"""Ordered logit, binary logit and linear probability models with cluster-robust errors, for a multiverse.

A model that has no estimate says so and why, and raises nothing: thousands are fitted in a row.
"""

from compendium.methods.tiers.ordered.brant import ProportionalOdds, proportional_odds
from compendium.methods.tiers.ordered.clusters import Clusters, critical_value, p_value, small_sample_factor
from compendium.methods.tiers.ordered.effects import average_marginal_effects, marginal_effect, probabilities
from compendium.methods.tiers.ordered.linear import fit_linear
from compendium.methods.tiers.ordered.maximum import fit_logit, fit_ordered
from compendium.methods.tiers.ordered.result import (
    COLLINEAR,
    CONSTANT,
    CONVERGED,
    NOT_CONVERGED,
    SEPARATION,
    STATUSES,
    Fit,
)
from compendium.methods.tiers.ordered.score import NullModel, null_model
from compendium.methods.tiers.ordered.separation import separating_direction
from compendium.methods.tiers.ordered.stack import Stack
from compendium.methods.tiers.ordered.stacked import (
    Fitted,
    Outcome,
    effects,
    fit_linear_stack,
    fit_ordered_stack,
    separable,
)

__all__ = [
    "COLLINEAR",
    "CONSTANT",
    "CONVERGED",
    "NOT_CONVERGED",
    "SEPARATION",
    "STATUSES",
    "Clusters",
    "Fit",
    "Fitted",
    "NullModel",
    "Outcome",
    "ProportionalOdds",
    "Stack",
    "average_marginal_effects",
    "critical_value",
    "effects",
    "fit_linear",
    "fit_linear_stack",
    "fit_logit",
    "fit_ordered",
    "fit_ordered_stack",
    "marginal_effect",
    "null_model",
    "p_value",
    "probabilities",
    "proportional_odds",
    "separable",
    "separating_direction",
    "small_sample_factor",
]
