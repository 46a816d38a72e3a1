"""Softmax and its logarithm.

If the elements of a sum lie together, each is read from memory once: the exponentials of a part are
stored relative to the maximum of that part, and are scaled when the whole sum is known. Otherwise
the elements are read a second time: see :mod:`fastinfo.kernels.log_domain.softmax_parts`.

What the kernels expect: inputs and outputs are C-contiguous, have the same dtype, float32 or
float64, and do not overlap.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, by_dtype, kernel
from fastinfo.kernels.elementary.memory import as_vector, new_array
from fastinfo.kernels.elementary.scalar import exp64
from fastinfo.kernels.log_domain.anchored_sums import plain_row_sums
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
    start_sums,
    turn,
)
from fastinfo.kernels.log_domain.softmax_parts import logarithms, subtract
from fastinfo.kernels.log_domain.sums import lane_maxima, matrix_sums

_BLOCK = 512  # elements of a row whose exponentials are stored relative to one maximum
_CACHED = 8192  # elements that are processed while they are in the cache
_AT_ONCE = 1024  # elements of rows whose logarithms are subtracted together
_TURNED = 256  # rows that are transposed at a time
_ROWS = 16  # terms of a column that are summed in the dtype of the input
_LANES = 512  # columns that are processed side by side
_FAR = 50.0  # if maxima are farther apart than this, exponentials are computed again
_FAR32 = 20.0  # for float32, where the factor of a block would soon be subnormal


@kernel(fastmath=REASSOCIATE, inline=True)
def _store(x, start, stop, reference, out):
    """Store scaled exponentials, and return their sum."""
    s = x.dtype.type(0.0)
    for j in range(np.uint64(start), np.uint64(stop)):
        e = exp_difference(x[j], reference)
        out[j] = e
        s += e
    return np.float64(s)


@kernel(fastmath=REASSOCIATE, inline=True)
def _store_looking_ahead(x, start, stop, reference, out, ahead):
    """
    Store scaled exponentials; return their sum and the maximum of the next row.

    Looking for the maximum reads the next row from memory while exponentials are computed.
    """
    s = x.dtype.type(0.0)
    best = lowest_order(s)
    distance = np.uint64(ahead - start)
    for j in range(np.uint64(start), np.uint64(stop)):
        e = exp_difference(x[j], reference)
        out[j] = e
        s += e
        order = order_of(x[j + distance])
        best = order if order > best else best
    return np.float64(s), number_of(x.dtype.type(0.0), best)


@kernel(inline=True)
def _scale(out, start, stop, factor):
    """Multiply the elements from `start` up to `stop` by a factor."""
    for j in range(np.uint64(start), np.uint64(stop)):
        out[j] *= factor


@kernel(inline=True)
def _long_row(x, begin, end, out, tops):
    """Softmax of a row of many blocks."""
    zero = x.dtype.type(0.0)
    far = _FAR32 if x.itemsize == 4 else _FAR
    m = -np.inf
    total = 0.0
    error = 0.0
    for start in range(begin, end, _BLOCK):
        stop = start + _BLOCK if start + _BLOCK < end else end
        top = greatest(x, start, stop)
        tops[(start - begin) // _BLOCK] = top
        s = _store(x, start, stop, top if top > -np.inf else zero, out)
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
    # Divided by 2**64, like the exponentials themselves.
    scale = UNSCALE / (total * UNSCALE) if m < np.inf else np.nan
    for start in range(begin, end, _BLOCK):
        stop = start + _BLOCK if start + _BLOCK < end else end
        high = np.float64(tops[(start - begin) // _BLOCK])
        if m - high > far and high > -np.inf:  # small results would lose digits in the product
            _store(x, start, stop, x.dtype.type(m), out)
            high = np.float64(m)
        _scale(out, start, stop, x.dtype.type(scale * exp64(high - m) if high < m else scale))


@kernel
def middle_softmax_rows(x, out):
    """Softmax of each row, for rows of one block."""
    rows, n = x.shape
    numbers = as_vector(x)
    results = as_vector(out)
    one = x.dtype.type(1.0)
    top = one
    if rows:
        top = greatest(numbers, 0, n)
    for i in range(rows):
        finite = (top > -np.inf) & (top < np.inf)
        begin = i * n
        ahead = begin + n if i + 1 < rows else begin
        s, top = _store_looking_ahead(numbers, begin, begin + n, top, results, ahead)
        _scale(results, begin, begin + n, x.dtype.type(one / s) if finite else x.dtype.type(np.nan))


@kernel
def short_softmax_rows(x, out):
    """Softmax of each row, for short rows, which are transposed."""
    rows, n = x.shape
    numbers = as_vector(x)
    into = as_vector(out)
    tile = new_array(n * _TURNED, x.dtype)
    results = new_array(n * _TURNED, x.dtype)  # not in place, which would prevent SIMD code
    best = new_array(_TURNED, x.dtype)
    part = new_array(_TURNED, x.dtype)
    total = new_array(_TURNED, np.float64)
    error = new_array(_TURNED, np.float64)
    for start in range(0, rows, _TURNED):
        size = rows - start if rows - start < _TURNED else _TURNED
        turn(numbers, start * n, n, size, tile, _TURNED)
        _softmax_lanes(tile, results, 0, _TURNED, n, size, best, part, total, error)
        place = np.uint64(start * n)
        for i in range(np.uint64(size)):
            for j in range(np.uint64(n)):
                into[place + i * np.uint64(n) + j] = results[j * np.uint64(_TURNED) + i]


@kernel
def long_softmax_rows(x, out):
    """Softmax of each row, for rows of any length."""
    rows, n = x.shape
    numbers = as_vector(x)
    results = as_vector(out)
    tops = new_array(n // _BLOCK + 1, x.dtype)
    for i in range(rows):
        _long_row(numbers, i * n, i * n + n, results, tops)


@kernel
def softmax_rows(x, out):
    """Write the softmax of each row of `x`, ``exp(x) / sum(exp(x))``, to `out`."""
    if x.shape[1] <= SHORT:
        short_softmax_rows(x, out)
    elif x.shape[1] <= MIDDLE:
        middle_softmax_rows(x, out)
    else:
        long_softmax_rows(x, out)


@kernel(inline=True)
def _softmax_lanes(x, out, origin, stride, rows, size, best, part, total, error):
    """Softmax of some columns; rows of `x` and `out` begin at `origin` and are `stride` apart."""
    zero = x.dtype.type(0.0)
    lane_maxima(x, origin, stride, rows, size, best)
    for j in range(size):
        total[j] = 0.0
        error[j] = 0.0
    for first in range(0, rows, _ROWS):
        for j in range(size):
            part[j] = zero
        last = first + _ROWS if first + _ROWS < rows else rows
        whole = first + (last - first) // 4 * 4
        for i in range(first, whole, 4):  # four rows per access to a sum; rounds less, too
            a = np.uint64(origin + i * stride)
            b = a + np.uint64(stride)
            c = b + np.uint64(stride)
            d = c + np.uint64(stride)
            for j in range(np.uint64(size)):
                top = best[j]
                e = exp_difference(x[a + j], top)
                f = exp_difference(x[b + j], top)
                g = exp_difference(x[c + j], top)
                h = exp_difference(x[d + j], top)
                out[a + j] = e
                out[b + j] = f
                out[c + j] = g
                out[d + j] = h
                part[j] += (e + f) + (g + h)
        for i in range(whole, last):
            a = np.uint64(origin + i * stride)
            for j in range(np.uint64(size)):
                e = exp_difference(x[a + j], best[j])
                out[a + j] = e
                part[j] += e
        for j in range(size):
            s = np.float64(part[j])
            t = total[j] + s
            error[j] += (total[j] - t) + s if total[j] >= s else (s - t) + total[j]
            total[j] = t
    for j in range(size):
        finite = (best[j] > -np.inf) & (best[j] < np.inf)
        part[j] = x.dtype.type(1.0 / (total[j] + error[j]) if finite else np.nan)
    for i in range(rows):
        row = np.uint64(origin + i * stride)
        for j in range(np.uint64(size)):
            out[row + j] *= part[j]


@kernel(inline=True)
def _lanes(n):
    """The number of columns that are processed side by side."""
    lanes = 4 * _CACHED // n
    lanes = lanes if lanes > 64 else 64
    return lanes if lanes < _LANES else _LANES


@kernel
def softmax_columns(x, out):
    """Softmax along the middle one of three axes."""
    outer, n, width = x.shape
    numbers = as_vector(x)
    results = as_vector(out)
    lanes = _lanes(n)
    best = new_array(lanes, x.dtype)
    part = new_array(lanes, x.dtype)
    total = new_array(lanes, np.float64)
    error = new_array(lanes, np.float64)
    for i in range(outer):
        for left in range(0, width, lanes):
            size = width - left if width - left < lanes else lanes
            corner = i * n * width + left
            _softmax_lanes(numbers, results, corner, width, n, size, best, part, total, error)


@kernel(inline=True)
def _log_softmax_rows(sum_rows, x, out):
    """Logarithm of softmax of each row; `sum_rows` computes the sums."""
    rows, n = x.shape
    numbers = as_vector(x)
    results = as_vector(out)
    step = _AT_ONCE // (n if n > 1 else 1)
    step = step if step > 1 else 1
    m = new_array(step, np.float64)
    count = new_array(step, np.float64)
    rest = new_array(step, np.float64)
    reference = new_array(step, x.dtype)
    logarithm = new_array(step, x.dtype)
    for start in range(0, rows, step):
        stop = start + step if start + step < rows else rows
        sum_rows(x, start, stop, m, count, rest)
        logarithms(m, count, rest, 0, stop - start, reference, logarithm)
        subtract(numbers, start, stop, n, reference, logarithm, results)


@kernel
def short_log_softmax_rows(x, out):
    """Logarithm of softmax of each row, for short rows, which are transposed."""
    _log_softmax_rows(short_row_sums, x, out)


_middle_sums_of = by_dtype(float32=middle_row_sums, float64=plain_row_sums)


@kernel(inline=True)
def _middle_sums(x, start, stop, m, count, rest):
    """Sums of rows of one block, by the kernel for their dtype."""
    _middle_sums_of(x, start, stop, m, count, rest)


@kernel
def middle_log_softmax_rows(x, out):
    """Logarithm of softmax of each row, for rows of one block."""
    _log_softmax_rows(_middle_sums, x, out)


@kernel
def long_log_softmax_rows(x, out):
    """Logarithm of softmax of each row, for rows of any length."""
    _log_softmax_rows(long_row_sums, x, out)


@kernel
def log_softmax_rows(x, out):
    """Write ``x - log(sum(exp(x)))`` of each row of `x`, the logarithm of softmax, to `out`."""
    if x.shape[1] <= SHORT:
        short_log_softmax_rows(x, out)
    elif x.shape[1] <= MIDDLE:
        middle_log_softmax_rows(x, out)
    else:
        long_log_softmax_rows(x, out)


@kernel
def log_softmax_columns(x, out):
    """Logarithm of softmax along the middle one of three axes."""
    outer, n, width = x.shape
    numbers = as_vector(x)
    results = as_vector(out)
    lanes = _lanes(n)
    m = new_array(lanes, np.float64)
    count = new_array(lanes, np.float64)
    rest = new_array(lanes, np.float64)
    reference = new_array(lanes, x.dtype)
    logarithm = new_array(lanes, x.dtype)
    for i in range(outer):
        origin = i * n * width
        for left in range(0, width, lanes):
            right = left + lanes if left + lanes < width else width
            size = right - left
            start_sums(m, count, rest)
            matrix_sums(numbers, origin, width, n, left, right, m, count, rest, 0)
            logarithms(m, count, rest, 0, size, reference, logarithm)
            for k in range(n):
                row = np.uint64(origin + k * width + left)
                for j in range(np.uint64(size)):
                    results[row + j] = (numbers[row + j] - reference[j]) - logarithm[j]
