"""Thin tables of weights: permute rows, and keep each weight with one of the variables."""

from __future__ import annotations

import numpy as np

from fastinfo._core.checks import Array
from fastinfo._core.coded_variable import Coded
from fastinfo._measures.joint_entropies import Joint, Variable
from fastinfo._measures.strata import key_of
from fastinfo._measures.surrogates.orders import Null, Orders
from fastinfo._measures.surrogates.tails import tail_of

_PERMUTATIONS = 199


def pvalue_of_rows(x: Coded, y: Coded, z: Coded | None, weights: Array) -> float:
    """
    p-value of the information that x and y share (given z, if there is one), by permuting rows.

    Rows with weight 0 take no part. Random numbers depend on the margins only, so the result is the
    same each time.
    """
    kept = ~(x.invalid | y.invalid) & (weights > 0.0)
    strata = np.zeros(kept.size, np.int64) if z is None else z.codes.astype(np.int64)
    if z is not None:
        kept &= ~z.invalid
    weights, strata = weights[kept], np.unique(strata[kept], return_inverse=True)[1]
    if weights.size < 2:
        return 1.0
    one, other = (Variable(Coded(c.codes[kept], c.n_levels), c.n_levels) for c in (x, y))
    n_strata = int(strata.max()) + 1
    third = Variable(Coded(strata.astype(np.uint32), n_strata), n_strata)

    def information(order: Array | None) -> float:
        moved = other
        if order is not None:
            moved = Variable(Coded(other.coded.codes[order], other.coded.n_levels), other.n_cells)
        return Joint([one, moved, third], weights).information((0,), (1,), (2,))

    both = (one.coded.codes, x.n_levels), (other.coded.codes, y.n_levels)
    key = key_of(np.sort(np.bincount(codes, minlength=n)) for codes, n in both)
    orders = Orders.within(strata, _PERMUTATIONS, key)
    return tail_of(Null.of(information(None), orders.measure(information)))
