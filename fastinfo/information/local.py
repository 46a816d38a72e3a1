"""Mutual information sample by sample."""

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
    Mutual information of each sample: the terms whose mean is that of all of them.

    The local (or pointwise) information ``log(p(x, y) / (p(x) p(y)))`` says how much more, or less,
    likely the two values of a sample are together than apart (Fano 1961). Its mean is
    :func:`mutual_information`, or :func:`conditional_mutual_information` where something is given.

    Parameters
    ----------
    x, y : (n,) array_like
        The samples: numbers, which are binned, or labels. Without bins, (n, d) too.
    given : (n,) or (n, k) array_like, optional
        What is known: then it is ``log(p(x, y | z) / (p(x | z) p(y | z)))``.
    bins : int, edges, str, or a sequence of those, optional
    strategy : {"quantile", "uniform"}, optional
    range : sequence of [low, high] or None, optional
    discrete : {"auto", True, False}, or a sequence of those, optional
        Bins, and which variables are labels: as in :func:`mutual_information`, or as in
        :func:`conditional_mutual_information` with `given`.
    base : float, optional
        Base of the logarithm: 2 for bits. None is nats.
    sample_weight : (n,) array_like, optional
        Weights of the samples: finite, not negative. The mean with these weights is the
        information with them.
    nan_policy : {"propagate", "omit", "raise"}, optional
        Whether a missing sample makes all terms NaN (default), its own alone, or raises.
    estimator : {"histogram", "ksg", "gaussian", "gaussian-copula"}, optional
    n_neighbors : int, optional
    jitter : float, optional
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, optional
        Estimator and its options, as in :func:`mutual_information`. "ksg" is for numbers alone:
        ``psi(k) + psi(n) - psi(n_x + 1) - psi(n_y + 1)`` of each sample, as in Lizier's JIDT.
        "gaussian" and its copula take the densities of the normal law that has the correlations of
        the samples. They have no weights.

    Returns
    -------
    (n,) float64 ndarray
        Of either sign: below 0 where the values of a sample are misinformative. NaN where a sample
        is missing, outside of the edges or range, or where no weight lies in its cell.

    Raises
    ------
    TypeError
        If samples are complex, or not numbers where they are to be binned.
    ValueError
        If lengths differ, there is no sample (or no more than neighbours), the data is not finite,
        a sample is missing under ``nan_policy="raise"``, an option is unknown, or variables are
        labels with an estimator of numbers.

    Warns
    -----
    UserWarning
        Where labels are nearly all different, integers are taken as numbers, most of the mean is
        what chance alone gives, or, with "ksg", samples repeat values: as in
        :func:`mutual_information`.

    See Also
    --------
    local_transfer_entropy : Of the past of a series, value by value.
    JointCounts.pointwise_mutual_information : Of each cell of a table.

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
    """Warn where the mean of the terms is mostly chance."""
    information = information_of(table) if table.n else 0.0
    if information >= LITTLE:
        tell_chance_in_table(table, information, bins)
