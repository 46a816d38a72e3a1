"""Exponentials by their sum, and the logarithms of those.

Where the elements of a sum are at hand together, each is read from memory once: the exponentials of
a part are stored over the part's own maximum, and scaled when the sum is known. Else the sums come
from :mod:`fastinfo.kernels.reductions`, and the elements are read again.

Contract: inputs and outputs are C-contiguous, of one dtype, float32 or float64, and do not overlap.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import REASSOCIATE, kernel
from fastinfo.kernels.reductions import greatest, log_sum, matrix_sums, row_sums, unscale
from fastinfo.kernels.scalar import exp64, exp_scaled

__all__ = [
    "log_softmax_columns",
    "log_softmax_rows",
    "scale_columns",
    "scale_rows",
    "softmax_columns",
    "softmax_rows",
    "subtract_columns",
    "subtract_rows",
]

_BLOCK = 512  # elements of a row whose exponentials are stored over one maximum
_SHORT = 64  # elements of a row that is turned
_CACHED = 8192  # elements that are dealt with while they are in cache
_ROWS = 16  # terms of a column that are summed in the dtype of the input
_LANES = 512  # columns that are dealt with side by side
_FAR = 50.0  # distance of maxima from which exponentials are computed anew


@kernel(fastmath=REASSOCIATE, inline=True)
def _store(x, reference, out):  # type: ignore[no-untyped-def]
    """Store scaled exponentials, and sum them."""
    s = x.dtype.type(0.0)
    for j in range(out.size):
        e = exp_scaled(x[j] - reference)
        out[j] = e
        s += e
    return np.float64(s)


@kernel(inline=True)
def _softmax_row(x, out, tops):  # type: ignore[no-untyped-def]
    zero = x.dtype.type(0.0)
    m = -np.inf
    total = 0.0
    error = 0.0
    for start in range(0, x.size, _BLOCK):
        part = x[start : start + _BLOCK]
        top = greatest(part)
        s = _store(part, top if top > -np.inf else zero, out[start : start + _BLOCK])
        tops[start // _BLOCK] = top
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
    scale = unscale(zero) / (total * unscale(zero)) if m < np.inf else np.nan
    for start in range(0, x.size, _BLOCK):
        to = out[start : start + _BLOCK]
        top = np.float64(tops[start // _BLOCK])
        if m - top > _FAR and top > -np.inf:  # the product would lose what is nearly 0
            _store(x[start : start + _BLOCK], x.dtype.type(m), to)
            top = m
        factor = x.dtype.type(scale * exp64(top - m) if top < m else scale)
        for j in range(to.size):
            to[j] *= factor


@kernel
def softmax_rows(x, out):  # type: ignore[no-untyped-def]
    """``exp(x) / sum(exp(x))`` of each row."""
    rows, n = x.shape
    turned = 0
    if 0 < n <= _SHORT:
        lanes = 64 if n > 16 else 256
        turned = rows // lanes * lanes
        tile = np.empty((n, lanes), x.dtype)
        results = np.empty((n, lanes), x.dtype)  # apart: in place it would be no SIMD loop
        best = np.empty(lanes, x.dtype)
        part = np.empty(lanes, x.dtype)
        sums = np.empty((2, lanes))
        for start in range(0, turned, lanes):
            rows_here = x[start : start + lanes]
            for j in range(n):
                column = tile[j]
                for i in range(lanes):
                    column[i] = rows_here[i, j]
            _softmax_lanes(tile, results, 0, lanes, best, part, sums)
            to = out[start : start + lanes]
            for i in range(lanes):
                for j in range(n):
                    to[i, j] = results[j, i]
    tops = np.empty(n // _BLOCK + 1, x.dtype)
    for i in range(turned, rows):
        _softmax_row(x[i], out[i], tops)


@kernel(inline=True)
def _softmax_lanes(x, out, left, right, best, part, sums):  # type: ignore[no-untyped-def]
    """Softmax of the columns of a matrix from `left` to `right`."""
    zero = x.dtype.type(0.0)
    total = sums[0]
    error = sums[1]
    top = x[0, left:right]
    for j in range(top.size):
        best[j] = top[j]
        total[j] = 0.0
        error[j] = 0.0
    for i in range(1, x.shape[0]):
        row = x[i, left:right]
        for j in range(row.size):
            best[j] = row[j] if row[j] > best[j] else best[j]
    for first in range(0, x.shape[0], _ROWS):
        for j in range(part.size):
            part[j] = zero
        for i in range(first, min(first + _ROWS, x.shape[0])):
            row = x[i, left:right]
            to = out[i, left:right]
            for j in range(row.size):
                e = exp_scaled(row[j] - best[j])
                to[j] = e
                part[j] += e
        for j in range(part.size):
            s = np.float64(part[j])
            t = total[j] + s
            error[j] += (total[j] - t) + s if total[j] >= s else (s - t) + total[j]
            total[j] = t
    for j in range(part.size):
        part[j] = x.dtype.type(1.0 / (total[j] + error[j]))
    for i in range(x.shape[0]):
        to = out[i, left:right]
        for j in range(to.size):
            to[j] *= part[j]


@kernel
def softmax_columns(x, out):  # type: ignore[no-untyped-def]
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


@kernel
def log_softmax_rows(x, out):  # type: ignore[no-untyped-def]
    """``x - log(sum(exp(x)))`` of each row."""
    rows, n = x.shape
    step = max(_CACHED // max(n, 1) // 256 * 256, 256) if n <= _SHORT else 1
    m = np.empty(step)
    count = np.empty(step)
    rest = np.empty(step)
    for start in range(0, rows, step):
        part = x[start : start + step]
        size = part.shape[0]
        row_sums(part, m[:size], count[:size], rest[:size])
        subtract_rows(part, m[:size], count[:size], rest[:size], out[start : start + step])


@kernel
def log_softmax_columns(x, out):  # type: ignore[no-untyped-def]
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
            _logarithms(m[:size], count[:size], rest[:size], reference, logarithm, zero)
            for k in range(n):
                row = x[i, k, left:right]
                to = out[i, k, left:right]
                for j in range(size):
                    to[j] = (row[j] - reference[j]) - logarithm[j]


@kernel(inline=True)
def _scales(m, count, rest, reference, scale, zero):  # type: ignore[no-untyped-def]
    """What softmax subtracts from each column or row, and multiplies its exponentials by."""
    back = unscale(zero)
    for j in range(m.size):
        reference[j] = m[j]
        scale[j] = back / (count[j] + rest[j]) if m[j] < np.inf else np.nan


@kernel
def scale_columns(x, m, count, rest, out):  # type: ignore[no-untyped-def]
    """Softmax over the middle one of three axes, from its sums."""
    reference = np.empty(x.shape[2], x.dtype)
    scale = np.empty(x.shape[2], x.dtype)
    for i in range(x.shape[0]):
        _scales(m[i], count[i], rest[i], reference, scale, x.dtype.type(0.0))
        for k in range(x.shape[1]):
            row = x[i, k]
            to = out[i, k]
            for j in range(row.size):
                to[j] = exp_scaled(row[j] - reference[j]) * scale[j]


@kernel
def scale_rows(x, m, count, rest, out):  # type: ignore[no-untyped-def]
    """Softmax of each row, from its sums."""
    reference = np.empty(m.size, x.dtype)
    scale = np.empty(m.size, x.dtype)
    _scales(m, count, rest, reference, scale, x.dtype.type(0.0))
    rows, n = x.shape
    if n > _SHORT:
        for i in range(rows):
            row = x[i]
            to = out[i]
            a = reference[i]
            b = scale[i]
            for j in range(n):
                to[j] = exp_scaled(row[j] - a) * b
        return
    step = max(2048 // max(n, 1), 1)
    for start in range(0, rows, step):  # short rows: the exponentials of many in one loop
        part = x[start : start + step]
        to2 = out[start : start + step]
        for i in range(part.shape[0]):
            for j in range(n):
                to2[i, j] = part[i, j] - reference[start + i]
        flat = to2.reshape(-1)
        for k in range(flat.size):
            flat[k] = exp_scaled(flat[k])
        for i in range(part.shape[0]):
            for j in range(n):
                to2[i, j] *= scale[start + i]


@kernel(inline=True)
def _logarithms(m, count, rest, reference, logarithm, zero):  # type: ignore[no-untyped-def]
    """What log_softmax subtracts: the maximum, where it is finite, and the logarithm of the sum."""
    for j in range(m.size):
        finite = abs(m[j]) < np.inf
        value = log_sum(count[j], rest[j])
        reference[j] = m[j] if finite else zero
        logarithm[j] = value if finite or value != value else m[j]


@kernel
def subtract_columns(x, m, count, rest, out):  # type: ignore[no-untyped-def]
    """Its logarithm over the middle one of three axes, from its sums."""
    reference = np.empty(x.shape[2], x.dtype)
    logarithm = np.empty(x.shape[2], x.dtype)
    for i in range(x.shape[0]):
        _logarithms(m[i], count[i], rest[i], reference, logarithm, x.dtype.type(0.0))
        for k in range(x.shape[1]):
            row = x[i, k]
            to = out[i, k]
            for j in range(row.size):
                to[j] = (row[j] - reference[j]) - logarithm[j]


@kernel
def subtract_rows(x, m, count, rest, out):  # type: ignore[no-untyped-def]
    """Its logarithm of each row, from its sums."""
    reference = np.empty(m.size, x.dtype)
    logarithm = np.empty(m.size, x.dtype)
    _logarithms(m, count, rest, reference, logarithm, x.dtype.type(0.0))
    for i in range(x.shape[0]):
        row = x[i]
        to = out[i]
        a = reference[i]
        b = logarithm[i]
        for j in range(row.size):
            to[j] = (row[j] - a) - b
