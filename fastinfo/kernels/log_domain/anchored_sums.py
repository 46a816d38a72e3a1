"""Sums of exponentials of float64 rows, for sums whose logarithm is not close to 0.

For short rows the maximum is found first. Long rows are summed in one pass, relative to an anchor:
a number near the maximum of what has been read. A block is summed relative to the anchor. Only if
one of its terms is greater than 2, the anchor is raised to the maximum of the block, and the block
is summed again. So the maximum need not be found first, and no term needs separate treatment.

The logarithm of such a sum has an absolute error of about 2**-53. This is negligible if the anchor
or the result is at least :data:`PLAIN`. Nearer to zero, :mod:`.row_sums` computes the sum without
this loss.

What the kernels expect: as in :mod:`.row_sums`, but float64 only.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import as_vector, bits_of_float64, float64_of_bits
from fastinfo.kernels.elementary.scalar import LN2, exp64
from fastinfo.kernels.log_domain.exponentials import greatest, lowest_order, number_of, order_of
from fastinfo.kernels.log_domain.row_sums import middle_row_sums

#: These sums are exact enough if the anchor or the logarithm of the sum is at least this large.
PLAIN = 1.0

#: The same for the sum of a short row, relative to its maximum.
_PLAIN_SUM = 2.0

_BLOCK = 1024
_U52 = np.uint64(52)
_LOG2_E = 1.4426950408889634
_BIAS = np.uint64(1023 << 52)
_MAGIC = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer
_LEAST = -700.0
_MOST = 700.0
_TWO_BITS = np.int64(0x4000000000000000)


@kernel(inline=True)
def exp_of_term(x):
    """
    ``exp(x)`` of a float64 up to 700 for a term of a sum, to 2 ulp.

    Numbers below -700 are treated as -700. The result is exact at 0. NaN gives NaN.
    """
    x = _LEAST if x < _LEAST else x
    magic = x * _LOG2_E + _MAGIC
    r = x - (magic - _MAGIC) * LN2
    z = r * r
    p = 0.0013888888516246523 + r * 0.00019841185236952604
    p = p + z * ((2.480193170258257e-05 + r * 2.763499049088093e-06) + z * 2.747680123469486e-07)
    p = (0.041666666668136385 + r * 0.008333333370869505) + z * p
    p = (0.49999999999998324 + r * 0.16666666666611557) + z * p
    p = (1.0 + r) + z * p
    # Multiply, instead of adding the exponent to the bits, so that NaN stays NaN.
    return p * float64_of_bits((np.uint64(bits_of_float64(magic)) << _U52) + _BIAS)


@kernel(fastmath=REASSOCIATE, inline=True)
def _add_terms(x, start, stop, anchor):
    """Sum of the exponentials relative to the anchor, and the bits of the greatest of them."""
    s = 0.0
    most = np.int64(0)
    for i in range(np.uint64(start), np.uint64(stop)):
        distance = x[i] - anchor
        e = exp_of_term(_MOST if distance > _MOST else distance)
        s += e
        bits = np.int64(bits_of_float64(e))  # same order as the floats, since none is negative
        most = bits if bits > most else most
    return s, most


@kernel
def anchored_row_sums(x, start, stop, anchors, sums):
    """
    Anchors and sums of rows start:stop of at least one element, in C order; keeps NaN.

    A row without a finite maximum gets a sum of NaN, and has to be summed in another way.
    """
    numbers = as_vector(x)
    n = x.shape[1]
    for i in range(start, stop):
        begin = i * n
        end = begin + n
        anchor = 0.0
        s = 0.0
        error = 0.0
        raised = True
        first = begin
        while first < end:
            last = first + _BLOCK if first + _BLOCK < end else end
            if raised:
                top = greatest(numbers, first, last)
                if not (top > -np.inf and top < np.inf):
                    s = np.nan
                    break
                shrink = exp64(anchor - top) if first > begin else 0.0
                anchor = top
                s *= shrink
                error *= shrink
            part, most = _add_terms(numbers, first, last, anchor)
            if most > _TWO_BITS and not raised:
                raised = True
                continue
            raised = False
            t = s + part
            error += (s - t) + part if s >= part else (part - t) + s
            s = t
            first = last
        place = np.uint64(i - start)
        anchors[place] = anchor
        sums[place] = s + error


@kernel(fastmath=REASSOCIATE, inline=True)
def _add_terms_looking_ahead(x, start, stop, m, ahead, best):
    """Sum of the exponentials relative to the maximum, and the maximum of the next row."""
    s = 0.0
    distance = np.uint64(ahead - start)
    for i in range(np.uint64(start), np.uint64(stop)):
        s += exp_of_term(x[i] - m)
        order = order_of(x[i + distance])
        best = order if order > best else best
    return s, best


@kernel
def plain_row_sums(x, start, stop, m, count, rest):
    """The results of :func:`.middle_row_sums`, computed faster, for rows of float64."""
    numbers = as_vector(x)
    n = x.shape[1]
    lowest = lowest_order(0.0)
    if start >= stop:
        return
    begin = start * n
    top = greatest(numbers, begin, begin + n)
    following = top
    if start + 1 < stop:
        following = greatest(numbers, begin + n, begin + 2 * n)
    for i in range(start, stop):
        begin = i * n
        # Look two rows ahead, so that no row has to wait for its maximum.
        ahead = begin + 2 * n if i + 2 < stop else begin
        s, best = _add_terms_looking_ahead(numbers, begin, begin + n, top, ahead, lowest)
        place = i - start
        if s >= _PLAIN_SUM:
            m[place] = top
            count[place] = 1.0
            rest[place] = s - 1.0
        else:  # also for NaN, and rows without a finite maximum
            middle_row_sums(x, i, i + 1, m[place:], count[place:], rest[place:])
        top = following
        following = number_of(0.0, best)
