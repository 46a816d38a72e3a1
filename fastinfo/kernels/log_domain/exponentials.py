"""Exponentials of differences from a maximum, the terms of every sum of exponentials.

A term ``exp(x - max)`` is never infinite, and when it is scaled by 2**64, none that matters is
subnormal. So it takes half the work of a full exponential. See
:mod:`fastinfo.kernels.elementary.scalar`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import by_dtype, kernel
from fastinfo.kernels.elementary.memory import (
    bits_of_float32,
    bits_of_float64,
    float32_of_bits,
    float64_of_bits,
)
from fastinfo.kernels.elementary.scalar import artanh_series_wide, exp64, log_normal

#: The factor that removes the scale of the exponentials.
UNSCALE = 2.0**-64

_U52 = np.uint64(52)
_LOG2_E = 1.4426950408889634
_LN2_HI = 0.6931467056274414
_LN2_LO = 4.7493250390316726e-07
_LEAST = -750.0
_MAGIC = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to an integer
_BIAS = np.uint64((1023 + 64) << 52)

_S23 = np.uint32(23)
_LOG2_E32 = np.float32(1.4426950408889634)
_LN2_HI32 = np.float32(0.693145751953125)
_LN2_LO32 = np.float32(1.428606765330187e-06)
_LEAST32 = np.float32(-131.0)
_MAGIC32 = np.float32(12582912.0)
_BIAS32 = np.uint32((127 + 64) << 23)
_ZERO32 = np.float32(0.0)
_ONE32 = np.float32(1.0)
_EXP32_2 = np.float32(0.5)
_EXP32_3 = np.float32(0.16666576989698776)
_EXP32_4 = np.float32(0.041666554617204574)
_EXP32_5 = np.float32(0.0083631790527225774)
_EXP32_6 = np.float32(0.0013926183587713495)

_LOG1P32_2 = np.float32(-0.4999989265)
_LOG1P32_3 = np.float32(0.333297105)
_LOG1P32_4 = np.float32(-0.2495161626)
_LOG1P32_5 = np.float32(0.1966327426)
_LOG1P32_6 = np.float32(-0.1526966707)
_LOG1P32_7 = np.float32(0.105436238)
_LOG1P32_8 = np.float32(-0.05637361283)
_LOG1P32_9 = np.float32(0.01954252726)
_LOG1P32_10 = np.float32(-0.003176057018)

_SIGN = np.int64(63)
_MAGNITUDE = np.int64(0x7FFFFFFFFFFFFFFF)
_LOWEST = np.int64(-(2**63))
_SIGN32 = np.int32(31)
_MAGNITUDE32 = np.int32(0x7FFFFFFF)
_LOWEST32 = np.int32(-(2**31))


@kernel(inline=True)
def _exp64(x, lost):
    """``2**64 exp(x + lost)`` for ``x <= 0`` and a rounding error `lost`; 0 below -750."""
    magic = x * _LOG2_E + _MAGIC
    k = magic - _MAGIC
    r = ((x - k * _LN2_HI) - k * _LN2_LO) + lost
    p = 2.7620088445409748e-07 + r * 2.5100385495510319e-08
    p = 2.4801521295954375e-05 + r * (2.7557268459997065e-06 + r * p)
    p = 0.0013888888917213716 + r * (0.00019841269863053618 + r * p)
    p = 0.041666666666624128 + r * (0.0083333333333300618 + r * p)
    p = 0.5 + r * (0.16666666666666667 + r * p)
    p = 1.0 + (r + r * r * p)
    scale = float64_of_bits((np.uint64(bits_of_float64(magic)) << _U52) + _BIAS)
    return 0.0 if x < _LEAST else p * scale


@kernel(inline=True)
def exp_negative64(x):
    """``2**64 exp(x)`` in float64 for ``x <= 0``, to 1.1 ulp: exact at 0, and 0 below -750."""
    return _exp64(x, 0.0)


@kernel(inline=True)
def exp_negative32(x):
    """``2**64 exp(x)`` in float32 for ``x <= 0``, to 1.1 ulp: exact at 0, and 0 below -131."""
    magic = x * _LOG2_E32 + _MAGIC32
    k = magic - _MAGIC32
    r = (x - k * _LN2_HI32) - k * _LN2_LO32
    p = _EXP32_3 + r * (_EXP32_4 + r * (_EXP32_5 + r * _EXP32_6))
    p = _ONE32 + (r + r * r * (_EXP32_2 + r * p))
    bits = np.uint32(np.uint32(np.uint32(bits_of_float32(magic)) << _S23) + _BIAS32)
    return _ZERO32 if x < _LEAST32 else p * float32_of_bits(bits)


#: Scaled exponential of a number that is not positive; float32 if the number is.
exp_negative = by_dtype(float32=exp_negative32, float64=exp_negative64)


@kernel(inline=True)
def _order32(x):
    bits = bits_of_float32(x)
    return np.int32(bits ^ np.int32(np.int32(bits >> _SIGN32) & _MAGNITUDE32))


@kernel(inline=True)
def _order64(x):
    bits = bits_of_float64(x)
    return bits ^ ((bits >> _SIGN) & _MAGNITUDE)


@kernel(inline=True)
def _number32(_, order):
    return float32_of_bits(order ^ np.int32(np.int32(order >> _SIGN32) & _MAGNITUDE32))


@kernel(inline=True)
def _number64(_, order):
    return float64_of_bits(order ^ ((order >> _SIGN) & _MAGNITUDE))


@kernel(inline=True)
def _lowest32(_):
    return _LOWEST32


@kernel(inline=True)
def _lowest64(_):
    return _LOWEST


#: An integer with the same order as the float. The maximum of integers is SIMD code, that of floats
#: that may be NaN is not. Negative NaN is below all numbers and positive NaN above.
order_of = by_dtype(float32=_order32, float64=_order64)

#: The float of such an integer; the first argument only determines the dtype.
number_of = by_dtype(float32=_number32, float64=_number64)

#: The lowest of these integers, for a dtype.
lowest_order = by_dtype(float32=_lowest32, float64=_lowest64)


@kernel(fastmath={"nsz"}, inline=True)
def _lost(x, most, d):
    """The rounding error of ``d = x - most``, by Knuth's two-sum; NaN for infinities."""
    back = d - x
    return (x - (d - back)) - (most + back)


