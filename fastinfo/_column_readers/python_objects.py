"""Python objects that have a number: integers, decimals and fractions, points of time, periods."""

from __future__ import annotations

import datetime as dt
import decimal
import numbers
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from fastinfo._core.checks import Array

_NO_NUMBERS = {str, bytes, bool, np.bool_, tuple}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


class Numbers(NamedTuple):
    """Numbers of objects."""

    values: Array  #: int64, float64 or NumPy's times; NaN or NaT where one is missing
    n_levels: int  #: how many different objects there are, missing ones apart
    whole: bool  #: whether they are integers or times, which are labels where there are few
    missing: Array | None = None  #: where any integer stands for a missing one
    origin: int = 0  #: what was taken off each: integers of more than 64 bits


def _is_missing(value: Any) -> bool:
    return (
        value is None
        or type(value).__name__ in ("NAType", "NaTType")
        or bool(value != value)  # NaN
    )


def _integers(values: Sequence[Any]) -> Array:
    least, most = min(values), max(values)
    for dtype in (np.int64, np.uint64):
        if np.iinfo(dtype).min <= least and most <= np.iinfo(dtype).max:
            return np.array(values, dtype)
    if most - least < 2**63:  # to be taken as distances from the least one
        return np.array(values, object)
    return np.array(values, np.float64)


def _reals(values: Sequence[Any]) -> Array:
    """Floats; whole numbers that these would merge as integers."""
    floats = np.array([float(value) for value in values])
    if np.abs(floats).max(initial=0.0) >= 2.0**53 and np.isfinite(floats).all():
        whole = [int(value) for value in values]
        if whole == list(values):
            return _integers(whole)
    return floats


def _dates(values: Sequence[Any]) -> Array:
    """Days, or microseconds; points of time with a time zone by their UTC."""
    if any(getattr(value, "tzinfo", None) is not None for value in values):
        return np.array([(value - _EPOCH) // _MICROSECOND for value in values]).astype("M8[us]")
    return np.array(values, "M8[D]" if {*map(type, values)} == {dt.date} else "M8[us]")


def _spans(values: Sequence[Any]) -> Array:
    return np.array(values, "m8[us]")


def _times_of_day(values: Sequence[Any]) -> Array:
    since = [dt.datetime.combine(dt.date.min, value.replace(tzinfo=None)) for value in values]
    return _spans([time - dt.datetime.min for time in since])


def _periods(values: Sequence[Any]) -> Array:
    """Months, quarters and the like, by their number."""
    if len({value.freqstr for value in values}) > 1:
        raise ValueError("periods of several lengths")
    return np.array([value.ordinal for value in values], np.int64)


#: How to read what, and whether that is whole numbers; the first that fits all objects.
_FAMILIES: tuple[tuple[tuple[type, ...], Callable[[Sequence[Any]], Array], bool], ...] = (
    ((numbers.Integral,), _integers, True),
    ((numbers.Real, decimal.Decimal), _reals, False),
    ((dt.date, np.datetime64), _dates, True),
    ((dt.timedelta, np.timedelta64), _spans, True),
    ((dt.time,), _times_of_day, True),
)


def _family(kinds: set[type]) -> tuple[Callable[[Sequence[Any]], Array], bool] | None:
    if {kind.__name__ for kind in kinds} == {"Period"}:
        return _periods, True
    for classes, read, whole in _FAMILIES:
        if all(issubclass(kind, classes) for kind in kinds):
            return read, whole
    return None


def numbers_of(a: Array) -> Numbers | None:
    """
    Numbers of an array of objects, None if those are labels.

    All but missing ones must be of one kind: integers; real numbers, decimals and fractions; dates
    and points of time; durations; times of day; periods of one length.
    """
    if _NO_NUMBERS & {*map(type, a[:64])}:  # as of most objects
        return None
    values = a.tolist()
    if _NO_NUMBERS & {*map(type, values)}:
        return None
    try:
        missing = np.fromiter(map(_is_missing, values), np.bool_, a.size)
        present = [value for value, gone in zip(values, missing, strict=True) if not gone]
        found = _family({*map(type, present)}) if present else None
        if found is None:
            return None
        read, whole = found
        out, n_levels = read(present), len(set(present))
    except (ArithmeticError, AttributeError, TypeError, ValueError):  # they are none
        return None
    origin = 0
    if out.dtype.kind == "O":
        origin = int(min(out))
        out = np.array([value - origin for value in out.tolist()], np.int64)
    if len(present) < a.size:
        times = out.dtype.kind in "mM"
        if out.dtype.kind in "iu":
            whole_ones = np.full(a.size, out[0])
            whole_ones[~missing] = out
            return Numbers(whole_ones, n_levels, whole, missing, origin)
        placed = np.full(a.size, "NaT" if times else np.nan, out.dtype if times else np.float64)
        placed[~missing] = out
        out = placed
    return Numbers(out, n_levels, whole, None, origin)
