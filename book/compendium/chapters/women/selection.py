"""Against other samples, and what selection alone could do to a share of women."""

from __future__ import annotations

from typing import Any

import pandas as pd

from compendium import figures
from compendium.chapters.women.held import STUDY, Held, fact
from compendium.evidence import tables
from compendium.evidence.numbers import count, decimal, in_words, interval, listing, percent
from compendium.figures import palette
from compendium.figures.lazily import alt
from compendium.methods.shares import sexratio
from compendium.methods.shares.proportions import Interval

LABELS = {
    "keo": "Cambodia, interviewed",
    "aic": "Australia 2004–12, convicted",
    "baxter": "Australia 2004–17, convicted",
    "khm-2019h1": "Cambodia 2019, suspects",
    "khm-2025h1-trafficking": "Cambodia 2025, suspects",
    "khm-2025h1-sex-trade": "Cambodia 2025, sex trade",
    "blue-dragon": "Viet Nam 2012–20, prosecuted",
    "unodc-2022": "World 2020, convicted",
    "bjs-2024-narrow": "US 2022, defendants",
    "bjs-2011": "US 2008–10, suspects",
    "wijkman": "Netherlands 2011–15, suspects",
    "bjs-2024-all": "US 2022, wider offences",
}
FIRST = {"traffick": 40, "caught": 6, "asked": 1}


def compared() -> pd.DataFrame:
    """Samples of traffickers by id: label, n, women's share with its interval; the largest share first."""
    rows = tables.read("trafficker_samples").set_index("id")
    ranges = {key: _range_of(row) for key, row in rows.iterrows() if not pd.isna(row.n)}
    printed = rows.women_share_percent
    labels = [LABELS.get(str(key), str(sample)) for key, sample in rows["sample"].items()]
    found = pd.DataFrame({"sample": labels, "iso3": rows.iso3, "women": rows.women, "n": rows.n})
    found["share"] = [ranges[key].estimate if key in ranges else printed[key] / 100 for key in rows.index]
    for end in ("low", "high"):
        found[end] = [getattr(ranges.get(key), end, None) for key in rows.index]
    return found.sort_values("share", ascending=False)


def _range_of(row: Any) -> Interval:
    women = None if pd.isna(row.women) else int(row.women)
    printed = f"{row.women_share_percent:g}" if women is None else None
    return sexratio.sample_interval(int(row.n), women, printed)


def words_on_samples(samples: pd.DataFrame) -> dict[str, str]:
    """Women's share among Cambodian suspects, with the ends of its intervals, and in three other samples."""
    suspects = samples[samples.iso3.eq("KHM") & samples.index.str.startswith("khm-")].sort_index()
    return {
        "suspects_counts": listing(
            [f"{count(some)} of {count(n)}" for some, n in zip(suspects.women, suspects.n, strict=True)]
        ),
        "suspects_share": interval(suspects.share.min(), suspects.share.max()),
        "suspects_low": percent(suspects.low.min()),
        "suspects_high": percent(suspects.high.max()),
        "vietnam": percent(samples.share["blue-dragon"]),
        "world": percent(samples.share["unodc-2022"]),
        "dutch": percent(samples.share["wijkman"]),
    }


def table_of_victims_view() -> pd.DataFrame:
    """Whom victims name: shares of victims whose perpetrators were men only, women only, or both."""
    seen = tables.read("perpetrators_sex_by_victims")
    words = {"all": "whoever exploited them", "recruiter_or_broker": "recruiters and brokers"}
    shares = {
        title: [percent(share) for share in seen[column] / seen.victims]
        for column, title in (("men_only", "men only"), ("women_only", "women only"), ("both_sexes", "both"))
    }
    place = seen.exploited_in.str.capitalize().where(
        seen.purpose == "all", seen.exploited_in.str.capitalize() + ", sexual"
    )
    table = pd.DataFrame({"Victims exploited in": place, "They name as": seen.perpetrator_role.map(words)} | shares)
    table = table.assign(**{"Victims who answered": [count(number) for number in seen.victims]})
    return table.set_index("Victims exploited in")


