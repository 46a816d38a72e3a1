"""How far the nearest neighbours of a point extend in each of two groups of coordinates.

These are the rectangles of the second algorithm of Kraskov, Stögbauer & Grassberger: the largest
difference in either group over all points that are no farther, in the max norm, than the k-th
neighbour. The distance of the k-th neighbour is found by :mod:`fastinfo.kernels.neighbors.strips`
or :mod:`fastinfo.kernels.neighbors.trees`. All points at that distance are included, so the order
of the points does not matter.

The requirements are those of these modules. Nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array
from fastinfo.kernels.neighbors.strips import MORE
from fastinfo.kernels.neighbors.trees import distance_to_box

_STACK = 80


@kernel
def _first_within(py, y, reach, start, stop):
    """First place from `start`, in ascending numbers, that is within `reach` below y."""
    while start < stop:
        middle = (start + stop) >> 1
        if y - py[middle] > reach:
            start = middle + 1
        else:
            stop = middle
    return start


@kernel
def strip_extents(px, py, x_sorted, bits, distances, first, last, out_x, out_y):
    """
    Extents of the neighbours in x and in y, for the points in strips `first` to `last` - 1.

    `distances`, `out_x` and `out_y` begin with the first point of strip `first`.
    """
    n = px.size
    strips = ((n - 1) >> bits) + 1
    width = 1 << bits
    begin = first << bits
    for s in range(first, last):
        stop = min((s << bits) + width, n)
        for i in range(s << bits, stop):
            x = px[i]
            y = py[i]
            bound = distances[i - begin] * MORE
            across = 0.0
            along = 0.0
            t = s
            while True:
                high = min((t << bits) + width, n)
                j = _first_within(py, y, bound, t << bits, high)
                while j < high and py[j] - y <= bound:
                    d = abs(px[j] - x)
                    e = abs(py[j] - y)
                    if d <= bound:
                        across = d if d > across else across
                        along = e if e > along else along
                    j += 1
                # Go right while a strip may contain a neighbour, then left.
                if t >= s:
                    t += 1
                    if t >= strips or x_sorted[t << bits] - x > bound:
                        t = s - 1
                else:
                    t -= 1
                if t < 0 or (t < s and x - x_sorted[(t << bits) + width - 1] > bound):
                    break
            out_x[i - begin] = across
            out_y[i - begin] = along


@kernel
def tree_extents(ordered, bounds, spans, split, distances, first, last, out_x, out_y):
    """
    Extents of the neighbours in the first `split` coordinates, and in the others.

    They are those of the points `first` to `last` - 1 in the order of a tree. `distances` are in
    this order; `out_x` and `out_y` begin with point `first`.
    """
    inner = spans.shape[0] >> 1
    stack = new_array(_STACK, np.int64)
    for q in range(first, last):
        point = ordered[q]
        bound = distances[q] * MORE
        across = 0.0
        along = 0.0
        stack[0] = 0
        top = 1
        while top > 0:
            top -= 1
            m = stack[top]
            if distance_to_box(bounds, m, point) > bound:
                continue
            if m < inner:
                stack[top] = 2 * m + 1
                stack[top + 1] = 2 * m + 2
                top += 2
                continue
            for i in range(spans[m, 0], spans[m, 1]):
                d = 0.0
                for c in range(split):
                    e = abs(ordered[i, c] - point[c])
                    d = e if e > d else d
                if d > bound:
                    continue
                other = 0.0
                for c in range(split, point.size):
                    e = abs(ordered[i, c] - point[c])
                    other = e if e > other else other
                if other <= bound:
                    across = d if d > across else across
                    along = other if other > along else along
        out_x[q - first] = across
        out_y[q - first] = along
