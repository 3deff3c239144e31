"""The claims on trial: registry, decision rules, verdicts.

`data/claims.yml` says in advance what would support and what would contradict each claim.
A chapter supplies the numbers through `conclude`; the rules supply the verdict.
"""

from __future__ import annotations

import ast
import functools
import itertools
import json
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from compendium import paths

MIME = "application/vnd.compendium.verdict+json"
MAX_QUOTE_WORDS = 14
HOLDERS = ("discourse", "essay")
BASES = ("computed", "judged")

SUPPORTED = "supported"
PARTLY = "partly supported"
OPEN = "not established"
CONTRADICTED = "contradicted"
UNTESTABLE = "not testable"
PENDING = "not yet tested"
VERDICTS = (SUPPORTED, PARTLY, OPEN, CONTRADICTED, UNTESTABLE, PENDING)

Numbers = Mapping[str, float | None]


class ClaimError(ValueError):
    """A claim, rule or verdict that cannot stand; the message is one line and names the claim."""


# ---------------------------------------------------------------- rules

_BINARY = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs}


@dataclass(frozen=True)
class Rule:
    """A decision rule: comparisons, arithmetic, `and`, `or`, `not`, `min`, `max`, `abs` over named numbers."""

    text: str

    @functools.cached_property
    def _tree(self) -> ast.expr:
        try:
            return ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            raise ClaimError(f"rule {self.text!r} is not an expression: {error.msg}") from None

    @property
    def names(self) -> set[str]:
        """The numbers that the rule mentions."""
        found = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        return found - set(_FUNCTIONS)

    def holds(self, numbers: Numbers) -> bool:
        """Return whether the rule is met; raise ClaimError if a number it needs is missing."""
        value = _evaluate(self._tree, numbers, self.text)
        if not isinstance(value, bool):
            raise ClaimError(f"rule {self.text!r} gives the number {value!r}; expected a yes or no")
        return value


def _evaluate(node: ast.expr, numbers: Numbers, text: str) -> Any:
    go = functools.partial(_evaluate, numbers=numbers, text=text)
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return value
        case ast.Name(id=name):
            number = numbers.get(name)
            if number is None:
                raise ClaimError(f"rule {text!r} needs the number {name!r}, which was not given")
            return number
        case ast.BinOp(left, op, right) if type(op) in _BINARY:
            return _BINARY[type(op)](go(left), go(right))
        case ast.UnaryOp(ast.USub(), operand):
            return -go(operand)
        case ast.UnaryOp(ast.Not(), operand):
            return not go(operand)
        case ast.BoolOp(ast.And(), values):
            return all(go(value) for value in values)
        case ast.BoolOp(ast.Or(), values):
            return any(go(value) for value in values)
        case ast.Compare(left, ops, comparators) if all(type(op) in _COMPARE for op in ops):
            values = [go(left), *(go(item) for item in comparators)]
            pairs = itertools.pairwise(values)
            return all(_COMPARE[type(op)](a, b) for op, (a, b) in zip(ops, pairs, strict=True))
        case ast.Call(ast.Name(id=name), args, []) if name in _FUNCTIONS:
            return _FUNCTIONS[name](*(go(arg) for arg in args))
    raise ClaimError(f"rule {text!r} uses {ast.unparse(node)!r}, which rules may not use")


# ---------------------------------------------------------------- registry


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
class Claim:
    """A claim as declared: in the essay's words, as a question, and as rules."""

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
    amended: bool = False  # a rule was changed after it was declared; the page Changes says how

    def decide(self, numbers: Numbers) -> tuple[str, dict[str, str]]:
        """Return the verdict and the verdict of each part.

        All parts supported: supported. Some: partly supported. None, and one contradicted: contradicted.
        No part testable: not testable. Otherwise: not established.
        """
        by_part = {part.name: part.decide(numbers) for part in self.parts}
        testable = [verdict for verdict in by_part.values() if verdict != UNTESTABLE]
        if not testable:
            verdict = UNTESTABLE
        elif all(v == SUPPORTED for v in by_part.values()):
            verdict = SUPPORTED
        elif SUPPORTED in testable:
            verdict = PARTLY
        elif CONTRADICTED in testable:
            verdict = CONTRADICTED
        else:
            verdict = OPEN
        return verdict, by_part


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


class _UniqueKeys(yaml.SafeLoader):
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
_RULES = ("testable", "supported", "contradicted")


