"""The public functions of method that `test_refusals` does not try: another test sees them refuse, or nothing can.

`test_every_public_function_is_tried_or_excused` demands that each function stands in one place, and only in one.
"""

from __future__ import annotations

# By function, the test in which it refuses, as `file::test` below tests/methods.
ELSEWHERE = {
    "choice.deterrence.vega": "choice/test_deterrence.py"
    "::test_a_formula_takes_another_expression_for_a_parameter_and_no_other_name_changes",
    "choice.medians.interval": "choice/test_medians.py::test_ranges_widen_the_interval_to_their_ends",
    "counts.beforeafter.window": "counts/test_beforeafter.py"
    "::test_days_make_a_window_of_one_year_and_other_words_are_refused",
    "counts.cohorts.by_sex": "counts/test_cohorts.py::test_series_by_sex_and_unknown_names",
    "counts.estimates.headlines": "counts/test_estimates.py::test_an_unknown_method_is_named",
    "counts.specifications.has_sign": "counts/test_growth.py::test_a_sign_that_there_is_not_is_refused",
    "counts.lineage.links": "counts/test_lineage.py::test_an_unknown_change_is_named",
    "counts.officialcounts.editions": "counts/test_officialcounts.py"
    "::test_a_year_of_one_figure_hides_no_later_year_and_nothing_is_divided_by_none",
    "law.diffusion.add_spread": "law/test_diffusion.py::test_a_country_without_place_or_coordinates_has_no_share",
    "law.hazard.marginal_effect": "law/test_hazard.py::test_an_effect_at_no_level_and_at_no_place_is_refused",
    "law.hazard.moderated_effect": "law/test_hazard.py::test_collinear_terms_and_unknown_links_are_refused",
    "law.penalties.as_severe": "law/test_penalties.py::test_the_alternative_rules_look_at_one_end",
    "shares.samples.balance_of_samples": "shares/test_samples.py::test_a_unit_that_has_no_rank_is_refused",
    "shares.sexratio.with_cells": "shares/test_sexratio.py::test_a_cell_printed_twice_of_an_unknown_row_is_refused",
    "tiers.multiverse.panel.build_panel": "tiers/test_multiverse.py"
    "::test_a_table_without_a_column_is_refused_by_name",
    "tiers.tiermap.points": "tiers/test_tiermap.py::test_every_rated_country_can_be_reached_on_the_map",
    "tiers.whatif.prepare": "tiers/test_whatif.py::test_what_cannot_be_asked_is_refused_in_one_line",
}

# By reason, the functions that have nothing to refuse.
EXCUSED = {
    "rows in, rows out: of no rows it gives none, and adds up nothing": (
        "choice.breakeven.findings",
        "choice.breakeven.verdicts",
        "choice.breakeven.matters",
        "tiers.multiverse.permutation.shuffles_of",
        "choice.breakeven.programmes",
        "counts.estimates.with_ends",
        "counts.estimates.coded",
        "counts.growth.exclude_corrupt",
        "counts.officialcounts.country_series",
        "counts.officialcounts.disagreements",
        "law.riskset.add_covariates",
        "law.riskset.complete_reports",
        "shares.citizenship.by_country_and_year",
        "shares.citizenship.of_known",
        "shares.citizenship.pooled_by_country",
        "shares.samples.one_row_each",
        "shares.samples.sides",
        "shares.sexratio.by_country",
        "tiers.multiverse.panel.covariates",
        "tiers.tiermap.features",
        "tiers.tiers.without_watch_list",
        "tiers.tiers.with_last_rank",
        "tiers.tiers.years_under_clock",
        "tiers.tiertest.pair_with_lag",
    ),
    "a count of rows by kind: of no rows it is zero of each": (
        "choice.breakeven.tally",
        "counts.growth.exclusions",
        "shares.citizenship.sides_of_half",
        "tiers.multiverse.curve.statuses",
    ),
    "asks another, which refuses a table or a group of none": (
        "tiers.multiverse.curve.by_choice",
        "tiers.multiverse.panel.model_frame",
    ),
    "its argument is a declared object, which refuses to be made of a missing or impossible number": (
        "choice.deterrence.elasticities",
        "counts.capture.cell_shares",
        "counts.systems.cell_shares",
        "shares.proportions.hull",
    ),
    "element by element: a missing number stays missing, and its documentation says what becomes of zero": (
        "counts.specifications.end_over_start",
        "counts.specifications.signs_of",
        "law.diffusion.distances",
        "product.product",
        "product.by_scipy",
        "tiers.openness.forecast_of",
    ),
    "says None, or a word for it, where nothing is printed or an unknown bound decides": (
        "law.penalties.superiority",
        "law.penalties.category",
        "shares.printed.together",
    ),
    "words and digits only: there is no number that could be missing": (
        "law.regressors.interaction_name",
        "law.regressors.is_text",
        "shares.reconcile.one_digit_off",
        "tiers.multiverse.stacks.shared",
        "tiers.multiverse.stacks.model_of",
        "tiers.ordered.result.failed",
    ),
    "names the years that are not complete; of no years there is none": ("tiers.tiers.require_complete",),
    "a step of `hazard.fit`, which has refused rows of none, of one class, or with a missing number": (
        "law.confounding.directed_ratios",
        "law.hazard.predicted_hazard",
        "law.likelihood.check_separation",
        "law.likelihood.fisher_scoring",
        "law.likelihood.maximise",
        "law.regressors.carries_hazard",
        "law.regressors.coded",
        "law.regressors.design_of",
        "law.regressors.exposed_to",
    ),
    "a step of `fit_ordered`, `fit_logit` and `fit_linear`, which refuse through `columns.checked`": (
        "tiers.ordered.columns.scaled",
        "tiers.ordered.stack.bordered",
    ),
    "a step of `multiverse.run` and of the permutation tests, on rows of `build_panel` and declared specifications;"
    " a model that cannot be fitted has a status, not a number": (
        "tiers.multiverse.design.data_of",
        "tiers.multiverse.estimation.batched",
        "tiers.multiverse.estimation.fit_model",
        "tiers.multiverse.estimation.fit_specification",
        "tiers.multiverse.estimation.in_parallel",
        "tiers.multiverse.exchange.curve_draws",
        "tiers.multiverse.jackknife.jackknife_draws",
        "tiers.multiverse.permutation.donors",
        "tiers.multiverse.stacks.by_years",
        "tiers.multiverse.stacks.stacked",
        "tiers.ordered.stacked.effects",
        "tiers.ordered.stacked.fit_linear_stack",
        "tiers.ordered.stacked.fit_ordered_stack",
        "tiers.ordered.stacked.separable",
    ),
}
