"""Prison sentences named in the words of a source."""

from __future__ import annotations

import re


def listed_years(text: str, after: str) -> tuple[int, ...]:
    """Sentences in years that `text` lists behind the words `after`, in their order: "15, 10 and 5 years".

    The list ends with the word "years". Raises ValueError if the words or the list are not there.
    """
    found = re.search(re.escape(after) + r"[^\d]*((?:\d+(?:, | and ))*\d+) years", text)
    if not found:
        raise ValueError(f"sentences: expected {after!r} and a list of years; found {text!r}")
    return tuple(int(years) for years in re.findall(r"\d+", found.group(1)))
