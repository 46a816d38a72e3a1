"""Counts of pairs: all cells of a table, or only the occupied ones."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinfo._codes.coder import are_few
from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.limits import check_size
from fastinfo._counts import dense
from fastinfo._counts.dense import Places, add_to, one_side
from fastinfo._counts.dense_or_sparse import is_dense
from fastinfo._counts.distinct_sizes import Distinct, distinct_sizes
from fastinfo._counts.sparse import add_sorted, count_occupied, count_occupied_weighted, split_keys
from fastinfo._counts.weight_units import unit_of_pairs
from fastinfo.kernels.distributions.divergences import total
from fastinfo.kernels.information import plug_in as kernels

_EXACT = 2.0**53  # float64 represents all integers up to this
_ROUNDED = 1e-9  # rounding error of a count of effective samples with equal weights

#: Functions that count pairs of codes, or add up their weights.
_DENSE: tuple[Any, Any] = dense.count_coded, dense.count_coded_weighted
_OCCUPIED: tuple[Any, Any] = count_occupied, count_occupied_weighted

_STATE = ("values", "shape", "rows", "columns", "unit", "weighted")


class Table:
    """
    Counts of pairs, or sums of their weights: dense if `rows` is None, else occupied cells.

    Margins and other derived values are computed at first use and stored. A table never changes,
    except by :meth:`add`. Occupied cells are sorted by row and column.
    """

    values: Array  #: vector, int64 or float64: all cells, row by row, or those at `rows`, `columns`
    shape: tuple[int, int]  #: rows and columns of the table, empty ones included
    rows: Array | None  #: uint32 row of each value; None: all cells
    columns: Array | None  #: uint32 column of each value
    unit: float  #: the weight of one effective sample, sum(w**2) / sum(w)
    weighted: bool  #: whether the counts came as floats

    def __init__(
        self,
        values: Array,
        shape: tuple[int, int],
        places: tuple[Array, Array] | None = None,
        unit: float = 1.0,
        weighted: bool | None = None,
    ) -> None:
        self.values, self.shape, self.unit = values, shape, unit
        self.rows, self.columns = (None, None) if places is None else map(_as_places, places)
        self.weighted = values.dtype.kind == "f" if weighted is None else weighted

    @classmethod
    def of(cls, table: Array, unit: float = 1.0) -> Table:
        """A table from all cells of an int64 or float64 array."""
        nx, ny = table.shape
        return cls(np.ascontiguousarray(table).reshape(-1), (nx, ny), None, unit)

    @classmethod
    def whole(cls, counts: Array, x_counts: Array, y_counts: Array, n: int | None = None) -> Table:
        """A table of whole counts that a kernel has made, with its float64 margins."""
        table = cls(counts.reshape(-1), counts.shape, None, 1.0, False)
        table.__dict__["_margins"] = read_only(x_counts), read_only(y_counts)
        if n is not None:
            table.__dict__["n"] = n
        return table

    @classmethod
    def empty(cls, nx: int, ny: int, n_pairs: int = 0) -> Table:
        """A table without counts, in which `n_pairs` samples will be counted."""
        if is_dense(nx * ny, n_pairs):
            check_size(nx, ny)
            return cls(np.zeros(nx * ny, np.int64), (nx, ny))
        nowhere = np.empty(0, np.uint32)
        return cls(np.empty(0, np.int64), (nx, ny), (nowhere, nowhere))

    @classmethod
    def count(cls, x: Coded, y: Coded, weights: Array | None = None) -> Table:
        """
        Count pairs of codes, or add up weights; missing and dropped samples are in no cell.

        With many bins or levels, the cost depends on the number of pairs, not of cells.
        """
        shape = x.n_levels, y.n_levels
        unit = 1.0 if weights is None else unit_of_pairs(x, y, weights)
        if weights is None and are_few(x.codes.size) and is_dense(shape[0] * shape[1], 0):
            return cls.whole(*dense.count_few(x, y))
        ways = _DENSE if is_dense(shape[0] * shape[1], x.codes.size) else _OCCUPIED
        plain, weighted = ways
        found = plain(x, y) if weights is None else weighted(x, y, weights)
        if ways is _DENSE:
            return cls.of(found, unit)
        rows, columns, values = found
        return cls(values, shape, (rows, columns), unit)

    def __reduce__(self) -> tuple[Any, ...]:
        places = None if self.rows is None else (self.rows, self.columns)
        return Table, (self.values, self.shape, places, self.unit, self.weighted)

    # Contents

    @property
    def is_dense(self) -> bool:
        """Whether all cells are kept."""
        return self.rows is None

    @property
    def n_cells(self) -> int:
        """Number of cells of the table, including empty ones."""
        return self.shape[0] * self.shape[1]

    @property
    def n_pairs(self) -> int:
        """Number of samples that are counted; for weights, a lower bound."""
        return int(np.count_nonzero(self.values)) if self.weighted else int(self.n)

    def dense(self) -> Array:
        """The whole table in its own dtype; not a copy if it is kept as such."""
        if self.rows is None:
            return self.values.reshape(self.shape)
        check_size(*self.shape)
        table = np.zeros(self.shape, self.values.dtype)
        table[self.rows, self.columns] = self.values
        return table

    def margin(self, axis: int) -> Array:
        """Sums of the rows (0) or columns (1), in the dtype of the counts; not stored."""
        places = self.rows if axis == 0 else self.columns
        if places is None:
            sums: Array = self.dense().sum(axis=1 - axis)
            return sums
        sums = np.zeros(self.shape[axis], self.values.dtype)
        np.add.at(sums, places, self.values)
        return sums

    def cells(self) -> tuple[Array, Array, Array]:
        """Rows, columns and values of the cells that are not 0, in the order of the table."""
        kept = np.flatnonzero(self.values)
        if self.rows is None or self.columns is None:
            return *np.divmod(kept, max(self.shape[1], 1)), self.values[kept]
        return self.rows[kept], self.columns[kept], self.values[kept]

    @property
    def last(self) -> int:
        """The counts of the last row and column."""
        if not self.values.size:
            return 0
        if self.rows is not None and self.columns is not None:
            nx, ny = self.shape
            if int(self.rows[-1]) < nx - 1 or int(self.columns[-1]) < ny - 1:
                return 0
        return int(self.values[-1])

    @property
    def T(self) -> Table:  # noqa: N802
        """The table with x and y exchanged."""
        turned = self.shape[1], self.shape[0]
        if self.rows is None or self.columns is None:
            values = np.ascontiguousarray(self.dense().T).reshape(-1)
            return Table(values, turned, None, self.unit, self.weighted)
        order = np.lexsort((self.rows, self.columns))
        places = self.columns[order], self.rows[order]
        return Table(self.values[order], turned, places, self.unit, self.weighted)

    # Sums

    def placed(
        self, rows: Places, columns: Places, shape: tuple[int, int] | None = None, n_pairs: int = 0
    ) -> Table:
        """
        These counts with rows and columns moved to new places; those with place -1 are dropped.

        Rows that move to the same place are added up. By default, `shape` just contains the places.
        `n_pairs` is the number of samples that are or will be counted: a table that is too large
        for them keeps only its occupied cells.
        """
        stays = rows is None and columns is None and shape in (None, self.shape)
        if stays and (self.is_dense or not is_dense(self.n_cells, n_pairs)):
            return self
        if shape is not None and not self.weighted and not self.values.any():
            return Table.empty(*shape, n_pairs)
        sides = one_side(rows, self.shape[0]), one_side(columns, self.shape[1])
        shape = (sides[0].end, sides[1].end) if shape is None else shape
        grows = shape[0] > self.shape[0] or shape[1] > self.shape[1]
        dense = is_dense(shape[0] * shape[1], n_pairs) or (self.is_dense and not grows)
        if dense and self.is_dense:
            check_size(*shape)
            table = np.zeros(shape, self.values.dtype)
            add_to(table, self.dense(), *sides)
            return Table(table.reshape(-1), shape, None, self.unit, self.weighted)
        keys, values = self._at(rows, columns, shape[1])
        if dense:
            check_size(*shape)
            cells = np.zeros(shape[0] * shape[1], values.dtype)
            cells[keys] = values
            return Table(cells, shape, None, self.unit, self.weighted)
        return Table(values, shape, split_keys(keys, shape[1]), self.unit, self.weighted)

    def _at(self, rows: Places, columns: Places, ny: int) -> tuple[Array, Array]:
        """Ascending numbers ``row * ny + column`` of occupied cells at new places; the values."""
        if self.rows is None or self.columns is None:
            x, y, values = self.cells()
        else:
            x, y, values = self.rows, self.columns, self.values
        x, y = (
            old if places is None else places[old]
            for old, places in zip((x, y), (rows, columns), strict=True)
        )
        inside = None
        for new, places in ((x, rows), (y, columns)):
            if places is not None and places.min(initial=0) < 0:
                inside = new >= 0 if inside is None else inside & (new >= 0)
        if inside is not None:
            x, y, values = x[inside], y[inside], values[inside]
        keys = x.astype(np.uint64) * np.uint64(ny) + y.astype(np.uint64)
        if not (keys[1:] > keys[:-1]).all():  # places are not ascending, or some are equal
            keys, where = np.unique(keys, return_inverse=True)
            sums = np.zeros(keys.size, values.dtype)
            np.add.at(sums, where, values)
            values = sums
        return keys, values

    def __add__(self, other: Table) -> Table:
        """The sum of two tables of the same shape; dense if one of them is."""
        unit = self._joined_unit(other)
        if self.is_dense and other.is_dense:
            return Table(self.values + other.values, self.shape, None, unit)
        dtype = np.result_type(self.values, other.values)
        if self.is_dense or other.is_dense:
            dense, part = (self, other) if self.is_dense else (other, self)
            values = dense.values.astype(dtype)
            keys, counts = part._at(None, None, self.shape[1])
            values[keys] += counts
            return Table(values, self.shape, None, unit)
        both = (table._at(None, None, self.shape[1]) for table in (self, other))
        keys, values = add_sorted(*both)
        return Table(values, self.shape, split_keys(keys, self.shape[1]), unit)

    def _joined_unit(self, other: Table) -> float:
        """The unit of the weights of both tables: their sum of squares divided by their sum."""
        if self.unit == other.unit or not other.n:
            return self.unit
        if not self.n:
            return other.unit
        share = self.n / (self.n + other.n)
        return share * self.unit + (1.0 - share) * other.unit

    def add(self, part: Table, rows: Places = None, columns: Places = None) -> None:
        """Add the counts of a part to this table, given the places of its rows and columns."""
        if self.is_dense and part.is_dense:
            if rows is None and columns is None:
                self.dense()[: part.shape[0], : part.shape[1]] += part.dense()
            else:
                sides = one_side(rows, part.shape[0]), one_side(columns, part.shape[1])
                add_to(self.dense(), part.dense(), *sides)
        elif self.is_dense:
            keys, values = part._at(rows, columns, self.shape[1])
            self.values[keys] += values
        else:
            found = self + part.placed(rows, columns, self.shape)
            for name in _STATE:
                setattr(self, name, getattr(found, name))
        if len(self.__dict__) > len(_STATE):  # forget what was computed before
            self.__dict__ = {name: self.__dict__[name] for name in _STATE}

    # Values for measures

    @lazy
    def counts(self) -> Array:
        """The values as float64, read-only."""
        if self.values.dtype.kind == "f":
            return read_only(self.values)
        return read_only(self.values.astype(np.float64))

    @property
    def grid(self) -> Array:
        """The float64 counts of a dense table, as rows and columns."""
        found: Array = self.counts.reshape(self.shape)
        return found

    @lazy
    def n(self) -> int | float:
        """Number of pairs, or the sum of the weights."""
        if self.weighted:
            return float(total(self.counts))
        if self.values.dtype.kind == "f":
            return int(self.x_counts.sum())
        rough = float(self.values.sum(dtype=np.float64))
        return int(rough) if rough < _EXACT else int(sum(self.values.tolist()))

    @property
    def exact(self) -> Array | None:
        """The counts as integers, if their sum is too large for float64; else None."""
        if self.weighted or self.values.dtype.kind == "f" or self.n < _EXACT:
            return None
        return self.values

    @lazy
    def has_whole(self) -> bool:
        """Whether all counts are whole numbers, in any dtype."""
        return not self.weighted or bool((self.counts == np.floor(self.counts)).all())

    @lazy
    def _margins(self) -> tuple[Array, Array]:
        if not self.weighted and self.exact is None:
            return self._whole_margins()
        x_counts, y_counts = np.zeros(self.shape[0]), np.zeros(self.shape[1])
        if self.rows is None:
            kernels.margins(self.grid, x_counts, y_counts)
        else:
            kernels.margins_of_pairs(self.rows, self.columns, self.counts, x_counts, y_counts)
        return read_only(x_counts), read_only(y_counts)

    def _whole_margins(self) -> tuple[Array, Array]:
        """Row and column sums of integers that float64 can hold; exact in any order."""
        nx, ny = self.shape
        if self.rows is None or self.columns is None:
            table = self.counts.reshape(nx, ny)
            return read_only(table.sum(axis=1)), read_only(table.sum(axis=0))
        x_counts = np.bincount(self.rows, self.counts, nx).astype(np.float64, copy=False)
        y_counts = np.bincount(self.columns, self.counts, ny).astype(np.float64, copy=False)
        return read_only(x_counts), read_only(y_counts)  # without any counts they would be integers

    @property
    def x_counts(self) -> Array:
        """Sums of the rows, float64."""
        return self._margins[0]

    @property
    def y_counts(self) -> Array:
        """Sums of the columns, float64."""
        return self._margins[1]

    # Not stored if it is the table itself: the reference cycle would delay freeing it.

    @property
    def scaled(self) -> Table:
        """A table with weights near 1, whose products stay within float64; for shares only."""
        if not self.weighted or not self.counts.size:
            return self
        largest = float(self.counts.max())
        if not largest > 0.0 or 2.0**-200 < largest < 2.0**200:
            return self
        return self._with(np.ldexp(self.counts, -math.frexp(largest)[1]))

    @property
    def effective(self) -> Table:
        """
        A table of effective samples, whose number is ``sum(w)**2 / sum(w**2)``.

        Kish 1965, Survey Sampling, section 11.7. Equal weights give the samples themselves, in
        whole numbers.
        """
        return self if self.unit == 1.0 else self._effective

    @lazy
    def _effective(self) -> Table:
        counts = self.counts / self.unit
        rounded = np.rint(counts)
        if (np.abs(counts - rounded) <= np.minimum(_ROUNDED * counts, 1e-6)).all():
            counts = rounded
        return self._with(counts)

    def _with(self, counts: Array) -> Table:
        """A table with other values in the same cells."""
        places = None if self.rows is None or self.columns is None else (self.rows, self.columns)
        return Table(counts, self.shape, places)

    @lazy
    def occurring(self) -> tuple[int, int]:
        """Number of rows and of columns that are not empty."""
        return int(np.count_nonzero(self.x_counts)), int(np.count_nonzero(self.y_counts))

    @lazy
    def sizes(self) -> tuple[Distinct, Distinct]:
        """Distinct sizes of the rows, and of the columns, that are not empty."""
        return distinct_sizes(self.x_counts), distinct_sizes(self.y_counts)


def _as_places(places: Array) -> Array:
    return read_only(np.ascontiguousarray(places, np.uint32))
