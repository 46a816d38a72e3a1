"""Results that consist of named rows: sequences that print as tables and become data frames."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Generic, TypeVar, overload

from fastinfo._columns.shortened_names import cells_of, shortened
from fastinfo._core.messages import printable, shown_name

R = TypeVar("R", bound=tuple[Any, ...])

_MOST_ROWS, _MOST_IN_HTML = 20, 60  # rows that are shown by default
_WIDTH = 80  # cells in a line
_SHORTEST = 8  # texts are not shortened below this many cells


class NamedRows(Sequence[R], Generic[R]):
    """Rows of named tuples of the same type."""

    _fields: ClassVar[tuple[str, ...]]  #: names of the columns
    _formats: ClassVar[dict[str, str]] = {}  #: how numbers are printed, by column
    _named: ClassVar[tuple[str, ...]] = ("name",)  #: columns that hold names
    _brief: ClassVar[tuple[str, ...]] = ()  #: columns of the short form; by default all
    _in_text: ClassVar[tuple[str, ...]] = ()  #: columns of the full text; by default all
    _called = "rows"  #: what the rows are called in errors

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

    def __contains__(self, row: object) -> bool:
        return row in (self.names if isinstance(row, str) else self.rows)

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
        """Return a dictionary with a list for each field."""
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
        """Return the first `top` rows, or all, as a plain text table without colours or frames."""
        shown = self._in_text or self._fields
        lines = [shown, *(self._cells(row, shown) for row in self.rows[:top])]
        return _aligned(lines, [True] + [False] * (len(shown) - 1))

    def _cells(self, row: R, shown: Sequence[str]) -> tuple[str, ...]:
        return tuple(self._cell(field, getattr(row, field)) for field in shown)

    def _cell(self, field: str, value: Any) -> str:
        if isinstance(value, str):
            return shown_name(value) if field in self._named else printable(value)
        return format(value, self._formats[field])

    def _summary(self) -> str:
        """A summary of the rows in one line."""
        return f"{len(self.rows)} rows"

    def __repr__(self) -> str:
        """The first rows, in lines of at most 80 cells; `to_text` has all rows in full."""
        rows = self.rows[:_MOST_ROWS]
        fields, texts = [], []
        for field in self._brief or self._fields:
            text = field not in self._formats
            if not text or field in self._named or any(getattr(row, field) for row in rows):
                fields.append(field)
                texts.append(text)
        lines = [fields, *([self._cell(f, getattr(row, f)) for f in fields] for row in rows)]
        widths = _fitting([max(map(cells_of, c)) for c in zip(*lines, strict=True)], texts)
        cut = [list(map(shortened, line, widths)) for line in lines]
        more = len(self.rows) - len(rows)
        below = [f"… and {more:,} more"] if more else []
        lines_cut = [line.rstrip() for line in _aligned(cut, texts).split("\n")]
        return "\n".join([*lines_cut, *below, f"[{self._summary()}]"])

    def _repr_html_(self) -> str:
        shown = self._in_text or self._fields
        head = "".join(f"<th>{name}</th>" for name in shown)
        body = ""
        for row in self.rows[:_MOST_IN_HTML]:
            cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in self._cells(row, shown))
            body += f"<tr>{cells}</tr>"
        more = len(self.rows) - _MOST_IN_HTML
        if more > 0:
            body += f'<tr><td colspan="{len(shown)}">… and {more} more</td></tr>'
        caption = f"<caption>{html.escape(self._summary())}</caption>"
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _fitting(widths: list[int], texts: Sequence[bool]) -> list[int]:
    """Widths of columns that fit into a line; the longest texts are shortened first."""
    room = _WIDTH - 2 * (len(widths) - 1)
    room -= sum(width for width, text in zip(widths, texts, strict=True) if not text)
    left = sorted((width, i) for i, width in enumerate(widths) if texts[i])
    found = list(widths)
    for k, (width, i) in enumerate(left):
        found[i] = min(width, max(room // (len(left) - k), _SHORTEST))
        room -= found[i]
    return found


def _aligned(lines: Sequence[Sequence[str]], texts: Sequence[bool]) -> str:
    """Lines of aligned cells: texts on the left, numbers on the right."""
    widths = [max(map(cells_of, column)) for column in zip(*lines, strict=True)]
    out = []
    for line in lines:
        cells = []
        for cell, width, text in zip(line, widths, texts, strict=True):
            room = " " * (width - cells_of(cell))
            cells.append(cell + room if text else room + cell)
        out.append("  ".join(cells))
    return "\n".join(out)
