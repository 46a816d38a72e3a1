"""scikit-learn's scores of how pure clusters are, and of how whole classes stay."""

from __future__ import annotations

import numpy.typing as npt

from fastinfo.information.clusterings import compare, v_measures


def homogeneity_completeness_v_measure(
    labels_true: npt.ArrayLike, labels_pred: npt.ArrayLike, *, beta: float = 1.0
) -> tuple[float, float, float]:
    """
    Homogeneity, completeness and V-measure: ``sklearn.metrics``' function of that name.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Labels of any kind, none of them missing: of the classes, and of the clusters.
    beta : float, optional
        Weight of the completeness in the V-measure.

    Returns
    -------
    homogeneity : float
        ``1 - H(true|pred) / H(true)``: 1 where each cluster holds members of one class alone.
    completeness : float
        ``1 - H(pred|true) / H(pred)``: 1 where all members of each class are in one cluster.
    v_measure : float
        Their harmonic mean, weighted with `beta`.

    Raises
    ------
    ValueError
        As :func:`normalized_mutual_info_score`; if `beta` is negative or not finite.

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
    Share of the entropy of the classes that the clusters tell: ``sklearn.metrics``' function.

    All three scores at once are :func:`homogeneity_completeness_v_measure`.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Labels of any kind, none of them missing: of the classes, and of the clusters.

    Returns
    -------
    float
        1 where each cluster holds members of one class alone.

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
    Share of the entropy of the clusters that the classes tell: ``sklearn.metrics``' function.

    All three scores at once are :func:`homogeneity_completeness_v_measure`.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Labels of any kind, none of them missing: of the classes, and of the clusters.

    Returns
    -------
    float
        1 where all members of each class are in one cluster.

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
    Harmonic mean of homogeneity and completeness: :func:`sklearn.metrics.v_measure_score`.

    All three scores at once are :func:`homogeneity_completeness_v_measure`.

    Parameters
    ----------
    labels_true, labels_pred : (n,) array_like
        Labels of any kind, none of them missing: of the classes, and of the clusters.
    beta : float, optional
        Weight of the completeness.

    Returns
    -------
    float
        From 0 to 1; with ``beta=1`` the normalised mutual information by the arithmetic mean.

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
