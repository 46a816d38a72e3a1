"""Parts of a table: their columns by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinfo._validate import as_array
from fastinfo.frames import is_table

__all__ = [
    "as_column",
    "as_part",
    "check_column_names",
    "rows_of_part",
]


def as_part(X: Any, names: Sequence[str]) -> list[Any]:
    """
    Columns of a part of a table, by name, as Arrow arrays; or those of an array, in order.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or a column is missing.
    """
    if not is_table(X):
        array = as_array(X, "X")
        if array.ndim != 2 or array.shape[1] != len(names):
            raise ValueError(
                f"X must be two-dimensional with {len(names)} columns, got shape {array.shape}"
            )
        if array.dtype.kind in "cV":
            raise TypeError(f"X must hold real numbers or labels, got dtype {array.dtype}")
        return list(array.T)
    import pyarrow as pa

    if not isinstance(X, pa.Table | pa.RecordBatch):
        import narwhals.stable.v2 as nw

        X = nw.from_native(X, eager_only=True).to_arrow()
    known = X.schema.names
    absent = [name for name in names if name not in known]
    if absent:
        raise ValueError(f"a part of the data has no column {absent[0]!r}, but {known[:20]}")
    return [_one_piece(X.column(known.index(name))) for name in names]


def _one_piece(column: Any) -> Any:
    """A column as one Arrow array."""
    if not hasattr(column, "num_chunks"):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def as_column(values: Any) -> Any:
    """A column of a table library as an Arrow array; an array as it is."""
    if isinstance(values, np.ndarray):
        return values
    import narwhals.stable.v2 as nw

    series = nw.from_native(values, series_only=True, pass_through=True)
    return _one_piece(series.to_arrow() if hasattr(series, "to_arrow") else series)


def rows_of_part(columns: Sequence[Any]) -> int:
    """Number of rows."""
    return len(columns[0])


def check_column_names(names: Sequence[str]) -> None:
    """Refuse no names, and the same one twice."""
    if not len(names):
        raise ValueError("names must hold at least one column, got none")
    if len(set(names)) < len(names):
        raise ValueError(f"names must differ, got {list(names)!r:.80}")
