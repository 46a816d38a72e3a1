"""Integers that a reader returned as floats."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinfo._column_readers.of_arrow import missing_in
from fastinfo._core.checks import Array

_EXACT = 2.0**53  # floats can represent all integers up to this


def with_integers(table: Any, k: int) -> Any:
    """A table or batch in which a column of floats becomes integers, if all values are."""
    import pyarrow as pa

    column = table.column(k)
    chunks = [_as_integers(chunk) for chunk in getattr(column, "chunks", [column])]
    if any(chunk is None for chunk in chunks):
        return table
    found = pa.chunked_array(chunks, pa.int64()) if hasattr(column, "chunks") else chunks[0]
    return table.set_column(k, table.schema.names[k], found)


def _as_integers(column: Any) -> Any:
    """An array of floats as integers, or None if one of them is not an integer."""
    import pyarrow as pa

    start, n, (valid, data) = column.offset, len(column), column.buffers()
    if not n:
        return column.cast(pa.int64())
    floats: Array = np.frombuffer(data, np.float64)[start : start + n]
    with np.errstate(invalid="ignore"):
        whole = floats.astype(np.int64)
    fits = (whole == floats) & (np.abs(floats) < _EXACT)
    if column.null_count:
        fits |= missing_in(column)
    if not fits.all():
        return None
    if not column.null_count:
        return pa.Array.from_buffers(pa.int64(), n, [None, pa.py_buffer(whole)])
    if start:
        return column.cast(pa.int64())
    return pa.Array.from_buffers(pa.int64(), n, [valid, pa.py_buffer(whole)], column.null_count)
