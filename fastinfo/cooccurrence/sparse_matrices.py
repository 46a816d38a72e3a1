"""Association measures for a SciPy sparse matrix, in time and memory proportional to its cells."""

from __future__ import annotations

import itertools
import sys
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import get_num_threads, run_in_order
from fastinfo.cooccurrence.counts import (
    Margins,
    as_counts,
    check_counts,
    check_kind,
    check_spread,
    has_tiny,
    in_unit,
    is_extreme,
    result_dtype,
    unit_of,
)
from fastinfo.cooccurrence.measures import Asked
from fastinfo.kernels.cooccurrence import cells, compressed

_PIECE = 1 << 19  # cells for one thread


def is_sparse(table: Any) -> bool:
    """Whether `table` is a sparse matrix or array of SciPy. Does not import SciPy."""
    module = sys.modules.get("scipy.sparse")
    return module is not None and bool(module.issparse(table))


@dataclass(frozen=True)
class Compressed:
    """The cells of a sparse matrix in compressed form: by rows or by columns, called "majors"."""

    places: Array  #: where each major begins, and the last one ends: int64
    minors: Array  #: the column, or row, of each cell
    counts: Array
    shape: tuple[int, int]
    by_columns: bool

    @classmethod
    def of(cls, matrix: Any) -> Compressed:
        """Read a matrix; copy its cells only if they are not sorted."""
        if matrix.format == "coo":
            rows, columns = matrix.row, matrix.col
            if not rows.size == columns.size == matrix.data.size:
                raise ValueError(
                    f"table_or_sparse must be a well-formed sparse matrix: it has {rows.size} "
                    f"rows, {columns.size} columns and {matrix.data.size} counts of cells"
                )
            for by_columns, majors, minors in ((False, rows, columns), (True, columns, rows)):
                n = matrix.shape[1 if by_columns else 0]
                if compressed.are_rising(read_only(majors), read_only(minors), n):
                    places = np.searchsorted(majors, np.arange(n + 1, dtype=majors.dtype))
                    return cls._of(places, minors, matrix.data, matrix.shape, by_columns)
            return cls._of_any_order(rows, columns, matrix.data, matrix.shape)
        by_columns = matrix.format == "csc"
        return cls._of(matrix.indptr, matrix.indices, matrix.data, matrix.shape, by_columns)

    @classmethod
    def _of(
        cls, places: Array, minors: Array, counts: Array, shape: Any, by_columns: bool
    ) -> Compressed:
        places = read_only(places.astype(np.int64))
        n = shape[1 if by_columns else 0]
        end = min(minors.size, counts.size)
        if places.size != n + 1 or places[0] or places[-1] > end or (np.diff(places) < 0).any():
            raise ValueError(
                f"table_or_sparse must be a well-formed sparse matrix: its indptr must rise from 0 "
                f"to at most {end} in {n} steps"
            )
        return cls(
            places,
            read_only(np.ascontiguousarray(minors)[: places[-1]]),
            as_counts(counts)[: places[-1]],
            (int(shape[0]), int(shape[1])),
            by_columns,
        )

    @classmethod
    def _of_any_order(cls, rows: Array, columns: Array, data: Array, shape: Any) -> Compressed:
        """Sort cells in any order into rows."""
        counts = as_counts(data)
        places = np.empty(shape[0] + 1, np.int64)
        minors, sorted_counts = np.empty_like(columns), np.empty_like(counts)
        majors, cells_of_majors = (read_only(np.ascontiguousarray(a)) for a in (rows, columns))
        if not compressed.sort_into_majors(
            majors, cells_of_majors, counts, places, minors, sorted_counts
        ):
            raise _outside()
        return cls._of(places, minors, sorted_counts, shape, by_columns=False)

    @property
    def has_duplicates(self) -> bool:
        """Whether a cell occurs more than once."""
        n_minor = self.shape[0 if self.by_columns else 1]
        return bool(compressed.has_duplicates(self.places, self.minors, n_minor))

    def in_order(self) -> Compressed:
        """The cells, sorted, with duplicates summed."""
        sparse = sys.modules["scipy.sparse"]
        kind = sparse.csc_array if self.by_columns else sparse.csr_array
        # As floats: a sum of small integers could overflow.
        arrays = self.counts.astype(np.float64), self.minors.copy(), self.places.copy()
        matrix = kind(arrays, shape=self.shape)
        matrix.sum_duplicates()
        return self._of(matrix.indptr, matrix.indices, matrix.data, self.shape, self.by_columns)

    def survey(self, exponent: int = 0) -> tuple[int, Margins]:
        """Flags of unusual cells, and the row and column sums."""
        rows, columns = np.empty(self.shape[0]), np.empty(self.shape[1])
        majors, minors = (columns, rows) if self.by_columns else (rows, columns)
        odd = compressed.survey_compressed(self.places, self.minors, self.counts, majors, minors)
        with np.errstate(over="ignore", invalid="ignore"):
            return int(odd), Margins(rows, columns, float(majors.sum()), exponent)


