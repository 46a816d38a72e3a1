"""Exponentials of negative numbers and logarithms above 1, as the losses need them: no branches.

A sum of ``exp(x - max)`` needs no infinities, no subnormal results and no zero: that leaves half
of the work of a full exponential. The exponent is put into the polynomial's value by an integer
addition. See :mod:`fastinfo.kernels.scalar`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import by_dtype, kernel
from fastinfo.kernels.scalar import log_normal

__all__ = ["exp_difference", "exp_negative", "exp_negative32", "exp_negative64", "log1p_positive"]

_U52 = np.uint64(52)
_LOG2_E = 1.4426950408889634
_LN2_HI = 0.6931467056274414
_LN2_LO = 4.7493250390316726e-07
_LEAST = -750.0
_MAGIC = 6755399441055744.0 + 64.0  # 1.5 * 2**52: adding it rounds to an integer

_S23 = np.uint32(23)
_LOG2_E32 = np.float32(1.4426950408889634)
_LN2_32 = np.float32(0.6931471805599453)
_LEAST32 = np.float32(-131.0)
_MAGIC32 = np.float32(12582912.0 + 64.0)
_ONE32 = np.float32(1.0)
_EXP32_2 = np.float32(0.5)
_EXP32_3 = np.float32(0.16666576989698776)
_EXP32_4 = np.float32(0.041666554617204574)
_EXP32_5 = np.float32(0.0083631790527225774)
_EXP32_6 = np.float32(0.0013926183587713495)


@kernel(inline=True)
def exp_negative64(x):  # type: ignore[no-untyped-def]
    """``2**64 exp(max(x, -750))`` in float64 for ``x <= 0``: exact at 0, normal everywhere."""
    y = _LEAST if x < _LEAST else x
    magic = y * _LOG2_E + _MAGIC
    k = magic - _MAGIC
    r = (y - k * _LN2_HI) - k * _LN2_LO
    p = 2.7620088445409748e-07 + r * 2.5100385495510319e-08
    p = 2.4801521295954375e-05 + r * (2.7557268459997065e-06 + r * p)
    p = 0.0013888888917213716 + r * (0.00019841269863053618 + r * p)
    p = 0.041666666666624128 + r * (0.0083333333333300618 + r * p)
    p = 0.5 + r * (0.16666666666666667 + r * p)
    p = 1.0 + (r + r * r * p)
    bits = np.float64(p).view(np.uint64) + (np.float64(magic).view(np.uint64) << _U52)
    return np.uint64(bits).view(np.float64)


@kernel(inline=True)
def exp_negative32(x):  # type: ignore[no-untyped-def]
    """``2**64 exp(max(x, -131))`` in float32 for ``x <= 0``: exact at 0, normal everywhere."""
    y = _LEAST32 if x < _LEAST32 else x
    magic = y * _LOG2_E32 + _MAGIC32
    k = magic - _MAGIC32
    r = y - k * _LN2_32
    p = _EXP32_3 + r * (_EXP32_4 + r * (_EXP32_5 + r * _EXP32_6))
    p = _ONE32 + r * (_ONE32 + r * (_EXP32_2 + r * p))
    shift = np.uint32(np.float32(magic).view(np.uint32) << _S23)
    return np.uint32(np.float32(p).view(np.uint32) + shift).view(np.float32)


exp_negative = by_dtype(float32=exp_negative32, float64=exp_negative64)


@kernel(inline=True)
def _no(x):  # type: ignore[no-untyped-def]
    return False


@kernel(inline=True)
def _yes(x):  # type: ignore[no-untyped-def]
    return True


_is_double = by_dtype(float32=_no, float64=_yes)


@kernel(inline=True)
def exp_difference(x, most):  # type: ignore[no-untyped-def]
    """
    Scaled ``exp(x - most)`` for ``x <= most``, as :func:`exp_negative`.

    In float64 with what the difference loses to rounding, by Knuth's two-sum: without it a term of
    exp(-40) has an error of 30 ulp.
    """
    d = x - most
    e = exp_negative(d)
    if _is_double(x):
        back = d - x
        lost = (x - (d - back)) - (most + back)
        e = e + e * lost if lost == lost else e
    return e


@kernel(inline=True)
def log1p_positive(x):  # type: ignore[no-untyped-def]
    """``log(1 + x)`` of a float64 ``0 <= x < inf``, to 2 ulp; NaN for NaN."""
    u = 1.0 + x
    return log_normal(u) + (x - (u - 1.0)) / u
