# Twelve million people and 32 billion dollars: what is counted, and which other estimates come near.
source("common.R")

people <- read_table("global_estimates")
rownames(people) <- people$id
printed <- function(id) people[id, "value_central"]
whole <- printed("ilo2005_fl")
trafficked <- printed("ilo2005_traf_exact") # the figure behind the two printed roundings, 2.4 and 2.5 million
imposed_by_states <- printed("ilo2005_state")
private <- printed("ilo2005_priv")

# The least share by the UN's wider sense is who was trafficked by the narrower one; the greatest is all but
# those whom states force to work.
answer("slaves-12m",
  trafficked_share = trafficked / whole,
  un_low = trafficked / whole,
  un_high = private / whole)

profits <- read_table("global_profits")
rownames(profits) <- profits$id
quoted <- profits["ilo2005_press", "value_usd"]
source_profit <- profits["belser_traf", "value_usd"]

# Own estimates of the whole world's profit from trafficking as a whole, by somebody else.
others <- subset(profits, origin == "own_estimate" & measure %in% c("profit", "earnings") & scope == "World" &
  population_group == "trafficked" & status != "unverified" & !grepl("^belser", id))
low <- ifelse(is.na(others$value_usd_low), others$value_usd, others$value_usd_low)
high <- ifelse(is.na(others$value_usd_high), others$value_usd, others$value_usd_high)
answer("profit-32bn",
  ratio_to_source = quoted / source_profit,
  near = sum(low >= quoted / 2 & high <= 2 * quoted),
  far = sum(high < quoted / 2 | low > 2 * quoted))

# Whom the publisher's own texts give the two figures to; a text that says only "all exploited" says neither.
texts <- subset(read_table("figure_readings"), status != "unverified" & speaks == "publisher")
counted <- texts$population[texts$figure == "people"]
profit <- subset(texts, figure == "profit" & population != "all_exploited")
same <- profit$population %in% counted
answer("figures-paired",
  same_people = length(unique(profit$document[same])),
  other_people = length(unique(profit$document[!same])),
  implied_per_person = quoted / whole,
  printed_per_person = profits["belser_traf", "per_person_usd"])
