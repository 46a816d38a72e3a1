"""JSON as tables: a record a line, a list of records, or columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from fastinfo._core.messages import printable
from fastinfo.files.formats.duckdb_file import DuckdbFile
from fastinfo.files.formats.in_duckdb import connection, identifier, literal, quoted, said
from fastinfo.files.kinds import Kind
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import ReadAgainError
from fastinfo.files.unpacking import Copy, opened, translated, unpacked, unpacking

_USUAL, _LARGEST = 1 << 24, 1 << 28  # bytes of a record
_NATIVE = {"": "none", "gz": "gzip"}


class Json(DuckdbFile):
    """
    Records, which DuckDB reads, or columns, as pandas writes them by default.

    All records are looked at for the types of their values, before they are read.
    """

    typed = False

    def __init__(self, path: str, kind: Kind, options: ReadOptions) -> None:
        super().__init__(path, kind, options)
        self._copy: Copy | None = None
        self._largest = _USUAL

    def look(self) -> None:
        import pyarrow as pa

        if self._copy is None and self._options.encoding is not None:
            self._copy = translated(self.path, self._packed, self._options.encoding)
        elif self._copy is None and self._packed not in _NATIVE:
            self._copy = unpacked(self.path, self._packed, "records")
        with self._connection() as con:
            relation = self._run(con, f"from {self._scan()}")
            names, types = relation.columns, list(map(str, relation.types))
            if names != ["json"] and _are_columns(types):
                records = self._columns_as_records(con)
                if records is not None:
                    self._copy, self._packed = records, ""
                    return self.look()
            if names == ["json"]:
                raise ValueError(
                    f"{self.path!r} holds no records: it must be a JSON object a line, a list of "
                    f"objects, or an object of columns"
                )
            self._types = dict(zip(names, types, strict=True))
            empty = self._run(con, self._query(names) + " limit 0")
            schema: Any = self._try(lambda: empty.to_arrow_table()).schema
        fields = [pa.field(name, schema.field(i).type) for i, name in enumerate(names)]
        self._know_schema(self.chosen(names), pa.schema(fields))
        return None

    def _connection(self) -> Any:
        return connection(memory_limit="2GiB")  # two records a thread, at least

    def _scan(self) -> str:
        where = literal(self.path if self._copy is None else self._copy.path)
        packed = quoted("none" if self._copy else _NATIVE[self._packed])
        return (
            f"read_json({where}, sample_size=-1, maximum_object_size={self._largest}, "
            f"compression={packed}, map_inference_threshold=-1)"
        )

    def _columns_as_records(self, con: Any) -> Copy | None:
        """The records of a file that has one object of columns."""
        if len(self._try(lambda: con.sql(f"from {self._scan()} limit 2").fetchall())) != 1:
            return None
        where, packed = (self.path, self._packed) if self._copy is None else (self._copy.path, "")
        with unpacking(self.path), opened(where, packed) as stream:
            whole = json.load(stream)
        columns = _columns_of(whole)
        if columns is None:
            return None
        copy = Copy("records")
        with open(copy.path, "w", encoding="utf-8") as file:
            for values in zip(*columns.values(), strict=True):
                file.write(json.dumps(dict(zip(columns, values, strict=True))) + "\n")
        return copy

    def sql(self, names: Sequence[str]) -> str:
        return self._query(names)

    def _query(self, names: Sequence[str]) -> str:
        chosen = ", ".join(self._column(name, k) for k, name in enumerate(names))
        return f"select {chosen} from {self._scan()}"

    def _column(self, name: str, k: int) -> str:
        kind, column = self._types[name], identifier(name)
        if kind == "JSON":  # of several types: texts without their quotes
            column = f"{column} ->> '$'"
        elif kind in ("HUGEINT", "UHUGEINT"):
            column = f"{column}::double"
        return f"{column} as {identifier(str(k))}"

    def _try(self, act: Callable[[], Any]) -> Any:
        import duckdb

        try:
            return act()
        except duckdb.InterruptException as error:
            raise KeyboardInterrupt from error
        except duckdb.Error as error:
            if "maximum_object_size" in str(error) and self._largest == _USUAL:
                self._largest = _LARGEST
                raise ReadAgainError(f"{self.path!r} has large records") from error
            raise ValueError(f"{self.path!r} cannot be read as JSON: {said(error)}") from error


def _are_columns(types: list[str]) -> bool:
    return all(kind.endswith("]") or kind.startswith(("STRUCT", "MAP")) for kind in types)


def _columns_of(whole: Any) -> dict[str, list[Any]] | None:
    """Columns by name of what pandas and others write; None if it is nothing of the kind."""
    if not isinstance(whole, dict) or not whole:
        return None
    if {"columns", "data"} <= whole.keys() and isinstance(whole["data"], list):  # orient="split"
        names = [str(name) for name in whole["columns"]]
        return dict(zip(names, map(list, zip(*whole["data"], strict=True)), strict=True))
    if len(whole) == 1 or "schema" in whole:  # records under a name
        found = whole.get("data", next(iter(whole.values())))
        if isinstance(found, list) and found and all(isinstance(row, dict) for row in found):
            names = list(dict.fromkeys(name for row in found for name in row))
            return {name: [row.get(name) for row in found] for name in names}
    values = list(whole.values())
    if all(isinstance(column, dict) for column in values):
        keys = list(dict.fromkeys(key for column in values for key in column))
        return {name: [column.get(key) for key in keys] for name, column in whole.items()}
    if all(isinstance(column, list) for column in values):
        lengths = {len(column) for column in values}
        if len(lengths) > 1:
            shown = printable(", ".join(map(str, sorted(lengths))))
            raise ValueError(f"the columns must have the same length, got {shown}")
        return whole
    return None
