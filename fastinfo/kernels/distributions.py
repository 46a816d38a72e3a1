"""Probabilities to entropy, cross-entropy and divergence.

Weights need not be normalised: with ``P = sum(p)``, ``Q = sum(q)`` and any shifts ``a``, ``b``,

    H(p)     = log P - a - sum(p (log p - a)) / P
    H(p, q)  = log Q - b - sum(p (log q - b)) / P
    D(p|q)   = sum(p (log(p / q) - a)) / P - (log P - log Q - a)

so one pass is enough, with a shift of 0. Where the weights are in cache a first pass takes the
sums, and their logarithms as shifts leave the terms of the normalised distributions: nothing
cancels.
Cover & Thomas, *Elements of Information Theory*, 2nd ed., chapter 2,
https://doi.org/10.1002/047174882X.

Contract: C-contiguous float32 or float64; values are not checked, a negative one gives NaN or
nonsense. Sums are in float64, in blocks.
"""

from __future__ import annotations

import numpy as np

from fastinfo._jit import REASSOCIATE, kernel
from fastinfo.kernels.scalar import (
    is_normal,
    log64,
    log_normal,
    log_ratio,
    log_ratio_normal,
)

__all__ = [
    "cross_entropy",
    "cross_entropy_from_sums",
    "cross_entropy_rows",
    "cross_entropy_sums",
    "entropy",
    "entropy_from_sums",
    "entropy_rows",
    "entropy_sums",
    "has_negative",
    "kl_divergence",
    "kl_divergence_from_sums",
    "kl_divergence_rows",
    "kl_divergence_sums",
    "total",
]

_BLOCK = 1024
_CACHED = 1 << 14  # elements for which a first pass over the sums costs little


@kernel(fastmath=REASSOCIATE, inline=True)
def _block_total(p):  # type: ignore[no-untyped-def]
    s = 0.0
    for i in range(p.size):
        s += np.float64(p[i])
    return s


@kernel(inline=True)
def _add(s, error, x):  # type: ignore[no-untyped-def]
    """One step of Neumaier's compensated sum, https://doi.org/10.1002/zamm.19740540106."""
    t = s + x
    error += (s - t) + x if abs(s) >= abs(x) else (x - t) + s
    return t, error


@kernel(inline=True)
def _closed(s, error):  # type: ignore[no-untyped-def]
    """A compensated sum as one number; its error term is NaN once the sum is infinite."""
    return s + error if np.isfinite(s) else s


@kernel
def total(p):  # type: ignore[no-untyped-def]
    """Sum of a vector: blocks, then compensated."""
    s = 0.0
    error = 0.0
    for start in range(0, p.size, _BLOCK):
        s, error = _add(s, error, _block_total(p[start : start + _BLOCK]))
    return _closed(s, error)


@kernel
def has_negative(p):  # type: ignore[no-untyped-def]
    """Whether any element is below zero (NaN and -0.0 are not)."""
    found = np.uint8(0)
    for i in range(p.size):
        found |= np.uint8(p[i] < 0)
    return found != 0


@kernel(inline=True)
def _entropy_term(p, shift):  # type: ignore[no-untyped-def]
    return p * (log64(p) - shift) if p != 0.0 else 0.0


@kernel(inline=True)
def _cross_entropy_term(p, q, shift):  # type: ignore[no-untyped-def]
    return p * (log64(q) - shift) if (p != 0.0) | (q != q) else 0.0


@kernel(inline=True)
def _kl_term(p, q, shift):  # type: ignore[no-untyped-def]
    return p * (log_ratio(p, q) - shift) if (p != 0.0) | (q != q) else 0.0


# A block is first summed as if all its weights were normal numbers (of p, 0 will do); where one is
# not, it is summed once more, term by term with every case.


@kernel(fastmath=REASSOCIATE)
def _any_entropy_block(p, shift):  # type: ignore[no-untyped-def]
    t = 0.0
    negative = np.uint8(0)
    for i in range(p.size):
        t += _entropy_term(np.float64(p[i]), shift)
        negative |= np.uint8(p[i] < 0)
    return t, negative


