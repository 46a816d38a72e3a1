"""Transfer entropy: what the past of one series adds to the past of another."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._core.checks import as_weights, base_divisor, check_nan_policy, choice
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.joint_entropies import Joint
from fastinfo._measures.misleading import information_given
from fastinfo._neighbors.options import ESTIMATORS, Options, refuse_binning, refuse_neighbors
from fastinfo.time_series.pasts import Pasts, code_pasts, numbers_of_pasts


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

    The information that the source's past has about a value of the target beyond the target's own
    past: ``I(target[t]; source[t - lag], ... | target[t - 1], ..., target[t - history])``, with
    `source_history` values of the source, back from ``t - lag``.

    Parameters
    ----------
    source, target : (n,) array_like
        The two series: numbers, which are binned, or labels. Without bins, (n, d) too: series of
        several numbers at a time.
    history : int, optional
        Number of past values of the target that are known (Schreiber's k); 0 for none.
    source_history : int, optional
        Number of values of the source (Schreiber's l).
    lag : int, optional
        Steps from the newest value of the source to the predicted value of the target. 0 takes the
        values of both at the same time: what they share beyond the past, without a direction.
    given : (n,) or (n, k) array_like, optional
        Other series that are known, one or the columns of a matrix or table. Of each, as many past
        values as of the target are, back from ``t - 1``, and at least one: what is left is not due
        to them.
    bins : int, edges, str, or a sequence of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : sequence of [low, high] or None, optional
    discrete : {"auto", True, False} or a sequence of those, optional
    base : float, optional
    correction : str or float, optional
        Bins of each series (8 with equal counts by default), which of them are labels, unit of the
        result, and estimator of the entropies: as in :func:`conditional_mutual_information`.
    sample_weight : (n,) array_like, optional
        Weights of the predicted values, by their time t: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops the predictions that use it,
        or raises.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
    n_neighbors : int, optional
    jitter : float, optional
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Ways without bins, for numbers alone, and their options: as in
        :func:`conditional_mutual_information`. They have no weights. "gaussian" is half of
        Granger's statistic (Barnett, Barrett & Seth 2009).

    Returns
    -------
    float
        Never negative without a correction; "ksg" and "mixed" may be. NaN where a sample is missing
        under ``nan_policy="propagate"``, and where nothing is left.

    Raises
    ------
    TypeError, ValueError
        Where :func:`conditional_mutual_information` raises them; if a history or the lag is no
        integer, or the series are too short for them.

    Warns
    -----
    UserWarning
        Where :func:`conditional_mutual_information` warns.

    See Also
    --------
    transfer_entropy_test : With a p-value, and less what chance gives.
    transfer_entropy_matrix : From each series to each other.

    Notes
    -----
    With the lag :math:`\ell`, :math:`k` values of the target's history and :math:`m` of the
    source's, the transfer entropy is

    .. math::

        T_{X \to Y}
            = I(Y_t; X_{t - \ell}, \ldots, X_{t - \ell - m + 1} \,|\, Y_{t - 1}, \ldots, Y_{t - k})

    Each series is coded once, with edges from all of its samples. Past values multiply: with 8
    bins a history of 5 has 32,768 states, and the plug-in estimate is too large where the series
    is not much longer than that. Only states that occur are kept where a table would be too large.

    A sequence of settings has an entry for the source, one for the target, and one for all series
    that are given, or for each of them.

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
    known = "the pasts of source and target" if pasts.history else "the past of source"
    known += "" if given is None else ", and of what is given"
    return information_given(joint, correction, f"the next value and {known}") / divisor
