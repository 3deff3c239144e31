"""A number is a door: pressed, it says what it is and on which rows of which tables it rests.

A number in the prose of a chapter leads to the page of that chapter's numbers, a number of a claim to the claim's
page. With script `doors.js` shows the same in place, from a file of its own (``_static/doors``) that is loaded on
the press. What a number rests on was noted while the chapter ran (`evidence.trail`); rows are as published.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from docutils import nodes
from docutils.utils import smartquotes
from markupsafe import Markup, escape
from myst_nb.ext.glue import GLUE_PREFIX
from myst_nb.ext.glue.roles import PasteTextRole
from sphinx.application import Sphinx

from compendium.evidence import trail
from compendium.site import definitions, pages, rows, source
from compendium.site.tablepages import CONTENTS
from compendium.trial import claims, told, verdicts

NUMBERS, CLAIMS = "numbers", "claims"
FILES = "_static/doors"
CLAIM = "claim "  # before the name of a claim whose numbers were concluded
MOST_ROWS = 8  # that a door shows of one table


@dataclass(frozen=True)
class Used:
    """A table that a call read: how, how many of its rows, and those shown."""

    table: rows.Table
    how: str
    count: int
    shown: tuple[rows.Row, ...]


@dataclass(frozen=True)
class Group:
    """Numbers that one statement of a chapter made: their names, what made them from what, and what that read."""

    names: tuple[str, ...]
    makers: tuple[definitions.Place, ...]
    givers: tuple[definitions.Place, ...]
    tables: tuple[Used, ...]

    @property
    def about(self) -> str:
        """What the function that made them says that it returns."""
        said = (re.sub(r"^Return,? ", "", definitions.says(maker)) for maker in self.makers)
        return " ".join(text[0].upper() + text[1:] for text in said if text)


def address(folder: str, page: str, name: str) -> str:
    """Where a number opens without script, from the root of the site."""
    return f"{folder}/{page}.html#number-{name}"


def link(folder: str, page: str, name: str, text: str, up: str) -> Markup:
    """A number that opens."""
    return Markup('<a class="door" href="{}{}">{}</a>').format(up, address(folder, page, name), text)


# ---------------------------------------------------------------- what numbers rest on


def groups(app: Sphinx, docname: str) -> list[Group]:
    """The numbers of a chapter by the statement that made them, as noted when it ran."""
    executed = app.__dict__.get("compendium_executed", {}).get(docname)
    if executed is None:
        return []
    found: dict[str, list[Group]] = app.__dict__.setdefault("compendium_doors", {})
    if docname not in found:
        bound = source.names(executed.page.path.read_text(encoding="utf-8"))
        noted = executed.outputs(GLUE_PREFIX + trail.MIME)
        found[docname] = [_group(record, bound) for record in noted]
    return found[docname]


def of_claim(app: Sphinx, claim: claims.Claim, docname: str) -> Group | None:
    """What the numbers of a claim rest on, by the page of its chapter."""
    found = next((group for group in groups(app, docname) if group.names == (f"{CLAIM}{claim.id}",)), None)
    return found and dataclasses.replace(found, makers=tuple(source.makers(app, docname, claim.id)), givers=())


def _group(record: dict[str, Any], bound: dict[str, str]) -> Group:
    *before, last = (
        [place for place in source.called(ast.parse(text), bound) if place.name != "say"]
        for text in record["calls"]
    )
    order = {trail.PICKED: 0, trail.WHOLE: 1, trail.UNASKED: 2}
    used = [_used(name, noted) for name, noted in record["tables"].items()]
    used.sort(key=lambda table: (order[table.how], table.count))
    givers = dict.fromkeys(place for places in before for place in places)
    return Group(tuple(record["names"]), tuple(dict.fromkeys(last)), tuple(givers), tuple(used))


def _used(name: str, noted: dict[str, Any]) -> Used:
    table = rows.table(name)
    places = [at for low, high in noted["picked"] for at in range(low, high + 1)]
    return Used(table, noted["how"], len(places), tuple(table.row(at) for at in places[:MOST_ROWS]))


def _sources(claim: claims.Claim) -> list[Used]:
    """The rows that a claim declares as its sources by what stands in them."""
    declared = claim.grounds.sources if claim.grounds else ()
    found = []
    for entry in declared:
        if entry.where:
            table = rows.table(entry.table)
            places = table.where(entry.where)
            shown = tuple(table.row(at) for at in places[:MOST_ROWS])
            found.append(Used(table, trail.PICKED, len(places), shown))
    return found


# ---------------------------------------------------------------- numbers in prose


class DoorNode(nodes.inline):
    """A number: `name` of the chapter or claim `page` in the folder of their pages."""


class DoorRole(PasteTextRole):
    """``{glue:text}`name``` prints a number that the page's `say` made, as a door."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the number as MyST-NB pastes it, with its name."""
        pasted, messages = super().run()
        is_own = "::" not in self.text and len(pasted) == 1 and isinstance(pasted[0], nodes.inline)
        if not is_own:
            return pasted, messages
        text, (name, *_) = pasted[0].astext(), self.text.rsplit(":", 1)
        page = _chapter(self.document.settings.env.docname)
        return [DoorNode("", text, folder=NUMBERS, page=page, name=name)], messages


