"""Count codes, and count samples directly.

A table for ``nx`` by ``ny`` levels has ``nx + 1`` rows and ``ny + 1`` columns here. The last row
and column count samples that are missing or outside the edges, so counting needs no test. Counts of
one variable have one extra cell for the same purpose. All kernels add to the counts that are
already in the table.

Codes are made in small blocks, so that the processor can compute the codes of the next block while
it waits for the cells of the current one. A small table is counted in four lanes, each of which is
a table of its own, because incrementing the same cell twice in a row would have to wait for the
first increment.

What the kernels expect: tables are C-contiguous; codes are unsigned and at most the number of
levels. This is not checked. A table of uint32 can count fewer than 2**32 samples.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.edges import (
    FIRST,
    ORIGIN,
    UNITS,
    UPPER,
    even_bin,
    find_bins,
    fixed_point,
    settle,
    uniform_block,
    unsettled_from,
)
from fastinfo.kernels.elementary.memory import as_vector, fetch_ahead, new_array, new_zeros

_BLOCK = 192
_LONG_BLOCK = 512  # for tables that are in the cache, where there is little to wait for
_NEAR_CELLS = 1 << 13  # with up to this many cells of 32 bits, a table is in the first-level cache
AHEAD = 1536  #: how many samples ahead of the current one are prefetched
_MOST_IN_LANES = 512  # cells of the largest table that is counted in lanes
_LANES_PAY = 32  # samples per cell; with fewer, adding up the lanes takes longer than it saves


@kernel(inline=True)
def _tally(codes, n, cells, apart):
    """
    Count each of `n` codes in `cells`.

    With `apart` > 0, every four codes are counted in four lanes, which are that many cells apart.
    """
    one = np.uint32(1)
    for i in range(0, n - 3, 4):
        k = np.uint64(i)
        cells[np.uint64(np.uint32(codes[k]))] += one
        cells[np.uint64(np.uint32(codes[k + np.uint64(1)]) + apart)] += one
        cells[np.uint64(np.uint32(codes[k + np.uint64(2)]) + apart * np.uint32(2))] += one
        cells[np.uint64(np.uint32(codes[k + np.uint64(3)]) + apart * np.uint32(3))] += one
    for i in range(n - n % 4, n):
        cells[np.uint64(np.uint32(codes[np.uint64(i)]))] += one


@kernel(inline=True)
def tally_ahead(codes, n, cells, apart, x, y, ahead):
    """
    Count each of `n` codes in two lanes that are `apart` cells apart, and prefetch samples.

    The samples from place `ahead` on are fetched into the cache. Otherwise the processor, while it
    waits for cells, would not get to reading the samples of the next block.
    """
    one = np.uint32(1)
    for i in range(0, n - 3, 4):
        fetch_ahead(x, ahead + i)
        fetch_ahead(y, ahead + i)
        k = np.uint64(i)
        cells[np.uint64(np.uint32(codes[k]))] += one
        cells[np.uint64(np.uint32(codes[k + np.uint64(1)]) + apart)] += one
        cells[np.uint64(np.uint32(codes[k + np.uint64(2)]))] += one
        cells[np.uint64(np.uint32(codes[k + np.uint64(3)]) + apart)] += one
    for i in range(n - n % 4, n):
        cells[np.uint64(np.uint32(codes[np.uint64(i)]))] += one


@kernel(inline=True)
def _merge(lanes, cells):
    """Add up the four lanes in which a small table was counted."""
    for start in range(0, lanes.size, cells.size):
        for i in range(cells.size):
            cells[np.uint64(i)] += lanes[np.uint64(start + i)]


@kernel
def count_codes(codes, counts):
    """
    Count how often each code occurs, and add this to `counts`.

    `codes` are the codes of one variable. `counts` is int64, int32 or uint32 and has one cell more
    than there are levels: the last cell is for samples that are missing or outside the edges.
    """
    lanes = counts
    apart = np.uint32(0)
    if counts.size <= _MOST_IN_LANES and codes.size >= _LANES_PAY * counts.size:
        lanes = new_zeros(4 * counts.size, counts.dtype)
        apart = np.uint32(counts.size)
    _tally(codes, codes.size, lanes, apart)
    if apart > 0:
        _merge(lanes, counts)


@kernel
def count_few(x, edges, counts):
    """
    Count a few samples in bins with any edges, by binary search.

    `counts` has an extra cell, as in :func:`count_codes`.
    """
    places = new_array(x.size, np.int32)
    find_bins(x, np.int64(0), x.size, edges, places)
    for i in range(x.size):
        counts[np.uint64(np.uint32(places[np.uint64(i)]))] += np.uint32(1)


@kernel
def count_few_pairs(x, y, x_edges, y_edges, table):
    """
    Count a few pairs of samples in bins with any edges, by binary search.

    `table` has an extra row and an extra column, as in :func:`count_pairs`.
    """
    rows = new_array(x.size, np.int32)
    columns = new_array(x.size, np.int32)
    find_bins(x, np.int64(0), x.size, x_edges, rows)
    find_bins(y, np.int64(0), x.size, y_edges, columns)
    for i in range(x.size):
        row = np.uint64(np.uint32(rows[np.uint64(i)]))
        table[row, np.uint64(np.uint32(columns[np.uint64(i)]))] += np.uint32(1)


@kernel
def count_weighted(codes, weights, sums):
    """Add the weight of each sample to the cell of its code in `sums`, in order."""
    for i in range(codes.size):
        sums[np.uint64(codes[i])] += weights[i]


@kernel
def count_pairs(x_codes, y_codes, table):
    """
    Count how often each pair of codes occurs, and add this to `table`.

    `x_codes` and `y_codes` are the codes of two variables, of the same length. `table` is int64,
    int32 or uint32, of shape ``(nx + 1, ny + 1)`` for ``nx`` and ``ny`` levels: the last row and
    the last column are for samples that are missing or outside the edges.
    """
    cells = as_vector(table)
    width = np.uint64(table.shape[1])
    if cells.size >= 2**31:  # the int32 codes below could not hold the number of a cell
        for i in range(x_codes.size):
            k = np.uint64(i)
            cells[np.uint64(x_codes[k]) * width + np.uint64(y_codes[k])] += np.uint32(1)
        return
    lanes = cells
    apart = np.uint32(0)
    if cells.size <= _MOST_IN_LANES and x_codes.size >= _LANES_PAY * cells.size:
        lanes = new_zeros(4 * cells.size, table.dtype)
        apart = np.uint32(cells.size)
    codes = new_array(_BLOCK, np.int32)
    for start in range(0, x_codes.size, _BLOCK):
        n = x_codes.size - start if x_codes.size - start < _BLOCK else _BLOCK
        for i in range(n):
            k = np.uint64(start + i)
            codes[np.uint64(i)] = np.uint32(x_codes[k]) * np.uint32(width) + np.uint32(y_codes[k])
        _tally(codes, n, lanes, apart)
    if apart > 0:
        _merge(lanes, cells)


@kernel
def count_triples(x, y, z, nx, ny, nz, counts):
    """
    Count how often each triple of codes occurs, add this to `counts`, and return their number.

    `counts` is a vector of ``nx * ny * nz`` cells for the numbers of levels, which are uint64. A
    triple with a code that is not below the number of levels is not counted.
    """
    n = 0
    for i in range(x.size):
        if x[i] < nx and y[i] < ny and z[i] < nz:
            counts[(x[i] * ny + y[i]) * nz + z[i]] += 1
            n += 1
    return n


@kernel
def count_few_coded(x_codes, y_codes, table, x_counts, y_counts):
    """
    Count a few pairs of codes and their row and column sums; return the number of pairs.

    Unlike in :func:`count_pairs`, `table` has no row and column for samples that are missing or
    outside the edges; such pairs are left out.
    """
    rows, columns = table.shape
    n = 0
    for i in range(x_codes.size):
        x = np.uint64(x_codes[i])
        y = np.uint64(y_codes[i])
        if x < np.uint64(rows) and y < np.uint64(columns):
            table[x, y] += 1
            x_counts[x] += 1.0
            y_counts[y] += 1.0
            n += 1
    return n


@kernel
def count_pairs_weighted(x_codes, y_codes, weights, table):
    """Add the weight of each sample to the cell of its pair of codes, in order."""
    cells = as_vector(table)
    width = np.uint64(table.shape[1])
    for i in range(x_codes.size):
        cells[np.uint64(x_codes[i]) * width + np.uint64(y_codes[i])] += weights[i]


@kernel
def count_uniform(x, edges, scale, margin, step, counts):
    """
    Count samples in bins of equal width without storing their codes.

    `scale`, `margin` and `step` are the result of :func:`fastinfo.kernels.binning.edges.grid`, with
    a finite margin.
    """
    lanes = counts
    apart = np.uint32(0)
    if counts.size <= _MOST_IN_LANES and x.size >= _LANES_PAY * counts.size:
        lanes = new_zeros(4 * counts.size, counts.dtype)
        apart = np.uint32(counts.size)
    codes = new_array(_LONG_BLOCK, np.int32)
    for start in range(0, x.size, _LONG_BLOCK):
        n = x.size - start if x.size - start < _LONG_BLOCK else _LONG_BLOCK
        uniform_block(x, start, n, edges, scale, margin, step, codes, np.int64(0))
        _tally(codes, n, lanes, apart)
    if apart > 0:
        _merge(lanes, counts)


@kernel
def count_samples(x, y, x_edges, y_edges, x_grid, y_grid, table):
    """
    Count pairs of samples in bins of equal width without storing their codes.

    `x_grid` and `y_grid` are results of :func:`fastinfo.kernels.binning.edges.grid`, with finite
    margins.
    """
    cells = as_vector(table)
    nx = np.float64(x_edges.size - 1)
    ny = np.float64(y_edges.size - 1)
    x_beyond = np.uint32(x_edges.size - 1)
    y_beyond = np.uint32(y_edges.size - 1)
    width = np.uint32(y_edges.size)
    x_low = x_edges[0]
    y_low = y_edges[0]
    x_high = x_edges[x_edges.size - 1]
    y_high = y_edges[y_edges.size - 1]
    x_scale, x_margin, x_step = x_grid
    y_scale, y_margin, y_step = y_grid
    limit = unsettled_from(x_margin if x_margin > y_margin else y_margin, nx if nx > ny else ny)
    origin = ORIGIN - (UNITS - limit) / (4.0 * UNITS)
    even = x_step == x_step and y_step == y_step
    lanes = cells
    apart = np.uint32(0)
    if cells.size <= _MOST_IN_LANES and x.size >= _LANES_PAY * cells.size:
        lanes = new_zeros(4 * cells.size, table.dtype)
        apart = np.uint32(cells.size)
    codes = new_array(_LONG_BLOCK, np.int32)
    length = _LONG_BLOCK if cells.size <= _NEAR_CELLS else _BLOCK
    for start in range(0, x.size, length):
        n = x.size - start if x.size - start < length else length
        nearest = np.uint32(0)
        for i in range(n):
            k = np.uint64(start + i)
            p_bits = fixed_point(x[k], x_low, x_scale, origin)
            q_bits = fixed_point(y[k], y_low, y_scale, origin)
            p_fraction = np.uint32(p_bits)
            q_fraction = np.uint32(q_bits)
            fraction = p_fraction if p_fraction > q_fraction else q_fraction
            nearest = fraction if fraction > nearest else nearest
            row = np.uint32(np.uint32(p_bits >> UPPER) - FIRST)
            column = np.uint32(np.uint32(q_bits >> UPPER) - FIRST)
            row = row if row < x_beyond else x_beyond
            column = column if column < y_beyond else y_beyond
            codes[np.uint64(i)] = np.uint32(row * width) + column
        if nearest >= limit:
            if even:
                for i in range(n):
                    k = np.uint64(start + i)
                    p = even_bin(x[k], x_low, x_high, x_scale, x_step, nx)
                    q = even_bin(y[k], y_low, y_high, y_scale, y_step, ny)
                    codes[np.uint64(i)] = np.int32(p * (ny + 1.0) + q)
            else:
                for i in range(n):
                    k = np.uint64(start + i)
                    p = np.float64(settle(x[k], x_edges, x_scale))
                    q = np.float64(settle(y[k], y_edges, y_scale))
                    codes[np.uint64(i)] = np.int32(p * (ny + 1.0) + q)
        if cells.size > _NEAR_CELLS:
            tally_ahead(codes, n, cells, np.uint32(0), x, y, start + AHEAD)
        else:
            _tally(codes, n, lanes, apart)
    if apart > 0:
        _merge(lanes, cells)
