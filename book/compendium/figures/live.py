"""Live figures: one Altair chart whose parameters the reader sets; its first state is the printed form.

A live figure says its answer in words through a layer made by `readout`; the page shows that sentence above
the drawing and announces it whenever a control moves.
"""

from __future__ import annotations

import html
import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from compendium.figures import edges, faces, living, palette
from compendium.figures.drawing import Figure, FigureError, finish

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

STATIC_WIDTH = 560
READOUT = "readout"
MIN_CHECKS = 2

_READOUT_MARK: dict[str, Any] = {
    "align": "left",
    "baseline": "line-bottom",
    "fontSize": 14,
    "lineBreak": "\n",
    "limit": 4000,
}
_READOUT_PLACE: dict[str, Any] = {"x": {"value": 0}, "y": {"value": -14}}

# The page and the printed form measure text in the same face.
FONT = ", ".join(faces.STACK)

CONFIG: dict[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "axis": {
        "labelColor": palette.MUTED,
        "titleColor": palette.MUTED,
        "gridColor": palette.GRID,
        "domainColor": palette.MUTED,
        "tickColor": palette.GRID,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "titleFontWeight": "normal",
        "labelLimit": 220,
        "labelSeparation": 8,  # of two labels that would touch one is left out
    },
    "legend": {
        "labelColor": palette.INK,
        "titleColor": palette.MUTED,
        "labelFontSize": 13,
        "titleFontSize": 13,
        "orient": "bottom",
        "labelLimit": 260,
    },
    "header": {"labelColor": palette.INK, "titleColor": palette.MUTED, "labelFontSize": 13},
    "text": {"color": palette.INK, "fontSize": 13},
    "title": {"color": palette.INK, "fontSize": 13, "anchor": "start"},
    "view": {"stroke": None},
    "line": {"color": palette.ACCENT, "strokeWidth": 2.5},
    "point": {"color": palette.ACCENT, "filled": True, "opacity": 1, "size": 70},
    "bar": {"color": palette.ACCENT},
    "rule": {"color": palette.MUTED},
    "area": {"color": palette.STEPS[1]},
    "range": {"category": list(palette.SERIES), "ordinal": list(palette.STEPS)},
}


def readout(expression: str) -> alt.Chart:
    """Return the layer that says the answer: a Vega expression that gives one sentence.

    Layer it with the drawing. Expressions may use the figure's parameters.
    """
    import altair as alt

    layer = alt.Chart(alt.Data(values=[{}])).mark_text(**_READOUT_MARK)
    return layer.encode(text=alt.value(alt.expr(expression)), **_READOUT_PLACE).properties(name=READOUT)


def readout_of(chart: alt.Chart, field: str) -> alt.Chart:
    """Return the layer that says a sentence found in the data: `chart` keeps one row, `field` holds the sentence.

    Wrap long sentences with `wrapped`, so that the printed form shows them whole.
    """
    return chart.mark_text(**_READOUT_MARK).encode(text=f"{field}:N", **_READOUT_PLACE).properties(name=READOUT)


def on_paper(words: alt.Chart) -> list[alt.Chart]:
    """Return the two layers of words that a line may cross: paper around their letters, then the letters.

    The paper hides what lies below it in the drawing, and is heard by nobody.
    """
    import altair as alt

    around = {
        "color": palette.PAPER,
        "stroke": palette.PAPER,
        "strokeWidth": 5,
        "strokeJoin": "round",
        "aria": False,
    }
    paper = words.copy()
    paper.mark = alt.MarkDef(**{**words.mark.to_dict(), **around})
    return [paper, words]


def wrapped(sentence: str, width: int = 78) -> str:
    """Return a sentence broken into lines that fit the printed width of a live figure."""
    return "\n".join(textwrap.wrap(sentence, width))


def live(
    chart: alt.TopLevelMixin,
    *,
    name: str,
    title: str,
    subtitle: str,
    alt: str,
    source: str,
    data: pd.DataFrame,
    checks: Sequence[tuple[Any, ...]],
    claim: str = "",
    numbers: Mapping[str, str] | None = None,
    apart: str = "",
    more: str = "",
) -> Figure:
    """Finish a chart whose parameters are bound to labelled controls.

    The state with the parameters' first values is drawn here and stands where scripts do not run: in print,
    before loading, for a screen reader. `checks` pairs settings with the sentence that the method module gives
    for them: the chart is run at each and must say the same, so that its formula cannot drift from the module's.
    `claim` names the claim whose verdict hangs on the figure, `numbers` the numbers of its rule that the figure
    moves, each a Vega expression (see `living.say_numbers`); a check may give a third item, the numbers by the
    method. Without a claim the figure says that no verdict hangs on it, and `apart` says why not. `more` is
    data (JSON) that the page loads when a control is first moved.
    Raises FigureError if nothing can be set, a control has no label, the figure does not say its answer in a
    `readout` layer, says something else than a check expects, uses what a strict page cannot run, or writes a
    transform into a field that its rows already have.
    """
    if bool(claim) != bool(numbers) or (claim and apart):
        raise FigureError(
            f"figure {name}: give a claim with the numbers that it moves, or say why none hangs on it"
        )
    spec = themed(chart)
    edges.edge_spec(spec, name)
    living.say_numbers(spec, numbers or {}, READOUT)
    _check_spec(name, spec)
    _check_answers(name, spec, checks)
    svg = draw(spec)
    text = json.dumps(fluid(spec), separators=(",", ":"), sort_keys=True)
    return finish(
        name=name,
        title=title,
        subtitle=subtitle,
        alt=alt,
        source=source,
        data=data,
        svg=living.without_numbers(svg),
        spec=text,
        claim=claim,
        numbers=living.numbers_in(svg),
        apart=apart,
        more=more,
    )


