"""Mutual information between one series and another, some steps later."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.coded_variables import any_of, code_columns, refuse_missing, unique_means
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._bins.rules import mi_bins
from fastinfo._codes.column import UNIQUE_FROM
from fastinfo._core.checks import (
    Array,
    as_array,
    as_weights,
    base_divisor,
    check_nan_policy,
    choice,
)
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import listed, warn
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.information import AVERAGES, information_of, normalize
from fastinfo._measures.misleading import chance_in_table
from fastinfo._neighbors.options import ESTIMATORS, Options, refuse_binning, refuse_neighbors
from fastinfo._neighbors.series.variables import Variables


def _part(coded: Coded, start: int, stop: int) -> Coded:
    return Coded(coded.codes[start:stop], coded.n_levels, coded.edges, coded.levels)


def _as_lags(lags: Any, n: int) -> Array:
    array = as_array(lags, "lags")
    if array.size == 0:
        raise ValueError("lags must hold at least one lag, got an empty array")
    if array.dtype.kind not in "iu":
        raise TypeError(f"lags must be integers, got dtype {array.dtype}")
    widest = max(int(array.max()), -int(array.min()))
    if widest >= n:
        raise ValueError(
            f"lags must be shorter than the series of {n} samples, got a lag of {widest}"
        )
    return array.astype(np.int64)


def lagged_mutual_information(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    lags: npt.ArrayLike,
    *,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    normalized: str | None = None,
    sample_weight: npt.ArrayLike | None = None,
    nan_policy: str = "propagate",
    estimator: str = "histogram",
    n_neighbors: int = 3,
    jitter: float = 0.0,
    random_state: Any = None,
) -> Any:
    r"""
    Lagged mutual information of two series, I(x[t]; y[t + lag]).

    Each series is binned once, with edges from all of its samples, so that the bins are the same
    for every lag. At each lag, only the pairs inside both series are counted.

    Parameters
    ----------
    x, y : (n,) array_like
        The two series: numbers, which are binned, or labels. Estimators without bins also accept
        (n, d): series of several numbers at each time.
    lags : int or array_like of int
        Steps from the sample of x to that of y. If negative, y comes first.
    bins : int, edges, str, or a pair of those, optional
        Bins of numbers, as in :func:`mutual_information`. The rule "mi" assumes a correlation of 0.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : pair of [low, high] or None, optional
        Outermost edges, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a pair of those, optional
        Which series are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default. Each
        entropy uses the cells of its own table.
    normalized : {"arithmetic", "geometric", "min", "max", "joint"}, optional
        Divide by this mean of the entropies, or by the joint entropy: the result is between 0 and 1
        and has no unit.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative. A pair has the weight at the time of its sample
        of x.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN at lags that use it (default), drops its
        pairs, or raises.
    estimator : {"histogram", "ksg", "ksg2", "mixed", "gaussian", "gaussian-copula"}, optional
        Estimator of the information, as in :func:`mutual_information`.
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg", "ksg2" and "mixed".
    jitter : float, optional
        Standard deviation of noise that "ksg", "ksg2" and "mixed" add to each series once, in units
        of the standard deviation of the series.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    float or float64 ndarray
        The mutual information at each lag, with the shape of `lags`; a float for a single lag. NaN
        where a sample is missing and ``nan_policy="propagate"``, or where no pair is left.

    Raises
    ------
    TypeError, ValueError
        If the series or an option is not valid: the conditions are listed in
        :func:`mutual_information`. Also if lags are not integers, or leave no pair.

    Warns
    -----
    UserWarning
        If at least half of the estimate at a lag is due to chance, because there are too many pairs
        of levels for the samples; checked without a correction, from 100 samples on. If labels look
        like an identifier, or integers are treated as numbers. With "ksg", if values repeat.

    See Also
    --------
    first_minimum_lag : The first minimum of the information between a series and its later values.
    transfer_entropy : Information from the past of one series about another, beyond its own past.

    Notes
    -----
    The result at the lag :math:`\ell` is

    .. math::

        I(\ell) = I(X_t; Y_{t + \ell})

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> x = np.random.default_rng(0).integers(0, 2, 10_000)
    >>> y = np.roll(x, 3)
    >>> fastinfo.lagged_mutual_information(x, y, [2, 3, 4], base=2).round(2)
    array([0., 1., 0.])
    """
    divisor = base_divisor(base)
    choice(normalized, "normalized", (None, *AVERAGES))
    check_nan_policy(nan_policy)
    if choice(estimator, "estimator", ESTIMATORS) != "histogram":
        refuse_binning(estimator, bins, strategy, range, sample_weight)
        options = Options.checked(
            estimator, n_neighbors, jitter, random_state, correction, normalized
        )
        variables = Variables.read({"x": x, "y": y}, discrete, options)
        found = _estimated(variables, _as_lags(lags, len(variables)), nan_policy)
        return found if normalized is not None else found / divisor
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    correction = check_correction(correction, of_information=True)
    binning = Binning(bins, strategy, range, discrete)
    (x_coded, y_coded), absent = code_columns(
        [x, y],
        ["x", "y"],
        [1, 1],
        binning,
        mi_bins,
        together=False,
        if_unique=[unique_means(correction)] * 2,
    )
    n = x_coded.codes.size
    weights = as_weights(sample_weight, n)
    steps = _as_lags(lags, n)
    out = np.empty(steps.size)
    mostly_chance = []
    most = max(x_coded.n_levels, y_coded.n_levels)
    looked_at = correction is None and n >= UNIQUE_FROM and 2 * most <= n  # else told already
    for i, lag in enumerate(steps.reshape(-1).tolist()):
        x_span, y_span = spans = _spans(lag, n)
        missing = any_of(None if a is None else a[s] for a, s in zip(absent, spans, strict=True))
        out[i] = math.nan
        if not refuse_missing(missing, "x and y", nan_policy, "pairs"):
            x_part = _part(x_coded, x_span.start, x_span.stop)
            y_part = _part(y_coded, y_span.start, y_span.stop)
            table = Table.count(x_part, y_part, None if weights is None else weights[x_span])
            if table.n:
                information = information_of(table, None, correction)
                out[i] = information / divisor
                if looked_at and chance_in_table(table, information):
                    mostly_chance.append(lag)
                if normalized is not None:
                    out[i] = normalize(information, table, normalized, correction)
    if mostly_chance:
        warn(
            f"x and y have more pairs of values than samples at lags {listed(mostly_chance)}: "
            f"chance alone gives at least half of the estimate there. Use fewer levels or bins, "
            f'or correction="chance", which subtracts this part'
        )
    return float(out[0]) if steps.ndim == 0 else out.reshape(steps.shape)


def _spans(lag: int, n: int) -> tuple[slice, slice]:
    """Slices of x and of y that form the pairs at a lag."""
    return slice(max(-lag, 0), n - max(lag, 0)), slice(max(lag, 0), n + min(lag, 0))


def _estimated(variables: Variables, steps: Array, nan_policy: str) -> Any:
    """Information in nats at each lag by an estimator without bins; warns once of ties."""
    n = len(variables)
    out = np.full(steps.size, math.nan)
    told = False
    for i, lag in enumerate(steps.reshape(-1).tolist()):
        pairs = variables.parts(_spans(lag, n)).complete(nan_policy, "pairs")
        if pairs is not None:
            out[i] = pairs.information(tell=not told)
            told = True
    return float(out[0]) if steps.ndim == 0 else out.reshape(steps.shape)
