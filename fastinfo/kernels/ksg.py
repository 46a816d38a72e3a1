"""Estimates of mutual information from the distances of neighbours: KSG and Ross, in one dimension.

The whole estimates work chunk by chunk in the order of the public functions, with the same bits.
Where a count is `lowered`, distances go down to the next float64 and what is that far counts, which
is scikit-learn's way: it differs from the papers' where a distance is 0 and, for Ross, at ties.

Contract: samples are float64, finite, C-contiguous; more than k of them; nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import kernel
from fastinfo.kernels.marginals import (
    count_nearer,
    count_within,
    digamma_integer,
    digamma_integers,
    sum_digamma,
)
from fastinfo.kernels.ordering import order, ranks_of
from fastinfo.kernels.strips import fill_strips, insert, strip_bits, strip_distances

__all__ = [
    "CHUNK",
    "TABLE",
    "count_sum",
    "group",
    "ksg",
    "ksg_sum",
    "ranked",
    "ross",
    "ross_own_sum",
    "ross_sum",
]

CHUNK = 16384  #: points of a chunk, about
TABLE = 1024  #: digamma of so many integers is kept


@kernel
def ranked(x, values, places, ranks):  # type: ignore[no-untyped-def]
    """Numbers in ascending order, the places they had, and the rank of each."""
    found = order(x)
    for i in range(x.size):
        places[i] = found[i]
        values[i] = x[np.uint64(found[i])]
    ranks_of(places, ranks)


@kernel
def _lower(distances):  # type: ignore[no-untyped-def]
    """Take each distance down to the next float64; 0 stays."""
    for i in range(distances.size):
        bits = np.float64(distances[i]).view(np.int64)
        distances[i] = np.int64(bits - np.int64(bits > 0)).view(np.float64)


@kernel
def count_sum(values, ranks, reach, lowered, table):  # type: ignore[no-untyped-def]
    """Sum of ``digamma(n + 1)``, n the values within the reach of each of the ranks."""
    counts = np.empty(reach.size, np.int32)
    if lowered:
        count_within(values, ranks, reach, counts)
    else:
        count_nearer(values, ranks, reach, counts)
    return sum_digamma(counts, 1, table)


@kernel
def ksg_sum(px, py, x_sorted, x_rank, y_rank, bits, k, first, last, lowered, table, by_y):  # type: ignore[no-untyped-def]
    """
    Sum of ``digamma(n_x + 1)`` of the points in some strips.

    Their distances go to `by_y`, by the rank in y: counted in that order, y stays in the cache.
    """
    start = first << bits
    stop = min(last << bits, px.size)
    reach = np.empty(stop - start, np.float64)
    strip_distances(px, py, x_sorted, bits, k, first, last, reach)
    if lowered:
        _lower(reach)
    for i in range(reach.size):
        by_y[np.uint64(y_rank[start + i])] = reach[i]
    return count_sum(x_sorted, x_rank[start:stop], reach, lowered, table)


@kernel
def ksg(x, y, k):  # type: ignore[no-untyped-def]
    """KSG estimate, algorithm 1: ``psi(k) + psi(N) - <psi(n_x + 1) + psi(n_y + 1)>``, in nats."""
    n = x.size
    xs = np.empty(n, np.float64)
    ys = np.empty(n, np.float64)
    places = np.empty(n, np.uint32)
    x_ranks = np.empty(n, np.uint32)
    y_places = np.empty(n, np.uint32)
    ranks = np.empty(n, np.uint32)
    ranked(x, xs, places, x_ranks)
    ranked(y, ys, y_places, ranks)
    if xs[0] == xs[n - 1] or ys[0] == ys[n - 1]:
        return 0.0
    bits = strip_bits(n, k)
    px = np.empty(n, np.float64)
    py = np.empty(n, np.float64)
    fill_strips(xs, ys, x_ranks, y_places, bits, px, py, places, ranks)
    table = np.empty(TABLE, np.float64)
    digamma_integers(table)
    strips = ((n - 1) >> bits) + 1
    step = max(1, CHUNK >> bits)
    by_y = np.empty(n, np.float64)
    of_x = 0.0
    for first in range(0, strips, step):
        last = min(first + step, strips)
        of_x += ksg_sum(px, py, xs, places, ranks, bits, k, first, last, False, table, by_y)
    for r in range(n):
        ranks[r] = np.uint32(r)
    of_y = 0.0
    for first in range(0, n, CHUNK):
        last = min(first + CHUNK, n)
        of_y += count_sum(ys, ranks[first:last], by_y[first:last], False, table)
    total = of_x + of_y
    return digamma_integer(k, table) + digamma_integer(n, table) - total / n


@kernel
def group(values, places, codes, ends, grouped, ranks):  # type: ignore[no-untyped-def]
    """
    Sorted values by label, sorted in each, with their ranks among all.

    `ends` has the number of values of each label, and gets where its values end.
    """
    total = np.int64(0)
    for c in range(ends.size):
        count = ends[c]
        ends[c] = total
        total += count
    for r in range(values.size):
        label = np.uint64(codes[np.uint64(places[r])])
        at = np.uint64(ends[label])
        grouped[at] = values[r]
        ranks[at] = np.uint32(r)
        ends[label] = np.int64(at) + 1


@kernel(fastmath=())
def _by_squares(grouped, start, stop, i, best):  # type: ignore[no-untyped-def]
    """
    Distance of the k-th neighbour as scikit-learn has it of few samples: rounded otherwise.

    It takes ``sqrt(x x - 2 x y + y y)``, so that the k-th itself is within it or not by chance.
    """
    for m in range(best.size):
        best[m] = np.inf
    reach = np.inf
    v = grouped[i]
    for j in range(start, stop):
        w = grouped[j]
        d = max((v * v + -2.0 * (v * w)) + w * w, 0.0)
        if j != i and d < reach:
            reach = insert(best, d)
    return np.sqrt(reach)


@kernel
def _line_distances(grouped, ends, k, first, last, lowered, out):  # type: ignore[no-untyped-def]
    """Distance of the k-th neighbour among the values of the same label, or of the last one."""
    c = np.searchsorted(ends, first, side="right")
    start = ends[c - 1] if c > 0 else 0
    for i in range(first, last):
        while i >= ends[c]:
            start = ends[c]
            c += 1
        stop = ends[c]
        m = min(k, stop - start - 1)
        if lowered and m >= (stop - start) >> 1:
            out[i - first] = _by_squares(grouped, start, stop, i, np.empty(m, np.float64))
            continue
        v = grouped[i]
        # The window of m + 1 values with the least reach on its longer side: the first one that
        # reaches no farther down than up, or the one before.
        low = max(start, i - m)
        high = min(i, stop - 1 - m)
        least = low
        while low < high:
            middle = (low + high) >> 1
            if v - grouped[middle] <= grouped[middle + m] - v:
                high = middle
            else:
                low = middle + 1
        d = max(v - grouped[low], grouped[low + m] - v)
        if low > least:
            d = min(d, max(v - grouped[low - 1], grouped[low - 1 + m] - v))
        out[i - first] = d


@kernel
def ross_sum(values, grouped, ranks, ends, k, first, last, lowered, table):  # type: ignore[no-untyped-def]
    """Sum of digamma of the number of values within the distance of the k-th of the own label."""
    reach = np.empty(last - first, np.float64)
    counts = np.empty(last - first, np.int32)
    _line_distances(grouped, ends, k, first, last, lowered, reach)
    if lowered:
        _lower(reach)
    count_within(values, ranks[first:last], reach, counts)
    return sum_digamma(counts, 1 if lowered else 0, table)


@kernel
def ross_own_sum(ends, k, table):  # type: ignore[no-untyped-def]
    """Sum over all samples of ``digamma(k) - digamma(n)``, n that of the own label."""
    total = 0.0
    start = 0
    for c in range(ends.size):
        n = ends[c] - start
        start = ends[c]
        if n > 1:
            m = min(k, n - 1)
            total += n * (digamma_integer(m, table) - digamma_integer(n, table))
    return total


@kernel
def ross(x, codes, counts, k):  # type: ignore[no-untyped-def]
    """
    Estimate of Ross of numbers against labels from 0 on, in nats; `counts` of each is at least 2.

    ``psi(N) + <psi(k) - psi(N_label) - psi(m)>``, m the values within the k-th of the same label.
    """
    n = x.size
    values = np.empty(n, np.float64)
    places = np.empty(n, np.uint32)
    ranks = np.empty(n, np.uint32)
    ranked(x, values, places, ranks)
    grouped = np.empty(n, np.float64)
    ends = counts.astype(np.int64)
    group(values, places, codes, ends, grouped, ranks)
    table = np.empty(TABLE, np.float64)
    digamma_integers(table)
    total = 0.0
    for first in range(0, n, CHUNK):
        total += ross_sum(
            values, grouped, ranks, ends, k, first, min(first + CHUNK, n), False, table
        )
    return digamma_integer(n, table) + (ross_own_sum(ends, k, table) - total) / n
