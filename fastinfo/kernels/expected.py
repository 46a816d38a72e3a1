"""Expected mutual information of two labelings of fixed cluster sizes, in nats.

Under the hypergeometric model of chance the count of a cell with cluster sizes a and b is
hypergeometric with mean ``m = a b / n``. Since its mean is known, the expectation of
``c/n log(c/m)`` is that of ``m/n f(c/m)`` with ``f(r) = r log(r) - r + 1``: a sum of terms that are
not negative, so that nothing cancels. The probabilities follow from one another by their ratios,
from the most probable count outwards, and are divided by their sum: no gamma function, whose
differences lose digits where n is large.

Contract: sizes are float64, whole, above 0 and at most `n`; this is not checked.

Reference: Vinh, N. X., Epps, J. & Bailey, J. (2010), Information theoretic measures for clusterings
comparison, Journal of Machine Learning Research 11, 2837-2854, theorem 2;
https://jmlr.org/papers/v11/vinh10a.html
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import kernel
from fastinfo.kernels.scalar import log64
from fastinfo.kernels.special import _two_product

__all__ = ["expected_cell", "expected_mutual_information"]

_NEAR = 0.0625
_NEGLIGIBLE = 2.0**-62


@kernel(inline=True)
def _excess(t, ratio):  # type: ignore[no-untyped-def]
    """``(1 + t) log(1 + t) - t`` for ``ratio = 1 + t > 0``; `t` is the more exact of the two."""
    if abs(t) > _NEAR:
        return ratio * log64(ratio) - t
    # The series sum((-t)**k / (k (k - 1))), k = 2, 3, ...
    s = -t
    p = 1.0 / 132.0 + s * (1.0 / 156.0 + s * (1.0 / 182.0))
    p = 1.0 / 72.0 + s * (1.0 / 90.0 + s * (1.0 / 110.0 + s * p))
    p = 1.0 / 30.0 + s * (1.0 / 42.0 + s * (1.0 / 56.0 + s * p))
    return t * t * (0.5 + s * (1.0 / 6.0 + s * (1.0 / 12.0 + s * (1.0 / 20.0 + s * p))))


@kernel
def expected_cell(a, b, n):  # type: ignore[no-untyped-def]
    """Expected share of the mutual information of a cell with cluster sizes `a` and `b`."""
    product, product_error = _two_product(a, b)
    mean = product / n
    back, back_error = _two_product(mean, n)
    mean_error = (((product - back) - back_error) + product_error) / n
    least = max(0.0, (a - n) + b)
    most = min(a, b)
    rest = (n - a) - b
    mode = min(max(np.floor((a + 1.0) * ((b + 1.0) / (n + 2.0))), least), most)

    weight_sum = 1.0
    t = ((mode - mean) - mean_error) / mean
    s = _excess(t, mode / mean) if mode > 0.0 else 1.0
    w = 1.0
    c = mode
    while c < most:
        w *= ((a - c) * (b - c)) / ((c + 1.0) * (rest + c + 1.0))
        c += 1.0
        f = _excess(((c - mean) - mean_error) / mean, c / mean)
        weight_sum += w
        s += w * f
        if w < _NEGLIGIBLE and w * f <= _NEGLIGIBLE * s:
            break
    w = 1.0
    c = mode
    while c > least:
        w *= (c * (rest + c)) / ((a - c + 1.0) * (b - c + 1.0))
        c -= 1.0
        weight_sum += w
        s += w * (_excess(((c - mean) - mean_error) / mean, c / mean) if c > 0.0 else 1.0)
        if w < _NEGLIGIBLE:  # f is at most 1 below the mean
            break
    return (mean / n) * (s / weight_sum)


@kernel
def expected_mutual_information(x_sizes, x_times, y_sizes, y_times, n):  # type: ignore[no-untyped-def]
    """Expected mutual information for cluster sizes that occur so many times each."""
    s = 0.0
    for i in range(x_sizes.size):
        row = 0.0
        for j in range(y_sizes.size):
            row += y_times[j] * expected_cell(x_sizes[i], y_sizes[j], n)
        s += x_times[i] * row
    return s
