"""Claims anywhere in the book: the verdict card, the `{claim}` directive and role, the statements of the essay."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective, SphinxRole

from compendium.evidence import numbers
from compendium.run import stress
from compendium.site import doors, numberrows, pages, ruletext, source, strips
from compendium.trial import certainty, claims, history, rules, score, statements, told, verdicts
from compendium.trial import strips as judged

# The name of a verdict in the stylesheet.
STYLES = {
    rules.SUPPORTED: "supported",
    rules.PARTLY: "partly",
    rules.MIXED: "mixed",
    rules.PARTLY_AGAINST: "partly-against",
    rules.CONTRADICTED: "contradicted",
    rules.OPEN: "open",
    rules.UNTESTABLE: "untestable",
    rules.PENDING: "pending",
}

# Whose claim it is, as cards and lists say it.
WHOSE = {
    "essay": "the essay claims",
    "essay reports": "the essay reports",
    "discourse": "the alarm claims",
    "book": "this book asks",
}


def anchor(claim_id: str) -> str:
    """The id of the verdict card of a claim on its chapter's page."""
    return f"verdict-{claim_id}"


LEDGER = "ledger.html"


class ClaimNode(nodes.General, nodes.Element):
    """A place where claims are shown; filled once it is known on which page it stands."""


def reached(app: Sphinx) -> dict[str, verdicts.Verdict]:
    """The verdicts of this build; a claim whose chapter is not written has none."""
    return app.__dict__.get("compendium_verdicts", {})


def view(app: Sphinx, claim: claims.Claim, fromdoc: str, verdict: verdicts.Verdict | None = None) -> dict[str, Any]:
    """Everything that a template shows of a claim; its verdict is that of this build unless one is given."""
    verdict = verdict or reached(app).get(claim.id)
    up = "../" * fromdoc.count("/")
    known: dict[str, dict[str, Any]] = app.__dict__.setdefault("compendium_views", {})
    if claim.id not in known:
        known[claim.id] = _anywhere(claim, verdict)
    door = functools.partial(doors.link, doors.CLAIMS, claim.id, up=up)
    return {
        **known[claim.id],
        "address": address(app, claim, fromdoc) if verdict else "",
        "finding_open": doors.sentence(claim.finding, claim, verdict, up),
        "found_open": doors.sentence(claim.found, claim, verdict, up),
        "number_rows": numberrows.rows(claim, verdict, door) if verdict else None,
    }


def _anywhere(claim: claims.Claim, verdict: verdicts.Verdict | None) -> dict[str, Any]:
    """What is shown of a claim on whatever page."""
    word = verdict.verdict if verdict else rules.PENDING
    past = _history().get(claim.id, [])
    return {
        "claim": claim,
        "verdict": verdict,
        "word": word,
        "css": STYLES[word],
        "seal": strips.SEALS[word],
        "seals": strips.SEALS,
        "answers": told.ANSWERS,
        "dots": strips.DOTS,
        "key": key_number(claim, verdict),
        "finding": told.finding(claim, verdict),
        "found": told.found(claim, verdict),
        "certainty": certainty.grade(claim, verdict) if verdict else None,
        "whose": WHOSE[claim.holder],
        "robustness": robustness(claim, verdict) if verdict else "",
        "turns": turns(claim, verdict) if verdict else [],
        "rules_told": ruletext.rules_told(claim, verdict.numbers) if verdict else {},
        "stress": stress_sentence(claim, verdict) if verdict else "",
        "stress_count": stress_count(claim, verdict) if verdict else "",
        "strip": strips.small(claim, verdict) if verdict else "",
        "rechosen": history.rechosen(past),
        "first_word": history.first_word(past),
        "chapter_title": claims.registry().chapters[claim.chapter]["title"],
    }


def address(app: Sphinx, claim: claims.Claim, fromdoc: str) -> str:
    """The address of the verdict card, relative to the page `fromdoc`."""
    docname = chapter_page(app, claim)
    if docname == fromdoc or app.builder.name == "singlehtml":
        return f"#{anchor(claim.id)}"
    return f"{app.builder.get_relative_uri(fromdoc, docname)}#{anchor(claim.id)}" if docname else ""


def chapter_page(app: Sphinx, claim: claims.Claim) -> str:
    """The page of the chapter that tests a claim; empty if it is not in the book."""
    return next((name for name in app.env.found_docs if name.rsplit("/", 1)[-1] == claim.chapter), "")


