"""Estimates of entropy from counts that have less bias than the plug-in estimate, in nats.

The docstring of each estimator names its paper.

What the kernels expect: counts are contiguous float64 and not negative, and whole numbers where the
docstring says so. This is not checked. `n_cells` is the number of cells, at least ``counts.size``:
cells that are not in `counts` are empty. If all counts are zero, every result is 0.

The jackknife and the estimates of Grassberger and Zhang are sums of one form, ``sum(c / n (A(n) -
g(c)))``. The function ``g`` is looked up in a table for small counts, and computed by a series for
others.

Pseudo-counts and shrinkage change the probabilities themselves. For two variables they change those
of the joint table once, and the margins are sums of the changed probabilities. The functions
``joint_...`` return H(X), H(Y) and H(X, Y) of this one distribution, so its mutual information is
never negative.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.distributions.divergences import total
from fastinfo.kernels.elementary.scalar import log64, log_normal
from fastinfo.kernels.elementary.special import digamma
from fastinfo.kernels.information.plug_in import entropy_from_counts

_BLOCK = 1024
_TABULATED = 128  # from this count on, the series are exact up to rounding
_NEGLIGIBLE = 38.0  # exp(-38) added to 1 is lost to rounding


def _of_small_counts() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The functions ``g`` of Zahl, Grassberger and Zhang for 0 to ``_TABULATED - 1``."""
    euler = 0.5772156649015329
    zahl, grassberger, zhang = (np.zeros(_TABULATED) for _ in range(3))
    for c in range(1, _TABULATED):
        zahl[c] = math.log(c) + (c - 1) * math.log1p(1 / (c - 1)) if c > 1 else 0.0
        odd = [2.0 / k for k in range(1, c, 2)]
        grassberger[c] = math.fsum([-euler, -math.log(2.0), *odd])
        zhang[c] = math.fsum([-euler, *(1.0 / k for k in range(1, c))])
    return zahl, grassberger, zhang


_ZAHL, _GRASSBERGER, _ZHANG = _of_small_counts()


@kernel(inline=True)
def _zahl_series(c):
    """``log c + (c - 1) log(c / (c - 1))``: the second term is 1 - sum(c**-k / (k (k + 1)))."""
    r = 1.0 / c
    p = 1.0 / 20.0 + r * (1.0 / 30.0 + r * (1.0 / 42.0))
    p = 0.5 + r * (1.0 / 6.0 + r * (1.0 / 12.0 + r * p))
    return log_normal(c) + (1.0 - r * p)


@kernel(inline=True)
def _grassberger_series(c):
    """``log 2 + digamma(m + 1/2)`` for ``m = c // 2``; DLMF 5.11.2 with duplication, 5.5.8."""
    even = 2.0 * np.floor(0.5 * c)
    r = 1.0 / even
    z = r * r
    return log_normal(even) + z * (1.0 / 6.0 + z * (-7.0 / 60.0 + z * (31.0 / 126.0)))


@kernel(inline=True)
def _zhang_series(c):
    """``digamma(c)`` of a large count, by the asymptotic expansion DLMF 5.11.2."""
    r = 1.0 / c
    z = r * r
    p = z * (1.0 / 12.0 + z * (-1.0 / 120.0 + z * (1.0 / 252.0)))
    return log_normal(c) - (0.5 * r + p)


@kernel(fastmath=REASSOCIATE, inline=True)
def _weighted_block(counts, small, series, a, n):
    """The sum of :func:`_weighted` over a block, without the division by n."""
    s = 0.0
    for i in range(counts.size):
        c = counts[i]
        tabulated = c < 128.0
        g = small[np.uint32(np.int32(c if tabulated else 0.0))]
        g = g if tabulated else series(c if c > 128.0 else 128.0)
        s += c * (a - g) if c < n else 0.0
    return s


@kernel(inline=True)
def _weighted(counts, small, series, a, n, last):
    """``sum(c / n (a - g(c)))`` over the counts that are below `last`."""
    s = 0.0
    for start in range(0, counts.size, _BLOCK):
        s += _weighted_block(counts[start : start + _BLOCK], small, series, a, last)
    return s / n


