"""Whether a table of counts could be chance: p-values, with a method chosen by the margins alone.

Under the null all tables with the same margins occur as often as permuting samples makes them. The
p-value is the probability that ``n I`` is at least the observed one.

- Well-filled tables: the chi-squared law of the G-test.
- Two rows and columns: the sum over all of their tables.
- Others: a gamma law with scale 1, as the chi-squared law is of ``n I``, with the exact mean and
  variance of ``n I`` over all tables: ``Q(v, n I - mean + v)``.
- Where ``n I`` takes few values: drawn tables, and that law below what draws can resolve.
"""

from __future__ import annotations

import functools
import math
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._counts.distinct_sizes import Distinct, distinct_sizes
from fastinfo._counts.table import Table
from fastinfo._measures.gamma_tails import chi2_sf, gammaincc
from fastinfo._measures.information import information_of
from fastinfo._measures.resampling import large_or_none, seed_key
from fastinfo._measures.shown_results import short_html, short_repr
from fastinfo.kernels.information import independence as kernels
from fastinfo.kernels.information.expected import expected_mutual_information

FILLED = 5.0  #: expected samples in a cell from which on it is filled
COARSE = 100.0  #: the same of two rows and columns, whose information takes fewer values
SHIFT = 0.05  #: standard deviations by which the mean of G may differ from its law's
SMOOTH = 10.0  #: variance of n I from which on it takes values enough to be called continuous
UNLIKELY = 1e-3  #: p-values below are compared with the probability of what was seen
_PART = 2.0  # expected samples in a cell, in a part of the table
_PART_DOF = 4  # and the part's degrees of freedom, from which on it blurs what the rest does
_FEW_SIZES = 64  # that are added up one by one
_FEW = 10  # draws that exceed: fewer say little
_TESTED = 50  # of the largest draws at which the law is tested
_PLACED = 15.0  # ns to place a sample
_CODE = 2.0  # ns to write down where a sample is, once
_CELL = 80.0  # ns to draw a cell
_DRAWS = (9999, 4999, 1999, 999)
_TIME = 2e6  # ns that draws may take, and many times that for the fewest draws
_MOST_TIME = 3e7
_MOST_CODES = 1 << 22
_PAIRS = 4000  # distinct pairs of margins, above which similar ones are taken together
_ALIKE = 1.2  # ratio of sizes that are similar
_APART = 16.0  # sizes up to here are not
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
    """Result of a test of independence, by whatever way."""

    pvalue: float  #: NaN where nothing was counted
    test: str  #: "g": the G-test; "permutation": by the tables with the same margins


class _Margin(NamedTuple):
    """Distinct sizes of one margin, and how often they occur, as bytes of float64."""

    levels: int
    sizes: bytes
    times: bytes

    @property
    def classes(self) -> tuple[Array, Array]:
        return np.frombuffer(self.sizes), np.frombuffer(self.times)


class Null(NamedTuple):
    """``n I`` of drawn tables but for a constant, in units of ``1 / scale``."""

    sums: Array  #: int64, sorted
    scale: float


def g_test(table: Table) -> IndependenceTest:
    """The G-test of the rows and columns that occur, with as many samples as weights are worth."""
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

    `information` and its mean over those, `expected`, are in nats, None where they are not known.
    `by_rows` finds the p-value of weights where cells are thin.
    """
    x, y = table.sizes
    first, second = _of_sizes(x), _of_sizes(y)
    if second < first:
        first, second, x, y = second, first, y, x
    n = float(table.n)
    if not first.levels:
        return Tested(math.nan, "g")
    if information is None:
        information = information_of(table)
    if table.weighted or table.exact is not None or n >= 2.0**53:
        # Weights have no permutations: G of as many samples as they are worth.
        n = float(table.effective.n)
        margins = table.effective.x_counts, table.effective.y_counts
        return _of_weights(n * information, *margins, by_rows)
    if first.levels == 1 or 1.0 in (x.sizes[-1], y.sizes[-1]):
        return Tested(1.0, "permutation")  # all tables have the same information
    a, b = float(x.sizes[0]), float(y.sizes[0])
    least = a * b / n
    observed = n * information
    if second.levels == 2 and least < COARSE:
        rounding = _ROUNDING * (observed + math.sqrt(n))
        exact = float(kernels.two_by_two(a, b, n, observed, rounding))
        return Tested(_bounded(exact, table), "permutation")
    if least >= FILLED and _g_shift(x, y, (first.levels - 1) * (second.levels - 1), n) <= SHIFT:
        return Tested(_g_test(2.0 * observed, first, second), "g")
    mean, variance = _moments(first, second, n, expected)
    smooth = least >= FILLED or variance >= SMOOTH or _is_blurred(first, second, n)
    null = None if smooth else _draw(first, second, n)
    if null is None:
        pvalue = gamma_tail(observed - 0.5 * _spacing(first, second), mean, variance)
    else:
        seen = float(kernels.fixed_sum(table.counts, null.scale))
        pvalue = drawn_tail(seen, null, observed, mean, variance, n)
    return Tested(_bounded(pvalue, table), "permutation")


def _margin(counts: Array) -> _Margin:
    """Distinct sizes of the rows or columns that occur."""
    return _of_sizes(distinct_sizes(counts))


def _of_sizes(distinct: Distinct) -> _Margin:
    sizes, times = distinct
    levels = sum(times.tolist()) if times.size <= _FEW_SIZES else times.sum()
    return _Margin(int(levels), sizes.tobytes(), times.tobytes())


def _g_test(statistic: float, first: _Margin, second: _Margin) -> float:
    """The G-test's p-value; of weights it is that of as many samples as their sum."""
    dof = float((first.levels - 1) * (second.levels - 1))
    return chi2_sf(statistic, dof) if dof else 1.0


