"""Executes stale chapters before Sphinx reads them; refuses a build whose verdicts are not the published ones."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util import logging

from compendium import claims, execute, perturb

logger = logging.getLogger(__name__)


def prepare(app: Sphinx) -> None:
    """Execute what changed, or await that it was executed; keep the verdicts for the other extensions."""
    waiting = execute.WAITS in os.environ
    if waiting:
        # The ledger will ask this of every chapter; what is parsed now, beside the execution, is not parsed then.
        perturb.inputs()
        gc.freeze()  # what was loaded so far stays; to look through it for garbage is in vain
    if waiting and sys.stdin.buffer.readline() != execute.GO:
        raise ExtensionError("the build that was to execute the chapters ended before it had")
    try:
        executed = execute.kept() if waiting else execute.refresh()
        execute.hand_over(executed)
        verdicts = execute.verdicts(executed)
        concluded = [claim for page in executed for claim in claims.registry().of_chapter(page.page.chapter)]
        differences = claims.compare(claims.published(), verdicts, [claim.id for claim in concluded])
    except (execute.ExecutionError, claims.ClaimError) as error:
        raise ExtensionError(str(error)) from None
    serious = [str(difference) for difference in differences if difference.serious]
    if serious:
        raise ExtensionError("\n".join(serious))
    for difference in differences:
        logger.info("note: %s", difference)
    app.__dict__["compendium_verdicts"] = verdicts
    app.__dict__["compendium_executed"] = {page.page.docname: page for page in executed}


def changed(
    app: Sphinx, env: BuildEnvironment, added: set[str], was_changed: set[str], removed: set[str]
) -> list[str]:
    """Pages whose execution is not the one that was read last."""
    before: dict[str, str] = env.__dict__.get("compendium_keys", {})
    now = {docname: page.key for docname, page in app.__dict__["compendium_executed"].items()}
    env.__dict__["compendium_keys"] = now
    return [docname for docname, key in now.items() if before.get(docname) != key and docname in env.all_docs]


def leave(app: Sphinx, failed: Exception | None) -> None:
    """Spare the interpreter, which ends now, the half second in which it would take the book's pages to pieces."""
    gc.freeze()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.connect("builder-inited", prepare, priority=100)
    app.connect("env-get-outdated", changed)
    app.connect("build-finished", leave, priority=999)
    return {"parallel_read_safe": False, "version": "1"}
