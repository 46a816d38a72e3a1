"""Sums for many ordinary float32 weights, with logarithms in float32.

A logarithm is ``k log(2) + log(1 + g)``. The integer `k` and the second term, accurate to 1 ulp of
float32, are computed in one loop. Its registers hold twice as many numbers as with float64. A
second loop adds up the weights and the terms in float64, in which ``k log(2)`` is accurate to
1e-16.

What the kernels expect is described in :mod:`.ordinary`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel
from fastinfo.kernels.distributions.divergences import BLOCK, add
from fastinfo.kernels.distributions.terms import is_ordinary
from fastinfo.kernels.elementary.memory import (
    as_vector,
    bits_of_float32,
    float32_of_bits,
    new_array,
)
from fastinfo.kernels.elementary.scalar import LN2

_ONE = np.float32(1.0)
_SQRT_HALF_BITS = np.uint32(0x3F3504F3)
_EXPONENT = np.uint32(0xFF800000)
_LEAST_NORMAL = np.uint32(0x00800000)
_NOTHING = np.uint32(0)
_S23 = np.int32(23)
_S31 = np.uint32(31)
_LOG1P = tuple(
    np.float32(c)
    for c in (
        -0.49999991605995114,
        0.33333950219517633,
        -0.2500175527802123,
        0.19962072231245573,
        -0.16570507799114007,
        0.14917972326597495,
        -0.14307523469026381,
        0.08734848392206128,
    )
)
_0, _1, _2, _3, _4, _5, _6, _7 = _LOG1P


@kernel(inline=True)
def _log1p(g):
    """``log(1 + g)`` in float32 for ``sqrt(1/2) - 1 <= g <= sqrt(2) - 1``, to 1 ulp."""
    z = g * g
    p = (_4 + g * _5) + z * (_6 + g * _7)
    p = ((_0 + g * _1) + z * (_2 + g * _3)) + (z * z) * p
    return g + z * p


@kernel(inline=True)
def _entropy_word(p, q):
    return np.uint32(p | np.uint32(np.uint32(p - _LEAST_NORMAL) & np.uint32(_NOTHING - p)))


@kernel(inline=True)
def _cross_entropy_word(p, q):
    return np.uint32(np.uint32(p | q) | np.uint32(q - _LEAST_NORMAL))


@kernel(inline=True)
def _logarithms(word_of, p, q, start, stop, exponents, logarithms):
    """Both parts of the logarithms of `q`, and whether a weight is special."""
    word = _NOTHING
    for i in range(np.uint64(start), np.uint64(stop)):
        j = i - np.uint64(start)
        bits = np.uint32(bits_of_float32(q[i]))
        exponent = np.uint32(np.uint32(bits - _SQRT_HALF_BITS) & _EXPONENT)
        exponents[j] = np.int32(np.int32(exponent) >> _S23)
        logarithms[j] = _log1p(float32_of_bits(np.uint32(bits - exponent)) - _ONE)
        word = np.uint32(word | word_of(np.uint32(bits_of_float32(p[i])), bits))
    return np.uint32(word >> _S31) != _NOTHING


@kernel(fastmath=REASSOCIATE, inline=True)
def _block(p, q, start, stop, exponents, logarithms):
    sp = 0.0
    sq = 0.0
    t = 0.0
    for i in range(np.uint64(start), np.uint64(stop)):
        j = i - np.uint64(start)
        v = np.float64(p[i])
        sp += v
        sq += np.float64(q[i])
        t += v * (np.float64(exponents[j]) * LN2 + np.float64(logarithms[j]))
    return sp, sq, t


@kernel(inline=True)
def _row_sums(word_of, p, q, out):
    """Sums of both weights and of the terms of each row, and whether a row is not ordinary."""
    rows, n = p.shape
    first = as_vector(p)
    second = as_vector(q)
    results = as_vector(out)
    exponents = new_array(BLOCK, np.int32)
    logarithms = new_array(BLOCK, np.float32)
    for i in range(rows):
        end = i * n + n
        sp = 0.0
        sp_error = 0.0
        sq = 0.0
        sq_error = 0.0
        t = 0.0
        t_error = 0.0
        for start in range(i * n, end, BLOCK):
            stop = start + BLOCK if start + BLOCK < end else end
            if _logarithms(word_of, first, second, start, stop, exponents, logarithms):
                return True
            x, y, z = _block(first, second, start, stop, exponents, logarithms)
            sp, sp_error = add(sp, sp_error, x)
            sq, sq_error = add(sq, sq_error, y)
            t, t_error = add(t, t_error, z)
        sp += sp_error
        sq += sq_error
        if not (is_ordinary(sp) & is_ordinary(sq)):
            return True
        results[3 * i] = sp
        results[3 * i + 1] = sq
        results[3 * i + 2] = t + t_error
    return False


@kernel(inline=True)
def entropy_sums(p, out):
    """Sum of the weights, twice, and of the terms of each row; whether one is not ordinary."""
    return _row_sums(_entropy_word, p, p, out)


@kernel(inline=True)
def cross_entropy_sums(p, q, out):
    """Sums of both weights and of the terms of each row; whether one is not ordinary."""
    return _row_sums(_cross_entropy_word, p, q, out)
