"""The registry refuses what cannot stand, rules say what they say, and verdicts follow from them."""

from __future__ import annotations

import copy
import json
import random
import re
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from compendium import claims, paths
from compendium.claims import ClaimError, Rule


@pytest.fixture
def raw() -> dict[str, Any]:
    return yaml.safe_load((paths.DATA / "claims.yml").read_text(encoding="utf-8"))


def load(raw: dict[str, Any], tmp_path: Any) -> claims.Registry:
    path = tmp_path / "claims.yml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return claims.load(path)


# ---------------------------------------------------------------- the registry of the book


def test_every_claim_of_the_argument_is_registered() -> None:
    argument = {
        "slaves-12m", "profit-32bn", "figures-paired", "unsupported-by-research", "growing", "two-official-counts",
        "too-few-convictions", "transnational", "organised-crime", "three-tiers", "opaque-method",
        "political-tiers",
        "tier-pressure", "cambodia-bowed", "as-murder", "sample-91", "women-80", "poor-uneducated",
        "small-operators", "modest-gains", "two-thirds-miscarriage", "long-sentences", "tool-of-corruption",
        "no-deterrence", "opportunity-works", "still-true",
    }  # fmt: skip
    assert set(claims.registry().claims) == argument


def test_both_holders_are_on_trial() -> None:
    holders = [claim.holder for claim in claims.registry().claims.values()]
    assert {holder: holders.count(holder) > 4 for holder in claims.HOLDERS} == {"discourse": True, "essay": True}


def in_order(numbers: dict[str, float]) -> dict[str, float]:
    """The same numbers with every lower end below its upper end."""
    for low in [name for name in numbers if name.endswith("_low")]:
        high = low.removesuffix("low") + "high"
        if high in numbers:
            numbers[low], numbers[high] = sorted((numbers[low], numbers[high]))
    return numbers


def test_a_rule_changed_after_declaration_is_marked_and_told() -> None:
    page = (paths.BOOK / "reference/changes.md").read_text(encoding="utf-8")
    told = page.split("## Rules changed after they were declared")[1].split("\n## ")[0]
    listed = set(re.findall(r"^- {claim}`([\w-]+)`", told, re.MULTILINE))
    assert listed == {claim.id for claim in claims.registry().claims.values() if claim.amended} != set()


def test_no_rule_can_support_and_contradict_at_once() -> None:
    draw = random.Random(1)
    for claim in claims.registry().claims.values():
        for _ in range(400):
            values = [-2, -1, 0, 0.05, 0.3, 0.5, 0.7, 1, 1.5, 3, 20, 5000, 14000]
            claim.decide(in_order({name: draw.choice(values) for name in claim.numbers}))  # raises if it can


def test_every_claim_can_be_supported_and_can_be_contradicted() -> None:
    """A rule that no number could meet would decide the trial before it began."""
    values = [-1, 0, 0.01, 0.04, 0.2, 0.3, 0.55, 0.7, 0.85, 0.95, 1, 1.5, 3, 8, 20, 2600, 5000, 14000]
    for claim in claims.registry().claims.values():
        for part in claim.parts:
            names = sorted(set().union(*(rule.names for rule in part.rules.values())))
            draw, seen = random.Random(claim.id + part.name), set()
            for _ in range(60_000):
                seen.add(part.decide(in_order({name: draw.choice(values) for name in names})))
                if {claims.SUPPORTED, claims.CONTRADICTED} <= seen:
                    break
            assert {claims.SUPPORTED, claims.CONTRADICTED} <= seen, f"{claim.id}: {part.name}: only {seen}"


# ---------------------------------------------------------------- defects, one each


def break_unknown_name(claim: dict[str, Any]) -> None:
    claim["supported"] = "trafficked_shore >= 0.9"


def break_chapter(claim: dict[str, Any]) -> None:
    claim["chapter"] = "nowhere"


def break_quote(claim: dict[str, Any]) -> None:
    claim["quote"] = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"


def break_holder(claim: dict[str, Any]) -> None:
    claim["holder"] = "nobody"


def break_missing(claim: dict[str, Any]) -> None:
    del claim["question"]


def break_rule_missing(claim: dict[str, Any]) -> None:
    del claim["contradicted"]


def break_syntax(claim: dict[str, Any]) -> None:
    claim["supported"] = "trafficked_share >="


def break_code(claim: dict[str, Any]) -> None:
    claim["supported"] = "trafficked_share.real == 1"


def break_key_number(claim: dict[str, Any]) -> None:
    claim["key_number"] = "profit"


