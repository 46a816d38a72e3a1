"""Sums of exponentials of rows by terms that are exact enough for a sum that is not close to 1.

Of short rows the maximum is found first. Long ones are summed over an anchor, by one look at each
number. The anchor is a number near the maximum of what has been read: a block is summed over it,
and only if a term turns out greater than 2 is the anchor raised to the maximum of that block, and
the block summed once more. No maximum has to be found before, and no term be kept apart.

The logarithm of a sum has an absolute error of about 2**-53 then, which is nothing beside an anchor
or a result from :data:`PLAIN` on. Nearer to zero :mod:`.row_sums` keeps what would be lost.

Contract: as :mod:`.row_sums`, of float64 alone.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import as_vector, bits_of_float64, float64_of_bits
from fastinfo.kernels.elementary.scalar import LN2, exp64
from fastinfo.kernels.log_domain.exponentials import greatest, lowest_order, number_of, order_of
from fastinfo.kernels.log_domain.row_sums import middle_row_sums

#: Size of an anchor, or of the logarithm of a sum, from which on these sums are exact enough.
PLAIN = 1.0

#: Least sum over the maximum of a short row that is exact enough.
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
    """``exp(x)`` of a float64 up to 700 for a term of a sum, to 2 ulp; of -700 for what is below.

    Exact at 0. NaN comes out as NaN.
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
    # A product, though the exponent could be added to the bits: it keeps any NaN one.
    return p * float64_of_bits((np.uint64(bits_of_float64(magic)) << _U52) + _BIAS)


@kernel(fastmath=REASSOCIATE, inline=True)
def _add_terms(x, start, stop, anchor):
    """Sum of the exponentials over the anchor, and the bits of the greatest."""
    s = 0.0
    most = np.int64(0)
    for i in range(np.uint64(start), np.uint64(stop)):
        distance = x[i] - anchor
        e = exp_of_term(_MOST if distance > _MOST else distance)
        s += e
        bits = np.int64(bits_of_float64(e))  # in the order of floats, as none is negative
        most = bits if bits > most else most
    return s, most


@kernel
def anchored_row_sums(x, start, stop, anchors, sums):
    """
    Anchors and sums of rows start:stop of at least one element, in C order; NaN is passed on.

    A row without a finite maximum has a sum of NaN, whatever it is: it is to be summed otherwise.
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
    """Sum of the exponentials over the maximum; raises `best` by as many numbers further on."""
    s = 0.0
    distance = np.uint64(ahead - start)
    for i in range(np.uint64(start), np.uint64(stop)):
        s += exp_of_term(x[i] - m)
        order = order_of(x[i + distance])
        best = order if order > best else best
    return s, best


@kernel
def plain_row_sums(x, start, stop, m, count, rest):
    """What :func:`.middle_row_sums` finds, of rows of float64 that it is quicker for."""
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
        ahead = begin + 2 * n if i + 2 < stop else begin  # so that a row need not wait for its top
        s, best = _add_terms_looking_ahead(numbers, begin, begin + n, top, ahead, lowest)
        place = i - start
        if s >= _PLAIN_SUM:
            m[place] = top
            count[place] = 1.0
            rest[place] = s - 1.0
        else:  # or NaN, or without a finite maximum
            middle_row_sums(x, i, i + 1, m[place:], count[place:], rest[place:])
        top = following
        following = number_of(0.0, best)
