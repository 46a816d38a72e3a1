"""Arrays and labels as plain values that JSON can hold, and back, exactly."""

from __future__ import annotations

import datetime as dt
import decimal
import fractions
import math
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, library_of

#: In the head of everything that is written: raise it when what is written, or what it means,
#: changes. What has another number is refused.
FORMAT_VERSION = 2

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
    ("Fraction", fractions.Fraction, str, fractions.Fraction),
    ("UUID", uuid.UUID, str, uuid.UUID),
    (
        "tuple",
        tuple,
        lambda v: [_plain_label(item) for item in v],
        lambda v: tuple(_label_from_plain(item) for item in v),
    ),
]
_READERS = {name: read for name, _, _, read in _KINDS}


def _plain_float(v: float) -> float | str:
    return float(v) if math.isfinite(v) else str(float(v))  # JSON has no infinity


def _plain_label(label: Any) -> list[Any]:
    """A label with the name of its kind."""
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


def plain_array(a: Array) -> dict[str, Any]:
    """An array as its dtype and a list of plain values; read back, it is the same to the bit."""
    values: list[Any]
    kind = a.dtype.kind
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
    """The array that :func:`plain_array` wrote."""
    values = plain["values"]
    if not isinstance(values, list):
        raise ValueError(f"values must be a list, got {shortly(values)}")
    if plain["dtype"] == "object":
        labels = np.empty(len(values), object)
        for i, value in enumerate(values):
            labels[i] = _label_from_plain(value)
        return labels
    dtype = np.dtype(plain["dtype"])
    if dtype.kind in "mM":
        moments: Array = np.array(values, np.int64).view(dtype.newbyteorder("=")).astype(dtype)
        return moments
    if dtype.kind == "S":
        return np.array([v.encode("latin-1") for v in values], dtype)
    if dtype.kind == "f":
        return np.array([dtype.type(v) for v in values], dtype)
    return np.array(values, dtype)


@contextmanager
def reading_plain(data: Any, kind: str) -> Iterator[None]:
    """
    Read the plain values of an object of fastinfo, of this kind and version.

    Whatever fails in the block becomes a ``ValueError``.
    """
    if not isinstance(data, Mapping) or data.get("format") != f"fastinfo.{kind}":
        raise ValueError(f"data must be a dict that {kind}.to_dict returned, got {shortly(data)}")
    if data.get("version") != FORMAT_VERSION:
        raise ValueError(f"data must be of version {FORMAT_VERSION}, got {data.get('version')!r}")
    try:
        yield
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"data must be a dict that {kind}.to_dict returned: {type(error).__name__}: {error}"
        ) from error


def plain_head(kind: str) -> dict[str, Any]:
    """What :func:`reading_plain` looks for."""
    return {"format": f"fastinfo.{kind}", "version": FORMAT_VERSION}


def shortly(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
