"""Rules in words, each number by its meaning and with its value, each line in the unit of what it bounds."""

from __future__ import annotations

import re
from typing import Any

from compendium.evidence.numbers import trimmed
from compendium.trial import claims, compiled, living, rules, told

_NUMBER = re.compile(r"“[^“”]*” \([^()]*\) (?=is )")


def unit(claim: claims.Claim, one: living.Comparison, name: str) -> str:
    """The unit in which a comparison is told under a number: that of what it compares."""
    subject = one.told(name)[0]
    return claim.numbers[subject if isinstance(subject, str) else one.names[0]].unit


def rules_told(claim: claims.Claim, numbers: rules.Numbers) -> dict[tuple[str, str], str]:
    """What each rule asks, by its part and its name: “share of …” (61%) is above 50%, and …"""
    every = compiled.compiled(claim)
    return {
        (part["name"], rule): told_tree(claim, tree, every["lines"], numbers)
        for part in every["parts"]
        for rule, tree in part.items()
        if rule not in ("name", "beside")
    }


def told_tree(
    claim: claims.Claim, tree: compiled.Tree, lines: list[float], numbers: rules.Numbers, within: str = ""
) -> str:
    """A compiled rule in words; what is joined otherwise than the rule `within` which it stands is in brackets."""

    def named(number: str) -> str:
        known = claim.numbers[number]
        return f"“{known.meaning}” ({told.plain(numbers[number], known.unit)})"

    def line(index: int) -> str:
        return trimmed(lines[index], 4)

    def compared(relation: str, left: Any, right: Any) -> str:
        one = living.Comparison("", "", relation, left, right, "")
        if not one.names:
            return living.in_words(one.tree, named, line)
        name = one.teller(list(one.names))
        subject, relation, side = one.told(name)
        kind = unit(claim, one, name)
        bound = told.line(lines[side[1]], kind) if side[:1] == ["line"] else living.in_words(side, named, line)
        if kind == "yes or no" and subject == name and relation in ("==", ">="):
            asked = "known" if (relation, bound) == (">=", "no") else bound  # one is yes, nil is no
            found = told.plain(numbers[name], kind)
            so = "so it is" if found == asked else f"it is {found}"
            return f"“{claim.numbers[name].meaning}” is {asked} ({so})"
        return f"{living.in_words(subject, named, line)} is {living.RELATIONS[relation]} {bound}"

    match tree:
        case ["and" | "or" as joint, *operands]:
            text = _joined([told_tree(claim, one, lines, numbers, joint) for one in operands], joint)
            return f"({text})" if within not in ("", joint) else text
        case ["not", operand]:
            return f"not ({told_tree(claim, operand, lines, numbers)})"
        case ["is", relations, *sides]:
            pairs = zip(relations, sides, sides[1:], strict=False)
            text = _joined([compared(*pair) for pair in pairs], "and")
            return f"({text})" if within == "or" and len(relations) > 1 else text
    return living.in_words(tree, named, line)


def _joined(told: list[str], joint: str) -> str:
    """Comparisons as one sentence, in which a number that was just named is “it”."""
    text, before = told[0], _NUMBER.match(told[0])
    for one in told[1:]:
        named = _NUMBER.match(one)
        again = named and before and named.group() == before.group()
        text += f", {joint} {'it ' + one[named.end() :] if named and again else one}"
        before = named
    return text
