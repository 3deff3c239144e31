"""The book as EPUB 3: the Markdown twins of its pages and claims, figures as drawn, made at the end of every build.

The same bytes each time: no clock, files in order. What a twin links to outside the book's pages is kept as words.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
import zipfile
from collections.abc import Iterator
from html import escape
from importlib import metadata
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from compendium.run import records
from compendium.site.pages import DATA_FOLDER

NAME = "trafficking-in-cambodia.epub"
FOLDER = "EPUB"
NAVIGATES = 'xmlns:epub="http://www.idpf.org/2007/ops" epub:type="toc"'
TIME = (2026, 1, 1, 0, 0, 0)
STYLE = """body { font-family: serif; line-height: 1.45; margin: 0 4%; }
h1, h2, h3, h4, th, caption { font-family: sans-serif; text-align: left; }
table { border-collapse: collapse; font-size: 0.85em; }
th, td { border-bottom: 1px solid #bbb; padding: 0.2em 0.6em 0.2em 0; text-align: left; vertical-align: top; }
img { max-width: 100%; }
blockquote { margin-left: 1em; font-style: italic; }
pre { white-space: pre-wrap; font-size: 0.85em; }
"""
CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="EPUB/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"""


def reading_order(app: Sphinx) -> list[str]:
    """The pages of the book in the order of its contents, the front page first."""
    order = [app.config.root_doc]
    for name in order:
        order += [child for child in app.env.toctree_includes.get(name, []) if child not in order]
    return [name for name in order if name in app.env.found_docs]


def write(app: Sphinx, claim_pages: list[str]) -> Path:
    """Write the EPUB beside the site's first page and return it."""
    out = Path(app.outdir)
    names = [name for name in [*reading_order(app), *claim_pages] if (out / f"{name}.md").exists()]
    chapters = dict(_chapters(out, names, Path(app.doctreedir, "epub.json")))
    pictures = sorted({picture for _, body in chapters.values() for picture in re.findall(r'src="([^"]+)"', body)})
    files = {f"{_file(name)}": _page(title, body) for name, (title, body) in chapters.items()}
    files |= {picture: (out / DATA_FOLDER / picture).read_text(encoding="utf-8") for picture in pictures}
    files["style.css"] = STYLE
    files["nav.xhtml"] = _nav(chapters)
    files["content.opf"] = _package(app, list(chapters), pictures)
    path = out / NAME
    with zipfile.ZipFile(path, "w") as book:
        _add(book, "mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        _add(book, "META-INF/container.xml", CONTAINER)
        for name, text in sorted(files.items()):
            _add(book, f"{FOLDER}/{name}", text)
    return path


def _add(book: zipfile.ZipFile, name: str, text: str, how: int = zipfile.ZIP_DEFLATED) -> None:
    entry = zipfile.ZipInfo(name, TIME)
    entry.compress_type, entry.external_attr = how, 0o644 << 16
    book.writestr(entry, text.encode(), compresslevel=6)


def _file(name: str) -> str:
    return f"{name.replace('/', '-')}.xhtml"


def _chapters(out: Path, names: list[str], record: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Title and body of each page, from its twin; of one that was rendered before, the record has the body."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table")
    kept: dict[str, str] = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    rendered: dict[str, str] = {}
    for name in names:
        text = (out / f"{name}.md").read_text(encoding="utf-8")
        digest = hashlib.sha256(f"{metadata.version('markdown-it-py')}\0{text}".encode()).hexdigest()
        rendered[digest] = body = kept.get(digest) or reader.render(text)
        title = re.search(r"^# (.+)$", text, re.MULTILINE)
        body = re.sub(r'<img src="([^"]+)" alt="([^"]*)"[^>]*/>', lambda found: _picture(out, found), body)
        body = _linked(body, name, names)
        yield name, (_plain(title[1]) if title else name, body)
    if rendered.keys() != kept.keys():
        record.write_text(json.dumps(rendered), encoding="utf-8")


def _plain(text: str) -> str:
    return re.sub(r"[*`\[\]]|\([^)]*\.html[^)]*\)", "", text).strip()


def _picture(out: Path, found: re.Match[str]) -> str:
    """A figure of the book; what it shows stands for a drawing that is not there."""
    name = posixpath.basename(found[1])
    if (out / DATA_FOLDER / name).exists():
        return f'<img src="{name}" alt="{found[2]}"/>'
    return f"<em>{found[2]}</em>"


def _linked(body: str, page: str, names: list[str]) -> str:
    """A page with its links into the book and to the web; of others, the words are kept alone."""

    def link(found: re.Match[str]) -> str:
        address, words = found[1].split("#")[0], found[2]
        if re.match(r"https?://[^\s<>\"]+$", found[1]):
            return found[0]
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), address)).removesuffix(".html")
        return f'<a href="{_file(target)}">{words}</a>' if address and target in names else words

    return re.sub(r'<a href="([^"]*)">(.*?)</a>', link, body, flags=re.DOTALL)


def _page(title: str, body: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n'
        '<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">\n'
        f'<head><title>{escape(title)}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>\n'
        f"<body>\n{body}</body>\n</html>\n"
    )


def _nav(chapters: dict[str, tuple[str, str]]) -> str:
    """The contents: pages, then claims."""
    items = "\n".join(
        f'<li><a href="{_file(name)}">{escape(title)}</a></li>' for name, (title, _) in chapters.items()
    )
    nav = f"<nav {NAVIGATES}><h1>Contents</h1><ol>\n{items}\n</ol></nav>\n"
    return _page("Contents", nav)


def _package(app: Sphinx, names: list[str], pictures: list[str]) -> str:
    """The package document: what the book is, its files, and the order in which they are read."""
    known: Any = records.project()
    stamp = hashlib.sha256(f"{known.title}\0{known.version}".encode()).hexdigest()
    urn = f"urn:uuid:{stamp[:8]}-{stamp[8:12]}-5{stamp[13:16]}-8{stamp[17:20]}-{stamp[20:32]}"
    items = [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="style" href="style.css" media-type="text/css"/>',
    ]
    items += [
        f'<item id="page-{at}" href="{_file(name)}" media-type="application/xhtml+xml"/>'
        for at, name in enumerate(names)
    ]
    items += [
        f'<item id="figure-{at}" href="{name}" media-type="image/svg+xml"/>' for at, name in enumerate(pictures)
    ]
    spine = "".join(f'<itemref idref="page-{at}"/>' for at in range(len(names)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">\n'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<dc:identifier id="id">{urn}</dc:identifier>\n'
        f"<dc:title>{escape(known.title)}</dc:title>\n<dc:language>en</dc:language>\n"
        f"<dc:creator>{escape(known.authors[0])}</dc:creator>\n<dc:date>{known.released}</dc:date>\n"
        f"<dc:description>{escape(known.abstract)}</dc:description>\n"
        f"<dc:rights>The text of the book: {records.TEXT_LICENCE}</dc:rights>\n"
        f'<meta property="dcterms:modified">{known.released}T00:00:00Z</meta>\n'
        f"</metadata>\n<manifest>\n{chr(10).join(items)}\n</manifest>\n<spine>{spine}</spine>\n</package>\n"
    )
