"""Every plausible life: the share whose choice the law changes, under the ranges and under other ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.deterrence.ranges import Spans
from compendium.chapters.deterrence.series import Seen
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, interval, percent, times, trimmed
from compendium.figures import palette
from compendium.methods.choice import deterrence
from compendium.methods.choice.deterrence import Deterred, Span

SEED, LIVES = 20080215, 20_000
WITHOUT_LAW = {"p_arrest": 0.0}
FACTORS: list[float] = np.round(np.geomspace(0.1, 30, 11), 3).tolist()
ESCALATED = {"p_arrest": "more arrests", "sentence_years": "longer sentences"}
TICKS = (0.1, 0.3, 1, 3, 10, 30)
READ = {
    "p_arrest": "chance of arrest",
    "hardship": "hardship",
    "discount_rate": "discounting",
    "legal_income": "legal income",
    "p_conviction": "conviction",
    "p_bribe": "buying out",
    "bribe": "bribe",
    "stigma": "loss after",
    "sentence_years": "sentence",
}


@dataclass(frozen=True)
class Lives:
    """Lives drawn from all ranges at once, and the share of them whose choice the law changes."""

    spans: Spans
    drawn: pd.DataFrame
    base: Deterred

    def share(self, without: Mapping[str, Any] = WITHOUT_LAW, **changed: Any) -> float:
        """Share that the law deters when some inputs are others than drawn."""
        return deterrence.deterred(self.drawn.assign(**changed), without).share

    def moved(self, name: str, span: Span) -> Any:
        """One input at the same place in another range."""
        return span.at(self.spans[name].place(self.drawn[name].to_numpy()))

    def tenfold(self, name: str) -> float:
        """Share that the law deters when one part of it is ten times as large."""
        return float(deterrence.escalation(self.drawn, name, [10.0]).share[0])

    @cached_property
    def alternatives(self) -> dict[str, float]:
        """Share that the law deters under other ranges."""
        drawn, arrest = self.drawn, self.spans["p_arrest"]
        # One to three legal incomes for the year: everyone would offend without the law.
        modest = drawn.legal_income * self.moved("gain_per_person", Span(1, 3, "log")) / drawn.persons
        return {
            "high-certainty": self.share(p_arrest=(10 * drawn.p_arrest).clip(upper=1.0)),
            "high-discount": self.share(discount_rate=self.moved("discount_rate", Span(0.5, 2.0))),
            "1996-law": self.share({"sentence_years": self.moved("sentence_years", _former_span(self.spans))}),
            "even-arrest": self.share(p_arrest=self.moved("p_arrest", Span(arrest.low, arrest.high))),
            "modest-gains": self.share(gain_per_person=modest),
        }

    def rare(self, risks: pd.DataFrame) -> float:
        """Share that the law deters if arrest is as rare as counts and estimates imply."""
        return self.share(p_arrest=self.moved("p_arrest", Span(risks.risk.min(), risks.risk.max(), "log")))


def _former_span(spans: Spans) -> Span:
    """The sentences of the law of 1996; without a row for it the law of 2008 changes nothing against it."""
    former = tables.read("cambodia_penalties").query(
        "jurisdiction == 'Cambodia' and offence_group == 'trafficking' and in_force_to == '2008-02'"
    )
    if former.empty:
        return spans["sentence_years"]
    return Span(former.min_years.min(), former.aggravated_max_years.max())


def imposed_span() -> Span:
    """The sentences for trafficking that courts imposed under the law of 2008, least to most, in years."""
    given = tables.read("cambodia_sentences").query(
        "kind == 'court' and law == '2008' and offence == 'trafficking' and status != 'unverified'"
    )
    return Span(given.years_low.min(), given.years_high.max())


def lives(spans: Spans) -> Lives:
    """Lives spread over the ranges by a Latin hypercube, reckoned with the law and without it."""
    drawn = deterrence.latin_hypercube(spans, LIVES, SEED)
    return Lives(spans, drawn, deterrence.deterred(drawn, WITHOUT_LAW))


def words_on_lives(lives: Lives) -> dict[str, str]:
    """The share whose choice the law changes, and how it grows with arrests and with years."""
    base = lives.base
    return {
        "lives": count(LIVES),
        "share": percent(base.share, 1),
        "share_limits": interval(base.low, base.high, lambda share: percent(share, 1)),
        "without": percent(base.offend_without),
        "among": percent(base.share / base.offend_without),
        "tenfold_arrests": percent(lives.tenfold("p_arrest")),
        "tenfold_years": percent(lives.tenfold("sentence_years")),
    }


def draw_escalation(lives: Lives) -> figures.Figure:
    """The share that the law deters as arrests, or sentences, are multiplied."""
    base, drawn = lives.base, lives.drawn
    curves = {
        name: deterrence.escalation(drawn, name, FACTORS).assign(what=what) for name, what in ESCALATED.items()
    }
    drawing, axis = figures.canvas(height=2.7)
    for name, colour in (("sentence_years", palette.SECOND), ("p_arrest", palette.ACCENT)):
        curve = curves[name]
        axis.plot(curve.factor, 100 * curve.share, color=colour, lw=2.5)
        end = 100 * curve.share.iloc[-1] + 0.8
        axis.text(30, end, ESCALATED[name], color=colour, ha="right", va="bottom")
    axis.plot(1, 100 * base.share, "o", color=palette.INK, ms=7)
    axis.text(0.95, 100 * base.share + 1, f"as it is: {percent(base.share, 1)}", ha="right")
    axis.set(xscale="log", xlim=(0.1, 30), ylim=(0, 26), xticks=TICKS)
    axis.set(xlabel="Times as many, or as long (log scale)", ylabel="Lives deterred, percent")
    axis.set_xticklabels([f"{tick:g}" for tick in TICKS])
    axis.tick_params(axis="x", pad=7)
    axis.minorticks_off()
    arrests, terms = (percent(lives.tenfold(name)) for name in ESCALATED)
    return figures.static(
        drawing,
        name="deterrence-escalation",
        title=f"In this reckoning ten times the arrests deter {arrests} of the lives, and sentences ten times as "
        f"long {terms}",
        subtitle=f"Share of {count(LIVES)} plausible lives whose choice the law changes, as one part of it is "
        "multiplied",
        alt=f"Two curves from below 3 percent. Longer sentences flatten at about {terms}; more arrests climb past "
        f"{arrests} at ten times.",
        source="Expected-cost model over the ranges in the table; Latin hypercube.",
        data=pd.concat(curves.values()),
    )


def words_on_alternatives(lives: Lives, risks: pd.DataFrame) -> dict[str, str]:
    """The share under other ranges, and if everyone tried were convicted."""
    found, imposed, former = lives.alternatives, imposed_span(), _former_span(lives.spans)
    against_1996 = found["1996-law"]
    return {
        "rare": percent(lives.rare(risks), 1),
        "impatient": percent(found["high-discount"], 1),
        "even_arrest": percent(found["even-arrest"], 1),
        "modest_gains": percent(found["modest-gains"]),
        "imposed": percent(lives.share(sentence_years=lives.moved("sentence_years", imposed)), 1),
        "imposed_range": interval(imposed.low, imposed.high, trimmed),
        "certain": percent(lives.share(p_conviction=1.0), 1),
        "against_1996": "nobody" if against_1996 == 0 else f"{percent(against_1996, 1)} of lives",
        "former_terms": interval(former.low, former.high, trimmed),
    }


# ---------------------------------------------------------------- what the cost depends on


def _drivers(lives: Lives) -> pd.DataFrame:
    """Rank correlation and Sobol indices of every input with the expected cost, by falling correlation."""
    spans = {name: lives.spans[name] for name in deterrence.COST_PARAMETERS}
    cost = deterrence.evaluate(lives.drawn).expected_cost
    ranks = deterrence.partial_rank_correlations(lives.drawn[list(spans)], cost).set_index("parameter")
    nothing = {"gain_per_person": 0.0, "persons": 1.0}
    sobol = deterrence.sobol_indices(spans, "expected_cost", fixed=nothing, n=8192, seed=SEED)
    return ranks.join(sobol.set_index("parameter"))


def words_on_widths(spans: Spans) -> dict[str, str]:
    """How wide the ranges of arrest and sentence are."""
    return {f"width_{name}": times(spans[name].high / spans[name].low) for name in ESCALATED}


def draw_drivers(lives: Lives) -> figures.Figure:
    """What the expected cost of offending depends on."""
    drivers = _drivers(lives)
    rows = drivers.reset_index()
    order = rows.iloc[::-1].reset_index(drop=True)
    drawing, axis = figures.canvas(height=3.0)
    bars = {"color": palette.STEPS[1], "ecolor": palette.INK, "height": 0.6}
    axis.barh(order.index, order.total, xerr=order.total_margin, **bars)
    axis.plot(order.prcc, order.index, "o", color=palette.SECOND, mec=palette.PAPER, ms=8)
    axis.axvline(0, color=palette.MUTED, lw=1)
    axis.set(yticks=order.index, xlim=(-1, 1.05), xlabel="Rank correlation (dot); share of variance (bar)")
    axis.set_yticklabels(order.parameter.map(READ))
    axis.grid(axis="y", visible=False)
    arrest: Any = drivers.loc["p_arrest"]
    term: Any = drivers.loc["sentence_years"]
    return figures.static(
        drawing,
        name="deterrence-drivers",
        title="In this reckoning the law costs an offender far more through arrest than through the sentence",
        subtitle="Expected cost over all ranges; dot: partial rank correlation; bar: total Sobol index with its "
        "95% sampling error",
        alt=f"Nine inputs. The chance of arrest has a rank correlation of {decimal(arrest.prcc, 2)} and a total "
        f"index of {decimal(arrest.total, 1)}; the sentence {decimal(term.prcc, 2)} and {decimal(term.total, 2)}.",
        source="Expected-cost model over the ranges in the table; Saltelli sampling.",
        data=rows,
    )


def words_on_modest_lives(lives: Lives) -> dict[str, str]:
    """The share that the law deters of those who would gain between one and two legal incomes."""
    drawn = lives.drawn
    earned = drawn.gain_per_person * drawn.persons / drawn.legal_income
    modest = deterrence.deterred(drawn[(earned > 1) & (earned <= 2)], WITHOUT_LAW)
    return {"modest": percent(modest.share)}


# ---------------------------------------------------------------- the claim


def beside_the_verdict(seen: Seen, lives: Lives) -> dict[str, float]:
    """The numbers that stand beside the verdict: what convictions would have shown, and the assumed lives."""
    return {
        "detectable_fall": seen.detectable.fall,
        "ratio_low": seen.ratio.low,
        "ratio_high": seen.ratio.high,
        "share_deterred": lives.base.share,
    }
