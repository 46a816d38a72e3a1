"""Permutations of a target for all columns at once, and the p-values that hold for all of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from fastinfo._code_matrix import CodeMatrix
from fastinfo._pair_counts import count_all
from fastinfo._pair_measures import PairMeasure
from fastinfo._threads import run_in_order, spans
from fastinfo._validate import Array, read_only
from fastinfo.kernels.resampling import shuffle_codes

__all__ = ["JointTest", "permute_together", "step_down"]

_BYTES = 1 << 26  # of permuted targets at a time


class JointTest(NamedTuple):
    """Information of some columns with the target, and with each permutation of it."""

    observed: Array  #: (f,) nats
    permuted: Array  #: (f, n_permutations) nats


def permute_together(
    matrix: CodeMatrix, target: CodeMatrix, n_permutations: int, key: Array
) -> JointTest:
    """Count all columns against the target, and against its permutations, the same for all."""
    column = target.column(0)
    present = np.flatnonzero(~column.invalid)
    codes = read_only(np.ascontiguousarray(column.codes[present]))
    dtype = np.uint8 if not target.wide else column.codes.dtype
    permuted = np.full((matrix.n_columns, n_permutations), np.nan)
    for first, last in spans(n_permutations, max(_BYTES // column.codes.size, 1)):
        drawn = np.full((last - first, column.codes.size), column.n_levels, dtype)

        def shuffle(r: int, drawn: Array = drawn, first: int = first) -> None:
            mixed = codes.copy()
            shuffle_codes(key, first + r, mixed)
            drawn[r, present] = mixed

        run_in_order(shuffle, range(last - first))
        _measure(matrix, target.repeated(drawn), permuted[:, first:last])
    observed = np.full((matrix.n_columns, 1), np.nan)
    _measure(matrix, target, observed)
    return JointTest(observed[:, 0], permuted)


def _measure(x: CodeMatrix, y: CodeMatrix, out: Array) -> None:
    measure = PairMeasure(x, y, out)
    count_all(x, y, measure.use)
    for i in range(x.n_columns):
        for j in range(y.n_columns):
            if i in x.wide or j in y.wide:
                measure.use_wide(i, j)


def step_down(tests: list[JointTest]) -> tuple[Array, Array]:
    """
    p-values of each column, and those adjusted for all of them: (f,) each.

    The statistic is the information, less its mean over the permutations, by its standard deviation
    over them: comparable among columns of any number of levels. Westfall & Young 1993, algorithm
    4.1: a column is held against the largest statistic of those that are not above it.
    """
    observed = np.concatenate([test.observed for test in tests])
    permuted = np.concatenate([test.permuted for test in tests])
    together = np.concatenate([observed[:, None], permuted], axis=1)
    m = permuted.shape[1]
    counted = permuted >= observed[:, None] - 1e-13 * (1.0 + observed[:, None])
    pvalues = (np.count_nonzero(counted, axis=1) + 1.0) / (m + 1.0)
    deviation = together.std(axis=1)
    scale = np.where(deviation > 1e-14, deviation, np.inf)
    scores = (together - together.mean(axis=1)[:, None]) / scale[:, None]
    scores[np.isnan(scores)] = 0.0
    order = np.argsort(-scores[:, 0], kind="stable")
    largest = np.maximum.accumulate(scores[order[::-1], 1:], axis=0)[::-1]
    reached = largest >= scores[order, :1] - 1e-9
    adjusted = np.empty(observed.size)
    each = (np.count_nonzero(reached, axis=1) + 1.0) / (m + 1.0)
    adjusted[order] = np.maximum.accumulate(each)
    return pvalues, adjusted