def key_number(claim: claims.Claim, verdict: verdicts.Verdict | None) -> str:
    """The claim's key number with its meaning, or nothing while it is not yet tested.

    Where it decides no part, the number that the small strip beside it shows.
    """
    if not verdict:
        return ""
    shown = judged.key_reading(claim, verdict)
    if claim.key_number not in shown.names and shown.names != claim.interval:
        title = judged.strip(claim, shown).title
        return title[:1].lower() + title[1:]
    number = claim.numbers[claim.key_number]
    return f"{number.meaning}: {told.plain(verdict.numbers[claim.key_number], number.unit)}"


def robustness(claim: claims.Claim, verdict: verdicts.Verdict) -> str:
    """How many other ways to count were tried, alone and in pairs, and what they make of the verdict."""
    total = verdict.survives[1]
    if not total:
        return "No other way to count changes a number: no figure was found that could be counted otherwise."
    text = _tried(verdict)
    both, pairs = verdict.pairs_survive
    if pairs:
        text += f" {_pairs(both, pairs)}"
    if one_sided(claim, verdict):
        text += " None of them brings the numbers nearer to another verdict, so they test little."
    return text


def _tried(verdict: verdicts.Verdict) -> str:
    """Say how many other ways to count were tried, and what each, taken alone, makes of the verdict."""
    same, total = verdict.survives
    what = "the verdict and its parts" if len(verdict.parts) > 1 else "the verdict"
    made = [verdict.alternatives[label] for label, moves in verdict.moves.items() if moves]
    others = {word: made.count(word) for word in dict.fromkeys(made) if word != verdict.verdict}
    partly = total - same - sum(others.values())
    if total == 1:
        does = f"makes it “{made[0]}”" if others else "changes only a part of it" if partly else f"keeps {what}"
        return f"The one other defensible way to count {does}."
    if same == total:
        every = "Both" if total == 2 else f"All {numbers.in_words(total)}"
        return f"{every} other defensible ways to count keep {what}."
    told = [f"{numbers.in_words(of)} {'makes' if of == 1 else 'make'} it “{word}”" for word, of in others.items()]
    if partly:
        told.append(f"{numbers.in_words(partly)} {'changes' if partly == 1 else 'change'} only a part of it")
    few = f"{numbers.in_words(same) if same else 'none'} {'keeps' if same <= 1 else 'keep'}"
    made_of_it = numbers.listing(told)
    return (
        f"Of {numbers.in_words(total)} other defensible ways to count, {few} {what}. "
        f"{made_of_it[0].upper()}{made_of_it[1:]}."
    )


def _pairs(both: int, pairs: int) -> str:
    """Say how many pairs of the other ways to count leave the verdict as it is."""
    if pairs == 1:
        return f"Two of them together {'keep' if both else 'change'} the verdict."
    few = {0: "none", pairs: "all"}.get(both, numbers.in_words(both))
    keep = "keeps" if both <= 1 else "keep"
    return f"Two of them together can be tried in {numbers.in_words(pairs)} ways; {few} {keep} the verdict."


def turns(claim: claims.Claim, verdict: verdicts.Verdict) -> list[str]:
    """The alternatives that change the verdict or a part of it, with what each makes of it, and the idle ones."""
    moved = [
        f"{claim.alternatives[label]}: {_changed(verdict, label)}"
        for label, word in verdict.alternatives.items()
        if word != verdict.verdict or label in verdict.shifted
    ]
    return moved + [
        f"{claim.alternatives[label]}: alone it changes no number, so it is not counted" for label in verdict.idle
    ]


def one_sided(claim: claims.Claim, verdict: verdicts.Verdict) -> bool:
    """Whether no alternative would change a part's word even if it moved its numbers many times as far."""
    moving = [moves for moves in verdict.moves.values() if moves]
    return len(moving) > 1 and not any(_leads_elsewhere(claim, verdict, moves) for moves in moving)


def _leads_elsewhere(claim: claims.Claim, verdict: verdicts.Verdict, moves: rules.Numbers) -> bool:
    before = {name: verdict.numbers[name] for name in moves}
    for times in (1, 2, 4, 8, 16):
        moved = {
            name: None if value is None or (was := before[name]) is None else was + times * (value - was)
            for name, value in moves.items()
        }
        for part in claim.parts:
            try:
                word = part.decide({**verdict.numbers, **moved})
            except (rules.ClaimError, ZeroDivisionError):
                return True
            if word != verdict.parts[part.name]:
                return True
    return False


