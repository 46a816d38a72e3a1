"""The pairs of columns with the most information above chance, without a matrix of all pairs.

Each tile of counts is measured and forgotten. The information that a pair needs to be kept
increases from tile to tile. Few pairs have an upper bound above it, and only for those is the
expected information by chance computed exactly.
"""

from __future__ import annotations

import functools
import math
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.pairs.all_pairs import count_all
from fastinfo._columns.pairs.chance_of_pairs import ChanceOfPairs
from fastinfo._columns.pairs.panels import Panel
from fastinfo._columns.pairs.tiles import Tile
from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order, spans
from fastinfo._counts.table import Table
from fastinfo._measures.information import expected_information, plug_in
from fastinfo.kernels.information.pairs import bounds as kernels

SLACK = 1e-9  #: nats by which rounding may lower a bound
_EQUAL = 5e-13  # pairs that differ by less, in nats, count as equal
_DIGITS = 12
_FIRST, _MOST = 64, 4096  # pairs of a tile that are measured at a time: at first, and at most
_NOUGHT = 1e-9  # fraction of an entropy that rounding may leave above chance
_WIDE = 64  # pairs with a column of many levels that are counted at a time

#: Measures of pairs, one array each.
ABOVE, _SHARE, _INFORMATION, _EXPECTED, _X, _Y = range(6)


class StrongestPairs(NamedTuple):
    """Pairs of columns, the strongest first."""

    places: Array  #: (m, 2) int64: places of both columns, the smaller one first
    above_chance: Array  #: (m,) nats
    share: Array  #: (m,) share of the smaller entropy above chance
    information: Array  #: (m,) nats, plug-in
    expected: Array  #: (m,) expected information by chance
    n_pairs: int  #: number of pairs that have a complete row
    n_reaching: int  #: approximate number that reach `least`, if too many to keep; else 0


def strongest_of(
    matrix: CodeMatrix,
    k: int | None,
    least: float = -math.inf,
    most: int | None = None,
    done: Callable[[int], None] | None = None,
) -> StrongestPairs:
    """
    The `k` strongest pairs, or all, among those with at least `least` nats above chance.

    None are kept once more than `most` are found. ``done(pairs)`` is called with the number of
    pairs that are done, including columns with themselves.
    """
    found = _Strongest(matrix, k, least, most)

    def settle(n: int) -> None:
        found.settle()
        if done is not None:
            done(n)

    count_all(matrix, None, found.use, settle)
    total = matrix.n_columns * (matrix.n_columns + 1) // 2
    for i in matrix.wide:
        others = [j for j in range(matrix.n_columns) if j > i or not (j == i or j in matrix.wide)]
        for span in spans(len(others), _WIDE):
            run_in_order(functools.partial(found.use_wide, i), others[slice(*span)])
            settle(total)
    return found.result()


class _Strongest:
    """The strongest pairs so far. Threads add what they find; one of them merges it."""

    def __init__(self, matrix: CodeMatrix, k: int | None, least: float, most: int | None) -> None:
        self._matrix, self._k, self._threshold, self._most = matrix, k, least, most
        self._chance = ChanceOfPairs(matrix, None)
        self._least = least  # information that a pair needs
        self._waiting: deque[tuple[int, int, Array]] = deque()
        self._kept = np.zeros((0, 6))
        self._n_pairs = self._n_reaching = 0

    def use(self, x: Panel, y: Panel, same: bool, by_planes: bool, counts: Array) -> None:
        """Measure a matrix of counts from :func:`.all_pairs.count_all`."""
        tile = Tile(x, y, same, by_planes, counts)
        scratch = tile.scratch()
        information, margins = tile.plug_in(scratch)
        exact = self._chance.knows(tile)
        if exact:
            least = self._chance.of_known(tile, margins, information)
        else:
            least = least_of(tile, margins, scratch)[0]
        bound = information - least
        if same:
            bound[np.tril_indices(len(bound))] = np.nan
        n_pairs = int(np.count_nonzero(bound == bound))
        if self._n_reaching:
            self._waiting.append((n_pairs, int(np.count_nonzero(bound >= self._least)), _NONE))
            return
        pairs = PairsOfTile(tile, information, least if exact else None, scratch)
        self._waiting.append((n_pairs, 0, self._best(pairs, bound)))

    def _best(self, pairs: PairsOfTile, bound: Array) -> Array:
        """The pairs of a tile that may be among the strongest of all."""
        flat = bound.reshape(-1)
        least, start, size, kept = self._least, 0, _FIRST, _NONE
        places = np.flatnonzero(flat >= least - SLACK)
        order = places[np.argsort(-flat[places], kind="stable")]
        while start < order.size and flat[order[start]] >= least - SLACK:
            found = pairs.measured(order[start : start + size])
            found = found[found[:, ABOVE] >= self._threshold - _EQUAL]
            start, size = start + size, min(2 * size, _MOST)
            kept, least = self._strongest(np.concatenate([kept, found]), least)
        return kept

    def _strongest(self, pairs: Array, least: float) -> tuple[Array, float]:
        """The strongest of some pairs, and the information that a further pair needs."""
        if self._k is None or len(pairs) < self._k:
            return pairs, least
        pairs = pairs[_order(pairs)[: self._k]]
        return pairs, max(least, float(pairs[:, ABOVE].min()))

    def use_wide(self, i: int, j: int) -> None:
        """Count and measure one pair that has a column with many levels."""
        i, j = min(i, j), max(i, j)
        table = Table.count(self._matrix.column(i), self._matrix.column(j), self._matrix.weights)
        if not table.n:
            return
        information, hx, hy, _ = plug_in(table)
        n = float(table.n)
        bound = information
        if not table.weighted:
            margins = (kernels.third_order(part, n) for part in (table.x_counts, table.y_counts))
            (rows, a), (columns, b) = margins
            bound = information - kernels.least_chance(rows, a, columns, b, n)
        found = _NONE
        if bound >= self._least - SLACK and not self._n_reaching:
            expected = expected_information(table)
            found = _rows(*(np.array([v]) for v in (information, expected, hx, hy, i, j)))
            found = found[found[:, ABOVE] >= self._threshold - _EQUAL]
        self._waiting.append((1, int(self._n_reaching and bound >= self._least), found))

    def settle(self) -> None:
        """Merge what threads have found."""
        found = [self._kept]
        while self._waiting:
            n_pairs, n_reaching, pairs = self._waiting.popleft()
            self._n_pairs += n_pairs
            self._n_reaching += n_reaching + (len(pairs) if self._n_reaching else 0)
            found.append(pairs)
        if len(found) > 1 and not self._n_reaching:
            self._kept, self._least = self._strongest(np.concatenate(found), self._least)
            if self._most is not None and len(self._kept) > self._most:
                self._n_reaching, self._kept = len(self._kept), _NONE

    def result(self) -> StrongestPairs:
        """The strongest of all."""
        self.settle()
        kept = self._kept[_order(self._kept)]
        above, share, information, expected = kept[:, :_X].T
        places = kept[:, _X:].astype(np.int64)
        known = self._n_pairs, self._n_reaching
        return StrongestPairs(places, above, share, information, expected, *known)


