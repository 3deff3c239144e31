"""Math as MathML: no script, no font and no picture is loaded to read it."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# latex2mathml writes these operators as identifiers, which lose their spacing.
_OPERATORS = re.compile(r"<mi>(&#x(?:000B1|0007E|0230A|0230B|02308|02309|027C2|02016|02026|029F5|0003A);)</mi>")


def to_mathml(tex: str, display: str = "inline") -> str:
    """Turn TeX into MathML.

    Args:
        tex: TeX without delimiters.
        display: ``inline`` or ``block``.

    Raises:
        ValueError: a command is unknown, or the TeX is malformed.
    """
    from latex2mathml.converter import convert

    tex = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", tex)
    try:
        mathml = convert(tex, display=display)
        tree = ElementTree.fromstring(mathml)
    except Exception as error:  # the library raises a dozen unrelated types
        raise ValueError(f"malformed ({type(error).__name__})") from error
    for element in tree.iter():
        if (element.text or "").startswith("\\"):
            raise ValueError(f"unknown command {element.text}")
        if element.tag.endswith("}mfrac") and len(element) != 2:
            raise ValueError("a fraction without numerator or denominator")
    return _OPERATORS.sub(r"<mo>\1</mo>", mathml)


def _mathml_or_warning(node: nodes.Element, display: str) -> str:
    tex = node.astext()
    if display == "block":
        parts = [part for part in tex.split("\n\n") if part.strip()]
        if len(parts) > 1:
            tex = r"\begin{split}" + r"\\".join(parts) + r"\end{split}"
        elif r"\\" in tex and r"\begin" not in tex:
            tex = r"\begin{split}" + tex + r"\end{split}"
    try:
        return to_mathml(tex, display)
    except ValueError as error:
        logger.warning(
            "math: %s in %r; use commands that latex2mathml knows",
            error,
            node.astext(),
            location=node,
            type="offline",
            subtype="math",
        )
        return f"<code>{html.escape(tex)}</code>"


def _visit_math(self: HTML5Translator, node: nodes.math) -> None:
    from docutils.nodes import SkipNode

    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_mathml_or_warning(node, "inline") + "</span>")
    raise SkipNode


def _visit_display_math(self: HTML5Translator, node: nodes.math_block) -> None:
    from docutils.nodes import SkipNode

    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(_mathml_or_warning(node, "block") + "</div>\n")
    raise SkipNode


def register(app: Sphinx) -> None:
    """Let Sphinx write math as MathML."""
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_display_math, None))
