"""Sums of exponentials along the rows of a matrix.

Each is three numbers, as in :mod:`fastinfo.kernels.log_domain.sums`: the largest term, how many
terms are equal to it, and the sum of the others over ``exp`` of it.

Rows are summed in blocks, and while one block is summed the maximum of the next one is found: so
memory is read while the exponentials are computed, and once. Rows that are too short to fill a SIMD
loop are turned, many at a time, so that each lane of a register holds a row of its own. In Fortran
order the rows lie side by side as they are.

Contract: a matrix of float32 or float64, C- or Fortran-ordered; m, count and rest are float64 and
hold rows start:stop alone.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.log_domain.exponentials import (
    UNSCALE,
    exp_difference,
    greatest,
    lowest_order,
    number_of,
    order_of,
)
from fastinfo.kernels.log_domain.sums import close_sum, lane_sums, log_sum, matrix_sums, merge_sums

SHORT = 20  # elements up to which rows are turned
MIDDLE = 256  # elements up to which a row is summed in its own dtype

_BLOCK = 1024  # terms of a longer one that are summed over one maximum
_TURNED = 256  # rows that are turned at a time


@kernel(fastmath=REASSOCIATE, inline=True)
def _add_terms(x, m, reference, ahead, best):
    """
    Number of terms equal to the maximum, and scaled sum of the other exponentials.

    Also raises `best` to the maximum of what comes next: so memory is read while this computes.
    """
    zero = x.dtype.type(0.0)
    count = zero
    rest = zero
    for i in range(x.size):
        equal = x[i] == m
        count += x.dtype.type(equal)
        rest += zero if equal else exp_difference(x[i], reference)
        best = max(best, order_of(ahead[i]))
    return np.float64(count), np.float64(rest), best


@kernel(inline=True)
def _block_sums(x, m, ahead):
    """Count and sum over a maximum, and the maximum of what comes next."""
    zero = x.dtype.type(0.0)
    reference = m if m > -np.inf or m != m else zero
    best = lowest_order(zero)
    count = 0.0
    rest = 0.0
    common = min(x.size, ahead.size)
    for start in range(0, common, MIDDLE):
        stop = min(start + MIDDLE, common)
        n, s, best = _add_terms(x[start:stop], m, reference, ahead[start:stop], best)
        count += n
        rest += s
    for start in range(common, x.size, MIDDLE):
        part = x[start : start + MIDDLE]
        n, s, _ = _add_terms(part, m, reference, part, best)
        count += n
        rest += s
    for i in range(common, ahead.size):
        best = max(best, order_of(ahead[i]))
    return count, rest * UNSCALE, number_of(zero, best)


@kernel
def _long_row(x, top, ahead):
    """Sums of a row whose first block has the maximum `top`; also that of what comes next."""
    after = x[_BLOCK : 2 * _BLOCK] if x.size > _BLOCK else ahead
    m = np.float64(top)
    count, rest, top = _block_sums(x[:_BLOCK], top, after)
    if x.size <= _BLOCK:
        return m, count, rest, top
    anchor = m
    error = 0.0
    for start in range(_BLOCK, x.size, _BLOCK):
        stop = start + _BLOCK
        after = x[stop : stop + _BLOCK] if stop < x.size else ahead
        high = top
        count2, rest2, top = _block_sums(x[start:stop], high, after)
        anchor, m, count, rest, error = merge_sums(
            anchor, m, count, rest, error, np.float64(high), count2, rest2
        )
    return m, count, close_sum(anchor, m, rest, error), top


@kernel
def logsumexp(x):
    """``log(sum(exp(x)))`` of a vector, in float64: -inf of an empty one."""
    m, count, rest, _ = _long_row(x, greatest(x[:_BLOCK]), x[:0])
    if count == 0.0 and rest == 0.0:
        return -np.inf
    return m + log_sum(count, rest)


@kernel
def _start_sums(m, count, rest):
    for i in range(m.size):
        m[i] = -np.inf
        count[i] = 0.0
        rest[i] = 0.0


@kernel
def short_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop that are too short for a SIMD loop, in C order."""
    n = x.shape[1]
    tile = np.empty((n, _TURNED), x.dtype)
    best = np.empty(_TURNED, x.dtype)
    equal = np.empty(_TURNED, x.dtype)
    others = np.empty(_TURNED, x.dtype)
    for first in range(start, stop, _TURNED):
        last = min(first + _TURNED, stop)
        size = last - first
        part = x[first:last]
        for j in range(n):
            column = tile[j]
            for i in range(size):
                column[i] = part[i, j]
        lane_sums(tile, 0, n, 0, size, best[:size], equal[:size], others[:size])
        for i in range(size):
            place = first - start + i
            m[place] = best[i]
            count[place] = equal[i]
            rest[place] = np.float64(others[i]) * UNSCALE


@kernel
def middle_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop that need no merging, in C order."""
    zero = x.dtype.type(0.0)
    lowest = lowest_order(zero)
    best = lowest
    if start < stop:
        best = order_of(greatest(x[start]))
    for i in range(start, stop):
        top = number_of(zero, best)
        reference = top if top > -np.inf or top != top else zero
        n, s, best = _add_terms(x[i], top, reference, x[min(i + 1, stop - 1)], lowest)
        m[i - start] = top
        count[i - start] = n
        rest[i - start] = s * UNSCALE


@kernel
def long_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop of any length, in C order."""
    if x.shape[1] == 0:
        _start_sums(m, count, rest)
        return
    top = x.dtype.type(0.0)
    if start < stop:
        top = greatest(x[start, :_BLOCK])
    for i in range(start, stop):
        ahead = x[i + 1, :_BLOCK] if i + 1 < stop else x[i, :0]
        m[i - start], count[i - start], rest[i - start], top = _long_row(x[i], top, ahead)


@kernel
def fortran_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop of a matrix in Fortran order."""
    _start_sums(m, count, rest)
    matrix_sums(x.T, start, stop, 16, m, count, rest)


@kernel
def row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop, written to `m`, `count` and `rest`, whatever the rows are."""
    n = x.shape[1]
    if n > 1 and x.strides[0] < x.strides[1]:
        fortran_row_sums(x, start, stop, m, count, rest)
    elif 0 < n <= SHORT:
        short_row_sums(x, start, stop, m, count, rest)
    elif 0 < n <= MIDDLE:
        middle_row_sums(x, start, stop, m, count, rest)
    else:
        long_row_sums(x, start, stop, m, count, rest)
