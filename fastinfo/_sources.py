"""Tables that are read part by part: files, Arrow datasets, lazy frames, queries."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fastinfo._ranges import Range

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Source", "as_source", "in_parts", "is_lazy", "part_rows"]

_PART_BYTES = 16 << 20
_FEWEST_ROWS, _MOST_ROWS = 1 << 13, 1 << 20


def part_rows(n_columns: int) -> int:
    """Rows of a part of so many columns: some tens of MB of numbers."""
    return min(max(_PART_BYTES // (8 * max(n_columns, 1)), _FEWEST_ROWS), _MOST_ROWS)


class Source(ABC):
    """
    A table that can be read part by part, more than once.

    Attributes
    ----------
    names : list of str
        Its columns.
    n_rows : int or None
        Number of rows, where that is known before they are read.
    label : str
        What it is, for people.
    """

    names: list[str]
    n_rows: int | None = None
    label: str

    @abstractmethod
    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        """Some columns, part by part, without the first `start` rows."""

    def surveys(self, names: Sequence[str]) -> dict[str, Range]:
        """What is known of columns of numbers before they are read, from statistics."""
        return {}

    def identity(self) -> Any:
        """Plain values that change when the data does, as far as can be told."""
        return [self.label, self.names]


def in_parts(
    batches: Iterator[pa.RecordBatch], rows: int, start: int = 0
) -> Iterator[pa.RecordBatch | pa.Table]:
    """Batches of any size as parts of about so many rows, without the first `start` rows."""
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


class _Dataset(Source):
    """A pyarrow dataset."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        self.names = _different(dataset.schema.names)
        self.label = "the dataset"

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        rows = part_rows(len(names))
        scanner = self._dataset.scanner(
            columns=list(names), batch_size=rows, batch_readahead=2, fragment_readahead=1
        )
        return in_parts(iter(scanner.to_batches()), rows, start)

    def identity(self) -> Any:
        files = sorted(getattr(self._dataset, "files", []))
        found = [os.stat(file) for file in files if os.path.isfile(file)]
        states = [[status.st_size, status.st_mtime_ns] for status in found]
        return [self.label, str(self._dataset.schema), files, states]


class _LazyFrame(Source):
    """A lazy frame of Polars."""

    def __init__(self, frame: Any) -> None:
        if not hasattr(frame, "collect_batches"):
            raise ImportError(
                "a LazyFrame in parts needs polars 1.34 or newer: pip install -U polars"
            )
        self._frame = frame
        self.names = list(frame.collect_schema().names())
        self.label = "the lazy frame"

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        rows = part_rows(len(names))
        frames = self._frame.select(list(names)).collect_batches(
            chunk_size=rows, maintain_order=True
        )
        batches = (batch for frame in frames for batch in frame.to_arrow().to_batches())
        return in_parts(batches, rows, start)

    def identity(self) -> Any:
        return [self.label, self.names, self._frame.explain(optimized=False)]


class _Relation(Source):
    """A relation of DuckDB."""

    def __init__(self, relation: Any) -> None:
        self._relation = relation
        self.names = _different(relation.columns, by=str.casefold)
        self.label = "the relation"

    def parts(self, names: Sequence[str], start: int = 0) -> Iterator[pa.RecordBatch | pa.Table]:
        rows = part_rows(len(names))
        quoted = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
        chosen = self._relation.project(quoted)
        read = getattr(chosen, "to_arrow_reader", None) or chosen.fetch_record_batch
        return in_parts(iter(read(rows)), rows, start)

    def identity(self) -> Any:
        return [self.label, self.names, self._relation.sql_query()]


def _different(names: Sequence[str], by: Callable[[str], str] = str) -> list[str]:
    """Names of columns, all of which differ: for DuckDB, in any case of letters."""
    found = list(names)
    if len({by(name) for name in found}) < len(found):
        raise ValueError(f"X must have columns of different names, got {found!r:.200}")
    return found


def is_lazy(data: Any) -> bool:
    """Whether data is read part by part, and not there as a whole."""
    return isinstance(data, Source) or _library_type(data) is not None


def _library_type(data: Any) -> type[Source] | None:
    for kind in type(data).__mro__:
        module = kind.__module__ or ""
        if kind.__name__ == "Dataset" and module.startswith("pyarrow."):
            return _Dataset
        if kind.__name__ == "LazyFrame" and module.startswith("polars."):
            return _LazyFrame
        if kind.__name__ == "DuckDBPyRelation" and module.partition(".")[0] in (
            "duckdb",
            "_duckdb",
        ):
            return _Relation
    return None


def as_source(data: Any) -> Source:
    """A table to read part by part, as it is or from its library."""
    if isinstance(data, Source):
        return data
    kind = _library_type(data)
    if kind is None:
        raise TypeError(
            f"X must be files, a pyarrow Dataset, a Polars LazyFrame or a DuckDB relation, "
            f"got {type(data).__name__}"
        )
    return kind(data)  # type: ignore[call-arg]
