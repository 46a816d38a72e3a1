"""Differential entropy of numbers, estimated without bins."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinfo._bins.coded_variables import any_of, refuse_missing
from fastinfo._codes.column import Column, Numbers, columns_of
from fastinfo._core.checks import Array, base_divisor, check_nan_policy, integer, same_length
from fastinfo._core.messages import warn
from fastinfo._neighbors.entropy import entropy_by_neighbors
from fastinfo._neighbors.numbers import as_float64, check_jitter, generator


def differential_entropy(
    X: Any,
    n_neighbors: int = 3,
    *,
    base: float | None = None,
    nan_policy: str = "propagate",
    jitter: float = 0.0,
    random_state: Any = None,
) -> float:
    r"""
    Differential entropy of a continuous variable of one or more columns, without bins.

    This is the estimate of Kozachenko and Leonenko, from the distance of each sample to its k-th
    nearest neighbour.

    Parameters
    ----------
    X : (n,) or (n, d) array_like, or table
        The samples: numbers. The columns of a matrix or table form one variable.
    n_neighbors : int, optional
        The number k of neighbours. A larger number reduces the variance and increases the bias.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises.
    jitter : float, optional
        Standard deviation of the noise that is added first, in units of the standard deviation of
        each column. For rounded values, use about the rounding step: with much less noise, the
        result is the entropy of narrow peaks.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    float
        The entropy of the density, ``-integral(p log(p))``, which may be negative. ``-inf`` if
        there is no density: a sample coincides with `k` others, a column is constant, or a column
        is a linear combination of others. NaN if a sample is missing and
        ``nan_policy="propagate"``, or if no sample is left.

    Raises
    ------
    TypeError
        If samples are not numbers. Dates and durations are refused, since their unit is arbitrary.
    ValueError
        If there are no more samples than neighbours, one is infinite, or an option is not valid.

    Warns
    -----
    UserWarning
        If the result is ``-inf``.

    See Also
    --------
    entropy_of_samples : Entropy of binned numbers and of labels.
    mutual_information : Information shared by two variables, with ``estimator="ksg"``.

    Notes
    -----
    Each column is first divided by its standard deviation :math:`s_j`. Let :math:`\varepsilon_i`
    be the distance of sample :math:`i` to its k-th neighbour, which is the largest difference in
    any column, and :math:`c_d = 2^d` the volume within the distance 1. The estimate is

    .. math::

        \hat h = \psi(n) - \psi(k) + \log c_d + \frac{d}{n} \sum_{i=1}^n \log \varepsilon_i
            + \sum_{j=1}^d \log s_j

    Unlike mutual information, a differential entropy depends on the unit: multiplying X by `a` adds
    ``log(abs(a))`` for each column. For mutual information, use "ksg" rather than differences of
    these entropies, since its errors cancel.

    References
    ----------
    Kozachenko, L. F. & Leonenko, N. N. (1987), Sample estimate of the entropy of a random vector,
    Problems of Information Transmission 23, 95-101.

    Kraskov, A., Stögbauer, H. & Grassberger, P. (2004), Estimating mutual information, Physical
    Review E 69, 066138, equation 20. https://doi.org/10.1103/PhysRevE.69.066138

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> x = np.random.default_rng(0).normal(size=100_000)
    >>> round(fastinfo.differential_entropy(x), 2)  # log(2 pi e) / 2 is 1.419
    1.42
    """
    divisor = base_divisor(base)
    check_nan_policy(nan_policy)
    k = integer(n_neighbors, "n_neighbors", least=1)
    noise, rng = check_jitter(jitter), generator(random_state)
    columns, exponents = _read(X)
    missing = any_of([np.asarray(np.isnan(columns).any(axis=1))])
    if refuse_missing(missing, "X", nan_policy):
        return math.nan
    if missing is not None:
        columns = columns[~missing]
    if np.isinf(columns).any():
        raise ValueError("X must hold finite numbers, got infinity")
    n = len(columns)
    if n == 0:
        return math.nan
    if n <= k:
        raise ValueError(
            f"n_neighbors must be smaller than the number of complete samples, got {k} for {n}"
        )
    found, ties = entropy_by_neighbors(columns, exponents, k, noise, rng)
    if ties == n:
        warn(
            f"X has no density: a column is constant, columns are sums of others, or each sample "
            f"has {k} others at exactly the same place. The differential entropy is -inf. For "
            f"variables of few values, use entropy_of_samples"
        )
    elif ties:
        warn(
            f"X repeats values: {ties} of {n} samples have n_neighbors={k} others at exactly "
            f"the same place, so the differential entropy is -inf. For rounded values, set jitter= "
            f"to about the step between them, in standard deviations, or use more neighbours. For "
            f"variables of few values, use entropy_of_samples"
        )
    return found / divisor


def _read(X: Any) -> tuple[Array, list[int]]:
    """Columns as an (n, d) float64 array, and the exponent of 2 by which to scale each."""
    found: list[Array] = []
    exponents = []
    for samples in columns_of(X, "X"):
        column = Column.of(samples, "X")
        kind = column.kind
        if kind not in ("numbers", None):
            hint = (
                "entropy_of_samples takes labels"
                if kind == "labels"
                else "divide them by a duration first, which becomes the unit"
            )
            raise TypeError(f"X must hold numbers, got {kind}: {hint}")
        read = column.read(False)
        assert isinstance(read, Numbers)
        values, exponent = as_float64(read.values)
        found.append(values)
        exponents.append(exponent)
        same_length(found[0], values, "X", "X")
    out = np.empty((found[0].size, len(found)))
    for j, values in enumerate(found):
        out[:, j] = values
    return out, exponents
