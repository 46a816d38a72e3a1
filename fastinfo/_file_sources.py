"""Files that are read part by part: Parquet by row groups, Arrow by batches, text by blocks."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from fastinfo import _csv
from fastinfo._ranges import Range
from fastinfo._sources import Source, in_parts, part_rows
from fastinfo.files import _check_file, _chosen, _suffix, failures, unknown_column

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Files", "find_files"]

_BUFFER = 1 << 18  # bytes of a column chunk that are read at a time
_TEXT_BLOCK = 1 << 24
_NUMBERS = ("FLOAT", "DOUBLE", "INT32", "INT64")


class _File(Source):
    """One file of some kind."""

    def __init__(self, path: str) -> None:
        self.path = self.label = path

    def identity(self) -> Any:
        status = os.stat(self.path)
        return [os.path.abspath(self.path), status.st_size, status.st_mtime_ns, self.names]


class _Parquet(_File):
    """Parquet, by row groups: column chunks are read in small pieces, never as a whole."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        with self._open() as file:
            self._metadata = file.metadata
            self._schema = file.schema_arrow
        self.names = _chosen(path, self._schema.names, None)
        self.n_rows = self._metadata.num_rows

    def _open(self) -> Any:
        from pyarrow import parquet

        return parquet.ParquetFile(self.path, buffer_size=_BUFFER, pre_buffer=False)

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        groups: list[int] = []
        for i in range(self._metadata.num_row_groups):
            size = self._metadata.row_group(i).num_rows
            if not groups and start >= size:
                start -= size
                continue
            groups.append(i)
        if not groups:
            return
        rows = part_rows(len(names))
        with self._open() as file:
            batches = file.iter_batches(rows, row_groups=groups, columns=list(names))
            yield from in_parts(batches, rows, start)

    def surveys(self, names: Sequence[str]) -> dict[str, Range]:
        """From the statistics of the row groups, where each has them."""
        import pyarrow as pa

        found: dict[str, Range] = {}
        places = {}
        for j in range(self._metadata.num_columns):
            column = self._metadata.schema.column(j)
            places[column.path] = (j, column.physical_type)
        for name in names:
            place, kind = places.get(name, (-1, ""))
            field = self._schema.field(name).type
            plain = pa.types.is_integer(field) or field in (pa.float32(), pa.float64())
            if place < 0 or kind not in _NUMBERS or not plain:
                continue
            whole = Range()
            kind_of = "i" if pa.types.is_integer(field) else f"f{field.bit_width // 8}"
            for i in range(self._metadata.num_row_groups):
                chunk = self._metadata.row_group(i).column(place)
                statistics = chunk.statistics
                if statistics is None or not statistics.has_null_count:
                    break
                n = chunk.num_values - statistics.null_count
                if n and not statistics.has_min_max:
                    break
                if n:
                    low, high = float(statistics.min), float(statistics.max)
                    if not low <= high:  # NaN, or nonsense
                        break
                    whole |= Range(low, high, n, kind_of, kind_of == "i")
            else:
                rows = self._metadata.num_rows
                if kind_of == "i" and whole.n and whole.n < rows:  # floats, with NaN for nulls
                    whole = whole._replace(kind="f8")
                found[name] = whole
        return found


