"""The history of a claim holds every change of its rules and verdicts, from the repository or from kept data."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from compendium.evidence import paths
from compendium.run import history as past
from compendium.site import ledger, pages, strips
from compendium.trial import claims, history, told, verdicts
from compendium.trial.rules import Rule

CLAIMS = """claims:
  - id: boats
    claim: Boats are large.
    key_number: seats
    numbers: {{seats: {{meaning: seats of a boat}}, oars: {{meaning: of no rule}}}}
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


def commit(
    root: Path, date: str, version: str, line: int, verdict: str | None, subject: str, changed: str = ""
) -> None:
    reason = f"    changed: {changed}\n" if changed else ""
    (root / "data/claims.yml").write_text(CLAIMS.format(line=line) + f"{reason}# {date} {subject}\n")
    (root / "pyproject.toml").write_text(f'version = "{version}"\n')
    if verdict:
        reached = {"boats": {"verdict": verdict, "numbers": {"seats": 4}}}
        (root / "data/verdicts.json").write_text(json.dumps({"claims": reached}))
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", subject, date=f"{date}T12:00:00")


def test_the_repository_tells_every_change(repository: Path) -> None:
    states = list(past._states())
    assert [state.date for state in states[:2]] == ["2026-01-01", "2026-01-02"] and states[1].version == "1.0.0"
    assert states[1].declared["boats"]["rules"] == {
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
        ("Of the version at work", "contradicted"),
    ]
    assert [entry.version for entry in entries] == ["1.0.0"] * 3 + ["9.0.0"]


def test_two_changes_under_one_version_are_two_entries_and_the_later_verdict_is_that_of_the_later_rule(
    repository: Path,
) -> None:
    commit(repository, "2099-01-01", "9.0.0", 40, "contradicted", "Once more, and not yet computed")
    commit(repository, "2099-01-01", "9.0.0", 40, "supported", "Computed")
    commit(repository, "2099-01-01", "9.0.0", 40, "mixed", "Other evidence")
    entries = past.recorded()[0]["boats"][3:]
    assert [(entry.why, entry.verdict) for entry in entries] == [
        ("Of the version at work", "contradicted"),
        ("Once more, and not yet computed", "supported"),
        ("Other evidence", "mixed"),
    ]


def test_a_day_has_the_version_it_ended_with_and_a_merge_the_reason_of_what_it_brought(
    repository: Path,
) -> None:
    git(repository, "checkout", "-q", "-b", "aside")
    commit(repository, "2099-01-02", "9.0.0", 50, "contradicted", "A line drawn aside")
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-ff", "-m", "Merge", "aside", date="2099-01-03T12:00:00")
    commit(repository, "2099-01-03", "9.1.0", 50, "contradicted", "Nothing of it")
    last = past.recorded()[0]["boats"][-1]
    assert (last.why, last.version, last.date) == ("A line drawn aside", "9.1.0", "2099-01-03")


def test_what_a_claim_says_of_its_change_is_the_reason_also_if_it_says_so_later_that_day(repository: Path) -> None:
    commit(repository, "2099-01-01", "9.0.0", 30, "supported", "Computed")
    commit(repository, "2099-01-02", "9.0.0", 30, "mixed", "Evidence")
    assert past.recorded()[0]["boats"][-1].why == "Evidence"
    commit(repository, "2099-01-02", "9.0.0", 30, "mixed", "Said", "A boat was counted twice.")
    assert past.recorded()[0]["boats"][-1].why == "A boat was counted twice."
    commit(repository, "2099-01-02", "9.0.0", 30, "mixed", "Said otherwise", "Boats were counted twice.")
    assert past.recorded()[0]["boats"][-1].why == "A boat was counted twice."
    commit(repository, "2099-01-05", "9.0.0", 40, "mixed", "A line", "Boats were counted twice. The line was low.")
    whys = [each.why for each in past.recorded()[0]["boats"]]
    assert whys[-2:] == ["A boat was counted twice.", "Boats were counted twice. The line was low."]


def test_what_the_repository_does_not_tell_is_kept(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "registry", lambda: claims.Registry({}, {}, {}))
    monkeypatch.setattr(verdicts, "published", dict)
    lost = replace(entry("1.0.0", "mixed"), date="2026-01-05", why="Lost")
    history.write({"boats": [lost, replace(lost, date="2026-01-02", why="Told otherwise")]})
    past.rebuild()
    assert [each.why for each in history.read()["boats"]] == [
        "Declare",
        "A higher line",
        "The verdict",
        "Lost",
        "Of the version at work",
    ]


