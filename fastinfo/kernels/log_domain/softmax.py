"""Exponentials by their sum, and the logarithms of those.

Where the elements of a sum are at hand together, each is read from memory once: the exponentials of
a part are stored over the part's own maximum, and scaled when the sum is known. Else the elements
are read again: :mod:`fastinfo.kernels.log_domain.softmax_parts`.

Contract: inputs and outputs are C-contiguous, of one dtype, float32 or float64, and do not overlap.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.scalar import exp64
from fastinfo.kernels.log_domain.exponentials import (
    UNSCALE,
    exp_difference,
    greatest,
    lowest_order,
    number_of,
    order_of,
)
from fastinfo.kernels.log_domain.row_sums import (
    MIDDLE,
    SHORT,
    long_row_sums,
    middle_row_sums,
    short_row_sums,
)
from fastinfo.kernels.log_domain.softmax_parts import logarithms, subtract_rows
from fastinfo.kernels.log_domain.sums import lane_maxima, matrix_sums

_BLOCK = 512  # elements of a row whose exponentials are stored over one maximum
_CACHED = 8192  # elements that are dealt with while they are in cache
_TURNED = 256  # rows that are turned at a time
_ROWS = 16  # terms of a column that are summed in the dtype of the input
_LANES = 512  # columns that are dealt with side by side
_FAR = 50.0  # distance of maxima from which exponentials are computed anew


@kernel(fastmath=REASSOCIATE, inline=True)
def _store(x, reference, out):
    """Store scaled exponentials, and sum them."""
    s = x.dtype.type(0.0)
    for j in range(out.size):
        e = exp_difference(x[j], reference)
        out[j] = e
        s += e
    return np.float64(s)


@kernel(fastmath=REASSOCIATE, inline=True)
def _store_looking_ahead(x, reference, out, ahead):
    """Store scaled exponentials, sum them, and find the next maximum: memory is read meanwhile."""
    s = x.dtype.type(0.0)
    best = lowest_order(s)
    for j in range(out.size):
        e = exp_difference(x[j], reference)
        out[j] = e
        s += e
        best = max(best, order_of(ahead[j]))
    return np.float64(s), number_of(x.dtype.type(0.0), best)


@kernel(inline=True)
def _scale(out, factor):
    for j in range(out.size):
        out[j] *= factor


@kernel
def _long_row(x, out, tops):
    """A row of many blocks."""
    zero = x.dtype.type(0.0)
    m = -np.inf
    total = 0.0
    error = 0.0
    for start in range(0, x.size, _BLOCK):
        part = x[start : start + _BLOCK]
        top = greatest(part)
        tops[start // _BLOCK] = top
        s = _store(part, top if top > -np.inf else zero, out[start : start + _BLOCK])
        if top > m:
            e = exp64(m - top)
            total *= e
            error *= e
            m = np.float64(top)
        elif top > -np.inf:
            s *= exp64(top - m)
        t = total + s
        error += (total - t) + s if total >= s else (s - t) + total
        total = t
    total = total + error if total < np.inf else total
    # Over 2**64 like the exponentials themselves.
    scale = UNSCALE / (total * UNSCALE) if m < np.inf else np.nan
    for start in range(0, x.size, _BLOCK):
        to = out[start : start + _BLOCK]
        high = np.float64(tops[start // _BLOCK])
        if m - high > _FAR and high > -np.inf:  # the product would lose what is nearly 0
            _store(x[start : start + _BLOCK], x.dtype.type(m), to)
            high = np.float64(m)
        _scale(to, x.dtype.type(scale * exp64(high - m) if high < m else scale))


@kernel
def middle_softmax_rows(x, out):
    """Rows of one block."""
    rows = x.shape[0]
    one = x.dtype.type(1.0)
    top = one
    if rows:
        top = greatest(x[0])
    for i in range(rows):
        finite = abs(top) < np.inf
        s, top = _store_looking_ahead(x[i], top, out[i], x[min(i + 1, rows - 1)])
        _scale(out[i], x.dtype.type(one / s) if finite else x.dtype.type(np.nan))


@kernel
def short_softmax_rows(x, out):
    """Rows that are turned."""
    rows, n = x.shape
    tile = np.empty((n, _TURNED), x.dtype)
    results = np.empty((n, _TURNED), x.dtype)  # apart: in place it would be no SIMD loop
    best = np.empty(_TURNED, x.dtype)
    part = np.empty(_TURNED, x.dtype)
    sums = np.empty((2, _TURNED))
    for start in range(0, rows, _TURNED):
        here = x[start : start + _TURNED]
        to = out[start : start + _TURNED]
        size = here.shape[0]
        for j in range(n):
            column = tile[j]
            for i in range(size):
                column[i] = here[i, j]
        _softmax_lanes(tile, results, 0, size, best[:size], part[:size], sums[:, :size])
        for i in range(size):
            for j in range(n):
                to[i, j] = results[j, i]


@kernel
def long_softmax_rows(x, out):
    """Rows of any length."""
    tops = np.empty(x.shape[1] // _BLOCK + 1, x.dtype)
    for i in range(x.shape[0]):
        _long_row(x[i], out[i], tops)


@kernel
def softmax_rows(x, out):
    """``exp(x) / sum(exp(x))`` of each row, whatever the rows are."""
    if x.shape[1] <= SHORT:
        short_softmax_rows(x, out)
    elif x.shape[1] <= MIDDLE:
        middle_softmax_rows(x, out)
    else:
        long_softmax_rows(x, out)


@kernel(inline=True)
def _store_four(a, b, c, d, best, part, to_a, to_b, to_c, to_d):
    """Store the exponentials of four rows, and add them up: one access to each sum."""
    for j in range(part.size):
        top = best[j]
        e = exp_difference(a[j], top)
        f = exp_difference(b[j], top)
        g = exp_difference(c[j], top)
        h = exp_difference(d[j], top)
        to_a[j] = e
        to_b[j] = f
        to_c[j] = g
        to_d[j] = h
        part[j] += (e + f) + (g + h)


@kernel(inline=True)
def _softmax_lanes(x, out, left, right, best, part, sums):
    """Softmax of the columns of a matrix from `left` to `right`."""
    zero = x.dtype.type(0.0)
    total = sums[0]
    error = sums[1]
    lane_maxima(x, 0, x.shape[0], left, right, best)
    for j in range(part.size):
        total[j] = 0.0
        error[j] = 0.0
    for first in range(0, x.shape[0], _ROWS):
        for j in range(part.size):
            part[j] = zero
        last = min(first + _ROWS, x.shape[0])
        whole = first + (last - first) // 4 * 4
        for i in range(first, whole, 4):
            _store_four(
                x[i, left:right],
                x[i + 1, left:right],
                x[i + 2, left:right],
                x[i + 3, left:right],
                best,
                part,
                out[i, left:right],
                out[i + 1, left:right],
                out[i + 2, left:right],
                out[i + 3, left:right],
            )
        for i in range(whole, last):
            row = x[i, left:right]
            to = out[i, left:right]
            for j in range(row.size):
                e = exp_difference(row[j], best[j])
                to[j] = e
                part[j] += e
        for j in range(part.size):
            s = np.float64(part[j])
            t = total[j] + s
            error[j] += (total[j] - t) + s if total[j] >= s else (s - t) + total[j]
            total[j] = t
    for j in range(part.size):
        finite = abs(best[j]) < np.inf
        part[j] = x.dtype.type(1.0 / (total[j] + error[j]) if finite else np.nan)
    for i in range(x.shape[0]):
        to = out[i, left:right]
        for j in range(to.size):
            to[j] *= part[j]


@kernel
def softmax_columns(x, out):
    """``exp(x) / sum(exp(x))`` over the middle one of three axes."""
    n, width = x.shape[1:]
    lanes = min(max(4 * _CACHED // n, 64), _LANES)
    best = np.empty(lanes, x.dtype)
    part = np.empty(lanes, x.dtype)
    sums = np.empty((2, lanes))
    for i in range(x.shape[0]):
        for left in range(0, width, lanes):
            right = min(left + lanes, width)
            size = right - left
            _softmax_lanes(x[i], out[i], left, right, best[:size], part[:size], sums[:, :size])


@kernel(inline=True)
def _log_softmax_rows(sum_rows, x, out):
    rows, n = x.shape
    step = max(_CACHED // max(n, 1), 1)
    m = np.empty(step)
    count = np.empty(step)
    rest = np.empty(step)
    for start in range(0, rows, step):
        part = x[start : start + step]
        size = part.shape[0]
        sum_rows(part, 0, size, m[:size], count[:size], rest[:size])
        subtract_rows(part, m[:size], count[:size], rest[:size], out[start : start + step])


@kernel
def short_log_softmax_rows(x, out):
    """Rows that are turned."""
    _log_softmax_rows(short_row_sums, x, out)


@kernel
def middle_log_softmax_rows(x, out):
    """Rows that need no merging."""
    _log_softmax_rows(middle_row_sums, x, out)


@kernel
def long_log_softmax_rows(x, out):
    """Rows of any length."""
    _log_softmax_rows(long_row_sums, x, out)


@kernel
def log_softmax_rows(x, out):
    """``x - log(sum(exp(x)))`` of each row, whatever the rows are."""
    if x.shape[1] <= SHORT:
        short_log_softmax_rows(x, out)
    elif x.shape[1] <= MIDDLE:
        middle_log_softmax_rows(x, out)
    else:
        long_log_softmax_rows(x, out)


@kernel
def log_softmax_columns(x, out):
    """``x - log(sum(exp(x)))`` over the middle one of three axes."""
    n, width = x.shape[1:]
    zero = x.dtype.type(0.0)
    lanes = min(max(4 * _CACHED // n, 64), _LANES)
    m = np.empty(lanes)
    count = np.empty(lanes)
    rest = np.empty(lanes)
    reference = np.empty(lanes, x.dtype)
    logarithm = np.empty(lanes, x.dtype)
    for i in range(x.shape[0]):
        for left in range(0, width, lanes):
            right = min(left + lanes, width)
            size = right - left
            m[:] = -np.inf
            count[:] = 0.0
            rest[:] = 0.0
            matrix_sums(x[i], left, right, 16, m[:size], count[:size], rest[:size])
            logarithms(m[:size], count[:size], rest[:size], reference, logarithm, zero)
            for k in range(n):
                row = x[i, k, left:right]
                to = out[i, k, left:right]
                for j in range(size):
                    to[j] = (row[j] - reference[j]) - logarithm[j]
