"""A site shell that asks nothing of any other host: light, accessible, under a strict content policy.

* Every page links one stylesheet (``_static/book.css``) and one deferred script (``_static/book.js``).
  Both are joined from the installed theme and extensions; rules that no page can match are left out.
* Icons come from the theme's icon font, cut down to the glyphs the stylesheet still names.
* Math is written as MathML. The Vega bundle is written to ``_static/vega-bundle.js``; no page links it.
* Known accessibility faults of the theme, of pandas and of statsmodels markup are mended on each page.
* Each page carries a content security policy with the hashes of its own inline scripts.
* When the build ends, whatever would load from a host outside ``offline_allowed_hosts`` fails it.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx.errors import ExtensionError
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)

# ---------------------------------------------------------------------------------------------------------
# Which files make up the shell
# ---------------------------------------------------------------------------------------------------------

_THEME_STYLES = ("styles/theme.css", "styles/pydata-sphinx-theme.css")
_SHELL_SCRIPTS = (
    "documentation_options.js",
    "doctools.js",
    "sphinx_highlight.js",
    "scripts/sphinx-book-theme.js",
    "scripts/pydata-sphinx-theme.js",
    "shell.js",
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
# Copied by the theme and its relatives, loaded by no page.
_UNUSED_FILES = (
    "scripts/*.map",
    "scripts/fontawesome.js",
    "scripts/bootstrap.js",
    "styles/*.map",
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
class _Shell:
    styles: list[str]
    digest: str


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


def _shell_styles(app: Sphinx) -> list[str]:
    """List the stylesheets every page shares, in cascade order; call it before the first page is written."""
    sheets = sorted(app.builder._css_files, key=lambda sheet: sheet.priority)  # type: ignore[attr-defined]
    names = [str(sheet.filename).removeprefix("_static/") for sheet in sheets]
    local = [name for name in names if "://" not in name and name.endswith(".css")]
    wanted = [name for name in local if name not in _UNUSED_STYLES and name not in _THEME_STYLES]
    return [*_THEME_STYLES, *dict.fromkeys(wanted)]


def _shell_digest(app: Sphinx) -> str:
    """Hash what shapes the shell, so that a browser's cache never outlives a release."""
    digest = hashlib.sha256()
    for distribution in ("sphinx", "pydata-sphinx-theme", "sphinx-book-theme", "myst-nb", "sphinx-design"):
        digest.update(metadata.version(distribution).encode())
    digest.update(Path(__file__).read_bytes())
    for folder in app.config.html_static_path:
        for file in sorted(Path(app.confdir, folder).glob("*.[cj]s*")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


# ---------------------------------------------------------------------------------------------------------
# Stylesheet: join, then leave out the rules that no page can match
# ---------------------------------------------------------------------------------------------------------

_CSS_TOKEN = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\\.|[{};]|[^"'{};/\\]+|/""", re.DOTALL)
_NAMED_PART = re.compile(r"[.#](-?[A-Za-z_](?:[\w-]|\\.)*)")
_PARENTHESISED = re.compile(r"\([^()]*\)")
_GROUPS = ("@media", "@supports", "@layer", "@container")


def _css_items(css: str) -> Iterator[tuple[str, str | None]]:
    """Yield (prelude, block) for each rule and (statement, None) for each at-rule without a block."""
    depth, prelude, block = 0, "", ""
    for match in _CSS_TOKEN.finditer(css):
        token = match.group()
        if token.startswith("/*"):
            continue
        if token == "}" and depth:
            depth -= 1
            if depth == 0:
                yield prelude.strip(), block
                prelude = block = ""
                continue
        if depth:
            block += token
        elif token == ";":
            yield prelude.strip(), None
            prelude = ""
        elif token != "{":
            prelude += token
        if token == "{":
            depth += 1


def _can_match(selector: str, names: frozenset[str]) -> bool:
    """Tell whether every class and id a selector requires occurs in the site."""
    while (bare := _PARENTHESISED.sub("", selector)) != selector:
        selector = bare  # what stands inside :not(), :is() or :where() is an alternative, not a demand
    selector = re.sub(r"\[[^\]]*\]", "", selector)
    return all(name.replace("\\", "") in names for name in _NAMED_PART.findall(selector))


def _split_selectors(prelude: str) -> list[str]:
    parts, depth = [""], 0
    for character in prelude:
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _compact(css: str) -> str:
    return re.sub(r"\s+", " ", css).strip()


def prune_css(css: str, names: frozenset[str] | None) -> str:
    """Leave out of a stylesheet the rules that no element can match.

    A rule goes only if each of its selectors requires a class or an id that is not in ``names``; what stands
    inside ``:not()``, ``:is()``, ``:where()`` and ``:has()`` is never counted as required. Comments go;
    declarations are kept as they are.

    Args:
        css: a stylesheet.
        names: every class and id that a page or a script of the site can hold; None keeps every rule.
    """
    kept = []
    for prelude, block in _css_items(css):
        if block is None:
            kept.append(f"{_compact(prelude)};" if prelude and not prelude.startswith("@charset") else "")
        elif prelude.startswith(_GROUPS):
            if inner := prune_css(block, names):
                kept.append(f"{_compact(prelude)}{{{inner}}}")
        elif prelude.startswith("@"):
            kept.append(f"{_compact(prelude)}{{{_compact(block)}}}")
        else:
            selectors = [part for part in _split_selectors(prelude) if names is None or _can_match(part, names)]
            if selectors and block.strip():
                kept.append(f"{_compact(','.join(selectors))}{{{_compact(block)}}}")
    return "\n".join(rule for rule in kept if rule)


def _drop_unused_keyframes(css: str) -> str:
    def keep(match: re.Match[str]) -> str:
        name = re.escape(match.group(1))
        rest = css[: match.start()] + css[match.end() :]
        return match.group() if re.search(rf"animation[\w-]*:[^;}}]*\b{name}\b", rest) else ""

    return re.sub(r"(?m)^@(?:-webkit-)?keyframes ([\w-]+)\{.*\}\n?", keep, css)


def _names_in_pages(pages: Iterable[Path]) -> set[str]:
    names: set[str] = set()
    for page in pages:
        for value in re.findall(r"""\b(?:class|id)=["']([^"']+)""", page.read_text(encoding="utf-8")):
            names.update(html.unescape(value).split())
    return names


def _names_in_scripts(scripts: Iterable[Path]) -> set[str]:
    return {name for script in scripts for name in re.findall(r"[\w-]+", script.read_text(encoding="utf-8"))}


# ---------------------------------------------------------------------------------------------------------
# Icons
# ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _IconFace:
    file: str
    family: str
    weight: int
    classes: frozenset[str]


_ICON_FACES = (
    _IconFace("fa-solid-900.ttf", "Font Awesome 6 Free", 900, frozenset({"fas", "fa-solid"})),
    _IconFace("fa-regular-400.ttf", "Font Awesome 6 Free", 400, frozenset({"far", "fa-regular"})),
    _IconFace("fa-brands-400.ttf", "Font Awesome 6 Brands", 400, frozenset({"fab", "fa-brands"})),
)


def _icon_faces(app: Sphinx, css: str, names: set[str]) -> str:
    """Write the icon fonts cut down to the glyphs named in ``css``; return their @font-face rules."""
    escaped = {int(code, 16) for code in re.findall(r"\\([ef][0-9a-f]{3})\b", css)}
    glyphs = sorted(escaped | {ord(character) for character in re.findall("[\ue000-\uf8ff]", css)})
    static = Path(app.outdir, "_static")
    rules, written = [], set()
    for face in _ICON_FACES:
        if not face.classes & names:
            continue
        recipe = f"{metadata.version('pydata-sphinx-theme')} {metadata.version('fonttools')} {glyphs}"
        target = static / f"{Path(face.file).stem}.{hashlib.sha256(recipe.encode()).hexdigest()[:8]}.woff"
        if not target.exists():
            _subset_font(_theme_static() / "vendor" / "fontawesome" / "webfonts" / face.file, glyphs, target)
        written.add(target)
        rules.append(
            f'@font-face{{font-family:"{face.family}";font-style:normal;font-weight:{face.weight};'
            f'font-display:block;src:url({target.name}) format("woff")}}'
        )
    for stale in set(static.glob("fa-*.woff")) - written:
        stale.unlink()
    return "\n".join(rules)


def _subset_font(source: Path, glyphs: list[int], target: Path) -> None:
    import logging as python_logging

    from fontTools import subset

    python_logging.getLogger("fontTools").setLevel(python_logging.WARNING)
    options = subset.Options(
        flavor="woff",
        hinting=False,
        layout_features=[],
        name_IDs=[],
        recalc_timestamp=False,
        notdef_outline=True,
    )
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=glyphs)
    subsetter.subset(font)
    subset.save_font(font, target, options)


