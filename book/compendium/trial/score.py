"""How the two sides stand: verdicts counted by whose claims they are, and one sentence on the count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compendium.evidence.numbers import in_words, listing
from compendium.trial import certainty, rules
from compendium.trial.claims import registry
from compendium.trial.verdicts import Verdict

SIDES = ("discourse", "essay")
MADE = {
    "discourse": "claims that governments, agencies and the press make of trafficking",
    "essay": "claims that the essay makes",
}
# What became of a claim, by the words of its verdict: of one, of more than one, of none.
FATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "stood": {
        rules.SUPPORTED: ("stands in full", "stand in full"),
        rules.PARTLY: ("stands in part", "stand in part"),
    },
    "fell": {
        rules.CONTRADICTED: ("fails", "fail"),
        rules.PARTLY_AGAINST: ("fails in part", "fail in part"),
        rules.MIXED: ("holds in one part and fails in another", "hold in one part and fail in another"),
    },
    "open": {
        rules.OPEN: ("is not established", "are not established"),
        rules.UNTESTABLE: ("cannot be tested on what was published", "cannot be tested on what was published"),
    },
}
_NONE = {"stood": "none stands", "fell": "none fails", "open": "none is open"}


@dataclass(frozen=True)
class Score:
    """The verdicts on the claims of one side: how many claims have which word, in the order of `rules.VERDICTS`."""

    side: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """How many claims there are."""
        return sum(self.counts.values())

    @property
    def whole(self) -> int:
        """How many are supported in every part."""
        return self.counts.get(rules.SUPPORTED, 0)

    @property
    def part(self) -> int:
        """How many are supported in some part and contradicted in none."""
        return self.counts.get(rules.PARTLY, 0)

    @property
    def against(self) -> int:
        """How many are contradicted in whole or in part, or in one part while another stands."""
        return sum(self.counts.get(word, 0) for word in (rules.CONTRADICTED, rules.PARTLY_AGAINST, rules.MIXED))

    @property
    def undecided(self) -> int:
        """How many nobody has shown or can test."""
        return self.total - self.whole - self.part - self.against


def score(verdicts: Mapping[str, Verdict]) -> dict[str, Score]:
    """Return the score of each side; claims of the book are on neither."""
    found = {}
    for side in SIDES:
        words = [
            verdicts[claim.id].verdict
            for claim in registry().claims.values()
            if claim.side == side and claim.id in verdicts
        ]
        found[side] = Score(side, {word: words.count(word) for word in rules.VERDICTS if word in words})
    return found


def headline(scores: Mapping[str, Score]) -> str:
    """Return the finding of the book in one sentence, from the two counts alone."""
    return f"{_standing(scores)}, and {_left_open(scores)}."


def _standing(scores: Mapping[str, Score]) -> str:
    discourse, essay = (scores[side] for side in SIDES)
    if 2 * discourse.whole < discourse.total and 2 * essay.whole < essay.total:
        return "Neither the alarm about human trafficking nor the essay that answers it holds up as a whole"
    if discourse.whole * essay.total == essay.whole * discourse.total:
        return "The alarm about human trafficking and the essay that answers it hold up equally often"
    better = essay.whole * discourse.total > discourse.whole * essay.total
    if better:
        return "The essay holds up more often than the alarm about human trafficking that it criticises"
    return "The alarm about human trafficking holds up more often than the essay that answers it"


def _left_open(scores: Mapping[str, Score]) -> str:
    sides = list(scores.values())
    if all(0.4 <= side.undecided / side.total <= 0.6 for side in sides if side.total):
        return "about half of what each says is undecided"
    undecided, total = (
        sum(counts) for counts in zip(*((side.undecided, side.total) for side in sides), strict=True)
    )
    return f"{in_words(undecided)} of {in_words(total)} claims {'is' if undecided == 1 else 'are'} undecided"


def assurance(verdicts: Mapping[str, Verdict]) -> str:
    """Return one sentence on how certain the verdicts of both sides are that decide a claim at least in part."""
    grades: Counter[str] = Counter()
    for claim in registry().claims.values():
        verdict = verdicts.get(claim.id)
        if not claim.side or verdict is None or verdict.verdict in FATES["open"]:
            continue
        grade = certainty.grade(claim, verdict)
        grades[grade.word if grade else certainty.VERY_LOW] += 1
    if not grades:
        return "No claim is decided."
    told = [
        (grades[certainty.HIGH], "strong"),
        (grades[certainty.MODERATE], "moderate"),
        (grades[certainty.LOW] + grades[certainty.VERY_LOW], "thin"),
    ]
    said = listing([f"{word} for {in_words(n)}" for n, word in told if n])
    claims = "claim that is" if grades.total() == 1 else "claims that are"
    return f"Of {in_words(grades.total())} {claims} decided, if only in part, the evidence is {said}."


HOLDS, IN_PART, BREAKS = "holds", "holds in part", "breaks"


def link(words: Sequence[str]) -> str:
    """Return how a link of a chain of reasons holds, from the verdicts on the claims that it is made of.

    It breaks where most of them stand in no part, and holds where every one stands in full.
    """
    if 2 * sum(word not in (rules.SUPPORTED, rules.PARTLY, rules.MIXED) for word in words) > len(words):
        return BREAKS
    return HOLDS if set(words) == {rules.SUPPORTED} else IN_PART


def account(scored: Score) -> str:
    """Return one sentence on how the claims of a side fare."""
    told = [
        (scored.whole, "stands in full", "stand in full"),
        (scored.part, "stands in part", "stand in part"),
        (scored.against, "fails in some part or wholly", "fail in some part or wholly"),
        (scored.undecided, "is undecided", "are undecided"),
    ]
    if not scored.total:
        return "None was tried yet."
    said = [f"{in_words(n)} {one if n == 1 else many}" for n, one, many in told if n]
    return f"Of {in_words(scored.total)}, {listing(said)}."


def fate(scored: Score, of: str) -> str:
    """Return one sentence on how many claims of a side stood, fell or are open, as `of` says."""
    words = FATES[of]
    said = [
        f"{in_words(count)} {one if count == 1 else many}"
        for word, (one, many) in words.items()
        if (count := scored.counts.get(word, 0))
    ]
    return f"Of {in_words(scored.total)} {MADE[scored.side]}, {listing(said) if said else _NONE[of]}."