@kernel
def entropy_jackknife(counts):
    """
    Jackknife estimate of entropy: ``n H - (n - 1) mean(H without one sample)``. Whole counts.

    Zahl 1977, https://doi.org/10.2307/1936227. The mean is over all samples. Removing any sample of
    a cell has the same effect, so ``g(c) = c log c - (c - 1) log(c - 1)`` and ``A = g``.
    """
    n = total(counts)
    if not n > 1.0:
        return 0.0
    a = _ZAHL[int(n)] if n < _TABULATED else _zahl_series(n)
    return _weighted(counts, _ZAHL, _zahl_series, a, n, n)


@kernel
def entropy_grassberger(counts):
    """
    Grassberger's estimate of entropy from whole counts, in nats: ``log n - sum(c / n G(c))``.

    ``G(c) = digamma(c) + (-1)**c / 2 (digamma((c + 1) / 2) - digamma(c / 2))``, which equals ``log
    2 + digamma(c // 2 + 1 / 2)``. `counts` are the counts c of all cells, and n is their sum.
    Grassberger 2003, https://arxiv.org/abs/physics/0307138.
    """
    n = total(counts)
    if not n > 0.0:
        return 0.0
    return _weighted(counts, _GRASSBERGER, _grassberger_series, math.log(n), n, math.inf)


@kernel
def entropy_zhang(counts):
    """
    Zhang's estimate of entropy, whose bias decreases exponentially. Whole counts.

    Zhang 2012, https://doi.org/10.1162/NECO_a_00266. His sum has ``g = A = digamma``: Schuermann
    2015, https://direct.mit.edu/neco/article-abstract/27/10/2097/8087.
    """
    n = total(counts)
    if not n > 0.0:
        return 0.0
    return _weighted(counts, _ZHANG, _zhang_series, digamma(n), n, n)


@kernel(fastmath=REASSOCIATE, inline=True)
def _equal_block(counts, value):
    """Number of counts in a block that equal the value."""
    m = 0.0
    for i in range(counts.size):
        m += 1.0 if counts[i] == value else 0.0
    return m


@kernel
def _cells_of(counts, value):
    """Number of cells that have the given count."""
    m = 0.0
    for start in range(0, counts.size, _BLOCK):
        m += _equal_block(counts[start : start + _BLOCK], value)
    return m


@kernel
def entropy_miller_madow(counts):
    """
    Miller and Madow's estimate of entropy, in nats: the plug-in estimate plus a correction.

    `counts` are the counts of all cells. The correction is ``(occupied cells - 1) / (2 n)`` for n
    samples. Miller 1955, Note on the bias of information estimates, in: Quastler (ed.), Information
    Theory in Psychology II-B, 95-100.
    """
    n = total(counts)
    if not n > 0.0:
        return 0.0
    occupied = counts.size - _cells_of(counts, 0.0)
    return entropy_from_counts(counts) + (occupied - 1.0) / (2.0 * n)


@kernel(fastmath=REASSOCIATE, inline=True)
def _chao_shen_block(counts, small, coverage, n):
    """The sum of the terms of a block of counts; terms of small counts are looked up in `small`."""
    s = 0.0
    for i in range(counts.size):
        c = counts[i]
        tabulated = c < small.size
        p = coverage * (c / n)
        term = small[np.uint32(np.int32(c if tabulated else 0.0))]
        s += term if tabulated else -p * log64(p)
    return s


@kernel
def entropy_chao_shen(counts):
    """
    Chao and Shen's estimate of entropy. Whole counts.

    The probabilities are multiplied by the estimated coverage, and each term is divided by the
    probability that its cell is seen at all (Horvitz-Thompson). Chao & Shen 2003,
    https://doi.org/10.1023/A:1026096204727. If every cell was seen once, the coverage would be 0
    and there would be no estimate. One of the samples is then treated as not being a singleton.
    """
    n = total(counts)
    if not n > 0.0:
        return 0.0
    singletons = _cells_of(counts, 1.0)
    if singletons == n:
        singletons = n - 1.0
    coverage = (n - singletons) / n
    largest = 0.0
    for i in range(counts.size):
        largest = max(largest, counts[i])
    # From this count on, 1 minus the probability of not being seen rounds to 1.
    seen = np.ceil(_NEGLIGIBLE / coverage)
    small = np.zeros(np.int64(min(seen, largest)) + 1)
    for c in range(1, small.size):
        p = coverage * (c / n)
        small[c] = p * math.log(p) / math.expm1(n * math.log1p(-p)) if p < 1.0 else 0.0
    s = 0.0
    for start in range(0, counts.size, _BLOCK):
        s += _chao_shen_block(counts[start : start + _BLOCK], small, coverage, n)
    return s


