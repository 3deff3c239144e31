# Does what states count grow? Every comparison of two years that can be defended, and the countries drawn again.
#
# A comparison fixes the panel (whoever reports; who reports in both years; who reports in every year between),
# what a suppressed count is (its lower bound, its upper bound, or anything between), one of the five largest
# reporters to leave out or none, and two years at least three years apart. Set aside are comparisons with fewer
# than ten countries in either year, those that leave out a country which is not in the panel, and balanced panels
# that are the constant one again.
source("common.R")
counts <- read_table("unodc_country_totals")
DRAWS <- 4000 # of which the published interval has 2000

comparisons <- function(low, high) {
  there <- !is.na(low)
  years <- as.integer(colnames(low))
  peak <- apply(high, 1, max, na.rm = TRUE)
  largest <- names(sort(peak, decreasing = TRUE))[1:5]
  cells <- list()
  for (panel in c("raw", "constant", "balanced")) for (out in c("none", largest)) {
    for (a in seq_along(years)) for (b in which(years >= years[a] + 3)) {
      both <- there[, a] & there[, b]
      every <- both & rowSums(there[, a:b]) == years[b] - years[a] + 1
      first <- switch(panel, raw = there[, a], constant = both, balanced = every)
      last <- switch(panel, raw = there[, b], constant = both, balanced = every)
      if (panel == "balanced" && all(every == both)) next
      if (out != "none") {
        if (!first[out] && !last[out]) next
        first[out] <- last[out] <- FALSE
      }
      if (min(sum(first), sum(last)) < 10) next
      cells[[length(cells) + 1]] <- list(a = a, b = b, first = first, last = last)
    }
  }
  cells
}

# For each comparison and each of the three readings of suppressed counts: did the total surely grow?
grew <- function(cells, low, high, weights) {
  low[is.na(low)] <- 0
  high[is.na(high)] <- 0
  total <- function(bound, who, at) {
    crossprod(sapply(cells, function(cell) bound[, cell[[at]]] * cell[[who]]), weights)
  }
  start_low <- total(low, "first", "a")
  start_high <- total(high, "first", "a")
  end_low <- total(low, "last", "b")
  end_high <- total(high, "last", "b")
  (colMeans(end_low > start_low) + colMeans(end_high > start_high) + colMeans(end_low > start_high)) / 3
}

shares <- function(indicator) {
  rows <- counts[counts$indicator == indicator, ]
  years <- min(rows$year):max(rows$year)
  wide <- function(column) tapply(rows[[column]], list(rows$iso3, factor(rows$year, years)), sum)
  low <- wide("count_min")
  high <- wide("count_max")
  cells <- comparisons(low, high)
  set.seed(2)
  many <- unlist(lapply(seq_len(DRAWS / 250), function(batch) {
    drawn <- rmultinom(250, length(everybody), rep(1, length(everybody)))
    rownames(drawn) <- everybody
    grew(cells, low, high, drawn[rownames(low), ])
  }))
  list(share = grew(cells, low, high, matrix(1, nrow(low), 1)), ends = ends(many), luck = luck(many, 500) / 2)
}
everybody <- sort(unique(counts$iso3))

victims <- shares("detected_victims")
convictions <- shares("persons_convicted")
answer("growing",
  victims_growth = victims$share,
  victims_low = victims$ends[1],
  victims_high = victims$ends[2],
  convictions_growth = convictions$share,
  convictions_low = convictions$ends[1],
  convictions_high = convictions$ends[2],
  chance = list(victims_low = victims$luck[1], victims_high = victims$luck[2],
    convictions_low = convictions$luck[1], convictions_high = convictions$luck[2]))
