# Two official counts of one thing, and whose citizens the detected victims are.
source("common.R")

# ---------------------------------------------------------------- the State Department beside UNODC
countries <- subset(confirmed(read_table("tip_country_convictions")), !is.na(tip_convictions) & !is.na(unodc_convicted))

# The larger count may exceed the smaller by a quarter of the smaller; two zeros agree.
agree <- function(a, b) pmax(a, b) <= 1.25 * pmin(a, b) + 1e-9
fit <- agree(countries$tip_convictions, countries$unodc_convicted)
limits <- exact_interval(sum(fit), length(fit))

# The world, year by year: UNODC's sum is known between bounds. The State Department's preferred figure, or the
# sum of its preferred regions where it prints none for the world.
unodc <- subset(read_table("unodc_country_totals"), indicator == "persons_convicted")
low <- tapply(unodc$count_min, unodc$year, sum)
high <- tapply(unodc$count_max, unodc$year, sum)
state <- subset(confirmed(read_table("tip_law_enforcement")), preferred == "true" & !is.na(convictions))
of_world <- with(subset(state, region == "World"), tapply(convictions, year, sum))
of_regions <- with(subset(state, region != "World"), tapply(convictions, year, sum))
whole <- names(which(table(subset(state, region != "World")$year) >= 6))
extra <- setdiff(intersect(names(of_regions), whole), names(of_world))
printed <- c(of_world, of_regions[extra])
years <- intersect(names(printed), as.character(2003:2022))
low <- low[years]
high <- high[years]
told <- printed[years]
surely <- agree(told, low) & agree(told, high)
# Some value between the bounds agrees: the one nearest to the other count does.
possibly <- agree(told, pmin(pmax(told, low), high))
answer("two-official-counts",
  agree_share = mean(fit),
  agree_low = limits[1],
  agree_high = limits[2],
  countries = length(fit),
  world_low = exact_interval(sum(surely), length(years))[1],
  world_high = exact_interval(sum(possibly), length(years))[2])

# ---------------------------------------------------------------- foreign citizens, hidden and unknown counts
totals <- read_table("unodc_country_totals")

# A country's year tells nationals, foreigners and people of whom neither is said, each between two bounds, and
# their total between two. Who is in no class is of unknown citizenship, and the unknown may be either. Where the
# classes exceed their own total, the surplus may lie in any class. Returned are the two extreme tables: fewest
# foreigners with most others, most foreigners with fewest others.
extremes <- function(parts, total) {
  low <- high <- c(domestic = 0, foreign = 0, neither = 0)
  for (group in names(low)) {
    low[group] <- sum(parts$count_min[parts$citizen_group == group])
    high[group] <- sum(parts$count_max[parts$citizen_group == group])
  }
  if (is.null(total)) total <- c(sum(low), sum(high))
  if (sum(high) < total[1]) high["neither"] <- total[2] - low["domestic"] - low["foreign"]
  if (sum(low) > total[2]) low[] <- pmax(0, low - (sum(low) - total[1]))
  fewest_of <- function(few, many) { # the fewest of one class, and the most of the others beside them
    fewest <- max(sum(low[few]), total[1] - sum(high[many]))
    c(fewest, min(sum(high[many]), total[2] - fewest))
  }
  c(fewest_of("foreign", c("domestic", "neither")), rev(fewest_of("domestic", c("foreign", "neither"))))
}

splits <- function(table, indicator) {
  parts <- read_table(table)
  rows <- totals[totals$indicator == indicator, ]
  total_of <- split(rows[c("count_min", "count_max")], paste(rows$iso3, rows$year))
  by_year <- split(parts, paste(parts$iso3, parts$year))
  found <- t(sapply(names(by_year), function(key) extremes(by_year[[key]], unlist(total_of[[key]]))))
  persons <- tapply(parts$count_min, parts$iso3, sum)
  list(found = found, iso3 = substr(rownames(found), 1, 3), largest = names(which.max(persons)))
}

# Sharp bounds over many years and countries (Manski 2003): every table may be at its own end.
pooled <- function(found) {
  total <- colSums(found)
  c(total[1] / (total[1] + total[2]), total[3] / (total[3] + total[4]))
}

victims <- splits("unodc_victims_by_citizenship", "detected_victims")
convicted <- splits("unodc_convicted_by_citizenship", "persons_convicted")
everybody <- pooled(victims$found)
without <- pooled(victims$found[victims$iso3 != victims$largest, ])
by_country <- sapply(split(seq_along(victims$iso3), victims$iso3), function(at) {
  pooled(victims$found[at, , drop = FALSE])
})
of_convicted <- pooled(convicted$found)

# What a text says that stays within one country; the rest crossed a border.
stays <- subset(confirmed(read_table("prison_study_facts")), topic == "route" &
  startsWith(statement, "detected trafficking that stays within one country"))
crossed <- 1 - ifelse(is.na(stays$value), stays$value_low, stays$value) / 100
answer("transnational",
  share_low = everybody[1],
  share_high = everybody[2],
  without_low = without[1],
  without_high = without[2],
  countries_low = mean(!is.na(by_country[1, ]) & by_country[1, ] > 0.5),
  countries_high = 1 - mean(!is.na(by_country[2, ]) & by_country[2, ] < 0.5),
  convicted_low = of_convicted[1],
  convicted_high = of_convicted[2],
  crossed_low = min(crossed),
  crossed_high = max(crossed))
