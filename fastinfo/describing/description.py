"""What a table holds, as rows: one for each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from fastinfo._columns.named_rows import NamedRows
from fastinfo._core.messages import shown_name

_LONGEST = 30  # characters of a value, in text


class DescribedColumn(NamedTuple):
    """
    What one column holds.

    Attributes
    ----------
    name : str
        The column.
    kind : str
        What a ranking takes it for: "numbers", "whole numbers", "dates", "dates and times", "times
        of day", "durations" and "periods" are put into bins, each of which is followed by "as
        labels" where it is not; "labels" and "true/false" are labels. "nothing" where all is
        missing, "left out" where it can be neither.
    n_levels : int
        How many different values it has, missing ones and infinite ones apart.
    exact : bool
        Whether that is their number, and not an estimate, which is off by some 2 %.
    n_missing : int
        Rows without a value.
    n_infinite : int
        Rows with an infinite number.
    least, most : object
        The smallest and the largest value of numbers and times, infinite ones apart, as they are in
        the table; None for all else.
    common : object
        The label that most rows have; None for what is no label, and where it is not known.
    alerts : str
        What to know of the column, joined by "; ": "" for nothing.
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
    What the columns of a table hold, in the order of the table.

    A sequence of :class:`DescribedColumn`. Rows are also found by name, ``description["age"]``; it
    prints as a table.

    Parameters
    ----------
    rows : sequence of DescribedColumn
        The columns.
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
        """Alerts of the columns that have some, by name."""
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
    """How many different values a column has, as people are shown it; "~" before an estimate."""
    return ("" if row.exact else "~") + format(row.n_levels, form)


def shown_value(value: Any, longest: int = _LONGEST) -> str:
    """A value of a column as people are shown it: short, on one line, "" for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = shown_name(value if isinstance(value, str) else str(value))
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