def test_the_published_history_holds_every_change_that_the_repository_tells() -> None:
    """In their order, among entries that only the history has."""
    try:
        told, _ = past.recorded()
    except OSError:
        pytest.skip("no repository here")
    kept = history.read()
    for claim_id, entries in told.items():
        rest = iter(kept[claim_id])
        for change in entries:
            assert any(not change.differs(each) and change.rules == each.rules for each in rest), (
                f"{claim_id}: the change of {change.date} is not in history.json; run accept, or history"
            )


def test_a_folder_without_a_repository_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    with pytest.raises(OSError, match="git could not read the history"):
        list(past._states())


def entry(version: str, verdict: str, line: str = "a > 1") -> history.Entry:
    return history.Entry(version, "2026-01-01", "", {"part": {"supported": line}}, verdict, "a", 1.0)


def test_a_change_under_the_same_version_is_a_new_entry_and_the_one_before_stays() -> None:
    claim_id = next(iter(claims.registry().claims))
    claim, verdict = claims.registry()[claim_id], verdicts.published()[claim_id]
    present = history.now(claim, verdict)
    told = replace(present, why="", amended=False)
    part, kinds = next(iter(present.rules.items()))
    before = {
        "rule": replace(told, rules={**present.rules, part: {**kinds, "supported": "a > 1"}}),
        "verdict": replace(told, verdict="mixed"),
        "part": replace(told, parts={**present.parts, part: "mixed"}),
        "counting": replace(told, counting="only boats with oars"),
    }
    for what, entry_before in before.items():
        found = history.with_present({claim_id: [entry_before]}, {claim_id: verdict})[claim_id]
        assert found == [entry_before, replace(present, amended=False)], what
    same = replace(present, version="0.1", meanings={min(present.meanings): "the same in other words"})
    assert history.with_present({claim_id: [same]}, {claim_id: verdict})[claim_id] == [same]


def test_a_last_entry_of_this_version_gets_the_present_number_and_a_reason_if_it_has_none() -> None:
    claim = next(claim for claim in claims.registry().claims.values() if claim.changed)
    verdict = verdicts.published()[claim.id]
    last = replace(history.now(claim, verdict), date="2020-02-20")
    stale = replace(last, key_value=0.5, why="")
    assert history.with_present({claim.id: [stale]}, {claim.id: verdict})[claim.id] == [last]
    told = replace(stale, why="Otherwise.")
    (found,) = history.with_present({claim.id: [told]}, {claim.id: verdict})[claim.id]
    assert (found.why, found.key_value) == ("Otherwise.", last.key_value)


def test_a_number_told_in_other_words_is_named_when_verdicts_are_accepted() -> None:
    kept = history.read()
    assert history.reworded(kept) == []
    last = kept["campaign"][-1]
    kept["campaign"][-1] = replace(last, meanings={**last.meanings, "campaign_no": "laws", "gone": "a number"})
    (line,) = history.reworded(kept)
    assert line.startswith("campaign: campaign_no is told in other words")
    assert history.reworded({}) == []


def test_the_reason_of_an_entry_is_what_was_not_told_before() -> None:
    kept = [replace(entry("1", "mixed"), why=why) for why in ("Declare", "A line moved. It was low.", "")]
    assert history.untold("A line moved. It was low. Now a word moved.", kept) == "Now a word moved."
    assert history.untold("A line moved. It was low.", kept) == history.untold("", kept) == ""
    assert history.untold("A line moved.", []) == "A line moved."


def test_no_claim_page_says_that_its_rules_were_changed_and_that_they_are_those_first_written() -> None:
    kept = history.read()
    for claim in claims.registry().claims.values():
        entries = kept[claim.id]
        said = {"rechosen": history.rechosen(entries), "first_word": history.first_word(entries)}
        shown = {"claim": claim, "verdict": None, "word": "mixed", "in_code": True, "answers": told.ANSWERS}
        page = pages.render("verdict-rules.html", **shown, **said)
        page += pages.render("claim-history.html", seals=strips.SEALS, **ledger._past(claim))
        assert page.count('class="history-when"') == len(entries) and page.count("Changed: ") == len(entries) - 1
        assert ("they were changed" in page) <= ("is not the one that was first written" in page), claim.id
        assert ("changed since they were first" in page) == ("is not the one" in page), claim.id
        if claim.changed:
            assert said["rechosen"] or len(entries) > 1, f"{claim.id}: what changed is not recorded"


def test_which_came_first_is_said_only_where_the_history_shows_it() -> None:
    pending, first, later = entry("1", "not yet tested"), entry("1", "mixed"), entry("1", "mixed", "a > 2")
    shown, alone = history.origin([pending, first]), history.origin([first])
    assert "is the one that was first written" in shown and "before there was a verdict" in shown
    assert "is the one that was first written" in alone and "does not show which came first" in alone
    assert "knew a verdict" not in shown + alone and "before there was a verdict" not in alone
    assert "is not the one" in (changed := history.origin([pending, first, later])) and "knew a verdict" in changed
    assert "knew a verdict" not in history.origin([pending, replace(pending, rules=later.rules), later])
    assert "changed already" in (old := history.origin([replace(first, amended=True)])) and "is not the one" in old
    assert history.origin([]) == ""


