# Ranges of penalties, and whether countries pass a full law sooner after a bad rating.
source("common.R")
suppressPackageStartupMessages(library(sandwich))

# ---------------------------------------------------------------- trafficking beside premeditated murder
statutes <- read_table("cambodia_penalties")
rownames(statutes) <- statutes$id
years <- function(id, what) as.numeric(statutes[id, what])
top <- function(id, years_column, life_column) {
  if (isTRUE(statutes[id, life_column] == "true")) Inf else years(id, years_column)
}

# One term is drawn from each range, every term as likely: how often is the first the longer one, ties half
# (McGraw and Wong 1992)? The terms of two uniform ranges, integrated over the second.
longer <- function(a, b) {
  if (b[2] == Inf) return(if (a[2] == Inf) 0.5 else 0)
  integrate(function(term) 1 - punif(term, a[1], a[2]), b[1], b[2], rel.tol = 1e-9)$value / (b[2] - b[1])
}
basic <- c(years("KH-08-10", "min_years"), top("KH-08-10", "max_years", "max_is_life"))
gravest <- c(years("KH-08-10", "aggravated_min_years"),
  top("KH-08-10", "aggravated_max_years", "aggravated_max_is_life"))
murder <- c(years("KH-UN-31", "min_years"), top("KH-UN-31", "max_years", "max_is_life"))
since <- c(years("KH-09-200", "min_years"), top("KH-09-200", "max_years", "max_is_life"))
whole <- c(basic[1], max(basic[2], gravest[2]))
answer("as-murder",
  reach_2008 = longer(whole, murder),
  reach_2010 = longer(whole, since),
  known_2008 = !anyNA(c(whole, murder)),
  known_2010 = !anyNA(whole) && since[2] == Inf, # above every range of years, wherever it begins
  base_2008 = all(basic >= murder),
  aggravated_2008 = all(gravest >= murder))

# ---------------------------------------------------------------- do terms rise after a bad rating?
# Countries whose highest term for trafficking is known over two years or more, by rows that some text confirms,
# and the years in which it rose. The United States is left out: it makes the ratings.
laws <- subset(confirmed(statutes), offence_group == "trafficking" & jurisdiction != "United States")
start <- as.numeric(sub("^(\\d{4}).*", "\\1", laws$in_force_from))
stop <- as.numeric(sub("^(\\d{4}).*", "\\1", laws$in_force_to))
life <- laws$max_is_life %in% "true" | laws$aggravated_max_is_life %in% "true"
term <- ifelse(life, 1000, pmax(laws$max_years, laws$aggravated_max_years, na.rm = TRUE))
tiers <- read_table("tip_tiers")
names_of <- read_table("countries")
known <- rises <- 0
for (country in unique(laws$jurisdiction)) {
  iso3 <- names_of$iso3[startsWith(names_of$name, country) |
    (country == "Lao PDR" & names_of$iso3 == "LAO")][1]
  mine <- laws$jurisdiction == country
  highest <- sapply(2001:2025, function(year) {
    term_now <- term[mine & start <= year & (is.na(stop) | stop > year)]
    if (length(term_now)) max(term_now) else NA
  })
  ranked <- (2001:2025 - 1) %in% tiers$year[tiers$iso3 == iso3 & tiers$tier %in% c("1", "2", "2WL", "3")]
  usable <- !is.na(highest) & !is.na(c(NA, head(highest, -1))) & ranked
  known <- known + any(usable)
  rises <- rises + sum((highest > c(NA, head(highest, -1)))[usable])
}
answer("severe-penalties", countries = known, rises = rises, difference_low = NA, difference_high = NA)

# ---------------------------------------------------------------- full laws after a placement
coded <- read_table("criminalisation_panel")
law <- tapply(coded$criminalisation, list(coded$iso3, coded$year), function(v) v[1])
ratified <- tapply(coded$palermo_protocol_ratified, list(coded$iso3, coded$year), function(v) v[1])
tier <- tapply(tiers$tier, list(tiers$iso3, tiers$year), function(v) v[1])
panel <- read_table("country_panel")
cell <- function(table, iso3, year) {
  found <- rep(NA, length(iso3))
  there <- iso3 %in% rownames(table) & as.character(year) %in% colnames(table)
  found[there] <- table[cbind(iso3[there], as.character(year[there]))]
  found
}

# At risk: known not to have had a full law the year before; the year's own law is known.
grid <- expand.grid(iso3 = setdiff(rownames(law), "USA"), year = 2002:max(coded$year[!is.na(coded$criminalisation)]))
grid$iso3 <- as.character(grid$iso3)
passed_before <- sapply(seq_len(nrow(grid)), function(i) {
  any(law[grid$iso3[i], as.numeric(colnames(law)) < grid$year[i]] == 2, na.rm = TRUE)
})
grid$event <- as.numeric(cell(law, grid$iso3, grid$year) == 2)
risk <- grid[!passed_before & !is.na(grid$event) & !is.na(cell(law, grid$iso3, grid$year - 1)), ]
rated <- cell(tier, risk$iso3, risk$year - 1)
risk$placed <- as.numeric(rated %in% c("2WL", "3"))
risk <- risk[rated %in% c("1", "2", "2WL", "3"), ]
after <- cell(tier, risk$iso3, risk$year + 1)
risk$placed_later <- ifelse(after %in% "2or2WL", NA, as.numeric(after %in% c("2WL", "3")))