class PairsOfTile:
    """The pairs of a tile, measured when needed."""

    def __init__(
        self, tile: Tile, information: Array, expected: Array | None, scratch: Array
    ) -> None:
        self._tile, self._information, self._scratch = tile, information, scratch
        self._expected = expected  # expected information of all pairs, if known
        self._sizes = np.empty((4, scratch.shape[1] if expected is None else 0))

    def measured(self, places: Array) -> Array:
        """All measures of the pairs at some places of the tile."""
        tile = self._tile
        i, j = np.divmod(places, tile.shape[1])
        out = np.empty((places.size, 3))
        for_all = tile.counts, *tile.layouts
        asked = read_only(i), read_only(j)
        kernels.measure_some(*for_all, *asked, self._scratch, self._sizes, out)
        information = self._information[i, j]
        expected = out[:, 0] if self._expected is None else self._expected[i, j]
        expected = np.where(np.isnan(expected), information, expected)
        x, y = tile.x.columns[i], tile.y.columns[j]
        turned = x > y
        x, y = np.where(turned, y, x), np.where(turned, x, y)
        return _rows(information, expected, out[:, 1], out[:, 2], x, y)


def _rows(information: Array, expected: Array, hx: Array, hy: Array, x: Array, y: Array) -> Array:
    """All measures of some pairs."""
    above = information - expected
    smaller = np.minimum(hx, hy)
    room = smaller - expected
    share = np.zeros(above.size)
    np.divide(above, room, out=share, where=room > _NOUGHT * smaller)
    return np.stack([above, share, information, expected, x, y], axis=1)


def _order(pairs: Array) -> Array:
    """Strongest first; equal ones by share, descending, then by columns."""
    above, share = (-np.round(pairs[:, which], _DIGITS) for which in (ABOVE, _SHARE))
    return np.lexsort((pairs[:, _Y], pairs[:, _X], share, above))


_NONE = np.zeros((0, 6))


def least_of(
    tile: Tile, margins: tuple[Array, Array] | None, scratch: Array
) -> tuple[Array, Array | float, Array]:
    """
    Lower bounds of the expected information of a tile, samples, and degrees of freedom.

    `margins` are the counts of the levels of both sides if nothing is missing.
    """
    if margins is None:
        out = np.zeros((*tile.shape, 3))
        kernels.least_chances(tile.counts, *tile.layouts, tile.same, scratch, out)
        return out[..., 0], out[..., 1], out[..., 2]
    n = float(tile.x.matrix.n_rows)
    orders = []
    for margin, panel in zip(margins, (tile.x, tile.y), strict=True):
        own = np.empty((2, panel.columns.size))
        kernels.third_orders(margin, read_only(np.cumsum(panel.levels)), n, own)
        orders.append(own)
    (rows, a), (columns, b) = orders
    dof = np.multiply.outer(rows - 1.0, columns - 1.0)
    if n < 3.0:
        return np.zeros(tile.shape), n, dof
    least = dof * (0.5 / (n - 1.0))
    least -= np.multiply.outer(a / n, b / (6.0 * n * (n - 1.0) * (n - 2.0)))
    return np.maximum(least, 0.0, out=least), n, dof
