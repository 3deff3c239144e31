"""What the page on what has changed shows: counts beside an allegation, sizes of cases, and two readings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import searches, tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent, trimmed
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.counts import officialcounts
from compendium.methods.law import tracing
from compendium.methods.law.tracing import Evidence
from compendium.methods.shares import samples

FEWEST_IN_A_GROUP = 3  # people, in the UN's definition of an organised criminal group


@dataclass(frozen=True)
class Sources:
    """The events, the official counts, the disagreements and what is said of compounds, by id, and three figures.

    `alleged` people in forced scam work, as the UN human rights office has it; `foreigners` found in the autumn
    of 2022; `compounds` that Amnesty International counted.
    """

    timeline: pd.DataFrame
    counts: pd.DataFrame
    disputed: pd.DataFrame
    compounds_said: pd.DataFrame
    alleged: float
    foreigners: float
    compounds: float

    @property
    def latest(self) -> Any:
        """The committee's trafficking cases of the first half of 2025."""
        return self.counts.loc["ncct-2025h1-trafficking"]


def sources() -> Sources:
    """Read the tables of events, counts and disagreements, and the figures that their texts hold."""
    timeline = tables.read("cambodia_timeline").set_index("id")
    disputed = tables.read("source_disagreements").set_index("id")
    said_of_them = tables.read("scam_compounds").set_index("id")
    return Sources(
        timeline,
        tables.read("cambodia_enforcement").set_index("id"),
        disputed,
        said_of_them,
        alleged=float(said_of_them.value["ohchr-2023-size"]),
        foreigners=_number(timeline.event["TL44"], r"([\d,]+) foreigners"),
        compounds=float(said_of_them.value["amnesty-2025-compounds"]),
    )


def _number(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"expected a number like {pattern}, found none in {text!r}")
    return float(found.group(1).replace(",", ""))


# ---------------------------------------------------------------- what is counted, and what is alleged


def words_on_scale(facts: Sources) -> dict[str, str]:
    """What is counted since 2021, and what is alleged."""
    counts, disputed, latest = facts.counts, facts.disputed, facts.latest
    return {
        "alleged": count(facts.alleged),
        "compounds": count(facts.compounds),
        "survivors": count(_number(facts.timeline.event["TL48"], r"([\d,]+) survivors")),
        "records": f"{disputed.value_a['amnesty-2025']} or {disputed.value_b['amnesty-2025']}",
        "suspects": count(latest.suspects),
        "victims": count(latest.victims),
        "cases": count(latest.cases),
        "victims_all": count(counts.victims["ncct-2025h1"]),
    }


def draw_scale(facts: Sources) -> figures.Figure:
    """Draw the number alleged beside everything that is counted."""
    latest, before = facts.latest, facts.counts.victims["ncct-2021"]
    rows = [
        ("suspects, first half of 2025", latest.suspects, "counted"),
        ("victims, first half of 2025", latest.victims, "counted"),
        ("foreigners found, autumn 2022", facts.foreigners, "counted"),
        ("victims, 2021, the highest until then", before, "counted"),
        ("in forced scam work, 2023", facts.alleged, "alleged"),
    ]
    scale = pd.DataFrame(rows, columns=["what", "persons", "kind"])
    drawing, axis = figures.canvas(height=2.4)
    for place, row in enumerate(scale[::-1].itertuples()):
        _draw_number(axis, place, row)
    axis.set(
        xscale="log",
        xlim=(10, 200_000_000),
        yticks=range(len(scale)),
        ylim=(-0.5, len(scale) - 0.5),
        xticks=[10, 1000, 100_000],
        xlabel="Persons (log scale)",
    )
    axis.set_yticklabels(scale.what[::-1])
    axis.set_xticklabels(["10", "1,000", "100,000"])
    axis.minorticks_off()
    axis.grid(axis="y", visible=False)
    return figures.static(
        drawing,
        name="since-scale",
        title="The number alleged is beyond anything that is counted",
        subtitle="Persons. Full dot: counted by Cambodian authorities over a period; open dot: alleged at "
        "one time, without a published method",
        alt=f"Five dots on a log scale. Counted: {count(latest.suspects)} suspects, {count(latest.victims)} "
        f"victims, {count(facts.foreigners)} foreigners, {count(before)} victims in 2021. Alleged: about "
        f"{count(facts.alleged)} in forced scam work.",
        source="National committee as reported by the press; UN human rights office as reported by Reuters. "
        "Figures of 2025 are of trafficking alone; victims of 2021 include sexual exploitation.",
        data=scale,
    )


