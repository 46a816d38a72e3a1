"""Tests of coded variables: by random tables with their margins, or by reordering rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded, code_dtype
from fastinfo._counts.dense_or_sparse import is_dense
from fastinfo._counts.table import Table
from fastinfo._measures.information import information_of
from fastinfo._measures.joint_entropies import Joint, Variable
from fastinfo._measures.nulls.drawn_tables import reached
from fastinfo._measures.strata import Strata
from fastinfo._measures.surrogates.orders import Null, Orders, correlation_of, length_of
from fastinfo.kernels.counting.tables import count_pairs
from fastinfo.kernels.information import surrogates as kernels

_ROUNDING = 1e-13  # relative difference of equal sums


class CodedRows:
    """Complete rows of `x` and `y`, in strata of `w` if there is one."""

    def __init__(self, x: Coded, y: Coded, w: Coded | None = None) -> None:
        columns = [x, y] if w is None else [x, y, w]
        outside = [coded.invalid for coded in columns]
        if any(mask.any() for mask in outside):
            kept = ~np.logical_or.reduce(outside)
            columns = [Coded(coded.codes[kept], coded.n_levels) for coded in columns]
        self.x, self.y = columns[:2]
        n = self.x.codes.size
        self.w = columns[2] if w is not None else Coded(np.zeros(n, np.uint8), 1)
        self.n = n
        self._pairs: Array | None = None  #: w and y combined, if a table of all is dense
        n_y, n_w = self.y.n_levels, self.w.n_levels
        if is_dense(self.x.n_levels * n_y * n_w, n):
            pairs = self.w.codes.astype(code_dtype(n_w * n_y))
            pairs *= pairs.dtype.type(n_y)
            pairs += self.y.codes
            counts = np.bincount(pairs, minlength=n_w * n_y).astype(np.float64)
            self._x = read_only(np.ascontiguousarray(self.x.codes))
            self._pairs = read_only(pairs)
            self._fixed = n_y, read_only(counts.reshape(n_w, n_y).sum(axis=1)), read_only(counts)

    def test(
        self, way: str, n_permutations: int, key: Array, block_length: int | None = None
    ) -> Null:
        """Information of `x` and `y`, and of surrogates."""
        if way == "permute":
            return self._permuted(n_permutations, key)
        observed = self.sum_of(read_only(np.arange(self.n, dtype=np.uint32)))
        length = length_of(way, block_length, self.n, self._memory)
        orders = Orders.of(way, self.n, n_permutations, key, length)
        by_shift = None if self._pairs is None else self.sum_of_shift
        sums = orders.measure(self.sum_of, by_shift)
        n = float(self.n)
        rounding = _ROUNDING * (observed + math.sqrt(n)) / n
        return Null.of(observed / n, sums / n, rounding)

    def _memory(self) -> float:
        """Correlation of successive rows that both variables have."""
        found = [_memory_of(self.x), _memory_of(self.y)]
        return math.sqrt(found[0] * found[1])

    def _permuted(self, n_permutations: int, key: Array) -> Null:
        """Random tables with the margins of each stratum, in ascending order of information."""
        joint = Joint([Variable(c, c.n_levels) for c in (self.x, self.y, self.w)], None)
        information, strata = joint.information((0,), (1,), (2,)), Strata.of(joint)
        if not strata.dof:  # there is no other table
            return Null(information, np.full(n_permutations, information), 1.0)
        drawn = strata.draw(n_permutations, key)
        seen = strata.seen(drawn.scale)
        found = information + (drawn.sums - seen) / (drawn.scale * self.n)
        b = reached(drawn, seen, strata.n_kept)
        return Null(information, np.maximum(found, 0.0), (b + 1) / (n_permutations + 1))

    def _sum(self, parts: Sequence[tuple[Array, slice]]) -> float:
        """Number of rows times the information, for x moved beside other rows."""
        assert self._pairs is not None
        counts = np.zeros((self.x.n_levels, self._fixed[2].size), np.int64)
        for x, rows in parts:
            count_pairs(x, self._pairs[rows], counts)
        return float(kernels.sum_given(read_only(counts), *self._fixed))

    def sum_of(self, order: Array) -> float:
        """Number of rows times the information, with the rows of `x` in another order."""
        if self._pairs is None:
            x = Coded(self.x.codes[order], self.x.n_levels)
            variables = [Variable(c, c.n_levels) for c in (x, self.y, self.w)]
            return self.n * Joint(variables, None).information((0,), (1,), (2,))
        moved = np.empty_like(self._x)
        kernels.take(self._x, order, moved)
        return self._sum([(read_only(moved), slice(None))])

    def sum_of_shift(self, shift: int) -> float:
        """Number of rows times the information, with the rows of `x` rotated by a shift."""
        left = self.n - shift
        return self._sum(
            [(self._x[shift:], slice(0, left)), (self._x[:shift], slice(left, self.n))]
        )


def _memory_of(coded: Coded) -> float:
    """Correlation of normal variables with as much information as successive rows have."""
    if coded.codes.size < 2:
        return 0.0
    earlier, later = (Coded(c, coded.n_levels) for c in (coded.codes[:-1], coded.codes[1:]))
    table = Table.count(earlier, later)
    by_chance = (table.occurring[0] - 1.0) ** 2 / (2.0 * float(table.n))
    return correlation_of(information_of(table) - by_chance)