here <- match(paste(risk$iso3, risk$year - 1), paste(panel$iso3, panel$year))
risk$log_income <- log(panel$gdp_per_capita_const_usd[here])
risk$democracy <- panel$vdem_polyarchy[here]
risk$ratified <- cell(ratified, risk$iso3, risk$year - 1)
risk$region <- names_of$un_region[match(risk$iso3, names_of$iso3)]
output <- panel$gdp_per_capita_const_usd[here] * panel$population[here]
risk$aid <- log(1 + 100 * pmax(0, panel$us_assistance_obligations_const_usd[here]) / output)

# The laws of the five nearest countries on the globe, by the end of the year before.
radians <- pi / 180
placed_on_earth <- subset(names_of, iso3 %in% rownames(law) & !is.na(latitude) & !is.na(longitude))
nearest_laws <- function(iso3, year) {
  at <- placed_on_earth[placed_on_earth$iso3 == iso3, ]
  if (!nrow(at)) return(NA)
  others <- placed_on_earth[placed_on_earth$iso3 != iso3, ]
  cosine <- sin(at$latitude * radians) * sin(others$latitude * radians) +
    cos(at$latitude * radians) * cos(others$latitude * radians) * cos((at$longitude - others$longitude) * radians)
  five <- others$iso3[order(acos(pmin(1, cosine)), others$iso3)][1:5]
  until <- law[five, as.numeric(colnames(law)) <= year - 1, drop = FALSE]
  known <- rowSums(!is.na(until)) > 0
  if (!any(known)) return(NA)
  mean(rowSums(until == 2, na.rm = TRUE)[known] > 0)
}
risk$nearest_laws <- mapply(nearest_laws, risk$iso3, risk$year)

# Grouped-time proportional hazards (Prentice and Gloeckler 1978): a complementary log-log regression with an
# indicator for each year; years without a law tell nothing of the ratios. Errors clustered by country: Huber's
# sandwich around the observed information, that is the slope of the score itself. (sandwich::vcovCL puts the
# expected information there, which for this link is not the same: its interval is 4% shorter.)
observed <- function(model) {
  X <- model.matrix(model)
  y <- model$y
  e <- exp(model$linear.predictors)
  odds <- exp(-e) / (1 - exp(-e))
  # The score of a row is (y * odds - (1 - y)) * e; its derivative follows.
  weight <- (1 - y) * e - y * (odds * e - e^2 * odds * (1 + odds))
  solve(crossprod(X, X * weight))
}
clustered <- function(model, cluster) {
  scores <- rowsum(estfun(model), cluster)
  g <- nrow(scores)
  n <- length(cluster)
  factor <- g / (g - 1) * (n - 1) / (n - length(coef(model)))
  bread <- observed(model)
  factor * bread %*% crossprod(scores) %*% bread
}
controls <- c("region", "log_income", "democracy", "ratified", "nearest_laws")
hazard <- function(exposure, more = NULL) {
  rows <- risk[complete.cases(risk[c(exposure, controls, more)]), ]
  if (!is.null(more)) rows$moderator <- as.numeric(scale(rows[[more]]))
  lively <- rows$year %in% rows$year[rows$event == 1]
  formula <- reformulate(c("0", "factor(year)", exposure, controls,
    if (!is.null(more)) c("moderator", paste0(exposure, ":moderator"))), "event")
  model <- glm(formula, binomial("cloglog"), rows[lively, ], control = list(epsilon = 1e-12, maxit = 100))
  covariance <- clustered(model, rows$iso3[lively])
  list(model = model, covariance = covariance, rows = rows[lively, ], every = nrow(rows), exposure = exposure)
}
around <- function(fit, term) {
  coef(fit$model)[term] + c(0, -1, 1) * qnorm(0.975) * sqrt(fit$covariance[term, term])
}
# The average of (hazard if placed less hazard if not) over all rows, in percentage points; delta method.
effect <- function(fit) {
  b <- coef(fit$model)
  X <- model.matrix(fit$model)
  with <- without <- X
  with[, fit$exposure] <- 1
  without[, fit$exposure] <- 0
  h <- function(eta) 1 - exp(-exp(eta))
  slope <- function(eta) exp(eta - exp(eta))
  value <- sum(h(with %*% b) - h(without %*% b)) / fit$every
  gradient <- (crossprod(with, slope(with %*% b)) - crossprod(without, slope(without %*% b))) / fit$every
  100 * (value + c(0, -1, 1) * qnorm(0.975) * sqrt(drop(t(gradient) %*% fit$covariance %*% gradient)))
}
main <- hazard("placed")
ratio <- exp(around(main, "placed"))
points <- effect(main)
bent <- around(hazard("placed", "aid"), "placed:moderator")
before_time <- effect(hazard("placed_later"))
answer("tier-pressure",
  ratio = ratio[1],
  ratio_low = ratio[2],
  ratio_high = ratio[3],
  effect_low = points[2],
  effect_high = points[3],
  interaction_low = bent[2],
  interaction_high = bent[3],
  placebo_low = before_time[2],
  placebo_high = before_time[3])
