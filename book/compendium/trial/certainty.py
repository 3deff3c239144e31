"""How certain a verdict is: a grade from four domains, in the manner of GRADE, computed from declared fields.

Every verdict starts at high certainty. Each domain may take away steps and says why: how directly the evidence
measures what the sentence says, how many independent sources of what the rule counts were read in the original,
whether sampling error, what was not published, what was assumed, or one item more could move a part, and how many
changes of a number leave the verdict. The scheme follows the GRADE
working group (Guyatt et al. 2008, doi:10.1136/bmj.39489.470347.AD), in the domains that declared fields can decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compendium.evidence import numbers, tables
from compendium.trial.claims import FILE, Claim, Sources
from compendium.trial.rules import CONTRADICTED, OPEN, SUPPORTED, UNTESTABLE, ClaimError, Numbers
from compendium.trial.verdicts import Verdict

if TYPE_CHECKING:
    import pandas as pd

HIGH, MODERATE, LOW, VERY_LOW = "high", "moderate", "low", "very low"
GRADES = (VERY_LOW, LOW, MODERATE, HIGH)
STEPS = {"direct": 0, "indirect": 1, "distant": 2}
# What leaves a number open that has two ends, and what its ends are called where nothing is left open.
OPENERS = {
    "interval": ("sampling error", "intervals"),
    "bounds": ("what was not published", "bounds"),
    "assumed": ("the range of assumptions", "ranges"),
}
JUDGEMENTS = "the range of judgements"
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
    how, because = claim.grounds.directness, claim.grounds.because
    return Domain("directness", STEPS[how], f"{how}: {because}")


def _sources(claim: Claim) -> Domain:
    """Independent sources read in the original: none takes two steps away, a single one takes one."""
    assert claim.grounds is not None
    read = sorted({name for declared in claim.grounds.sources for name in read_sources(declared)})
    reason = f"{numbers.in_words(len(read))} independent {'source was' if len(read) == 1 else 'sources were'} read"
    if not read:
        reason = "no independent source was read in the original"
    return Domain("sources", max(0, WELL_FOUNDED - len(read)), reason)


def read_sources(declared: Sources) -> set[str]:
    """Return who answers for the rows of a table that were read and that the rule of a claim counts.

    Raises ClaimError for a column that is not there, a row that does not tell whether it was read, an entry whose
    brackets do not close, and an entry of no voice or of none that is declared.
    """
    if declared.columns:
        fields = {entry["name"]: entry for entry in tables.describe(declared.table)["schema"]["fields"]}
        parts = [_column(declared, fields, name)["source"] for name in declared.columns]
    else:
        entries = _column(declared, rows(declared), declared.by).dropna().astype(str).unique()
        parts = [part for entry in entries for part in _parts(declared, entry)]
    return {voice for part in parts if (voice := _voice(declared, part))}


def rows(declared: Sources) -> pd.DataFrame:
    """Return the rows that were read and that the rule of a claim counts."""
    frame = tables.read(declared.table)
    for column, wanted in declared.where.items():
        cells = _column(declared, frame, column)
        if isinstance(wanted, Mapping):
            low, high = (float(wanted.get(end, limit)) for end, limit in (("from", "-inf"), ("to", "inf")))
            kept = cells.astype(float).between(low, high)
        else:
            allowed = wanted if isinstance(wanted, list) else [wanted]
            kept = cells.astype(str).isin([str(item) for item in allowed])
        frame = frame[kept]
    return frame if declared.read == FILE else frame[_status(declared, frame).isin(READ)]


def _status(declared: Sources, frame: pd.DataFrame) -> pd.Series:
    """How each row was read: its own word, or that of the row of another table which it names."""
    if isinstance(declared.read, Mapping):
        other = tables.read(declared.read["of"])
        status = other.set_index(other.columns[0])["status"]
        return _column(declared, frame, declared.read["by"]).map(status)
    if "status" not in frame:
        raise ClaimError(f"certainty: table {declared.table} has no status; say in `read` where it stands")
    return frame["status"]


def _column(declared: Sources, where: Any, name: str) -> Any:
    if name not in where:
        raise ClaimError(f"certainty: table {declared.table} has no column {name!r}")
    return where[name]


def _parts(declared: Sources, entry: str) -> list[str]:
    """An entry split at each `;` outside brackets."""
    parts, depth = [""], 0
    for letter in entry:
        depth += (letter in "([") - (letter in ")]")
        if depth < 0:
            break
        if letter == ";" and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    if depth:
        raise ClaimError(f"certainty: table {declared.table}: the brackets of {entry!r} do not close")
    return [part.strip() for part in parts if part.strip()]


def _voice(declared: Sources, part: str) -> str:
    """Who answers for a part of an entry; empty if it is no source."""
    if part.startswith(declared.besides):
        return ""
    if not declared.voices:
        return part
    for voice, beginnings in declared.voices.items():
        if part.startswith(beginnings):
            return voice
    raise ClaimError(f"certainty: table {declared.table}: {part!r} belongs to no voice of {[*declared.voices]}")


def _precision(claim: Claim, verdict: Verdict) -> Domain:
    assert claim.grounds is not None
    open_parts = [name for name, word in verdict.parts.items() if word == OPEN]
    match claim.grounds.precision:
        case "exact":
            return Domain("precision", 0, "a text says so or does not; nothing is estimated")
        case "none":
            return Domain("precision", 1, "no interval can be made from what was printed")
        case "interval" | "bounds" | "assumed" as kind:
            cause, ends = OPENERS[kind]
            if open_parts:
                cause = JUDGEMENTS if claim.basis == "judged" else cause
                return Domain("precision", 1, f"{cause} leaves {_these(claim, open_parts, 'it')} undecided")
            return Domain("precision", 0, f"the {ends} lie wholly on one side of the rule's lines")
    if moved := sorted(set(_one_item_more_or_less(claim, verdict.numbers, verdict.parts))):
        return Domain("precision", 1, f"one item more or less would change {_these(claim, moved, 'the verdict')}")
    return Domain("precision", 0, "one item more or less changes nothing")


def _these(claim: Claim, parts: Sequence[str], whole: str) -> str:
    """Parts of a claim in quotes; of a claim that has but one, a word for the whole."""
    return whole if len(claim.parts) == 1 else numbers.listing([f"“{part}”" for part in parts])


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
    reason = kept(*singles)
    if pairs[1] == 1:
        reason += f"; the one pair that can be tried {'does too' if pairs[0] else 'does not'}"
    elif pairs[1]:
        few = {0: "none", pairs[1]: "all"}.get(pairs[0], numbers.in_words(pairs[0]))
        reason += f"; of {numbers.in_words(pairs[1])} pairs, {few} {'does' if pairs[0] <= 1 else 'do'}"
    return Domain("robustness", steps, reason)


def kept(same: int, total: int) -> str:
    """Return in words how many of the other ways to count, at least one, leave the verdict and its parts."""
    if total == 1:
        what = "leaves the verdict as it is" if same else "changes the verdict or a part of it"
        return f"the one other defensible way to count {what}"
    tried = numbers.in_words(total)
    every = "both" if total == 2 else f"all {tried}"
    few = {0: f"none of {tried}", total: every}.get(same, f"{numbers.in_words(same)} of {tried}")
    leave = "leaves" if same <= 1 else "leave"
    return f"{few} other defensible ways to count {leave} the verdict as it is"
