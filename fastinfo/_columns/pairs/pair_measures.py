"""Information from the counts of many pairs of columns, in nats: plain, corrected, normalised."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.pairs.all_pairs import count_all
from fastinfo._columns.pairs.chance_of_pairs import ChanceOfPairs
from fastinfo._columns.pairs.panels import Panel
from fastinfo._columns.pairs.tiles import Tile
from fastinfo._core.checks import Array, read_only
from fastinfo._core.limits import check_memory
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import estimator_of, is_of_table, refuse_weights
from fastinfo._measures.information import measure_pair, share_of
from fastinfo.kernels.information import pair_tables as kernels


class PairMeasure:
    """
    Mutual information of pairs of columns of `x` and `y`, or of `x` alone.

    A column paired with itself gives its entropy, or 1 if `normalized`. If wanted, `chance` is what
    is subtracted as the information by chance.
    """

    def __init__(
        self,
        x: CodeMatrix,
        y: CodeMatrix | None,
        correction: str | float | None = None,
        normalized: str | None = None,
    ) -> None:
        self._x, self._y = x, y
        self._correction, self._normalized = correction, normalized
        self.chance = ChanceOfPairs(x, y) if correction == "chance" else None

    def of_tile(self, tile: Tile) -> Array:
        """Information of each pair of a tile; undefined below the diagonal of a square tile."""
        measure = self._plain if self._correction in (None, "chance") else self._corrected
        return measure(tile, tile.scratch())

    def _plain(self, tile: Tile, scratch: Array) -> Array:
        """Plug-in information, or the information above chance."""
        information, margins = tile.plug_in(scratch)
        expected = np.zeros(information.shape)
        for_all = tile.counts, *tile.layouts
        known = self.chance is not None and (margins is not None or self.chance.knows(tile))
        if self.chance is not None and known:
            expected = self.chance.of_known(tile, margins, information)
        elif self._correction == "chance":
            sizes = np.empty((4, scratch.shape[1]))
            kernels.expected_informations(
                *for_all, tile.same, scratch, sizes, information, expected
            )
        if tile.same:
            np.fill_diagonal(expected, 0.0)
        information -= expected
        if self._normalized is None:
            return information
        h = np.zeros((*tile.shape, 3))
        kernels.entropies(*for_all, *self._cells(tile.x, tile.y), 0.0, tile.same, scratch, h)
        return self._shares(information, h, expected, tile.same)

    def _corrected(self, tile: Tile, scratch: Array) -> Array:
        h = np.zeros((*tile.shape, 3))
        estimator, pseudo = estimator_of(self._correction)
        if self._x.weights is not None:
            tile, whole = tile.effective()
            if estimator.needs_whole and not whole:
                refuse_weights(self._correction)
        cells = self._cells(tile.x, tile.y)
        for_all = tile.counts, *tile.layouts
        if estimator.pairs is None:
            self._one_by_one(estimator.kernel, cells, tile, scratch, h)
        else:
            estimator.pairs(*for_all, *cells, *(pseudo or (0.0,)), tile.same, scratch, h)
        information = h[..., 0] + h[..., 1] - h[..., 2]
        if is_of_table(self._correction):
            np.maximum(information, 0.0, out=information)
        if tile.same:
            diagonal = np.arange(tile.shape[0])
            information[diagonal, diagonal] = h[diagonal, diagonal, 0]
        if self._normalized is None:
            return information
        return self._shares(information, h, 0.0, tile.same)

    def _shares(self, information: Array, h: Array, expected: Any, same: bool) -> Array:
        """Information divided by an average of each pair's entropies; 1 on the diagonal."""
        assert self._normalized is not None
        hx, hy, hxy = np.moveaxis(h, 2, 0)
        found: Array = share_of(
            information, hx, hy, hxy, self._normalized, self._correction, expected
        )
        if same:
            own = h[..., 0].diagonal()
            np.fill_diagonal(found, np.where(own > 0.0, 1.0, np.where(own == own, 0.0, np.nan)))
        return found

    @property
    def _needs_cells(self) -> bool:
        """Whether the correction needs the number of cells, including empty ones."""
        return self._correction != "chance" and estimator_of(self._correction)[0].takes_cells

    def _cells(self, x: Panel, y: Panel) -> tuple[Array, Array]:
        """Levels that count as cells, if the correction needs them."""
        if self._needs_cells:
            return (
                read_only(x.matrix.n_cells[x.columns]),
                read_only(y.matrix.n_cells[y.columns]),
            )
        return read_only(x.levels.astype(float)), read_only(y.levels.astype(float))

    @staticmethod
    def _one_by_one(
        entropy: Callable[[Array, float], float],
        cells: tuple[Array, Array],
        tile: Tile,
        scratch: Array,
        h: Array,
    ) -> None:
        x_cells, y_cells = cells
        layouts = tile.layouts
        for i, p in enumerate(layouts[0].tolist()):
            for j, q in list(enumerate(layouts[1].tolist()))[i if tile.same else 0 :]:
                flat = scratch[0, : p[2] * q[2]]
                x_counts, y_counts = scratch[1, : p[2]], scratch[2, : q[2]]
                if not kernels.open_table(
                    tile.counts, layouts[0], i, layouts[1], j, flat, x_counts, y_counts
                ):
                    h[i, j] = np.nan
                    continue
                h[i, j, 0] = entropy(x_counts, x_cells[i])
                h[i, j, 1] = entropy(y_counts, y_cells[j])
                h[i, j, 2] = entropy(flat, x_cells[i] * y_cells[j])

    def of_pair(self, i: int, j: int) -> float:
        """Information of one pair, counted separately; NaN without a complete row."""
        other = self._x if self._y is None else self._y
        if self._needs_cells:
            x, y = self._x.occurring(i), other.occurring(j)
        else:
            x, y = self._x.column(i), other.column(j)
        table = Table.count(x, y, self._x.weights)
        if not table.n:
            return math.nan
        alone = self._y is None and i == j
        return measure_pair(table, alone, self._correction, self._normalized)


