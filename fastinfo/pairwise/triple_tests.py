"""Results of many tests of conditional independence, with one row for each triple of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

from fastinfo._columns.information_units import unit_name
from fastinfo._columns.named_rows import NamedRows
from fastinfo._core.messages import listed


class TripleTest(NamedTuple):
    """
    One test of conditional independence.

    Attributes
    ----------
    x, y : str
        Names of the columns that are tested.
    given : tuple of str
        Names of the columns to condition on.
    cmi : float
        Plug-in conditional mutual information, in nats unless `base` is given.
    statistic : float
        Twice the log-likelihood ratio, ``2 n I(x; y | given)`` in nats.
    dof : int
        Degrees of freedom: the sum of ``(rows - 1) (columns - 1)`` over the tables of all strata.
    pvalue : float
        Probability of a statistic at least as large if x and y are independent given the others.
    adjusted_pvalue : float
        P-value adjusted for the number of tests (Benjamini-Hochberg).
    n : int
        Number of rows without a missing value in these columns.
    """

    x: str
    y: str
    given: tuple[str, ...]
    cmi: float
    statistic: float
    dof: int
    pvalue: float
    adjusted_pvalue: float
    n: int


class ConditionalTests(NamedRows[TripleTest]):
    """
    Tests of conditional independence, in the order in which they were requested.

    :func:`fastinfo.conditional_independence_tests` returns it. It is a sequence of
    :class:`TripleTest`. When printed, it is a table.

    Parameters
    ----------
    rows : sequence of TripleTest
        The tests.
    base : float or None
        Base of the logarithm; None means nats.
    alpha : float
        Tests with an adjusted p-value up to this level are significant.

    Examples
    --------
    >>> import fastinfo
    >>> table = {"a": [0, 0, 1, 1] * 20, "b": [0, 1, 0, 1] * 20, "c": [0, 1, 1, 0] * 20}
    >>> tests = fastinfo.conditional_independence_tests(table, [("a", "b", None), ("a", "b", "c")])
    >>> [row.pvalue < 0.05 for row in tests]  # c is XOR of the others
    [False, True]
    """

    _called = "tests"
    _fields = TripleTest._fields
    _formats: ClassVar[dict[str, str]] = {
        "cmi": "z.6f",
        "statistic": "z.2f",
        "dof": "d",
        "pvalue": ".3g",
        "adjusted_pvalue": ".3g",
        "n": "d",
    }
    _named = ("x", "y", "given")

    def __init__(
        self, rows: Sequence[TripleTest], *, base: float | None = None, alpha: float = 0.05
    ) -> None:
        super().__init__(rows)
        self.base = base
        self.alpha = alpha

    def _with_rows(self, rows: Sequence[TripleTest]) -> ConditionalTests:
        return ConditionalTests(rows, base=self.base, alpha=self.alpha)

    def _cell(self, field: str, value: Any) -> str:
        return listed(value) if field == "given" else super()._cell(field, value)

    def _summary(self) -> str:
        n = len(self.significant())
        return f"{len(self):,} tests, {n:,} significant; {unit_name(self.base)}"

    def significant(self) -> ConditionalTests:
        """Return the tests whose adjusted p-value is at most `alpha`, in the same order."""
        return self._with_rows([row for row in self.rows if row.adjusted_pvalue <= self.alpha])
