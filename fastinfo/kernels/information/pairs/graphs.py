"""Columns joined by the information of their pairs: trees of largest weight, and networks.

Of edges of the same weight, the one of the first columns comes first: so all edges are in an order,
and the tree is one. NaN is no edge.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array

BLOCK = 16  #: rows that are compared with as many others, while both are in the cache
_PART = 64  # columns after which it is asked whether one was found


@kernel(inline=True)
def _comes_first(weight, key, other_weight, other_key):
    """Whether an edge comes before another one."""
    return weight > other_weight or (weight == other_weight and key < other_key)


@kernel
def dense_forest(weights, rows, columns, same, n, first, second):
    """
    Edges of the forest of largest weight between some columns and others (Prim); how many.

    `weights` has a row for each of `rows` and a column for each of `columns`, which are numbers of
    `n` columns in all, and together no more than `first` and `second` have room. With `same`, both
    are the same, and what is right of the diagonal counts.
    """
    nx = rows.size
    nodes = nx if same else nx + columns.size
    best = new_array(nodes, np.float64)
    key = new_array(nodes, np.int64)
    origin = new_array(nodes, np.int64)
    waiting = new_array(nodes, np.int64)
    for k in range(nodes):
        best[k] = -np.inf
        key[k] = 0
        origin[k] = -1
        waiting[k] = k
    found = 0
    left = nodes
    while left > 0:
        place = 0
        for k in range(1, left):
            a = waiting[k]
            b = waiting[place]
            if origin[a] >= 0 and (origin[b] < 0 or _comes_first(best[a], key[a], best[b], key[b])):
                place = k
        node = waiting[place]
        left -= 1
        waiting[place] = waiting[left]
        if origin[node] >= 0:
            first[found] = key[node] // n
            second[found] = key[node] % n
            found += 1
        own = rows[node] if node < nx else columns[node - nx]
        for k in range(left):
            other = waiting[k]
            if same:
                weight = weights[node, other] if node < other else weights[other, node]
                place_of_other = rows[other]
            elif (node < nx) == (other < nx):
                continue
            elif node < nx:
                weight = weights[node, other - nx]
                place_of_other = columns[other - nx]
            else:
                weight = weights[other, node - nx]
                place_of_other = rows[other]
            if weight != weight:
                continue
            low = own if own < place_of_other else place_of_other
            high = place_of_other if own < place_of_other else own
            new = low * n + high
            if origin[other] < 0 or _comes_first(weight, new, best[other], key[other]):
                best[other] = weight
                key[other] = new
                origin[other] = node
    return found


@kernel
def keep_forest(first, second, parents, kept):
    """
    Mark the edges that join what those before them have not (Kruskal).

    `parents` has a number for each column, which is its own to begin with.
    """
    for k in range(first.size):
        a = first[k]
        while parents[a] != a:
            parents[a] = parents[parents[a]]
            a = parents[a]
        b = second[k]
        while parents[b] != b:
            parents[b] = parents[parents[b]]
            b = parents[b]
        kept[k] = a != b
        if a < b:
            parents[b] = a
        else:
            parents[a] = b


@kernel
def mark_indirect(values, start, stop, slack, out):
    """
    Mark the entries of a symmetric matrix that are the least of a triple, in some rows.

    Entry (i, j) is if there is a column `k` with ``values[i, j] + slack`` below both (i, k) and
    (j, k); NaN is below and above nothing. Those right of the diagonal are written. Since `slack`
    is not negative, neither i nor j can be `k`.
    """
    n = values.shape[0]
    for first in range(start, n, BLOCK):
        last = first + BLOCK if first + BLOCK < n else n
        for i in range(start, stop):
            a = values[i]
            for j in range(first if first > i else i + 1, last):
                b = values[j]
                limit = values[i, j] + slack
                k = 0
                found = np.int64(0)
                while k < n and found == 0:
                    end = k + _PART if k + _PART < n else n
                    for q in range(np.uint64(k), np.uint64(end)):
                        found += np.int64((a[q] > limit) & (b[q] > limit))
                    k = end
                out[i, j] = found > 0
