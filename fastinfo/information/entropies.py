"""Entropies of samples: of two variables together, of one given the other, and their distance."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._core.checks import base_divisor
from fastinfo._core.in_njit import in_njit
from fastinfo._measures import information as measures
from fastinfo._measures.corrections import check_correction
from fastinfo.information.counting import count_pair


@in_njit("fastinfo.numba_ext.of_samples", prefer_literal=True)
def joint_entropy(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
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
    Entropy of two variables together, H(X, Y), from their joint histogram.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels.
    bins : int, edges, str, or a pair of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : [[x_min, x_max], [y_min, y_max]], optional
    discrete : {"auto", True, False} or a pair of those, optional
        How numbers are binned (equal counts by default), and which variables are labels: as in
        :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its pair, or raises.

    Returns
    -------
    float
        ``-sum(p(x, y) log(p(x, y)))``; NaN where :func:`mutual_information` is.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them.

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.joint_entropy([0, 0, 1, 1], [0, 1, 0, 1], base=2)
    2.0
    """
    base_divisor(base)
    check_correction(correction)
    table = count_pair(x, y, nan_policy, correction, bins, strategy, range, discrete, sample_weight)
    return math.nan if table is None else measures.entropy_of(table, "joint", base, correction)


@in_njit("fastinfo.numba_ext.of_samples", prefer_literal=True)
def conditional_entropy(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
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
    Entropy that is left in x when y is known, H(X|Y), from their joint histogram.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels.
    bins : int, edges, str, or a pair of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : [[x_min, x_max], [y_min, y_max]], optional
    discrete : {"auto", True, False} or a pair of those, optional
    base : float, optional
    correction : str or float, optional
    sample_weight : (n,) array_like, optional
    nan_policy : {"propagate", "omit", "raise"}, optional
        Bins, labels, unit of the result (nats), estimator of the entropies, weights of the pairs,
        and what a missing sample does: as in :func:`joint_entropy`.

    Returns
    -------
    float
        ``H(X, Y) - H(Y)``, never negative without a correction; NaN where
        :func:`mutual_information` is.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them.

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.conditional_entropy([0, 1, 2, 3], [0, 0, 1, 1], base=2)
    1.0
    >>> fastinfo.conditional_entropy([0, 0, 1, 1], [0, 1, 2, 3], base=2)
    0.0
    """
    base_divisor(base)
    check_correction(correction)
    table = count_pair(x, y, nan_policy, correction, bins, strategy, range, discrete, sample_weight)
    return math.nan if table is None else measures.remaining_entropy(table, "x|y", base, correction)


@in_njit("fastinfo.numba_ext.of_samples", prefer_literal=True)
def variation_of_information(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
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
    Variation of information of two variables: ``H(X|Y) + H(Y|X)``, a distance.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels.
    bins : int, edges, str, or a pair of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : [[x_min, x_max], [y_min, y_max]], optional
    discrete : {"auto", True, False} or a pair of those, optional
    base : float, optional
    correction : str or float, optional
    sample_weight : (n,) array_like, optional
    nan_policy : {"propagate", "omit", "raise"}, optional
        Bins, labels, unit of the result (nats), estimator of the entropies, weights of the pairs,
        and what a missing sample does: as in :func:`joint_entropy`.

    Returns
    -------
    float
        0 where each variable is a function of the other. Between labels it is a metric: symmetric,
        with the triangle inequality. NaN where :func:`mutual_information` is.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them.

    References
    ----------
    Meila, M. (2007), Comparing clusterings: an information based distance, Journal of Multivariate
    Analysis 98, 873-895. https://doi.org/10.1016/j.jmva.2006.11.013

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.variation_of_information([0, 0, 1, 1], [0, 1, 0, 1], base=2)
    2.0
    >>> fastinfo.variation_of_information([0, 0, 1, 1], ["b", "b", "a", "a"], base=2)
    0.0
    """
    base_divisor(base)
    check_correction(correction)
    table = count_pair(x, y, nan_policy, correction, bins, strategy, range, discrete, sample_weight)
    return math.nan if table is None else measures.variation_of(table, base, correction)