def _claim(entry: dict[str, Any], chapters: Mapping[str, Any]) -> Claim:
    missing = [key for key in _REQUIRED if key not in entry]
    if missing:
        raise ClaimError(f"the field {missing[0]!r} is missing")
    unknown = set(entry) - set(_REQUIRED) - {"parts", "amended", *_RULES}
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
    parts = tuple(_part(raw, numbers) for raw in entry.get("parts", [{"name": entry["claim"], **_rules_of(entry)}]))
    return Claim(
        **{key: entry[key] for key in _REQUIRED if key not in ("numbers", "datasets")},
        part=chapters[entry["chapter"]]["part"],
        datasets=tuple(entry["datasets"]),
        numbers=numbers,
        parts=parts,
        amended=entry.get("amended") is True,
    )


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


# ---------------------------------------------------------------- verdicts


@dataclass(frozen=True)
class Verdict:
    """The verdict on a claim, with everything it rests on; shows itself as a card.

    `alternatives` gives the verdict under each declared alternative, `shifted` the parts whose verdict differs
    there, and `idle` the alternatives that change none of the numbers.
    """

    claim: str
    verdict: str
    parts: Mapping[str, str]
    numbers: Numbers
    alternatives: Mapping[str, str] = field(default_factory=dict)
    shifted: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    idle: tuple[str, ...] = ()
    reasons_for: tuple[str, ...] = ()
    reasons_against: tuple[str, ...] = ()

    @property
    def survives(self) -> tuple[int, int]:
        """How many declared alternatives leave the verdict and all its parts as they are; how many there are."""
        stands = [self.alternatives[a] == self.verdict and a not in self.shifted for a in self.alternatives]
        return sum(stands), len(stands)

    def as_dict(self) -> dict[str, Any]:
        """The verdict as plain data, as it travels in the notebook and in `verdicts.json`."""
        return json.loads(json.dumps(asdict(self)))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Verdict:
        """The inverse of `as_dict`."""
        listed = {key: tuple(data.get(key, ())) for key in ("idle", "reasons_for", "reasons_against")}
        return cls(**{**data, **listed})

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        shown = ", ".join(f"{name} = {value}" for name, value in self.numbers.items())
        return {MIME: self.as_dict(), "text/plain": f"{self.claim}: {self.verdict} ({shown})"}


def conclude(
    claim_id: str,
    /,
    *,
    alternatives: Mapping[str, Mapping[str, float | None]] | None = None,
    reasons_for: Iterable[str] = (),
    reasons_against: Iterable[str] = (),
    **numbers: float | None,
) -> Verdict:
    """Turn the numbers of a chapter into the verdict on a claim.

    `numbers` are exactly the numbers declared for the claim; None stands for what nobody has published,
    and is allowed only where no rule that is reached needs it. `alternatives` maps every declared
    alternative to the numbers that it changes. A judged claim lists its reasons for and against.
    Raises ClaimError naming the claim, what was expected and what was found.
    """
    claim = registry()[claim_id]
    clean = _clean(claim, numbers)
    changes = alternatives or {}
    if set(changes) != set(claim.alternatives):
        raise ClaimError(
            f"claim {claim.id}: alternatives declared: {_names(claim.alternatives)}; given: {_names(changes)}"
        )
    reasons = tuple(reasons_for), tuple(reasons_against)
    if claim.basis == "judged" and not all(reasons):
        raise ClaimError(f"claim {claim.id}: a judged verdict lists reasons for and against; one of them is empty")
    try:
        verdict, by_part = claim.decide(clean)
        other = {label: clean | _clean(claim, changes[label], whole=False) for label in claim.alternatives}
        decided = {label: claim.decide(numbers) for label, numbers in other.items()}
    except ClaimError as error:
        raise ClaimError(f"claim {claim.id}: {error}") from None
    moved = {
        label: {name: word for name, word in parts.items() if word != by_part[name]}
        for label, (_, parts) in decided.items()
    }
    return Verdict(
        claim.id,
        verdict,
        by_part,
        clean,
        {label: word for label, (word, _) in decided.items()},
        {label: parts for label, parts in moved.items() if parts},
        tuple(label for label in other if other[label] == clean),
        *reasons,
    )


def _clean(claim: Claim, numbers: Mapping[str, Any], whole: bool = True) -> dict[str, float | None]:
    """Plain rounded floats: verdicts must not differ in the last bits between machines."""
    unknown, missing = set(numbers) - set(claim.numbers), set(claim.numbers) - set(numbers)
    if unknown or (whole and missing):
        raise ClaimError(f"claim {claim.id}: numbers declared: {_names(claim.numbers)}; given: {_names(numbers)}")
    clean: dict[str, float | None] = {}
    for name, value in numbers.items():
        if value is not None and not math.isfinite(value):
            raise ClaimError(
                f"claim {claim.id}: {name} is {value!r}; expected a finite number, or None if unpublished"
            )
        clean[name] = None if value is None else float(f"{float(value):.6g}")
    return clean


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


