"""Softmax and its logarithm when the sums of exponentials are already known.

What the kernels expect: inputs and outputs are C-contiguous, have the same dtype, float32 or
float64, and do not overlap. The sums are the float64 results of
:mod:`fastinfo.kernels.log_domain.sums`.
"""

from __future__ import annotations

import numpy as np

from fastinfo._core.jit import kernel
from fastinfo.kernels.elementary.memory import as_vector, new_array
from fastinfo.kernels.log_domain.exponentials import UNSCALE, exp_difference
from fastinfo.kernels.log_domain.sums import log_sum

_FLAT = 1024  # several rows of up to this many elements together are one loop


@kernel(inline=True)
def _scales(m, count, rest, place, size, reference, scale):
    """The numbers that softmax subtracts from each column or row, and multiplies it by."""
    for j in range(size):
        k = np.uint64(place + j)
        finite = (m[k] > -np.inf) & (m[k] < np.inf)
        reference[j] = m[k]
        scale[j] = UNSCALE / (count[k] + rest[k]) if finite else np.nan


@kernel(inline=True)
def logarithms(m, count, rest, place, size, reference, logarithm):
    """The numbers that log_softmax subtracts: the maximum, if finite, and log of the sum."""
    for j in range(size):
        k = np.uint64(place + j)
        finite = (m[k] > -np.inf) & (m[k] < np.inf)
        value = log_sum(count[k], rest[k])
        reference[j] = m[k] if finite else 0.0
        logarithm[j] = value if finite or value != value else m[k]


@kernel(inline=True)
def _repeat(values, size, stop):
    """Repeat the first values up to `stop`."""
    for j in range(size, stop):
        values[j] = values[j - size]


@kernel
def scale_columns(x, m, count, rest, out):
    """Softmax along the middle one of three axes, from its sums."""
    outer, n, width = x.shape
    numbers, results = as_vector(x), as_vector(out)
    tops, counts, rests = as_vector(m), as_vector(count), as_vector(rest)
    flat = _FLAT // width * width if width < _FLAT else width  # whole rows in one loop
    reference = new_array(flat, x.dtype)
    scale = new_array(flat, x.dtype)
    for i in range(outer):
        _scales(tops, counts, rests, i * width, width, reference, scale)
        _repeat(reference, width, flat)
        _repeat(scale, width, flat)
        end = (i + 1) * n * width
        for start in range(i * n * width, end, flat):
            size = flat if end - start > flat else end - start
            first = np.uint64(start)
            for k in range(np.uint64(size)):
                results[first + k] = exp_difference(numbers[first + k], reference[k]) * scale[k]


@kernel
def scale_rows(x, m, count, rest, out):
    """Softmax of each row, from its sums."""
    rows, n = x.shape
    numbers, results = as_vector(x), as_vector(out)
    reference = new_array(rows, x.dtype)
    scale = new_array(rows, x.dtype)
    _scales(m, count, rest, 0, rows, reference, scale)
    for i in range(rows):  # only long rows are cut into parts
        a = reference[i]
        factor = scale[i]
        for j in range(np.uint64(i * n), np.uint64(i * n + n)):
            results[j] = exp_difference(numbers[j], a) * factor


@kernel
def subtract_columns(x, m, count, rest, out):
    """Logarithm of softmax along the middle one of three axes, from its sums."""
    outer, n, width = x.shape
    numbers, results = as_vector(x), as_vector(out)
    tops, counts, rests = as_vector(m), as_vector(count), as_vector(rest)
    flat = _FLAT // width * width if width < _FLAT else width
    reference = new_array(flat, x.dtype)
    logarithm = new_array(flat, x.dtype)
    for i in range(outer):
        logarithms(tops, counts, rests, i * width, width, reference, logarithm)
        _repeat(reference, width, flat)
        _repeat(logarithm, width, flat)
        end = (i + 1) * n * width
        for start in range(i * n * width, end, flat):
            size = flat if end - start > flat else end - start
            first = np.uint64(start)
            for k in range(np.uint64(size)):
                results[first + k] = (numbers[first + k] - reference[k]) - logarithm[k]


@kernel(inline=True)
def subtract(x, start, stop, n, reference, logarithm, out):
    """Subtract two numbers for each of the rows start:stop, which are in two vectors."""
    for i in range(start, stop):
        a = reference[np.uint64(i - start)]
        b = logarithm[np.uint64(i - start)]
        for j in range(np.uint64(i * n), np.uint64(i * n + n)):
            out[j] = (x[j] - a) - b


@kernel
def subtract_rows(x, m, count, rest, out):
    """Logarithm of softmax of each row, from its sums."""
    rows, n = x.shape
    reference = new_array(rows, x.dtype)
    logarithm = new_array(rows, x.dtype)
    logarithms(m, count, rest, 0, rows, reference, logarithm)
    subtract(as_vector(x), 0, rows, n, reference, logarithm, as_vector(out))
