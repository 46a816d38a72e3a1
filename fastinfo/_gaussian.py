"""Mutual information of normal variables: from their correlations, or those of normal scores."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._neighbors import rank
from fastinfo._threads import run_in_order
from fastinfo._validate import Array
from fastinfo.kernels.normal import normal_scores

__all__ = ["gaussian_information", "scores"]

_TINY = 1e-13  # what rounding leaves of 1 - r**2 where r is 1, and of an eigenvalue of 0


def gaussian_information(x: Array, y: Array, z: Array | None = None) -> float:
    """
    ``-sum(log(1 - r**2)) / 2`` of the canonical correlations of two groups of columns (n, d).

    It is ``log(det(R_x) det(R_y) / det(R)) / 2``, for columns that determine each other too. With a
    third group, of what the regression on it leaves. Columns are standardized.
    """
    free = len(x) - 1
    a, b = _standard(x), _standard(y)
    if not a.shape[1] or not b.shape[1]:
        return 0.0
    if z is not None:
        basis = _standard(z)
        basis = basis @ _whitening(basis.T @ basis)
        free -= basis.shape[1]
        if free < 1:
            raise ValueError(
                f"x, y and z must hold at least 2 complete samples more than z has independent "
                f"columns with a correlation, got {len(x)} for {basis.shape[1]}"
            )
        a, b = (_standard(c - basis @ (basis.T @ c), at_least=1e-7) for c in (a, b))
    if not a.shape[1] or not b.shape[1]:
        return 0.0
    if free == 1:  # a line: what varies along it goes together
        return math.inf
    cross = a.T @ b
    if cross.size == 1:  # what is left of one when the other is known, to more digits
        left = np.square(b - a * cross).sum(keepdims=True)
        least = _TINY**2
    else:
        cross = _whitening(a.T @ a).T @ cross @ _whitening(b.T @ b)
        r = np.linalg.svd(cross, compute_uv=False)
        left = (1.0 - np.minimum(r, 1.0)) * (1.0 + r)
        least = _TINY
    if (left < least).any():
        return math.inf
    return float(-0.5 * np.log(np.minimum(left, 1.0)).sum()) + 0.0


def _standard(x: Array, at_least: float = 0.0) -> Array:
    """Standardized columns about their means, of length 1; those that do not vary are left out."""
    centred = x - x.mean(axis=0)
    lengths = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    varies = (x != x[0]).any(axis=0) & (lengths > at_least)
    out: Array = centred[:, varies] / lengths[varies]
    return out


def _whitening(correlation: Array) -> Array:
    """Columns that turn correlated columns into uncorrelated ones; fewer where some depend."""
    values, vectors = np.linalg.eigh(correlation)
    kept = values > _TINY * len(correlation)
    out: Array = vectors[:, kept] / np.sqrt(values[kept])
    return out


def scores(x: Array) -> Array:
    """Normal scores of each column of a group: the Gaussian copula."""
    out = np.empty(x.shape, order="F")

    def fill(j: int) -> None:
        column = rank(np.ascontiguousarray(x[:, j]))
        normal_scores(column.values, column.places, out[:, j])

    run_in_order(fill, range(x.shape[1]))
    return out
