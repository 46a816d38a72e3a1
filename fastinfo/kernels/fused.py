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
from fastinfo.kernels.binning.edges import equal_edges, find_bins, grid
from fastinfo.kernels.counting.tables import count_samples
from fastinfo.kernels.elementary.memory import new_array, new_matrix, new_zeros

MOST_CELLS = 1 << 12  #: of a table of labels that spread wider than there are samples


@kernel(inline=True)
def _margins(counts, x_counts, y_counts):
    """Sums of the rows and of the columns, which are exact."""
    for j in range(y_counts.size):
        y_counts[j] = 0.0
    for i in range(x_counts.size):
        total = 0.0
        for j in range(y_counts.size):
            c = counts[i, j]
            total += c
            y_counts[j] += c
        x_counts[i] = total


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
    _margins(counts, x_counts, y_counts)
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
    rows = new_array(x.size, np.int32)
    columns = new_array(x.size, np.int32)
    find_bins(x, np.int64(0), x.size, x_edges, rows)
    find_bins(y, np.int64(0), x.size, y_edges, columns)
    for j in range(y_counts.size):
        y_counts[j] = 0.0
    for i in range(x_counts.size):
        x_counts[i] = 0.0
        for j in range(y_counts.size):
            counts[i, j] = 0.0
    for i in range(x.size):
        row = np.uint64(np.uint32(rows[np.uint64(i)]))
        column = np.uint64(np.uint32(columns[np.uint64(i)]))
        counts[row, column] += 1.0
        x_counts[row] += 1.0
        y_counts[column] += 1.0


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
        x_least = x[i] if x[i] < x_least else x_least
        x_most = x[i] if x[i] > x_most else x_most
        y_least = y[i] if y[i] < y_least else y_least
        y_most = y[i] if y[i] > y_most else y_most
    one = np.uint64(1)
    most = np.uint64(x.size if x.size > MOST_CELLS else MOST_CELLS)
    height = np.uint64(x_most) - np.uint64(x_least) + one  # wraps around, as the difference does
    width = np.uint64(y_most) - np.uint64(y_least) + one
    if height - one >= most or width - one >= most or height * width > most:
        height = width = np.uint64(0)
    table = new_zeros(height * width, np.uint32)
    sums = new_zeros(height + width, np.uint32)
    if height > np.uint64(0):
        for i in range(x.size):
            row = np.uint64(x[i]) - np.uint64(x_least)
            column = np.uint64(y[i]) - np.uint64(y_least)
            table[row * width + column] += np.uint32(1)
            sums[row] += np.uint32(1)
            sums[height + column] += np.uint32(1)
    n_rows = 0
    n_columns = 0
    for k in range(height):
        n_rows += np.int64(sums[k] > 0)
    for k in range(height, height + width):
        n_columns += np.int64(sums[k] > 0)
    counts = new_matrix(n_rows, n_columns, np.float64)
    x_counts = new_array(n_rows, np.float64)
    y_counts = new_array(n_columns, np.float64)
    n_rows = 0
    for row in range(height):
        if sums[row] == 0:
            continue
        x_counts[n_rows] = sums[row]
        n_columns = 0
        for column in range(width):
            if sums[height + column] > 0:
                counts[n_rows, n_columns] = table[row * width + column]
                y_counts[n_columns] = sums[height + column]
                n_columns += 1
        n_rows += 1
    return counts, x_counts, y_counts
