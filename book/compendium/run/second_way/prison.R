# What 91 interviewed of those held can say: bounds, finite samples, printed digits, and what stands beside them.
source("common.R")

facts <- read_table("prison_study_facts")
rownames(facts) <- facts$id
fact <- function(id) facts[id, "value"]
interviewed <- fact("K01")
# They were the printed share of all who were held: the largest number held that gives these digits.
held <- max(Filter(function(n) round(100 * interviewed / n, 1) == fact("K02"), interviewed:2000))
others <- held - interviewed

# Nothing assumed of those not asked (Manski 1989): all of them have the trait, or none has.
worst <- function(count) c(count, count + others) / held

# Voices on the study, other than the essay's author, whose words were read or restated.
reports <- confirmed(read_table("study_reports"))
voices <- function(trait, says, of = unique(reports$by)) {
  length(unique(reports$by[reports$trait == trait & reports$says == says & reports$by %in% of]))
}
independent <- setdiff(reports$by, c("author", "co-authors"))

# ---------------------------------------------------------------- sample-91
# Were the 91 drawn at random? One for yes, none for no, minus one where the texts say neither or contradict.
drawn_at_random <- sign(voices("random_selection", "reports") - voices("random_selection", "denies"))
drawn_at_random <- c(0, -1, 1)[drawn_at_random + 2]
# Nothing assumed of the country: half of it, or where the number held is known, what Manski's bounds leave.
national <- subset(read_table("cambodia_prison_baseline"), coverage == "national" & status != "unverified" &
  grepl("traffick", measure) & unit == "persons" & !is.na(value))
national_worst <- if (nrow(national)) (1 - interviewed / max(national$value, interviewed)) / 2 else 1 / 2
half <- interviewed %/% 2
# A draw without replacement: the numbers of all held that two one-sided hypergeometric tests do not reject.
possible <- Filter(function(k) {
  phyper(half - 1, k, held - k, interviewed, lower.tail = FALSE) >= 0.025 &&
    phyper(half, k, held - k, interviewed) >= 0.025
}, 0:held)

# Prisons first, people in them second (Cochran 1977, section 10.3), for a share of one half.
prisons <- fact("K04")
all_prisons <- max(subset(read_table("cambodia_prison_baseline"), measure == "prisons")$value)
two_stages <- function(alike) {
  in_each <- held / prisons
  between <- (alike + (1 - alike) / in_each) / 4
  within <- (1 - alike) / 4
  variance <- (1 - prisons / all_prisons) * between / prisons + (1 - interviewed / held) * within / interviewed
  qnorm(0.975) * sqrt(variance)
}

# Printed figures as whole people: the digits must be those of some count (Brown and Heathers 2017).
counts_for <- function(percent, digits) which(round(100 * (1:interviewed) / interviewed, digits) == percent)
women <- counts_for(fact("K10"), 0)
mean_all <- fact("K17")
mean_women <- fact("K18")
mean_men <- fact("K19")
outside <- mean_all - 0.05 > max(mean_women, mean_men) + 0.05 || mean_all + 0.05 < min(mean_women, mean_men) - 0.05
impossible <- sum(!length(women), !length(counts_for(fact("K14"), 1)), outside)

# Can the three means be right if they are of two dates, if the mean of all is of everyone held, or if people are
# missing from the two groups? Ages lie between the youngest and the oldest.
ages <- c(facts["K16", "value_low"], facts["K16", "value_high"])
of_groups <- (women[1] * mean_women + (interviewed - women[1]) * mean_men) / interviewed
gap <- mean_all - of_groups
of_others <- (mean_all * held - of_groups * interviewed) / others
left_out <- Filter(function(n) {
  rest <- (mean_all * interviewed - of_groups * (interviewed - n)) / n
  rest >= ages[1] && rest <= ages[2]
}, 1:(interviewed - 2))
answer("sample-91",
  confirming = voices("interviews", "reports", independent),
  disputing = voices("interviews", "denies", independent),
  worst_margin = diff(worst(half)) / 2,
  random_margin = diff(range(possible)) / held / 2,
  drawn_at_random = drawn_at_random,
  national_worst_margin = national_worst,
  national_margin_best = two_stages(0),
  national_margin_cautious = two_stages(0.2),
  impossible_figures = impossible,
  reconciling_readings = sum(gap > 0 && gap < diff(ages), of_others >= ages[1] && of_others <= ages[2],
    length(left_out) > 0))

