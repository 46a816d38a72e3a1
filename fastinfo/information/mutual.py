"""Mutual information of samples."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._core.checks import base_divisor, choice
from fastinfo._core.in_njit import in_njit
from fastinfo._measures import information as measures
from fastinfo._measures.counted_groups import count_pair
from fastinfo._measures.misleading import LITTLE, tell_chance_in_table
from fastinfo._neighbors.estimators import estimate
from fastinfo._neighbors.options import ESTIMATORS, Options, refuse_binning, refuse_neighbors


@in_njit("fastinfo.numba_ext.of_samples", prefer_literal=True)
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
    r"""
    Mutual information of two variables, from their joint histogram or without bins.

    By default, numbers are binned, labels are counted, and the result is the plug-in estimate
    ``I(X; Y) = sum(p(x, y) log(p(x, y) / (p(x) p(y))))`` of the counts. For estimates without bins,
    see `estimator`.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples. Estimators without bins also accept (n, d): a group of columns of numbers is
        one variable.
    bins : int, edges, str, or a pair of those, optional
        Number of bins, edges, or the name of a rule, for both variables or for each. The rule "mi"
        (default; Hacine-Gharbi & Ravier 2018) uses the number of pairs and, for equal widths, their
        correlation. NumPy's rules are "auto", "fd", "sturges" and others. Labels need no bins.
    strategy : {"quantile", "uniform"}, optional
        Where to put edges that are not given. "quantile" (default): equal counts. A value that
        fills a bin has a bin of its own, and if a variable has no more distinct values than bins,
        each value has its own bin. "uniform": equal widths, which is also the default for NumPy's
        rules.
    range : [[x_min, x_max], [y_min, y_max]], optional
        Outermost edges, unless `bins` are edges. None, for one variable or both, means the range of
        the complete pairs. Samples outside are dropped.
    discrete : {"auto", True, False}, a pair of those, or a mapping of "x", "y" to those, optional
        Whether the variables are labels. With "auto", floats, decimals and fractions are numbers
        and are binned. Integers, dates and durations are labels if they have at most 32 different
        values; with more they are numbers, with a warning. Strings, categories, booleans and
        objects without a numeric value are labels.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Estimator of the entropies: None (plug-in), "miller-madow", "jackknife", "grassberger",
        "chao-shen", "shrinkage", "nsb", "zhang", or a pseudo-count per cell (see
        :func:`entropy_from_counts`). "chance" subtracts from the information its exact mean over
        all tables with the same margins; the result is 0 for an identifier. "bias", only for
        "gaussian" and "gaussian-copula", subtracts the exact mean for independent normal variables,
        like `biascorrect` of gcmi.
    normalized : {"arithmetic", "geometric", "min", "max", "joint"}, optional
        Divide by this mean of the entropies, or by the joint entropy: the result is between 0 and 1
        and has no unit. For bins and labels, and for numbers with "ksg" (Nagel, Diez & Stock).
    sample_weight : (n,) array_like, optional
        Weights of the pairs: finite, not negative. Edges and numbers of bins do not depend on
        the weights.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample (NaN, None, NaT) makes the result NaN (default), drops its pair,
        or raises.
    estimator : {"histogram", "ksg", "ksg2", "mixed", "gaussian", "gaussian-copula"}, optional
        "ksg" uses distances to the nearest neighbours: the largest difference in any coordinate,
        with each column in units of its own standard deviation. Between numbers, it is algorithm 1
        of Kraskov, Stögbauer & Grassberger, with strict counts; between numbers and labels, the
        estimate of Ross. "ksg2" is algorithm 2 of Kraskov et al.: it varies more, but is less
        biased for groups of many columns. "mixed" (Gao, Kannan, Oh & Viswanath) is for numbers that
        repeat, all or some of them. It equals "ksg" if there are no ties, or if one of the
        variables is labels.
        "gaussian" is the closed form for normal variables, from their correlations.
        "gaussian-copula" (or "copula") applies it to normal scores. Both are for numbers only, and
        infinite if a correlation is 1 up to rounding, as for two samples. All estimators without
        bins refuse weights and the options of bins.
    n_neighbors : int, optional
        Number of nearest neighbours, for "ksg", "ksg2" and "mixed".
    jitter : float, optional
        Standard deviation of noise that "ksg", "ksg2" and "mixed" add to numbers first, in units of
        the standard deviation of each column: 1e-6 separates equal values. Constants are unchanged.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Source of the noise. None means a new state for each call.

    Returns
    -------
    float
        The mutual information, never negative without a correction. With a correction, it is the
        corrected ``H(X) + H(Y) - H(X, Y)``, of either sign. "ksg", "ksg2" and "mixed" can also be
        negative, but are 0 then if normalized. NaN if a sample is missing and
        ``nan_policy="propagate"``, or if no pair is left.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers although they are to be binned.
    ValueError
        If lengths differ, there is no sample (or no more samples than neighbours), the data is not
        finite, a sample is missing and ``nan_policy="raise"``, or an option is unknown, does not
        fit the samples, or does not belong to the estimator.

    Warns
    -----
    UserWarning
        If labels are nearly all different, as in an identifier; if at least half of the plug-in
        estimate is due to chance; or if integers with more than 32 values are treated as numbers.
        With "ksg" and "ksg2", if more than 1 % of the samples have more than `n_neighbors` others
        within the distance of the k-th neighbour. With "ksg" and `normalized`, if ties or samples
        far from the others leave no entropy to divide by (the result is NaN).

    See Also
    --------
    mutual_info_regression, mutual_info_classif : Many columns, with the noise of scikit-learn.
    JointCounts : The counts, with all measures.
    conditional_mutual_information : Mutual information given a third variable.

    Notes
    -----
    The mutual information is

    .. math::

        I(X; Y) = \sum_{x, y} p(x, y) \log \frac{p(x, y)}{p(x)\, p(y)} = H(X) + H(Y) - H(X, Y)

    The result does not depend on the units or the magnitude of the numbers. If there are a few far
    outliers, take logs or normal scores first. A constant has no information: the result is 0.

    The estimates from neighbours accept any number of columns, but from about 5 columns on they are
    far too low if n is small. Distances that differ by a relative 2**-30 or less count as equal:
    0.3 - 0.2 equals 0.2 - 0.1. The KSG estimate assumes a density, and is far off if values repeat:
    use "mixed" or `jitter` then. In "mixed" and in Ross's estimate, if ``m > k`` samples lie within
    the distance of the k-th neighbour, ``psi(m) + (m - k) / m**2`` replaces ``psi(k)``. For large
    m, this is close to ``psi(m + 1)``. A number with two values then has its plug-in information
    with labels. Ross's estimate omits samples whose label occurs once. In your own functions under
    ``numba.njit``, call ``ksg`` of ``fastinfo.kernels``.

    References
    ----------
    Cover, T. M. & Thomas, J. A. (2006), Elements of Information Theory, 2nd ed., section 2.3.
    https://doi.org/10.1002/047174882X

    Hacine-Gharbi, A. & Ravier, P. (2018), A binning formula of bi-histogram for joint entropy
    estimation using mean square error minimization, Pattern Recognition Letters 101, 21-28.
    https://doi.org/10.1016/j.patrec.2017.11.007

    Kraskov, A., Stögbauer, H. & Grassberger, P. (2004), Estimating mutual information, Physical
    Review E 69, 066138. https://doi.org/10.1103/PhysRevE.69.066138

    Nagel, D., Diez, G. & Stock, G. (2024), Accurate estimation of the normalized mutual information
    of multidimensional data, Journal of Chemical Physics 161, 054108.
    https://doi.org/10.48550/arXiv.2405.04980

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
    choice(normalized, "normalized", (None, *measures.AVERAGES))
    if choice(estimator, "estimator", ESTIMATORS) != "histogram":
        refuse_binning(estimator, bins, strategy, range, sample_weight)
        options = Options.checked(
            estimator, n_neighbors, jitter, random_state, correction, normalized
        )
        found = estimate({"x": x, "y": y}, discrete, nan_policy, options)
        return found if normalized is not None else found / divisor
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    table = count_pair(x, y, nan_policy, correction, bins, strategy, range, discrete, sample_weight)
    if table is None:
        return math.nan
    information = measures.information_of(table, None, correction)
    if correction is None and information >= LITTLE:
        tell_chance_in_table(table, information, bins)
    if normalized is not None:
        return measures.normalize(information, table, normalized, correction)
    return information / divisor
