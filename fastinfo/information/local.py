"""Local mutual information: one value for each sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._bins.coded_variables import (
    GIVEN_UNIQUE,
    MANY_BINS,
    any_of,
    code_columns,
    refuse_missing,
    unique_means,
)
from fastinfo._bins.edges import EQUAL_COUNTS
from fastinfo._bins.options import Binning
from fastinfo._codes.column import columns_of
from fastinfo._core.checks import Array, as_weights, base_divisor, check_nan_policy, choice
from fastinfo._counts.local_values import local_information
from fastinfo._counts.samples import code_samples
from fastinfo._counts.table import Table
from fastinfo._measures.information import information_of
from fastinfo._measures.joint_entropies import Joint, Variable, join_variables
from fastinfo._measures.misleading import LITTLE, tell_chance_given, tell_chance_in_table
from fastinfo._neighbors.options import LOCAL, Options, refuse_binning, refuse_neighbors
from fastinfo._neighbors.series.variables import Variables


def local_mutual_information(
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    given: npt.ArrayLike | None = None,
    bins: Any = "mi",
    strategy: str = EQUAL_COUNTS,
    range: Any = None,
    discrete: Any = "auto",
    base: float | None = None,
    sample_weight: npt.ArrayLike | None = None,
    nan_policy: str = "propagate",
    estimator: str = "histogram",
    n_neighbors: int = 3,
    jitter: float = 0.0,
    random_state: Any = None,
) -> Array:
    """
    Compute the local (pointwise) mutual information of each sample.

    The local information of a sample is ``log(p(x, y) / (p(x) p(y)))`` (Fano 1961). It is positive
    if the two values occur together more often than they would if they were independent, and
    negative if less often. Its mean over all samples is :func:`mutual_information`, or
    :func:`conditional_mutual_information` if `given` is used.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels. Estimators without bins also accept
        (n, d).
    given : (n,) or (n, k) array_like, optional
        Samples of a condition z. The result is then
        ``log(p(x, y | z) / (p(x | z) p(y | z)))``.
    bins : int, edges, str, or a sequence of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : sequence of [low, high] or None, optional
    discrete : {"auto", True, False}, or a sequence of those, optional
        Bins, and which variables are labels: as in :func:`mutual_information`. With `given`, as in
        :func:`conditional_mutual_information`.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    sample_weight : (n,) array_like, optional
        Weights of the samples: finite, not negative. The mean with these weights is the weighted
        mutual information.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes all results NaN (default), makes only its own result NaN, or
        raises.
    estimator : {"histogram", "ksg", "gaussian", "gaussian-copula"}, optional
    n_neighbors : int, optional
    jitter : float, optional
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Estimator and its options, as in :func:`mutual_information`. Estimators without bins are
        for numbers only, and refuse weights. For each sample, "ksg" gives
        ``psi(k) + psi(n) - psi(n_x + 1) - psi(n_y + 1)``, as in Lizier's JIDT. "gaussian" and
        "gaussian-copula" use the densities of a normal distribution with the correlations of the
        samples.

    Returns
    -------
    (n,) float64 ndarray
        The local mutual information. It is negative if the values of a sample are misinformative.
        NaN if a sample is missing, if it lies outside the edges or the range, or if all samples
        with the same values have the weight 0.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers although they are to be binned.
    ValueError
        If lengths differ, there is no sample (or no more samples than neighbours), the data is not
        finite, a sample is missing and ``nan_policy="raise"``, an option is unknown, or an
        estimator for numbers is given labels.

    Warns
    -----
    UserWarning
        If labels are nearly all different, integers are treated as numbers, most of the mean is due
        to chance, or, with "ksg", many samples have tied distances: see :func:`mutual_information`.

    See Also
    --------
    local_transfer_entropy : Transfer entropy of each value of a series.
    JointCounts.pointwise_mutual_information : Pointwise information of each cell of a table.

    References
    ----------
    Fano, R. M. (1961), Transmission of Information, MIT Press, section 2.3.

    Lizier, J. T. (2014), JIDT: an information-theoretic toolkit for studying the dynamics of
    complex systems, Frontiers in Robotics and AI 1, 11. https://doi.org/10.3389/frobt.2014.00011

    Examples
    --------
    >>> import fastinfo
    >>> x, y = [0, 0, 1, 1], ["a", "a", "b", "a"]
    >>> local = fastinfo.local_mutual_information(x, y, base=2)
    >>> local.round(3).tolist()
    [0.415, 0.415, 1.0, -0.585]
    >>> bool(abs(local.mean() - fastinfo.mutual_information(x, y, base=2)) < 1e-12)
    True
    """
    divisor = base_divisor(base)
    check_nan_policy(nan_policy)
    if choice(estimator, "estimator", LOCAL) != "histogram":
        refuse_binning(estimator, bins, strategy, range, sample_weight)
        options = Options.checked(estimator, n_neighbors, jitter, random_state)
        values = {"x": x, "y": y} | ({} if given is None else {"given": given})
        read = Variables.read(values, discrete, options)
        read.refuse_labels()
        return read.local(nan_policy) / divisor
    refuse_neighbors(estimator, n_neighbors, jitter, random_state)
    binning = Binning(bins, strategy, range, discrete)
    missing: Array | None
    z = known = None
    if given is None:
        *coded, missing = code_samples(x, y, binning, if_unique=unique_means(None))
        said, what = "x and y", "pairs"
    else:
        zs = columns_of(given, "given")
        names, groups = ["x", "y", *["given"] * len(zs)], [1, 1, len(zs)]
        if_unique = ["", "", GIVEN_UNIQUE]
        coded, masks = code_columns(
            [x, y, *zs],
            names,
            groups,
            binning,
            lambda n: MANY_BINS,
            together=True,
            if_unique=if_unique,
        )
        missing, said, what = any_of(masks), "x, y and given", "rows"
        known = join_variables(coded[2:])
        z = known.coded
    weights = as_weights(sample_weight, len(coded[0]))
    if refuse_missing(missing, said, nan_policy, what):
        return np.full(len(coded[0]), np.nan)
    if known is None:
        _tell_chance(Table.count(coded[0], coded[1], weights), bins)
    else:
        two = [Variable(c, c.n_levels) for c in coded[:2]]
        tell_chance_given(Joint([*two, known], weights), "x, y and given")
    return local_information(coded[0], coded[1], z, weights) / divisor


def _tell_chance(table: Table, bins: Any) -> None:
    """Warn if most of the mean is due to chance."""
    information = information_of(table) if table.n else 0.0
    if information >= LITTLE:
        tell_chance_in_table(table, information, bins)
