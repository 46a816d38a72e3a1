"""Results that are rows with names: sequences that print as a table and go into data frames."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Generic, TypeVar, overload

from fastinfo._core.messages import printable, shown_name

R = TypeVar("R", bound=tuple[Any, ...])


class NamedRows(Sequence[R], Generic[R]):
    """Rows of one kind of named tuple."""

    _fields: ClassVar[tuple[str, ...]]  #: names of the columns
    _formats: ClassVar[dict[str, str]] = {}  #: how numbers are printed, by column
    _called = "rows"  #: what they are together, for errors

    def __init__(self, rows: Sequence[R]) -> None:
        self.rows = tuple(rows)

    def _with_rows(self, rows: Sequence[R]) -> Any:
        """A copy with other rows."""
        return type(self)(rows)

    @overload
    def __getitem__(self, index: int | str) -> R: ...
    @overload
    def __getitem__(self, index: slice) -> Any: ...
    def __getitem__(self, index: int | str | slice) -> Any:
        if isinstance(index, slice):
            return self._with_rows(self.rows[index])
        if not isinstance(index, str):
            return self.rows[index]
        for row, name in zip(self.rows, self.names, strict=True):
            if name == index:
                return row
        raise KeyError(f"there is no column {index!r} in the {self._called}")

    @property
    def names(self) -> list[str]:
        """Names of the columns, in the order of the rows."""
        place = self._fields.index("name")
        return [row[place] for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows)

    def to_dict(self) -> dict[str, list[Any]]:
        """Return the rows by columns: a list for each field."""
        return {field: [getattr(row, field) for row in self.rows] for field in self._fields}

    def to_pandas(self) -> Any:
        """Return the rows as a pandas DataFrame."""
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_pandas needs pandas: pip install pandas") from error
        return pd.DataFrame(self.to_dict())

    def to_polars(self) -> Any:
        """Return the rows as a Polars DataFrame."""
        try:
            import polars as pl
        except ImportError as error:
            raise ImportError("to_polars needs Polars: pip install polars") from error
        return pl.DataFrame(self.to_dict())

    def to_text(self, top: int | None = None) -> str:
        """Return the first `top` rows, or all, as plain text in columns: no colours, no frames."""
        lines = [self._fields, *(self._cells(row) for row in self.rows[:top])]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(
                [line[0].ljust(widths[0])]
                + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
            )
            for line in lines
        )

    def _cells(self, row: R) -> tuple[str, ...]:
        return tuple(map(self._cell, self._fields, row))

    def _cell(self, field: str, value: Any) -> str:
        if isinstance(value, str):
            return shown_name(value) if field == "name" else printable(value)
        return format(value, self._formats[field])

    def __repr__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in self._fields)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in self._cells(row)) + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
