"""Tables of counts of pairs: dense while that is small, else the occupied cells alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastinfo import _sparse, _tables
from fastinfo._cells import Cells
from fastinfo._codes import Coded
from fastinfo._validate import Array

__all__ = [
    "CELLS_PER_PAIR",
    "DENSE_CELLS",
    "Occupied",
    "add_cells",
    "cells_of",
    "count_cells",
    "empty_cells",
    "is_dense",
]

DENSE_CELLS = 1 << 16  #: a table of no more cells than this is dense
CELLS_PER_PAIR = 2  #: a larger one is dense while it has no more cells than this for each pair


@dataclass(frozen=True)
class Occupied:
    """The cells of a table that are not empty, in the order of rows, then of columns."""

    rows: Array  #: (m,) uint32
    columns: Array  #: (m,) uint32
    counts: Array  #: (m,) int64, or float64 weights
    shape: tuple[int, int]  #: of the whole table

    def dense(self) -> Array:
        """The whole table."""
        _tables.check_size(*self.shape)
        table = np.zeros(self.shape, self.counts.dtype)
        table[self.rows, self.columns] = self.counts
        return table


def is_dense(nx: int, ny: int, n_pairs: int) -> bool:
    """Whether a table of so many pairs keeps all of its cells."""
    return nx * ny <= max(DENSE_CELLS, CELLS_PER_PAIR * n_pairs)


def cells_of(table: Array | Occupied, unit: float = 1.0) -> Cells:
    """Counts of pairs as the measures take them; `unit` is the weight of one effective sample."""
    if isinstance(table, Occupied):
        return Cells.from_occupied(table.rows, table.columns, table.counts, table.shape, unit)
    return Cells.from_table(table, unit)


def count_cells(x: Coded, y: Coded, weights: Array | None = None) -> Array | Occupied:
    """
    Count pairs of codes, or add up their weights; missing and dropped ones are in no cell.

    Many bins or levels cost as many pairs as there are, and not as many cells.
    """
    if is_dense(x.n_levels, y.n_levels, x.codes.size):
        if weights is None:
            return _tables.count_coded(x, y)
        return _tables.count_coded_weighted(x, y, weights)
    if weights is None:
        found = _sparse.count_occupied(x, y)
    else:
        found = _sparse.count_occupied_weighted(x, y, weights)
    return Occupied(*found, (x.n_levels, y.n_levels))


def empty_cells(nx: int, ny: int) -> Array | Occupied:
    """A table without a count."""
    if is_dense(nx, ny, 0):
        return np.zeros((nx, ny), np.int64)
    nowhere = np.empty(0, np.uint32)
    return Occupied(nowhere, nowhere, np.empty(0, np.int64), (nx, ny))


def _as_occupied(cells: Array | Occupied) -> Occupied:
    if isinstance(cells, Occupied):
        return cells
    rows, columns = np.nonzero(cells)
    nx, ny = cells.shape
    return Occupied(
        rows.astype(np.uint32), columns.astype(np.uint32), cells[rows, columns], (nx, ny)
    )


def add_cells(
    parts: list[Array | Occupied],
    places: list[tuple[Array, Array]],
    shape: tuple[int, int],
) -> Array | Occupied:
    """
    Add up two tables, of which each row and column has its place in the sum.

    The sum is dense where both are, unless new rows or columns make it large for its counts.
    """
    nx, ny = shape
    dense = [part for part in parts if not isinstance(part, Occupied)]
    if len(dense) == len(parts) and (
        any(part.shape == shape for part in dense)
        or is_dense(nx, ny, sum(int(np.count_nonzero(part)) for part in dense))
    ):
        _tables.check_size(nx, ny)
        table = np.zeros(shape, np.result_type(*dense))
        for part, (rows, columns) in zip(dense, places, strict=True):
            table[np.ix_(rows, columns)] += part
        return table
    (keys, counts), (more_keys, more) = (
        _sorted_keys(_as_occupied(part), *place, ny)
        for part, place in zip(parts, places, strict=True)
    )
    keys, counts = _add_sorted(keys, counts, more_keys, more)
    rows = keys // np.uint64(max(ny, 1))
    columns = keys - rows * np.uint64(ny)
    return Occupied(rows.astype(np.uint32), columns.astype(np.uint32), counts, shape)


def _sorted_keys(cells: Occupied, rows: Array, columns: Array, ny: int) -> tuple[Array, Array]:
    """Numbers ``row * ny + column`` of the places of cells, sorted, and the counts."""
    keys = rows.astype(np.uint64)[cells.rows] * np.uint64(ny)
    keys += columns.astype(np.uint64)[cells.columns]
    if not (keys[1:] > keys[:-1]).all():  # levels that have no order
        order = np.argsort(keys)
        return keys[order], cells.counts[order]
    return keys, cells.counts


def _add_sorted(a: Array, a_counts: Array, b: Array, b_counts: Array) -> tuple[Array, Array]:
    """Union of two sorted lists of keys, and the sums of their counts."""
    if a.size < b.size:
        a, a_counts, b, b_counts = b, b_counts, a, a_counts
    places = np.searchsorted(a, b)
    known = np.zeros(b.size, np.bool_)
    inside = places < a.size
    known[inside] = a[places[inside]] == b[inside]
    counts = a_counts.astype(np.result_type(a_counts, b_counts))
    counts[places[known]] += b_counts[known]
    if known.all():
        return a, counts
    new = ~known
    return np.insert(a, places[new], b[new]), np.insert(counts, places[new], b_counts[new])
