"""Executes stale chapters before Sphinx reads them; refuses a build whose verdicts are not the published ones."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from compendium.evidence import paths
from compendium.run import build, execute, lock, settings, stress
from compendium.trial import claims, rules, verdicts

logger = logging.getLogger(__name__)
_until_the_end = ExitStack()


def prepare(app: Sphinx) -> None:
    """Execute what changed, or await that it was executed; keep the verdicts for the other extensions."""
    waiting = execute.WAITS in os.environ
    try:
        paths.check_place()
        settings.check()
    except (paths.PlaceError, settings.SettingError) as error:
        raise ExtensionError(str(error)) from None
    if waiting:
        # The ledger will ask this of every chapter; what is parsed now, beside the execution, is not parsed then.
        stress.inputs()
        gc.freeze()  # what was loaded so far stays; to look through it for garbage is in vain
    if waiting and sys.stdin.buffer.readline() != execute.GO:
        raise ExtensionError("the build that was to execute the chapters ended before it had")
    if not waiting:
        _hold(app)
    try:
        executed = execute.kept() if waiting else execute.refresh()
        execute.hand_over(executed)
        reached = execute.concluded(executed)
        concluded = [claim for page in executed for claim in claims.registry().of_chapter(page.page.chapter)]
        differences = verdicts.compare(verdicts.published(), reached, [claim.id for claim in concluded])
    except (execute.ExecutionError, rules.ClaimError) as error:
        raise ExtensionError(str(error)) from None
    serious = [str(difference) for difference in differences if difference.serious]
    if serious:
        raise ExtensionError("\n".join(serious))
    for difference in differences:
        logger.info("note: %s", difference)
    app.__dict__["compendium_verdicts"] = reached
    app.__dict__["compendium_executed"] = {page.page.docname: page for page in executed}


def _hold(app: Sphinx) -> None:
    """Hold the folder until this process ends; `make book` does so itself for the build that waits for it."""
    try:
        _until_the_end.enter_context(lock.held())
    except lock.BusyError as error:
        raise ExtensionError(str(error)) from None
    if Path(app.outdir).resolve() == build.SITE:
        build.STAMP.unlink(missing_ok=True)  # these pages are written in place, and may not be finished


def changed(
    app: Sphinx, env: BuildEnvironment, added: set[str], was_changed: set[str], removed: set[str]
) -> list[str]:
    """Pages whose execution is not the one that was read last."""
    before: dict[str, str] = env.__dict__.get("compendium_keys", {})
    now = {docname: page.key for docname, page in app.__dict__["compendium_executed"].items()}
    env.__dict__["compendium_keys"] = now
    return [docname for docname, key in now.items() if before.get(docname) != key and docname in env.all_docs]


def share_out(app: Sphinx, env: BuildEnvironment) -> None:
    """Let pages be written by processes of their own, now that all are read: none needs another."""
    if settings.workers() > 1:
        app.parallel = settings.workers() + 1  # this process only resolves them


def leave(app: Sphinx, failed: Exception | None) -> None:
    """Spare the interpreter, which ends now, the half second in which it would take the book's pages to pieces."""
    gc.freeze()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", prepare, priority=100)
    app.connect("env-get-outdated", changed)
    app.connect("env-check-consistency", share_out)
    app.connect("build-finished", leave, priority=999)
    return {"parallel_read_safe": False, "version": "1"}
