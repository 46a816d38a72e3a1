"""Terms, scales and shifts of the measures of distributions, one weight or one pair at a time.

The formulas are in :mod:`fastinfo.kernels.distributions.divergences`, whose loops these are for.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import bits_of_float64, float64_of_bits
from fastinfo.kernels.elementary.scalar import (
    is_moderate,
    is_normal,
    log64,
    log_normal,
    log_ratio,
    log_ratio_moderate,
)

# A measure is a constant where a kernel is compiled: branches on it vanish.
ENTROPY = 0
CROSS_ENTROPY = 1
KL_DIVERGENCE = 2
JS_DIVERGENCE = 3

LARGE = 2.0**100
_U52 = np.uint64(52)
_MOST_EXPONENT = np.uint64(2045)
_TWICE_BIAS = np.uint64(2046)


# A measure has three functions of two weights, the shift `a` and a second number `b`. They are
# handed to the loops below, so that each kernel is compiled with its own alone:
# - whether a weight is special, that is, no normal number (of p, 0 will do);
# - the term of normal weights;
# - the term of any weights, given as they are as well: what vanishes when it is scaled, or nearly
#   so, has its logarithm from there, less the shift `b` of weights `w` that are not scaled.


@kernel(inline=True)
def _kept(v, p):
    """A scaled weight, which counts even if it vanishes by that."""
    return v if (v != 0.0) | (p == 0.0) else 5e-324


@kernel(inline=True)
def entropy_special(v, w):
    """Whether a weight is special."""
    return (v != 0.0) & (not is_normal(v))


@kernel(inline=True)
def entropy_normal(v, w, a, b):
    """Term of normal weights."""
    return v * (log_normal(v) - a)


@kernel(inline=True)
def entropy_any(v, w, p, q, a, b):
    """Term of any weights."""
    return v * (log64(v) - a) if v != 0.0 else 0.0


@kernel(inline=True)
def cross_entropy_special(v, w):
    """Whether a weight is special."""
    return (not is_normal(w)) | (not v >= 0.0)


@kernel(inline=True)
def cross_entropy_normal(v, w, a, b):
    """Term of normal weights."""
    return v * (log_normal(w) - a)


@kernel(inline=True)
def cross_entropy_any(v, w, p, q, a, b):
    """Term of any weights."""
    scaled = is_normal(w)
    v = _kept(v, p)
    shift = a if scaled else b
    return v * (log64(w if scaled else q) - shift) if (v != 0.0) | (q != q) else 0.0


@kernel(inline=True)
def kl_divergence_special(v, w):
    """Whether a weight is special."""
    return (not is_moderate(w)) | ((v != 0.0) & (not is_moderate(v)))


@kernel(inline=True)
def kl_divergence_normal(v, w, a, b):
    """Term of normal weights."""
    return v * (log_ratio_moderate(v if v != 0.0 else w, w) - a)


@kernel(inline=True)
def kl_divergence_any(v, w, p, q, a, b):
    """Term of any weights."""
    v = _kept(v, p)
    scaled = is_normal(w)
    shift = a if scaled else b
    return v * (log_ratio(v, w if scaled else q) - shift) if (v != 0.0) | (q != q) else 0.0


@kernel(inline=True)
def js_divergence_special(v, w):
    """Whether a weight is special: a negative one is to be told."""
    return (v < 0.0) | (w < 0.0)


@kernel(inline=True)
def js_divergence_normal(v, w, a, b):
    """Term of weights with the sums `a` and `b`."""
    x = v / a
    y = w / b
    both = x + y  # twice the mean: half of it might vanish
    first = x * log_ratio(2.0 * x, both) if x != 0.0 else 0.0
    return first + (y * log_ratio(2.0 * y, both) if y != 0.0 else 0.0)


@kernel(inline=True)
def js_divergence_any(v, w, p, q, a, b):
    """Term of weights with the sums `a` and `b`."""
    return js_divergence_normal(v, w, a, b)


@kernel(inline=True)
def is_ordinary(s):
    """Whether a sum is far from all that float64 does not hold."""
    return (s > 1.0 / LARGE) & (s < LARGE)


@kernel(inline=True)
def scale_of(s):
    """The power of two that brings a positive number to between 1 and 2, as far as one can."""
    exponent = np.uint64(bits_of_float64(s)) >> _U52
    exponent = exponent if exponent < _MOST_EXPONENT else _MOST_EXPONENT
    return float64_of_bits((_TWICE_BIAS - exponent) << _U52)


@kernel(inline=True)
def reference_scale_of(s):
    """A power of two for weights whose logarithm is taken: none may vanish by it."""
    return scale_of(s) if (s < 1.0) | (s > LARGE) else 1.0


@kernel(inline=True)
def shift_of(measure, sp, sq):
    """The shift after which nothing cancels: 0 where there is none."""
    if measure == ENTROPY:
        shift = log64(sp)
    elif measure == CROSS_ENTROPY:
        shift = log64(sq)
    else:
        shift = log_ratio(sp, sq)
    return shift if abs(shift) < np.inf else 0.0


@kernel(inline=True)
def unscaled_shift(measure, g, shift):
    """What the shift is for the logarithms of weights `w` without their scale."""
    if measure == CROSS_ENTROPY:
        return shift - log64(g)
    if measure == KL_DIVERGENCE:
        return shift + log64(g)
    return shift


@kernel(inline=True)
def from_sums(measure, sp, sq, t, shift):
    """The measure in nats; NaN where the weights of either side sum to 0 or overflow."""
    if measure == ENTROPY:
        value = (log64(sp) - shift) - t / sp
    elif measure == CROSS_ENTROPY:
        value = (log64(sq) - shift) - t / sp
    elif measure == KL_DIVERGENCE:
        value = t / sp - (log_ratio(sp, sq) - shift)
    else:
        value = 0.5 * t
    value = 0.0 if value <= 0.0 else value
    return value if (sp > 0.0) & (sp < np.inf) & (sq > 0.0) & (sq < np.inf) else np.nan
