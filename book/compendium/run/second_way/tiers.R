# The tiers: what texts say, how countries move between classes, and how much of a rating published measures foretell.
source("common.R")

# ---------------------------------------------------------------- what texts say
calls <- subset(read_table("trafficking_calls"), kind == "official" & year <= 2011 & status == "read")
asked <- function(whom, which) sum(calls$addressee == whom & calls$direction == which)
answer("call-to-war",
  world_calls = asked("world", "for"),
  world_refusals = asked("world", "against"),
  cambodia_calls = asked("Cambodia", "for"),
  cambodia_refusals = asked("Cambodia", "against"),
  war_calls = sum(calls$word == "war" & calls$direction == "for" & calls$addressee %in% c("world", "Cambodia")))

rated <- read_table("tip_tiers")
editions <- unique(rated$year)
denials <- subset(read_table("statement_evidence"), statement_id == "E22" & direction == "against")
answer("since-2001",
  due = 2011 - 2001 + 1,
  seen = sum(editions >= 2001 & editions <= 2011),
  earlier = sum(editions < 2001),
  first_seen = 2001 %in% editions,
  denied = sum(denials$year_from <= 2011),
  due_since = max(editions) - 2011,
  seen_since = sum(editions > 2011))

said <- read_table("tier_rules")
decides <- subset(said, subject == "decision" & status != "unverified")
answer("unilateral",
  by_us = sum(decides$direction == "for"),
  by_others = sum(decides$direction == "against"))

# ---------------------------------------------------------------- moves between classes
classes <- c("1", "2", "2WL", "3")
whole <- subset(rated, tier %in% classes & year_coverage == "complete")
whole$rank <- match(whole$tier, classes) - 1
key <- paste(whole$iso3, whole$year)
whole$next_rank <- whole$rank[match(paste(whole$iso3, whole$year + 1), key)]
whole$last_rank <- whole$rank[match(paste(whole$iso3, whole$year - 1), key)]

# The share of a class that stands on Tier 3 in the next report, since the Watch List exists; countries drawn again.
falls <- function(rank) {
  here <- whole[whole$year >= 2004 & whole$rank == rank & !is.na(whole$next_rank), ]
  fell <- tapply(here$next_rank == 3, here$iso3, sum)
  all <- tapply(here$next_rank == 3, here$iso3, length)
  many <- replicate(20000, {
    drawn <- sample(length(all), replace = TRUE)
    sum(fell[drawn]) / sum(all[drawn])
  })
  list(share = sum(fell) / sum(all), ends = ends(many), luck = luck(many, 2000))
}
set.seed(3)
watch <- falls(2)
rest <- falls(1)
counting <- function(tiers, later) {
  rows <- subset(said, subject == "number_of_tiers" & kind %in% c("report", "state") & value == tiers)
  sum(if (later) rows$year > 2011 else rows$year <= 2011)
}
answer("three-tiers",
  law_lists = sum(said$subject == "list" & said$kind == "statute"),
  then_three = counting(3, FALSE),
  then_four = counting(4, FALSE),
  since_three = counting(3, TRUE),
  since_four = counting(4, TRUE),
  watch_falls = watch$share,
  watch_falls_low = watch$ends[1],
  watch_falls_high = watch$ends[2],
  rest_falls = rest$share,
  rest_falls_low = rest$ends[1],
  rest_falls_high = rest$ends[2],
  chance = list(watch_falls_low = watch$luck[1], watch_falls_high = watch$luck[2],
    rest_falls_low = rest$luck[1], rest_falls_high = rest$luck[2]))

# ---------------------------------------------------------------- how open is the rating?
# Measures of the year before the report; the governance of 2001, when none was published, is the mean of the
# years around it, and the index of performance ends with 2013.
panel <- read_table("country_panel")
governance <- c("wgi_rule_of_law", "wgi_control_of_corruption")
at <- function(iso3, year) match(paste(iso3, year), paste(panel$iso3, panel$year))
of_2001 <- panel$year == 2001
for (column in governance) {
  around <- cbind(panel[at(panel$iso3, 2000), column], panel[at(panel$iso3, 2002), column])
  panel[of_2001, column] <- rowMeans(around)[of_2001]
}
index <- subset(read_table("anti_trafficking_3p"), year <= 2013)
rows <- subset(whole, !is.na(last_rank))
before <- paste(rows$iso3, rows$year - 1)
x <- cbind(as.matrix(index[match(before, paste(index$iso3, index$year)), c("prosecution", "protection", "prevention")]),
  as.matrix(panel[match(before, paste(panel$iso3, panel$year)), governance]))
use <- complete.cases(x)
rows <- rows[use, ]
x <- scale(x[use, ])

