"""Tables of counts: how large they may be, and how threads fill them."""

from __future__ import annotations

import os
from collections.abc import Callable

import numpy as np

from fastinfo._codes import CHUNK, Coded
from fastinfo._threads import get_num_threads, run_in_order, spans
from fastinfo._validate import Array, as_block, read_only
from fastinfo.kernels import binning as binning_kernels
from fastinfo.kernels import counting as kernels

__all__ = ["check_size", "count_coded", "count_coded_weighted", "count_uniform"]

_LEAST_PER_THREAD = 1 << 17
_MOST_PER_TABLE = 1 << 31  # samples that a cell of uint32 can take


def _memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # no such call on this system
        return 1 << 36


def check_size(nx: int, ny: int) -> None:
    """Refuse a dense table that does not fit into memory."""
    size = 8 * (nx + 1) * (ny + 1)
    if size > _memory() // 2:
        raise ValueError(
            f"a table of {nx} by {ny} cells would take {size} bytes; use fewer bins or levels"
        )


def _fill(nx: int, ny: int, n: int, add: Callable[[int, int, Array], None]) -> Array:
    """
    Fill a table by ``add(start, stop, table)``, one table and one run of samples a thread.

    Integer counts add up to the same whatever the runs are.
    """
    check_size(nx, ny)
    cells = (nx + 1) * (ny + 1)
    lanes = max(1, min(get_num_threads(), n // max(_LEAST_PER_THREAD, 4 * cells)))
    size = max(1, min(-(-n // lanes), _MOST_PER_TABLE))

    def fill(span: tuple[int, int]) -> Array:
        table = np.zeros((nx + 1, ny + 1), np.uint32)
        for start in range(*span, CHUNK):
            add(start, min(start + CHUNK, span[1]), table)
        return table

    total = np.zeros((nx, ny), np.int64)
    for table in run_in_order(fill, spans(n, size)):
        total += table[:nx, :ny]
    return total


def count_uniform(x: Array, y: Array, x_edges: Array, y_edges: Array) -> Array | None:
    """Count numbers in equally spaced bins without keeping codes; None if they are not equal."""
    nx, ny = x_edges.size - 1, y_edges.size - 1
    if min(nx, ny) < 1:
        return None
    x_exact = read_only(np.ascontiguousarray(x_edges, np.float64))
    y_exact = read_only(np.ascontiguousarray(y_edges, np.float64))
    x_grid, y_grid = binning_kernels.grid(x_exact), binning_kernels.grid(y_exact)
    if max(x_grid[1], y_grid[1]) >= 0.25 or (nx + 1) * (ny + 1) >= 2**31:
        return None
    dtype = np.float32 if x.dtype == y.dtype == np.float32 else np.float64

    def add(start: int, stop: int, table: Array) -> None:
        xs, ys = as_block(x[start:stop], dtype), as_block(y[start:stop], dtype)
        kernels.count_samples(xs, ys, x_exact, y_exact, x_grid, y_grid, table)

    return _fill(nx, ny, x.size, add)


def count_coded(x: Coded, y: Coded) -> Array:
    """Count pairs of codes; those of missing or dropped samples are in no cell."""
    dtype = max(x.codes.dtype, y.codes.dtype, key=lambda d: d.itemsize)

    def add(start: int, stop: int, table: Array) -> None:
        xs, ys = as_block(x.codes[start:stop], dtype), as_block(y.codes[start:stop], dtype)
        kernels.count_pairs(xs, ys, table)

    return _fill(x.n_levels, y.n_levels, x.codes.size, add)


def count_coded_weighted(x: Coded, y: Coded, weights: Array) -> Array:
    """Add up weights in the order of the samples: rounded as :func:`numpy.bincount` does."""
    check_size(x.n_levels, y.n_levels)
    dtype = max(x.codes.dtype, y.codes.dtype, key=lambda d: d.itemsize)
    table = np.zeros((x.n_levels + 1, y.n_levels + 1))
    for start, stop in spans(x.codes.size, CHUNK):
        xs, ys = as_block(x.codes[start:stop], dtype), as_block(y.codes[start:stop], dtype)
        kernels.count_pairs_weighted(xs, ys, as_block(weights[start:stop], np.float64), table)
    return np.ascontiguousarray(table[: x.n_levels, : y.n_levels])
