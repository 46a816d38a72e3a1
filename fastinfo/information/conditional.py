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


@in_njit("fastinfo.numba_ext.of_samples", prefer_literal=True)
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
    Mutual information of two variables that is left when others are known, I(X; Y | Z).

    ``H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z)`` of the joint histogram. Rows in which a variable is
    outside its edges are left out of every entropy. Where there are too many combinations of values
    for a table, only those that occur are kept.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples. Without bins, (n, d) too: a group of columns of numbers is one variable.
    z : (n,) or (n, k) array_like
        The samples of what is known: one variable, or the columns of a matrix or table.
    bins : int, edges, str, or a sequence of those, optional
        Bins of all variables or of each: a number (8 by default, since three variables are
        counted), edges, or a rule, as in :func:`mutual_information`.
    strategy : {"quantile", "uniform"}, optional
    range : sequence of [low, high] or None, optional
    discrete : {"auto", True, False} or a sequence of those, optional
        How numbers are binned (equal counts by default), and which variables are labels: as in
        :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies, each with the cells of its own table, as in
        :func:`entropy_from_counts`; plug-in by default. With "gaussian" and its copula "bias".
    sample_weight : (n,) array_like, optional
        Weights of the rows: finite, not negative.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes the result NaN (default), drops its row, or raises.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
        As in :func:`mutual_information`. Of numbers "ksg" is the estimate of Frenzel & Pompe,
        "mixed" that of Mesner & Shalizi, and "gaussian" uses partial correlations. The first two
        take labels as well: see Notes.
    n_neighbors : int, optional
    jitter : float, optional
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Number of neighbours, and noise, for "ksg" and "mixed": as in :func:`mutual_information`.

    Returns
    -------
    float
        Never negative without a correction; "ksg" and "mixed" may be. NaN where a sample is missing
        under ``nan_policy="propagate"``, and where no row is left.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them; for "gaussian" and its copula, also where
        there are not 2 complete samples more than `z` has columns.

    Warns
    -----
    UserWarning
        From 100 rows on: where at least half of the estimate, and 0.1 nats, is found as well when
        x is shuffled among the rows of equal z, as where there are many combinations of values for
        the rows; without a correction, "nsb" takes most of it off. Where labels look like an
        identifier, or integers are taken as numbers. With "ksg", if more than 1 % of the samples
        have a tied distance; with "ksg" and "mixed", if more than 5 % of the samples have labels of
        `z` that occur at most `n_neighbors` times.

    Notes
    -----
    The conditional mutual information is

    .. math::

        I(X; Y | Z) = \sum_{x, y, z} p(x, y, z) \log \frac{p(z)\, p(x, y, z)}{p(x, z)\, p(y, z)}
            = H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z)

    A sequence of settings has three entries, of which the last is for all columns of `z`, or one
    for each column.

    By neighbours, where `z` has labels, it is the mean of the estimates among the samples of each
    combination of them, by their numbers; each with all other samples as neighbours where there
    are fewer, and without those that are alone. Where `x` or `y` or both are labels, and `z` is
    numbers, the neighbours are those of the same labels (Mesner & Shalizi, with labels infinitely
    far apart): without `z` that is Ross's estimate. All three may not be labels.

    "gaussian" and its copula are infinite where, given `z`, `x` and `y` determine some of each
    other but for rounding; with fewer samples than columns and one they always do.

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
    Interaction information of three variables: ``I(X; Y | Z) - I(X; Y)``.

    Positive where the third variable adds to what the first two tell about each other (synergy: +1
    bit for XOR), negative where it repeats what they share (redundancy: -1 bit for three copies of
    a fair coin). It is the same for any order of the three.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels.
    z : (n,) or (n, k) array_like
        The samples of the third variable; the columns of a matrix or table are one variable.
    bins : int, edges, str, or a sequence of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : sequence of [low, high] or None, optional
    discrete : {"auto", True, False} or a sequence of those, optional
    base : float, optional
    correction : str or float, optional
    sample_weight : (n,) array_like, optional
    nan_policy : {"propagate", "omit", "raise"}, optional
        Bins, labels, unit of the result, estimator of the entropies, weights of the rows, and what
        a missing sample does: as in :func:`conditional_mutual_information`.

    Returns
    -------
    float
        Of either sign; both terms are of the same complete rows. NaN where
        :func:`conditional_mutual_information` is.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them.

    Warns
    -----
    UserWarning
        Where :func:`conditional_mutual_information` warns of the histogram.

    Notes
    -----
    With the sign that is positive for synergy, the interaction information is

    .. math::

        I(X; Y | Z) - I(X; Y)

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
    Total correlation of several variables: their entropies less their joint entropy.

    ``sum(H(X_i)) - H(X_1, ..., X_f)`` of the joint histogram: 0 for independent variables. Of two
    variables it is their mutual information.

    Parameters
    ----------
    X : (n, f) array_like, or pandas, Polars or PyArrow table
        The variables: numbers, which are binned, or labels.
    bins : int, edges, str, or a sequence of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : sequence of [low, high] or None, optional
    discrete : {"auto", True, False} or a sequence of those, optional
    base : float, optional
    correction : str or float, optional
    sample_weight : (n,) array_like, optional
    nan_policy : {"propagate", "omit", "raise"}, optional
        Bins, labels, unit of the result, estimator of the entropies, weights of the rows, and what
        a missing sample does: as in :func:`conditional_mutual_information`.

    Returns
    -------
    float
        Never negative without a correction. NaN where :func:`conditional_mutual_information` is.

    Raises
    ------
    TypeError, ValueError
        Where :func:`mutual_information` raises them.

    Warns
    -----
    UserWarning
        From 100 rows on: where at least half of the estimate, and 0.1 nats, is found as well in
        columns that are shuffled. Where labels look like an identifier, or integers are taken as
        numbers.

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
