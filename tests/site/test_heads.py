"""How a chapter opens: whose claim, the answer in a sentence, the verdict, and the doors to evidence and rule."""

from __future__ import annotations

import re
from typing import Any

import pytest
from reader import CHAPTERS, PHONE, SITE, every

from compendium.evidence import paths
from compendium.site.claims import WHOSE
from compendium.trial import claims, told, verdicts

pytestmark = pytest.mark.browser


def _announced(page: str) -> list[claims.Claim]:
    """The claims that the source of a page names at its top."""
    text = (paths.ROOT / page.replace(".html", ".md")).read_text(encoding="utf-8")
    return [claims.registry()[name] for name in re.findall(r"^```\{claim\} (\S+)", text, re.MULTILINE)]


@every(CHAPTERS)
def test_a_chapter_opens_with_whose_claim_the_answer_and_the_verdict(opened: Any, page: str) -> None:
    shown = opened(page).page
    heads = shown.locator("section.claim-head").all()
    published = verdicts.published()
    assert len(heads) == len(_announced(page))
    for head, claim in zip(heads, _announced(page), strict=True):
        verdict = published[claim.id]
        said = head.inner_text()
        assert head.locator(".claim-whose").inner_text().lower().startswith(WHOSE[claim.holder])
        assert claim.quote in said
        assert head.locator(".claim-answer").inner_text() == (told.finding(claim, verdict) or claim.question)
        assert verdict.verdict.capitalize() in said


@every(CHAPTERS)
def test_the_head_leads_to_the_evidence_and_to_the_rule(opened: Any, page: str) -> None:
    shown = opened(page, java_script_enabled=False).page
    for head, claim in zip(shown.locator("section.claim-head").all(), _announced(page), strict=True):
        evidence = head.get_by_role("link", name="See the evidence").get_attribute("href")
        assert shown.locator(evidence).get_attribute("class").startswith("verdict-card")
        rule = head.get_by_role("link", name="See the rule").get_attribute("href")
        target = ((SITE / page).parent / rule).resolve()
        text = target.read_text(encoding="utf-8")
        assert claim.title in text and claim.parts[0].supported.text in text.replace("&gt;", ">").replace(
            "&lt;", "<"
        )


@every(CHAPTERS)
def test_on_a_phone_the_first_answer_is_on_the_first_screen(opened: Any, page: str) -> None:
    shown = opened(page, viewport=PHONE).page
    answer = shown.locator(".claim-answer")
    if not answer.count():
        pytest.skip("this chapter answers no claim of its own")
    box = answer.first.bounding_box()
    assert box["y"] + box["height"] < PHONE["height"] * 2 / 3
    assert re.fullmatch(r"\d+ minutes? to read", shown.locator(".page-facts > span").inner_text())
