"""Penalty ranges in force on a date, and whether one range is as severe as another.

A range is a floor and a ceiling in years of imprisonment, with life as an infinite ceiling. The declared rule:
one offence is punished at least as severely as another if its floor is at least the other's floor and its
ceiling at least the other's ceiling. A bound that no source states is unknown, and only what holds whatever it
may be is concluded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import pandas as pd

Form = Literal["base", "aggravated", "whole"]
Rule = Literal["both", "ceilings", "floors"]
FORMS: tuple[Form, ...] = ("base", "aggravated", "whole")
LIFE = math.inf
UNVERIFIED = "unverified"


class PenaltyError(ValueError):
    """A date, offence or range that cannot be compared; the message names the row."""


@dataclass(frozen=True)
class Range:
    """Least and most years of imprisonment; None where unknown, infinite for life."""

    floor: float | None
    ceiling: float | None

    def __post_init__(self) -> None:
        if self.floor is not None and self.ceiling is not None and self.floor > self.ceiling:
            raise PenaltyError(f"range {self.floor}-{self.ceiling}: the floor exceeds the ceiling")
        for bound in (self.floor, self.ceiling):
            if bound is not None and not bound >= 0:
                raise PenaltyError(f"range {self.floor}-{self.ceiling}: expected years of 0 or more")

    def __str__(self) -> str:
        return f"{_years(self.floor)}–{_years(self.ceiling)}"


UNKNOWN = Range(None, None)


@dataclass(frozen=True)
class Period:
    """From the first to the last day, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Regime:
    """A comparison to make: an offence and its yardstick, by id, on a day when both are in force."""

    label: str
    on: str
    offence: str
    reference: str


