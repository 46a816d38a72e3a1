"""How far the nearest neighbours of a point lie in each of two groups of coordinates.

The rectangles of Kraskov, Stögbauer & Grassberger's second algorithm: the largest difference in
either group of all points that are no farther than the k-th, in the max norm, which is found by
:mod:`fastinfo.kernels.neighbors.strips` or :mod:`fastinfo.kernels.neighbors.trees`. All that are as
far as the k-th belong to them, so that the order of the points does not matter.

Contract: as there; nothing is checked.
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
    """The first place from start on, of ascending numbers, that is no farther below y than that."""
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
    How far neighbours lie in x and in y, of the points in strips from `first` to before `last`.

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
                # To the right while a strip may hold a neighbour, then to the left.
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
    How far neighbours lie in the first `split` coordinates, and in the others.

    Of the points from `first` to before `last` of a tree's order, in which `distances` are;
    `out_x` and `out_y` begin with that of point `first`.
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
