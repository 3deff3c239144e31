"""The certificate of a verification: what was executed again, where, what came out, and on which machines alike."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import platform
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compendium.evidence import paths

if TYPE_CHECKING:
    from compendium.run.verify import Report

SCHEMA = 3
FILE = paths.BUILD / "certificate.json"
PACKAGES = ("pandas", "numpy", "scipy", "statsmodels", "altair", "seaborn", "myst-nb", "jupyter-book")
# What a reader may have; on what of it the results were not compared, the certificate says.
MAY_HAVE = {
    "python": ("3.11", "3.12", "3.13", "3.14"),
    "system": ("Linux", "macOS", "Windows"),
    "machine": ("x86_64", "arm64"),
}
_SAME = {"Darwin": "macOS", "AMD64": "x86_64", "aarch64": "arm64"}


def digest(value: Any) -> str:
    """One digest of plain data."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def published() -> dict[str, Any] | None:
    """The certificate in `data/`; None if none was published. Raises ValueError for one that is no JSON."""
    path = paths.DATA / FILE.name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def here() -> dict[str, str]:
    """The platform at work, as far as numbers may hang on it."""
    system, machine = platform.system(), platform.machine()
    return {
        "python": ".".join(platform.python_version_tuple()[:2]),
        "system": _SAME.get(system, system),
        "machine": _SAME.get(machine, machine),
    }


def state(report: Report) -> str:
    """A digest of what the results follow from: pages and code, tables, declarations."""
    return digest([report.files, report.tables, report.declarations])


def platforms(report: Report, before: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Where these very files were executed: the platforms of the published certificate, and this one.

    A platform that was seen with other files says nothing of these, and is left out.
    """
    seen = []
    if before is not None and before.get("state") == state(report):
        seen = [entry for entry in before["platforms"] if {key: entry[key] for key in MAY_HAVE} != here()]
    own = {**here(), "checked_on": time.strftime("%Y-%m-%d", time.gmtime()), "results": report.results}
    return sorted([*seen, own], key=lambda entry: [entry[key] for key in MAY_HAVE])


def results_here(told: Mapping[str, Any]) -> dict[str, str]:
    """By claim, the digest of its unrounded numbers that a certificate has of the platform at work."""
    return {
        claim: result
        for entry in told["platforms"]
        if {key: entry[key] for key in MAY_HAVE} == here()
        for claim, result in entry["results"].items()
    }


def exactly_known() -> dict[str, set[str]]:
    """By claim, the digests of its unrounded numbers that the published certificate has, of whatever platform."""
    try:
        before = published() or {}
    except ValueError:
        before = {}  # the report names it already
    found: dict[str, set[str]] = {}
    for entry in before.get("platforms", []):
        for claim, result in entry["results"].items():
            found.setdefault(claim, set()).add(result)
    return found


def agreement(seen: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The claims whose unrounded numbers are the same on all platforms to the last bit, and those that differ."""
    found: dict[str, list[str]] = {"same": [], "differ": []}
    for claim in seen[0]["results"]:
        word = "same" if len({entry["results"].get(claim) for entry in seen}) == 1 else "differ"
        found[word].append(claim)
    return found


def not_seen(seen: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Of what a reader may have, the versions, systems and machines on which nothing was compared."""
    return {
        key: [value for value in values if value not in {entry[key] for entry in seen}]
        for key, values in MAY_HAVE.items()
    }


def content(report: Report) -> dict[str, Any]:
    """The certificate of a report as plain data: what was checked, where, with what outcome."""
    try:
        before = published()
    except ValueError:
        before = None  # the report names it already
    seen = platforms(report, before)
    return {
        "schema": SCHEMA,
        "outcome": _outcome(report),
        "checked_on": time.strftime("%Y-%m-%d", time.gmtime()),
        "checked_by": os.environ.get("COMPENDIUM_CHECKER", ""),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "packages": _versions(),
        "seconds": round(report.seconds, 1),
        "chapters": report.chapters,
        "files": report.files,
        "tables": report.tables,
        "declarations": report.declarations,
        "claims": [row.__dict__ for row in report.rows],
        "problems": list(report.problems),
        "state": state(report),
        "platforms": seen,
        "agreement": agreement(seen),
        "not_seen": not_seen(seen),
        "second_way": asdict(report.second) if report.second else None,
        **({"left_out": list(report.left)} if report.left else {}),
    }


def _outcome(report: Report) -> str:
    if not report.same:
        return "not reproduced"
    return "reproduced in part" if report.left else "reproduced"


def _versions() -> dict[str, str]:
    """The versions of the packages at hand: in a browser, not all are."""
    from importlib import metadata

    found = {}
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def write(report: Report, path: Path = FILE) -> Path:
    """Write the certificate of a report, whole or not at all; OSError if it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    paths.write(path, json.dumps(content(report), indent=1) + "\n")
    return path


def leave(report: Report) -> Path:
    """Write the certificate into the folder verified, or into a temporary one if that can only be read."""
    try:
        return write(report)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise
        return write(report, Path(tempfile.mkdtemp(prefix="compendium-")) / FILE.name)