def words_on_victims_view() -> dict[str, str]:
    """The share of victims who name a woman, alone or with men: among all perpetrators, and among recruiters."""
    seen = tables.read("perpetrators_sex_by_victims")
    named = (seen.women_only + seen.both_sexes) / seen.victims
    groups = {"world": ("world", "all"), "sexual": ("asia", "sexual_exploitation")}
    roles = {"named": "all", "recruiters": "recruiter_or_broker"}
    return {
        f"{who}_{where}": percent(
            named[seen.exploited_in.eq(place) & seen.purpose.eq(purpose) & seen.perpetrator_role.eq(role)].item()
        )
        for where, (place, purpose) in groups.items()
        for who, role in roles.items()
    }


def draw_samples(study: Held, samples: pd.DataFrame) -> figures.Figure:
    """Draw women's share in every sample, with its interval where the size was seen."""
    drawing, axis = figures.canvas(height=0.27 * len(samples) + 0.9)
    for place, row in enumerate(samples.itertuples()):
        _draw_sample(axis, place, row)
    axis.set(yticks=range(len(samples)), xlim=(0, 1), ylim=(len(samples) - 0.4, -0.6), xlabel="Women’s share")
    axis.set_yticklabels(samples["sample"])
    axis.xaxis.set_major_formatter(lambda value, _: percent(value))
    axis.grid(axis="y", visible=False)
    least, most = samples.share.iloc[-1], samples.share.iloc[1]
    return figures.static(
        drawing,
        name="women-samples",
        title=f"In {in_words(len(samples) - 1)} other groups of traffickers {interval(least, most)} are women, in "
        f"the study {percent(study.share)}",
        subtitle="Dot: women's share; line: how far chance may have moved it (95% interval). At the right, n: how "
        "many people were counted; hollow dot: that number was not seen",
        alt=f"{in_words(len(samples)).capitalize()} samples as dots with intervals. The study in Cambodia stands "
        f"at {percent(study.share)}; the others lie between {percent(least)} and {percent(most)}.",
        source="Publishers as named in the table trafficker_samples, partly restated. The two Australian samples "
        "overlap; the share in Viet Nam is printed as men being three fifths.",
        data=samples.drop(columns="iso3").reset_index(names="id").round(4),
    )


def _draw_sample(axis: Any, place: int, row: Any) -> None:
    colour = palette.SECOND if row.Index == "keo" else palette.THIRD if row.iso3 == "KHM" else palette.ACCENT
    seen = not pd.isna(row.n)
    if not pd.isna(row.low):
        axis.plot([row.low, row.high], [place, place], color=colour, lw=2)
    axis.plot([row.share], [place], "o", color=colour, ms=7, mfc=colour if seen else "none")
    size = f"n {count(row.n)}" if seen else "n not seen"
    axis.text(1.0, place, size, va="center", ha="right", color=palette.MUTED)


# ---------------------------------------------------------------- the reader's own selection


def _seen(among: str) -> str:
    """Women's share among the interviewed, as a Vega expression: selection multiplies the odds."""
    return f"({among} * caught * asked / ({among} * caught * asked + 1 - {among}))"


def _selection_for_vega(share: float) -> str:
    """The sentence of the figure as a Vega expression."""
    odds = f"{share / (1 - share)!r} / ((traffick / 100) / (1 - traffick / 100))"
    return (
        f"'With ' + traffick + '% women among traffickers,\\n' + format({_seen('(traffick / 100)')}, '.1%')"
        f" + ' of the interviewed are women;\\n' + 'the study\\'s {percent(share, 1)} needs the two\\n"
        f"factors multiplied to be ' + format({odds}, ',.1f') + '.'"
    )


def _selection_in_words(share: float, traffick: float, caught: float, asked: float) -> str:
    """What the method says at one setting of the figure."""
    seen = sexratio.selected_share(traffick / 100, caught, asked)
    needed = sexratio.ratio_between(traffick / 100, share)
    return (
        f"With {traffick}% women among traffickers, {percent(seen, 1)} of the interviewed are women; the study's "
        f"{percent(share, 1)} needs the two factors multiplied to be {decimal(needed)}."
    )


def _controls() -> list[alt.Parameter]:
    bindings = {
        "traffick": alt.binding_range(min=5, max=95, step=5, name="Women among traffickers (%)"),
        "caught": alt.binding_range(min=0.5, max=20, step=0.5, name="Women held, times as often as men"),
        "asked": alt.binding_range(min=0.5, max=3, step=0.25, name="Women interviewed, times as often"),
    }
    return [alt.param(name=name, value=FIRST[name], bind=binding) for name, binding in bindings.items()]


