"""The kernels as C functions of pointers and sizes, documented in ``include/fastinfo.h``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import carray, types

from fastinfo._core.jit import kernel
from fastinfo._core.limits import INDEXED_CELLS
from fastinfo.kernels.binning import edges as binning
from fastinfo.kernels.counting import tables as counting
from fastinfo.kernels.distributions import divergences as distributions
from fastinfo.kernels.information import plug_in as information
from fastinfo.kernels.log_domain import row_sums
from fastinfo.kernels.losses import softmax_loss as losses

_f32, _f64, _i64, _u32 = types.float32, types.float64, types.int64, types.uint32
_pointer = types.CPointer


def _logsumexp(a, n):
    if n < 0:
        return np.nan
    return row_sums.logsumexp(carray(a, n))


def _cross_entropy(p, q, n):
    if n < 1:
        return np.nan
    return distributions.cross_entropy(carray(p, n), carray(q, n))


def _softmax_cross_entropy(logits, targets, rows, classes, work):
    if rows < 0 or classes < 1:
        return np.nan
    x = carray(logits, (rows, classes))
    t = carray(targets, rows)
    if losses.check_targets(t, classes, False, np.int64(-1))[0] >= 0:
        return np.nan
    state = carray(work, (4, rows))
    if classes <= row_sums.SHORT:
        row_sums.short_row_sums(x, 0, rows, state[0], state[2], state[1])
    elif classes <= row_sums.MIDDLE:
        row_sums.middle_row_sums(x, 0, rows, state[0], state[2], state[1])
    else:
        row_sums.long_row_sums(x, 0, rows, state[0], state[2], state[1])
    return losses.plain_losses(x, t, np.int64(-1), 0, state)


@kernel
def _outside(table):
    """Number of pairs in the last row and the last column of a table."""
    nx = table.shape[0] - 1
    ny = table.shape[1] - 1
    n = 0
    for j in range(ny + 1):
        n += np.int64(table[nx, j])
    for i in range(nx):
        n += np.int64(table[i, ny])
    return n


def _histogram2d(x, y, n, x_low, x_high, nx, y_low, y_high, ny, table, work):
    if n < 0 or nx < 1 or ny < 1 or nx >= INDEXED_CELLS or ny >= INDEXED_CELLS:
        return -1
    if not (x_low < x_high and y_low < y_high and (nx + 1) * (ny + 1) < INDEXED_CELLS):
        return -1
    if not (np.isfinite(x_high - x_low) and np.isfinite(y_high - y_low)):
        return -1
    edges = carray(work, nx + ny + 2)
    x_edges = edges[: nx + 1]
    y_edges = edges[nx + 1 :]
    binning.equal_edges(x_low, x_high, x_edges)
    binning.equal_edges(y_low, y_high, y_edges)
    x_grid = binning.grid(x_edges)
    y_grid = binning.grid(y_edges)
    if not max(x_grid[1], y_grid[1]) < 0.25:
        return -1
    cells = carray(table, (nx + 1, ny + 1))
    before = _outside(cells)
    counting.count_samples(carray(x, n), carray(y, n), x_edges, y_edges, x_grid, y_grid, cells)
    return _outside(cells) - before


def _mutual_information(table, nx, ny, stride, work):
    if nx < 1 or ny < 1 or stride < ny:
        return np.nan
    cells = carray(table, (nx - 1) * stride + ny)  # the last row may end where its counts do
    numbers = carray(work, nx * ny + nx + ny)
    counts = numbers[: nx * ny].reshape((nx, ny))
    for i in range(nx):
        for j in range(ny):
            counts[i, j] = cells[i * stride + j]
    x_counts = numbers[nx * ny : nx * ny + nx]
    y_counts = numbers[nx * ny + nx :]
    information.margins(counts, x_counts, y_counts)
    return information.mutual_information(counts, x_counts, y_counts)


def _sample_types(kind: Any) -> tuple[Any, ...]:
    bounds = (_f64, _f64, _i64)
    return (_pointer(kind), _pointer(kind), _i64, *bounds, *bounds, _pointer(_u32), _pointer(_f64))


#: By the names of the header: what is compiled, and its signature.
FUNCTIONS: dict[str, tuple[Callable[..., Any], Any]] = {}

for _suffix, _kind in (("f32", _f32), ("f64", _f64)):
    _array = _pointer(_kind)
    FUNCTIONS[f"logsumexp_{_suffix}"] = _logsumexp, _f64(_array, _i64)
    FUNCTIONS[f"cross_entropy_{_suffix}"] = _cross_entropy, _f64(_array, _array, _i64)
    FUNCTIONS[f"softmax_cross_entropy_{_suffix}"] = (
        _softmax_cross_entropy,
        _f64(_array, _pointer(_i64), _i64, _i64, _pointer(_f64)),
    )
    FUNCTIONS[f"histogram2d_{_suffix}"] = _histogram2d, _i64(*_sample_types(_kind))
for _suffix, _kind in (("f64", _f64), ("i64", _i64), ("u32", _u32)):
    FUNCTIONS[f"mutual_information_{_suffix}"] = (
        _mutual_information,
        _f64(_pointer(_kind), _i64, _i64, _i64, _pointer(_f64)),
    )
