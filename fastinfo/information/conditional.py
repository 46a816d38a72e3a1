"""Information of three variables or more: conditional, interaction, total correlation."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._bins.coded_variables import GIVEN_UNIQUE
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._codes.column import columns_of
from fastinfo._core.checks import base_divisor, choice
from fastinfo._core.in_njit import in_njit
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.counted_groups import count_groups
from fastinfo._measures.joint_entropies import Joint
from fastinfo._measures.misleading import information_given, total_correlation_of
from fastinfo._neighbors.estimators import estimate
from fastinfo._neighbors.options import ESTIMATORS, Options, refuse_binning, refuse_neighbors
from fastinfo.information.mutual import mutual_information


def _count_three(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    z: npt.ArrayLike,
    binning: Binning,
    sample_weight: npt.ArrayLike | None,
    nan_policy: str,
) -> Joint | None:
    zs = columns_of(z, "z")
    names = ["x", "y", *["z"] * len(zs)]
    groups = [1, 1, len(zs)]
    if_unique = ["", "", GIVEN_UNIQUE]  # what is chance of x and y is told with the estimate
    columns = [x, y, *zs]
    return count_groups(
        columns, names, groups, "x, y and z", binning, sample_weight, nan_policy, if_unique
    )


@in_njit("fastinfo.numba_ext.of_three", prefer_literal=True)
def conditional_mutual_information(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    z: npt.ArrayLike,
    *,
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
    Conditional mutual information of two variables given others, I(X; Y | Z).

    The estimate is ``H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z)`` of the joint histogram. Rows in which
    a variable is outside its edges are omitted from every entropy. If a table of all combinations
    of values would be too large, only those that occur are stored.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples. Estimators without bins also accept (n, d): a group of columns of numbers is
        one variable.
    z : (n,) or (n, k) array_like
        Samples of the condition: one variable, or the columns of a matrix or table.
    bins : int, edges, str, or a sequence of those, optional
        Bins of all variables or of each: a number (8 by default, since three variables are
        counted), edges, or a rule, as in :func:`mutual_information`.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : sequence of [low, high] or None, optional
        Outermost edges of each variable, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default. Each
        entropy uses the cells of its own table. With "gaussian" and "gaussian-copula": "bias".
    sample_weight : (n,) array_like, optional
        Weights of the rows: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
        The estimators of :func:`mutual_information`. For numbers, "ksg" is the estimate of Frenzel
        & Pompe, "mixed" that of Mesner & Shalizi, and "gaussian" uses partial correlations. "ksg"
        and "mixed" also accept labels: see Notes.
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg" and "mixed".
    jitter : float, optional
        Standard deviation of noise that "ksg" and "mixed" add first, in units of the standard
        deviation of each column.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    float
        The conditional mutual information. It is never negative without a correction, but "ksg" and
        "mixed" may be. NaN if a sample is missing and ``nan_policy="propagate"``, or if no row is
        left.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`mutual_information`. For
        "gaussian" and "gaussian-copula", also if the number of complete samples is not at least 2
        more than the number of columns of `z`.

    Warns
    -----
    UserWarning
        If bias dominates: after `x` is shuffled among the rows of equal `z`, at least half of the
        estimate, and at least 0.1 nats, remains. This is checked if there are at least 100 rows. It
        happens if there are few rows for each combination of values. The correction "nsb" removes
        most of the bias. Also if labels look like an identifier, or integers are treated as
        numbers. With "ksg", if more than 1 % of the samples have a tied distance. With "ksg" and
        "mixed", if more than 5 % of the samples have labels of `z` that occur at most `n_neighbors`
        times.

    Notes
    -----
    The conditional mutual information is

    .. math::

        I(X; Y | Z) = \sum_{x, y, z} p(x, y, z) \log \frac{p(z)\, p(x, y, z)}{p(x, z)\, p(y, z)}
            = H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z)

    A sequence of settings has three entries, for `x`, `y` and all columns of `z`, or one entry for
    `x`, for `y` and for each column of `z`.

    With "ksg" and "mixed", if `z` has labels, the result is the mean of the estimates for each
    combination of labels, weighted by the number of samples. In a combination with too few samples
    for `n_neighbors`, all of them are neighbours of each other; a sample that is alone is omitted.
    If `x`, `y` or both are labels and `z` is numbers, neighbours have the same labels (Mesner &
    Shalizi, with labels infinitely far apart). Without `z`, that would be Ross's estimate. Not all
    three may be labels.

    "gaussian" and "gaussian-copula" are infinite if, given `z`, a part of `x` is a linear function
    of `y` up to rounding. This is always the case if there are no more samples than columns.

    References
    ----------
    Cover, T. M. & Thomas, J. A. (2006), Elements of Information Theory, 2nd ed., section 2.5.
    https://doi.org/10.1002/047174882X

    Frenzel, S. & Pompe, B. (2007), Partial mutual information for coupling analysis of multivariate
    time series, Physical Review Letters 99, 204101. https://doi.org/10.1103/PhysRevLett.99.204101

    Mesner, O. C. & Shalizi, C. R. (2021), Conditional mutual information estimation for mixed,
    discrete and continuous data, IEEE Transactions on Information Theory 67, 464-484.
    https://doi.org/10.1109/TIT.2020.3024886

    Examples
    --------
    >>> import fastinfo
    >>> x, y = [0, 0, 1, 1], [0, 1, 0, 1]
    >>> xor = [0, 1, 1, 0]
    >>> fastinfo.mutual_information(x, xor, base=2)
    0.0
    >>> fastinfo.conditional_mutual_information(x, xor, y, base=2)
    1.0
    """
    divisor = base_divisor(base)
    if choice(estimator, "estimator", ESTIMATORS) != "histogram":
        refuse_binning(estimator, bins, strategy, range, sample_weight)
        options = Options.checked(estimator, n_neighbors, jitter, random_state, correction)
        return estimate({"x": x, "y": y, "z": z}, discrete, nan_policy, options) / divisor
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    correction = check_correction(correction)
    binning = Binning(bins, strategy, range, discrete)
    joint = _count_three(x, y, z, binning, sample_weight, nan_policy)
    if joint is None:
        return math.nan
    return information_given(joint, correction, "x, y and z") / divisor


