"""scikit-learn's scores of two labelings of the same samples."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import integer
from fastinfo._core.in_njit import in_njit
from fastinfo._measures.chance import expected_of_margins
from fastinfo._measures.information import information_of
from fastinfo.information.clusterings import check_method, compare, table_of_contingency

_EPS = sys.float_info.epsilon


@in_njit("fastinfo.numba_ext.of_samples")
def mutual_info_score(
    labels_true: npt.ArrayLike | None,
    labels_pred: npt.ArrayLike | None,
    *,
    contingency: Any = None,
) -> float:
    r"""
    Mutual information of two labelings, as in :func:`sklearn.metrics.mutual_info_score`.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Labels of any kind, none missing. If `contingency` is given, they are ignored and may be
        None.
    contingency : (r, c) array_like or SciPy sparse matrix, optional
        Count of each pair of labels. Floats are weights.

    Returns
    -------
    float
        Mutual information in nats: never negative, and exactly 0 for independent counts.

    Raises
    ------
    ValueError
        If the labelings differ in length, are empty or not one-dimensional, or have missing labels
        or infinity; or if the contingency matrix is not valid.

    Warns
    -----
    UserWarning
        If labels are floats with fractions.

    See Also
    --------
    fastinfo.mutual_information : Mutual information of numbers or labels, with bias corrections.

    Notes
    -----
    If the clusters :math:`i` and :math:`j` have :math:`a_i` and :math:`b_j` samples, of which they
    share :math:`n_{ij}`,

    .. math::

        I(U; V) = \sum_{i, j} \frac{n_{ij}}{n} \log \frac{n\, n_{ij}}{a_i b_j}

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.mutual_info_score([0, 1, 1, 0, 1, 0], [0, 1, 0, 0, 1, 1])
    0.0566
    """
    if contingency is not None:
        table = table_of_contingency(contingency)
        if not table.n > 0:
            raise ValueError("math domain error: contingency must hold at least one sample")
        return information_of(table)
    found = compare(labels_true, labels_pred, "mutual_info_score")
    if found is None:
        raise ValueError(
            "math domain error: labels_true must hold at least one sample, got an empty array"
        )
    return found.information


def normalized_mutual_info_score(
    labels_true: npt.ArrayLike,
    labels_pred: npt.ArrayLike,
    *,
    average_method: str = "arithmetic",
) -> float:
    r"""
    Normalised mutual information of two labelings, as in ``sklearn.metrics``.

    The mutual information is divided by a mean of the two entropies.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Labels of any kind, none of them missing.
    average_method : {"arithmetic", "geometric", "min", "max"}, optional
        The mean of the two entropies to use.

    Returns
    -------
    float
        The score, from 0 to 1. It is 1 if the labelings differ only in the names of the labels,
        also if both have one cluster or no samples. Otherwise, it is 0 if either has one cluster.

    Raises
    ------
    ValueError
        If the labelings differ in length, are not one-dimensional, or have missing labels; or if
        `average_method` is unknown.

    Notes
    -----
    The score is

    .. math::

        \mathrm{NMI}(U, V) = \frac{I(U; V)}{\operatorname{mean}(H(U), H(V))}

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.normalized_mutual_info_score([0, 0, 1, 1], ["b", "b", "a", "a"])
    1.0
    """
    function = "normalized_mutual_info_score"
    method = check_method(average_method, function)
    found = compare(labels_true, labels_pred, function)
    if found is None or found.is_match:
        return 1.0
    if found.information == 0.0:
        return 0.0
    return min(found.information / found.mean_entropy(method), 1.0)


def adjusted_mutual_info_score(
    labels_true: npt.ArrayLike,
    labels_pred: npt.ArrayLike,
    *,
    average_method: str = "arithmetic",
) -> float:
    r"""
    Mutual information of two labelings, adjusted for chance, as in ``sklearn.metrics``.

    The score is ``(MI - E[MI]) / (mean(H(U), H(V)) - E[MI])``. The expectation is over all
    labelings with clusters of the same sizes.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Labels of any kind, none of them missing.
    average_method : {"arithmetic", "geometric", "min", "max"}, optional
        The mean of the two entropies to use.

    Returns
    -------
    float
        The score, at most 1. For unrelated labelings its expectation is 0, and by chance it can be
        negative. It is exactly 1 if the labelings differ only in the names of the labels. This
        includes labelings with one cluster, with one cluster for each sample, or without samples.
        Otherwise, it is exactly 0 if either labeling has one cluster. If either has one cluster for
        each sample, chance cannot change the mutual information: the score is 0, or its limit 1 if
        the mean equals the expectation (``average_method="min"``).

    Raises
    ------
    ValueError
        If the labelings differ in length, are not one-dimensional, or have missing labels; or if
        `average_method` is unknown.

    Notes
    -----
    The score is

    .. math::

        \mathrm{AMI}(U, V)
            = \frac{I(U; V) - E[I(U; V)]}{\operatorname{mean}(H(U), H(V)) - E[I(U; V)]}

    The cost of computing the expectation grows with the number of different cluster sizes, not with
    the number of clusters.

    References
    ----------
    Vinh, N. X., Epps, J. & Bailey, J. (2010), Information theoretic measures for clusterings
    comparison: variants, properties, normalization and correction for chance, Journal of Machine
    Learning Research 11, 2837-2854. https://jmlr.org/papers/v11/vinh10a.html

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.adjusted_mutual_info_score([0, 0, 1, 1], [1, 1, 0, 0])
    1.0
    >>> fastinfo.adjusted_mutual_info_score([0, 0, 1, 1, 2, 2], [0, 0, 1, 2, 2, 2])
    0.5024
    """
    function = "adjusted_mutual_info_score"
    method = check_method(average_method, function)
    found = compare(labels_true, labels_pred, function)
    if found is None or found.is_match:
        return 1.0
    shape, n = found.table.shape, found.table.n
    if min(shape) == 1:
        return 0.0
    if max(shape) == n:
        return 1.0 if method == "min" else 0.0
    # What differs by rounding alone keeps its sign, as scikit-learn does it.
    above, most = found.information - found.expected, found.mean_entropy(method) - found.expected
    return math.copysign(max(abs(above), _EPS), above) / math.copysign(max(abs(most), _EPS), most)


def expected_mutual_information(contingency: Any, n_samples: int) -> float:
    r"""
    Expected mutual information of two labelings with clusters of given sizes, in nats.

    This is the mean over all pairs of labelings whose cluster sizes are the row sums and the column
    sums, as in :func:`sklearn.metrics.cluster.expected_mutual_information`.

    Parameters
    ----------
    contingency : (r, c) array_like or SciPy sparse matrix
        Count of each pair of labels.
    n_samples : int
        Number of samples.

    Returns
    -------
    float
        The expectation, exact to at least 12 digits for any number of samples.

    Raises
    ------
    ValueError
        If the counts are negative or not whole numbers, or a cluster has more than `n_samples`
        samples.

    Notes
    -----
    The expectation over all tables with the cluster sizes :math:`a_i` and :math:`b_j` is

    .. math::

        E[I] = \sum_{i, j} \sum_{n_{ij}} \frac{n_{ij}}{n} \log \frac{n\, n_{ij}}{a_i b_j}
            \cdot \frac{a_i!\, b_j!\, (n - a_i)!\, (n - b_j)!}
                {n!\, n_{ij}!\, (a_i - n_{ij})!\, (b_j - n_{ij})!\, (n - a_i - b_j + n_{ij})!}

    References
    ----------
    Vinh, N. X., Epps, J. & Bailey, J. (2010), Information theoretic measures for clusterings
    comparison: variants, properties, normalization and correction for chance, Journal of Machine
    Learning Research 11, 2837-2854, theorem 2. https://jmlr.org/papers/v11/vinh10a.html

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.expected_mutual_information([[2, 0, 0], [0, 1, 1], [0, 0, 2]], 6)
    0.5031
    """
    table = table_of_contingency(contingency)
    if isinstance(n_samples, (float, np.floating)) and float(n_samples).is_integer():
        n_samples = int(n_samples)
    n = integer(n_samples, "n_samples", least=0, most=2**63 - 1)
    margins = table.x_counts, table.y_counts
    for counts in margins:
        if (counts != np.floor(counts)).any():
            raise ValueError("contingency must hold whole counts, got fractions")
        if counts.max() > n:
            raise ValueError(
                f"n_samples must be at least the size of each cluster, got {n} samples and a "
                f"cluster of {counts.max():.0f}"
            )
    if min(table.shape) == 1:
        return 0.0
    return expected_of_margins(*margins, float(n))
