"""Another cause: how strong it would have to be, how strong the measured ones are, and a figure to try one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from compendium import figures
from compendium.chapters.leverage.models import MAIN, Main, two
from compendium.chapters.leverage.panel import SOURCE, Panel
from compendium.evidence.numbers import decimal, in_words, times
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.figures.wording import in_python, in_vega
from compendium.methods.law import confounding
from compendium.methods.law.confounding import EValue

NAMES = {
    "Europe": "in Europe",
    "Oceania": "in Oceania",
    "ratified": "UN protocol ratified",
    "democracy": "more democratic half",
    "log_income": "richer half",
    "nearest_laws": "more laws among neighbours",
}
COMMON, LIKELY = "Times as common in one group as in the other", "Times as likely to pass a law"
STRONGEST_DRAWN = 6  # ratio at which the axes end


@dataclass(frozen=True)
class Confounding:
    """The main estimate as an approximate ratio of risks, what would explain it away, and the measured causes.

    `measured` has one row for each, the strongest first: the columns of `confounding.benchmarks`, name, common and
    likely (the same two ratios, also where below one), and feigns (it would feign an effect, not hide one).
    """

    ratio: float
    low: float
    high: float
    needed: EValue
    measured: pd.DataFrame

    @property
    def strongest(self) -> pd.Series:
        """The measured cause that could move the ratio most."""
        return self.measured.iloc[0]

    @property
    def oceania(self) -> pd.Series:
        """The measured cause that would feign an effect most."""
        return self.measured[self.measured.label == "Oceania"].iloc[0]


def confounders(panel: Panel, main: Main) -> Confounding:
    """Weigh the main estimate against causes that were not measured, and measure those that were."""
    ends = main.ratio.estimate, main.ratio.low, main.ratio.high
    ratio, low, high = (confounding.risk_ratio(end, "hazard") for end in ends)
    measured = confounding.benchmarks(panel.years, MAIN).sort_values("bias", ascending=False)
    names = measured.label.where(measured.covariate == "region", measured.covariate)
    keys = zip(measured.covariate, measured.label, strict=True)
    read = [confounding.directed_ratios(main.fitted, covariate, label) for covariate, label in keys]
    measured = measured.assign(
        name=[NAMES.get(name, f"in {name}") for name in names],
        common=[common for common, _ in read],
        likely=[likely for _, likely in read],
        feigns=[(common > 1) == (likely > 1) for common, likely in read],
    )
    return Confounding(ratio, low, high, confounding.e_value(*ends), measured)


def words_on_confounders(main: Main, found: Confounding) -> dict[str, str]:
    """How strong another cause would have to be, and how strong the measured ones are."""
    rows = main.fitted.rows
    there = rows[rows.region == "Oceania"].placed
    return {
        "e_value": decimal(found.needed.estimate),
        "e_limit": decimal(found.needed.limit),
        "strongest_exposure": times(found.strongest.exposure_ratio),
        "strongest_outcome": times(found.strongest.outcome_ratio),
        "risk_ratio": two(found.ratio),
        "oceania_exposure": times(found.oceania.common),
        "oceania_outcome": times(found.oceania.likely),
        "oceania_placed": in_words(int(there.sum())),
        "oceania_unplaced": in_words(int((1 - there).sum())),
    }


# ---------------------------------------------------------------- the sentence on the page, and its check

ANSWER = "With such a cause the ratio of chances, {ratio}, could be as low as\n{left} ({low} to {high}):\n{verdict}"
GONE = "the whole effect could be its work."
OPEN = "the interval could include no effect."
LEFT = "an effect would remain."
BOUNDING_FACTOR = "(common * likely / (common + likely - 1))"


def answer_in_vega(found: Confounding) -> str:
    """What the figure says, as an expression over the two controls."""
    left, low, high = (f"{end:.6f} / {BOUNDING_FACTOR}" for end in (found.ratio, found.low, found.high))
    return in_vega(
        ANSWER.replace("{ratio}", two(found.ratio)),
        left=f"format({left}, '.2f')",
        low=f"format({low}, '.2f')",
        high=f"format({high}, '.2f')",
        verdict=f"({left} < 1 ? '{GONE}' : {low} <= 1 ? '{OPEN}' : '{LEFT}')",
    )


def answer(found: Confounding, common: float, likely: float) -> str:
    """The same sentence by the bound of the method."""
    factor = confounding.bounding_factor(common, likely)
    left, low, high = (end / factor for end in (found.ratio, found.low, found.high))
    verdict = GONE if left < 1 else OPEN if low <= 1 else LEFT
    words = {"left": two(left), "low": two(low), "high": two(high)}
    return in_python(ANSWER, ratio=two(found.ratio), verdict=verdict, **words)


SETTINGS = ((1.5, 1.5), (1.0, 6.0), (2.0, 1.6), (3.0, 3.0), (4.7, 2.6))


# ---------------------------------------------------------------- drawing


def edges(found: Confounding) -> pd.DataFrame:
    """The two borders: pairs of ratios (a, b) that take the estimate, and its interval, to no effect."""
    return pd.concat(
        [
            _edge(found.ratio, "explains the estimate away"),
            _edge(found.low, "takes the interval to no effect"),
        ]
    ).round(4)


def _edge(bias: float, words: str) -> pd.DataFrame:
    first = confounding.outcome_ratio_needed(STRONGEST_DRAWN, bias) + 1e-4
    a = np.geomspace(first, STRONGEST_DRAWN, 60)
    return pd.DataFrame({"a": a, "b": confounding.outcome_ratio_needed(a, bias), "line": words})


def draw_confounder(found: Confounding) -> figures.Figure:
    """A cause that the reader sets, against the borders beyond which the effect is gone."""
    controls = [
        alt.param(name=name, value=1.5, bind=alt.binding_range(name=words, min=1, max=STRONGEST_DRAWN, step=0.1))
        for name, words in (("common", COMMON), ("likely", LIKELY))
    ]
    chart = alt.layer(*_layers(found), figures.readout(answer_in_vega(found)))
    settings = [{"common": common, "likely": likely} for common, likely in SETTINGS]
    needed = times(found.needed.estimate)
    return figures.live(
        chart.add_params(*controls).properties(height=300),
        name="leverage-confounder",
        title=f"To explain all, a hidden cause must be {needed} as common among the badly rated and make a law "
        f"{needed} as likely",
        subtitle="How much more common a hidden cause is among badly rated countries, and how much likelier it "
        "makes a law. Diamond: the one that you set; circles: causes that were measured and held equal, empty if "
        "they make the effect look smaller and full if they make it look larger",
        alt="Two falling curves. The lower is where the interval reaches no effect, "
        "the upper where the estimate is explained away. Most measured causes lie below both; "
        f"being in Europe, {times(found.strongest.exposure_ratio)} as common among the others, "
        "lies above both and is hollow, as it makes the effect look smaller. "
        f"Being in Oceania, {times(found.oceania.common, 0)} as common among the badly rated, "
        "makes it look larger and lies off the chart.",
        source=SOURCE + "; bound of Ding and VanderWeele. Ratios below one are inverted. "
        "Oceania, with a ratio above six, is not drawn.",
        data=found.measured,
        apart="The verdict uses the result as it stands; this figure asks how much of it would remain if there "
        "were a cause that nobody measured.",
        checks=[(setting, answer(found, **setting)) for setting in settings],
    )


def _layers(found: Confounding) -> list[Any]:
    domain = alt.Scale(domain=[1, STRONGEST_DRAWN], nice=False)
    x = alt.X("a:Q", scale=domain, axis=alt.Axis(tickCount=6, grid=False), title=COMMON)
    y = alt.Y("b:Q", scale=domain, axis=alt.Axis(tickCount=6), title=LIKELY)
    borders = edges(found)
    hue = alt.Color(
        "line:N",
        scale=alt.Scale(domain=list(borders.line.unique()), range=[palette.SECOND, palette.ACCENT]),
        legend=alt.Legend(title="A cause this strong", columns=1, symbolType="stroke", titleLimit=300),
    )
    lines = alt.Chart(borders).mark_line().encode(x=x, y=y, color=hue)
    known = _measured_causes(found.measured)
    dots = known.mark_point(size=60, opacity=1, stroke=palette.MUTED).encode(
        x=x,
        y=y,
        fill=alt.condition("datum.feigns", alt.value(palette.MUTED), alt.value(palette.PAPER)),
        description="aloud:N",
        tooltip=[
            alt.Tooltip("name:N", title="Measured"),
            alt.Tooltip("among:Q", format=".2f", title=COMMON),
            alt.Tooltip("raises:Q", format=".2f", title=LIKELY),
        ],
    )
    europe = known.transform_filter("datum.name == 'in Europe'")
    tags = europe.mark_text(align="left", dx=8, dy=-8, color=palette.MUTED, aria=False)
    yours = (
        alt.Chart(alt.Data(values=[{}]))
        .transform_calculate(a="common", b="likely")
        .mark_point(size=190, opacity=1, filled=True, shape="diamond", color=palette.INK)
    )
    return [lines, dots, tags.encode(x=x, y=y, text="name:N"), yours.encode(x=x, y=y)]


def _measured_causes(measured: pd.DataFrame) -> Any:
    columns = {"exposure_ratio": "a", "outcome_ratio": "b", "common": "among", "likely": "raises"}
    rows = measured[["name", *columns, "feigns"]].rename(columns=columns).round(3)
    aloud = in_vega(
        "{name}: {among} times as common among the badly rated, {raises} times as likely to pass a law",
        name="datum.name",
        among="format(datum.among, '.2f')",
        raises="format(datum.raises, '.2f')",
    )
    drawn = alt.Chart(rows).transform_filter(f"datum.a <= {STRONGEST_DRAWN} && datum.b <= {STRONGEST_DRAWN}")
    return drawn.transform_calculate(aloud=aloud)