class _Arrow(_File):
    """Arrow's file format, which is what Feather is too, or a stream."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self._is_file = True
        with self._open() as file:
            self.names = _chosen(path, file.schema.names, None)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        import pyarrow as pa

        with pa.OSFile(self.path) as source:
            self._is_file = source.read(6) == b"ARROW1"
            source.seek(0)
            if self._is_file:
                yield pa.ipc.open_file(source)
            else:
                yield pa.ipc.open_stream(source)

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        with self._open() as file:
            if self._is_file:
                batches: Any = (file.get_batch(i) for i in range(file.num_record_batches))
            else:
                batches = iter(file)
            chosen = (batch.select(list(names)) for batch in batches)
            yield from in_parts(chosen, part_rows(len(names)), start)


class _Text(_File):
    """Delimited text, plain or compressed; types are found out from its first block."""

    def __init__(self, path: str, delimiter: str, packed: str) -> None:
        super().__init__(path)
        self._delimiter, self._packed = delimiter, packed
        self._types: dict[str, Any] = {}
        with self._open() as reader:
            self.names = _chosen(path, reader.schema.names, None)
            self._types = dict(zip(reader.schema.names, reader.schema.types, strict=True))
            _csv.check_text(path, delimiter, reader.schema)

    @contextmanager
    def _open(self) -> Iterator[Any]:
        import pyarrow as pa

        try:
            yield _csv.open_parts(
                self.path, self._delimiter, self._packed, _TEXT_BLOCK, self._types
            )
        except pa.ArrowInvalid as error:
            if "conversion error" in str(error):
                raise ValueError(self._other_type(str(error))) from error
            _csv.find_broken_line(self.path, self._delimiter, self._packed)
            raise

    def _other_type(self, detail: str) -> str:
        return (
            f"{self.path!r} has a column whose values are of one type in the first "
            f"{_TEXT_BLOCK >> 20} MB and of another further down: "
            + " ".join(detail.split()).rstrip(".")
        )

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        with self._open() as reader:
            last: list[Any] = []

            def chosen() -> Iterator[Any]:
                for batch in reader:
                    last[:] = [batch]
                    yield batch.select(list(names))

            yield from in_parts(chosen(), part_rows(len(names)), start)
            if last:
                _csv.check_end(self.path, self._delimiter, self._packed, last[0])


class _Npy(_File):
    """NumPy's ``.npy``: read, not mapped into memory: that would crash where the file shrinks."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        if array.ndim not in (1, 2) or (array.dtype.names and array.ndim != 1):
            raise ValueError(f"{path!r} must hold rows and columns, not an array of {array.shape}")
        self._dtype, self._shape = array.dtype, array.shape
        self._offset = int(array.offset)
        self._by_column = array.ndim == 2 and not array.flags.c_contiguous
        self.n_rows = len(array)
        width = 1 if array.ndim == 1 else array.shape[1]
        self.names = list(array.dtype.names or (f"c{i}" for i in range(width)))

    def _read(self, file: Any, place: int, count: int) -> Any:
        file.seek(self._offset + place * self._dtype.itemsize)
        found = np.fromfile(file, self._dtype, count)
        if found.size < count:
            raise ValueError(f"{self.path!r} ends too early: it became shorter while it was read")
        return found

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        import pyarrow as pa

        n = self._shape[0]
        width = len(self.names)
        with open(self.path, "rb") as file:
            for first in range(start, n, part_rows(width)):
                rows = min(part_rows(width), n - first)
                columns = {}
                if self._dtype.names:
                    records = self._read(file, first, rows)
                    columns = {name: records[name] for name in names}
                elif self._by_column:
                    places = {name: self.names.index(name) for name in names}
                    columns = {k: self._read(file, i * n + first, rows) for k, i in places.items()}
                else:
                    block = self._read(file, first * width, rows * width).reshape(rows, width)
                    columns = {name: block[:, self.names.index(name)] for name in names}
                native = {
                    name: np.ascontiguousarray(a, a.dtype.newbyteorder("="))
                    for name, a in columns.items()
                }
                yield pa.table({name: pa.array(a) for name, a in native.items()})


def _open(path: str) -> _File:
    """A file by its suffix."""
    _check_file(path)
    suffix = _suffix(path)
    kind, _, packed = suffix.removeprefix(".").partition(".")
    with failures(path, suffix):
        if kind == "parquet":
            return _Parquet(path)
        if kind == "npy":
            return _Npy(path)
        if kind in ("csv", "tsv"):
            return _Text(path, "," if kind == "csv" else "\t", packed)
        return _Arrow(path)


def find_files(patterns: Sequence[str]) -> list[str]:
    """The files that are named, or whose names fit a pattern."""
    if not patterns:
        raise ValueError("paths must name at least one file, got none")
    found: list[str] = []
    for pattern in patterns:
        if os.path.exists(pattern) or not glob.has_magic(pattern):
            found.append(pattern)
            continue
        fitting = sorted(glob.glob(pattern, recursive=True))
        if not fitting:
            raise ValueError(f"no file fits the pattern {pattern!r}")
        found += fitting
    return found


class Files(Source):
    """
    One file or several with the same columns, one after the other.

    Parameters
    ----------
    paths : sequence of str
        The files, at least one.
    """

    def __init__(self, paths: Sequence[str]) -> None:
        self._files = [_open(os.fspath(path)) for path in paths]
        first = self._files[0]
        self.names = first.names
        for file in self._files[1:]:
            for name in self.names:
                if name not in file.names:
                    raise ValueError(f"{file.path!r} has {unknown_column(name, file.names)}")
        self.label = first.label if len(paths) == 1 else f"{first.label} and {len(paths) - 1} more"
        sizes = [file.n_rows for file in self._files]
        self.n_rows = None if None in sizes else sum(n for n in sizes if n is not None)

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        for file in self._files:
            if file.n_rows is not None and start >= file.n_rows:
                start -= file.n_rows
                continue
            with failures(file.path, _suffix(file.path)):
                skipped = start if file.n_rows is not None else 0
                for part in file.parts(names, skipped):
                    if file.n_rows is None and start:  # its rows are counted as they are read
                        gone = min(start, part.num_rows)
                        start -= gone
                        if gone == part.num_rows:
                            continue
                        yield part.slice(gone)
                        continue
                    yield part
            if file.n_rows is not None:
                start = 0

    def surveys(self, names: Sequence[str]) -> dict[str, Range]:
        found: dict[str, Range] = {}
        for k, file in enumerate(self._files):
            own = file.surveys(names)
            if not k:
                found = own
            else:
                found = {name: found[name] | own[name] for name in found.keys() & own.keys()}
        return found

    def identity(self) -> Any:
        return [file.identity() for file in self._files]
