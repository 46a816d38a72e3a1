"""Mutual information of columns in which values may repeat: Gao, Kannan, Oh & Viswanath 2017.

The estimate is ``psi(N) + <f(m) - psi(m_x) - psi(m_y)>``. For each of the N points, m is the number
of other points that are no farther away than the k-th neighbour, and ``f(m)`` is explained in
:func:`fastinfo.kernels.neighbors.ksg.excess_sum`. The numbers m_x and m_y count the samples that
are no farther away in each coordinate
(:func:`fastinfo.kernels.neighbors.neighbor_counts.count_within` with ``about``). If no distances
are tied, this is the estimate of :func:`fastinfo.kernels.neighbors.ksg.ksg`.

As in :mod:`fastinfo.kernels.neighbors.ksg`, samples are not scaled, and distances that differ by
less than 2**-30 of their size are treated as equal.

What the kernels expect: samples are float64, finite and C-contiguous, and there are more than k of
them. Nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array, new_matrix
from fastinfo.kernels.neighbors.ksg import CHUNK, TABLE, digamma_sum, excess_sum, ranked
from fastinfo.kernels.neighbors.neighbor_counts import digamma_integer, digamma_integers
from fastinfo.kernels.neighbors.strips import MORE, fill_strips, strip_bits, strip_distances
from fastinfo.kernels.neighbors.trees import build_tree, tree_counts, tree_depth


@kernel
def mixed(x, y, k):
    """
    Mutual information of two columns with repeated values, by the estimate of Gao and others.

    `x` and `y` are the samples, and `k` is the number of neighbours. The result is in nats.
    """
    n = x.size
    xs = new_array(n, np.float64)
    ys = new_array(n, np.float64)
    x_places = new_array(n, np.uint32)
    x_ranks = new_array(n, np.uint32)
    places = new_array(n, np.uint32)
    ranks = new_array(n, np.uint32)
    ranked(x, xs, x_places, x_ranks)
    ranked(y, ys, places, ranks)
    if xs[0] == xs[n - 1] or ys[0] == ys[n - 1]:
        return 0.0
    bits = strip_bits(n, k)
    px = new_array(n, np.float64)
    py = new_array(n, np.float64)
    x_rank = new_array(n, np.uint32)
    fill_strips(xs, ys, x_ranks, places, bits, px, py, x_rank, ranks)
    table = new_array(TABLE, np.float64)
    digamma_integers(table)
    strips = ((n - 1) >> bits) + 1
    bounds = new_array(n, np.float64)
    by_y = new_array(n, np.float64)
    tied = new_array(n, np.bool_)
    strip_distances(px, py, xs, bits, k, 0, strips, bounds, tied)
    for i in range(n):
        bounds[i] *= MORE
        by_y[np.uint64(ranks[i])] = bounds[i]
        x_ranks[i] = np.uint32(i)
    step = max(1, CHUNK >> bits) << bits
    total = 0.0
    for first in range(0, n, step):
        last = min(first + step, n)
        total += digamma_sum(xs, x_rank[first:last], bounds[first:last], True, 0, table)
    of_y = 0.0
    for first in range(0, n, CHUNK):
        last = min(first + CHUNK, n)
        of_y += digamma_sum(ys, x_ranks[first:last], by_y[first:last], True, 0, table)
    total += of_y
    total -= _excess(px, py, bounds, k, table, tied)
    return digamma_integer(k, table) + digamma_integer(n, table) - total / n


@kernel
def _excess(px, py, bounds, k, table, tied):
    """The sum of :func:`excess_sum` over the points whose k-th distance is tied."""
    n = px.size
    many = 0
    for i in range(n):
        many += tied[i]
    if many == 0:
        return 0.0
    queries = new_array(many, np.int64)
    points = new_matrix(n, 2, np.float64)
    many = 0
    for i in range(n):
        points[i, 0] = px[i]
        points[i, 1] = py[i]
        if tied[i]:
            queries[many] = i
            many += 1
    nodes = 2 ** (tree_depth(n) + 1) - 1
    places = new_array(n, np.int64)
    ordered = new_matrix(n, 2, np.float64)
    boxes = np.empty((nodes, 2, 2), np.float64)
    spans = new_matrix(nodes, 2, np.int64)
    build_tree(points, places, ordered, boxes, spans)
    counts = new_array(n, np.int32)
    tree_counts(ordered, boxes, spans, points, queries, bounds, True, counts)
    total = 0.0
    for first in range(0, many, CHUNK):
        total += excess_sum(counts[queries[first : first + CHUNK]], k, table)
    return total
