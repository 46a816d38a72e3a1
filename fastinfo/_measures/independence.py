"""Whether a table of counts could be chance: p-values, with a method chosen by the margins only.

Under the null hypothesis, samples are permuted, so tables with the same margins have known
probabilities. The p-value is the probability that ``n I`` is at least the observed one.

- Well-filled tables: the chi-squared distribution of the G-test.
- Two rows and two columns: the sum over all tables.
- Others: a gamma distribution with scale 1, like that of ``n I`` in well-filled tables, with the
  exact mean and variance of ``n I`` over all tables: ``Q(v, n I - mean + v)``.
- If ``n I`` takes few values: drawn tables, and that distribution below what draws can resolve. All
  tables with one large row and the same columns are drawn from the same labels.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._counts.distinct_sizes import Distinct, distinct_sizes
from fastinfo._counts.table import Table
from fastinfo._measures.gamma_tails import chi2_sf
from fastinfo._measures.information import information_of
from fastinfo._measures.nulls.drawn_tables import (
    Null,
    draw,
    drawn_tail,
    gamma_tail,
    raised_law,
)
from fastinfo._measures.nulls.margins import Margin, of_sizes
from fastinfo._measures.shown_results import short_html, short_repr
from fastinfo.kernels.information import independence as kernels
from fastinfo.kernels.information.expected import expected_mutual_information

FILLED = 5.0  #: a cell with at least so many expected samples is filled
COARSE = 100.0  #: the same for a 2 x 2 table, whose information takes fewer values
SHIFT = 0.05  #: the mean of G may differ from chi-squared's by so many standard deviations
SMOOTH = 10.0  #: with at least this variance, n I takes so many values that it is nearly continuous
UNLIKELY = 1e-3  #: smaller p-values are compared with the probability of the observed table
_PART = 2.0  # expected samples per cell in a part of the table
_PART_DOF = 4  # degrees of freedom of a part that make the information nearly continuous
PAIRS = 4000  #: with more distinct pairs of sizes, similar sizes are combined
_ALIKE = 1.2  # the largest ratio of similar sizes
_APART = 16.0  # sizes up to this are never combined
_ROUNDING = 1e-13
_LEAST = sys.float_info.min


class IndependenceTest(NamedTuple):
    """Result of a test of independence."""

    statistic: float  #: twice the log-likelihood ratio, ``2 n I(x; y)`` in nats
    pvalue: float  #: upper tail of the chi-squared distribution
    dof: int  #: (rows - 1) (columns - 1), of rows and columns that occur

    def __repr__(self) -> str:
        return short_repr("IndependenceTest", self._asdict())

    def _repr_html_(self) -> str:
        return short_html("Test of independence (G-test)", self._asdict())


class Tested(NamedTuple):
    """Result of a test of independence, by any method."""

    pvalue: float  #: NaN if nothing was counted
    test: str  #: "g" for the G-test, "permutation" for tables with the same margins


def g_test(table: Table) -> IndependenceTest:
    """The G-test of the rows and columns that occur, for the effective number of samples."""
    rows, columns = table.occurring
    dof = max(rows - 1, 0) * max(columns - 1, 0)
    statistic = 2.0 * (table.n / table.unit) * information_of(table)
    pvalue = chi2_sf(statistic, float(dof)) if dof else 1.0
    return IndependenceTest(statistic, pvalue, dof)


def test_independence(
    table: Table,
    information: float | None = None,  # noqa: PT028
    expected: float | None = None,  # noqa: PT028
    by_rows: Callable[[], float] | None = None,  # noqa: PT028
) -> Tested:
    """
    p-value of the mutual information of a table among all tables with its margins.

    `information` and `expected`, its mean over these tables, are in nats, or None if unknown.
    `by_rows` finds the p-value of weighted counts if cells are thin.
    """
    x, y = table.sizes
    first, second = of_sizes(x), of_sizes(y)
    if second < first:
        first, second, x, y = second, first, y, x
    n = float(table.n)
    if not first.levels:
        return Tested(math.nan, "g")
    if information is None:
        information = information_of(table)
    if table.weighted or table.exact is not None or n >= 2.0**53:
        # Weights can't be permuted: use G for the effective number of samples.
        n = float(table.effective.n)
        margins = table.effective.x_counts, table.effective.y_counts
        return _of_weights(n * information, *margins, by_rows)
    law = Law(first, second, float(x.sizes[0]) * float(y.sizes[0]), n)
    law.know(x, y, expected)
    pvalue = law.pvalue(
        n * information, lambda scale: float(kernels.fixed_sum(table.counts, scale))
    )
    return Tested(pvalue if law.test == "g" else _bounded(pvalue, table), law.test)


class Law:
    """
    The distribution of ``n I`` over all tables with some margins, chosen by the margins only.

    `first` is the margin that comes first in the order of tuples. `product` is the product of the
    smallest sizes.
    """

    __slots__ = ("_raised", "first", "kind", "least", "mean", "n", "null", "second", "variance")

    def __init__(self, first: Margin, second: Margin, product: float, n: float) -> None:
        self.first, self.second, self.n = first, second, n
        self.least = product / n
        self._raised: float | None = None
        self.mean = self.variance = math.nan
        self.null: Null | None = None
        self.kind = ""  #: "fixed", "two by two", "g", "smooth" or "drawn"; "" until known

    @property
    def test(self) -> str:
        """The name of the test."""
        return "g" if self.kind == "g" else "permutation"

    def know(self, x: Distinct, y: Distinct, expected: float | None) -> None:
        """Find the distribution for margins of these sizes, given in the order of the law."""
        self.begin(x, y)
        if self.kind:
            return
        self.end(*_moments(self.first, self.second, self.n, expected))
        if self.is_drawn:
            self.draw()

    @property
    def is_drawn(self) -> bool:
        """Whether ``n I`` takes so few values that tables are drawn."""
        return self.kind == "drawn"

    def begin(self, x: Distinct, y: Distinct) -> None:
        """Decide what can be decided without moments and draws."""
        first, second = self.first, self.second
        if first.levels == 1 or 1.0 in (x.sizes[-1], y.sizes[-1]):
            self.kind = "fixed"  # all tables have the same information
        elif second.levels == 2 and self.least < COARSE:
            self.kind = "two by two"
        elif self.least >= FILLED:
            dof = (first.levels - 1) * (second.levels - 1)
            self.kind = "g" if _g_shift(x, y, dof, self.n) <= SHIFT else ""

    def end(self, mean: float, variance: float) -> None:
        """Set the mean and the variance."""
        self.mean, self.variance = mean, variance
        smooth = self.least >= FILLED or variance >= SMOOTH
        smooth = smooth or _is_blurred(self.first, self.second, self.n)
        self.kind = "smooth" if smooth else "drawn"

    def draw(self) -> None:
        """Draw tables, if this does not take long."""
        self.null = draw(self.first, self.second, self.n)
        self.kind = "smooth" if self.null is None else "drawn"

    def pvalue(self, observed: float, seen: Callable[[float], float]) -> float:
        """p-value of ``n I``; ``seen(scale)`` is the observed sum in the units of the draws."""
        if self.kind == "fixed":
            return 1.0
        if self.kind == "two by two":
            a, b = (float(side.classes[0][0]) for side in (self.first, self.second))
            rounding = _ROUNDING * (observed + math.sqrt(self.n))
            return float(kernels.two_by_two(a, b, self.n, observed, rounding))
        if self.kind == "g":
            return _g_test(2.0 * observed, self.first, self.second)
        if self.null is None:
            spacing = 0.5 * _spacing(self.first, self.second)
            return gamma_tail(observed - spacing, self.mean, self.variance)
        return self.of_draws(self.null, observed, seen(self.null.scale))

    def of_draws(self, null: Null, observed: float, seen: float) -> float:
        """p-value of ``n I`` by drawn tables; `seen` is the observed sum in their units."""

        def raised() -> float:
            if self._raised is None:
                moments = self.mean, self.variance, self.n
                self._raised = raised_law(null, self._offset, *moments)
            return self._raised

        return drawn_tail(seen, null, observed, self.mean, self.variance, self.n, raised)

    @property
    def _offset(self) -> float:
        """The difference between the sum of ``c log(c)`` over the cells and ``n I``."""
        sums = [
            math.fsum(times * size * math.log(size) for size, times in zip(*side, strict=True))
            for side in (
                tuple(map(np.ndarray.tolist, m.classes)) for m in (self.first, self.second)
            )
        ]
        return sums[0] + sums[1] - self.n * math.log(self.n)


def _margin(counts: Array) -> Margin:
    """Distinct sizes of the rows or columns that occur."""
    return of_sizes(distinct_sizes(counts))


def _g_test(statistic: float, first: Margin, second: Margin) -> float:
    """The p-value of the G-test, for as many samples as the sum of the margins."""
    dof = float((first.levels - 1) * (second.levels - 1))
    return chi2_sf(statistic, dof) if dof else 1.0


def _of_weights(
    observed: float, x_counts: Array, y_counts: Array, by_rows: Callable[[], float] | None
) -> Tested:
    """
    p-value of ``n I`` of effective samples; `observed` is its value.

    By the chi-squared distribution if cells are filled, else by the rows. Without rows, by the
    distribution for whole samples with nearly the same margins.
    """
    x_counts, y_counts = x_counts[x_counts > 0.0], y_counts[y_counts > 0.0]
    dof, n = (x_counts.size - 1) * (y_counts.size - 1), float(x_counts.sum())
    if dof <= 0:
        return Tested(1.0, "g")
    x, y = distinct_sizes(x_counts), distinct_sizes(y_counts)
    filled = float(x.sizes[0]) * float(y.sizes[0]) >= FILLED * n
    if filled and _g_shift(x, y, dof, n) <= SHIFT:
        return Tested(chi2_sf(2.0 * observed, float(dof)), "g")
    if by_rows is not None:
        return Tested(by_rows(), "permutation")
    x, y = (distinct_sizes(whole_sizes(counts)) for counts in (x_counts, y_counts))
    first, second = sorted((of_sizes(x), of_sizes(y)), key=lambda margin: margin[:])
    if min(first.levels, second.levels) < 2 or 1.0 in (x.sizes[-1], y.sizes[-1]):
        return Tested(1.0, "g")
    n = float((x.sizes * x.times).sum())
    return Tested(gamma_tail(observed, *_moments(first, second, n)), "g")


def whole_sizes(counts: Array) -> Array:
    """Effective counts as whole numbers with nearly the same sum, by largest remainders."""
    counts = counts[counts > 0.0]
    found = np.floor(counts)
    missing = max(round(float(counts.sum())), 1) - int(found.sum())
    if missing > 0:
        found[np.argsort(found - counts, kind="stable")[:missing]] += 1.0
    return found[found > 0.0]


def _g_shift(x: Distinct, y: Distinct, dof: int, n: float) -> float:
    """
    Approximate excess of the mean of G over that of chi-squared, in standard deviations.

    Williams 1976, https://doi.org/10.1093/biomet/63.1.33.
    """
    p, q = (n * float((side.times / side.sizes).sum()) - 1.0 for side in (x, y))
    return p * q / (6.0 * n * math.sqrt(2.0 * dof))


def _is_blurred(first: Margin, second: Margin, n: float) -> bool:
    """Whether a part of the table is filled so well that the information can take any value."""
    for rows, columns in ((first, second), (second, first)):
        (sizes, times), least = rows.classes, columns.classes[0][0]
        filled = int(times[sizes * least >= _PART * n].sum())
        if (filled - 1) * (columns.levels - 1) >= _PART_DOF:
            return True
    return False


def _spacing(first: Margin, second: Margin) -> float:
    """Distance of neighbouring values of ``n I`` if no level has more than two samples."""
    for rows, columns in ((first, second), (second, first)):
        if rows.classes[0][-1] <= 2.0:
            # The two samples of a level agree or not. With two levels of y, it takes two of these.
            return (4.0 if columns.levels == 2 else 2.0) * math.log(2.0)
    return 0.0


def _moments(
    first: Margin, second: Margin, n: float, expected: float | None = None
) -> tuple[float, float]:
    """Mean and variance of ``n I`` over the tables with these margins."""
    classes = first.classes, second.classes
    if classes[0][0].size * classes[1][0].size <= PAIRS:
        mean, variance = _exact_moments(first, second, n)
    else:
        mean, variance = math.nan, _exact_moments(_alike(first), _alike(second), n)[1]
    if expected is not None:
        mean = n * expected
    elif math.isnan(mean):
        mean = n * float(expected_mutual_information(*classes[0], *classes[1], n, True))
    return mean, variance


@functools.lru_cache(maxsize=256)
def _exact_moments(first: Margin, second: Margin, n: float) -> tuple[float, float]:
    """Mean (NaN if a cell is large) and variance."""
    mean, variance = kernels.moments(*first.classes, *second.classes, n, kernels.DEGREES)
    return float(mean), max(float(variance), 0.0)


def _alike(margin: Margin) -> Margin:
    """The margin, with similar sizes replaced by each other."""
    sizes, times = margin.classes
    groups = groups_of_alike(sizes)
    count = np.bincount(groups, times)
    total = np.bincount(groups, times * sizes)[count > 0.0]
    count = count[count > 0.0]
    return Margin(margin.levels, (total / count).tobytes(), count.tobytes())


def mean_of(x: Distinct, y: Distinct, n: float) -> float:
    """Mean of ``n I`` over the tables with these margins of `n` samples."""
    if n <= 15.0 * kernels.LARGE:  # no cell is large, as variances are at most n / 16 n / (n - 1)
        return float(kernels.moments(*x, *y, n, kernels.DEGREES)[0])
    return float(n * expected_mutual_information(*x, *y, n, True))


def variance_of(x: Distinct, y: Distinct, n: float) -> float:
    """The variance of ``n I``; sizes may represent similar ones."""
    return max(float(kernels.moments(*x, *y, n, kernels.DEGREES)[1]), 0.0)


def groups_of_alike(sizes: Array) -> Array:
    """Group numbers of sizes that may represent each other, with little effect on the variance."""
    steps = np.floor(np.log(np.maximum(sizes / _APART, 1.0)) / math.log(_ALIKE))
    found: Array = np.where(sizes <= _APART, sizes, _APART + 1.0 + steps).astype(np.int64)
    return found


def _bounded(pvalue: float, table: Table) -> float:
    """A p-value, raised to at least the probability of the observed table itself."""
    if pvalue < UNLIKELY:
        own = float(kernels.log_probability(table.counts, table.x_counts, table.y_counts))
        return at_least(pvalue, own)
    return min(pvalue, 1.0)


def at_least(pvalue: float, log_probability: float) -> float:
    """A p-value, raised to at least a probability, and above 0."""
    return min(max(pvalue, math.exp(min(log_probability, 0.0)), _LEAST), 1.0)