@in_njit("fastinfo.numba_ext.of_three", prefer_literal=True)
def interaction_information(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    z: npt.ArrayLike,
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
    Interaction information of three variables, ``I(X; Y | Z) - I(X; Y)``.

    It is positive if knowing the third variable increases the information that the first two share
    (synergy: +1 bit for XOR). It is negative if the third variable repeats what they share
    (redundancy: -1 bit for three copies of a fair coin). The order of the three does not matter.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels.
    z : (n,) or (n, k) array_like
        Samples of the third variable; the columns of a matrix or table form one variable.
    bins : int, edges, str, or a sequence of those, optional
        Bins of all variables or of each; 8 by default, since three variables are counted.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : sequence of [low, high] or None, optional
        Outermost edges of each variable, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default.
    sample_weight : (n,) array_like, optional
        Weights of the rows: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises.

    Returns
    -------
    float
        The interaction information, of either sign. Both terms use the same complete rows. NaN if a
        sample is missing and ``nan_policy="propagate"``, or if no row is left.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`mutual_information`.

    Warns
    -----
    UserWarning
        If bias dominates, labels look like an identifier, or integers are treated as numbers: see
        :func:`conditional_mutual_information`.

    Notes
    -----
    In the sign convention in which synergy is positive, the interaction information is

    .. math::

        I(X; Y | Z) - I(X; Y)

    There is no test for it, because the null hypothesis that both terms are equal does not
    determine a distribution of the samples. Permutations of x would make both terms 0, so that any
    dependence of x and y would count as an interaction. Permutations of x among the samples with
    equal z would remove the first term and leave the second one unchanged. Use
    :func:`conditional_independence_test` and :func:`permutation_test` to test the terms.

    References
    ----------
    McGill, W. J. (1954), Multivariate information transmission, Psychometrika 19, 97-116.
    https://doi.org/10.1007/BF02289159

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.interaction_information([0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0], base=2)
    1.0
    >>> fastinfo.interaction_information([0, 1], [0, 1], [0, 1], base=2)
    -1.0
    """
    divisor, correction = base_divisor(base), check_correction(correction)
    binning = Binning(bins, strategy, range, discrete)
    joint = _count_three(x, y, z, binning, sample_weight, nan_policy)
    if joint is None:
        return math.nan
    known = information_given(joint, correction, "x, y and z")
    return (known - joint.information((0,), (1,), correction=correction)) / divisor


def total_correlation(
    X: Any,
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
    Total correlation of several variables: the sum of their entropies minus their joint entropy.

    The estimate is ``sum(H(X_i)) - H(X_1, ..., X_f)`` of the joint histogram. It is 0 for
    independent variables. For two variables, it is their mutual information.

    Parameters
    ----------
    X : (n, f) array_like, or pandas, Polars or PyArrow table
        The variables: numbers, which are binned, or labels.
    bins : int, edges, str, or a sequence of those, optional
        Bins of all variables or of each: 8 by default, and for two variables the rule of
        :func:`mutual_information`.
    strategy : {"quantile", "uniform"}, optional
        Whether bins have equal counts (default) or equal widths.
    range : sequence of [low, high] or None, optional
        Outermost edges of each variable, unless `bins` are edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Which variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies, as in :func:`entropy_from_counts`; plug-in by default.
    sample_weight : (n,) array_like, optional
        Weights of the rows: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises.

    Returns
    -------
    float
        The total correlation, never negative without a correction. NaN if a sample is missing and
        ``nan_policy="propagate"``, or if no row is left.

    Raises
    ------
    TypeError, ValueError
        If the input is not valid: the conditions are listed in :func:`mutual_information`.

    Warns
    -----
    UserWarning
        If bias dominates: at least half of the estimate, and at least 0.1 nats, remains after the
        columns are shuffled. This is checked if there are at least 100 rows. Also if labels look
        like an identifier, or integers are treated as numbers.

    Notes
    -----
    The total correlation is

    .. math::

        C(X_1, \ldots, X_f) = \sum_{i=1}^f H(X_i) - H(X_1, \ldots, X_f)

    References
    ----------
    Watanabe, S. (1960), Information theoretical analysis of multivariate correlation, IBM Journal
    of Research and Development 4, 66-82. https://doi.org/10.1147/rd.41.0066

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> coin = np.array([0, 1])
    >>> fastinfo.total_correlation(np.column_stack([coin, coin, coin]), base=2)
    2.0
    """
    divisor, correction = base_divisor(base), check_correction(correction)
    columns = columns_of(X, "X")
    if len(columns) == 2:
        return mutual_information(
            *columns,
            bins=bins,
            strategy=strategy,
            range=range,
            discrete=discrete,
            base=base,
            correction=correction,
            sample_weight=sample_weight,
            nan_policy=nan_policy,
        )
    names = [f"X[:, {i}]" for i, _ in enumerate(columns)]
    binning = Binning(bins, strategy, range, discrete)
    groups = [1] * len(columns)
    if_unique = [""] * len(columns)  # told with the estimate
    joint = count_groups(columns, names, groups, "X", binning, sample_weight, nan_policy, if_unique)
    if joint is None:
        return math.nan
    return total_correlation_of(joint, correction, "the columns of X") / divisor
