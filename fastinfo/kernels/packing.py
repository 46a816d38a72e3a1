"""Several columns as one: an increment of one cell counts many pairs of columns.

The codes of a group of columns are the digits of one number, the first column's the highest. A
table over the numbers of two groups holds the tables of all pairs of their columns, which are its
marginals.

Contract: codes are (columns, rows), uint8, each row contiguous, and below the widths of their
columns; tables are C-contiguous; this is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import kernel
from fastinfo.kernels.counting import count_pairs

__all__ = ["add_marginals", "count_packed", "join_columns"]

_BLOCK = 4096  # rows that stay in the first cache while the columns of a group pass


@kernel
def join_columns(codes, columns, widths, start, stop, out):  # type: ignore[no-untyped-def]
    """Numbers of a group of columns, for the rows from `start` to `stop`, as uint8."""
    for first in range(start, stop, _BLOCK):
        last = min(first + _BLOCK, stop)
        to = out[first - start : last - start]
        part = codes[columns[0], first:last]
        for r in range(to.size):
            to[r] = part[r]
        for k in range(1, columns.size):
            part = codes[columns[k], first:last]
            width = np.uint8(widths[k])
            for r in range(to.size):
                to[r] = np.uint8(to[r] * width + part[r])


@kernel(inline=True)
def _sum_rows(table, width, below, out):  # type: ignore[no-untyped-def]
    """Sum the rows of a table by one digit of their number, of which `below` is the weight."""
    out[:] = 0
    for first in range(0, table.shape[0], width * below):
        for a in range(width):
            to = out[a]
            for x in range(first + a * below, first + (a + 1) * below):
                row = table[x]
                for y in range(row.size):
                    to[y] += row[y]


@kernel(inline=True)
def _add_digit(row, width, below, out):  # type: ignore[no-untyped-def]
    """Add the counts of one row to those of one digit of their number."""
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
def add_marginals(table, x_widths, y_widths, x_first, y_first, x_kept, y_kept, sums, out):  # type: ignore[no-untyped-def]
    """
    Add the tables of all pairs of columns to `out`, each where its columns begin.

    `table` is over the numbers of two groups; only the first levels of a column are kept. `sums`
    is scratch of int64 for the largest width, by the numbers of the second group.
    """
    x_below = table.shape[0]
    for i in range(x_widths.size):
        x_below //= x_widths[i]
        rows = sums[: x_widths[i], : table.shape[1]]
        _sum_rows(table, x_widths[i], x_below, rows)
        for a in range(x_kept[i]):
            to = out[x_first[i] + a]
            y_below = table.shape[1]
            for j in range(y_widths.size):
                y_below //= y_widths[j]
                first = y_first[j]
                _add_digit(rows[a], y_widths[j], y_below, to[first : first + y_kept[j]])


@kernel
def count_packed(
    x_numbers,
    y_numbers,
    x_group,
    x_groups,
    y_groups,
    first_group,
    x_widths,
    y_widths,
    x_first,
    y_first,
    x_kept,
    y_kept,
    cells,
    sums,
    out,
):  # type: ignore[no-untyped-def]
    """
    Count a group of columns against others, and add the tables of all pairs of columns to `out`.

    `x_numbers` (rows,) are those of group `x_group`, `y_numbers` (groups, rows) those of all groups
    of the other side, of which the ones from `first_group` on are counted. Group ``g`` has the
    columns from ``groups[g]`` to ``groups[g + 1]``. `cells` is scratch of uint32 for the largest
    table, `sums` of int64 for the largest width by the numbers of a group.
    """
    i = x_groups[x_group]
    i_end = x_groups[x_group + 1]
    n_x = 1
    for k in range(i, i_end):
        n_x *= x_widths[k]
    for g in range(first_group, y_groups.size - 1):
        j = y_groups[g]
        j_end = y_groups[g + 1]
        n_y = 1
        for k in range(j, j_end):
            n_y *= y_widths[k]
        table = cells[: n_x * n_y].reshape((n_x, n_y))
        for a in range(n_x):
            table[a] = 0
        count_pairs(x_numbers, y_numbers[g], table)
        add_marginals(
            table,
            x_widths[i:i_end],
            y_widths[j:j_end],
            x_first[i:i_end],
            y_first[j:j_end],
            x_kept[i:i_end],
            y_kept[j:j_end],
            sums,
            out,
        )