@kernel(inline=True)
def _difference32(x, most):
    return exp_negative32(x - most)


@kernel(inline=True)
def _difference64(x, most):
    d = x - most
    return _exp64(d, _lost(x, most, d))


#: Scaled ``exp(x - most)`` for ``x <= most``, as :data:`exp_negative`; float32 if x is. In float64
#: the rounding error of the difference is included: without it a term of exp(-40) is off by 30 ulp.
exp_difference = by_dtype(float32=_difference32, float64=_difference64)


@kernel(inline=True)
def greatest(x, start, stop):
    """Maximum of a part of a vector. If it contains NaN, the result may be NaN or not."""
    zero = x.dtype.type(0)
    best = lowest_order(zero)
    for i in range(np.uint64(start), np.uint64(stop)):
        order = order_of(x[i])
        best = order if order > best else best
    return number_of(zero, best)


@kernel(inline=True)
def exp_between(x, anchor):
    """``exp(x - anchor)`` in float64, including the rounding error of the difference."""
    d = x - anchor
    e = exp64(d)
    lost = _lost(x, anchor, d)
    return e + e * lost if lost == lost else e


@kernel(inline=True)
def log1p_positive(x):
    """``log(1 + x)`` of a float64 ``0 <= x < inf``, to 2 ulp; NaN for NaN."""
    u = 1.0 + x
    return log_normal(u) + (x - (u - 1.0)) / u


@kernel(inline=True)
def _log1p_fraction32(x):
    p = _LOG1P32_6 + x * (_LOG1P32_7 + x * (_LOG1P32_8 + x * (_LOG1P32_9 + x * _LOG1P32_10)))
    p = _LOG1P32_2 + x * (_LOG1P32_3 + x * (_LOG1P32_4 + x * (_LOG1P32_5 + x * p)))
    return x + x * x * p


@kernel(inline=True)
def _log1p_fraction64(x):
    s = x / (2.0 + x)
    half = 0.5 * x * x
    return x - (half - s * (half + artanh_series_wide(s * s)))


#: ``log(1 + x)`` for ``0 <= x <= 1``, to 1.5 ulp; float32 if x is; NaN for NaN. It is a polynomial
#: in ``x``, and in float64 one in the square of ``s = x / (2 + x)``: ``log(1 + x) = 2 artanh(s)``.
log1p_fraction = by_dtype(float32=_log1p_fraction32, float64=_log1p_fraction64)
