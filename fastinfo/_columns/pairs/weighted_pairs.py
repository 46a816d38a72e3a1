"""Pairs of columns of weighted rows: sums of weights instead of counts."""

from __future__ import annotations

import numpy as np

from fastinfo._columns.pairs.panels import Panel
from fastinfo._core.checks import Array, read_only
from fastinfo._core.threads import get_num_threads, run_in_order, spans
from fastinfo.kernels.counting.weighted_pairs import add_weights
from fastinfo.kernels.information.pair_tables import mirror

_CALL = 1e8  # rows times pairs of one kernel call, which can't be interrupted


def weigh(x: Panel, y: Panel, same: bool, weights: Array) -> Array:
    """
    Sums of weights of all pairs of levels, as :func:`.all_pairs.count_all` has counts.

    Each is added in the order of the rows, for any number of threads.
    """
    sums = np.zeros((int(x.levels.sum()), int(y.levels.sum())))
    sides = x.matrix.codes, x.rows, x.digits, y.matrix.codes, y.rows, y.digits
    known = read_only(weights)
    step = min(int(_CALL / (weights.size * y.columns.size)), x.columns.size // get_num_threads())

    def add(span: tuple[int, int]) -> None:
        add_weights(*sides, same, *span, known, sums)

    run_in_order(add, spans(x.columns.size, max(step, 1)))
    if same:
        mirror(sums, x.layout(False))
    return read_only(sums)


def units_of(x: Panel, y: Panel, same: bool, sums: Array) -> Array:
    """The weight of one effective sample of each pair: (columns, columns)."""
    matrix = x.matrix
    assert matrix.weights is not None
    units = np.full((x.columns.size, y.columns.size), matrix.unit)
    gaps = np.logical_or.outer(x.widths > x.levels, y.widths > y.levels)
    if gaps.any():
        squares = weigh(x, y, same, np.square(matrix.weights))
        first, second = _summed(squares, x, y), _summed(sums, x, y)
        np.divide(first, second, out=units, where=gaps & (second > 0.0))
    return read_only(units)


def _summed(sums: Array, x: Panel, y: Panel) -> Array:
    """Sum over all levels of each pair."""
    rows, columns = (side.digits[:, 0] for side in (x, y))
    found: Array = np.add.reduceat(np.add.reduceat(sums, rows, axis=0), columns, axis=1)
    return found
