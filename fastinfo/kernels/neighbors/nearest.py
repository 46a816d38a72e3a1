"""Find the nearest points, by the tree of :mod:`fastinfo.kernels.neighbors.trees`."""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array

_STACK = 80


@kernel(inline=True)
def _to_box(bounds, m, point):
    """The smallest distance from a point to a box."""
    d = 0.0
    for c in range(point.size):
        e = bounds[m, 0, c] - point[c]
        d = e if e > d else d
        e = point[c] - bounds[m, 1, c]
        d = e if e > d else d
    return d


@kernel
def nearest(places, ordered, bounds, spans, first, last, out):
    """
    The k nearest points of each point from `first` to `last` - 1, itself among them.

    The points are in the order of a tree, and there are at least k. `out` is uint32, (points, k): a
    row has the places of the nearest points by the largest difference of a coordinate. Among points
    at the same distance, those close to the point in the tree are taken, so that many equal points
    do not all have the same few neighbours.
    """
    inner = spans.shape[0] >> 1
    k = out.shape[1]
    best = new_array(k, np.float64)
    gaps = new_array(k, np.int64)
    which = new_array(k, np.uint32)
    stack = new_array(_STACK, np.int64)
    away = new_array(_STACK, np.float64)
    for q in range(first, last):
        point = ordered[q]
        for i in range(k):
            best[i] = np.inf
            gaps[i] = ordered.shape[0]
        stack[0] = 0
        away[0] = 0.0
        top = 1
        while top > 0:
            top -= 1
            m = stack[top]
            if not away[top] < best[k - 1]:
                continue
            while m < inner:
                a = 2 * m + 1
                b = a + 1
                near = _to_box(bounds, a, point)
                far = _to_box(bounds, b, point)
                if far < near or (far == near and q >= spans[b, 0]):
                    a, b = b, a
                    near, far = far, near
                stack[top] = b
                away[top] = far
                top += 1
                m = a
            for i in range(spans[m, 0], spans[m, 1]):
                d = 0.0
                for c in range(point.size):
                    e = abs(ordered[i, c] - point[c])
                    d = e if e > d else d
                gap = i - q if i > q else q - i
                if d < best[k - 1] or (d == best[k - 1] and gap < gaps[k - 1]):
                    at = k - 1
                    while at > 0 and (
                        best[at - 1] > d or (best[at - 1] == d and gaps[at - 1] > gap)
                    ):
                        best[at] = best[at - 1]
                        gaps[at] = gaps[at - 1]
                        which[at] = which[at - 1]
                        at -= 1
                    best[at] = d
                    gaps[at] = gap
                    which[at] = np.uint32(places[i])
        row = places[q]
        for i in range(k):
            out[row, i] = which[i]
