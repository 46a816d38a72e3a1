"""scikit-learn's homogeneity, completeness and V-measure."""

from __future__ import annotations

import numpy.typing as npt

from fastinfo.information.clusterings import compare, v_measures


def homogeneity_completeness_v_measure(
    labels_true: npt.ArrayLike, labels_pred: npt.ArrayLike, *, beta: float = 1.0
) -> tuple[float, float, float]:
    """
    Homogeneity, completeness and V-measure of a clustering, as in ``sklearn.metrics``.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Class and cluster of each sample: labels of any kind, none of them missing.
    beta : float, optional
        Weight of the completeness in the V-measure.

    Returns
    -------
    homogeneity : float
        ``1 - H(true|pred) / H(true)``: 1 if each cluster contains members of one class only.
    completeness : float
        ``1 - H(pred|true) / H(pred)``: 1 if all members of each class are in one cluster.
    v_measure : float
        The harmonic mean of homogeneity and completeness, weighted with `beta`.

    Raises
    ------
    ValueError
        If the labelings differ in length, are not one-dimensional, or have missing labels; or
        if `beta` is negative or not finite.

    References
    ----------
    Rosenberg, A. & Hirschberg, J. (2007), V-measure: a conditional entropy-based external cluster
    evaluation measure, Proceedings of EMNLP-CoNLL, 410-420. https://aclanthology.org/D07-1043/

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.homogeneity_completeness_v_measure([0, 0, 1, 1, 2, 2], [0, 0, 1, 2, 2, 2])
    (0.71, 0.771, 0.74)
    """
    function = "homogeneity_completeness_v_measure"
    return v_measures(compare(labels_true, labels_pred, function), beta, function)


def homogeneity_score(labels_true: npt.ArrayLike, labels_pred: npt.ArrayLike) -> float:
    r"""
    Homogeneity: share of the classes' entropy explained by the clusters, as in scikit-learn.

    To get all three scores at once, use :func:`homogeneity_completeness_v_measure`.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Class and cluster of each sample: labels of any kind, none of them missing.

    Returns
    -------
    float
        The homogeneity: 1 if each cluster contains members of one class only.

    Raises
    ------
    ValueError
        If the labelings differ in length, are not one-dimensional, or have missing labels.

    Notes
    -----
    With classes :math:`C` and clusters :math:`K`,

    .. math::

        h = 1 - \frac{H(C | K)}{H(C)}

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.homogeneity_score([0, 0, 1, 1], [0, 0, 1, 2])
    1.0
    """
    function = "homogeneity_score"
    return v_measures(compare(labels_true, labels_pred, function), 1.0, function)[0]


def completeness_score(labels_true: npt.ArrayLike, labels_pred: npt.ArrayLike) -> float:
    r"""
    Completeness: share of the clusters' entropy explained by the classes, as in scikit-learn.

    To get all three scores at once, use :func:`homogeneity_completeness_v_measure`.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Class and cluster of each sample: labels of any kind, none of them missing.

    Returns
    -------
    float
        The completeness: 1 if all members of each class are in one cluster.

    Raises
    ------
    ValueError
        If the labelings differ in length, are not one-dimensional, or have missing labels.

    Notes
    -----
    With classes :math:`C` and clusters :math:`K`,

    .. math::

        c = 1 - \frac{H(K | C)}{H(K)}

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.completeness_score([0, 0, 1, 1], [0, 0, 0, 0])
    1.0
    """
    function = "completeness_score"
    return v_measures(compare(labels_true, labels_pred, function), 1.0, function)[1]


def v_measure_score(
    labels_true: npt.ArrayLike, labels_pred: npt.ArrayLike, *, beta: float = 1.0
) -> float:
    r"""
    V-measure: harmonic mean of homogeneity and completeness, as in scikit-learn.

    To get all three scores at once, use :func:`homogeneity_completeness_v_measure`.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Class and cluster of each sample: labels of any kind, none of them missing.
    beta : float, optional
        Weight of the completeness.

    Returns
    -------
    float
        The V-measure, from 0 to 1. With ``beta=1``, it is the mutual information normalised by the
        arithmetic mean of the entropies.

    Raises
    ------
    ValueError
        If the labelings differ in length, are not one-dimensional, or have missing labels; or
        if `beta` is negative or not finite.

    Notes
    -----
    With homogeneity :math:`h` and completeness :math:`c`,

    .. math::

        V_\beta = \frac{(1 + \beta)\, h\, c}{\beta h + c}

    Examples
    --------
    >>> import fastinfo
    >>> fastinfo.v_measure_score([0, 0, 1, 1], [0, 0, 1, 2])
    0.8
    """
    function = "v_measure_score"
    return v_measures(compare(labels_true, labels_pred, function), beta, function)[2]