@kernel(fastmath=REASSOCIATE)
def _any_cross_entropy_block(p, q, shift):  # type: ignore[no-untyped-def]
    t = 0.0
    negative = np.uint8(0)
    for i in range(p.size):
        t += _cross_entropy_term(np.float64(p[i]), np.float64(q[i]), shift)
        negative |= np.uint8((p[i] < 0) | (q[i] < 0))
    return t, negative


@kernel(fastmath=REASSOCIATE)
def _any_kl_block(p, q, shift):  # type: ignore[no-untyped-def]
    t = 0.0
    negative = np.uint8(0)
    for i in range(p.size):
        t += _kl_term(np.float64(p[i]), np.float64(q[i]), shift)
        negative |= np.uint8((p[i] < 0) | (q[i] < 0))
    return t, negative


@kernel(fastmath=REASSOCIATE, inline=True)
def _entropy_block(p, shift):  # type: ignore[no-untyped-def]
    s = 0.0
    t = 0.0
    special = np.uint8(0)
    for i in range(p.size):
        v = np.float64(p[i])
        s += v
        t += v * (log_normal(v) - shift)
        special |= np.uint8((v != 0.0) & (not is_normal(v)))
    if special:
        t, negative = _any_entropy_block(p, shift)
        return s, t, negative
    return s, t, special


@kernel(fastmath=REASSOCIATE, inline=True)
def _cross_entropy_block(p, q, shift):  # type: ignore[no-untyped-def]
    sp = 0.0
    sq = 0.0
    t = 0.0
    special = np.uint8(0)
    for i in range(p.size):
        v = np.float64(p[i])
        w = np.float64(q[i])
        sp += v
        sq += w
        t += v * (log_normal(w) - shift)
        special |= np.uint8((not is_normal(w)) | (not v >= 0.0))
    if special:
        t, negative = _any_cross_entropy_block(p, q, shift)
        return sp, sq, t, negative
    return sp, sq, t, special


@kernel(fastmath=REASSOCIATE, inline=True)
def _kl_block(p, q, shift):  # type: ignore[no-untyped-def]
    sp = 0.0
    sq = 0.0
    t = 0.0
    special = np.uint8(0)
    for i in range(p.size):
        v = np.float64(p[i])
        w = np.float64(q[i])
        sp += v
        sq += w
        t += v * (log_ratio_normal(v, w) - shift)
        special |= np.uint8((not is_normal(w)) | ((v != 0.0) & (not is_normal(v))))
    if special:
        t, negative = _any_kl_block(p, q, shift)
        return sp, sq, t, negative
    return sp, sq, t, special


@kernel
def entropy_sums(p, shift):  # type: ignore[no-untyped-def]
    """``sum(p)``, ``sum(p (log p - shift))``, and whether any weight is negative."""
    s = 0.0
    s_error = 0.0
    t = 0.0
    t_error = 0.0
    negative = np.uint8(0)
    for start in range(0, p.size, _BLOCK):
        a, b, c = _entropy_block(p[start : start + _BLOCK], shift)
        s, s_error = _add(s, s_error, a)
        t, t_error = _add(t, t_error, b)
        negative |= c
    return _closed(s, s_error), _closed(t, t_error), negative != 0


@kernel
def cross_entropy_sums(p, q, shift):  # type: ignore[no-untyped-def]
    """``sum(p)``, ``sum(q)``, ``sum(p (log q - shift))``, and whether any weight is negative."""
    sp = 0.0
    sp_error = 0.0
    sq = 0.0
    sq_error = 0.0
    t = 0.0
    t_error = 0.0
    negative = np.uint8(0)
    for start in range(0, p.size, _BLOCK):
        stop = start + _BLOCK
        a, b, c, d = _cross_entropy_block(p[start:stop], q[start:stop], shift)
        sp, sp_error = _add(sp, sp_error, a)
        sq, sq_error = _add(sq, sq_error, b)
        t, t_error = _add(t, t_error, c)
        negative |= d
    return _closed(sp, sp_error), _closed(sq, sq_error), _closed(t, t_error), negative != 0


