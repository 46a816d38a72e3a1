"""SQLite tables, read by Python."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import printable
from fastinfo.files.formats.file import File, chosen_table
from fastinfo.files.formats.in_duckdb import identifier
from fastinfo.files.sources import in_parts, part_rows

if TYPE_CHECKING:
    import pyarrow as pa


class Sqlite(File):
    """
    A table or view of SQLite.

    A column with several types becomes text, which may be converted.
    """

    typed = False

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            uri = Path(self.path).absolute().as_uri() + "?mode=ro"
            with closing(sqlite3.connect(uri, uri=True)) as con:
                con.text_factory = lambda text: text.decode(errors="replace")
                yield con
        except sqlite3.Error as error:
            detail = printable(" ".join(str(error).split()))
            raise ValueError(f"{self.path!r} cannot be read as SQLite: {detail}") from error

    def look(self) -> None:
        import pyarrow as pa

        with self._open() as con:
            known = [
                name
                for (name,) in con.execute(
                    "select name from sqlite_schema where type in ('table', 'view') "
                    "and name not like 'sqlite!_%' escape '!' order by name"
                )
            ]
            self._from = identifier(chosen_table(self.path, self._options.table, known))
            names = [row[0] for row in con.execute(f"select * from {self._from}").description]
            self._types: dict[str, Any] = {}
            for name in self.chosen(names):
                column = identifier(name)
                kinds = {
                    kind
                    for (kind,) in con.execute(
                        f"select distinct typeof({column}) from {self._from}"
                    )
                } - {"null"}
                if kinds <= {"integer"} and kinds:
                    self._types[name] = pa.int64()
                elif kinds <= {"integer", "real"} and kinds:
                    self._types[name] = pa.float64()
                elif kinds == {"blob"}:
                    self._types[name] = pa.binary()
                else:
                    self._types[name] = pa.string()
            (self.n_rows,) = con.execute(f"select count(*) from {self._from}").fetchone()
        self._know_schema(list(self._types), pa.schema(list(self._types.items())))

    def _batches(self, names: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        columns = [
            f"cast({identifier(name)} as text)"
            if self._types[name] == pa.string()
            else identifier(name)
            for name in names
        ]
        schema = pa.schema([(name, self._types[name]) for name in names])
        with self._open() as con:
            cursor = con.execute(f"select {', '.join(columns)} from {self._from}")
            while found := cursor.fetchmany(size):
                arrays = [
                    pa.array(values, kind)
                    for values, kind in zip(zip(*found, strict=True), schema.types, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def table(self, names: Sequence[str] | None = None) -> pa.Table:
        import pyarrow as pa

        self.look()
        found = list(self._batches(self.chosen(self.columns, names), 1 << 16))
        if not found:
            raise ValueError(f"{self.path!r} has no rows in the table {self._from}")
        return pa.Table.from_batches(found)

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        size = part_rows(len(names))
        yield from in_parts(self._batches(names, size), size, start)
