"""Distances of each point to every other point, for so many coordinates that a tree is no help.

A block of points is compared with a few others, one coordinate after another, so that loops run
over neighbours in memory and have no branches. The results equal those of
:mod:`fastinfo.kernels.neighbors.trees` to the bit.

What the kernels expect: coordinates are float64 (d, n), C-contiguous, finite. Nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import larger, new_array, new_matrix
from fastinfo.kernels.neighbors.strips import MORE, closer

_BLOCK = 128  # points that are compared at the same time
_SIDE_BY_SIDE = 16  # points that a block is compared with while it is in the cache


@kernel(inline=True)
def _compare(columns, c_first, c_last, q, start, size, out):
    """Distances from point q to a block of points, in some of the coordinates."""
    for j in range(size):
        out[np.uint64(j)] = 0.0
    for c in range(c_first, c_last):
        v = columns[c, q]
        row = columns[c, start : start + size]
        for j in range(size):
            out[np.uint64(j)] = larger(abs(row[np.uint64(j)] - v), out[np.uint64(j)])


@kernel
def scan_distances(columns, k, first, last, out, tied):
    """
    Distance to the k-th neighbour, for the points `first` to `last` - 1.

    `out` and `tied` begin with point `first`. `tied` (bool) says whether another point is at the
    same distance, or the distance is 0. There are more than k points.
    """
    width, n = columns.shape
    best = new_matrix(_SIDE_BY_SIDE, k, np.float64)
    reach = new_array(_SIDE_BY_SIDE, np.float64)
    bound = new_array(_SIDE_BY_SIDE, np.float64)
    d = new_array(_BLOCK, np.float64)
    for begin in range(first, last, _SIDE_BY_SIDE):
        many = min(_SIDE_BY_SIDE, last - begin)
        best[:] = np.inf
        reach[:] = np.inf
        bound[:] = np.inf
        for start in range(0, n, _BLOCK):
            size = min(_BLOCK, n - start)
            for t in range(many):
                q = begin + t
                _compare(columns, 0, width, q, start, size, d)
                if start <= q < start + size:
                    d[q - start] = np.inf
                for j in range(size):
                    if d[j] < bound[t]:
                        reach[t], bound[t] = closer(best[t], d[j], reach[t])
        for t in range(many):
            out[begin - first + t] = reach[t]
            tied[begin - first + t] = bound[t] == reach[t]


@kernel
def scan_counts(columns, distances, first, last, out):
    """
    How many other points are nearer to each point from `first` to `last` - 1 than its distance.

    `distances` are of all points; `out` (int32) begins with point `first`.
    """
    width, n = columns.shape
    d = new_array(_BLOCK, np.float64)
    out[:] = -1
    for begin in range(first, last, _SIDE_BY_SIDE):
        end = min(begin + _SIDE_BY_SIDE, last)
        for start in range(0, n, _BLOCK):
            size = min(_BLOCK, n - start)
            for q in range(begin, end):
                _compare(columns, 0, width, q, start, size, d)
                reach = distances[q]
                found = 0
                for j in range(size):
                    found += d[np.uint64(j)] < reach
                out[q - first] += found
    for i in range(out.size):
        out[i] = max(out[i], 0)  # at a distance of 0, the point itself was not counted


@kernel
def scan_extents(columns, split, distances, first, last, out_x, out_y):
    """
    Extents of the neighbours in the first `split` coordinates, and in the others.

    They are those of :func:`fastinfo.kernels.neighbors.extents.tree_extents`, for the points
    `first` to `last` - 1; `distances` are of all points.
    """
    width, n = columns.shape
    d = new_array(_BLOCK, np.float64)
    e = new_array(_BLOCK, np.float64)
    out_x[:] = 0.0
    out_y[:] = 0.0
    for begin in range(first, last, _SIDE_BY_SIDE):
        end = min(begin + _SIDE_BY_SIDE, last)
        for start in range(0, n, _BLOCK):
            size = min(_BLOCK, n - start)
            for q in range(begin, end):
                _compare(columns, 0, split, q, start, size, d)
                _compare(columns, split, width, q, start, size, e)
                bound = distances[q] * MORE
                for j in range(size):
                    if d[j] <= bound and e[j] <= bound:
                        out_x[q - first] = max(out_x[q - first], d[j])
                        out_y[q - first] = max(out_y[q - first], e[j])
