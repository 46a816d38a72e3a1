"""Count samples and sum the rows and columns of the counts, in one call.

These kernels are for short columns and for windows of a series. They give the same counts as the
separate steps in :mod:`~fastinfo.kernels.binning.edges` and
:mod:`~fastinfo.kernels.counting.tables`. Pass the counts to
:func:`fastinfo.kernels.information.plug_in.mutual_information`. Bins that are too narrow for
float64 and labels that are far apart need the separate steps.

What the kernels expect: vectors are C-contiguous and of the same length, which is at least 1 and
below 2**31. Numbers are all float32 or all float64, and lie within the edges. Labels are int64.
None of this is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.edges import equal_edges, find_bins, grid
from fastinfo.kernels.counting.tables import count_samples
from fastinfo.kernels.elementary.memory import new_array, new_matrix, new_zeros

MOST_CELLS = 1 << 12  #: the most cells of a table of labels, or one for each sample if that is more


@kernel(inline=True)
def _margins(counts, x_counts, y_counts):
    """Sum the rows and the columns of the counts, exactly, as these are whole numbers."""
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
    """The number of float64 values that :func:`count_numbers` needs as its ``work`` array."""
    return 2 * (nx + ny + 2) + ((nx + 1) * (ny + 1) + 1) // 2


def _count_numbers(x, y, x_low, x_high, y_low, y_high, counts, x_counts, y_counts, work):
    """
    Count pairs in bins of equal width; return False if such bins are too narrow for float64.

    Writes the counts to `counts` (nx, ny), and their row and column sums to `x_counts` (nx,) and
    `y_counts` (ny,), all float64. ``work`` has :func:`work_size` elements.
    """
    nx, ny = counts.shape
    size = nx + ny + 2
    exact = work[:size]
    x_edges = exact[: nx + 1]
    y_edges = exact[nx + 1 :]
    if x.itemsize == exact.itemsize:
        equal_edges(x_low, x_high, x_edges)
        equal_edges(y_low, y_high, y_edges)
    else:  # NumPy computes the edges in the dtype of the samples
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
#: Inlined into compiled loops over windows, which makes them about 8 % faster.
count_numbers_inline = kernel(inline=True)(_count_numbers)


@kernel
def count_between(x, y, x_edges, y_edges, counts, x_counts, y_counts):
    """
    Count the pairs of samples in bins with any edges, and sum the rows and columns.

    `x` and `y` are the samples, all of them between the first and the last edge. The counts are
    written to `counts`, a float64 array of shape ``(x_edges.size - 1, y_edges.size - 1)``, the sums
    of its rows to `x_counts` and those of its columns to `y_counts`.
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
    Count the pairs of the labels `x` and `y`, and sum the rows and columns.

    Returns the table of counts, the sums of its rows and the sums of its columns, all float64. Rows
    and columns stand for the labels that occur, in ascending order. If the labels are too far apart
    for a table, all three arrays are empty.
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
    # Unsigned numbers wrap around, so the differences are right for all labels.
    height = np.uint64(x_most) - np.uint64(x_least) + one
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
