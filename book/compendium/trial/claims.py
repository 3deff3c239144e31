"""The claims on trial, as `data/claims.yml` declares them: quotes, questions, numbers and rules."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from compendium.evidence import paths
from compendium.trial.rules import CONTRADICTED, OPEN, SUPPORTED, UNTESTABLE, ClaimError, Numbers, Rule, combine

MAX_QUOTE_WORDS = 14
MAX_FINDING_WORDS = 12
# Who answers for a claim: the essay itself; the essay when it reports what others said or did; those whom it
# criticises; or this book, which asks further. Claims of the book are for nobody and against nobody.
HOLDERS = ("essay", "essay reports", "discourse", "book")
SIDES = {"essay": "essay", "essay reports": "essay", "discourse": "discourse", "book": ""}
# Published numbers alone; texts that readers sorted by a written rule, and code counted; weighed by judgement.
BASES = ("computed", "coded", "judged")
DIRECTNESS = ("direct", "indirect", "distant")
PRECISION = ("interval", "bounds", "assumed", "counts", "exact", "none")
FILE = "file"


@dataclass(frozen=True)
class Part:
    """One part of a claim, with the rules that decide it."""

    name: str
    supported: Rule
    contradicted: Rule
    testable: Rule | None = None

    def decide(self, numbers: Numbers) -> str:
        """Return the verdict on this part alone."""
        if self.testable and not self.testable.holds(numbers):
            return UNTESTABLE
        supported, contradicted = self.supported.holds(numbers), self.contradicted.holds(numbers)
        if supported and contradicted:
            raise ClaimError(f"part {self.name!r} meets both of its rules; they must exclude each other")
        return SUPPORTED if supported else CONTRADICTED if contradicted else OPEN

    @property
    def rules(self) -> dict[str, Rule]:
        """The rules by the name they have in `claims.yml`."""
        rules = {"testable": self.testable, "supported": self.supported, "contradicted": self.contradicted}
        return {name: rule for name, rule in rules.items() if rule}


@dataclass(frozen=True)
class Number:
    """What a number of a claim means, its unit, and how far a recomputation may differ."""

    meaning: str
    unit: str
    tolerance: float


@dataclass(frozen=True)
class Sources:
    """The rows of a table that the rule of a claim counts, and who answers for them: the independent sources.

    `where` keeps the rows whose columns have the value, one of several, or a number within `from` and `to`, as the
    rule itself does. `by` names the column whose entries tell who answers; with `voices` an entry belongs to the
    voice, one of its keys, whose beginnings it has, so that two texts of one office are one source. Entries with a
    beginning in `besides` are no source. `columns` takes the sources of these columns from the descriptor instead.
    `read` says where it stands whether a row was read: nothing, in its own `status`; `file`, the table is the
    publisher's own file; `{by: column, of: table}`, in the `status` of the row of that table that the column names.
    """

    table: str
    by: str = "source"
    where: Mapping[str, Any] = field(default_factory=dict)
    voices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    besides: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    read: str | Mapping[str, str] = ""


@dataclass(frozen=True)
class Grounds:
    """What the certainty of a verdict is computed from, with the reasons that a reader sees.

    `directness`: does the evidence measure what the sentence says (direct), something near it (indirect) or
    something else from which it is inferred (distant)? `precision`: what leaves a number open: sampling error, as
    an `interval` in the rules; what was not published, as `bounds`; what is `assumed`; one item more or less, in
    `counts` of sources or items; nothing, in an `exact` text; or `none` where an interval would be due.
    """

    directness: str
    because: str
    sources: tuple[Sources, ...]
    precision: str


@dataclass(frozen=True)
class Claim:
    """A claim as declared: in the essay's words, as a question, and as rules.

    `made_at` says where the sentence stands. `finding` (at most twelve words) and `found` tell what was found, with
    numbers as `{name}`, or `{alternative.name}` for a number under an alternative. Parts of `context` are decided
    beside the verdict and do not count in it. `interval` names the numbers that are the ends of the key number's
    interval, if there are such. `changed` says why its rules or its verdict are not those of before,
    `counting` how its numbers count since, where that changed and the rule's text did not.
    """

    id: str
    title: str
    chapter: str
    part: int
    holder: str
    basis: str
    quote: str
    claim: str
    question: str
    datasets: tuple[str, ...]
    numbers: Mapping[str, Number]
    key_number: str
    parts: tuple[Part, ...]
    alternatives: Mapping[str, str]
    would_change_it: str
    made_at: str = ""
    finding: str = ""
    found: str = ""
    interval: tuple[str, str] | None = None
    grounds: Grounds | None = None
    context: tuple[Part, ...] = ()
    changed: str = ""
    counting: str = ""

    @property
    def side(self) -> str:
        """Whose record the verdict stands on: the essay's, the discourse's, or nobody's (empty)."""
        return SIDES[self.holder]

    def decide(self, numbers: Numbers) -> tuple[str, dict[str, str]]:
        """Return the verdict and the verdict of each part; `rules.combine` says how one follows from the others."""
        by_part = {part.name: part.decide(numbers) for part in self.parts}
        return combine(by_part.values()), by_part


