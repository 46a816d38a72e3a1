"""Many tables with the same columns, stored one after another: their margins and measures.

Table i has ``levels[i]`` rows of `columns` cells each, beginning at ``bounds[i]``.

What the kernels expect: counts are whole numbers, not negative and below ``2**53``. Outputs are
large enough. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import as_matrix, new_array
from fastinfo.kernels.information.expected import (
    _LANES,
    LARGE,
    _orders_of,
    distinct_sizes,
    expected_mutual_information,
)
from fastinfo.kernels.information.independence import (
    cell_moments,
    fixed_sum,
    log_probability,
    room_for,
    variance_of_cells,
)
from fastinfo.kernels.information.plug_in import (
    measures,
    mutual_information,
    spread_of_information,
)

N, INFORMATION, H_ROWS, H_COLUMNS, H_CELLS, SPREAD, SEEN, OWN, LEVELS = range(9)
FOUND = 9  # how many measures each table has


@kernel
def measure_tables(counts, bounds, levels, columns, scale, found, sizes, times, distinct):
    """
    Write the measures of each table to a row of `found`, and the distinct sizes of its rows.

    The measures are, in this order: samples, information, entropies of rows, columns and cells, the
    spread of information, the sum of ``c log(c)`` in units of ``1 / scale``, the logarithm of the
    probability of the table given its margins, and the number of rows that occur. Sizes and their
    frequencies are written from the place where the rows of the table begin; `distinct` is their
    number.
    """
    most = np.int64(0)
    for i in range(levels.size):
        most = levels[i] if levels[i] > most else most
    table = new_array(most * columns, np.float64)
    x_counts = new_array(most, np.float64)
    y_counts = new_array(columns, np.float64)
    first = np.int64(0)
    for i in range(levels.size):
        rows = levels[i]
        for j in range(columns):
            y_counts[j] = 0.0
        k = bounds[i]
        at = np.uint64(0)
        n = 0.0
        occurring = np.int64(0)
        for a in range(rows):
            s = 0.0
            for j in range(columns):
                c = np.float64(counts[np.uint64(k)])
                table[at] = c
                s += c
                y_counts[np.uint64(j)] += c
                k += 1
                at += np.uint64(1)
            x_counts[np.uint64(a)] = s
            n += s
            occurring += np.int64(s > 0.0)
        own = x_counts[:rows]
        grid = as_matrix(table, rows, columns)
        measures(grid, own, y_counts, found[i, INFORMATION : H_CELLS + 1])
        found[i, N] = n
        found[i, SPREAD] = 0.0
        if n > 0.0:
            information = found[i, INFORMATION]
            found[i, SPREAD] = spread_of_information(grid, own, y_counts, n, information)
        cells = table[: rows * columns]
        found[i, SEEN] = np.float64(fixed_sum(cells, scale))
        found[i, OWN] = log_probability(cells, own, y_counts)
        found[i, LEVELS] = occurring
        distinct[i] = distinct_sizes(own, sizes[first : first + rows], times[first : first + rows])
        first += rows


@kernel
def chance_of_sizes(sizes, y_sizes, n, turned, cells):
    """
    Expected information of single cells, for rows of some sizes and columns of distinct sizes.

    There is a row of `cells` for each size. With `turned`, the size of the row comes first.
    """
    one = new_array(1, np.float64)
    one[0] = 1.0
    a = new_array(1, np.float64)
    b = new_array(1, np.float64)
    for i in range(sizes.size):
        for j in range(y_sizes.size):
            a[0] = sizes[i] if turned else y_sizes[j]
            b[0] = y_sizes[j] if turned else sizes[i]
            cells[i, j] = expected_mutual_information(a, one, b, one, n, True)


@kernel
def chance_of_tables(
    starts, distinct, places, sizes, times, cells, turned_cells, y_sizes, y_times, n, turned, out
):
    """
    Expected information of tables, from that of single cells.

    They are added up in the same order as in :func:`expected_mutual_information`. If a table is
    `turned`, its rows come first, otherwise its columns. Cells with many samples are collected
    until there are enough that need the same number of moments.
    """
    waiting = new_array(_LANES, np.float64)
    often = new_array(_LANES, np.float64)
    for i in range(distinct.size):
        first = starts[i]
        outer = distinct[i] if turned[i] else y_sizes.size
        inner = y_sizes.size if turned[i] else distinct[i]
        s = 0.0
        m = 0
        orders = 0
        for p in range(outer):
            for q in range(inner):
                k = np.uint64(first + (p if turned[i] else q))
                j = np.uint64(q if turned[i] else p)
                t = times[k] * y_times[j]
                row = np.uint64(places[k])
                cell = turned_cells[row, j] if turned[i] else cells[row, j]
                if sizes[k] * y_sizes[j] >= LARGE * n:
                    own = _orders_of(sizes[k] * y_sizes[j] / n)
                    if m == _LANES or (m > 0 and own != orders):
                        for w in range(m):
                            s += often[w] * waiting[w]
                        m = 0
                    orders = own
                    often[m] = t
                    waiting[m] = cell
                    m += 1
                else:
                    s += t * cell
        for w in range(m):
            s += often[w] * waiting[w]
        out[i] = s


@kernel
def parts_of_sizes(sizes, y_sizes, n, degrees, rows_first, parts):
    """
    The parts of each cell that the variance needs, for rows of some sizes.

    `rows_first` says whether the rows are the first of the two margins.
    """
    work = new_array(4 * room_for(y_sizes[y_sizes.size - 1]), np.float64)
    step = degrees + 1
    for i in range(sizes.size):
        for j in range(y_sizes.size):
            a = sizes[i] if rows_first else y_sizes[j]
            b = y_sizes[j] if rows_first else sizes[i]
            room = room_for(a if a < b else b)
            cell_moments(a, b, n, degrees, parts[i, j * step : j * step + step], work, room)


@kernel
def variances_of_tables(
    starts, distinct, places, sizes, times, y_sizes, y_times, n, degrees, rows_first, parts, out
):
    """The variance of ``n I`` of tables, from the parts of their cells."""
    step = degrees + 1
    width = y_sizes.size
    most = np.int64(0)
    for i in range(distinct.size):
        most = distinct[i] if distinct[i] > most else most
    own = new_array(most * width * step, np.float64)
    for i in range(distinct.size):
        first = starts[i]
        m = distinct[i]
        for k in range(m):
            row = np.uint64(places[np.uint64(first + k)])
            for j in range(width):
                to = np.uint64((k * width + j if rows_first else j * m + k) * step)
                at = np.uint64(j * step)
                for d in range(np.uint64(step)):
                    own[to + d] = parts[row, at + d]
        x = sizes[first : first + m]
        t = times[first : first + m]
        if rows_first:
            out[i] = variance_of_cells(x, t, y_sizes, y_times, n, degrees, own)
        else:
            out[i] = variance_of_cells(y_sizes, y_times, x, t, n, degrees, own)


@kernel
def informations(counts, layout, out):
    """Mutual information of tables in a matrix of counts; `layout` has first rows and levels."""
    columns = counts.shape[1]
    most = np.int64(0)
    for i in range(out.size):
        most = layout[i, 1] if layout[i, 1] > most else most
    table = new_array(most * columns, np.float64)
    x_counts = new_array(most, np.float64)
    y_counts = new_array(columns, np.float64)
    for i in range(out.size):
        rows = layout[i, 1]
        at = np.uint64(0)
        for j in range(columns):
            y_counts[j] = 0.0
        for a in range(rows):
            s = 0.0
            for j in range(columns):
                c = np.float64(counts[layout[i, 0] + a, j])
                table[at] = c
                s += c
                y_counts[np.uint64(j)] += c
                at += np.uint64(1)
            x_counts[np.uint64(a)] = s
        grid = as_matrix(table, rows, columns)
        out[i] = mutual_information(grid, x_counts[:rows], y_counts)
