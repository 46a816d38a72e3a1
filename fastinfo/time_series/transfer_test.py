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

    transfer_entropy: float  #: of the series
    effective: float  #: less the mean of the surrogates
    pvalue: float  #: ``(b + 1) / (m + 1)`` where `b` of `m` surrogates have at least as much
    null_distribution: Array  #: (m,) transfer entropy of surrogates of the source

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
    Test whether a series informs about the next value of another beyond what is known.

    The past of the source is put beside other times of the target, which keeps its own past: what
    transfer entropy is found then is chance, and bias. Shuffled samples are no such surrogates,
    where series remember their past.

    Parameters
    ----------
    source, target : (n,) array_like
    history : int, optional
    source_history : int, optional
    lag : int, optional
    given : (n,) or (n, k) array_like, optional
        The series, how far they are looked back at, and others that are known: as in
        :func:`transfer_entropy`.
    surrogates : {"shift", "block", "permute"}, optional
        What is done with the source's past, whose values at one time stay together. "shift"
        (default) turns it, taken as a circle, by a random number of steps, no one twice; "block"
        cuts it into blocks and puts them in a random order. Both keep what the source tells about
        its own past. "permute" is for a source without memory beyond what is known: it permutes
        among the rows of equal past of the target and what is given, or, without bins, of near
        past, as :func:`permutation_test` does.
    n_permutations : int, optional
        Number of surrogates, at least 1.
    block_length : int, optional
        Samples of a block, and the least shift: as in :func:`permutation_test`.
    seed : int, SeedSequence or Generator, optional
        Where random numbers come from. With the same one the result is the same, whatever the
        number of threads; None is different each time.
    bins : int, edges, str, or a sequence of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : sequence of [low, high] or None, optional
    discrete : {"auto", True, False} or a sequence of those, optional
    base : float, optional
    nan_policy : {"propagate", "omit", "raise"}, optional
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
    n_neighbors : int, optional
    jitter : float, optional
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        As in :func:`transfer_entropy`. What complete rows are left is taken as one series.

    Returns
    -------
    TransferEntropyTest
        The transfer entropy, the effective one, which is less the mean of the surrogates
        (Marschinski & Kantz 2002), the p-value ``(b + 1) / (m + 1)``, and the transfer entropy of
        the `m` surrogates, of which `b` have at least as much. `m` is `n_permutations`, or the
        number of different shifts where that is less.

    Raises
    ------
    TypeError, ValueError
        Where :func:`transfer_entropy` and :func:`permutation_test` raise them.

    Warns
    -----
    UserWarning
        Where a series has so few shifts that no p-value is 0.05, and where both series rise or fall
        over time; with "ksg", where values repeat.

    See Also
    --------
    permutation_test : Of two variables, also as series.

    Notes
    -----
    "shift" and "block" are for stationary series. Two trends, or two random walks, are called
    related far too often: take differences first, or what is left when the trend is taken off.

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
