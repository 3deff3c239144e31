"""How certain a verdict is: a grade from four domains, in the manner of GRADE, computed from declared fields.

Every verdict starts at high certainty. Each domain may take away steps and says why: how directly the evidence
measures what the sentence says, how many independent sources were read in the original, whether sampling error or
one item more could move a part, and how many changes of a number leave the verdict. The scheme follows the GRADE
working group (Guyatt et al. 2008, doi:10.1136/bmj.39489.470347.AD), in the domains that declared fields can decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from compendium.evidence import numbers, tables
from compendium.trial.claims import Claim, Sources
from compendium.trial.rules import CONTRADICTED, OPEN, SUPPORTED, UNTESTABLE, ClaimError, Numbers
from compendium.trial.verdicts import Verdict

HIGH, MODERATE, LOW, VERY_LOW = "high", "moderate", "low", "very low"
GRADES = (VERY_LOW, LOW, MODERATE, HIGH)
STEPS = {"direct": 0, "indirect": 1, "distant": 2}
WELL_FOUNDED = 2  # independent sources read, from which on none more is asked for
MOSTLY, HALF = 0.8, 0.5  # shares of changes that leave the verdict
DECIDED = {SUPPORTED, CONTRADICTED}
READ = ("read", "confirmed")
_MEASURED = ("yes or no", "US dollars", "years")  # whole numbers that count no items


@dataclass(frozen=True)
class Domain:
    """One domain of certainty: its name, the steps that it takes away, and the reason in words."""

    name: str
    steps: int
    reason: str


@dataclass(frozen=True)
class Certainty:
    """The grade of a verdict and what each domain took away; `word` is high, moderate, low or very low."""

    word: str
    domains: tuple[Domain, ...]

    @property
    def dots(self) -> int:
        """The grade as one to four dots."""
        return GRADES.index(self.word) + 1


def grade(claim: Claim, verdict: Verdict) -> Certainty | None:
    """Return the certainty of a verdict; None where nothing can be tested, or no grounds are declared."""
    if claim.grounds is None or verdict.verdict == UNTESTABLE:
        return None
    domains = (_directness(claim), _sources(claim), _precision(claim, verdict), _robustness(verdict))
    return Certainty(GRADES[max(0, 3 - sum(domain.steps for domain in domains))], domains)


def _directness(claim: Claim) -> Domain:
    assert claim.grounds is not None
    return Domain(
        "directness", STEPS[claim.grounds.directness], f"{claim.grounds.directness}: {claim.grounds.because}"
    )


def _sources(claim: Claim) -> Domain:
    """Independent sources read in the original: none takes two steps away, a single one takes one."""
    assert claim.grounds is not None
    read = sorted({name for declared in claim.grounds.sources for name in read_sources(declared)})
    reason = f"{numbers.in_words(len(read))} {'source was' if len(read) == 1 else 'sources were'} read"
    if not read:
        reason = "no source was read in the original"
    return Domain("sources", max(0, WELL_FOUNDED - len(read)), reason)


def read_sources(declared: Sources) -> set[str]:
    """Return the distinct entries of a column over the rows that were read; a cell may name several by `;`."""
    frame = tables.read(declared.table)
    for column, wanted in declared.where.items():
        allowed = wanted if isinstance(wanted, list) else [wanted]
        if column not in frame:
            raise ClaimError(f"certainty: table {declared.table} has no column {column!r}")
        frame = frame[frame[column].astype(str).isin([str(item) for item in allowed])]
    if "status" in frame:
        frame = frame[frame["status"].isin(READ)]
    cells = frame[declared.by].dropna().astype(str).unique()
    return {name.strip() for cell in cells for name in cell.split(";") if name.strip()}


def _precision(claim: Claim, verdict: Verdict) -> Domain:
    assert claim.grounds is not None
    open_parts = [name for name, word in verdict.parts.items() if word == OPEN]
    match claim.grounds.precision:
        case "exact":
            return Domain("precision", 0, "a text says so or does not; nothing is estimated")
        case "none":
            return Domain("precision", 1, "no interval can be made from what was printed")
        case "interval" if open_parts:
            return Domain("precision", 1, f"sampling error leaves undecided: {_within(open_parts)}")
        case "interval":
            return Domain("precision", 0, "the intervals lie wholly on one side of the rule's lines")
    if moved := sorted(set(_one_item_more_or_less(claim, verdict.numbers, verdict.parts))):
        return Domain("precision", 1, f"one item more or less would change: {_within(moved)}")
    return Domain("precision", 0, "one item more or less changes nothing")


def _within(names: list[str]) -> str:
    """Names of parts within a sentence: that of a claim with one part is a sentence and brings its own stop."""
    return "; ".join(name.rstrip(".") for name in names)


def _one_item_more_or_less(claim: Claim, found: Numbers, words: Mapping[str, str]) -> Iterator[str]:
    """The parts that change when one counted number is one larger or one smaller."""
    for name, number in claim.numbers.items():
        value = found[name]
        if value is None or number.tolerance or number.unit in _MEASURED:
            continue
        for step in (-1, 1):
            if value + step < 0:
                continue
            for part in claim.parts:
                try:
                    word = part.decide({**found, name: value + step})
                except (ClaimError, ZeroDivisionError):
                    continue
                if {word, words[part.name]} & DECIDED and word != words[part.name]:
                    yield part.name


def _robustness(verdict: Verdict) -> Domain:
    """Of the alternatives, and pairs of them, that move a number: under how many the verdict stays."""
    singles, pairs = verdict.survives, verdict.pairs_survive
    tried = singles[1] + pairs[1]
    if not tried:
        return Domain("robustness", 1, "no other way to count that moves a number was declared")
    share = (singles[0] + pairs[0]) / tried
    steps = 0 if share >= MOSTLY else 1 if share >= HALF else 2
    reason = f"the verdict stays under {kept(*singles)}"
    if pairs[1]:
        reason += f", and under {pairs[0]} of {pairs[1]} pairs of them"
    return Domain("robustness", steps, reason)


def kept(same: int, total: int) -> str:
    """Return in words under how many of the other ways to count, at least one, something stays."""
    if total == 1:
        return f"{'the one' if same else 'no'} other defensible way to count"
    few = {0: "none", total: "all"}.get(same, numbers.in_words(same))
    return f"{few} of {numbers.in_words(total)} other defensible ways to count"
