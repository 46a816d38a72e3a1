"""Tables of two variables in strata of a third: their margins, and draws of tables with them."""

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

_CELL = 10.0  # ns to draw a cell, where many tables are drawn at a time
_SINGLE_CELL = 100.0  # where one is drawn after the other
_MANY_CELLS = 1024  # of all strata: so many are worth the longer compilation
_PLACED = 4.0  # ns to place a sample
_MOST_PLACED = 2**32
_ALIKE = 256  # samples, above which two strata hardly ever have the same margins
_CALL = 2e7  # ns of one call
_SUM = 16  # bytes of a drawn sum
_SECOND_ORDER = 0.12  # of the sum of 1 / expected**2, by which Williams' mean falls short at most
_WRONG = 0.01  # standard deviations by which a mean may be wrong
_ROUNDING = 1e-12  # of a variance, by the samples, where all tables have the same information


@dataclass(frozen=True)
class Margins:
    """Sizes of the rows, or columns, of all tables, one stratum after the other."""

    starts: Array  #: (strata + 1,) int64: where each stratum begins, and the end
    sizes: Array  #: above 0: int64, or float64 of weights

    @classmethod
    def of(cls, strata: Array, levels: Array, counts: Array) -> Margins:
        """Add up the counts of each level in each stratum, both of which rise."""
        new = np.ones(strata.size, np.bool_)
        new[1:] = (strata[1:] != strata[:-1]) | (levels[1:] != levels[:-1])
        first = np.flatnonzero(new)
        return cls(_starts(strata[first]), np.add.reduceat(counts, first))

    @property
    def levels(self) -> Array:
        """How many rows, or columns, each table has."""
        found: Array = np.diff(self.starts)
        return found

    def whole(self) -> tuple[Array, Array]:
        """Where strata begin, and the sizes, as kernels take them: read-only integers."""
        return read_only(self.starts), read_only(self.sizes.astype(np.int64, copy=False))

    def effective(self, unit: float) -> Margins:
        """As many samples as weights are worth, in whole numbers; at least one in each stratum."""
        parts = [whole_sizes(part / unit) for part in np.split(self.sizes, self.starts[1:-1])]
        starts = np.zeros(len(parts) + 1, np.int64)
        np.cumsum([part.size for part in parts], out=starts[1:])
        return Margins(starts, np.concatenate([*parts, np.zeros(0)]).astype(np.int64))

    def by_stratum(self, function: np.ufunc, values: Array) -> Array:
        """Sums (or what the function makes) of what belongs to the sizes."""
        found: Array = function.reduceat(values, self.starts[:-1])
        return found

    def kept(self, strata: Array) -> Margins:
        """The margins of the strata that a mask has."""
        levels = self.levels
        starts = np.zeros(np.count_nonzero(strata) + 1, np.int64)
        np.cumsum(levels[strata], out=starts[1:])
        return Margins(starts, self.sizes[np.repeat(strata, levels)])

    def distinct(self, *, alike: bool = False) -> list[Distinct]:
        """
        The distinct sizes of each stratum, and how often each occurs.

        Those that are `alike` are taken together, with their mean size.
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
    The tables of x and y for each value of z, with what is the same in all draws of them.

    Kept are those of two rows and two columns at least: others tell nothing, since there is no
    other table of their margins.
    """

    n: float  #: samples of all strata, or the sum of their weights
    n_kept: float  #: those in the strata that are kept
    n_alone: int  #: strata of one sample
    n_strata: int  #: how many values of z occur
    unit: float  #: the weight of one effective sample
    weighted: bool  #: whether counts are sums of weights
    counts: Array  #: occupied cells of the strata that are kept
    x: Margins
    y: Margins
    only: Table | None  #: the table of the only one that is kept

    @classmethod
    def of(cls, joint: Joint, places: tuple[int, int, int] = (0, 1, 2)) -> Strata:
        """Take the counts of x, y and z, variables at these places, which are not empty."""
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
        """How many samples each stratum has."""
        return self.x.by_stratum(np.add, self.x.sizes)

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
        """By how much the mean of ``n I`` exceeds half of the degrees of freedom, by stratum."""
        n = self.sizes.astype(np.float64)
        p, q = (n * m.by_stratum(np.add, 1.0 / m.sizes) - 1.0 for m in (self.x, self.y))
        found: Array = p * q / (12.0 * n)  # Williams 1976, to the first order
        return found

    @property
    def g_shift(self) -> float:
        """By how many standard deviations the mean of G lies above that of its law, about."""
        return float(self._excess.sum()) / math.sqrt(self.dof / 2.0)

    @lazy
    def moments_of_filled(self) -> tuple[float, float] | None:
        """
        Mean and variance of the sum of ``n I`` by Williams, whose G is ``q`` times chi-squared.

        None where cells are so thin that the mean may be wrong by more than a hundredth of a
        standard deviation.
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
        """The same of as many samples as the weights are worth; None where no stratum is left."""
        x, y = (margins.effective(self.unit) for margins in self._xy)
        kept = (x.levels > 1) & (y.levels > 1)
        if not kept.any():
            return None
        x, y = x.kept(kept), y.kept(kept)
        return replace(self, unit=1.0, weighted=False, only=None, x=x, y=y)

    @property
    def n_effective(self) -> float:
        """As many samples as the weights are worth."""
        return self.n / self.unit

    @lazy
    def mean(self) -> float:
        """
        Mean of the sum of ``n I`` over the tables with these margins.

        Of weights, that of G's law, for as many samples as they are worth.
        """
        if self.weighted:
            return self.dof / 2.0
        return self._summed(mean_of, self.x.distinct(), self.y.distinct())

    def know_mean(self, mean: float) -> None:
        """Take the mean, where that was found otherwise."""
        self.__dict__["mean"] = mean

    @lazy
    def variance(self) -> float:
        """The variance of that sum; of sizes that are similar the mean is taken."""
        return self._summed(_variance, *[m.distinct(alike=True) for m in (self.x, self.y)])

    def _summed(
        self,
        moment: Callable[[Distinct, Distinct, float], float],
        x: list[Distinct],
        y: list[Distinct],
    ) -> float:
        """The sum of a moment over the strata, of which many may have the same margins."""
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
        """How strata are drawn: a function, a mask, and nanoseconds of each way."""
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
        """Nanoseconds to draw all tables once, about."""
        return sum(cost for _, _, cost in self._ways)

    def draw(self, n_draws: int, key: Array | None = None, first: int = 0) -> Null:
        """
        Draw the tables so many times; their sums rise.

        Random numbers come from a key, None for one that these margins alone decide, and draws
        have the streams from number `first` on.
        """
        check_memory(_SUM * n_draws, f"n_permutations={n_draws}", "use fewer")
        key = key_of((*self.x.whole(), *self.y.whole())) if key is None else key
        scale = scale_of_sums(self.n_kept)
        sums = np.zeros(n_draws, np.int64)
        for number, (kernel, own, cost) in enumerate(self._ways):
            rows, columns = self.x.kept(own), self.y.kept(own)
            if rows.levels.max() < columns.levels.max():
                rows, columns = columns, rows  # what is left of the columns is kept
            margins = *rows.whole(), *columns.whole()
            own_key = read_only(key + np.uint64(number))  # so that no two ways share a stream
            step = max(int(_CALL / cost) // LANES, 1) * LANES
            draw = functools.partial(_draw, kernel, margins, scale, own_key, first, sums)
            run_in_order(draw, spans(n_draws, step))
        sums.sort()
        return Null(sums, scale)

    def seen(self, scale: float) -> float:
        """What was observed, as draws have it."""
        return float(kernels.fixed_sum(read_only(self.counts.astype(np.int64)), scale))

    def log_probability(self) -> float:
        """Logarithm of the probability of these tables among those with their margins."""
        parts = self.counts, self.x.sizes, self.y.sizes
        together = float(log_probability(*[read_only(a.astype(np.float64)) for a in parts]))
        each = sum(math.lgamma(n + 1.0) for n in self.sizes.tolist())
        return together + math.lgamma(self.n_kept + 1.0) - each


def _variance(x: Distinct, y: Distinct, n: float) -> float:
    """That of one table; 0 where all tables have the same information."""
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
    """Add the sums of strata that are drawn in one way, of a span of the draws."""
    own = np.empty(span[1] - span[0], np.int64)
    kernel(*margins, scale, key, first + span[0], own)
    sums[slice(*span)] += own


def key_of(margins: Iterable[Array]) -> Array:
    """Key of the random numbers of these margins."""
    digest = hashlib.blake2b(digest_size=32)
    for part in margins:
        digest.update(part.tobytes())
    return seed_key(np.frombuffer(digest.digest(), np.uint32))
