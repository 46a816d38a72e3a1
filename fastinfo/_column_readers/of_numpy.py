"""Columns that are NumPy's arrays, or become ones: lists, and arrays of other libraries."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from fastinfo._column_readers.forms import Form, Values
from fastinfo._core.checks import Array, as_samples


def read(samples: Any, subject: str) -> Form:
    """Read an array or a list of one dimension, or one column of a matrix."""
    array = as_samples(samples, subject)
    if array.dtype.kind in "US" and isinstance(samples, (list, tuple)):
        array = _as_they_are(samples, array)
    if array.dtype.kind == "T":  # strings of any length, some of which may be missing
        array = array.astype(object)
    if array.dtype.kind == "f" and isinstance(samples, (list, tuple)):
        array = _whole_ones(samples, array)
    return Values(array.view(np.ndarray))


def _as_they_are(samples: Any, array: Array) -> Array:
    """A list as objects if NumPy would write out what is no text, or cut NUL off."""
    text = {str, np.str_} if array.dtype.kind == "U" else {bytes, np.bytes_}
    nul = "\0" if array.dtype.kind == "U" else b"\0"
    same = array.size == len(samples) and text.issuperset(map(type, samples))
    if same and not any(sample[-1:] == nul for sample in samples):
        return array
    return np.array(samples, object).reshape(-1)


def _whole_ones(samples: Any, array: Array) -> Array:
    """A list as objects if it has integers that float64 would merge: those stay apart."""
    if not np.fmax.reduce(np.abs(array)) >= 2.0**53:
        return array
    objects = np.array(samples, object).reshape(-1)
    return objects if any(isinstance(label, numbers.Integral) for label in objects) else array
