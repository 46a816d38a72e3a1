"""P-values adjusted for the number of tests."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from fastinfo._core.checks import Array, as_numeric

_FEW_PVALUES = 64  # that are adjusted one by one


def adjust_pvalues(pvalues: npt.ArrayLike) -> Array:
    """
    Adjust p-values of many tests for the false discovery rate (Benjamini-Hochberg).

    Parameters
    ----------
    pvalues : (m,) array_like of float
        The p-values. NaN is ignored and stays NaN.

    Returns
    -------
    (m,) float64 ndarray
        The adjusted p-values in the order of the input. That of the i-th smallest p-value is
        ``min over j >= i of m p_(j) / j``, at most 1. Rejecting all hypotheses with an adjusted
        value up to ``alpha`` controls the false discovery rate at ``alpha``.

    Raises
    ------
    ValueError
        If a p-value is outside 0 to 1, or the input is not one-dimensional.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995), Controlling the false discovery rate: a practical and
    powerful approach to multiple testing, Journal of the Royal Statistical Society B 57, 289-300.
    https://doi.org/10.1111/j.2517-6161.1995.tb02031.x

    Examples
    --------
    >>> from fastinfo.significance import adjust_pvalues
    >>> adjust_pvalues([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    p = as_numeric(pvalues, "pvalues").astype(np.float64)
    if p.ndim != 1:
        raise ValueError(f"pvalues must be one-dimensional, got shape {p.shape}")
    if p.size <= _FEW_PVALUES:
        few = _adjust_few(p.tolist())
        if few is not None:
            return np.array(few)
    present = np.flatnonzero(~np.isnan(p))
    if present.size and not (p[present].min() >= 0.0 and p[present].max() <= 1.0):
        raise ValueError(
            f"pvalues must lie between 0 and 1, got {p[present].min()} to {p[present].max()}"
        )
    order = present[np.argsort(p[present], kind="stable")]
    m = order.size
    scaled = p[order] * m / np.arange(1, m + 1)
    adjusted = np.full(p.size, np.nan)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def _adjust_few(p: list[float]) -> list[float] | None:
    """Adjust a few p-values without arrays; None if one is not a probability."""
    order = sorted((i for i, value in enumerate(p) if value == value), key=p.__getitem__)
    if order and not (p[order[0]] >= 0.0 and p[order[-1]] <= 1.0):
        return None
    adjusted, least, m = [math.nan] * len(p), 1.0, len(order)
    for j in range(m, 0, -1):
        i = order[j - 1]
        adjusted[i] = least = min(p[i] * m / j, least)
    return adjusted
