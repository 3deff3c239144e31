"""A throw-away book in a folder of its own: the real package and data, one short chapter to spoil.

Kernels and Sphinx take seconds to start. What a test needs done before it begins is there already (conftest.py):
    accepted_book   verdicts published; work on a copy, `SmallBook(tmp_path, accepted_book)`
    certified_book  the certificate published as well; work on a copy
    built_book      the site built; work on it where it is (moved, it is written anew); it is put back afterwards
`SmallBook(tmp_path)` is a book in which nothing has been run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import warm

from compendium.evidence import paths
from compendium.site import pages

CHAPTER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---

# A short chapter

```{code-cell} ipython3
from compendium.evidence import tables
from compendium.methods.counts import lineage
from compendium.trial import claims, conclude

whole = tables.value("global_estimates", "value_central", id="ilo2005_fl")
part = tables.value("global_estimates", "value_high", id="ilo2005_traf")
print(part / whole)
```

```{code-cell} ipython3
known = claims.registry().claims
of_un = dict(un_low=part / whole, un_high=part / whole)
same = {claim: {label: {} for label in known[claim].alternatives} for claim in known}
conclude("slaves-12m", trafficked_share=part / whole, alternatives=same["slaves-12m"], **of_un)
```

```{code-cell} ipython3
conclude("profit-32bn", ratio_to_source=1.0, near=0, far=0, alternatives=same["profit-32bn"])
```

```{code-cell} ipython3
numbers = dict(same_people=0, other_people=2, implied_per_person=2602, printed_per_person=13000)
conclude("figures-paired", **numbers, alternatives=same["figures-paired"])
```
"""

OTHER = CHAPTER.split("```{code-cell}")[0].replace("A short chapter", "Another page") + (
    '```{code-cell} ipython3\nfrom compendium.evidence import tables\nlen(tables.read("cambodia_tiers"))\n```\n'
)

TOC = (
    "format: jb-book\nroot: book/index\nchapters:\n  - file: book/1-claims/numbers\n  - file: book/1-claims/other\n"
)
# Of the chapters and their methods the short pages need these; each further module is a page of its site.
METHODS = ("counts/coders.py", "counts/lineage.py", "law/hazard.py", "shares/proportions.py")


def _left_out(folder: str, names: Iterable[str]) -> set[str]:
    """The modules of a folder that a small book is made without, and what another process is just writing there."""
    left = {name for name in names if ".pyc." in name}
    room = Path(folder).relative_to(paths.ROOT).as_posix().removeprefix("book/compendium/")
    if room == "chapters" or room.startswith("methods"):
        kept = ("__init__.py", "__pycache__", *(part for method in METHODS for part in method.split("/")))
        left |= {name for name in names if name not in kept and not room.endswith("__pycache__")}
    return left | ({"worlds"} if room == "run" else set())


class SmallBook:
    """The folder, and the commands that a reviewer would run in it; `of` is a book to copy, with what it built."""

    def __init__(self, root: Path, of: SmallBook | None = None) -> None:
        self.root = root
        self.chapter = root / "book/1-claims/numbers.md"
        if of is None:
            self._make(root)
        else:
            shutil.copytree(of.root, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.pyc.*"))

    @classmethod
    def at(cls, root: Path) -> SmallBook:
        """The small book that stands in a folder already."""
        book = cls.__new__(cls)
        book.root, book.chapter = root, root / "book/1-claims/numbers.md"
        return book

    def _make(self, root: Path) -> None:
        for folder in ("book/compendium", "book/assets", "book/templates", "data"):
            shutil.copytree(paths.ROOT / folder, root / folder, ignore=_left_out)
        for name in ("_config.yml", "requirements.lock", "pyproject.toml", "CITATION.cff", "book/references.bib"):
            shutil.copy(paths.ROOT / name, root / name)
        (root / "_toc.yml").write_text(TOC, encoding="utf-8")
        (root / "book/index.md").write_text("# A small book\n\nText.\n", encoding="utf-8")
        self.chapter.parent.mkdir()
        self.chapter.write_text(CHAPTER, encoding="utf-8")
        (root / "book/1-claims/other.md").write_text(OTHER, encoding="utf-8")
        for name in ("verdicts.json", "certificate.json"):
            (root / "data" / name).unlink(missing_ok=True)
        # What the whole book's build worked out of files that are the same here: stylesheets, scripts, templates.
        for kept in (pages.KEPT, pages.COMPILED):
            if kept.exists():
                shutil.copytree(kept, root / kept.relative_to(paths.ROOT))

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m compendium` in the small book."""
        if all(name.startswith("COMPENDIUM_") for name in variables):  # others may matter to Python as it starts
            # Its two chapters one after the other, so that kernels are forked; other tests fill the other cores.
            alone = {"COMPENDIUM_WORKERS": "1"}
            return warm.run([*arguments, "--quiet"], self.root, {**self.environment, **alone, **variables})
        return subprocess.run(
            [sys.executable, "-m", "compendium", *arguments, "--quiet"],
            cwd=self.root,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables under which the small book's own package is imported, and its site has no address."""
        own = {"PYTHONPATH": str(self.root / "book"), "OPENBLAS_NUM_THREADS": "1", "COMPENDIUM_BASEURL": ""}
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        return {**kept, **own}

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file; the old text must be there."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} does not hold {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def did(self, *arguments: str, **variables: str) -> None:
        """Run a command that must succeed."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr

    def executed(self) -> dict[str, str]:
        """Which pages `execute` ran again and which it kept."""
        done = self.run("execute")
        assert done.returncode == 0, done.stderr
        return {line.split()[0]: line.split()[-1] for line in done.stdout.splitlines()}

    def forget(self, chapter: str) -> None:
        """Let a chapter be as if it had never been executed."""
        (self.root / f"_build/executed/book.1-claims.{chapter}.json").unlink()

    def save(self) -> Path:
        """Copy the folder beside itself, for `put_back`; return where the copy is."""
        return Path(shutil.copytree(self.root, self.root.with_name("saved")))

    def put_back(self, saved: Path) -> None:
        """Make the folder what a copy of it was, times of files included, which Sphinx goes by."""
        shutil.rmtree(self.root)
        shutil.copytree(saved, self.root)