def check_matrix(f: int, g: int) -> None:
    """Raise an error for a matrix of `f` by `g` columns that does not fit into memory."""
    check_memory(8 * f * g, f"a matrix of {f} by {g} columns", "use fewer columns")


def measure_pairs(
    x: CodeMatrix,
    y: CodeMatrix | None = None,
    correction: str | float | None = None,
    normalized: str | None = None,
    done: Callable[[int], None] | None = None,
) -> Array:
    """
    Mutual information in nats of all pairs of columns; those with many levels one by one.

    Without `y`, `x` is paired with itself. ``done(pairs)`` is called with the number of pairs done.
    """
    other = x if y is None else y
    f, g = x.n_columns, other.n_columns
    check_matrix(f, g)
    out = np.full((f, g), np.nan)
    measure = PairMeasure(x, y, correction, normalized)

    def use(p: Panel, q: Panel, same: bool, by_planes: bool, counts: Array) -> None:
        found = measure.of_tile(Tile(p, q, same, by_planes, counts))
        rows, columns = p.columns, q.columns
        if same:
            above = np.triu_indices(rows.size)
            out[rows[above[0]], columns[above[1]]] = found[above]
            out[columns[above[1]], rows[above[0]]] = found[above]
            return
        out[np.ix_(rows, columns)] = found
        if y is None:
            out[np.ix_(columns, rows)] = found.T

    count_all(x, y, use, done)
    if not (x.wide or other.wide):
        return out
    total = f * (f + 1) // 2 if y is None else f * g
    pairs = (
        itertools.combinations_with_replacement(range(f), 2)
        if y is None
        else itertools.product(range(f), range(g))
    )
    wide = [(i, j) for i, j in pairs if i in x.wide or j in other.wide]
    for k, (i, j) in enumerate(wide):
        out[i, j] = measure.of_pair(i, j)
        if y is None:
            out[j, i] = out[i, j]
        if done is not None:
            done(total - len(wide) + k + 1)
    return out