@kernel(fastmath=REASSOCIATE, inline=True)
def _spread_block(counts, n, target):
    """Sums over a block for :func:`shrinkage_intensity`: variances, and squared distances."""
    variance = 0.0
    distance = 0.0
    for i in range(counts.size):
        p = counts[i] / n
        variance += p * ((n - counts[i]) / n)
        distance += (p - target) * (p - target)
    return variance, distance


@kernel
def shrinkage_intensity(counts, n_cells):
    """
    Weight of the uniform target in Hausser and Strimmer's estimate, 0 to 1.

    Hausser & Strimmer 2009, https://www.jmlr.org/papers/v10/hausser09a.html, equation 6.
    """
    n = total(counts)
    target = 1.0 / n_cells
    variance = 0.0
    distance = (n_cells - counts.size) * target * target
    for start in range(0, counts.size, _BLOCK):
        v, d = _spread_block(counts[start : start + _BLOCK], n, target)
        variance += v
        distance += d
    if not (n > 1.0 and distance > 0.0):
        return 1.0
    return min(variance / ((n - 1.0) * distance), 1.0)


@kernel(fastmath=REASSOCIATE, inline=True)
def _affine_block(counts, scale, shift):
    """``sum(p log p)`` over a block of the probabilities ``p = scale * c + shift``."""
    s = 0.0
    for i in range(counts.size):
        p = scale * counts[i] + shift
        s += p * log64(p) if p > 0.0 else 0.0
    return s


@kernel
def _affine_entropy(counts, scale, shift, n_cells):
    """Entropy of the probabilities ``scale * c + shift``, including those of empty cells."""
    if n_cells == 1.0:
        return 0.0
    s = 0.0
    if shift > 0.0:
        s = (n_cells - counts.size) * shift * math.log(shift)
    for start in range(0, counts.size, _BLOCK):
        s += _affine_block(counts[start : start + _BLOCK], scale, shift)
    return -s if s < 0.0 else 0.0


@kernel
def entropy_shrinkage(counts, n_cells):
    """
    Entropy after James-Stein shrinkage of the probabilities towards ``1 / n_cells``.

    Hausser & Strimmer 2009, https://www.jmlr.org/papers/v10/hausser09a.html, equations 4-6.
    """
    n = total(counts)
    if not n > 0.0:
        return 0.0
    return entropy_shrunk(counts, shrinkage_intensity(counts, n_cells), n_cells)


@kernel
def entropy_shrunk(counts, intensity, n_cells):
    """Entropy of the probabilities, mixed with equal ones that have the weight `intensity`."""
    scale = (1.0 - intensity) / total(counts)
    return _affine_entropy(counts, scale, intensity / n_cells, n_cells)


@kernel
def entropy_dirichlet(counts, pseudo_count, n_cells):
    """
    Entropy of the mean of the Dirichlet posterior: `pseudo_count` is added to each cell.

    Agresti & Hitchcock 2005, https://doi.org/10.1007/s10260-005-0121-y.
    """
    n = total(counts)
    if not n > 0.0:
        return 0.0
    whole = n + pseudo_count * n_cells
    if whole < math.inf:
        return _affine_entropy(counts, 1.0 / whole, pseudo_count / whole, n_cells)
    shift = 1.0 / (n / pseudo_count + n_cells)
    return _affine_entropy(counts, shift / pseudo_count, shift, n_cells)


@kernel
def joint_shrinkage(counts, x_counts, y_counts, nx, ny):
    """H(X), H(Y) and H(X, Y) of a table of ``nx * ny`` cells after shrinkage to equal cells."""
    if not total(counts) > 0.0:
        return 0.0, 0.0, 0.0
    intensity = shrinkage_intensity(counts, nx * ny)
    hx, hy = entropy_shrunk(x_counts, intensity, nx), entropy_shrunk(y_counts, intensity, ny)
    return hx, hy, entropy_shrunk(counts, intensity, nx * ny)


@kernel
def joint_dirichlet(counts, x_counts, y_counts, nx, ny, pseudo_count):
    """H(X), H(Y) and H(X, Y) of a table after adding `pseudo_count` to its ``nx * ny`` cells."""
    return (
        entropy_dirichlet(x_counts, pseudo_count * ny, nx),
        entropy_dirichlet(y_counts, pseudo_count * nx, ny),
        entropy_dirichlet(counts, pseudo_count, nx * ny),
    )
