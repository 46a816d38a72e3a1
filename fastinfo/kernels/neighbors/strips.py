"""Exact distance of the k-th neighbour in the plane, max norm, by a search through strips.

Each strip holds the same number of neighbours in x (a power of two), sorted by y. A search goes up
and down in y in the point's own strip, then through the strips beside it. It ends when what is left
is farther in y, and the next strip is farther in x, than the k-th nearest point found so far. A
strip is about as wide as a neighbourhood, so a search looks at a few times k points. Strips are
processed in order, and the places where searches begin move along with them.

A distance is tied if another point beyond the first k neighbours is at the same distance, or if it
is 0. Distances that differ by less than 2**-30 of their size are treated as equal: 0.3 - 0.2 is as
far as 0.2 - 0.1.

What the kernels expect: see the functions; coordinates are float64 without NaN. Nothing is checked.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array

MORE = 1.0 + 2.0**-30  #: up to this multiple of a distance, another one is equal
LESS = 1.0 - 2.0**-30  #: from this multiple on

_FEW = 16  # up to this many neighbours are kept sorted, more in a heap


def bits_of_strips(n: int, k: int) -> int:
    """Logarithm (base 2) of the number of points in a strip, for n points and k neighbours."""
    return max(3, int(round(0.5 * math.log2(n * (k + 1.0)) + 0.3)))


strip_bits = kernel(bits_of_strips)


@kernel
def fill_strips(x_sorted, y_sorted, x_ranks, y_places, bits, px, py, x_rank, y_rank):
    """
    Write the points strip by strip, sorted by y in each: coordinates, and ranks in x and y.

    `x_ranks` has the rank in x of each point, and `y_places` has the points in ascending order of
    y.
    """
    n = x_sorted.size
    shift = np.uint32(bits)
    strips = ((n - 1) >> bits) + 1
    ends = new_array(strips, np.uint32)
    for s in range(strips):
        ends[np.uint64(s)] = np.uint32(s << bits)
    for j in range(n):
        r = x_ranks[np.uint64(y_places[np.uint64(j)])]
        strip = np.uint64(r >> shift)
        place = np.uint64(ends[strip])
        ends[strip] = np.uint32(place + np.uint64(1))
        x_rank[place] = r
        y_rank[place] = np.uint32(j)
    for j in range(n):
        i = np.uint64(j)
        px[i] = x_sorted[np.uint64(x_rank[i])]
        py[i] = y_sorted[np.uint64(y_rank[i])]


@kernel
def insert(best, distance):
    """Replace the largest of the distances that are kept; return the largest one afterwards."""
    k = best.size
    if k <= _FEW:  # ascending
        i = k - 1
        while i > 0 and best[i - 1] > distance:
            best[i] = best[i - 1]
            i -= 1
        best[i] = distance
        return best[k - 1]
    i = 0  # a heap with the largest at the top
    while True:
        child = 2 * i + 1
        if child >= k:
            break
        if child + 1 < k and best[child + 1] > best[child]:
            child += 1
        if best[child] <= distance:
            break
        best[i] = best[child]
        i = child
    best[i] = distance
    return best[0]


@kernel(inline=True)
def closer(best, d, reach):
    """
    Insert a distance below the bound; return the k-th distance and the new bound.

    The bound is slightly above the k-th distance, so that a tie is found. Once there is a tie, the
    bound is the distance itself: the other points at that distance need not be looked at.
    """
    bound = reach
    if d < reach:
        farther = reach
        reach = insert(best, d)
        bound = reach * MORE
        if farther <= bound:
            bound = reach
    return reach, bound


@kernel
def _first_from(py, y, start, stop):
    """First place from `start` on whose y is not below."""
    while start < stop:
        middle = (start + stop) >> 1
        if py[middle] < y:
            start = middle + 1
        else:
            stop = middle
    return start


@kernel
def strip_distances(px, py, x_sorted, bits, k, first, last, out, tied):
    """
    Distance to the k-th neighbour, for the points in strips `first` to `last` - 1.

    `out` and `tied` (bool) begin with the first point of strip `first`. There are more than k
    points.
    """
    # One flat loop over the strips of a point, its own among them: what is done to a distance is
    # inlined, so that each place where it is done takes time to compile.
    n = px.size
    strips = ((n - 1) >> bits) + 1
    width = 1 << bits
    best = new_array(k, np.float64)
    for s in range(first, last):
        start = s << bits
        stop = start + width if start + width < n else n
        left = start - width if start > 0 else 0
        right = stop
        right_stop = stop + width if stop + width < n else n
        for i in range(start, stop):
            x = px[i]
            y = py[i]
            for m in range(k):
                best[m] = np.inf
            reach = np.inf
            bound = np.inf
            up = i + 1
            down = i - 1
            # Both ways in turn until k are found, then each to its end.
            for m in range(k + (k & 1)):
                if m & 1 == 0:
                    if up >= stop:
                        continue
                    j = up
                    up += 1
                else:
                    if down < start:
                        continue
                    j = down
                    down -= 1
                d = abs(py[j] - y)
                e = abs(px[j] - x)
                d = e if e > d else d
                if d < bound:
                    reach, bound = closer(best, d, reach)
            while left < start and py[left] < y:
                left += 1
            while right < right_stop and py[right] < y:
                right += 1
            t = s
            low = start
            high = stop
            while True:
                while up < high:
                    d = py[up] - y
                    if not d < bound:
                        break
                    e = abs(px[up] - x)
                    d = e if e > d else d
                    if d < bound:
                        reach, bound = closer(best, d, reach)
                    up += 1
                while down >= low:
                    d = y - py[down]
                    if not d < bound:
                        break
                    e = abs(px[down] - x)
                    d = e if e > d else d
                    if d < bound:
                        reach, bound = closer(best, d, reach)
                    down -= 1
                # The next strip: to the right while one may hold a neighbour, then to the left.
                if t >= s:
                    t += 1
                    if t >= strips or not x_sorted[t << bits] - x < bound:
                        t = s - 1
                else:
                    t -= 1
                if t < 0 or (t < s and not x - x_sorted[(t << bits) + width - 1] < bound):
                    break
                low = t << bits
                high = low + width if low + width < n else n
                if t == s + 1:
                    up = right
                elif t == s - 1:
                    up = left
                else:
                    up = _first_from(py, y, low, high)
                down = up - 1
            out[i - (first << bits)] = reach
            tied[i - (first << bits)] = bound == reach


@kernel
def strip_work(px, py, x_sorted, bits, k, samples):
    """
    Estimate of the nanoseconds per search, from some searches in their own strips only.

    A long time means that neighbours are in many strips, or that many points are near in y but not
    in x. A tree is faster then.
    """
    n = px.size
    best = new_array(k, np.float64)
    total = 0.0
    for q in range(samples):
        i = q * n // samples
        x = px[i]
        y = py[i]
        start = (i >> bits) << bits
        stop = start + (1 << bits) if start + (1 << bits) < n else n
        for m in range(k):
            best[m] = np.inf
        reach = np.inf
        for way in range(2):
            step = 1 - 2 * way
            j = i + step
            while start <= j < stop:
                d = abs(py[j] - y)
                if not d < reach:
                    break
                e = abs(px[j] - x)
                d = e if e > d else d
                if d < reach:
                    reach = insert(best, d)
                j += step
        tall = 0
        for j in range(start, stop):
            tall += abs(py[j] - y) < reach
        low = _first_from(x_sorted, x - reach, np.int64(0), n)
        high = _first_from(x_sorted, x + reach, low, n)
        wide = ((high - low) >> bits) + 1
        total += wide * (40.0 + 1.5 * tall)
    return total / samples
