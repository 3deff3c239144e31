"""The certificate says on which machines unrounded numbers agreed: what was seen, and nothing else."""

from __future__ import annotations

import dataclasses
import json
import platform
from pathlib import Path
from typing import Any

import pytest

from compendium.evidence import paths
from compendium.run import certificate, verify
from compendium.trial import claims, verdicts

REPORT = verify.Report((), (), {"table": "a" * 64}, {}, {}, {"page.md": "b" * 64}, 1.0, {"boats": "c" * 64})


def on(monkeypatch: pytest.MonkeyPatch, python: str, system: str = "Linux", machine: str = "x86_64") -> None:
    monkeypatch.setattr(certificate, "here", lambda: {"python": python, "system": system, "machine": machine})


def publish(report: verify.Report) -> dict[str, Any]:
    return json.loads(certificate.write(report, paths.DATA / "certificate.json").read_text(encoding="utf-8"))


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "DATA", tmp_path)


@pytest.mark.usefixtures("elsewhere")
def test_a_second_platform_joins_the_first_and_the_last_bit_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "3.11")
    assert [seen["python"] for seen in publish(REPORT)["platforms"]] == ["3.11"]
    on(monkeypatch, "3.13")
    both = publish(REPORT)
    assert [seen["python"] for seen in both["platforms"]] == ["3.11", "3.13"]
    assert both["agreement"] == {"same": ["boats"], "differ": []}
    on(monkeypatch, "3.12", "macOS", "arm64")
    third = publish(dataclasses.replace(REPORT, results={"boats": "d" * 64}))
    assert third["agreement"] == {"same": [], "differ": ["boats"]}
    assert third["not_seen"] == {"python": ["3.14"], "system": ["Windows"], "machine": []}


@pytest.mark.usefixtures("elsewhere")
def test_a_browser_is_a_platform_of_its_own_and_stands_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    as_it_is = certificate.here
    on(monkeypatch, "3.14")
    publish(REPORT)
    monkeypatch.setattr(certificate, "here", as_it_is)
    monkeypatch.setattr(platform, "system", lambda: "Emscripten")
    monkeypatch.setattr(platform, "machine", lambda: "wasm32")
    both = publish(REPORT)
    assert {("Emscripten", "wasm32"), ("Linux", "x86_64")} == {
        (seen["system"], seen["machine"]) for seen in both["platforms"]
    }
    assert certificate.results_here(both) == REPORT.results
    assert both["not_seen"]["system"] == ["macOS", "Windows"] and both["not_seen"]["machine"] == ["arm64"]


@pytest.mark.usefixtures("elsewhere")
def test_a_platform_seen_again_replaces_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "3.11")
    publish(REPORT)
    (seen,) = publish(dataclasses.replace(REPORT, results={"boats": "e" * 64}))["platforms"]
    assert seen["results"] == {"boats": "e" * 64}


@pytest.mark.usefixtures("elsewhere")
def test_what_was_seen_of_other_files_is_not_told_of_these(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, "3.11")
    publish(REPORT)
    on(monkeypatch, "3.13")
    changed = publish(dataclasses.replace(REPORT, tables={"table": "f" * 64}))
    assert [seen["python"] for seen in changed["platforms"]] == ["3.13"]
    assert changed["not_seen"]["python"] == ["3.11", "3.12", "3.14"]


@pytest.mark.usefixtures("elsewhere")
def test_an_older_certificate_without_platforms_is_taken_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    (paths.DATA / "certificate.json").write_text('{"schema": 2}', encoding="utf-8")
    on(monkeypatch, "3.11")
    assert len(publish(REPORT)["platforms"]) == 1


def test_one_bit_more_is_another_digest_and_rounds_to_the_same_verdict() -> None:
    claim = claims.registry()["slaves-12m"]
    same = {label: {} for label in claim.alternatives}
    numbers = {"trafficked_share": 0.2, "un_low": 0.2, "un_high": 0.8}
    first = verdicts.conclude("slaves-12m", **numbers, alternatives=same)
    second = verdicts.conclude("slaves-12m", **{**numbers, "un_high": 0.8 + 2**-50}, alternatives=same)
    assert first == second and first.unrounded != second.unrounded
    moved = {**same, next(iter(same)): {"un_high": 0.7 + 2**-50}}
    before = {**same, next(iter(same)): {"un_high": 0.7}}
    ends = [verdicts.conclude("slaves-12m", **numbers, alternatives=one).unrounded for one in (before, moved)]
    assert ends[0] != ends[1]


def test_the_digest_travels_only_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = claims.registry()["slaves-12m"]
    same = {label: {} for label in claim.alternatives}
    verdict = verdicts.conclude("slaves-12m", trafficked_share=0.2, un_low=0.2, un_high=0.8, alternatives=same)
    monkeypatch.delenv(verdicts.SAY_UNROUNDED, raising=False)
    assert verdicts.UNROUNDED not in verdict._repr_mimebundle_() and "unrounded" not in verdict.as_dict()
    monkeypatch.setenv(verdicts.SAY_UNROUNDED, "1")
    told = verdict._repr_mimebundle_()[verdicts.UNROUNDED]
    assert told == {"claim": "slaves-12m", "sha256": verdict.unrounded}
