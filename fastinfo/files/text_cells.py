"""Select cells of columns of text: the first, the distinct, and those that are not marks."""

from __future__ import annotations

from typing import Any

_SEEN = 200


def encoded_cells(column: Any) -> Any:
    """A column of text with one dictionary."""
    import pyarrow as pa

    if not isinstance(column, pa.ChunkedArray):
        column = pa.chunked_array([column])
    if column.type == pa.string_view():
        column = column.cast(pa.large_string())
    if pa.types.is_dictionary(column.type):
        return column.unify_dictionaries()
    return column.dictionary_encode()


def different_cells(column: Any) -> tuple[Any, Any]:
    """The distinct cells of a column, and how often each occurs."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    counts = pc.value_counts(column.drop_null())
    return counts.field(0).cast(pa.string()), counts.field(1)


def without(column: Any, marks: frozenset[str]) -> Any:
    """A column of text in which marks become missing values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    text = column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column
    marked = pc.is_in(text, pa.array(sorted(marks), text.type))
    if not pc.any(marked).as_py():
        return column
    return pc.if_else(marked, pa.scalar(None, text.type), text)


def some_cells(column: Any, n: int = _SEEN) -> list[str]:
    """The first cells of a column of text that are not missing."""
    cells: list[str] = []
    for chunk in getattr(column, "chunks", [column]):
        start = 0
        while len(cells) < n and start < len(chunk):
            some = chunk.slice(start, 4 * n)
            cells += [str(cell) for cell in some.to_pylist() if cell is not None]
            start += 4 * n
    return cells[:n]