@kernel
def kl_divergence_sums(p, q, shift):  # type: ignore[no-untyped-def]
    """``sum(p)``, ``sum(q)``, ``sum(p (log(p / q) - shift))``, and whether any is negative."""
    sp = 0.0
    sp_error = 0.0
    sq = 0.0
    sq_error = 0.0
    t = 0.0
    t_error = 0.0
    negative = np.uint8(0)
    for start in range(0, p.size, _BLOCK):
        stop = start + _BLOCK
        a, b, c, d = _kl_block(p[start:stop], q[start:stop], shift)
        sp, sp_error = _add(sp, sp_error, a)
        sq, sq_error = _add(sq, sq_error, b)
        t, t_error = _add(t, t_error, c)
        negative |= d
    return _closed(sp, sp_error), _closed(sq, sq_error), _closed(t, t_error), negative != 0


@kernel
def entropy_from_sums(s, t, shift):  # type: ignore[no-untyped-def]
    """Entropy in nats of weights with these sums; NaN where the weights sum to 0 or overflow."""
    if not 0.0 < s < np.inf:
        return np.nan
    h = (log64(s) - shift) - t / s
    return h if not h < 0.0 else 0.0


@kernel
def cross_entropy_from_sums(sp, sq, t, shift):  # type: ignore[no-untyped-def]
    """Cross-entropy in nats of weights with these sums; NaN where either sums to 0 or overflows."""
    if not (0.0 < sp < np.inf and 0.0 < sq < np.inf):
        return np.nan
    h = (log64(sq) - shift) - t / sp
    return h if not h < 0.0 else 0.0


@kernel
def kl_divergence_from_sums(sp, sq, t, shift):  # type: ignore[no-untyped-def]
    """Kullback-Leibler divergence in nats, likewise."""
    if not (0.0 < sp < np.inf and 0.0 < sq < np.inf):
        return np.nan
    d = t / sp - (log_ratio(sp, sq) - shift)
    return d if not d < 0.0 else 0.0


@kernel
def entropy(p):  # type: ignore[no-untyped-def]
    """Entropy in nats of one vector of weights."""
    shift = log64(total(p)) if p.size <= _CACHED else 0.0
    shift = shift if np.isfinite(shift) else 0.0
    s, t, _ = entropy_sums(p, shift)
    return entropy_from_sums(s, t, shift)


@kernel
def cross_entropy(p, q):  # type: ignore[no-untyped-def]
    """Cross-entropy in nats of two vectors of weights of one length."""
    shift = log64(total(q)) if q.size <= _CACHED else 0.0
    shift = shift if np.isfinite(shift) else 0.0
    sp, sq, t, _ = cross_entropy_sums(p, q, shift)
    return cross_entropy_from_sums(sp, sq, t, shift)


@kernel
def kl_divergence(p, q):  # type: ignore[no-untyped-def]
    """Kullback-Leibler divergence in nats of two vectors of weights of one length."""
    shift = log_ratio(total(p), total(q)) if q.size <= _CACHED else 0.0
    shift = shift if np.isfinite(shift) else 0.0
    sp, sq, t, _ = kl_divergence_sums(p, q, shift)
    return kl_divergence_from_sums(sp, sq, t, shift)


@kernel
def entropy_rows(p, out):  # type: ignore[no-untyped-def]
    """Entropy of each row, and whether any weight is negative."""
    negative = False
    for i in range(out.size):
        out[i] = entropy(p[i])
        negative |= has_negative(p[i])
    return negative


@kernel
def cross_entropy_rows(p, q, out):  # type: ignore[no-untyped-def]
    """Cross-entropy row by row, and whether any weight is negative."""
    negative = False
    for i in range(out.size):
        out[i] = cross_entropy(p[i], q[i])
        negative |= has_negative(p[i]) | has_negative(q[i])
    return negative


@kernel
def kl_divergence_rows(p, q, out):  # type: ignore[no-untyped-def]
    """Kullback-Leibler divergence row by row, and whether any weight is negative."""
    negative = False
    for i in range(out.size):
        out[i] = kl_divergence(p[i], q[i])
        negative |= has_negative(p[i]) | has_negative(q[i])
    return negative
