"""Many numbers in bins of equal counts, counted beside a target without codes of their own.

The edges and the counts are those of :class:`fastinfo._bins.order_statistics.Spread`: a table of
the cells of its grid beside the target's codes shows where bins begin and what is in them, in one
pass. Columns that it does not take are coded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fastinfo._bins.columns_in_rows import lies_in_rows, ranges_in_rows
from fastinfo._bins.edges import count_of
from fastinfo._bins.options import Binning
from fastinfo._bins.order_statistics import FEWEST_SPREAD, Grid, Spread
from fastinfo._bins.ranges import Range
from fastinfo._bins.rules import mi_bins
from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.coded_variable import CHUNK, Coded
from fastinfo._core.threads import get_num_threads, run_in_order, spans
from fastinfo._counts.dense_or_sparse import is_dense
from fastinfo._counts.table import Table
from fastinfo._tables.features import Features
from fastinfo.kernels.binning.searching import LINEAR
from fastinfo.kernels.binning.transposing import turn_to_cells
from fastinfo.kernels.counting import cells as kernels
from fastinfo.kernels.elementary.turning import SIDE

_MOST_CELLS = 1 << 18  # of a table of all cells: what the second cache holds
_MOST = 1 << 16  # samples of a cell of the table
_SIDE_BY_SIDE = 64  # columns that are turned together, at most
_TURNED = 1 << 24  # their samples that wait to be counted: tables change places in the cache


class CountedColumn(NamedTuple):
    """A column that was counted beside the target."""

    table: Table
    n_missing: int  #: rows where the column or the target is missing


def count_columns(
    features: Features, binning: Binning, target: CodeMatrix
) -> dict[int, CountedColumn]:
    """The columns of a matrix of many numbers that can be counted so, by their places."""
    array, goal = features.array, target.column(0)
    if (
        array is None
        or array.dtype not in (np.float32, np.float64)
        or not FEWEST_SPREAD <= len(array) < 2**32
        or len(features.names) < get_num_threads()
        or binning.nan_policy == "raise"
        or binning.missing is not None
        or goal.codes.dtype != np.uint8
        or target.absent
        or isinstance(binning.bins, (list, tuple))
    ):
        return {}
    options = binning.columns(features.names)
    wanted = [i for i, own in enumerate(options) if own.alone and not own.said]
    beside = _Beside(array, options, goal)
    found: dict[int, CountedColumn] = {}
    if lies_in_rows(array):
        for left, right in spans(array.shape[1], _SIDE_BY_SIDE):
            found |= beside.count_rows([i for i in wanted if left <= i < right], left, right)
        wanted = [i for i in wanted if i not in found]
    each = run_in_order(beside.count, wanted)
    return found | {i: own for i, own in zip(wanted, each, strict=True) if own is not None}


class _Beside:
    """Columns of a matrix, and the codes of the target that they are counted with."""

    def __init__(self, array: Array, options: list[Binning], goal: Coded) -> None:
        self._array, self._options = array, options
        self._codes = read_only(np.ascontiguousarray(goal.codes))
        self._n_levels = goal.n_levels
        self._width = goal.n_levels + 1

    def _grids(self, i: int, extent: Range) -> Iterator[tuple[int, Grid]]:
        """The number of bins of a column, and the grids to be tried, of cells that are few."""
        own, a = self._options[i], self._array[:, i]
        bins = mi_bins(extent.n) if own.by_rule_mi else count_of(own.bins)
        few = bins > 1 and is_dense(bins * self._n_levels, len(a)) and len(a) < 10 * bins * _MOST
        for grid in Spread.grids(a, bins, extent) if few else ():
            if (grid.n_cells + 1) * self._width > _MOST_CELLS:
                return
            yield bins, grid

    def _room(self, grid: Grid) -> Array:
        """A table for all cells of a grid, and the one of NaN."""
        return np.zeros((grid.n_cells + 1) * self._width, np.uint16)

    def count(self, i: int) -> CountedColumn | None:
        """Count one column; None where no grid takes it."""
        a = self._array[:, i]
        extent = Range.of(a)
        for bins, grid in self._grids(i, extent):
            table = self._room(grid)
            for start, stop in spans(len(a), CHUNK):
                beside = self._codes, start, self._width, table
                kernels.count_cells_beside(as_block(a[start:stop]), *grid, *beside)
            found = self._counted(i, extent.n, (bins, grid), table)
            if found is not None:
                return found
        return None

    def count_rows(self, wanted: list[int], left: int, right: int) -> dict[int, CountedColumn]:
        """Count some of the columns from `left` to `right`, whose rows lie together."""
        array = self._array[:, left:right]
        extents = ranges_in_rows(array)
        grids = {i: next(self._grids(i, extents[i - left]), None) for i in wanted}
        known = {i: own for i, own in grids.items() if own is not None and own[1].kind == LINEAR}
        if not known:
            return {}
        tables = {i: self._room(grid) for i, (_, grid) in known.items()}
        numbers = np.zeros((3, right - left))  # one that is not wanted is in the first cell
        for i, (_, grid) in known.items():
            numbers[:, i - left] = grid.low, grid.scale, grid.last
        low, scale, last = (read_only(np.tile(own, SIDE)) for own in numbers)
        parts = -(-array.size // _TURNED)
        rows = -(-len(array) // (parts * SIDE)) * SIDE  # about as many in each
        cells = np.empty((right - left, min(rows, len(array))), np.uint16)
        part = -(-rows // (4 * get_num_threads())) if get_num_threads() > 1 else rows
        for start, stop in spans(len(array), rows):

            def turn(span: tuple[int, int], start: int = start) -> None:
                block = as_block(array[start + span[0] : start + span[1]])
                turn_to_cells(block, low, scale, last, cells, span[0])

            def count(i: int, start: int = start, stop: int = stop) -> None:
                own = read_only(cells[i - left, : stop - start])
                kernels.count_given_cells(own, self._codes, start, self._width, tables[i])

            run_in_order(turn, spans(stop - start, part))
            run_in_order(count, list(known))
        found = run_in_order(
            lambda i: self._counted(i, extents[i - left].n, known[i], tables[i]), list(known)
        )
        return {i: own for i, own in zip(known, found, strict=True) if own is not None}

    def _counted(self, i: int, n: int, cut: tuple[int, Grid], table: Array) -> CountedColumn | None:
        """Join the cells of a table to bins; None where one holds a tenth of a bin, or too many."""
        table, (bins, grid) = read_only(table), cut
        sizes = np.einsum("ij->i", table.reshape(-1, self._width), dtype=np.int64)
        spread = Spread.of_counts(self._array[:, i], grid, sizes, bins)
        if spread is None or int(sizes[:-1].sum()) != n:
            return None
        counts = np.zeros((spread.n_bins + 1, self._width), np.int64)
        kernels.join_cells(table, spread.codes_of_cells(np.dtype(np.uint16)), self._width, counts)
        complete = counts[:-1, : self._n_levels]
        return CountedColumn(Table.of(complete), len(self._array) - int(complete.sum()))