def open_door(self: Any, node: DoorNode) -> None:
    """Write a link where the site has a page that it leads to; within a link or a heading the number alone."""
    docname, folder = self.builder.current_docname, node["folder"]
    around = node.parent
    while around is not None and not isinstance(around, nodes.title | nodes.reference):
        around = around.parent
    leads = around is None and self.builder.name == "html"
    known = folder == CLAIMS or any(node["name"] in group.names for group in groups(self.builder.app, docname))
    begin, end = '<span class="pasted-text">', "</span>"
    if leads and known:
        begin, _, end = link(folder, node["page"], node["name"], "|", "../" * docname.count("/")).partition("|")
    self.body.append(str(begin))
    self.context.append(str(end))


def close_door(self: Any, node: DoorNode) -> None:
    """End what was begun."""
    self.body.append(self.context.pop())


def sentence(text: str, claim: claims.Claim, verdict: verdicts.Verdict | None, up: str) -> Markup:
    """Return a sentence of a claim as `told.sentence` does, its numbers as doors."""
    filled = Markup("")
    for words, name, form, _ in Formatter().parse(text) if verdict else ():
        filled += escape(words if filled else words[:1].upper() + words[1:])
        if name and verdict:
            own, number = told.filling(name, form or "", claim, verdict)
            number = number if filled else number[:1].upper() + number[1:]
            filled += link(CLAIMS, claim.id, own, number, up)
    return filled


# ---------------------------------------------------------------- what a door shows


def rests(group: Group | None, sources: Iterable[Used] = (), up: str = "") -> str:
    """The calls, tables and rows of numbers, as HTML; `up` leads to the root of the site."""
    return pages.render("door-rests.html", group=group, sources=list(sources), up=up)


def claim_numbers(claim: claims.Claim, verdict: verdicts.Verdict) -> list[dict[str, Any]]:
    """The numbers of a claim: meaning, unit, value, and what each is under the alternatives that move it."""
    return [
        {
            "name": name,
            "meaning": number.meaning,
            "unit": number.unit,
            "value": told.plain(verdict.numbers[name], number.unit),
            "alternatives": [
                (words, told.plain(verdict.moves[label][name], number.unit))
                for label, words in claim.alternatives.items()
                if name in verdict.moves.get(label, {})
            ],
        }
        for name, number in claim.numbers.items()
    ]


def on_claim_page(app: Sphinx, claim: claims.Claim, verdict: verdicts.Verdict | None, docname: str) -> str:
    """The numbers of a claim with all that their doors show, for its page."""
    if verdict is None:
        return ""
    return pages.render(
        "door-claim.html",
        numbers=claim_numbers(claim, verdict),
        rests=rests(of_claim(app, claim, docname), _sources(claim), up="../"),
    )


