"""One sentence for a live figure and for its check: Vega fills the gaps of a template here, Python there."""

from __future__ import annotations

import string


def in_vega(template: str, **expressions: str) -> str:
    """Return the Vega expression that says a template of `str.format`, each gap filled by an expression.

    Raises KeyError for a gap without an expression.
    """
    parts = []
    for text, gap, _, _ in string.Formatter().parse(template):
        if text:
            quoted = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
            parts.append(f"'{quoted}'")
        if gap is not None:
            parts.append(expressions[gap])
    return " + ".join(parts)


def in_python(template: str, **words: str) -> str:
    """Return the sentence that a template says with these words, on one line as a check compares it."""
    return template.format(**words).replace("\n", " ")
