"""Permute a target for all columns at once, and find p-values for all columns together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._columns.pairs.pair_measures import measure_pairs
from fastinfo._core.checks import Array
from fastinfo._core.limits import check_memory
from fastinfo._core.threads import run_in_order, spans
from fastinfo.kernels.information.resampling import shuffle_codes

_BYTES = 1 << 26  # bytes of permuted targets at a time
_KEPT = 72  # bytes per column and permutation while all are compared


class JointTest(NamedTuple):
    """Information of some columns about the target, and about each permutation of it."""

    observed: Array  #: (f,) nats
    permuted: Array  #: (f, n_permutations) nats


def permute_together(
    matrix: CodeMatrix, target: CodeMatrix, n_permutations: int, key: Array
) -> JointTest:
    """
    Count all columns against the target and against the same permutations of it.

    For a column with missing samples, the target is permuted among its own rows, in the order they
    have in the permutation of all rows. This is because missing samples may depend on the target,
    which is not to be tested here.
    """
    check_memory(
        _KEPT * matrix.n_columns * n_permutations,
        f"the information of {matrix.n_columns} columns with {n_permutations} permutations",
        "use fewer columns, or a smaller n_permutations",
    )
    permuted = np.full((matrix.n_columns, n_permutations), np.nan)
    observed = np.full(matrix.n_columns, np.nan)
    column = target.column(0)
    for columns, present in _by_gaps(matrix, ~column.invalid):
        part = matrix.chosen(columns)
        observed[columns] = measure_pairs(part, target)[:, 0]
        rows = np.flatnonzero(present)
        for first, last in spans(n_permutations, max(_BYTES // matrix.n_rows, 1)):
            drawn = np.full((last - first, matrix.n_rows), column.n_levels, column.codes.dtype)

            def shuffle(
                r: int,
                drawn: Array = drawn,
                first: int = first,
                present: Array = present,
                rows: Array = rows,
            ) -> None:
                order = np.arange(matrix.n_rows, dtype=np.uint32)
                shuffle_codes(key, first + r, order)
                drawn[r, rows] = column.codes[order[present[order]]]

            run_in_order(shuffle, range(last - first))
            permuted[columns, first:last] = measure_pairs(part, target.repeated(drawn))
    return JointTest(observed, permuted)


def _by_gaps(matrix: CodeMatrix, target: Array) -> Iterator[tuple[Array, Array]]:
    """Columns that share the same rows with the target, and these rows."""
    groups: dict[bytes, list[int]] = {}
    for i in range(matrix.n_columns):
        mask = b"" if not matrix.incomplete[i] else np.packbits(matrix.column(i).invalid).tobytes()
        groups.setdefault(mask, []).append(i)
    for columns in groups.values():
        gaps = matrix.incomplete[columns[0]]
        yield np.array(columns), target & ~matrix.column(columns[0]).invalid if gaps else target


def step_down(tests: list[JointTest], lost: Array | None = None) -> tuple[Array, Array]:
    """
    p-values of each column, and those adjusted for all columns: (f,) each.

    The statistic is the information minus its mean over the permutations, divided by its standard
    deviation, which makes columns with different numbers of levels comparable. In algorithm 4.1 of
    Westfall & Young 1993, a column is compared with the largest statistic of the columns that are
    not above it. Columns that are `lost` get NaN. They, and columns that never vary, take no part.
    """
    observed = np.concatenate([test.observed for test in tests])
    lost = np.zeros(observed.size, np.bool_) if lost is None else lost
    permuted = np.concatenate([test.permuted for test in tests])
    together = np.concatenate([observed[:, None], permuted], axis=1)
    m = permuted.shape[1]
    counted = permuted >= observed[:, None] - 1e-13 * (1.0 + observed[:, None])
    pvalues = (np.count_nonzero(counted, axis=1) + 1.0) / (m + 1.0)
    with np.errstate(invalid="ignore"):
        deviation = together.std(axis=1)
        varies = ~lost & (deviation > 1e-14)
    kept = np.flatnonzero(varies)
    adjusted = np.ones(observed.size)
    if kept.size:
        part = together[kept]
        scores = (part - part.mean(axis=1)[:, None]) / deviation[kept][:, None]
        order = np.argsort(-scores[:, 0], kind="stable")
        largest = np.maximum.accumulate(scores[order[::-1], 1:], axis=0)[::-1]
        reached = largest >= scores[order, :1] - 1e-9
        each = (np.count_nonzero(reached, axis=1) + 1.0) / (m + 1.0)
        adjusted[kept[order]] = np.maximum.accumulate(each)
    return np.where(lost, np.nan, pvalues), np.where(lost, np.nan, adjusted)
