# Political tiers: does closeness to the United States go with a better tier, performance held equal, more often
# than if politics were exchanged between countries?
#
# The specifications are a part of those that were declared, as many of each combination of politics, performance and
# model; their choices come as a table, the second argument. The third are the lotteries: a row for each, which says
# whose turn each country has. Each specification is scored by the cluster-robust score t of the politics measure,
# for the data and for every lottery. Besides the numbers of the claim the script prints every specification's t.
source("common.R")
suppressPackageStartupMessages(library(ordinal))
specs <- read.csv(arguments[2])
lots <- as.matrix(read.csv(arguments[3], check.names = FALSE, na.strings = ""))
DRAWS <- nrow(lots)

# ---------------------------------------------------------------- the panel: one row a country and year
panel <- read_table("country_panel")
panel <- panel[order(panel$iso3, panel$year), ]
iso3 <- sort(unique(panel$iso3))
years <- min(panel$year):max(panel$year)
wide <- function(values) {
  tapply(values, list(factor(panel$iso3, iso3), factor(panel$year, years)), function(v) v[1])
}
# The governance of 2001, when none was published: the mean of the years around it.
bridged <- function(path) {
  gap <- is.na(path[, "2001"])
  path[gap, "2001"] <- (path[gap, "2000"] + path[gap, "2002"]) / 2
  path
}
gdp <- panel$gdp_per_capita_const_usd * panel$population
paths <- list(
  voting_distance = wide(panel$unga_distance_us),
  agreement = wide(panel$unga_agreement_us),
  agreement_with_abstentions = wide(panel$unga_agreement3_us),
  agreement_important = wide(panel$unga_agreement_important_us),
  us_assistance = wide(ifelse(panel$year <= 2022, log1p(pmax(0, panel$us_assistance_obligations_const_usd) / 1e6), NA)),
  us_trade = wide(log(100 * (panel$us_exports + panel$us_imports) / gdp)),
  defence_pact = wide(as.numeric(panel$us_defence_pact)),
  us_troops = wide(log1p(panel$us_troops)),
  rule_of_law = bridged(wide(panel$wgi_rule_of_law)),
  control_of_corruption = bridged(wide(panel$wgi_control_of_corruption)),
  log_income = wide(log(panel$gdp_per_capita_const_usd)),
  log_population = wide(log(panel$population)),
  democracy = wide(panel$vdem_polyarchy))
paths$us_trade[!is.finite(paths$us_trade)] <- NA
index <- subset(read_table("anti_trafficking_3p"), year <= 2013 & iso3 %in% rownames(paths$agreement))
p3 <- paths$agreement * NA
p3[cbind(index$iso3, as.character(index$year))] <- index$total
about <- read_table("countries")
region <- about$un_region[match(iso3, about$iso3)]
high_income <- about$income_group[match(iso3, about$iso3)] %in% "high_income"
ally <- rowSums(paths$defence_pact == 1, na.rm = TRUE) > 0
names(region) <- names(high_income) <- names(ally) <- iso3

classes <- c("1", "2", "2WL", "3")
rated <- subset(read_table("tip_tiers"), tier %in% classes & year_coverage == "complete" & iso3 %in% names(region) &
  year %in% c(2001:2015, 2020, 2021, 2023))
rated$rank <- match(rated$tier, classes) - 1
closer <- c(voting_distance = -1, agreement = 1, agreement_with_abstentions = 1, agreement_important = 1,
  us_assistance = 1, us_trade = 1, defence_pact = 1, us_troops = 1)

# ---------------------------------------------------------------- what is exchanged
# What performance, income, population, democracy, region and year explain of a measure stays; the rest moves.
# Where one of them is not known, nothing can be told apart, and the value stays.
long <- function(path) as.vector(path)
grid_year <- rep(years, each = length(iso3))
grid_region <- rep(region, length(years))
p3_mean <- rowMeans(p3, na.rm = TRUE)
p3_mean[is.nan(p3_mean)] <- 0
explaining <- data.frame(law = long(paths$rule_of_law), corruption = long(paths$control_of_corruption),
  income = long(paths$log_income), people = long(paths$log_population), democracy = long(paths$democracy),
  p3_mean = rep(p3_mean, length(years)), p3_more = long(ifelse(is.na(p3), 0, p3 - p3_mean)),
  p3_there = long(!is.na(p3)), region = grid_region, year = factor(grid_year))
