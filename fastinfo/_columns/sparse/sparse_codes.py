"""Codes of columns in which most rows have one code, which is not stored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.limits import check_memory
from fastinfo.kernels.counting import sparse_columns as kernels

_BYTE = 256  # how many values a code can have


@dataclass(frozen=True, eq=False)
class SparseCodes:
    """
    Codes as bytes, column by column: the stored codes with their rows, and the usual code.

    The stored codes of column i are those from ``starts[i]`` to ``starts[i + 1]``.
    """

    starts: Array  #: (f + 1,) int64
    rows: Array  #: of an integer dtype
    codes: Array  #: uint8
    usual: Array  #: (f,) uint8
    n_rows: int

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of all codes: columns, rows."""
        return self.starts.size - 1, self.n_rows

    def part_of(self, i: int) -> slice:
        """Where the codes of a column are."""
        return slice(int(self.starts[i]), int(self.starts[i + 1]))

    def row(self, i: int) -> Array:
        """All codes of a column."""
        codes = np.full(self.n_rows, self.usual[i])
        part = self.part_of(i)
        kernels.spread_column(self.rows[part], self.codes[part], codes)
        return read_only(codes)

    @lazy
    def all(self) -> Array:
        """All codes of all columns: (f, n)."""
        f, n = self.shape
        check_memory(f * n, f"codes of {f} columns of {n} rows", "use fewer columns or rows")
        return read_only(np.stack([self.row(i) for i in range(f)]))

    def level_counts(self, i: int, n_levels: int) -> Array:
        """How often each code of a column occurs; the last count is of missing samples."""
        counts = np.zeros(n_levels + 1, np.int64)
        sizes = self.starts, self.codes, self.usual
        kernels.count_levels(*sizes, self.n_rows, i, counts)
        return read_only(counts)

    def partitions(self, n_levels: Array) -> list[tuple[bool, bytes]]:
        """
        Which rows of each column have the same code, whatever the codes are.

        Returns whether the usual code means missing, and the bytes of the other rows (int64) and of
        their codes, numbered in the order in which they appear (uint32; the largest is missing).
        For columns with more levels than a byte can hold, the results are meaningless.
        """
        n_levels = read_only(np.where(n_levels < _BYTE, n_levels, 0))
        places, labels = np.empty(self.codes.size, np.int64), np.empty(self.codes.size, np.uint32)
        ends = np.empty(self.usual.size, np.int64)
        sides = self.starts, self.rows, self.codes, self.usual, n_levels
        kernels.number_levels(*sides, places, labels, ends)
        missing = (self.usual == n_levels).tolist()
        bounds = zip(missing, self.starts.tolist(), ends.tolist(), strict=False)
        return [
            (gone, places[first:last].tobytes() + labels[first:last].tobytes())
            for gone, first, last in bounds
        ]

    def count_beside(
        self, columns: Array, layout: Array, other: Coded, out: Array, to: int
    ) -> None:
        """
        Count columns at some places against another variable, and add to ``out[:, to:]``.

        `layout` has the first row in `out` and the number of levels of each column.
        """
        margin = np.bincount(other.codes, minlength=other.n_levels + 1)
        kernels.count_beside(
            *(self.starts, self.rows, self.codes, self.usual, columns, layout),
            read_only(np.ascontiguousarray(other.codes)),
            read_only(margin.astype(np.int64, copy=False)),
            *(out, to),
        )
