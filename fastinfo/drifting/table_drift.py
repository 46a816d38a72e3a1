"""Differences of the columns of two tables, with one row for each column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows


class ColumnDrift(NamedTuple):
    """
    Difference of one column between a reference and a current table.

    All values are NaN if one of the tables has no row to count.

    Attributes
    ----------
    name : str
        Name of the column.
    psi : float
        Population stability index, ``sum((p - q) log(p / q))`` over the cells (bins or labels),
        where `p` is the share of a cell in the reference, and `q` in the current table. Always in
        nats. A cell that is empty in one table counts as half a row there.
    js : float
        Jensen-Shannon divergence of the shares, in nats unless `base` is given: 0 if they are
        equal, and at most ``log 2``, which is 1 bit.
    information : float
        Mutual information between the cell of a row and the table it comes from, in nats unless
        `base` is given. It depends on the sizes of the tables, and equals `js` for equal sizes.
    pvalue : float
        P-value for the hypothesis that both tables come from one population: the probability of at
        least this `information` in tables with the same margins.
    adjusted_pvalue : float
        P-value adjusted for the number of columns (Benjamini-Hochberg).
    g2 : float
        G statistic, ``2 n I`` in nats.
    test : str
        Test that gives the p-value: "g" or "permutation"; "" if there is none.
    levels : int
        Number of bins or labels that occur in either table, without missing values.
    n_reference, n_current : int
        Number of rows with a value.
    n_missing_reference, n_missing_current : int
        Number of rows without a value.
    note : str
        Remarks, joined by "; ". They are: "constant"; "nearly unique" for labels; the shares of
        "missing" values, if these are a level and differ by at least 1 % of the rows; "new levels",
        which the reference does not have; "outside reference", the share of the current table that
        is outside the range of the reference; and different types in the two tables.
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
    Result of :func:`fastinfo.drift`: differences of the columns of two tables.

    It is a sequence of :class:`ColumnDrift`. Significant columns come first, sorted by `js`. Index
    it by position or by name, ``found["age"]``. When printed, it is a table.

    Parameters
    ----------
    rows : sequence of ColumnDrift
        One row for each column.
    base : float, optional
        Base of the logarithm; None means nats.
    alpha : float, optional
        Columns with an adjusted p-value up to this level are significant.
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
        """Return the columns whose adjusted p-value is at most `alpha`, in the same order."""
        return self._with_rows([row for row in self.rows if row.adjusted_pvalue <= self.alpha])

    def notes(self) -> dict[str, Any]:
        """Return the notes of all columns that have one, by column name."""
        return {row.name: row.note for row in self.rows if row.note}