def break_field(claim: dict[str, Any]) -> None:
    claim["qoute"] = "a misspelt field"


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (break_unknown_name, ["trafficked_shore", "not one of its numbers"]),
        (break_chapter, ["chapter", "nowhere", "expected one of"]),
        (break_quote, ["15 words", "at most 14"]),
        (break_holder, ["holder", "nobody"]),
        (break_missing, ["question", "missing"]),
        (break_rule_missing, ["contradicted", "missing"]),
        (break_syntax, ["not an expression"]),
        (break_code, ["which rules may not use"]),
        (break_key_number, ["key_number", "profit"]),
        (break_field, ["qoute"]),
    ],
)
def test_a_defect_is_refused_with_the_claim_and_the_reason(
    spoil: Any, told: list[str], raw: Any, tmp_path: Any
) -> None:
    spoil(next(claim for claim in raw["claims"] if claim["id"] == "slaves-12m"))
    with pytest.raises(ClaimError) as caught:
        load(raw, tmp_path)
    message = str(caught.value)
    assert message.startswith("claim slaves-12m: ") and "\n" not in message
    for word in told:
        assert word in message


def test_a_duplicate_id_is_refused(raw: Any, tmp_path: Any) -> None:
    raw["claims"].append(copy.deepcopy(raw["claims"][0]))
    with pytest.raises(ClaimError, match=r"^claim slaves-12m: the id stands twice"):
        load(raw, tmp_path)


def test_a_key_written_twice_is_refused(tmp_path: Any) -> None:
    path = tmp_path / "claims.yml"
    path.write_text("parts: {}\nchapters: {}\nclaims:\n  - id: a\n    id: b\n", encoding="utf-8")
    with pytest.raises(ClaimError, match="'id' stands twice"):
        claims.load(path)


def test_a_missing_registry_is_one_clear_line(tmp_path: Any) -> None:
    with pytest.raises(ClaimError, match=r"claims\.yml: missing at .*restore it from git"):
        claims.load(tmp_path / "claims.yml")


# ---------------------------------------------------------------- rules


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_rule_means_what_python_means(a: float, b: float) -> None:
    for text in ("a < b", "a <= b and not a == b", "min(a, b) >= 2 * b - 1", "-1 <= a <= 3 or abs(b) > 10"):
        assert Rule(text).holds({"a": a, "b": b}) == eval(text, {"a": a, "b": b, "min": min, "abs": abs})


@pytest.mark.parametrize(
    "text",
    ["open('x')", "a.b > 1", "[a] == 1", "a if a else a", "(lambda: a)() > 1", "a ** 9 > 1", "'a' == a", "f'{a}'"],
)
def test_a_rule_has_no_other_powers(text: str) -> None:
    with pytest.raises(ClaimError, match="may not use"):
        Rule(text).holds({"a": 1.0})


def test_a_rule_that_gives_a_number_is_refused() -> None:
    with pytest.raises(ClaimError, match="expected a yes or no"):
        Rule("a + 1").holds({"a": 1.0})


def test_a_rule_needs_its_numbers() -> None:
    with pytest.raises(ClaimError, match="needs the number 'b'"):
        Rule("a > b").holds({"a": 1.0, "b": None})


# ---------------------------------------------------------------- verdicts


def part(name: str, supported: str, contradicted: str, testable: str | None = None) -> claims.Part:
    return claims.Part(name, Rule(supported), Rule(contradicted), Rule(testable) if testable else None)


def decide(*states: str) -> str:
    """The verdict on a claim whose parts have these states."""
    codes = {"s": 1.0, "c": -1.0, "o": 0.0, "u": 9.0}
    parts = tuple(part(f"p{i}", f"x{i} == 1", f"x{i} == -1", f"x{i} < 9") for i in range(len(states)))
    template = claims.registry()["slaves-12m"]
    claim = claims.Claim(**{**template.__dict__, "parts": parts})
    return claim.decide({f"x{i}": codes[state] for i, state in enumerate(states)})[0]


@pytest.mark.parametrize(
    ("states", "verdict"),
    [
        ("s", claims.SUPPORTED), ("c", claims.CONTRADICTED), ("o", claims.OPEN), ("u", claims.UNTESTABLE),
        ("ss", claims.SUPPORTED), ("so", claims.PARTLY), ("sc", claims.PARTLY), ("su", claims.PARTLY),
        ("cc", claims.CONTRADICTED), ("co", claims.CONTRADICTED), ("cu", claims.CONTRADICTED),
        ("oo", claims.OPEN), ("ou", claims.OPEN), ("uu", claims.UNTESTABLE),
    ],
)  # fmt: skip
def test_the_verdict_on_parts(states: str, verdict: str) -> None:
    assert decide(*states) == verdict


def conclude(**over: Any) -> claims.Verdict:
    labels = claims.registry()["slaves-12m"].alternatives
    given = {"trafficked_share": 0.2, "alternatives": {label: {} for label in labels}} | over
    return claims.conclude("slaves-12m", **given)


