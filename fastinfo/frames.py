"""Columns of pandas, Polars and PyArrow tables, as arrays or codes (through narwhals and Arrow)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._codes import Coded, code_dtype
from fastinfo._objects import numbers_of
from fastinfo._sources import one_piece
from fastinfo._validate import Array
from fastinfo.encoding import MOST_LABELS, as_times, distinct_numbers, encode, few_values

__all__ = ["load_column"]

_MOST_LOOKED_UP = 1 << 12  # between the least and the largest of whole numbers that are labels

_MISSING_EXTRA = (
    'tables need narwhals and pyarrow, which are not installed: pip install "fastinfo[frames]"'
)


def _libraries() -> tuple[Any, Any]:
    try:
        import narwhals.stable.v2 as nw
        import pyarrow as pa
    except ImportError as error:
        raise ImportError(_MISSING_EXTRA) from error
    return nw, pa


def load_column(
    column: Any, name: str, discrete: bool | None = None, *, few_floats: bool = False
) -> tuple[Array | Coded, bool]:
    """
    Return a column as numbers or as codes, and whether it is labels.

    `discrete` decides; without it, floats are to be binned, integers and points of time where they
    have more than 32 distinct values (floats likewise with `few_floats`), and all else is labels.
    """
    nw, pa = _libraries()
    series = column  # narwhals takes a while to tell what it is
    if not isinstance(column, pa.Array):
        series = nw.from_native(column, series_only=True, pass_through=True)
    try:
        array = _as_arrow(series, pa)
        numbers = _numbers(array, pa)
    except _NoArrowError:
        return _load_objects(series, name, discrete)
    if numbers is None:
        _refuse_binning(name, discrete, str(array.type))
        return _encode_arrow(array, series, name), True

    values, missing = numbers
    present = values if missing is None else values[~missing]
    levels = None
    if discrete is None:
        if few_floats or not (pa.types.is_floating(array.type) or pa.types.is_decimal(array.type)):
            levels = distinct_numbers(present, MOST_LABELS)
    elif discrete:
        levels = np.unique(present[~np.isnan(present)] if present.dtype.kind == "f" else present)
    if levels is None:
        if missing is not None:
            values = values.astype(np.float64)
            values[missing] = np.nan
        return values, False
    places = _places(levels, values)
    if values.dtype.kind == "f":
        places[np.isnan(values)] = levels.size
    if missing is not None:
        places[missing] = levels.size
    return Coded(places.astype(code_dtype(levels.size)), levels.size, levels=levels), True


def _places(levels: Array, values: Array) -> Array:
    """Where numbers are among sorted levels; of a number that is no level, any place."""
    if values.dtype.kind in "iu" and levels.size:
        least, span = int(levels[0]), int(levels[-1]) - int(levels[0])
        if (
            span < _MOST_LOOKED_UP
            and int(values.min()) >= least
            and int(values.max()) <= least + span
        ):
            if values.itemsize == 8:  # differences of narrower ones may not fit
                low, wide, samples = levels[0], levels, values
            else:
                low, wide, samples = (
                    np.int64(least),
                    levels.astype(np.int64),
                    values.astype(np.int64),
                )
            lookup = np.zeros(span + 1, code_dtype(levels.size))
            lookup[wide - low] = np.arange(levels.size)
            found: Array = lookup[samples - low]
            return found
    return np.searchsorted(levels, values)


class _NoArrowError(Exception):
    """A column that Arrow has no type for."""


def _as_arrow(series: Any, pa: Any) -> Any:
    """The column as one Arrow array."""
    try:
        array = series.to_arrow() if hasattr(series, "to_arrow") else series
    except Exception as error:  # each library raises what it likes
        raise _NoArrowError from error
    return one_piece(array)


def _numbers(array: Any, pa: Any) -> tuple[Array, Array | None] | None:
    """Numbers and points of time as an array, and where they are missing; None if not numbers."""
    if getattr(array.type, "extension_name", None) == "pandas.period":
        array = array.storage
    kind = array.type
    if pa.types.is_decimal(kind):
        array = array.cast(pa.float64(), safe=False)
    elif pa.types.is_date32(kind) or pa.types.is_time32(kind):
        array = array.cast(pa.int32())
    elif pa.types.is_temporal(kind) and not pa.types.is_interval(kind):
        array = array.cast(pa.int64())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        return None
    if pa.types.is_integer(array.type) and array.null_count:
        missing = array.is_null().to_numpy(zero_copy_only=False)
        return array.fill_null(0).to_numpy(zero_copy_only=False), missing
    return array.to_numpy(zero_copy_only=False), None


def _refuse_binning(name: str, discrete: bool | None, kind: str) -> None:
    if discrete is False:
        raise TypeError(f"column {name!r} must be real numbers to be binned, got {kind}")


def _load_objects(series: Any, name: str, discrete: bool | None) -> tuple[Array | Coded, bool]:
    """Python objects that Arrow has no type for: numbers, or any that Python can hash."""
    values = _as_objects(series, name)
    found = None if discrete is True else numbers_of(values)
    if found is None:
        _refuse_binning(name, discrete, "objects")
    else:
        few = found.whole and (found.n_levels <= MOST_LABELS or few_values(found.values))
        if discrete is False or not few:
            times = found.values.dtype.kind in "mM"
            return as_times(found.values) if times else found.values, False
    return _encode_objects(values, name), True


def _as_objects(series: Any, name: str) -> Array:
    found = series.to_list()
    if any(isinstance(value, complex) for value in found):
        raise TypeError(f"column {name!r} must hold real numbers or labels, got complex numbers")
    values = np.empty(len(found), object)
    values[:] = found
    return values


def _encode_objects(values: Array, name: str) -> Coded:
    """Values of any type that Python can hash."""
    try:
        return encode(values)
    except TypeError as error:
        raise TypeError(f"column {name!r} must hold numbers or labels: {error}") from error


def _encode_arrow(array: Any, series: Any, name: str) -> Coded:
    """Booleans, strings, categories: Arrow hashes them, here they are put in order."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_null(kind):
        return Coded(np.zeros(len(array), np.uint8), 0, levels=np.empty(0))
    if pa.types.is_nested(kind):
        raise TypeError(f"column {name!r} must hold numbers or labels, got nested type {kind}")
    held = kind.value_type if pa.types.is_dictionary(kind) else kind
    if pa.types.is_nested(held) or isinstance(held, pa.BaseExtensionType):
        if not hasattr(series, "to_list"):
            raise TypeError(f"column {name!r} must hold numbers or labels, got {kind}")
        return _encode_objects(_as_objects(series, name), name)
    if not pa.types.is_dictionary(kind):
        array = array.dictionary_encode()
    found = array.dictionary.to_numpy(zero_copy_only=False)
    indices = array.indices.cast(pa.int64()).fill_null(len(found)).to_numpy(zero_copy_only=False)
    with_missing = np.empty(len(found) + 1, object)  # the last one is None: a null index
    with_missing[:-1] = found
    coded = encode(with_missing)
    used = np.zeros(coded.n_levels + 1, np.bool_)
    places = coded.codes[indices]
    used[places] = True
    kept = np.flatnonzero(used[:-1])
    if kept.size == coded.n_levels:
        return Coded(places, coded.n_levels, levels=coded.levels)
    lookup = np.full(coded.n_levels + 1, kept.size, code_dtype(kept.size))
    lookup[kept] = np.arange(kept.size, dtype=lookup.dtype)
    assert coded.levels is not None
    return Coded(lookup[places], kept.size, levels=coded.levels[kept])
