"""Entropies of samples: joint and conditional entropy, and variation of information."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._bins.coded_variables import MANY_BINS, refuse_missing
from fastinfo._bins.edges import EQUAL_COUNTS, STRATEGIES
from fastinfo._bins.options import Binning
from fastinfo._bins.rules import mi_bins_of_one
from fastinfo._codes.column import columns_of
from fastinfo._core.checks import base_divisor, check_nan_policy, choice
from fastinfo._core.in_njit import in_njit
from fastinfo._counts.samples import count_samples
from fastinfo._measures import information as measures
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.counted_groups import count_groups, count_pair

#: What it means for a plug-in entropy where labels are nearly all different.
_IF_UNIQUE = (
    "the plug-in entropy of such labels is close to its limit, the logarithm of the number of "
    "samples. "
    'correction="chao-shen" allows for labels that were not seen'
)


def entropy_of_samples(
    *columns: Any,
    bins: Any = "mi",
    strategy: str | None = None,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    correction: str | float | None = None,
    sample_weight: npt.ArrayLike | None = None,
    nan_policy: str = "propagate",
) -> float:
    r"""
    Entropy of samples of one variable, or joint entropy of several.

    Numbers are binned, and labels are counted. For probabilities, use :func:`entropy`.

    Parameters
    ----------
    *columns : (n,) array_like, or (n, k) array_like or table
        Samples of each variable: numbers or labels. Each column of a matrix or table is a variable.
    bins : int, edges, str, or a sequence of those, optional
        Bins of all variables or of each: a number, edges, or a rule. The rule "mi" (default)
        chooses the number of bins from the number of samples: for one variable after Hacine-Gharbi
        et al. (2012), for two as in :func:`mutual_information`. For three or more it is 8 each.
    strategy : {"uniform", "quantile"}, optional
        Whether bins have equal widths (the default for one variable) or equal counts (the default
        for several). Not used for edges that are given.
    range : (low, high), or a sequence of those or None, optional
        Outermost edges of one variable, or of each of several, unless `bins` are edges. Samples
        outside are dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropy, as in :func:`entropy_from_counts`; plug-in by default.
    sample_weight : (n,) array_like, optional
        Weights of the samples: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises.

    Returns
    -------
    float
        ``-sum(p log(p))`` over the bins, labels or combinations that occur. NaN if a sample is
        missing and ``nan_policy="propagate"``, or if no row is left.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers although they are to be binned.
    ValueError
        If there is no column or no sample, lengths differ, a sample is infinite and there is no
        `range`, a sample is missing and ``nan_policy="raise"``, or an option is not valid.

    Warns
    -----
    UserWarning
        If labels look like an identifier and there is no correction, or if integers with more than
        32 values are treated as numbers.

    See Also
    --------
    differential_entropy : Entropy of numbers without bins.
    joint_entropy : Entropy of two variables.
    entropy : Entropy of probabilities.
    entropy_from_counts : Entropy of counts.

    Notes
    -----
    The entropy is

    .. math::

        H(X_1, \ldots, X_f) = -\sum p(x_1, \ldots, x_f) \log p(x_1, \ldots, x_f)

    The entropy of numbers is that of their bins. It grows with the number of bins: halving each bin
    adds ``log(2)``.

    References
    ----------
    Hacine-Gharbi, A., Ravier, P., Harba, R. & Mohamadi, T. (2012), Low bias histogram-based
    estimation of mutual information for feature selection, Pattern Recognition Letters 33,
    1302-1308. https://doi.org/10.1016/j.patrec.2012.02.022

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.entropy_of_samples(["a", "b", "a", "b"], base=2)
    1.0
    >>> fastinfo.entropy_of_samples([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0], base=2)
    2.0
    """
    divisor = base_divisor(base)
    correction = check_correction(correction)
    check_nan_policy(nan_policy)
    if strategy is not None:
        choice(strategy, "strategy", STRATEGIES)
    if not columns:
        raise TypeError("columns must hold at least one variable, got none")
    names = _names_of(len(columns))
    found = [columns_of(a, name) for a, name in zip(columns, names, strict=True)]
    every = [column for own in found for column in own]
    names = _names_of(len(every))
    if len(every) == 1:
        binning = Binning(bins, strategy or "uniform", None if range is None else [range], discrete)
    else:
        binning = Binning(bins, strategy or EQUAL_COUNTS, range, discrete)
    meaning = _IF_UNIQUE if correction is None else ""
    if len(every) == 2:
        counted = count_samples(every[0], every[1], binning, sample_weight, if_unique=meaning)
        if refuse_missing(counted.n_missing, "x and y", nan_policy) or not counted.table.n:
            return math.nan
        return measures.entropy_of(counted.table, "joint", base, correction)
    groups, meanings, said = [1] * len(every), [meaning] * len(every), ", ".join(names)
    rule = mi_bins_of_one if len(every) == 1 else lambda n: MANY_BINS
    options = binning, sample_weight, nan_policy, meanings, rule
    joint = count_groups(every, names, groups, said, *options)
    if joint is None:
        return math.nan
    return joint.entropy(tuple(i for i, _ in enumerate(every)), correction) / divisor


def _names_of(n: int) -> list[str]:
    """Names of `n` variables in errors and warnings."""
    return ["x", "y"][:n] if n <= 2 else [f"columns[{i}]" for i in range(n)]


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
    r"""
    Joint entropy of two variables, H(X, Y), from their joint histogram.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels.
    bins : int, edges, str, or a pair of those, optional
        Bins of numbers, as in :func:`mutual_information`.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a pair of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its pair, or raises.

    Returns
    -------
    float
        ``-sum(p(x, y) log(p(x, y)))``. NaN if a sample is missing and ``nan_policy="propagate"``,
        or if no pair is left.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`mutual_information`.

    Notes
    -----
    The joint entropy is

    .. math::

        H(X, Y) = -\sum_{x, y} p(x, y) \log p(x, y)

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
    r"""
    Conditional entropy of x given y, H(X|Y), from their joint histogram.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels.
    bins : int, edges, str, or a pair of those, optional
        Bins of numbers, as in :func:`mutual_information`.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a pair of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its pair, or raises.

    Returns
    -------
    float
        ``H(X, Y) - H(Y)``, never negative without a correction. NaN if a sample is missing and
        ``nan_policy="propagate"``, or if no pair is left.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`mutual_information`.

    Notes
    -----
    The conditional entropy is

    .. math::

        H(X | Y) = -\sum_{x, y} p(x, y) \log \frac{p(x, y)}{p(y)} = H(X, Y) - H(Y)

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
    r"""
    Variation of information, ``H(X|Y) + H(Y|X)``: a distance between two variables.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels.
    bins : int, edges, str, or a pair of those, optional
        Bins of numbers, as in :func:`mutual_information`.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a pair of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its pair, or raises.

    Returns
    -------
    float
        The distance: 0 if each variable is a function of the other. For labels, it is a metric. NaN
        if a sample is missing and ``nan_policy="propagate"``, or if no pair is left.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`mutual_information`.

    Notes
    -----
    The variation of information is

    .. math::

        \mathrm{VI}(X, Y) = H(X | Y) + H(Y | X) = 2 H(X, Y) - H(X) - H(Y)

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
