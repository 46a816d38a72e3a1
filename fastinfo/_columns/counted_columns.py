"""Count many columns of numbers against a target, in bins of equal counts, without codes.

The edges and counts are those of :class:`fastinfo._bins.order_statistics.Spread`. One pass counts
the samples by grid cell and by the target's code. This table shows where the bins begin and what is
in them. Columns for which this is not possible are coded.
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
from fastinfo._codes.column import Column
from fastinfo._column_readers.forms import Values
from fastinfo._column_readers.sparse_columns import SparseColumn
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

_MOST_CELLS = 1 << 18  # cells of a table that fits the second-level cache
_FLOATS = {"float", "double", "float32", "float64"}  # names in various libraries
_MOST = 1 << 16  # a cell of the table must have fewer samples than this
_SIDE_BY_SIDE = 64  # the most columns that are transposed together
_TURNED = 1 << 24  # samples that are transposed before they are counted


class CountedColumn(NamedTuple):
    """A column that was counted against the target."""

    table: Table
    n_missing: int  #: rows in which the column or the target is missing


def count_columns(
    features: Features, binning: Binning, target: CodeMatrix
) -> dict[int, CountedColumn]:
    """The columns of a matrix or table that can be counted in this way, by their places."""
    goal, n = target.column(0), features.n_rows
    if (
        not FEWEST_SPREAD <= n < 2**32
        or binning.nan_policy == "raise"
        or binning.missing is not None
        or isinstance(binning.bins, (list, tuple))
        or goal.codes.dtype != np.uint8
        or target.absent
    ):
        return {}
    options = binning.columns(features.names)
    columns = {i: _floats(features, i) for i, own in enumerate(options) if not own.said}
    beside = _Beside(
        {i: a for i, a in columns.items() if a is not None and options[i].alone}, options, goal
    )
    wanted, array = list(beside.columns), features.array
    if len(wanted) < min(get_num_threads(), 2):  # several threads can code a single column
        return {}
    found: dict[int, CountedColumn] = {}
    if array is not None and lies_in_rows(array):
        for left, right in spans(array.shape[1], _SIDE_BY_SIDE):
            part = array[:, left:right]
            found |= beside.count_rows(part, left, [i for i in wanted if left <= i < right])
        wanted = [i for i in wanted if i not in found]
    each = run_in_order(beside.count, wanted)
    return found | {i: own for i, own in zip(wanted, each, strict=True) if own is not None}


def _floats(features: Features, i: int) -> Array | None:
    """A column of float32 or float64, if it can be used without conversion; else None."""
    a = features.values(i)
    if isinstance(a, np.ma.MaskedArray | SparseColumn):
        return None
    if not isinstance(a, np.ndarray):
        kind = getattr(a, "dtype", getattr(a, "type", None))
        if str(kind).lower() not in _FLOATS:
            return None
        form = Column.of(a, "").form
        if not isinstance(form, Values) or form.missing is not None:
            return None
        a = form.array
    known = a.dtype in (np.float32, np.float64) and a.shape == (features.n_rows,)
    return a if known else None


class _Beside:
    """Columns of floats, by their places, and the codes of the target."""

    def __init__(self, columns: dict[int, Array], options: list[Binning], goal: Coded) -> None:
        self.columns, self._options = columns, options
        self._codes = read_only(np.ascontiguousarray(goal.codes))
        self._n_levels = goal.n_levels
        self._width = goal.n_levels + 1

    def _grids(self, i: int, extent: Range) -> Iterator[tuple[int, Grid]]:
        """The number of bins of a column, and grids to try, which have few cells."""
        own, a = self._options[i], self.columns[i]
        bins = mi_bins(extent.n) if own.by_rule_mi else count_of(own.bins)
        few = bins > 1 and is_dense(bins * self._n_levels, len(a)) and len(a) < 10 * bins * _MOST
        for grid in Spread.grids(a, bins, extent) if few else ():
            if (grid.n_cells + 1) * self._width > _MOST_CELLS:
                return
            yield bins, grid

    def _room(self, grid: Grid) -> Array:
        """A table for all cells of a grid, and the cell of NaN."""
        return np.zeros((grid.n_cells + 1) * self._width, np.uint16)

    def count(self, i: int) -> CountedColumn | None:
        """Count one column, or return None if no grid is suitable."""
        a = self.columns[i]
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

    def count_rows(self, array: Array, left: int, wanted: list[int]) -> dict[int, CountedColumn]:
        """Count some columns of a C-ordered matrix; the first of them is `left`."""
        extents = ranges_in_rows(array)
        grids = {i: next(self._grids(i, extents[i - left]), None) for i in wanted}
        known = {i: own for i, own in grids.items() if own is not None and own[1].kind == LINEAR}
        if not known:
            return {}
        tables = {i: self._room(grid) for i, (_, grid) in known.items()}
        numbers = np.zeros((3, array.shape[1]))  # unwanted columns: all in cell 0
        for i, (_, grid) in known.items():
            numbers[:, i - left] = grid.low, grid.scale, grid.last
        low, scale, last = (read_only(np.tile(own, SIDE)) for own in numbers)
        parts = -(-array.size // _TURNED)
        rows = -(-len(array) // (parts * SIDE)) * SIDE  # about the same number in each part
        cells = np.empty((array.shape[1], min(rows, len(array))), np.uint16)
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
        """Add up cells to bins; None if a cell holds a tenth of a bin, or too many samples."""
        table, (bins, grid) = read_only(table), cut
        sizes = np.einsum("ij->i", table.reshape(-1, self._width)).astype(np.int64)  # from 16 bits
        spread = Spread.of_counts(self.columns[i], grid, sizes, bins)
        if spread is None or int(sizes[:-1].sum()) != n:
            return None
        counts = np.zeros((spread.n_bins + 1, self._width), np.int64)
        kernels.join_cells(table, spread.codes_of_cells(np.dtype(np.uint16)), self._width, counts)
        complete = counts[:-1, : self._n_levels]
        return CountedColumn(Table.of(complete), len(self.columns[i]) - int(complete.sum()))
