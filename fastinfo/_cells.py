"""Counts of pairs as the measures take them: every cell of a table, or the occupied ones alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np

from fastinfo._lazy import lazy
from fastinfo._validate import Array, read_only
from fastinfo.kernels import information as kernels
from fastinfo.kernels.distributions import total

__all__ = ["Cells", "unit_of"]

_EXACT = 2.0**53  # integers up to here are float64 numbers
_CHUNK = 1 << 16  # weights that are squared at a time
_ROUNDED = 1e-9  # of a count of effective samples, what equal weights leave of rounding


@dataclass(frozen=True, eq=False)
class Cells:
    """
    Counts of pairs: dense (row by row) where `rows` is None, else of the occupied cells.

    Make one with :meth:`from_table`, :meth:`from_occupied` or :meth:`from_counts`.
    """

    counts: Array  #: float64 vector, read-only
    rows: Array | None  #: uint32 row of each count; None: all cells, row by row
    columns: Array | None  #: uint32 column of each count
    shape: tuple[int, int]  #: rows and columns of the table, empty ones included
    weighted: bool  #: whether the counts came as floats
    exact: Array | None = None  #: the counts as integers, where their sum is past float64's
    unit: float = 1.0  #: the weight of one effective sample, sum(w**2) / sum(w)

    @classmethod
    def from_table(cls, table: Array, unit: float = 1.0) -> Self:
        """Take all cells of an int64 or float64 table."""
        nx, ny = table.shape
        return cls(*_as_counts(table.reshape(-1), None), (nx, ny), *_kind(table.reshape(-1)), unit)

    @classmethod
    def from_occupied(
        cls,
        rows: Array,
        columns: Array,
        counts: Array,
        shape: tuple[int, int],
        unit: float = 1.0,
    ) -> Self:
        """Take the occupied cells, sorted by (row, column), of a table of this shape."""
        places = tuple(_as_places(a) for a in (rows, columns))
        return cls(*_as_counts(counts, places), shape, *_kind(counts), unit)

    @classmethod
    def from_counts(cls, counts: Array, x_counts: Array, y_counts: Array) -> Self:
        """Take a float64 table of whole counts that a kernel has made, with its margins."""
        cells = cls(read_only(counts.reshape(-1)), None, None, counts.shape, False)
        cells.__dict__["_margins"] = read_only(x_counts), read_only(y_counts)
        return cells

    @property
    def n_cells(self) -> int:
        """Number of cells of the table, empty ones included."""
        return self.shape[0] * self.shape[1]

    @lazy
    def n(self) -> int | float:
        """Number of pairs; the sum of the weights where there are weights."""
        if self.exact is not None:
            return int(sum(self.exact.tolist()))
        n = float(total(self.counts))
        return n if self.weighted else int(n)

    @lazy
    def whole(self) -> bool:
        """Whether all counts are integers, of whatever dtype."""
        return not self.weighted or bool((self.counts == np.floor(self.counts)).all())

    @lazy
    def _margins(self) -> tuple[Array, Array]:
        if not self.weighted and self.exact is None:
            return self._whole_margins()
        x_counts, y_counts = np.zeros(self.shape[0]), np.zeros(self.shape[1])
        if self.rows is None:
            kernels.margins(read_only(self.counts.reshape(self.shape)), x_counts, y_counts)
        else:
            kernels.margins_of_pairs(self.rows, self.columns, self.counts, x_counts, y_counts)
        return read_only(x_counts), read_only(y_counts)

    def _whole_margins(self) -> tuple[Array, Array]:
        """Sums of integers that float64 holds, which are exact in any order."""
        nx, ny = self.shape
        if self.rows is None or self.columns is None:
            table = self.counts.reshape(nx, ny)
            return read_only(table.sum(axis=1)), read_only(table.sum(axis=0))
        x_counts = np.bincount(self.rows, self.counts, nx).astype(np.float64, copy=False)
        y_counts = np.bincount(self.columns, self.counts, ny).astype(np.float64, copy=False)
        return read_only(x_counts), read_only(y_counts)  # of no counts at all they are integers

    @property
    def x_counts(self) -> Array:
        """Sums of the rows, float64."""
        return self._margins[0]

    @property
    def y_counts(self) -> Array:
        """Sums of the columns, float64."""
        return self._margins[1]

    @lazy
    def scaled(self) -> Cells:
        """The same with weights near 1, whose products are within float64; for shares alone."""
        if self.weighted and self.counts.size:
            largest = float(self.counts.max())
            if largest > 0.0 and not 2.0**-200 < largest < 2.0**200:
                shift = -math.frexp(largest)[1]
                counts = read_only(np.ldexp(self.counts, shift))
                return Cells(counts, self.rows, self.columns, self.shape, True)
        return self

    @lazy
    def effective(self) -> Cells:
        """
        The same in effective samples, of which there are ``sum(w)**2 / sum(w**2)``.

        Kish 1965, Survey Sampling, section 11.7. Of equal weights they are the samples themselves,
        in whole numbers.
        """
        if self.unit == 1.0:
            return self
        counts = self.counts / self.unit
        rounded = np.rint(counts)
        if (np.abs(counts - rounded) <= np.minimum(_ROUNDED * counts, 1e-6)).all():
            counts = rounded
        return Cells(read_only(counts), self.rows, self.columns, self.shape, True)

    @lazy
    def occurring(self) -> tuple[int, int]:
        """Number of rows and columns that are not empty."""
        return int(np.count_nonzero(self.x_counts)), int(np.count_nonzero(self.y_counts))


def _as_places(places: Array) -> Array:
    return read_only(np.ascontiguousarray(places, np.uint32))


def _as_counts(
    counts: Array, places: tuple[Array, ...] | None
) -> tuple[Array, Array | None, Array | None]:
    rows, columns = places or (None, None)
    return read_only(np.ascontiguousarray(counts, np.float64)), rows, columns


def _kind(counts: Array) -> tuple[bool, Array | None]:
    """Whether these are weights; the integers themselves where float64 has not all of them."""
    if counts.dtype.kind == "f":
        return True, None
    return False, counts if counts.sum(dtype=np.float64) >= _EXACT else None


def unit_of(weights: Array | None) -> float:
    """
    Weight of one effective sample, ``sum(w**2) / sum(w)``: of equal weights, that weight.

    Their sum by this is Kish's effective number of samples, ``sum(w)**2 / sum(w**2)``.
    """
    largest = 0.0 if weights is None else float(weights.max(initial=0.0))
    if weights is None or largest == 0.0:
        return 1.0
    first = second = 0.0
    for start in range(0, weights.size, _CHUNK):
        part = weights[start : start + _CHUNK] / largest  # whose squares are within float64
        first += float(part.sum())
        second += float(np.square(part).sum())
    return largest * (second / first)
