"""ClaimReview says what schema.org asks for, and only of claims that somebody makes."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from compendium.site import ledger
from compendium.trial import claims, rules, verdicts

ADDRESS = "https://book.example/claims/x.html"
TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
NAMED = {"type": "object", "required": ["@type", "name"], "properties": {"name": TEXT}}
# What schema.org/ClaimReview and schema.org/Claim name, with the types that they expect.
SCHEMA = {
    "type": "object",
    "required": [
        "@context",
        "@type",
        "claimReviewed",
        "author",
        "datePublished",
        "itemReviewed",
        "reviewRating",
        "url",
    ],
    "additionalProperties": False,
    "properties": {
        "@context": {"const": "https://schema.org"},
        "@type": {"const": "ClaimReview"},
        "claimReviewed": TEXT,
        "author": NAMED,
        "datePublished": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
        "url": {"type": "string", "pattern": "^https://"},
        "reviewBody": TEXT,
        "itemReviewed": {
            "type": "object",
            "required": ["@type", "author", "appearance"],
            "additionalProperties": False,
            "properties": {
                "@type": {"const": "Claim"},
                "author": NAMED,
                "claimInterpreter": NAMED,
                "appearance": {
                    "type": "object",
                    "required": ["@type", "name"],
                    "properties": {"@type": {"const": "CreativeWork"}, "author": NAMED},
                },
            },
        },
        "reviewRating": {
            "type": "object",
            "required": ["@type", "alternateName", "bestRating", "worstRating"],
            "properties": {"ratingValue": {"type": "integer", "minimum": 1, "maximum": 5}},
        },
    },
}


@pytest.mark.parametrize("claim_id", claims.registry().claims)
def test_a_review_is_valid_and_the_book_reviews_nobody_for_its_own_questions(claim_id: str) -> None:
    claim, verdict = claims.registry()[claim_id], verdicts.published()[claim_id]
    review = ledger.review_of(claim, verdict.verdict, "What was found.", ADDRESS, "2026-11-29")
    assert (review is None) == (claim.holder == "book")
    if review:
        jsonschema.validate(review, SCHEMA)


def review(claim_id: str, word: str, address: str = ADDRESS) -> dict[str, Any]:
    found = ledger.review_of(claims.registry()[claim_id], word, "What was found.", address, "2026-11-29")
    assert found is not None
    return found


@pytest.mark.parametrize("word", [rules.OPEN, rules.UNTESTABLE])
def test_what_says_nothing_of_a_claims_truth_has_no_number(word: str) -> None:
    assert "ratingValue" not in review("women-80", word)["reviewRating"]
    assert review("women-80", word)["reviewRating"]["alternateName"] == word


def test_ratings_mirror() -> None:
    value = {word: review("women-80", word)["reviewRating"]["ratingValue"] for word in ledger.RATINGS}
    assert all(value[word] + value[rules.MIRROR[word]] == 6 for word in value)


def test_a_claim_of_the_discourse_is_interpreted_by_the_essay() -> None:
    made = review("slaves-12m", rules.CONTRADICTED)["itemReviewed"]
    assert made["claimInterpreter"]["name"] == "Chenda Keo" != made["author"]["name"]


def test_a_site_without_an_address_claims_none() -> None:
    assert "url" not in review("women-80", rules.MIXED, address="")
