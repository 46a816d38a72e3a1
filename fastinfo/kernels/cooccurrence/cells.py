"""Measures of association of single cells, from their counts and row and column sums.

What the kernels expect: counts are float64, positive and not extreme (their sum lies between
``2**-400`` and ``2**500``). Row and column sums are at least the count of the cell. If a row or
column sum is 0, the result is NaN.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.distributions.terms import artanh_fifth
from fastinfo.kernels.elementary.memory import bits_of_float64, float64_of_bits
from fastinfo.kernels.elementary.scalar import (
    EXPONENT,
    I52,
    LN2,
    artanh_series_wide,
    log_ratio,
)

PMI = 0
PPMI = 1  # computed as PMI; values that are not positive are replaced or dropped on writing
NPMI = 2
G2 = 3
LOG_RATIO = 4
T = 5
G2_OF_ROW = 6  # of the two cells of the row only, as by Rayson and Garside


_NEAR = 0.3333333333333333
_HALF_EXPONENT = np.uint64(0x0008000000000000)


# No fused multiply-adds: equal products must have a difference of exactly 0.


@kernel(fastmath={"nsz"}, inline=True)
def _difference(x, y):
    return x - y


@kernel(inline=True)
def log_of_products(x, y):
    """
    ``log(x / y)`` of normal float64, to 2 ulp, and exactly 0 if they are equal.

    The difference of their bits gives a power of two that brings `y` close to `x`.
    """
    bits = np.uint64(bits_of_float64(y))
    exponent = ((np.uint64(bits_of_float64(x)) - bits) + _HALF_EXPONENT) & EXPONENT
    k = np.float64(np.int32(np.int64(exponent) >> I52))
    y = float64_of_bits(bits + exponent)
    t = _difference(x, y) / (x + y)
    z = t * t
    return (k * LN2 + (t + t)) + (t * z) * artanh_fifth(z)


@kernel(inline=True)
def _others(count, row, column, n):
    """The three other cells of the 2 x 2 table around a cell."""
    # Differences of weights may be rounded to less than 0.
    beside = row - count if row > count else 0.0
    below = column - count if column > count else 0.0
    rest = (n - row) - below
    return beside, below, rest if rest > 0.0 else 0.0


@kernel(fastmath={"nsz"}, inline=True)
def _excess(count, beside, below, rest, n):
    """The count minus its expected value for independent rows and columns."""
    return (count * rest - beside * below) / n


@kernel(fastmath={"nsz"}, inline=True)
def _deviance(count, expected, excess):
    """
    ``O log(O / E) - (O - E)`` of a cell whose count O exceeds the expected E by `excess`.

    With ``s = (O - E) / (O + E)`` it equals ``(O + E) / 2 (2 s**2 + (1 + s) (2 artanh(s) - 2 s))``,
    which is accurate if O is close to E.
    """
    both = count + expected
    s = excess / both
    near = 0.5 * both * s * (2.0 * s + (1.0 + s) * artanh_series_wide(s * s))
    far = (count * log_ratio(count, expected) if count > 0.0 else 0.0) - excess
    return (near if abs(s) <= _NEAR else far) if both > 0.0 else 0.0


@kernel(inline=True)
def _g2(count, row, column, n, whole):
    """Signed G² of the 2 x 2 table around a cell, or of its first row only."""
    beside, below, rest = _others(count, row, column, n)
    other_row, other_column = n - row, n - column
    d = _excess(count, beside, below, rest, n)
    s = _deviance(count, row * column / n, d) + _deviance(beside, row * other_column / n, -d)
    if whole:
        s += _deviance(below, other_row * column / n, -d)
        s += _deviance(rest, other_row * other_column / n, d)
    s = 2.0 * s if s > 0.0 else s * 0.0
    return s if d >= 0.0 else -s


@kernel(inline=True)
def _npmi(count, row, column, n):
    """Normalised pointwise information; 1 for a single cell with all counts."""
    x, y = count * n, row * column
    beside, below, rest = _others(count, row, column, n)
    s = _excess(count, beside, below, rest, n) / (x + y) * n
    near = s * (2.0 + artanh_series_wide(s * s))
    pointwise = near if abs(s) <= _NEAR else log_ratio(x, y)
    surprise = log_ratio(n, count)
    # Both are 0 for a single cell: its row and its column only occur together.
    return pointwise / surprise if surprise > 0.0 else pointwise + 1.0


@kernel
def measure_cells(measure, counts, rows, columns, n, half, size, out):
    """
    Measure the first `size` cells, in nats, from their counts and row and column sums.

    `half` replaces a count of 0 in the other columns in a log ratio.
    """
    whole = measure == G2
    if measure <= PPMI:
        for k in range(np.uint64(size)):
            out[k] = log_ratio(counts[k] * n, rows[k] * columns[k])
    elif measure == NPMI:
        for k in range(np.uint64(size)):
            out[k] = _npmi(counts[k], rows[k], columns[k], n)
    elif whole | (measure == G2_OF_ROW):
        for k in range(np.uint64(size)):
            value = _g2(counts[k], rows[k], columns[k], n, whole)
            out[k] = value if (rows[k] > 0.0) & (columns[k] > 0.0) else np.nan
    elif measure == LOG_RATIO:
        for k in range(np.uint64(size)):
            beside = rows[k] - counts[k]
            other = n - columns[k]
            beside = beside if beside > 0.0 else half
            value = log_ratio(counts[k] * other, columns[k] * beside)
            known = (rows[k] > 0.0) & (columns[k] > 0.0) & (other > 0.0)
            out[k] = value if known else np.nan
    else:
        for k in range(np.uint64(size)):
            beside, below, rest = _others(counts[k], rows[k], columns[k], n)
            out[k] = _excess(counts[k], beside, below, rest, n) / np.sqrt(counts[k])