def span(text: object) -> Period:
    """First and last day that a date of year, month or day precision can mean: `1996`, `1996-02`, `1996-02-29`."""
    parts = str(text).strip().split("-")
    try:
        numbers = [int(part) for part in parts]
        if len(numbers) == 1:
            return Period(date(numbers[0], 1, 1), date(numbers[0], 12, 31))
        if len(numbers) == 2:
            year, month = numbers
            following = date(year + month // 12, month % 12 + 1, 1)
            return Period(date(year, month, 1), following - timedelta(days=1))
        day = date(*numbers)
    except (TypeError, ValueError) as error:
        raise PenaltyError(f"date is {text!r}; expected YYYY, YYYY-MM or YYYY-MM-DD") from error
    return Period(day, day)


def decimal_year(text: object, open_end: float | None = None) -> float:
    """The first day that a date can mean, as a year and twelfths: `2008-02` is 2008.0833.

    A missing date is `open_end`; without one it is refused, as `span` refuses it.
    """
    if open_end is not None and _missing(text):
        return open_end
    first = span(text).first
    return first.year + (first.month - 1) / 12


def in_force(penalties: pd.DataFrame, on: str | date) -> pd.DataFrame:
    """Rows in force on a day, with `date_uncertain`: the day lies within the precision of a change.

    A law counts from the first day its starting date can mean up to, but not including, the first day its end
    can mean. A day of month or year precision stands for its first day.
    """
    _require(penalties, ("id", "in_force_from", "in_force_to"))
    day = on if isinstance(on, date) else span(on).first
    keep, uncertain = [], []
    for begin, end in zip(penalties["in_force_from"], penalties["in_force_to"], strict=True):
        start = span(begin)
        stop = None if _missing(end) else span(end)
        keep.append(start.first <= day and (stop is None or day < stop.first))
        uncertain.append(start.first != start.last and start.first <= day <= start.last)
    rows = penalties.assign(date_uncertain=uncertain)[keep]
    return rows.reset_index(drop=True)


def periods(penalties: pd.DataFrame, until: str | date) -> tuple[Period, ...]:
    """The stretches of time, in order, within which the set of rows in force does not change.

    The last one ends with the day `until`. Stretches with nothing in force are left out.
    """
    _require(penalties, ("in_force_from", "in_force_to"))
    final = until if isinstance(until, date) else span(until).first
    starts = {span(begin).first for begin in penalties["in_force_from"]}
    starts |= {span(end).first for end in penalties["in_force_to"] if not _missing(end)}
    changes = [*sorted(start for start in starts if start <= final), final + timedelta(days=1)]
    found = []
    for first, following in itertools.pairwise(changes):
        if not in_force(penalties, first).empty:
            found.append(Period(first, following - timedelta(days=1)))
    return tuple(found)


def penalty(penalties: pd.DataFrame, offence: str, form: Form = "base") -> Range | None:
    """Range of an offence (by id): base, aggravated, or whole (base floor to the higher ceiling).

    None where the offence has no aggravated form. An offence without one is whole in its base form.
    """
    row = _row(penalties, offence)
    base = _range(row, "min_years", "max_years", "max_is_life")
    aggravated = _range(row, "aggravated_min_years", "aggravated_max_years", "aggravated_max_is_life")
    if form == "base":
        return base
    if form == "aggravated":
        return None if aggravated == UNKNOWN else aggravated
    if form == "whole":
        return base if aggravated == UNKNOWN else Range(base.floor, _higher(base.ceiling, aggravated.ceiling))
    raise PenaltyError(f"form is {form!r}; expected one of {', '.join(FORMS)}")


def as_severe(offence: Range, reference: Range, rule: Rule = "both") -> bool | None:
    """Is the offence punished at least as severely as the reference? None where an unknown bound decides.

    Rule `both` compares floor with floor and ceiling with ceiling; `ceilings` and `floors` compare one.
    """
    floors = _at_least(offence.floor, reference.floor)
    ceilings = _at_least(offence.ceiling, reference.ceiling)
    if rule == "ceilings":
        return ceilings
    if rule == "floors":
        return floors
    if rule != "both":
        raise PenaltyError(f"rule is {rule!r}; expected both, ceilings or floors")
    if floors is False or ceilings is False:
        return False
    return None if floors is None or ceilings is None else True


def superiority(offence: Range, reference: Range) -> float | None:
    """How often a term for the offence is the longer one: 0 never, 0.5 as often as not, 1 always; ties count half.

    One term is drawn from each range, every term as likely (the probability of superiority of McGraw and Wong 1992,
    for two uniform ranges). Swapping the two gives one minus it. A range up to life reaches above every range of
    years, wherever it begins; two that both reach life tie. None where an unknown bound decides.
    """
    if LIFE in (offence.ceiling, reference.ceiling):
        if offence.ceiling == reference.ceiling:
            return 0.5
        other = reference if offence.ceiling == LIFE else offence
        return None if other.ceiling is None else float(offence.ceiling == LIFE)
    if None in (offence.floor, offence.ceiling, reference.floor, reference.ceiling):
        return None
    low, high = float(offence.floor or 0), float(offence.ceiling or 0)
    start, end = float(reference.floor or 0), float(reference.ceiling or 0)
    if low == high:
        return _reached(low, start, end)
    # The share reached is zero below the reference, linear within it and one above: its mean is exact by pieces.
    cuts = sorted({low, high, *(cut for cut in (start, end) if low < cut < high)})
    pieces = [(b - a, _reached((a + b) / 2, start, end)) for a, b in itertools.pairwise(cuts)]
    return sum(width * share for width, share in pieces) / (high - low)


def _reached(term: float, start: float, end: float) -> float:
    """The share of the terms of a range that one term exceeds; a tie with a single term counts half."""
    if start == end:
        return 0.5 if term == start else float(term > start)
    return min(1.0, max(0.0, (term - start) / (end - start)))


def category(offence: Range, reference: Range) -> str:
    """How the offence's range lies to the reference's, in one of these words.

    equal; harsher (as severe and not equal); wider (lower floor, higher ceiling); overlapping, lower floor;
    overlapping, lower ceiling (floor not lower); lighter (ends where the reference begins, or before). With an
    unknown bound: at least as severe, not as severe, or undetermined, as far as the known bounds tell.
    """
    bounds = (offence.floor, offence.ceiling, reference.floor, reference.ceiling)
    if any(bound is None for bound in bounds):
        known = as_severe(offence, reference)
        words = {True: "at least as severe", False: "not as severe", None: "undetermined"}
        return words[known]
    floor, ceiling, other_floor, other_ceiling = (float(bound) for bound in bounds if bound is not None)
    if (floor, ceiling) == (other_floor, other_ceiling):
        return "equal"
    if floor >= other_floor and ceiling >= other_ceiling:
        return "harsher"
    if ceiling > other_ceiling:
        return "wider"
    if ceiling <= other_floor:
        return "lighter"
    return "overlapping, lower floor" if floor < other_floor else "overlapping, lower ceiling"


def compare(
    penalties: pd.DataFrame,
    regimes: Iterable[Regime],
    *,
    rule: Rule = "both",
    forms: Sequence[Form] = FORMS,
    without_unverified: bool = False,
) -> pd.DataFrame:
    """Compare each regime's offence, in each form it has, with its reference in base form.

    One row per regime and form: regime, on, offence, reference, form, floor, ceiling, reference_floor,
    reference_ceiling (years, infinite for life, missing if unknown), as_severe (true, false, missing), category,
    unverified (a range compared has that status). `without_unverified` makes every bound of an unverified row
    unknown. Refuses an id that is not in force on the regime's day.
    """
    rows = []
    for regime in regimes:
        current = in_force(penalties, regime.on)
        for identifier in (regime.offence, regime.reference):
            if identifier not in set(current["id"]):
                _row(penalties, identifier)
                raise PenaltyError(f"regime {regime.label!r}: {identifier} is not in force on {regime.on}")
        doubtful = {
            identifier: _row(penalties, identifier)["status"] == UNVERIFIED
            for identifier in (regime.offence, regime.reference)
        }
        reference = penalty(penalties, regime.reference) or UNKNOWN
        if without_unverified and doubtful[regime.reference]:
            reference = UNKNOWN
        for form in forms:
            offence = penalty(penalties, regime.offence, form)
            if offence is None:
                continue
            if without_unverified and doubtful[regime.offence]:
                offence = UNKNOWN
            rows.append(
                {
                    "regime": regime.label,
                    "on": regime.on,
                    "offence": regime.offence,
                    "reference": regime.reference,
                    "form": form,
                    "floor": offence.floor,
                    "ceiling": offence.ceiling,
                    "reference_floor": reference.floor,
                    "reference_ceiling": reference.ceiling,
                    "as_severe": as_severe(offence, reference, rule),
                    "category": category(offence, reference),
                    "unverified": any(doubtful.values()),
                }
            )
    if not rows:
        raise PenaltyError("compare: no regime has any of the forms asked for")
    table = pd.DataFrame(rows)
    bounds = ["floor", "ceiling", "reference_floor", "reference_ceiling"]
    return table.astype({**dict.fromkeys(bounds, "float64"), "as_severe": "boolean"})


def _at_least(bound: float | None, other: float | None) -> bool | None:
    # No bound lies below zero or above life, so these hold whatever the unknown one is.
    if other == 0 or bound == LIFE:
        return True
    if bound is None or other is None:
        return None
    return bound >= other


def _higher(bound: float | None, other: float | None) -> float | None:
    if LIFE in (bound, other):
        return LIFE
    return None if bound is None or other is None else max(bound, other)


def _range(row: pd.Series, floor: str, ceiling: str, life: str) -> Range:
    top = LIFE if _true(row[life]) else (None if _missing(row[ceiling]) else float(row[ceiling]))
    try:
        return Range(None if _missing(row[floor]) else float(row[floor]), top)
    except PenaltyError as error:
        raise PenaltyError(f"penalty {row['id']}: {error}") from error


def _row(penalties: pd.DataFrame, offence: str) -> pd.Series:
    columns = (
        "id",
        "min_years",
        "max_years",
        "max_is_life",
        "aggravated_min_years",
        "aggravated_max_years",
        "aggravated_max_is_life",
        "status",
    )
    _require(penalties, columns)
    found = penalties[penalties["id"] == offence]
    if len(found) != 1:
        raise PenaltyError(f"penalties: {len(found)} rows with id {offence!r}; expected one")
    return found.iloc[0]


def _require(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    for column in columns:
        if column not in frame.columns:
            raise PenaltyError(f"penalties: no column {column!r}; it has {', '.join(map(str, frame.columns))}")


def _missing(value: object) -> bool:
    return bool(pd.isna(value)) or value == ""  # type: ignore[call-overload]


def _true(value: object) -> bool:
    return not _missing(value) and str(value).lower() in {"true", "1", "1.0"}


def _years(bound: float | None) -> str:
    if bound is None:
        return "?"
    return "life" if bound == LIFE else f"{bound:g}"
