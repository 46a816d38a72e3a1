"""Sums of exponentials along columns, and how sums are merged.

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

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import exp64, log1p, log64
from fastinfo.kernels.log_domain.exponentials import UNSCALE, exp_between, exp_difference

_ROWS = 16  # rows of a matrix that are summed in its dtype
_LANES = 512  # columns that are summed side by side
_FAR = 300.0  # rise of a maximum that moves the anchor of a sum


@kernel(inline=True)
def merge_sums(anchor, m, count, rest, error, m2, count2, rest2):
    """
    Merge the sum of a part into a total.

    The total's `rest` is over ``exp(anchor)``, and what is rounded off it is kept in `error`
    (Neumaier): a total that were scaled whenever its maximum rises would lose a bit each time.
    """
    # The first part is the anchor; a later one only where it is so far above that little is left.
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
    """The rest of a total over ``exp(m)``."""
    whole = rest + error if abs(rest) < np.inf else rest
    return whole * exp_between(anchor, m) if anchor < m else whole


@kernel
def merge(anchor, m, count, rest, error, m2, count2, rest2):
    """Merge sums of parts into totals, element by element; :func:`close` those in the end."""
    for i in range(m.size):
        anchor[i], m[i], count[i], rest[i], error[i] = merge_sums(
            anchor[i], m[i], count[i], rest[i], error[i], m2[i], count2[i], rest2[i]
        )


@kernel
def close(anchor, m, rest, error):
    """Bring the rests of totals over ``exp(m)``."""
    for i in range(m.size):
        rest[i] = close_sum(anchor[i], m[i], rest[i], error[i])


@kernel(inline=True)
def log_sum(count, rest):
    """``log(count + rest)``, where a small rest is not lost."""
    return log64(count) + log1p(rest / count)


@kernel
def finish(m, count, rest, out):
    """``log(sum(exp(x)))`` of sums: -inf of nothing."""
    for i in range(out.size):
        value = m[i] + log_sum(count[i], rest[i])
        out[i] = -np.inf if (count[i] == 0.0) & (rest[i] == 0.0) else value


@kernel(inline=True)
def _raise_four(a, b, c, d, best):
    for j in range(best.size):
        e = a[j] if a[j] > b[j] else b[j]
        f = c[j] if c[j] > d[j] else d[j]
        e = e if e > f else f
        best[j] = e if e > best[j] else best[j]


@kernel(inline=True)
def lane_maxima(x, first, last, left, right, best):
    """Greatest of the columns from `left` to `right` over rows from `first` to `last`, but NaN."""
    for j in range(best.size):
        best[j] = -np.inf
    whole = first + (last - first) // 4 * 4
    for i in range(first, whole, 4):  # four rows with one access to each maximum
        _raise_four(
            x[i, left:right],
            x[i + 1, left:right],
            x[i + 2, left:right],
            x[i + 3, left:right],
            best,
        )
    for i in range(whole, last):
        row = x[i, left:right]
        for j in range(row.size):
            best[j] = row[j] if row[j] > best[j] else best[j]


@kernel(inline=True)
def _add_four(a, b, c, d, best, count, rest):
    zero = best.dtype.type(0.0)
    for j in range(best.size):
        top = best[j]
        reference = zero if top == -np.inf else top
        e = zero if a[j] == top else exp_difference(a[j], reference)
        f = zero if b[j] == top else exp_difference(b[j], reference)
        g = zero if c[j] == top else exp_difference(c[j], reference)
        h = zero if d[j] == top else exp_difference(d[j], reference)
        n = best.dtype.type(a[j] == top) + best.dtype.type(b[j] == top)
        n += best.dtype.type(c[j] == top) + best.dtype.type(d[j] == top)
        count[j] += n
        rest[j] += (e + f) + (g + h)


@kernel(inline=True)
def lane_sums(x, first, last, left, right, best, count, rest):
    """Scaled sums of the columns from `left` to `right` over rows from `first` to `last`."""
    zero = x.dtype.type(0.0)
    lane_maxima(x, first, last, left, right, best)
    for j in range(best.size):
        count[j] = zero
        rest[j] = zero
    whole = first + (last - first) // 4 * 4
    for i in range(first, whole, 4):
        _add_four(
            x[i, left:right],
            x[i + 1, left:right],
            x[i + 2, left:right],
            x[i + 3, left:right],
            best,
            count,
            rest,
        )
    for i in range(whole, last):
        row = x[i, left:right]
        for j in range(row.size):
            equal = row[j] == best[j]
            e = exp_difference(row[j], zero if best[j] == -np.inf else best[j])
            count[j] += x.dtype.type(equal)
            rest[j] += zero if equal else e


@kernel
def matrix_sums(x, start, end, rows, m, count, rest):
    """
    Sums of the columns of a matrix from `start` to `end`, merged into the others.

    `rows` at a time are summed in the dtype of the matrix.
    """
    best = np.empty(_LANES, x.dtype)
    equal = np.empty(_LANES, x.dtype)
    others = np.empty(_LANES, x.dtype)
    high = np.empty(_LANES)
    counted = np.empty(_LANES)
    summed = np.empty(_LANES)
    error = np.empty(_LANES)
    anchor = np.empty(_LANES)
    for left in range(start, end, _LANES):
        right = min(left + _LANES, end)
        size = right - left
        m_part = m[left - start : right - start]
        count_part = count[left - start : right - start]
        rest_part = rest[left - start : right - start]
        for j in range(size):
            anchor[j] = m_part[j]
            error[j] = 0.0
        for first in range(0, x.shape[0], rows):
            last = min(first + rows, x.shape[0])
            lane_sums(x, first, last, left, right, best[:size], equal[:size], others[:size])
            for j in range(size):
                counted[j] = equal[j]
                high[j] = best[j]
                summed[j] = np.float64(others[j]) * UNSCALE
            merge(
                anchor[:size],
                m_part,
                count_part,
                rest_part,
                error[:size],
                high[:size],
                counted[:size],
                summed[:size],
            )
        close(anchor[:size], m_part, rest_part, error[:size])


@kernel
def column_sums(x, m, count, rest):
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
    anchor = np.empty(width)
    error = np.empty(width)
    for i in range(outer):
        m2[:] = -np.inf
        count2[:] = 0.0
        rest2[:] = 0.0
        folded = x[i, :whole].reshape(whole // fold, fold * width)
        matrix_sums(
            folded, 0, fold * width, _ROWS, m2.reshape(-1), count2.reshape(-1), rest2.reshape(-1)
        )
        for j in range(width):
            anchor[j] = m[i, j]
            error[j] = 0.0
        for k in range(fold):
            merge(anchor, m[i], count[i], rest[i], error, m2[k], count2[k], rest2[k])
        close(anchor, m[i], rest[i], error)
        matrix_sums(x[i, whole:], 0, width, _ROWS, m[i], count[i], rest[i])