# ---------------------------------------------------------------------------------------------------------
# Math
# ---------------------------------------------------------------------------------------------------------


# latex2mathml writes these operators as identifiers, which lose their spacing.
_OPERATORS = re.compile(r"<mi>(&#x(?:000B1|0007E|0230A|0230B|02308|02309|027C2|02016|02026|029F5|0003A);)</mi>")


def to_mathml(tex: str, display: str = "inline") -> str:
    """Turn TeX into MathML.

    Args:
        tex: TeX without delimiters.
        display: ``inline`` or ``block``.

    Raises:
        ValueError: a command is unknown, or the TeX is malformed.
    """
    from xml.etree import ElementTree

    from latex2mathml.converter import convert

    tex = re.sub(r"\\(begin|end)\{aligned\}", r"\\\1{split}", tex)
    try:
        mathml = convert(tex, display=display)
        tree = ElementTree.fromstring(mathml)
    except Exception as error:  # the library raises a dozen unrelated types
        raise ValueError(f"malformed ({type(error).__name__})") from error
    for element in tree.iter():
        if (element.text or "").startswith("\\"):
            raise ValueError(f"unknown command {element.text}")
        if element.tag.endswith("}mfrac") and len(element) != 2:
            raise ValueError("a fraction without numerator or denominator")
    return _OPERATORS.sub(r"<mo>\1</mo>", mathml)


