"""How many numbers lie within a distance of each: by sorted order, several searches at a time.

A search starts from the number's own rank and goes by halved steps; the first step is found for a
block of searches together, so that the steps of a block are loops without branches.

Contract: `values` is float64, ascending, no NaN; ranks are uint32 into it. A distance of infinity
takes in all. Nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.special import digamma

_BLOCK = 256
_NEARLY = 1.0 - 2.0**-29


@kernel(inline=True)
def _ahead(values, n, ranks, bounds, step, closed, places):
    """Move each place up by a step where the number there is in reach, and else not."""
    for i in range(places.size):
        there = places[i] + step
        inside = there if there < n else n - 1
        d = values[np.uint64(np.uint32(inside))] - values[np.uint64(ranks[i])]
        near = (d < bounds[i]) | (closed & (d == bounds[i]))
        places[i] = inside if near else places[i]


@kernel(inline=True)
def _behind(values, ranks, bounds, step, closed, places):
    """Move each place down by a step where the number there is in reach, and else not."""
    for i in range(places.size):
        there = places[i] - step
        inside = there if there > 0 else 0
        d = values[np.uint64(ranks[i])] - values[np.uint64(np.uint32(inside))]
        near = (d < bounds[i]) | (closed & (d == bounds[i]))
        places[i] = inside if near else places[i]


@kernel(inline=True)
def _any_in_reach(values, n, ranks, bounds, step, closed):
    """Whether any number of the block reaches one that is so many ranks away."""
    found = False
    for i in range(ranks.size):
        r = np.int64(ranks[i])
        up = min(r + step, n - 1)
        down = max(r - step, 0)
        d = values[np.uint64(up)] - values[np.uint64(r)]
        e = values[np.uint64(r)] - values[np.uint64(down)]
        b = bounds[i]
        found |= (up - r == step) & ((d < b) | (closed & (d == b)))
        found |= (r - down == step) & ((e < b) | (closed & (e == b)))
    return found


@kernel
def _count(values, ranks, bounds, closed, about, out):
    """
    How many numbers each reaches, itself left out.

    `about`: one more where none of them is as far as the bound, or where that is 0.
    """
    n = np.int32(values.size)
    n_wide = np.int64(values.size)
    up = np.empty(_BLOCK, np.int32)
    down = np.empty(_BLOCK, np.int32)
    bits = 6
    for start in range(0, ranks.size, _BLOCK):
        r = ranks[start : start + _BLOCK]
        b = bounds[start : start + _BLOCK]
        bits = max(bits - 1, 0)
        while bits < 31 and _any_in_reach(values, n_wide, r, b, np.int64(1) << bits, closed):
            bits += 1
        u = up[: r.size]
        d = down[: r.size]
        for i in range(r.size):
            u[i] = np.int32(r[i])
            d[i] = np.int32(r[i])
        for bit in range(bits - 1, -1, -1):
            step = np.int32(1 << bit)
            _ahead(values, n, r, b, step, closed, u)
            _behind(values, r, b, step, closed, d)
        for i in range(r.size):
            v = values[np.uint64(r[i])]
            far = max(values[np.uint64(u[i])] - v, v - values[np.uint64(d[i])])
            out[start + i] = u[i] - d[i] + np.int32(about & ((far < b[i] * _NEARLY) | (b[i] == 0)))


@kernel
def count_nearer(values, ranks, distances, out):
    """Numbers that are nearer to each (itself left out) than its distance, to int32 `out`."""
    _count(values, ranks, distances, False, False, out)


@kernel
def count_within(values, ranks, distances, out):
    """Numbers that are no farther from each (itself left out) than its distance, to int32 `out`."""
    _count(values, ranks, distances, True, False, out)


@kernel
def count_about(values, ranks, bounds, out):
    """
    Numbers no farther from each than its distance, and one more where none is at the bound, or 0.

    As the argument of digamma it is what Kraskov and others have where distances are not tied: one
    more than what is strictly nearer. What is within 2**-29 of the bound is at it.
    """
    _count(values, ranks, bounds, True, True, out)


@kernel
def digamma_integers(out):
    """Digamma of 0 (which is NaN), 1, 2, ... to the end of `out`."""
    for m in range(out.size):
        out[m] = digamma(np.float64(m)) if m else np.nan


@kernel(inline=True)
def digamma_integer(m, table):
    """Digamma of a whole number above 0: from a table of the first ones, of at least 100."""
    if m < table.size:
        return table[np.uint64(m)]
    v = 1.0 / np.float64(m)
    w = v * v
    return np.log(np.float64(m)) - v * 0.5 - w * (1 / 12 - w * (1 / 120 - w * (1 / 252)))


@kernel(fastmath=("contract",))
def sum_digamma(counts, more, table):
    """Sum of digamma of each count and so many `more`; the table is of :func:`digamma_integers`."""
    total = 0.0
    for i in range(counts.size):
        total += digamma_integer(np.int64(counts[i]) + more, table)
    return total
