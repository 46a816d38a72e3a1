"""Conditional and joint information of many columns and two other variables.

The two others, ``w`` and ``y``, are one column of codes ``w * n_y + y``. Counts, layouts and
scratch are those of :mod:`fastinfo.kernels.information.pair_tables`. Results are in nats, one
number for each column, and NaN if no row is complete.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array
from fastinfo.kernels.elementary.scalar import log64, lost_in_sum
from fastinfo.kernels.information.expected import LARGE, expected_cell, expected_large_cell
from fastinfo.kernels.information.pair_tables import open_table

_TABULATED = 256  # expectations of rows of smaller sizes are tabulated one by one
_STEPS = 32  # grid points per octave for larger sizes


@kernel
def _expected_row(a, y_counts, first, n_y, n):
    """Expected information of a row of size `a`, times `n`; its columns begin at `first`."""
    s = 0.0
    for k in range(first, first + n_y):
        b = y_counts[k]
        if b > 0.0:
            large = a * b >= LARGE * n
            s += expected_large_cell(a, b, n) if large else expected_cell(a, b, n)
    return n * s


def table_size(n: float) -> int:
    """How many expectations of rows :func:`expected_rows` tabulates for `n` samples."""
    return _TABULATED + 4 + int(_STEPS * math.log2(max(0.5 * n / _TABULATED, 1.0)))


@kernel
def expected_rows(y_counts, n_y, table):
    """
    Expected information of rows of any size, times the number of samples, by stratum.

    `y_counts` has `n_y` columns for each stratum, and `table` has a row for each. Sizes below 256
    have their own entries. Larger ones are on a grid with 32 points per octave, up to half of the
    samples.
    """
    for w in range(table.shape[0]):
        first = w * n_y
        n = 0.0
        for k in range(first, first + n_y):
            n += y_counts[k]
        for i in range(1, table.shape[1]):
            a = np.float64(i)
            if i >= _TABULATED:
                a = _TABULATED * 2.0 ** ((i - _TABULATED - 1.0) / _STEPS)
            if a > n:
                break
            table[w, i] = _expected_row(a, y_counts, first, n_y, n)


@kernel
def _expected(tables, w, y_counts, first, n_y, a, n):
    """Expectation of a row of this size: from the table, by cubic interpolation, or computed."""
    if tables.size > 0 and a < _TABULATED and a <= n:
        return tables[w, np.int64(a)]
    if tables.size == 0 or 2.0 * a > n:
        return _expected_row(a, y_counts, first, n_y, n)
    at = _STEPS * math.log2(a / _TABULATED)
    i = np.int64(at)
    t = at - i
    i += _TABULATED
    p = tables[w, i]
    q = tables[w, i + 1]
    r = tables[w, i + 2]
    s = tables[w, i + 3]
    left = t * (t - 1.0)
    right = (t + 1.0) * (t - 2.0)
    return (left * ((t + 1.0) * s - (t - 2.0) * p)) / 6.0 + right * ((t - 1.0) * q - t * r) / 2.0


@kernel(inline=True)
def _margin_of(pairs, n_pairs, n_y, margin):
    """Counts of y, from those of (w, y)."""
    for k in range(n_y):
        margin[k] = 0.0
    for first in range(0, n_pairs, n_y):
        for k in range(n_y):
            margin[k] += pairs[first + k]


@kernel
def conditional_informations(counts, x, y, n_y, scratch, out):
    """``I(x; y | w) = sum(p(x, y, w) log(p(x, y, w) p(w) / (p(x, w) p(y, w))))``."""
    cells = scratch[0]
    pairs = scratch[2]
    n_pairs = y[0, 2]
    for i in range(x.shape[0]):
        n = open_table(counts, x, i, y, np.int64(0), cells, scratch[1], pairs)
        s = 0.0
        for first in range(0, n_pairs, n_y):
            w = 0.0
            for k in range(n_y):
                w += pairs[first + k]
            for at in range(first, x[i, 2] * n_pairs, n_pairs):
                xw = 0.0
                for k in range(n_y):
                    xw += cells[at + k]
                for k in range(n_y):
                    c = cells[at + k]
                    s += c * log64((c * w) / (xw * pairs[first + k])) if c > 0.0 else 0.0
        s = s / n if s > 0.0 else 0.0
        out[i] = s if n > 0.0 else np.nan


@kernel
def joint_informations(counts, x, y, n_y, scratch, out):
    """``I(x, w; y) = sum(p(x, w, y) log(p(x, w, y) / (p(x, w) p(y))))``."""
    cells = scratch[0]
    pairs = scratch[2]
    n_pairs = y[0, 2]
    margin = new_array(n_y, np.float64)
    for i in range(x.shape[0]):
        n = open_table(counts, x, i, y, np.int64(0), cells, scratch[1], pairs)
        _margin_of(pairs, n_pairs, n_y, margin)
        s = 0.0
        for at in range(0, x[i, 2] * n_pairs, n_y):
            xw = 0.0
            for k in range(n_y):
                xw += cells[at + k]
            for k in range(n_y):
                c = cells[at + k]
                s += c * log64((c * n) / (xw * margin[k])) if c > 0.0 else 0.0
        s = s / n if s > 0.0 else 0.0
        out[i] = s if n > 0.0 else np.nan


@kernel
def conditional_chances(counts, x, y, n_y, tables, scratch, out):
    """
    Mean of ``I(x; y | w)`` over the tables that have the same margins in each stratum of w.

    `tables` has the expectations of rows of complete columns (:func:`expected_rows`), or is empty.
    """
    cells = scratch[0]
    pairs = scratch[2]
    n_pairs = y[0, 2]
    for i in range(x.shape[0]):
        n = open_table(counts, x, i, y, np.int64(0), cells, scratch[1], pairs)
        s = 0.0
        stratum = np.int64(0)
        for first in range(0, n_pairs, n_y):
            w = 0.0
            for k in range(n_y):
                w += pairs[first + k]
            for at in range(first, x[i, 2] * n_pairs, n_pairs):
                xw = 0.0
                for k in range(n_y):
                    xw += cells[at + k]
                if xw > 0.0:
                    s += _expected(tables, stratum, pairs, first, n_y, xw, w)
            stratum += 1
        out[i] = s / n if n > 0.0 else np.nan


@kernel
def joint_chances(counts, x, y, n_y, tables, scratch, out):
    """
    Mean of ``I(x, w; y)`` over the tables with the same margins.

    `tables` is as in :func:`conditional_chances`.
    """
    cells = scratch[0]
    pairs = scratch[2]
    n_pairs = y[0, 2]
    zero = np.int64(0)
    margin = new_array(n_y, np.float64)
    for i in range(x.shape[0]):
        n = open_table(counts, x, i, y, zero, cells, scratch[1], pairs)
        _margin_of(pairs, n_pairs, n_y, margin)
        s = 0.0
        for at in range(0, x[i, 2] * n_pairs, n_y):
            xw = 0.0
            for k in range(n_y):
                xw += cells[at + k]
            if xw > 0.0:
                s += _expected(tables, zero, margin, zero, n_y, xw, n)
        out[i] = s / n if n > 0.0 else np.nan


@kernel
def joint_entropies(counts, x, y, n_y, scratch, out):
    """``H(x, w, y)`` of each column."""
    cells = scratch[0]
    for i in range(x.shape[0]):
        n = open_table(counts, x, i, y, np.int64(0), cells, scratch[1], scratch[2])
        s = 0.0
        for k in range(x[i, 2] * y[0, 2]):
            p = cells[k] / n
            s -= p * log64(p) if p > 0.0 else 0.0
        s = s if s > 0.0 else 0.0
        out[i] = s if n > 0.0 else np.nan


@kernel
def conditional_matrix(counts, x, y, n_y, scratch, out):
    """
    ``I(x; y | w)`` of each column of x with each column of pairs ``(w, y)``.

    `n_y` (int64) has the number of levels of y for each column of pairs, in which y varies fastest.
    """
    cells = scratch[0]
    pairs = scratch[2]
    for i in range(x.shape[0]):
        for j in range(y.shape[0]):
            n = open_table(counts, x, i, y, j, cells, scratch[1], pairs)
            levels = np.uint64(n_y[j])
            s = 0.0
            error = 0.0
            at = np.uint64(0)
            for _ in range(x[i, 2]):
                for first in range(np.uint64(0), np.uint64(y[j, 2]), levels):
                    xw = 0.0
                    w = 0.0
                    for k in range(levels):
                        xw += cells[at + k]
                        w += pairs[first + k]
                    for k in range(levels):
                        c = cells[at + k]
                        if c > 0.0:
                            # Equal products are rounded equally: independent counts give 0.
                            term = c * log64((c * w) / (xw * pairs[first + k]))
                            error += lost_in_sum(s, term)
                            s += term
                    at += levels
            s = (s + error) / n if s + error > 0.0 else 0.0
            out[i, j] = s if n > 0.0 else np.nan
