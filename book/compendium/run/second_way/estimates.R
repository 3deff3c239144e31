# Estimates of hidden people: what each states, how far like ones lie apart; and the growth of official counts.
source("common.R")

# ---------------------------------------------------------------- estimates printed up to 2011
rows <- confirmed(read_table("global_estimates"))
# The printed ends; the centre where an end is not printed; "at least" so many, alone, is both.
first_known <- function(...) Reduce(function(a, b) ifelse(is.na(a), b, a), list(...))
rows$low <- first_known(rows$value_low, rows$value_central, rows$value_high)
rows$high <- first_known(rows$value_high, rows$value_central, rows$value_low)

# Own estimates of people in the world or in Cambodia; no restatements, no official counts, no world totals that
# are the input of a country model. A part of a whole of the same concept is left out by its empty label.
own <- subset(rows, !method_class %in% c("restatement", "official_count") & scope %in% c("World", "Cambodia") &
  unit == "persons" & !(scope == "World" & method_class == "model") & !is.na(counts_same_as))
before <- subset(own, year_published <= 2011)
has_method <- before$method_class %in% c("capture_recapture", "survey", "field_count", "survey_extrapolation",
  "country_extrapolation", "model")
margin_read <- !is.na(before$standard_error)

# Like for like: one label, publishers without a name in common (several stand apart by a slash), at most five
# years between what they describe.
year_of <- ifelse(is.na(before$reference_to), before$year_published, before$reference_to)
names_of <- lapply(strsplit(before$publisher, "[/;]"), trimws)
near <- far <- numeric()
for (i in seq_len(nrow(before))) for (j in seq_len(i - 1)) {
  alike <- before$counts_same_as[i] == before$counts_same_as[j] && abs(year_of[i] - year_of[j]) <= 5 &&
    !length(intersect(names_of[[i]], names_of[[j]]))
  if (alike) {
    ratio <- c(before$low[i] / before$high[j], before$low[j] / before$high[i])
    near <- c(near, max(1, ratio))
    far <- c(far, max(before$high[i] / before$low[j], before$high[j] / before$low[i]))
  }
}
works <- subset(read_table("literature"), status == "read" & year <= 2011)
answer("unsupported-by-research",
  estimates = nrow(before),
  documented_low = sum(has_method & margin_read),
  documented_high = sum(has_method),
  with_method = sum(has_method),
  separate = sum(has_method & before$concept_group == "trafficking"),
  pairs = length(near),
  apart_low = median(near),
  apart_high = median(far),
  reviews_for = sum(works$on_research == "for", na.rm = TRUE),
  reviews_against = sum(works$on_research == "against", na.rm = TRUE))
