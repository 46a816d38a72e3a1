"""Counts of a coded column against a coded target, and its p-value if cells of weights are thin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fastinfo._columns.code_matrix import CodeMatrix
from fastinfo._core.checks import Array
from fastinfo._counts.table import Table
from fastinfo._measures.surrogates.weighted import pvalue_of_rows


def count_coded(
    matrix: CodeMatrix, i: int, target: CodeMatrix, weights: Array | None
) -> tuple[Table, int, int | None]:
    """
    Count a coded column against the target.

    Also returns in how many rows one of them is missing and, with weights, how many rows were
    counted.
    """
    column, goal = matrix.column(i), target.column(0)
    table = Table.count(column, goal, weights)
    if table.is_dense and table.occurring[0] < table.shape[0]:
        table = Table.count(matrix.occurring(i), goal, weights)
    masks = [a for a in (matrix.missing(i), target.missing(0)) if a is not None]
    n_missing = int(np.logical_or.reduce(masks).sum()) if masks else 0
    if weights is None:
        return table, n_missing, None
    gone = int(np.count_nonzero(column.invalid | goal.invalid))
    return table, n_missing, matrix.n_rows - gone


def by_rows_of(
    matrix: CodeMatrix, i: int, target: CodeMatrix, weights: Array | None, j: int = 0
) -> Callable[[], float] | None:
    """A function that finds the p-value of a weighted column by permuting rows."""
    if weights is None:
        return None
    return lambda: pvalue_of_rows(matrix.occurring(i), target.column(j), None, weights)