def _mathml_or_warning(node: nodes.Element, display: str) -> str:
    tex = node.astext()
    if display == "block":
        parts = [part for part in tex.split("\n\n") if part.strip()]
        if len(parts) > 1:
            tex = r"\begin{split}" + r"\\".join(parts) + r"\end{split}"
        elif r"\\" in tex and r"\begin" not in tex:
            tex = r"\begin{split}" + tex + r"\end{split}"
    try:
        return to_mathml(tex, display)
    except ValueError as error:
        logger.warning(
            "math: %s in %r; use commands that latex2mathml knows",
            error,
            node.astext(),
            location=node,
            type="offline",
            subtype="math",
        )
        return f"<code>{html.escape(tex)}</code>"


def _visit_math(self: HTML5Translator, node: nodes.math) -> None:
    from docutils.nodes import SkipNode

    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_mathml_or_warning(node, "inline") + "</span>")
    raise SkipNode


def _visit_display_math(self: HTML5Translator, node: nodes.math_block) -> None:
    from docutils.nodes import SkipNode

    self.body.append(self.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(_mathml_or_warning(node, "block") + "</div>\n")
    raise SkipNode


# ---------------------------------------------------------------------------------------------------------
# Vega
# ---------------------------------------------------------------------------------------------------------


def _write_vega_bundle(app: Sphinx) -> None:
    """Write Vega, Vega-Lite and Vega-Embed as one script; it holds the interpreter for ``ast: true``."""
    target = Path(app.outdir, "_static", "vega-bundle.js")
    banner = f"/* Vega-Embed from vl-convert {metadata.version('vl-convert-python')} */\n"
    if target.exists():
        with target.open(encoding="utf-8") as bundle:
            if bundle.readline() == banner:
                return
    import vl_convert

    bundle_js = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{banner}(() => {{\n{bundle_js}\n}})();\n", encoding="utf-8")


# ---------------------------------------------------------------------------------------------------------
# Pages
# ---------------------------------------------------------------------------------------------------------

_INLINE_SCRIPT = re.compile(r"<script(?P<attributes>(?:\s[^>]*)?)>(?P<body>.*?)</script>", re.DOTALL)
_EXTERNAL_SCRIPT = re.compile(r"<script(?=[^>]*\ssrc=)(?![^>]*\s(?:defer|async)\b)(?![^>]*type=\"module\")")
_DATAFRAME = re.compile(r'<table[^>]*\bclass="[^"]*\bdataframe\b.*?</table>', re.DOTALL)
_CELL = re.compile(r"<(t[dh])((?:\s[^>]*)?)>(.*?)</\1>", re.DOTALL)
_NUMBER = re.compile(r"[-\u2212+]?[\d.,\u202f ]*\d(?:e[-+]?\d+)?\s*%?|NaN|inf|-inf|<NA>|&lt;NA&gt;|", re.IGNORECASE)
_PANDAS_STYLE = re.compile(r"<style scoped>\s*\.dataframe.*?</style>\s*", re.DOTALL)
_CELL_SUMMARY = re.compile(
    r'<summary aria-label="[^"]*">\s*(<p class="(?:collapsed|expanded).*?)</summary>', re.DOTALL
)
_REGION_LABELS = {
    "pst-search-dialog": "Search",
    "pst-primary-sidebar-modal": "Contents of the book",
    "pst-secondary-sidebar-modal": "On this page",
}
_EMPTY_HEADING = re.compile(r"<h1>\s*</h1>")
_TITLED_BUTTON = re.compile(
    r'<button(?P<before>(?:(?!aria-label)[^>])*?) title="(?P<title>[^"]+)"(?=(?:(?!aria-label)[^>])*>)'
)
_HANDLER = re.compile(r"<\w[^<>]*?\s(on[a-z]+)\s*=\s*[\"']")


def content_security_policy(page: str) -> str:
    """Return the policy of a page: own files, own styles, and exactly its own inline scripts.

    Inline scripts are allowed by the sha256 of their text (CSP level 2); data blocks need no permission.
    """
    hashes = set()
    for match in _INLINE_SCRIPT.finditer(page):
        attributes = match["attributes"]
        kind = re.search(r'type="([^"]*)"', attributes)
        if "src=" in attributes or (kind and kind.group(1) not in ("module", "text/javascript", "")):
            continue
        digest = hashlib.sha256(match["body"].encode()).digest()
        hashes.add(f"'sha256-{base64.b64encode(digest).decode()}'")
    return "; ".join(
        [
            "default-src 'self'",
            "img-src 'self' data:",
            "style-src 'self' 'unsafe-inline'",
            " ".join(["script-src 'self'", *sorted(hashes)]),
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
        ]
    )


def mend_page(page: str) -> str:
    """Mend what the theme, pandas and notebook cells write wrongly, and add the content security policy."""
    page = _PANDAS_STYLE.sub("", page)
    page = _DATAFRAME.sub(_mend_dataframe, page)
    page = _CELL_SUMMARY.sub(_mend_summary, page)
    page = _EMPTY_HEADING.sub("", page)
    page = _TITLED_BUTTON.sub(r'<button\g<before> title="\g<title>" aria-label="\g<title>"', page)
    page = page.replace('role="doc-biblioentry"', 'role="listitem"')
    for name, label in _REGION_LABELS.items():
        page = page.replace(f'<dialog id="{name}"', f'<dialog id="{name}" aria-label="{label}"')
    sidebar = '<div id="pst-primary-sidebar"'
    page = page.replace(sidebar, f'{sidebar} role="region" aria-label="Book"')
    viewport = '<meta name="viewport" content="width=device-width, initial-scale=1" />'
    page = page.replace(viewport, "", 1) if page.count('name="viewport"') > 1 else page
    page = _EXTERNAL_SCRIPT.sub("<script defer", page)
    policy = content_security_policy(page)
    return re.sub(
        r"(<meta charset=[^>]*>)",
        lambda match: f'{match.group()}\n    <meta http-equiv="Content-Security-Policy" content="{policy}" />',
        page,
        count=1,
    )


def _mend_dataframe(table: re.Match[str]) -> str:
    """Make empty header cells plain cells, and mark the columns that hold only numbers."""
    markup = table.group().replace(' border="1"', "", 1).replace(' style="text-align: right;"', "")
    markup = re.sub(r"<th([^>]*)>\s*</th>", r"<td\1></td>", markup)
    head, body_tag, rest = markup.partition("<tbody>")
    rest = re.sub(r'<th rowspan="(\d+)" valign="top">', r'<th scope="rowgroup" rowspan="\1">', rest)
    markup = head.replace("<th>", '<th scope="col">') + body_tag + rest.replace("<th>", '<th scope="row">')
    if 'span="' in markup:
        return markup
    rows = [_CELL.findall(row) for row in re.findall(r"<tr.*?</tr>", markup, re.DOTALL)]
    body = [row for row in rows if any(tag == "td" and text.strip() for tag, _, text in row)]
    if not body or len({len(row) for row in rows}) != 1:
        return markup
    is_numeric = [
        all(_NUMBER.fullmatch(text.strip()) for tag, _, text in column) and any(t == "td" for t, _, _ in column)
        for column in zip(*body, strict=True)
    ]

    def mark(row: re.Match[str]) -> str:
        numeric = iter(is_numeric)
        return _CELL.sub(
            lambda cell: (
                f'<{cell[1]}{cell[2]} class="number">{cell[3]}</{cell[1]}>'
                if next(numeric) and "class=" not in cell[2]
                else cell[0]
            ),
            row.group(),
        )

    return re.sub(r"<tr.*?</tr>", mark, markup, flags=re.DOTALL)


def _mend_summary(summary: re.Match[str]) -> str:
    inside = summary.group(1).replace("<p ", "<span ").replace("</p>", "</span>")
    return f"<summary>{inside.strip()}</summary>"


def _mend_pages_as_written(app: Sphinx) -> None:
    render: Callable[[str, dict[str, Any]], str] = app.builder.templates.render

    def render_mended(template: str, context: dict[str, Any]) -> str:
        page = render(template, context)
        if "<html" not in page:
            return page
        page = mend_page(page)
        if handler := _HANDLER.search(page):
            logger.warning(
                "inline handler %s= is blocked by the content security policy; attach it from a script file",
                handler.group(1),
                location=context.get("pagename"),
                type="offline",
                subtype="handler",
            )
        return page

    app.builder.templates.render = render_mended  # type: ignore[method-assign]


def _trim_assets(app: Sphinx, context: dict[str, Any]) -> None:
    body = context.get("body", "")
    shell: _Shell = app.builder.shell  # type: ignore[attr-defined]
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


# ---------------------------------------------------------------------------------------------------------
# Whatever would load from another host
# ---------------------------------------------------------------------------------------------------------

_HOST = r"(?:https?:|wss?:)?//(?P<host>[^/\"'`\s?#)<>,]+)"
_LOADING_ATTRIBUTE = re.compile(
    rf"""(?<=[\s"'])(?P<name>src|href|xlink:href|data|poster|background|srcset)\s*=\s*["']?\s*{_HOST}""",
    re.IGNORECASE,
)
_SRCSET_REST = re.compile(rf"""(?<=[\s"'])(?P<name>srcset)\s*=\s*["'][^"']*?,\s*{_HOST}""", re.IGNORECASE)
_CSS_LOAD = re.compile(rf"""(?:url\(\s*["']?|@import\s+["'])\s*{_HOST}""", re.IGNORECASE)
_SCRIPT_LOAD = re.compile(
    rf"""(?:\b(?:fetch|import|importScripts|Worker|EventSource|WebSocket)\s*\(\s*["'`]"""
    rf"""|\bfrom\s*["']|\bimport\s*["']|\.(?:src|href)\s*=\s*["'`]){_HOST}"""
    r"""|["'`](?:https?:)?//(?P<host2>[^/"'`\s]+)/[^"'`\s]*\.(?:m?js|css|woff2?|wasm|ttf|whl)\b""",
    re.IGNORECASE,
)
_LINKS_THAT_LOAD_NOTHING = ("canonical", "license", "author", "help", "next", "prev", "alternate", "me")


def external_loads(text: str, kind: str) -> list[str]:
    """List the hosts a file would load something from without being asked by a click.

    Plain links (``<a href>``) are no loads.

    Args:
        text: the file's text.
        kind: ``html``, ``css`` or ``js``.

    Returns:
        One entry per load, in order: the offending piece of text, host included.
    """
    if kind == "css":
        return [match.group() for match in _CSS_LOAD.finditer(text)]
    if kind == "js":
        return [match.group() for match in _SCRIPT_LOAD.finditer(text)]
    found = []
    for pattern in (_LOADING_ATTRIBUTE, _SRCSET_REST):
        for match in pattern.finditer(text):
            start = text.rfind("<", 0, match.start())
            opening = text[start : match.start()]
            tag = re.match(r"<([a-zA-Z][\w-]*)", opening)
            if tag is None or ">" in opening or tag.group(1).lower() in ("a", "area"):
                continue
            whole = text[start : text.find(">", match.end())]
            relation = re.search(r"""\brel\s*=\s*["']?([\w-]+)""", whole)
            if tag.group(1).lower() == "link" and relation and relation.group(1) in _LINKS_THAT_LOAD_NOTHING:
                continue
            found.append(f"<{tag.group(1)} {match.group()}")
    for block in re.findall(r"<style[^>]*>(.*?)</style>", text, re.DOTALL):
        found += external_loads(block, "css")
    for attribute in re.findall(r"""<[a-zA-Z][^<>]*?=\s*(?:"([^"]*url\([^"]*)"|'([^']*url\([^']*)')""", text):
        found += external_loads("".join(attribute), "css")
    for script in _INLINE_SCRIPT.finditer(text):
        found += external_loads(script["body"], "js")
    return found


def _fail_on_external_loads(app: Sphinx) -> None:
    outdir = Path(app.outdir)
    allowed = app.config.offline_allowed_hosts
    faults = []
    # Of files that were read before, byte for byte, by this very code under this setting, the answer is known.
    reader = hashlib.sha256(Path(__file__).read_bytes() + repr(allowed).encode())
    record = Path(app.doctreedir, "loads-nothing.json")
    harmless = frozenset(json.loads(record.read_text(encoding="utf-8"))) if record.exists() else frozenset()
    still = set()
    for file in sorted(outdir.rglob("*")):
        kind = file.suffix.lstrip(".")
        if kind not in ("html", "css", "js") or "_sources" in file.parts:
            continue
        content = file.read_bytes()
        asked = reader.copy()
        asked.update(kind.encode() + content)
        digest = asked.hexdigest()
        if digest not in harmless:
            for load in external_loads(content.decode(), kind):
                host = re.search(r"//([^/\"'`\s?#)<>,]+)", load)
                if host is None or host.group(1) not in allowed:
                    faults.append(f"{file.relative_to(outdir).as_posix()}: {load}")
        still.add(digest)
    if faults:
        raise ExtensionError(
            f"{len(faults)} load(s) from another host; ship the file with the book or link to it instead "
            "(or name the host in offline_allowed_hosts):\n  " + "\n  ".join(faults)
        )
    record.write_text(json.dumps(sorted(still)), encoding="utf-8")


# ---------------------------------------------------------------------------------------------------------
# Extension
# ---------------------------------------------------------------------------------------------------------


def _write_if_changed(target: Path, text: str) -> None:
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def _shared_css(app: Sphinx, name: str, names: frozenset[str]) -> str:
    """Read one stylesheet of the shell; the book's own is kept whole, for Vega makes elements no page names."""
    source = _source_of(app, name)
    css = re.sub(r"@font-face\s*\{[^}]*fontawesome[^}]*\}", "", source.read_text(encoding="utf-8"))
    # Extensions add folders to html_static_path, so only html_css_files tells whose sheet this is.
    is_ours = name in {entry if isinstance(entry, str) else entry[0] for entry in app.config.html_css_files}
    return prune_css(css, None if is_ours else names)


def _write_shell(app: Sphinx) -> None:
    outdir, static = Path(app.outdir), Path(app.outdir, "_static")
    scripts = [f"// {name}\n{_source_of(app, name).read_text(encoding='utf-8')}" for name in _SHELL_SCRIPTS]
    joined = re.sub(r"\n//# sourceMappingURL=.*", "", "\n;\n".join(scripts))
    _write_if_changed(static / "book.js", joined.rstrip() + "\n")

    pages = [page for page in sorted(outdir.rglob("*.html")) if "_static" not in page.parts]
    loaded = [file for file in sorted(static.glob("*.js")) if file.name not in (*_UNUSED_SCRIPTS, "vega-bundle.js")]
    used = _names_in_pages(pages)
    names = used | _names_in_scripts(loaded)
    css = "\n".join(_shared_css(app, name, frozenset(names)) for name in app.builder.shell.styles)  # type: ignore[attr-defined]
    css = _drop_unused_keyframes(css)
    _write_if_changed(static / "book.css", f'@charset "UTF-8";\n{_icon_faces(app, css, used)}\n{css}\n')


def _write_redirect(app: Sphinx) -> None:
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
    index.write_text(mend_page(page), encoding="utf-8")


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
        app.builder.shell = _Shell(_shell_styles(app), _shell_digest(app))  # type: ignore[attr-defined]
        _write_vega_bundle(app)
        _mend_pages_as_written(app)


def _on_page(app: Sphinx, _pagename: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    if _is_site(app):
        _trim_assets(app, context)


def _on_finish(app: Sphinx, error: Exception | None) -> None:
    if error is not None or not _is_site(app):
        return
    _write_redirect(app)
    _write_shell(app)
    static = Path(app.outdir, "_static")
    for pattern in _UNUSED_FILES:
        for file in sorted(static.glob(pattern)):
            if file.is_file():
                file.unlink()
    for folder in sorted((path for path in static.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    _fail_on_external_loads(app)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_config_value("offline_allowed_hosts", [], "html", [list])
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_display_math, None))
    app.connect("config-inited", _on_config, priority=100)
    app.connect("builder-inited", _on_builder, priority=900)
    app.connect("html-page-context", _on_page, priority=900)
    app.connect("build-finished", _on_finish, priority=900)
    return {
        "version": metadata.version("compendium"),
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
