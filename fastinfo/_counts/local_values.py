"""Information of single samples: logarithms whose mean is the mutual information."""

from __future__ import annotations

import functools
import math

import numpy as np

from fastinfo._bins.coded_variables import any_of
from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded
from fastinfo._counts.sparse import join_codes


def local_information(x: Coded, y: Coded, z: Coded | None, weights: Array | None) -> Array:
    """
    ``log(p(x, y | z) / (p(x | z) p(y | z)))`` of each row in nats, from counts or weights.

    NaN if a variable is missing or outside its edges, or if the values of the row have no weight.
    """
    parts = [x, y] if z is None else [x, y, z]
    outside = any_of(part.invalid for part in parts)
    kept = slice(None) if outside is None else ~outside
    out = np.full(len(x), np.nan)
    x, y, *given = (Coded(part.codes[kept], part.n_levels) for part in parts)
    if weights is not None:
        exponent = math.frexp(float(weights[kept].max(initial=0.0)))[1]
        weights = np.ldexp(weights[kept], -exponent)  # scaled so that products stay within float64
    n = float(len(x)) if weights is None else float(weights.sum())

    def counts(*several: Coded) -> Array | float:
        """How many rows have the values of each row; all of them, of no variables."""
        if not several:
            return n
        joined = functools.reduce(join_codes, several)
        sums: Array = np.bincount(joined.codes, weights, joined.n_levels)
        return sums[joined.codes].astype(np.float64)

    with np.errstate(divide="ignore", invalid="ignore"):
        # Equal products are rounded equally: independent counts give 0.
        both = counts(x, *given) * counts(y, *given)
        ratios = counts(x, y, *given) * counts(*given) / both
        out[kept] = np.log(np.where(ratios > 0.0, ratios, np.nan))
    return out
