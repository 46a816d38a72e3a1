"""How sure an answer is: tests by permutation, intervals by bootstrap, many tests together."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._bins.coded_variables import refuse_missing
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._codes.column import TAKE_CHANCE_OFF
from fastinfo._core.checks import (
    Array,
    as_numeric,
    base_divisor,
    check_nan_policy,
    choice,
    inner_fraction,
    integer,
)
from fastinfo._counts.samples import count_samples
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.information import information_of
from fastinfo._measures.misleading import tell_chance_of_interval
from fastinfo._measures.resampling import (
    MOST_REPLICATES,
    bootstrapped_information,
    permuted_information,
    seed_key,
)
from fastinfo._measures.shown_results import short_html, short_repr
from fastinfo.information.joint_counts import JointCounts

__all__ = [
    "BootstrapInterval",
    "PermutationTest",
    "adjust_pvalues",
    "bootstrap_interval",
    "permutation_test",
]

INTERVALS = ("basic", "percentile")

#: Options of counting, which must be left at these defaults where counts are given.
_FEW_PVALUES = 64  # that are adjusted one by one
_DEFAULTS = {"bins": "mi", "strategy": EQUAL_COUNTS, "range": None, "discrete": "auto"}


class PermutationTest(NamedTuple):
    """Result of :func:`permutation_test`."""

    statistic: float  #: mutual information of the samples
    pvalue: float  #: ``(b + 1) / (m + 1)`` where `b` of `m` permutations have at least as much
    null_distribution: Array  #: (n_permutations,) mutual information of permuted samples

    def __repr__(self) -> str:
        return short_repr("PermutationTest", self._asdict())

    def _repr_html_(self) -> str:
        return short_html("Permutation test of independence", self._asdict())


@dataclass(frozen=True, repr=False)
class BootstrapInterval:
    """Result of :func:`bootstrap_interval`; ``low, high = result`` takes its ends."""

    low: float  #: lower end of the interval
    high: float  #: upper end of the interval
    estimate: float  #: mutual information of the samples
    standard_error: float  #: standard deviation over the bootstrap samples

    def __iter__(self) -> Iterator[float]:
        return iter((self.low, self.high))

    def __repr__(self) -> str:
        return short_repr("BootstrapInterval", vars(self))

    def _repr_html_(self) -> str:
        return short_html("Bootstrap interval of the mutual information", vars(self))


def adjust_pvalues(pvalues: npt.ArrayLike) -> Array:
    """
    Adjust p-values of many tests for the false discovery rate (Benjamini-Hochberg).

    Parameters
    ----------
    pvalues : (m,) array_like of float
        The p-values. NaN takes no part and stays NaN.

    Returns
    -------
    (m,) float64 ndarray
        ``min over j >= i of m p_(j) / j`` of the sorted p-values, 1 at most, in the order of the
        input. Those that are at most ``alpha`` are discoveries with a false discovery rate of
        ``alpha``.

    Raises
    ------
    ValueError
        If a p-value is outside 0 to 1, or the input is not one-dimensional.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995), Controlling the false discovery rate: a practical and
    powerful approach to multiple testing, Journal of the Royal Statistical Society B 57, 289-300.
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> from fastinfo.significance import adjust_pvalues
    >>> adjust_pvalues([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    p = as_numeric(pvalues, "pvalues").astype(np.float64)
    if p.ndim != 1:
        raise ValueError(f"pvalues must be one-dimensional, got shape {p.shape}")
    if p.size <= _FEW_PVALUES:
        few = _adjust_few(p.tolist())
        if few is not None:
            return np.array(few)
    present = np.flatnonzero(~np.isnan(p))
    if present.size and not (p[present].min() >= 0.0 and p[present].max() <= 1.0):
        raise ValueError(
            f"pvalues must lie between 0 and 1, got {p[present].min()} to {p[present].max()}"
        )
    order = present[np.argsort(p[present], kind="stable")]
    m = order.size
    scaled = p[order] * m / np.arange(1, m + 1)
    adjusted = np.full(p.size, np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def _adjust_few(p: list[float]) -> list[float] | None:
    """The same of few, without arrays; None where one is no probability."""
    order = sorted((i for i, value in enumerate(p) if value == value), key=p.__getitem__)
    if order and not (p[order[0]] >= 0.0 and p[order[-1]] <= 1.0):
        return None
    adjusted, least, m = [math.nan] * len(p), 1.0, len(order)
    for j in range(m, 0, -1):
        i = order[j - 1]
        adjusted[i] = least = min(p[i] * m / j, least)
    return adjusted


def permutation_test(
    x: npt.ArrayLike | JointCounts,
    y: npt.ArrayLike | None = None,
    *,
    n_permutations: int = 999,
    seed: Any = None,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    nan_policy: str = "propagate",
) -> PermutationTest:
    """
    Test two variables for independence by the mutual information of permuted samples.

    Exact for any number of samples in a bin, unlike the G-test. Permuting samples leaves both
    margins of their table as they are and draws one of the tables that have them, so the table
    itself is drawn: the cost does not grow with the number of samples.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels. Or a :class:`JointCounts` alone.
    n_permutations : int, optional
        Number of permutations, at least 1.
    seed : int, SeedSequence or Generator, optional
        Where random numbers come from. With the same one the result is the same, whatever the
        number of threads; None is different each time.
    bins : int, edges, str, or a pair of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : [[x_min, x_max], [y_min, y_max]], optional
    discrete : {"auto", True, False} or a pair of those, optional
        How numbers are binned (equal counts by default), and which variables are labels: as in
        :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its pair, or raises.

    Returns
    -------
    PermutationTest
        The mutual information, the p-value ``(b + 1) / (m + 1)``, and the mutual information of
        the `m` permutations, of which `b` are at least as large.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them; if `seed` can't be one, `n_permutations` is
        less than 1, or counts are fractional weights.

    See Also
    --------
    JointCounts.independence_test : The G-test, without random numbers.
    bootstrap_interval : How far the mutual information may be off.

    References
    ----------
    Patefield, W. M. (1981), Algorithm AS 159: an efficient method of generating random R x C tables
    with given row and column totals, Applied Statistics 30, 91-97.
    https://doi.org/10.2307/2346669

    Phipson, B. & Smyth, G. K. (2010), Permutation p-values should never be zero, Statistical
    Applications in Genetics and Molecular Biology 9, 39. https://doi.org/10.2202/1544-6115.1585

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> x, z = rng.normal(size=(2, 1000))
    >>> fastinfo.permutation_test(x, x + 3 * z, seed=1).pvalue
    0.001
    >>> fastinfo.permutation_test(x, z, seed=1).pvalue > 0.05
    True
    """
    divisor = base_divisor(base)
    m = integer(n_permutations, "n_permutations", least=1, most=MOST_REPLICATES)
    key = seed_key(seed)
    options = {"bins": bins, "strategy": strategy, "range": range, "discrete": discrete}
    table = _whole_counts(x, y, nan_policy, options)
    if table is None:
        return PermutationTest(math.nan, math.nan, np.full(m, np.nan))
    null, extreme = permuted_information(table, m, key)
    return PermutationTest(information_of(table, base), (extreme + 1) / (m + 1), null / divisor)


def bootstrap_interval(
    x: npt.ArrayLike | JointCounts,
    y: npt.ArrayLike | None = None,
    confidence: float = 0.95,
    *,
    n_resamples: int = 999,
    method: str = "basic",
    seed: Any = None,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    nan_policy: str = "propagate",
) -> BootstrapInterval:
    """
    Confidence interval of the mutual information of two variables by the bootstrap.

    Samples are drawn anew from the samples, with replacement: a multinomial draw over the occupied
    cells of their table, whose cost does not grow with the number of samples.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels. Or a :class:`JointCounts` alone.
    confidence : float, optional
        Probability that the interval is to have, between 0 and 1.
    n_resamples : int, optional
        Number of bootstrap samples, at least 1.
    method : {"basic", "percentile"}, optional
        "basic" (default) reflects the percentiles at the estimate, which takes the bias off once:
        bootstrap samples are biased against the samples as these are against the truth. The
        interval may then lie below the plug-in estimate; it ends at 0 there. "percentile" takes the
        percentiles as they are. A correction has taken the bias off: bootstrap samples then give
        the spread about their mean, and the interval is about the corrected estimate.
    seed : int, SeedSequence or Generator, optional
        Where random numbers come from, as in :func:`permutation_test`.
    bins : int, edges, str, or a pair of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : [[x_min, x_max], [y_min, y_max]], optional
    discrete : {"auto", True, False} or a pair of those, optional
        How numbers are binned (equal counts by default; edges are found once, in all samples), and
        which variables are labels: as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`mutual_information`; plug-in by default.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its pair, or raises.

    Returns
    -------
    BootstrapInterval
        Lower and upper end, the estimate, and its standard error. Where numbers are binned, the
        interval is for the information between the bins, which is less than that of the numbers.

    Raises
    ------
    TypeError, ValueError
        Where :func:`permutation_test` raises them; if `confidence` is not between 0 and 1,
        `n_resamples` is less than 1, or the method is unknown.

    Warns
    -----
    UserWarning
        From 100 samples on: where at least half of a plug-in estimate is chance, which an interval
        about it does not cover. Where labels look like an identifier, or integers are taken as
        numbers.

    References
    ----------
    Davison, A. C. & Hinkley, D. V. (1997), Bootstrap Methods and their Application, section 5.2.
    https://doi.org/10.1017/CBO9780511802843

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> rng = np.random.default_rng(0)
    >>> sent = rng.integers(0, 2, 10_000)
    >>> received = sent ^ (rng.random(10_000) < 0.1)  # one bit of ten is turned
    >>> found = fastinfo.bootstrap_interval(sent, received, seed=1)
    >>> found.low < 0.3681 < found.high  # log(2) + 0.1 log(0.1) + 0.9 log(0.9)
    True
    """
    divisor = base_divisor(base)
    correction = check_correction(correction, of_information=True)
    choice(method, "method", INTERVALS)
    inner_fraction(confidence, "confidence")
    m = integer(n_resamples, "n_resamples", least=1, most=MOST_REPLICATES)
    key = seed_key(seed)
    options = {"bins": bins, "strategy": strategy, "range": range, "discrete": discrete}
    table = _whole_counts(x, y, nan_policy, options)
    if table is None:
        return BootstrapInterval(math.nan, math.nan, math.nan, math.nan)
    estimate = information_of(table, None, correction)
    found = bootstrapped_information(table, m, key, correction)
    tail = (1.0 - confidence) / 2.0
    low, high = np.quantile(found, [tail, 1.0 - tail]).tolist()
    # A correction has taken the bias off: what is left of the bootstrap samples is their spread.
    center = estimate if correction is None else statistics.fmean(found.tolist())
    if method == "basic":
        low, high = estimate + (center - high), estimate + (center - low)
    else:
        low, high = low + (estimate - center), high + (estimate - center)
    if correction is None:
        low, high = max(low, 0.0), max(high, 0.0)
        tell_chance_of_interval(table, estimate)
    error = statistics.stdev(found.tolist()) if m > 1 else math.nan
    return BootstrapInterval(low / divisor, high / divisor, estimate / divisor, error / divisor)


def _whole_counts(
    x: npt.ArrayLike | JointCounts,
    y: npt.ArrayLike | None,
    nan_policy: str,
    options: dict[str, Any],
) -> Table | None:
    """Counts of samples, or those given; None where the measures of them are NaN."""
    check_nan_policy(nan_policy)
    if isinstance(x, JointCounts):
        if y is not None:
            raise TypeError(f"y must be None beside counts of both variables, got {y!r:.60}")
        for name, default in _DEFAULTS.items():
            value = options[name]
            if not (isinstance(value, type(default)) and value == default):
                raise ValueError(f"{name} must be left out beside counts, got {value!r:.60}")
        table = x._table
    elif y is None:
        raise TypeError(f"y must be samples, unless x is a JointCounts, got x: {type(x).__name__}")
    else:
        counted = count_samples(x, y, Binning(**options), if_unique=TAKE_CHANCE_OFF)
        table = counted.table
        if refuse_missing(counted.n_missing, "x and y", nan_policy, "pairs"):
            return None
    if not table.n:
        return None
    if table.unit != 1.0:
        raise ValueError("x must be whole counts of samples, to be drawn anew, got sums of weights")
    if table.n >= 2**53 or table.exact is not None or not table.has_whole:
        raise ValueError("x must be whole counts of fewer than 2**53 samples, got others")
    return table
