"""Parts of a table: their columns by name, and counts of parts put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from fastinfo._inputs import Features, opened, refuse_nested
from fastinfo._occupied import Occupied, add_cells
from fastinfo._sources import Source
from fastinfo._validate import Array

__all__ = [
    "add_part",
    "as_part",
    "at_end",
    "check_column_names",
    "chosen_cells",
    "margin_of",
    "rows_of_part",
    "spread",
]

_MOST_BYTES = 1 << 24  # of a table that is made anew as a whole


def as_part(X: Any, names: Sequence[Any]) -> list[Any]:
    """
    Columns of a part of a table, by name, as they came; or those of an array, in order.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or a column is missing.
    """
    data = opened(X, small=False)
    known = [*data.names, *data.nested, *(data.keys if isinstance(data, Features) else ())]
    if isinstance(data, Features) and data.array is not None:
        if len(known) != len(names):
            raise ValueError(
                f"X must be two-dimensional with {len(names)} columns, got shape {data.array.shape}"
            )
        return list(data.array.T)
    absent = [name for name in names if name not in known]
    if absent:
        raise ValueError(f"a part of the data has no column {absent[0]!r}, but {known[:20]}")
    if isinstance(data, Source):
        nested = [name for name in names if name in data.nested]
        if nested:
            refuse_nested(nested[0], data.nested)
        data = opened(data.table(names))
        assert isinstance(data, Features)
    return [data.columns[data.place(name)] for name in names]


def rows_of_part(columns: Sequence[Any]) -> int:
    """Number of rows."""
    return len(columns[0])


def spread(
    table: Array | Occupied, rows: Array | None, columns: Array | None, shape: tuple[int, int]
) -> Array | Occupied:
    """Counts at other places, several of which may be the same; None are the same as before."""
    if rows is None and columns is None:
        return table
    rows, columns = (
        np.arange(size) if places is None else places
        for places, size in zip((rows, columns), table.shape, strict=True)
    )
    if not isinstance(table, Occupied):
        if 8 * shape[0] * shape[1] <= _MOST_BYTES:
            out = np.zeros(shape, table.dtype)
            np.add.at(out, np.ix_(rows[: table.shape[0]], columns[: table.shape[1]]), table)
            return out
        x, y = np.nonzero(table)
        table = Occupied(x.astype(np.uint32), y.astype(np.uint32), table[x, y], table.shape)
    keys = rows[table.rows].astype(np.uint64) * np.uint64(shape[1])
    keys += columns[table.columns].astype(np.uint64)
    kept, places = np.unique(keys, return_inverse=True)
    counts = np.zeros(kept.size, table.counts.dtype)
    np.add.at(counts, places, table.counts)
    x, y = np.divmod(kept, np.uint64(shape[1]))
    return Occupied(x.astype(np.uint32), y.astype(np.uint32), counts, shape)


def add_part(
    whole: Array | Occupied,
    part: Array | Occupied,
    rows: Array | None,
    columns: Array | None,
) -> Array | Occupied:
    """
    Add the counts of a part to those of the whole, into them where that can be.

    Each row and column of the part has its place in the whole; None is the same place.
    """
    nx, ny = part.shape
    if isinstance(whole, np.ndarray) and isinstance(part, np.ndarray):
        if rows is None and columns is None:
            whole[:nx, :ny] += part
            return whole
        x = np.arange(nx) if rows is None else rows[:nx]
        y = np.arange(ny) if columns is None else columns[:ny]
        np.add.at(whole, np.ix_(x, y), part)
        return whole
    x = np.arange(nx) if rows is None else rows
    y = np.arange(ny) if columns is None else columns
    nx, ny = whole.shape
    placed = spread(part, x, y, (nx, ny))
    places = np.arange(nx), np.arange(ny)
    return add_cells([whole, placed], [places, places], (nx, ny))


def check_column_names(names: Sequence[str]) -> None:
    """Refuse no names, and the same one twice."""
    if not len(names):
        raise ValueError("names must hold at least one column, got none")
    if len(set(names)) < len(names):
        raise ValueError(f"names must differ, got {list(names)!r:.80}")


def margin_of(table: Array | Occupied, axis: int) -> Array:
    """Counts of the rows (0) or columns (1)."""
    if isinstance(table, np.ndarray):
        sums: Array = table.sum(axis=1 - axis)
        return sums
    sums = np.zeros(table.shape[axis], table.counts.dtype)
    np.add.at(sums, table.rows if axis == 0 else table.columns, table.counts)
    return sums


def at_end(table: Array | Occupied) -> int:
    """The last count: of what is missing on both sides."""
    if isinstance(table, np.ndarray):
        return int(table[-1, -1])
    nx, ny = table.shape
    return int(table.counts[(table.rows == nx - 1) & (table.columns == ny - 1)].sum())


def chosen_cells(table: Array | Occupied, rows: Array, columns: Array) -> Array | Occupied:
    """The rows and columns that have a place, which rise."""
    shape = int(rows.max(initial=-1)) + 1, int(columns.max(initial=-1)) + 1
    if isinstance(table, np.ndarray):
        return np.ascontiguousarray(table[np.ix_(rows >= 0, columns >= 0)])
    x, y = rows[table.rows], columns[table.columns]
    kept = (x >= 0) & (y >= 0)
    return Occupied(x[kept].astype(np.uint32), y[kept].astype(np.uint32), table.counts[kept], shape)
