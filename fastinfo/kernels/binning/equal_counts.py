"""Edges of bins with equal counts, without sorting all samples.

Samples are counted in the cells of a grid. The number of a cell never decreases when the sample
increases. Only the samples in cells that contain an edge are sorted.

What the kernels expect: samples are C-contiguous float32 or float64. Lengths are not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.edges import position
from fastinfo.kernels.binning.searching import BITWISE, key, number_of
from fastinfo.kernels.binning.sorted_samples import above, between, share_out
from fastinfo.kernels.elementary.memory import new_array, new_zeros

_BLOCK = 8192
_MOST_BLOCKS = 7  # as many blocks as a count of 16 bits can hold


@kernel(inline=True)
def _bitwise_cell(x, low, high, base, shift):
    v = np.float64(x)
    v = v if v > low else low
    v = v if v < high else high
    return np.int32((key(v) - base) >> np.uint64(shift))


@kernel(inline=True)
def _beside_usual(cell, x, usual, last):
    """
    Adjust a cell for the frequent value `usual`, which has a cell of its own, and for NaN.

    Cells after that value move up by two.
    """
    v = np.float64(x)
    cell += np.int32(v >= usual) + np.int32(v > usual)
    return cell if v == v else np.int32(last + 3)


@kernel
def fill_cells(x, start, n, kind, low, high, scale, shift, last, usual, whole, cells):
    """
    Write the cell of each of `n` samples, from 0 to `last`; a further cell is for NaN.

    `whole` says that there is no NaN among the samples.
    """
    if kind == BITWISE:
        base = key(low)
        for i in range(n):
            v = x[np.uint64(start + i)]
            cells[np.uint64(i)] = _bitwise_cell(v, low, high, base, shift)
    else:
        for i in range(n):
            v = x[np.uint64(start + i)]
            cells[np.uint64(i)] = np.int32(position(v, low, scale, np.float64(last)))
    missing = np.uint8(0)
    if not whole:
        for i in range(n):
            v = x[np.uint64(start + i)]
            missing |= np.uint8(v != v)
    if missing or usual < np.inf:
        for i in range(n):
            k = np.uint64(i)
            cells[k] = _beside_usual(cells[k], x[np.uint64(start + i)], usual, last)


@kernel
def cells_of(x, kind, low, high, scale, shift, last, usual, whole, cells):
    """The cell of each of a few samples."""
    fill_cells(x, np.int64(0), x.size, kind, low, high, scale, shift, last, usual, whole, cells)


@kernel
def cell_starts(wanted, kind, low, high, scale, shift, last, usual, whole, out):
    """Write the smallest float64 that is in each of the wanted cells, or in a later one."""
    base = key(low)
    first = base
    for i in range(wanted.size):
        stop = key(high)
        while first < stop:  # bisect the float64 numbers in between
            middle = first + ((stop - first) >> np.uint64(1))
            v = number_of(middle)
            cell = np.int32(position(v, low, scale, np.float64(last)))
            if kind == BITWISE:
                cell = _bitwise_cell(v, low, high, base, shift)
            if _beside_usual(cell, v, usual, last) < wanted[i]:
                first = middle + np.uint64(1)
            else:
                stop = middle
        out[i] = number_of(first)


@kernel
def count_in_cells(x, kind, low, high, scale, shift, last, usual, whole, counts):
    """
    Count the samples in each cell; `counts` is int64.

    Samples are first counted in 16 bits, because such a table stays in the first-level cache while
    the samples pass through it.
    """
    cells = new_array(_BLOCK, np.int32)
    few = new_zeros(counts.size, np.uint16)
    one = np.uint16(1)
    blocks = 0
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        fill_cells(x, start, n, kind, low, high, scale, shift, last, usual, whole, cells)
        for i in range(0, n - 3, 4):
            k = np.uint64(i)
            few[np.uint64(np.uint32(cells[k]))] += one
            few[np.uint64(np.uint32(cells[k + np.uint64(1)]))] += one
            few[np.uint64(np.uint32(cells[k + np.uint64(2)]))] += one
            few[np.uint64(np.uint32(cells[k + np.uint64(3)]))] += one
        for i in range(n - n % 4, n):
            few[np.uint64(np.uint32(cells[np.uint64(i)]))] += one
        blocks += 1
        if blocks == _MOST_BLOCKS or start + _BLOCK >= x.size:
            blocks = 0
            for c in range(counts.size):
                counts[np.uint64(c)] += np.int64(few[np.uint64(c)])
                few[np.uint64(c)] = np.uint16(0)


@kernel
def code_cells(x, kind, low, high, scale, shift, last, usual, whole, codes, out):
    """Write the code of each sample, which is the code of its cell."""
    cells = new_array(_BLOCK, np.int32)
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        fill_cells(x, start, n, kind, low, high, scale, shift, last, usual, whole, cells)
        first = np.uint64(start)
        for i in range(0, n - 3, 4):  # look up four codes before storing one
            k = np.uint64(i)
            a = codes[np.uint64(np.uint32(cells[k]))]
            b = codes[np.uint64(np.uint32(cells[k + np.uint64(1)]))]
            c = codes[np.uint64(np.uint32(cells[k + np.uint64(2)]))]
            d = codes[np.uint64(np.uint32(cells[k + np.uint64(3)]))]
            out[first + k] = a
            out[first + k + np.uint64(1)] = b
            out[first + k + np.uint64(2)] = c
            out[first + k + np.uint64(3)] = d
        for i in range(n - n % 4, n):
            out[np.uint64(start + i)] = codes[np.uint64(np.uint32(cells[np.uint64(i)]))]


@kernel
def count_cell_pairs(x, y, x_grid, y_grid, x_codes, y_codes, table):
    """Count pairs by the codes of their cells in two grids (tuples); NaN has the last code."""
    x_cells = new_array(_BLOCK, np.int32)
    y_cells = new_array(_BLOCK, np.int32)
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        k, low, high, scale, shift, last, usual, whole = x_grid
        fill_cells(x, start, n, k, low, high, scale, shift, last, usual, whole, x_cells)
        k, low, high, scale, shift, last, usual, whole = y_grid
        fill_cells(y, start, n, k, low, high, scale, shift, last, usual, whole, y_cells)
        rows = x_cells[:n]
        columns = y_cells[:n]
        for i in range(rows.size):
            row = np.uint64(x_codes[np.uint64(np.uint32(rows[i]))])
            table[row, np.uint64(y_codes[np.uint64(np.uint32(columns[i]))])] += np.uint32(1)


@kernel
def _cell_of(ends, rank):
    """Number of the cell that contains the sample of this rank."""
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
    """The sample of this rank; if its cell is not picked yet, the cell becomes wanted."""
    c = _cell_of(ends, rank)
    if c == place:
        return usual
    if not picked[c]:
        wanted[c] = True
        return np.nan
    return values[rank - skipped[c]]


@kernel(fastmath=())
def _quantile(values, ends, skipped, picked, wanted, place, usual, first, at):
    """The quantile `at` places after rank `first`, interpolated and rounded as NumPy does."""
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
    """First and last rank of each value that fills a bin; returns the number of such values."""
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
    Edges of bins with equal counts, in which a value that fills a bin has a bin of its own.

    Returns the number of edges, or -1 if more cells have to be picked; these become wanted. The
    samples of the picked cells are in `values` in ascending order: the sample of rank r in cell c
    is ``values[r - skipped[c]]``. The ranks of a cell end at ``ends[c]``. If `place` is not
    negative, all samples of that cell equal `usual` and are not among the values. `low` and `high`
    are the smallest and the largest sample, which differ. `runs` has room for ``bins + 1`` rows of
    3, `shares` for as many, and `edges` for ``3 * bins + 3``.
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
            if stop > 0:  # after a run
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
