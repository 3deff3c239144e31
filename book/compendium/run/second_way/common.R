# What the scripts share: a table by its name, a number of a claim said aloud, and the intervals of textbooks.
#
# Every script is run alone, as `Rscript growth.R DATA`, and prints one line for each number of a claim:
# the claim, the number's name, its value with 15 digits (NA where nobody has published it), and how far the
# luck of the draw may move the published one (0 where nothing is drawn). Nothing here is taken from the
# Python of the book: the scripts read the same tables and do what the page on methods says.

options(stringsAsFactors = FALSE, warn = 1)
arguments <- commandArgs(trailingOnly = TRUE)
DATA <- if (length(arguments)) arguments[1] else "data"

read_table <- function(name) {
  read.csv(file.path(DATA, paste0(name, ".csv")), na.strings = "", check.names = FALSE, encoding = "UTF-8")
}

# answer("women-80", worst_low = 0.37) prints one line; `chance` is the error of draws, named like the numbers.
answer <- function(claim, ..., chance = list()) {
  numbers <- list(...)
  for (name in names(numbers)) {
    value <- as.numeric(numbers[[name]])
    drawn <- if (is.null(chance[[name]])) 0 else chance[[name]]
    cat(claim, name, if (is.na(value)) "NA" else sprintf("%.15g", value), sprintf("%.6g", drawn), sep = "\t")
    cat("\n")
  }
}

confirmed <- function(rows) rows[is.na(rows$status) | rows$status != "unverified", ]

# Clopper and Pearson (1934): two one-sided tests, inverted.
exact_interval <- function(hits, trials, level = 0.95) {
  binom.test(round(hits), round(trials), conf.level = level)$conf.int[1:2]
}

# Wilson (1927): the score test, inverted; what prop.test calls the interval without Yates' correction.
score_interval <- function(hits, trials, level = 0.95) {
  prop.test(round(hits), round(trials), conf.level = level, correct = FALSE)$conf.int[1:2]
}

ends <- function(draws, level = 0.95) {
  unname(quantile(draws, c((1 - level) / 2, (1 + level) / 2), na.rm = TRUE))
}

# How far a percentile of `draws` draws moves by luck: its spread over batches of that many, times three.
luck <- function(many, draws, level = 0.95) {
  batches <- split(many, ceiling(seq_along(many) / draws))
  batches <- batches[lengths(batches) == draws]
  3 * apply(sapply(batches, ends, level = level), 1, sd)
}
