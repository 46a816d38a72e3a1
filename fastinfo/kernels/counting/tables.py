"""Codes to counts, and samples straight to counts.

A table for ``nx`` by ``ny`` levels has ``nx + 1`` rows and ``ny + 1`` columns here: the last ones
take the codes of samples that are missing or outside, so that counting needs no test; counts of one
variable have a last cell for those. All kernels add to the table that they are given.

Codes are made by blocks so small that the processor computes those of the next block while it waits
for the cells of the last one. Very small tables are counted in four lanes, each a table of its own:
a cell that is met again at once would have to wait for itself.

Contract: tables are C-contiguous, codes are unsigned and not larger than the number of levels; this
is not checked. A table of uint32 holds fewer than 2**32 samples.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.edges import even_bin, position, settle, uniform_block

_BLOCK = 192
_LONG_BLOCK = 512  # where there is little to wait for
_NEAR_CELLS = 1 << 13  # a table of so many cells of 32 bits is in the first cache
_MOST_IN_LANES = 64  # cells


@kernel(inline=True)
def _lanes(cells):
    """Where to count in four lanes, and how far apart they are: 0 for one table."""
    if cells.size > _MOST_IN_LANES:
        return cells, np.uint32(0)
    lanes = np.empty(4 * cells.size, cells.dtype)
    for i in range(lanes.size):
        lanes[i] = 0
    return lanes, np.uint32(cells.size)


@kernel(inline=True)
def _tally(codes, lanes, apart):
    """Count each code of a block, int32 without a negative one."""
    one = np.uint32(1)
    fours = codes.size // 4
    for j in range(fours):
        k = np.uint64(4 * j)
        lanes[np.uint64(np.uint32(codes[k]))] += one
        lanes[np.uint64(np.uint32(codes[k + np.uint64(1)]) + apart)] += one
        lanes[np.uint64(np.uint32(codes[k + np.uint64(2)]) + apart * np.uint32(2))] += one
        lanes[np.uint64(np.uint32(codes[k + np.uint64(3)]) + apart * np.uint32(3))] += one
    for i in range(4 * fours, codes.size):
        lanes[np.uint64(np.uint32(codes[i]))] += one


@kernel(inline=True)
def _merge(lanes, apart, cells):
    if apart != 0:
        for i in range(cells.size):
            cells[i] += (
                lanes[i]
                + lanes[i + cells.size]
                + lanes[i + 2 * cells.size]
                + lanes[i + 3 * cells.size]
            )


@kernel
def count_codes(codes, counts):
    """
    Add the number of times that each code occurs to `counts`, of a cell more than levels.

    Of int64, int32 or uint32; the last cell is of what is missing or outside.
    """
    lanes, apart = _lanes(counts)
    buffer = np.empty(_LONG_BLOCK, np.int32)
    for start in range(0, codes.size, _LONG_BLOCK):
        part = codes[start : start + _LONG_BLOCK]
        block = buffer[: part.size]
        for i in range(block.size):
            block[i] = part[i]
        _tally(block, lanes, apart)
    _merge(lanes, apart, counts)


@kernel
def count_weighted(codes, weights, sums):
    """Add up the weights of each code, in the order of the samples."""
    for i in range(codes.size):
        sums[np.uint64(codes[i])] += weights[i]


@kernel
def count_pairs(x_codes, y_codes, table):
    """
    Add the number of times that each pair of codes occurs to `table`, ``(nx + 1, ny + 1)``.

    Of int64, int32 or uint32; the last row and column are of what is missing or outside.
    """
    cells = table.reshape(-1)
    width = np.uint32(table.shape[1])
    lanes, apart = _lanes(cells)
    buffer = np.empty(_BLOCK, np.int32)
    if cells.size >= 2**31:
        for i in range(x_codes.size):
            cells[np.uint64(x_codes[i]) * np.uint64(width) + np.uint64(y_codes[i])] += np.uint32(1)
        return
    for start in range(0, x_codes.size, _BLOCK):
        xs = x_codes[start : start + _BLOCK]
        ys = y_codes[start : start + _BLOCK]
        codes = buffer[: xs.size]
        for i in range(codes.size):
            codes[i] = np.uint32(xs[i]) * width + np.uint32(ys[i])
        _tally(codes, lanes, apart)
    _merge(lanes, apart, cells)


@kernel
def count_pairs_weighted(x_codes, y_codes, weights, table):
    """Add up the weights of each pair of codes, in the order of the samples."""
    cells = table.reshape(-1)
    width = np.uint64(table.shape[1])
    for i in range(x_codes.size):
        cells[np.uint64(x_codes[i]) * width + np.uint64(y_codes[i])] += weights[i]


@kernel
def count_uniform(x, edges, scale, margin, step, counts):
    """
    Count samples in equally spaced bins, without keeping codes.

    The grid is that of :func:`fastinfo.kernels.binning.edges.grid`, its margin finite.
    """
    lanes, apart = _lanes(counts)
    buffer = np.empty(_LONG_BLOCK, np.int32)
    for start in range(0, x.size, _LONG_BLOCK):
        part = x[start : start + _LONG_BLOCK]
        codes = buffer[: part.size]
        uniform_block(part, edges, scale, margin, step, codes)
        _tally(codes, lanes, apart)
    _merge(lanes, apart, counts)


@kernel(inline=True)
def _pair_block(x, y, x_low, x_scale, nx, y_low, y_scale, ny, limit, out):
    unsettled = np.uint8(0)
    for i in range(out.size):
        p = position(x[i], x_low, x_scale, nx)
        q = position(y[i], y_low, y_scale, ny)
        p_whole = np.floor(p)
        q_whole = np.floor(q)
        p_off = abs((p - p_whole) - 0.5)
        q_off = abs((q - q_whole) - 0.5)
        unsettled |= np.uint8((p_off if p_off > q_off else q_off) >= limit)
        out[i] = np.int32(p_whole * (ny + 1.0) + q_whole)
    return unsettled != 0


@kernel(inline=True)
def _even_pair_block(x, y, x_low, x_high, nx, y_low, y_high, ny, x_grid, y_grid, out):
    for i in range(out.size):
        p = even_bin(x[i], x_low, x_high, x_grid[0], x_grid[2], nx)
        q = even_bin(y[i], y_low, y_high, y_grid[0], y_grid[2], ny)
        out[i] = np.int32(p * (ny + 1.0) + q)


@kernel
def count_samples(x, y, x_edges, y_edges, x_grid, y_grid, table):
    """
    Count pairs of samples in a table of equally spaced bins, without keeping codes.

    The grids are those of :func:`fastinfo.kernels.binning.edges.grid`, margins finite.
    """
    cells = table.reshape(-1)
    width = np.uint64(table.shape[1])
    nx = np.float64(x_edges.size - 1)
    ny = np.float64(y_edges.size - 1)
    x_low = x_edges[0]
    y_low = y_edges[0]
    x_high = x_edges[x_edges.size - 1]
    y_high = y_edges[y_edges.size - 1]
    limit = 0.5 - max(x_grid[1], y_grid[1])
    even = x_grid[2] == x_grid[2] and y_grid[2] == y_grid[2]
    lanes, apart = _lanes(cells)
    buffer = np.empty(_LONG_BLOCK, np.int32)
    length = _LONG_BLOCK if cells.size <= _NEAR_CELLS else _BLOCK
    for start in range(0, x.size, length):
        xs = x[start : start + length]
        ys = y[start : start + length]
        codes = buffer[: xs.size]
        if _pair_block(xs, ys, x_low, x_grid[0], nx, y_low, y_grid[0], ny, limit, codes):
            if even:
                _even_pair_block(
                    xs, ys, x_low, x_high, nx, y_low, y_high, ny, x_grid, y_grid, codes
                )
            else:
                for i in range(codes.size):
                    p = settle(xs[i], x_edges, x_grid[0])
                    q = settle(ys[i], y_edges, y_grid[0])
                    codes[i] = np.int32(p * width + q)
        _tally(codes, lanes, apart)
    _merge(lanes, apart, cells)
