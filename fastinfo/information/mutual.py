"""Mutual information of samples, and the entropies of two variables that go with it."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS, STRATEGIES
from fastinfo._bins.options import Binning
from fastinfo._bins.variables import refuse_missing
from fastinfo._core.checks import base_divisor, choice
from fastinfo._counts.samples import count_samples
from fastinfo._counts.small import count_small
from fastinfo._counts.table import Table
from fastinfo._measures.corrections import check_correction
from fastinfo._measures.information import (
    AVERAGES,
    entropy_of,
    information_of,
    normalize,
    remaining_entropy,
    variation_of,
)
from fastinfo._neighbors.estimators import ESTIMATORS, estimate, refuse_binning, refuse_neighbors


def _count(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    nan_policy: str,
    correction: Any,
    bins: Any,
    strategy: str,
    range: Any,
    discrete: Any,
    sample_weight: Any,
) -> Table | None:
    """Counts of the pairs, for a public function; None where the measures of them are NaN."""
    choice(nan_policy, "nan_policy", ("propagate", "omit", "raise"))
    check_correction(correction, of_information=True)
    words = isinstance(discrete, str) and isinstance(strategy, str)
    plain = words and discrete == "auto" and strategy in STRATEGIES
    if plain and range is None and sample_weight is None:
        table = count_small(x, y, bins, strategy)
        if table is not None:
            return table
    binning = Binning(bins, strategy, range, discrete)
    counted = count_samples(x, y, binning, sample_weight, told=True)
    missing = refuse_missing(counted.n_missing, "x and y", nan_policy, "pairs")
    return None if missing or not counted.table.n else counted.table


def mutual_information(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
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
) -> float:
    """
    Mutual information of two variables from their joint histogram, or without bins.

    ``I(X; Y) = sum(p(x, y) log(p(x, y) / (p(x) p(y))))`` of the counts (plug-in estimate).
    Numbers are binned, with equal counts unless `strategy` says otherwise; strings, categories,
    booleans, objects, and integers of up to 32 different values are labels. See `estimator` for the
    ways that need no bins.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples. Without bins, (n, d) too: a group of columns of numbers is one variable.
    bins : int, edges, str, or a pair of those, optional
        Number of bins, edges, or the name of a rule, for both variables or for each: "mi" (default;
        Hacine-Gharbi & Ravier 2018, from the number of pairs, and with equal widths from their
        correlation) or one of NumPy's ("auto", "fd", "sturges", ...). Labels need none.
    strategy : {"quantile", "uniform"}, optional
        Where the edges of bins lie that are not given. "quantile" (default): equal counts, where a
        value that fills a bin has one of its own, and no more distinct values than bins have one
        each. "uniform": equal widths. A rule of NumPy's for `bins` means its own equal widths
        unless a strategy is given.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, where bins are not given as edges. Samples outside are dropped.
    discrete : {"auto", True, False}, a pair of those, or a mapping of "x", "y" to those, optional
        Whether the variables are labels. "auto": floats, decimals and fractions are numbers, which
        are binned; integers, points of time and durations are labels up to 32 different values and
        numbers above that, with a warning; strings, categories, booleans and objects without a
        number are labels.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies: None (plug-in), "miller-madow", "jackknife", "grassberger",
        "chao-shen", "shrinkage", "nsb", "zhang", or a pseudo-count per cell (see
        :func:`entropy_from_counts`); or "chance": the information less its exact mean over all
        tables with the same margins, 0 for an identifier.
    normalized : {"arithmetic", "geometric", "min", "max", "joint"}, optional
        Divide by this mean of the entropies, or by the joint entropy: 0 to 1, without a unit.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative. Edges and numbers of bins do not depend on them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a missing sample (NaN, None, NaT) does: make the result NaN, leave out the pair, raise.
    estimator : {"histogram", "ksg", "mixed", "gaussian", "gaussian-copula"}, optional
        "ksg" goes by the distances of neighbours, in the largest of all coordinates, each column in
        units of its own standard deviation: of numbers algorithm 1 of Kraskov, Stögbauer &
        Grassberger, with strict counts; of numbers against labels the estimate of Ross. "mixed" is
        that of Gao, Kannan, Oh & Viswanath, for numbers that repeat, wholly or in part; without
        ties, and against labels, it is "ksg". Both take at most 10 columns in all. "gaussian" is
        the closed form for normal variables, from their correlations, and "gaussian-copula" (or
        "copula") the same of normal scores: of numbers alone, and infinite where a correlation is 1
        but for rounding, as of two samples. Options of bins, weights and corrections are refused.
    n_neighbors : int, optional
        Neighbours to each sample, for "ksg" and "mixed".
    jitter : float, optional
        Standard deviation of noise that these two add to numbers first, in units of the standard
        deviation of each column: 1e-10 tells equal ones apart. Constants stay.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Where that noise comes from. None is a new state each time.

    Returns
    -------
    float
        Never negative without a correction; with one, the corrected ``H(X) + H(Y) - H(X, Y)``
        whatever its sign; "ksg" and "mixed" may be negative as well. NaN where a sample is
        missing under ``nan_policy="propagate"``, and where no pair is left.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers where they are to be binned.
    ValueError
        If the lengths differ, there is no sample, bins, ranges or weights can't be used, the range
        of the data is not finite, an option is unknown or not one of the estimator's, there are no
        more samples than neighbours, labels are given where numbers are needed, or a sample is
        missing under ``nan_policy="raise"``.

    Warns
    -----
    UserWarning
        With "ksg", if more than 1 % of the samples have a tied distance: more than `n_neighbors`
        others within that of the k-th, or at the very place of the sample.

    See Also
    --------
    mutual_info_regression, mutual_info_classif : Many columns, with the noise of scikit-learn.
    JointCounts : The counts themselves, with every measure.
    conditional_mutual_information : What is left of it when a third variable is known.

    Notes
    -----
    Units are no matter, nor is the magnitude of the numbers; where a few are far out, take logs or
    normal scores first. A constant has information 0. Distances that differ by less than 2**-30 of
    themselves are the same: 0.3 - 0.2 is as far as 0.2 - 0.1. The KSG estimate is of densities, and
    far off where values repeat: "mixed" is made for that, and `jitter` helps. There and in Ross's
    estimate k is the number m that really lies within the distance, where that is more: ``psi(m) +
    (m - k) / m**2`` for ``psi(k)``, near ``psi(m + 1)`` of many (against labels the other count
    gets the like). A number of two values has its plug-in information with labels. Samples whose
    label occurs only once are left out. ``fastinfo.kernels.neighbors.ksg`` and ``mixed`` have the
    estimates as kernels, of coordinates as they are, for functions of your own under
    ``numba.njit``; ``fastinfo.kernels.neighbors.scaling`` divides by the standard deviation.

    References
    ----------
    Cover, T. M. & Thomas, J. A. (2006), Elements of Information Theory, 2nd ed., section 2.3.
    https://doi.org/10.1002/047174882X

    Hacine-Gharbi, A. & Ravier, P. (2018), A binning formula of bi-histogram for joint entropy
    estimation using mean square error minimization, Pattern Recognition Letters 101, 21-28.
    https://doi.org/10.1016/j.patrec.2017.11.007

    Kraskov, A., Stögbauer, H. & Grassberger, P. (2004), Estimating mutual information, Physical
    Review E 69, 066138. https://doi.org/10.1103/PhysRevE.69.066138

    Ross, B. C. (2014), Mutual information between discrete and continuous data sets, PLoS ONE 9,
    e87357. https://doi.org/10.1371/journal.pone.0087357

    Gao, W., Kannan, S., Oh, S. & Viswanath, P. (2017), Estimating mutual information for
    discrete-continuous mixtures, Advances in Neural Information Processing Systems 30.
    https://doi.org/10.48550/arXiv.1709.06212

    Ince, R. A. A. et al. (2017), A statistical framework for neuroimaging data analysis based on
    mutual information estimated via a Gaussian copula, Human Brain Mapping 38, 1541-1573.
    https://doi.org/10.1002/hbm.23471

    Examples
    --------
    >>> import numpy as np
    >>> import fastinfo
    >>> fastinfo.mutual_information([0, 0, 1, 1], ["a", "a", "b", "b"], base=2)
    1.0
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=100_000)
    >>> y = 0.6 * x + 0.8 * rng.normal(size=100_000)
    >>> round(fastinfo.mutual_information(x, y), 2)  # -log(1 - 0.6**2) / 2 is 0.2231
    0.22
    >>> round(fastinfo.mutual_information(x, y, estimator="ksg"), 2)
    0.22
    """
    divisor = base_divisor(base)
    choice(normalized, "normalized", (None, *AVERAGES))
    if choice(estimator, "estimator", ESTIMATORS) != "histogram":
        refuse_binning(estimator, bins, strategy, range, correction, normalized, sample_weight)
        options = discrete, n_neighbors, jitter, random_state, nan_policy
        return estimate({"x": x, "y": y}, estimator, *options) / divisor
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    table = _count(x, y, nan_policy, correction, bins, strategy, range, discrete, sample_weight)
    if table is None:
        return math.nan
    information = information_of(table, None, correction)
    if normalized is not None:
        return normalize(information, table, normalized, correction)
    return information / divisor


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
        The samples; floats are binned, the rest are labels.
    bins : int, edges, str, or a pair of those, optional
        Number of bins, edges, or the name of a rule, for both variables or for each: "mi" (default;
        Hacine-Gharbi & Ravier 2018, from the number of pairs, and with equal widths from their
        correlation) or one of NumPy's ("auto", "fd", "sturges", ...). Labels need none.
    strategy : {"quantile", "uniform"}, optional
        Equal counts or equal widths, as in :func:`mutual_information`.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, where bins are not given as edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a pair of those, optional
        Whether the variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies: None (plug-in), "miller-madow", "jackknife", "grassberger",
        "chao-shen", "shrinkage", "nsb", "zhang", or a pseudo-count per cell. See
        :func:`entropy_from_counts`.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative. Edges and numbers of bins do not depend on them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a missing sample (NaN, None, NaT) does: make the result NaN, leave out the pair, raise.

    Returns
    -------
    float
        ``-sum(p(x, y) log(p(x, y)))``; NaN where a sample is missing under
        ``nan_policy="propagate"``, and where no pair is left.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers where they are to be binned.
    ValueError
        If the lengths differ, there is no sample, bins, ranges or weights can't be used, the range
        of the data is not finite, an option is unknown, or a sample is missing under
        ``nan_policy="raise"``.

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.joint_entropy([0, 0, 1, 1], [0, 1, 0, 1], base=2)
    2.0
    """
    base_divisor(base)
    check_correction(correction)
    table = _count(x, y, nan_policy, correction, bins, strategy, range, discrete, sample_weight)
    return math.nan if table is None else entropy_of(table, "joint", base, correction)


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
        The samples; floats are binned, the rest are labels.
    bins : int, edges, str, or a pair of those, optional
        Number of bins, edges, or the name of a rule, for both variables or for each: "mi" (default;
        Hacine-Gharbi & Ravier 2018, from the number of pairs, and with equal widths from their
        correlation) or one of NumPy's ("auto", "fd", "sturges", ...). Labels need none.
    strategy : {"quantile", "uniform"}, optional
        Equal counts or equal widths, as in :func:`mutual_information`.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, where bins are not given as edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a pair of those, optional
        Whether the variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies: None (plug-in), "miller-madow", "jackknife", "grassberger",
        "chao-shen", "shrinkage", "nsb", "zhang", or a pseudo-count per cell. See
        :func:`entropy_from_counts`.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative. Edges and numbers of bins do not depend on them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a missing sample (NaN, None, NaT) does: make the result NaN, leave out the pair, raise.

    Returns
    -------
    float
        ``H(X, Y) - H(Y)``; never negative without a correction. NaN where a sample is missing under
        ``nan_policy="propagate"``, and where no pair is left.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers where they are to be binned.
    ValueError
        If the lengths differ, there is no sample, bins, ranges or weights can't be used, the range
        of the data is not finite, an option is unknown, or a sample is missing under
        ``nan_policy="raise"``.

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
    table = _count(x, y, nan_policy, correction, bins, strategy, range, discrete, sample_weight)
    return math.nan if table is None else remaining_entropy(table, "x|y", base, correction)


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
        The samples; floats are binned, the rest are labels.
    bins : int, edges, str, or a pair of those, optional
        Number of bins, edges, or the name of a rule, for both variables or for each: "mi" (default;
        Hacine-Gharbi & Ravier 2018, from the number of pairs, and with equal widths from their
        correlation) or one of NumPy's ("auto", "fd", "sturges", ...). Labels need none.
    strategy : {"quantile", "uniform"}, optional
        Equal counts or equal widths, as in :func:`mutual_information`.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, where bins are not given as edges. Samples outside are dropped.
    discrete : {"auto", True, False} or a pair of those, optional
        Whether the variables are labels, as in :func:`mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    correction : str or float, optional
        Estimator of the entropies: None (plug-in), "miller-madow", "jackknife", "grassberger",
        "chao-shen", "shrinkage", "nsb", "zhang", or a pseudo-count per cell. See
        :func:`entropy_from_counts`.
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative. Edges and numbers of bins do not depend on them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        What a missing sample (NaN, None, NaT) does: make the result NaN, leave out the pair, raise.

    Returns
    -------
    float
        0 where each variable is a function of the other. Of labels it is a metric: symmetric, and
        no detour by a third variable is shorter. NaN where a sample is missing under
        ``nan_policy="propagate"``, and where no pair is left.

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
    table = _count(x, y, nan_policy, correction, bins, strategy, range, discrete, sample_weight)
    return math.nan if table is None else variation_of(table, base, correction)
