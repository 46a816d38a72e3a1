"""Parzen windows: a bin for each fixed sample, a cubic B-spline for each moving sample.

A moving sample lies in one of `width` intervals of equal length, at a place from 0 to 1 within it,
and its window covers four bins. Pairs with the same fixed bin and the same interval share a group
of four cells for these bins, which is one vector. The groups are combined into a table once, at the
end. In the same way, the derivative of any function of that table is, within a group, a polynomial
of degree two in the place.

Every other sample is added to a second set of groups, because adding to the same group twice in a
row would have to wait. Each set ends with a group for samples that are missing or outside.

What the kernels expect: arrays are C-contiguous. Samples have the same dtype, float32 or float64.
Edges are float64, and the grid is that of :func:`fastinfo.kernels.binning.edges.grid`. Lengths are
not checked. `scale` is finite, and there are fewer than 2**31 groups.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.binning.edges import find_bins, uniform_block
from fastinfo.kernels.elementary.memory import new_array
from fastinfo.kernels.elementary.windows import add_window

_BLOCK = 512
_ROUGH = 0.25  # with a larger margin, edges count as not equally spaced


@kernel(inline=True)
def _place_block(x, y, kept, start, n, edges, grid, low, high, scale, width, groups, places):
    """Groups and places of `n` pairs of samples; return how many of them are in the table."""
    even_scale, margin, step = grid
    if margin < _ROUGH:
        uniform_block(x, start, n, edges, even_scale, margin, step, groups, np.int64(0))
    else:
        find_bins(x, start, n, edges, groups)
    rows = np.int32(edges.size - 1)
    last = np.int32(width - 1)
    nowhere = np.int32(rows * np.int32(width))
    end = np.float64(width)
    n_inside = np.int32(0)
    for i in range(n):
        v = np.float64(y[np.uint64(start + i)])
        row = groups[np.uint64(i)]
        inside = (v >= low) & (v <= high) & (row < rows)
        p = (v - low) * scale
        p = p if p > 0.0 else 0.0
        p = p if p < end else end
        p = p if inside else 0.0
        interval = np.int32(p)
        interval = interval if interval < last else last
        places[np.uint64(i)] = p - np.float64(interval)
        groups[np.uint64(i)] = row * np.int32(width) + interval if inside else nowhere
        n_inside += np.int32(inside)
    if kept.size > 0:
        n_inside = np.int32(0)
        for i in range(n):
            group = groups[np.uint64(i)] if kept[np.uint64(start + i)] else nowhere
            groups[np.uint64(i)] = group
            n_inside += np.int32(group < nowhere)
    return n_inside


@kernel
def add_windows(x, y, weights, kept, edges, grid, low, high, scale, width, cells):
    """
    Add the windows of pairs of samples to both sets of groups; return how many count.

    `weights` is empty or has one number per sample. `kept` is empty or has one boolean per sample.
    """
    groups = new_array(_BLOCK, np.int32)
    places = new_array(_BLOCK, np.float64)
    apart = np.int64(cells.size // 2)
    n_inside = np.int64(0)
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        n_inside += _place_block(
            x, y, kept, start, n, edges, grid, low, high, scale, width, groups, places
        )
        if weights.size > 0:
            for i in range(n):
                first = np.int64(groups[np.uint64(i)]) * 4 + (apart if i & 1 else 0)
                weight = np.float64(weights[np.uint64(start + i)])
                add_window(cells, first, places[np.uint64(i)], weight)
        else:
            for i in range(0, n - 1, 2):
                k = np.uint64(i)
                add_window(cells, np.int64(groups[k]) * 4, places[k], 1.0)
                k += np.uint64(1)
                add_window(cells, apart + np.int64(groups[k]) * 4, places[k], 1.0)
            if n & 1:
                k = np.uint64(n - 1)
                add_window(cells, np.int64(groups[k]) * 4, places[k], 1.0)
    return n_inside


@kernel(inline=True)
def _slope(polynomials, group, t):
    """The value of the polynomial of a group at a place."""
    k = np.uint64(np.uint32(group)) * np.uint64(4)
    return polynomials[k] + t * (polynomials[k + np.uint64(1)] + t * polynomials[k + np.uint64(2)])


@kernel
def slopes(x, y, weights, kept, edges, grid, low, high, scale, width, polynomials, out):
    """
    Derivative at each moving sample: its group's polynomial at its place, times its weight.

    `polynomials` has a row of four numbers for each group, three of which are the coefficients. The
    row of the last group is zero.
    """
    groups = new_array(_BLOCK, np.int32)
    places = new_array(_BLOCK, np.float64)
    nowhere = np.int32((edges.size - 1) * width)
    for start in range(0, x.size, _BLOCK):
        n = x.size - start if x.size - start < _BLOCK else _BLOCK
        _place_block(x, y, kept, start, n, edges, grid, low, high, scale, width, groups, places)
        if weights.size > 0:
            for i in range(n):
                at = np.uint64(start + i)
                group = groups[np.uint64(i)]
                slope = _slope(polynomials, group, places[np.uint64(i)])
                out[at] = slope * weights[at] if group < nowhere else 0.0
        else:
            for i in range(n):
                slope = _slope(polynomials, groups[np.uint64(i)], places[np.uint64(i)])
                out[np.uint64(start + i)] = slope
