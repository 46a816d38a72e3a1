"""A test of transfer entropy, by surrogates of the source."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._core.checks import Array, base_divisor, check_nan_policy, choice, integer
from fastinfo._measures.resampling import MOST_REPLICATES, seed_key
from fastinfo._measures.shown_results import short_html, short_repr
from fastinfo._measures.surrogates.coded_rows import CodedRows
from fastinfo._measures.surrogates.orders import SURROGATES, Null, check_block_length
from fastinfo._measures.surrogates.trends import tell_of_trends
from fastinfo._neighbors.options import ESTIMATORS, Options, refuse_binning, refuse_neighbors
from fastinfo._neighbors.series.surrogates import surrogate_test
from fastinfo.time_series.pasts import Pasts, code_pasts, numbers_of_pasts


class TransferEntropyTest(NamedTuple):
    """Result of :func:`transfer_entropy_test`."""

    transfer_entropy: float  #: transfer entropy from source to target
    effective: float  #: transfer entropy minus the mean of the surrogates
    pvalue: float  #: ``(b + 1) / (m + 1)`` if `b` of `m` surrogates have at least as much
    null_distribution: Array  #: (m,) transfer entropy of each surrogate of the source

    def __repr__(self) -> str:
        return short_repr("TransferEntropyTest", self._asdict())

    def _repr_html_(self) -> str:
        return short_html("Test of transfer entropy", self._asdict())


def transfer_entropy_test(
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    history: int = 1,
    source_history: int = 1,
    lag: int = 1,
    given: npt.ArrayLike | None = None,
    surrogates: str = "shift",
    n_permutations: int = 199,
    block_length: int | None = None,
    seed: Any = None,
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
) -> TransferEntropyTest:
    """
    Test whether the past of one series is informative about the next value of another.

    In each surrogate, the past of the source is moved to other times, while the target keeps its
    own past. The transfer entropy of surrogates is due to chance and bias alone. Shuffled samples
    are not valid surrogates if a series is autocorrelated.

    Parameters
    ----------
    source, target : (n,) array_like
        The two series: numbers, which are binned, or labels. Estimators without bins also accept
        (n, d): series of several numbers at each time.
    history : int, optional
        Number of past values of the target to condition on; 0 for none.
    source_history : int, optional
        Number of values of the source.
    lag : int, optional
        Steps from the newest value of the source to the predicted value of the target.
    given : (n,) or (n, k) array_like, optional
        Other series to condition on, as in :func:`transfer_entropy`.
    surrogates : {"shift", "block", "permute"}, optional
        How the past of the source is rearranged; its values for one prediction stay together.
        "shift" (default) rotates it by a random number of steps, each at most once. "block" cuts it
        into blocks and puts them in random order. Both keep the dependence of the source on its own
        past. "permute" is for a source that does not depend on its past. It permutes the rows that
        have the same past of the target and of `given`, or, without bins, a similar past.
    n_permutations : int, optional
        Number of surrogates, at least 1.
    block_length : int, optional
        Number of samples in a block, or the smallest shift, as in :func:`permutation_test`.
    seed : int, SeedSequence or Generator, optional
        Source of the random numbers. The same seed gives the same result for any number of threads.
        None means a new seed for each call.
    bins : int, edges, str, or a sequence of those, optional
        Bins of all series or of each; 8 by default.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : sequence of [low, high] or None, optional
        Outermost edges of each series, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Which series are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops the predictions that use it,
        or raises. The remaining predictions are treated as one series.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
        Estimator of the information, as in :func:`transfer_entropy`.
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg" and "mixed".
    jitter : float, optional
        Standard deviation of noise that "ksg" and "mixed" add first, in units of the standard
        deviation of each series.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    TransferEntropyTest
        ``transfer_entropy``, ``effective``, ``pvalue`` and ``null_distribution``. The effective
        transfer entropy is the transfer entropy minus the mean of the surrogates (Marschinski &
        Kantz 2002). The p-value is ``(b + 1) / (m + 1)`` if `b` of the `m` surrogates have at least
        the observed transfer entropy. `m` is `n_permutations`, or the number of different shifts if
        that is smaller.

    Raises
    ------
    TypeError, ValueError
        If the series or an option is not valid: the conditions are listed in
        :func:`transfer_entropy` and :func:`permutation_test`.

    Warns
    -----
    UserWarning
        If a series has so few different shifts that no p-value can be 0.05 or less; if it is too
        short for blocks that are much longer than its memory; or if both series rise or fall over
        time. With "ksg", if values repeat.

    See Also
    --------
    permutation_test : Test of two variables or two series.

    Notes
    -----
    "shift" and "block" are for stationary series. Two trends, or two random walks, are found to be
    related far too often: take differences or remove the trend first.

    References
    ----------
    Marschinski, R. & Kantz, H. (2002), Analysing the information flow between financial time
    series: an improved estimator for transfer entropy, European Physical Journal B 30, 275-281.
    https://doi.org/10.1140/epjb/e2002-00379-2

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> source = np.random.default_rng(0).integers(0, 2, 1000)
    >>> target = np.roll(source, 1)
    >>> there = fastinfo.transfer_entropy_test(source, target, base=2, seed=1)
    >>> there.effective > 0.9, there.pvalue
    (True, 0.005)
    >>> back = fastinfo.transfer_entropy_test(target, source, base=2, seed=1)
    >>> abs(back.effective) < 0.01, back.pvalue > 0.05
    (True, True)
    """
    divisor = base_divisor(base)
    check_nan_policy(nan_policy)
    pasts = Pasts.of(history, source_history, lag)
    choice(surrogates, "surrogates", SURROGATES)
    m = integer(n_permutations, "n_permutations", least=1, most=MOST_REPLICATES)
    length = check_block_length(block_length, surrogates)
    key = seed_key(seed)
    null = Null.unknown(m)
    if choice(estimator, "estimator", ESTIMATORS) != "histogram":
        refuse_binning(estimator, bins, strategy, range, None)
        options = Options.checked(estimator, n_neighbors, jitter, random_state)
        found = numbers_of_pasts(source, target, given, pasts, discrete, options, nan_policy)
        if found is not None:
            null = surrogate_test(found, 1, surrogates, m, key, length)
    else:
        refuse_neighbors(estimator, n_neighbors, jitter, random_state)
        binning = Binning(bins, strategy, range, discrete)
        coded = code_pasts(source, target, given, pasts, binning, nan_policy)
        if coded is not None:
            following, past, *known = (variable.coded for variable in coded[0])
            rows = CodedRows(past, following, *known)
            null = rows.test(surrogates, m, key, length) if rows.n else null
    tell_of_trends(surrogates, source=source, target=target)
    return TransferEntropyTest(
        null.information / divisor,
        (null.information - float(null.surrogates.mean())) / divisor,
        null.pvalue,
        null.surrogates / divisor,
    )
