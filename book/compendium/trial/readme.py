"""The README's first screen: what the book finds in three sentences and a picture; and every verdict in a table.

All of it is written by `accept` from the verdicts, so that none of it can grow stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from compendium.evidence import paths
from compendium.figures import palette, seal
from compendium.trial import rules, score
from compendium.trial.claims import registry
from compendium.trial.verdicts import Verdict

PICTURE = Path("book") / "assets" / "finding.svg"
_TITLES = {"discourse": "What is said of trafficking", "essay": "What the essay says"}
_WIDTH, _BAR, _ROW, _TOP = 760, 34, 84, 26  # pixels of the picture; a row holds a title and a bar
_LEAST = 46  # of a piece: a seal and a number have room
_HUE = {
    rules.SUPPORTED: palette.FOR,
    rules.PARTLY: palette.FOR,
    rules.PARTLY_AGAINST: palette.AGAINST,
    rules.CONTRADICTED: palette.AGAINST,
}


def sentences(verdicts: Mapping[str, Verdict]) -> str:
    """Return what the book finds in three sentences: the finding, and how the claims of each side fare."""
    scores = score.score(verdicts)
    sides = [score.account(scored).replace(",", f" {score.MADE[side]},", 1) for side, scored in scores.items()]
    return "\n".join([score.headline(scores), *sides])


def table(verdicts: Mapping[str, Verdict]) -> str:
    """Return all claims with their verdicts as a Markdown table."""
    lines = ["| claim | holder | verdict |", "|---|---|---|"]
    for claim in registry().claims.values():
        word = verdicts[claim.id].verdict if claim.id in verdicts else rules.PENDING
        lines.append(f"| {claim.title} (`{claim.id}`) | {claim.holder} | {word} |")
    return "\n".join(lines)


def picture(verdicts: Mapping[str, Verdict]) -> str:
    """Return the claims of each side by verdict as a bar, with a key of the seals, as SVG."""
    scores = score.score(verdicts)
    shown = [word for word in rules.VERDICTS if any(word in scored.counts for scored in scores.values())]
    drawn = [_bar(scored, _TOP + _ROW * row) for row, scored in enumerate(scores.values())]
    key = _TOP + _ROW * len(scores)
    height = key + 22 * -(-len(shown) // 4)
    told = " ".join(sentences(verdicts).split())
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" '
        f'height="{height}" role="img" font-family="sans-serif" font-size="14">'
        f'<title>{told}</title><rect width="100%" height="100%" fill="{palette.PAPER}"/>'
        f"{''.join(drawn)}{''.join(_key(word, key, n) for n, word in enumerate(shown))}</svg>\n"
    )
    return palette.with_colours(drawing)


def _bar(scored: score.Score, top: float) -> str:
    title = f'<text x="12" y="{top - 8}" fill="{palette.INK}" font-weight="bold">{_TITLES[scored.side]}</text>'
    left, pieces = 12.0, []
    room = _WIDTH - 24 - _LEAST * len(scored.counts)
    for word, count in scored.counts.items():
        width = _LEAST + room * count / scored.total
        colour = _HUE.get(word, palette.NEITHER)
        pieces.append(
            f'<rect x="{left:.1f}" y="{top}" width="{width - 2:.1f}" height="4" fill="{colour}"/>'
            + _seal(word, left + 4, top + 11, 18)
            + f'<text x="{left + 27:.1f}" y="{top + _BAR - 9}" fill="{palette.INK}">{count}</text>'
        )
        left += width
    return title + "".join(pieces)


def _key(word: str, top: float, place: int) -> str:
    left, below = 12 + 184 * (place % 4), top + 22 * (place // 4)
    return (
        _seal(word, left, below - 14, 16)
        + f'<text x="{left + 22}" y="{below}" fill="{palette.MUTED}">{word}</text>'
    )


def _seal(word: str, left: float, top: float, size: int) -> str:
    place = f'x="{left:.1f}" y="{top}" width="{size}" height="{size}"'
    return f'<svg {place} viewBox="0 0 {seal.SIZE} {seal.SIZE}">{seal.inner(word)}</svg>'


def up_to_date(text: str, verdicts: Mapping[str, Verdict]) -> str:
    """Return the README with its sentences and its table brought up to date."""
    for name, part in (("finding", sentences(verdicts)), ("verdicts", table(verdicts))):
        start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(start)
        _, _, after = rest.partition(end)
        text = f"{before}{start}\n{part}\n{end}{after}"
    return text


def write(verdicts: Mapping[str, Verdict]) -> None:
    """Bring the README and its picture up to date, where there is a README."""
    readme = paths.ROOT / "README.md"
    if readme.exists():
        readme.write_text(up_to_date(readme.read_text(encoding="utf-8"), verdicts), encoding="utf-8")
        (paths.ROOT / PICTURE).write_text(picture(verdicts), encoding="utf-8")
