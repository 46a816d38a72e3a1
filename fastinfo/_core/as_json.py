"""Convert arrays and labels to plain values that JSON can hold, and back, without any loss."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import math
import re
import reprlib
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, integer, library_of

#: The version in the head of everything that is written. Increase it when the format or its meaning
#: changes. Other versions are refused.
FORMAT_VERSION = 2

#: Counts and numbers of rows are at most this large.
MOST_COUNTED = 2**63 - 1

_MOST_NESTED = 16  # how deeply the tuples of a label may be nested
_DTYPE = re.compile(r"[<>|][biufSUmM]\d{1,10}(\[\d{0,9}[A-Za-z]{1,2}\])?")
_NOT_FINITE = {"inf", "-inf", "nan"}

#: Kinds of labels in an array of objects: name, type, and how to write and to read one.
_KINDS: list[tuple[str, type, Callable[[Any], Any], Callable[[Any], Any]]] = [
    ("bool", bool, bool, bool),
    ("str", str, str, str),
    ("int", int, int, int),
    ("float", float, lambda v: _plain_float(v), float),
    ("bytes", bytes, lambda v: v.decode("latin-1"), lambda v: v.encode("latin-1")),
    ("datetime", dt.datetime, dt.datetime.isoformat, dt.datetime.fromisoformat),
    ("date", dt.date, dt.date.isoformat, dt.date.fromisoformat),
    ("time", dt.time, dt.time.isoformat, dt.time.fromisoformat),
    (
        "timedelta",
        dt.timedelta,
        lambda v: [v.days, v.seconds, v.microseconds],
        lambda v: dt.timedelta(*v),
    ),
    ("Decimal", decimal.Decimal, str, decimal.Decimal),
    # not Fraction(v), which would compute the huge powers of ten that a few characters can ask for
    ("Fraction", fractions.Fraction, str, lambda v: fractions.Fraction(*map(int, v.split("/")))),
    ("UUID", uuid.UUID, str, uuid.UUID),
    (
        "tuple",
        tuple,
        lambda v: [_plain_label(item) for item in v],
        lambda v: tuple(_label_from_plain(item) for item in v),
    ),
]
_READERS = {name: read for name, _, _, read in _KINDS}
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60

#: Errors that may occur if plain values are not those that were written.
UNREADABLE = (
    ArithmeticError,
    AttributeError,
    ImportError,
    IndexError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)


def _plain_float(v: float) -> float | str:
    return float(v) if math.isfinite(v) else str(float(v))  # JSON has no infinity


def _plain_label(label: Any) -> list[Any]:
    """A label, together with the name of its kind."""
    if isinstance(label, np.generic):
        return ["numpy", plain_array(np.asarray(label).reshape(1))]
    if library_of(type(label)) == "pandas":
        return _plain_pandas(label)
    for name, kind, write, _ in _KINDS:
        if isinstance(label, kind):
            return [name, write(label)]
    raise TypeError(_refusal(label))


def _plain_pandas(label: Any) -> list[Any]:
    kind = type(label).__name__
    if kind in ("Timestamp", "Timedelta"):
        return [kind, label.isoformat()]
    if kind == "Interval":
        return [kind, [_plain_label(label.left), _plain_label(label.right), label.closed]]
    raise TypeError(_refusal(label))


def _refusal(label: Any) -> str:
    known = ", ".join(name for name, *_ in _KINDS)
    return f"levels must be of a kind that can be written ({known}), got {type(label).__name__}"


def _label_from_plain(plain: Any) -> Any:
    name, value = plain
    if name == "numpy":
        return array_from_plain(value)[0]
    if name in ("Timestamp", "Timedelta", "Interval"):
        import pandas as pd

        if name == "Interval":
            return pd.Interval(*map(_label_from_plain, value[:2]), closed=value[2])
        return getattr(pd, name)(value)
    return _READERS[name](value)


def _read_label(plain: Any) -> Any:
    """The label of plain values, if it would be written as the same plain values again."""
    _check_depth(plain, _MOST_NESTED)
    label = _label_from_plain(plain)
    if _plain_label(label) != plain:
        raise ValueError(f"a label must have the form that to_dict writes, got {shortly(plain)}")
    return label


def _check_depth(plain: Any, most: int) -> None:
    if isinstance(plain, list | dict):
        if not most:
            raise ValueError("labels must not be nested more deeply")
        for item in plain.values() if isinstance(plain, dict) else plain:
            _check_depth(item, most - 1)


def plain_array(a: Array) -> dict[str, Any]:
    """
    An array as its dtype and a list of plain values, from which the same bits can be read.

    Strings become as wide as the longest one.
    """
    values: list[Any]
    kind = a.dtype.kind
    if kind in "SU":
        a = np.array(a.tolist(), kind)
    if kind == "O":
        return {"dtype": "object", "values": [_plain_label(label) for label in a]}
    if kind == "f":
        wide = a.dtype.itemsize > 8
        values = [str(v) if wide else _plain_float(v) for v in a]
    elif kind == "S":
        values = [v.decode("latin-1") for v in a.tolist()]
    elif kind in "mM":
        values = a.astype(a.dtype.newbyteorder("=")).view(np.int64).tolist()
    else:
        values = a.tolist()
    return {"dtype": a.dtype.str, "values": values}


def array_from_plain(plain: Any) -> Array:
    """The array that :func:`plain_array` wrote; it takes no more memory than its values need."""
    name, values = plain["dtype"], plain["values"]
    if name == "object":
        listed(values, "values", list)
        labels = np.empty(len(values), object)
        for i, value in enumerate(values):
            labels[i] = _read_label(value)
        return labels
    if not isinstance(name, str) or not _DTYPE.fullmatch(name):
        raise ValueError(f"dtype must be that of an array that can be written, got {shortly(name)}")
    dtype = np.dtype(name)
    kind = dtype.kind
    if kind in "mM":
        moments = np.array(listed(values, "values", int), np.int64)
        return moments.view(dtype.newbyteorder("=")).astype(dtype)
    if kind in "SU":
        texts = listed(values, "values", str)
        found = np.array([v.encode("latin-1") for v in texts] if kind == "S" else texts, kind)
        if found.dtype.itemsize > max(dtype.itemsize, np.dtype(f"{kind}1").itemsize):
            raise ValueError(f"values must be of dtype {name}, got longer ones")
        return found
    if kind == "f":
        return _floats(values, dtype)
    return np.array(listed(values, "values", bool if kind == "b" else int), dtype)


def _floats(values: Any, dtype: np.dtype[Any]) -> Array:
    """Floats as plain values: infinities and NaN as words, floats wider than float64 as text."""
    if dtype.itemsize > 8:
        return np.array([dtype.type(v) for v in listed(values, "values", str)], dtype)
    listed(values, "values", float, int, str)
    if not {v for v in values if isinstance(v, str)} <= _NOT_FINITE:
        raise ValueError("values must be numbers, 'inf', '-inf' or 'nan', got other texts")
    finite = np.array([not isinstance(v, str) for v in values], bool)
    with np.errstate(over="ignore"):
        found = np.array([float(v) for v in values], np.float64).astype(dtype)
    if not np.isfinite(found[finite]).all():
        raise ValueError(f"values must be of dtype {dtype.str}, got larger ones")
    return found


def listed(values: Any, name: str, *kinds: type) -> list[Any]:
    """A list whose entries have exactly these types: True is not 1, and 1.0 is not 1."""
    if not isinstance(values, list):
        raise ValueError(f"{name} must be a list, got {shortly(values)}")
    other = set(map(type, values)) - set(kinds)
    if other:
        raise ValueError(
            f"{name} must hold values of type {' or '.join(k.__name__ for k in kinds)}, "
            f"got {', '.join(sorted(k.__name__ for k in other))}"
        )
    return values


def rows_of(values: Any, name: str, shape: tuple[int, int], *kinds: type) -> list[list[Any]]:
    """A list of lists of this shape, whose entries have exactly these types."""
    rows = listed(values, name, list)
    if len(rows) != shape[0] or not set(map(len, rows)) <= {shape[1]}:
        raise ValueError(f"{name} must have the shape {shape}")
    listed(list(chain.from_iterable(rows)), name, *kinds)
    return rows


def counted(value: Any, name: str) -> int:
    """A number of rows or samples."""
    return integer(of_type(value, name, int), name, least=0, most=MOST_COUNTED)


def of_type(value: Any, name: str, *kinds: type) -> Any:
    """A value of exactly one of these types."""
    if type(value) not in kinds:
        named = " or ".join("null" if k is type(None) else k.__name__ for k in kinds)
        raise ValueError(f"{name} must be of type {named}, got {shortly(value)}")
    return value


@contextmanager
def reading_plain(data: Any, kind: str) -> Iterator[None]:
    """
    Read the plain values of a fastinfo object of this kind and of the current version.

    Any failure in the block becomes a ``ValueError``.
    """
    if not isinstance(data, Mapping) or data.get("format") != f"fastinfo.{kind}":
        raise ValueError(f"data must be a dict that {kind}.to_dict returned, got {shortly(data)}")
    if data.get("version") != FORMAT_VERSION:
        version = shortly(data.get("version"))
        raise ValueError(f"data must be of version {FORMAT_VERSION}, got {version}")
    try:
        yield
    except UNREADABLE as error:
        raise ValueError(
            f"data must be a dict that {kind}.to_dict returned: "
            f"{type(error).__name__}: {error!s:.300}"
        ) from error


def plain_head(kind: str) -> dict[str, Any]:
    """The head of plain values, which :func:`reading_plain` checks."""
    return {"format": f"fastinfo.{kind}", "version": FORMAT_VERSION}


def shortly(value: Any) -> str:
    """A short description of a value for an error, even if it is deeply nested or large."""
    try:
        text = _SHORT.repr(value)
    except ValueError:  # an integer with too many digits
        text = f"a {type(value).__name__}"
    return text if len(text) <= 60 else f"{text[:57]}..."
