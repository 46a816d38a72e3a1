"""Tests of coded variables: tables drawn with their margins, or rows in another order."""

from __future__ import annotations

import math

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.coded_variable import Coded
from fastinfo._counts.dense_or_sparse import is_dense
from fastinfo._counts.table import Table
from fastinfo._measures.independence import reached
from fastinfo._measures.information import information_of
from fastinfo._measures.joint_entropies import Joint, Variable
from fastinfo._measures.strata import Strata
from fastinfo._measures.surrogates.orders import Null, Orders, correlation_of, length_of
from fastinfo.kernels.information import surrogates as kernels

_ROUNDING = 1e-13  # by which equal sums can differ


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
        self._others: Array | None = None  #: y and w as one, where a table of all is dense
        n_y, n_w = self.y.n_levels, self.w.n_levels
        if is_dense(self.x.n_levels * n_y * n_w, n):
            others = self.w.codes.astype(np.uint32) * np.uint32(n_y) + self.y.codes
            counts = np.bincount(others, minlength=n_w * n_y).astype(np.float64)
            self._x = read_only(self.x.codes.astype(np.uint32))
            self._others = read_only(others)
            self._counts = read_only(counts)
            self._w_counts = read_only(counts.reshape(n_w, n_y).sum(axis=1))

    def test(
        self, way: str, n_permutations: int, key: Array, block_length: int | None = None
    ) -> Null:
        """Information of `x` and `y`, and of surrogates."""
        if way == "permute":
            return self._permuted(n_permutations, key)
        observed = self.sum_of(read_only(np.arange(self.n, dtype=np.uint32)))
        length = length_of(way, block_length, self.n, self._memory)
        sums = Orders.of(way, self.n, n_permutations, key, length).measure(self.sum_of)
        n = float(self.n)
        rounding = _ROUNDING * (observed + math.sqrt(n)) / n
        return Null.of(observed / n, sums / n, rounding)

    def _memory(self) -> float:
        """Correlation of a row and the next, as far as both variables have it."""
        found = [_memory_of(self.x), _memory_of(self.y)]
        return math.sqrt(found[0] * found[1])

    def _permuted(self, n_permutations: int, key: Array) -> Null:
        """Tables that are drawn with the margins of each stratum; their information rises."""
        joint = Joint([Variable(c, c.n_levels) for c in (self.x, self.y, self.w)], None)
        information, strata = joint.information((0,), (1,), (2,)), Strata.of(joint)
        if not strata.dof:  # there are no other tables
            return Null(information, np.full(n_permutations, information), 1.0)
        drawn = strata.draw(n_permutations, key)
        seen = strata.seen(drawn.scale)
        found = information + (drawn.sums - seen) / (drawn.scale * self.n)
        b = reached(drawn, seen, strata.n_kept)
        return Null(information, np.maximum(found, 0.0), (b + 1) / (n_permutations + 1))

    def sum_of(self, order: Array) -> float:
        """Number of rows times the information where the rows of `x` come in an order."""
        if self._others is None:
            x = Coded(self.x.codes[order], self.x.n_levels)
            variables = [Variable(c, c.n_levels) for c in (x, self.y, self.w)]
            return self.n * Joint(variables, None).information((0,), (1,), (2,))
        counts = np.empty((self.x.n_levels, self._counts.size), np.int64)
        n_y = np.int64(self.y.n_levels)
        fixed = self._others, n_y, self._w_counts, self._counts
        return float(kernels.reordered_sum(self._x, order, *fixed, counts))


def _memory_of(coded: Coded) -> float:
    """Correlation of normal variables with the information of a row and the next, above chance."""
    if coded.codes.size < 2:
        return 0.0
    earlier, later = (Coded(c, coded.n_levels) for c in (coded.codes[:-1], coded.codes[1:]))
    table = Table.count(earlier, later)
    by_chance = (table.occurring[0] - 1.0) ** 2 / (2.0 * float(table.n))
    return correlation_of(information_of(table) - by_chance)
