"""The tree of the strongest pairs of columns, without a matrix of all pairs.

An edge that is not in the tree of some of the pairs is not in the tree of all pairs. So each tile
of counts is reduced to its own tree, and the trees are merged.
"""

from __future__ import annotations

import heapq
import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.pairs.all_pairs import count_all
from fastinfo._columns.pairs.pair_measures import PairMeasure
from fastinfo._columns.pairs.panels import Panel
from fastinfo._columns.pairs.strongest import ABOVE, SLACK, PairsOfTile, least_of
from fastinfo._columns.pairs.tiles import Tile
from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order
from fastinfo.kernels.information.pairs.graphs import dense_forest, keep_forest

_DIGITS = 12  # digits of weights; those with equal digits count as equal
_WAITING = 1 << 12  # at least so many edges are merged at a time, or as many as the tree has


class Edges(NamedTuple):
    """Pairs of columns by their places (the smaller one first), and their weights."""

    x: Array
    y: Array
    weights: Array  #: nats


def tree_of_pairs(
    matrix: CodeMatrix,
    correction: str | float | None,
    done: Callable[[int], None] | None = None,
) -> Edges:
    """
    The tree with the largest information, strongest edge first; a forest if some are NaN.

    ``done(pairs)`` is called with the number of pairs that are done, including columns with
    themselves.
    """
    measure = PairMeasure(matrix, None, correction)
    n = matrix.n_columns
    forest = _Forest(n)

    def use(x: Panel, y: Panel, same: bool, by_planes: bool, counts: Array) -> None:
        tile = Tile(x, y, same, by_planes, counts)
        if measure.chance is not None and not measure.chance.knows(tile):
            forest.add(_forest_by_bounds(tile, n, forest.least))
            return
        forest.add(forest_of(measure.of_tile(tile), x.columns, y.columns, same, n))

    def settle(k: int) -> None:
        forest.settle(_WAITING + n)
        if done is not None:
            done(k)

    count_all(matrix, None, use, settle)
    for i in matrix.wide:
        others = [j for j in range(n) if j > i or not (j == i or j in matrix.wide)]
        pairs = np.array([(min(i, j), max(i, j)) for j in others], np.int64).reshape(-1, 2)
        weights = np.array(run_in_order(lambda pair: measure.of_pair(*pair), pairs.tolist()))
        known = ~np.isnan(weights)
        forest.add(Edges(pairs[known, 0], pairs[known, 1], weights[known]))
        settle(n * (n + 1) // 2)
    forest.settle(0)
    return forest.edges


def forest_of(weights: Array, rows: Array, columns: Array, same: bool, n: int) -> Edges:
    """The edges of the tree of a dense matrix of weights, between some of `n` columns."""
    room = rows.size if same else rows.size + columns.size
    first, second = np.empty((2, room), np.int64)
    ordered = read_only(np.round(weights, _DIGITS))
    sides = read_only(rows), read_only(columns)
    found = int(dense_forest(ordered, *sides, same, n, first, second))
    first, second = first[:found], second[:found]
    at = np.full(n, -1)
    at[rows] = np.arange(rows.size)
    to = at
    if not same:
        to = np.full(n, -1)
        to[columns] = np.arange(columns.size)
    turned = at[first] > to[second] if same else at[first] < 0
    i, j = np.where(turned, second, first), np.where(turned, first, second)
    return Edges(first, second, weights[at[i], to[j]])


def _forest_by_bounds(tile: Tile, n: int, least: float) -> Edges:
    """
    The edges of the tree of a tile by information above chance; those below `least` apart.

    The expected information takes long to compute, so it is computed only for edges that may be in
    the tree according to a bound. The next edge is the strongest known one, if no bound is above
    it.
    """
    scratch = tile.scratch()
    information, margins = tile.plug_in(scratch)
    bound = information - least_of(tile, margins, scratch)[0]
    if tile.same:
        bound[np.tril_indices(len(bound))] = np.nan
    flat = bound.reshape(-1)
    places = np.flatnonzero(flat >= least - SLACK)
    order = places[np.argsort(-flat[places], kind="stable")].tolist()
    bounds = (flat[order] + SLACK).tolist()
    pairs = PairsOfTile(tile, information, None, scratch)
    columns = [tile.x.columns.tolist(), tile.y.columns.tolist()]
    parents = {i: i for side in columns for i in side}

    def root(i: int) -> int:
        while parents[i] != i:
            parents[i] = parents[parents[i]]
            i = parents[i]
        return i

    known: list[tuple[float, int, int, float]] = []  # edges in order
    found: list[tuple[int, int, float]] = []
    at, left = 0, len(parents) - 1
    while left and (known or at < len(order)):
        if known and (at == len(order) or -known[0][0] >= bounds[at]):
            _, x, y, weight = heapq.heappop(known)
            a, b = root(x), root(y)
            if a != b:
                parents[b] = a
                left -= 1
                found.append((x, y, weight))
            continue
        place, at = order[at], at + 1
        i, j = divmod(place, tile.shape[1])
        x, y = sorted((columns[0][i], columns[1][j]))
        if root(x) != root(y):
            weight = float(pairs.measured(np.array([place]))[0, ABOVE])
            heapq.heappush(known, (-round(weight, _DIGITS), x, y, weight))
    x_places, y_places, weights = zip(*found, strict=True) if found else ((), (), ())
    sides = np.array(x_places, np.int64), np.array(y_places, np.int64)
    return Edges(*sides, np.array(weights, np.float64))


def strongest_first(edges: Edges) -> Edges:
    """The edges in order."""
    order = np.lexsort((edges.y, edges.x, -np.round(edges.weights, _DIGITS)))
    return Edges(*(part[order] for part in edges))


class _Forest:
    """The tree of the edges so far. Threads add edges; one of them merges them."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._waiting: deque[Edges] = deque()
        none = np.zeros(0, np.int64)
        self.edges = Edges(none, none, np.zeros(0))
        self.least = -math.inf  # an edge below this can't be in the tree

    def add(self, edges: Edges) -> None:
        """Add some edges, to be merged later."""
        self._waiting.append(edges)

    def settle(self, least: int) -> None:
        """Merge the edges that were added, if there are enough of them."""
        if sum(edges.x.size for edges in list(self._waiting)) < least:
            return
        found = [self.edges]
        while self._waiting:
            found.append(self._waiting.popleft())
        edges = strongest_first(Edges(*(np.concatenate(part) for part in zip(*found, strict=True))))
        kept = np.zeros(edges.x.size, np.bool_)
        sides = read_only(edges.x), read_only(edges.y)
        keep_forest(*sides, np.arange(self._n), kept)
        self.edges = Edges(*(part[kept] for part in edges))
        if self.edges.x.size == self._n - 1 and self._n > 1:
            self.least = float(self.edges.weights[-1])
