"""What every page shares: one stylesheet and one deferred script, joined from the theme and the extensions."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from compendium.site import icons, pages, styles, vega
from compendium.site.mending import mend_page
from compendium.site.policy import with_policy

_THEME_STYLES = ("styles/theme.css", "styles/pydata-sphinx-theme.css")
_SHELL_SCRIPTS = (
    "storage.js",
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "scripts/sphinx-book-theme.js",
    "scripts/pydata-sphinx-theme.js",
    "load.js",
    "address.js",
    "shell.js",
    "reading.js",
    "previews.js",
)
_UNUSED_STYLES = ("sphinx-thebe.css", "togglebutton.css")
_UNUSED_SCRIPTS = ("sphinx-thebe.js", "togglebutton.js")
_UNUSED_INLINE = ("let toggle", "var toggle", "const THEBE", "DOCUMENTATION_OPTIONS.")
# Scripts that a page needs only when its body holds this markup.
_SCRIPT_NEEDS = {
    "clipboard.min.js": 'class="highlight"',
    "copybutton.js": 'class="highlight"',
    "design-tabs.js": "sd-tab-set",
}
# Classes and ids that the theme's scripts know for parts that this book does not have: a switch of versions, a
# banner, a sidebar that folds, notebooks of nbsphinx. If a page holds one after all, its rules are kept.
_NEVER_MADE = frozenset(
    "bd-header-announcement bd-header-version-warning dropdown-item dropdown-menu dropdown-menu-dark figure "
    "h1 h2 h3 h4 h5 h6 jp-RenderedHTMLCommon linenos list-group-item list-group-item-action margin-caption "
    "marginnote nboutput output_area popover pst-button-link-to-stable-version "
    "pst-collapse-sidebar-button pst-expand-sidebar-label pst-squeeze sidebar sidenote thebe-launch-button "
    "tooltip version-switcher__button version-switcher__menu".split()
)
_WITH_COMMENTS = ("copybutton.js", "searchtools.js")  # a quarter of what they weigh
# A comment that fills its lines; a licence notice (/*!) stays.
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*(?!!)(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)
# Copied by the theme and its relatives, loaded by no page.
_UNUSED_FILES = (
    "scripts/*.map",
    "scripts/fontawesome.js",
    "scripts/bootstrap.js",
    "styles/*.map",
    "fonts/*.ttf",
    "styles/theme.css",
    "styles/pydata-sphinx-theme.css",
    "vendor/fontawesome/**/*",
    "locales/**/*",
    "images/logo_*",
    "sphinx-thebe.*",
    "togglebutton.*",
    "*webpack-macros.html",
)


@dataclass(frozen=True)
class Shell:
    """The stylesheets that every page shares, in cascade order, and a digest of all that shapes the shell."""

    styles: list[str]
    digest: str


def shell_of(app: Sphinx) -> Shell:
    """Take stock of the shell; call it before the first page is written."""
    sheets = sorted(app.builder._css_files, key=lambda sheet: sheet.priority)  # type: ignore[attr-defined]
    names = [str(sheet.filename).removeprefix("_static/") for sheet in sheets]
    local = [name for name in names if "://" not in name and name.endswith(".css")]
    wanted = [name for name in local if name not in _UNUSED_STYLES and name not in _THEME_STYLES]
    return Shell([*_THEME_STYLES, *dict.fromkeys(wanted)], _digest(app))


def _digest(app: Sphinx) -> str:
    """Hash what shapes the shell, so that a browser's cache never outlives a release."""
    digest = hashlib.sha256()
    for distribution in ("sphinx", "pydata-sphinx-theme", "sphinx-book-theme", "myst-nb", "sphinx-design"):
        digest.update(metadata.version(distribution).encode())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    for folder in app.config.html_static_path:
        for file in sorted(Path(app.confdir, folder).glob("*.[cj]s*")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _theme_static() -> Path:
    import pydata_sphinx_theme

    return Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"


def _source_of(app: Sphinx, name: str) -> Path:
    """Return where a static file is read from: the book, the theme, or what Sphinx copied."""
    static_dirs = [Path(app.confdir, folder) for folder in app.config.html_static_path]
    places = [folder / name for folder in (*static_dirs, _theme_static(), Path(app.outdir, "_static"))]
    for place in places:
        if place.is_file():
            return place
    raise ExtensionError(
        f"offline: {name} is missing; looked in {', '.join(str(p.parent) for p in places)}. "
        "Check html_static_path and the installed theme."
    )


def trim_assets(shell: Shell, context: dict[str, Any]) -> None:
    """Leave a page no stylesheet or script that the shell holds, and none that the page does not need."""
    body = context.get("body", "")
    shell_styles = {f"_static/{name}" for name in (*shell.styles, *_UNUSED_STYLES)}
    shell_scripts = {f"_static/{name}" for name in (*_SHELL_SCRIPTS, *_UNUSED_SCRIPTS)}

    def is_wanted(script: Any) -> bool:
        if not script.filename:
            return not str(script.attributes.get("body", "")).startswith(_UNUSED_INLINE)
        name = str(script.filename)
        need = _SCRIPT_NEEDS.get(name.removeprefix("_static/"), "")
        return name not in shell_scripts and need in body

    # New lists: Sphinx keeps the old ones for the pages to come.
    context["css_files"] = [sheet for sheet in context["css_files"] if str(sheet.filename) not in shell_styles]
    context["script_files"] = [script for script in context["script_files"] if is_wanted(script)]
    context["shell_digest"] = shell.digest


def write_shell(app: Sphinx, shell: Shell) -> None:
    """Write the script, the stylesheet and the icons that every page shares; remove what no page loads."""
    static = Path(app.outdir, "_static")
    scripts = [without_comments(_source_of(app, name).read_text(encoding="utf-8")) for name in _SHELL_SCRIPTS]
    _write_if_changed(static / "book.js", without_indents("\n;\n".join(scripts)))
    for script in (static / name for name in _WITH_COMMENTS):
        if script.exists():
            _write_if_changed(script, without_comments(script.read_text(encoding="utf-8")))
    _write_if_changed(static / "book.css", _stylesheet(app, shell))
    for pattern in _UNUSED_FILES:
        for file in sorted(static.glob(pattern)):
            if file.is_file():
                file.unlink()
    for folder in sorted((path for path in static.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def without_comments(script: str) -> str:
    """A script without the comments that fill their lines and without the address of its map."""
    return _COMMENT.sub("", script.rstrip() + "\n")


def without_indents(script: str) -> str:
    """A script without the spaces that begin its lines; a text that runs over lines keeps them."""
    kept, in_text = [], False
    for line in script.splitlines(keepends=True):
        kept.append(line if in_text else line.lstrip(" \t"))
        in_text ^= line.count("`") % 2 == 1
    return "".join(kept)


def _stylesheet(app: Sphinx, shell: Shell) -> str:
    """Join the stylesheets without the rules that no page can match; the book's own is kept whole."""
    outdir, static = Path(app.outdir), Path(app.outdir, "_static")
    written = [page for page in sorted(outdir.rglob("*.html")) if "_static" not in page.parts]
    loaded = [file for file in sorted(static.glob("*.js")) if file.name not in (*_UNUSED_SCRIPTS, vega.BUNDLE)]
    used = styles.names_in_pages(written)
    names = frozenset(used | (styles.names_in_scripts(loaded) - _NEVER_MADE))
    # Extensions add folders to html_static_path, so only html_css_files tells whose sheet this is.
    # It is kept whole, for Vega makes elements that no page names.
    ours = {entry if isinstance(entry, str) else entry[0] for entry in app.config.html_css_files}
    rules: list[styles.Rule] = []
    for name, sheet in _read_once(app, shell.styles).items():
        rules += sheet if name in ours else styles.prune(sheet, names)
    rules = styles.drop_unused_variables(styles.drop_unused_keyframes(rules), names)
    css = styles.write_css(rules)
    faces = icons.icon_faces(_theme_static() / "vendor" / "fontawesome" / "webfonts", static, css, used)
    return f'@charset "UTF-8";\n{faces}\n{css}\n'


def _read_once(app: Sphinx, names: list[str]) -> dict[str, list[styles.Rule]]:
    """Read the stylesheets, without the whole icon fonts; of one that was read before, the rules are kept."""
    record = pages.kept("stylesheets.json")
    reader = hashlib.sha256(Path(styles.__file__).read_bytes() + metadata.version("tinycss2").encode())
    kept = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    read, sheets = {}, {}
    for name in names:
        css = _source_of(app, name).read_text(encoding="utf-8")
        asked = reader.copy()
        asked.update(css.encode())
        digest = asked.hexdigest()
        read[digest] = kept.get(digest) or styles.read_css(css)
        rules = map(styles.Rule.from_plain, read[digest])
        sheets[name] = [
            rule for rule in rules if rule.head != "@font-face" or "fontawesome" not in (rule.block or "")
        ]
    if read.keys() != kept.keys():
        record.write_text(json.dumps(read), encoding="utf-8")
    return sheets


def _write_if_changed(target: Path, text: str) -> None:
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def write_redirect(app: Sphinx) -> None:
    """Give the bare redirect at the root a language, a title and a link that works without it."""
    index = Path(app.outdir, "index.html")
    if app.config.root_doc == "index" or not index.exists():
        return
    bare = re.fullmatch(
        r'<meta http-equiv="Refresh" content="0; url=([^"]*)" />\s*', index.read_text(encoding="utf-8")
    )
    if bare is None:
        return
    title, target = html.escape(app.config.html_title or app.config.project), bare.group(1)
    page = f"""<!DOCTYPE html>
<html lang="{app.config.language}">
<head>
<meta charset="utf-8" />
<title>{title}</title>
<meta http-equiv="Refresh" content="0; url={target}" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<link rel="canonical" href="{target}" />
<link rel="icon" type="image/svg+xml" href="_static/favicon.svg" />
</head>
<body><main><h1>{title}</h1><p><a href="{target}">Open the book</a></p></main></body>
</html>
"""
    index.write_text(with_policy(mend_page(page)), encoding="utf-8")
