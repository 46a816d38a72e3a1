"""Mutual information where values repeat, and where they do not: Gao, Kannan, Oh & Viswanath.

``psi(N) + <f(m) - psi(m_x) - psi(m_y)>``, m the other points no farther than the k-th, ``f(m)`` of
:func:`fastinfo.kernels.neighbors.ksg.excess_sum`, and m_x, m_y the numbers no farther in each
coordinate (:func:`fastinfo.kernels.neighbors.neighbor_counts.count_about`). Where distances are not
tied it is the estimate of :func:`fastinfo.kernels.neighbors.ksg.ksg`.

Coordinates are taken as they are, and distances are the same, as in
:mod:`fastinfo.kernels.neighbors.ksg`.

Contract: samples are float64, finite, C-contiguous; more than k of them; nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.neighbors.ksg import CHUNK, TABLE, excess_sum, ranked
from fastinfo.kernels.neighbors.neighbor_counts import (
    count_about,
    digamma_integer,
    digamma_integers,
    sum_digamma,
)
from fastinfo.kernels.neighbors.strips import MORE, fill_strips, strip_bits, strip_distances
from fastinfo.kernels.neighbors.trees import build_tree, tree_counts, tree_depth


@kernel
def about_sum(values, ranks, bounds, table):
    """Sum of digamma of how many values are about as near to each of the ranks as its bound."""
    counts = np.empty(bounds.size, np.int32)
    count_about(values, ranks, bounds, counts)
    return sum_digamma(counts, 0, table)


@kernel
def mixed_sum(px, py, x_sorted, x_rank, y_rank, bits, k, first, last, table, by_y, tied):
    """
    Sum of digamma of m_x of the points in some strips.

    The bounds of their distances go to `by_y`, by the rank in y, and which are tied to `tied`, from
    the first point of all strips on.
    """
    start = first << bits
    stop = min(last << bits, px.size)
    bounds = np.empty(stop - start, np.float64)
    strip_distances(px, py, x_sorted, bits, k, first, last, bounds, tied[start:stop])
    for i in range(bounds.size):
        bounds[i] *= MORE
        by_y[np.uint64(y_rank[start + i])] = bounds[i]
    return about_sum(x_sorted, x_rank[start:stop], bounds, table)


@kernel
def mixed(x, y, k):
    """Estimate of Gao and others of two columns, in nats."""
    n = x.size
    xs = np.empty(n, np.float64)
    ys = np.empty(n, np.float64)
    x_places = np.empty(n, np.uint32)
    x_ranks = np.empty(n, np.uint32)
    places = np.empty(n, np.uint32)
    ranks = np.empty(n, np.uint32)
    ranked(x, xs, x_places, x_ranks)
    ranked(y, ys, places, ranks)
    if xs[0] == xs[n - 1] or ys[0] == ys[n - 1]:
        return 0.0
    bits = strip_bits(n, k)
    px = np.empty(n, np.float64)
    py = np.empty(n, np.float64)
    x_rank = np.empty(n, np.uint32)
    fill_strips(xs, ys, x_ranks, places, bits, px, py, x_rank, ranks)
    table = np.empty(TABLE, np.float64)
    digamma_integers(table)
    strips = ((n - 1) >> bits) + 1
    step = max(1, CHUNK >> bits)
    by_y = np.empty(n, np.float64)
    tied = np.empty(n, np.bool_)
    total = 0.0
    for first in range(0, strips, step):
        last = min(first + step, strips)
        total += mixed_sum(px, py, xs, x_rank, ranks, bits, k, first, last, table, by_y, tied)
    in_order = np.arange(n).astype(np.uint32)
    of_y = 0.0
    for first in range(0, n, CHUNK):
        last = min(first + CHUNK, n)
        of_y += about_sum(ys, in_order[first:last], by_y[first:last], table)
    total += of_y
    total -= _excess(px, py, ranks, k, table, by_y, tied)
    return digamma_integer(k, table) + digamma_integer(n, table) - total / n


@kernel
def _excess(px, py, y_rank, k, table, by_y, tied):
    """What the points with tied distances have more than k neighbours, as in `excess_sum`."""
    n = px.size
    queries = np.nonzero(tied)[0]
    if queries.size == 0:
        return 0.0
    points = np.empty((n, 2), np.float64)
    bounds = np.empty(n, np.float64)
    for i in range(n):
        points[i, 0] = px[i]
        points[i, 1] = py[i]
        bounds[i] = by_y[np.uint64(y_rank[i])]
    nodes = 2 ** (tree_depth(n) + 1) - 1
    places = np.empty(n, np.int64)
    ordered = np.empty((n, 2), np.float64)
    boxes = np.empty((nodes, 2, 2), np.float64)
    spans = np.empty((nodes, 2), np.int64)
    build_tree(points, places, ordered, boxes, spans)
    counts = np.empty(n, np.int32)
    tree_counts(ordered, boxes, spans, points, queries, bounds, True, counts)
    total = 0.0
    for first in range(0, queries.size, CHUNK):
        total += excess_sum(counts[queries[first : first + CHUNK]], k, table)
    return total
