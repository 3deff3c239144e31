"""Figures that leave their page: what a script makes files of them with, and a page for each live one."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from compendium.evidence import licences
from compendium.figures import faces, palette
from compendium.site import address, mending, pages, policy

FOLDER = "figures"
KIT = "figure-kit.js"
_FIGURE = r'<figure [^>]*\bid="{}".*?</figure>'
_OF_THE_PAGE = re.compile(r'<div class="figure-foot">.*?</details>\s*</div>', re.DOTALL)
_HEADERLINK = re.compile(r'<a class="headerlink".*?</a>', re.DOTALL)


def write_kit(app: Sphinx) -> None:
    """Write what a file made of a figure holds: light colours, the label faces, the licence, the book's name."""
    kit = {
        "colours": {variable: colour for colour, variable in palette.VARIABLES.items()},
        "faces": {
            file.stem: base64.b64encode(file.read_bytes()).decode()
            for file in sorted(faces.FOLDER.glob("label*.woff2"))
        },
        "licence": licences.statement(),
        "book": address.BOOK,
        "version": pages.version(),
    }
    text = json.dumps(kit, ensure_ascii=False, sort_keys=True)
    (Path(app.outdir) / "_static" / KIT).write_text(f"window.figureKit = {text};\n", encoding="utf-8")


def write_pages(app: Sphinx, known: dict[str, Any]) -> None:
    """Write a page for each live figure that can be framed elsewhere, from the page on which it stands."""
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    live = {name: record for name, record in known.items() if record["live"]}
    for stale in folder.glob("*.html"):
        if stale.stem not in live:
            stale.unlink()
    written: dict[str, str] = {}
    for name, record in sorted(live.items()):
        docname = record["docname"]
        if docname not in written:
            written[docname] = (Path(app.outdir) / f"{docname}.html").read_text(encoding="utf-8")
        text = framed(written[docname], name, record["title"], docname, app.env.titles[docname].astext())
        (folder / f"{name}.html").write_text(text, encoding="utf-8")


def framed(page: str, name: str, title: str, docname: str, chapter: str) -> str:
    """The page of its own of a live figure, under a policy of its own."""
    found = re.search(_FIGURE.format(re.escape(name)), page, re.DOTALL)
    if not found:
        raise ValueError(f"figure {name}: it is not in the page {docname}")
    figure = _HEADERLINK.sub("", _OF_THE_PAGE.sub("", found.group()))
    up = "../" * docname.count("/")
    text = pages.render(
        "figure-page.html",
        title=title,
        figure=figure.replace(f'href="{up}', 'href="../') if up else figure,
        back=f"../{docname}.html#{name}",
        chapter=chapter,
        book=address.BOOK,
    )
    return policy.with_policy(mending.mend_page(text))
