"""Probabilities to entropy, cross-entropy and divergence.

Weights need not be normalised: with ``P = sum(p)``, ``Q = sum(q)`` and any shifts ``a``, ``b``,

    H(p)     = log P - a - sum(p (log p - a)) / P
    H(p, q)  = log Q - b - sum(p (log q - b)) / P
    D(p|q)   = sum(p (log(p / q) - a)) / P - (log P - log Q - a)

    JS(p, q) = (D(p|m) + D(q|m)) / 2 of the normalised p, q and their mean m

so one pass is enough for the first three, with a shift of 0. Where the weights are in cache a first
pass takes the sums: the weights are scaled by powers of two to sums between 1 and 2, and with the
logarithms of those as shifts nothing cancels.
Cover & Thomas, *Elements of Information Theory*, 2nd ed., chapter 2,
https://doi.org/10.1002/047174882X.

Contract: C-contiguous float32 or float64; values are not checked, a negative one gives NaN or
nonsense. Sums are in float64, in blocks.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
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

_BLOCK = 1024
_CACHED = 1 << 14  # elements for which a first pass over the sums costs little
_LARGE = 2.0**100
_U52 = np.uint64(52)
_MOST_EXPONENT = np.uint64(2045)
_TWICE_BIAS = np.uint64(2046)


@kernel(fastmath=REASSOCIATE, inline=True)
def _block_total(p):
    s = 0.0
    for i in range(p.size):
        s += np.float64(p[i])
    return s


@kernel(inline=True)
def add(s, error, x):
    """One step of Neumaier's compensated sum, https://doi.org/10.1002/zamm.19740540106."""
    t = s + x
    error += (s - t) + x if abs(s) >= abs(x) else (x - t) + s
    return t, error


@kernel(inline=True)
def closed(s, error):
    """A compensated sum as one number; its error term is NaN once the sum is infinite."""
    return s + error if np.isfinite(s) else s


@kernel
def total(p):
    """Sum of a vector: blocks, then compensated."""
    s = 0.0
    error = 0.0
    for start in range(0, p.size, _BLOCK):
        s, error = add(s, error, _block_total(p[start : start + _BLOCK]))
    return closed(s, error)


@kernel
def scaled_total(p, scale):
    """Sum of a vector times a number: summed so, where the sum is beyond float64."""
    found = total(p) * scale
    if found == np.inf:
        found = 0.0
        error = 0.0
        for i in range(p.size):
            found, error = add(found, error, np.float64(p[i]) * scale)
        found = closed(found, error)
    return found


@kernel
def has_negative(p):
    """Whether any element is below zero (NaN and -0.0 are not)."""
    found = np.uint8(0)
    for i in range(p.size):
        found |= np.uint8(p[i] < 0)
    return found != 0


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
def scale_of(s):
    """The power of two that brings a positive number to between 1 and 2, as far as one can."""
    exponent = np.float64(s).view(np.uint64) >> _U52
    exponent = min(exponent, _MOST_EXPONENT)
    return np.uint64((_TWICE_BIAS - exponent) << _U52).view(np.float64)


@kernel(inline=True)
def reference_scale_of(s):
    """A power of two for weights whose logarithm is taken: none may vanish by it."""
    return scale_of(s) if (s < 1.0) | (s > _LARGE) else 1.0


@kernel(fastmath=REASSOCIATE, inline=True)
def _any_block(every, p, q, f, g, a, b):
    t = 0.0
    negative = np.uint8(0)
    for i in range(p.size):
        v = np.float64(p[i]) * f
        w = np.float64(q[i]) * g
        t += every(v, w, np.float64(p[i]), np.float64(q[i]), a, b)
        negative |= np.uint8((v < 0.0) | (w < 0.0))
    return t, negative


@kernel(fastmath=REASSOCIATE, inline=True)
def _block(special_of, normal, every, p, q, f, g, a, b):
    """Sum a block as if all weights were normal; where one is not, once more with every case."""
    sp = 0.0
    sq = 0.0
    t = 0.0
    special = np.uint8(0)
    for i in range(p.size):
        v = np.float64(p[i]) * f
        w = np.float64(q[i]) * g
        sp += v
        sq += w
        t += normal(v, w, a, b)
        special |= np.uint8(special_of(v, w))
    if special:
        t, negative = _any_block(every, p, q, f, g, a, b)
        return sp, sq, t, negative
    return sp, sq, t, special


