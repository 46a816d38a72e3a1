"""Entropy, cross-entropy and divergence of probabilities.

The weights `p` and `q` need not be normalised. With ``P = sum(p)``, ``Q = sum(q)`` and any shifts
``a`` and ``b``,

    H(p)     = log P - a - sum(p (log p - a)) / P
    H(p, q)  = log Q - b - sum(p (log q - b)) / P
    D(p|q)   = sum(p (log(p / q) - a)) / P - (log P - log Q - a)

    JS(p, q) = (D(p|m) + D(q|m)) / 2 of the normalised p, q and their mean m

So with shifts of 0 one pass is enough for the first three. If the weights are in the cache, the
sums are computed in a first pass. The weights are then scaled by powers of two so that their sums
lie between 1 and 2, and the logarithms of these sums are the shifts. This way nothing cancels. See
Cover & Thomas, *Elements of Information Theory*, 2nd ed., chapter 2,
https://doi.org/10.1002/047174882X.

What the kernels expect: C-contiguous float32 or float64 arrays of weights that are not negative.
Values are not checked: a negative weight makes the result meaningless or NaN. Sums are float64 and
are taken in blocks.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.distributions.terms import (
    CROSS_ENTROPY,
    ENTROPY,
    JS_DIVERGENCE,
    KL_DIVERGENCE,
    cross_entropy_any,
    cross_entropy_term,
    entropy_any,
    entropy_term,
    from_sums,
    is_ordinary,
    is_special,
    js_divergence_any,
    js_divergence_term,
    kl_divergence_any,
    kl_divergence_term,
    reference_scale_of,
    scale_of,
    shift_of,
    unscaled_shift,
)

BLOCK = 1024
CACHED = 1 << 14  # with up to this many elements, a first pass for the sums costs little


@kernel(fastmath=REASSOCIATE, inline=True)
def _block_total(p, start, stop):
    """Sum of the elements from `start` up to `stop`, in any order."""
    s = 0.0
    for i in range(np.uint64(start), np.uint64(stop)):
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
    """A compensated sum as one number; an infinite sum has an error of NaN, which is ignored."""
    return s + error if (s > -np.inf) & (s < np.inf) else s


@kernel(inline=True)
def total_of(p, begin, end):
    """Sum of the elements from `begin` to `end`: blocks, added with compensation."""
    s = 0.0
    error = 0.0
    for start in range(begin, end, BLOCK):
        s, error = add(
            s, error, _block_total(p, start, start + BLOCK if start + BLOCK < end else end)
        )
    return closed(s, error)


@kernel
def total(p):
    """Sum of a vector: in blocks, which are added with compensation."""
    return total_of(p, np.int64(0), p.size)


@kernel
def scaled_total(p, scale):
    """
    Sum of a vector times a number.

    If the sum itself is beyond float64, the products are summed.
    """
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


@kernel(fastmath=REASSOCIATE, inline=True)
def _any_block(every, p, q, f, g, a, b):
    """Sum the terms of a block with `every`, which handles all special weights."""
    t = 0.0
    negative = np.uint8(0)
    for i in range(p.size):
        v = np.float64(p[i]) * f
        w = np.float64(q[i]) * g
        t += every(v, w, np.float64(p[i]), np.float64(q[i]), a, b)
        negative |= np.uint8((v < 0.0) | (w < 0.0))
    return t, negative


@kernel(fastmath=REASSOCIATE, inline=True)
def _block(term, every, p, q, f, g, a, b):
    """
    Sum the terms of a block as if no weight were special.

    If a weight is special (zero, subnormal, infinite or NaN), the block is summed again with
    `every`, which handles all cases.
    """
    sp = 0.0
    sq = 0.0
    t = 0.0
    word = np.uint64(0)
    negative = np.uint8(0)
    for i in range(p.size):
        v = np.float64(p[i]) * f
        w = np.float64(q[i]) * g
        sp += v
        sq += w
        value, flag = term(v, w, a, b)
        t += value
        word |= flag
    if is_special(word):
        t, negative = _any_block(every, p, q, f, g, a, b)
    return sp, sq, t, negative


@kernel(inline=True)
def _sums(term, every, p, q, f, g, a, b):
    """Compensated sums of weights and terms; whether any weight is negative."""
    sp = 0.0
    sp_error = 0.0
    sq = 0.0
    sq_error = 0.0
    t = 0.0
    t_error = 0.0
    negative = np.uint8(0)
    for start in range(0, p.size, BLOCK):
        stop = start + BLOCK
        x, y, z, flag = _block(term, every, p[start:stop], q[start:stop], f, g, a, b)
        sp, sp_error = add(sp, sp_error, x)
        sq, sq_error = add(sq, sq_error, y)
        t, t_error = add(t, t_error, z)
        negative |= flag
    return closed(sp, sp_error), closed(sq, sq_error), closed(t, t_error), negative != 0


# Scales of 1 are constants that the compiler removes. Other scales are needed for few inputs, so
# they have kernels of their own.


@kernel
def entropy_sums(p, shift):
    """``sum(p)`` twice, ``sum(p (log p - shift))``, and whether any weight is negative."""
    return _sums(entropy_term, entropy_any, p, p, 1.0, 1.0, shift, shift)


@kernel
def entropy_scaled_sums(p, f, shift):
    """The results of :func:`entropy_sums` for the weights ``f p``."""
    return _sums(entropy_term, entropy_any, p, p, f, f, shift, shift)


@kernel
def cross_entropy_sums(p, q, shift):
    """``sum(p)``, ``sum(q)``, ``sum(p (log q - shift))``, and whether any weight is negative."""
    return _sums(cross_entropy_term, cross_entropy_any, p, q, 1.0, 1.0, shift, shift)


@kernel
def cross_entropy_scaled_sums(p, q, f, g, shift):
    """The results of :func:`cross_entropy_sums` for the weights ``f p`` and ``g q``."""
    b = unscaled_shift(CROSS_ENTROPY, g, shift)
    return _sums(cross_entropy_term, cross_entropy_any, p, q, f, g, shift, b)


@kernel
def kl_divergence_sums(p, q, shift):
    """Results as in :func:`cross_entropy_sums`, with ``sum(p (log(p / q) - shift))``."""
    return _sums(kl_divergence_term, kl_divergence_any, p, q, 1.0, 1.0, shift, shift)


@kernel
def kl_divergence_scaled_sums(p, q, f, g, shift):
    """The results of :func:`kl_divergence_sums` for the weights ``f p`` and ``g q``."""
    b = unscaled_shift(KL_DIVERGENCE, g, shift)
    return _sums(kl_divergence_term, kl_divergence_any, p, q, f, g, shift, b)


@kernel
def js_divergence_sums(p, q, p_inverse, q_inverse):
    """
    ``sum(p)``, ``sum(q)``, twice the divergence, and whether any weight is negative.

    `p_inverse` and `q_inverse` are one over the two sums.
    """
    return _sums(
        js_divergence_term,
        js_divergence_any,
        p,
        q,
        1.0,
        1.0,
        p_inverse,
        q_inverse,
    )


@kernel
def js_divergence_scaled_sums(p, q, f, g, p_inverse, q_inverse):
    """The results of :func:`js_divergence_sums` for the weights ``f p`` and ``g q``."""
    return _sums(
        js_divergence_term,
        js_divergence_any,
        p,
        q,
        f,
        g,
        p_inverse,
        q_inverse,
    )


@kernel(inline=True)
def whole(measure, term, every, p, q):
    """The measure of two vectors of weights of the same length."""
    f = 1.0
    g = 1.0
    a = 0.0
    b = 0.0
    scaled = p.size <= CACHED or measure == JS_DIVERGENCE
    while True:  # a second time, with scales, if the sums turn out to be far from 1
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
            if measure == JS_DIVERGENCE:
                a = 1.0 / a
                b = 1.0 / b
        sp, sq, t, _ = _sums(term, every, p, q, f, g, a, b)
        if scaled or (is_ordinary(sp) and is_ordinary(sq)):
            return from_sums(measure, sp, sq, t, 0.0 if measure == JS_DIVERGENCE else a)
        scaled = True


@kernel
def entropy(p):
    """Entropy in nats of a vector of weights, which are normalised to sum 1."""
    return whole(ENTROPY, entropy_term, entropy_any, p, p)


@kernel
def cross_entropy(p, q):
    """Cross-entropy ``-sum(p log q)`` in nats of two vectors of weights of the same length."""
    return whole(CROSS_ENTROPY, cross_entropy_term, cross_entropy_any, p, q)


@kernel
def kl_divergence(p, q):
    """Kullback-Leibler divergence ``sum(p log(p / q))`` of vectors of weights, in nats."""
    return whole(KL_DIVERGENCE, kl_divergence_term, kl_divergence_any, p, q)


@kernel
def js_divergence(p, q):
    """Jensen-Shannon divergence in nats of two vectors of weights of the same length."""
    return whole(JS_DIVERGENCE, js_divergence_term, js_divergence_any, p, q)
