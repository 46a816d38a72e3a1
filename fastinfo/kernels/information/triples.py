"""The tables of many columns against two others at once, to conditional and joint information.

The two others, ``w`` and ``y``, are one column of codes ``w * n_y + y``. Counts, layouts and
scratch are those of :mod:`fastinfo.kernels.information.pair_tables`; results are in nats, one
number for each column, NaN where no row is complete.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import as_matrix, new_array
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.information.expected import LARGE, expected_cell, expected_large_cell
from fastinfo.kernels.information.pair_tables import open_table

_TABULATED = 256  # sizes of rows that are tabulated one by one
_STEPS = 32  # sizes an octave of the grid of larger ones


@kernel(inline=True)
def _open(counts, x, y, i, scratch):
    """Table of one column, its margin over the column, and the number of samples."""
    n = open_table(counts, x, i, y, np.int64(0), scratch[0], scratch[1], scratch[2])
    return as_matrix(scratch[0], x[i, 2], y[0, 2]), scratch[2, : y[0, 2]], n


@kernel(inline=True)
def _expected_row(a, y_counts, n):
    """Expected information of a row of this size with columns of these, times the samples."""
    s = 0.0
    for k in range(y_counts.size):
        b = y_counts[k]
        if b > 0.0:
            large = a * b >= LARGE * n
            s += expected_large_cell(a, b, n) if large else expected_cell(a, b, n)
    return n * s


@kernel
def table_size(n):
    """How many expectations of rows :func:`expected_rows` tabulates, for so many samples."""
    return _TABULATED + 4 + int(_STEPS * math.log2(max(0.5 * n / _TABULATED, 1.0)))


@kernel
def expected_rows(y_counts, table):
    """
    Expected information of rows of any size, times the samples, by stratum.

    `y_counts` is (strata, columns); `table` has a row for each. Sizes below 256 stand at their
    place, larger ones on a grid of 32 points an octave, up to half of the samples.
    """
    for w in range(y_counts.shape[0]):
        n = 0.0
        for k in range(y_counts.shape[1]):
            n += y_counts[w, k]
        for i in range(1, table.shape[1]):
            a = np.float64(i)
            if i >= _TABULATED:
                a = _TABULATED * 2.0 ** ((i - _TABULATED - 1.0) / _STEPS)
            if a > n:
                break
            table[w, i] = _expected_row(a, y_counts[w], n)


@kernel(inline=True)
def _expected(table, y_counts, a, n):
    """Expectation of a row of this size: tabulated, by a cubic through four points, or computed."""
    if a < _TABULATED and a <= n:
        return table[np.int64(a)]
    if 2.0 * a > n:
        return _expected_row(a, y_counts, n)
    at = _STEPS * math.log2(a / _TABULATED)
    i = np.int64(at)
    t = at - i
    i += _TABULATED
    p, q, r, s = table[i], table[i + 1], table[i + 2], table[i + 3]
    left = t * (t - 1.0)
    right = (t + 1.0) * (t - 2.0)
    return (left * ((t + 1.0) * s - (t - 2.0) * p)) / 6.0 + right * ((t - 1.0) * q - t * r) / 2.0


@kernel(inline=True)
def _margin_of(pairs, n_y, margin):
    """Counts of y from those of (w, y)."""
    for k in range(n_y):
        margin[k] = 0.0
    for first in range(0, pairs.size, n_y):
        for k in range(n_y):
            margin[k] += pairs[first + k]


@kernel
def conditional_informations(counts, x, y, n_y, scratch, out):
    """``I(x; y | w) = sum(p(x, y, w) log(p(x, y, w) p(w) / (p(x, w) p(y, w))))``."""
    for i in range(x.shape[0]):
        table, pairs, n = _open(counts, x, y, i, scratch)
        s = 0.0
        for first in range(0, pairs.size, n_y):
            others = pairs[first : first + n_y]
            w = 0.0
            for k in range(n_y):
                w += others[k]
            for a in range(table.shape[0]):
                row = table[a, first : first + n_y]
                xw = 0.0
                for k in range(n_y):
                    xw += row[k]
                for k in range(n_y):
                    c = row[k]
                    s += c * log64((c * w) / (xw * others[k])) if c > 0.0 else 0.0
        out[i] = max(s / n, 0.0) if n > 0.0 else np.nan


@kernel
def joint_informations(counts, x, y, n_y, scratch, out):
    """``I(x, w; y) = sum(p(x, w, y) log(p(x, w, y) / (p(x, w) p(y))))``."""
    margin = new_array(n_y, np.float64)
    for i in range(x.shape[0]):
        table, pairs, n = _open(counts, x, y, i, scratch)
        _margin_of(pairs, n_y, margin)
        s = 0.0
        for a in range(table.shape[0]):
            for first in range(0, pairs.size, n_y):
                row = table[a, first : first + n_y]
                xw = 0.0
                for k in range(n_y):
                    xw += row[k]
                for k in range(n_y):
                    c = row[k]
                    s += c * log64((c * n) / (xw * margin[k])) if c > 0.0 else 0.0
        out[i] = max(s / n, 0.0) if n > 0.0 else np.nan


@kernel
def conditional_chances(counts, x, y, n_y, tables, scratch, out):
    """
    Mean of ``I(x; y | w)`` over the tables that have the same margins in each stratum of w.

    `tables` has it for the rows of complete columns (:func:`expected_rows`), or is empty.
    """
    for i in range(x.shape[0]):
        table, pairs, n = _open(counts, x, y, i, scratch)
        s = 0.0
        for first in range(0, pairs.size, n_y):
            others = pairs[first : first + n_y]
            w = 0.0
            for k in range(n_y):
                w += others[k]
            for a in range(table.shape[0]):
                xw = 0.0
                for k in range(n_y):
                    xw += table[a, first + k]
                if xw > 0.0 and tables.size > 0:
                    s += _expected(tables[np.int64(first // n_y)], others, xw, w)
                elif xw > 0.0:
                    s += _expected_row(xw, others, w)
        out[i] = s / n if n > 0.0 else np.nan


@kernel
def joint_chances(counts, x, y, n_y, tables, scratch, out):
    """Mean of ``I(x, w; y)`` over the tables with the same margins; `tables` as above."""
    margin = new_array(n_y, np.float64)
    for i in range(x.shape[0]):
        table, pairs, n = _open(counts, x, y, i, scratch)
        _margin_of(pairs, n_y, margin)
        s = 0.0
        for a in range(table.shape[0]):
            for first in range(0, pairs.size, n_y):
                xw = 0.0
                for k in range(n_y):
                    xw += table[a, first + k]
                if xw > 0.0 and tables.size > 0:
                    s += _expected(tables[0], margin, xw, n)
                elif xw > 0.0:
                    s += _expected_row(xw, margin, n)
        out[i] = s / n if n > 0.0 else np.nan


@kernel
def joint_entropies(counts, x, y, n_y, scratch, out):
    """``H(x, w, y)``."""
    for i in range(x.shape[0]):
        table, _, n = _open(counts, x, y, i, scratch)
        s = 0.0
        for a in range(table.shape[0]):
            row = table[a]
            for k in range(row.size):
                p = row[k] / n
                s -= p * log64(p) if p > 0.0 else 0.0
        out[i] = max(s, 0.0) if n > 0.0 else np.nan
