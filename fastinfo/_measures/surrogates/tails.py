"""p-values below what a few permutations can tell: by a law that has their moments."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._measures.gamma_tails import gammaincc
from fastinfo._measures.surrogates.orders import Null

_FEW = 10  # permutations that reach: fewer say little
_TESTED = 50  # of the largest at which the law is tested
_LEAST = 1e-300
_TENTH = 1e-12  # that the variance of permutations which are all alike has of rounding


def tail_of(null: Null) -> float:
    """
    Share of permutations that reach; below what they can tell, a gamma law of theirs.

    The law (Pearson's third) has the mean, the variance and the skewness of the permutations, the
    latter by two standard errors larger, and has to give at least what they give where they still
    can tell.
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
    """Upper tail of a gamma law of mean 0 and variance 1, at `t`."""
    x = shape + math.sqrt(shape) * t
    return gammaincc(shape, x) if x > 0.0 else 1.0
