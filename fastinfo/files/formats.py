"""Files of one format each, whole or part by part: Parquet by row groups, Arrow by batches."""

from __future__ import annotations

import difflib
import os
import zlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastinfo._bins.surveys import Survey
from fastinfo._core.messages import printable, shown_name
from fastinfo.files.sources import Source, in_parts, narrow_dictionaries, part_rows

if TYPE_CHECKING:
    import pyarrow as pa

_BUFFER = 1 << 18  # bytes of a column chunk that are read at a time
_FAILURES = EOFError, NotImplementedError, OSError, TypeError, zlib.error
_NUMBERS = ("FLOAT", "DOUBLE", "INT32", "INT64")


@contextmanager
def failures(name: str, suffix: str) -> Iterator[None]:
    """Word what pyarrow raises within the block in one line that names the file and its kind."""
    try:
        import pyarrow as pa
    except ImportError as error:
        message = f'reading {name!r} needs pyarrow: pip install "fastinfo[frames]"'
        raise ImportError(message) from error
    try:
        yield
    except (FileNotFoundError, MemoryError, PermissionError):
        raise
    except UnicodeDecodeError as error:
        raise ValueError(f"{name!r} has a column name that is not UTF-8 text") from error
    except (*_FAILURES, pa.ArrowException) as error:
        detail = printable(" ".join(str(error).split()).rstrip("."))
        raise ValueError(f"{name!r} cannot be read as {suffix}: {detail}") from error


def unknown_column(column: str, known: Sequence[str]) -> str:
    """
    Say that there is no such column, with the nearest known names if any, and the first of all.

    Examples
    --------
    >>> from fastinfo.files.formats import unknown_column
    >>> unknown_column("seat", ["tail", "seats"])
    "no column 'seat', but 'seats'; the columns are: tail, seats"
    """
    known = [str(name) for name in known]
    by_fold = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(str(column).casefold(), by_fold, n=3)
    but = f", but {' or '.join(repr(by_fold[name]) for name in near)}" if near else ""
    shown = ", ".join([*map(shown_name, known[:20]), *(["…"] if len(known) > 20 else [])])
    return f"no column {column!r}{but}; the columns are: {shown}"


class File(Source):
    """One file of some format: where it is, and as what it is read."""

    def __init__(self, path: str, suffix: str) -> None:
        self.path, self.label = path, printable(path)
        self.suffix = suffix

    @abstractmethod
    def look(self) -> None:
        """Find out which columns there are, and what else is known before they are read."""

    def chosen(self, known: Sequence[str], columns: Sequence[str] | None = None) -> list[str]:
        """The columns to read: those asked for, or all but pandas' unnamed row index."""
        there = set(known)
        if len(there) < len(known):
            twice = next(column for column, n in Counter(known).items() if n > 1)
            raise ValueError(f"{self.path!r} has two columns named {twice!r}: rename one of them")
        if columns is None:
            return [column for column in known if not column.startswith("__index_level_")]
        for column in columns:
            if column not in there:
                raise ValueError(f"{self.path!r} has {unknown_column(column, known)}")
        return list(columns)

    def size(self) -> int:
        """Bytes of the file, as far as is known without reading it, where it is unpacked."""
        return os.path.getsize(self.path)

    def identity(self) -> Any:
        status = os.stat(self.path)
        return [os.path.abspath(self.path), status.st_size, status.st_mtime_ns, self.names]


class Parquet(File):
    """Parquet, by row groups: column chunks are read in small pieces, never as a whole."""

    def look(self) -> None:
        with self._open(buffer_size=_BUFFER, pre_buffer=False) as file:
            self._metadata = file.metadata
            self._schema = file.schema_arrow
        self._know_schema(self.chosen(self._schema.names), self._schema)
        self.n_rows = self._metadata.num_rows

    def _open(self, **options: Any) -> Any:
        """The file; texts with a dictionary have codes of 32 bits, however few are promised."""
        from pyarrow import parquet

        file = parquet.ParquetFile(self.path, **options)
        narrow = narrow_dictionaries(file.schema_arrow)
        if not narrow:
            return file
        file.close()
        return parquet.ParquetFile(self.path, read_dictionary=narrow, **options)

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        with self._open(memory_map=True) as file:
            return file.read(columns=self.chosen(file.schema_arrow.names, names))

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
        with self._open(buffer_size=_BUFFER, pre_buffer=False) as file:
            batches = file.iter_batches(rows, row_groups=groups, columns=list(names))
            yield from in_parts(batches, rows, start)

    def surveys(self, names: Sequence[str]) -> dict[str, Survey]:
        """From the statistics of the row groups, where each has them."""
        import pyarrow as pa

        found: dict[str, Survey] = {}
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
            whole = Survey()
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
                    whole |= Survey(low, high, n, kind_of, kind_of == "i")
            else:
                rows = self._metadata.num_rows
                if kind_of == "i" and whole.n and whole.n < rows:  # floats, with NaN for nulls
                    whole = whole._replace(kind="f8")
                found[name] = whole
        return found


def _valid(data: Any) -> Any:
    """A table or batch whose values are all within its buffers."""
    data.validate(full=True)
    return data


class Arrow(File):
    """
    Arrow's file format, which is what Feather is too, or a stream.

    Arrow takes offsets, codes and text as they are in the file: what is read of it is validated,
    since a damaged one may reach beyond its buffers. Readers of Parquet and text make their own.
    """

    @contextmanager
    def _open(self, source: Any) -> Iterator[tuple[Any, bool]]:
        import pyarrow as pa

        with source:
            is_file = source.read(6) == b"ARROW1"
            source.seek(0)
            yield (pa.ipc.open_file if is_file else pa.ipc.open_stream)(source), is_file

    def look(self) -> None:
        import pyarrow as pa

        with self._open(pa.OSFile(self.path)) as (file, _):
            self._know_schema(self.chosen(file.schema.names), file.schema)

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        """Mapped into memory: an Arrow file is not copied."""
        import pyarrow as pa

        with self._open(pa.memory_map(self.path)) as (file, _):
            table = file.read_all()
        return _valid(table.select(self.chosen(table.column_names, names)))

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        import pyarrow as pa

        with self._open(pa.OSFile(self.path)) as (file, is_file):
            batches: Any = file
            if is_file:
                batches = (file.get_batch(i) for i in range(file.num_record_batches))
            chosen = (_valid(batch.select(list(names))) for batch in batches)
            yield from in_parts(chosen, part_rows(len(names)), start)
