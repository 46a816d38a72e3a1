"""How many numbers lie within a distance of each: by sorted order, several searches at a time.

A search starts from the number's own rank and goes by halved steps; the first step is found for a
block of searches together, so that the steps of a block are loops without branches.

Contract: `values` is float64, ascending, no NaN; ranks are uint32 into it. A distance of infinity
takes in all. Nothing is checked.
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
    Numbers that are no farther from each (itself left out) than its bound, to int32 `out`.

    For those that are nearer, the bounds are the next float64 below.

    `about`: one more where none is at the bound, or where that is 0. As the argument of digamma it
    is what Kraskov and others have where distances are not tied: one more than what is strictly
    nearer. What is within 2**-29 of the bound is at it.
    """
    n = np.int32(values.size)
    n_wide = np.int64(values.size)
    up = new_array(_BLOCK, np.int32)
    down = new_array(_BLOCK, np.int32)
    bits = 6
    for start in range(0, ranks.size, _BLOCK):
        size = ranks.size - start if ranks.size - start < _BLOCK else _BLOCK
        bits = bits - 1 if bits > 0 else 0
        while bits < 31:  # the first step is one that is too long for all of them
            long = np.int64(1) << bits
            found = False
            for i in range(size):
                j = np.uint64(start + i)
                r = np.int64(ranks[j])
                b = bounds[j]
                v = values[np.uint64(r)]
                above = r + long if r + long < n_wide else n_wide - 1
                below = r - long if r - long > 0 else 0
                found |= (above - r == long) & (values[np.uint64(above)] - v <= b)
                found |= (r - below == long) & (v - values[np.uint64(below)] <= b)
            if not found:
                break
            bits += 1
        for i in range(size):
            r = np.int32(ranks[np.uint64(start + i)])
            up[np.uint64(i)] = r
            down[np.uint64(i)] = r
        for bit in range(bits - 1, -1, -1):
            step = np.int32(1 << bit)
            for i in range(size):
                j = np.uint64(start + i)
                here = np.uint64(i)
                b = bounds[j]
                v = values[np.uint64(ranks[j])]
                there = up[here] + step
                above = there if there < n else n - 1
                near = values[np.uint64(np.uint32(above))] - v <= b
                up[here] = above if near else up[here]
                there = down[here] - step
                below = there if there > 0 else 0
                near = v - values[np.uint64(np.uint32(below))] <= b
                down[here] = below if near else down[here]
        for i in range(size):
            j = np.uint64(start + i)
            here = np.uint64(i)
            v = values[np.uint64(ranks[j])]
            far = values[np.uint64(up[here])] - v
            other = v - values[np.uint64(down[here])]
            far = other if other > far else far
            b = bounds[j]
            short = about & ((far < b * _NEARLY) | (b == 0.0))
            out[j] = up[here] - down[here] + np.int32(short)


@kernel
def digamma_integers(out):
    """Digamma of 0 (which is NaN), 1, 2, ... to the end of `out`."""
    out[0] = np.nan
    for m in range(1, out.size):
        out[np.uint64(m)] = digamma(np.float64(m))


@kernel(inline=True)
def digamma_integer(m, table):
    """Digamma of a whole number above 0: from a table of the first ones, of at least 100."""
    if m < table.size:
        return table[np.uint64(m)]
    v = 1.0 / np.float64(m)
    w = v * v
    return math.log(np.float64(m)) - v * 0.5 - w * (1 / 12 - w * (1 / 120 - w * (1 / 252)))


@kernel(fastmath=("contract",))
def sum_digamma(counts, more, table):
    """Sum of digamma of each count and so many `more`; the table is of :func:`digamma_integers`."""
    total = 0.0
    for i in range(counts.size):
        total += digamma_integer(np.int64(counts[np.uint64(i)]) + more, table)
    return total
