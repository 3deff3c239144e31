"""What the extensions share: templates, and which page depends on what."""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

import jinja2
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from compendium.evidence import paths

TEMPLATES = paths.BOOK / "templates" / "compendium"
COMPILED = paths.BUILD / "templates"
KEPT = paths.BUILD / "kept"
DATA_FOLDER = "_static/figure-data"  # where a built site keeps the data and drawings of its figures


def kept(name: str) -> Path:
    """A file for what the next build need not work out again; whoever keeps it names all that it was made from."""
    KEPT.mkdir(parents=True, exist_ok=True)
    return KEPT / name


def version() -> str:
    """The version of the book, by which it is cited."""
    from importlib import metadata

    return metadata.version("compendium")


def render(template: str, **values: Any) -> str:
    """Return a template of `book/templates/compendium` filled with `values`, escaped."""
    return _environment().get_template(template).render(**values)


def linked_data(told: dict[str, Any]) -> str:
    """What a page tells search engines in the words of schema.org, as an element of its head."""
    text = json.dumps(told, ensure_ascii=False).replace("</", "<\\/")
    return f'<script type="application/ld+json">{text}</script>'


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_compiled(),
    )


def keep_compiled(app: Sphinx) -> None:
    """Keep the theme's compiled templates between builds; one that changes is compiled again."""
    app.builder.templates.environment.bytecode_cache = _compiled()


def _compiled() -> jinja2.FileSystemBytecodeCache:
    COMPILED.mkdir(parents=True, exist_ok=True)
    return jinja2.FileSystemBytecodeCache(str(COMPILED))


def digest(value: Any) -> str:
    """A digest of plain data, to see whether a page must be made again."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


def depends(env: BuildEnvironment, docname: str, **digests: str) -> None:
    """Note that a page shows things with these digests."""
    noted: dict[str, dict[str, str]] = env.__dict__.setdefault("compendium_dependencies", {})
    noted.setdefault(docname, {}).update(digests)


def outdated(env: BuildEnvironment, **digests: str) -> set[str]:
    """The pages that were made from something else than these digests."""
    noted: dict[str, dict[str, str]] = env.__dict__.get("compendium_dependencies", {})
    return {doc for doc, seen in noted.items() if any(seen.get(name, now) != now for name, now in digests.items())}


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop what was noted of a page that is read again."""
    env.__dict__.get("compendium_dependencies", {}).pop(docname, None)
