"""Logarithm and exponential without branches, so that a loop over them becomes SIMD code.

numba's packages contain no vector mathematics library, so a loop over :func:`math.log` is not
vectorised. The functions here consist of a bit cast, a polynomial and selections. Their error is at
most 1 ulp over the whole range, including subnormal numbers, zeros, infinities and NaN. They
compute in the dtype of their argument.

The argument of the logarithm is reduced to ``[sqrt(1/2), sqrt(2))`` and the logarithm is expanded
in ``s = f / (2 + f)``. The argument of the exponential is reduced to ``|r| <= log(2) / 2`` by the
method of Cody and Waite. See Muller, *Elementary Functions*, 3rd ed., chapters 5 and 11,
https://doi.org/10.1007/978-1-4899-7983-4.
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

_U52 = np.uint64(52)
_SQRT_HALF_BITS = np.uint64(0x3FE6A09E667F3BCD)
_ONE_OVER_SQRT_HALF_BITS = np.uint64(0x3FF0000000000000 - 0x3FE6A09E667F3BCD)
_MANTISSA = np.uint64(0x000FFFFFFFFFFFFF)
_TWO52_BITS = np.uint64(0x4330000000000000)
_LN2_HI = 0.6931467056274414
_LN2_LO = 4.7493250390316726e-07
LEAST_NORMAL = np.uint64(0x0010000000000000)
_NORMALS = np.uint64(0x7FE0000000000000)
EXPONENT = np.uint64(0xFFF0000000000000)
LN2 = 0.6931471805599453
I52 = np.int64(52)
_SIGN_BIT = np.uint64(0x8000000000000000)
_HALF_AND_SIGN = np.uint64(0x8008000000000000)
_LOG2_E = 1.4426950408889634

_S23 = np.uint32(23)
_SQRT_HALF_BITS32 = np.uint32(0x3F3504F3)
_ONE_OVER_SQRT_HALF_BITS32 = np.uint32(0x3F800000 - 0x3F3504F3)
_MANTISSA32 = np.uint32(0x007FFFFF)
_TWO23_BITS32 = np.uint32(0x4B000000)
_LN2_HI32 = np.float32(0.693145751953125)
_LN2_LO32 = np.float32(1.428606765330187e-06)
_LOG2_E32 = np.float32(1.4426950408889634)
_ZERO32 = np.float32(0.0)
_HALF32 = np.float32(0.5)
_ONE32 = np.float32(1.0)
_TWO32 = np.float32(2.0)
_INF32 = np.float32(np.inf)
_NAN32 = np.float32(np.nan)
_TINY32 = np.float32(1.1754943508222875e-38)
_TWO25 = np.float32(33554432.0)
_TWENTY_FIVE32 = np.float32(25.0)
_TWO23_PLUS_BIAS32 = np.float32(8388608.0 + 127.0)
_LOG32_1 = np.float32(0.66666666554451646)
_LOG32_2 = np.float32(0.40000121876971997)
_LOG32_3 = np.float32(0.28550816599711549)
_LOG32_4 = np.float32(0.23330581938241894)
_EXP32_MAGIC = np.float32(12582912.0)  # 1.5 * 2**23: adding it rounds to an integer
_EXP32_MAX = np.float32(89.0)
_EXP32_MIN = np.float32(-104.0)
_EXP32_1 = np.float32(0.5)
_EXP32_2 = np.float32(0.16666576989698776)
_EXP32_3 = np.float32(0.041666554617204574)
_EXP32_4 = np.float32(0.0083631790527225774)
_EXP32_5 = np.float32(0.0013926183587713495)
_BIAS32 = np.uint32(127 << 23)
_EXP_MAGIC = 6755399441055744.0  # 1.5 * 2**52
_BIAS = np.uint64(1023 << 52)


@kernel(inline=True)
def _artanh_series(z):
    """``2 artanh(s) / s - 2`` for ``z = s * s`` up to 0.0295."""
    p = 0.18182889455674946 + z * (0.15331710618210772 + z * 0.14616585424888622)
    p = 0.28571428626003269 + z * (0.2222221113025988 + z * p)
    return z * (0.66666666666666697 + z * (0.39999999999899443 + z * p))


@kernel(inline=True)
def artanh_series_wide(z):
    """``2 artanh(s) / s - 2`` for ``z = s * s`` up to 1/9."""
    p = 0.10845178394880015 + z * (0.07492143795550767 + z * 0.1563057780092285)
    p = 0.1538454396486055 + z * (0.13335178631449257 + z * (0.11734279061303197 + z * p))
    p = 0.28571428571600100 + z * (0.2222222219823677 + z * (0.18181819897962714 + z * p))
    return z * (0.66666666666666663 + z * (0.39999999999999525 + z * p))


# No fused multiply-adds: the compiler could fuse a sum of two products in two ways, but the
# logarithm of a number must have the same bits wherever it is compiled.


@kernel(fastmath={"nsz"}, inline=True)
def _log_core(x, more):
    """``log(2**more * x)`` of a normal float64; a meaningless finite number for any other x."""
    shifted = np.uint64(bits_of_float64(x)) + _ONE_OVER_SQRT_HALF_BITS
    # Put into the low bits of 2**52, the exponent becomes a float.
    biased = float64_of_bits((shifted >> _U52) | _TWO52_BITS)
    k = (biased - (4503599627370496.0 + 1023.0)) + more
    f = float64_of_bits((shifted & _MANTISSA) + _SQRT_HALF_BITS) - 1.0
    s = f / (2.0 + f)
    half = 0.5 * f * f
    return k * _LN2_HI - ((half - (s * (half + _artanh_series(s * s)) + k * _LN2_LO)) - f)


@kernel(inline=True)
def log_of_term(x):
    """
    ``log(x)`` of a normal float64 for a term of a sum, to 2.5 ulp; a finite number for 0.

    It takes two thirds of the operations of :func:`log64`: log(2) is not split into two parts,
    there is one coefficient less, and the exponent is removed from the bits at once. The polynomial
    is evaluated in pairs, because Horner's scheme would be a longer chain of operations.
    """
    bits = np.uint64(bits_of_float64(x))
    exponent = (bits - _SQRT_HALF_BITS) & EXPONENT
    f = float64_of_bits(bits - exponent)
    k = np.float64(np.int32(np.int64(exponent) >> I52))
    s = (f - 1.0) / (f + 1.0)
    z = s * s
    w = z * z
    p = 0.2857141715122783 + z * 0.22223370221787428
    p = p + w * (0.18123687805266572 + z * 0.168193009446731)
    p = (0.6666666666658749 + z * 0.4000000005213644) + w * p
    return (k * LN2 + (s + s)) + (s * z) * p


@kernel(inline=True)
def log64(x):
    """Natural logarithm in float64: -inf at 0, NaN for negative numbers."""
    subnormal = x < 2.2250738585072014e-308
    y = x * 18014398509481984.0 if subnormal else x  # 2**54
    r = _log_core(y, -54.0 if subnormal else 0.0)
    r = r if x < np.inf else x
    return r if x > 0.0 else (-np.inf if x == 0.0 else np.nan)


@kernel(inline=True)
def is_normal(x):
    """Whether a float64 is positive, finite and not subnormal."""
    return np.uint64(bits_of_float64(x)) - LEAST_NORMAL < _NORMALS


@kernel(inline=True)
def log_normal(x):
    """The bits of :func:`log64` for a normal number, a meaningless number for any other."""
    return _log_core(x, 0.0)


@kernel(fastmath={"nsz"}, inline=True)
def _log_ratio(x, y, more):
    """
    ``log(2**more * x / y)`` of float64 whose sum can't overflow.

    The difference of the bits of x and y is nearly that of their logarithms. Its whole part is used
    to scale ``y`` to between ``2/3 x`` and ``3/2 x``.
    """
    y_bits = np.uint64(bits_of_float64(y))
    difference = (np.uint64(bits_of_float64(x)) - y_bits) + _HALF_AND_SIGN
    k = float64_of_bits((difference >> _U52) | _TWO52_BITS)
    k = (k - (4503599627370496.0 + 2048.0)) + more
    y = float64_of_bits(y_bits + (difference & EXPONENT) + _SIGN_BIT)
    s = (x - y) / (x + y)
    z = s * s
    p = 0.18181737626302938 + z * (
        0.15388867805613718 + z * (0.13209708242059462 + z * 0.13609030262858499)
    )
    p = 0.28571428567275936 + z * (0.2222222304835159 + z * p)
    p = z * (0.6666666666666666 + z * (0.4000000000000794 + z * p))
    return k * _LN2_HI + (2.0 * s + (s * p + k * _LN2_LO))


@kernel(inline=True)
def log32(x):
    """Natural logarithm in float32: -inf at 0, NaN for negative numbers."""
    subnormal = x < _TINY32
    y = x * _TWO25 if subnormal else x
    shifted = np.uint32(np.uint32(bits_of_float32(y)) + _ONE_OVER_SQRT_HALF_BITS32)
    biased = float32_of_bits(np.uint32(shifted >> _S23) | _TWO23_BITS32)
    k = biased - _TWO23_PLUS_BIAS32
    k = k - _TWENTY_FIVE32 if subnormal else k
    f = float32_of_bits(np.uint32(shifted & _MANTISSA32) + _SQRT_HALF_BITS32) - _ONE32
    s = f / (_TWO32 + f)
    z = s * s
    w = z * z
    poly = z * (_LOG32_1 + w * _LOG32_3) + w * (_LOG32_2 + w * _LOG32_4)
    half = _HALF32 * f * f
    r = k * _LN2_HI32 - ((half - (s * (half + poly) + k * _LN2_LO32)) - f)
    r = r if x < _INF32 else x
    return r if x > _ZERO32 else (-_INF32 if x == _ZERO32 else _NAN32)


@kernel(inline=True)
def exp64(x):
    """Exponential in float64, including subnormal results."""
    y = 710.0 if x > 710.0 else x
    y = -746.0 if y < -746.0 else y
    k = (y * _LOG2_E + _EXP_MAGIC) - _EXP_MAGIC
    high = y - k * _LN2_HI
    r = high - k * _LN2_LO
    error = (high - r) - k * _LN2_LO
    p = 2.7620088445409748e-07 + r * 2.5100385495510319e-08
    p = 2.4801521295954375e-05 + r * (2.7557268459997065e-06 + r * p)
    p = 0.0013888888917213716 + r * (0.00019841269863053618 + r * p)
    p = 0.041666666666624128 + r * (0.0083333333333300618 + r * p)
    p = 0.5 + r * (0.16666666666666667 + r * p)
    s = 1.0 + r
    p = s + (((1.0 - s) + r) + (r * r * p + error))
    # 2**k in two factors, so that neither leaves the range of normal numbers.
    m1 = k * 0.5 + _EXP_MAGIC
    m2 = (k - (m1 - _EXP_MAGIC)) + _EXP_MAGIC
    e1 = float64_of_bits((np.uint64(bits_of_float64(m1)) << _U52) + _BIAS)
    e2 = float64_of_bits((np.uint64(bits_of_float64(m2)) << _U52) + _BIAS)
    return p * e1 * e2


@kernel(inline=True)
def exp32(x):
    """Exponential in float32, including subnormal results."""
    y = _EXP32_MAX if x > _EXP32_MAX else x
    y = _EXP32_MIN if y < _EXP32_MIN else y
    k = (y * _LOG2_E32 + _EXP32_MAGIC) - _EXP32_MAGIC
    high = y - k * _LN2_HI32
    r = high - k * _LN2_LO32
    error = (high - r) - k * _LN2_LO32
    p = _EXP32_3 + r * (_EXP32_4 + r * _EXP32_5)
    p = _EXP32_1 + r * (_EXP32_2 + r * p)
    s = _ONE32 + r
    p = s + (((_ONE32 - s) + r) + (r * r * p + error))
    m1 = k * _HALF32 + _EXP32_MAGIC
    m2 = (k - (m1 - _EXP32_MAGIC)) + _EXP32_MAGIC
    b1 = np.uint32(np.uint32(bits_of_float32(m1)) << _S23)
    b2 = np.uint32(np.uint32(bits_of_float32(m2)) << _S23)
    return p * float32_of_bits(b1 + _BIAS32) * float32_of_bits(b2 + _BIAS32)


@kernel(inline=True)
def log1p(x):
    """``log(1 + x)`` in float64 for ``x >= 0``, to 1 ulp."""
    u = 1.0 + x
    error = x - (u - 1.0) if u < np.inf else 0.0
    s = x / (2.0 + x)
    half = 0.5 * x * x
    near = x - (half - s * (half + _artanh_series(s * s)))
    return near if x < 0.41421356237309503 else log64(u) + error / u


_log = by_dtype(float32=log32, float64=log64)
_exp = by_dtype(float32=exp32, float64=exp64)


@kernel(inline=True)
def log(x):
    """
    Natural logarithm of `x`: -inf at 0, NaN for negative numbers.

    The result is float32 if `x` is, and float64 otherwise.
    """
    return _log(x)


@kernel(inline=True)
def exp(x):
    """
    Exponential of `x`, including subnormal results.

    The result is float32 if `x` is, and float64 otherwise.
    """
    return _exp(x)


@kernel(inline=True)
def lost_in_sum(s, x):
    """The rounding error of ``s + x``; Knuth, *TAOCP* 2, section 4.2.2."""
    t = s + x
    part = t - s
    return (s - (t - part)) + (x - part)


@kernel(inline=True)
def xlogx(x):
    """``x log x``, which is 0 if `x` is 0; float32 if `x` is, else float64."""
    return x * log(x) if x != 0.0 else x


@kernel(inline=True)
def xlogy(x, y):
    """``x log y``, which is 0 if `x` is 0 and `y` is not NaN."""
    return x * log(y) if (x != 0.0 or y != y) else x


@kernel(inline=True)
def log_ratio(x, y):
    """
    ``log(x / y)`` in float64 for ``x`` and ``y`` >= 0, with one division that can't overflow.

    With mantissas ``m`` and exponents ``k``, it equals ``(kx - ky) log 2 + 2 artanh((mx - my) / (mx
    + my))``. This is as accurate near 1 as elsewhere.
    """
    x = np.float64(x)
    y = np.float64(y)
    # Divided by 4, so that their sum can't overflow.
    x_small = x < 3.6e-307
    y_small = y < 3.6e-307
    a = x * (18014398509481984.0 if x_small else 0.25)  # 2**54
    b = y * (18014398509481984.0 if y_small else 0.25)
    k = (56.0 if y_small else 0.0) - (56.0 if x_small else 0.0)
    r = _log_ratio(a, b, k)
    r = r if (x < np.inf) & (y < np.inf) else x - y
    beyond = np.inf if (x > 0.0) & (y == 0.0) else np.nan
    at_zero = -np.inf if (x == 0.0) & (y > 0.0) else np.nan
    return (r if y > 0.0 else beyond) if x > 0.0 else at_zero
