"""Samples in the cells of a grid, counted beside codes before it is known which bins they make.

A bin of equal counts begins where a cell does. A table of all cells shows both, where that is and
how often each bin meets each code, so that samples are placed once and no code is kept.

Counts have 16 bits, so that the table stays in the second cache beside what streams through it. A
larger one begins at 0 again: then the sum of all counts is less than the number of samples.

Contract: cells are in the order of the samples, from 0 to the last one for NaN; codes are uint8 and
less than `width`; a table of uint16 has `width` columns for each cell; this is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.equal_counts import fill_cells
from fastinfo.kernels.elementary.memory import fetch_ahead, new_array

_BLOCK = 1024


@kernel(inline=True)
def _tally_beside(cells, n, codes, start, width, table, x, ahead):
    """Count `n` samples by their cells and codes, while those of `x` further on are fetched."""
    one = np.uint16(1)
    for i in range(0, n - n % 8, 8):
        fetch_ahead(x, ahead + i)
        for j in range(8):
            k = np.uint64(i + j)
            table[np.uint64(cells[k]) * width + np.uint64(codes[np.uint64(start) + k])] += one
    for i in range(n - n % 8, n):
        k = np.uint64(i)
        table[np.uint64(cells[k]) * width + np.uint64(codes[np.uint64(start) + k])] += one


@kernel
def count_cells_beside(
    x, kind, low, high, scale, shift, last, usual, whole, codes, start, width, table
):
    """Count samples by their cells, and by the codes beside them, from `start` on."""
    cells = new_array(_BLOCK, np.int32)
    for first in range(0, x.size, _BLOCK):
        n = x.size - first if x.size - first < _BLOCK else _BLOCK
        fill_cells(x, first, n, kind, low, high, scale, shift, last, usual, whole, cells)
        beside = start + first
        _tally_beside(cells, n, codes, beside, np.uint64(width), table, x, first + _BLOCK)


@kernel
def count_given_cells(cells, codes, start, width, table):
    """Count samples whose cells are known, uint16, by the codes beside them, from `start` on."""
    n = cells.size
    _tally_beside(cells, n, codes, start, np.uint64(width), table, cells, np.int64(_BLOCK))


@kernel
def join_cells(table, bins, width, out):
    """Add the counts of each cell to those of its bin, ``out[bins[cell]]``, int64."""
    for c in range(bins.size):
        row = np.uint64(bins[np.uint64(c)])
        first = np.uint64(c * width)
        for j in range(width):
            k = np.uint64(j)
            out[row, k] += np.int64(table[first + k])
