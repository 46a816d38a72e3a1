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
