"""JSON as tables: one record per line, a list of records, or columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from fastinfo._core.messages import printable, shown_name
from fastinfo.files.formats.duckdb_file import NATIVE, DuckdbFile
from fastinfo.files.formats.in_duckdb import connection, identifier, literal, quoted, said, whole
from fastinfo.files.kinds import Kind
from fastinfo.files.options import ReadOptions
from fastinfo.files.sources import ReadAgainError
from fastinfo.files.unpacking import Copy, opened, translated, unpacked, unpacking

_USUAL, _LARGEST = 1 << 24, 1 << 28  # limits for the bytes of a record
_MUCH_LONGER = 10  # times as long as all other lists of records


class Json(DuckdbFile):
    """
    Records, which DuckDB reads, or columns, as pandas writes them by default.

    All records are examined for the types of their values before they are read.
    """

    typed = False

    def __init__(self, path: str, kind: Kind, options: ReadOptions) -> None:
        super().__init__(path, kind, options)
        self._largest = _USUAL

    def look(self) -> None:
        import pyarrow as pa

        if self._copy is None and self._options.encoding is not None:
            self._copy = translated(self.path, self._packed, self._options.encoding)
        elif self._copy is None and self._packed not in NATIVE:
            self._copy = unpacked(self.path, self._packed, "records")
        with self._connected() as con:
            relation = self._try(lambda: con.sql(f"from {self._scan()}"))
            names, types = relation.columns, list(map(str, relation.types))
            if names != ["json"] and _may_be_columns(types):
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
            schema: Any = self._try(lambda: whole(con.sql(self.sql(names) + " limit 0"))).schema
        fields = [pa.field(name, schema.field(i).type) for i, name in enumerate(names)]
        self._know_schema(self.chosen(names), pa.schema(fields))
        return None

    def _connection(self, **options: Any) -> Any:
        return connection(memory_limit="2GiB", **options)  # for at least two records per thread

    def _scan(self) -> str:
        where, packed = literal(self._where()), quoted(self._compression())
        return (
            f"read_json({where}, sample_size=-1, maximum_object_size={self._largest}, "
            f"compression={packed}, map_inference_threshold=-1, hive_partitioning=false)"
        )

    def _columns_as_records(self, con: Any) -> Copy | None:
        """The records of a file that contains one object of columns."""
        if len(self._try(lambda: con.sql(f"from {self._scan()} limit 2").fetchall())) != 1:
            return None
        packed = "" if self._copy else self._packed
        with unpacking(self.path), opened(self._where(), packed) as stream:
            held = json.load(stream)
        try:
            columns = _columns_of(held)
        except ValueError as error:
            raise ValueError(f"{self.path!r} is no table: {error}") from error
        if columns is None:
            return None
        copy = Copy("records")
        with open(copy.path, "w", encoding="utf-8") as file:
            for values in zip(*columns.values(), strict=True):
                file.write(json.dumps(dict(zip(columns, values, strict=True))) + "\n")
        return copy

    def sql(self, names: Sequence[str]) -> str:
        chosen = ", ".join(self._column(name, k) for k, name in enumerate(names))
        return f"select {chosen} from {self._scan()}"

    def _column(self, name: str, k: int) -> str:
        kind, column = self._types[name], identifier(name)
        if kind == "JSON":  # values of several types: as text without quotes
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


def _may_be_columns(types: list[str]) -> bool:
    """Whether one record may hold the columns of a table, or all its records."""
    nested = [kind.endswith("]") or kind.startswith(("STRUCT", "MAP")) for kind in types]
    return all(nested) or any(kind.endswith(")[]") for kind in types)


def _are_records(rows: Any) -> bool:
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, dict) for row in rows)


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A record, or the properties that it contains."""
    for name in ("properties", "attributes"):
        if isinstance(row.get(name), dict):
            return {**{k: v for k, v in row.items() if k != name}, **row[name]}
    return row


def _columns_of(whole: Any) -> dict[str, list[Any]] | None:
    """Columns by name, as written by pandas and others; None if it is something else."""
    if not isinstance(whole, dict) or not whole:
        return None
    if {"columns", "data"} <= whole.keys() and isinstance(whole["data"], list):  # orient="split"
        names = [str(name) for name in whole["columns"]]
        return dict(zip(names, map(list, zip(*whole["data"], strict=True)), strict=True))
    lists = {name: rows for name, rows in whole.items() if _are_records(rows)}
    longest, *others = sorted(map(len, lists.values()), reverse=True) or [0]
    if others and longest >= _MUCH_LONGER * others[0]:  # the others describe it
        lists = {name: rows for name, rows in lists.items() if len(rows) == longest}
    elif others:
        shown = ", ".join(f"{shown_name(name)} ({len(rows)})" for name, rows in lists.items())
        raise ValueError(f"it holds several lists of records, which are no one table: {shown}")
    if lists:  # records under a key
        (rows,) = lists.values()
        rows = [_flat(row) for row in rows]
        names = list(dict.fromkeys(name for row in rows for name in row))
        return {name: [row.get(name) for row in rows] for name in names}
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
