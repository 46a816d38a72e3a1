"""Summary of a table, with one row for each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from fastinfo._columns.named_rows import NamedRows
from fastinfo._core.messages import shown_name

_LONGEST = 30  # characters of a value, in text


class DescribedColumn(NamedTuple):
    """
    Summary of one column.

    Attributes
    ----------
    name : str
        Name of the column.
    kind : str
        How a ranking treats the column. "numbers", "whole numbers", "dates", "dates and times",
        "times of day", "durations" and "periods" are binned, unless "as labels" is added. "labels"
        and "true/false" are labels. "nothing" means that all values are missing. "left out" means
        that the column can be neither binned nor used as labels.
    n_levels : int
        Number of different values, without missing and infinite ones.
    exact : bool
        Whether `n_levels` is exact. If not, it is an estimate with a standard error of 1.6 %.
    n_missing : int
        Number of rows without a value.
    n_infinite : int
        Number of rows with an infinite value.
    least, most : object
        The smallest and the largest finite value of numbers, dates and times, with the type of the
        table; None for other columns.
    common : object
        The most frequent label; None if the column is not labels, or if it is unknown.
    alerts : str
        Remarks about the column, joined by "; "; "" if there are none.
    """

    name: str
    kind: str
    n_levels: int
    exact: bool
    n_missing: int
    n_infinite: int
    least: Any
    most: Any
    common: Any
    alerts: str


class Description(NamedRows[DescribedColumn]):
    """
    Summary of the columns of a table, in the order of the table.

    :func:`fastinfo.describe` returns it. It is a sequence of :class:`DescribedColumn`. Index it by
    position or by name, ``description["age"]``. When printed, it is a table.

    Parameters
    ----------
    rows : sequence of DescribedColumn
        One row for each column.
    n_rows : int
        Number of rows of the table.

    Examples
    --------
    >>> import fastinfo
    >>> description = fastinfo.describe({"age": [22.5, 38.0, None], "sex": ["f", "m", "f"]})
    >>> description["age"].most, description["sex"].common, description.n_rows
    (38.0, 'f', 3)
    """

    _called = "description"
    _fields = DescribedColumn._fields
    _formats: ClassVar[dict[str, str]] = {"n_levels": "d", "n_missing": "d", "n_infinite": "d"}

    _in_text = tuple(field for field in _fields if field != "exact")
    _brief = ("name", "kind", "n_levels", "n_missing", "n_infinite", "least", "most", "alerts")

    def __init__(self, rows: Sequence[DescribedColumn], *, n_rows: int = 0) -> None:
        super().__init__(rows)
        self.n_rows = n_rows

    def _with_rows(self, rows: Sequence[DescribedColumn]) -> Description:
        return Description(rows, n_rows=self.n_rows)

    def alerts(self) -> dict[str, str]:
        """Return the alerts of all columns that have one, by column name."""
        return {row.name: row.alerts for row in self.rows if row.alerts}

    def _cells(self, row: DescribedColumn, shown: Sequence[str]) -> tuple[str, ...]:
        cells = super()._cells(row, shown)
        estimate = not row.exact
        return tuple(
            f"~{cell}" if estimate and field == "n_levels" else cell
            for field, cell in zip(shown, cells, strict=True)
        )

    def _cell(self, field: str, value: Any) -> str:
        if field in ("least", "most", "common"):
            return shown_value(value)
        return super()._cell(field, value)


def shown_levels(row: DescribedColumn, form: str = "d") -> str:
    """Format the number of different values, with "~" before an estimate."""
    return ("" if row.exact else "~") + format(row.n_levels, form)


def shown_value(value: Any, longest: int = _LONGEST) -> str:
    """Format a value: short, on one line, "" for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = shown_name(value if isinstance(value, str) else str(value))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
