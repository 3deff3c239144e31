# Movements of people and news on trafficking: growth of stocks, and a ratio with countries drawn again.
source("common.R")

stock <- read_table("un_desa_migrant_stock_by_origin")
people <- function(origin, destination, year) {
  stock$migrants[stock$origin == origin & stock$destination == destination & stock$year == year]
}
grown <- function(destination) {
  people("less_developed", destination, 1995) / people("less_developed", destination, 1990) - 1
}
rise <- function(origin, destination, from, to) people(origin, destination, to) - people(origin, destination, from)

# The rise of 1990 to 1995 over the mean of the three rises of five years that follow.
timing <- function(destination) {
  years <- c(1995, 2000, 2005, 2010)
  later <- mapply(function(a, b) rise("less_developed", destination, a, b), years[-4], years[-1])
  rise("less_developed", destination, 1990, 1995) / mean(later)
}

world <- subset(read_table("un_desa_migrant_stock"), destination == "world")
answer("movements",
  growth_europe = grown("western_europe"),
  growth_us = grown("united_states"),
  growth_other = grown("other_developed"),
  world_growth = world$population[world$year == 1995] / world$population[world$year == 1990] - 1,
  timing_europe = timing("western_europe"),
  timing_us = timing("united_states"),
  origin_europe = rise("less_developed", "western_europe", 1990, 1995) /
    sum(sapply("developed", rise, "western_europe", 1990, 1995)))

# News items on trafficking: three years after the Protocol over three before, summed over countries. The
# interval draws whole countries again and takes percentiles (the cluster bootstrap).
news <- subset(read_table("criminalisation_panel"), !is.na(trafficking_news_items))
of_country <- function(years) {
  counted <- ifelse(news$year %in% years, news$trafficking_news_items, 0)
  tapply(counted, news$iso3, sum)
}
before <- of_country(1998:2000)
after <- of_country(2003:2005)
set.seed(1)
many <- replicate(40000, {
  drawn <- sample(length(before), replace = TRUE)
  sum(after[drawn]) / sum(before[drawn])
})
moved <- luck(many, 2000)
items <- sort(of_country(1998:2005), decreasing = TRUE)
answer("discovery",
  news_ratio = sum(after) / sum(before),
  news_low = ends(many)[1],
  news_high = ends(many)[2],
  us_rank = match("USA", names(items)),
  us_first = match("USA", names(sort(before, decreasing = TRUE))),
  chance = list(news_low = moved[1], news_high = moved[2]))
