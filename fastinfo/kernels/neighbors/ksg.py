"""Estimates of mutual information by nearest neighbours, for two columns: KSG and Ross.

:func:`ksg` and :func:`ross` give the same bits as the public functions, but do not scale the
samples. Divide each column by its standard deviation first, as
:func:`fastinfo.kernels.neighbors.scaling.standardize` does, or the result depends on units.

Two distances that differ by less than 2**-30 of their size are treated as equal. A "lowered"
distance is the next smaller float64, and every sample within it counts. This is how scikit-learn
does it. It differs from the papers if a distance is 0 and, for Ross, if distances are tied.

What the kernels expect: samples are float64, finite, C-contiguous and more than k. Nothing is
checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import bits_of_float64, float64_of_bits, new_array
from fastinfo.kernels.elementary.scalar import log64
from fastinfo.kernels.encoding.ordering import order, ranks_of
from fastinfo.kernels.neighbors.neighbor_counts import (
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

CHUNK = 16384  #: number of points in a chunk, approximately
TABLE = 1024  #: digamma of this many integers is kept in a table


@kernel
def ranked(x, values, places, ranks):
    """Write the sorted numbers to `values`, their original places to `places`, and the ranks."""
    found = order(x)
    for i in range(x.size):
        places[i] = found[i]
        values[i] = x[np.uint64(found[i])]
    ranks_of(places, ranks)


@kernel
def digamma_sum(values, ranks, bounds, about, more, table):
    """Sum of digamma(m + `more`), m the number of values within each rank's bound."""
    counts = new_array(ranks.size, np.int32)
    count_within(values, ranks, bounds, about, counts)
    return sum_digamma(counts, more, table)


@kernel(inline=True)
def _below(d):
    """The next float64 below a distance; 0 is left as it is."""
    return float64_of_bits(bits_of_float64(d) - 1) if d > 0.0 else d


@kernel
def _nearer(distances):
    """Replace each distance by the largest number that counts as smaller."""
    for i in range(distances.size):
        d = distances[i]
        distances[i] = _below(d * LESS) if d > 0.0 else -1.0


@kernel
def ksg(x, y, k):
    """
    Mutual information of two columns of numbers by the first KSG algorithm, in nats.

    ``psi(k) + psi(n) - <psi(n_x + 1) + psi(n_y + 1)>`` (Kraskov, Stögbauer & Grassberger 2004). `x`
    and `y` are the samples, and `k` is the number of neighbours. For each of the n samples, n_x and
    n_y are the numbers of samples that are closer in x, or in y, than the k-th neighbour in the
    plane. ``psi`` is digamma, and ``<...>`` is the mean over the samples.
    """
    n = x.size
    xs = new_array(n, np.float64)
    ys = new_array(n, np.float64)
    places = new_array(n, np.uint32)
    x_ranks = new_array(n, np.uint32)
    y_places = new_array(n, np.uint32)
    ranks = new_array(n, np.uint32)
    ranked(x, xs, places, x_ranks)
    ranked(y, ys, y_places, ranks)
    if xs[0] == xs[n - 1] or ys[0] == ys[n - 1]:
        return 0.0
    bits = strip_bits(n, k)
    px = new_array(n, np.float64)
    py = new_array(n, np.float64)
    fill_strips(xs, ys, x_ranks, y_places, bits, px, py, places, ranks)
    table = new_array(TABLE, np.float64)
    digamma_integers(table)
    strips = ((n - 1) >> bits) + 1
    reach = new_array(n, np.float64)
    tied = new_array(n, np.bool_)
    strip_distances(px, py, xs, bits, k, 0, strips, reach, tied)
    _nearer(reach)
    by_y = new_array(n, np.float64)
    for i in range(n):
        by_y[np.uint64(ranks[i])] = reach[i]
    step = max(1, CHUNK >> bits) << bits
    of_x = 0.0
    for first in range(0, n, step):
        last = min(first + step, n)
        of_x += digamma_sum(xs, places[first:last], reach[first:last], False, 1, table)
    for r in range(n):
        ranks[r] = np.uint32(r)
    of_y = 0.0
    for first in range(0, n, CHUNK):
        last = min(first + CHUNK, n)
        of_y += digamma_sum(ys, ranks[first:last], by_y[first:last], False, 1, table)
    total = of_x + of_y
    return digamma_integer(k, table) + digamma_integer(n, table) - total / n


