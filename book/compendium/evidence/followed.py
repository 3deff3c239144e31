"""Frames and columns of a table that note which of its rows are picked from them, and whether these are used.

They are pandas' own in all else. Picking rows (a filter, a label, a query) gives a frame that is followed on, and
so does what keeps every row in its place (an index, a new column, a comparison that may become a filter). Whatever
else is done with a frame or a column uses its rows: its result is plain, and the rows are noted as used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from compendium.evidence import trail

KEEPING = (
    *("assign", "astype", "copy", "fillna", "rename", "replace", "reset_index", "set_index", "between", "isin"),
    *("isna", "isnull", "notna", "notnull", "eq", "ne", "lt", "le", "gt", "ge", "__invert__"),
    *("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__and__", "__or__", "__rand__", "__ror__"),
)
PICKING = (
    *("drop_duplicates", "dropna", "head", "nlargest", "nsmallest", "query", "sort_index", "sort_values", "tail"),
    *("all", "any", "reindex"),
)
LABELLING = ("loc", "iloc", "at", "iat")
TEXTS = ("contains", "endswith", "fullmatch", "match", "startswith")
SAYS_NO_VALUE = frozenset(
    ("columns", "dtype", "dtypes", "name", "attrs", "flags", "str", *LABELLING, *KEEPING, *PICKING)
)
USING = (
    *(f"__{side}{name}__" for name in "add sub mul truediv floordiv mod pow".split() for side in ("", "r")),
    *("__len__", "__iter__", "__array__", "__array_ufunc__", "__neg__", "__abs__", "__contains__"),
)
UNKNOWN = np.array([-1])


class _Quiet:
    """While it is entered, what pandas does with frames and columns is no use of them."""

    entered = 0

    def __enter__(self) -> None:
        _Quiet.entered += 1

    def __exit__(self, *error: object) -> None:
        _Quiet.entered -= 1


class _Followed:
    """What frames and columns share: the table, its number of rows, and the positions of the rows held."""

    _table = ""
    _rows = 0
    _at: trail.Picked | None = None  # None once it is not known

    @classmethod
    def of(cls, plain: Any, table: str, rows: int, at: trail.Picked) -> Any:
        """Return a plain frame or column as one that is followed."""
        with _Quiet():
            made = cls(plain)  # type: ignore[call-arg]
        for name, value in (("_table", table), ("_rows", rows), ("_at", at)):
            object.__setattr__(made, name, value)
        return made

    def __getattribute__(self, name: str) -> Any:
        # A name of pandas that keeps and picks nothing: its value or its method is a use.
        asked = name[0] != "_" and not _Quiet.entered and name not in SAYS_NO_VALUE and hasattr(type(self), name)
        # Labels without a name are the places of the rows, and no values of the table.
        if asked and (name != "index" or self._labels().name is not None):
            self._use()
        return super().__getattribute__(name)

    def __getitem__(self, key: Any) -> Any:
        result = self._quietly(super().__getitem__, key)  # type: ignore[misc]
        return result if _Quiet.entered else self._picked(result, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._quietly(super().__setitem__, key, value)  # type: ignore[misc]

    def __iand__(self, other: Any) -> Any:
        return self & other  # type: ignore[operator]

    def __ior__(self, other: Any) -> Any:
        return self | other  # type: ignore[operator]

    def _quietly(self, method: Callable[..., Any], /, *args: Any, **options: Any) -> Any:
        """Call a method that is followed; what it is given of other rows is used by it."""
        for given in (*args, *options.values()):
            if isinstance(given, _Followed) and (given._table, given._at) != (self._table, self._at):
                given._use()
        with _Quiet():
            return method(*args, **options)

    def _use(self) -> None:
        if self._at is not None:
            trail.use(self._table, self._rows, self._at)

    def _kept(self, result: Any) -> Any:
        """The result of what keeps every row in its place."""
        kind = _kind(result)
        with _Quiet():
            if kind is not None and self._at is not None and len(result) == len(self._at):
                return kind.of(result, self._table, self._rows, self._at)
        self._use()
        return result

    def _picked(self, result: Any, key: Any) -> Any:
        """The result of what may pick rows: noted, if it can be told which; else the rows held are used."""
        with _Quiet():
            kind, places = _kind(result), self._places(result, key)
        if self._at is None:
            return result
        if (places < 0).any():
            self._use()
            return result
        picked = tuple(map(self._at.__getitem__, places.tolist()))
        trail.note(self._table, self._rows, picked, self._at)
        if kind is None or (kind is Column and isinstance(self, Rows) and len(result) != len(picked)):
            return result
        return kind.of(result, self._table, self._rows, picked)

    def _places(self, result: Any, key: Any) -> Any:
        """The places in this of the rows in a result; one of -1 if they cannot be told."""
        index, one = self._labels(), self._one(result, key)
        if one is None and isinstance(result, pd.DataFrame | pd.Series):
            if result.index is index or result.index.equals(index):
                return np.arange(len(index))
            wanted: Any = result.index
        else:
            wanted = [] if one is None else [one]
        return index.get_indexer_for(wanted) if index.is_unique and len(wanted) + _is_frame(result) else UNKNOWN

    def _labels(self) -> pd.Index:
        with _Quiet():
            return self.index  # type: ignore[attr-defined]

    def _one(self, result: Any, key: Any) -> Any:
        """The label of the row, if the result is a single row or cell."""
        raise NotImplementedError

    def _update_inplace(self, result: Any) -> None:
        self._use()
        object.__setattr__(self, "_at", None)
        self._quietly(super()._update_inplace, result)  # type: ignore[misc]


class Rows(_Followed, pd.DataFrame):
    """A table, or some rows of it."""

    @property
    def _constructor(self) -> Any:
        return pd.DataFrame

    def __getattr__(self, name: str) -> Any:  # type: ignore[misc]
        result = self._quietly(super().__getattr__, name)
        return self._kept(result) if isinstance(result, pd.Series) and not _Quiet.entered else result

    def _one(self, result: Any, key: Any) -> Any:
        if isinstance(result, pd.Series):  # a row is labelled by the columns
            return result.name if result.index.equals(self.columns) else None
        return None if isinstance(result, pd.DataFrame) else key[0] if isinstance(key, tuple) else None


class Column(_Followed, pd.Series):
    """A column of a table, or of some of its rows."""

    @property
    def _constructor(self) -> Any:
        return pd.Series

    @property
    def str(self) -> Any:  # type: ignore[override]
        """Its texts; a search in them may become a filter."""
        return _Texts(self)

    def _one(self, result: Any, key: Any) -> Any:
        return None if isinstance(result, pd.Series) else key


class _Labels:
    """`loc` and its like: what they give is followed; all else is pandas' own."""

    def __init__(self, owner: Any, name: str) -> None:
        self._owner = owner
        with _Quiet():
            self._own = getattr(super(_Followed, owner), name)
        self._by_place = name.startswith("i")

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self._own(*args, **options)

    def __getitem__(self, key: Any) -> Any:
        label = key
        if self._by_place:
            first = key[0] if isinstance(key, tuple) else key
            label = self._owner._labels()[first] if isinstance(first, int | np.integer) else None
            label = (label, None) if isinstance(key, tuple) else label
        result = self._owner._quietly(self._own.__getitem__, key)
        return result if _Quiet.entered else self._owner._picked(result, label)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._owner._quietly(self._own.__setitem__, key, value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


class _Texts:
    """The texts of a column: a search keeps every row in its place, all else uses them."""

    def __init__(self, owner: Any) -> None:
        self._owner = owner
        with _Quiet():
            self._own = super(_Followed, owner).str  # type: ignore[misc]

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._own, name)
        if name in TEXTS:
            return lambda *args, **options: self._owner._kept(self._owner._quietly(method, *args, **options))
        self._owner._use()
        return method

    def __getitem__(self, key: Any) -> Any:
        self._owner._use()
        return self._own[key]


def _is_frame(result: Any) -> bool:
    return _kind(result) is not None


def _kind(result: Any) -> Any:
    return Rows if isinstance(result, pd.DataFrame) else Column if isinstance(result, pd.Series) else None


def _wrap(names: Iterable[str], method: Callable[[str], Any]) -> None:
    for name in names:
        setattr(_Followed, name, method(name))


def _following(name: str) -> Any:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        if name == "query":  # it looks for names that begin with @ in the frame of its caller
            options["level"] = options.get("level", 0) + 2
        result = self._quietly(getattr(super(_Followed, self), name), *args, **options)
        if _Quiet.entered:
            return result
        return self._picked(result, None) if name in PICKING else self._kept(result)

    return method


def _using(name: str) -> Any:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        if not _Quiet.entered:
            self._use()
        return getattr(super(_Followed, self), name)(*args, **options)

    return method


_wrap((*KEEPING, *PICKING), _following)
_wrap(USING, _using)
_wrap(LABELLING, lambda name: property(lambda self: _Labels(self, name)))