def _draw_number(axis: Any, place: int, row: Any) -> None:
    counted = row.kind == "counted"
    colour, inside, about = (
        (palette.ACCENT, palette.ACCENT, "") if counted else (palette.SECOND, palette.PAPER, "about ")
    )
    axis.plot([10, row.persons], [place, place], color=palette.QUIET, lw=1)
    axis.plot(row.persons, place, "o", color=colour, mfc=inside, ms=8)
    axis.text(row.persons * 1.5, place, about + count(row.persons), va="center", ha="left", color=colour)


# ---------------------------------------------------------------- who is caught


@dataclass(frozen=True)
class Sizes:
    """Suspects a case, one row for each count: period, year (with its half), scope, per_case."""

    committee: pd.DataFrame
    unodc: pd.DataFrame

    @property
    def smallest(self) -> float:
        """The fewest suspects a case in a count of the committee."""
        return self.committee.per_case.min()

    @property
    def largest(self) -> float:
        """The most."""
        return self.committee.per_case.max()


def sizes(facts: Sources) -> Sizes:
    """Divide suspects by cases wherever one count has both."""
    counts = facts.counts
    official = counts[counts.actor.eq("NCCT") & counts.cases.notna() & counts.suspects.notna()]
    within = official.half.map({1: 0.25, 2: 0.75}).fillna(0.5).astype(float)
    committee = pd.DataFrame(
        {
            "period": official.period,
            "year": official.year + within,
            "scope": official.scope,
            "per_case": (official.suspects / official.cases).astype(float),
        }
    )
    series = officialcounts.country_series(counts.reset_index(), tables.read("unodc_cambodia"))
    theirs = series[series.source == "UNODC"].set_index(["year", "measure"]).low
    reported = theirs.unstack()  # noqa: PD010 (pivot_table would average)
    reported = reported.dropna(subset=["cases", "suspects"])
    unodc = pd.DataFrame(
        {
            "period": reported.index.astype(str),
            "year": reported.index + 0.5,
            "scope": "UNODC",
            "per_case": reported.suspects / reported.cases,
        }
    )
    return Sizes(committee, unodc)


def draw_cases(found: Sizes) -> figures.Figure:
    """Draw the suspects a case of each count, below the fewest people of an organised group."""
    every = pd.concat([found.committee, found.unodc]).sort_values(["year", "scope"], ignore_index=True)
    named = {
        "trafficking": ("trafficking", 2.75, palette.SECOND, "o"),
        "trafficking_and_sexual_exploitation": ("with sexual exploitation", 2.45, palette.ACCENT, "s"),
        "UNODC": ("as UNODC has it", 2.15, palette.MUTED, "D"),
    }
    drawing, axis = figures.canvas(height=2.6)
    for scope, (label, height, colour, shape) in named.items():
        own = every[every.scope == scope]
        axis.plot(own.year, own.per_case, shape, color=colour, ms=7)
        axis.plot(2017.75, height, shape, color=colour, ms=7)  # the key: its mark before its name
        axis.text(2017.95, height, label, color=colour, va="center")
    axis.axhline(FEWEST_IN_A_GROUP, color=palette.MUTED, lw=1, ls="--")
    axis.text(2025.9, 3.05, "fewest in an organised group", color=palette.MUTED, ha="right", va="bottom")
    axis.set(xlim=(2017.5, 2026), ylim=(0, 3.5), ylabel="Suspects a case", xticks=range(2018, 2026, 2))
    axis.grid(axis="x", visible=False)
    return figures.static(
        drawing,
        name="since-cases",
        title=f"The committee's cases have {interval(found.smallest, found.largest, decimal)} suspects each, "
        "UNODC's as few",
        subtitle="Suspects for each case, by the national committee, and for each offence, by UNODC. "
        "Dashed: the three people from whom the UN's definition calls a group organised",
        alt=f"Dots from 2018 to 2025, all between {decimal(every.per_case.min())} and "
        f"{decimal(every.per_case.max())} suspects a case, without a trend, below a dashed line at three.",
        source="National committee as reported by the press; UNODC open data, offences and persons in formal "
        "contact.",
        data=every,
    )


