"""Orders of rows that remove the dependence between variables, and p-values from them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from fastinfo._core.checks import Array, integer, read_only
from fastinfo._core.limits import check_memory
from fastinfo._core.messages import warn
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.random import orders as kernels

#: Ways to reorder the rows of a variable.
SURROGATES = ("permute", "shift", "block")

_BYTES = 24  # bytes per surrogate
_FEWEST = 20  # with fewer orders, no p-value reaches 0.05
_MOST_MEMORY = 0.995  # the largest correlation of successive rows that is used
_LEAST_BLOCKS = 5
_TIMES = 10  # length of a block in units of the memory
_REMEMBERED = 16.0  # from this n r**2 on, successive rows are certainly correlated
_ROWS_PER_STEP, _MOST_STEPS = 100, 5  # for the smallest shifts, which are excluded
_WORK = 1 << 20  # approximate number of rows of surrogates per call of a thread
_ROUNDING = 1e-12  # relative difference of equal estimates


class Null(NamedTuple):
    """Information of samples and of surrogates, and what follows from them; in nats."""

    information: float
    surrogates: Array
    pvalue: float  #: ``(b + 1) / (m + 1)`` if `b` of `m` surrogates have at least as much

    @classmethod
    def of(cls, information: float, surrogates: Array, rounding: float | None = None) -> Null:
        """Count the surrogates that reach the information; rounding differences are equal."""
        if rounding is None:
            rounding = _ROUNDING * (1.0 + abs(information)) if math.isfinite(information) else 0.0
        least = information - rounding
        reached = int(np.count_nonzero(surrogates >= least))
        return cls(information, surrogates, (reached + 1) / (surrogates.size + 1))

    @classmethod
    def unknown(cls, m: int) -> Null:
        """The result if a sample is missing: NaN."""
        return cls(math.nan, np.full(m, math.nan), math.nan)


@dataclass(frozen=True)
class Orders:
    """A number of random orders of `n` rows, which don't depend on the number of threads."""

    n: int
    count: int
    key: Array
    length: int = 1  #: length of blocks
    shifts: Array | None = None
    neighbors: Array | None = None  #: neighbours of each row, one of which replaces it
    strata: tuple[Array, Array] | None = None  #: rows by stratum, and where each begins

    @classmethod
    def of(cls, way: str, n: int, count: int, key: Array, length: int) -> Orders:
        """Orders of the given kind; there may be fewer shifts than requested."""
        check_memory(_BYTES * count, f"n_permutations={count}", "use fewer")
        if n < 2:
            raise ValueError(f"there must be at least 2 complete rows to reorder, got {n}")
        if way == "shift":
            least = min(length, n // 2)
            n_shifts = n - 2 * least + 1
            shifts = np.empty(min(count, n_shifts), np.uint32)
            kernels.draw_shifts(key, least, shifts, np.empty(n_shifts, np.uint32))
            if shifts.size < min(count, _FEWEST - 1):
                warn(
                    f"{n} complete rows have {n_shifts} different shifts by at least {least} "
                    f"rows: no p-value can be below 1/{n_shifts + 1}"
                )
            return cls(n, shifts.size, key, shifts=read_only(shifts))
        return cls(n, count, key, length if way == "block" else 1)

    @classmethod
    def local(cls, neighbors: Array, count: int, key: Array) -> Orders:
        """Orders in which each row is replaced by a neighbour."""
        check_memory(_BYTES * count, f"n_permutations={count}", "use fewer")
        return cls(len(neighbors), count, key, neighbors=read_only(neighbors))

    @classmethod
    def within(cls, strata: Array, count: int, key: Array) -> Orders:
        """Orders that move rows within their strata."""
        check_memory(_BYTES * count, f"n_permutations={count}", "use fewer")
        rows = np.argsort(strata, kind="stable").astype(np.uint32)
        sizes = np.bincount(strata)
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return cls(len(strata), count, key, strata=(read_only(rows), read_only(starts)))

    def fill(self, number: int, order: Array) -> None:
        """Write the order with this number: row ``order[i]`` moves to place `i`."""
        if self.shifts is not None:
            kernels.shift_order(self.shifts[number], order)
        elif self.neighbors is not None:
            kernels.draw_local_order(self.neighbors, self.key, number, order)
        elif self.strata is not None:
            kernels.draw_order_in_strata(*self.strata, self.key, number, order)
        else:
            kernels.draw_block_order(self.key, number, self.length, order)

    def measure(
        self,
        information: Callable[[Array], float],
        by_shift: Callable[[int], float] | None = None,
    ) -> Array:
        """Apply a function to each order, or another one to each shift."""
        out = np.empty(self.count)

        def draw(span: tuple[int, int]) -> None:
            if self.shifts is not None and by_shift is not None:
                for number in range(*span):
                    out[number] = by_shift(int(self.shifts[number]))
                return
            order = np.empty(self.n, np.uint32)
            for number in range(*span):
                self.fill(number, order)
                out[number] = information(read_only(order))

        run_in_order(draw, spans(self.count, max(_WORK // self.n, 1)))
        return out


def check_block_length(block_length: Any, way: str) -> int | None:
    """Return the length of blocks, or the smallest shift; None means by rule."""
    if block_length is None:
        return None
    if way == "permute":
        raise ValueError(
            f"block_length must be left out with surrogates='permute', got {block_length!r:.60}"
        )
    return integer(block_length, "block_length", least=1)


def length_of(way: str, block_length: int | None, n: int, memory: Callable[[], float]) -> int:
    """
    The length of blocks of `n` rows, or the smallest shift in either direction; 1 to permute.

    `memory` returns the correlation of successive rows that both sides have. Blocks are ten times
    as long as the memory that follows from it, so that little is lost where they meet. They have at
    least ``n**(1/3)`` and at most a fifth of the rows. Few shifts are excluded: if all shifts
    except 0 are used, the test is exact, apart from the seam.
    """
    if way == "permute":
        return 1
    if block_length is not None:
        if 2 * block_length > n:
            raise ValueError(
                f"block_length must be at most half the number of complete rows, {n}, "
                f"got {block_length}"
            )
        return block_length
    if way == "shift":
        return max(min(n // _ROWS_PER_STEP, _MOST_STEPS), 1)
    r = min(memory(), _MOST_MEMORY)
    steps = _TIMES * (1.0 + r * r) / (1.0 - r * r)
    most = max(n // _LEAST_BLOCKS, 1)
    if 2 * most < steps and r * r * n > _REMEMBERED:
        warn(
            f"{n} complete rows are few for blocks: the series depend on their values of about "
            f"{round(steps / _TIMES)} rows before, and blocks have only {most} rows. So p-values "
            f"are too small: for more than 5 % of independent series, they are below 0.05. Use "
            f"surrogates='shift' instead"
        )
    return min(math.ceil(max(math.cbrt(n), steps)), most)


def correlation_of(information: float) -> float:
    """The correlation of normal variables with this information, in nats."""
    return math.sqrt(-math.expm1(-2.0 * max(information, 0.0)))
