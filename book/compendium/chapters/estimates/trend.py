"""Whether the counts that states report grow, under every defensible way of comparing two years."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.evidence import tables
from compendium.evidence.numbers import count, in_words, interval, percent, times
from compendium.figures import Figure, palette
from compendium.figures.lazily import alt
from compendium.methods.counts import growth
from compendium.methods.counts.specifications import NOBODY, Specification

UNODC = "UNODC open data, file of April 2025"
VICTIMS, PROSECUTED, CONVICTED = "detected_victims", "persons_prosecuted", "persons_convicted"
NAMES = {VICTIMS: "Victims detected", PROSECUTED: "Persons prosecuted", CONVICTED: "Persons convicted"}
BRIEF = {VICTIMS: "Victims", PROSECUTED: "Prosecuted", CONVICTED: "Convicted"}


@dataclass(frozen=True)
class Curve:
    """Every specification: the rows that can be counted and those that cannot, the grid, and its results."""

    clean: pd.DataFrame
    corrupt: pd.DataFrame
    grid: list[Specification]
    results: pd.DataFrame

    @property
    def computed(self) -> pd.DataFrame:
        """The specifications that could be computed."""
        return self.results[self.results.status == "computed"]

    def of(self, indicator: str) -> list[Specification]:
        """The declared specifications of one indicator, in order."""
        return [specification for specification in self.grid if specification.indicator == indicator]

    @property
    def signs(self) -> pd.DataFrame:
        """Shares of signs by indicator."""
        return growth.share_of_signs(self.results, ["indicator"]).set_index("indicator")

    @property
    def largest(self) -> dict[str, str]:
        """The largest reporter of each indicator (ISO 3166)."""
        return {indicator: growth.largest_reporters(self.clean, indicator, 1)[0] for indicator in NAMES}


def curve() -> Curve:
    """Read the counts and compute every specification."""
    clean, corrupt = growth.exclude_corrupt(tables.read("unodc_country_totals"))
    grid = growth.declare_grid(clean)
    return Curve(clean, corrupt, grid, growth.run(clean, grid))


def words_on_curve(curve: Curve) -> dict[str, str]:
    """How many specifications there are, and how many of them grow."""
    panels = growth.share_of_signs(curve.results, ["indicator", "panel"]).set_index(["indicator", "panel"])
    signs = curve.signs
    return {
        "declared": count(len(curve.results)),
        "computed": count(len(curve.computed)),
        "corrupt": in_words(len(curve.corrupt)),
        "victims": percent(signs.growth[VICTIMS]),
        "convicted": percent(signs.growth[CONVICTED]),
        "convicted_fall": percent(signs.decline[CONVICTED]),
        "raw": times(panels.median_low[VICTIMS, "raw"], 2),
        "constant": times(panels.median_low[VICTIMS, "constant"], 2),
    }


def table_of_exclusions(curve: Curve) -> pd.DataFrame:
    """How many specifications each rule set aside."""
    shown = growth.exclusions(curve.results).set_index("rule")[["specifications"]]
    return shown.rename(columns={"specifications": "comparisons"})


# ---------------------------------------------------------------- the curve

BOTTOM, TOP = 0.15, 12  # of the scale of ratios
COLUMNS = 180  # of a panel: one a point of its width


def draw_curve(curve: Curve) -> Figure:
    """Every specification's ratio of the last year to the first, sorted, a panel for each indicator."""
    computed, signs = curve.computed, curve.signs
    drawing, axes = figures.canvas(height=3.0, columns=3, sharey=True)
    for axis, (indicator, name) in zip(axes, BRIEF.items(), strict=True):
        mine = computed[computed.indicator == indicator].sort_values("ratio_low")
        column = np.arange(len(mine)) * COLUMNS // max(len(mine), COLUMNS)
        drawn = mine.groupby(column).agg(low=("ratio_low", "min"), high=("ratio_high", "max"))
        place = np.linspace(0, 1, len(drawn))
        axis.fill_between(place, drawn.low, drawn.high, color=palette.STEPS[1], lw=0)
        axis.plot(place, drawn.low, color=palette.ACCENT, lw=1.5)
        axis.axhline(1, color=palette.SECOND, lw=1.2)
        axis.set_title(f"{name}: {percent(signs.growth[indicator])}", loc="left", fontsize=9.5)
        axis.set(yscale="log", ylim=(BOTTOM, TOP), yticks=[0.25, 0.5, 1, 2, 4, 8], xticks=[])
        axis.set_yticklabels(["¼", "½", "1", "2", "4", "8"])
        axis.minorticks_off()
    axes[0].set_ylabel("End over start (log scale)")
    beyond = ((computed.ratio_low < BOTTOM) | (computed.ratio_high > TOP)).sum()
    return figures.static(
        drawing,
        name="estimates-curve",
        title=f"Detected victims grow in {percent(signs.growth[VICTIMS])} of the comparisons, "
        f"convictions in {percent(signs.growth[CONVICTED])}",
        subtitle="Every comparison, sorted: the last year’s count over the first year’s, with the share that "
        "surely grows; band: what suppressed counts leave open; line at no change; "
        f"{count(beyond)} of {count(len(computed))} run off the scale",
        alt="Three sorted curves on a log scale. That of victims lies almost wholly above one, "
        "that of prosecutions crosses it about half-way, that of convictions lies mostly below it.",
        source=UNODC + ".",
        data=growth.share_of_signs(curve.results, ["indicator", "panel", "bound"]),
    )


