"""Information of three variables or more: conditional, interaction, total correlation."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._bins.variables import MANY_BINS, any_of, code_columns, refuse_missing
from fastinfo._codes.column import columns_of
from fastinfo._core.checks import as_weights, base_divisor, choice
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.joint import Joint, Variable, join_variables
from fastinfo._neighbors.estimators import ESTIMATORS, estimate, refuse_binning, refuse_neighbors
from fastinfo.information.mutual import mutual_information

_X, _Y, _Z = (0,), (1,), (2,)


def _count(
    columns: list[Any],
    names: list[str],
    groups: list[int],
    said: str,
    binning: Binning,
    sample_weight: npt.ArrayLike | None,
    nan_policy: str,
) -> Joint | None:
    """Counts of groups of columns, in the rows that are complete; None where measures are NaN."""
    choice(nan_policy, "nan_policy", ("propagate", "omit", "raise"))
    coded, missing = code_columns(
        columns, names, groups, binning, lambda n: MANY_BINS, together=True
    )
    weights = as_weights(sample_weight, len(coded[0]))
    if refuse_missing(any_of(missing), said, nan_policy):
        return None
    variables: list[Variable] = []
    start = 0
    for size in groups:
        variables.append(join_variables(coded[start : start + size]))
        start += size
    joint = Joint(variables, weights)
    return joint if joint.n else None


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
    return _count([x, y, *zs], names, groups, "x, y and z", binning, sample_weight, nan_policy)


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
    """
    Mutual information of two variables that is left when others are known, I(X; Y | Z).

    ``H(X, Z) + H(Y, Z) - H(X, Y, Z) - H(Z)`` of the joint histogram. Floats are binned; integers,
    booleans, strings, dates and objects are labels. Rows in which a variable is outside its edges
    count nowhere. Where there are too many combinations of values for a table, only those that
    occur are kept.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples. Without bins, (n, d) too: a group of columns of numbers is one variable.
    z : (n,) or (n, k) array_like
        The samples of what is known: one variable, or the columns of a matrix or table.
    bins : int, edges, str, or a sequence of those, optional
        Number of bins, edges, or the name of a rule, for all variables or for each: "mi" (default:
        8 bins each, since three variables are counted) or one of NumPy's ("auto", "fd",
        "sturges", ...). Labels need none.
    strategy : {"quantile", "uniform"}, optional
        Equal counts or equal widths, as in :func:`mutual_information`.
    range : sequence of [low, high] or None, optional
        Outermost edges of each variable, where bins are not given as edges. Samples outside are
        dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Whether the variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies, each with the cells of its own table: None (plug-in),
        "miller-madow", "jackknife", "grassberger", "chao-shen", "shrinkage", "nsb", "zhang", or a
        pseudo-count per cell. See :func:`entropy_from_counts`.
    sample_weight : (n,) array_like, optional
        Weights of the rows: finite, not negative. Edges and numbers of bins do not depend on them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a missing sample (NaN, None, NaT) does: make the result NaN, leave out the row, raise.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
        "ksg" is the estimate of Frenzel & Pompe for numbers, of at most 10 columns in all, from the
        distances of neighbours, each column in units of its own standard deviation; "mixed" that of
        Mesner & Shalizi, for numbers that repeat, wholly or in part; "gaussian" the closed form for
        normal variables, from their partial correlations, and "gaussian-copula" (or "copula") the
        same of normal scores. Labels, and options of bins, weights and corrections, are refused by
        these; see :func:`mutual_information`.
    n_neighbors : int, optional
        Neighbours to each sample, for "ksg" and "mixed".
    jitter : float, optional
        Standard deviation of noise that these two add first, in units of that of each column.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Where that noise comes from. None is a new state each time.

    Returns
    -------
    float
        Never negative without a correction; "ksg" and "mixed" may be. NaN where a sample is missing
        under ``nan_policy="propagate"``, and where no row is left.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers where they are to be binned.
    ValueError
        If the lengths differ, there is no sample, bins, ranges or weights can't be used, the range
        of the data is not finite, an option is unknown or not one of the estimator's, there are no
        more samples than neighbours, labels are given where numbers are needed, or a sample is
        missing under ``nan_policy="raise"``; for "gaussian" and its copula, if there are not 2
        complete samples more than `z` has columns.

    Warns
    -----
    UserWarning
        With "ksg", if more than 1 % of the samples have a tied distance.

    Notes
    -----
    A sequence of settings has three entries, of which the last is for all columns of `z`, or one
    for each column.

    "gaussian" and its copula are infinite where `x` and `y` determine some of each other given `z`,
    but for rounding; so they do wherever there are fewer samples than columns and one.

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
        options = discrete, n_neighbors, jitter, random_state, nan_policy
        refuse_binning(estimator, bins, strategy, range, correction, None, sample_weight)
        return estimate({"x": x, "y": y, "z": z}, estimator, *options) / divisor
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    correction = check_correction(correction)
    binning = Binning(bins, strategy, range, discrete)
    joint = _count_three(x, y, z, binning, sample_weight, nan_policy)
    return math.nan if joint is None else joint.information(_X, _Y, _Z, correction) / divisor


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
    """
    Interaction information of three variables: ``I(X; Y | Z) - I(X; Y)``.

    Positive where the third variable makes the first two tell more about each other (synergy: +1
    bit for XOR), negative where it has what they share (redundancy: -1 bit for three copies of a
    fair coin). It is the same for any order of the three.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples; floats are binned, the rest are labels.
    z : (n,) or (n, k) array_like
        The samples of the third variable; the columns of a matrix or table are one variable.
    bins : int, edges, str, or a sequence of those, optional
        Number of bins, edges, or the name of a rule, for all variables or for each: "mi" (default:
        8 bins each, since three variables are counted) or one of NumPy's ("auto", "fd",
        "sturges", ...). Labels need none.
    strategy : {"quantile", "uniform"}, optional
        Equal counts or equal widths, as in :func:`mutual_information`.
    range : sequence of [low, high] or None, optional
        Outermost edges of each variable, where bins are not given as edges. Samples outside are
        dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Whether the variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies, each with the cells of its own table: None (plug-in),
        "miller-madow", "jackknife", "grassberger", "chao-shen", "shrinkage", "nsb", "zhang", or a
        pseudo-count per cell. See :func:`entropy_from_counts`.
    sample_weight : (n,) array_like, optional
        Weights of the rows: finite, not negative. Edges and numbers of bins do not depend on them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a missing sample (NaN, None, NaT) does: make the result NaN, leave out the row, raise.

    Returns
    -------
    float
        Of either sign. NaN where a sample is missing under ``nan_policy="propagate"``, and where no
        row is left. Both terms are of the same complete rows.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers where they are to be binned.
    ValueError
        If the lengths differ, there is no sample, bins, ranges or weights can't be used, the range
        of the data is not finite, an option is unknown, or a sample is missing under
        ``nan_policy="raise"``.

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
    known = joint.information(_X, _Y, _Z, correction)
    return (known - joint.information(_X, _Y, correction=correction)) / divisor


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
    """
    Total correlation of several variables: their entropies less their joint entropy.

    ``sum(H(X_i)) - H(X_1, ..., X_f)`` of the joint histogram: 0 for independent variables. Of two
    variables it is their mutual information.

    Parameters
    ----------
    X : (n, f) array_like, or pandas, Polars or PyArrow table
        The variables; floats are binned, the rest are labels.
    bins : int, edges, str, or a sequence of those, optional
        Number of bins, edges, or the name of a rule, for all variables or for each: "mi" (default:
        8 bins each, where there are three columns or more) or one of NumPy's ("auto", "fd",
        "sturges", ...). Labels need none.
    strategy : {"quantile", "uniform"}, optional
        Equal counts or equal widths, as in :func:`mutual_information`.
    range : sequence of [low, high] or None, optional
        Outermost edges of each variable, where bins are not given as edges. Samples outside are
        dropped.
    discrete : {"auto", True, False} or a sequence of those, optional
        Whether the variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies, each with the cells of its own table: None (plug-in),
        "miller-madow", "jackknife", "grassberger", "chao-shen", "shrinkage", "nsb", "zhang", or a
        pseudo-count per cell. See :func:`entropy_from_counts`.
    sample_weight : (n,) array_like, optional
        Weights of the rows: finite, not negative. Edges and numbers of bins do not depend on them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a missing sample (NaN, None, NaT) does: make the result NaN, leave out the row, raise.

    Returns
    -------
    float
        Never negative without a correction. NaN where a sample is missing under
        ``nan_policy="propagate"``, and where no row is left.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers where they are to be binned.
    ValueError
        If the lengths differ, there is no sample, bins, ranges or weights can't be used, the range
        of the data is not finite, an option is unknown, or a sample is missing under
        ``nan_policy="raise"``.

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
    joint = _count(columns, names, groups, "X", binning, sample_weight, nan_policy)
    return math.nan if joint is None else joint.total_correlation(correction) / divisor
