"""p-values too small for a few permutations, by a distribution with their moments."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._measures.gamma_tails import gammaincc
from fastinfo._measures.surrogates.orders import Null

_FEW = 10  # fewer permutations that reach are not reliable
_TESTED = 50  # the distribution is tested at so many of the largest permutations
_LEAST = 1e-300
_TENTH = 1e-12  # rounding error of the variance of equal permutations


def tail_of(null: Null) -> float:
    """
    Share of permutations that reach the observed value; or the tail of a distribution.

    If too few permutations reach it, a gamma distribution (Pearson type III) is used. It has their
    mean, their variance, and their skewness plus two standard errors. Its tail may not be below the
    share of the permutations, where there are enough of them.
    """
    drawn, m = np.sort(null.surrogates), null.surrogates.size
    reached = round(null.pvalue * (m + 1)) - 1
    if reached >= _FEW or m < 2 * _TESTED or not math.isfinite(null.information):
        return null.pvalue
    mean, deviation = float(drawn.mean()), float(drawn.std(ddof=1))
    if not deviation > _TENTH * (1.0 + abs(mean)):
        return null.pvalue
    skew = float(np.mean(((drawn - mean) / deviation) ** 3))
    shape = 4.0 / (max(skew, 0.0) + 2.0 * math.sqrt(6.0 / m)) ** 2
    spread = deviation * math.sqrt(1.0 + 1.0 / m)

    def law(value: float) -> float:
        return gamma_law((value - mean) / spread, shape)

    raised = 1.0
    for place in range(m - _TESTED, m - _FEW + 1):
        raised = max(raised, (m - place + 1) / (m + 1) / max(law(float(drawn[place])), _LEAST))
    return min(null.pvalue, max(raised * law(null.information), _LEAST))


def gamma_law(t: float, shape: float) -> float:
    """Upper tail of a gamma distribution with mean 0 and variance 1, at `t`."""
    x = shape + math.sqrt(shape) * t
    return gammaincc(shape, x) if x > 0.0 else 1.0
