"""Columns of Polars."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo import _column_readers
from fastinfo._column_readers.forms import Categories, Form, Values
from fastinfo._core.checks import Array, not_empty
from fastinfo._core.messages import printable

_PLAIN = {f"{kind}{size}" for kind in ("Int", "UInt") for size in (8, 16, 32, 64)}
_PLAIN |= {"Float32", "Float64"}
_NOT_IN_ARROW = ("Int128", "Object", "UInt128")


def read(samples: Any, subject: str) -> Form:
    """Read a series, or a frame of one column."""
    if type(samples).__name__ == "DataFrame":
        columns = samples.get_columns()
        if len(columns) != 1:
            raise ValueError(f"{subject} must be one-dimensional, got shape {samples.shape}")
        samples = columns[0]
    if type(samples).__name__ == "LazyFrame":
        raise TypeError(f"{subject} must be a column in memory, got {type(samples).__name__}")
    not_empty(len(samples), subject)
    dtype = samples.dtype
    kind = type(dtype).__name__
    if kind in _NOT_IN_ARROW:
        values = np.empty(len(samples), object)
        values[:] = samples.to_list()
        return Values(values)
    if kind in ("Categorical", "Enum"):
        return _categories(samples)
    if kind in ("Array", "List", "Struct"):
        kind = printable(str(dtype))
        raise TypeError(f"{subject} must hold numbers or labels, got nested type {kind}")
    if kind in _PLAIN and not samples.null_count():
        return Values(samples.to_numpy())
    return _column_readers.reader_of("pyarrow")(samples.to_arrow(), subject)


def _categories(samples: Any) -> Categories:
    """The categories that occur: Polars keeps those of all columns together."""
    distinct = samples.unique().drop_nulls()
    names = np.array(distinct.to_list(), object)
    found = _physical(distinct)
    lookup = np.full(int(found.max(initial=-1)) + 2, -1, np.int64)  # the last one is that of -1
    lookup[found] = np.arange(found.size)
    return Categories(lookup[_physical(samples)], names)


def _physical(samples: Any) -> Array:
    """Codes of a series of categories, -1 where it is null."""
    return np.asarray(samples.to_physical().cast(int).fill_null(-1).to_numpy())