def words_on_cases(facts: Sources, found: Sizes) -> dict[str, str]:
    """How large the committee's cases are, and who was arrested in 2021."""
    counts = facts.counts
    return {
        "smallest": decimal(found.smallest),
        "largest": decimal(found.largest),
        "unodc_sizes": interval(found.unodc.per_case.min(), found.unodc.per_case.max(), decimal),
        "brokers": count(_number(counts.note["tip-2021"], r"([\d,]+) of the arrested")),
        "held": count(counts.suspects["tip-2021"]),
        "before": count(counts.cases["ncct-2020"]),
        "jump": count(counts.cases["ncct-2021"]),
    }


# ---------------------------------------------------------------- how many sources say which


ORGANISED, SMALL, PROTECTED = "organised", "small", "protected"
SHOWN = (ORGANISED, PROTECTED, "size", "impunity")
OFFICIAL = {  # states and the United Nations
    *("US State Department", "US Treasury", "OHCHR", "UNODC"),
    *("Cambodian Interior Ministry", "Cambodian Anti-Scam Commission"),
}
SINCE = 2020


@dataclass(frozen=True)
class Said:
    """Who describes trafficking in Cambodia since 2020, and in which words.

    `rows` has a row for each description: `by` (publisher or document), topic (organised, small, protected and
    others), place and status. A source counts as organised or small only if its own words, as passed on, say so.
    """

    rows: pd.DataFrame

    def who(self, topic: str, **only: Any) -> list[str]:
        """The sources that say a word, among rows that match `only`, in the order of their names."""
        rows = self.rows[self.rows.topic == topic]
        for column, value in only.items():
            rows = rows[rows[column] == value]
        return sorted(set(rows.by))

    @property
    def both(self) -> list[str]:
        """Those that call operations organised and protected, both as written."""
        return sorted({*self.who(ORGANISED)} & {*self.who(PROTECTED)})


def said(facts: Sources) -> Said:
    """Read what publishers say of compounds, and what reports say of offenders, since 2020."""
    compounds = facts.compounds_said.rename(columns={"publisher": "by"})
    offenders = tables.read("offender_evidence").query("subject == 'organisation' and kind == 'report'")
    reports = offenders[~offenders.same_author].rename(columns={"source": "by", "says": "topic"})
    columns = ["by", "topic", "place", "status", "year"]
    rows = pd.concat([compounds[columns], reports[columns]], ignore_index=True)
    return Said(rows[(rows.status != "unverified") & (rows.year >= SINCE)])


def _statement(row: Any) -> str:
    """What a row states, with its figure and how far it was read."""
    figure = "" if pd.isna(row.value) else f": {trimmed(row.value)} {row.unit}"
    return row.statement + figure + (" (restated)" if row.status == "restated" else "")


def table_of_sources(facts: Sources, found: Said) -> pd.DataFrame:
    """What each publisher says of organisation, of protection, and of size or impunity; and how it counts."""
    rows = facts.compounds_said
    rows = rows[(rows.status != "unverified") & (rows.year >= SINCE) & rows.topic.isin(SHOWN)]
    organised, shown = found.who(ORGANISED), []
    for name, own in rows.groupby("publisher"):
        some = [own[own.topic.isin(topics)].itertuples() for topics in ([ORGANISED], [PROTECTED], SHOWN[2:])]
        counted = "organised" if name in organised else "neither"
        shown.append((name, *("; ".join(map(_statement, each)) or "—" for each in some), counted))
    heads = ["Publisher", "Organised", "Protected", "Size or impunity", "Counted as"]
    table = pd.DataFrame(shown, columns=heads).sort_values(["Counted as", "Publisher"], ascending=[False, True])
    return table.set_index("Publisher")


def words_on_sources(found: Said) -> dict[str, str]:
    """How many sources say which, in their own words, and in how many both words stand."""
    organised, small = found.who(ORGANISED), found.who(SMALL)
    return {
        "organised": in_words(len(organised)),
        "organised_names": listing(organised),
        "both": in_words(len(found.both)),
        "both_names": listing(found.both),
        "of_cambodia": in_words(len(found.who(ORGANISED, place="Cambodia"))),
        "small": in_words(len(small)).replace("zero", "none"),
        "least": in_words(samples.LEAST),
    }


def still_true(found: Said) -> dict[str, int]:
    """The numbers of the claim `still-true`: sources by their words, and who speaks of protection."""
    return {
        "organised_sources": len(found.who(ORGANISED)),
        "small_sources": len(found.who(SMALL)),
        "protected_sources": len(found.who(PROTECTED)),
    }


