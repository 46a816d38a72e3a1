"""Tables that are read part by part: the interface of sources, and parts of suitable size."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from fastinfo._bins.surveys import Survey
from fastinfo._column_readers.of_arrow import is_nested
from fastinfo._core.messages import printable

if TYPE_CHECKING:
    import pyarrow as pa

_PART_BYTES = 8 << 20
_UNNAMED_INDEX = re.compile(r"__index_level_\d+__")  # as written by pandas
FEWEST_ROWS, MOST_ROWS = 1 << 13, 1 << 20


def part_rows(n_columns: int) -> int:
    """Number of rows in a part with so many columns: some tens of MB of numbers."""
    return min(max(_PART_BYTES // (8 * max(n_columns, 1)), FEWEST_ROWS), MOST_ROWS)


class ReadAgainError(ValueError):
    """A file differs from what its first rows suggested; reading it again will work."""


def again(read: Callable[[], Any], times: int = 1000) -> Any:
    """Read something, and read it again if a file differs from what its first rows suggested."""
    for _ in range(times - 1):
        try:
            return read()
        except ReadAgainError:
            continue
    return read()


class Source(ABC):
    """
    A table that can be read part by part, more than once.

    Attributes
    ----------
    columns : list of str
        Names of all columns.
    names : list of str
        Names of the columns of numbers or labels.
    nested : mapping of str to str
        Columns of lists, structs or maps, which are ignored, and their types.
    n_rows : int or None
        Number of rows, if it is known before they are read.
    changed : bool
        Whether the data changed between two readings.
    texts : sequence of str
        Columns of text, in a file whose format defines types.
    taken : mapping of str to str
        Columns of text that are converted, and their new type.
    label : str
        Description of the source in messages.
    """

    columns: list[str]
    names: list[str]
    nested: Mapping[str, str] = MappingProxyType({})
    n_rows: int | None = None
    changed: bool = False
    texts: Sequence[str] = ()
    taken: Mapping[str, str] = MappingProxyType({})
    label: str

    def _know(self, columns: Sequence[str], nested: Mapping[str, str]) -> None:
        self.columns, self.nested = list(columns), nested
        self.names = [name for name in columns if name not in nested]

    def _know_schema(self, columns: Sequence[str], schema: Any) -> None:
        index = index_columns(schema)
        self._know([name for name in columns if name not in index], nested_fields(schema))
        there = set(self.names)
        self.texts = [name for name in text_names(schema) if name in there]

    @abstractmethod
    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        """Yield some columns part by part, without the first `start` rows."""

    def table(self, names: Sequence[str] | None = None) -> Any:
        """Return some columns as one table in memory; by default, all of numbers or labels."""
        import pyarrow as pa

        parts = self.parts(self.names if names is None else names)
        tables = [p if isinstance(p, pa.Table) else pa.Table.from_batches([p]) for p in parts]
        if not tables:
            raise ValueError("X must have at least one row, got none")
        return pa.concat_tables(tables)

    def held(self) -> Any | None:
        """Return the table in memory, if it is small and could change before the next reading."""
        return None

    def surveys(self, names: Sequence[str]) -> dict[str, Survey]:
        """Return surveys of columns of numbers, as far as statistics in the file provide them."""
        return {}

    def identity(self) -> Any:
        """Return plain values that change with the data, by which a checkpoint is recognised."""
        raise ValueError(
            f"checkpoint= needs a source with the method identity(), so that a later run can check "
            f"that the data is the same, and {type(self).__name__} has none"
        )


def refuse_checkpoint(checkpoint: Any) -> None:
    """Raise an error for a checkpoint of data that is already in memory."""
    if checkpoint is not None:
        raise ValueError(
            f"checkpoint must be None unless X is read part by part, got {checkpoint!r}; for "
            f"that, open a file with fastinfo.streaming.open_files (import fastinfo.streaming)"
        )


def in_parts(
    batches: Iterator[pa.RecordBatch], rows: int, start: int = 0
) -> Iterator[pa.RecordBatch | pa.Table]:
    """Batches of any size as parts of about `rows` rows, without the first `start` rows."""
    import pyarrow as pa

    kept: list[Any] = []
    size = 0
    for batch in batches:
        if start >= batch.num_rows:
            start -= batch.num_rows
            continue
        for first in range(start, batch.num_rows, rows):
            piece = batch.slice(first, rows)
            if size and size + piece.num_rows > rows:
                yield pa.Table.from_batches(kept) if len(kept) > 1 else kept[0]
                kept, size = [], 0
            kept.append(piece)
            size += piece.num_rows
        start = 0
    if size:
        yield pa.Table.from_batches(kept) if len(kept) > 1 else kept[0]


def narrow_dictionaries(schema: Any) -> list[str]:
    """Columns of text in an Arrow schema whose dictionary codes have 8 or 16 bits."""
    import pyarrow as pa

    texts = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())
    return [
        field.name
        for field in schema
        if pa.types.is_dictionary(field.type)
        and field.type.index_type.bit_width < 32
        and field.type.value_type in texts
    ]


def index_columns(schema: Any) -> set[str]:
    """The unnamed index of a pandas frame, among the columns of an Arrow schema."""
    said = (schema.metadata or {}).get(b"pandas", b"{}")
    try:
        found = json.loads(said).get("index_columns", [])
    except (ValueError, AttributeError):  # not written by pandas
        return set()
    return {name for name in found if isinstance(name, str) and _UNNAMED_INDEX.fullmatch(name)}


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is text, or text with a dictionary."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return kind in (pa.string(), pa.large_string(), pa.string_view())


def text_names(schema: Any) -> list[str]:
    """The columns of text of a schema."""
    return [field.name for field in schema if is_text(field.type)]


def nested_fields(schema: Any) -> dict[str, str]:
    """Columns of lists, structs or maps in an Arrow schema, and their types."""
    return {field.name: printable(str(field.type)) for field in schema if is_nested(field.type)}


def narrowed(series: Any) -> Any:
    """A Polars column of 128-bit integers, which Arrow does not have, as an Arrow type."""
    if str(series.dtype) not in ("Int128", "UInt128"):
        return series
    import polars as pl

    most = max(-(series.min() or 0), series.max() or 0)
    kind = pl.Int64() if most < 2**63 else pl.Decimal(38, 0) if most < 10**38 else pl.Float64()
    return series.cast(kind)
