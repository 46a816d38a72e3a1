"""Transfer entropy value by value."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._codes.column import columns_of
from fastinfo._core.checks import Array, as_weights, base_divisor, check_nan_policy, choice
from fastinfo._counts.local_values import local_information
from fastinfo._measures.joint_entropies import Joint
from fastinfo._measures.misleading import tell_chance_given
from fastinfo._neighbors.options import LOCAL, Options, refuse_binning, refuse_neighbors
from fastinfo.time_series.pasts import Pasts, code_pasts, rows_of_pasts, words_for


def local_transfer_entropy(
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
    sample_weight: npt.ArrayLike | None = None,
    nan_policy: str = "propagate",
    estimator: str = "histogram",
    n_neighbors: int = 3,
    jitter: float = 0.0,
    random_state: Any = None,
) -> Array:
    """
    Transfer entropy of each value of the target: the terms whose mean is that of all of them.

    How much more likely the past of the source has made the next value of the target, beyond the
    target's own past (Lizier, Prokopenko & Zomaya 2008): where, and when, information arrives.

    Parameters
    ----------
    source, target : (n,) array_like
    history : int, optional
    source_history : int, optional
    lag : int, optional
    given : (n,) or (n, k) array_like, optional
        The series, and how far they are looked back at: as in :func:`transfer_entropy`.
    bins : int, edges, str, or a sequence of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : sequence of [low, high] or None, optional
    discrete : {"auto", True, False} or a sequence of those, optional
    base : float, optional
    sample_weight : (n,) array_like, optional
        Bins, labels, unit of the result, and weights: as in :func:`transfer_entropy`. The mean with
        these weights is the transfer entropy with them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes all terms NaN (default), those alone that use it, or raises.
    estimator : {"histogram", "ksg", "gaussian", "gaussian-copula"}, optional
    n_neighbors : int, optional
    jitter : float, optional
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Estimator and its options, as in :func:`local_mutual_information`.

    Returns
    -------
    (n,) float64 ndarray
        By the time of the predicted value; NaN of the first ones, which have no past, and where
        something is missing or outside of the range. Below 0 where the source misinforms.

    Raises
    ------
    TypeError, ValueError
        Where :func:`transfer_entropy` raises them.

    Warns
    -----
    UserWarning
        Where :func:`local_mutual_information` warns.

    See Also
    --------
    transfer_entropy : The mean.

    References
    ----------
    Lizier, J. T., Prokopenko, M. & Zomaya, A. Y. (2008), Local information transfer as a
    spatiotemporal filter for complex systems, Physical Review E 77, 026110.
    https://doi.org/10.1103/PhysRevE.77.026110

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> source = np.array([0, 1, 1, 0, 1, 0, 0, 1] * 50)
    >>> target = np.roll(source, 1)  # a copy, one step later
    >>> local = fastinfo.local_transfer_entropy(source, target, base=2)
    >>> local[:5].round(2).tolist()
    [nan, 0.42, 0.42, 2.0, 0.42]
    >>> bool(abs(np.nanmean(local) - fastinfo.transfer_entropy(source, target, base=2)) < 1e-12)
    True
    """
    divisor = base_divisor(base)
    check_nan_policy(nan_policy)
    pasts = Pasts.of(history, source_history, lag)
    if choice(estimator, "estimator", LOCAL) != "histogram":
        refuse_binning(estimator, bins, strategy, range, sample_weight)
        options = Options.checked(estimator, n_neighbors, jitter, random_state)
        rows, first = rows_of_pasts(source, target, given, pasts, discrete, options)
        values = rows.local(nan_policy)
        return np.concatenate([np.full(first, np.nan), values]) / divisor
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    binning = Binning(bins, strategy, range, discrete)
    coded = code_pasts(source, target, given, pasts, binning, nan_policy)
    if coded is None:
        return np.full(len(columns_of(target, "target")[0]), np.nan)
    variables, first, n = coded
    weights = as_weights(sample_weight, n)
    x, y, *known = (variable.coded for variable in variables)
    weights = None if weights is None else weights[first:]
    tell_chance_given(Joint(variables, weights), words_for(pasts, given))
    values = local_information(x, y, known[0] if known else None, weights)
    return np.concatenate([np.full(first, np.nan), values]) / divisor
