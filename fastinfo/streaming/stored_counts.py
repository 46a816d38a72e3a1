"""Counts of columns as plain values: for JSON, and in compact form for checkpoints."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Self

from fastinfo._columns.notes import warn_of_infinite, warn_of_outside
from fastinfo._core.as_json import listed, plain_head, reading_plain
from fastinfo._counts.as_json import plain_table, tables_from_plain
from fastinfo._counts.packed import packed_tables, tables_from_packed
from fastinfo._counts.table import Table
from fastinfo._tables.parts import check_column_names
from fastinfo.streaming.streamed_column import StreamedColumn


class StoredCounts:
    """Counts that can be written, as a head and tables, and read again."""

    _kind: ClassVar[str]  #: their name in the plain values

    surveyed = False  #: whether the ranges come from all rows

    def warn_of_outside(self) -> None:
        """Warn about infinite samples, which lie outside edges that the user did not give."""
        pairs = zip(self.streamed(), self.dropped(), strict=True)
        outside = {c.name: n for c, (n, _) in pairs if c.edges is not None and not c.given}
        (warn_of_infinite if self.surveyed else warn_of_outside)(outside)

    @abstractmethod
    def streamed(self) -> list[StreamedColumn]:
        """The columns."""

    @abstractmethod
    def dropped(self) -> list[tuple[int, int]]:
        """For each column, the number of samples outside the edges, and of missing samples."""

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain values that JSON can hold."""
        head = plain_head(self._kind) | self._plain()
        return head | {"tables": [plain_table(table) for table in self._stored()]}

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        """Read the result of :meth:`to_dict`; ``ValueError`` if the data is something else."""
        with reading_plain(data, cls._kind):
            found = cls._read(data, tables_from_plain)
        return found

    def _to_state(self) -> dict[str, Any]:
        return self._plain() | {"tables": packed_tables(self._stored())}

    @classmethod
    def _from_state(cls, state: Any) -> Self:
        return cls._read(state, tables_from_packed)

    @property
    def _size(self) -> int:
        return sum(table.values.nbytes for table in self._stored())

    @abstractmethod
    def _stored(self) -> Sequence[Table]:
        """The tables."""

    @abstractmethod
    def _plain(self) -> dict[str, Any]:
        """Everything except the tables."""

    @classmethod
    @abstractmethod
    def _read(cls, data: Any, read_tables: Callable[..., list[Table]]) -> Self:
        """The counts from plain values; `read_tables` reads their tables."""


def columns_from_plain(plain: Any) -> list[StreamedColumn]:
    """Columns from plain values; their names must differ."""
    columns = [StreamedColumn.from_dict(one) for one in listed(plain, "columns", dict)]
    check_column_names([column.name for column in columns])
    return columns
