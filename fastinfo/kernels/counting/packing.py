"""Pack several columns into one, so that one increment counts many pairs of columns.

The codes of a group of columns are the digits of one number; the digit of the first column is the
highest. A table over the numbers of two groups contains the tables of all pairs of their columns as
its marginals.

What the kernels expect: codes are (columns, rows), uint8 and below the widths of their columns, and
each row is contiguous. Tables are C-contiguous. Columns are described by three int64 each: where
they begin in the output, how many levels are kept there, and their width, which is the number of
levels plus one if samples may be missing. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.counting.tables import count_pairs

_BLOCK = 4096  # rows that stay in the first-level cache while all columns of a group are read


@kernel
def join_columns(codes, columns, widths, start, stop, out):
    """Write the numbers of a group of columns for rows `start` to `stop`, uint8 or uint16."""
    for first in range(start, stop, _BLOCK):
        last = min(first + _BLOCK, stop)
        to = out[first - start : last - start]
        part = codes[columns[0], first:last]
        for r in range(to.size):
            to[r] = part[r]
        for k in range(1, columns.size):
            part = codes[columns[k], first:last]
            width = out.dtype.type(widths[k])
            for r in range(to.size):
                to[r] = out.dtype.type(to[r] * width + part[r])


@kernel(inline=True)
def _sum_rows(table, width, below, out):
    """Sum the rows of a table over all but one digit, whose place value is `below`."""
    out[:] = 0
    for first in range(0, table.shape[0], width * below):
        for a in range(width):
            to = out[a]
            for x in range(first + a * below, first + (a + 1) * below):
                row = table[x]
                for y in range(row.size):
                    to[y] += row[y]


@kernel(inline=True)
def _add_digit(row, width, below, out):
    """Add the counts of one row to the counts of one digit, whose place value is `below`."""
    if below == 1:
        for first in range(0, row.size, width):
            part = row[first : first + width]
            for b in range(out.size):
                out[b] += part[b]
        return
    for first in range(0, row.size, width * below):
        for b in range(out.size):
            part = row[first + b * below : first + (b + 1) * below]
            s = np.int64(0)
            for k in range(part.size):
                s += part[k]
            out[b] += s


@kernel
def add_marginals(table, x, y, sums, out):
    """
    Add the tables of all pairs of columns to `out`, each where its columns begin.

    `table` is over the numbers of two groups, whose columns `x` and `y` describe. `sums` is an
    int64 work array of the largest width by the numbers of the second group.
    """
    x_below = table.shape[0]
    for i in range(x.shape[0]):
        x_first, x_kept, x_width = x[i]
        x_below //= x_width
        rows = sums[:x_width, : table.shape[1]]
        _sum_rows(table, x_width, x_below, rows)
        for a in range(x_kept):
            to = out[x_first + a]
            y_below = table.shape[1]
            for j in range(y.shape[0]):
                first, kept, width = y[j]
                y_below //= width
                _add_digit(rows[a], width, y_below, to[first : first + kept])


@kernel(inline=True)
def _numbers(columns):
    """How many numbers a group of columns can have."""
    n = 1
    for k in range(columns.shape[0]):
        n *= columns[k, 2]
    return n


@kernel
def count_packed(x_numbers, x, y_numbers, y, y_groups, first_group, cells, sums, out):
    """
    Count a group of columns against others, and add the tables of all pairs to `out`.

    `x_numbers` (rows,) are the numbers of the columns `x`. `y_numbers` (groups, rows) are those of
    the other groups, beginning with `first_group`: group ``g`` has the columns of `y` from
    ``y_groups[g]`` to ``y_groups[g + 1]``. Work arrays are `cells`, uint32, for the largest table,
    and `sums`, int64, for the largest width by the numbers of a group.
    """
    n_x = _numbers(x)
    for g in range(first_group, y_groups.size - 1):
        columns = y[y_groups[g] : y_groups[g + 1]]
        n_y = _numbers(columns)
        flat = cells[: n_x * n_y]
        for k in range(flat.size):
            flat[k] = 0
        table = flat.reshape((n_x, n_y))
        count_pairs(x_numbers, y_numbers[g], table)
        add_marginals(table, x, columns, sums, out)


@kernel
def count_each_pair(x_codes, x_rows, x, y_codes, y_rows, y, same, start, stop, out):
    """
    Add the tables of all pairs of columns to `out`, with one increment per row and pair.

    This is for so few rows that packing does not pay. Columns are the rows `x_rows` and `y_rows` of
    the codes. If both sides are the `same`, each pair is counted once.
    """
    for r in range(start, stop):
        k = np.uint64(r)
        for i in range(x_rows.size):
            a = x_codes[np.uint64(x_rows[i]), k]
            if a < x[i, 1]:
                row = np.uint64(x[i, 0] + a)
                for j in range(i if same else 0, y_rows.size):
                    b = y_codes[np.uint64(y_rows[j]), k]
                    if b < y[j, 1]:
                        out[row, np.uint64(y[j, 0] + b)] += 1
