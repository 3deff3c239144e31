"""A site that asks nothing of any other host: light, accessible, under a strict content policy.

* Every page links one stylesheet (``_static/book.css``) and one deferred script (``_static/book.js``).
  Both are joined from the installed theme and extensions; rules that no page can match are left out.
* Icons come from the theme's icon font, cut down to the glyphs the stylesheet still names.
* Math is written as MathML. Vega is written to ``_static/vega.js``; no page links it, figures do.
* Known accessibility faults of the theme, of pandas and of statsmodels markup are mended on each page.
* Each page carries a content security policy with the hashes of its own inline scripts.
* When the build ends, whatever would load from a host outside ``offline_allowed_hosts`` fails it.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

from compendium.site import mathml, mending, policy, shell, vega

logger = logging.getLogger(__name__)


def _is_site(app: Sphinx) -> bool:
    return app.builder.name in ("html", "dirhtml", "singlehtml")


def _on_config(app: Sphinx, config: Config) -> None:
    config.html_math_renderer = "mathml"
    config.nb_ipywidgets_js = {}
    for option in ("navbar_persistent", "primary_sidebar_end"):
        config.html_theme_options.setdefault(option, [])
    for listeners in app.events.listeners.values():
        listeners[:] = [entry for entry in listeners if not entry.handler.__module__.startswith("sphinx_thebe")]


def _on_builder(app: Sphinx) -> None:
    if _is_site(app):
        app.builder.shell = shell.shell_of(app)  # type: ignore[attr-defined]
        vega.write_bundle(app)
        _mend_pages_as_written(app)


def _mend_pages_as_written(app: Sphinx) -> None:
    render: Callable[[str, dict[str, Any]], str] = app.builder.templates.render

    def render_mended(template: str, context: dict[str, Any]) -> str:
        page = render(template, context)
        if "<html" not in page:
            return page
        page = policy.with_policy(mending.mend_page(page))
        if handler := policy.blocked_handler(page):
            logger.warning(
                "inline handler %s= is blocked by the content security policy; attach it from a script file",
                handler,
                location=context.get("pagename"),
                type="offline",
                subtype="handler",
            )
        return page

    app.builder.templates.render = render_mended  # type: ignore[method-assign]


def _on_page(app: Sphinx, _pagename: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    if _is_site(app):
        shell.trim_assets(app.builder.shell, context)  # type: ignore[attr-defined]


def _on_finish(app: Sphinx, error: Exception | None) -> None:
    if error is not None or not _is_site(app):
        return
    shell.write_redirect(app)
    shell.write_shell(app, app.builder.shell)  # type: ignore[attr-defined]
    policy.fail_on_external_loads(app)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_config_value("offline_allowed_hosts", [], "html", [list])
    mathml.register(app)
    app.connect("config-inited", _on_config, priority=100)
    app.connect("builder-inited", _on_builder, priority=900)
    app.connect("html-page-context", _on_page, priority=900)
    app.connect("build-finished", _on_finish, priority=900)
    return {
        "version": metadata.version("compendium"),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
