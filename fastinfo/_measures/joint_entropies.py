"""Counts of any number of variables together."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fastinfo._bins.coded_variables import any_of
from fastinfo._core.checks import Array, as_block, read_only
from fastinfo._core.coded_variable import CHUNK, Coded, code_dtype
from fastinfo._core.lazy.attributes import lazy
from fastinfo._core.threads import spans
from fastinfo._counts.dense_or_sparse import DENSE_CELLS, PRODUCT_CELLS, is_dense
from fastinfo._counts.sparse import join_codes
from fastinfo._counts.weight_units import unit_of
from fastinfo._measures.corrections import entropy_of_counts, is_of_table, shrunk_entropy
from fastinfo.kernels.counting import tables as kernels
from fastinfo.kernels.information import three_variables as triples

_LARGEST = 1e308  # the largest finite pseudo-count
_FEW = 1 << 12  # for so few rows or cells, calling a kernel takes longer than counting
_THREE = 7  # the row for all three variables together
_BYTE = np.dtype(np.uint8)


@dataclass(frozen=True)
class Variable:
    """One variable, or several combined: codes, and the number of possible values."""

    coded: Coded
    n_cells: int


def join_variables(columns: Sequence[Coded]) -> Variable:
    """Combine several variables into one; each combination is a value."""
    if len(columns) == 1:
        return Variable(columns[0], columns[0].n_levels)
    n_cells = math.prod(coded.n_levels for coded in columns)
    return Variable(functools.reduce(join_codes, columns), min(n_cells, PRODUCT_CELLS))


def _count_table(variables: Sequence[Variable]) -> Array:
    """Counts of all combinations, as a vector; there are few of them."""
    sizes = [v.coded.n_levels for v in variables]
    dtype = code_dtype(math.prod(sizes))
    counts = np.zeros(math.prod(sizes), np.int64)
    first, *others = [v.coded.codes for v in variables]
    for start, stop in spans(first.size, CHUNK):
        codes = first[start:stop].astype(dtype)
        for more, size in zip(others, sizes[1:], strict=True):
            codes *= dtype.type(size)
            codes += more[start:stop]
        kernels.count_codes(as_block(codes, dtype), counts)
    return counts


def _as_bytes(codes: Array) -> Array | None:
    """Codes for the kernel of three variables, if they are suitable."""
    plain = codes.dtype is _BYTE and codes.flags.c_contiguous
    return read_only(codes) if plain else None


def _count_three(variables: Sequence[Variable], n_cells: int) -> Array | None:
    """Counts of three variables with few levels; None for others, or if a row is incomplete."""
    if len(variables) != 3:
        return None
    p, q, r = variables[0].coded, variables[1].coded, variables[2].coded
    x, y, z = _as_bytes(p.codes), _as_bytes(q.codes), _as_bytes(r.codes)
    if x is None or y is None or z is None:
        return None
    counts = np.zeros(n_cells, np.int64)
    sizes = np.uint64(p.n_levels), np.uint64(q.n_levels), np.uint64(r.n_levels)
    return counts if kernels.count_triples(x, y, z, *sizes, counts) == x.size else None


def _count(coded: Coded, weights: Array | None) -> Array:
    """Counts, or sums of weights, of the levels, in the order of the samples."""
    if weights is not None:
        sums: Array = np.bincount(coded.codes, weights, minlength=coded.n_levels + 1)
        return sums[: coded.n_levels]
    counts = np.zeros(coded.n_levels + 1, np.int64)
    for start, stop in spans(coded.codes.size, CHUNK):
        kernels.count_codes(as_block(coded.codes[start:stop], coded.codes.dtype), counts)
    return counts[:-1]


def _orders(n: int, times: int) -> tuple[Array, ...]:
    """Random orders of `n` rows, which depend on their number only."""
    rng = np.random.default_rng(n)
    return tuple(rng.permutation(n) for _ in range(times))


_kept_orders = functools.lru_cache(maxsize=32)(_orders)


def _places(shape: tuple[int, ...]) -> tuple[Array, int]:
    """For each group, where the sum is that each cell belongs to; the number of sums."""
    rows = []
    first = 0
    for group in range(8):
        own = [size if group >> i & 1 else 1 for i, size in enumerate(shape)]
        sums = np.arange(first, first + math.prod(own), dtype=np.uint32).reshape(own)
        rows.append(np.broadcast_to(sums, shape).reshape(-1))
        first += sums.size
    return read_only(np.stack(rows)), first


_kept_places = functools.lru_cache(maxsize=16)(_places)


def _number(group: tuple[int, ...]) -> int:
    """The row of a group of three variables, as the kernels number them."""
    number = 0
    for i in group:
        number |= 1 << i
    return number


class Joint:
    """
    Counts of several variables together: of all combinations, or of those that occur.

    Rows in which a variable is missing or outside its edges are left out. Variables are identified
    by their places, and groups by tuples of places. The empty group has one value.
    """

    def __init__(self, variables: Sequence[Variable], weights: Array | None) -> None:
        self._weights, self._unit = weights, 1.0
        shape = tuple([v.coded.n_levels for v in variables])
        n_cells = math.prod(shape)
        counts = None
        if weights is None and is_dense(n_cells, len(variables[0].coded)):
            counts = _count_three(variables, n_cells)
        if counts is None:
            variables = self._complete(variables)
        self._variables = list(variables)
        self.n_rows, self.n_variables, self.n_cells = len(variables[0].coded), len(shape), n_cells
        if counts is not None:
            self.n = float(self.n_rows)
        else:
            counts = self._count()
            self.n = float(counts.sum(dtype=np.float64))
        self._counts = counts
        self._table = counts.reshape(shape) if counts.size == n_cells else None

    def _complete(self, variables: Sequence[Variable]) -> Sequence[Variable]:
        """The variables and the weights, in the complete rows."""
        outside = any_of(v.coded.invalid for v in variables)
        if outside is not None:
            kept = ~outside
            variables = [
                Variable(Coded(v.coded.codes[kept], v.coded.n_levels), v.n_cells) for v in variables
            ]
            self._weights = None if self._weights is None else self._weights[kept]
        self._unit = unit_of(self._weights)
        return variables

    def _count(self) -> Array:
        """Counts of all combinations, or of those that occur."""
        if self._weights is None and is_dense(self.n_cells, self.n_rows):
            return _count_table(self._variables)
        return _count(self._whole, self._weights)

    @lazy
    def _whole(self) -> Coded:
        return self._joined(tuple(range(len(self._variables))))

    @lazy
    def _occupied(self) -> Array:
        return np.flatnonzero(self._counts)

    @lazy
    def _examples(self) -> Array:
        """A row for each combination that occurs."""
        rows = np.zeros(self._whole.n_levels, np.intp)
        rows[self._whole.codes] = np.arange(self._whole.codes.size)
        return rows[self._occupied]

    def _others(self, group: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(i for i in range(len(self._variables)) if i not in group)

    def counts(self, group: tuple[int, ...]) -> Array:
        """Counts of the combinations of a group of variables, as a vector."""
        if len(group) == len(self._variables):
            return self._counts
        if self._table is not None:
            sums: Array = self._table.sum(axis=self._others(group)).reshape(-1)
            return sums
        return _count(self._joined(group), self._weights)

    def _joined(self, group: tuple[int, ...]) -> Coded:
        if not group:
            return Coded(np.zeros(self._variables[0].coded.codes.size, np.uint8), 1)
        return functools.reduce(join_codes, [self._variables[i].coded for i in group])

    @lazy
    def _three(self) -> tuple[Array, int]:
        """Counts of all groups of three variables, see :meth:`at_cells`; the number of cells."""
        assert self._table is not None
        few = self.n_cells <= _FEW
        places, n_sums = (_kept_places if few else _places)(self._table.shape)
        found = np.empty((8, min(self.n_cells, self.n_rows)))
        counts = read_only(self._counts)
        m = triples.counts_at_cells(counts, places, np.zeros(n_sums), found)
        return read_only(found), int(m)

    @property
    def _has_three(self) -> bool:
        """Whether the kernel of three variables can be used."""
        few = self.n_variables == 3 and self.n_cells <= DENSE_CELLS
        return few and self._weights is None and self._table is not None

    def at_cells(self, group: tuple[int, ...]) -> Array:
        """The counts of a group, float64, for each combination of all variables that occurs."""
        if self._has_three:
            counts, m = self._three
            row: Array = counts[_number(group), :m]
            return row
        if len(group) == len(self._variables):
            found = self._counts[self._occupied]
        elif self._table is not None:
            sums = self._table.sum(axis=self._others(group), keepdims=True)
            found = np.broadcast_to(sums, self._table.shape).reshape(-1)[self._occupied]
        else:
            joined = self._joined(group)
            found = _count(joined, self._weights)[joined.codes[self._examples]]
        return found.astype(np.float64)

    def cells(self, group: tuple[int, ...]) -> tuple[Array, ...]:
        """
        The combinations of some variables that occur: the levels of each, then the counts.

        They are sorted, by the first variable first.
        """
        if self._table is not None:
            table = self._table.sum(axis=self._others(group)).transpose(
                np.argsort(np.argsort(group))
            )
            places = np.nonzero(table)
            return *places, table[places]
        joined = self._joined(group)
        counts = _count(joined, self._weights)
        rows = np.zeros(joined.n_levels, np.intp)
        rows[joined.codes] = np.arange(joined.codes.size)  # one row for each that occurs
        kept = np.flatnonzero(counts)
        rows = rows[kept]
        return *[self._variables[i].coded.codes[rows] for i in group], counts[kept]

    @property
    def is_dense(self) -> bool:
        """Whether all combinations are kept, including those that don't occur."""
        return self._table is not None

    @property
    def unit(self) -> float:
        """The weight of one effective sample; 1 without weights."""
        return self._unit

    @property
    def rows(self) -> tuple[list[Coded], Array | None]:
        """Codes of the variables in the rows that are kept, and their weights."""
        return [v.coded for v in self._variables], self._weights

    @property
    def is_weighted(self) -> bool:
        """Whether counts are sums of weights."""
        return self._weights is not None

    def entropy(self, group: tuple[int, ...], correction: str | float | None) -> float:
        """
        Entropy of a group of variables, in nats.

        Pseudo-counts and shrinkage apply to the table of all variables, and a group has sums of its
        cells.
        """
        if not group:
            return 0.0
        counts, n_cells = self.counts(group), self._n_cells(group)
        others = self._others(group)
        if not others or not is_of_table(correction):
            return entropy_of_counts(counts, n_cells, correction, self._unit)
        if isinstance(correction, float):
            pseudo = correction * float(self._n_cells(others))
            return entropy_of_counts(counts, n_cells, min(pseudo, _LARGEST), self._unit)
        whole = self._n_cells(tuple(range(len(self._variables))))
        return shrunk_entropy(counts, n_cells, self._counts, whole, self._unit)

    def _n_cells(self, group: tuple[int, ...]) -> int:
        return min(math.prod(self._variables[i].n_cells for i in group), PRODUCT_CELLS)

    def _scaled(self, groups: Sequence[tuple[int, ...]]) -> list[Array]:
        """Counts at the cells; weights far from 1 are scaled, because they will be multiplied."""
        counts = [self.at_cells(group) for group in groups]
        if self._weights is None:
            return counts
        largest = float(self._counts.max())
        if not 2.0**-200 < largest < 2.0**200:
            shift = -math.frexp(largest)[1]
            counts = [np.ldexp(c, shift) for c in counts]
        return counts

    def information(
        self,
        x: tuple[int, ...],
        y: tuple[int, ...],
        given: tuple[int, ...] = (),
        correction: str | float | None = None,
    ) -> float:
        """
        ``I(x; y | given)`` of groups of variables, in nats.

        Plug-in values, and those of a corrected table, are never negative, and 0 for the counts of
        independent variables. Otherwise it is the sum of corrected entropies, of either sign.
        """
        if correction is None and self._has_three:
            p, q, r = _number(x), _number(y), _number(given)
            counts, m = self._three
            rows = _THREE, p | q | r, r, p | r, q | r
            return float(triples.information_at_cells(counts, *rows, m, self.n))
        groups = [tuple(sorted(g)) for g in (x + y + given, given, x + given, y + given)]
        if correction is not None:
            hxyz, hz, hxz, hyz = (self.entropy(group, correction) for group in groups)
            found = hxz + hyz - hxyz - hz
            return max(found, 0.0) if is_of_table(correction) else found
        whole = tuple(range(len(self._variables)))
        counts = read_only(np.stack(self._scaled([whole, *groups])))
        m, n = counts.shape[1], float(counts[0].sum())
        return float(triples.information_at_cells(counts, 0, 1, 2, 3, 4, m, n))

    def occurring(self) -> list[int]:
        """How many values of each variable occur."""
        if self._weights is None and self.n_rows <= _FEW:
            codes = [v.coded.codes for v in self._variables]
            return [int(np.count_nonzero(np.bincount(own))) for own in codes]
        return [int(np.count_nonzero(self.counts((i,)))) for i, _ in enumerate(self._variables)]

    def shuffled(self, places: Sequence[int], given: tuple[int, ...]) -> Joint:
        """
        A copy in which each of some variables is shuffled among rows with equal values of `given`.

        The order depends on the number of rows only, so it is the same each time.
        """
        few = self.n_rows * len(places) <= _FEW
        orders = (_kept_orders if few else _orders)(self.n_rows, len(places))
        strata = self._joined(given).codes
        sorted_rows = np.argsort(strata, kind="stable")
        variables = list(self._variables)
        for i, drawn in zip(places, orders, strict=True):
            old = variables[i].coded
            codes = np.empty_like(old.codes)
            codes[sorted_rows] = old.codes[drawn[np.argsort(strata[drawn], kind="stable")]]
            variables[i] = Variable(Coded(codes, old.n_levels), variables[i].n_cells)
        return Joint(variables, self._weights)

    def total_correlation(self, correction: str | float | None = None) -> float:
        """Entropies of all variables minus the entropy of all together, in nats."""
        each = [(i,) for i in range(len(self._variables))]
        whole = tuple(range(len(each)))
        if correction is not None:
            parts = [self.entropy(group, correction) for group in each]
            found = math.fsum(parts) - self.entropy(whole, correction)
            return max(found, 0.0) if is_of_table(correction) else found
        c, *margins = self._scaled([whole, *each])
        n = float(c.sum())
        logs = np.zeros(c.size)
        ratio = c / margins[0]
        for i, margin in enumerate(margins[1:]):
            ratio = ratio * (n / margin)
            if i % 8 == 7:  # before it overflows
                logs += np.log(ratio)
                ratio = np.ones(c.size)
        logs += np.log(ratio)
        return max(float(np.sum(c * logs)) / n, 0.0)
