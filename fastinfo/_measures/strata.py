"""Tables of two variables in the strata of a third: their margins, and random tables."""

from __future__ import annotations

import functools
import hashlib
import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.limits import check_memory
from fastinfo._core.threads import run_in_order, spans
from fastinfo._counts.distinct_sizes import Distinct
from fastinfo._counts.table import Table
from fastinfo._measures.independence import (
    FILLED,
    groups_of_alike,
    mean_of,
    variance_of,
    whole_sizes,
)
from fastinfo._measures.joint_entropies import Joint
from fastinfo._measures.nulls.drawn_tables import Null, scale_of_sums
from fastinfo._measures.resampling import large_or_none, seed_key
from fastinfo.kernels.information import strata as kernels
from fastinfo.kernels.information.independence import log_probability
from fastinfo.kernels.random.lockstep import LANES
from fastinfo.kernels.random.variates import MODERATE

_CELL = 10.0  # ns to draw a cell, if many tables are drawn at a time
_SINGLE_CELL = 100.0  # if tables are drawn one after another
_MANY_CELLS = 1024  # from so many cells on, the longer compilation pays
_PLACED = 4.0  # ns to place a sample
_MOST_PLACED = 2**32
_ALIKE = 256  # strata with more samples hardly ever have the same margins
_CALL = 2e7  # ns of one kernel call
_SUM = 16  # bytes of a drawn sum
_SECOND_ORDER = 0.12  # Williams' mean is too small by at most this times sum(1 / expected**2)
_WRONG = 0.01  # standard deviations by which a mean may be wrong
_ROUNDING = 1e-12  # rounding error of a variance that is 0, relative to the samples


@dataclass(frozen=True)
class Margins:
    """Sizes of the rows, or columns, of all tables, one stratum after another."""

    starts: Array  #: (strata + 1,) int64: where each stratum begins, and the end
    sizes: Array  #: above 0: int64, or float64 for weights

    @classmethod
    def of(cls, strata: Array, levels: Array, counts: Array) -> Margins:
        """Add up the counts of each level in each stratum; both are in ascending order."""
        new = np.ones(strata.size, np.bool_)
        new[1:] = (strata[1:] != strata[:-1]) | (levels[1:] != levels[:-1])
        first = np.flatnonzero(new)
        return cls(_starts(strata[first]), np.add.reduceat(counts, first))

    @property
    def levels(self) -> Array:
        """Number of rows, or columns, of each table."""
        found: Array = np.diff(self.starts)
        return found

    def whole(self) -> tuple[Array, Array]:
        """Where strata begin, and the sizes, as read-only integers for kernels."""
        return read_only(self.starts), read_only(self.sizes.astype(np.int64, copy=False))

    def effective(self, unit: float) -> Margins:
        """Effective samples as whole numbers, at least one in each stratum."""
        parts = [whole_sizes(part / unit) for part in np.split(self.sizes, self.starts[1:-1])]
        starts = np.zeros(len(parts) + 1, np.int64)
        np.cumsum([part.size for part in parts], out=starts[1:])
        return Margins(starts, np.concatenate([*parts, np.zeros(0)]).astype(np.int64))

    def by_stratum(self, function: np.ufunc, values: Array) -> Array:
        """Sums (or another function) of values that belong to the sizes, by stratum."""
        found: Array = function.reduceat(values, self.starts[:-1])
        return found

    def kept(self, strata: Array) -> Margins:
        """The margins of the strata in a mask."""
        levels = self.levels
        starts = np.zeros(np.count_nonzero(strata) + 1, np.int64)
        np.cumsum(levels[strata], out=starts[1:])
        return Margins(starts, self.sizes[np.repeat(strata, levels)])

    def distinct(self, *, alike: bool = False) -> list[Distinct]:
        """
        The distinct sizes of each stratum, and how often each occurs.

        With `alike`, similar sizes are combined, with their mean size.
        """
        strata = np.repeat(np.arange(self.levels.size), self.levels)
        order = np.lexsort((self.sizes, strata))
        sizes = self.sizes[order].astype(np.float64)
        keys = groups_of_alike(sizes) if alike else sizes
        new = np.ones(sizes.size, np.bool_)
        new[1:] = (keys[1:] != keys[:-1]) | (strata[1:] != strata[:-1])
        first = np.flatnonzero(new)
        times = np.diff(np.append(first, sizes.size)).astype(np.float64)
        sizes = np.add.reduceat(sizes, first) / times if alike else sizes[first]
        starts = _starts(strata[first]).tolist()
        sizes, times = read_only(sizes), read_only(times)
        return [Distinct(sizes[i:j], times[i:j]) for i, j in itertools.pairwise(starts)]


def _starts(strata: Array) -> Array:
    """Where each stratum begins, and the end."""
    new = np.flatnonzero(strata[1:] != strata[:-1]) + 1
    ends = [strata.size] if strata.size else []
    return np.concatenate([[0], new, ends]).astype(np.int64)