def still_true_alternatives(found: Said, sizes: Sizes) -> dict[str, dict[str, int]]:
    """The same for some of the sources, for both words together, and with the committee's cases as a source."""
    small = len(found.who(SMALL))
    official = [name for name in found.who(ORGANISED) if name in OFFICIAL]
    return {
        "official-only": {"organised_sources": len(official)},
        "cambodia-only": {
            "organised_sources": len(found.who(ORGANISED, place="Cambodia")),
            "small_sources": len(found.who(SMALL, place="Cambodia")),
        },
        "both-words": {"organised_sources": len(found.both)},
        "cases-as-source": {"small_sources": small + int(sizes.largest < FEWEST_IN_A_GROUP)},
    }


def reasons(facts: Sources, found: Sizes) -> dict[str, list[str]]:
    """What the card says for and against the claim."""
    return {
        "reasons_for": [
            f"The national committee's cases have {interval(found.smallest, found.largest, decimal)} suspects "
            "each on average, from 2018 to 2025.",
            "No source seen describes the people imprisoned for trafficking since 2020.",
            "The number of people in scam compounds has no published method, and the police question it.",
        ],
        "reasons_against": [
            "The State Department wrote in 2023 that organised crime syndicates run the scams, and in 2024 that "
            "senior officials owned compounds or profited from them.",
            f"Amnesty International counted {count(facts.compounds)} compounds in 2025, run by "
            "organised gangs with the government's “apparent consent”.",
            f"The UN human rights office cited credible sources for about {count(facts.alleged)} people in "
            "forced scam work, spoke of criminal gangs, and asked governments to tackle corruption and impunity.",
            "UNODC tied the trade to organised crime, and is reported to say that officials made it possible.",
        ],
    }


# ---------------------------------------------------------------- two readings

# How likely each observation is if the organised tier was already there, and if it came later: our judgements.
ITEMS = (
    Evidence("raid", "Hotel raid, 2004", (0.5, 0.8), (0.1, 0.3)),
    Evidence("market", "Market estimate, 2012", (0.4, 0.7), (0.2, 0.5)),
    Evidence("prison", "Prison study, 2011", (0.6, 0.9), (0.8, 0.95)),
    Evidence("venues", "Venue count, 2008", (0.2, 0.5), (0.5, 0.8)),
    Evidence("jump", "Cases doubled, 2021", (0.1, 0.3), (0.4, 0.7), group="new"),
    Evidence("scams", "A new product, 2022", (0.2, 0.5), (0.6, 0.9), group="new"),
    Evidence("missed", "Courts miss it today", (0.7, 0.95), (0.3, 0.6)),
)
EVEN, WIDE = 0.5, (0.25, 0.75)
SIDES = {item.id: 1 if item.ratio > 1 else -1 for item in ITEMS}
FIRST = {item.id: round(item.ratio ** SIDES[item.id], 1) for item in ITEMS}
FAVOURS = {1: "already there", -1: "came later"}


def words_on_readings(facts: Sources) -> dict[str, str]:
    """Where the observations lead from even odds, and what would tip the balance."""
    central = tracing.posterior_range(ITEMS, EVEN)
    wide = tracing.posterior_range(ITEMS, WIDE)
    once = tracing.posterior_range(tracing.discount(ITEMS, 0.0), EVEN)
    turning = [flip.id for flip in tracing.flips(ITEMS, EVEN) if flip.flips_without]
    market = tables.value("prison_study_facts", "value", id="U13a")
    return {
        "central": percent(central.central),
        "range_even": interval(central.low, central.high),
        "range_wide": interval(wide.low, wide.high),
        "once": percent(once.central),
        "turning": in_words(len(turning)),
        "items": in_words(len(ITEMS)),
        "market": f"${count(market)} million",
        "forced": count(tables.value("global_estimates", "value_central", id="khm_steinfatt2008")),
        "raid": count(facts.counts.victims["raid-2004"]),
    }


# The prior and each observation as a step of the log odds, for Vega; `_belief` is the method's own.
_STEPS = ["log(prior / (1 - prior))"] + [f"{SIDES[item.id]} * log({item.id})" for item in ITEMS]
_FINAL = f"1 / (1 + exp(-({' + '.join(_STEPS)})))"
_SENTENCE = (
    "'Belief that the organised tier was already there goes from ' + format(prior, '.0%')"
    f" + ' to ' + format({_FINAL}, '.0%') + '.'"
)


