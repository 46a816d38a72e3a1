"""Expected information by chance of pairs of columns without missing samples, computed exactly.

The expectation is a sum over cells, and the contribution of a cell depends only on the sizes of its
row and column. With few rows, only few different sizes occur in all columns together. So the
contributions of all pairs of sizes are computed once, and for each pair of columns they are only
added up.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.pairs.tiles import Tile
from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.information import pair_tables as kernels
from fastinfo.kernels.information import weighted_tables as kernels_of_weights
from fastinfo.kernels.information.expected import LARGE

_MOST_CELLS = 1 << 23  # cells of a table of sizes, which takes 64 MB
_ROWS = 8  # rows of the table that are computed at a time
_CELL = 1000.0  # ns for a cell of few samples
_LARGE_CELL = 50.0
_COUNT = 1.0  # ns to count a sample, to find the sizes


class _Side(NamedTuple):
    """Sizes of the levels of some columns."""

    places: list[Array]  #: places of each column's sizes in the table; empty if unknown
    certain: Array  #: whether all tables of the column have the same information


class ChanceOfPairs:
    """Expected information by chance, for pairs of columns of `x` and `y`, or of `x` alone."""

    def __init__(self, x: CodeMatrix, y: CodeMatrix | None) -> None:
        self._sides: tuple[_Side, _Side] | None = None
        self._weighted = x.weights is not None
        if self._weighted:
            return
        columns = [np.flatnonzero((m.places >= 0) & ~m.incomplete) for m in (x, y) if m is not None]
        if _is_worth(x, y, columns):
            self._tabulate([m for m in (x, y) if m is not None], columns)

    def knows(self, tile: Tile) -> bool:
        """Whether the expectation of all pairs of a tile is known without sums over their cells."""
        if self._weighted:
            return True
        rows, columns = tile.complete
        return self._sides is not None and (rows.size, columns.size) == tile.shape

    def _tabulate(self, matrices: list[CodeMatrix], columns: list[Array]) -> None:
        """Compute the contributions of all pairs of sizes, unless there are too many."""
        n = float(matrices[0].n_rows)
        sides, sizes = [], []
        for matrix, own in zip(matrices, columns, strict=True):
            none = np.zeros(0, np.int64)
            ascending = [matrix.ascending_sizes(i) for i in own.tolist()]
            known, found = np.unique(np.concatenate([*ascending, none]), return_inverse=True)
            stops = np.cumsum([c.size for c in ascending])
            places = [none] * matrix.n_columns
            for i, part in zip(own.tolist(), np.split(found, stops[:-1]), strict=False):
                places[i] = part
            certain = np.zeros(matrix.n_columns, np.bool_)
            certain[own] = [c.size <= 1 or c[-1] == 1 for c in ascending]
            sides.append(_Side(places, certain))
            sizes.append(read_only(known.astype(np.float64)))
        if sizes[0].size * sizes[-1].size > _MOST_CELLS:
            return
        large = True if sizes[0].max() * sizes[-1].max() >= LARGE * n else None
        table = np.empty((sizes[0].size, sizes[-1].size))
        same = len(matrices) == 1

        def fill(span: tuple[int, int]) -> None:
            kernels.tabulate_cells(sizes[0], sizes[-1], *span, same, n, large, table)

        run_in_order(fill, spans(len(table), _ROWS))
        if same:
            lower = np.tril_indices(len(table), -1)
            table[lower] = table.T[lower]
        self._sides = sides[0], sides[-1]
        self._table = read_only(table)

    def of_known(
        self, tile: Tile, margins: tuple[Array, Array] | None, information: Array
    ) -> Array:
        """
        Expectation for a tile that is known or complete; or the tile's own information.

        It is the tile's own if no other information is possible. `margins` are the counts of the
        levels of both sides if nothing is missing.
        """
        if self._weighted:
            return _of_weights(tile, information)
        assert margins is not None
        if self._sides is None:
            return _one_by_one(tile, margins, information)
        expected = np.zeros(tile.shape)
        sides: list[tuple[Array, Array]] = []
        certain = []
        for panel, side in zip((tile.x, tile.y), self._sides, strict=True):
            places = [side.places[i] for i in panel.columns.tolist()]
            ends = np.cumsum([own.size for own in places])
            sides.append((read_only(ends), read_only(np.concatenate(places))))
            certain.append(side.certain[panel.columns])
        sums = np.empty(self._table.shape[1])
        table = self._table
        kernels.tabulated_expected(*sides[0], *sides[1], tile.same, table, sums, expected)
        np.copyto(expected, information, where=np.logical_or.outer(*certain))
        return expected


def _of_weights(tile: Tile, information: Array) -> Array:
    """Of a tile of sums of weights."""
    expected = np.zeros(tile.shape)
    scratch = tile.scratch()
    sizes = np.empty((4, scratch.shape[1]))
    for_all = tile.counts, *tile.layouts, tile.same, tile.units
    kernels_of_weights.weighted_chances(*for_all, scratch, sizes, information, expected)
    return expected


def _is_worth(x: CodeMatrix, y: CodeMatrix | None, columns: list[Array]) -> bool:
    """Whether a table of sizes takes less time than a sum over the cells of each pair."""
    n = x.n_rows
    levels = [m.n_levels[own] for m, own in zip((x, y), columns, strict=False) if m is not None]
    pairs = levels[0].size * levels[-1].size / (2 if y is None else 1)
    if not pairs:
        return False
    cells = float(levels[0].mean() * levels[-1].mean())
    one = _LARGE_CELL if n / cells >= LARGE else _CELL
    counted = sum(own.size for own in levels) * n * _COUNT
    sizes = [min(float(own.sum()), float(n)) for own in levels]
    return pairs * cells * one > counted + sizes[0] * sizes[-1] * one / 4.0


def _one_by_one(tile: Tile, margins: tuple[Array, Array], information: Array) -> Array:
    """Of a tile of columns without gaps, by the different sizes of each of them."""
    n = float(tile.x.matrix.n_rows)
    expected = np.zeros(tile.shape)
    sides: list[tuple[Array, Array, Array]] = []
    certain, most = [], []
    for margin, layout in zip(margins, tile.layouts, strict=True):
        ends, sizes, times, alone = [], [], [], []
        stop = 0
        for levels in layout[:, 2].tolist():
            start, stop = stop, stop + levels
            found = Counter(margin[start:stop].tolist())
            found.pop(0.0, None)
            sizes += (own := sorted(found))
            times += [float(found[size]) for size in own]
            ends.append(len(sizes))
            alone.append(not own or (len(own) == 1 and (found[own[0]] == 1 or own[0] == 1.0)))
        sides.append(
            (
                read_only(np.array(ends, np.int64)),
                read_only(np.array(sizes, np.float64)),
                read_only(np.array(times, np.float64)),
            )
        )
        certain.append(np.array(alone))
        most.append(max(sizes, default=0.0))
    large = True if most[0] * most[1] >= LARGE * n else None
    if n > 0.0:
        kernels.complete_expected(*sides[0], *sides[1], tile.same, n, large, expected)
    np.copyto(expected, information, where=np.logical_or.outer(*certain))
    return expected