# ---------------------------------------------------------------- published verdicts


@dataclass(frozen=True)
class Difference:
    """A difference between a published and a recomputed verdict; a `serious` one fails verification."""

    claim: str
    what: str
    published: str
    recomputed: str
    serious: bool

    def __str__(self) -> str:
        advice = (
            "if the change is intended, review it and run `make accept`" if self.serious else "within the verdict"
        )
        return (
            f"claim {self.claim}: {self.what}: published {self.published}, recomputed {self.recomputed}; {advice}"
        )


def _verdicts_file() -> Path:
    return paths.DATA / "verdicts.json"


def published() -> dict[str, Verdict]:
    """The committed verdicts of `data/verdicts.json`, by claim; empty if none were ever accepted."""
    if not _verdicts_file().exists():
        return {}
    try:
        raw = json.loads(_verdicts_file().read_text(encoding="utf-8"))
        return {
            claim_id: Verdict.from_dict({"claim": claim_id, **data}) for claim_id, data in raw["claims"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClaimError(
            f"{_verdicts_file().name}: cannot be read ({type(error).__name__}: {error}); restore it from git"
        ) from None


def accept(verdicts: Mapping[str, Verdict]) -> None:
    """Write `data/verdicts.json`, whole or not at all."""
    known = [claim_id for claim_id in registry().claims if claim_id in verdicts]
    claims = {
        claim_id: {k: v for k, v in verdicts[claim_id].as_dict().items() if k != "claim"} for claim_id in known
    }
    text = json.dumps({"schema": 1, "claims": claims}, indent=1, ensure_ascii=False) + "\n"
    draft = _verdicts_file().with_suffix(".json.draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(_verdicts_file())


def compare(before: Mapping[str, Verdict], after: Mapping[str, Verdict], claims: Iterable[str]) -> list[Difference]:
    """Compare published with recomputed verdicts for the named claims.

    A verdict that changed, or that stands on one side only, is serious; so is a changed number, part or
    alternative only if the verdict changed with it.
    """
    found: list[Difference] = []
    for claim_id in claims:
        old, new = before.get(claim_id), after.get(claim_id)
        if old is None and new is None:
            continue
        if old is None or new is None:
            found.append(
                Difference(
                    claim_id,
                    "verdict",
                    old.verdict if old else "none",
                    new.verdict if new else "none",
                    serious=True,
                )
            )
            continue
        if old.verdict != new.verdict:
            found.append(Difference(claim_id, "verdict", old.verdict, new.verdict, serious=True))
        for what, olds, news in (
            ("part", old.parts, new.parts),
            ("alternative", old.alternatives, new.alternatives),
            ("parts under alternative", old.shifted, new.shifted),
        ):
            found += [
                Difference(claim_id, f"{what} {name!r}", str(olds.get(name)), str(news.get(name)), serious=False)
                for name in sorted({*olds, *news})
                if olds.get(name) != news.get(name)
            ]
        for name in sorted({*old.numbers, *new.numbers}):
            a, b = old.numbers.get(name), new.numbers.get(name)
            declared = registry().claims[claim_id].numbers.get(name)
            if not _same(a, b, declared.tolerance if declared else 0.0):
                found.append(Difference(claim_id, f"number {name}", str(a), str(b), serious=False))
    return found


def _same(a: float | None, b: float | None, tolerance: float) -> bool:
    return a == b if a is None or b is None else abs(a - b) <= tolerance + 1e-9


# ---------------------------------------------------------------- summary for the README

_START, _END = "<!-- verdicts -->", "<!-- /verdicts -->"


def summary(verdicts: Mapping[str, Verdict]) -> str:
    """All claims with their verdicts as a Markdown table."""
    lines = ["| claim | holder | verdict |", "|---|---|---|"]
    for claim in registry().claims.values():
        word = verdicts[claim.id].verdict if claim.id in verdicts else PENDING
        lines.append(f"| {claim.title} (`{claim.id}`) | {claim.holder} | {word} |")
    return "\n".join(lines)


def with_summary(readme: str, verdicts: Mapping[str, Verdict]) -> str:
    """The README with its table of verdicts brought up to date."""
    before, _, rest = readme.partition(_START)
    _, _, after = rest.partition(_END)
    return f"{before}{_START}\n{summary(verdicts)}\n{_END}{after}"
