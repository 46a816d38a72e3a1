"""Tables of a DuckDB database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastinfo.files.formats.duckdb_file import DuckdbFile
from fastinfo.files.formats.file import chosen_table
from fastinfo.files.formats.in_duckdb import connection, identifier, rows, said

if TYPE_CHECKING:
    pass


class Duckdb(DuckdbFile):
    """A table or view of a DuckDB database, which is opened read-only."""

    def look(self) -> None:
        with self._connected() as con:
            known = [
                name if schema == "main" else f"{schema}.{name}"
                for schema, name in con.sql(
                    "select table_schema, table_name from information_schema.tables "
                    "where table_catalog = 'file' order by all"
                ).fetchall()
            ]
            chosen = chosen_table(self.path, self._options.table, known)
            schema, _, name = chosen.rpartition(".") if chosen.count(".") == 1 else ("", "", chosen)
            self._from = f"file.{identifier(schema or 'main')}.{identifier(name)}"
            relation = con.sql(f"from {self._from}")
            self._types = dict(zip(relation.columns, map(str, relation.types), strict=True))
            fields = rows(relation.limit(0), 1).schema
            self._know_schema(self.chosen(relation.columns), fields)
            ((self.n_rows,),) = con.sql(f"select count(*) from {self._from}").fetchall()

    @contextmanager
    def _connection(self, **options: Any) -> Iterator[Any]:
        import duckdb

        try:
            with connection(**options) as con:
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

    def _try(self, act: Callable[[], Any]) -> Any:
        return act()