def test_the_word_before_is_that_of_the_last_version_before_this_one() -> None:
    version, _ = history.release()
    entries = [entry("0.1", "mixed"), entry("0.2", "supported"), entry(version, "contradicted")]
    assert history.word_before(entries) == "supported" and history.word_before(entries[2:]) == ""


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


def test_what_was_written_is_read_again_and_written_to_the_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries, before = history.read(), (paths.DATA / history.FILE).read_bytes()
    monkeypatch.setattr(paths, "DATA", tmp_path)
    assert history.read() == {}
    history.write(dict(reversed(entries.items())))
    assert (tmp_path / history.FILE).read_bytes() == before and history.read() == entries


def test_claims_that_are_gone_stand_last_in_the_order_of_the_alphabet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "DATA", tmp_path)
    first, second, *_ = claims.registry().claims
    history.write({"zeal": [], second: [], "aim": [], first: [entry("1", "mixed")]})
    assert list(history.read()) == [first, second, "aim", "zeal"]


def test_the_former_parts_are_those_of_the_last_version_before_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    version, _ = history.release()
    lines = {"0.1": "a > 1", "0.2": "a > 2", version: "a > 3"}
    kept = [
        replace(entry(of, "mixed"), rules={"part": {"supported": line, "contradicted": "a < 0"}})
        for of, line in lines.items()
    ]
    monkeypatch.setattr(history, "read", lambda: {"old": kept, "new": kept[2:]})
    assert history.former("old") == (claims.Part("part", Rule("a > 2"), Rule("a < 0")),)
    assert history.former("new") == history.former("unknown") == ()


def test_a_claim_that_is_new_has_its_first_entry_and_one_without_a_verdict_is_not_yet_tested() -> None:
    claim_id, other, *_ = claims.registry().claims
    verdict = verdicts.published()[claim_id]
    found = history.with_present({}, {claim_id: verdict})
    assert list(found) == list(claims.registry().claims)
    (only,) = found[claim_id]
    assert (only.verdict, only.key_value) == (verdict.verdict, verdict.numbers[only.key_number])
    assert [(one.verdict, one.key_value) for one in found[other]] == [("not yet tested", None)]


def test_the_present_is_compared_with_the_last_entry_and_not_with_one_before() -> None:
    claim_id = next(claim.id for claim in claims.registry().claims.values() if not claim.changed)
    verdict = verdicts.published()[claim_id]
    present = history.now(claims.registry()[claim_id], verdict)
    same, other = replace(present, version="0.1"), replace(present, version="0.2", verdict="not yet tested")
    again = replace(present, version="0.3")

    def last(*entries: history.Entry) -> list[history.Entry]:
        return history.with_present({claim_id: [*entries]}, {claim_id: verdict})[claim_id]

    assert last(same, other) == [same, other, present]
    assert last(same, other, again) == [same, other, again]
    ours, theirs = replace(present, version="0.1", rules={}), replace(present, version="0.2")
    assert last(ours, theirs) == [ours, theirs]


def test_rules_that_were_changed_and_changed_back_are_those_first_written() -> None:
    one, two, back = entry("1", "mixed"), entry("2", "mixed", "a > 2"), entry("3", "mixed")
    assert not history.rechosen([]) and not history.rechosen([one])
    assert history.rechosen([one, two]) and not history.rechosen([one, two, back])
    assert history.rechosen([one, back, two])
    assert history.moved([one, two, back]) == [(one, two), (two, back)] and history.moved([one]) == []
    assert one.differs(two) and not one.differs(back) and one.differs(replace(one, verdict="supported"))


def test_the_rules_of_a_registry_of_any_version_are_read_with_or_without_parts() -> None:
    text = "claims:\n" + CLAIMS.format(line=10).partition("\n")[2]
    text += (
        "  - id: vans\n    claim: Vans are many.\n    key_number: vans\n    parts:\n"
        "      - {name: a, testable: vans > 0, supported: vans > 9, contradicted: vans < 5}\n"
        "      - {name: b, supported: true, contradicted: false, note: none}\n"
    )
    found = history.declared(text)
    assert found["boats"] == {
        "rules": {"Boats are large.": {"supported": "seats >= 10", "contradicted": "seats < 5"}},
        "key_number": "seats",
        "meanings": {"seats": "seats of a boat"},
        "changed": "",
        "counting": "",
    }
    assert found["vans"]["rules"] == {
        "a": {"testable": "vans > 0", "supported": "vans > 9", "contradicted": "vans < 5"},
        "b": {"supported": "True", "contradicted": "False"},
    }
