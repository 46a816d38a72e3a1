"""Sources of other libraries: datasets of Arrow, lazy frames of Polars, relations of DuckDB."""

from __future__ import annotations

import hashlib
import math
import pickle
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from fastinfo._core.messages import printable
from fastinfo.files.sources import (
    Source,
    in_parts,
    narrow_dictionaries,
    narrowed,
    part_rows,
)

if TYPE_CHECKING:
    import pyarrow as pa

#: Tables up to this size are read once, into memory.
HELD_BYTES = 1 << 28

#: Types of DuckDB that Arrow has no room for, and the type to read them as.
_CASTS = {"UHUGEINT": "HUGEINT", "BIGNUM": "DOUBLE", "VARINT": "DOUBLE"}


class _Query(Source):
    """
    What is computed anew each time it is read, as samples or random numbers, and may differ then.

    Small tables are read once. Of larger ones the readings are compared: the number of rows, and
    of each column the missing values, the range of numbers and the length of texts.
    """

    _begun: tuple[list[Any], Iterator[Any]] | None = None
    _first: tuple[int, dict[str, list[Any]]] | None = None

    @abstractmethod
    def _pieces(self, names: Sequence[str], rows: int) -> Iterator[Any]:
        """Some columns in pieces of about so many rows, as tables of the library."""

    def _join(self, pieces: list[Any]) -> Any:
        """Pieces as one table of the library."""
        import pyarrow as pa

        return pa.Table.from_batches(pieces)

    def _batches(self, piece: Any) -> list[pa.RecordBatch]:
        """A piece as Arrow has it."""
        return [piece]

    def _bytes(self, piece: Any) -> int:
        return int(piece.nbytes)

    def held(self) -> Any | None:
        pieces = self._pieces(self.names, part_rows(len(self.names)))
        kept: list[Any] = []
        size = 0
        for piece in pieces:
            kept.append(piece)
            size += self._bytes(piece)
            if size > HELD_BYTES:
                self._begun = kept, pieces  # the first pass goes on from here
                return None
        if not kept:
            raise ValueError("X must have at least one row, got none")
        return self._join(kept)

    def table(self, names: Sequence[str] | None = None) -> Any:
        names = self.names if names is None else names
        pieces = list(self._pieces(names, part_rows(len(names))))
        if not pieces:
            raise ValueError("X must have at least one row, got none")
        return self._join(pieces)

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        rows = part_rows(len(names))
        begun, self._begun = self._begun, None
        if begun is None or start:
            pieces = self._pieces(names, rows)
        else:
            pieces = chain(_given_away(begun[0]), begun[1])
        batches = (batch for piece in pieces for batch in self._batches(piece))
        if begun is not None:
            batches = (batch.select(list(names)) for batch in batches)
        n_rows, found = 0, {name: [0, math.inf, -math.inf, 0] for name in names}
        for part in in_parts(batches, rows, start):
            n_rows += part.num_rows
            for name, column in zip(part.schema.names, part.columns, strict=True):
                _add(found[name], column)
            yield part
        if start:
            return
        if self._first is None:
            self._first = n_rows, found
        before, columns = self._first
        same = all(columns.get(name, known) == known for name, known in found.items())
        self.changed = self.changed or before != n_rows or not same


def _given_away(pieces: list[Any]) -> Iterator[Any]:
    """Each piece, which is then no longer held."""
    while pieces:
        yield pieces.pop(0)


def _add(known: list[Any], column: Any) -> None:
    """Add a part of a column to its missing values, range of numbers and length of texts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    known[0] += column.null_count
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        low, high = pc.min_max(column).values()
        if low.is_valid:
            known[1], known[2] = min(known[1], low.as_py()), max(known[2], high.as_py())
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        known[3] += pc.sum(pc.binary_length(column)).as_py() or 0


class Dataset(_Query):
    """A pyarrow dataset."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset = _with_wide_codes(dataset)
        self._know_schema(_different(dataset.schema.names), dataset.schema)
        self.label = "the dataset"

    def _pieces(self, names: Sequence[str], rows: int) -> Iterator[Any]:
        scanner = self._dataset.scanner(
            columns=list(names), batch_size=rows, batch_readahead=2, fragment_readahead=1
        )
        return iter(scanner.to_batches())

    def identity(self) -> Any:
        return [self.label, str(self._dataset.schema), _identity(self._dataset, self.names)]


#: Rows of a table in memory that its identity depends on.
_LOOKED_AT = 1000


