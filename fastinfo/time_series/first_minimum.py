"""The lag of the first minimum of the information between a series and its later values."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.coded_variables import code_columns, refuse_missing, unique_means
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._bins.rules import mi_bins
from fastinfo._core.checks import choice, integer, shown
from fastinfo._core.coded_variable import Coded
from fastinfo._core.messages import warn
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.information import information_of
from fastinfo._neighbors.options import ESTIMATORS, Options, refuse_binning, refuse_neighbors
from fastinfo._neighbors.series.variables import Variables

_ROUNDING = 1e-12  # nats by which equal information can differ


def first_minimum_lag(
    x: npt.ArrayLike,
    max_lag: int,
    *,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    correction: str | float | None = None,
    nan_policy: str = "omit",
    estimator: str = "histogram",
    n_neighbors: int = 3,
    jitter: float = 0.0,
    random_state: Any = None,
) -> int:
    """
    Lag of the first minimum of the mutual information between a series and its later values.

    This is the usual delay of the coordinates ``x[t], x[t + lag], x[t + 2 lag], ...`` that
    reconstruct a system from one series (Fraser & Swinney 1986). At this lag, successive
    coordinates share little information for the first time.

    Parameters
    ----------
    x : (n,) array_like
        The series: numbers, which are binned, or labels.
    max_lag : int
        The largest lag to consider, from 1 to ``n - 2``.
    bins : int, edges or str, optional
        Bins of numbers, as in :func:`mutual_information`. The rule "mi" assumes a correlation of 0.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : [low, high], optional
        Outermost edges, unless `bins` are edges.
    discrete : {"auto", True, False}, or a mapping of "x" to one of those, optional
        Whether the samples are labels, as in :func:`mutual_information`.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default.
    nan_policy : {"omit", "raise"}, optional
        Whether pairs with a missing sample are omitted (default) or raise an error.
    estimator : {"histogram", "ksg", "ksg2", "mixed", "gaussian", "gaussian-copula"}, optional
        Estimator of the information, as in :func:`mutual_information`.
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg", "ksg2" and "mixed".
    jitter : float, optional
        Standard deviation of noise that is added first, for "ksg", "ksg2" and "mixed".
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    int
        The first lag, from 1 on, with less information than the lag before it and the lag after it.
        For a flat minimum, after which the information rises, it is the lag where the minimum
        begins. If there is no minimum up to `max_lag`, the result is `max_lag`, with a warning.

    Raises
    ------
    TypeError, ValueError
        If the series or an option is not valid: the conditions are listed in
        :func:`mutual_information`. Also if `max_lag` is not an integer from 1 to ``n - 2``.

    Warns
    -----
    UserWarning
        If the information has no minimum up to `max_lag`; if labels look like an identifier; or if
        integers are treated as numbers. With "ksg", if values repeat.

    Notes
    -----
    At lag 0, the information is the entropy of the series, which is its maximum. The estimate at
    each lag has a random error. So any lag can be a minimum where the information hardly changes.
    If the information only decreases, the first minimum is where it reaches the level of chance.
    Look at all lags with :func:`lagged_mutual_information`, and use fewer bins for short series.

    References
    ----------
    Fraser, A. M. & Swinney, H. L. (1986), Independent coordinates for strange attractors from
    mutual information, Physical Review A 33, 1134-1140. https://doi.org/10.1103/PhysRevA.33.1134

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> t, rng = np.arange(10_000), np.random.default_rng(0)
    >>> wave = np.sin(2 * np.pi * t / 40) + 0.3 * rng.normal(size=t.size)
    >>> fastinfo.first_minimum_lag(wave, 30, bins=4)  # a quarter of the period
    10
    """
    choice(nan_policy, "nan_policy", ("omit", "raise"))
    last = integer(max_lag, "max_lag", least=1)
    if not (
        isinstance(discrete, bool | np.bool_ | Mapping)
        or (isinstance(discrete, str) and discrete == "auto")
    ):
        raise ValueError(
            f"discrete must be 'auto', True, False, or a mapping of 'x' to one of those, "
            f"got {shown(discrete)}"
        )
    if choice(estimator, "estimator", ESTIMATORS) != "histogram":
        refuse_binning(estimator, bins, strategy, range, None)
        options = Options.checked(estimator, n_neighbors, jitter, random_state, correction)
        variables = Variables.read({"x": x}, discrete, options)
        return _first(_estimates(variables, nan_policy), len(variables), last)
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    correction = check_correction(correction, of_information=True)
    limits = None if range is None else [range]
    (coded,), (absent,) = code_columns(
        [x],
        ["x"],
        [1],
        Binning(bins, strategy, limits, discrete),
        mi_bins,
        together=False,
        if_unique=[unique_means(correction)],
    )
    refuse_missing(absent, "x", nan_policy, "samples")

    def at(lag: int) -> float:
        earlier, later = coded.codes[:-lag], coded.codes[lag:]
        table = Table.count(Coded(earlier, coded.n_levels), Coded(later, coded.n_levels))
        return information_of(table, None, correction) if table.n else math.nan

    return _first(at, coded.codes.size, last)


def _estimates(variables: Variables, nan_policy: str) -> Callable[[int], float]:
    """Information at each lag by an estimator without bins; warns once of ties."""
    if nan_policy == "raise":
        variables.complete(nan_policy, "samples")
    told: list[int] = []

    def at(lag: int) -> float:
        pairs = variables.lagged(lag).complete("omit")
        if pairs is None:
            return math.nan
        found = pairs.information(tell=not told)
        told.append(lag)
        return found

    return at


def _first(information: Callable[[int], float], n: int, last: int) -> int:
    """First minimum up to the last lag; if there is none, the last lag, with a warning."""
    if last > n - 2:
        raise ValueError(
            f"max_lag must be at most the number of samples minus 2, got {last} for {n} samples"
        )
    least, at = math.inf, 1
    for lag in builtins.range(1, last + 2):
        here = information(lag)
        if here > least + _ROUNDING:
            return at
        if here < least - _ROUNDING:
            least, at = here, lag
    warn(
        f"the information of x and its later values has no minimum up to max_lag={last}, which "
        f"is returned: the information only falls, or does not change. A larger max_lag may find "
        f"a minimum"
    )
    return last