def _belief(items: tuple[Evidence, ...], **settings: float) -> float:
    """Belief after some of the items at one setting of the figure."""
    chosen = FIRST | {"prior": EVEN} | settings
    return tracing.posterior(chosen["prior"], [chosen[item.id] ** SIDES[item.id] for item in items])


def _belief_in_words(**settings: float) -> str:
    prior, after = settings.get("prior", EVEN), _belief(ITEMS, **settings)
    return f"Belief that the organised tier was already there goes from {percent(prior)} to {percent(after)}."


def _controls() -> list[alt.Parameter]:
    belief = alt.binding_range(name="Belief in “already there” before, 0 to 1", min=0.05, max=0.95, step=0.05)
    weights = [
        alt.param(
            name=item.id,
            value=FIRST[item.id],
            bind=alt.binding_range(
                name=f"{item.label}: times likelier if {FAVOURS[SIDES[item.id]]}", min=0.2, max=10, step=0.1
            ),
        )
        for item in ITEMS
    ]
    return [alt.param(name="prior", value=EVEN, bind=belief), *weights]


def _belief_layers() -> list[alt.Chart]:
    """The line of even odds, the path of belief, and a dot after each observation."""
    labels = ["Before"] + [item.label for item in ITEMS]
    ladder = alt.Chart(pd.DataFrame({"k": range(len(labels)), "label": labels}))
    ladder = ladder.transform_calculate(step=f"[{', '.join(_STEPS)}][datum.k]")
    ladder = ladder.transform_window(sort=[alt.SortField("k")], frame=[None, 0], total="sum(step)")
    ladder = ladder.transform_calculate(belief="1 / (1 + exp(-datum.total))")
    rung = alt.Y("label:N", sort=labels, title=None, axis=alt.Axis(labelLimit=150))
    scale = alt.Scale(domain=[0, 1], nice=False)
    axis = alt.Axis(format=".0%", tickCount=5)
    belief = alt.X("belief:Q", scale=scale, axis=axis, title="Belief that the tier was already there")
    half = alt.Chart(pd.DataFrame({"half": [EVEN]})).mark_rule(color=palette.MUTED, strokeDash=[5, 4])
    told = [alt.Tooltip("label:N", title="After"), alt.Tooltip("belief:Q", format=".0%", title="Belief")]
    dots = ladder.mark_point(size=80, filled=True, opacity=1, color=palette.ACCENT)
    path = ladder.mark_line(color=palette.STEPS[2], strokeWidth=2)
    return [
        half.encode(x=alt.X("half:Q", scale=scale)),
        path.encode(x=belief, y=rung, order="k:Q"),
        dots.encode(x=belief, y=rung, tooltip=told),
    ]


def draw_readings() -> figures.Figure:
    """Let the reader set the belief before and the weight of each observation."""
    settings: list[dict[str, float]] = [
        {},
        {"prior": 0.2},
        {"raid": 1.0, "jump": 1.0, "scams": 1.0},
        {"prior": 0.8, "venues": 5.0, "prison": 3.0},
    ]
    chart = alt.layer(*_belief_layers(), figures.readout(_SENTENCE)).add_params(*_controls())
    judgements = [
        {
            "observation": item.label,
            "if_already_there_low": item.if_true[0],
            "if_already_there_high": item.if_true[1],
            "if_came_later_low": item.if_false[0],
            "if_came_later_high": item.if_false[1],
            "ratio": round(item.ratio, 3),
        }
        for item in ITEMS
    ]
    return figures.live(
        chart.properties(height=260),
        name="since-readings",
        title="By our own judgements the evidence leaves the two readings about even",
        subtitle="Belief that an organised tier was already there in 2011, after each observation in turn",
        alt="A path of eight dots that starts at 50 percent, moves right with the raid and the market estimate, "
        "back left with the prison study, the venue count and the events of 2021 and 2022 to "
        f"{percent(_belief(ITEMS[:-1]))}, and right again with what courts miss today, to end at "
        f"{percent(_belief(ITEMS))}.",
        source="Bayes' rule; the first settings are the chapter's own judgements. Observations as cited in the "
        "text; raid: Cambodia Daily, Phnom Penh Post and a US embassy cable.",
        data=pd.DataFrame(judgements),
        apart="The rule counts what sources say, and no belief enters it.",
        checks=[(setting, _belief_in_words(**setting)) for setting in settings],
    )


def words_not_seen() -> dict[str, str]:
    """What was looked for on the claim of the page and not seen, or in part, and where."""
    return searches.not_seen("still-true")