@dataclass(frozen=True)
class Registry:
    """All claims, chapters and parts of the book."""

    claims: Mapping[str, Claim]
    chapters: Mapping[str, Mapping[str, Any]]
    parts: Mapping[int, str]

    def __getitem__(self, claim_id: str) -> Claim:
        if claim_id not in self.claims:
            raise ClaimError(f"no claim {claim_id!r} in claims.yml; known: {', '.join(self.claims)}")
        return self.claims[claim_id]

    def of_chapter(self, chapter: str) -> list[Claim]:
        """The claims that a chapter must answer."""
        return [claim for claim in self.claims.values() if claim.chapter == chapter]


@functools.cache
def registry() -> Registry:
    """The registry of the book, read once."""
    return load(paths.DATA / "claims.yml")


def load(path: Path) -> Registry:
    """Read and check a registry; raise ClaimError naming the claim and the defect."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except FileNotFoundError:
        raise ClaimError(f"{path.name}: missing at {path}; restore it from git") from None
    except yaml.YAMLError as error:
        raise ClaimError(f"{path.name}: not valid YAML: {' '.join(str(error).split())}") from None
    for key in ("parts", "chapters", "claims"):
        if key not in raw:
            raise ClaimError(f"{path.name}: the key {key!r} is missing")
    claims: dict[str, Claim] = {}
    for entry in raw["claims"]:
        claim_id = entry.get("id", "a claim without id")
        try:
            claim = _claim(entry, raw["chapters"])
        except ClaimError as error:
            raise ClaimError(f"claim {claim_id}: {error}") from None
        if claim.id in claims:
            raise ClaimError(f"claim {claim.id}: the id stands twice; ids are permanent and unique")
        claims[claim.id] = claim
    return Registry(claims, raw["chapters"], raw["parts"])


class _UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which a key written twice is an error instead of a silent overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]  # type: ignore[no-untyped-call]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} stands twice", node.start_mark)
        return super().construct_mapping(node, deep)


_REQUIRED = (
    "id title chapter holder basis quote claim question datasets numbers key_number alternatives would_change_it"
).split()
_OPTIONAL = ("made_at", "finding", "found", "interval", "certainty", "context", "changed", "counting")
_RULES = ("testable", "supported", "contradicted")


def _claim(entry: dict[str, Any], chapters: Mapping[str, Any]) -> Claim:
    missing = [key for key in _REQUIRED if key not in entry]
    if missing:
        raise ClaimError(f"the field {missing[0]!r} is missing")
    unknown = set(entry) - set(_REQUIRED) - set(_OPTIONAL) - {"parts", *_RULES}
    if unknown:
        raise ClaimError(f"unknown field {sorted(unknown)[0]!r}; known: {', '.join(_REQUIRED)}, parts, rules")
    for key, allowed in (("holder", HOLDERS), ("basis", BASES), ("chapter", tuple(chapters))):
        if entry[key] not in allowed:
            raise ClaimError(f"{key} is {entry[key]!r}; expected one of {', '.join(allowed)}")
    words = len(entry["quote"].split())
    if words > MAX_QUOTE_WORDS:
        raise ClaimError(f"the quote has {words} words; at most {MAX_QUOTE_WORDS} may be quoted")
    numbers = {name: Number(**spec) for name, spec in entry["numbers"].items()}
    if entry["key_number"] not in numbers:
        raise ClaimError(f"key_number {entry['key_number']!r} is not one of its numbers: {', '.join(numbers)}")
    words = len(entry.get("finding", "").split())
    if words > MAX_FINDING_WORDS:
        raise ClaimError(f"the finding has {words} words; at most {MAX_FINDING_WORDS} fit where it is shown")
    for key in ("finding", "found"):
        named = {name for _, name, _, _ in Formatter().parse(entry.get(key, "")) if name}
        labels = {f"{label}." for label in entry["alternatives"]}
        _check_names(key, {name.rpartition(".")[2] if _label(name) in labels else name for name in named}, numbers)
    _check_names("interval", set(entry.get("interval", ())), numbers)
    parts = tuple(_part(raw, numbers) for raw in entry.get("parts", [{"name": entry["claim"], **_rules_of(entry)}]))
    return Claim(
        **{key: entry[key] for key in _REQUIRED if key not in ("numbers", "datasets")},
        **{key: entry[key] for key in ("made_at", "finding", "found", "changed", "counting") if key in entry},
        part=chapters[entry["chapter"]]["part"],
        datasets=tuple(entry["datasets"]),
        numbers=numbers,
        parts=parts,
        interval=tuple(entry["interval"]) if "interval" in entry else None,
        grounds=_grounds(entry["certainty"]) if "certainty" in entry else None,
        context=tuple(_part(raw, numbers) for raw in entry.get("context", [])),
    )


def _grounds(raw: Mapping[str, Any]) -> Grounds:
    """The declared grounds of certainty, checked."""
    for key, allowed in (("directness", DIRECTNESS), ("precision", PRECISION)):
        if raw.get(key) not in allowed:
            raise ClaimError(f"certainty: {key} is {raw.get(key)!r}; expected one of {', '.join(allowed)}")
    if not raw.get("because"):
        raise ClaimError("certainty: the reason `because` is missing; say why the evidence is that direct")
    sources = tuple(_sources(entry) for entry in raw.get("sources", []))
    return Grounds(raw["directness"], raw["because"], sources, raw["precision"])


def _sources(raw: Mapping[str, Any]) -> Sources:
    """One declaration of sources, checked: no field unknown, and no entry that could belong to two voices."""
    known = set(Sources.__dataclass_fields__)
    if unknown := sorted(set(raw) - known):
        raise ClaimError(f"certainty: unknown field {unknown[0]!r} of sources; known: {', '.join(sorted(known))}")
    if "table" not in raw:
        raise ClaimError("certainty: sources name no table")
    for asked in raw.get("where", {}).values():
        if isinstance(asked, dict) and (not asked or set(asked) - {"from", "to"}):
            raise ClaimError(f"certainty: where asks for {asked}; a range has `from`, `to` or both")
    read = raw.get("read", "")
    if read not in ("", FILE) and (not isinstance(read, dict) or set(read) != {"by", "of"}):
        raise ClaimError(f"certainty: read is {read!r}; expected {FILE}, or the fields by and of")
    voices = {name: tuple(beginnings) for name, beginnings in raw.get("voices", {}).items()}
    besides = tuple(raw.get("besides", ()))
    every = [beginning for beginnings in (*voices.values(), besides) for beginning in beginnings]
    for at, beginning in enumerate(every):
        for other in every[at + 1 :]:
            if beginning.startswith(other) or other.startswith(beginning):
                raise ClaimError(f"certainty: {beginning!r} and {other!r} can begin one entry; make them unlike")
    return Sources(**{**raw, "voices": voices, "besides": besides, "columns": tuple(raw.get("columns", ()))})


def _label(name: str) -> str:
    """The alternative under which a sentence names a number, with its point; empty if it names none."""
    return name[: name.rfind(".") + 1]


def _check_names(key: str, names: set[str], numbers: Mapping[str, Number]) -> None:
    if unknown := sorted(names - set(numbers)):
        raise ClaimError(f"{key} names {unknown[0]!r}, which is not one of its numbers: {', '.join(numbers)}")


def _rules_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: entry[key] for key in _RULES if key in entry}


def _part(raw: Mapping[str, Any], numbers: Mapping[str, Number]) -> Part:
    for key in ("name", "supported", "contradicted"):
        if key not in raw:
            raise ClaimError(f"the rule {key!r} is missing")
    rules = {key: Rule(str(text)) for key, text in _rules_of(raw).items()}
    for key, rule in rules.items():
        unknown = sorted(rule.names - set(numbers))
        if unknown:
            raise ClaimError(
                f"the rule {key!r} names {unknown[0]!r}, which is not one of its numbers: {', '.join(numbers)}"
            )
        _check_evaluates(rule)
    return Part(name=raw["name"], **rules)


def _check_evaluates(rule: Rule) -> None:
    try:
        rule.holds(dict.fromkeys(rule.names, 0.5))
    except ZeroDivisionError:
        pass  # only these trial numbers divide by zero