# ---------------------------------------------------------------- any choice of specifications

ANY, IN, OUT, OTHER = "any", NOBODY, "largest", "other"
SIGNS = {"growth": palette.ACCENT, "undetermined": palette.QUIET, "decline": palette.SECOND}
NONE_FITS = "No comparison fits these choices."
DEFAULTS: Mapping[str, Any] = {"indicator": VICTIMS, "panel": ANY, "out": ANY, "least": 3, "last": 2022}
SETTINGS: tuple[Mapping[str, Any], ...] = (
    {},
    {"indicator": CONVICTED},
    {"indicator": CONVICTED, "panel": "constant", "least": 10},
    {"panel": "raw", "last": 2019},
    {"indicator": PROSECUTED, "out": OUT},
    {"least": 12, "last": 2010},
)


def compact(curve: Curve) -> pd.DataFrame:
    """How many specifications (`n`) have a sign, by indicator, panel, who is out, years apart and last year."""
    computed = curve.computed
    excluded, largest = computed.excluding, computed.indicator.map(curve.largest)
    rows = computed.assign(
        out=np.where(excluded == largest, OUT, np.where(excluded == NOBODY, IN, OTHER)),
        gap=computed.end - computed.start,
        sign=computed.sign.replace({"unchanged": "undetermined"}),
    )
    return rows.groupby(["indicator", "panel", "out", "gap", "end", "sign"]).size().rename("n").reset_index()


# The choice as a Vega expression of the controls; `_kept` is the same choice over the specifications themselves.
_KEEP = (
    "datum.indicator == indicator && (panel == 'any' || datum.panel == panel) && "
    "(out == 'any' || datum.out == out) && datum.gap >= least && datum.end <= last"
)


def _kept(curve: Curve, choice: Mapping[str, Any]) -> pd.DataFrame:
    """The specifications that fit a choice."""
    rows = curve.computed
    rows = rows[(rows.indicator == choice["indicator"]) & (rows.end <= choice["last"])]
    rows = rows[rows.end - rows.start >= choice["least"]]
    if choice["panel"] != ANY:
        rows = rows[rows.panel == choice["panel"]]
    if choice["out"] != ANY:
        rows = rows[rows.excluding == (NOBODY if choice["out"] == IN else curve.largest[choice["indicator"]])]
    return rows


def sentence(curve: Curve, setting: Mapping[str, Any]) -> str:
    """What the live figure must say at a setting, from the specifications themselves."""
    rows = _kept(curve, {**DEFAULTS, **setting})
    if rows.empty:
        return NONE_FITS
    share = growth.share_of_signs(rows).iloc[0]
    signs = f"{percent(share.growth)} show growth and {percent(share.decline)} decline"
    return f"Of {count(len(rows))} comparisons {signs}."


def _growth_layers(rows: pd.DataFrame) -> list[alt.Chart]:
    """A bar for each sign over the specifications that fit, and the sentence."""
    kept = alt.Chart(rows).transform_filter(_KEEP).transform_joinaggregate(total="sum(n)")
    shares = kept.transform_aggregate(n="sum(n)", total="max(total)", groupby=["sign"])
    order = list(SIGNS)
    bars = (
        shares.transform_calculate(share="datum.n / datum.total")
        .mark_bar(size=34)
        .encode(
            x=alt.X(
                "share:Q",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%"),
                title="Share of comparisons",
            ),
            y=alt.Y("sign:N", scale=alt.Scale(domain=order), title=None),
            color=alt.Color("sign:N", scale=alt.Scale(domain=order, range=list(SIGNS.values())), legend=None),
            tooltip=[
                alt.Tooltip("sign:N", title="Sign"),
                alt.Tooltip("n:Q", format=",.0f", title="Comparisons"),
            ],
        )
    )
    # Not filtered but counted as zero, so that a sentence is left where nothing fits.
    fitting = alt.Chart(rows).transform_calculate(fits=f"({_KEEP}) ? datum.n : 0")
    fitting = fitting.transform_calculate(
        g="datum.sign == 'growth' ? datum.fits : 0", d="datum.sign == 'decline' ? datum.fits : 0"
    )
    counted = fitting.transform_aggregate(n="sum(fits)", g="sum(g)", d="sum(d)")
    told = counted.transform_calculate(
        sentence=f"datum.n == 0 ? '{NONE_FITS}' : 'Of ' + format(datum.n, ',.0f') + ' comparisons ' + "
        "format(datum.g / datum.n, '.0%') + ' show growth and ' + format(datum.d / datum.n, '.0%') + ' decline.'"
    )
    return [bars, figures.readout_of(told, "sentence")]


