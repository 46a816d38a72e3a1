"""Columns of pandas: series, indexes and arrays."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from fastinfo import _column_readers
from fastinfo._column_readers.forms import Categories, Form, Values
from fastinfo._core.checks import Array, not_empty


def read(samples: Any, subject: str) -> Form:
    """Read a series, an index, an array, or a frame of one column."""
    if hasattr(type(samples), "columns"):  # a series would look for a label of that name
        if samples.shape[1] != 1:
            raise ValueError(f"{subject} must be one-dimensional, got shape {samples.shape}")
        samples = samples.iloc[:, 0]
    dtype = samples.dtype
    if isinstance(dtype, np.dtype):
        return _column_readers.reader_of("numpy")(np.asarray(samples), subject)
    not_empty(len(samples), subject)
    pd = sys.modules["pandas"]
    kind = type(dtype).__name__
    if kind == "CategoricalDtype":
        held = getattr(samples, "cat", samples)
        return Categories(np.asarray(held.codes, np.int64), _objects(held.categories))
    if kind == "DatetimeTZDtype":
        return Values(pd.DatetimeIndex(samples).asi8.view(f"M8[{dtype.unit}]"))
    if kind == "PeriodDtype":
        return Values(pd.PeriodIndex(samples).asi8, _absent(samples))
    if kind == "SparseDtype":
        return _column_readers.reader_of("numpy")(np.asarray(samples), subject)
    if kind in ("ArrowDtype", "StringDtype") and "pyarrow" in sys.modules:
        return _column_readers.reader_of("pyarrow")(sys.modules["pyarrow"].array(samples), subject)
    numeric = getattr(dtype, "numpy_dtype", None)
    if isinstance(numeric, np.dtype) and numeric.kind in "biuf":
        return _nullable(samples, numeric)
    return _column_readers.reader_of("numpy")(_objects(samples), subject)


def _nullable(samples: Any, dtype: np.dtype[Any]) -> Values:
    """Numbers or booleans beside which there is a mask."""
    if dtype.kind == "f":
        return Values(samples.to_numpy(dtype, na_value=np.nan))
    missing = _absent(samples)
    if missing is None:
        return Values(samples.to_numpy(dtype))
    return Values(samples.to_numpy(dtype, na_value=dtype.type(0)), missing)


def _absent(samples: Any) -> Array | None:
    missing = np.asarray(samples.isna(), np.bool_)
    return missing if missing.any() else None


def _objects(values: Any) -> Array:
    out = np.empty(len(values), object)
    out[:] = values.tolist()
    return out