def _selection_layers(share: float, curve: pd.DataFrame) -> list[alt.Chart]:
    """The line of no selection, the reader's curve, the study's share, and the reader's point."""
    unit = alt.Scale(domain=[0, 1])
    whole = alt.Axis(format="%", tickCount=6)
    base = alt.Chart(curve)
    across = alt.X("true:Q", scale=unit, axis=whole, title="Women among those who traffic")
    equal = base.mark_line(color=palette.MUTED, strokeDash=[4, 4], strokeWidth=1.5)
    yours = base.transform_calculate(interviewed=_seen("datum.true"))
    one = alt.Chart(alt.Data(values=[{}])).transform_calculate(
        true="traffick / 100", interviewed=_seen("(traffick / 100)"), printed=str(share)
    )
    label = one.mark_text(color=palette.SECOND, align="left", dx=4, dy=-11, text=f"the study: {percent(share)}")
    printed = alt.Y("printed:Q", scale=unit)
    return [
        equal.encode(x=across, y=alt.Y("true:Q", scale=unit)),
        yours.mark_line(color=palette.ACCENT, strokeWidth=3).encode(
            x=across, y=alt.Y("interviewed:Q", scale=unit, axis=whole, title="Among the interviewed")
        ),
        one.mark_rule(color=palette.SECOND, strokeWidth=2).encode(y=printed),
        *figures.on_paper(label.encode(y=printed, x=alt.value(0))),
        one.mark_point(color=palette.ACCENT, size=160, opacity=1).encode(
            x=alt.X("true:Q", scale=unit), y=alt.Y("interviewed:Q", scale=unit)
        ),
    ]


def draw_selection(study: Held) -> figures.Figure:
    """Let the reader set the share of women among traffickers and how selection treats them."""
    share = study.share
    curve = pd.DataFrame({"true": [step / 100 for step in range(0, 101, 2)]})
    inner = curve.true[1:-1]
    needed = [sexratio.ratio_between(value, share) for value in inner]
    settings = [(40, 6, 1), (5, 20, 3), (80, 1, 1), (95, 0.5, 0.5), (50, 2.5, 1.75)]
    at_first = sexratio.selected_share(FIRST["traffick"] / 100, FIRST["caught"])
    answer = figures.readout(_selection_for_vega(share))
    chart = alt.layer(*_selection_layers(share, curve), answer).add_params(*_controls())
    return figures.live(
        chart.properties(height=280),
        name="women-selection",
        title=f"The study's {percent(share)} could arise whether few or many of those who traffic are women",
        subtitle="Across: women's share among all who traffic, which nobody knows. Upwards: their share among the "
        "interviewed. Curve and dot: at your settings; dashed: if women and men are held and interviewed "
        "equally often",
        alt=f"A curve rises from none to all. With {FIRST['traffick']}% women among traffickers, held "
        f"{FIRST['caught']} times as often as men, about {percent(at_first)} of the interviewed are women, the "
        "study's share.",
        source=f"{STUDY}. Own calculation: being held so many times as often multiplies the odds by that number.",
        data=pd.DataFrame({"women_among_traffickers": inner, "ratio_needed": needed}).round(3),
        apart="It asks what unequal arrests could do; the verdict uses bounds that hold whatever they did.",
        checks=[
            ({"traffick": t, "caught": c, "asked": a}, _selection_in_words(share, t, c, a)) for t, c, a in settings
        ],
    )


def words_on_selection(study: Held, samples: pd.DataFrame) -> dict[str, str]:
    """How many times as often women would have to be held, and what can be seen of selection elsewhere."""
    world = samples.share["unodc-2022"]
    pair, _business = float(fact("U09a")) / 100, float(fact("U09b")) / 100
    structured = float(fact("U09c", "value_high")) / 100
    return {
        "ratio_at_half": decimal(sexratio.ratio_between(0.5, study.share)),
        "ratio_at_world": decimal(sexratio.ratio_between(world, study.share)),
        "world_share": percent(world),
        "pair": percent(pair),
        "structured": percent(structured),
        "suspects": f"{fact('U12a')}%",
        "convicted": f"{fact('U12c')}%",
        "countries_more_women": f"{fact('U07a')}%",
    }
