"""Tables of databases that are a file: SQLite, read by Python itself, and DuckDB."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import listed, printable
from fastinfo.files.formats.duckdb_file import DuckdbFile
from fastinfo.files.formats.file import File
from fastinfo.files.formats.in_duckdb import connection, identifier, rows, said
from fastinfo.files.kinds import Kind
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import in_parts, part_rows

if TYPE_CHECKING:
    import pyarrow as pa


def _chosen_table(path: str, wanted: str | None, known: Sequence[str]) -> str:
    """The name of the table that is read."""
    if wanted is not None:
        if wanted in known:
            return wanted
        raise ValueError(f"{path!r} has no table {wanted!r}; its tables are: {listed(known)}")
    if len(known) == 1:
        return known[0]
    if not known:
        raise ValueError(f"{path!r} has no tables")
    raise ValueError(
        f"{path!r} has {len(known)} tables: name one of them (table=): {listed(known)}"
    )


class Sqlite(File):
    """A table or view of SQLite. A column of several types is text, as which it is looked at."""

    typed = False

    def __init__(self, path: str, kind: Kind, options: ReadOptions) -> None:
        super().__init__(path, kind.suffix)
        self._options = options

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
            self._from = identifier(_chosen_table(self.path, self._options.table, known))
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


class Duckdb(DuckdbFile):
    """A table or view of a database of DuckDB, which is opened to be read alone."""

    def look(self) -> None:
        with self._opened() as con:
            known = [
                name if schema == "main" else f"{schema}.{name}"
                for schema, name in con.sql(
                    "select table_schema, table_name from information_schema.tables "
                    "where table_catalog = 'file' order by all"
                ).fetchall()
            ]
            chosen = _chosen_table(self.path, self._options.table, known)
            schema, _, name = chosen.rpartition(".") if chosen.count(".") == 1 else ("", "", chosen)
            self._from = f"file.{identifier(schema or 'main')}.{identifier(name)}"
            relation = con.sql(f"from {self._from}")
            self._types = dict(zip(relation.columns, map(str, relation.types), strict=True))
            fields = rows(relation.limit(0), 1).schema
            self._know_schema(self.chosen(relation.columns), fields)
            ((self.n_rows,),) = con.sql(f"select count(*) from {self._from}").fetchall()

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        import duckdb

        try:
            with connection() as con:
                path = self.path.replace("'", "''")
                con.sql(f"attach '{path}' as file (read_only)")
                yield con
        except duckdb.Error as error:
            raise ValueError(f"{self.path!r} cannot be read as DuckDB's: {said(error)}") from error

    def sql(self, names: Sequence[str]) -> str:
        columns = [
            f"{identifier(name)}::double"
            if self._types[name] in ("HUGEINT", "UHUGEINT")
            else identifier(name)
            for name in names
        ]
        chosen = ", ".join(f"{c} as {identifier(str(k))}" for k, c in enumerate(columns))
        return f"select {chosen} from {self._from}"

    def _batches(self, names: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        with self._opened() as con:
            yield from rows(con.sql(self.sql(names)), size)

    def _try(self, act: Callable[[], Any]) -> Any:
        return act()