def measure_matrix(matrix: Any, asked: Asked) -> Any:
    """Measure each nonzero cell of a sparse matrix; the result has the same class."""
    _check(matrix)
    table = Compressed.of(matrix)
    odd, margins = table.survey()
    if odd & compressed.OUTSIDE:
        raise _outside()
    if odd & compressed.SMALL or is_extreme(margins):
        check_counts(table.counts, "table_or_sparse")
    if odd & compressed.UNORDERED and table.has_duplicates:
        table = table.in_order()
        odd, margins = table.survey()
    if (odd & compressed.SMALL and has_tiny(table.counts)) or is_extreme(margins):
        exponent = unit_of(table.counts)
        table = replace(table, counts=read_only(in_unit(table.counts, exponent)))
        margins = table.survey(exponent)[1]
        check_spread(margins)
    dtype = result_dtype(matrix.dtype)
    places, minors, values = _measured(table, margins.smoothed(asked), asked, dtype)
    margins.to_unit(values, asked)
    if matrix.format != "coo":
        places = places.astype(matrix.indptr.dtype)
        return type(matrix)((values, minors, places), shape=matrix.shape)
    majors = np.repeat(np.arange(places.size - 1, dtype=minors.dtype), np.diff(places))
    pair = (minors, majors) if table.by_columns else (majors, minors)
    return type(matrix)((values, pair), shape=matrix.shape)


def _check(matrix: Any) -> None:
    if len(matrix.shape) != 2:
        raise ValueError(f"table_or_sparse must be two-dimensional, got shape {matrix.shape}")
    if matrix.format not in ("csr", "csc", "coo"):
        raise TypeError(
            f"table_or_sparse must be a sparse matrix in CSR, CSC or COO format, got "
            f"{matrix.format.upper()}: its .tocsr() is one"
        )
    if 0 in matrix.shape:
        raise ValueError(f"table_or_sparse must hold at least one cell, got shape {matrix.shape}")
    check_kind(matrix.dtype, "table_or_sparse")


def _outside() -> ValueError:
    return ValueError(
        "table_or_sparse must be a well-formed sparse matrix: an index is outside of it"
    )


def _measured(
    table: Compressed, margins: Margins, asked: Asked, dtype: Any
) -> tuple[Array, Array, Array]:
    """Start of each major in the result, its minors and its values."""
    n_cells = table.counts.size
    places = np.zeros(table.places.size, np.int64)
    minors, values = np.empty(n_cells, table.minors.dtype), np.empty(n_cells, dtype)
    sums = margins.rows, margins.columns
    majors_and_minors = sums[::-1] if table.by_columns else sums
    least, code = margins.least(asked), asked.measure.code
    bar = 0.0 if code == cells.PPMI else -np.inf
    read = table.places, table.minors, table.counts
    written: Any = (places, minors, values)

    def measure(span: tuple[int, int]) -> None:
        cells_and_sums: Any = (*read, *span, *majors_and_minors)
        if code in (cells.PMI, cells.PPMI):
            options: Any = (margins.n, least, bar, asked.shift, asked.divisor)
            compressed.pointwise_compressed(*cells_and_sums, *options, *written)
        else:
            options = (table.by_columns, margins.n, margins.half, least, asked.divisor)
            compressed.measure_compressed(code, *cells_and_sums, *options, *written)

    pieces = _pieces(table.places)
    run_in_order(measure, pieces)
    _close_gaps(table.places, pieces, *written)
    for array in (minors, values):  # what is cut off was never touched
        array.resize(int(places[-1]), refcheck=False)
    return places, minors, values


def _pieces(places: Array) -> list[tuple[int, int]]:
    """Spans of majors with about equally many cells; for one thread, a single span without gaps."""
    n = places.size - 1
    if get_num_threads() == 1:
        return [(0, n)]
    inner = np.searchsorted(places, np.arange(_PIECE, int(places[-1]), _PIECE))
    edges = np.unique(np.concatenate([[0], inner, [n]])).tolist()
    return list(itertools.pairwise(edges))


def _close_gaps(
    began: Array, pieces: list[tuple[int, int]], places: Array, minors: Array, values: Array
) -> None:
    """Move the output of each piece to the end of the output of the pieces before it."""
    end = 0
    for first, last in pieces:
        start, stop = int(began[first]), int(places[last])
        if start > end:
            for array in (minors, values):
                array[end : end + stop - start] = array[start:stop]
            places[first + 1 : last + 1] -= start - end
        end += stop - start
