"""Sums of exponentials along the rows of a matrix.

As in :mod:`fastinfo.kernels.log_domain.sums`, each sum consists of three numbers: the largest
element m, how many elements equal it (count), and the sum of the exponentials of the others divided
by ``exp(m)`` (rest).

A row is summed in blocks. While one block is summed, the maximum of the next one is found, so
memory is read only once, and at the same time as exponentials are computed. The blocks of a long
row are merged. Rows that are too short to fill a SIMD loop are transposed, many at a time, so that
each lane of a register holds a different row. In Fortran order the rows are already side by side.

What the kernels expect: a matrix of float32 or float64 in C or Fortran order. m, count and rest are
float64, and hold only the rows from start up to stop.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import as_matrix, as_vector, new_array
from fastinfo.kernels.log_domain.exponentials import (
    UNSCALE,
    exp_difference,
    lowest_order,
    number_of,
    order_of,
)
from fastinfo.kernels.log_domain.sums import (
    close_sum,
    lane_maxima,
    lane_terms,
    log_sum,
    matrix_sums,
    merge_sums,
)

SHORT = 20  # rows of up to this many elements are transposed
MIDDLE = 256  # rows of up to this many elements are summed in their own dtype
BLOCK = 1024  # elements of a longer row that are summed with one maximum

_TURNED = 256  # rows that are transposed at a time


@kernel(fastmath=REASSOCIATE, inline=True)
def _add_terms(x, start, stop, m, reference, ahead, best):
    """
    Number of elements equal to the maximum, and scaled sum of the other exponentials.

    `best` is also raised to the maximum of the same number of elements from `ahead` on, so that
    memory is read while exponentials are computed.
    """
    zero = x.dtype.type(0.0)
    count = zero
    rest = zero
    distance = np.uint64(ahead - start)
    for i in range(np.uint64(start), np.uint64(stop)):
        equal = x[i] == m
        count += x.dtype.type(equal)
        rest += zero if equal else exp_difference(x[i], reference)
        order = order_of(x[i + distance])
        best = order if order > best else best
    return np.float64(count), np.float64(rest), best


@kernel
def block_sums(x, block, start, stop, m, count, rest):
    """
    Sums of the blocks of rows start:stop in C order, written one after another.

    A block never extends beyond the end of a row.
    """
    numbers = as_vector(x)
    n = x.shape[1]
    zero = x.dtype.type(0.0)
    lowest = lowest_order(zero)
    best = lowest
    begin = start * n
    end = begin  # begin with an empty block, to find the maximum of the first one
    row_end = begin
    place = np.uint64(0)
    while True:
        top = number_of(zero, best)
        reference = top if top > -np.inf or top != top else zero
        row_end += n if end == row_end else 0
        ahead = end + block if end + block < row_end else row_end
        ahead = ahead if end < stop * n else end
        best = lowest
        seen = end
        equal = 0.0
        others = 0.0
        for first in range(begin, end, MIDDLE):
            last = first + MIDDLE if first + MIDDLE < end else end
            # Look at as many elements of the next block, or, if it has fewer, at this part again.
            beside = seen + (last - first) <= ahead
            c, s, order = _add_terms(
                numbers, first, last, top, reference, seen if beside else first, best
            )
            equal += c
            others += s
            if beside:
                best = order
                seen += last - first
        for i in range(np.uint64(seen), np.uint64(ahead)):
            order = order_of(numbers[i])
            best = order if order > best else best
        if begin < end:
            m[place] = top
            count[place] = equal
            rest[place] = others * UNSCALE
            place += np.uint64(1)
        if end >= stop * n:
            return
        begin = end
        end = ahead


@kernel
def merge_blocks(rows, blocks, m2, count2, rest2, m, count, rest):
    """Merge the sums of the given number of blocks for each row."""
    for i in range(rows):
        first = i * blocks
        anchor = m2[first]
        high = anchor
        equal = count2[first]
        others = rest2[first]
        error = 0.0
        for k in range(first + 1, first + blocks):
            anchor, high, equal, others, error = merge_sums(
                anchor, high, equal, others, error, m2[k], count2[k], rest2[k]
            )
        m[i] = high
        count[i] = equal
        rest[i] = close_sum(anchor, high, others, error)


@kernel
def logsumexp(x):
    """``log(sum(exp(x)))`` of a vector, in float64; -inf for an empty vector."""
    m = new_array(1, np.float64)
    count = new_array(1, np.float64)
    rest = new_array(1, np.float64)
    long_row_sums(as_matrix(x, 1, x.size), 0, 1, m, count, rest)
    if count[0] == 0.0 and rest[0] == 0.0:
        return -np.inf
    return m[0] + log_sum(count[0], rest[0])


@kernel
def start_sums(m, count, rest):
    """Set all sums to those of no elements."""
    for i in range(m.size):
        m[i] = -np.inf
        count[i] = 0.0
        rest[i] = 0.0


@kernel(inline=True)
def turn(x, origin, n, size, tile, stride):
    """Write `size` rows of n numbers, from `origin` in a vector, as columns of a tile."""
    step = np.uint64(n)
    for j in range(n):
        column = np.uint64(j * stride)
        place = np.uint64(origin + j)
        for i in range(np.uint64(size)):
            tile[column + i] = x[place + i * step]


@kernel
def short_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop that are too short for a SIMD loop, in C order."""
    numbers = as_vector(x)
    n = x.shape[1]
    tile = new_array(n * _TURNED, x.dtype)
    best = new_array(_TURNED, x.dtype)
    equal = new_array(_TURNED, x.dtype)
    others = new_array(_TURNED, x.dtype)
    for first in range(start, stop, _TURNED):
        size = stop - first if stop - first < _TURNED else _TURNED
        turn(numbers, first * n, n, size, tile, _TURNED)
        lane_maxima(tile, 0, _TURNED, n, size, best)
        lane_terms(tile, 0, _TURNED, n, size, best, equal, others)
        for i in range(size):
            place = np.uint64(first - start + i)
            m[place] = best[i]
            count[place] = equal[i]
            rest[place] = np.float64(others[i]) * UNSCALE