# ---------------------------------------------------------------- women-80
samples <- subset(confirmed(read_table("trafficker_samples")), iso3 == "KHM" & !grepl("Keo", source) & !is.na(women))
caught <- grepl("convict|sentenc|prison|held|jail", samples$basis, ignore.case = TRUE)
accused <- samples[!caught, ]
limits <- mapply(score_interval, accused$women, accused$n)
convicted <- sum(caught) + sum(read_table("unodc_convicted_by_sex")$iso3 == "KHM")
answer("women-80",
  texts_reporting = voices("women", "reports"),
  texts_denying = voices("women", "denies"),
  counts_seen = sum(facts$topic == "sex" & facts$unit == "persons" & !is.na(facts$value) & startsWith(facts$id, "K")),
  counted_low = NA,
  counted_high = NA,
  worst_low = worst(women[1])[1],
  worst_high = worst(women[1])[2],
  country_counts = convicted,
  country_low = NA,
  country_high = NA,
  suspects_counts = ncol(limits),
  suspects_low = min(limits),
  suspects_high = max(limits))

# ---------------------------------------------------------------- schooling, groups, gains
# No count or share of the 91 is printed on any of these; the numbers that need one are missing.
printed_of_the_91 <- function(topics) sum(facts$topic %in% topics & startsWith(facts$id, "K") & facts$unit == "percent" &
  !is.na(facts$value))
none <- function(...) setNames(as.list(rep(NA, length(c(...)))), c(...))
both <- intersect(reports$by[reports$trait == "poor" & reports$says == "reports"],
  reports$by[reports$trait == "uneducated" & reports$says == "reports"])
do.call(answer, c(list("poor-uneducated",
  texts_reporting = length(both),
  texts_denying = max(voices("poor", "denies"), voices("uneducated", "denies")),
  schooling_figures = printed_of_the_91("schooling"),
  income_figures = printed_of_the_91("social_position")),
none("unschooled_low", "unschooled_high", "poor_low", "poor_high", "schooling_gap_low", "schooling_gap_high",
  "income_gap_low", "income_gap_high")))

organised <- subset(read_table("organisation_samples"), status == "read" & same_author == "false" & !is.na(n) &
  !is.na(organised))
organised <- organised[order(match(organised$unit, c("cases", "schemes", "persons")), -organised$n), ]
organised <- organised[!duplicated(organised$sample), ]
side <- mapply(exact_interval, organised$organised, organised$n)
do.call(answer, c(list("small-operators",
  unsophisticated_reporting = voices("unsophisticated", "reports"),
  unsophisticated_denying = voices("unsophisticated", "denies"),
  texts_reporting = voices("small", "reports"),
  texts_denying = voices("small", "denies"),
  organisation_figures = printed_of_the_91("organisation")),
none("small_low", "small_high"), list(
  organised_samples = sum(side[1, ] > 0.5),
  small_samples = sum(side[2, ] < 0.5))))

# Sums for recruiting a person, case by case, in yearly garment minimum wages: the wage of the year, or the last
# before it that a text confirms.
wages <- subset(confirmed(read_table("cambodia_series")), indicator == "garment_min_wage_usd_month")
yearly <- function(year) 12 * wages$value[max(which(wages$year <= year))]
wages <- wages[order(wages$year), ]
sums <- subset(confirmed(read_table("recruitment_prices")), currency == "USD" & side == "received" & per == "person" &
  paid_for == "recruiting")
least <- tapply(sums$amount_low / sapply(sums$year, yearly), sums$case, min)
most <- tapply(sums$amount_high / sapply(sums$year, yearly), sums$case, max)
# The sign test (Thompson 1936) has an interval for a median from six values on; below, the ends of what was read.
stopifnot(length(least) < 6)
do.call(answer, c(list("modest-gains",
  texts_reporting = voices("gains", "reports"),
  texts_denying = voices("gains", "denies"),
  earnings_figures = printed_of_the_91("earnings")),
none("gain_low", "gain_high"), list(
  priced_cases = length(least),
  sum_low = min(least),
  sum_high = max(most))))

country <- subset(confirmed(read_table("statement_evidence")), statement_id %in% c("E44", "E45"))
do.call(answer, c(list("push-and-pull",
  schooling_figures = printed_of_the_91("schooling"),
  work_figures = printed_of_the_91("work")),
none("schooling_gap_low", "schooling_gap_high", "work_gap_low", "work_gap_high"), list(
  recruitment_figures = printed_of_the_91("recruitment")),
none("pulled_low", "pulled_high"), list(
  motive_figures = printed_of_the_91("motive")),
none("survival_low", "survival_high"), list(
  texts_reporting = voices("push", "reports"),
  texts_denying = voices("push", "denies"),
  country_for = sum(country$direction == "for"),
  country_against = sum(country$direction == "against"))))
