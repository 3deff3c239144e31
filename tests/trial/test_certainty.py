"""The grade of certainty follows from what is declared and what was found, each domain by a fixture of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from compendium.evidence import numbers
from compendium.trial import certainty, claims, rules, verdicts
from compendium.trial.claims import Grounds, Number, Part, Sources
from compendium.trial.rules import Rule

SOURCES = (Sources("global_estimates", by="id", where={"id": ["gems2017", "gems2022"]}),)
COUNTED = {"found": Number("items found", "items", 0.0)}
PARTS = (Part("found", Rule("found >= 3"), Rule("found == 0")),)


def graded(found: float = 5, **over: Any) -> certainty.Certainty:
    """The grade of a claim with the best grounds but for what `over` spoils."""
    grounds = Grounds("direct", "it is counted", SOURCES, "counts")
    grounds = replace(grounds, **{k: v for k, v in over.items() if k in Grounds.__dataclass_fields__})
    template = claims.registry()["slaves-12m"]
    claim = replace(template, numbers=COUNTED, parts=PARTS, grounds=grounds, context=())
    word, parts = claim.decide({"found": found})
    alternatives = over.get("alternatives", {"other": 6.0})
    moves = {label: {"found": value} for label, value in alternatives.items()}
    verdict = verdicts.Verdict(
        claim.id,
        word,
        parts,
        {"found": found},
        {label: claim.decide(moved)[0] for label, moved in moves.items()},
        moves=moves,
    )
    grade = certainty.grade(claim, verdict)
    assert grade is not None
    return grade


def test_nothing_against_it_is_high() -> None:
    assert graded().word == certainty.HIGH and graded().dots == 4


@pytest.mark.parametrize(
    ("over", "domain", "word"),
    [
        ({"directness": "indirect"}, "directness", certainty.MODERATE),
        ({"directness": "distant"}, "directness", certainty.LOW),
        ({"sources": SOURCES[:0]}, "sources", certainty.LOW),
        ({"precision": "none"}, "precision", certainty.MODERATE),
        ({"found": 3}, "precision", certainty.MODERATE),  # one item less and it is open
        ({"alternatives": {"other": 0.0}}, "robustness", certainty.LOW),
        ({"alternatives": {"a": 0.0, "b": 6.0, "c": 7.0}}, "robustness", certainty.MODERATE),
        ({"alternatives": {}}, "robustness", certainty.MODERATE),
    ],
)
def test_one_domain_costs_its_steps(over: dict[str, Any], domain: str, word: str) -> None:
    grade = graded(**over)
    assert grade.word == word
    assert [d.name for d in grade.domains if d.steps] == [domain]


@pytest.mark.parametrize(
    ("over", "word", "dots"),
    [
        ({"directness": "indirect", "precision": "none"}, certainty.LOW, 2),
        ({"directness": "distant", "precision": "none"}, certainty.VERY_LOW, 1),
        ({"directness": "distant", "precision": "none", "sources": ()}, certainty.VERY_LOW, 1),
    ],
)
def test_the_steps_of_the_domains_add_up_and_end_at_very_low(over: dict[str, Any], word: str, dots: int) -> None:
    assert (graded(**over).word, graded(**over).dots) == (word, dots)


@pytest.mark.parametrize(
    ("ids", "steps", "said"),
    [
        (["none of these"], 2, "no independent source was read in the original"),
        (["gems2017"], 1, "one independent source was read"),
        (["gems2017", "gems2022"], 0, "two independent sources were read"),
        (["gems2017", "gems2022", "gems2012"], 0, "three independent sources were read"),
    ],
)
def test_more_sources_than_are_asked_for_earn_nothing(
    ids: list[str], steps: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certainty, "read_sources", lambda declared: set(declared.where["id"]) - {"none of these"})
    grade = graded(sources=(Sources("global_estimates", by="id", where={"id": ids}),))
    (domain,) = [domain for domain in grade.domains if domain.name == "sources"]
    assert (domain.steps, domain.reason) == (steps, said)
    assert graded(sources=SOURCES, precision="none").word == certainty.MODERATE


@pytest.mark.parametrize(("stands", "of", "steps"), [(8, 10, 0), (7, 10, 1), (5, 10, 1), (4, 10, 2)])
def test_the_lines_of_robustness_belong_to_the_better_side(stands: int, of: int, steps: int) -> None:
    names = [f"alternative {at}" for at in range(of)]
    words = {name: "supported" if at < stands else "mixed" for at, name in enumerate(names)}
    verdict = verdicts.Verdict("c", "supported", {}, {}, words, moves={name: {"found": 1.0} for name in names})
    assert certainty._robustness(verdict).steps == steps
    # The same share, half of the tried as pairs.
    half = verdicts.Verdict(
        "c",
        "supported",
        {},
        {},
        dict(list(words.items())[::2]),
        moves={name: {"found": 1.0} for name in names[::2]},
        pairs=dict(list(words.items())[1::2]),
    )
    assert certainty._robustness(half).steps == steps
    assert f"; of {numbers.in_words(of // 2)} pairs, " in certainty._robustness(half).reason


@pytest.mark.parametrize(
    ("found", "moves"),
    [(4.0, False), (3.0, True), (2.0, True), (1.0, True), (0.0, True)],
)
def test_one_item_more_or_less_is_tried_on_both_sides(found: float, moves: bool) -> None:
    # Supported from 3 on, contradicted at 0: 2 is one short of the one, 1 and 0 touch the other.
    grade = graded(found=found, alternatives={"other": found + 0.5})
    assert bool(next(d for d in grade.domains if d.name == "precision").steps) is moves


def counted(*parts: Part) -> claims.Claim:
    return replace(claims.registry()["slaves-12m"], numbers=COUNTED, parts=parts)


def test_a_part_that_cannot_be_decided_one_item_on_does_not_hide_the_next() -> None:
    divided = Part("divided", Rule("1 / (found - 4) > 5"), Rule("1 / (found - 4) < -5"))
    claim = counted(divided, Part("found", Rule("found >= 4"), Rule("found < 1")))
    words = {"divided": rules.OPEN, "found": rules.OPEN}
    assert list(certainty._one_item_more_or_less(claim, {"found": 3.0}, words)) == ["found"]


def test_from_open_to_not_testable_nothing_was_decided() -> None:
    claim = counted(Part("found", Rule("found >= 10"), Rule("found > 20"), Rule("found >= 3")))
    assert list(certainty._one_item_more_or_less(claim, {"found": 3.0}, {"found": rules.OPEN})) == []
    assert list(certainty._one_item_more_or_less(claim, {"found": 2.0}, {"found": rules.UNTESTABLE})) == []
    assert list(certainty._one_item_more_or_less(claim, {"found": None}, {"found": rules.OPEN})) == []


def test_intervals_on_one_side_of_the_lines_cost_nothing() -> None:
    assert graded(precision="interval").word == graded(precision="exact").word == certainty.HIGH


def test_the_reason_of_robustness_counts_alternatives_and_pairs() -> None:
    words = {"a": "supported", "b": "mixed", "c": "mixed", "idle": "supported"}
    moves = {name: {"found": 1.0} for name in "abc"}

    def reason(pairs: dict[str, str]) -> str:
        verdict = verdicts.Verdict("c", "supported", {}, {}, words, moves=moves, pairs=pairs)
        return certainty._robustness(verdict).reason

    alone = "one of three other defensible ways to count leaves the verdict as it is"
    assert reason({}) == alone
    both = alone + "; of {} pairs, {}"
    assert reason({"a + b": "mixed", "a + c": "mixed"}) == both.format("two", "none does")
    assert reason({"a + b": "supported", "a + c": "mixed"}) == both.format("two", "one does")
    assert reason({"a + b": "supported", "a + c": "supported"}) == both.format("two", "all do")
    three = {"a + b": "supported", "a + c": "supported", "b + c": "mixed"}
    assert reason(three) == both.format("three", "two do")
    assert reason({"a + b": "supported"}) == alone + "; the one pair that can be tried does too"
    assert reason({"a + b": "mixed"}) == alone + "; the one pair that can be tried does not"


def test_fewer_than_none_is_not_tried() -> None:
    claim = replace(
        claims.registry()["slaves-12m"],
        numbers=COUNTED,
        parts=(Part("found", Rule("found >= 0"), Rule("found < 0")),),
    )
    assert list(certainty._one_item_more_or_less(claim, {"found": 0.0}, {"found": rules.SUPPORTED})) == []


@pytest.mark.parametrize(
    "number", [Number("a share", "share", 0.01), Number("a law", "yes or no", 0.0), Number("a term", "years", 0.0)]
)
def test_what_is_measured_is_no_item(number: Number) -> None:
    claim = replace(claims.registry()["slaves-12m"], numbers={"found": number}, parts=PARTS)
    assert list(certainty._one_item_more_or_less(claim, {"found": 3.0}, {"found": rules.SUPPORTED})) == []


@pytest.mark.parametrize(
    ("same", "total", "said"),
    [
        (0, 5, "none of five other defensible ways to count leaves the verdict as it is"),
        (1, 5, "one of five other defensible ways to count leaves the verdict as it is"),
        (2, 5, "two of five other defensible ways to count leave the verdict as it is"),
        (5, 5, "all five other defensible ways to count leave the verdict as it is"),
        (2, 2, "both other defensible ways to count leave the verdict as it is"),
        (1, 1, "the one other defensible way to count leaves the verdict as it is"),
        (0, 1, "the one other defensible way to count changes the verdict or a part of it"),
    ],
)
def test_what_stays_is_said_in_words(same: int, total: int, said: str) -> None:
    assert certainty.kept(same, total) == said


def test_an_interval_over_the_line_costs_a_step() -> None:
    grade = graded(found=2, precision="interval", alternatives={"other": 1.0})
    assert [d.name for d in grade.domains if d.steps] == ["precision"]


def test_what_cannot_be_tested_has_no_grade() -> None:
    claim = claims.registry()["slaves-12m"]
    verdict = verdicts.Verdict(claim.id, rules.UNTESTABLE, {}, {})
    assert certainty.grade(claim, verdict) is None


def precision(kind: str, found: float, **over: Any) -> certainty.Domain:
    graded_ = graded(found=found, precision=kind, alternatives={"other": found + 1}, **over)
    return next(domain for domain in graded_.domains if domain.name == "precision")


@pytest.mark.parametrize(
    ("kind", "said", "settled"),
    [
        ("interval", "sampling error leaves it undecided", "the intervals lie wholly"),
        ("bounds", "what was not published leaves it undecided", "the bounds lie wholly"),
        ("assumed", "the range of assumptions leaves it undecided", "the ranges lie wholly"),
    ],
)
def test_what_leaves_a_part_open_is_called_by_its_name(kind: str, said: str, settled: str) -> None:
    assert (precision(kind, 2).steps, precision(kind, 2).reason) == (1, said)
    assert precision(kind, 5).steps == 0 and precision(kind, 5).reason.startswith(settled)


# The ends of these are bounds of what was not published, or rest on what was supposed: no error of a sample.
@pytest.mark.parametrize(
    ("claim", "kind"),
    [
        ("slaves-12m", "bounds"),
        ("transnational", "bounds"),
        ("sample-91", "bounds"),
        ("women-80", "bounds"),
        ("two-thirds-miscarriage", "assumed"),
    ],
)
def test_no_card_says_sampling_error_of_what_no_sample_left_open(claim: str, kind: str) -> None:
    grounds = claims.registry()[claim].grounds
    assert grounds is not None and grounds.precision == kind
    (domain,) = [d for d in published(claim).domains if d.name == "precision"]
    assert "sampling error" not in domain.reason and domain.steps == 1


def published(claim: str) -> certainty.Certainty:
    grade = certainty.grade(claims.registry()[claim], verdicts.published()[claim])
    assert grade is not None
    return grade


# ---------------------------------------------------------------- sources


TEXTS = pd.DataFrame(
    {
        "id": ["a", "b", "c", "d", "e"],
        "source": [
            "Daily (2014; year inferred)",
            "Daily, 3 May; Post [copy; blog]",
            "Post",
            "22 USC 1(a)",
            "22 USC 1",
        ],
        "year": [2005, 2010, 2014, 2011, None],
        "counted": [True, True, True, False, False],
        "status": ["read", "read", "restated", "read", "confirmed"],
    }
)
CODES = pd.DataFrame({"fact": ["a", "c", "e"], "voice": ["Smith", "Lee", "Law"]})


@pytest.fixture
def two_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certainty.tables, "read", {"texts": TEXTS, "codes": CODES}.__getitem__)


@pytest.mark.parametrize(
    ("declared", "read"),
    [
        ({"where": {"id": "a"}}, {"Daily (2014; year inferred)"}),  # no source is called "year inferred)"
        ({"where": {"id": "b"}}, {"Daily, 3 May", "Post [copy; blog]"}),
        ({"where": {"id": ["d", "e"]}}, {"22 USC 1(a)", "22 USC 1"}),
        ({"where": {"id": ["d", "e"]}, "voices": {"Congress": ("22 USC",)}}, {"Congress"}),
        ({"where": {"counted": True}, "voices": {"Daily": ("Daily",)}, "besides": ("Post",)}, {"Daily"}),
        ({"by": "id"}, {"a", "b", "d", "e"}),
        ({"by": "id", "read": "file"}, {"a", "b", "c", "d", "e"}),
        ({"by": "id", "where": {"year": {"to": 2010}}}, {"a", "b"}),
        ({"by": "id", "where": {"year": {"from": 2010}}}, {"b", "d"}),  # a row without a year is in no range
        ({"by": "id", "where": {"year": {"from": 2011, "to": 2011}}}, {"d"}),
        ({"by": "id", "where": {"counted": False}}, {"d", "e"}),
        ({"table": "codes", "by": "voice", "read": {"by": "fact", "of": "texts"}}, {"Smith", "Law"}),
    ],
)
@pytest.mark.usefixtures("two_tables")
def test_a_source_is_who_answers_for_what_was_read_and_counts(declared: dict[str, Any], read: set[str]) -> None:
    assert certainty.read_sources(Sources(**{"table": "texts", **declared})) == read


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({"table": "codes", "by": "voice"}, "table codes has no status; say in `read` where it stands"),
        ({"voices": {"Daily": ("Daily",)}}, "table texts: 'Post \\[copy; blog\\]' belongs to no voice"),
        ({"where": {"colour": "red"}}, "table texts has no column 'colour'"),
        ({"by": "colour"}, "table texts has no column 'colour'"),
    ],
)
@pytest.mark.usefixtures("two_tables")
def test_what_does_not_tell_who_was_read_is_refused(declared: dict[str, Any], told: str) -> None:
    with pytest.raises(rules.ClaimError, match=told):
        certainty.read_sources(Sources(**{"table": "texts", **declared}))


@pytest.mark.parametrize("entry", ["Daily (2014; year inferred", "Daily 2014; year inferred)", "a) b ("])
def test_an_entry_whose_brackets_do_not_close_is_refused(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certainty.tables, "read", lambda name: TEXTS.assign(source=entry))
    with pytest.raises(rules.ClaimError, match="do not close"):
        certainty.read_sources(Sources("texts"))


# The numbers of a claim that count the documents, voices, works or cases on which its rule decides.
COUNTED_BY_RULE = {
    "movements-cause": ["cause_yes", "cause_no"],
    "campaign": ["campaign_yes", "campaign_no"],
    "slavery-likeness": ["slavery_yes", "slavery_no"],
    "panic": ["likeness_yes", "likeness_no", "old_yes", "old_no"],
    "security-threat": ["real_yes", "real_no"],
    "figures-paired": ["same_people", "other_people"],
    "unsupported-by-research": ["reviews_for", "reviews_against"],
    "too-few-convictions": ["reports_complaining", "reports_otherwise"],
    "organised-crime": ["organised_samples", "small_samples"],
    "studies-of-traffickers": ["studies_organised", "studies_otherwise"],
    "call-to-war": ["world_calls", "cambodia_calls"],
    "since-2001": ["seen"],
    "unilateral": ["by_us", "by_others"],
    "three-tiers": ["law_lists", "then_three", "then_four"],
    "opaque-method": ["doubts", "assurances"],
    "sample-91": ["confirming", "disputing"],
    "small-operators": ["organised_samples", "small_samples"],
    "modest-gains": ["priced_cases"],
    "irregularities-observed": ["texts_observing", "texts_denying"],
    "unintended-consequences": ["harm_measured", "no_harm_measured", "harm_late", "no_harm_late"],
    "opportunity-works": ["education_found", "education_ruled_out", "education_open"],
    "still-true": ["organised_sources", "small_sources"],
}


@pytest.mark.parametrize("claim", COUNTED_BY_RULE)
def test_no_card_has_more_sources_than_its_rule_counts(claim: str) -> None:
    found = verdicts.published()[claim].numbers
    counted_ = sum(found[name] or 0 for name in COUNTED_BY_RULE[claim])
    assert len(sources_of(claim)) <= counted_


def sources_of(claim: str) -> set[str]:
    grounds = claims.registry()[claim].grounds
    assert grounds is not None
    return {name for declared in grounds.sources for name in certainty.read_sources(declared)}


@pytest.mark.parametrize("claim", [claim.id for claim in claims.registry().claims.values() if claim.grounds])
def test_no_card_has_more_sources_than_documents_among_its_rows(claim: str) -> None:
    grounds = claims.registry()[claim].grounds
    assert grounds is not None
    documents = 0
    for declared in grounds.sources:
        kept = certainty.rows(declared)
        names = [name for name in ("document", "source", "study", "key", "fact", "law") if name in kept]
        documents += kept[names[0]].nunique() if names and not declared.columns else len(declared.columns)
    assert len(sources_of(claim)) <= documents


# Counted by hand against the tables; only a row that is added, or read anew, changes a count here.
@pytest.mark.parametrize(
    ("claim", "sources"),
    [
        ("unilateral", {"US Congress"}),  # passages of one law
        ("three-tiers", {"US Congress", "US State Department"}),
        ("long-sentences", {"Phnom Penh Post", "The Cambodia Daily"}),
        ("panic", {"Doezema", "Cree, Clapton and Smith", "Scully", "Unger"}),  # columns study nothing
        ("security-threat", {"UN counter-terrorism directorate", "Smith", "Goździak"}),
        ("tool-of-corruption", {"World Bank"}),
        ("still-true", {"Amnesty International", "US State Department"}),
        ("figures-paired", {"ILO"}),
    ],
)
def test_who_answers_for_what_a_card_says(claim: str, sources: set[str]) -> None:
    assert sources_of(claim) == sources


def test_of_the_works_on_research_those_count_that_the_rule_may_count() -> None:
    assert len(sources_of("unsupported-by-research")) == 7


def test_only_rows_that_were_read_count_as_sources() -> None:
    read = certainty.read_sources(Sources("global_estimates", by="status"))
    assert read <= set(certainty.READ)


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(rules.ClaimError, match="global_estimates has no column 'colour'"):
        certainty.read_sources(Sources("global_estimates", where={"colour": "red"}))
