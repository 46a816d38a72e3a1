"""Samples for the estimators without bins: float64, with or without noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinfo._core.checks import Array, as_float, integer, is_real, shown


def as_float64(a: Array) -> tuple[Array, int]:
    """
    Numbers as float64, and the exponent of a power of two to multiply them by.

    Numbers that float64 can't represent are scaled by that power, and the smallest is subtracted.
    """
    exponent = 0
    if a.dtype.kind in "iu" and a.dtype.itemsize == 8 and a.size:
        low = a.min()
        if max(-int(low), int(a.max())) > 2**53:
            a = a.astype(np.uint64) - np.asarray(low).astype(np.uint64)  # exact: it wraps
    elif a.dtype.kind == "f" and a.dtype.itemsize > 8 and a.size:
        low, high = np.fmin.reduce(a), np.fmax.reduce(a)
        if np.isfinite(high - low):
            if (low > 0 and high <= 2 * low) or (high < 0 and 2 * high <= low):  # then exact
                a = a - low
            size = np.fmax.reduce(np.abs(a))
            exponent = int(np.frexp(size)[1]) if size > 0 else 0
            a = np.ldexp(a, -exponent)
    with np.errstate(over="ignore", invalid="ignore"):
        return a.astype(np.float64, copy=False), exponent


def check_jitter(jitter: Any) -> float:
    """Check the noise, which is in units of the standard deviation."""
    if not is_real(jitter):
        raise TypeError(f"jitter must be a number of at least 0, got {shown(jitter)}")
    value = as_float(jitter)
    if not 0.0 <= value < math.inf:
        raise ValueError(f"jitter must be a finite number of at least 0, got {shown(jitter)}")
    return value


def generator(random_state: Any) -> Any:
    """The random generator of the noise."""
    if hasattr(random_state, "standard_normal"):
        return random_state
    if random_state is not None:
        random_state = integer(random_state, "random_state", least=0)
    return np.random.default_rng(random_state)
