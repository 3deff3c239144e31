"""A chapter run on changed data: its deciding statements, in this process, on a copy of the data sealed again.

No alternative is computed: it decides nothing, and on changed data it may fail. What fails is passed over, as later
statements may not need it, and a number that fails is missing: a rule that does not need it is evaluated all the
same. Run each change in a process of its own.
"""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from compendium.evidence import paths, tables
from compendium.run import execute, here, program
from compendium.trial import verdicts

if TYPE_CHECKING:
    import pandas as pd

SECONDS = 600  # for one run of one chapter


class OutOfTime(BaseException):
    """A run that took too long; no statement of a chapter may swallow it."""


def uninterrupted() -> None:
    """Leave Ctrl-C to the process that started this one, which ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def import_once() -> None:
    """Import here what most chapters import, so that each forked run need not."""
    import altair  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import scipy.stats  # noqa: F401
    import seaborn  # noqa: F401


def conclusions(
    page: execute.Page, alter: Callable[[str, pd.DataFrame], pd.DataFrame] | None = None
) -> dict[str, verdicts.Verdict]:
    """Return the verdicts that a chapter reaches on data changed by `alter`; what it does not reach is missing.

    `alter` is given every table that the chapter reads: its name and its cells as text. This process reads the
    changed copy from then on.
    """
    # A chapter that would spread its models over processes runs them in this one, of a pool; joblib would say so.
    warnings.filterwarnings("ignore", message=".*-backed parallel loops")
    outcome = here.Outcome()
    signal.signal(signal.SIGALRM, _out_of_time)
    signal.alarm(SECONDS)
    source = page.path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(OutOfTime):
        if alter:
            _use(Path(folder), alter, program.tables_read(source))
        here.run(outcome, program.cells(source), bare=True)
    signal.alarm(0)
    return outcome.verdicts


def _out_of_time(signal_number: int, frame: object) -> None:
    raise OutOfTime


def raw(name: str) -> pd.DataFrame:
    """Return the cells of a table as text, whatever its types; an empty cell is an empty text."""
    import pandas as pd

    path = paths.DATA / str(tables.describe(name)["path"])
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _use(folder: Path, alter: Callable[[str, pd.DataFrame], pd.DataFrame], names: list[str]) -> None:
    """Copy the data, change it, seal it, and let this process read the copy."""
    for path in paths.DATA.iterdir():
        if path.suffix == ".csv":
            (folder / path.name).symlink_to(path.resolve())
        elif path.is_file():
            shutil.copy(path, folder / path.name)
    touched = set()
    for name in names:
        before = raw(name)
        after = alter(name, before)
        if not after.equals(before):
            copy = folder / str(tables.describe(name)["path"])
            copy.unlink()
            after.to_csv(copy, index=False, lineterminator="\n")
            touched.add(name)
    paths.DATA = folder
    here.reseal(touched)
