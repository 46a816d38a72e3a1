"""Columns of a table in memory, as they came, and their names."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from fastinfo._column_readers.sparse_columns import SparseColumns
from fastinfo._core.checks import Array


class Features(NamedTuple):
    """Columns as they came: one array, or values by name."""

    names: list[str]
    array: Array | None  #: (n, f)
    columns: Sequence[Any]  #: of a table, or of a sparse matrix
    keys: Sequence[Hashable] = ()  #: names of a table as they are, which may be no strings
    places: Sequence[int] = ()  #: of the columns in the table, the target and the array apart
    nested: Mapping[Any, str] = {}  #: columns that are left out, and their types
    taken: Mapping[str, str] = {}  #: columns of text in a file that were taken as something else

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.columns[0]) if self.array is None else len(self.array)

    @property
    def is_matrix(self) -> bool:
        """Whether the columns are those of an array or a sparse matrix, which have no names."""
        return self.array is not None or isinstance(self.columns, SparseColumns)

    @property
    def labelled(self) -> Any:
        """A column that has the labels of the rows, where any has them."""
        return None if self.is_matrix or not self.columns else self.columns[0]

    def values(self, i: int) -> Any:
        """One column."""
        return self.columns[i] if self.array is None else self.array[:, i]

    def part(self, first: int, last: int) -> Features:
        """Columns from `first` to `last`."""
        array = None if self.array is None else self.array[:, first:last]
        return Features(self.names[first:last], array, self.columns[first:last])

    def chosen(self, places: Sequence[int]) -> Features:
        """Some of the columns; those of an array are copied where others are between them."""
        if len(places) == places[-1] - places[0] + 1:
            return self.part(places[0], places[-1] + 1)
        array = None if self.array is None else self.array[:, list(places)]
        columns: Sequence[Any] = self.columns
        if isinstance(columns, SparseColumns):
            columns = columns.take(places)
        elif columns:
            columns = [columns[i] for i in places]
        return Features([self.names[i] for i in places], array, columns)

    def places_of(self, wanted: Sequence[Any], argument: str = "y") -> list[int]:
        """Where the columns of some names are, which may be written out."""
        pairs = [(key, i) for keys in (self.keys, self.names) for i, key in enumerate(keys)]
        known = dict(reversed(pairs))  # of two equal ones the first
        for key in wanted:
            if key not in known:
                refuse_nested(key, self.nested)
                raise ValueError(
                    f"{argument} must be a column of X, one of {self.names}, got {key!r}"
                )
        return [known[key] for key in wanted]

    def without(self, i: int) -> Features:
        """The other columns of a table."""
        found = [[*old[:i], *old[i + 1 :]] for old in (self.names, self.columns, self.keys)]
        gone = self.places[i]
        places = [place - (place > gone) for place in self.places if place != gone]
        return Features(found[0], None, found[1], found[2], places, self.nested)


def refuse_nested(key: Any, nested: Mapping[Any, str]) -> None:
    """Raise where a name is that of a nested column."""
    for name, kind in nested.items():
        if key in (name, str(name)):
            raise TypeError(f"column {str(name)!r} must hold numbers or labels, got nested {kind}")
