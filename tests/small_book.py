"""A throw-away book in a folder of its own: the real package and data, one short chapter to spoil."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from compendium import paths

CHAPTER = """---
jupytext:
  text_representation:
    format_name: myst
kernelspec:
  name: python3
  display_name: Python 3
---

# A short chapter

```{code-cell} ipython3
from compendium import claims, lineage, tables

whole = tables.value("global_estimates", "value_central", id="ilo2005_fl")
part = tables.value("global_estimates", "value_high", id="ilo2005_traf")
print(part / whole)
```

```{code-cell} ipython3
known = claims.registry().claims
same = {claim: {label: {} for label in known[claim].alternatives} for claim in known}
claims.conclude("slaves-12m", trafficked_share=part / whole, alternatives=same["slaves-12m"])
```

```{code-cell} ipython3
claims.conclude("profit-32bn", ratio_to_source=1.0, spread=6.0, alternatives=same["profit-32bn"])
```

```{code-cell} ipython3
numbers = dict(implied_per_person=2602, published_low=4500, published_high=13000)
claims.conclude("figures-paired", **numbers, alternatives=same["figures-paired"])
```
"""

OTHER = CHAPTER.split("```{code-cell}")[0].replace("A short chapter", "Another page") + (
    '```{code-cell} ipython3\nfrom compendium import tables\nlen(tables.read("cambodia_tiers"))\n```\n'
)

TOC = (
    "format: jb-book\nroot: book/index\nchapters:\n  - file: book/1-claims/numbers\n  - file: book/1-claims/other\n"
)


class SmallBook:
    """The folder, and the commands that a reviewer would run in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("book/compendium", "book/assets", "book/templates", "data"):
            shutil.copytree(paths.ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("_config.yml", "requirements.lock", "pyproject.toml", "book/references.bib"):
            shutil.copy(paths.ROOT / name, root / name)
        (root / "_toc.yml").write_text(TOC, encoding="utf-8")
        (root / "book/index.md").write_text("# A small book\n\nText.\n", encoding="utf-8")
        self.chapter = root / "book/1-claims/numbers.md"
        self.chapter.parent.mkdir()
        self.chapter.write_text(CHAPTER, encoding="utf-8")
        (root / "book/1-claims/other.md").write_text(OTHER, encoding="utf-8")
        for name in ("verdicts.json", "certificate.json"):
            (root / "data" / name).unlink(missing_ok=True)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `python -m compendium` in the small book."""
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
        """The variables under which the small book's own package is imported."""
        return {**os.environ, "PYTHONPATH": str(self.root / "book"), "OPENBLAS_NUM_THREADS": "1"}

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file; the old text must be there."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} does not hold {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def executed(self) -> dict[str, str]:
        """Which pages `execute` ran again and which it kept."""
        done = self.run("execute")
        assert done.returncode == 0, done.stderr
        return {line.split()[0]: line.split()[-1] for line in done.stdout.splitlines()}
