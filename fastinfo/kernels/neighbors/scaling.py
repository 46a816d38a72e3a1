"""Divide a column by its standard deviation, whatever its magnitude.

What the kernel expects: at least one number; numbers are finite, C-contiguous float64. Nothing is
checked.
"""

from __future__ import annotations

import math

from fastinfo._core.jit import kernel


@kernel(fastmath=())
def standardize(x, out):
    """
    Write the column, divided by its standard deviation, to `out`; return whether it varies.

    Equal numbers stay equal, and the result does not depend on the unit. The numbers are first
    scaled by a power of two, so that squares neither overflow nor become 0. If all numbers are so
    far from 0 that the smallest can be subtracted exactly, it is subtracted. A constant column
    becomes 0.
    """
    low = x[0]
    high = x[0]
    for i in range(x.size):
        low = x[i] if x[i] < low else low
        high = x[i] if x[i] > high else high
    if low == high:
        for i in range(x.size):
            out[i] = 0.0
        return False
    offset = 0.0
    if (low > 0.0 and high * 0.5 <= low) or (high < 0.0 and low * 0.5 >= high):
        offset = low
    below = abs(low - offset)
    above = abs(high - offset)
    exponent = math.frexp(below if below > above else above)[1]
    half = -exponent >> 1
    first = math.ldexp(1.0, half)  # in two steps, because 2**1073 is not a float64
    second = math.ldexp(1.0, -exponent - half)
    mean = 0.0
    for i in range(x.size):
        out[i] = (x[i] - offset) * first * second
        mean += out[i]
    mean /= x.size
    square = 0.0
    for i in range(x.size):
        d = out[i] - mean
        square += d * d
    deviation = math.sqrt(square / x.size)
    for i in range(x.size):
        out[i] /= deviation
    return True
