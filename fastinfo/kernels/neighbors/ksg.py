"""Estimates of mutual information from the distances of neighbours: KSG and Ross, in one dimension.

The whole estimates work chunk by chunk in the order of the public functions, with the same bits.
Coordinates are taken as they are: divide columns by their standard deviations first, as
:func:`fastinfo.kernels.neighbors.scaling.standardize` does, or the answer depends on their units.

Distances that differ by less than 2**-30 of themselves are the same. Where a count is `lowered`,
distances go down to the next float64 and what is that far counts, which is scikit-learn's way: it
differs from the papers' where a distance is 0 and, for Ross, at ties.

Contract: samples are float64, finite, C-contiguous; more than k of them; nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.encoding.ordering import order, ranks_of
from fastinfo.kernels.neighbors.neighbor_counts import (
    count_nearer,
    count_within,
    digamma_integer,
    digamma_integers,
    sum_digamma,
)
from fastinfo.kernels.neighbors.strips import (
    LESS,
    MORE,
    fill_strips,
    insert,
    strip_bits,
    strip_distances,
)

CHUNK = 16384  #: points of a chunk, about
TABLE = 1024  #: digamma of so many integers is kept


@kernel
def ranked(x, values, places, ranks):
    """Numbers in ascending order, the places they had, and the rank of each."""
    found = order(x)
    for i in range(x.size):
        places[i] = found[i]
        values[i] = x[np.uint64(found[i])]
    ranks_of(places, ranks)


@kernel
def _lower(distances, lowered):
    """Take each distance down to the next float64, or to all that is nearer; 0 stays."""
    for i in range(distances.size):
        if not lowered:
            distances[i] *= LESS
            continue
        bits = np.float64(distances[i]).view(np.int64)
        distances[i] = np.int64(bits - np.int64(bits > 0)).view(np.float64)


@kernel
def count_sum(values, ranks, reach, lowered, table):
    """Sum of ``digamma(n + 1)``, n the values within the reach of each of the ranks."""
    counts = np.empty(reach.size, np.int32)
    if lowered:
        count_within(values, ranks, reach, counts)
    else:
        count_nearer(values, ranks, reach, counts)
    return sum_digamma(counts, 1, table)


@kernel
def ksg_sum(px, py, x_sorted, x_rank, y_rank, bits, k, first, last, lowered, table, by_y):
    """
    Sum of ``digamma(n_x + 1)`` of the points in some strips, and how many distances are tied.

    Their distances go to `by_y`, by the rank in y: counted in that order, y stays in the cache.
    """
    start = first << bits
    stop = min(last << bits, px.size)
    reach = np.empty(stop - start, np.float64)
    tied = np.empty(reach.size, np.bool_)
    strip_distances(px, py, x_sorted, bits, k, first, last, reach, tied)
    _lower(reach, lowered)
    ties = 0
    for i in range(reach.size):
        by_y[np.uint64(y_rank[start + i])] = reach[i]
        ties += tied[i]
    return count_sum(x_sorted, x_rank[start:stop], reach, lowered, table), ties


@kernel
def ksg(x, y, k):
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
        part, _ = ksg_sum(px, py, xs, places, ranks, bits, k, first, last, False, table, by_y)
        of_x += part
    for r in range(n):
        ranks[r] = np.uint32(r)
    of_y = 0.0
    for first in range(0, n, CHUNK):
        last = min(first + CHUNK, n)
        of_y += count_sum(ys, ranks[first:last], by_y[first:last], False, table)
    total = of_x + of_y
    return digamma_integer(k, table) + digamma_integer(n, table) - total / n


@kernel
def group(values, places, codes, ends, grouped, ranks):
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
def _by_squares(grouped, start, stop, i, best):
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
def excess_sum(counts, k, table):
    """
    Sum of ``psi(m) + (m - k) / m**2 - psi(k)`` for m true neighbours of each in place of k.

    0 for k of them, and near ``psi(m + 1) - psi(k)`` for many: the size of a crowd at one place is
    a count, and no rank of a distance.
    """
    total = 0.0
    own = digamma_integer(k, table)
    for i in range(counts.size):
        m = np.int64(counts[i])
        if m > k:
            share = 1.0 / m
            total += digamma_integer(m, table) - own + (m - k) * share * share
    return total


@kernel
def true_excess(k, own, within, table):
    """
    What `own` true neighbours of a label have more than k, with `within` of any label there.

    ``psi(own) - psi(k) + (own - k) / own (1 / own - 1 / within)``: between psi of the counts and
    that of one more each, as :func:`excess_sum`.
    """
    share = 1.0 / own
    return (
        digamma_integer(np.int64(own), table)
        - digamma_integer(np.int64(k), table)
        + (own - k) * share * (share - 1.0 / within)
    )


@kernel
def true_excess_sum(k, own, within, table):
    """Sum of :func:`true_excess` where there are more than k."""
    total = 0.0
    for i in range(own.size):
        if own[i] > k:
            total += true_excess(k, own[i], within[i], table)
    return total


@kernel
def _reaching(grouped, start, place, v, bound):
    """The first place from start on, before one that is, of a value no farther below than bound."""
    while start < place:
        middle = (start + place) >> 1
        if v - grouped[middle] <= bound:
            place = middle
        else:
            start = middle + 1
    return place


@kernel
def _reached(grouped, place, stop, v, bound):
    """The last place before stop, after one that is, of a value no farther above than bound."""
    last = stop - 1
    while place < last:
        middle = (place + last + 1) >> 1
        if grouped[middle] - v <= bound:
            place = middle
        else:
            last = middle - 1
    return place


@kernel
def _line_distances(grouped, ends, k, first, last, lowered, out, more):
    """
    Distance of the k-th neighbour among the values of the same label, or of the last one.

    How many more of the label are within it goes to `more`, if not lowered.
    """
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
        if not lowered:
            bound = d * MORE
            below = low - 1 if low > least and v - grouped[low - 1] <= bound else low
            if below > start and v - grouped[below - 1] <= bound:
                below = _reaching(grouped, start, below - 1, v, bound)
            above = below + m
            if above < stop - 1 and grouped[above + 1] - v <= bound:
                above = _reached(grouped, above + 1, stop, v, bound)
            more[i - first] = above - below - m


@kernel
def ross_sum(values, grouped, ranks, ends, k, first, last, lowered, table):
    """
    Sum of digamma of the number of values within the distance of the k-th of the own label.

    Less what :func:`true_excess` has for the own label, if not lowered.
    """
    reach = np.empty(last - first, np.float64)
    counts = np.empty(last - first, np.int32)
    more = np.empty(last - first, np.int32)
    _line_distances(grouped, ends, k, first, last, lowered, reach, more)
    if lowered:
        _lower(reach, True)
        count_within(values, ranks[first:last], reach, counts)
        return sum_digamma(counts, 1, table)
    for i in range(reach.size):
        reach[i] *= MORE
    count_within(values, ranks[first:last], reach, counts)
    total = sum_digamma(counts, 0, table)
    c = np.searchsorted(ends, first, side="right")
    for i in range(first, last):
        while i >= ends[c]:
            c += 1
        if more[i - first] > 0:
            m = min(k, ends[c] - (ends[c - 1] if c > 0 else 0) - 1)
            total -= true_excess(m, m + more[i - first], counts[i - first], table)
    return total


@kernel
def ross_own_sum(ends, k, table):
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
def two_valued(values, grouped, ends):
    """Plug-in information of a column of at most two values against labels; NaN of others."""
    n = values.size
    low = values[0]
    lows = np.searchsorted(values, low, side="right")
    if lows < n and values[lows] != values[n - 1]:
        return np.nan
    total = 0.0
    start = 0
    for c in range(ends.size):
        own = ends[c] - start
        both = np.searchsorted(grouped[start : ends[c]], low, side="right")
        start = ends[c]
        for m, of_value in ((both, lows), (own - both, n - lows)):
            if m > 0:
                total += m * log64((m * np.float64(n)) / (np.float64(own) * of_value))
    return max(total / n, 0.0)


@kernel
def ross(x, codes, counts, k):
    """
    Estimate of Ross of numbers against labels from 0 on, in nats; `counts` of each is at least 2.

    ``psi(N) + <psi(k) - psi(N_label) - psi(m)>``, m the values within the k-th of the same label.
    Where more than k of the label are within it, k is their number (:func:`true_excess`). So
    numbers of two values have their plug-in information.
    """
    n = x.size
    values = np.empty(n, np.float64)
    places = np.empty(n, np.uint32)
    ranks = np.empty(n, np.uint32)
    ranked(x, values, places, ranks)
    grouped = np.empty(n, np.float64)
    ends = counts.astype(np.int64)
    group(values, places, codes, ends, grouped, ranks)
    plain = two_valued(values, grouped, ends)
    if not np.isnan(plain):
        return plain
    table = np.empty(TABLE, np.float64)
    digamma_integers(table)
    total = 0.0
    for first in range(0, n, CHUNK):
        total += ross_sum(
            values, grouped, ranks, ends, k, first, min(first + CHUNK, n), False, table
        )
    return digamma_integer(n, table) + (ross_own_sum(ends, k, table) - total) / n
