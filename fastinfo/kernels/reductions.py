"""Sums of exponentials along rows and columns.

Every sum of exponentials is kept as three numbers, so that nothing is lost to rounding: the
largest term ``m``, how many terms are equal to it, ``count``, and the sum of the others, ``rest``,
each over ``exp(m)``. Then ``log(sum(exp(x))) = m + log(count) + log1p(rest / count)``. Parts are
merged by :func:`merge`. In a part the maximum is found first and the exponentials are summed while
the part is in cache, which reads memory once, as the online algorithm does: Milakov & Gimelshein
(2018), Online normalizer calculation for softmax, https://doi.org/10.48550/arXiv.1805.02867.

Contract: inputs are C-contiguous float32 or float64; m, count and rest are float64. float32 is
computed in float32 and summed in float64.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import REASSOCIATE, by_dtype, kernel
from fastinfo.kernels.scalar import exp64, exp_scaled, log1p, log64

__all__ = [
    "column_sums",
    "finish",
    "greatest",
    "log_sum",
    "logsumexp",
    "matrix_sums",
    "merge",
    "row_sums",
    "unscale",
    "weighted_row_maxima",
    "weighted_row_sums",
]

_BLOCK = 512  # terms of a row that are summed in the dtype of the input
_ROWS = 16  # rows of a matrix that are
_LANES = 512  # columns that are summed side by side
_NARROW = 64  # elements of a row that is short

_SIGN = np.int64(63)
_MAGNITUDE = np.int64(0x7FFFFFFFFFFFFFFF)
_LEAST = np.int64(-(2**63))
_SIGN32 = np.int32(31)
_MAGNITUDE32 = np.int32(0x7FFFFFFF)
_LEAST32 = np.int32(-(2**31))


@kernel(inline=True)
def _unscale32(_):  # type: ignore[no-untyped-def]
    return 2.0**-30


@kernel(inline=True)
def _unscale64(_):  # type: ignore[no-untyped-def]
    return 2.0**-64


@kernel(inline=True)
def _greatest32(x):  # type: ignore[no-untyped-def]
    best = _LEAST32
    for i in range(x.size):
        bits = np.float32(x[i]).view(np.int32)
        best = max(best, np.int32(bits ^ np.int32(np.int32(bits >> _SIGN32) & _MAGNITUDE32)))
    return np.int32(best ^ np.int32(np.int32(best >> _SIGN32) & _MAGNITUDE32)).view(np.float32)


@kernel(inline=True)
def _greatest64(x):  # type: ignore[no-untyped-def]
    best = _LEAST
    for i in range(x.size):
        bits = np.float64(x[i]).view(np.int64)
        best = max(best, bits ^ ((bits >> _SIGN) & _MAGNITUDE))
    return np.int64(best ^ ((best >> _SIGN) & _MAGNITUDE)).view(np.float64)


#: What exponentials are scaled back by.
unscale = by_dtype(float32=_unscale32, float64=_unscale64)

#: Maximum of a vector, by integers in the order of floats: floats that may be NaN have no SIMD
#: maximum. A NaN comes out, or is left to the sum to pass on.
greatest = by_dtype(float32=_greatest32, float64=_greatest64)


@kernel(fastmath=REASSOCIATE, inline=True)
def _row_block(x):  # type: ignore[no-untyped-def]
    """Maximum, number of terms equal to it, and scaled sum of the other exponentials."""
    zero = x.dtype.type(0.0)
    m = greatest(x)
    reference = m if m > -np.inf or m != m else zero
    count = 0
    rest = zero
    for i in range(x.size):
        equal = x[i] == m
        count += equal
        rest += zero if equal else exp_scaled(x[i] - reference)
    return np.float64(m), np.float64(count), np.float64(rest) * unscale(zero)


@kernel(inline=True)
def _merge(m, count, rest, error, m2, count2, rest2):  # type: ignore[no-untyped-def]
    """Merge two sums; what is rounded off `rest` is kept in `error` (Neumaier)."""
    equal = m == m2
    above = m2 > m
    e = exp64(0.0 if equal else (m - m2 if above else m2 - m))
    kept = (count + rest) * e if above else rest
    added = rest2 if equal | above else (count2 + rest2) * e
    error = error * e if above else error
    t = kept + added
    error += (kept - t) + added if abs(kept) >= abs(added) else (added - t) + kept
    return (
        m2 if above else m,
        count + count2 if equal else (count2 if above else count),
        t,
        error,
    )


@kernel
def merge(m, count, rest, error, m2, count2, rest2):  # type: ignore[no-untyped-def]
    """Merge sums into `m`, `count` and `rest`, element by element; at the end add `error` to it."""
    for i in range(m.size):
        m[i], count[i], rest[i], error[i] = _merge(
            m[i], count[i], rest[i], error[i], m2[i], count2[i], rest2[i]
        )


@kernel(inline=True)
def log_sum(count, rest):  # type: ignore[no-untyped-def]
    """``log(count + rest)``, where a small rest is not lost."""
    return log64(count) + log1p(rest / count)


@kernel
def finish(m, count, rest, out):  # type: ignore[no-untyped-def]
    """``log(sum(exp(x)))`` of sums: -inf of nothing."""
    for i in range(out.size):
        value = m[i] + log_sum(count[i], rest[i])
        out[i] = -np.inf if (count[i] == 0.0) & (rest[i] == 0.0) else value


@kernel(inline=True)
def _row(x):  # type: ignore[no-untyped-def]
    m = -np.inf
    count = 0.0
    rest = 0.0
    error = 0.0
    for start in range(0, x.size, _BLOCK):
        m2, count2, rest2 = _row_block(x[start : start + _BLOCK])
        m, count, rest, error = _merge(m, count, rest, error, m2, count2, rest2)
    return m, count, rest + error if abs(rest) < np.inf else rest


@kernel
def logsumexp(x):  # type: ignore[no-untyped-def]
    """``log(sum(exp(x)))`` of a vector, in float64: -inf of an empty one."""
    m, count, rest = _row(x)
    if count == 0.0 and rest == 0.0:
        return -np.inf
    return m + log_sum(count, rest)


@kernel(inline=True)
def _lanes(x, first, last, left, right, best, count, rest):  # type: ignore[no-untyped-def]
    """Sums of the columns from `left` to `right` over rows from `first` to `last`."""
    zero = x.dtype.type(0.0)
    top = x[first, left:right]
    for j in range(top.size):  # an assignment of slices would compile an error message: seconds
        best[j] = top[j]
        count[j] = zero
        rest[j] = zero
    for i in range(first + 1, last):
        row = x[i, left:right]
        for j in range(row.size):
            best[j] = row[j] if row[j] > best[j] else best[j]
    for i in range(first, last):
        row = x[i, left:right]
        for j in range(row.size):
            equal = row[j] == best[j]
            reference = zero if best[j] == -np.inf else best[j]
            e = exp_scaled(row[j] - reference)
            count[j] += x.dtype.type(equal)
            rest[j] += zero if equal else e


@kernel
def matrix_sums(x, start, end, rows, m, count, rest):  # type: ignore[no-untyped-def]
    """
    Sums of the columns of a matrix from `start` to `end`, merged into the others.

    `rows` at a time are summed in the dtype of the matrix.
    """
    best = np.empty(_LANES, x.dtype)
    equal = np.empty(_LANES, x.dtype)
    others = np.empty(_LANES, x.dtype)
    error = np.empty(_LANES)
    back = unscale(x.dtype.type(0.0))
    for left in range(start, end, _LANES):
        right = min(left + _LANES, end)
        size = right - left
        m_part = m[left - start : right - start]
        count_part = count[left - start : right - start]
        rest_part = rest[left - start : right - start]
        error[:] = 0.0
        for first in range(0, x.shape[0], rows):
            last = min(first + rows, x.shape[0])
            _lanes(x, first, last, left, right, best[:size], equal[:size], others[:size])
            for j in range(size):
                m_part[j], count_part[j], rest_part[j], error[j] = _merge(
                    m_part[j],
                    count_part[j],
                    rest_part[j],
                    error[j],
                    np.float64(best[j]),
                    np.float64(equal[j]),
                    np.float64(others[j]) * back,
                )
        for j in range(size):
            rest_part[j] = rest_part[j] + error[j] if abs(rest_part[j]) < np.inf else rest_part[j]


@kernel
def column_sums(x, m, count, rest):  # type: ignore[no-untyped-def]
    """Sums over the middle one of three axes, merged into `m`, `count` and `rest` of the others."""
    outer, n, width = x.shape
    fold = 16 if 16 * width <= _LANES else (8 if 8 * width <= _LANES else 1)
    if fold == 1 or n < 4 * fold:
        for i in range(outer):
            matrix_sums(x[i], 0, width, _ROWS, m[i], count[i], rest[i])
        return
    # Few columns: as many rows side by side fill the lanes, and are merged at the end.
    whole = n // fold * fold
    m2 = np.empty((fold, width))
    count2 = np.empty((fold, width))
    rest2 = np.empty((fold, width))
    error = np.zeros((outer, width))
    for i in range(outer):
        m2[:] = -np.inf
        count2[:] = 0.0
        rest2[:] = 0.0
        folded = x[i, :whole].reshape(whole // fold, fold * width)
        matrix_sums(
            folded, 0, fold * width, _ROWS, m2.reshape(-1), count2.reshape(-1), rest2.reshape(-1)
        )
        for k in range(fold):
            merge(m[i], count[i], rest[i], error[i], m2[k], count2[k], rest2[k])
        matrix_sums(x[i, whole:], 0, width, _ROWS, m[i], count[i], rest[i])


@kernel
def row_sums(x, m, count, rest):  # type: ignore[no-untyped-def]
    """Sums of each row of a matrix, written to `m`, `count` and `rest`."""
    rows, n = x.shape
    turned = 0
    if 0 < n <= _NARROW:  # short rows: many are turned, to be summed side by side
        lanes = 64 if n > 16 else 256
        turned = rows // lanes * lanes
        tile = np.empty((n, lanes), x.dtype)
        m[:turned] = -np.inf
        count[:turned] = 0.0
        rest[:turned] = 0.0
        for start in range(0, turned, lanes):
            stop = start + lanes
            part = x[start:stop]
            for j in range(n):
                column = tile[j]
                for i in range(lanes):
                    column[i] = part[i, j]
            matrix_sums(tile, 0, lanes, n, m[start:stop], count[start:stop], rest[start:stop])
    for i in range(turned, rows):
        m[i], count[i], rest[i] = _row(x[i])


@kernel
def weighted_row_maxima(x, b, m):  # type: ignore[no-untyped-def]
    """Raise `m` to the greatest term of each row whose weight is not 0; NaN where one is NaN."""
    for i in range(m.size):
        best = m[i]
        for j in range(x.shape[1]):
            v = x[i, j]
            if b[i, j] != 0.0 and (v > best or v != v):
                best = v
        m[i] = best


@kernel
def weighted_row_sums(x, b, m, at_maximum, others):  # type: ignore[no-untyped-def]
    """
    Sums of ``b exp(x - m)`` of each row: of the weights at the maximum `m`, and of the other terms.

    Terms without weight add nothing, whatever they are.
    """
    for i in range(m.size):
        reference = m[i] if m[i] > -np.inf or m[i] != m[i] else 0.0
        at = 0.0
        rest = 0.0
        error = 0.0
        for j in range(x.shape[1]):
            v = x[i, j]
            w = b[i, j]
            if w != 0.0:
                if v == m[i]:
                    at += w
                else:
                    term = w * exp64(v - reference)
                    t = rest + term
                    error += (rest - t) + term if abs(rest) >= abs(term) else (term - t) + rest
                    rest = t
        at_maximum[i] = at
        others[i] = rest + error if abs(rest) < np.inf else rest
