"""Bins of equally many samples: edges from the order of the samples, without sorting all of them.

Samples are counted in the cells of a grid, whose numbers never decrease with the sample. Of the
cells in which an edge lies, and of those alone, the samples themselves are sorted.

Contract: samples are C-contiguous float32 or float64; lengths are not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.searching import BITWISE, bitwise_cells, key, linear_cells, number_of
from fastinfo.kernels.binning.sorted_samples import above, between, share_out

_BLOCK = 8192
_MOST_BLOCKS = 7  # samples that 16 bits can count


@kernel(inline=True)
def _cells(x, kind, low, high, scale, shift, last, usual, whole, base, cells):
    """
    Cell of each sample, from 0 to `last`, then the last one for NaN.

    `usual`, a value that repeats, is a cell of its own, so that those behind it are two farther.
    Samples that are `whole` have no NaN among them.
    """
    if kind == BITWISE:
        bitwise_cells(x, low, high, base, np.uint64(shift), cells)
    else:
        linear_cells(x, low, scale, np.float64(last), cells)
    missing = np.uint8(0)
    if not whole:
        for i in range(cells.size):
            missing |= np.uint8(x[i] != x[i])
    if missing or usual < np.inf:
        for i in range(cells.size):
            v = np.float64(x[i])
            cell = cells[i] + np.int32(v >= usual) + np.int32(v > usual)
            cells[i] = cell if v == v else np.int32(last + 3)


@kernel
def cells_of(x, kind, low, high, scale, shift, last, usual, whole, cells):
    """Cell of each of a few samples."""
    _cells(x, kind, low, high, scale, shift, last, usual, whole, key(low), cells)


@kernel
def cell_starts(wanted, kind, low, high, scale, shift, last, usual, whole, out):
    """The least float64 in each of these cells or behind, in rising order."""
    base = key(low)
    cell = np.empty(1, np.int32)
    here = np.empty(1, np.float64)
    for i in range(wanted.size):
        first = key(low if i == 0 else out[i - 1])
        stop = key(high)
        while first < stop:  # by halves of the float64 between
            middle = first + ((stop - first) >> np.uint64(1))
            here[0] = number_of(middle)
            _cells(here, kind, low, high, scale, shift, last, usual, whole, base, cell)
            if cell[0] < wanted[i]:
                first = middle + np.uint64(1)
            else:
                stop = middle
        out[i] = number_of(first)


@kernel
def count_in_cells(x, kind, low, high, scale, shift, last, usual, whole, counts):
    """
    Count the samples in each cell, into int64.

    On the way they are counted in 16 bits: such a table stays in the first cache beside the samples
    that stream through it.
    """
    base = key(low)
    buffer = np.empty(_BLOCK, np.int32)
    few = np.zeros(counts.size, np.uint16)
    blocks = 0
    for start in range(0, x.size, _BLOCK):
        part = x[start : start + _BLOCK]
        cells = buffer[: part.size]
        _cells(part, kind, low, high, scale, shift, last, usual, whole, base, cells)
        for i in range(cells.size):
            few[np.uint64(np.uint32(cells[i]))] += np.uint16(1)
        blocks += 1
        if blocks == _MOST_BLOCKS or start + _BLOCK >= x.size:
            blocks = 0
            for c in range(counts.size):
                counts[c] += np.int64(few[c])
                few[c] = 0


@kernel
def code_cells(x, kind, low, high, scale, shift, last, usual, whole, codes, out):
    """The code of each sample's cell."""
    base = key(low)
    buffer = np.empty(_BLOCK, np.int32)
    for start in range(0, x.size, _BLOCK):
        part = x[start : start + _BLOCK]
        here = out[start : start + _BLOCK]
        cells = buffer[: part.size]
        _cells(part, kind, low, high, scale, shift, last, usual, whole, base, cells)
        for i in range(here.size):
            here[i] = codes[np.uint64(np.uint32(cells[i]))]


@kernel
def count_cell_pairs(x, y, x_grid, y_grid, x_codes, y_codes, table):
    """Count pairs by the codes of their cells in two grids, which are tuples; NaN has the last."""
    x_base = key(x_grid[1])
    y_base = key(y_grid[1])
    x_buffer = np.empty(_BLOCK, np.int32)
    y_buffer = np.empty(_BLOCK, np.int32)
    for start in range(0, x.size, _BLOCK):
        xs = x[start : start + _BLOCK]
        ys = y[start : start + _BLOCK]
        a = x_buffer[: xs.size]
        b = y_buffer[: xs.size]
        k, low, high, scale, shift, last, usual, whole = x_grid
        _cells(xs, k, low, high, scale, shift, last, usual, whole, x_base, a)
        k, low, high, scale, shift, last, usual, whole = y_grid
        _cells(ys, k, low, high, scale, shift, last, usual, whole, y_base, b)
        for i in range(xs.size):
            row = np.uint64(x_codes[np.uint64(np.uint32(a[i]))])
            table[row, np.uint64(y_codes[np.uint64(np.uint32(b[i]))])] += np.uint32(1)