def _growth_controls() -> list[alt.Parameter]:
    """The choices of a reader."""
    panels = {
        ANY: "all three ways",
        "raw": "whoever reports",
        "constant": "same in both years",
        "balanced": "same in every year",
    }
    menus = {
        "indicator": ("Count", NAMES),
        "panel": ("Countries", panels),
        "out": ("Largest reporter", {ANY: "in or out", IN: "in", OUT: "out"}),
    }
    ranges = {"least": ("Years apart, at least", 3, 12), "last": ("Last year, at most", 2010, 2022)}
    bindings = {
        name: alt.binding_select(name=label, options=list(options), labels=list(options.values()))
        for name, (label, options) in menus.items()
    } | {
        name: alt.binding_range(name=label, min=low, max=high, step=1)
        for name, (label, low, high) in ranges.items()
    }
    return [alt.param(name=name, value=DEFAULTS[name], bind=bind) for name, bind in bindings.items()]


def draw_growth(curve: Curve) -> Figure:
    """Live: the shares of signs among the specifications that the reader keeps."""
    rows = compact(curve)
    return figures.live(
        alt.layer(*_growth_layers(rows)).add_params(*_growth_controls()).properties(height=150),
        name="estimates-growth",
        title="Whether it grows depends on what is counted, and whose",
        subtitle="Share of comparisons in which the count surely grew, surely fell, "
        "or is left open by counts that UNODC hides",
        alt="Two bars for detected victims: nearly all comparisons show growth, few decline; "
        "the row of the undetermined is empty.",
        source=UNODC + f". The largest reporters are {', '.join(sorted(set(curve.largest.values())))}.",
        data=rows,
        apart="The rule reads an interval of the share over countries, known for the declared choices alone.",
        checks=[(dict(setting), sentence(curve, setting)) for setting in SETTINGS],
    )


# ---------------------------------------------------------------- other countries

DRAWS, SEED = 2000, 1
CLAIMED = {"victims": VICTIMS, "convictions": CONVICTED}


def resampled(curve: Curve) -> dict[str, growth.Resampled]:
    """Which specifications of victims and of convictions grow, with the countries drawn anew."""
    return {
        name: growth.resample(curve.clean, curve.of(indicator), sign="growth", draws=DRAWS, seed=SEED)
        for name, indicator in CLAIMED.items()
    }


def words_on_resampling(curve: Curve, drawn: Mapping[str, growth.Resampled]) -> dict[str, str]:
    """How far the shares hang on which countries are in the table, and the growth of the median country."""
    median = growth.median_annual_growth(curve.clean, VICTIMS, 2010, 2019)
    victims, convicted = drawn["victims"].share(), drawn["convictions"].share()

    def one_digit(share: float) -> str:
        return percent(share, 1)

    return {
        "draws": count(DRAWS),
        "convicted_resampled": interval(convicted.low, convicted.high),
        "victims_resampled": interval(victims.low, victims.high),
        "countries": count(median.countries),
        "median": interval(median.estimate_low, median.estimate_high, one_digit),
        "median_interval": interval(median.low, median.high, one_digit),
    }


def words_on_india(curve: Curve) -> dict[str, str]:
    """The growth of convictions with India and without, in the same choices.

    A comparison in which India is not in the panel excludes nobody and is left out.
    """
    rows = curve.computed[curve.computed.indicator == CONVICTED].set_index(["panel", "bound", "start", "end"])
    signs = {excluded: rows.sign[rows.excluding == excluded] for excluded in (NOBODY, "IND")}
    pairs = pd.concat(signs, axis=1, join="inner")
    return {
        "india_enters": count(len(pairs)),
        "with_india": percent((pairs[NOBODY] == "growth").mean()),
        "without_india": percent((pairs["IND"] == "growth").mean()),
    }
