"""Sums of exponentials along columns, and how partial sums are merged.

So that nothing is lost to rounding, every sum of exponentials is kept as three numbers: the largest
element ``m``, the number of elements that equal it, ``count``, and the sum of the exponentials of
all others divided by ``exp(m)``, ``rest``. Then ``log(sum(exp(x))) = m + log(count) + log1p(rest /
count)``. Sums of parts are merged by :func:`merge`. For each part, the maximum is found first, and
the exponentials are summed while the part is in the cache. So memory is read once, as in the online
algorithm of Milakov & Gimelshein (2018), Online normalizer calculation for softmax,
https://doi.org/10.48550/arXiv.1805.02867.

What the kernels expect: inputs are C-contiguous float32 or float64; m, count and rest are float64.
Exponentials of float32 are computed in float32 and summed in float64.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import as_vector, new_array
from fastinfo.kernels.elementary.scalar import exp64, log1p, log64
from fastinfo.kernels.log_domain.exponentials import UNSCALE, exp_between, exp_difference

_ROWS = 16  # rows of a matrix that are summed in its dtype
_LANES = 512  # columns that are summed side by side
_FAR = 300.0  # if the maximum rises by more than this, the anchor of a sum is moved


@kernel(inline=True)
def merge_sums(anchor, m, count, rest, error, m2, count2, rest2):
    """
    Merge the sum of a part into a total.

    The `rest` of the total is relative to ``exp(anchor)``, and its rounding error is kept in
    `error` (Neumaier). If the total were scaled every time its maximum rises, it would lose a bit
    each time.
    """
    # The maximum of the first part is the anchor, until a much larger one makes the old terms tiny.
    move = m2 - anchor > _FAR
    old = anchor
    anchor = m2 if move else anchor
    shrink = exp64(old - anchor) if move else 1.0
    equal = m == m2
    above = m2 > m
    high = exp_between(m2 if above else m, anchor)
    low = exp_between(m if above else m2, anchor)
    high = 1.0 if (m2 if above else m) == anchor else high
    low = high if equal else low
    fewer = count if above else count2
    added = rest2 * (high if above else low) + (0.0 if equal | (fewer == 0.0) else fewer * low)
    kept = rest * shrink
    t = kept + added
    error = error * shrink
    error += (kept - t) + added if abs(kept) >= abs(added) else (added - t) + kept
    return (
        anchor,
        m2 if above else m,
        count + count2 if equal else (count2 if above else count),
        t,
        error,
    )


@kernel
def close_sum(anchor, m, rest, error):
    """The rest of a total, relative to ``exp(m)`` instead of ``exp(anchor)``."""
    whole = rest + error if abs(rest) < np.inf else rest
    return whole * exp_between(anchor, m) if anchor < m else whole


@kernel
def merge(anchor, m, count, rest, error, m2, count2, rest2):
    """Merge sums of parts into totals, element by element; :func:`close` completes the totals."""
    for i in range(m.size):
        anchor[i], m[i], count[i], rest[i], error[i] = merge_sums(
            anchor[i], m[i], count[i], rest[i], error[i], m2[i], count2[i], rest2[i]
        )


@kernel
def close(anchor, m, rest, error):
    """Make the rests of totals relative to ``exp(m)``."""
    for i in range(m.size):
        rest[i] = close_sum(anchor[i], m[i], rest[i], error[i])


@kernel(inline=True)
def log_sum(count, rest):
    """``log(count + rest)``, computed so that a small rest is not lost."""
    return log64(count) + log1p(rest / count)


@kernel
def finish(m, count, rest, out):
    """Write ``log(sum(exp(x)))`` of each sum to `out`: -inf for a sum of no elements."""
    for i in range(out.size):
        value = m[i] + log_sum(count[i], rest[i])
        out[i] = -np.inf if (count[i] == 0.0) & (rest[i] == 0.0) else value


@kernel(inline=True)
def lane_maxima(x, origin, stride, rows, size, best):
    """
    The largest element of each of `size` columns, leaving out NaN.

    The first of the rows begins at `origin` in the vector `x`, and each row begins `stride`
    elements after the previous one.
    """
    for j in range(size):
        best[j] = -np.inf
    whole = rows // 4 * 4
    step = np.uint64(stride)
    for i in range(0, whole, 4):  # four rows for each access to a maximum
        a = np.uint64(origin + i * stride)
        b = a + step
        c = b + step
        d = c + step
        for j in range(np.uint64(size)):
            e = x[a + j] if x[a + j] > x[b + j] else x[b + j]
            f = x[c + j] if x[c + j] > x[d + j] else x[d + j]
            e = e if e > f else f
            best[j] = e if e > best[j] else best[j]
    for i in range(whole, rows):
        a = np.uint64(origin + i * stride)
        for j in range(np.uint64(size)):
            v = x[a + j]
            best[j] = v if v > best[j] else best[j]


@kernel(inline=True)
def lane_terms(x, origin, stride, rows, size, best, count, rest):
    """
    Number of elements of each column that equal its maximum, and scaled sum of the others.

    The arguments are those of :func:`lane_maxima`.
    """
    zero = x.dtype.type(0.0)
    for j in range(size):
        count[j] = zero
        rest[j] = zero
    for i in range(rows):
        row = np.uint64(origin + i * stride)
        for j in range(np.uint64(size)):
            v = x[row + j]
            top = best[j]
            equal = v == top
            e = exp_difference(v, zero if top == -np.inf else top)
            count[j] += x.dtype.type(equal)
            rest[j] += zero if equal else e


@kernel
def matrix_sums(x, origin, stride, rows, start, end, m, count, rest, place):
    """
    Sums of the columns from `start` to `end`, merged into the sums that begin at `place`.

    The first of the rows begins at `origin` in the vector `x`, and each row begins `stride`
    elements after the previous one. A few rows at a time are summed in their own dtype.
    """
    best = new_array(_LANES, x.dtype)
    equal = new_array(_LANES, x.dtype)
    others = new_array(_LANES, x.dtype)
    error = new_array(_LANES, np.float64)
    anchor = new_array(_LANES, np.float64)
    for left in range(start, end, _LANES):
        size = end - left if end - left < _LANES else _LANES
        to = place + left - start
        for j in range(size):
            anchor[j] = m[to + j]
            error[j] = 0.0
        for first in range(0, rows, _ROWS):
            here = rows - first if rows - first < _ROWS else _ROWS
            corner = origin + first * stride + left
            lane_maxima(x, corner, stride, here, size, best)
            lane_terms(x, corner, stride, here, size, best, equal, others)
            for j in range(size):
                k = np.uint64(to + j)
                anchor[j], m[k], count[k], rest[k], error[j] = merge_sums(
                    anchor[j],
                    m[k],
                    count[k],
                    rest[k],
                    error[j],
                    np.float64(best[j]),
                    np.float64(equal[j]),
                    np.float64(others[j]) * UNSCALE,
                )
        for j in range(size):
            k = np.uint64(to + j)
            rest[k] = close_sum(anchor[j], m[k], rest[k], error[j])


@kernel
def _merge_lanes(fold, m2, count2, rest2, width, m, count, rest, place):
    """Merge the sums of rows that were summed side by side."""
    for j in range(width):
        anchor = m[place + j]
        high = anchor
        equal = count[place + j]
        others = rest[place + j]
        error = 0.0
        for k in range(j, fold * width, width):
            anchor, high, equal, others, error = merge_sums(
                anchor, high, equal, others, error, m2[k], count2[k], rest2[k]
            )
        m[place + j] = high
        count[place + j] = equal
        rest[place + j] = close_sum(anchor, high, others, error)


@kernel
def column_sums(x, m, count, rest):
    """Sums along the middle one of three axes, merged into `m`, `count` and `rest`."""
    outer, n, width = x.shape
    zero = np.int64(0)  # a literal would compile another signature
    numbers = as_vector(x)
    tops = as_vector(m)
    counts = as_vector(count)
    rests = as_vector(rest)
    fold = 16 if 16 * width <= _LANES else (8 if 8 * width <= _LANES else 1)
    # With few columns, several rows side by side fill the lanes; they are merged at the end.
    whole = n // fold * fold if fold > 1 and n >= 4 * fold else 0
    lanes = fold * width
    m2 = new_array(lanes, np.float64)
    count2 = new_array(lanes, np.float64)
    rest2 = new_array(lanes, np.float64)
    for i in range(outer):
        origin = i * n * width
        place = i * width
        if whole:
            for j in range(lanes):
                m2[j] = -np.inf
                count2[j] = 0.0
                rest2[j] = 0.0
            rows = whole // fold
            matrix_sums(numbers, origin, lanes, rows, zero, lanes, m2, count2, rest2, zero)
            _merge_lanes(fold, m2, count2, rest2, width, tops, counts, rests, place)
        left = origin + whole * width
        matrix_sums(numbers, left, width, n - whole, zero, width, tops, counts, rests, place)
