"""Tests by estimators without bins: one variable is reordered; columns are sorted once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import run_in_order, spans
from fastinfo._measures.surrogates.orders import Null, Orders, length_of
from fastinfo._neighbors import distances
from fastinfo._neighbors.gaussian import gaussian_information, scores
from fastinfo._neighbors.options import NEIGHBORS
from fastinfo._neighbors.pairs import label_information, pair_information
from fastinfo._neighbors.samples import Group
from fastinfo._neighbors.series.variables import Variables
from fastinfo.kernels.neighbors import nearest as kernels

NEAR = 5  #: number of neighbours, one of which replaces a row (Runge 2018)

_NOTHING = 1e-9  # information up to this is rounding
_CHUNK = 4096


def surrogate_test(
    variables: Variables,
    place: int,
    way: str,
    n_permutations: int,
    key: Array,
    block_length: int | None = None,
    *,
    tell: bool = True,
) -> Null:
    """Information of the complete rows, and of surrogates in which one variable is reordered."""
    information = variables.information(tell=tell)  # errors and warnings come first
    variables = _comparable(variables)
    n = len(variables)
    if way == "permute" and len(variables.groups) == 3:
        if information <= _NOTHING:  # given variables determine x; surrogates would have less
            return Null(information, np.full(n_permutations, information), 1.0)
        given = variables.groups[2]
        if given.numbers is None:
            orders = Orders.within(variables.rows_of(2), n_permutations, key)
        else:
            orders = local_permutation(given.numbers, n_permutations, key, given.codes)
    else:
        length = length_of(way, block_length, n, _memory_of(variables))
        orders = Orders.of(way, n, n_permutations, key, length)
    return Null.of(information, orders.measure(_of_orders(variables, place)))


def local_permutation(
    z: Array, n_permutations: int, key: Array, labels: Array | None = None
) -> Orders:
    """
    Orders in which each row is replaced by a row that is near in `z` (n, d), a group of numbers.

    Each column is divided by its standard deviation. Rows with other `labels` are farther than any
    others.
    """
    points = distances.standardized(z)
    if labels is not None:
        apart = 1.0 + float(np.ptp(points, axis=0).max(initial=0.0))
        points = np.column_stack([points, apart * labels])
    return Orders.local(nearest_rows(points, min(NEAR, len(points))), n_permutations, key)


def nearest_rows(points: Array, k: int) -> Array:
    """The `k` rows nearest to each row, including itself: (n, k) uint32."""
    n = len(points)
    tree = distances.plant(read_only(points))
    out = np.empty((n, k), np.uint32)

    def find(span: tuple[int, int]) -> None:
        kernels.nearest(*tree, *span, out)

    run_in_order(find, spans(n, _CHUNK))
    return out


def _comparable(variables: Variables) -> Variables:
    """The rows that take part in every order: with labels, those whose label occurs again."""
    codes = next((g.codes for g in variables.groups if g.codes is not None), None)
    if codes is None or len(variables.groups) == 3:
        return variables
    counts = np.bincount(codes)
    kept = counts[codes] > 1
    return variables if kept.all() else variables.chosen(kept)


def _memory_of(variables: Variables) -> Callable[[], float]:
    """Correlation of successive rows that the first two variables have."""

    def find() -> float:
        return math.sqrt(math.prod(_of_next(group) for group in variables.groups[:2]))

    return find


def _of_next(group: Group) -> float:
    """The largest correlation of successive rows, of ranks or of one label against the rest."""
    if group.numbers is None:
        assert group.codes is not None
        columns = [group.codes == level for level in range(int(group.codes.max(initial=0)) + 1)][:8]
    else:
        columns = [np.argsort(np.argsort(c, kind="stable"), kind="stable") for c in group.numbers.T]
    return max(map(_correlation, columns), default=0.0)


def _correlation(column: Array) -> float:
    centred = column - column.mean()
    variance = float(np.square(centred).mean())
    if not variance > 0.0:
        return 0.0
    return min(abs(float((centred[1:] * centred[:-1]).mean())) / variance, 1.0)


def _of_orders(variables: Variables, place: int) -> Callable[[Array], float]:
    """A function that returns the information with the rows of one variable reordered."""
    if variables.options.estimator not in NEIGHBORS:
        return _gaussian(variables, place)
    numbers = [g.numbers for g in variables.groups if g.numbers is not None]
    lines = all(a.shape[1] == 1 and (a != a[0]).any() for a in numbers)
    if len(variables.groups) == 2 and lines and variables.options.normalized is None:
        return _sorted_once(variables, place)

    def of(order: Array) -> float:
        groups = list(variables.groups)
        moved = groups[place]
        groups[place] = Group(*(None if a is None else a[order] for a in moved))
        return replace(variables, groups=tuple(groups)).information(tell=False)

    return of


def _gaussian(variables: Variables, place: int) -> Callable[[Array], float]:
    """A function for the Gaussian estimators, which standardises or ranks only once."""
    numbers = [g.numbers for g in variables.groups if g.numbers is not None]
    by_scores = variables.options.estimator != "gaussian"
    groups = [scores(a) if by_scores else distances.standardized(a) for a in numbers]

    def of(order: Array) -> float:
        moved = [a[order] if i == place else a for i, a in enumerate(groups)]
        return gaussian_information(*moved, corrected=variables.options.correction is not None)

    return of


def _sorted_once(variables: Variables, place: int) -> Callable[[Array], float]:
    """A function for one column against another, or labels, which sorts each only once."""
    k, way = variables.options.k, variables.options.estimator
    columns = [
        None if g.numbers is None else distances.rank(distances.standardized(g.numbers).ravel())
        for g in variables.groups
    ]
    moved, other = columns[place], columns[1 - place]
    codes = next((g.codes for g in variables.groups if g.codes is not None), None)
    if codes is not None:
        codes = np.unique(codes, return_inverse=True)[1].astype(np.uint32)

    def of(order: Array) -> float:
        if codes is None:
            assert moved is not None
            assert other is not None
            return pair_information(_moved(moved, order), other, k, way).information
        if moved is None:
            assert other is not None
            return label_information(other, read_only(codes[order]), k)
        return label_information(_moved(moved, order), codes, k)

    return of


def _moved(column: distances.Ranked, order: Array) -> distances.Ranked:
    """A sorted column whose samples are in another order."""
    back = np.empty(order.size, np.uint32)
    back[order] = np.arange(order.size, dtype=np.uint32)
    return distances.Ranked(column.values, back[column.places], column.ranks[order])
