"""Codes to counts, and samples straight to counts.

A table for ``nx`` by ``ny`` levels has ``nx + 1`` rows and ``ny + 1`` columns here: the last ones
take the codes of samples that are missing or outside, so that counting needs no test. All kernels
add to the table that they are given.

Contract: tables are C-contiguous, codes are unsigned and not larger than the number of levels; this
is not checked. A table of uint32 holds fewer than 2**32 samples.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import kernel
from fastinfo.kernels.binning import even_bin, position, settle

__all__ = [
    "count_codes",
    "count_pairs",
    "count_pairs_weighted",
    "count_samples",
]

_BLOCK = 512


@kernel
def count_codes(codes, counts):  # type: ignore[no-untyped-def]
    """Count each code."""
    for i in range(codes.size):
        counts[np.uint64(codes[i])] += 1


@kernel
def count_pairs(x_codes, y_codes, table):  # type: ignore[no-untyped-def]
    """Count each pair of codes."""
    cells = table.reshape(-1)
    width = np.uint64(table.shape[1])
    for i in range(x_codes.size):
        cells[np.uint64(x_codes[i]) * width + np.uint64(y_codes[i])] += np.uint32(1)


@kernel
def count_pairs_weighted(x_codes, y_codes, weights, table):  # type: ignore[no-untyped-def]
    """Add up the weights of each pair of codes, in the order of the samples."""
    cells = table.reshape(-1)
    width = np.uint64(table.shape[1])
    for i in range(x_codes.size):
        cells[np.uint64(x_codes[i]) * width + np.uint64(y_codes[i])] += weights[i]


@kernel(inline=True)
def _pair_block(x, y, x_low, x_scale, nx, y_low, y_scale, ny, limit, out):  # type: ignore[no-untyped-def]
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
def _even_pair_block(x, y, x_low, x_high, nx, y_low, y_high, ny, x_grid, y_grid, out):  # type: ignore[no-untyped-def]
    for i in range(out.size):
        p = even_bin(x[i], x_low, x_high, x_grid[0], x_grid[2], nx)
        q = even_bin(y[i], y_low, y_high, y_grid[0], y_grid[2], ny)
        out[i] = np.int32(p * (ny + 1.0) + q)


@kernel
def count_samples(x, y, x_edges, y_edges, x_grid, y_grid, table):  # type: ignore[no-untyped-def]
    """
    Count pairs of samples in a table of equally spaced bins, without keeping codes.

    The grids are what :func:`fastinfo.kernels.binning.grid` says of the edges, margins finite.
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
    buffer = np.empty(_BLOCK, np.int32)
    for start in range(0, x.size, _BLOCK):
        xs = x[start : start + _BLOCK]
        ys = y[start : start + _BLOCK]
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
        for i in range(codes.size):
            cells[np.uint64(np.uint32(codes[i]))] += np.uint32(1)
