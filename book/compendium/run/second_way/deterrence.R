# Before and after the law of 2008: a ratio of counts, the fall that they would have shown, and a reckoning of lives.
source("common.R")

# ---------------------------------------------------------------- convictions
enforcement <- read_table("cambodia_enforcement")
first <- subset(enforcement, id == "moi-2002-2005") # May 2002 to January 2005: 32 months
before <- first$convicted
years_before <- 32 / 12
yearly <- subset(confirmed(enforcement), !is.na(convicted) & scope == "trafficking" & period == as.character(year))
unodc <- subset(read_table("unodc_cambodia"), indicator == "persons_convicted" & breakdown == "none" & age == "all")
after <- c(yearly$convicted, unodc$count_min[!unodc$year %in% yearly$year])

# Rates with a scatter beyond chance: quasi-Poisson, Pearson's dispersion, t limits.
counted <- data.frame(n = c(before, after), years = c(years_before, rep(1, length(after))), law = c(0, rep(1, length(after))))
model <- summary(glm(n ~ law + offset(log(years)), quasipoisson, counted))$coefficients["law", ]
ratio <- exp(model[1] + c(-1, 1) * qt(0.975, nrow(counted) - 2) * model[2])

# The smallest fall that three years before and the years after would have shown with probability 0.8, if counts
# scatter as the later ones do (negative binomial, variance mean + alpha x mean^2): found is an F test of a step
# at the law, at 5 percent, that points down.
alpha <- max(0, (var(after) - mean(after)) / mean(after)^2)
years <- c(3, length(after))
law <- rep(0:1, years)
deviance_of <- function(y, fitted) 2 * rowSums(ifelse(y > 0, y * log(y / fitted), 0) - (y - fitted))
power <- function(fall, draws = 4000) {
  set.seed(7)
  rate <- before / years_before * ifelse(law == 1, 1 - fall, 1)
  y <- matrix(rnbinom(draws * length(law), size = 1 / alpha, mu = rep(rate, each = draws)), draws)
  two <- cbind(rowMeans(y[, law == 0]), rowMeans(y[, law == 1]))
  fitted <- two[, law + 1]
  one <- matrix(rowMeans(y), draws, length(law))
  pearson <- rowSums(ifelse(fitted > 0, (y - fitted)^2 / fitted, 0)) / (length(law) - 2)
  statistic <- (deviance_of(y, one) - deviance_of(y, fitted)) / pearson
  mean(statistic > qf(0.95, 1, length(law) - 2) & two[, 2] < two[, 1], na.rm = TRUE)
}
falls <- seq(0.6, 0.99, 0.005)
powers <- sapply(falls, power)
detectable <- approx(powers, falls, 0.8, ties = mean)$y
# 2,000 draws leave the power uncertain by 0.009; that much along the curve, three times, in falls.
steep <- coef(lm(powers ~ falls, subset = abs(powers - 0.8) < 0.05))[2]
falls_luck <- 3 * sqrt(0.8 * 0.2 / 2000) / steep

# ---------------------------------------------------------------- lives
# Offending pays if the gain exceeds the expected cost and the legal income (Becker 1968). Lives are spread over the
# ranges that the page prints: from tables where something was read, assumed elsewhere.
month <- subset(read_table("cambodia_series"), indicator == "garment_min_wage_usd_month" & year == 2009)$value
profits <- subset(read_table("global_profits"), population_group == "trafficked")
courts <- read_table("cambodia_justice_system")
police <- courts$value[courts$measure == "bribe_police_users"] / 100
statutes <- read_table("cambodia_penalties")
article <- statutes[statutes$id == "KH-08-10", ]
even <- function(low, high) function(u) low + u * (high - low)
by_factor <- function(low, high) function(u) low * (high / low)^u
ranges <- list(
  gain = by_factor(month, max(profits$per_person_usd, na.rm = TRUE)), persons = by_factor(1, 10),
  income = even(6 * month, 24 * month), arrest = by_factor(0.001, 0.3),
  conviction = even(first$convicted / first$suspects, 1), sentence = even(article$min_years, article$aggravated_max_years),
  discount = even(0.05, 0.5), buys_out = even(min(police), max(police)), bribe = by_factor(month, 100 * month),
  hardship = even(0, 5), stigma = even(0, 40 * month))
set.seed(8)
lives <- as.data.frame(lapply(ranges, function(range) range(runif(1e6))))
pays <- function(arrest) {
  annuity <- (1 - (1 + lives$discount)^-lives$sentence) / lives$discount
  conviction <- (1 + lives$hardship) * lives$income * annuity + lives$stigma
  cost <- arrest * (lives$buys_out * lives$bribe + (1 - lives$buys_out) * lives$conviction * conviction)
  lives$gain * lives$persons - cost > lives$income
}
deterred <- mean(pays(0) & !pays(lives$arrest))

# A measure of trafficking that counts no enforcement, with an interval on both sides of 2008, would be needed.
measures <- subset(confirmed(read_table("offending_measures")), !is.na(value_low) & !is.na(value_high))
across <- tapply(measures$year, measures$series, function(year) any(year < 2008) && any(year > 2008))
answer("no-deterrence",
  offending_measures = sum(across),
  change_low = NA,
  change_high = NA,
  detectable_fall = detectable,
  ratio_low = ratio[1],
  ratio_high = ratio[2],
  share_deterred = deterred,
  chance = list(detectable_fall = falls_luck))

# ---------------------------------------------------------------- who knows the law
known <- subset(confirmed(read_table("statement_evidence")), statement_id == "E52" & unit == "percent who know the law")
answer("poorly-publicised", knowledge_surveys = nrow(known), know_low = NA, know_high = NA)
