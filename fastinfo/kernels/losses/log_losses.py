"""Log loss of probabilities and the numbers of the true classes.

What the kernels expect: probabilities are float32 or float64, two-dimensional, in C or Fortran
order. Codes are int64 and in range. Weights are float64, and empty if there are none. The rows
start:stop of the probabilities are processed; the other arrays hold only those rows.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, by_dtype, kernel
from fastinfo.kernels.elementary.memory import bits_of_float32, bits_of_float64
from fastinfo.kernels.elementary.scalar import log_normal

_SHORT = 48  # rows of up to this many classes do not fill a SIMD loop
_ROWS = 256


@kernel
def _add_class(p, sums, outside):
    for r in range(p.size):
        v = np.float64(p[r])
        sums[r] += v
        outside[r] |= np.uint8(not ((v >= 0.0) & (v <= 1.0)))


@kernel(fastmath=REASSOCIATE)
def _sum_row(p):
    s = 0.0
    outside = np.uint8(0)
    for j in range(p.size):
        v = np.float64(p[j])
        s += v
        outside |= np.uint8(not ((v >= 0.0) & (v <= 1.0)))
    return s, outside


@kernel(inline=True)
def _bits32(x):
    return np.uint32(bits_of_float32(x))


@kernel(inline=True)
def _bits64(x):
    return np.uint64(bits_of_float64(x))


_bits = by_dtype(float32=_bits32, float64=_bits64)


@kernel(inline=True)
def _any_outside(p):
    """Whether a number is not between 0 and 1."""
    # Numbers from 0 to 1 have bits up to those of 1. For all others, and -0.0, floats are compared.
    one = p.dtype.type(1)
    most = _bits(one)
    for j in range(p.size):
        most = max(most, _bits(p[j]))
    outside = np.uint8(0)
    if most > _bits(one):
        for j in range(p.size):
            outside |= np.uint8(not ((p[j] >= 0) & (p[j] <= 1)))
    return outside


@kernel
def _sum_short_rows(p, sums):
    """Sums of several rows at once, so that their additions overlap in the processor."""
    outside = _any_outside(np.ascontiguousarray(p).reshape(-1))  # no copy, as p is C-ordered
    for r in range(sums.size):
        row = p[r]
        s = 0.0
        for j in range(row.size):
            s += np.float64(row[j])
        sums[r] = s
    return outside


@kernel(fastmath=REASSOCIATE)
def _total(picked, weights, low, high):
    total = 0.0
    for r in range(picked.size):
        v = picked[r]
        v = v if v > low else low
        v = v if v < high else high
        total -= weights[r] * log_normal(v)
    return total


@kernel
def log_loss(probs, codes, weights, start, stop, low, high, tolerance):
    """
    Weighted sum of ``-log p[code]``, with `p` clipped to ``[low, high]``.

    Also returns whether a probability is outside [0, 1], and whether the sum of a row differs from
    1 by more than `tolerance`.
    """
    classes = probs.shape[1]
    by_class = probs.strides[0] < probs.strides[1]
    columns = probs.T
    sums = np.empty(_ROWS)
    flags = np.empty(_ROWS, np.uint8)
    picked = np.empty(_ROWS)
    given = np.ones(_ROWS)
    total = 0.0
    outside = np.uint8(0)
    uneven = np.uint8(0)
    for first in range(start, stop, _ROWS):
        last = min(first + _ROWS, stop)
        count = last - first
        part = sums[:count]
        part_flags = flags[:count]
        if by_class:
            part[:] = 0.0
            part_flags[:] = 0
            for j in range(classes):
                _add_class(columns[j][first:last], part, part_flags)
        elif classes <= _SHORT:
            outside |= _sum_short_rows(probs[first:last], part)
            part_flags[:] = 0
        else:
            for r in range(count):
                part[r], part_flags[r] = _sum_row(probs[first + r])
        for r in range(count):
            outside |= part_flags[r]
            uneven |= np.uint8(not abs(part[r] - 1.0) <= tolerance)
        for r in range(count):
            picked[r] = probs[first + r, np.uint64(codes[first - start + r])]
        if weights.size:
            for r in range(count):  # assigning a slice would take seconds to compile
                given[r] = weights[first - start + r]
        total += _total(picked[:count], given[:count], low, high)
    return total, outside != 0, uneven != 0


@kernel
def binary_log_loss(probs, codes, weights, low, high):
    """Weighted sum of clipped log losses, where `probs` is the probability of class 1."""
    picked = np.empty(_ROWS)
    given = np.ones(_ROWS)
    one = probs.dtype.type(1)
    total = 0.0
    outside = np.uint8(0)
    for first in range(0, probs.size, _ROWS):
        part = probs[first : first + _ROWS]
        true = codes[first : first + _ROWS]
        into = picked[: part.size]
        for r in range(part.size):
            v = part[r]
            outside |= np.uint8(not ((v >= 0) & (v <= 1)))
            into[r] = np.float64(v if true[r] != 0 else one - v)
        if weights.size:
            for r in range(part.size):
                given[r] = weights[first + r]
        total += _total(into, given[: part.size], low, high)
    return total, outside != 0