@kernel
def group(values, places, codes, ends, grouped, ranks):
    """
    Write sorted values, grouped by label, to `grouped`; and their ranks.

    `ends` contains the number of values of each label, and receives the place where they end.
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
def distances_by_squares(grouped, ends, k, c, first, last, out):
    """
    Lowered k-th distances, rounded as scikit-learn does: ``sqrt(x x - 2 x y + y y)``.

    So rounding decides whether the k-th neighbour itself is within the distance. Labels that are
    not small are skipped. `c` is the label of the value at `first`.
    """
    best = new_array(k, np.float64)
    start = ends[c - 1] if c > 0 else 0
    for i in range(first, last):
        while i >= ends[c]:
            start = ends[c]
            c += 1
        stop = ends[c]
        m = stop - start - 1 if stop - start - 1 < k else k
        if m < (stop - start) >> 1:
            continue
        if best.size != m:
            best = new_array(m, np.float64)
        for other in range(m):
            best[other] = np.inf
        v = grouped[i]
        reach = np.inf
        for j in range(start, stop):
            w = grouped[j]
            d = (v * v + -2.0 * (v * w)) + w * w
            d = d if d > 0.0 else 0.0
            if j != i and d < reach:
                reach = insert(best, d)
        out[i - first] = _below(np.sqrt(reach))


@kernel
def excess_sum(counts, k, table):
    """
    Sum of ``psi(m) + (m - k) / m**2 - psi(k)`` over points with m > k neighbours.

    It is 0 for m = k and near ``psi(m + 1) - psi(k)`` for large m: many points at one place are a
    count.
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
    Correction for a sample with `own` > k neighbours of its label within the distance.

    ``psi(own) - psi(k) + (own - k) / own (1 / own - 1 / within)``, `within` counting any label,
    lies between the values for psi of the counts and of the counts plus one.
    """
    share = 1.0 / own
    return (
        digamma_integer(np.int64(own), table)
        - digamma_integer(np.int64(k), table)
        + (own - k) * share * (share - 1.0 / within)
    )


@kernel
def true_excess_sum(k, own, within, table):
    """Sum of :func:`true_excess` over samples with more than k neighbours of their label."""
    total = 0.0
    for i in range(own.size):
        if own[i] > k:
            total += true_excess(k, own[i], within[i], table)
    return total


@kernel
def _reaching(grouped, start, place, v, bound):
    """First place from `start` whose value is within `bound` below v, as that at `place` is."""
    while start < place:
        middle = (start + place) >> 1
        if v - grouped[middle] <= bound:
            place = middle
        else:
            start = middle + 1
    return place


@kernel
def _reached(grouped, place, stop, v, bound):
    """Last place before `stop` whose value is within `bound` above v, as that at `place` is."""
    last = stop - 1
    while place < last:
        middle = (place + last + 1) >> 1
        if grouped[middle] - v <= bound:
            place = middle
        else:
            last = middle - 1
    return place


@kernel
def line_distances(grouped, ends, k, c, first, last, out, more):
    """
    Write the distance to the k-th neighbour of the same label, or to the last one, to `out`.

    It is made slightly larger, to include all values at that distance. How many values of the label
    it includes beyond k goes to `more`. If `more` is empty, distances are lowered instead. `c` is
    the label of the value at `first`.
    """
    start = ends[c - 1] if c > 0 else 0
    for i in range(first, last):
        while i >= ends[c]:
            start = ends[c]
            c += 1
        stop = ends[c]
        m = stop - start - 1 if stop - start - 1 < k else k
        v = grouped[i]
        # Of the windows of m + 1 values around v, the one with the nearest farther end is the first
        # that reaches no farther down than up, or the one before.
        low = i - m if i - m > start else start
        high = i if i < stop - 1 - m else stop - 1 - m
        least = low
        while low < high:
            middle = (low + high) >> 1
            if v - grouped[middle] <= grouped[middle + m] - v:
                high = middle
            else:
                low = middle + 1
        d = v - grouped[low]
        e = grouped[low + m] - v
        d = e if e > d else d
        if low > least:
            e = v - grouped[low - 1]
            f = grouped[low - 1 + m] - v
            e = f if f > e else e
            d = e if e < d else d
        if more.size == 0:
            out[i - first] = _below(d)
        else:
            bound = d * MORE
            out[i - first] = bound
            below = low - 1 if low > least and v - grouped[low - 1] <= bound else low
            if below > start and v - grouped[below - 1] <= bound:
                below = _reaching(grouped, start, below - 1, v, bound)
            above = below + m
            if above < stop - 1 and grouped[above + 1] - v <= bound:
                above = _reached(grouped, above + 1, stop, v, bound)
            more[i - first] = above - below - m


@kernel
def less_excess(total, more, counts, ends, k, c, first, table):
    """A sum of digammas for :func:`ross` minus the sum of :func:`true_excess`, from `first` on."""
    for i in range(more.size):
        while first + i >= ends[c]:
            c += 1
        if more[i] > 0:
            m = min(k, ends[c] - (ends[c - 1] if c > 0 else 0) - 1)
            total -= true_excess(m, m + more[i], counts[i], table)
    return total


@kernel
def ross_own_sum(ends, k, table):
    """Sum of ``digamma(k) - digamma(n)`` over all samples, n being the size of their label."""
    total = 0.0
    start = 0
    for c in range(ends.size):
        n = ends[c] - start
        start = ends[c]
        if n > 1:
            m = n - 1 if n - 1 < k else k
            total += n * (digamma_integer(m, table) - digamma_integer(n, table))
    return total


@kernel
def _number_of(values, low, start, stop):
    """How many of the sorted values from `start` to `stop` equal `low`, the smallest."""
    first = start
    while first < stop:
        middle = (first + stop) >> 1
        if values[middle] <= low:
            first = middle + 1
        else:
            stop = middle
    return first - start


@kernel
def two_valued(values, grouped, ends):
    """Plug-in information between labels and a column of at most two values, else NaN."""
    n = values.size
    low = values[0]
    lows = _number_of(values, low, 0, n)
    if lows < n and values[lows] != values[n - 1]:
        return np.nan
    total = 0.0
    start = 0
    for c in range(ends.size):
        own = ends[c] - start
        both = _number_of(grouped, low, start, ends[c])
        start = ends[c]
        m = both
        of_value = lows
        for _ in range(2):
            if m > 0:
                total += m * log64((m * np.float64(n)) / (np.float64(own) * of_value))
            m = own - both
            of_value = n - lows
    return total / n if total > 0.0 else 0.0


@kernel
def ross(x, codes, counts, k):
    """
    Mutual information between numbers and labels by Ross's estimate (2014), in nats.

    ``psi(n) + <psi(k) - psi(n_label) - psi(m)>``. `x` are the n samples, `codes` their labels from
    0 on, `counts` the number of samples n_label of each label (at least 2), and `k` the number of
    neighbours. For each sample, m is the number of samples of any label within the distance of the
    k-th neighbour with the same label. If more than k samples of the label lie within that
    distance, their number takes the place of k (:func:`true_excess`). So a column of two values has
    its plug-in information.
    """
    n = x.size
    values = new_array(n, np.float64)
    places = new_array(n, np.uint32)
    ranks = new_array(n, np.uint32)
    ranked(x, values, places, ranks)
    grouped = new_array(n, np.float64)
    ends = new_array(counts.size, np.int64)
    for c in range(counts.size):
        ends[c] = counts[c]
    group(values, places, codes, ends, grouped, ranks)
    plain = two_valued(values, grouped, ends)
    if plain == plain:
        return plain
    table = new_array(TABLE, np.float64)
    digamma_integers(table)
    reach = new_array(n, np.float64)
    more = new_array(n, np.int32)
    within = new_array(n, np.int32)
    line_distances(grouped, ends, k, 0, 0, n, reach, more)
    total = 0.0
    c = 0
    for first in range(0, n, CHUNK):
        last = min(first + CHUNK, n)
        counted = within[first:last]
        count_within(values, ranks[first:last], reach[first:last], False, counted)
        part = sum_digamma(counted, 0, table)
        while first >= ends[c]:
            c += 1
        total += less_excess(part, more[first:last], counted, ends, k, c, first, table)
    return digamma_integer(n, table) + (ross_own_sum(ends, k, table) - total) / n