@kernel
def _cell_of(ends, rank):
    """Number of the cell with the sample of this rank."""
    low = 0
    high = ends.size - 1
    while low < high:
        middle = (low + high) >> 1
        if ends[middle] <= rank:
            low = middle + 1
        else:
            high = middle
    return low


@kernel
def _value_at(values, ends, skipped, picked, wanted, place, usual, rank):
    """The sample of this rank; its cell becomes wanted if it is not picked."""
    c = _cell_of(ends, rank)
    if c == place:
        return usual
    if not picked[c]:
        wanted[c] = True
        return np.nan
    return values[rank - skipped[c]]


@kernel(fastmath=())
def _quantile(values, ends, skipped, picked, wanted, place, usual, first, at):
    """Between the samples of the ranks next to a place behind the first, rounded as NumPy does."""
    below = first + np.int64(np.floor(at))
    lower = _value_at(values, ends, skipped, picked, wanted, place, usual, below)
    if below + 1 >= ends[ends.size - 1]:
        return lower
    upper = _value_at(values, ends, skipped, picked, wanted, place, usual, below + 1)
    part = at - np.floor(at)
    width = upper - lower
    return upper - width * (1.0 - part) if part >= 0.5 else lower + width * part


@kernel
def _find_runs(values, ends, skipped, picked, wanted, place, bins, runs):
    """First and last rank of each value that fills a bin; their number."""
    n = ends[ends.size - 1]
    found = 0
    free = 0
    for i in range(bins):
        rank = (i * n) // bins
        if rank < free:
            continue
        c = _cell_of(ends, rank)
        start = ends[c - 1] if c > 0 else 0
        if (ends[c] - start) * bins < n:
            continue
        if c == place:
            runs[found, 0] = start
            runs[found, 1] = free = ends[c]
            found += 1
            continue
        if not picked[c]:
            wanted[c] = True
            continue
        v = values[rank - skipped[c]]
        low = start
        high = rank
        while low < high:
            middle = (low + high) >> 1
            if values[middle - skipped[c]] < v:
                low = middle + 1
            else:
                high = middle
        first = low
        high = ends[c]
        low = rank + 1
        while low < high:
            middle = (low + high) >> 1
            if values[middle - skipped[c]] <= v:
                low = middle + 1
            else:
                high = middle
        if (low - first) * bins >= n:
            runs[found, 0] = first
            runs[found, 1] = low
            found += 1
            free = low
    return found


@kernel(fastmath=())
def equal_count_edges(
    values, ends, skipped, picked, wanted, place, usual, low, high, bins, runs, shares, edges
):
    """
    Edges of bins with equally many samples, where a value that fills a bin has one of its own.

    The samples of picked cells are in `values`, ascending: that of rank r in cell c is ``values[r
    - skipped[c]]``; the ranks of a cell end at ``ends[c]``. All samples of cell `place`, if it is
    not negative, are `usual` and not among the values. Returns the number of edges, or -1 where
    more cells must be picked: they become wanted. `low` and `high` are the least and the largest
    sample, which differ. `runs` has room for ``bins + 1`` rows of 3, `shares` for as many, `edges`
    for ``3 * bins + 3``.
    """
    n = ends[ends.size - 1]
    found = _find_runs(values, ends, skipped, picked, wanted, place, bins, runs)
    for c in range(ends.size):
        if wanted[c]:
            return -1
    share_out(runs, found, n, bins, shares)
    edges[0] = low
    m = 1
    stop = np.int64(0)
    missing = False
    for j in range(found + 1):
        start = runs[j, 0] if j < found else n
        size = start - stop
        if size > 0:
            least = low
            if stop > 0:  # behind a run
                least = _value_at(values, ends, skipped, picked, wanted, place, usual, stop)
                missing |= least != least
            for i in range(1, shares[j]):
                at = (size - 1) * (np.float64(i) * (1.0 / shares[j]))
                e = _quantile(values, ends, skipped, picked, wanted, place, usual, stop, at)
                missing |= e != e
                if (e > least) & (e > edges[m - 1]) & (e < high):
                    edges[m] = e
                    m += 1
        if j == found:
            break
        v = _value_at(values, ends, skipped, picked, wanted, place, usual, start)
        if start > 0:
            before = _value_at(values, ends, skipped, picked, wanted, place, usual, start - 1)
            missing |= before != before
            e = between(before, v)
            if e > edges[m - 1]:
                edges[m] = e
                m += 1
        stop = runs[j, 1]
        if stop < n:
            after = _value_at(values, ends, skipped, picked, wanted, place, usual, stop)
            missing |= after != after
            e = between(v, after)
            if e > edges[m - 1]:
                edges[m] = e
                m += 1
    if missing:
        return -1
    edges[m] = high if high > edges[m - 1] else above(high)
    return m + 1
