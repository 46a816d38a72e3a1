"""Tables of many variables with one target: measured together, and tested with shared results.

The results equal those of :func:`fastinfo._measures.independence.test_independence` and related
functions to the bit. Whatever depends only on the margins, or on the size of one row, is computed
once for all tables that share it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._counts.distinct_sizes import Distinct, distinct_sizes
from fastinfo._measures.chance import expected_of_sizes
from fastinfo._measures.independence import PAIRS, UNLIKELY, Law, at_least
from fastinfo._measures.nulls.drawn_tables import (
    FEW,
    Null,
    rounding_of,
    scale_of_sums,
    shared_draws,
    small_rows,
)
from fastinfo._measures.nulls.margins import Margin, of_sizes
from fastinfo._measures.nulls.sequences import sequences_of
from fastinfo.kernels.information import independence as laws
from fastinfo.kernels.information.many import draws as draw_kernels
from fastinfo.kernels.information.many import tables as kernels

_TOGETHER = 128  # distributions whose tables are drawn together
_SUMMED = 256  # with more cells of distinct sizes, expectations are added up in parts


class TestedTables(NamedTuple):
    """The measures of each table, in nats."""

    found: Array  #: (tables, kernels.FOUND): measures from the kernel
    sizes: Array  #: the distinct sizes of the rows of all tables
    times: Array  #: how often each occurs
    starts: Array  #: (tables,) where the sizes of each table begin
    distinct: Array  #: (tables,) number of distinct sizes
    expected: Array  #: (tables,) expected information by chance
    pvalues: Array | None = None  #: (tables,), if requested
    tests: Sequence[str] = ()  #: the name of each test


class Packed(NamedTuple):
    """Tables with the same columns, one after another."""

    counts: Array  #: int64 vector
    levels: Array  #: (tables,) numbers of rows
    columns: int

    @property
    def bounds(self) -> Array:
        """Where each table begins, and where the last one ends."""
        return np.concatenate([[0], np.cumsum(self.levels * self.columns)])

    def table(self, i: int, bounds: Array) -> Array:
        """One table."""
        part = self.counts[int(bounds[i]) : int(bounds[i + 1])]
        return part.reshape(int(self.levels[i]), self.columns)


def measure_tables(packed: Packed, y_counts: Array, *, test: bool) -> TestedTables:
    """
    Measure tables whose columns have the same sums, and test them if requested.

    The target has at least two values, and each table counts all of its samples.
    """
    y_counts = y_counts[y_counts > 0].astype(np.float64)
    n, target = float(y_counts.sum()), distinct_sizes(y_counts)
    m = packed.levels.size
    found, total = np.empty((m, kernels.FOUND)), int(packed.levels.sum())
    sizes, times, distinct = np.zeros(total), np.zeros(total), np.empty(m, np.int64)
    scale = scale_of_sums(n) if n > 1.0 else 1.0
    bounds = read_only(packed.bounds)
    levels = read_only(packed.levels)
    given = read_only(packed.counts), bounds, levels, packed.columns, scale
    kernels.measure_tables(*given, found, sizes, times, distinct)
    starts = np.cumsum(packed.levels) - packed.levels
    tables = TestedTables(found, sizes, times, starts, distinct, np.zeros(m))
    many = _Many(tables, target, n, scale)
    tables = tables._replace(expected=many.chance())
    many.tables = tables
    return many.tested() if test else tables


class _Many:
    """Tables of `n` samples with a target of these sizes."""

    def __init__(self, tables: TestedTables, target: Distinct, n: float, scale: float) -> None:
        self.tables, self._target, self._n, self._scale = tables, target, n, scale
        self._margin = of_sizes(target)
        steps = np.zeros(tables.sizes.size + 1, np.int64)
        np.add.at(steps, tables.starts, 1)
        np.add.at(steps, tables.starts + tables.distinct, -1)
        used = np.cumsum(steps)[:-1] > 0
        self._all_sizes, places = np.unique(tables.sizes[used], return_inverse=True)
        self._places = np.zeros(tables.sizes.size, np.int64)
        self._places[used] = places.reshape(-1)

    def _sizes_of(self, i: int) -> Distinct:
        part = slice(
            int(self.tables.starts[i]), int(self.tables.starts[i] + self.tables.distinct[i])
        )
        return Distinct(self.tables.sizes[part], self.tables.times[part])

    def _turned(self) -> Array:
        """Whether expectations are added up row by row, as in :func:`expected_of_sizes`."""
        starts, distinct = self.tables.starts, self.tables.distinct
        y = self._target.sizes
        turned: Array = np.less(y.size, distinct)
        equal = np.flatnonzero(distinct == y.size)
        if equal.size:
            apart = self.tables.sizes[starts[equal][:, None] + np.arange(y.size)] - y
            first = np.argmax(apart != 0.0, axis=1)
            turned[equal] = apart[np.arange(equal.size), first] > 0.0
        return turned

    def chance(self) -> Array:
        """Expected information of all tables by chance."""
        tables, (y_sizes, y_times), n = self.tables, self._target, self._n
        m = tables.distinct.size
        cells, turned_cells = np.empty((2, self._all_sizes.size, y_sizes.size))
        out = np.empty(m)
        for turned, own in ((False, cells), (True, turned_cells)):
            kernels.chance_of_sizes(self._all_sizes, y_sizes, n, turned, own)
        kernels.chance_of_tables(
            *(tables.starts, tables.distinct, self._places, tables.sizes, tables.times),
            *(cells, turned_cells, y_sizes, y_times, n, self._turned(), out),
        )
        for i in np.flatnonzero(tables.distinct * y_sizes.size > _SUMMED).tolist():
            out[i] = expected_of_sizes(self._sizes_of(i), self._target, n)
        levels = tables.found[:, kernels.LEVELS]
        fixed = (levels <= 1.0) | (levels == n) | (self._margin.levels in (1.0, n))
        return np.where(fixed, tables.found[:, kernels.INFORMATION], out)

    def _laws(self) -> tuple[list[Law], Array, Array]:
        """The distributions, which of them each table has, and an example table for each."""
        known: dict[bytes, int] = {}
        found: list[Law] = []
        which, examples = np.empty(self.tables.distinct.size, np.int64), []
        sizes, times = self.tables.sizes, self.tables.times
        own = self._margin
        starts, distinct = self.tables.starts.tolist(), self.tables.distinct.tolist()
        levels = self.tables.found[:, kernels.LEVELS].astype(np.int64).tolist()
        least = float(self._target.sizes[0])
        for i, (first, m) in enumerate(zip(starts, distinct, strict=True)):
            parts = sizes[first : first + m].tobytes(), times[first : first + m].tobytes()
            key = b"".join(parts)
            place = known.get(key)
            if place is None:
                place = known[key] = len(found)
                margin = Margin(levels[i], *parts)
                sides = (own, margin) if own < margin else (margin, own)
                found.append(Law(*sides, float(sizes[first]) * least, self._n))
                examples.append(i)
            which[i] = place
        return found, which, np.array(examples, np.int64)

    def _know(self, found: list[Law], examples: Array) -> None:
        """Find the kind of each distribution, and its moments."""
        open_laws: tuple[list[int], list[int]] = [], []
        for k, (law, i) in enumerate(zip(found, examples.tolist(), strict=True)):
            law.begin(self._sizes_of(i), self._target)
            if law.kind:
                continue
            if int(self.tables.distinct[i]) * self._target.sizes.size > PAIRS:
                law.know(self._sizes_of(i), self._target, float(self.tables.expected[i]))
                continue
            open_laws[law.second is self._margin].append(k)
        for rows_first, places in enumerate(open_laws):
            if not places:
                continue
            own = examples[places]
            variances = self._variances(own, bool(rows_first))
            for k, i, variance in zip(places, own.tolist(), variances.tolist(), strict=True):
                found[k].end(self._n * float(self.tables.expected[i]), max(variance, 0.0))

    def _variances(self, own: Array, rows_first: bool) -> Array:
        tables, (y_sizes, y_times) = self.tables, self._target
        starts, distinct = tables.starts[own], tables.distinct[own]
        at = np.repeat(starts - (np.cumsum(distinct) - distinct), distinct)
        at += np.arange(at.size)
        wanted, places = np.unique(self._places[at], return_inverse=True)
        sizes = self._all_sizes[wanted]
        step = laws.DEGREES + 1
        parts = np.zeros((sizes.size, y_sizes.size * step))
        kernels.parts_of_sizes(sizes, y_sizes, self._n, laws.DEGREES, rows_first, parts)
        out = np.empty(own.size)
        kernels.variances_of_tables(
            *(np.cumsum(distinct) - distinct, distinct, places.reshape(-1)),
            *(read_only(tables.sizes[at]), read_only(tables.times[at])),
            *(y_sizes, y_times, self._n, laws.DEGREES, rows_first, read_only(parts), out),
        )
        return out

    def tested(self) -> TestedTables:
        """p-values of all tables."""
        found, which, examples = self._laws()
        self._know(found, examples)
        numbers = self.tables.found
        observed = (self._n * numbers[:, kernels.INFORMATION]).tolist()
        seen = numbers[:, kernels.SEEN].tolist()
        pvalues = np.empty(which.size)
        shared: dict[int, list[tuple[int, Margin]]] = {}
        for k, law in enumerate(found):
            if not law.is_drawn:
                continue
            plan = shared_draws(law.first, law.second, self._n)
            if plan is not None and plan[1] is self._margin:
                shared.setdefault(plan[2], []).append((k, plan[0]))
            elif law.null is None:
                law.draw()
        together = {k for own in shared.values() for k, _ in own}
        for i, k in enumerate(which.tolist()):
            if k not in together:
                pvalues[i] = found[k].pvalue(observed[i], _always(seen[i]))
        order = np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(len(found) + 1))
        for draws, members in shared.items():
            self._test_shared(draws, members, found, order, ends, pvalues)
        tests = [found[k].test for k in which.tolist()]
        own = numbers[:, kernels.OWN].tolist()
        for i, (p, test) in enumerate(zip(pvalues.tolist(), tests, strict=True)):
            if test != "g":
                pvalues[i] = at_least(p, own[i]) if p < UNLIKELY else min(p, 1.0)
        return self.tables._replace(pvalues=pvalues, tests=tests)

    def _test_shared(
        self,
        draws: int,
        members: list[tuple[int, Margin]],
        found: list[Law],
        order: Array,
        ends: Array,
        pvalues: Array,
    ) -> None:
        """p-values of tables that are drawn from the same labels."""
        own = sequences_of(self._margin.sizes, self._margin.times, self._scale)
        rows = {k: np.sort(small_rows(margin))[::-1] for k, margin in members}
        in_order = sorted(rows, key=lambda k: rows[k].tolist())
        numbers, n = self.tables.found, self._n
        for first in range(0, len(in_order), _TOGETHER):
            part = in_order[first : first + _TOGETHER]
            sums = own.sums([rows[k] for k in part], draws)
            places = [order[ends[k] : ends[k + 1]] for k in part]
            tables = np.concatenate(places)
            owners = np.repeat(np.arange(len(part)), [p.size for p in places])
            seen = numbers[tables, kernels.SEEN]
            extreme = np.empty(tables.size, np.int64)
            draw_kernels.count_reached(sums, owners, seen - rounding_of(n), extreme)
            pvalues[tables] = (extreme + 1) / (draws + 1)
            nulls: dict[int, Null] = {}
            for j in np.flatnonzero(extreme < FEW).tolist():
                t, i = int(owners[j]), int(tables[j])
                if t not in nulls:
                    nulls[t] = Null(np.sort(sums[t]), self._scale)
                observed = n * float(numbers[i, kernels.INFORMATION])
                pvalues[i] = found[part[t]].of_draws(nulls[t], observed, float(seen[j]))


def _always(value: float) -> Callable[[float], float]:
    return lambda _: value
