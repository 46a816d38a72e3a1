"""Columns of pandas, Polars and PyArrow tables, as arrays or codes (through narwhals and Arrow)."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._codes import Coded, code_dtype
from fastinfo._validate import Array
from fastinfo.encoding import distinct_numbers, encode

__all__ = ["MOST_LABELS", "is_series", "is_table", "load_column", "table_columns"]

MOST_LABELS = 32  #: a numeric column with more distinct values than this is binned

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


def is_table(data: Any) -> bool:
    """Whether the data is a table of named columns, and not an array or a list."""
    return (hasattr(data, "columns") or hasattr(data, "column_names")) and not isinstance(
        data, np.ndarray
    )


def is_series(data: Any) -> bool:
    """Whether the data is a column of some table library."""
    return type(data).__module__.partition(".")[0] in ("pandas", "polars", "pyarrow")


def table_columns(table: Any) -> dict[str, Any]:
    """Columns of a table by name."""
    nw, _ = _libraries()
    try:
        frame = nw.from_native(table, eager_only=True)
    except TypeError as error:
        raise TypeError(
            f"X must be an array or a pandas, Polars or PyArrow table, got {type(table).__name__}"
        ) from error
    return {str(name): frame.get_column(name) for name in frame.columns}


def load_column(column: Any, name: str) -> tuple[Array | Coded, bool]:
    """
    Return a column as numbers or as codes, and whether it is labels.

    Numbers and points of time are to be binned where they have more than 32 distinct values.
    """
    nw, pa = _libraries()
    series = nw.from_native(column, series_only=True, pass_through=True)
    try:
        array = series.to_arrow() if hasattr(series, "to_arrow") else series
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError):  # objects of several types
        return encode(np.asarray(series.to_numpy(), dtype=object)), True
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
    kind = array.type
    is_type = pa.types
    if is_type.is_null(kind):
        return Coded(np.zeros(len(array), np.uint8), 0, levels=np.empty(0)), True
    if is_type.is_decimal(kind):
        array = array.cast(pa.float64(), safe=False)
    elif is_type.is_date32(kind) or is_type.is_time32(kind):
        array = array.cast(pa.int32()).cast(pa.int64())
    elif is_type.is_temporal(kind):
        array = array.cast(pa.int64())
    elif is_type.is_nested(kind):
        raise TypeError(f"column {name!r} must hold numbers or labels, got nested type {kind}")
    elif not (is_type.is_integer(kind) or is_type.is_floating(kind)):
        return _encode_arrow(array), True

    numbers = array.to_numpy(zero_copy_only=False)
    levels = distinct_numbers(numbers, MOST_LABELS)
    if levels is None:
        return numbers, False
    codes = (
        np.searchsorted(levels, numbers) if numbers.dtype.kind != "f" else _place(levels, numbers)
    )
    return Coded(codes.astype(code_dtype(levels.size)), levels.size, levels=levels), True


def _place(levels: Array, numbers: Array) -> Array:
    return np.where(np.isnan(numbers), levels.size, np.searchsorted(levels, numbers))


def _encode_arrow(array: Any) -> Coded:
    """Booleans, strings, categories: Arrow hashes them, here they are put in order."""
    import pyarrow as pa

    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    found = array.dictionary.to_numpy(zero_copy_only=False)
    indices = array.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
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
