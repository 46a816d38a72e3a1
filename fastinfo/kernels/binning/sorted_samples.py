"""Edges of bins with equal counts, from samples in ascending order.

Most samples have more distinct values than bins, and no value that fills a bin. :func:`plain_edges`
handles those, and :func:`edges_beside_runs` handles the others. :func:`sorted_edges` handles both.

What the kernels expect: samples are finite, ascending, C-contiguous float64, and `edges` has room
for ``3 * bins + 3`` numbers. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import (
    bits_of_float64,
    float64_of_bits,
    new_array,
    new_matrix,
)

_ONE = np.int64(1)


@kernel(inline=True)
def above(x):
    """The next float64 after a finite one."""
    if x == 0.0:
        return 5e-324
    return float64_of_bits(bits_of_float64(x) + (_ONE if x > 0.0 else -_ONE))


@kernel(fastmath=(), inline=True)
def between(below, above):
    """An edge that separates two numbers: above the first one and at most the second one."""
    middle = below + 0.5 * (above - below)
    if not abs(middle) < np.inf:
        middle = 0.5 * below + 0.5 * above
    return middle if (below < middle) & (middle <= above) else above


@kernel
def share_out(runs, found, n, bins, shares):
    """Distribute bins to the samples before, between and after the runs, at least one each."""
    total = n
    gaps = 0
    stop = 0
    for j in range(found + 1):
        start = runs[j, 0] if j < found else n
        size = start - stop
        shares[j] = size
        if size > 0:
            gaps += 1
        if j < found:
            stop = runs[j, 1]
            total -= stop - start
    if gaps == 0:
        return
    left = bins - found if bins - found > gaps else gaps
    given = 0
    for j in range(found + 1):  # round shares down, but to 1 at least
        exact = left * shares[j]
        if exact > 0:
            whole = exact // total
            whole = whole if whole > 1 else 1
            given += whole
            runs[j, 2] = exact - whole * total  # what was lost by rounding down
            shares[j] = whole
    while given != left:
        step = 1 if given < left else -1
        best = -1
        most = 0
        for j in range(found + 1):
            short = step * runs[j, 2]
            if shares[j] > 0 and shares[j] + step > 0 and (best < 0 or short > most):
                best = j
                most = short
        shares[best] += step
        runs[best, 2] -= step * total
        given += step


@kernel(inline=True)
def at_rank(values, usual, below, many, rank):
    """The sample of a rank, where `many` samples equal to `usual` are not among the values."""
    if rank >= below:
        if rank < below + many:
            return usual
        rank -= many
    return values[np.uint64(rank)]


@kernel(fastmath=())
def _add_quantiles(values, usual, below, many, start, stop, share, edges, m):
    """
    Append edges that divide the samples of ranks from `start` to `stop` into `share` bins.

    Returns the number of edges. Each edge lies between the samples next to its place, and is
    rounded as by NumPy.
    """
    n = values.size + many
    least = at_rank(values, usual, below, many, start)
    high = at_rank(values, usual, below, many, n - 1)
    width = 1.0 / share
    last = edges[np.uint64(m - 1)]
    for i in range(1, share):
        at = (stop - start - 1) * (np.float64(i) * width)
        first = np.int64(at)
        part = at - np.float64(first)
        first += start
        next_one = first + 1 if first + 1 < n else first
        lower = at_rank(values, usual, below, many, first)
        upper = at_rank(values, usual, below, many, next_one)
        gap = upper - lower
        e = upper - gap * (1.0 - part) if part >= 0.5 else lower + gap * part
        if (e > least) & (e > last) & (e < high):
            edges[np.uint64(m)] = last = e
            m += 1
    return m


@kernel(fastmath=())
def plain_edges(values, bins, edges):
    """
    Edges of samples of which no value fills a bin; returns their number, or 0 if one does.

    A single value gets one bin around it. If there are no more distinct values than bins, each has
    its own bin.
    """
    n = values.size
    low = values[0]
    high = values[n - 1]
    if low == high:
        size = -low if low < 0.0 else low
        reach = above(size) - size
        reach = reach if reach > 0.5 else 0.5
        edges[0] = low - reach
        edges[1] = low + reach
        return 2
    changes = 0
    for i in range(1, n):
        changes += np.int64(values[np.uint64(i)] != values[np.uint64(i - 1)])
    edges[0] = low
    m = 1
    if changes < bins and bins > 1:
        level = low
        for i in range(n):
            if values[i] != level:
                edges[m] = between(level, values[i])
                level = values[i]
                m += 1
        high = level
    else:
        behind = (n - 1) // bins  # from the first to the last sample that fill a bin
        runs = 0
        for i in range(behind, n):
            runs += np.int64(values[np.uint64(i)] == values[np.uint64(i - behind)])
        if runs > 0:
            return 0
        none = np.int64(0)
        m = _add_quantiles(values, low, n, none, none, n, bins, edges, np.int64(1))
    edges[m] = high if high > edges[m - 1] else above(high)
    return m + 1


@kernel(fastmath=())
def edges_beside_runs(values, usual, below, many, bins, edges):
    """
    Edges of samples in which some values fill a bin, and so have one each; their number.

    `many` samples that equal `usual` are not among the values. They come after `below` of these.
    The values may be empty if there are such samples.
    """
    n = values.size + many
    runs = new_matrix(bins + 1, 3, np.int64)
    shares = new_array(bins + 1, np.int64)
    found = np.int64(0)
    start = np.int64(0)
    for i in range(values.size + 1):
        if i > start and (i == values.size or values[i] != values[start]):
            if (i - start) * bins >= n:
                skipped = many if start >= below else np.int64(0)
                runs[found, 0] = start + skipped
                runs[found, 1] = i + skipped
                found += 1
            start = np.int64(i)
        if i == below and many > 0 and many * bins >= n:
            runs[found, 0] = below
            runs[found, 1] = below + many
            found += 1
    share_out(runs, found, n, bins, shares)
    edges[0] = at_rank(values, usual, below, many, np.int64(0))
    m = np.int64(1)
    stop = np.int64(0)
    for j in range(found + 1):
        start = runs[j, 0] if j < found else n
        if start > stop:
            m = _add_quantiles(values, usual, below, many, stop, start, shares[j], edges, m)
        if j < found:
            stop = runs[j, 1]
            for end in (start, stop):
                if 0 < end < n:
                    before = at_rank(values, usual, below, many, end - 1)
                    e = between(before, at_rank(values, usual, below, many, end))
                    if e > edges[m - 1]:
                        edges[m] = e
                        m += 1
    high = at_rank(values, usual, below, many, n - 1)
    edges[m] = high if high > edges[m - 1] else above(high)
    return m + 1


@kernel
def sorted_edges(values, bins, edges):
    """
    Write the edges of bins with equal counts, and return their number.

    They are quantiles if no value is so frequent that it fills a bin. Each such value has a bin of
    its own, and the samples between such values share the other bins, in proportion to their
    number.
    """
    n = plain_edges(values, bins, edges)
    if n > 0:
        return n
    return edges_beside_runs(values, values[0], values.size, np.int64(0), bins, edges)
