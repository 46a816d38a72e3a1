"""What is known about samples before they are binned: range, number, correlation."""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.coded_variable import CHUNK
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.binning import edges as kernels

#: How the ten numbers of the kernel `pair_moments` are combined with those of another part.
_JOIN: tuple[Callable[[float, float], float], ...] = (
    operator.add,
    min,
    max,
    min,
    max,
    *[operator.add] * 5,
)


class Range(NamedTuple):
    """Smallest and largest sample that is not NaN, and their number; ``a | b`` merges two parts."""

    low: float = math.inf
    high: float = -math.inf
    n: int = 0

    @classmethod
    def of(cls, a: Array) -> Range:
        """The range of some samples, in their own dtype if float64 is narrower."""
        if a.dtype.itemsize > 8:
            present = a[~np.isnan(a)]
            return cls(present.min(), present.max(), present.size) if present.size else cls()

        return cls._of_part(a) if 0 < a.size <= CHUNK else cls.of_each(a)[0]

    @classmethod
    def of_kept(cls, part: Array, kept: Array | None) -> Range:
        """The range of the samples that are kept, in a part of at most one chunk."""
        if kept is None:
            return cls.of(part)
        if part.dtype.itemsize > 8:
            return cls.of(part[kept])
        return cls(*kernels.range_where(as_block(part), read_only(kept)))

    @classmethod
    def of_each(cls, *arrays: Array) -> list[Range]:
        """The ranges of arrays of the same length, of at most 64 bits each, read together."""
        parts = [a[slice(*span)] for span in spans(arrays[0].size, CHUNK) for a in arrays]
        found = run_in_order(cls._of_part, parts)
        k = len(arrays)
        return [functools.reduce(operator.or_, found[i::k], cls()) for i in range(k)]

    @classmethod
    def _of_part(cls, part: Array) -> Range:
        return cls(*kernels.sample_range(as_block(part)))

    def __or__(self, other: Range) -> Range:
        low, high = min(self.low, other.low), max(self.high, other.high)
        return Range(low, high, self.n + other.n)


class PairRange(NamedTuple):
    """Sums over the complete pairs of two variables, relative to an origin; ``a | b`` merges."""

    numbers: list[float]  #: see :func:`fastinfo.kernels.binning.edges.pair_moments`
    origin: tuple[float, float]

    @classmethod
    def of(cls, x: Array, y: Array) -> PairRange:
        """The sums over some pairs, at least one."""
        origin = _first_finite(x), _first_finite(y)

        def measure(span: tuple[int, int]) -> PairRange:
            out = np.empty(10)
            part = slice(*span)
            kernels.pair_moments(as_block(x[part]), as_block(y[part]), *origin, out)
            return cls(out.tolist(), origin)

        return functools.reduce(operator.or_, run_in_order(measure, spans(x.size, CHUNK)))

    def __or__(self, other: PairRange) -> PairRange:
        moved = other._from(self.origin).numbers
        parts = zip(_JOIN, self.numbers, moved, strict=True)
        return PairRange([join(a, b) for join, a, b in parts], self.origin)

    def _from(self, origin: tuple[float, float]) -> PairRange:
        """These sums relative to another origin."""
        n, mx, my, mxx, myy, mxy = self.numbers[0], *self.numbers[5:]
        dx, dy = self.origin[0] - origin[0], self.origin[1] - origin[1]
        if not (dx or dy):
            return self
        moved = [
            *self.numbers[:5],
            mx + n * dx,
            my + n * dy,
            mxx + 2.0 * dx * mx + n * dx * dx,
            myy + 2.0 * dy * my + n * dy * dy,
            mxy + dx * my + dy * mx + n * dx * dy,
        ]
        return PairRange(moved, origin)

    @property
    def n(self) -> int:
        """Number of complete pairs."""
        return int(self.numbers[0])

    @property
    def ranges(self) -> tuple[Range, Range]:
        """The ranges of both variables, over the complete pairs."""
        _, x_low, x_high, y_low, y_high = self.numbers[:5]
        return Range(x_low, x_high, self.n), Range(y_low, y_high, self.n)

    @property
    def correlation(self) -> float:
        """The Pearson correlation, or 0 if there is none."""
        n = max(self.numbers[0], 1.0)
        mx, my, mxx, myy, mxy = [total / n for total in self.numbers[5:]]
        square = (mxx - mx * mx) * (myy - my * my)
        r = (mxy - mx * my) / math.sqrt(square) if square > 0.0 else 0.0
        return min(max(r, -1.0), 1.0) if math.isfinite(r) else 0.0


def _first_finite(a: Array) -> float:
    """A sample to use as the origin, so that a large mean does not make sums inaccurate."""
    first = float(a[0])
    if math.isfinite(first):
        return first
    for start, stop in spans(a.size, CHUNK):
        part = as_block(a[start:stop])
        finite = np.isfinite(part)
        if finite.any():
            return float(part[finite.argmax()])
    return 0.0
