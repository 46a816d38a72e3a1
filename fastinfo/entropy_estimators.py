"""Entropy of one variable from its counts, with corrections for the bias of few samples."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_numeric, base_divisor
from fastinfo._measures.corrections import check_correction, entropy_of_counts, nsb_of_counts

__all__ = ["PosteriorEntropy", "entropy_from_counts", "nsb_entropy"]


class PosteriorEntropy(NamedTuple):
    """Mean and standard deviation of an entropy under a posterior distribution."""

    entropy: float  #: mean of the posterior distribution
    standard_deviation: float  #: its standard deviation


def entropy_from_counts(
    counts: npt.ArrayLike,
    *,
    base: float | None = None,
    correction: str | float | None = None,
) -> float:
    """
    Estimate the entropy of a variable from the counts of its values.

    The plug-in estimate ``-sum(c / n log(c / n))`` is too low by about ``(cells - 1) / (2 n)``. A
    correction removes most of this bias.

    Parameters
    ----------
    counts : array_like
        Count of each value, not negative. Counts are whole numbers or weights; the sum of weights
        is used as the number of samples. Each element of a multidimensional array is a cell. Empty
        cells count as cells.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.
    correction : str or float, optional
        Correction of the bias. Below, ``c`` is a count, ``K`` the number of cells, and ``n`` the
        sum of the counts.

        - None: no correction; the plug-in (maximum likelihood) estimate.
        - "miller-madow": adds ``(occupied cells - 1) / (2 n)`` (Miller 1955).
        - "jackknife": estimates the bias by leaving out each sample in turn (Zahl 1977).
        - "grassberger": ``log n - sum(c / n G(c))``, with the function G of Grassberger (2003).
        - "chao-shen": shrinks probabilities to the coverage of the sample, and divides each term by
          the probability that its cell is observed (Chao & Shen 2003). If all samples are
          singletons, their number is set to ``n - 1``.
        - "shrinkage": shrinks probabilities towards ``1 / K``, by an amount estimated from the data
          (Hausser & Strimmer 2009).
        - "nsb": mean of the posterior under a prior that is uniform in the entropy
          (Nemenman, Shafee & Bialek 2002); see
          :func:`fastinfo.entropy_estimators.nsb_entropy`.
        - "zhang": an estimate whose bias decays exponentially (Zhang 2012), computed as
          ``sum(c / n (digamma(n) - digamma(c)))`` (Schürmann 2015).
        - a number ``a >= 0``: adds a pseudo-count to each cell, for the entropy of
          ``(c + a) / (n + K a)``. 1/2 is Jeffreys' prior, 1 Laplace's, ``1 / K`` Perks's, and
          ``sqrt(n) / K`` the minimax prior (Agresti & Hitchcock 2005).

    Returns
    -------
    float
        The entropy. It is 0 if all counts are 0, whatever the correction.

    Raises
    ------
    TypeError
        If the counts are not real numbers, or `base` or `correction` has a wrong type.
    ValueError
        If there is no cell, a count is negative or not finite, or `base` or `correction` is not
        valid. Also if the counts are fractional weights and the correction needs whole numbers
        ("jackknife", "grassberger", "chao-shen" and "zhang").

    See Also
    --------
    entropy : Entropy of probabilities, along an axis.
    JointCounts : Counts of two variables, with measures that accept the same corrections.

    References
    ----------
    Miller, G. A. (1955), Note on the bias of information estimates, in: Quastler, H. (ed.),
    Information Theory in Psychology II-B, 95-100.

    Zahl, S. (1977), Jackknifing an index of diversity, Ecology 58, 907-913.
    https://doi.org/10.2307/1936227

    Grassberger, P. (2003), Entropy estimates from insufficient samplings.
    https://doi.org/10.48550/arXiv.physics/0307138

    Chao, A. & Shen, T.-J. (2003), Nonparametric estimation of Shannon's index of diversity when
    there are unseen species in sample, Environmental and Ecological Statistics 10, 429-443.
    https://doi.org/10.1023/A:1026096204727

    Hausser, J. & Strimmer, K. (2009), Entropy inference and the James-Stein estimator, with
    application to nonlinear gene association networks, Journal of Machine Learning Research 10,
    1469-1484. https://doi.org/10.48550/arXiv.0811.3579

    Nemenman, I., Shafee, F. & Bialek, W. (2002), Entropy and inference, revisited, Advances in
    Neural Information Processing Systems 14. https://doi.org/10.48550/arXiv.physics/0108025

    Zhang, Z. (2012), Entropy estimation in Turing's perspective, Neural Computation 24, 1368-1389.
    https://doi.org/10.1162/NECO_a_00266

    Schürmann, T. (2015), A note on entropy estimation, Neural Computation 27, 2097-2106.
    https://direct.mit.edu/neco/article-abstract/27/10/2097/8087

    Agresti, A. & Hitchcock, D. B. (2005), Bayesian inference for categorical data analysis,
    Statistical Methods and Applications 14, 297-330. https://doi.org/10.1007/s10260-005-0121-y

    Examples
    --------
    >>> import fastinfo
    >>> counts = [4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1]
    >>> fastinfo.entropy_from_counts(counts)
    1.968382
    >>> fastinfo.entropy_from_counts(counts, correction="chao-shen")
    2.201137
    >>> fastinfo.entropy_from_counts(counts, base=2, correction=0.5)  # Jeffreys' prior
    3.144326
    """
    vector, divisor = _as_vector(counts), base_divisor(base)
    return entropy_of_counts(vector, None, check_correction(correction)) / divisor


def nsb_entropy(counts: npt.ArrayLike, *, base: float | None = None) -> PosteriorEntropy:
    """
    Estimate the entropy with the prior of Nemenman, Shafee and Bialek, and its standard deviation.

    Parameters
    ----------
    counts : array_like
        Count of each value, not negative. Counts are whole numbers or weights; the sum of weights
        is used as the number of samples. Empty cells count as cells, since the prior covers them
        too.
    base : float, optional
        Base of the logarithm: 2 for bits. None means nats.

    Returns
    -------
    PosteriorEntropy
        ``entropy`` and ``standard_deviation`` of the posterior distribution of the entropy. Both
        are 0 if all counts are 0.

    Raises
    ------
    TypeError
        If the counts are not real numbers, or `base` has a wrong type.
    ValueError
        If there is no cell, a count is negative or not finite, or `base` is not valid.

    References
    ----------
    Nemenman, I., Shafee, F. & Bialek, W. (2002), Entropy and inference, revisited, Advances in
    Neural Information Processing Systems 14. https://doi.org/10.48550/arXiv.physics/0108025

    Wolpert, D. H. & Wolf, D. R. (1995), Estimating functions of probability distributions from a
    finite set of samples, Physical Review E 52, 6841-6854.
    https://doi.org/10.1103/PhysRevE.52.6841

    Examples
    --------
    >>> from fastinfo.entropy_estimators import nsb_entropy
    >>> estimate = nsb_entropy([4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1])
    >>> round(estimate.entropy, 3), round(estimate.standard_deviation, 3)
    (2.188, 0.141)
    """
    vector, divisor = _as_vector(counts), base_divisor(base)
    mean, deviation = nsb_of_counts(vector.astype(np.float64), vector.size)
    return PosteriorEntropy(mean / divisor, deviation / divisor)


def _as_vector(counts: npt.ArrayLike) -> Array:
    """Check counts, and return them as an int64 or float64 vector."""
    array = as_numeric(counts, "counts").reshape(-1)
    if array.size == 0:
        raise ValueError("counts must hold at least one cell, got an empty array")
    if array.dtype.kind in "fV":
        with np.errstate(over="ignore"):  # of what is wider than float64
            array = array.astype(np.float64, copy=False)
        if not np.isfinite(array).all():
            raise ValueError("counts must be finite, got NaN or infinity")
    elif array.dtype.kind == "u" and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"counts must be below 2**63, got {array.max()}")
    else:
        array = array.astype(np.int64, copy=False)
    if array.min() < 0:
        raise ValueError(f"counts must not be negative, got {array.min()}")
    return array
