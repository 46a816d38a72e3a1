"""Counts of samples in cells of neighbouring numbers, which can be added and take little memory.

Each sample has a key, an unsigned integer with the same order. A cell contains all keys that differ
only in their last `shift` bits. Cells are kept in a hash table: for each cell the first key that
was added, and a tally. A tally is a count whose highest bit says that the cell holds different
keys.

What the kernels expect: keys are uint64 and arrays are C-contiguous. The `tallies` of empty places
are 0. The size of a table is a power of two, and more than the `most` cells that it may hold.
Lengths are not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.searching import key, number_of
from fastinfo.kernels.binning.sorted_samples import above, between, share_out

MIXED = np.uint64(1 << 63)  #: bit of a tally: the cell holds different keys

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # 2**64 divided by the golden ratio
_ONE = np.uint64(1)
_BLOCK = 1024


@kernel(fastmath=())
def write_keys(x, keys):
    """Write the keys of the floats that are not NaN; return their number."""
    n = np.uint64(0)
    for i in range(x.size):
        v = np.float64(x[i])
        keys[n] = key(v)
        n += np.uint64(v == v)
    return np.int64(n)


@kernel
def key_bounds(starts, shifts, lows, highs):
    """Write the smallest and the largest float64 of the cells that begin at these keys."""
    for i in range(starts.size):
        first = starts[i]
        lows[i] = number_of(first)
        highs[i] = number_of(first | ((_ONE << np.uint64(shifts[i])) - _ONE))


@kernel
def shift_of_sorted(keys, most):
    """The smallest shift at which ascending keys have at most `most` cells."""
    # How many neighbours fall into the same cell only at a shift of this many bits.
    parted = np.zeros(65, np.int64)
    for i in range(1, keys.size):
        differing = keys[i] ^ keys[i - 1]
        bits = np.uint64(differing != np.uint64(0))
        step = np.uint64(32)
        while step:
            more = np.uint64((differing >> step) != np.uint64(0)) * step
            differing >>= more
            bits += more
            step >>= _ONE
        parted[bits] += 1
    cells = keys.size - parted[0]
    shift = 0
    while cells > most:
        shift += 1
        cells -= parted[shift]
    return shift


@kernel(inline=True)
def _place(k, shift, turn):
    """First place in the table for the cell of a key; eight neighbouring cells are adjacent."""
    cell = k >> shift
    return (((cell >> np.uint64(3)) * _FACTOR) >> turn) << np.uint64(3) | (cell & np.uint64(7))


@kernel(inline=True)
def _turn(size):
    """How far a hash is shifted to give a place; places are used eight at a time."""
    turn = np.uint64(64)
    while size > 8:
        size >>= 1
        turn += np.uint64(2**64 - 1)
    return turn


@kernel(inline=True)
def _put(k, tally, place, firsts, tallies, shift):
    """Add a tally to the cell of a key; return whether the cell is new."""
    mask = np.uint64(firsts.size - 1)
    while True:
        here = tallies[place]
        differing = firsts[place] ^ k
        if (here != np.uint64(0)) & (differing >> shift == np.uint64(0)):
            mixed = np.uint64(differing != np.uint64(0)) << np.uint64(63)
            tallies[place] = (here + (tally & ~MIXED)) | mixed | (tally & MIXED)
            return np.uint64(0)
        if here == np.uint64(0):
            firsts[place] = k
            tallies[place] = tally
            return _ONE
        place = (place + _ONE) & mask


@kernel
def _coarsen(firsts, tallies, shift, found, most):
    """Raise the shift until a table has at most `most` cells; return shift and cells."""
    taken = np.flatnonzero(tallies)
    keys = firsts[taken]
    counts = tallies[taken]
    turn = _turn(firsts.size)
    while found > np.uint64(most):
        shift += _ONE
        tallies[:] = np.uint64(0)
        found = np.uint64(0)
        for i in range(keys.size):
            place = _place(keys[i], shift, turn)
            found += _put(keys[i], counts[i], place, firsts, tallies, shift)
    return shift, found


@kernel
def add_keys(keys, firsts, tallies, shift, found, most):
    """Count keys in a table with `found` cells; return the shift, which may grow, and cells."""
    turn = _turn(firsts.size)
    shift = np.uint64(shift)
    found = np.uint64(found)
    places = np.empty(_BLOCK, np.uint32)
    for start in range(0, keys.size, _BLOCK):
        part = keys[start : start + _BLOCK]
        for i in range(part.size):
            places[i] = np.uint32(_place(part[i], shift, turn))
        for i in range(part.size):
            found += _put(part[i], _ONE, np.uint64(places[i]), firsts, tallies, shift)
            if found > np.uint64(most):
                shift, found = _coarsen(firsts, tallies, shift, found, most)
                for j in range(i + 1, part.size):
                    places[j] = np.uint32(_place(part[j], shift, turn))
    return np.int64(shift), np.int64(found)


@kernel
def add_cells(keys, counts, firsts, tallies, shift, found, most):
    """Add the tallies of cells, whose own shift is not larger; return the shift and the cells."""
    turn = _turn(firsts.size)
    shift = np.uint64(shift)
    found = np.uint64(found)
    for i in range(keys.size):
        place = _place(keys[i], shift, turn)
        found += _put(keys[i], counts[i], place, firsts, tallies, shift)
        if found > np.uint64(most):
            shift, found = _coarsen(firsts, tallies, shift, found, most)
    return np.int64(shift), np.int64(found)


@kernel
def keep_within(keys, starts, stops, out):
    """Keep the keys that lie between one of the ascending `starts` and its stop; their number."""
    n = np.uint64(0)
    for i in range(keys.size):
        k = keys[i]
        low = np.uint64(0)
        length = np.uint64(starts.size)
        while length > _ONE:
            half = length >> _ONE
            low += half * np.uint64(starts[low + half] <= k)
            length -= half
        out[n] = k
        n += np.uint64((starts[low] <= k) & (k <= stops[low]))
    return np.int64(n)


@kernel
def _cell_of(ends, rank):
    """Number of the cell that contains the sample of this rank."""
    return np.searchsorted(ends, rank, side="right")


@kernel(fastmath=())
def cell_edges(lows, highs, ends, bins, edges, unclear):
    """
    Edges of bins with equal counts, from the counts of samples in ordered, finite cells.

    Returns the number of edges, and the largest error of their ranks in units of a bin's samples. A
    cell whose bounds are equal holds one value. If all cells do, the edges are those of
    `sorted_edges`, see :mod:`fastinfo.kernels.binning.sorted_samples`. An edge inside another cell
    is moved to the nearer end of the cell. Cells that have to be examined become `unclear`: those
    that could hold a value that fills a bin, or an edge more than a twentieth of a bin from both
    ends. `ends` are the numbers of samples up to the end of each cell; `edges` has room for ``3 *
    bins + 3``.
    """
    n = ends[ends.size - 1]
    size = ends.size
    low = lows[0]
    high = highs[size - 1]
    worst = 0.0
    if size == 1 and low == high:
        reach = max(0.5, above(abs(low)) - abs(low))
        edges[0] = low - reach
        edges[1] = low + reach
        return 2, worst
    whole = True
    for c in range(size):
        whole &= lows[c] == highs[c]
    if whole and bins > 1 and size <= bins:
        edges[0] = low
        for c in range(1, size):
            edges[c] = between(lows[c - 1], lows[c])
        last = lows[size - 1]
        edges[size] = last if last > edges[size - 1] else above(last)
        return size + 1, worst
    runs = np.empty((bins + 1, 3), np.int64)
    cells = np.empty(bins + 1, np.int64)
    shares = np.empty(bins + 1, np.int64)
    found = 0
    start = np.int64(0)
    for c in range(size):
        if (ends[c] - start) * bins >= n:
            if lows[c] == highs[c]:
                runs[found, 0] = start
                runs[found, 1] = ends[c]
                cells[found] = c
                found += 1
            else:
                unclear[c] = True
        start = ends[c]
    share_out(runs, found, n, bins, shares)
    edges[0] = low
    m = 1
    stop = np.int64(0)
    for j in range(found + 1):
        start = runs[j, 0] if j < found else n
        samples = start - stop
        if samples > 0:
            least = low
            if stop > 0:  # after a run
                least = lows[cells[j - 1] + 1]
            reach = min(n / bins, samples / shares[j]) / 20.0
            for i in range(1, shares[j]):
                at = (samples - 1) * (np.float64(i) * (1.0 / shares[j]))
                below = stop + np.int64(np.floor(at))
                c = _cell_of(ends, below)
                d = c
                if below + 1 < n and below + 1 >= ends[c]:
                    d = c + 1
                if lows[c] == highs[c] and lows[d] == highs[d]:
                    part = at - np.floor(at)
                    width = lows[d] - lows[c]
                    e = lows[d] - width * (1.0 - part) if part >= 0.5 else lows[c] + width * part
                elif d > c:
                    e = lows[d]
                else:
                    before = at + stop - (ends[c - 1] if c > 0 else 0)
                    after = ends[c] - stop - at
                    off = min(before, after) + 1.0  # the rank may be that of either neighbour
                    if off > reach:
                        unclear[c] = True
                    worst = max(worst, off / reach)
                    e = lows[c] if before < after or c + 1 == size else lows[c + 1]
                if (e > least) & (e > edges[m - 1]) & (e < high):
                    edges[m] = e
                    m += 1
        if j == found:
            break
        v = lows[cells[j]]
        if start > 0:
            e = between(highs[cells[j] - 1], v)
            if e > edges[m - 1]:
                edges[m] = e
                m += 1
        stop = runs[j, 1]
        if stop < n:
            e = between(v, lows[cells[j] + 1])
            if e > edges[m - 1]:
                edges[m] = e
                m += 1
    edges[m] = high if high > edges[m - 1] else above(high)
    return m + 1, worst / 20.0
