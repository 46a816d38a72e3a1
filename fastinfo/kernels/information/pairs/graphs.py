"""Trees of largest weight, and networks, that connect columns by the information of their pairs.

Among edges of the same weight, the one with the first columns comes first. So all edges are
ordered, and the tree is unique. NaN means that there is no edge.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import new_array

BLOCK = 16  #: rows that are compared with as many others while both are in the cache
_PART = 64  # after so many columns, check whether one has been found


@kernel(inline=True)
def _comes_first(weight, key, other_weight, other_key):
    """Whether an edge comes before another one."""
    return weight > other_weight or (weight == other_weight and key < other_key)


@kernel
def dense_forest(weights, rows, columns, same, n, first, second):
    """
    Edges of the forest of largest weight between two sets of columns (Prim); their number.

    `weights` has a row for each of `rows` and a column for each of `columns`, which are numbers
    below `n`. Together they have at most as many columns as `first` and `second` have room for.
    With `same`, both sets are the same, and the part right of the diagonal counts.
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
    Mark the edges that connect columns which earlier edges do not connect (Kruskal).

    `parents` has a number for each column, which is initially the column's own.
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
    Mark the entries of a symmetric matrix that are the smallest of some triple, in some rows.

    Entry (i, j) is marked if there is a column `k` for which ``values[i, j] + slack`` is below both
    (i, k) and (j, k). Comparisons with NaN are false. Entries right of the diagonal are written.
    Since `slack` is not negative, `k` is never i or j.
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