def _identity(dataset: Any, names: Sequence[str]) -> Any:
    """The filter of a dataset, and its files as they are, or some of its rows."""
    chosen = getattr(dataset, "_scan_options", {}).get("filter")
    found = [None if chosen is None else _digest(pickle.dumps(chosen, 4))]
    kind = type(dataset).__name__
    if kind == "UnionDataset":
        return [*found, *(_identity(child, names) for child in dataset.children)]
    if kind == "FileSystemDataset":
        pieces = list(_unfiltered(dataset).get_fragments())
        infos = dataset.filesystem.get_file_info([piece.path for piece in pieces])
        return [*found, *map(_piece, pieces, infos)]
    if kind != "InMemoryDataset":
        raise ValueError(
            f"checkpoint= needs a dataset of files or of a table, so that a later run can check "
            f"that the data is the same, got a {kind}: write it to files and open those"
        )
    n = dataset.count_rows()
    rows = [n * i // _LOOKED_AT for i in range(_LOOKED_AT)] if n > _LOOKED_AT else range(n)
    some = dataset.take([*rows], columns=list(names)).to_pydict()
    return [*found, n, _digest(repr(some).encode())]


def _unfiltered(dataset: Any) -> Any:
    """A dataset without its filter, with which it has no fragments."""
    from pyarrow import dataset as ds

    (plain,) = ds.UnionDataset(dataset.schema, [dataset]).children
    return plain


def _piece(piece: Any, info: Any) -> Any:
    """A file of a dataset, or a part of one."""
    if piece.buffer is not None:
        return ["", _digest(piece.buffer), 0, "", []]
    groups = [group.id for group in getattr(piece, "row_groups", [])]
    return [piece.path, info.size, info.mtime_ns, str(piece.partition_expression), groups]


def _digest(data: Any) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _with_wide_codes(dataset: Any) -> Any:
    """
    A dataset of Parquet files whose texts with a dictionary have codes of 32 bits.

    Files may promise narrower ones than their row groups need, and would not be read.
    """
    if type(getattr(dataset, "format", None)).__name__ != "ParquetFileFormat":
        return dataset
    import pyarrow as pa
    from pyarrow import dataset as ds

    schema = dataset.schema
    narrow = narrow_dictionaries(schema)
    if not narrow:
        return dataset
    for name in narrow:
        i = schema.get_field_index(name)
        wide = pa.dictionary(pa.int32(), schema.field(i).type.value_type)
        schema = schema.set(i, schema.field(i).with_type(wide))
    known = dataset.format.read_options
    read = ds.ParquetFileFormat(
        read_options=ds.ParquetReadOptions(
            dictionary_columns={*known.dictionary_columns, *narrow},
            coerce_int96_timestamp_unit=known.coerce_int96_timestamp_unit,
        ),
        default_fragment_scan_options=dataset.format.default_fragment_scan_options,
    )
    plain = _unfiltered(dataset)
    fragments = [
        read.make_fragment(
            old.path, old.filesystem, old.partition_expression, [g.id for g in old.row_groups]
        )
        for old in plain.get_fragments()
    ]
    found = ds.FileSystemDataset(fragments, schema, read, dataset.filesystem)
    chosen = getattr(dataset, "_scan_options", {}).get("filter")
    return found if chosen is None else found.filter(chosen)


class LazyFrame(_Query):
    """A lazy frame of Polars."""

    def __init__(self, frame: Any) -> None:
        if not hasattr(frame, "collect_batches"):
            raise ImportError(
                "a LazyFrame in parts needs polars 1.34 or newer: pip install -U polars"
            )
        self._frame = frame
        schema = frame.collect_schema()
        nested = {name: printable(str(kind)) for name, kind in schema.items() if kind.is_nested()}
        self._know(schema.names(), nested)
        self.label = "the lazy frame"

    def _pieces(self, names: Sequence[str], rows: int) -> Iterator[Any]:
        chosen = self._frame.select(list(names))
        return iter(chosen.collect_batches(chunk_size=rows, maintain_order=True))

    def _join(self, pieces: list[Any]) -> Any:
        import polars as pl

        return pl.concat(pieces)

    def _batches(self, piece: Any) -> list[pa.RecordBatch]:
        return list(piece.with_columns(map(narrowed, piece.get_columns())).to_arrow().to_batches())

    def _bytes(self, piece: Any) -> int:
        return int(piece.estimated_size())

    def identity(self) -> Any:
        """A sum of hashes of all rows, whatever they come from: one more pass, by Polars."""
        import polars as pl

        row = self._frame.select(pl.struct(self.names).hash(0).alias("row")).with_row_index("i")
        sums = row.select(pl.len(), pl.struct("i", "row").hash(0).sum())
        kinds = [str(kind) for kind in self._frame.collect_schema().dtypes()]
        try:
            return [self.label, self.names, kinds, *sums.collect(engine="streaming").row(0)]
        except pl.exceptions.PolarsError as error:
            raise _unknown(self.label, error) from error


class Relation(_Query):
    """A relation of DuckDB."""

    def __init__(self, relation: Any) -> None:
        self._relation = relation
        names = _different(relation.columns, by=str.casefold)
        self._types = dict(zip(names, map(str, relation.types), strict=True))
        self._know_schema(names, _read(relation.limit(0), 1).schema)
        self.label = "the relation"

    def _pieces(self, names: Sequence[str], rows: int) -> Iterator[Any]:
        return iter(_read(self._relation.project(", ".join(map(self._column, names))), rows))

    def _column(self, name: str) -> str:
        quoted = _quoted(name)
        wide = _CASTS.get(self._types[name])
        return quoted if wide is None else f"{quoted}::{wide} as {quoted}"

    def identity(self) -> Any:
        """A sum of hashes of all rows, whatever they come from: one more pass, by DuckDB."""
        import duckdb

        row = ", ".join(["row_number() over ()", *map(_quoted, self.names)])
        try:
            rows = self._relation.project(f"hash({row}) as h")
            sums = rows.aggregate("count(*), bit_xor(h)").fetchall()[0]
        except duckdb.Error as error:
            raise _unknown(self.label, error) from error
        return [self.label, self.names, self._types, *sums]


def _unknown(label: str, error: Exception) -> ValueError:
    return ValueError(
        f"checkpoint= needs data whose rows can be hashed, so that a later run can check that it "
        f"is the same. Rows of {label} can't ({error!s:.200}): write it to a file and open that"
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _read(relation: Any, rows: int) -> Any:
    read = getattr(relation, "to_arrow_reader", None) or relation.fetch_record_batch
    return read(rows)


def _different(names: Sequence[str], by: Any = str) -> list[str]:
    """Names of columns, all of which differ: for DuckDB, in any case of letters."""
    found = list(names)
    if len({by(name) for name in found}) < len(found):
        raise ValueError(f"X must have columns of different names, got {found!r:.200}")
    return found