def _of_weights(
    observed: float, x_counts: Array, y_counts: Array, by_rows: Callable[[], float] | None
) -> Tested:
    """
    p-value of ``n I`` of effective samples, which is `observed`.

    By the chi-squared law where cells are filled, else by the rows; where those are not there, by
    the law of tables of whole samples with nearly these margins.
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
    first, second = sorted((_of_sizes(x), _of_sizes(y)), key=lambda margin: margin[:])
    if min(first.levels, second.levels) < 2 or 1.0 in (x.sizes[-1], y.sizes[-1]):
        return Tested(1.0, "g")
    n = float((x.sizes * x.times).sum())
    return Tested(gamma_tail(observed, *_moments(first, second, n)), "g")


def whole_sizes(counts: Array) -> Array:
    """Effective counts as whole numbers of the same sum, about: by the largest remainders."""
    counts = counts[counts > 0.0]
    found = np.floor(counts)
    missing = max(round(float(counts.sum())), 1) - int(found.sum())
    if missing > 0:
        found[np.argsort(found - counts, kind="stable")[:missing]] += 1.0
    return found[found > 0.0]


def _g_shift(x: Distinct, y: Distinct, dof: int, n: float) -> float:
    """
    By how many standard deviations the mean of G lies above that of its law, about.

    Williams 1976, https://doi.org/10.1093/biomet/63.1.33.
    """
    p, q = (n * float((side.times / side.sizes).sum()) - 1.0 for side in (x, y))
    return p * q / (6.0 * n * math.sqrt(2.0 * dof))


def _is_blurred(first: _Margin, second: _Margin, n: float) -> bool:
    """Whether a part of the table is filled well enough for the information to take any value."""
    for rows, columns in ((first, second), (second, first)):
        (sizes, times), least = rows.classes, columns.classes[0][0]
        filled = int(times[sizes * least >= _PART * n].sum())
        if (filled - 1) * (columns.levels - 1) >= _PART_DOF:
            return True
    return False


def _spacing(first: _Margin, second: _Margin) -> float:
    """Distance of neighbouring values of ``n I`` where no level has more than two samples."""
    for rows, columns in ((first, second), (second, first)):
        if rows.classes[0][-1] <= 2.0:
            # Samples of a level agree or not; among two levels of y it takes two such levels.
            return (4.0 if columns.levels == 2 else 2.0) * math.log(2.0)
    return 0.0


def _moments(
    first: _Margin, second: _Margin, n: float, expected: float | None = None
) -> tuple[float, float]:
    """Mean and variance of ``n I`` over the tables with these margins."""
    classes = first.classes, second.classes
    if classes[0][0].size * classes[1][0].size <= _PAIRS:
        mean, variance = _exact_moments(first, second, n)
    else:
        mean, variance = math.nan, _exact_moments(_alike(first), _alike(second), n)[1]
    if expected is not None:
        mean = n * expected
    elif math.isnan(mean):
        mean = n * float(expected_mutual_information(*classes[0], *classes[1], n, True))
    return mean, variance


@functools.lru_cache(maxsize=256)
def _exact_moments(first: _Margin, second: _Margin, n: float) -> tuple[float, float]:
    """Mean, NaN where a cell is large, and variance."""
    mean, variance = kernels.moments(*first.classes, *second.classes, n, kernels.DEGREES)
    return float(mean), max(float(variance), 0.0)


def _alike(margin: _Margin) -> _Margin:
    """The margin with similar sizes in the place of each other."""
    sizes, times = margin.classes
    groups = groups_of_alike(sizes)
    count = np.bincount(groups, times)
    total = np.bincount(groups, times * sizes)[count > 0.0]
    count = count[count > 0.0]
    return _Margin(margin.levels, (total / count).tobytes(), count.tobytes())


def mean_of(x: Distinct, y: Distinct, n: float) -> float:
    """Mean of ``n I`` over the tables with these margins of `n` samples."""
    if n <= 15.0 * kernels.LARGE:  # no cell is large: a variance is at most n / 16 n / (n - 1)
        return float(kernels.moments(*x, *y, n, kernels.DEGREES)[0])
    return float(n * expected_mutual_information(*x, *y, n, True))


def variance_of(x: Distinct, y: Distinct, n: float) -> float:
    """The variance, of sizes that may stand for similar ones."""
    return max(float(kernels.moments(*x, *y, n, kernels.DEGREES)[1]), 0.0)


def groups_of_alike(sizes: Array) -> Array:
    """Numbers of groups of sizes that may stand for each other: the variance hardly changes."""
    steps = np.floor(np.log(np.maximum(sizes / _APART, 1.0)) / math.log(_ALIKE))
    found: Array = np.where(sizes <= _APART, sizes, _APART + 1.0 + steps).astype(np.int64)
    return found


def gamma_tail(observed: float, mean: float, variance: float) -> float:
    """Upper tail of a gamma law of scale 1 with this mean and variance (of G's law, if equal)."""
    x = observed - mean + variance
    return gammaincc(variance, x) if variance > 0.0 and x > 0.0 else 1.0


def reached(null: Null, seen: float, n: float) -> int:
    """How many drawn tables have at least a sum, equal ones included whatever their rounding."""
    rounding = 4.0 * math.sqrt(n) + 4.0  # of as many terms
    return null.sums.size - int(np.searchsorted(null.sums, seen - rounding))


def drawn_tail(
    seen: float, null: Null, observed: float, mean: float, variance: float, n: float
) -> float:
    """
    Share of drawn tables that exceed; the law, where that is less than a few of them.

    `observed` is ``n I``, and `seen` the same as the draws have it.
    """
    sums, scale = null
    drawn = sums.size
    extreme = reached(null, seen, n)
    share = (extreme + 1) / (drawn + 1)
    if extreme >= _FEW:
        return share
    # The law has to give at least what the draws give where they still can tell.
    raised = 1.0
    for edge in set(sums[-_TESTED : 1 - _FEW].tolist()):
        law = gamma_tail(observed + (edge - seen) / scale, mean, variance)
        raised = max(raised, (reached(null, float(edge), n) + 1) / (drawn + 1) / max(law, _LEAST))
    return min(share, raised * gamma_tail(observed, mean, variance))


def _bounded(pvalue: float, table: Table) -> float:
    """A p-value that is at least the probability of the observed table itself."""
    if pvalue < UNLIKELY:
        own = float(kernels.log_probability(table.counts, table.x_counts, table.y_counts))
        return at_least(pvalue, own)
    return min(pvalue, 1.0)


def at_least(pvalue: float, log_probability: float) -> float:
    """A p-value that is at least a probability, and above 0."""
    return min(max(pvalue, math.exp(min(log_probability, 0.0)), _LEAST), 1.0)


@functools.lru_cache(maxsize=64)
def _draw(first: _Margin, second: _Margin, n: float) -> Null | None:
    """Draw tables in the cheapest way; None where that would take long."""
    plans = []
    for rows, columns in ((first, second), (second, first)):
        sizes = np.repeat(*(a.astype(np.int64) for a in rows.classes))
        wanted = sizes[sizes > 1]
        plans.append((wanted.size * columns.levels * _CELL, 0, wanted, columns))
        if n <= _MOST_CODES:
            once = n * _CODE / _DRAWS[-1]
            plans.append((float(wanted.sum()) * _PLACED + once, 1, wanted, columns))
            others = float(sizes[:-1].sum())
            plans.append((2.0 * others * _PLACED + once, 2, sizes[:-1], columns))
    cost, way, rows_drawn, columns = min(plans, key=lambda plan: plan[:2])
    draws = draws_for(cost)
    if not draws:
        return None
    scale = scale_of_sums(n)
    sums = np.empty(draws, np.int64)
    key = _key(first, second)
    to = read_only(rows_drawn), read_only(np.repeat(*(a.astype(np.int64) for a in columns.classes)))
    if way:
        kernels.placed_sums(*to, way == 2, scale, key, sums)
    else:
        kernels.drawn_sums(*to, scale, key, large_or_none(n), sums)
    sums.sort()
    return Null(sums, scale)


def draws_for(cost: float) -> int:
    """How many tables are drawn where each takes so many nanoseconds; 0 where it would be long."""
    draws = next((m for m in _DRAWS if m * cost <= _TIME), _DRAWS[-1])
    return draws if draws * cost <= _MOST_TIME else 0


def scale_of_sums(n: float) -> float:
    """Units in which a sum of ``c log(c)`` over `n` samples is a whole number of 52 bits."""
    return 2.0 ** math.floor(52.0 - math.log2(n * math.log(n) + 1.0))


def _key(first: _Margin, second: _Margin) -> Array:
    """Key of the random numbers of these margins."""
    words = b"".join(part for margin in (first, second) for part in margin[1:])
    return seed_key(np.random.SeedSequence(np.frombuffer(words, np.uint32).tolist()))
