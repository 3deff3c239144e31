"""The pages are valid HTML, by html-validate's rules of correctness."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from compendium.evidence import paths

pytestmark = pytest.mark.check  # needs npm

VALIDATOR = "html-validate@10.17.0"
RULES = (
    "attribute-allowed-values attribute-misuse close-attr close-order deprecated duplicate-id element-name "
    "element-permitted-content element-permitted-occurrences element-permitted-order element-permitted-parent "
    "element-required-ancestor element-required-attributes element-required-content empty-heading empty-title "
    "form-dup-name map-dup-name map-id-name meta-refresh missing-doctype multiple-labeled-controls no-dup-attr "
    "no-dup-class no-dup-id no-missing-references no-utf8-bom script-element text-content unique-landmark "
    "unrecognized-char-ref valid-id void-content wcag/h30 wcag/h36 wcag/h37 wcag/h63 wcag/h67 wcag/h71"
).split()


@pytest.fixture(scope="module")
def validator() -> Path:
    """The validator from the npm registry, installed once beside the build."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm found: the pages were NOT validated")
    folder = paths.BUILD / "html-validate"
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=paths.BUILD) as apart:  # half an installation never stands there
            new = Path(apart, "html-validate")
            new.mkdir()
            (new / "package.json").write_text("{}")
            command = [npm, "install", "--silent", VALIDATOR]
            for wait in (2, 10, 0):  # a registry may be slow to answer
                done = subprocess.run(command, cwd=new, capture_output=True, text=True, check=False)
                if not done.returncode:
                    break
                time.sleep(wait)
            if done.returncode and os.environ.get("CI"):
                pytest.fail(f"html-validate could not be installed: {(done.stdout + done.stderr)[-300:]}")
            if done.returncode:
                pytest.skip("the npm registry cannot be reached: the pages were NOT validated")
            try:
                new.rename(folder)
            except OSError:  # another worker was first, and its installation is as whole
                if not folder.exists():
                    raise
    return folder / "node_modules" / ".bin" / "html-validate"


def faults(validator: Path, pages: list[Path], folder: Path) -> list[str]:
    config = folder / ".htmlvalidate.json"
    rules = {rule: "error" for rule in RULES if rule not in ("duplicate-id", "wcag/h30")}
    rules["valid-id"] = ["error", {"relaxed": True}]  # type: ignore[assignment]
    config.write_text(json.dumps({"root": True, "elements": ["html5"], "rules": rules}))
    report = folder / "report.json"  # a pipe would cut a long report short
    command = [str(validator), "--config", str(config), "--formatter", f"json={report}", *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert report.exists(), done.stderr
    return [
        f"{Path(page['filePath']).name}:{fault['line']} {fault['ruleId']}: {fault['message']}"
        for page in json.loads(report.read_text())
        for fault in page["messages"]
    ]


def test_every_page_is_valid(validator: Path, site: Path, tmp_path: Path) -> None:
    pages = sorted(
        [
            *site.glob("book/**/*.html"),
            *site.glob("claims/*.html"),
            *site.glob("source/**/*.html"),
            site / "404.html",
            site / "search.html",
        ]
    )
    assert len(pages) > 30
    assert faults(validator, pages, tmp_path) == []


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        ("<span><div>a block in a phrase</div></span>", "element-permitted-content"),
        ('<p id="a">one</p><p id="a">two</p>', "no-dup-id"),
        ("<h1></h1>", "empty-heading"),
        ("<button></button>", "text-content"),
        ('<p aria-labelledby="nowhere">x</p>', "no-missing-references"),
    ],
)
def test_the_validator_finds_what_it_should(validator: Path, broken: str, rule: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(f'<!DOCTYPE html><html lang="en"><head><title>t</title></head><body>{broken}</body></html>')
    assert any(f" {rule}:" in fault for fault in faults(validator, [page], tmp_path))
