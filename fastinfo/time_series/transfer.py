"""Transfer entropy: information from the past of one series about another series."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._core.checks import as_weights, base_divisor, check_nan_policy, choice
from fastinfo._core.in_njit import in_njit
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.joint_entropies import Joint
from fastinfo._measures.misleading import information_given
from fastinfo._neighbors.options import ESTIMATORS, Options, refuse_binning, refuse_neighbors
from fastinfo.time_series.pasts import Pasts, code_pasts, numbers_of_pasts, words_for


@in_njit("fastinfo.time_series.compiled", prefer_literal=True)
def transfer_entropy(
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    history: int = 1,
    source_history: int = 1,
    lag: int = 1,
    given: npt.ArrayLike | None = None,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    sample_weight: npt.ArrayLike | None = None,
    nan_policy: str = "propagate",
    estimator: str = "histogram",
    n_neighbors: int = 3,
    jitter: float = 0.0,
    random_state: Any = None,
) -> float:
    r"""
    Transfer entropy from one series to another (Schreiber 2000).

    This is the information in the past of the source about a value of the target, beyond the
    target's own past: ``I(target[t]; source[t - lag], ... | target[t - 1], ...,
    target[t - history])``. It uses `source_history` values of the source, from ``t - lag``
    backwards.

    Parameters
    ----------
    source, target : (n,) array_like
        The two series: numbers, which are binned, or labels. Estimators without bins also accept
        (n, d): series of several numbers at each time.
    history : int, optional
        Number of past values of the target to condition on (Schreiber's k); 0 for none.
    source_history : int, optional
        Number of values of the source (Schreiber's l).
    lag : int, optional
        Steps from the newest value of the source to the predicted value of the target. With 0, both
        values are from the same time. The result is then the information that they share beyond the
        past, and has no direction.
    given : (n,) or (n, k) array_like, optional
        Other series to condition on: one series, or the columns of a matrix or table. For each of
        them, `history` past values are used, but at least one, from ``t - 1`` backwards.
        Information that comes from these series is excluded.
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
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default.
    sample_weight : (n,) array_like, optional
        Weights of the predicted values, by their time t: finite, not negative. Estimators without
        bins do not accept weights.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops the predictions that use it,
        or raises.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
        The estimators of :func:`conditional_mutual_information`. All but "histogram" accept numbers
        only. "gaussian" gives half of Granger's statistic (Barnett, Barrett & Seth 2009).
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg" and "mixed".
    jitter : float, optional
        Standard deviation of noise that "ksg" and "mixed" add first, in units of the standard
        deviation of each series.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    float
        The transfer entropy. It is never negative without a correction, but "ksg" and "mixed" may
        be. NaN if a sample is missing and ``nan_policy="propagate"``, or if no prediction is left.

    Raises
    ------
    TypeError, ValueError
        If the series or an option is not valid: the conditions are listed in
        :func:`conditional_mutual_information`. Also if a history or the lag is not an integer, or
        the series are too short for them.

    Warns
    -----
    UserWarning
        If bias dominates, labels look like an identifier, integers are treated as numbers, or
        distances are tied: see :func:`conditional_mutual_information`.

    See Also
    --------
    transfer_entropy_test : Transfer entropy with a p-value and without its bias.
    transfer_entropy_matrix : Transfer entropy between all pairs of many series.

    Notes
    -----
    With the lag :math:`\ell`, a target history of :math:`k` values and a source history of
    :math:`m` values, the transfer entropy is

    .. math::

        T_{X \to Y}
            = I(Y_t; X_{t - \ell}, \ldots, X_{t - \ell - m + 1} \,|\, Y_{t - 1}, \ldots, Y_{t - k})

    Each series is binned once, with edges from all of its samples. The number of states grows
    exponentially with the history: with 8 bins, a history of 5 has 32,768 states. The plug-in
    estimate is too large unless the series is much longer than that. If a table of all states would
    be too large, only states that occur are stored.

    A sequence of settings has one entry for the source, one for the target, and one for all series
    of `given` or one for each of them.

    References
    ----------
    Schreiber, T. (2000), Measuring information transfer, Physical Review Letters 85, 461-464.
    https://doi.org/10.1103/PhysRevLett.85.461

    Barnett, L., Barrett, A. B. & Seth, A. K. (2009), Granger causality and transfer entropy are
    equivalent for Gaussian variables, Physical Review Letters 103, 238701.
    https://doi.org/10.1103/PhysRevLett.103.238701

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> source = np.random.default_rng(0).integers(0, 2, 10_000)
    >>> target = np.roll(source, 1)
    >>> round(fastinfo.transfer_entropy(source, target, base=2), 2)
    1.0
    >>> round(fastinfo.transfer_entropy(target, source, base=2), 2)
    0.0
    """
    divisor = base_divisor(base)
    check_nan_policy(nan_policy)
    pasts = Pasts.of(history, source_history, lag)
    if choice(estimator, "estimator", ESTIMATORS) != "histogram":
        refuse_binning(estimator, bins, strategy, range, sample_weight)
        options = Options.checked(estimator, n_neighbors, jitter, random_state, correction)
        found = numbers_of_pasts(source, target, given, pasts, discrete, options, nan_policy)
        return math.nan if found is None else found.information() / divisor
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    correction = check_correction(correction)
    binning = Binning(bins, strategy, range, discrete)
    coded = code_pasts(source, target, given, pasts, binning, nan_policy)
    if coded is None:
        return math.nan
    variables, first, n = coded
    weights = as_weights(sample_weight, n)
    joint = Joint(variables, None if weights is None else weights[first:])
    if not joint.n:
        return math.nan
    return information_given(joint, correction, words_for(pasts, given)) / divisor