split_path <- function(measure) {
  model <- lm(long(paths[[measure]]) ~ ., explaining, na.action = na.exclude)
  staying <- paths[[measure]]
  staying[] <- fitted(model)
  moving <- paths[[measure]] - staying
  staying[is.na(staying)] <- paths[[measure]][is.na(staying)]
  list(staying = staying, moving = moving)
}
# Each lottery shuffles the countries, the same for all measures. Only countries whose values are present in the same
# years exchange: the shuffle is followed from a country until it comes to one of these (a shuffle's first return).
stopifnot(setequal(colnames(lots), iso3))
turn <- t(matrix(match(lots[, iso3, drop = FALSE], iso3), DRAWS))
donors <- function(moving, used) {
  pattern <- apply(!is.na(moving[, as.character(used)]), 1, function(there) paste(which(there), collapse = " "))
  giving <- apply(turn, 2, function(shuffle) {
    found <- shuffle
    while (any(away <- pattern[found] != pattern)) found[away] <- shuffle[found[away]]
    found
  })
  cbind(seq_along(iso3), giving)
}
window <- do.call(rbind, strsplit(specs$years, "-"))
reads <- function(measure) {
  mine <- specs$politics == measure
  sort(unique(unlist(lapply(which(mine), function(i) {
    intersect(unique(rated$year), as.numeric(window[i, 1]):as.numeric(window[i, 2])) - specs$lag[i]
  }))))
}
exchange <- lapply(setNames(nm = unique(specs$politics)), function(measure) {
  parts <- split_path(measure)
  parts$donors <- donors(parts$moving, intersect(reads(measure), years))
  parts$moving[is.na(parts$moving)] <- 0
  parts
})

# ---------------------------------------------------------------- the model without politics, and its scores
# For each row: the slope r of its log likelihood in the linear predictor, its scores s in all other parameters, and
# the information q between the two; H is the information of the others. The efficient score of a candidate x in
# country g is sum_g(r x) - sum_g(s)' H^-1 sum(q x).
ordered_pieces <- function(y, Z) {
  data <- data.frame(y = factor(y))
  model <- if (ncol(Z)) clm(y ~ Z, data = data) else clm(y ~ 1, data = data)
  cuts <- model$alpha
  eta <- if (ncol(Z)) drop(Z %*% model$beta) else numeric(length(y))
  a <- c(-Inf, cuts, Inf)
  level <- as.integer(factor(y))
  # Separated: some column foretells a class without fail, the likelihood has no maximum, and there is no estimate.
  if (max(abs(eta - mean(eta))) > 15) stop("separated")
  p <- plogis(a[level + 1] - eta) - plogis(a[level] - eta)
  up <- dlogis(a[level + 1] - eta)
  down <- dlogis(a[level] - eta)
  slope <- function(z) ifelse(is.finite(z), dlogis(z) * (1 - 2 * plogis(z)), 0) # of the density
  up2 <- slope(a[level + 1] - eta)
  down2 <- slope(a[level] - eta)
  r <- -(up - down) / p
  of_upper <- outer(level, seq_along(cuts), "==") # the row lies just below this cut
  of_lower <- outer(level - 1, seq_along(cuts), "==")
  d <- (of_upper * up - of_lower * down) / p # scores in the cuts
  w <- r^2 - (up2 - down2) / p # minus the second derivative in the predictor
  cross <- (of_upper * up2 - of_lower * down2) / p + r * d # minus the mixed one
  K <- length(cuts)
  H <- matrix(0, ncol(Z) + K, ncol(Z) + K)
  zs <- seq_len(ncol(Z))
  H[zs, zs] <- crossprod(Z, Z * w)
  H[zs, ncol(Z) + 1:K] <- crossprod(Z, cross)
  H[ncol(Z) + 1:K, zs] <- t(crossprod(Z, cross))
  curved <- -(of_upper * up2 - of_lower * down2) / p
  for (j in 1:K) for (k in 1:K) {
    H[ncol(Z) + j, ncol(Z) + k] <- sum(d[, j] * d[, k]) + if (j == k) sum(curved[, j]) else 0
  }
  list(r = r, s = cbind(Z * r, d), q = cbind(Z * w, cross), H = H)
}
linear_pieces <- function(y, Z) {
  r <- lm.fit(Z, y)$residuals
  list(r = r, s = Z * r, q = Z, H = crossprod(Z))
}

