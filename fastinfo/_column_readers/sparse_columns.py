"""Columns of which most samples are one value, which is not stored: of SciPy and of pandas."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any, overload

import numpy as np

from fastinfo._core.checks import Array, library_of, read_only, shown

_KINDS = "biuf"  # of dtypes whose columns stay sparse; others become arrays
_BYTES = 8  # of a number, at most


class SparseColumn:
    """One column: the rows of the samples that are stored, rising, and what the others are."""

    __slots__ = ("fill", "n_rows", "rows", "values")

    def __init__(self, rows: Array, values: Array, n_rows: int, fill: Any) -> None:
        self.rows, self.values, self.n_rows = rows, values, n_rows
        self.fill = values.dtype.type(fill)

    def __len__(self) -> int:
        return self.n_rows

    def __getitem__(self, key: Any) -> Any:
        """Some of all samples."""
        return np.asarray(self)[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(np.asarray(self))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the samples."""
        return self.values.dtype

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """All samples; other code may take the column for an array."""
        samples = np.full(self.n_rows, self.fill, self.values.dtype)
        samples[self.rows] = self.values
        return samples if dtype is None else samples.astype(dtype, copy=False)


class SparseColumns(Sequence[SparseColumn]):
    """
    Columns of one dtype that have a value in common, which is not stored: a matrix by columns.

    Those of a column are at ``starts[i]`` to ``starts[i + 1]`` of `rows` and `values`, its rows
    rising and each there once.
    """

    def __init__(self, starts: Array, rows: Array, values: Array, n_rows: int, fill: Any) -> None:
        self.starts, self.rows, self.values, self.n_rows = starts, rows, values, n_rows
        self.fill = values.dtype.type(fill)

    @classmethod
    def join(cls, columns: Sequence[SparseColumn]) -> SparseColumns:
        """Columns of one dtype and fill side by side."""
        if isinstance(columns, SparseColumns):
            return columns
        starts = np.cumsum([0, *(column.rows.size for column in columns)])
        first = columns[0]
        if len(columns) == 1:
            return cls(starts, first.rows, first.values, first.n_rows, first.fill)
        rows = np.concatenate([column.rows for column in columns])
        values = np.concatenate([column.values for column in columns])
        return cls(starts, rows, values, first.n_rows, first.fill)

    def __len__(self) -> int:
        return self.starts.size - 1

    @overload
    def __getitem__(self, i: int) -> SparseColumn: ...
    @overload
    def __getitem__(self, i: slice) -> SparseColumns: ...
    def __getitem__(self, i: int | slice) -> SparseColumn | SparseColumns:
        """One column, or neighbouring ones."""
        if isinstance(i, slice):
            first, last, _ = i.indices(len(self))
            starts = self.starts[first : max(last, first) + 1]
            part = slice(int(starts[0]), int(starts[-1]))
            return self._with(starts - starts[0], self.rows[part], self.values[part])
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        i %= len(self)
        part = slice(int(self.starts[i]), int(self.starts[i + 1]))
        return SparseColumn(self.rows[part], self.values[part], self.n_rows, self.fill)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Dtype of the samples."""
        return self.values.dtype

    def __iter__(self) -> Iterator[SparseColumn]:
        return map(self.__getitem__, range(len(self)))

    def take(self, places: Sequence[int]) -> SparseColumns:
        """Some of the columns, copied."""
        wanted = np.asarray(places, np.int64)
        sizes = np.diff(self.starts)[wanted]
        starts = np.concatenate([[0], np.cumsum(sizes)])
        at = np.repeat(self.starts[wanted] - starts[:-1], sizes) + np.arange(starts[-1])
        return self._with(starts, self.rows[at], self.values[at])

    def _with(self, starts: Array, rows: Array, values: Array) -> SparseColumns:
        return SparseColumns(starts, rows, values, self.n_rows, self.fill)


def is_matrix(data: Any) -> bool:
    """Whether data is a sparse matrix or array of SciPy, or another that becomes one."""
    return hasattr(type(data), "tocsc") and hasattr(data, "shape")


def columns_of_matrix(matrix: Any) -> SparseColumns | Array:
    """
    The columns of a sparse matrix of two dimensions; an array where its dtype is none of numbers.

    The matrix stays as it is: what it holds twice is added up in a copy.
    """
    dtype = np.dtype(matrix.dtype)
    _check_places(matrix)
    if dtype.kind not in _KINDS or dtype.itemsize > _BYTES:
        return np.asarray(matrix.toarray())
    by_columns = matrix.tocsc()
    if by_columns is not matrix:
        _check_places(by_columns)
    if not _is_rising(by_columns):
        own = by_columns is matrix or by_columns.data is getattr(matrix, "data", None)
        by_columns = by_columns.copy() if own else by_columns
        by_columns.has_sorted_indices = by_columns.has_canonical_format = False
        by_columns.sum_duplicates()
    starts = by_columns.indptr.astype(np.int64, copy=False)
    rows = by_columns.indices[: starts[-1]]
    values = by_columns.data[: starts[-1]].astype(dtype.newbyteorder("="), copy=False)
    return SparseColumns(starts, read_only(rows), read_only(values), matrix.shape[0], 0)


def _is_rising(by_columns: Any) -> bool:
    """Whether the rows of each column rise: SciPy keeps what it once found, if they change, too."""
    starts, rows = by_columns.indptr, by_columns.indices[: by_columns.indptr[-1]]
    rising = rows[1:] > rows[:-1]
    first = starts[1:-1]
    rising[first[(first > 0) & (first < rows.size)] - 1] = True
    return bool(rising.all())


def _check_places(matrix: Any) -> None:
    """Check where a matrix has its samples: SciPy trusts it, and would leave its memory."""
    form, shape = getattr(matrix, "format", None), matrix.shape
    if form == "coo":
        rows, columns = matrix.row, matrix.col
        if not rows.size == columns.size == matrix.data.size:
            raise ValueError(
                f"a sparse matrix must have a row and a column of each value, got {rows.size} rows "
                f"and {columns.size} columns of {matrix.data.size} values"
            )
        _check_indices(rows, shape[0], "rows", shape)
        _check_indices(columns, shape[1], "columns", shape)
    elif form in ("csr", "csc", "bsr"):
        sizes = matrix.blocksize if form == "bsr" else (1, 1)
        n_rows, n_columns = (side // size for side, size in zip(shape, sizes, strict=True))
        n_lines, n_places = (n_columns, n_rows) if form == "csc" else (n_rows, n_columns)
        ends, indices = matrix.indptr, matrix.indices
        n_stored = min(indices.size, len(matrix.data))
        rising = ends.size == n_lines + 1 and not ends[0] and bool((ends[1:] >= ends[:-1]).all())
        if not rising or ends[-1] > n_stored:
            raise ValueError(
                f"a sparse matrix must have an indptr that rises in {n_lines} steps from 0 to at "
                f"most {n_stored}, the number of values and indices, got {shown(ends)}"
            )
        indices = indices[: ends[-1]]  # behind them there may be room
        _check_indices(indices, n_places, "rows" if form == "csc" else "columns", shape)


def _check_indices(indices: Array, n: int, what: str, shape: tuple[int, ...]) -> None:
    if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < n:
        raise ValueError(
            f"a sparse matrix must have indices of {what} within its shape {shape}, got indices "
            f"from {indices.min()} to {indices.max()}"
        )


def columns_of_array(array: Array) -> SparseColumns:
    """The columns of an array, all of whose samples are stored, as float64."""
    n, f = array.shape
    rows = np.tile(np.arange(n), f)
    values = array.astype(np.float64).T.reshape(-1)
    return SparseColumns(np.arange(f + 1) * n, read_only(rows), read_only(values), n, 0)


def column_of_pandas(series: Any) -> SparseColumn | None:
    """A column of pandas' Sparse dtype; None of others, and of samples that are no numbers."""
    dtype = series.dtype
    if type(dtype).__name__ != "SparseDtype" or "pandas" not in sys.modules:
        return None
    if dtype.subtype.kind not in _KINDS or dtype.subtype.itemsize > _BYTES:
        return None
    array = series.array
    values = np.asarray(array.sp_values)
    fill = array.fill_value
    if fill is None or fill is sys.modules["pandas"].NA:
        fill = np.nan
    if fill != fill and values.dtype.kind != "f":
        return None
    rows = np.asarray(array.sp_index.to_int_index().indices)
    return SparseColumn(read_only(rows), read_only(values), len(array), fill)


def columns_of_frame(frame: Any) -> SparseColumns | None:
    """Columns of a frame of pandas that are all sparse, with 0 as what is not stored; else None."""
    kind = type(frame)
    if library_of(kind) != "pandas" or not hasattr(kind, "columns") or not frame.shape[1]:
        return None
    found = [column_of_pandas(frame.iloc[:, i]) for i in range(frame.shape[1])]
    columns = [column for column in found if column is not None and column.fill == 0]
    if len(columns) < len(found):
        return None
    dtype = np.result_type(*(column.dtype for column in columns))
    return SparseColumns.join(
        [SparseColumn(own.rows, own.values.astype(dtype), own.n_rows, 0) for own in columns]
    )
