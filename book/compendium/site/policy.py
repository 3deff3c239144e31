"""The content security policy of each page, and the search for whatever would load from another host."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import ExtensionError

from compendium.site import pages

_INLINE_SCRIPT = re.compile(r"<script(?P<attributes>(?:\s[^>]*)?)>(?P<body>.*?)</script>", re.DOTALL)
_CHARSET = re.compile(r"<meta charset=[^>]*>")
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
            "font-src 'self'",
            " ".join(["script-src 'self'", *sorted(hashes)]),
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
        ]
    )


def with_policy(page: str) -> str:
    """Return a page that carries its policy."""
    meta = f'<meta http-equiv="Content-Security-Policy" content="{content_security_policy(page)}" />'
    return _CHARSET.sub(lambda charset: f"{charset.group()}\n    {meta}", page, count=1)


def blocked_handler(page: str) -> str:
    """The first attribute of a page that the policy blocks, such as ``onclick``; empty if there is none."""
    handler = _HANDLER.search(page)
    return handler.group(1) if handler else ""


# ---------------------------------------------------------------- whatever would load from another host

_HOST = r"(?:https?:|wss?:)?//(?P<host>[^/\"'`\s?#)<>,]+)"
_ADDRESS = re.compile(rf"\s*{_HOST}", re.IGNORECASE)
_LOADING = {"src", "href", "xlink:href", "data", "poster", "background", "srcset"}
_CSS_LOAD = re.compile(rf"""(?:url\(\s*["']?|@import\s+["'])\s*{_HOST}""", re.IGNORECASE)
_SCRIPT_LOAD = re.compile(
    rf"""(?:\b(?:fetch|import|importScripts|Worker|EventSource|WebSocket)\s*\(\s*["'`]"""
    rf"""|\bfrom\s*["']|\bimport\s*["']|\.(?:src|href)\s*=\s*["'`]){_HOST}"""
    r"""|["'`](?:https?:)?//(?P<host2>[^/"'`\s]+)/[^"'`\s]*\.(?:m?js|css|woff2?|wasm|ttf|whl)\b""",
    re.IGNORECASE,
)
# Most pages name another host in plain links and name spaces only: without these they hold no "//", however
# it is written, and need not be parsed.
_PLAINLY_HARMLESS = re.compile(
    r'<a\s(?:[^<>"]|"[^"<>]*")*?\bhref="https?://[^"<>]*"|\sxmlns(?::\w+)?="http://www\.w3\.org/[^"<>]*"'
    r'|"@context":\s*"https://schema\.org/?"'
)
_TWO_SLASHES = re.compile(r"//|&(?:#0*47|#x0*2f|sol)\b", re.IGNORECASE)
_LINKS_THAT_LOAD_NOTHING = {"canonical", "license", "author", "help", "next", "prev", "alternate", "me"}


class _Loads(HTMLParser):
    """Collects what the elements of a page load."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._kind = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._kind = {"style": "css", "script": "js"}.get(tag, "")
        relation = str(dict(attrs).get("rel") or "").split()
        is_link = tag in ("a", "area") or (
            tag == "link" and relation[:1] and relation[0] in _LINKS_THAT_LOAD_NOTHING
        )
        for name, value in attrs:
            if not value:
                continue
            if name in _LOADING and not is_link:
                for address in value.split(",") if name == "srcset" else [value]:
                    if _ADDRESS.match(address):
                        self.found.append(f'<{tag} {name}="{address.strip()}"')
            elif "url(" in value:
                self.found += external_loads(value, "css")

    def handle_endtag(self, tag: str) -> None:
        self._kind = ""

    def handle_data(self, data: str) -> None:
        if self._kind:
            self.found += external_loads(data, self._kind)


def external_loads(text: str, kind: str) -> list[str]:
    """List the hosts a file would load something from without being asked by a click.

    Plain links (``<a href>``) are no loads.

    Args:
        text: the file's text.
        kind: ``html``, ``css`` or ``js``.

    Returns:
        One entry per load, in order: the offending piece of text, host included.
    """
    if kind == "html":
        if not _TWO_SLASHES.search(_PLAINLY_HARMLESS.sub("", text)):
            return []
        page = _Loads()
        page.feed(text)
        page.close()
        return page.found
    pattern = _CSS_LOAD if kind == "css" else _SCRIPT_LOAD
    return [match.group() for match in pattern.finditer(text)]


def fail_on_external_loads(app: Sphinx) -> None:
    """Raise ExtensionError naming every load from a host that ``offline_allowed_hosts`` does not name."""
    outdir = Path(app.outdir)
    allowed = app.config.offline_allowed_hosts
    # Of files that were read before, byte for byte, by this very code under this setting, the answer is known.
    reader = hashlib.sha256(Path(__file__).read_bytes() + repr(allowed).encode())
    record = pages.kept("loads-nothing.json")
    harmless = frozenset(json.loads(record.read_text(encoding="utf-8"))) if record.exists() else frozenset()
    still, faults = set(), []
    for file in sorted(outdir.rglob("*")):
        kind = file.suffix.lstrip(".")
        if kind not in ("html", "css", "js") or "_sources" in file.parts:
            continue
        content = file.read_bytes()
        asked = reader.copy()
        asked.update(kind.encode() + content)
        digest = asked.hexdigest()
        if digest not in harmless:
            loads = [load for load in external_loads(content.decode(), kind) if _host(load) not in allowed]
            faults += [f"{file.relative_to(outdir).as_posix()}: {load}" for load in loads]
        still.add(digest)
    if faults:
        raise ExtensionError(
            f"{len(faults)} load(s) from another host; ship the file with the book or link to it instead "
            "(or name the host in offline_allowed_hosts):\n  " + "\n  ".join(faults)
        )
    record.write_text(json.dumps(sorted(still)), encoding="utf-8")


def _host(load: str) -> str:
    found = re.search(r"//([^/\"'`\s?#)<>,]+)", load)
    return found.group(1) if found else ""