def test_a_verdict_follows_its_number() -> None:
    assert conclude(trafficked_share=0.2).verdict == claims.CONTRADICTED
    assert conclude(trafficked_share=0.7).verdict == claims.OPEN
    assert conclude(trafficked_share=0.95).verdict == claims.SUPPORTED


def test_an_alternative_that_moves_a_part_does_not_leave_the_verdict_standing() -> None:
    claim = claims.registry()["growing"]
    base = {"victims_growth": 0.95, "victims_decline": 0.0, "convictions_growth": 0.3, "convictions_decline": 0.6}
    given: dict[str, dict[str, float]] = {label: {} for label in claim.alternatives}
    first, second, *rest = claim.alternatives
    given[first] = {"convictions_growth": 0.6, "convictions_decline": 0.3}
    given[second] = {"victims_growth": 0.93}
    verdict = claims.conclude("growing", **base, alternatives=given)
    assert verdict.verdict == verdict.alternatives[first] == claims.PARTLY
    assert verdict.shifted == {first: {"convictions grow": claims.OPEN}}
    assert verdict.idle == tuple(rest)
    assert verdict.survives == (len(given) - 1, len(given))
    assert claims.Verdict.from_dict(json.loads(json.dumps(verdict.as_dict()))) == verdict


def test_robustness_counts_the_alternatives_that_leave_the_verdict() -> None:
    labels = list(claims.registry()["slaves-12m"].alternatives)
    changes = {label: {"trafficked_share": 0.95} if label == labels[0] else {} for label in labels}
    assert conclude(alternatives=changes).survives == (len(labels) - 1, len(labels))


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"share": 0.5}, "numbers declared: trafficked_share; given: share, trafficked_share"),
        ({"trafficked_share": float("nan")}, "expected a finite number"),
        ({"trafficked_share": None}, "needs the number 'trafficked_share'"),
        ({"alternatives": {}}, "alternatives declared"),
    ],
)
def test_a_conclusion_that_does_not_fit_is_refused(over: dict[str, Any], told: str) -> None:
    with pytest.raises(ClaimError) as caught:
        conclude(**over)
    assert str(caught.value).startswith("claim slaves-12m: ") and told in str(caught.value)


def test_an_unknown_claim_is_refused() -> None:
    with pytest.raises(ClaimError, match="no claim 'slaves'"):
        claims.conclude("slaves")


def test_a_judged_verdict_needs_reasons_on_both_sides() -> None:
    claim = claims.registry()["still-true"]
    with pytest.raises(ClaimError, match=r"claim still-true: .*reasons for and against"):
        claims.conclude(
            claim.id,
            organised_sources=3,
            small_sources=0,
            alternatives={a: {} for a in claim.alternatives},
            reasons_for=["x"],
        )


def test_a_verdict_travels_in_the_notebook_output() -> None:
    bundle = conclude()._repr_mimebundle_()
    assert claims.Verdict.from_dict(json.loads(json.dumps(bundle[claims.MIME]))) == conclude()
    assert "contradicted" in bundle["text/plain"]


# ---------------------------------------------------------------- published verdicts


def test_accept_and_published_are_inverse(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(paths, "DATA", tmp_path)
    claims.accept({"slaves-12m": conclude()})
    assert claims.published() == {"slaves-12m": conclude()}
    assert [path.name for path in tmp_path.iterdir()] == ["verdicts.json"]


def test_a_broken_verdicts_file_is_one_clear_line(tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(paths, "DATA", tmp_path)
    (tmp_path / "verdicts.json").write_text('{"claims": ', encoding="utf-8")
    with pytest.raises(ClaimError, match=r"verdicts\.json: cannot be read .*restore it from git"):
        claims.published()


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ({"trafficked_share": 0.2}, []),
        ({"trafficked_share": 0.2005}, []),
        ({"trafficked_share": 0.25}, [("number trafficked_share", False)]),
        ({"trafficked_share": 0.7}, [("verdict", True), ("number trafficked_share", False)]),
    ],
)
def test_differences_are_found_beyond_the_tolerance(after: dict[str, float], found: list[tuple[str, bool]]) -> None:
    differences = claims.compare({"slaves-12m": conclude()}, {"slaves-12m": conclude(**after)}, ["slaves-12m"])
    named = [(d.what, d.serious) for d in differences if not d.what.startswith(("part", "alternative"))]
    assert named == found


def test_a_verdict_on_one_side_only_is_serious() -> None:
    (difference,) = claims.compare({}, {"slaves-12m": conclude()}, ["slaves-12m"])
    assert difference.serious and difference.published == "none"


def test_the_readme_shows_the_published_verdicts() -> None:
    readme = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    assert claims.with_summary(readme, claims.published()) == readme
    assert all(f"`{claim_id}`" in readme for claim_id in claims.registry().claims)
