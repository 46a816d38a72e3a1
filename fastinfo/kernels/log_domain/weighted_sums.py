"""Sums of weighted exponentials along the rows of a matrix; weights may be negative.

What the kernels expect: elements and weights are C-contiguous float64 of the same shape. Results
are float64.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.scalar import exp64


@kernel
def weighted_row_maxima(x, b, m):
    """Raise `m` to the maximum of each row where the weight is not 0; NaN if one is NaN."""
    for i in range(m.size):
        best = m[i]
        for j in range(x.shape[1]):
            v = x[i, j]
            if b[i, j] != 0.0 and (v > best or v != v):
                best = v
        m[i] = best


@kernel
def weighted_row_sums(x, b, m, at_maximum, others):
    """
    Sums of ``b exp(x - m)`` of each row: of the elements at the maximum `m`, and of the others.

    Elements with weight 0 add nothing, even if they are infinite or NaN.
    """
    for i in range(m.size):
        reference = m[i] if m[i] > -np.inf or m[i] != m[i] else 0.0
        at = 0.0
        rest = 0.0
        error = 0.0
        for j in range(x.shape[1]):
            v = x[i, j]
            w = b[i, j]
            if w != 0.0:
                if v == m[i]:
                    at += w
                else:
                    term = w * exp64(v - reference)
                    t = rest + term
                    error += (rest - t) + term if abs(rest) >= abs(term) else (term - t) + rest
                    rest = t
        at_maximum[i] = at
        others[i] = rest + error if abs(rest) < np.inf else rest
