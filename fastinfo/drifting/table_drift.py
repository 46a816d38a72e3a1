"""How the columns of two tables differ, as rows: one for each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows


class ColumnDrift(NamedTuple):
    """
    How one column differs between a reference and a current table.

    All values are NaN where one of the tables has no row to count.

    Attributes
    ----------
    name : str
        The column.
    psi : float
        Population stability index, ``sum((p - q) log(p / q))`` over the cells, for their shares `p`
        of the reference and `q` of the current table: in nats, whatever the base. A cell that is
        empty in one of them counts as half a row there.
    js : float
        Jensen-Shannon divergence of the shares, in units of the base: 0 where they are the same, at
        most ``log 2``, which is 1 bit.
    information : float
        Mutual information between the cell and the table that a row is of, in units of the base. It
        depends on the sizes of the tables; of equally large ones it is `js`.
    pvalue : float
        Of both tables being of one population: of `information` among all tables with the same
        margins.
    adjusted_pvalue : float
        The p-value after Benjamini and Hochberg, over all columns.
    g2 : float
        G statistic, ``2 n I`` in nats.
    test : str
        What the p-value is of: "g" or "permutation"; "" where there is none.
    levels : int
        Bins or labels that occur in one of the tables, missing apart.
    n_reference, n_current : int
        Rows with a value.
    n_missing_reference, n_missing_current : int
        Rows without one.
    note : str
        What to know of the column, joined by "; ": "constant", "nearly unique" labels, "new
        levels" that the reference has not, how much of the current table is "outside reference",
        the range of that, and columns of which the tables hold another type.
    """

    name: str
    psi: float
    js: float
    information: float
    pvalue: float
    adjusted_pvalue: float
    g2: float
    test: str
    levels: int
    n_reference: int
    n_current: int
    n_missing_reference: int
    n_missing_current: int
    note: str


class TableDrift(NamedRows[ColumnDrift]):
    """
    How the columns of two tables differ, the ones that differ most first.

    A sequence of :class:`ColumnDrift`. Rows are also found by name, ``found["age"]``; it prints as
    a table.

    Parameters
    ----------
    rows : sequence of ColumnDrift
        The columns.
    base : float, optional
        Base of the logarithm; None is nats.
    alpha : float, optional
        Adjusted p-value up to which a column is significant.
    n_reference, n_current : int
        Number of rows of the tables.

    Examples
    --------
    >>> import fastinfo
    >>> reference = {"age": [20, 30, 40, 50] * 50, "sex": ["f", "m"] * 100}
    >>> current = {"age": [20, 30, 40, 50] * 50, "sex": ["f", "m", "m", "m"] * 50}
    >>> found = fastinfo.drift(reference, current)
    >>> found.names, found.significant().names, round(found["sex"].psi, 3)
    (['sex', 'age'], ['sex'], 0.275)
    """

    _called = "drift"
    _fields = ColumnDrift._fields
    _formats: ClassVar[dict[str, str]] = {
        "psi": "z.4f",
        "js": "z.6f",
        "information": "z.6f",
        "pvalue": ".3g",
        "adjusted_pvalue": ".3g",
        "g2": "z.4g",
        "levels": "d",
        "n_reference": "d",
        "n_current": "d",
        "n_missing_reference": "d",
        "n_missing_current": "d",
    }
    _brief = ("name", "psi", "js", "adjusted_pvalue", "note")

    def __init__(
        self,
        rows: Sequence[ColumnDrift],
        *,
        base: float | None = None,
        alpha: float = 0.05,
        n_reference: int = 0,
        n_current: int = 0,
    ) -> None:
        super().__init__(rows)
        self.base = base
        self.alpha = alpha
        self.n_reference = n_reference
        self.n_current = n_current

    def _with_rows(self, rows: Sequence[ColumnDrift]) -> TableDrift:
        sizes = {"n_reference": self.n_reference, "n_current": self.n_current}
        return TableDrift(rows, base=self.base, alpha=self.alpha, **sizes)

    def _summary(self) -> str:
        return (
            f"{len(self):,} columns, {len(self.significant()):,} significant; "
            f"{self.n_reference:,} and {self.n_current:,} rows; {unit_name(self.base)}"
        )

    def significant(self) -> TableDrift:
        """Columns whose adjusted p-value is at most `alpha`, in the same order."""
        return self._with_rows([row for row in self.rows if row.adjusted_pvalue <= self.alpha])

    def notes(self) -> dict[str, Any]:
        """Notes of the columns that have some, by name."""
        return {row.name: row.note for row in self.rows if row.note}
