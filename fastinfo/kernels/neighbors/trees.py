"""A k-d tree for points with few coordinates: distances of k-th neighbours, and counts.

Distances use the max norm and are exact. The tree is balanced: node m has the children 2 m + 1 and
2 m + 2, each with half of the points, which are divided at the median of the widest coordinate.
Points are stored in the order of the leaves, so that neighbours in space are neighbours in memory.
Boxes are as small as possible, and distances to boxes are rounded like those of points. So a box is
skipped only if none of its points could count.

What the kernels expect: points are float64 (n, d), C-contiguous, without NaN. Nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array
from fastinfo.kernels.neighbors.strips import closer

_LEAF = 12
_STACK = 80


def depth_of_tree(n: int) -> int:
    """Depth of a tree of n points; it has ``2**(depth + 1) - 1`` nodes."""
    depth = 0
    while (n >> depth) > _LEAF:
        depth += 1
    return depth


tree_depth = kernel(depth_of_tree)


@kernel
def _cut(points, places, start, stop, middle, c):
    """Reorder places so that the middle one, by a coordinate, is in the middle."""
    low = start
    high = stop - 1
    while low < high:
        a = points[places[low], c]
        b = points[places[(low + high) >> 1], c]
        d = points[places[high], c]
        if b < a:
            a, b = b, a
        pivot = d if d < b else b
        pivot = pivot if pivot > a else a
        i = low
        j = high
        while i <= j:
            while points[places[i], c] < pivot:
                i += 1
            while points[places[j], c] > pivot:
                j -= 1
            if i <= j:
                places[i], places[j] = places[j], places[i]
                i += 1
                j -= 1
        if middle <= j:
            high = j
        elif middle >= i:
            low = i
        else:
            return


@kernel
def build_tree(points, places, ordered, bounds, spans):
    """
    Build the tree of some points.

    `places` (int64) receives the points in the order of the leaves, and `ordered` their
    coordinates. `bounds` (nodes, 2, d) receives the boxes, `spans` (int64; nodes, 2) the first
    point and the end of each node.
    """
    n, width = points.shape
    nodes = spans.shape[0]
    inner = nodes >> 1
    for i in range(n):
        places[i] = i
    spans[0, 0] = 0
    spans[0, 1] = n
    for m in range(nodes):
        start = spans[m, 0]
        stop = spans[m, 1]
        for c in range(width):
            bounds[m, 0, c] = np.inf
            bounds[m, 1, c] = -np.inf
        for i in range(start, stop):
            p = places[i]
            for c in range(width):
                v = points[p, c]
                low = bounds[m, 0, c]
                high = bounds[m, 1, c]
                bounds[m, 0, c] = v if v < low else low
                bounds[m, 1, c] = v if v > high else high
        if m < inner:
            widest = np.int64(0)
            extent = -1.0
            for c in range(width):
                e = bounds[m, 1, c] - bounds[m, 0, c]
                if e > extent:
                    extent = e
                    widest = c
            middle = (start + stop) >> 1
            if extent > 0.0:
                _cut(points, places, start, stop, middle, widest)
            spans[2 * m + 1, 0] = start
            spans[2 * m + 1, 1] = middle
            spans[2 * m + 2, 0] = middle
            spans[2 * m + 2, 1] = stop
    for i in range(n):
        for c in range(width):
            ordered[i, c] = points[places[i], c]


@kernel(inline=True)
def distance_to_box(bounds, m, point):
    """The smallest distance from a point to a box."""
    d = 0.0
    for c in range(point.size):
        e = bounds[m, 0, c] - point[c]
        if e > d:
            d = e
        e = point[c] - bounds[m, 1, c]
        if e > d:
            d = e
    return d


@kernel(inline=True)
def _across_box(bounds, m, point):
    """An upper bound of the distances from a point to the points of a box."""
    d = 0.0
    for c in range(point.size):
        e = point[c] - bounds[m, 0, c]
        if e > d:
            d = e
        e = bounds[m, 1, c] - point[c]
        if e > d:
            d = e
    return d


@kernel(inline=True)
def _between(points, i, point):
    """Distance of two points."""
    d = 0.0
    for c in range(point.size):
        e = abs(points[i, c] - point[c])
        if e > d:
            d = e
    return d


@kernel
def tree_distances(ordered, bounds, spans, k, first, last, out, tied):
    """
    Distance to the k-th neighbour, for the points `first` to `last` - 1 in a tree's order.

    `out` and `tied` begin with point `first`. `tied` (bool) says whether another point is at the
    same distance, or the distance is 0. There are more than k points.
    """
    inner = spans.shape[0] >> 1
    best = new_array(k, np.float64)
    stack = new_array(_STACK, np.int64)
    away = new_array(_STACK, np.float64)
    for q in range(first, last):
        point = ordered[q]
        for i in range(k):
            best[i] = np.inf
        reach = np.inf
        bound = np.inf
        stack[0] = 0
        away[0] = 0.0
        top = 1
        while top > 0:
            top -= 1
            m = stack[top]
            if not away[top] < bound:
                continue
            while m < inner:
                a = 2 * m + 1
                b = a + 1
                near = distance_to_box(bounds, a, point)
                far = distance_to_box(bounds, b, point)
                if far < near or (far == near and q >= spans[b, 0]):
                    a, b = b, a
                    near, far = far, near
                if far < bound:
                    stack[top] = b
                    away[top] = far
                    top += 1
                m = a
                if not near < bound:
                    m = -1
                    break
            if m < 0:
                continue
            for i in range(spans[m, 0], spans[m, 1]):
                d = _between(ordered, i, point)
                if d < bound and i != q:
                    reach, bound = closer(best, d, reach)
        out[q - first] = reach
        tied[q - first] = bound == reach


@kernel
def tree_counts(ordered, bounds, spans, queries, places, distances, closed, out):
    """
    How many other points of a tree are nearer to each query than its distance (int32).

    The queries ``queries[places]`` are points of the tree too, and each has the distance at the
    same place. With `closed`, points at the distance also count.
    """
    inner = spans.shape[0] >> 1
    stack = new_array(_STACK, np.int64)
    for j in range(places.size):
        point = queries[places[j]]
        reach = distances[places[j]]
        found = 0
        stack[0] = 0
        top = 1
        while top > 0:
            top -= 1
            m = stack[top]
            d = distance_to_box(bounds, m, point)
            if not (d < reach or (closed and d == reach)):
                continue
            d = _across_box(bounds, m, point)
            if d < reach or (closed and d == reach):
                found += spans[m, 1] - spans[m, 0]
            elif m < inner:
                stack[top] = 2 * m + 1
                stack[top + 1] = 2 * m + 2
                top += 2
            else:
                for i in range(spans[m, 0], spans[m, 1]):
                    d = _between(ordered, i, point)
                    found += d < reach or (closed and d == reach)
        out[places[j]] = found - 1 if found > 0 else 0