def _changed(verdict: verdicts.Verdict, label: str) -> str:
    """What an alternative changes: the verdict, or only parts of it."""
    word = verdict.alternatives[label]
    parts = "; ".join(f"{part}: {now}" for part, now in verdict.shifted.get(label, {}).items())
    if word == verdict.verdict:
        return parts
    return f"{word} ({parts})" if len(verdict.parts) > 1 and parts else word


# A card, a claim page and the ledger each ask for the same; the files stay as they are while the site is written.
_history = functools.cache(history.read)
_stress_published = functools.cache(stress.published)
stress_inputs = functools.cache(stress.inputs)


def stress_count(claim: claims.Claim, verdict: verdicts.Verdict) -> str:
    """In how many changes of the published stress test the verdict stands, or that it is of another version."""
    result = _stress_published().get(claim.id)
    if result is None:
        return ""
    if not _is_current(result, claim, verdict):
        return "The stress test of the data was made for an earlier version of this chapter."
    if not result["total"]:
        return (
            "Stress test of the data: dropping a source, or moving an input to the end of its printed range, "
            "changes none of its numbers."
        )
    return (
        f"Stress test of the data: the verdict stands in {result['survived']} of {result['total']} changes "
        "that move its numbers."
    )


def stress_sentence(claim: claims.Claim, verdict: verdicts.Verdict) -> str:
    """The count of the published stress test, and a sentence for each change that moves the verdict."""
    text, result = stress_count(claim, verdict), _stress_published().get(claim.id)
    if result is None or not _is_current(result, claim, verdict):
        return text
    source = str(stress.Change("source"))
    unverified = str(stress.Change("unverified"))
    rests = [
        change
        for change, word in result["falls"].items()
        if word == stress.FALLS and change.startswith(source) and change != unverified
    ]
    unreached = [change for change, word in result["falls"].items() if word == stress.FALLS and change not in rests]
    moved = [f"{change} ({word})" for change, word in result["falls"].items() if word != stress.FALLS]
    if rests:
        text += f" It cannot be reached without {'one' if len(rests) == 1 else len(rests)} of its sources."
    if unreached:
        text += f" It {stress.FALLS} {numbers.listing(unreached)}."
    text += "".join(f" It changes {change}." for change in moved)
    return stress.with_hosts(text)


def _is_current(result: dict[str, Any], claim: claims.Claim, verdict: verdicts.Verdict) -> bool:
    return result["inputs"] == stress_inputs().get(claim.chapter) and result["verdict"] == verdict.verdict


class CardRenderer:
    """Turns the verdict in a notebook's output into the card on the page."""

    mime_priority_overrides = (("*", verdicts.MIME, 1),)

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Element] | None:
        """Return the card for an output made by `verdicts.conclude`; None for any other."""
        if data.mime_type != verdicts.MIME:
            return None
        document = renderer.renderer.document
        env: BuildEnvironment = document.settings.env
        verdict = verdicts.Verdict.from_dict(data.content)
        claim = claims.registry()[verdict.claim]
        html = pages.render(
            "verdict-card.html",
            **view(env.app, claim, env.docname, verdict),
            anchor=anchor(claim.id),
            drawn=strips.of_parts(claim, verdict, first=True),
            strip_key=strips.key,
            plain=told.plain,
            up="../" * env.docname.count("/"),
            makers=source.makers(env.app, env.docname, claim.id),
            docname=env.docname,
        )
        return [nodes.raw("", html, format="html")]


