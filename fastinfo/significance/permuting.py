"""Tests of independence by permutation of samples, or by surrogates of series."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from fastinfo._bins.coded_variables import (
    GIVEN_UNIQUE,
    MANY_BINS,
    any_of,
    code_columns,
    refuse_missing,
)
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.column import TAKE_CHANCE_OFF, columns_of
from fastinfo._core.checks import Array, base_divisor, check_nan_policy, choice, integer
from fastinfo._measures.information import information_of
from fastinfo._measures.joint_entropies import join_variables
from fastinfo._measures.resampling import MOST_REPLICATES, permuted_information, seed_key
from fastinfo._measures.shown_results import short_html, short_repr
from fastinfo._measures.surrogates.coded_rows import CodedRows
from fastinfo._measures.surrogates.orders import SURROGATES, Null, check_block_length
from fastinfo._measures.surrogates.trends import tell_of_trends
from fastinfo._neighbors.options import ESTIMATORS, Options, refuse_binning, refuse_neighbors
from fastinfo._neighbors.series.surrogates import surrogate_test
from fastinfo._neighbors.series.variables import Variables
from fastinfo.information.joint_counts import JointCounts
from fastinfo.significance.whole_counts import whole_counts


class PermutationTest(NamedTuple):
    """Result of :func:`permutation_test`."""

    statistic: float  #: mutual information of the samples
    pvalue: float  #: ``(b + 1) / (m + 1)`` if `b` of `m` permutations have at least as much
    null_distribution: Array  #: (m,) mutual information of permuted samples

    def __repr__(self) -> str:
        return short_repr("PermutationTest", self._asdict())

    def _repr_html_(self) -> str:
        return short_html("Permutation test of independence", self._asdict())


def permutation_test(
    x: npt.ArrayLike | JointCounts,
    y: npt.ArrayLike | None = None,
    *,
    n_permutations: int = 999,
    seed: Any = None,
    given: npt.ArrayLike | None = None,
    surrogates: str = "permute",
    block_length: int | None = None,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    nan_policy: str = "propagate",
    estimator: str = "histogram",
    n_neighbors: int = 3,
    jitter: float = 0.0,
    random_state: Any = None,
) -> PermutationTest:
    """
    Test two variables for independence by the mutual information of permuted samples.

    Unlike the G-test, this test is exact for any number of samples in a bin. To permute the samples
    is the same as to draw a table of counts with the same margins. So tables are drawn, and the
    cost does not grow with the number of samples. For autocorrelated series, use `surrogates` that
    preserve the autocorrelation.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels. Instead of both, a single
        :class:`JointCounts`. Estimators without bins also accept (n, d): a group of columns of
        numbers is one variable.
    n_permutations : int, optional
        Number of permutations, at least 1.
    seed : int, SeedSequence or Generator, optional
        Source of the random numbers. The same seed gives the same result for any number of threads.
        None means a new seed for each call.
    given : (n,) or (n, k) array_like, optional
        Samples of a condition: one variable, or the columns of a matrix or table. The statistic is
        then the conditional information ``I(x; y | given)``, and samples of x are permuted among
        those with equal values, or bins, of `given`. Without bins, each sample is replaced by one
        of its 5 nearest neighbours in `given` (Runge 2018).
    surrogates : {"permute", "shift", "block"}, optional
        How the samples of x are rearranged. "permute" is for independent samples; for two
        autocorrelated series it finds far too many dependences. "shift" rotates the series x by a
        random number of steps. "block" cuts it into blocks and puts them in random order. Both
        preserve the dependence of x on its own past, and test x against y and `given` together.
        Each shift is used at most once, and a series of n samples has fewer than n of them. "shift"
        is more exact, since "block" breaks the series between blocks.
    block_length : int, optional
        Number of samples in a block. By default, it is at least ``n**(1/3)`` and ten times the
        memory of both series, as estimated from successive values, but at most a fifth of the
        samples. For "shift", the smallest shift in either direction: by default a hundredth of the
        samples, from 1 to 5.
    bins : int, edges, str, or a sequence of those, optional
        Bins of numbers, as in :func:`mutual_information`, or with `given` as in
        :func:`conditional_mutual_information`. With "shift" and "block", the rule "mi" assumes a
        correlation of 0.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : sequence of [low, high] or None, optional
        Outermost edges of each variable, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises. The rows
        of a series that remain are treated as one series.
    estimator : {"histogram", "ksg", "ksg2", "mixed", "gaussian", "gaussian-copula"}, optional
        Estimator of the information, as in :func:`mutual_information`.
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg", "ksg2" and "mixed".
    jitter : float, optional
        Standard deviation of noise that "ksg", "ksg2" and "mixed" add first, in units of the
        standard deviation of each column.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    PermutationTest
        ``statistic``, ``pvalue`` and ``null_distribution``: the information of the samples, the
        p-value ``(b + 1) / (m + 1)``, and the information of each of the `m` permutations. `b` of
        them have at least the observed information. `m` is `n_permutations`, or the number of
        different shifts if that is smaller.

    Raises
    ------
    TypeError, ValueError
        If the samples or an option are not valid: the conditions are listed in
        :func:`mutual_information`. Also if `seed` is not valid, `n_permutations` is less than 1,
        blocks are longer than half of the series, counts are fractional weights, or counts are
        combined with an option that needs samples.

    Warns
    -----
    UserWarning
        If :func:`mutual_information` warns of the samples. If a series has so few different shifts
        that no p-value can be 0.05 or less; if it is too short for blocks that are much longer than
        its memory; or if both series rise or fall over time.

    See Also
    --------
    JointCounts.independence_test : The G-test, without random numbers.
    bootstrap_interval : Confidence interval of the mutual information.
    transfer_entropy_test : Test of the past of one series and the next value of another.

    Notes
    -----
    "shift" and "block" are for stationary series. Two trends, or two random walks, are found to be
    related far too often: take differences or remove the trend first.

    For fixed margins, normalised information and the variation of information are monotone
    functions of the information. So they have the same p-values.

    References
    ----------
    Patefield, W. M. (1981), Algorithm AS 159: an efficient method of generating random R x C tables
    with given row and column totals, Applied Statistics 30, 91-97.
    https://doi.org/10.2307/2346669

    Phipson, B. & Smyth, G. K. (2010), Permutation p-values should never be zero, Statistical
    Applications in Genetics and Molecular Biology 9, 39. https://doi.org/10.2202/1544-6115.1585

    Runge, J. (2018), Conditional independence testing based on a nearest-neighbor estimator of
    conditional mutual information, Proceedings of Machine Learning Research 84, 938-947.
    https://doi.org/10.48550/arXiv.1709.01447

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
    >>> y = z + rng.normal(size=1000)  # x and y follow z, and are independent given it
    >>> fastinfo.permutation_test(x + z, y, given=z, estimator="gaussian", seed=1).pvalue > 0.05
    True
    """
    divisor = base_divisor(base)
    m = integer(n_permutations, "n_permutations", least=1, most=MOST_REPLICATES)
    key = seed_key(seed)
    choice(surrogates, "surrogates", SURROGATES)
    length = check_block_length(block_length, surrogates)
    check_nan_policy(nan_policy)
    binned = choice(estimator, "estimator", ESTIMATORS) == "histogram"
    if isinstance(x, JointCounts):
        _refuse_beside_counts(given, estimator, surrogates)
    if not binned:
        refuse_binning(estimator, bins, strategy, range, None)
        if y is None:
            raise TypeError("y must be samples, as x is, got None")
        values = {"x": x, "y": y} | ({} if given is None else {"given": given})
        ways = Options.checked(estimator, n_neighbors, jitter, random_state)
        found = Variables.read(values, discrete, ways).complete(nan_policy)
        null = Null.unknown(m)
        if found is not None:
            null = surrogate_test(found, 0, surrogates, m, key, length)
        tell_of_trends(surrogates, x=x, y=y)
        return _result(null, divisor)
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    if given is None and surrogates == "permute":
        options = {"bins": bins, "strategy": strategy, "range": range, "discrete": discrete}
        table = whole_counts(x, y, nan_policy, options)
        if table is None:
            return _result(Null.unknown(m), divisor)
        sums, extreme = permuted_information(table, m, key)
        return _result(Null(information_of(table), sums, (extreme + 1) / (m + 1)), divisor)
    if y is None:
        raise TypeError("y must be samples, as x is, got None")
    rows = _coded_rows(x, y, given, Binning(bins, strategy, range, discrete), nan_policy)
    null = Null.unknown(m) if rows is None else rows.test(surrogates, m, key, length)
    tell_of_trends(surrogates, x=x, y=y)
    return _result(null, divisor)


def _result(null: Null, divisor: float) -> PermutationTest:
    return PermutationTest(null.information / divisor, null.pvalue, null.surrogates / divisor)


def _refuse_beside_counts(given: Any, estimator: str, surrogates: str) -> None:
    """Raise if options that need samples are combined with counts."""
    for name, value, default in (
        ("given", given, None),
        ("estimator", estimator, "histogram"),
        ("surrogates", surrogates, "permute"),
    ):
        if value is not default and not (isinstance(value, str) and value == default):
            raise ValueError(f"{name} must be left out if x is a JointCounts, got {value!r:.60}")


def _coded_rows(x: Any, y: Any, given: Any, binning: Binning, nan_policy: str) -> CodedRows | None:
    """Codes of the complete rows; None if their information is NaN."""
    zs = [] if given is None else columns_of(given, "given")
    coded, missing = code_columns(
        [x, y, *zs],
        ["x", "y", *["given"] * len(zs)],
        [1, 1, len(zs)] if zs else [1, 1],
        binning,
        (lambda n: MANY_BINS) if zs else mi_bins,
        together=True,
        if_unique=["", "", GIVEN_UNIQUE] if zs else [TAKE_CHANCE_OFF] * 2,
    )
    if refuse_missing(any_of(missing), "x, y and given" if zs else "x and y", nan_policy):
        return None
    rows = CodedRows(coded[0], coded[1], join_variables(coded[2:]).coded if zs else None)
    return rows if rows.n else None
