"""Entropy of counts under the prior of Nemenman, Shafee and Bialek, in nats.

Nemenman, Shafee & Bialek (2002), Entropy and inference, revisited, Advances in Neural Information
Processing Systems 14, https://arxiv.org/abs/physics/0108025. A Dirichlet prior with a pseudo-count
``beta`` per cell almost fixes the entropy beforehand, at ``xi(beta)``. A prior on ``beta`` that
makes ``xi`` uniform over its range leaves the entropy to the data. This requires one integral over
``kappa = beta * n_cells``.

Moments for one ``beta``: Wolpert & Wolf (1995), https://doi.org/10.1103/PhysRevE.52.6841.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.special import digamma, trigamma

_DEPTH = 42.0  # exp(-42) added to 1 is lost to rounding
_LEAST_NODES = 64
_MOST_NODES = 1 << 14
_TOLERANCE = 1e-13
_GOLDEN = 0.6180339887498949
_HALF_LOG_TWO_PI = 0.9189385332046727


@kernel
def _stirling(x):
    """``log(gamma(x))`` minus Stirling's formula, for ``x >= 16``: DLMF 5.11.1."""
    r = 1.0 / x
    z = r * r
    return r * (1.0 / 12.0 + z * (-1.0 / 360.0 + z * (1.0 / 1260.0 - z / 1680.0)))


@kernel
def _log_rising(x, n):
    """
    ``log(gamma(x + n) / gamma(x))``, minus ``n log(n) - n`` for ``n >= 16``.

    The subtracted term does not depend on ``x``. With it, a large ``n`` would leave no digits.
    """
    y = x + n
    if n < 16.0:
        if x < 16.0:
            return math.lgamma(y) - math.lgamma(x)
        rest = n * (math.log(y) - 1.0)
    elif x < 16.0:
        rest = (x - 0.5) * math.log(n) + (y - 0.5) * math.log1p(x / n) - x
        return rest + _HALF_LOG_TWO_PI + _stirling(y) - math.lgamma(x)
    else:
        rest = n * math.log1p(x / n)
    return (x - 0.5) * math.log1p(n / x) + rest + (_stirling(y) - _stirling(x))


@kernel
def _density(kappa, k):
    """``d xi / d kappa``, where ``xi = digamma(kappa + 1) - digamma(kappa / k + 1)``."""
    z = kappa / k
    if z < 100.0:
        return trigamma(kappa + 1.0) - trigamma(z + 1.0) / k
    # The leading terms of both expansions are equal and cancel.
    r = 1.0 / kappa
    s = 1.0 / z
    a = -0.5 + r * (1.0 / 6.0 - r * r * (1.0 / 30.0 - r * r / 42.0))
    b = -0.5 + s * (1.0 / 6.0 - s * s * (1.0 / 30.0 - s * s / 42.0))
    return r * r * a - s * s * b / k


@kernel
def _log_weight(t, counts, multiplicities, n, k):
    """Logarithm of the integrand over ``t = log(kappa)``: likelihood times prior."""
    kappa = math.exp(t)
    beta = kappa / k
    s = -_log_rising(kappa, n)
    for i in range(counts.size):
        s += multiplicities[i] * _log_rising(beta, counts[i])
    density = _density(kappa, k)
    return s + t + (math.log(density) if density > 0.0 else -1e300)


@kernel
def _moments(t, counts, multiplicities, n, k, scratch):
    """Mean and variance of the entropy for one ``kappa``."""
    kappa = math.exp(t)
    beta = kappa / k
    whole = n + kappa
    last = digamma(whole + 1.0)
    empty = k
    for i in range(counts.size):
        empty -= multiplicities[i]
    mean = 0.0
    curvature = 0.0
    for i in range(counts.size + 1):
        a = beta + (counts[i] if i < counts.size else 0.0)
        share = a / whole * (multiplicities[i] if i < counts.size else empty)
        scratch[i] = last - digamma(a + 1.0)
        mean += share * scratch[i]
        curvature += share * (a + 1.0) * trigamma(a + 1.0)
    spread = 0.0
    for i in range(counts.size + 1):
        a = beta + (counts[i] if i < counts.size else 0.0)
        share = a / whole * (multiplicities[i] if i < counts.size else empty)
        spread += share * (scratch[i] - mean) ** 2
    curvature -= (whole + 1.0) * trigamma(whole + 1.0)
    return mean, max(spread + curvature, 0.0) / (whole + 1.0)


