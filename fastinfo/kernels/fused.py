"""Samples to counts and their margins in one call, for short columns and windows of a series.

The steps are those of :mod:`~fastinfo.kernels.binning.edges` and
:mod:`~fastinfo.kernels.counting.tables`, with the same counts;
:func:`fastinfo.kernels.information.plug_in.mutual_information` measures them. What is out of the
ordinary, bins too narrow for float64 or labels far apart, is for those.

Contract: vectors are C-contiguous and of one length, at least 1 and below 2**31; numbers are both
float32 or both float64 and within the bounds, labels are int64. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.edges import equal_edges, find_bin, grid
from fastinfo.kernels.counting.tables import count_samples
from fastinfo.kernels.information.plug_in import margins

MOST_CELLS = 1 << 12  #: of a table of labels that spread wider than there are samples


@kernel
def work_size(nx, ny):
    """How many float64 :func:`count_numbers` wants to work in."""
    return 2 * (nx + ny + 2) + ((nx + 1) * (ny + 1) + 1) // 2


def _count_numbers(x, y, x_low, x_high, y_low, y_high, counts, x_counts, y_counts, work):
    """
    Counts in equal bins between the bounds, with their margins; False where there are no such bins.

    Written to float64 arrays, (nx, ny), (nx,) and (ny,). ``work``: see :func:`work_size`.
    """
    nx, ny = counts.shape
    size = nx + ny + 2
    exact = work[:size]
    x_edges = exact[: nx + 1]
    y_edges = exact[nx + 1 :]
    if x.itemsize == exact.itemsize:
        equal_edges(x_low, x_high, x_edges)
        equal_edges(y_low, y_high, y_edges)
    else:  # in the samples' dtype, as NumPy does
        edges = work[size : 2 * size].view(x.dtype)
        equal_edges(x_low, x_high, edges[: nx + 1])
        equal_edges(y_low, y_high, edges[nx + 1 : size])
        for i in range(size):
            exact[i] = edges[i]
    x_grid = grid(x_edges)
    y_grid = grid(y_edges)
    if not max(x_grid[1], y_grid[1]) < 0.25:
        return False
    cells = work[2 * size :].view(np.uint32)[: (nx + 1) * (ny + 1)]
    cells[:] = 0
    table = cells.reshape((nx + 1, ny + 1))
    count_samples(x, y, x_edges, y_edges, x_grid, y_grid, table)
    for i in range(nx):
        for j in range(ny):
            counts[i, j] = table[i, j]
    margins(counts, x_counts, y_counts)
    return True


count_numbers = kernel(_count_numbers)
#: The same for compiled loops over windows, whose code it becomes a part of, a twelfth faster.
count_numbers_inline = kernel(inline=True)(_count_numbers)


@kernel
def count_between(x, y, x_edges, y_edges, counts, x_counts, y_counts):
    """
    Counts among any edges, all samples between the outermost ones, with their margins.

    Written, all float64, to `counts` of ``(x_edges.size - 1, y_edges.size - 1)`` cells, `x_counts`
    and `y_counts`.
    """
    counts[:] = 0.0
    for i in range(x.size):
        counts[find_bin(x[i], x_edges), find_bin(y[i], y_edges)] += 1.0
    margins(counts, x_counts, y_counts)


@kernel
def _places(counts):
    """Places of the counts above 0."""
    places = np.empty(counts.size, np.int64)
    n = 0
    for i in range(counts.size):
        if counts[i] > 0:
            places[n] = i
            n += 1
    return places[:n]


@kernel
def count_labels(x, y):
    """
    Counts of the labels that occur, in order, and the sums of the rows and of the columns.

    Returned as a matrix and two vectors of float64, of size 0 where the labels are too far apart
    for a table.
    """
    x_least = x_most = x[0]
    y_least = y_most = y[0]
    for i in range(x.size):
        x_least = min(x_least, x[i])
        x_most = max(x_most, x[i])
        y_least = min(y_least, y[i])
        y_most = max(y_most, y[i])
    most = np.uint64(max(MOST_CELLS, x.size))
    x_span = np.uint64(x_most) - np.uint64(x_least)  # wraps around, as the difference does
    y_span = np.uint64(y_most) - np.uint64(y_least)
    one = np.uint64(1)
    if x_span >= most or y_span >= most or (x_span + one) * (y_span + one) > most:
        return np.empty((0, 0)), np.empty(0), np.empty(0)
    width = y_span + one
    table = np.zeros((x_span + one) * width, np.uint32)
    x_all = np.zeros(x_span + one, np.uint32)
    y_all = np.zeros(width, np.uint32)
    for i in range(x.size):
        row = np.uint64(x[i]) - np.uint64(x_least)
        column = np.uint64(y[i]) - np.uint64(y_least)
        table[row * width + column] += np.uint32(1)
        x_all[row] += np.uint32(1)
        y_all[column] += np.uint32(1)
    rows = _places(x_all)
    columns = _places(y_all)
    counts = np.empty((rows.size, columns.size))
    for i in range(rows.size):
        start = np.uint64(rows[i]) * width
        for j in range(columns.size):
            counts[i, j] = table[start + np.uint64(columns[j])]
    return counts, x_all[rows].astype(np.float64), y_all[columns].astype(np.float64)
