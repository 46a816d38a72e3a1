"""Entropy of numbers as densities, without bins."""

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
    Differential entropy of a continuous variable of one column or more, without bins.

    The estimate of Kozachenko and Leonenko, from the distance of each sample's k-th neighbour.

    Parameters
    ----------
    X : (n,) or (n, d) array_like, or table
        The samples: numbers. The columns of a matrix or table are one variable.
    n_neighbors : int, optional
        Which neighbour is the k-th: more vary less, and blur more.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises.
    jitter : float, optional
        Standard deviation of noise that is added first, in units of the standard deviation of each
        column. For rounded values take about the step between them: much less gives the entropy of
        narrow peaks.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Where that noise comes from. None is a new state each time.

    Returns
    -------
    float
        ``-integral(p log(p))`` of the density; it may be negative. ``-inf`` where a sample has `k`
        others at the very place, a column is constant, or columns are sums of others: there is no
        density then. NaN where a sample is missing under ``nan_policy="propagate"``, and where none
        is left.

    Raises
    ------
    TypeError
        If samples are no numbers, or are points of time or durations, whose unit is a choice.
    ValueError
        If there are no more samples than neighbours, one is infinite, or an option is wrong.

    Warns
    -----
    UserWarning
        Where the result is ``-inf``.

    See Also
    --------
    entropy_of_samples : Of bins and labels.
    mutual_information : ``estimator="ksg"`` for what two variables share.

    Notes
    -----
    Each column is divided by its standard deviation :math:`s_j` first. With the distance
    :math:`\varepsilon_i` to the k-th neighbour of sample :math:`i` then, the largest difference
    of a column, and the volume :math:`c_d = 2^d` within the distance 1, the estimate is

    .. math::

        \hat h = \psi(n) - \psi(k) + \log c_d + \frac{d}{n} \sum_{i=1}^n \log \varepsilon_i
            + \sum_{j=1}^d \log s_j

    The entropy of ``a X`` is that of X and ``log(abs(a))`` for each column, at any magnitude: a
    differential entropy depends on the unit, unlike information. Those of x and y less that of both
    are a poorer estimate of information than "ksg", in which errors cancel.

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
            f"has {k} others at the very place. The differential entropy is -inf. "
            f"entropy_of_samples takes variables of few values"
        )
    elif ties:
        warn(
            f"X repeats values: {ties} of {n} samples have n_neighbors={k} others at the very "
            f"place, and the differential entropy is -inf. jitter= spreads rounded values if it is "
            f"about the step between them, in standard deviations; more neighbours reach farther; "
            f"entropy_of_samples takes variables of few values"
        )
    return found / divisor


def _read(X: Any) -> tuple[Array, list[int]]:
    """Columns (n, d) of float64, and the exponents of what each is to be multiplied by."""
    found: list[Array] = []
    exponents = []
    for samples in columns_of(X, "X"):
        column = Column.of(samples, "X")
        kind = column.kind
        if kind not in ("numbers", None):
            hint = (
                "entropy_of_samples takes labels"
                if kind == "labels"
                else "divide them by a duration first, the unit of the result"
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
