"""Normalised information of numbers, between 0 and 1, by entropies that have no unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fastinfo._core.messages import warn
from fastinfo._neighbors.pairs import Estimate
from fastinfo._neighbors.sums import digamma_of


def normalize(found: Estimate, n: int, k: int, widths: Sequence[int], average: str) -> float:
    """
    A KSG estimate divided by an average of entropies, or by the joint entropy: 0 to 1.

    The entropies are those of Kozachenko and Leonenko, at the same distances, in a unit in which
    their mean volume is 1. So they do not depend on the unit of the numbers, and their difference
    is the information.
    """
    distances = found.distances
    if distances is None or found.information <= 0.0:
        return 0.0
    if (distances == 0.0).any():
        divisor = math.nan
    else:
        d = sum(widths)
        relative = distances / distances.max()
        level = float(np.log(relative).mean()) - math.log(float((relative**d).mean())) / d
        hx = digamma_of(n) - found.of_x + widths[0] * level
        hy = digamma_of(n) - found.of_y + widths[1] * level
        joint = digamma_of(n) - digamma_of(k) + d * level
        divisor = _mean(average, hx, hy, joint)
    if not divisor > 0.0:
        warn(
            f"x and y have no positive entropy in units of the mean volume of {k} neighbours, so "
            f"their information can't be normalised, and NaN is returned. Either values repeat: "
            f"jitter=1e-6 makes equal values differ. Or a few samples are far from all others: "
            f"take logarithms or normal scores"
        )
        return math.nan
    return min(found.information / divisor, 1.0)


def _mean(average: str, hx: float, hy: float, joint: float) -> float:
    if average == "joint":
        return joint
    if average == "geometric":
        return math.sqrt(hx * hy) if min(hx, hy) > 0.0 else math.nan
    return {"arithmetic": (hx + hy) / 2.0, "min": min(hx, hy), "max": max(hx, hy)}[average]
