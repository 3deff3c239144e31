"""The test against chance that the page makes over the models that are left is the package's own."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from compendium.chapters.politics import struck
from compendium.evidence import paths
from compendium.methods.tiers.multiverse.permutation import _tested
from compendium.methods.tiers.multiverse.specification import LEVEL
from compendium.methods.tiers.ordered import critical_value

pytestmark = pytest.mark.browser

COUNTRIES, MODELS = 150, 60
RULE = {"place": 1, "sides": {"between": "01", "within": "2"}}


@pytest.fixture(scope="module")
def counted(browser: Any) -> Any:
    """What the page counts of some scores (models, 1 + draws) with these codes, where only some digits are left."""
    context = browser.new_context()
    page = context.new_page()
    page.add_script_tag(path=str(paths.BOOK / "assets" / "chance.js"))

    def ask(scores: Any, codes: list[str], kept: list[str]) -> dict[str, float | None]:
        data = struck.as_data(codes, scores, critical_value(COUNTRIES, LEVEL))
        return page.evaluate(
            "([data, rule, kept]) => countChance(JSON.parse(data), rule, kept)", [json.dumps(data), RULE, kept]
        )

    yield ask
    context.close()


def drawn(shift: float) -> tuple[Any, list[str]]:
    """Scores with a common part in every draw, on whole steps of the page so that both sides count the same."""
    random = np.random.default_rng(11)
    common = random.normal(size=(1, struck.DRAWS + 1))
    scores = common + random.normal(size=(MODELS, struck.DRAWS + 1))
    scores[:, 0] += shift
    step = critical_value(COUNTRIES, LEVEL) / struck.CRITICAL
    return (np.floor(scores / step) + 0.5) * step, [f"{i % 4}{i % 3}" for i in range(MODELS)]


@pytest.mark.parametrize("kept", [["0123", "012"], ["02", "012"], ["1", "01"], ["013", "2"]])
@pytest.mark.parametrize("shift", [-1.5, 0, 0.8, 3])
def test_the_page_counts_what_the_package_counts(counted: Any, kept: list[str], shift: float) -> None:
    scores, codes = drawn(shift)
    found = counted(scores, codes, kept)
    for side, digits in RULE["sides"].items():  # type: ignore[attr-defined]
        left = [c[0] in kept[0] and c[1] in kept[1] and c[1] in digits for c in codes]
        if not any(left):
            assert found[f"{side}_for"] is found[f"{side}_against"] is None
            continue
        towards, against = _tested("", scores[left], COUNTRIES).joint()
        assert (found[f"{side}_for"], found[f"{side}_against"]) == (pytest.approx(towards), pytest.approx(against))


def test_a_score_in_steps_keeps_its_sign_and_whether_it_passes_the_critical_value() -> None:
    critical = critical_value(COUNTRIES, LEVEL)
    scores = np.array([[-99, -critical - 1e-9, -critical + 1e-9, -1e-9, 0, critical - 1e-9, critical + 1e-9, 99]])
    steps = struck.in_steps(scores, critical)[0]
    assert (steps >= 0).tolist() == (scores[0] >= 0).tolist()
    assert (steps >= struck.CRITICAL).tolist() == (scores[0] > critical).tolist()
    assert (steps < -struck.CRITICAL).tolist() == (scores[0] < -critical).tolist()
