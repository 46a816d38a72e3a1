"""Several counts in one number: which levels one transform carries, and how to separate them.

A level is an image of ones and zeros. The correlation of two such images counts their pairs at
every shift. Levels are added with weights. Each weight is larger than the sum of all smaller terms,
so the counts are the digits of the correlation, if its error is below 1/2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastinfo._core.checks import Array

#: What a bound of the error of a correlation may be. The last rounding takes less than the rest.
ERROR = 0.4
MOST = 3  # counts in one part of a number
_LARGEST = 2.0**50  # number, of which halves are exact


@dataclass(frozen=True)
class Pack:
    """Levels in the real and in the imaginary part of an image, from the lowest digit on."""

    real: tuple[int, ...]
    imaginary: tuple[int, ...]
    counts: Array  # of all levels

    def _factors(self, levels: tuple[int, ...]) -> list[float]:
        found = [1.0]
        for level in levels:
            found.append(found[-1] * (float(self.counts[level]) + 1.0))
        return found

    def weights(self, sign: float = 1.0, scale: float = 1.0) -> Array:
        """Weight of each level in the image; `sign` applies to the imaginary part."""
        found = np.zeros((self.counts.size + 1, 2))
        for part, levels in enumerate((self.real, self.imaginary)):
            factors = self._factors(levels)
            for level, factor in zip(levels, factors, strict=False):
                found[level, part] = factor * scale * (sign if part else 1.0)
        return found

    def norm(self) -> float:
        """The 2-norm of the image."""
        weights = self.weights()[:-1]
        return math.sqrt(float((weights**2).sum(axis=1) @ self.counts))

    def digits(self) -> tuple[Array, Array]:
        """Number of counts in each part, and the reciprocals and factors that extract them."""
        parts = (self.real, self.imaginary)
        found = np.zeros((2, MOST - 1, 2))
        for part, levels in enumerate(parts):
            for k, factor in enumerate(self._factors(levels)[1:-1][::-1]):
                found[part, k] = 1.0 / factor, factor
        return np.array([len(levels) for levels in parts]), found.ravel()

    def fits(self, norm: float, error: float) -> bool:
        """Whether counts are exact in a correlation with images of at most this norm."""
        largest = max(self._factors(levels)[-1] for levels in (self.real, self.imaginary))
        return self.norm() * norm * error <= ERROR and largest <= _LARGEST


def pairs(counts: Array) -> list[Pack]:
    """Packs with one level in each part: a frequent one beside a rare one."""
    order = [int(level) for level in np.argsort(counts, kind="stable")]
    found = []
    while order:
        last = order.pop()
        found.append(Pack((last,), (order.pop(0),) if order else (), counts))
    return found


def packs(counts: Array, norm: float, error: float, *, both_parts: bool) -> list[Pack] | None:
    """
    Packs with as many levels as images up to this norm allow; None if a single level is too much.

    The most frequent level is the highest digit, because its own count does not enter its weight.
    The rarest levels are the digits below.
    """
    order = [int(level) for level in np.argsort(counts, kind="stable")]
    found: list[Pack] = []
    limit = norm * math.sqrt(2.0) if both_parts else norm
    while order:
        chosen: Sequence[int] = (order.pop(),)
        if not Pack(tuple(chosen), (), counts).fits(limit, error):
            return None
        while order and len(chosen) < MOST:
            more = (order[0], *chosen)
            if not Pack(more, (), counts).fits(limit, error):
                break
            chosen = more
            order.pop(0)
        found.append(Pack(tuple(chosen), (), counts))
    if not both_parts:
        return found
    last = () if len(found) % 2 == 0 else (Pack((), (), counts),)
    whole = [*found, *last]
    return [Pack(a.real, b.real, counts) for a, b in zip(whole[::2], whole[1::2], strict=True)]
