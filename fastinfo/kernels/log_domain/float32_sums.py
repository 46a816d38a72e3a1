"""Sums of exponentials of very long float32 rows, in one pass.

They are as accurate as those of :mod:`.row_sums`.

A block is summed relative to the greatest number so far. If all of the block is below that number,
none of its terms is 1, and no term needs separate treatment. Only if a term is 1 or more, the block
is summed again relative to its own maximum, as in :mod:`.row_sums`.

What the kernels expect: as in :mod:`.row_sums`, but float32 only.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.elementary.memory import as_vector, bits_of_float32
from fastinfo.kernels.log_domain.exponentials import UNSCALE, exp_negative32, greatest
from fastinfo.kernels.log_domain.sums import close_sum, merge_sums

#: In rows of at least this many elements, a new maximum is rare enough.
VERY_LONG = 8192

_BLOCK = 512
_PART = 256  # terms that are added up in float32
_MOST = np.float32(40.0)
_ONE_BITS = np.int32((127 + 64) << 23)  # the bits of 1, scaled by 2**64
_ZERO = np.float32(0.0)


@kernel(fastmath=REASSOCIATE, inline=True)
def _add_lower(x, start, stop, top):
    """Scaled sum of exponentials relative to `top`, and the bits of the greatest of them."""
    s = _ZERO
    most = np.int32(0)
    for i in range(np.uint64(start), np.uint64(stop)):
        distance = x[i] - top
        e = exp_negative32(_MOST if distance > _MOST else distance)
        s += e
        bits = np.int32(bits_of_float32(e))  # same order as the floats, since none is negative
        most = bits if bits > most else most
    return np.float64(s), most


@kernel(fastmath=REASSOCIATE, inline=True)
def _add_terms(x, start, stop, top, reference):
    """Number of terms equal to the maximum, and scaled sum of the other exponentials."""
    count = _ZERO
    rest = _ZERO
    for i in range(np.uint64(start), np.uint64(stop)):
        equal = x[i] == top
        count += np.float32(equal)
        rest += _ZERO if equal else exp_negative32(x[i] - reference)
    return np.float64(count), np.float64(rest)


@kernel
def very_long_row_sums(x, start, stop, m, count, rest):
    """Sums of rows start:stop of at least one element, in C order."""
    numbers = as_vector(x)
    n = x.shape[1]
    for i in range(start, stop):
        end = i * n + n
        top = np.float32(-np.inf)
        raised = False  # the maximum rose in this block and may rise in the next one: find it first
        anchor = -np.inf
        high = -np.inf
        equal = 0.0
        others = 0.0
        error = 0.0
        for first in range(i * n, end, _BLOCK):
            last = first + _BLOCK if first + _BLOCK < end else end
            s = 0.0
            most = _ONE_BITS
            if top > -np.inf and not raised:
                most = np.int32(0)
                for part in range(first, last, _PART):
                    stop_part = part + _PART if part + _PART < last else last
                    t, bits = _add_lower(numbers, part, stop_part, top)
                    s += t
                    most = bits if bits > most else most
            if most < _ONE_BITS and s == s and anchor == high:
                s *= UNSCALE
                t = others + s
                error += (others - t) + s if others >= s else (s - t) + others
                others = t
                continue
            best = greatest(numbers, first, last)
            c = 0.0
            s = 0.0
            reference = best if best > -np.inf or best != best else _ZERO
            for part in range(first, last, _PART):
                stop_part = part + _PART if part + _PART < last else last
                d, t = _add_terms(numbers, part, stop_part, best, reference)
                c += d
                s += t
            anchor, high, equal, others, error = merge_sums(
                anchor, high, equal, others, error, np.float64(best), c, s * UNSCALE
            )
            others = close_sum(anchor, high, others, error)
            anchor = high
            error = 0.0
            raised = best > top and first > i * n
            top = best if best > top or best != best else top
        place = np.uint64(i - start)
        m[place] = high
        count[place] = equal
        rest[place] = others + error