@kernel(inline=True)
def _sums(special, normal, every, p, q, f, g, a, b):
    sp = 0.0
    sp_error = 0.0
    sq = 0.0
    sq_error = 0.0
    t = 0.0
    t_error = 0.0
    negative = np.uint8(0)
    for start in range(0, p.size, _BLOCK):
        stop = start + _BLOCK
        x, y, z, flag = _block(special, normal, every, p[start:stop], q[start:stop], f, g, a, b)
        sp, sp_error = add(sp, sp_error, x)
        sq, sq_error = add(sq, sq_error, y)
        t, t_error = add(t, t_error, z)
        negative |= flag
    return closed(sp, sp_error), closed(sq, sq_error), closed(t, t_error), negative != 0


@kernel
def entropy_sums(p, f, shift):
    """``sum(p)`` twice, ``sum(p (log p - shift))``, and whether any weight is negative."""
    return _sums(entropy_special, entropy_normal, entropy_any, p, p, f, f, shift, 0.0)


@kernel
def cross_entropy_sums(p, q, f, g, shift):
    """``sum(p)``, ``sum(q)``, ``sum(p (log q - shift))``, and whether any weight is negative."""
    b = unscaled_shift(CROSS_ENTROPY, g, shift)
    return _sums(
        cross_entropy_special, cross_entropy_normal, cross_entropy_any, p, q, f, g, shift, b
    )


@kernel
def kl_divergence_sums(p, q, f, g, shift):
    """``sum(p)``, ``sum(q)``, ``sum(p (log(p / q) - shift))``, and whether any is negative."""
    b = unscaled_shift(KL_DIVERGENCE, g, shift)
    return _sums(
        kl_divergence_special, kl_divergence_normal, kl_divergence_any, p, q, f, g, shift, b
    )


@kernel
def js_divergence_sums(p, q, f, g, p_total, q_total):
    """The sums, twice the divergence given the totals, and whether any is negative."""
    return _sums(
        js_divergence_special,
        js_divergence_normal,
        js_divergence_any,
        p,
        q,
        f,
        g,
        p_total,
        q_total,
    )


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


@kernel(inline=True)
def _is_ordinary(s):
    return (s > 1.0 / _LARGE) & (s < _LARGE)


@kernel(inline=True)
def whole(measure, special, normal, every, p, q):
    """The measure of two vectors of weights of one length."""
    f = 1.0
    g = 1.0
    a = 0.0
    b = 0.0
    scaled = p.size <= _CACHED or measure == JS_DIVERGENCE
    while True:  # once more, scaled, where the sums turn out to be far from 1
        if scaled:
            a = total(p)
            b = a if measure == ENTROPY else total(q)
            f = scale_of(a)
            g = reference_scale_of(b)
            a *= f
            b *= g
            if measure != JS_DIVERGENCE:
                a = shift_of(measure, a, b)
                b = unscaled_shift(measure, g, a)
            elif (a == np.inf) | (b == np.inf):
                a = scaled_total(p, f)
                b = scaled_total(q, g)
        sp, sq, t, _ = _sums(special, normal, every, p, q, f, g, a, b)
        if scaled or (_is_ordinary(sp) and _is_ordinary(sq)):
            return from_sums(measure, sp, sq, t, 0.0 if measure == JS_DIVERGENCE else a)
        scaled = True


@kernel
def entropy(p):
    """Entropy in nats of one vector of weights."""
    return whole(ENTROPY, entropy_special, entropy_normal, entropy_any, p, p)


@kernel
def cross_entropy(p, q):
    """Cross-entropy in nats of two vectors of weights of one length."""
    return whole(
        CROSS_ENTROPY, cross_entropy_special, cross_entropy_normal, cross_entropy_any, p, q
    )


@kernel
def kl_divergence(p, q):
    """Kullback-Leibler divergence in nats of two vectors of weights of one length."""
    return whole(
        KL_DIVERGENCE, kl_divergence_special, kl_divergence_normal, kl_divergence_any, p, q
    )


@kernel
def js_divergence(p, q):
    """Jensen-Shannon divergence in nats of two vectors of weights of one length."""
    return whole(
        JS_DIVERGENCE, js_divergence_special, js_divergence_normal, js_divergence_any, p, q
    )