score <- function(spec) {
  measure <- spec$politics
  span <- as.numeric(strsplit(spec$years, "-")[[1]])
  rows <- rated[rated$year >= span[1] & rated$year <= span[2], ]
  if (spec$sample == "not high income") rows <- rows[!high_income[rows$iso3], ]
  if (spec$sample == "no defence pact") rows <- rows[!ally[rows$iso3], ]
  at <- cbind(match(rows$iso3, iso3), match(rows$year - spec$lag, years))
  columns <- sub(" ", "_", sub("of c", "of_c", sub("rule of law", "rule_of_law", spec$performance)))
  named <- strsplit(spec$controls, ", ")[[1]]
  columns <- c(columns, c(income = "log_income", population = "log_population", democracy = "democracy")[named])
  columns <- gsub(" ", "_", columns[!is.na(columns)])
  Z <- sapply(columns, function(column) paths[[column]][at])
  there <- complete.cases(Z) & !is.na(paths[[measure]][at]) & !is.na(region[rows$iso3])
  rows <- rows[there, ]
  at <- at[there, ]
  Z <- scale(Z[there, , drop = FALSE])
  if ("region" %in% named) Z <- cbind(Z, model.matrix(~region, data.frame(region = region[rows$iso3]))[, -1])
  if (spec$year_effects == "year") Z <- cbind(Z, model.matrix(~ factor(rows$year))[, -1])
  outcome <- switch(spec$outcome, "four tiers" = rows$rank, "three tiers" = c(0, 1, 1, 2)[rows$rank + 1],
    as.numeric(rows$rank >= 2))
  g <- as.integer(factor(rows$iso3))
  absorbed <- spec$country_effects == "within"
  if (absorbed) {
    centred <- function(v) v - ave(v, g)
    outcome <- centred(outcome)
    Z <- apply(Z, 2, centred)
    pieces <- linear_pieces(outcome, Z)
  } else if (spec$estimator == "linear") {
    pieces <- linear_pieces(outcome, cbind(1, Z))
  } else {
    pieces <- tryCatch(suppressWarnings(ordered_pieces(outcome, Z)), error = function(e) NULL)
    if (is.null(pieces)) return(NULL)
  }
  parts <- exchange[[measure]]
  donor <- parts$donors[at[, 1], ]
  x <- parts$staying[at] + matrix(parts$moving[cbind(as.vector(donor), rep(at[, 2], DRAWS + 1))], nrow(rows))
  nuisance <- rowsum(pieces$s, g)
  U <- rowsum(x * pieces$r, g) - nuisance %*% solve(pieces$H, crossprod(pieces$q, x))
  G <- max(g)
  n <- nrow(rows)
  k <- ncol(pieces$s) + 1 + absorbed # of the absorbed intercepts, one counts
  t <- colSums(U) / sqrt(G / (G - 1) * (n - 1) / (n - k) * colSums(U^2))
  worse <- closer[measure] # higher ranks are worse tiers
  list(t = -worse * t, critical = qt(0.975, G - 1))
}

scored <- lapply(split(specs, seq_len(nrow(specs))), score)
within <- specs$country_effects == "within"
apart <- function(t) unname(t) / sqrt(unname(t)^2 + length(iso3) - 1) # as a partial correlation
statistics <- function(t, beyond) {
  share <- colMeans(t > beyond, na.rm = TRUE)
  against <- colMeans(t < -beyond, na.rm = TRUE)
  middle <- apply(t, 2, median, na.rm = TRUE)
  p <- function(draws) (1 + sum(draws)) / (1 + DRAWS)
  near <- 1e-9 # shares that are the same count as such
  c(pro = max(p(middle[-1] >= middle[1] - near), p(share[-1] >= share[1] - near)),
    con = max(p(middle[-1] <= middle[1] + near), p(against[-1] >= against[1] - near)),
    share = unname(share[1]), null = mean(share[-1]),
    lean = apart(middle[1] - mean(middle[-1])), most = unname(apart(middle[1] - quantile(middle[-1], 0.05))))
}
said <- function(which) {
  found <- Filter(Negate(is.null), scored[which])
  statistics(do.call(rbind, lapply(found, `[[`, "t")), sapply(found, `[[`, "critical"))
}
named <- c("for", "against", "share", "null", "lean", "most")
numbers <- c(setNames(said(!within), paste0("between_", named)), setNames(said(within), paste0("within_", named)))
do.call(answer, c(list("political-tiers"), as.list(numbers)))
# Of each specification the score for the data, NA where it has none, under its place in the table.
of_data <- sapply(scored, function(one) if (is.null(one)) NA else one$t[1])
do.call(answer, c(list("t of political-tiers"), as.list(setNames(of_data, seq_along(of_data)))))