@kernel
def _mode(counts, multiplicities, n, k, low, high):
    """Where the integrand is largest: by steps of 1, then by golden sections."""
    best = low
    top = -math.inf
    t = low
    while t <= high:
        w = _log_weight(t, counts, multiplicities, n, k)
        if w > top:
            best, top = t, w
        t += 1.0
    a = best - 1.0
    b = best + 1.0
    c = b - _GOLDEN * (b - a)
    d = a + _GOLDEN * (b - a)
    wc = _log_weight(c, counts, multiplicities, n, k)
    wd = _log_weight(d, counts, multiplicities, n, k)
    while b - a > 1e-7:
        if wc > wd:
            b, d, wd = d, c, wc
            c = b - _GOLDEN * (b - a)
            wc = _log_weight(c, counts, multiplicities, n, k)
        else:
            a, c, wc = c, d, wd
            d = a + _GOLDEN * (b - a)
            wd = _log_weight(d, counts, multiplicities, n, k)
    return 0.5 * (a + b)


@kernel
def _end(counts, multiplicities, n, k, inside, outside, least):
    """Where the integrand falls below `least`, between a point inside and a point outside."""
    start = inside
    for _ in range(60):
        if abs(outside - inside) <= 0.02 * abs(outside - start):
            break
        middle = 0.5 * (inside + outside)
        if _log_weight(middle, counts, multiplicities, n, k) > least:
            inside = middle
        else:
            outside = middle
    return outside


@kernel
def entropy_nsb(counts, multiplicities, n_cells):
    """
    Posterior mean and standard deviation of the entropy.

    `multiplicities` says how many cells have each of the `counts`, which are above 0. All other
    cells, of `n_cells`, are empty. The integral is a trapezoidal sum over ``log(kappa)``, which
    converges faster than any power. The number of nodes is doubled until the mean no longer
    changes.
    """
    n = 0.0
    for i in range(counts.size):
        n += counts[i] * multiplicities[i]
    k = float(n_cells)
    if not (n > 0.0 and k > 1.0):
        return 0.0, 0.0
    low = -60.0
    high = math.log(k) + 60.0
    mode = _mode(counts, multiplicities, n, k, low, high)
    top = _log_weight(mode, counts, multiplicities, n, k)
    a = _end(counts, multiplicities, n, k, mode, low, top - _DEPTH)
    b = _end(counts, multiplicities, n, k, mode, high, top - _DEPTH)
    scratch = np.empty(counts.size + 1)
    center, _ = _moments(mode, counts, multiplicities, n, k, scratch)
    weight = 0.0
    offset = 0.0  # of the mean from `center`
    square = 0.0
    variance = 0.0
    before = math.inf
    nodes = _LEAST_NODES
    first = 0
    step = 1
    while nodes <= _MOST_NODES:
        for i in range(first, nodes + 1, step):
            t = a + (b - a) * (i / nodes)
            # Bounded: past 1e15 samples, rounding makes the flat part of the integrand wavy.
            w = math.exp(min(_log_weight(t, counts, multiplicities, n, k) - top, 1.0))
            if w > 0.0:
                m, v = _moments(t, counts, multiplicities, n, k, scratch)
                weight += w
                offset += w * (m - center)
                square += w * (m - center) ** 2
                variance += w * v
        mean = offset / weight
        if abs(mean - before) <= _TOLERANCE * (abs(mean) + center):
            break
        before = mean
        nodes *= 2
        first, step = 1, 2  # the nodes between those that are there
    deviation = math.sqrt(max(variance / weight + square / weight - mean * mean, 0.0))
    return center + mean, deviation