def _check_spec(name: str, spec: dict[str, Any]) -> None:
    """Refuse what a page could not run or what would leave a reader without a label or an answer."""
    for trap, instead in _NOT_UNDER_STRICT_POLICY.items():
        if re.search(trap, _text({key: item for key, item in spec.items() if key != "datasets"})):
            raise FigureError(
                f"figure {name}: found {trap}, which a page with a strict policy cannot run; {instead}"
            )
    for field in _overwritten(spec, spec.get("datasets", {})):
        raise FigureError(
            f"figure {name}: a transform writes into the field {field!r} that its rows already have; "
            "write into a new name, or it reads its own answer at the next touch"
        )
    bound = [param for param in _params(spec) if "bind" in param]
    if not bound:
        raise FigureError(f"figure {name}: nothing in it can be set; use figures.static")
    for param in bound:
        controls = param["bind"] if _is_projection(param["bind"]) else {"": param["bind"]}
        if any(isinstance(control, dict) and not control.get("name") for control in controls.values()):
            raise FigureError(f"figure {name}: the control {param['name']!r} has no label; give its binding a name")
    if f'"name": "{READOUT}"' not in json.dumps(spec):
        raise FigureError(f"figure {name}: it does not say its answer; add a figures.readout layer")


def _check_answers(name: str, spec: dict[str, Any], checks: Sequence[tuple[Any, ...]]) -> None:
    """Run the chart at every checked setting: its sentence, and its numbers if they are given, are the method's."""
    if len(checks) < MIN_CHECKS:
        raise FigureError(f"figure {name}: {len(checks)} checks of its formula; at least {MIN_CHECKS} are needed")
    answering = _answering(spec)
    for settings, expected, *moved in checks:
        drawn = draw(set_to(answering, settings))
        for given in moved:
            living.check(name, f"at {settings}", living.numbers_in(drawn), given)
        found = spoken(drawn)
        if found != " ".join(expected.split()):
            raise FigureError(
                f"figure {name}: at {settings} the method says {expected!r}, the chart says {found!r}; "
                "mend the chart's expression"
            )


def _answering(spec: dict[str, Any]) -> dict[str, Any]:
    """The part of a chart that says its answer: without the marks, a third of the time to draw."""
    if "layer" not in spec or any("select" in param for param in _params(spec)):  # a selection is made on marks
        return spec
    says = [one for one in spec["layer"] if f'"name": "{READOUT}"' in json.dumps(one) or _params(one)]
    return {**spec, "layer": says}


def at(chart: alt.TopLevelMixin | dict[str, Any] | str, **settings: Any) -> str:
    """Return the sentence that a live figure says when its parameters are set to `settings`.

    The chart is run by the same Vega that runs in the reader's browser, so a test can compare its formula
    with the function it mirrors. Raises FigureError if a setting names no parameter.
    """
    spec = json.loads(chart) if isinstance(chart, str) else chart
    return spoken(draw(set_to(spec if isinstance(spec, dict) else themed(spec), settings)))


