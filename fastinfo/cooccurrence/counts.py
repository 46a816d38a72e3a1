"""Counts in the form that kernels need: one of four dtypes, finite, not negative, not extreme."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from fastinfo._core.checks import Array, is_bfloat16, read_only
from fastinfo.cooccurrence.measures import Asked
from fastinfo.kernels.cooccurrence.compressed import LEAST

_DTYPES = tuple(map(np.dtype, (np.float64, np.float32, np.int64, np.int32)))
_MOST = 2.0**500  # of the total: squares of it are finite
_LEAST_PRODUCT = 2.0**-1000
_EVEN = -2  # to round an exponent to an even one, of which there is a half


def as_counts(a: Array) -> Array:
    """Return counts in a dtype of the kernels, read-only; copy only if the dtype is another."""
    dtype = a.dtype if a.dtype in _DTYPES else np.dtype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # of what is wider than float64
        return read_only(np.require(a, dtype=dtype.newbyteorder("="), requirements=["C", "A"]))


def check_kind(dtype: np.dtype[np.generic], name: str) -> None:
    """Raise if a dtype is not one of real numbers."""
    if dtype.kind not in "biuf" and not is_bfloat16(dtype):
        raise TypeError(f"{name} must be an array of real numbers, got dtype {dtype}")


def check_counts(counts: Array, name: str) -> None:
    """Raise if counts are NaN, infinite or negative; the error says how many."""
    counts = as_counts(counts)
    if counts.dtype.kind == "f":
        n_odd = counts.size - int(np.count_nonzero(np.isfinite(counts)))
        if n_odd:
            raise ValueError(
                f"{name} must hold finite counts, got {n_odd} that are NaN or infinite"
            )
    n_negative = int(np.count_nonzero(counts < 0))
    if n_negative:
        raise ValueError(
            f"{name} must not hold negative counts, got {n_negative}, of which the least is "
            f"{counts.min()}"
        )


def result_dtype(dtype: np.dtype[np.generic]) -> np.dtype[np.generic]:
    """The dtype of a measure: float32 for float32 counts, else float64."""
    return np.dtype(np.float32 if dtype == np.float32 else np.float64)


@dataclass(frozen=True)
class Margins:
    """Row and column sums of a table whose counts are in units of ``2**exponent``."""

    rows: Array
    columns: Array
    n: float
    exponent: int = 0

    @property
    def half(self) -> float:
        """Half a count."""
        return min(_in_unit(0.5, self.exponent), _MOST)

    def least(self, asked: Asked) -> float:
        """The smallest count that is measured: above 0, and at least `min_count`."""
        return max(_in_unit(asked.least, self.exponent), 5e-324)

    def smoothed(self, asked: Asked) -> Margins:
        """The margins with smoothed column sums (see `smoothing`) that add up to the same total."""
        if asked.smoothing in (0.0, 1.0) or not self.n > 0.0:
            return self
        raised = np.power(self.columns / self.n, asked.smoothing)
        return Margins(self.rows, raised * (self.n / raised.sum()), self.n, self.exponent)

    def to_unit(self, values: Array, asked: Asked) -> None:
        """Convert values, in place, from units of ``2**exponent`` to the original unit."""
        if self.exponent and asked.measure.power:
            with np.errstate(over="ignore"):
                np.ldexp(values, int(self.exponent * asked.measure.power), out=values)


def _in_unit(number: float, exponent: int) -> float:
    """A number in units of ``2**exponent``; infinite if it overflows."""
    try:
        return math.ldexp(number, -exponent)
    except OverflowError:
        return math.inf


def is_extreme(margins: Margins) -> bool:
    """Whether products of the sums may overflow."""
    return not margins.n <= _MOST


def has_tiny(counts: Array) -> bool:
    """Whether there are counts so small that products of them underflow to 0."""
    with np.errstate(invalid="ignore"):  # of NaN
        return bool(((counts > 0) & (counts < LEAST)).any())


def unit_of(counts: Array) -> int:
    """An even exponent e: in units of ``2**e`` the total is from ``2**496`` to ``2**500``."""
    largest = float(counts.max())
    total = float(np.sum(counts / largest))
    exponent = math.frexp(largest)[1] + math.frexp(total)[1] - 497
    return exponent & _EVEN


def in_unit(counts: Array, exponent: int) -> Array:
    """Counts in units of ``2**exponent``."""
    # In two steps: the power itself may be out of range.
    first = exponent // 2
    found = counts.astype(np.float64) * math.ldexp(1.0, -first) * math.ldexp(1.0, first - exponent)
    if np.count_nonzero(found) < np.count_nonzero(counts):
        raise _too_far_apart()
    return found


def check_spread(margins: Margins) -> None:
    """Raise if a row or column is so rare beside others that products of the sums underflow."""
    sides = margins.rows, margins.columns
    least = [float(side[side > 0.0].min(initial=math.inf)) for side in sides]
    if least[0] * least[1] < _LEAST_PRODUCT:
        raise _too_far_apart()


def _too_far_apart() -> ValueError:
    return ValueError("each count must be 0, or at least 1e-300 of the sum of all counts")
