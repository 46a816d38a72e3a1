"""Files that DuckDB reads, whole or part by part."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastinfo._core import machine
from fastinfo._core.threads import get_num_threads
from fastinfo.files.formats.file import File
from fastinfo.files.formats.in_duckdb import connection, rows, whole
from fastinfo.files.kinds import Kind
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import in_parts, part_rows
from fastinfo.files.unpacking import Copy

if TYPE_CHECKING:
    import pyarrow as pa

#: Compressions that DuckDB reads directly, and its names for them.
NATIVE = {"": "none", "gz": "gzip"}
_MEMORY, _MOST = 64 << 20, 1 << 32
_AT_ONCE = 1 << 17  # rows of a batch when a file is read as a whole
_LEAST = 0.5  # share of the free memory that must be left while reading a compressed file


class DuckdbFile(File):
    """A file whose rows are the result of a DuckDB query."""

    def __init__(self, path: str, kind: Kind, options: ReadOptions) -> None:
        super().__init__(path, kind, options)
        self._copy: Copy | None = None  #: the copy that is read instead of the file, if any
        self._seen = False
        self._in_parts = True
        self._con: Any = None
        self._memory = _MEMORY  #: bytes that DuckDB may use while reading parts

    def _where(self) -> str:
        return self.path if self._copy is None else self._copy.path

    def _compression(self) -> str:
        """DuckDB's name of the compression."""
        return "none" if self._copy else NATIVE[self._packed]

    @abstractmethod
    def sql(self, names: Sequence[str]) -> str:
        """A query for some columns."""

    def finished(self, table: Any, names: Sequence[str]) -> Any:
        """The result of a query, in its final form."""
        return table.rename_columns(list(names))

    @abstractmethod
    def _try(self, act: Callable[[], Any]) -> Any:
        """Run something with DuckDB, and reword its errors."""

    def _ask(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a small result."""
        with self._connected() as con:
            return list(self._try(lambda: whole(con.sql(sql)).to_pylist()))

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        """The connection with which a file is examined and read."""
        if self._con is not None:
            yield self._con
            return
        with self._connection() as con:
            self._con = con
            try:
                yield con
            finally:
                self._con = None

    def _connection(self, **options: Any) -> Any:
        return connection(memory_limit=f"{self._memory}B", **options)

    def _batches(self, con: Any, names: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        reader = self._try(lambda: rows(con.sql(self.sql(names)), size))
        while (batch := self._try(lambda: next(reader, None))) is not None:
            yield batch

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        import pyarrow as pa

        self._memory, self._in_parts = max(self._memory, _MOST), False
        with self._connected() as con:
            if not self._seen:
                self.look()
                self._seen = True
            names = self.columns if names is None else self.chosen(self.columns, names)
            free = machine.free_memory() if self._packed else 0
            found = []
            for batch in self._batches(con, names, _AT_ONCE):
                found.append(batch)
                if free and machine.free_memory() < _LEAST * free:
                    raise self._too_large(sum(one.nbytes for one in found), free)
        if not found:
            raise ValueError(f"{self.path!r} has no rows")
        return self.finished(pa.Table.from_batches(found), names)

    def _too_large(self, size: int, free: int) -> ValueError:
        return ValueError(
            f"{self.path!r} holds more than there is memory for: {size} bytes of columns took half "
            f"of the {free} bytes that were free; unpack it, or read it in parts "
            f"(fastinfo.streaming.open_files)"
        )

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        size = part_rows(len(names))
        threads = max(get_num_threads() // 2, 1)  # the other threads count
        # A separate connection, which stays open between two parts.
        with self._connection(threads=threads) as con:
            for part in in_parts(self._batches(con, names, size), size, start):
                yield self.finished(part, names)
