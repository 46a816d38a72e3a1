"""The weight of one effective sample, for weighted samples."""

from __future__ import annotations

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded

_CHUNK = 1 << 16  # so many weights are squared at a time


def unit_of(weights: Array | None) -> float:
    """Weight of one effective sample, ``sum(w**2) / sum(w)``: see :attr:`Table.effective`."""
    largest = 0.0 if weights is None else float(weights.max(initial=0.0))
    if weights is None or largest == 0.0:
        return 1.0
    first = second = 0.0
    for start in range(0, weights.size, _CHUNK):
        part = weights[start : start + _CHUNK] / largest  # so that squares stay within float64
        first += float(part.sum())
        second += float(np.square(part).sum())
    return largest * (second / first)


def unit_of_pairs(x: Coded, y: Coded, weights: Array) -> float:
    """Weight of one effective sample, over the complete pairs only."""
    outside = x.invalid | y.invalid
    return unit_of(weights[~outside] if outside.any() else weights)


def unless_equal(weights: Array | None) -> Array | None:
    """The weights, or None if all are equal and above 0: then they count as whole samples."""
    if weights is None or not weights.size:
        return weights
    return None if float(weights.min()) == float(weights.max()) > 0.0 else weights
