"""Digamma and trigamma functions, for bias corrections and nearest neighbours; exact products.

The functions take a number, which may be an integer, and compute in float64. They raise no errors:
the result is NaN where the function is undefined.

Compared with mpmath, the error of ``digamma`` is within 3 ulp for ``x > 0``, also near its root,
and that of ``trigamma`` within 4 ulp for ``x > 0``.
"""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.jit import kernel

_SPLITTER = 134217729.0  # 2**27 + 1: splits a float64 into two halves of 26 bits (Dekker)

# Coefficients from the highest power to the lowest.

# digamma(x) / (x - root) on [1, 3], without its first three poles, in powers of x - 2.
_DIGAMMA = np.array([
    -1.8062410841380383e-12, 9.115794027784717e-12, -3.887581208771527e-11,
    1.9727721062107682e-10, -1.0162485858420321e-09, 5.196084129915757e-09,
    -2.6702451680580284e-08, 1.3824061779911308e-07, -7.22290235304932e-07,
    3.820476659710934e-06, -2.0551676537830278e-05, 0.00011324360895505052,
    -0.0006469330247866193, 0.003919592643697264, -0.026505048806741576,
    0.23559242201070965,
])  # fmt: skip
_ROOT_HIGH = 1.4616321449683622  # where digamma is 0
_ROOT_LOW = 9.549995429965697e-17


@kernel(fastmath=())
def two_product(x, y):
    """``x y`` as a rounded product and its error; Dekker, https://doi.org/10.1007/BF01397083."""
    t = _SPLITTER * x
    x_high = t - (t - x)
    x_low = x - x_high
    t = _SPLITTER * y
    y_high = t - (t - y)
    y_low = y - y_high
    p = x * y
    return p, ((x_high * y_high - p) + x_high * y_low + x_low * y_high) + x_low * y_low


@kernel
def _digamma_near_root(x, u):
    """Digamma for ``x`` in [1, 3], ``u = x - root``: a sum of positive terms, from DLMF 5.7.6."""
    t = x - 2.0
    p = 0.0
    for k in range(len(_DIGAMMA)):
        p = p * t + _DIGAMMA[np.uint64(k)]
    p += 0.2888810705821371 / (x + 2.0)  # 1 / (root + 2)
    p += 0.40623453916297975 / (x + 1.0)
    p += 0.6841666717870696 / x
    return float(u * p)


@kernel
def _digamma_positive(x):
    """Digamma for ``x > 0``: recurrence (DLMF 5.5.2) into [1, 3], 5.11.2 from 10 on."""
    if x < 1.0:
        u = (x - (_ROOT_HIGH - 1.0)) - _ROOT_LOW  # 1 + x would round
        return _digamma_near_root(1.0 + x, u) - 1.0 / x
    if x < 10.0:
        y = x
        total = 0.0
        while y > 3.0:
            y -= 1.0
            total += 1.0 / y
        return _digamma_near_root(y, (y - _ROOT_HIGH) - _ROOT_LOW) + total
    r = 1.0 / x
    z = r * r
    p = 1.0 / 132.0 + z * (-691.0 / 32760.0 + z / 12.0)
    p = 1.0 / 252.0 + z * (-1.0 / 240.0 + z * p)
    p = 1.0 / 12.0 + z * (-1.0 / 120.0 + z * p)
    return math.log(x) - (0.5 * r + z * p)


@kernel
def digamma(x):
    """
    Digamma function of `x` (DLMF 5.2.2), in float64.

    For ``x < 0`` the reflection formula is used (DLMF 5.5.4). At negative integers it is NaN.
    """
    x = float(np.float64(x))
    if x == 0.0:
        return -math.copysign(math.inf, x)
    if x < 0.0:
        if x == np.floor(x):  # math.floor would have to make an integer of -inf
            return math.nan
        turn = x - float(np.floor(x + 0.5))
        return _digamma_positive(1.0 - x) - math.pi / math.tan(math.pi * turn)
    return _digamma_positive(x)


@kernel
def trigamma(x):
    """Trigamma for x > 0 (DLMF 5.15.1), by recurrence and asymptotic expansion; NaN for x < 0."""
    x = float(np.float64(x))
    if not x > 0.0:
        return math.inf if x == 0.0 else math.nan
    low = 0.0
    while x < 16.0:
        low += 1.0 / (x * x)
        x += 1.0
    r = 1.0 / x
    z = r * r
    p = z * (1.0 / 42.0 + z * (-1.0 / 30.0 + z * (5.0 / 66.0 - z * (691.0 / 2730.0))))
    return low + (r + z * (0.5 + r * (1.0 / 6.0 + z * (-1.0 / 30.0 + p))))
