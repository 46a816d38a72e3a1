"""Distance of the k-th neighbour in the plane, max norm, exact: a search through strips.

Strips hold equally many neighbours in x (a power of two), and are sorted by y inside. A search goes
up and down in y in the point's own strip, then through the strips beside it, and ends where what is
left is no nearer in y, and the next strip no nearer in x, than the k-th that is found. A strip is
about as wide as a neighbourhood, so that a search sees a few times k points; strips are walked in
order, and the places where searches begin move along with them.

A distance is tied where another neighbour than the first k is as far, or where it is 0. Distances
that differ by less than 2**-30 of themselves are the same here: 0.3 - 0.2 is as far as 0.2 - 0.1.

Contract: as the functions say; coordinates are float64 without NaN; nothing is checked.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel

MORE = 1.0 + 2.0**-30  #: up to so many times a distance is as far
LESS = 1.0 - 2.0**-30  #: and from so many times on

_FEW = 16  # so many neighbours are kept sorted, more as a heap


@kernel
def strip_bits(n, k):
    """Bits of the number of points in a strip, for n points and k neighbours."""
    return max(3, int(round(0.5 * math.log2(n * (k + 1.0)) + 0.3)))


@kernel
def fill_strips(x_sorted, y_sorted, x_ranks, y_places, bits, px, py, x_rank, y_rank):
    """
    Points by strips, sorted by y in each: coordinates, and ranks in x and in y.

    `x_ranks` has the rank in x of each point, `y_places` the points in ascending y.
    """
    n = x_sorted.size
    shift = np.uint32(bits)
    strips = ((n - 1) >> bits) + 1
    ends = np.empty(strips, np.uint32)
    for s in range(strips):
        ends[s] = np.uint32(s << bits)
    for j in range(n):
        r = x_ranks[np.uint64(y_places[j])]
        strip = np.uint64(r >> shift)
        place = np.uint64(ends[strip])
        ends[strip] = np.uint32(place + np.uint64(1))
        x_rank[place] = r
        y_rank[place] = np.uint32(j)
    for i in range(n):
        px[i] = x_sorted[np.uint64(x_rank[i])]
        py[i] = y_sorted[np.uint64(y_rank[i])]


@kernel
def insert(best, distance):
    """Put a distance in the place of the largest that is kept; returns the largest one then."""
    k = best.size
    if k <= _FEW:  # ascending
        i = k - 1
        while i > 0 and best[i - 1] > distance:
            best[i] = best[i - 1]
            i -= 1
        best[i] = distance
        return best[k - 1]
    i = 0  # a heap, the largest on top
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
    Take in a distance below the bound: the k-th distance then, and the new bound.

    The bound lies a little above the k-th distance, to find a tie, and at it once it is tied: the
    rest of a crowd at that distance need not be looked at.
    """
    bound = reach
    if d < reach:
        farther = reach
        reach = insert(best, d)
        bound = reach * MORE
        if farther <= bound:
            bound = reach
    return reach, bound


@kernel(inline=True)
def _up(px, py, x, y, i, stop, reach, bound, best):
    """Look at points from place i on, of larger y; returns the k-th distance and the bound."""
    while i < stop:
        d = py[i] - y
        if not d < bound:
            break
        d = max(d, abs(px[i] - x))
        if d < bound:
            reach, bound = closer(best, d, reach)
        i += 1
    return reach, bound


@kernel(inline=True)
def _down(px, py, x, y, i, start, reach, bound, best):
    """Look at points from before place i down, of smaller y; returns as `_up` does."""
    while i > start:
        d = y - py[i - 1]
        if not d < bound:
            break
        d = max(d, abs(px[i - 1] - x))
        if d < bound:
            reach, bound = closer(best, d, reach)
        i -= 1
    return reach, bound


@kernel
def _first_from(py, y, start, stop):
    """The first place from start on whose y is not below."""
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
    Distance of the k-th neighbour, of the points in strips from `first` to before `last`.

    `out` begins with the first point of strip `first`, and so does `tied` (bool). There are more
    than k points.
    """
    n = px.size
    strips = ((n - 1) >> bits) + 1
    width = 1 << bits
    best = np.empty(k, np.float64)
    for s in range(first, last):
        start = s << bits
        stop = min(start + width, n)
        left = max(start - width, 0)
        right = stop
        right_stop = min(stop + width, n)
        for i in range(start, stop):
            x = px[i]
            y = py[i]
            for m in range(k):
                best[m] = np.inf
            reach = np.inf
            bound = np.inf
            up = i + 1
            down = i
            # Both ways in turn until k are found, then each to its end.
            for _ in range((k + 1) >> 1):
                if up < stop:
                    d = max(py[up] - y, abs(px[up] - x))
                    if d < bound:
                        reach, bound = closer(best, d, reach)
                    up += 1
                if down > start:
                    down -= 1
                    d = max(y - py[down], abs(px[down] - x))
                    if d < bound:
                        reach, bound = closer(best, d, reach)
            reach, bound = _up(px, py, x, y, up, stop, reach, bound, best)
            reach, bound = _down(px, py, x, y, down, start, reach, bound, best)
            while left < start and py[left] < y:
                left += 1
            while right < right_stop and py[right] < y:
                right += 1
            t = s + 1
            while t < strips and x_sorted[t << bits] - x < bound:
                low = t << bits
                high = min(low + width, n)
                at = right if t == s + 1 else _first_from(py, y, low, high)
                reach, bound = _up(px, py, x, y, at, high, reach, bound, best)
                reach, bound = _down(px, py, x, y, at, low, reach, bound, best)
                t += 1
            t = s - 1
            while t >= 0 and x - x_sorted[(t << bits) + width - 1] < bound:
                low = t << bits
                high = low + width
                at = left if t == s - 1 else _first_from(py, y, low, high)
                reach, bound = _up(px, py, x, y, at, high, reach, bound, best)
                reach, bound = _down(px, py, x, y, at, low, reach, bound, best)
                t -= 1
            out[i - (first << bits)] = reach
            tied[i - (first << bits)] = bound == reach


@kernel
def strip_work(px, py, x_sorted, bits, k, samples):
    """
    About how many nanoseconds a search takes, from so many searches, each in its own strip alone.

    A long time means neighbours in many strips, or many points near in y but not in x: a tree is
    faster then.
    """
    n = px.size
    best = np.empty(k, np.float64)
    total = 0.0
    for q in range(samples):
        i = q * n // samples
        start = (i >> bits) << bits
        stop = min(start + (1 << bits), n)
        for m in range(k):
            best[m] = np.inf
        reach, bound = _up(px, py, px[i], py[i], i + 1, stop, np.inf, np.inf, best)
        reach, bound = _down(px, py, px[i], py[i], i, start, reach, bound, best)
        tall = 0
        for j in range(start, stop):
            tall += abs(py[j] - py[i]) < reach
        low = np.searchsorted(x_sorted, px[i] - reach)
        high = np.searchsorted(x_sorted, px[i] + reach)
        wide = ((high - low) >> bits) + 1
        total += wide * (40.0 + 1.5 * tall)
    return total / samples
