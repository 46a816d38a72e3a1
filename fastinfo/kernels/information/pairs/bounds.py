"""Bounds for all pairs of columns, to find those that may be among the strongest, in nats.

The mean of ``n I`` over the tables with the same margins is a sum over cells of the mean of ``m f(c
/ m)`` with ``f(r) = r log(r) - r + 1`` and ``m = a b / n``: see
:mod:`fastinfo.kernels.information.expected`. The fourth derivative of ``f`` is positive, so ``f(r)
>= (r - 1)**2 / 2 - (r - 1)**3 / 6``. The second and third central moments of a hypergeometric count
are products of a factor for the row and a factor for the column. So, summed over all cells,

``n E[I] >= n (R - 1) (C - 1) / (2 (n - 1)) - A B / (6 n (n - 1) (n - 2))``

for `R` rows and `C` columns that occur, with ``A = sum((n - a) (n - 2 a) / a)`` over the rows and
`B` over the columns.

Counts, layouts and scratch are those of :mod:`fastinfo.kernels.information.pair_tables`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.information.expected import expected_of_margins
from fastinfo.kernels.information.pair_tables import open_table
from fastinfo.kernels.information.plug_in import entropy_from_counts


@kernel
def third_order(counts, n):
    """Number of levels that occur, and ``sum((n - a) (n - 2 a) / a)`` over their sizes."""
    levels = 0.0
    s = 0.0
    for k in range(counts.size):
        a = counts[k]
        if a > 0.0:
            levels += 1.0
            s += (n - a) * (n - 2.0 * a) / a
    return levels, s


@kernel
def third_orders(counts, ends, n, out):
    """
    The results of :func:`third_order` for several margins; `out` is (2, m).

    Each margin ends at its entry of `ends`.
    """
    start = 0
    for i in range(ends.size):
        out[0, i], out[1, i] = third_order(counts[start : ends[i]], n)
        start = ends[i]


@kernel
def least_chance(x_levels, x_sum, y_levels, y_sum, n):
    """Lower bound of the expected information by chance, from `third_order` of the margins."""
    if n < 3.0:
        return 0.0
    s = 0.5 * (x_levels - 1.0) * (y_levels - 1.0) / (n - 1.0)
    s -= (x_sum / n) * (y_sum / n) / (6.0 * (n - 1.0) * (n - 2.0))
    return s if s > 0.0 else 0.0


@kernel
def least_chances(counts, x, y, same, scratch, out):
    """
    Lower bound of the expected information of each pair, its samples and degrees of freedom.

    `out` is (columns, columns, 3).
    """
    for i in range(x.shape[0]):
        for j in range(i if same else 0, y.shape[0]):
            n = open_table(counts, x, i, y, j, scratch[0], scratch[1], scratch[2])
            rows, a = third_order(scratch[1, : x[i, 2]], n)
            columns, b = third_order(scratch[2, : y[j, 2]], n)
            out[i, j, 0] = least_chance(rows, a, columns, b, n)
            out[i, j, 1] = n
            out[i, j, 2] = (rows - 1.0) * (columns - 1.0) if n > 0.0 else 0.0


@kernel
def measure_some(counts, x, y, rows, columns, scratch, sizes, out):
    """
    Exact expected information by chance of some pairs, and both entropies; (pairs, 3).

    It is NaN if all tables have the same information. `rows` and `columns` are the places of the
    pairs. `sizes` has four rows as long as the largest margin. If it is empty, the expected
    information is not computed.
    """
    for k in range(rows.size):
        i = rows[k]
        j = columns[k]
        n = open_table(counts, x, i, y, j, scratch[0], scratch[1], scratch[2])
        x_counts = scratch[1, : x[i, 2]]
        y_counts = scratch[2, : y[j, 2]]
        out[k, 0] = np.nan
        if sizes.size > 0:
            out[k, 0] = expected_of_margins(x_counts, y_counts, n, sizes)
        out[k, 1] = entropy_from_counts(x_counts)
        out[k, 2] = entropy_from_counts(y_counts)
