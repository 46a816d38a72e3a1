"""Local transfer entropy: one term for each value of the target."""

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
    Transfer entropy of each value of the target: the terms whose mean is the transfer entropy.

    Each term is a logarithm. It says how much more likely the past of the source makes this value
    of the target, beyond the target's own past (Lizier, Prokopenko & Zomaya 2008). The terms show
    when information is transferred.

    Parameters
    ----------
    source, target : (n,) array_like
        The two series, as in :func:`transfer_entropy`.
    history : int, optional
        Number of past values of the target to condition on; 0 for none.
    source_history : int, optional
        Number of values of the source.
    lag : int, optional
        Steps from the newest value of the source to the predicted value of the target.
    given : (n,) or (n, k) array_like, optional
        Other series to condition on, as in :func:`transfer_entropy`.
    bins : int, edges, str, or a sequence of those, optional
        Bins of all series or of each; 8 by default.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : sequence of [low, high] or None, optional
        Outermost edges of each series, unless `bins` are edges.
    discrete : {"auto", True, False} or a sequence of those, optional
        Which series are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    sample_weight : (n,) array_like, optional
        Weights of the predicted values, as in :func:`transfer_entropy`. The mean of the terms with
        these weights is the transfer entropy with these weights.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes all terms NaN (default), makes only the terms that use it
        NaN, or raises.
    estimator : {"histogram", "ksg", "gaussian", "gaussian-copula"}, optional
        Estimator of the terms, as in :func:`local_mutual_information`.
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg".
    jitter : float, optional
        Standard deviation of noise that "ksg" adds first, in units of the standard deviation of
        each series.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    (n,) float64 ndarray
        One term for each time of the target. A term is negative if the past of the source is
        misleading. NaN for the first values, which have no complete past, and where a sample is
        missing or outside the range.

    Raises
    ------
    TypeError, ValueError
        If :func:`transfer_entropy` raises them.

    Warns
    -----
    UserWarning
        If :func:`local_mutual_information` warns.

    See Also
    --------
    transfer_entropy : The mean of the terms.

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
