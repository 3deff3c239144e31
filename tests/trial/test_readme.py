"""The README cannot grow stale: its sentences, its picture and its table are those of the verdicts."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from compendium.evidence import paths
from compendium.trial import claims, readme, rules, score, verdicts

SVG = "{http://www.w3.org/2000/svg}"


def _all(word: str) -> dict[str, verdicts.Verdict]:
    return {name: replace(verdict, verdict=word) for name, verdict in verdicts.published().items()}


def test_the_readme_shows_the_published_verdicts() -> None:
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    assert readme.up_to_date(text, verdicts.published()) == text
    assert all(f"`{claim_id}`" in text for claim_id in claims.registry().claims)
    assert (paths.ROOT / readme.PICTURE).read_text(encoding="utf-8") == readme.picture(verdicts.published())


def test_the_first_screen_has_three_sentences_the_picture_and_the_two_commands() -> None:
    screen = (paths.ROOT / "README.md").read_text(encoding="utf-8").split("## ")[0].splitlines()[:30]
    text = "\n".join(screen)
    assert len(readme.sentences(verdicts.published()).splitlines()) == 3
    assert readme.sentences(verdicts.published()) in text and f"]({readme.PICTURE})" in text
    assert re.findall(r"^make \w+", text, re.MULTILINE) == ["make book", "make test"]


@pytest.mark.parametrize("word", [rules.SUPPORTED, rules.MIXED, rules.CONTRADICTED, rules.UNTESTABLE])
def test_sentences_and_picture_follow_the_verdicts(word: str) -> None:
    found = _all(word)
    drawing = readme.picture(found)
    scores = score.score(found)
    assert readme.sentences(found) != readme.sentences(verdicts.published())
    texts = [text.text for text in ElementTree.fromstring(drawing).iter(f"{SVG}text")]
    assert [text for text in texts if text.isdigit()] == [str(side.total) for side in scores.values()]
    assert [text for text in texts if text in rules.VERDICTS] == [word], "the key names what is drawn and no more"
    assert "var(" not in drawing, "the picture stands without the book's stylesheet"
    stale = "<!-- finding -->STALE<!-- /finding --><!-- verdicts -->STALE<!-- /verdicts -->"
    assert "STALE" not in readme.up_to_date(stale, found)


def test_a_stale_readme_and_its_picture_are_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    published = verdicts.published()
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    readme.write(published)
    assert list(tmp_path.iterdir()) == [], "where there is no README none is made"
    stale = text.replace(readme.sentences(published), "Nothing was found.")
    assert stale != text
    (tmp_path / "README.md").write_text(stale, encoding="utf-8")
    (tmp_path / readme.PICTURE).parent.mkdir(parents=True)
    readme.write(published)
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text
    assert (tmp_path / readme.PICTURE).read_text(encoding="utf-8") == readme.picture(published)


def test_the_headline_says_how_much_is_undecided_and_which_side_holds_up() -> None:
    def of(discourse: dict[str, int], essay: dict[str, int]) -> str:
        sides = {"discourse": discourse, "essay": essay}
        return score.headline({side: score.Score(side, counts) for side, counts in sides.items()})

    half = {rules.SUPPORTED: 1, rules.CONTRADICTED: 1, rules.OPEN: 2}
    assert of(half, half).startswith("Neither") and of(half, half).endswith(
        "about half of what each says is undecided."
    )
    sure = {rules.SUPPORTED: 3, rules.OPEN: 1}
    assert of(half, sure).startswith("The essay holds up more often") and "three of eight claims are" in of(
        half, sure
    )
    assert of(sure, half).startswith("The alarm about human trafficking holds up more often")
    assert "hold up equally often" in of(sure, sure) and "two of eight claims are undecided" in of(sure, sure)


def test_how_sure_counts_only_what_is_decided() -> None:
    found = verdicts.published()
    decided = [
        c.id for c in claims.registry().claims.values() if c.side and found[c.id].verdict not in score.FATES["open"]
    ]
    assert score.assurance(found).startswith(f"Of {len(decided)} claims that are decided")
    assert score.assurance(_all(rules.OPEN)) == "No claim is decided."
    assert score.assurance({decided[0]: found[decided[0]]}).startswith(
        "Of one claim that is decided, if only in part, the evidence is"
    )


def test_the_walk_has_five_steps_and_leads_past_what_is_there() -> None:
    text = (paths.ROOT / "README.md").read_text(encoding="utf-8")
    walk = text.partition("A stranger's walk in five steps")[2].split("\n\n")[1]
    steps = walk.strip().splitlines()
    assert [step.split(".")[0] for step in steps] == ["1", "2", "3", "4", "5"]
    (call,) = re.findall(r"`(tables\.value\([^`]+\))`", walk)
    code = [path.read_text(encoding="utf-8") for path in (paths.PACKAGE / "chapters").rglob("*.py")]
    assert any(call in module for module in code)
    page = (paths.BOOK / "3-prison" / "women.md").read_text(encoding="utf-8")
    (cell,) = re.findall(r"`(say\([^`]+\))`", walk)
    assert cell in page
    for file in re.findall(r"`(\w+\.py)`", walk):
        assert (paths.PACKAGE / "trial" / file).exists()


@pytest.mark.parametrize("name", ["JupyterLab", "VS Code"])
def test_readme_and_page_for_reviewers_name_what_opens_a_notebook(name: str) -> None:
    for path in (paths.ROOT / "README.md", paths.BOOK / "reference" / "verify.md"):
        assert name in path.read_text(encoding="utf-8")