def number_pages(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """One page for each chapter: its numbers, and what each rests on."""
    if app.builder.name != "html":
        return
    around: dict[str, Any] = {}
    app.builder.add_sidebars(NUMBERS, around)  # type: ignore[attr-defined]
    around = {"sidebars": [part for part in around["sidebars"] if part != CONTENTS]}
    for docname in app.__dict__.get("compendium_executed", {}):
        said = _said(app, docname)
        chapter, title = _chapter(docname), app.env.titles[docname].astext()
        body = pages.render(
            "numbers.html",
            title=title,
            chapter=f"../{docname}.html",
            groups=[(group, rests(group, up="../")) for group in said],
            texts=_texts(app, docname),
            where=_where(app, docname),
        )
        if said:
            meta = {"description": f"Every number of the chapter “{title}”, with the rows it rests on."}
            context = {"title": f"Numbers of “{title}”", "body": body, "meta": meta, **around}
            yield f"{NUMBERS}/{chapter}", context, "page.html"


def _texts(app: Sphinx, docname: str) -> dict[str, str]:
    """The numbers of a chapter as its sentences print them."""
    found = {}
    for cell in app.__dict__["compendium_executed"][docname].notebook["cells"]:
        for output in cell.get("outputs", []):
            text = output.get("data", {}).get(f"{GLUE_PREFIX}text/plain")
            if text is not None:
                said = ast.literal_eval("".join(text))
                found[output["metadata"]["scrapbook"]["name"]] = smartquotes.smartyPants(said, "q")
    return found


# What a page's Markdown says beside its words, and what is left of it in a sentence of plain text.
_PLAIN = [
    (re.compile(r"\A---\n.*?\n---\n|^(`{3,}|:{3,}).*?^\1\s*$", re.DOTALL | re.MULTILINE), ""),
    (re.compile(r"\{term\}`([^`<]+?)(?: <[^>]*>)?`|\[([^\]]+)\]\([^)]*\)"), r"\1\2"),
    (re.compile(r" ?\{(?:cite|cite:p|claim|certainty)\}`[^`]*`|<[^>\n]+>|\*"), ""),
    (re.compile(r"\{cite:t\}`[^`]*`"), "the authors"),
    (re.compile(r"(\{[a-z:]+\}`[^`]*`)|`([^`]*)`"), r"\1\2"),
    (re.compile(r"^(?:- |> |\| *)| *\|$", re.MULTILINE), ""),
    (re.compile(r" *\| *"), ", "),
]
_GLUED = re.compile(r"\{glue:text\}`([^`]+)`")


def sentences(page: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Return for each number of a page's Markdown the line of prose in which it first stands, numbers filled in."""
    for pattern, left in _PLAIN:
        page = pattern.sub(left, page)
    found: dict[str, str] = {}
    for line in page.splitlines():
        names = _GLUED.findall(line)
        if names and not line.startswith("#"):
            said = smartquotes.smartyPants(_GLUED.sub(lambda name: texts.get(name[1], "…"), line), "q")
            for name in names:
                found.setdefault(name, said.strip())
    return found


def _where(app: Sphinx, docname: str) -> dict[str, str]:
    """The sentence of each number of a chapter."""
    page = Path(app.env.doc2path(docname))
    return sentences(page.read_text(encoding="utf-8"), _texts(app, docname)) if page.suffix == ".md" else {}


def files(app: Sphinx) -> Iterator[tuple[str, dict[str, Any]]]:
    """What the script shows, by the page that holds the same."""
    found = app.__dict__.get("compendium_verdicts", {})
    for docname in app.__dict__.get("compendium_executed", {}):
        said, texts, where = _said(app, docname), _texts(app, docname), _where(app, docname)
        yield (
            f"{NUMBERS}-{_chapter(docname)}",
            {
                "rests": [rests(group) for group in said],
                "numbers": {
                    name: {"value": texts[name], "meaning": where.get(name, group.about), "rests": at}
                    for at, group in enumerate(said)
                    for name in group.names
                    if name in texts
                },
            },
        )
        for claim in claims.registry().of_chapter(_chapter(docname)):
            if claim.id in found:
                numbers = claim_numbers(claim, found[claim.id])
                yield (
                    f"{CLAIMS}-{claim.id}",
                    {
                        "rests": [rests(of_claim(app, claim, docname), _sources(claim))],
                        "numbers": {number["name"]: {**number, "rests": 0} for number in numbers},
                    },
                )


def _said(app: Sphinx, docname: str) -> list[Group]:
    return [group for group in groups(app, docname) if not group.names[0].startswith(CLAIM)]


def _chapter(docname: str) -> str:
    return docname.rsplit("/", 1)[-1]


def publish(app: Sphinx, failed: Exception | None) -> None:
    """Write what the script shows, a file for each chapter and claim."""
    if failed or app.builder.name != "html":
        return
    folder = Path(app.outdir) / FILES
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, held in files(app):
        text = json.dumps(held, ensure_ascii=False, separators=(",", ":"))
        (folder / f"{name}.js").write_text(f'bookDoors("{name}",{text});\n', encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_node(DoorNode, html=(open_door, close_door))
    app.add_role_to_domain("glue", "text", DoorRole(), override=True)
    app.connect("html-collect-pages", number_pages)
    app.connect("build-finished", publish, priority=400)
    return {"parallel_read_safe": False, "version": "1"}
