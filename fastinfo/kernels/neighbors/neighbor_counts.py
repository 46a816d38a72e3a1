"""Count how many numbers lie within a distance of each number, by searches in sorted order.

A search starts from the rank of the number itself, and its steps are halved. The first step is
determined for a block of searches together, so that the steps of a block are loops without
branches.

What the kernels expect: `values` is float64, ascending and without NaN, and ranks are uint32 places
in it. An infinite distance includes all values. Nothing is checked.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array
from fastinfo.kernels.elementary.special import digamma

_BLOCK = 256
_NEARLY = 1.0 - 2.0**-29


@kernel
def count_within(values, ranks, bounds, about, out):
    """
    Write to `out` (int32) how many values are no farther from each rank's value than its bound.

    The value itself is not counted. To count only the values that are closer than a distance, pass
    the next smaller float64 as the bound.

    With `about`, the count is one larger if no value lies at the bound, or if the bound is 0. As
    the argument of digamma this is the paper's "number of strictly closer values, plus one" if
    distances are not tied. A value within 2**-29 of the bound's size counts as lying at the bound.
    """
    last = np.int64(values.size) - 1
    up = new_array(_BLOCK, np.int32)
    down = new_array(_BLOCK, np.int32)
    bits = 6
    start = np.uint64(0)
    left = np.int64(ranks.size)
    while left > 0:
        size = np.uint64(left if left < _BLOCK else _BLOCK)
        bits = bits - 1 if bits > 0 else 0
        while bits < 31:  # look for a first step that is too long for all searches of the block
            step = np.int64(1) << bits
            found = False
            for i in range(size):
                r = np.int64(ranks[start + i])
                v = values[np.uint64(r)]
                b = bounds[start + i]
                above = r + step if r + step < last else last
                below = r - step if r > step else 0
                found |= (above - r == step) & (values[np.uint64(above)] - v <= b)
                found |= (r - below == step) & (v - values[np.uint64(below)] <= b)
            if not found:
                break
            bits += 1
        for i in range(size):
            r = np.int32(ranks[start + i])
            up[i] = r
            down[i] = r
        for bit in range(bits - 1, -1, -1):
            step = np.int64(1) << bit
            for i in range(size):
                v = values[np.uint64(ranks[start + i])]
                b = bounds[start + i]
                r = up[i]
                above = r + step if r + step < last else last
                near = values[np.uint64(np.uint32(above))] - v <= b
                up[i] = above if near else r
                r = down[i]
                below = r - step if r > step else 0
                near = v - values[np.uint64(np.uint32(below))] <= b
                down[i] = below if near else r
        for i in range(size):
            v = values[np.uint64(ranks[start + i])]
            b = bounds[start + i]
            far = values[np.uint64(up[i])] - v
            other = v - values[np.uint64(down[i])]
            far = other if other > far else far
            short = about & ((far < b * _NEARLY) | (b == 0.0))
            out[start + i] = up[i] - down[i] + np.int32(short)
        start += size
        left -= _BLOCK


@kernel
def digamma_integers(out):
    """Write digamma of 0 (NaN), 1, 2, ... to `out`."""
    out[0] = np.nan
    for m in range(1, out.size):
        out[np.uint64(m)] = digamma(np.float64(m))


@kernel(inline=True)
def digamma_integer(m, table):
    """Digamma of a positive integer; `table` holds the first ones, at least 100 of them."""
    if m < table.size:
        return table[np.uint64(m)]
    v = 1.0 / np.float64(m)
    w = v * v
    return math.log(np.float64(m)) - v * 0.5 - w * (1 / 12 - w * (1 / 120 - w * (1 / 252)))


@kernel(fastmath=("contract",))
def sum_digamma(counts, more, table):
    """Sum of digamma(count + `more`) over the counts; `table` is from :func:`digamma_integers`."""
    total = 0.0
    for i in range(counts.size):
        total += digamma_integer(np.int64(counts[np.uint64(i)]) + more, table)
    return total
