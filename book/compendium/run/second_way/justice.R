# Miscarriages of justice behind what people say, sentences that courts gave, bribes, ranks with errors.
source("common.R")

# ---------------------------------------------------------------- two thirds
# A report is a fallible test: observed = true * (1 - silence) + (1 - true) * false claims. Before the data the true
# rate may be anything; each error rate is Beta(1, 3), a quarter on average. The posterior by summing the binomial
# likelihood over a fine grid of quantiles of the two errors.
facts <- read_table("prison_study_facts")
interviewed <- facts$value[facts$id == "K01"]
described <- round(interviewed * facts$value_high[facts$id == "K33"] / 100)
nodes <- qbeta((seq_len(300) - 0.5) / 300, 1, 3)
errors <- expand.grid(false = nodes, silent = nodes)
true <- (seq_len(1000) - 0.5) / 1000
weight <- sapply(true, function(rate) {
  said <- rate * (1 - errors$silent) + (1 - rate) * errors$false
  mean(dbinom(described, interviewed, said))
})
weight <- weight / sum(weight)
quantile_of <- function(p) approx(c(0, cumsum(weight)), seq(0, 1, length.out = 1001), p)$y
courts <- read_table("cambodia_justice_system")
silence <- courts[courts$id == "silence-2017", ]
of_silence <- score_interval(round(silence$value / 100 * silence$base), silence$base)
answer("two-thirds-miscarriage",
  innocent = sum(true * weight),
  innocent_low = quantile_of(0.025),
  innocent_high = quantile_of(0.975),
  unfair_files = sum(courts$measure == "trafficking_unfair_files"),
  unfair_low = NA,
  unfair_high = NA,
  silence_low = of_silence[1],
  silence_high = of_silence[2])

# ---------------------------------------------------------------- sentences
given <- subset(confirmed(read_table("cambodia_sentences")), kind == "court" & law == 2008 & offence == "trafficking")
years <- rep((given$years_low + given$years_high) / 2, given$persons)
trial <- rep(given$case, given$persons)
set.seed(5)
trials <- split(years, trial)
medians <- replicate(20000, median(unlist(trials[sample(length(trials), replace = TRUE)])))
statutes <- read_table("cambodia_penalties")
answer("long-sentences",
  court_people = length(years),
  court_median = median(years),
  court_low = ends(medians)[1],
  court_high = ends(medians)[2],
  study_people = sum(read_table("cambodia_sentences")$kind == "study"),
  study_median = NA,
  study_low = NA,
  study_high = NA,
  statutory_floor = statutes$min_years[statutes$id == "KH-08-10"])

# ---------------------------------------------------------------- corruption
# The survey prints "nearly half" of court users and how many people were asked, not how many had used a court. If
# one in ten had (whole people, cut off), and nearly half is 45 to 50 percent of them, whole people outward:
users <- courts$base[courts$id == "bribe-court-2007"] %/% 10
assumed <- c(score_interval(floor(0.45 * users), users), score_interval(ceiling(0.5 * users), users))
surveys <- subset(confirmed(courts), measure == "bribe_court_users" & year %in% 2008:2012 & base_is == "group")

# The share of countries that score below Cambodia, each score redrawn within its standard error.
panel <- read_table("country_panel")
set.seed(6)
placed <- function(of_year) {
  rows <- subset(panel, year == of_year & !is.na(wgi_rule_of_law) & !is.na(wgi_rule_of_law_se))
  mine <- rows$iso3 == "KHM"
  many <- replicate(20000, {
    drawn <- rnorm(nrow(rows), rows$wgi_rule_of_law, rows$wgi_rule_of_law_se)
    mean(drawn < drawn[mine])
  })
  c(mean(rows$wgi_rule_of_law < rows$wgi_rule_of_law[mine]), ends(many), luck(many, 4000))
}
places <- sapply(2008:2012, placed)
about_the_law <- subset(confirmed(facts), topic == "law" & unit == "percent" & !is.na(n))
answer("tool-of-corruption",
  court_surveys = nrow(surveys),
  court_bribe_low = NA,
  court_bribe_high = NA,
  assumed_bribe_low = min(assumed),
  assumed_bribe_high = max(assumed),
  index_years = ncol(places),
  place = mean(places[1, ]),
  place_low = min(places[2, ]),
  place_high = max(places[3, ]),
  law_figures = nrow(about_the_law),
  law_share_low = NA,
  law_share_high = NA,
  chance = list(place_low = max(places[4, ]), place_high = max(places[5, ])))

# ---------------------------------------------------------------- what US texts observe
texts <- subset(confirmed(read_table("enforcement_observations")), year >= 2008 & year <= 2011 &
  body %in% c("police", "courts") & names_law == "yes")
seen <- function(which, bodies) length(unique(texts$document[texts$says == which & texts$body %in% bodies]))
answer("irregularities-observed",
  texts_observing = seen("observes", c("police", "courts")),
  texts_denying = seen("denies", c("police", "courts")),
  texts_on_police = seen("observes", "police"),
  texts_on_courts = seen("observes", "courts"))
