"""The history of a claim holds every change of its rules and verdicts, from the repository or from kept data."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from compendium.evidence import paths
from compendium.run import history as past
from compendium.trial import claims, history, verdicts

CLAIMS = """claims:
  - id: boats
    claim: Boats are large.
    key_number: seats
    supported: seats >= {line}
    contradicted: seats < 5
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository in which a rule, then a verdict, then nothing of either, then again a rule was changed."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(paths, "DATA", tmp_path / "data")
    (tmp_path / "data").mkdir()
    for name in ("CITATION.cff",):
        shutil.copy(Path(__file__).parents[2] / name, tmp_path / name)
    git(tmp_path, "init", "-q", "-b", "main")
    commit(tmp_path, "2026-01-01", "1.0.0", 10, None, "Declare")
    commit(tmp_path, "2026-01-02", "1.0.0", 20, None, "A higher line")
    commit(tmp_path, "2026-01-03", "1.0.0", 20, "contradicted", "The verdict")
    commit(tmp_path, "2026-01-04", "1.1.0", 20, "contradicted", "Another word elsewhere")
    commit(tmp_path, "2099-01-01", "9.0.0", 30, "contradicted", "Of the version at work")
    return tmp_path


def git(root: Path, *arguments: str, **more: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    environment = {"PATH": "/usr/bin:/bin", "GIT_AUTHOR_DATE": more.get("date", ""), "HOME": str(root)}
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, env={k: v for k, v in environment.items() if v})


def commit(root: Path, date: str, version: str, line: int, verdict: str | None, subject: str) -> None:
    (root / "data/claims.yml").write_text(CLAIMS.format(line=line) + f"# {date}\n")
    (root / "pyproject.toml").write_text(f'version = "{version}"\n')
    if verdict:
        reached = {"boats": {"verdict": verdict, "numbers": {"seats": 4}}}
        (root / "data/verdicts.json").write_text(json.dumps({"claims": reached}))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", subject, date=f"{date}T12:00:00")


def test_the_repository_tells_every_change(repository: Path) -> None:
    states = list(past._states())
    assert [(state[0], state[1], state[2]) for state in states[:2]] == [
        ("1.0.0", "2026-01-01", "Declare"),
        ("1.0.0", "2026-01-02", "A higher line"),
    ]
    assert history.declared(states[1][3])["boats"]["rules"] == {
        "Boats are large.": {"supported": "seats >= 20", "contradicted": "seats < 5"}
    }


def test_only_changes_of_rules_and_verdicts_are_entries(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "registry", lambda: claims.Registry({}, {}, {}))
    monkeypatch.setattr(verdicts, "published", dict)
    past.rebuild()
    entries = history.read()["boats"]
    assert [(entry.why, entry.verdict) for entry in entries] == [
        ("Declare", "not yet tested"),
        ("A higher line", "not yet tested"),
        ("The verdict", "contradicted"),
    ]


def test_a_folder_without_a_repository_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(OSError, match="git could not read the history"):
        list(past._states())


def entry(version: str, verdict: str, line: str = "a > 1") -> history.Entry:
    return history.Entry(version, "2026-01-01", "", {"part": {"supported": line}}, verdict, "a", 1.0)


def test_the_present_version_has_one_entry_and_only_if_it_differs() -> None:
    claim_id = next(iter(claims.registry().claims))
    claim, verdict = claims.registry()[claim_id], verdicts.published()[claim_id]
    present = history.now(claim, verdict)
    earlier = entry("0.1", "supported")
    stale = history.Entry(**{**present.__dict__, "verdict": "mixed"})
    assert history.with_present({claim_id: [earlier, stale]}, {claim_id: verdict})[claim_id] == [earlier, present]
    same = history.Entry(**{**present.__dict__, "version": "0.1"})
    assert history.with_present({claim_id: [same]}, {claim_id: verdict})[claim_id] == [same]


def test_changes_are_pairs_since_the_first_verdict() -> None:
    first, second, third = (
        entry("1", "not yet tested"),
        entry("1", "contradicted"),
        entry("2", "contradicted", "a > 2"),
    )
    assert history.moved([first, second, third]) == [(second, third)]
    assert history.rechosen([first, second, third]) and not history.rechosen([first, second])
    assert history.first_word([first, second, third]) == "contradicted" and history.first_word([first]) == ""


def test_the_published_history_ends_with_the_present_of_every_claim() -> None:
    entries, published = history.read(), verdicts.published()
    assert entries == history.with_present(entries, published), "run accept"
    for claim in claims.registry().claims.values():
        last = entries[claim.id][-1]
        assert last.verdict == published[claim.id].verdict
        assert last.rules == history.now(claim, published[claim.id]).rules