@kernel
def middle_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop that have one block each, in C order."""
    numbers = as_vector(x)
    n = x.shape[1]
    zero = x.dtype.type(0.0)
    lowest = lowest_order(zero)
    best = lowest
    if start < stop:
        for i in range(np.uint64(start * n), np.uint64(start * n + n)):
            order = order_of(numbers[i])
            best = order if order > best else best
    for i in range(start, stop):
        top = number_of(zero, best)
        reference = top if top > -np.inf or top != top else zero
        begin = i * n
        ahead = begin + n if i + 1 < stop else begin
        c, s, best = _add_terms(numbers, begin, begin + n, top, reference, ahead, lowest)
        place = np.uint64(i - start)
        m[place] = top
        count[place] = c
        rest[place] = s * UNSCALE


@kernel
def long_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop of any length, in C order."""
    blocks = (x.shape[1] + BLOCK - 1) // BLOCK
    if blocks == 0:
        start_sums(m, count, rest)
        return
    size = blocks * (stop - start)
    m2 = new_array(size, np.float64)
    count2 = new_array(size, np.float64)
    rest2 = new_array(size, np.float64)
    block_sums(x, BLOCK, start, stop, m2, count2, rest2)
    merge_blocks(stop - start, blocks, m2, count2, rest2, m, count, rest)


@kernel
def fortran_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop of a matrix in Fortran order."""
    start_sums(m, count, rest)
    matrix_sums(
        as_vector(x.T),
        np.int64(0),
        x.shape[0],
        x.shape[1],
        start,
        stop,
        m,
        count,
        rest,
        np.int64(0),
    )


@kernel
def row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop of any length and order, in `m`, `count` and `rest`."""
    n = x.shape[1]
    if n > 1 and x.strides[0] < x.strides[1]:
        fortran_row_sums(x, start, stop, m, count, rest)
    elif 0 < n <= SHORT:
        short_row_sums(x, start, stop, m, count, rest)
    elif 0 < n <= MIDDLE:
        middle_row_sums(x, start, stop, m, count, rest)
    else:
        long_row_sums(x, start, stop, m, count, rest)
