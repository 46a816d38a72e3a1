"""Transfer entropy: what the past of one series adds to the past of another."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.coded_variables import MANY_BINS, any_of, code_columns, refuse_missing
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._core.checks import as_weights, base_divisor, check_nan_policy, integer
from fastinfo._core.coded_variable import Coded
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.joint_entropies import Joint, join_variables
from fastinfo._measures.misleading import information_given


def _part(coded: Coded, start: int, stop: int) -> Coded:
    return Coded(coded.codes[start:stop], coded.n_levels, coded.edges, coded.levels)


def transfer_entropy(
    source: npt.ArrayLike,
    target: npt.ArrayLike,
    *,
    history: int = 1,
    source_history: int = 1,
    lag: int = 1,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    sample_weight: npt.ArrayLike | None = None,
    nan_policy: str = "propagate",
) -> float:
    """
    Transfer entropy from one series to another (Schreiber 2000).

    The information that the source's past has about a value of the target beyond the target's own
    past: ``I(target[t]; source[t - lag], ... | target[t - 1], ..., target[t - history])``, with
    `source_history` values of the source, back from ``t - lag``.

    Parameters
    ----------
    source, target : (n,) array_like
        The two series: numbers, which are binned, or labels.
    history : int, optional
        Number of past values of the target that are known (Schreiber's k); 0 for none.
    source_history : int, optional
        Number of values of the source (Schreiber's l).
    lag : int, optional
        Steps from the newest value of the source to the predicted value of the target.
    bins : int, edges, str, or a pair of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : pair of [low, high] or None, optional
    discrete : {"auto", True, False} or a pair of those, optional
    base : float, optional
    correction : str or float, optional
        Bins of each series (8 with equal counts by default), which of them are labels, unit of the
        result, and estimator of the entropies: as in :func:`conditional_mutual_information`.
    sample_weight : (n,) array_like, optional
        Weights of the predicted values, by their time t: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops the predictions that use it,
        or raises.

    Returns
    -------
    float
        Never negative without a correction. NaN where a sample is missing under
        ``nan_policy="propagate"``, and where nothing is left.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them; if a history is no integer, or the series are
        too short for the histories and the lag.

    Notes
    -----
    Each series is coded once, with edges from all of its samples. Past values multiply: with 8
    bins a history of 5 has 32,768 states, and the plug-in estimate is too large where the series
    is not much longer than that. Only states that occur are kept where a table would be too large.

    References
    ----------
    Schreiber, T. (2000), Measuring information transfer, Physical Review Letters 85, 461-464.
    https://doi.org/10.1103/PhysRevLett.85.461

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
    divisor, correction = base_divisor(base), check_correction(correction)
    check_nan_policy(nan_policy)
    history = integer(history, "history", least=0)
    source_history = integer(source_history, "source_history", least=1)
    lag = integer(lag, "lag", least=1)
    binning = Binning(bins, strategy, range, discrete)
    (s_coded, t_coded), (s_absent, t_absent) = code_columns(
        [source, target],
        ["source", "target"],
        [1, 1],
        binning,
        lambda n: MANY_BINS,
        together=False,
        if_unique=["", ""],
    )
    n = s_coded.codes.size
    first = max(history, lag + source_history - 1)  # the first value that can be predicted
    if first >= n:
        raise ValueError(
            f"source and target must be longer than what is looked back at, {first} steps, "
            f"got {n} samples"
        )
    weights = as_weights(sample_weight, n)
    s_back = [lag + k for k in np.arange(source_history).tolist()]
    t_back = [1 + k for k in np.arange(history).tolist()]
    missing = any_of(
        absent[first - back : n - back]
        for absent, backs in ((s_absent, s_back), (t_absent, [0, *t_back]))
        if absent is not None
        for back in backs
    )
    if refuse_missing(missing, "source and target", nan_policy):
        return math.nan
    groups = [
        [_part(coded, first - back, n - back) for back in backs]
        for coded, backs in ((t_coded, [0]), (s_coded, s_back), (t_coded, t_back))
    ]
    variables = [join_variables(group) for group in groups if group]
    joint = Joint(variables, None if weights is None else weights[first:])
    if not joint.n:
        return math.nan
    pasts = "the pasts of source and target" if history else "the past of source"
    return information_given(joint, correction, f"the next value and {pasts}") / divisor
