"""Count samples by grid cell and by the code of another variable, before the bins are known.

A bin of equal counts begins where a cell begins. A table of all cells shows both where that is and
how often each bin meets each code. So each sample is placed only once, and no codes are stored.

Counts have 16 bits, so that the table stays in the second-level cache while the samples pass
through it. A count that becomes too large begins at 0 again. This is noticed because the sum of all
counts is then less than the number of samples.

What the kernels expect: cells have the same order as the samples, from 0 to the last one, which is
for NaN. Codes are uint8 and less than `width`. The table is uint16 and has `width` columns for each
cell. This is not checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.equal_counts import fill_cells
from fastinfo.kernels.elementary.memory import fetch_ahead, new_array

_BLOCK = 1024


@kernel(inline=True)
def _tally_beside(cells, n, codes, start, width, table, x, ahead):
    """Count `n` samples by their cells and codes, and prefetch samples of `x` further on."""
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
    """Count samples by their cells and by the codes of the other variable, from `start` on."""
    cells = new_array(_BLOCK, np.int32)
    for first in range(0, x.size, _BLOCK):
        n = x.size - first if x.size - first < _BLOCK else _BLOCK
        fill_cells(x, first, n, kind, low, high, scale, shift, last, usual, whole, cells)
        beside = start + first
        _tally_beside(cells, n, codes, beside, np.uint64(width), table, x, first + _BLOCK)


@kernel
def count_given_cells(cells, codes, start, width, table):
    """Count samples by given cells (uint16) and the codes of the other variable."""
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
