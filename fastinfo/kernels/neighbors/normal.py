"""Normal scores (quantiles of the normal distribution), and products of columns.

The quantile is Wichura's AS 241 (https://doi.org/10.2307/2347330), with a relative error of 1e-16.

What the kernels expect: probabilities are float64. Sorted values are float64 without NaN. Columns
are float64, the rows of a C-contiguous matrix. Nothing is checked.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import REASSOCIATE, kernel

_BLOCK = 512  # so many numbers of each row stay in the cache

# Coefficients of numerators and denominators, from the highest power to the lowest.
_MIDDLE = np.array(
    [
        [
            2509.0809287301227,
            33430.57558358813,
            67265.7709270087,
            45921.95393154987,
            13731.69376550946,
            1971.5909503065513,
            133.14166789178438,
            3.3871328727963665,
        ],
        [
            5226.495278852854,
            28729.085735721943,
            39307.89580009271,
            21213.794301586597,
            5394.196021424751,
            687.1870074920579,
            42.31333070160091,
            1.0,
        ],
    ]
)
_SIDE = np.array(
    [
        [
            0.0007745450142783414,
            0.022723844989269184,
            0.2417807251774506,
            1.2704582524523684,
            3.6478483247632045,
            5.769497221460691,
            4.630337846156546,
            1.4234371107496835,
        ],
        [
            1.0507500716444169e-09,
            0.0005475938084995345,
            0.015198666563616457,
            0.14810397642748008,
            0.6897673349851,
            1.6763848301838038,
            2.053191626637759,
            1.0,
        ],
    ]
)
_TAIL = np.array(
    [
        [
            2.0103343992922881e-07,
            2.7115555687434876e-05,
            0.0012426609473880784,
            0.026532189526576124,
            0.29656057182850487,
            1.7848265399172913,
            5.463784911164114,
            6.657904643501103,
        ],
        [
            2.0442631033899397e-15,
            1.421511758316446e-07,
            1.8463183175100548e-05,
            0.0007868691311456133,
            0.014875361290850615,
            0.1369298809227358,
            0.599832206555888,
            1.0,
        ],
    ]
)


@kernel(inline=True)
def _ratio(table, r):
    above = 0.0
    below = 0.0
    for i in range(8):
        above = above * r + table[0, i]
        below = below * r + table[1, i]
    return above / below


@kernel
def normal_quantile(p):
    """The quantile of a standard normal variable for probability p; infinite for 0 and 1."""
    q = p - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(_MIDDLE, 0.180625 - q * q)
    tail = p if q < 0.0 else 1.0 - p
    if not tail > 0.0:
        size = np.inf if tail == 0.0 else np.nan
    else:
        r = np.sqrt(-np.log(tail))
        size = _ratio(_SIDE, r - 1.6) if r <= 5.0 else _ratio(_TAIL, r - 5.0)
    return -size if q < 0.0 else size


@kernel
def normal_scores(values, places, out):
    """Write the quantile of ``rank / (n + 1)`` of sorted values to their places; ties share it."""
    n = values.size
    start = 0
    while start < n:
        stop = start + 1
        while stop < n and values[stop] == values[start]:
            stop += 1
        score = normal_quantile((start + stop + 1) / 2.0 / (n + 1.0))
        for i in range(start, stop):
            out[np.uint64(places[i])] = score
        start = stop


@kernel(fastmath=REASSOCIATE)
def add_products(a, b, start, stop, out):
    """Add ``a @ b.T`` of the samples from start to stop, two rows by two rows at a time."""
    block = np.empty((2, 2))
    for first in range(start, stop, _BLOCK):
        last = min(first + _BLOCK, stop)
        for j in range(0, a.shape[0], 2):
            u = a[j, first:last]
            v = a[min(j + 1, a.shape[0] - 1), first:last]
            for k in range(0, b.shape[0], 2):
                x = b[k, first:last]
                y = b[min(k + 1, b.shape[0] - 1), first:last]
                ux = uy = vx = vy = 0.0
                for i in range(u.size):
                    ux += u[i] * x[i]
                    uy += u[i] * y[i]
                    vx += v[i] * x[i]
                    vy += v[i] * y[i]
                block[0, 0], block[0, 1], block[1, 0], block[1, 1] = ux, uy, vx, vy
                for p in range(min(2, a.shape[0] - j)):
                    for q in range(min(2, b.shape[0] - k)):
                        out[j + p, k + q] += block[p, q]


@kernel
def subtract_combinations(weights, a, start, stop, out):
    """Subtract ``weights.T @ a`` from `out`, for the samples from start to stop."""
    for first in range(start, stop, _BLOCK):
        last = min(first + _BLOCK, stop)
        for j in range(out.shape[0]):
            left = out[j, first:last]
            for k in range(a.shape[0]):
                weight = weights[k, j]
                row = a[k, first:last]
                for i in range(left.size):
                    left[i] -= weight * row[i]
