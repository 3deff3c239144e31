"""One template, said by Vega and by Python."""

from __future__ import annotations

import pytest

from compendium import figures
from compendium.figures.wording import in_python, in_vega

TEMPLATE = "It's {much}% of {what};\n{verdict}."


def test_gaps_become_expressions_and_text_becomes_quoted() -> None:
    said = in_vega(TEMPLATE, much="share", what="'all'", verdict="(share > 50 ? 'most' : 'little')")
    assert said == r"'It\'s ' + share + '% of ' + 'all' + ';\n' + (share > 50 ? 'most' : 'little') + '.'"
    assert in_vega("nothing to fill") == "'nothing to fill'"


def test_a_gap_that_nobody_fills_is_refused() -> None:
    with pytest.raises(KeyError, match="what"):
        in_vega(TEMPLATE, much="share")


@pytest.mark.parametrize(("share", "verdict"), [(20, "little"), (80, "most")])
def test_vega_says_what_python_says(share: int, verdict: str) -> None:
    import altair as alt

    control = alt.param(name="share", value=20, bind=alt.binding_range(name="Share", min=0, max=100))
    said = in_vega(TEMPLATE, much="share", what="'all'", verdict="(share > 50 ? 'most' : 'little')")
    chart = alt.layer(figures.readout(said)).add_params(control)
    assert figures.at(chart, share=share) == in_python(TEMPLATE, much=str(share), what="all", verdict=verdict)
