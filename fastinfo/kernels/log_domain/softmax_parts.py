"""Exponentials by a sum that is known, and the logarithms of those.

Contract: inputs and outputs are C-contiguous, of one dtype, float32 or float64, and do not overlap;
the sums are what :mod:`fastinfo.kernels.log_domain.sums` finds, float64.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.log_domain.exponentials import UNSCALE, exp_difference
from fastinfo.kernels.log_domain.sums import log_sum

_FLAT = 1024  # elements of the rows of narrow columns that are one loop


@kernel(inline=True)
def _scales(m, count, rest, reference, scale):
    """What softmax subtracts from each column or row, and multiplies its exponentials by."""
    for j in range(m.size):
        reference[j] = m[j]
        scale[j] = UNSCALE / (count[j] + rest[j]) if abs(m[j]) < np.inf else np.nan


@kernel(inline=True)
def _repeat(values, rows):
    """Set each row to the values."""
    for i in range(rows.shape[0]):
        row = rows[i]
        for j in range(row.size):
            row[j] = values[j]


@kernel
def scale_columns(x, m, count, rest, out):
    """Softmax over the middle one of three axes, from its sums."""
    n, width = x.shape[1:]
    step = max(_FLAT // width, 1)  # rows in one loop
    reference = np.empty(width, x.dtype)
    scale = np.empty(width, x.dtype)
    references = np.empty((step, width), x.dtype)
    scales = np.empty((step, width), x.dtype)
    for i in range(x.shape[0]):
        _scales(m[i], count[i], rest[i], reference, scale)
        _repeat(reference, references)
        _repeat(scale, scales)
        subtrahends = references.reshape(-1)
        factors = scales.reshape(-1)
        for start in range(0, n, step):
            terms = x[i, start : start + step].reshape(-1)
            to = out[i, start : start + step].reshape(-1)
            for k in range(to.size):
                to[k] = exp_difference(terms[k], subtrahends[k]) * factors[k]


@kernel
def scale_rows(x, m, count, rest, out):
    """Softmax of each row, from its sums."""
    reference = np.empty(m.size, x.dtype)
    scale = np.empty(m.size, x.dtype)
    _scales(m, count, rest, reference, scale)
    for i in range(x.shape[0]):  # parts of long rows: short ones are never cut
        row = x[i]
        to = out[i]
        for j in range(row.size):
            to[j] = exp_difference(row[j], reference[i]) * scale[i]


@kernel(inline=True)
def logarithms(m, count, rest, reference, logarithm, zero):
    """What log_softmax subtracts: the maximum, where it is finite, and the logarithm of the sum."""
    for j in range(m.size):
        finite = abs(m[j]) < np.inf
        value = log_sum(count[j], rest[j])
        reference[j] = m[j] if finite else zero
        logarithm[j] = value if finite or value != value else m[j]


@kernel
def subtract_columns(x, m, count, rest, out):
    """Logarithm of softmax over the middle one of three axes, from its sums."""
    n, width = x.shape[1:]
    step = max(_FLAT // width, 1)
    reference = np.empty(width, x.dtype)
    logarithm = np.empty(width, x.dtype)
    references = np.empty((step, width), x.dtype)
    repeated = np.empty((step, width), x.dtype)
    for i in range(x.shape[0]):
        logarithms(m[i], count[i], rest[i], reference, logarithm, x.dtype.type(0.0))
        _repeat(reference, references)
        _repeat(logarithm, repeated)
        a = references.reshape(-1)
        b = repeated.reshape(-1)
        for start in range(0, n, step):
            terms = x[i, start : start + step].reshape(-1)
            to = out[i, start : start + step].reshape(-1)
            for k in range(to.size):
                to[k] = (terms[k] - a[k]) - b[k]


@kernel
def subtract_rows(x, m, count, rest, out):
    """Logarithm of softmax of each row, from its sums."""
    reference = np.empty(m.size, x.dtype)
    logarithm = np.empty(m.size, x.dtype)
    logarithms(m, count, rest, reference, logarithm, x.dtype.type(0.0))
    for i in range(x.shape[0]):
        row = x[i]
        to = out[i]
        a = reference[i]
        b = logarithm[i]
        for j in range(row.size):
            to[j] = (row[j] - a) - b
