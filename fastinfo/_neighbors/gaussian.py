"""Mutual information of normal variables, from correlations of numbers or of normal scores."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import run_in_order, spans, unforked
from fastinfo._neighbors.distances import rank
from fastinfo.kernels.elementary.special import digamma
from fastinfo.kernels.neighbors import normal as kernels

_TINY = 1e-13  # rounding error of 1 - r**2 for r = 1, and of an eigenvalue of 0


def gaussian_information(
    x: Array, y: Array, z: Array | None = None, *, corrected: bool = False
) -> float:
    """
    ``-sum(log(1 - r**2)) / 2`` of the canonical correlations of two groups of columns (n, d).

    This equals ``log(det(R_x) det(R_y) / det(R)) / 2``, but also works for columns that determine
    each other. With a third group, it is computed from what the regression on it leaves. Columns
    are standardised. With `corrected`, the mean for independent normal variables is subtracted.
    """
    a, b, free = _left_of(x, y, z)
    if not len(a) or not len(b):
        return 0.0
    cross = _products(a, b)
    if cross.size == 1:  # the residual of one given the other has more digits
        left = np.square(b - a * cross).sum(keepdims=True)
        least, ranks = _TINY**2, (1, 1)
    else:
        of_a, of_b = _whitening(_products(a, a)), _whitening(_products(b, b))
        with unforked:
            r = np.linalg.svd(of_a.T @ cross @ of_b, compute_uv=False)
        left = (1.0 - np.minimum(r, 1.0)) * (1.0 + r)
        least, ranks = _TINY, (of_a.shape[1], of_b.shape[1])
    # If there is no room for both, parts of one must coincide with parts of the other.
    if sum(ranks) > free or (left < least).any():
        return math.inf
    found = float(-0.5 * np.log(np.minimum(left, 1.0)).sum()) + 0.0
    return found - _bias(*ranks, free) if corrected else found


def local_gaussian_information(x: Array, y: Array, z: Array | None = None) -> Array:
    """
    Information of each sample under a normal distribution fitted to all samples: (n,).

    In canonical variables u and v of variance 1, each correlation r adds ``(r u v - r**2 (u**2 +
    v**2) / 2) / (1 - r**2) - log(1 - r**2) / 2``. The mean is the information.
    """
    n = len(x)
    a, b, free = _left_of(x, y, z)
    if not len(a) or not len(b):
        return np.zeros(n)
    of_a, of_b = _whitening(_products(a, a)), _whitening(_products(b, b))
    with unforked:
        u, r, v = np.linalg.svd(of_a.T @ _products(a, b) @ of_b, full_matrices=False)
        to_a, to_b = of_a @ u, of_b @ v.T
    out = np.zeros(n)
    for i, own in enumerate(r.tolist()):
        p, q = (np.einsum("i,in->n", to[:, i], c) for to, c in ((to_a, a), (to_b, b)))
        left = float(np.square(q - p * own).sum())  # 1 - r**2, with more digits
        if of_a.shape[1] + of_b.shape[1] > free or left < (_TINY**2 if r.size == 1 else _TINY):
            return np.full(n, math.inf)
        out += (n / left) * (own * p * q - 0.5 * own * own * (p * p + q * q)) - 0.5 * math.log(left)
    return out


def _left_of(x: Array, y: Array, z: Array | None) -> tuple[Array, Array, int]:
    """What the regression on z leaves of standardised x and y, and the degrees of freedom."""
    free = len(x) - 1
    a, b = _standard(x.T), _standard(y.T)
    if z is None or not len(a) or not len(b):
        return a, b, free
    given = _standard(z.T)
    whitening = _whitening(_products(given, given))
    free -= whitening.shape[1]
    if free < 1:
        raise ValueError(
            f"x, y and z must hold at least 2 complete samples more than z has independent "
            f"columns, got {len(x)} samples for {whitening.shape[1]} such columns"
        )
    a, b = (_standard(_without(c, given, whitening), at_least=1e-7) for c in (a, b))
    return a, b, free


def _bias(p: int, q: int, free: int) -> float:
    """
    Mean information of `p` and `q` independent normal columns, with `free` degrees of freedom.

    From the mean of the logarithm of the determinant of a Wishart matrix. Given columns have
    already been subtracted from the degrees of freedom.
    """

    def half(start: int) -> float:
        places = range(start, start + q)
        return 0.5 * math.fsum(digamma((free - i) / 2.0) for i in places)

    return half(0) - half(p)


def determine_each_other(x: Array) -> bool:
    """Whether some of the standardised columns (n, d) are sums of others, up to rounding."""
    columns = _standard(x.T)
    return bool(_whitening(_products(columns, columns)).shape[1] < x.shape[1])


# Columns are rows of a matrix (d, n). Our own kernels sum over samples, because the threads of a
# BLAS do not survive a fork, and its sums depend on their number.


def _standard(x: Array, at_least: float = 0.0) -> Array:
    """Standardised columns, centred and of length 1; columns that do not vary are left out."""
    centred = x - x.mean(axis=1, keepdims=True)
    lengths = np.sqrt(np.einsum("ij,ij->i", centred, centred))
    varies = (x != x[:, :1]).any(axis=1) & (lengths > at_least)
    return read_only(np.ascontiguousarray(centred[varies] / lengths[varies, None]))


def _products(a: Array, b: Array) -> Array:
    """``a @ b.T``."""

    def of(span: tuple[int, int]) -> Array:
        found = np.zeros((len(a), len(b)))
        kernels.add_products(a, b, *span, found)
        return found

    return sum(run_in_order(of, spans(a.shape[1], CHUNK)), np.zeros((len(a), len(b))))


def _without(c: Array, given: Array, whitening: Array) -> Array:
    """What the regression of columns on others leaves."""
    products = _products(given, c)
    with unforked:
        weights = read_only(whitening @ (whitening.T @ products))
    out = c.copy()

    def subtract(span: tuple[int, int]) -> None:
        kernels.subtract_combinations(weights, given, *span, out)

    run_in_order(subtract, spans(c.shape[1], CHUNK))
    return out


def _whitening(correlation: Array) -> Array:
    """A matrix that makes correlated columns uncorrelated; fewer columns if some depend."""
    with unforked:
        values, vectors = np.linalg.eigh(correlation)
    kept = values > _TINY * len(correlation)
    out: Array = vectors[:, kept] / np.sqrt(values[kept])
    return out


def scores(x: Array) -> Array:
    """Normal scores of each column of a group, as for the Gaussian copula."""
    out = np.empty(x.shape, order="F")

    def fill(j: int) -> None:
        column = rank(np.ascontiguousarray(x[:, j]))
        kernels.normal_scores(column.values, column.places, out[:, j])

    run_in_order(fill, range(x.shape[1]))
    return out
