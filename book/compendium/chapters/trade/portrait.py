"""Which traits of the imprisoned trafficker were counted in what could be read, and what comparable samples say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, listing, percent
from compendium.figures import palette
from compendium.methods.shares import groupsize, proportions
from compendium.methods.shares.proportions import Interval

TRAITS = {
    "Schooling, literacy": ("uneducated", "social_position", "years of school, literacy, by sex and age"),
    "Income, poverty": (
        "poor; mostly from among the poorest",
        "social_position",
        "income, debts, land, by household",
    ),
    "Family": ("none seen", "family", "marital status, children, who depends on whom"),
    "Associates": (
        "alone or in small casual networks (the essay alone)",
        "organisation",
        "number of associates, and how it was established",
    ),
    "Role": ("none seen", "role", "recruiter, carrier, keeper, go-between"),
    "Victims": ("none seen", "victims", "number of victims, kind of exploitation"),
    "Earnings": (
        "little evidence of high profit; very modest gains",
        "earnings",
        "what each earned, per victim and per year",
    ),
}
SAMPLES = {
    "T04": "Viet Nam: did not finish secondary school",
    "T03a": "Viet Nam: of an ethnic minority (“over”)",
    "T03d": "Viet Nam: had lived or worked in China (“over”)",
    "T07b": "Australia: women once victims (“at least”)",
    "T12b": "Netherlands: leaders, among women perpetrators",
    "T07a": "Australia: schemes tied to organised crime",
}
TIED = "T07a"  # people of one scheme are not independent: here the schemes are the units
WORLD = "World, court cases: organised (“most”)"
MISSING = ("schooling", "how many worked alone", "earnings")
LARGE = 3  # people in a case that is not small
WIDER = (3, 4, 5)  # other readings of the most people in a small case


@dataclass(frozen=True)
class Facts:
    """The facts read of the study and of others, by row."""

    rows: pd.DataFrame

    def numbers_on(self, topic: str) -> int:
        """How many facts read of the study on a topic carry a number."""
        numbered = self.rows[["value_low", "value", "value_high"]].notna().any(axis=1)
        return int((self.rows.index.str.startswith("K") & (self.rows.topic == topic) & numbered).sum())

    def whole(self, row: str) -> int:
        """One value as a whole number."""
        return int(self.rows.value[row])

    @property
    def schemes(self) -> int:
        """Schemes that the people convicted in Australia belonged to."""
        return self.whole("T06")

    def small_cases(self, large: int) -> Interval:
        """Bounds of the share of people prosecuted in Viet Nam in cases of fewer than `large`."""
        return groupsize.in_small_cases(self.whole("T01a"), self.whole("T01c"), large=large)

    def share(self, fact: str) -> tuple[float, float, float]:
        """The published share of a sample, and the range that its words or its size allow."""
        row: Any = self.rows.loc[fact]
        exactly = pd.notna(row.value)
        stated = row.value if exactly else row.value_low
        if row.unit == "persons":
            # As nobody was tied, no scheme was.
            exact = proportions.clopper_pearson(int(stated), self.schemes if fact == TIED else int(row.n))
            return exact.estimate, exact.low, exact.high if exactly else 1.0
        return stated / 100, stated / 100, stated / 100 if exactly else 1.0


def facts() -> Facts:
    """What was read of the study and of other samples."""
    return Facts(tables.read("prison_study_facts").set_index("id"))


def table_of_traits(facts: Facts) -> pd.DataFrame:
    """The words seen on each trait of the 91, the numbers seen, and the table that would answer."""
    found = {topic: facts.numbers_on(topic) for _, topic, _ in TRAITS.values()}
    return pd.DataFrame(
        [
            (said, in_words(found[topic]) if found[topic] else "none", wanted)
            for said, topic, wanted in TRAITS.values()
        ],
        columns=["words seen", "numbers seen", "the table that would answer"],
        index=pd.Index(TRAITS, name="of the 91"),
    )


def samples(facts: Facts) -> pd.DataFrame:
    """Comparable samples and the Cambodian one: what, share, low, high, n, how (published, bounds or none)."""
    published = pd.DataFrame(
        [
            (label, *facts.share(fact), facts.schemes if fact == TIED else facts.rows.n[fact])
            for fact, label in SAMPLES.items()
        ],
        columns=["what", "share", "low", "high", "n"],
    ).assign(how="published")
    small, prosecuted = facts.small_cases(LARGE), facts.whole("T01c")
    bounded = pd.DataFrame(
        [
            ("Viet Nam: in cases of one or two defendants", None, small.low, small.high, prosecuted, "bounds"),
            (WORLD, None, 0.5, 1.0, facts.rows.n["U10"], "bounds"),
            *((f"Cambodia, the 91: {missing}", None, 0.0, 1.0, None, "none") for missing in MISSING),
        ],
        columns=[*published.columns],
    )
    return pd.concat([published.astype(object), bounded.astype(object)], ignore_index=True)


def words_on_samples(facts: Facts) -> dict[str, str]:
    """The samples that the page names, with how small a small case may be."""
    small, wider = facts.small_cases(LARGE), {most: facts.small_cases(most + 1) for most in WIDER}
    return {
        "vietnam_school": percent(facts.share("T04")[0]),
        "australia_n": count(facts.rows.n[TIED]),
        "schemes": in_words(facts.schemes),
        "australia_high": percent(facts.share(TIED)[2]),
        "cases": count(facts.whole("T01a")),
        "prosecuted": count(facts.whole("T01c")),
        "small_low": percent(small.low),
        "small_high": percent(small.high),
        "wider": listing([in_words(most) for most in wider]),
        "wider_low": listing([percent(bounds.low) for bounds in wider.values()]),
        "wider_high": percent(min(bounds.high for bounds in wider.values())),
        "china_n": count(facts.rows.n["T05"]),
    }


def _size(row: Any) -> str:
    """How many a sample held, in words."""
    if row.how == "none":
        return "not seen"
    if pd.isna(row.n):
        return "n not seen"
    return f"n {'over' if row.what == WORLD else '='} {count(row.n)}"


def draw_samples(facts: Facts) -> figures.Figure:
    """The published shares of other samples, bounds where only counts are known, nothing for Cambodia."""
    shown = samples(facts)
    styles = {
        "none": (palette.QUIET, 1.5, ":"),
        "bounds": (palette.STEPS[2], 5, "-"),
        "published": (palette.STEPS[2], 2.5, "-"),
    }
    drawing, axis = figures.canvas(height=0.5 * len(shown) + 0.5)
    row: Any
    for place, row in enumerate(shown.itertuples()):
        colour, width, dash = styles[row.how]
        axis.plot([row.low, row.high], [place, place], color=colour, lw=width, ls=dash, solid_capstyle="butt")
        if row.how == "published":
            face = palette.ACCENT if pd.notna(row.n) else palette.PAPER
            axis.plot(row.share, place, "o", color=palette.ACCENT, mfc=face, ms=7)
        ink = palette.INK if row.how != "none" else palette.MUTED
        axis.text(0, place - 0.24, f"{row.what}; {_size(row)}", va="bottom", color=ink)
    axis.set(xlim=(-0.01, 1.01), ylim=(len(shown) - 0.5, -0.85), yticks=[], xticks=[0, 0.25, 0.5, 0.75, 1])
    axis.set_xticklabels([percent(tick) for tick in axis.get_xticks()])
    axis.grid(axis="y", visible=False)
    published, bounds = (in_words(int((shown.how == how).sum())) for how in ("published", "bounds"))
    return figures.static(
        drawing,
        name="trade-samples",
        title="Other samples were counted, on other traits; of the Cambodian portrait no count was seen",
        subtitle="Share of each sample. Thin line: 95% interval, or what “over” and “at least” leave open; "
        "thick line: from the lowest to the highest possible; open dot: the number of people was not seen",
        alt=f"Dot plot of {published} published shares from Viet Nam, Australia and the Netherlands and {bounds} "
        "bounds, from 0% of schemes tied to organised crime in Australia "
        f"to {percent(facts.share('T04')[0])} who had not finished secondary school in Viet Nam, above three empty "
        "dotted lines for Cambodia.",
        source="AIC 2013: the schemes as its own release says, the rest as restated; Blue Dragon 2021, Wijkman and "
        "Kleemans 2019 and UNODC 2024 as restated by others; Keo and co-authors. Exact (Clopper–Pearson) "
        "intervals.",
        data=shown,
    )
