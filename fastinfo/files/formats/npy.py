"""NumPy's ``.npy`` files as tables, whole or part by part."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.messages import printable
from fastinfo.files.formats.file import File
from fastinfo.files.sources import part_rows

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_A_TIME = 4096


class Npy(File):
    """
    An array of one or two dimensions, or of records.

    Columns are named like the fields of the records, or ``x0``, ``x1``, and so on. The whole array
    is mapped into memory. Parts are read instead, because a map would crash if the file became
    shorter.
    """

    def _load(self) -> Array:
        """Map the array into memory."""
        try:
            array: Array = np.lib.format.open_memmap(self.path, mode="r")
        except (MemoryError, OSError):
            raise
        except Exception as error:  # from NumPy, or from Python's parser, which reads the header
            detail = printable(" ".join(str(error).split()))
            if "Python objects" in detail:
                detail = "its values are Python objects; save numbers or fixed-width strings"
            elif "max_header_size" in detail:
                detail = "its header is longer than NumPy takes; save a table, as Parquet"
            raise ValueError(f"{self.path!r} cannot be read as .npy: {detail}") from error
        if array.ndim not in (1, 2) or (array.dtype.names and array.ndim != 1):
            raise ValueError(
                f"{self.path!r} must hold rows and columns, not an array of {array.shape}"
            )
        width = 1 if array.ndim == 1 else array.shape[1]
        self._know(list(array.dtype.names or (f"x{i}" for i in range(width))), {})
        return array

    def look(self) -> None:
        array = self._load()
        self._dtype, self._shape = array.dtype, array.shape
        self._offset = int(array.offset)  # type: ignore[attr-defined]
        self._by_column = array.ndim == 2 and not array.flags.c_contiguous
        self.n_rows = len(array)

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        """Contiguous columns are not copied."""
        array = self._load()
        if array.dtype.names:
            columns = {name: array[name] for name in self.names}
        else:
            matrix = array[:, None] if array.ndim == 1 else _by_column(array)
            columns = dict(zip(self.names, matrix.T, strict=True))
        return self._table({name: columns[name] for name in self.chosen(self.names, names)})

    def _table(self, columns: dict[str, Array]) -> pa.Table:
        """Columns as Arrow arrays, in this machine's byte order."""
        import pyarrow as pa

        try:
            arrays = {
                name: pa.array(a.astype(a.dtype.newbyteorder("="), copy=False))
                for name, a in columns.items()
            }
        except pa.ArrowException as error:
            detail = printable(" ".join(str(error).split()))
            raise ValueError(
                f"{self.path!r} holds values that can't be a column: {detail}"
            ) from error
        return pa.table(arrays)

    def _read(self, file: Any, place: int, count: int) -> Array:
        file.seek(self._offset + place * self._dtype.itemsize)
        found = np.fromfile(file, self._dtype, count)
        if found.size < count:
            raise ValueError(f"{self.path!r} ends too early: it became shorter while it was read")
        return found

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        n, width = self._shape[0], len(self.names)
        known = {name: i for i, name in enumerate(self.names)}
        places = {name: known[name] for name in names}
        with open(self.path, "rb") as file:
            for first in range(start, n, part_rows(width)):
                rows = min(part_rows(width), n - first)
                if self._dtype.names:
                    records = self._read(file, first, rows)
                    columns = {name: records[name] for name in names}
                elif self._by_column:
                    columns = {k: self._read(file, i * n + first, rows) for k, i in places.items()}
                else:
                    block = self._read(file, first * width, rows * width).reshape(rows, width)
                    columns = {name: block[:, i] for name, i in places.items()}
                yield self._table({k: np.ascontiguousarray(a) for k, a in columns.items()})


def _by_column(array: Array) -> Array:
    """A two-dimensional array with contiguous columns, copied only if necessary."""
    if array.flags.f_contiguous:
        return array
    columns = np.empty(array.shape, array.dtype, order="F")
    for start in range(0, len(array), _ROWS_AT_A_TIME):
        columns[start : start + _ROWS_AT_A_TIME] = array[start : start + _ROWS_AT_A_TIME]
    return columns
