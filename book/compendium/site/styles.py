"""Stylesheets, read by tinycss2: the rules that no element can match are left out; the others stay as they are."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import tinycss2

_GROUPS = ("media", "supports", "layer", "container")
_PRIVATE = re.compile("([\ue000-\uf8ff])([0-9a-fA-F\\s])?")


class Selector(NamedTuple):
    """One selector of a rule: its text, and the classes and ids without which it matches nothing."""

    text: str
    required: list[str]


class Rule(NamedTuple):
    """A rule without comments: of an at-rule the `head`, of any other the `selectors`.

    `block` is the text between the braces, None for a statement; a group such as ``@media`` has `inner` rules.
    """

    head: str
    selectors: list[Selector]
    block: str | None
    inner: list[Rule]

    @classmethod
    def from_plain(cls, plain: list[Any]) -> Rule:
        """Return the rule that was written as JSON."""
        head, selectors, block, inner = plain
        return cls(head, [Selector(*selector) for selector in selectors], block, list(map(cls.from_plain, inner)))


def read_css(css: str) -> list[Rule]:
    """Return the rules of a stylesheet; what a browser would skip as malformed is skipped."""
    return list(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True)))


def _rules(nodes: Iterable[Any]) -> Iterator[Rule]:
    for node in nodes:
        if node.type == "qualified-rule":
            if block := _text(node.content):
                yield Rule("", _selectors(node.prelude), block, [])
        elif node.type == "at-rule" and node.lower_at_keyword != "charset":
            head = f"@{node.at_keyword} {_text(node.prelude)}".rstrip()
            if node.content is None:
                yield Rule(head, [], None, [])
            elif node.lower_at_keyword in _GROUPS:
                inner = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                yield Rule(head, [], "", list(_rules(inner)))
            else:
                yield Rule(head, [], _text(node.content), [])


def _selectors(prelude: Iterable[Any]) -> list[Selector]:
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return [Selector(_text(part), _required(part)) for part in parts]


def _required(tokens: list[Any]) -> list[str]:
    """Classes and ids; what stands inside :not(), :is() or [...] is an alternative or a value, not a demand."""
    names = [token.value for token in tokens if token.type == "hash"]
    pairs = pairwise(tokens)
    return names + [token.value for dot, token in pairs if dot == "." and token.type == "ident"]


def _text(tokens: Iterable[Any]) -> str:
    text = tinycss2.serialize(_tidy(tokens))
    return _PRIVATE.sub(_escaped, text)


def _tidy(tokens: Iterable[Any]) -> list[Any]:
    """Drop comments, and white space where it says nothing."""
    kept: list[Any] = []
    for token in tokens:
        is_space = token.type == "whitespace"
        if token.type == "comment" or (is_space and _says_nothing_after(kept)):
            continue
        if is_space:
            token.value = " "
        elif token == ";" and kept and kept[-1].type == "whitespace" and kept[-2:-1] != [":"]:
            kept.pop()
        for inside in ("content", "arguments"):
            if hasattr(token, inside):
                setattr(token, inside, _tidy(getattr(token, inside)))
        kept.append(token)
    while kept and (kept[-1] == ";" or kept[-1].type == "whitespace"):
        kept.pop()
    return kept


def _says_nothing_after(kept: list[Any]) -> bool:
    """Whether white space can go here; after the colon of a variable it may be the whole value."""
    if not kept or kept[-1] == ";" or kept[-1].type == "whitespace":
        return True
    is_variable = len(kept) > 1 and kept[-2].type == "ident" and kept[-2].value.startswith("--")
    return kept[-1] == ":" and not is_variable


def _escaped(found: re.Match[str]) -> str:
    # A glyph of an icon font, readable in the stylesheet; a hexadecimal digit after it would be taken for its own.
    return f"\\{ord(found[1]):x}" + (f" {found[2]}" if found[2] else "")


def prune(rules: Iterable[Rule], names: frozenset[str]) -> list[Rule]:
    """Leave out the rules that no element can match.

    A rule goes only if each of its selectors requires a class or an id that is not in `names`, which are those
    that a page or a script of the site can hold.
    """
    kept = []
    for rule in rules:
        if rule.inner:
            if inner := prune(rule.inner, names):
                kept.append(rule._replace(inner=inner))
        elif not rule.selectors:
            if rule.block != "":
                kept.append(rule)
        elif selectors := [selector for selector in rule.selectors if names.issuperset(selector.required)]:
            kept.append(rule._replace(selectors=selectors))
    return kept


def drop_unused_keyframes(rules: list[Rule]) -> list[Rule]:
    """Leave out the animations that no rule names."""
    declared = re.findall(r"animation[\w-]*:([^;}]*)", write_css(rules))
    named = {word for value in declared for word in re.findall(r"[\w-]+", value)}
    return [rule for rule in rules if "keyframes " not in rule.head or rule.head.split()[1] in named]


_DECLARED = re.compile(r"""(?<![^{;\s])(--[\w-]+)\s*:(?:[^;{}"']|"[^"]*"|'[^']*')*(?:;|$)""")


def drop_unused_variables(rules: list[Rule], names: frozenset[str]) -> list[Rule]:
    """Leave out the variables that neither a rule nor one of `names` asks for, and those that only such ones do."""
    while True:
        asked = names.union(re.findall(r"var\(\s*(--[\w-]+)", write_css(rules)))
        kept = [kept for rule in rules if (kept := _without_unasked(rule, asked))]
        if kept == rules:
            return kept
        rules = kept


def _without_unasked(rule: Rule, asked: frozenset[str]) -> Rule | None:
    """The rule without the variables that are not asked for, None if nothing is left; what is nested stays."""
    if rule.inner:
        inner = [kept for one in rule.inner if (kept := _without_unasked(one, asked))]
        return rule._replace(inner=inner) if inner else None
    if not rule.block or "{" in rule.block:
        return rule
    block = _DECLARED.sub(lambda found: found.group() if found[1] in asked else "", rule.block).rstrip(";")
    return rule._replace(block=block) if block else None


def write_css(rules: Iterable[Rule]) -> str:
    """Return rules as a stylesheet, a line each."""
    return "\n".join(map(_written, rules))


def _written(rule: Rule) -> str:
    if rule.block is None:
        return f"{rule.head};"
    head = rule.head or ",".join(selector.text for selector in rule.selectors)
    return f"{head}{{{write_css(rule.inner) if rule.inner else rule.block}}}"


def names_in_pages(pages: Iterable[Path]) -> set[str]:
    """Every class, id and variable that the pages hold."""
    names: set[str] = set()
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for value in re.findall(r"""\b(?:class|id)=["']([^"']+)""", text):
            names.update(html.unescape(value).split())
        names.update(re.findall(r"var\((--[\w-]+)", text))
    return names


def names_in_scripts(scripts: Iterable[Path]) -> set[str]:
    """Every word that scripts hold: any may be a class or an id that they set."""
    return {name for script in scripts for name in re.findall(r"[\w-]+", script.read_text(encoding="utf-8"))}
