"""Parts of a table: their columns by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastinfo._tables.features import Features, refuse_nested
from fastinfo._tables.table_readers import opened
from fastinfo.files.sources import Source


def as_part(X: Any, names: Sequence[Any]) -> list[Any]:
    """
    Columns of a part of a table, by name, as they came; or those of an array, in order.

    Raises
    ------
    TypeError, ValueError
        If it is neither, or a column is missing.
    """
    data = opened(X, small=False)
    known = [*data.names, *data.nested, *(data.keys if isinstance(data, Features) else ())]
    if isinstance(data, Features) and data.is_matrix:
        if len(known) != len(names):
            shape = data.n_rows, len(known)
            raise ValueError(
                f"X must be two-dimensional with {len(names)} columns, got shape {shape}"
            )
        return list(data.columns if data.array is None else data.array.T)
    there = set(known)
    absent = [name for name in names if name not in there]
    if absent:
        shown = list(dict.fromkeys(map(str, known)))[:20]
        raise ValueError(f"a part of the data has no column {absent[0]!r}, only {shown}")
    if isinstance(data, Source):
        nested = [name for name in names if name in data.nested]
        if nested:
            refuse_nested(nested[0], data.nested)
        data = opened(data.table(names))
        assert isinstance(data, Features)
    return [data.columns[place] for place in data.places_of(names)]


def rows_of_part(columns: Sequence[Any]) -> int:
    """Number of rows."""
    return len(columns[0])


def check_column_names(names: Sequence[str]) -> None:
    """Refuse no names, and the same one twice."""
    if not len(names):
        raise ValueError("names must hold at least one column, got none")
    if len(set(names)) < len(names):
        raise ValueError(f"names must differ, got {list(names)!r:.80}")