# Ordered logit, P(y <= j) = F(a_j - x'b), with a weak normal prior on the slopes: the thresholds are kept in
# order by their logarithmic gaps, and the penalised likelihood is climbed with its gradient.
fit <- function(y, x, start = NULL) {
  k <- ncol(x)
  cuts_of <- function(p) cumsum(c(p[k + 1], exp(p[k + 2:3])))
  minus <- function(p) {
    a <- c(-Inf, cuts_of(p), Inf)
    eta <- drop(x %*% p[1:k])
    -sum(log(pmax(plogis(a[y + 2] - eta) - plogis(a[y + 1] - eta), 1e-300))) + 0.005 * sum(p[1:k]^2)
  }
  slope <- function(p) {
    a <- c(-Inf, cuts_of(p), Inf)
    eta <- drop(x %*% p[1:k])
    chance <- pmax(plogis(a[y + 2] - eta) - plogis(a[y + 1] - eta), 1e-300)
    up <- dlogis(a[y + 2] - eta) / chance
    down <- dlogis(a[y + 1] - eta) / chance
    by_cut <- sapply(1:3, function(j) sum(up[y + 1 == j]) - sum(down[y == j]))
    gaps <- c(sum(by_cut), exp(p[k + 2]) * sum(by_cut[2:3]), exp(p[k + 3]) * by_cut[3])
    c(crossprod(x, up - down) + 0.01 * p[1:k], -gaps)
  }
  if (is.null(start)) {
    share <- qlogis(cumsum(table(factor(y, 0:3)))[1:3] / length(y))
    start <- c(rep(0, k), share[1], log(diff(share)))
  }
  found <- optim(start, minus, slope, method = "BFGS", control = list(maxit = 1000, reltol = 1e-10))
  list(slopes = found$par[1:k], cuts = cuts_of(found$par), par = found$par)
}
chances <- function(model, x) {
  below <- cbind(outer(-drop(x %*% model$slopes), model$cuts, function(e, a) plogis(a + e)), 1)
  below # cumulative: P(y <= 0), ..., P(y <= 3)
}

country <- as.integer(factor(rows$iso3))
countries <- max(country)
y <- rows$rank

# The twin: the same rows rated by fixed cut-offs on the fitted index, classes of the same size.
line <- drop(x %*% fit(y, x)$slopes)
twin <- integer(length(y))
twin[order(line)] <- sort(y)
last_of <- function(rank) rank[match(paste(rows$iso3, rows$year - 1), paste(rows$iso3, rows$year))]

# Foretold for countries not seen, ten folds of countries, drawn `repeats` times. Loss: the ranked probability score.
foretold <- function(y, folds_drawn, last) {
  loss <- base <- expected <- numeric(length(y))
  start <- NULL
  for (fold in folds_drawn) for (f in 1:10) {
    out <- fold[country] == f
    model <- fit(y[!out], x[!out, ], start)
    start <- model$par
    said <- chances(model, x[out, , drop = FALSE])
    common <- matrix(cumsum(table(factor(y[!out], 0:3))) / sum(!out), sum(out), 4, byrow = TRUE)
    happened <- outer(y[out], 0:3, "<=") * 1
    loss[out] <- loss[out] + rowSums((said - happened)^2)
    base[out] <- base[out] + rowSums((common - happened)^2)
    expected[out] <- expected[out] + 3 - rowSums(said[, 1:3])
  }
  # Changes that could have gone either way: from a class in the middle, known the year before.
  moved <- which(!is.na(last) & last %in% 1:2 & last != y)
  up <- moved[y[moved] > last[moved]]
  down <- moved[y[moved] < last[moved]]
  pairs <- expand.grid(u = up, d = down)
  pairs <- pairs[last[pairs$u] == last[pairs$d], ]
  right <- (expected[pairs$u] > expected[pairs$d]) + 0.5 * (expected[pairs$u] == expected[pairs$d])
  share <- matrix(0, countries, countries)
  total <- matrix(0, countries, countries)
  for (i in seq_along(right)) {
    a <- country[pairs$u[i]]
    b <- country[pairs$d[i]]
    share[a, b] <- share[a, b] + right[i]
    total[a, b] <- total[a, b] + 1
  }
  list(loss = tapply(loss, country, sum), base = tapply(base, country, sum), right = share, pairs = total)
}
skill <- function(told, w) 1 - sum(w * told$loss) / sum(w * told$base)
ordered <- function(told, w) sum(w %o% w * told$right) / sum(w %o% w * told$pairs)

set.seed(4)
REPEATS <- 3
batches <- lapply(1:3, function(batch) {
  folds_drawn <- replicate(REPEATS, sample(rep_len(1:10, countries)), simplify = FALSE)
  own <- foretold(y, folds_drawn, rows$last_rank)
  other <- foretold(twin, folds_drawn, last_of(twin))
  weights <- cbind(1, rmultinom(2000, countries, rep(1, countries)))
  level <- apply(weights, 2, function(w) skill(own, w) / skill(other, w))
  change <- apply(weights, 2, function(w) (ordered(own, w) - 0.5) / (ordered(other, w) - 0.5))
  c(level[1], ends(level[-1]), change[1], ends(change[-1]))
})
found <- rowMeans(do.call(cbind, batches))
# Another draw of folds moves every number: three times the spread between the batches, each of as many folds as published.
spread <- 3 * apply(do.call(cbind, batches), 1, sd)
names(found) <- names(spread) <- c("level", "level_low", "level_high", "change", "change_low", "change_high")
checked <- subset(said, subject == "transparency" & kind %in% c("oversight", "press", "reference") & status %in% c("read", "restated"))
documents <- function(which) length(unique(sub("-[^-]*$", "", checked$id[checked$direction == which])))
criteria <- subset(said, subject == "criteria" & direction == "against" & status != "unverified")
do.call(answer, c(list("opaque-method"), as.list(found),
  doubts = documents("for"),
  assurances = documents("against"),
  criteria = length(unique(criteria$id)),
  list(chance = as.list(spread))))
