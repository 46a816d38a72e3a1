"""Terms, scales and shifts of the measures of distributions, for one weight or one pair of weights.

The loops over them, and the formulas, are in :mod:`fastinfo.kernels.distributions.divergences`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import bits_of_float64, float64_of_bits
from fastinfo.kernels.elementary.scalar import (
    EXPONENT,
    I52,
    LEAST_NORMAL,
    LN2,
    is_normal,
    log_of_term,
    log_ratio,
)

# The measure is a constant when a kernel is compiled, so branches on it disappear.
ENTROPY = 0
CROSS_ENTROPY = 1
KL_DIVERGENCE = 2
JS_DIVERGENCE = 3

LARGE = 2.0**100
_U52 = np.uint64(52)
_MOST_EXPONENT = np.uint64(2045)
_TWICE_BIAS = np.uint64(2046)
_NOTHING = np.uint64(0)
_U63 = np.uint64(63)
_LEAST_NORMAL_NUMBER = 2.2250738585072014e-308
_LEAST_DIVISOR = np.uint64((1023 - 900) << 52)  # 2**-900
_LEAST_SUM = np.uint64((1023 - 480) << 52)  # 2**-480, whose square is a normal number
_LEAST_SHARE = 2.0**-54
_HALF_EXPONENT = np.uint64(0x0008000000000000)


@kernel(inline=True)
def artanh_fifth(z):
    """``(2 artanh(s) / s - 2) / z`` for ``z = s * s`` up to 1/25, to 2e-17 of ``artanh``."""
    w = z * z
    p = 0.18186384770108227 + z * 0.15249603654900834
    p = (0.2857142940345609 + z * 0.22222137816152515) + w * (p + w * 0.1537281149673657)
    return (0.6666666666667279 + z * 0.399999999961177) + w * p


# The logarithms of a sum and of the terms are computed by the same function, so that the entropy of
# a certain outcome is exactly 0.


@kernel(inline=True)
def log_of_any(x):
    """:func:`log_of_term` for any float64: -inf at 0, NaN for negative numbers."""
    subnormal = x < _LEAST_NORMAL_NUMBER
    r = log_of_term(x * 18014398509481984.0 if subnormal else x)  # 2**54
    r = r - 54.0 * LN2 if subnormal else r
    r = r if x < np.inf else x
    return r if x > 0.0 else (-np.inf if x == 0.0 else np.nan)


@kernel(inline=True)
def _log_ratio_of_term(x, y):
    """
    ``log(x / y)`` of normal numbers, for a term of a sum; 0 if `x` is smaller than those.

    The difference of their bits gives a power of two that brings `y` close to `x`. Then the
    difference of the two is exact, and logarithms near 0 are as accurate as others.
    """
    bits = np.uint64(bits_of_float64(y))
    x = x if x >= _LEAST_NORMAL_NUMBER else y
    exponent = ((np.uint64(bits_of_float64(x)) - bits) + _HALF_EXPONENT) & EXPONENT
    k = np.float64(np.int32(np.int64(exponent) >> I52))
    y = float64_of_bits(bits + exponent)
    t = (x - y) / (x + y)
    z = t * t
    return (k * LN2 + (t + t)) + (t * z) * artanh_fifth(z)


@kernel(inline=True)
def log_of_quotient(x, y):
    """``log(x / y)`` for any numbers; those of normal numbers as in a term of a sum."""
    both = (x > 1e-290) & (x < 1e290) & is_normal(y)
    return _log_ratio_of_term(x, y) if both else log_ratio(x, y)


# Each measure has two functions of the scaled weights v and w, the shift `a` and a number `b`. They
# are passed to the loops, so each kernel is compiled with its own functions only:
# - `..._term` returns the term, and a word. The highest bit of the word is set if the term is wrong
#   because a weight is special: negative, or too small for the fast logarithm. Words are combined
#   by "or", which takes one instruction for three of them. Infinities and NaN need no flag, since
#   they make the sums of the weights infinite or NaN.
# - `..._any` returns the term of any weights. It also gets the unscaled weights p, q. If scaling
#   makes a weight zero or subnormal, its logarithm is taken from there, minus the shift `b`
#   for weights that are not scaled.


@kernel(inline=True)
def _kept(v, p):
    """A scaled weight; if scaling makes it 0, it still counts as a weight."""
    return v if (v != 0.0) | (p == 0.0) else 5e-324


@kernel(inline=True)
def is_special(word):
    """Whether one of the weights whose words were combined is special."""
    return word >> _U63 != _NOTHING


@kernel(inline=True)
def entropy_term(v, w, a, b):
    """Term and word of a weight; it is special if it is subnormal or negative (0 has no term)."""
    bits = np.uint64(bits_of_float64(v))
    word = bits | ((bits - LEAST_NORMAL) & (_NOTHING - bits))
    return v * (log_of_term(v) - a), word


@kernel(inline=True)
def entropy_any(v, w, p, q, a, b):
    """Term of any weights, special ones included."""
    return v * (log_of_any(v) - a) if v != 0.0 else 0.0


@kernel(inline=True)
def cross_entropy_term(v, w, a, b):
    """Term and word; special if `w` is not a normal number, or if a weight is negative."""
    bits = np.uint64(bits_of_float64(w))
    word = np.uint64(bits_of_float64(v)) | bits | (bits - LEAST_NORMAL)
    return v * (log_of_term(w) - a), word


@kernel(inline=True)
def cross_entropy_any(v, w, p, q, a, b):
    """Term of any weights, special ones included."""
    scaled = is_normal(w)
    v = _kept(v, p)
    shift = a if scaled else b
    return v * (log_of_any(w if scaled else q) - shift) if (v != 0.0) | (q != q) else 0.0


@kernel(inline=True)
def kl_divergence_term(v, w, a, b):
    """
    Term and word of two weights; special if `w` is below 2**-900, or if one is negative.

    If `v` is subnormal and `w` is not special, the term is negligible compared with the
    contribution of the mass of `w`, so its value does not matter.
    """
    bits = np.uint64(bits_of_float64(w))
    word = np.uint64(bits_of_float64(v)) | bits | (bits - _LEAST_DIVISOR)
    return v * (_log_ratio_of_term(v, w) - a), word


@kernel(inline=True)
def kl_divergence_any(v, w, p, q, a, b):
    """Term of any weights, special ones included."""
    v = _kept(v, p)
    scaled = is_normal(w)
    shift = a if scaled else b
    return v * (log_of_quotient(v, w if scaled else q) - shift) if (v != 0.0) | (q != q) else 0.0


@kernel(inline=True)
def _artanh_third(z):
    """``(2 artanh(s) / s - 2) / z`` for ``z = s * s`` up to 1/9, to 5e-17 of ``artanh``."""
    w = z * z
    p = 0.135863135831376 + z * 0.099028249044825
    p = (0.18182814069921338 + z * 0.1536429558214054) + w * (p + w * 0.17739749625127202)
    p = (0.2857142905799698 + z * 0.22222192904708546) + w * p
    return (0.666666666666777 + z * 0.39999999996049695) + w * p


@kernel(inline=True)
def js_divergence_term(v, w, a, b):
    """
    Term and word of two weights; `a` and `b` are the inverses of their sums.

    For normalised weights `x >= y` with the sum `m`, the term is ``x log(2x/m) + y log(2y/m)``, and
    each logarithm is ``2 artanh``. The argument of the first is ``s = (x - y) / (2x + m)``, which
    is at most 1/3. The second is ``t = (2y - m) / (2y + m)``, after `m` has been multiplied by a
    power of two that brings it close to ``2y``. If that power is 1, the leading terms cancel: ``x s
    + y t = -s t m``, so nothing is lost. Special are negative weights, and sums `m` below 2**-480
    other than 0.
    """
    word = np.uint64(bits_of_float64(v)) | np.uint64(bits_of_float64(w))
    v = v * a
    w = w * b
    x = v if v > w else w
    y = w if v > w else v
    m = x + y
    m = m if m != 0.0 else 1.0  # two weights of 0, whose term is 0
    least = m * _LEAST_SHARE  # if y is smaller, its term is negligible compared with that of x
    twice = y + y
    twice = twice if twice > least else least
    bits = np.uint64(bits_of_float64(m))
    exponent = ((np.uint64(bits_of_float64(twice)) - bits) + _HALF_EXPONENT) & EXPONENT
    k = np.float64(np.int32(np.int64(exponent) >> I52))
    near = float64_of_bits(bits + exponent)
    difference = x - y
    s = difference / ((x + x) + m)
    t = (-difference if exponent == _NOTHING else twice - near) / (twice + near)  # m is rounded
    first = x * s
    second = y * t
    leading = -(s * t) * m if exponent == _NOTHING else first + second
    rest = (first * (s * s)) * _artanh_third(s * s) + (second * (t * t)) * artanh_fifth(t * t)
    return (y * (k * LN2) + (leading + leading)) + rest, word | (bits - _LEAST_SUM)


@kernel(inline=True)
def js_divergence_any(v, w, p, q, a, b):
    """Term of any weights; `a` and `b` are the inverses of their sums."""
    x = v * a
    y = w * b
    both = x + y  # twice the mean; the mean itself might become 0
    first = x * log_ratio(2.0 * x, both) if x != 0.0 else 0.0
    return first + (y * log_ratio(2.0 * y, both) if y != 0.0 else 0.0)


@kernel(inline=True)
def is_ordinary(s):
    """Whether a sum is far from the limits of float64."""
    return (s > 1.0 / LARGE) & (s < LARGE)


@kernel(inline=True)
def scale_of(s):
    """1 for an ordinary sum, else the power of two that scales it to about 1 to 2."""
    exponent = np.uint64(bits_of_float64(s)) >> _U52
    exponent = exponent if exponent < _MOST_EXPONENT else _MOST_EXPONENT
    scale = float64_of_bits((_TWICE_BIAS - exponent) << _U52)
    return 1.0 if is_ordinary(s) else scale


@kernel(inline=True)
def reference_scale_of(s):
    """A power of two for weights whose logarithm is taken: it must not make any of them 0."""
    return scale_of(s) if (s < 1.0) | (s > LARGE) else 1.0


@kernel(inline=True)
def shift_of(measure, sp, sq):
    """The shift that avoids cancellation, or 0 if there is none."""
    if measure == ENTROPY:
        shift = log_of_any(sp)
    elif measure == CROSS_ENTROPY:
        shift = log_of_any(sq)
    else:
        shift = log_of_quotient(sp, sq)
    return shift if abs(shift) < np.inf else 0.0


@kernel(inline=True)
def unscaled_shift(measure, g, shift):
    """The shift for logarithms of weights `w` that are not scaled."""
    if measure == CROSS_ENTROPY:
        return shift - log_of_any(g)
    if measure == KL_DIVERGENCE:
        return shift + log_of_any(g)
    return shift


@kernel(inline=True)
def from_sums(measure, sp, sq, t, shift):
    """The measure in nats; NaN if the weights of either side sum to 0 or to infinity."""
    if measure == ENTROPY:
        value = (log_of_any(sp) - shift) - t / sp
    elif measure == CROSS_ENTROPY:
        value = (log_of_any(sq) - shift) - t / sp
    elif measure == KL_DIVERGENCE:
        value = t / sp - (log_of_quotient(sp, sq) - shift)
    else:
        value = 0.5 * t
    value = 0.0 if value <= 0.0 else value
    return value if (sp > 0.0) & (sp < np.inf) & (sq > 0.0) & (sq < np.inf) else np.nan