class ClaimDirective(SphinxDirective):
    """``{claim} id`` shows the claim in its own words, its question, and where its verdict stands."""

    required_arguments = 1
    template = "claim.html"

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages are known."""
        node = ClaimNode(template=self.template, claims=[self._known(self.arguments[0]).id])
        node.source, node.line = self.get_source_info()
        return [node]

    def _known(self, claim_id: str) -> claims.Claim:
        try:
            return claims.registry()[claim_id]
        except rules.ClaimError as error:
            raise self.error(str(error)) from None


class StatementsDirective(SphinxDirective):
    """``{essay-statements}`` walks through the essay in order, a verdict or a reason beside each statement."""

    template = "statements.html"

    def run(self) -> list[nodes.Node]:
        """Leave a place that is filled when all pages are known; an error if a statement is left out."""
        if wrong := statements.defects(statements.read()):
            raise self.error("; ".join(wrong))
        node = ClaimNode(template=self.template, claims=list(claims.registry().claims))
        node.source, node.line = self.get_source_info()
        return [node]


class ClaimRole(SphinxRole):
    """``{claim}`id``` names a claim with its verdict and leads to it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the place of the badge, or an error naming the unknown claim."""
        if self.text not in claims.registry().claims:
            message = self.inliner.reporter.error(f"no claim {self.text!r} in claims.yml", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        return [ClaimNode(template="badge.html", claims=[self.text], inline=True)], []


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the verdicts of this build into the places left for them."""
    scores = score.score(reached(app))
    for node in list(doctree.findall(ClaimNode)):
        views = [view(app, claims.registry()[claim_id], docname) for claim_id in node["claims"]]
        html = pages.render(
            node["template"],
            views=views,
            view=views[0],
            by_id={view["claim"].id: view for view in views},
            statements=statements.read() if node["template"] == StatementsDirective.template else [],
            parts=claims.registry().parts,
            verdicts=rules.VERDICTS,
            holders=claims.HOLDERS,
            whose=WHOSE,
            styles=STYLES,
            seals=strips.SEALS,
            dots=strips.DOTS,
            scores=scores,
            headline=score.headline(scores),
            assurance=_assurance(app),
            fates=score.FATES,
            fate=score.fate,
            of=node.get("of", ""),
            up="../" * docname.count("/"),
        )
        node.replace_self(nodes.raw("", html.strip() if node.get("inline") else html, format="html"))


def _assurance(app: Sphinx) -> str:
    """How sure the verdicts of both sides are: every page asks, and every source is counted for it."""
    if "compendium_assurance" not in app.__dict__:
        app.__dict__["compendium_assurance"] = score.assurance(reached(app))
    return app.__dict__["compendium_assurance"]


def note(app: Sphinx, doctree: nodes.document) -> None:
    """Remember which verdicts a page shows, so that it is made again when they change."""
    shown = list(doctree.findall(ClaimNode))
    rests_on(app, app.env.docname, *(claim_id for node in shown for claim_id in node["claims"]))
    if any(node["template"] == LEDGER for node in shown):
        pages.depends(app.env, app.env.docname, stress=_stress_digest(app))


def rests_on(app: Sphinx, docname: str, *claim_ids: str) -> None:
    """Note that a page shows something of these claims."""
    if claim_ids:
        pages.depends(app.env, docname, claims=_names_digest(), **_digests(app, claim_ids))


def outdated(app: Sphinx, env: BuildEnvironment, added: Any, changed: Any, removed: Any) -> set[str]:
    """Pages that show verdicts which have changed since, or a claim that may be gone."""
    now = _digests(app, claims.registry().claims)
    return pages.outdated(env, claims=_names_digest(), stress=_stress_digest(app), **now) & env.all_docs.keys()


def _digests(app: Sphinx, claim_ids: Iterable[str]) -> dict[str, str]:
    """By claim, a digest of all that a page may show of it."""
    found, registry = reached(app), claims.registry()

    def everything(claim: claims.Claim) -> list[Any]:
        verdict = found[claim.id].as_dict() if claim.id in found else None
        return [verdict, repr(claim), registry.chapters[claim.chapter], registry.parts]

    return {f"claim {claim_id}": pages.digest(everything(registry[claim_id])) for claim_id in claim_ids}


def _names_digest() -> str:
    return pages.digest(list(claims.registry().claims))


def _stress_digest(app: Sphinx) -> str:
    # The sentences, not the published file: they also change when a chapter does.
    return pages.digest(
        {id: stress_sentence(claims.registry()[id], verdict) for id, verdict in reached(app).items()}
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the extension."""
    app.add_node(ClaimNode)
    app.add_directive("claim", ClaimDirective)
    app.add_directive("essay-statements", StatementsDirective)
    app.add_role("claim", ClaimRole())
    app.connect("builder-inited", pages.keep_compiled)
    app.connect("env-purge-doc", pages.forget)
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-read", note)
    app.connect("doctree-resolved", fill)
    return {"parallel_read_safe": False, "version": "1"}
