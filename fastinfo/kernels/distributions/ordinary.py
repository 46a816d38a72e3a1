"""Entropy, cross-entropy and divergence of ordinary weights, the usual case.

Weights are ordinary if no term needs special treatment (:mod:`.terms` says which ones do) and if
the sums are far from the limits of float64. A kernel stops at the first row that is not ordinary
and returns True; the other kernels process those rows. The results equal those of
:mod:`.divergences` to the bit.

What the kernels expect: C-contiguous float32 or float64.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, by_dtype, kernel
from fastinfo.kernels.distributions import single_precision
from fastinfo.kernels.distributions.divergences import BLOCK, CACHED, add
from fastinfo.kernels.distributions.terms import (
    cross_entropy_term,
    entropy_term,
    is_ordinary,
    is_special,
    js_divergence_term,
    kl_divergence_term,
    log_of_quotient,
)
from fastinfo.kernels.elementary.memory import as_vector
from fastinfo.kernels.elementary.scalar import log_of_term


@kernel(fastmath=REASSOCIATE, inline=True)
def _block_totals(p, q, start, stop):
    s = 0.0
    t = 0.0
    for i in range(np.uint64(start), np.uint64(stop)):
        s += np.float64(p[i])
        t += np.float64(q[i])
    return s, t


@kernel(inline=True)
def _totals(p, q, begin, end):
    """Sums of both weights."""
    s = 0.0
    s_error = 0.0
    t = 0.0
    t_error = 0.0
    for start in range(begin, end, BLOCK):
        x, y = _block_totals(p, q, start, start + BLOCK if start + BLOCK < end else end)
        s, s_error = add(s, s_error, x)
        t, t_error = add(t, t_error, y)
    return s + s_error, t + t_error


@kernel(fastmath=REASSOCIATE, inline=True)
def _block(term, p, q, start, stop, a, b):
    sp = 0.0
    sq = 0.0
    t = 0.0
    word = np.uint64(0)
    for i in range(np.uint64(start), np.uint64(stop)):
        v = np.float64(p[i])
        w = np.float64(q[i])
        sp += v
        sq += w
        value, flag = term(v, w, a, b)
        t += value
        word |= flag
    return sp, sq, t, is_special(word)


@kernel(inline=True)
def _sums(term, p, q, begin, end, a, b):
    """Sums of both weights and of the terms, and whether a weight is not ordinary."""
    sp = 0.0
    sp_error = 0.0
    sq = 0.0
    sq_error = 0.0
    t = 0.0
    t_error = 0.0
    for start in range(begin, end, BLOCK):
        stop = start + BLOCK if start + BLOCK < end else end
        x, y, z, special = _block(term, p, q, start, stop, a, b)
        if special:
            return sp, sq, t, True
        sp, sp_error = add(sp, sp_error, x)
        sq, sq_error = add(sq, sq_error, y)
        t, t_error = add(t, t_error, z)
    sp += sp_error
    sq += sq_error
    return sp, sq, t + t_error, not (is_ordinary(sp) & is_ordinary(sq))


@kernel(inline=True)
def _rows(term, logarithm, sign, p, q, out):
    """The measure of each row, by the logarithm of its sums; whether a row is not ordinary."""
    rows, n = p.shape
    x = as_vector(p)
    y = as_vector(q)
    for i in range(rows):
        begin = i * n
        shift = 0.0
        if n <= CACHED:
            sp, sq = _totals(x, y, begin, begin + n)
            if not (is_ordinary(sp) & is_ordinary(sq)):
                return True
            shift = logarithm(sp, sq)
        sp, sq, t, special = _sums(term, x, y, begin, begin + n, shift, shift)
        if special:
            return True
        value = (logarithm(sp, sq) - shift - t / sp) * sign
        out[i] = value if value > 0.0 else 0.0
    return False


@kernel(inline=True)
def _log_of_first(sp, sq):
    return log_of_term(sp)


@kernel(inline=True)
def _log_of_second(sp, sq):
    return log_of_term(sq)


@kernel(inline=True)
def _log_of_both(sp, sq):
    return log_of_quotient(sp, sq)


@kernel
def entropy_ordinary(p, out):
    """Entropy of each row, and whether a row is not ordinary."""
    return _rows(entropy_term, _log_of_first, 1.0, p, p, out)


@kernel
def cross_entropy_ordinary(p, q, out):
    """Cross-entropy of each row, and whether a row is not ordinary."""
    return _rows(cross_entropy_term, _log_of_second, 1.0, p, q, out)


@kernel
def kl_divergence_ordinary(p, q, out):
    """Kullback-Leibler divergence of each row, and whether a row is not ordinary."""
    return _rows(kl_divergence_term, _log_of_both, -1.0, p, q, out)


@kernel(fastmath=REASSOCIATE, inline=True)
def _js_block(p, q, start, stop, a, b):
    t = 0.0
    word = np.uint64(0)
    for i in range(np.uint64(start), np.uint64(stop)):
        value, flag = js_divergence_term(np.float64(p[i]), np.float64(q[i]), a, b)
        t += value
        word |= flag
    return t, is_special(word)


@kernel(inline=True)
def _js_terms(p, q, begin, end, a, b):
    """Sum of the terms, given the inverses of the sums; whether a weight is special."""
    t = 0.0
    error = 0.0
    for start in range(begin, end, BLOCK):
        z, special = _js_block(p, q, start, start + BLOCK if start + BLOCK < end else end, a, b)
        if special:
            return t, True
        t, error = add(t, error, z)
    return t + error, False


@kernel
def js_divergence_ordinary(p, q, out):
    """Jensen-Shannon divergence of each row, and whether a row is not ordinary."""
    rows, n = p.shape
    x = as_vector(p)
    y = as_vector(q)
    for i in range(rows):
        begin = i * n
        sp, sq = _totals(x, y, begin, begin + n)
        if not (is_ordinary(sp) & is_ordinary(sq)):
            return True
        t, special = _js_terms(x, y, begin, begin + n, 1.0 / sp, 1.0 / sq)
        if special:
            return True
        out[i] = 0.5 * t if t > 0.0 else 0.0
    return False


# The sums of each row are written to a row of `out`: those of both weights, and of the terms.


@kernel(inline=True)
def _row_sums(term, p, q, a, b, out):
    rows, n = p.shape
    x = as_vector(p)
    y = as_vector(q)
    results = as_vector(out)
    for i in range(rows):
        sp, sq, t, special = _sums(term, x, y, i * n, i * n + n, a, b)
        if special:
            return True
        results[3 * i] = sp
        results[3 * i + 1] = sq
        results[3 * i + 2] = t
    return False


@kernel(inline=True)
def _entropy_sums(p, out):
    return _row_sums(entropy_term, p, p, 0.0, 0.0, out)


@kernel(inline=True)
def _cross_entropy_sums(p, q, out):
    return _row_sums(cross_entropy_term, p, q, 0.0, 0.0, out)


_entropy_sums_of = by_dtype(float32=single_precision.entropy_sums, float64=_entropy_sums)
_cross_entropy_sums_of = by_dtype(
    float32=single_precision.cross_entropy_sums, float64=_cross_entropy_sums
)


@kernel
def entropy_ordinary_sums(p, out):
    """Results of ``entropy_sums`` with shift 0 for rows; whether one is not ordinary."""
    return _entropy_sums_of(p, out)


@kernel
def cross_entropy_ordinary_sums(p, q, out):
    """Results of ``cross_entropy_sums``, shift 0, for rows; whether one is not ordinary."""
    return _cross_entropy_sums_of(p, q, out)


@kernel
def kl_divergence_ordinary_sums(p, q, out):
    """Results of ``kl_divergence_sums``, shift 0, for rows; whether one is not ordinary."""
    return _row_sums(kl_divergence_term, p, q, 0.0, 0.0, out)


@kernel
def js_divergence_ordinary_sums(p, q, p_inverse, q_inverse, out):
    """The results of ``js_divergence_sums`` for rows, and whether a row is not ordinary."""
    return _row_sums(js_divergence_term, p, q, p_inverse, q_inverse, out)