@dataclass(frozen=True)
class Strata:
    """
    The tables of x and y for each value of z, and what all random draws have in common.

    Only tables with at least two rows and two columns are kept. For others, no other table has the
    same margins, so they are not informative.
    """

    n: float  #: samples of all strata, or the sum of their weights
    n_kept: float  #: number of these in the strata that are kept
    n_alone: int  #: number of strata with one sample
    n_strata: int  #: number of values of z that occur
    unit: float  #: the weight of one effective sample
    weighted: bool  #: whether counts are sums of weights
    counts: Array  #: occupied cells of the strata that are kept
    x: Margins
    y: Margins
    only: Table | None  #: the table, if a single stratum is kept

    @classmethod
    def of(cls, joint: Joint, places: tuple[int, int, int] = (0, 1, 2)) -> Strata:
        """Take the counts of x, y and z, which are the variables at these places."""
        at_x, at_y, at_z = places
        z, x, y, counts = joint.cells((at_z, at_x, at_y))
        rows = Margins.of(z, x, counts)
        if joint.is_dense:
            columns = Margins.of(*joint.cells((at_z, at_y)))
        else:  # the cells are fewer than the rows
            turned = np.lexsort((y, z))
            columns = Margins.of(z[turned], y[turned], counts[turned])
        kept = (rows.levels > 1) & (columns.levels > 1)
        sizes = rows.by_stratum(np.add, rows.sizes)
        cells = np.repeat(kept, np.diff(_starts(z)))
        only = None
        if np.count_nonzero(kept) == 1:
            shape = int(x.max()) + 1, int(y.max()) + 1
            only = Table(counts[cells], shape, (x[cells], y[cells]), joint.unit)
        return cls(
            joint.n,
            float(sizes[kept].sum()),
            int(np.count_nonzero(sizes == 1)),
            kept.size,
            joint.unit,
            joint.is_weighted,
            counts[cells],
            rows.kept(kept),
            columns.kept(kept),
            only,
        )

    @property
    def _xy(self) -> tuple[Margins, Margins]:
        return self.x, self.y

    @property
    def sizes(self) -> Array:
        """Number of samples in each stratum."""
        return self.x.by_stratum(np.add, self.x.sizes)

    @property
    def n_different(self) -> tuple[int, int]:
        """
        Samples of the strata that are kept in which no two have the same x, or the same y.

        There all tables have the same information. Of weights it is not known: 0.
        """
        if self.weighted:
            return 0, 0
        x, y = (int(self.sizes[m.levels == self.sizes].sum()) for m in self._xy)
        return x, y

    @property
    def dof(self) -> int:
        """Degrees of freedom: those of the rows and columns that occur in each stratum."""
        return int(((self.x.levels - 1) * (self.y.levels - 1)).sum())

    @property
    def least_expected(self) -> float:
        """The smallest expected count of a cell."""
        least = [m.by_stratum(np.minimum, m.sizes).astype(np.float64) for m in self._xy]
        return float((least[0] * least[1] / self.sizes).min())

    @lazy
    def _excess(self) -> Array:
        """Excess of the mean of ``n I`` over half of the degrees of freedom, by stratum."""
        n = self.sizes.astype(np.float64)
        p, q = (n * m.by_stratum(np.add, 1.0 / m.sizes) - 1.0 for m in (self.x, self.y))
        found: Array = p * q / (12.0 * n)  # Williams 1976, first order
        return found

    @property
    def g_shift(self) -> float:
        """Approximate excess of the mean of G over that of chi-squared, in standard deviations."""
        return float(self._excess.sum()) / math.sqrt(self.dof / 2.0)

    @lazy
    def moments_of_filled(self) -> tuple[float, float] | None:
        """
        Mean and variance of the sum of ``n I`` by Williams, whose G is ``q`` times chi-squared.

        None if cells are so thin that the mean may be wrong by more than a hundredth of a standard
        deviation.
        """
        n = self.sizes.astype(np.float64)
        sums = [m.by_stratum(np.add, 1.0 / np.square(m.sizes, dtype=np.float64)) for m in self._xy]
        wrong = _SECOND_ORDER * float((n * n * sums[0] * sums[1]).sum())
        if self.least_expected < FILLED or wrong > _WRONG * math.sqrt(self.dof / 2.0):
            return None
        half = (self.x.levels - 1) * (self.y.levels - 1) / 2.0
        means = half + self._excess
        return float(means.sum()), float((means * means / half).sum())

    def in_effective_samples(self) -> Strata | None:
        """These strata in whole effective samples; None if no stratum is left."""
        x, y = (margins.effective(self.unit) for margins in self._xy)
        kept = (x.levels > 1) & (y.levels > 1)
        if not kept.any():
            return None
        x, y = x.kept(kept), y.kept(kept)
        return replace(self, unit=1.0, weighted=False, only=None, x=x, y=y)

    @property
    def n_effective(self) -> float:
        """The effective number of samples."""
        return self.n / self.unit

    @lazy
    def mean(self) -> float:
        """
        Mean of the sum of ``n I`` over the tables with these margins.

        For weights, the mean of the chi-squared distribution for the effective number of samples.
        """
        if self.weighted:
            return self.dof / 2.0
        return self._summed(mean_of, self.x.distinct(), self.y.distinct())

    def know_mean(self, mean: float) -> None:
        """Set the mean, if it is known from elsewhere."""
        self.__dict__["mean"] = mean

    @lazy
    def variance(self) -> float:
        """The variance of that sum; similar sizes are replaced by their mean."""
        return self._summed(_variance, *[m.distinct(alike=True) for m in (self.x, self.y)])

    def _summed(
        self,
        moment: Callable[[Distinct, Distinct, float], float],
        x: list[Distinct],
        y: list[Distinct],
    ) -> float:
        """The sum of a moment over the strata, many of which may have the same margins."""
        known: dict[tuple[bytes, ...], float] = {}
        total = 0.0
        for own, other, n in zip(x, y, self.sizes.tolist(), strict=True):
            if n > _ALIKE:
                total += moment(own, other, float(n))
                continue
            margins = tuple([side.tobytes() for side in (*own, *other)])
            if margins not in known:
                known[margins] = moment(own, other, float(n))
            total += known[margins]
        return total

    @lazy
    def _ways(self) -> list[tuple[Callable[..., None], Array, float]]:
        """How strata are drawn: a function, a mask, and nanoseconds for each method."""
        n, cells = self.sizes, self.x.levels * self.y.levels
        placed = (_PLACED * n < _CELL * cells) & (n < _MOST_PLACED)
        in_step = ~placed & (n < MODERATE)
        if cells[in_step].sum() < _MANY_CELLS:
            in_step[:] = False
        single = ~placed & ~in_step
        one_by_one = functools.partial(kernels.strata_one_by_one, large_or_none(float(n.max())))
        ways: list[tuple[Callable[..., None], Array, Array]] = [
            (kernels.drawn_strata, in_step, _CELL * cells),
            (kernels.placed_strata, placed, _PLACED * n),
            (one_by_one, single, _SINGLE_CELL * cells),
        ]
        return [(draw, own, float(cost[own].sum())) for draw, own, cost in ways if own.any()]

    @property
    def cost(self) -> float:
        """Approximate nanoseconds to draw all tables once."""
        return sum(cost for _, _, cost in self._ways)

    def draw(self, n_draws: int, key: Array | None = None, first: int = 0) -> Null:
        """
        Draw the tables `n_draws` times; the sums are returned in ascending order.

        Random numbers come from `key`, or from a key that depends on these margins only if it is
        None. Draws have the streams from number `first` on.
        """
        check_memory(_SUM * n_draws, f"n_permutations={n_draws}", "use fewer")
        key = key_of((*self.x.whole(), *self.y.whole())) if key is None else key
        scale = scale_of_sums(self.n_kept)
        sums = np.zeros(n_draws, np.int64)
        for number, (kernel, own, cost) in enumerate(self._ways):
            rows, columns = self.x.kept(own), self.y.kept(own)
            if rows.levels.max() < columns.levels.max():
                rows, columns = columns, rows  # the kernel keeps what is left of the columns
            margins = *rows.whole(), *columns.whole()
            own_key = read_only(key + np.uint64(number))  # so that two methods don't share a stream
            step = max(int(_CALL / cost) // LANES, 1) * LANES
            draw = functools.partial(_draw, kernel, margins, scale, own_key, first, sums)
            run_in_order(draw, spans(n_draws, step))
        sums.sort()
        return Null(sums, scale)

    def seen(self, scale: float) -> float:
        """The observed sum, in the units of draws."""
        return float(kernels.fixed_sum(read_only(self.counts.astype(np.int64)), scale))

    def log_probability(self) -> float:
        """Logarithm of the probability of these tables among those with their margins."""
        parts = self.counts, self.x.sizes, self.y.sizes
        together = float(log_probability(*[read_only(a.astype(np.float64)) for a in parts]))
        each = sum(math.lgamma(n + 1.0) for n in self.sizes.tolist())
        return together + math.lgamma(self.n_kept + 1.0) - each


def _variance(x: Distinct, y: Distinct, n: float) -> float:
    """The variance for one table; 0 if all tables have the same information."""
    if x.sizes[-1] == 1.0 or y.sizes[-1] == 1.0:
        return 0.0
    variance = variance_of(x, y, n)
    return 0.0 if variance <= _ROUNDING * n else variance


def _draw(
    kernel: Callable[..., None],
    margins: tuple[Array, ...],
    scale: float,
    key: Array,
    first: int,
    sums: Array,
    span: tuple[int, int],
) -> None:
    """Add the sums of strata that are drawn by one method, for a span of the draws."""
    own = np.empty(span[1] - span[0], np.int64)
    kernel(*margins, scale, key, first + span[0], own)
    sums[slice(*span)] += own


def key_of(margins: Iterable[Array]) -> Array:
    """Key of the random numbers of these margins."""
    digest = hashlib.blake2b(digest_size=32)
    for part in margins:
        digest.update(part.tobytes())
    return seed_key(np.frombuffer(digest.digest(), np.uint32))