def set_to(spec: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a specification with its parameters at `settings`; FigureError if one names no parameter."""
    spec = _copied(spec)
    params = {param["name"]: param for param in _params(spec)}
    for setting, value in settings.items():
        if setting not in params:
            raise FigureError(f"no parameter {setting!r}; the figure has: {', '.join(sorted(params))}")
        params[setting]["value"] = json.loads(_text(value))
        params[setting].pop("expr", None)
    return spec


def spoken(drawn: str) -> str:
    """The sentence that a drawing says; FigureError if it has no place for one."""
    spoken = re.search(rf'<g[^>]*class="[^"]*\b{READOUT}_marks\b[^"]*"[^>]*>(.*?)</g>', drawn, re.DOTALL)
    if not spoken:
        raise FigureError("the figure has no readout layer")
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", spoken.group(1)).split()))


def themed(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """Return the Vega-Lite specification of a chart in the theme of the book, with stable names."""
    spec: dict[str, Any] = chart.to_dict(validate=True)
    spec["config"] = _merged(CONFIG, {k: v for k, v in spec.get("config", {}).items() if k != "view"})
    return _stable(spec)


def draw(spec: dict[str, Any]) -> str:
    """Return the SVG of a specification at its printed width."""
    import vl_convert

    faces.tell_vega()
    printed = _copied(spec)
    _set_width(printed, STATIC_WIDTH)
    return vl_convert.vegalite_to_svg(printed)


def fluid(spec: dict[str, Any]) -> dict[str, Any]:
    """Return the specification that fills the width of its container, where Vega-Lite can do so."""
    fluid_spec = _copied(spec)
    _shrink_readout(fluid_spec)
    if not {"hconcat", "vconcat", "concat", "facet", "repeat"} & set(fluid_spec):
        _set_width(fluid_spec, "container")
        fluid_spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    return fluid_spec


def _shrink_readout(spec: Any) -> None:
    """Let the sentence take no room in the drawing: on the page it stands above it as text."""
    if isinstance(spec, list):
        for item in spec:
            _shrink_readout(item)
    elif isinstance(spec, dict):
        if spec.get("name") == READOUT:
            spec["mark"]["fontSize"] = 0.1
            spec["encoding"]["y"] = {"value": 0}
        for item in spec.values():
            _shrink_readout(item)


def _set_width(spec: dict[str, Any], width: int | str) -> None:
    if "layer" in spec or "mark" in spec:
        spec["width"] = width


def _params(spec: Any) -> list[dict[str, Any]]:
    """All parameters of a specification, wherever they stand."""
    if isinstance(spec, list):
        return [param for item in spec for param in _params(item)]
    if not isinstance(spec, dict):
        return []
    own = [param for param in spec.get("params", []) if isinstance(param, dict)]
    return own + [
        param for key, item in spec.items() if key not in ("params", "datasets") for param in _params(item)
    ]


# Aggregates and the like make new rows; these change the rows that the next touch reads again.
_IN_PLACE = ("calculate", "joinaggregate", "window", "timeUnit", "bin", "stack", "lookup", "impute")


def _overwritten(spec: Any, datasets: dict[str, Any], fields: frozenset[str] = frozenset()) -> Iterator[str]:
    """The fields that a transform writes though its rows have them; `fields` are those of the rows from above."""
    if isinstance(spec, list):
        for item in spec:
            yield from _overwritten(item, datasets, fields)
    elif isinstance(spec, dict):
        if isinstance(spec.get("data"), dict):
            rows = spec["data"].get("values", datasets.get(spec["data"].get("name", "")))
            fields = frozenset().union(*rows) if isinstance(rows, list) else frozenset()
        for step in spec.get("transform", []):
            written = frozenset(_written(step))
            if any(kind in step for kind in _IN_PLACE):
                yield from sorted(written & fields)
            fields = written | (frozenset(step.get("groupby", [])) if "aggregate" in step else fields)
        for key, item in spec.items():
            if key not in ("data", "datasets", "params", "transform"):
                yield from _overwritten(item, datasets, fields)


def _written(step: Any) -> Iterator[str]:
    """The names that a transform gives to what it makes, wherever it says `as`."""
    if isinstance(step, list):
        for item in step:
            yield from _written(item)
    elif isinstance(step, dict):
        for key, item in step.items():
            if key == "as":
                yield from [item] if isinstance(item, str) else item
            else:
                yield from _written(item)


def _copied(spec: Any) -> Any:
    """A copy whose every part may be changed but the data, which are large and shared."""
    if isinstance(spec, list):
        return [_copied(item) for item in spec]
    if isinstance(spec, dict):
        return {key: item if key in ("datasets", "values") else _copied(item) for key, item in spec.items()}
    return spec


def _is_projection(bind: Any) -> bool:
    return isinstance(bind, dict) and "input" not in bind and "element" not in bind


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merged(merged[key], value) if both else value
    return merged


def _text(value: Any) -> str:
    """JSON of a specification or a setting; numpy's numbers become plain ones."""
    return json.dumps(value, sort_keys=True, default=lambda number: number.item())


# Drawn here by Vega's own code, on the page by its interpreter of expressions: these differ between the two.
_NOT_UNDER_STRICT_POLICY = {
    r"\bNaN\b": "write 0 / 0",
    r'"type": "(csv|tsv|dsv)"': "give the rows as a data frame",
}
_COUNTED = re.compile(r"\b(view|param)_(\d+)\b")


def _stable(spec: dict[str, Any]) -> dict[str, Any]:
    """Renumber Altair's running view and parameter names, which depend on what was drawn before."""
    text = _text(spec)
    order: dict[str, str] = {}
    for found in _COUNTED.finditer(text):
        order.setdefault(found.group(), f"{found.group(1)}_{len(order) + 1}")
    return json.loads(_COUNTED.sub(lambda found: order[found.group()], text))
